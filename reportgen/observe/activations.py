"""Runs pictures through a network and gathers what every layer makes of them, in one pass for all layers.

Every pass gives the network batches of one fixed size; the last is filled up with copies of its last picture,
whose answers are thrown away. Another size of batch would change the last bits of the numbers. It does not know
which pictures are worth a look.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from reportgen.axes import as_maps
from reportgen.errors import ModelError
from reportgen.observe.graph import head
from reportgen.observe.layers import Step
from reportgen.observe.network import Network
from reportgen.pictures.picture_set import Pixels
from reportgen.pictures.scaling import scaled
from reportgen.snapshot import Flags, Floats, Integers, Responses, read_only
from reportgen.statistics import ExtremesSummary, ResponseSummary, SampleSummary

if TYPE_CHECKING:
    import keras

Value = TypeVar("Value", bound=np.generic)

BATCH_MEMORY = 256 * 2**20
"""Bytes of outputs of one batch, at most, so that a large network gets fewer pictures at a time."""


@dataclass(frozen=True, eq=False)
class Tapped:
    """A network whose tapped layers all answer in one pass."""

    name: str
    answers: Callable[[Floats], "list[keras.KerasTensor]"]
    """The network's own output, then those of the tapped layers, for one whole batch."""
    batch_size: int
    scale: str
    units_first: tuple[bool, ...]
    """For each tapped layer whether its units stand on the first axis."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is gathered while all the pictures go through a network."""

    labels: Integers
    """(pictures,); empty where there are none."""
    classes: int
    """Number of classes, 0 where there are no labels."""
    copied: Flags
    """(pictures,): of which the layers' outputs are copied."""
    width: int
    """See `statistics.samples.sketch`."""
    fresh: tuple[bool, ...]
    """For each tapped layer whether it does more than hand on numbers; of the others no copies are kept."""
    seed: int


@dataclass(frozen=True, eq=False)
class Gathered:
    """What one layer made of all the pictures."""

    responses: Responses
    sample: SampleSummary | None
    extremes: ExtremesSummary | None
    """None for a layer that only hands on numbers."""


@dataclass(frozen=True, eq=False)
class Surveyed:
    """What one network made of all the pictures."""

    output: Floats
    """(pictures, …): the network's own output."""
    layers: tuple[Gathered, ...]
    """Of each tapped layer."""


@dataclass(frozen=True, eq=False)
class _Sums:
    """What was gathered of one layer so far."""

    responses: ResponseSummary
    sample: SampleSummary | None
    extremes: ExtremesSummary | None

    def merge(self, other: "_Sums") -> "_Sums":
        return _Sums(
            self.responses.merge(other.responses),
            self.sample.merge(other.sample) if self.sample and other.sample else None,
            self.extremes.merge(other.extremes) if self.extremes and other.extremes else None,
        )


def tapped(network: Network, listed: Sequence[Step], batch_size: int, scale: str) -> Tapped:
    """Return a network that answers with its first output and those of its layers, laid out as maps.

    Args:
        network: laid open.
        listed: its layers whose outputs can be got.
        batch_size: pictures at a time, at most; a network of large outputs gets fewer.
        scale: see `pictures.scaled`.
    """
    import tensorflow as tf

    outputs = [step.output for step in listed if step.output is not None]
    whole = head(network, network.outputs[0], *outputs)
    run = tf.function(lambda batch: whole([batch]), autograph=False, jit_compile=network.is_compiled or None)
    size = fitting_batch_size([each.shape[1:] for each in outputs], batch_size)
    return Tapped(
        network.name, run, size, scale, tuple(step.units_first for step in listed if step.output is not None)
    )


def fitting_batch_size(shapes: Sequence[tuple[int | None, ...]], wanted: int) -> int:
    """Return how many pictures to give at a time; it depends on the network and the wish alone."""
    floats = sum(prod(side or 1 for side in shape) for shape in shapes)
    return max(1, min(wanted, BATCH_MEMORY // max(4 * floats, 1)))


def filled(rows: NDArray[Value], size: int) -> NDArray[Value]:
    """Return rows, at least one, filled up to so many with copies of the last."""
    return np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])


def survey(network: Tapped, pixels: Pixels, plan: Plan, progress: Callable[[int], None]) -> Surveyed:
    """Return what a network's layers made of pictures, summed up as they come.

    Args:
        network: the network.
        pixels: (pictures, height, width, channels); at least one picture.
        plan: what to gather.
        progress: called with the pictures done.

    Raises:
        ModelError: the network cannot be run.
    """
    parts: list[Floats] = []
    totals: list[_Sums] = []
    done = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: list[list[Future[_Sums]]] = []
        for output, *layers in _batches(network, pixels):
            # While the network runs the next batch, the last one is summed up, layers and halves side by side.
            totals = _merged(totals, waiting)
            waiting = [_submitted(pool, *each, done, plan) for each in zip(layers, plan.fresh, strict=True)]
            parts.append(output.copy())
            done += len(output)
            progress(done)
        totals = _merged(totals, waiting)
    gathered = tuple(Gathered(each.responses.responses(), each.sample, each.extremes) for each in totals)
    return Surveyed(np.concatenate(parts), gathered)


def _submitted(
    pool: ThreadPoolExecutor,
    batch: Floats,
    fresh: bool,  # noqa: FBT001 - private, one caller
    first: int,
    plan: Plan,
) -> "list[Future[_Sums]]":
    """Begin to sum up a batch of one layer in two halves, whatever the number of processors."""
    half = -(-len(batch) // 2)
    starts = range(0, len(batch), half)
    return [pool.submit(_sums, batch[at : at + half], fresh, first + at, plan) for at in starts]


def _merged(totals: list[_Sums], waiting: "list[list[Future[_Sums]]]") -> list[_Sums]:
    sums = [reduce(_Sums.merge, (each.result() for each in halves)) for halves in waiting]
    return [a.merge(b) for a, b in zip(totals, sums, strict=True)] if totals else sums


def _sums(batch: Floats, fresh: bool, first: int, plan: Plan) -> _Sums:  # noqa: FBT001 - private, one caller
    numbers = slice(first, first + len(batch))
    return _Sums(
        ResponseSummary.of(batch, plan.labels[numbers], plan.classes),
        SampleSummary.of(batch, plan.copied[numbers], plan.width) if fresh else None,
        ExtremesSummary.of(batch, first, plan.seed) if fresh else None,
    )


def maps(network: Tapped, pixels: Pixels) -> tuple[Floats, tuple[Floats, ...]]:
    """Return a network's own output, and the whole outputs of its tapped layers, for a few pictures.

    Raises:
        ModelError: the network cannot be run.
    """
    columns = list(zip(*_batches(network, pixels), strict=True))
    output, *layers = (read_only(np.concatenate(column)) for column in columns)
    return output, tuple(layers)


def probabilities_of(output: Floats) -> Floats:
    """Return a network's output where it is a probability for each class, else (pictures, 0)."""
    return read_only(output if _are_probabilities(output) else np.zeros((len(output), 0), np.float32))


def _are_probabilities(output: Floats) -> bool:
    if output.ndim != 2 or output.shape[1] < 2 or not output.size:
        return False
    sums = output.sum(axis=1, dtype=np.float64)
    return bool((output >= 0).all() and np.allclose(sums, 1, rtol=0, atol=1e-3))


def _batches(network: Tapped, pixels: Pixels) -> Iterator[list[Floats]]:
    import tensorflow as tf

    for start in range(0, len(pixels), network.batch_size):
        batch = scaled(pixels[start : start + network.batch_size], network.scale)
        try:
            answers = network.answers(filled(batch, network.batch_size))
        except (tf.errors.OpError, ValueError, TypeError, MemoryError) as error:
            raise ModelError(
                f"{network.name}: the network cannot be run ({type(error).__name__}). "
                "Give smaller pictures, or another network."
            ) from error
        output, *layers = (np.asarray(answer.numpy(), np.float32)[: len(batch)] for answer in answers)
        laid_out = zip(layers, network.units_first, strict=True)
        yield [output, *(as_maps(each, units_first=first) for each, first in laid_out)]
