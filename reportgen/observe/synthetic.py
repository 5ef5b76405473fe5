"""Shows a network the synthetic pictures, and plays through what its kernels would answer in random order.

A unit's answer to a picture is the strongest one at the 16 places, four by four, in the middle of its map: at the
border, where a layer sees the zeros that its input was padded with, units answer to the frame. It does not know
what a tuned unit is: the strength is that of `analysis.tuning`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.filters import oriented
from reportgen.analysis.stimuli import BAR, EDGE, Stimuli, chosen, columns_of
from reportgen.analysis.tuning import orientation_strength
from reportgen.observe.activations import Tapped, maps
from reportgen.observe.layers import Step
from reportgen.snapshot import Doubles, Flags, Floats, Integers, TunedUnits, Tuning, Window, read_only

SIDES = (4, 2)
"""Places of a map that are looked at, down and across: the second where the first would cost a layer too much."""
MOST_DRAWS, FEWEST_DRAWS = 999, 199
"""Shuffled kernels of one layer; where not even the fewer can be afforded, none."""
LAYER_WORK = 8 * 10**9
"""Multiplications over all the shuffled kernels of one layer, at most."""
NETWORK_WORK = 64 * 10**9
"""The same over all the layers of one network."""
BLOCK = 2**21
"""Numbers computed at a time, at least those of one shuffled kernel."""
TUNED_TO = (EDGE, BAR)
"""The kinds of pictures that the strength is taken over."""
SHUFFLED_KINDS = frozenset({"Conv2D", "DepthwiseConv2D"})
SHUFFLED_ACTIVATIONS = frozenset({None, "relu"})
LARGEST = 1e15
"""Sums of products of larger numbers would not fit into 32 bits."""
SAME = 1e-3
"""Share of a layer's strongest answer by which its own answers may differ from those computed here."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A network that is shown the pictures."""

    network: Tapped
    """With every layer tapped that has an output, in their order."""
    weights: Sequence[Floats]
    """All of the network's, in its order."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """How one layer is looked at."""

    step: Step
    side: int
    """Places looked at, down and across."""
    draws: int
    """Shuffled kernels."""
    window: Window | None
    """How the shuffled kernels slide; None where there are none."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one layer answered, and what its kernel had in front of it."""

    answers: Floats
    """(units, pictures)."""
    patches: Floats
    """(places, pictures, inputs, taps), see `patches`; of bars and edges alone, and empty without draws."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """The weights of one convolution; the taps are the places of its kernel, row by row."""

    weights: Floats
    """(groups, inputs of a group, taps, filters of a group)."""
    bias: Floats
    """(filters,); zeros where the layer has none."""
    rectified: bool
    """Whether it ends in ReLU."""


def tunings(
    trained: Subject, twin: Subject, steps: Sequence[Step], stimuli: Stimuli, seed: int
) -> tuple[Tuning | None, ...]:
    """Return how the units of each tapped layer answered to the synthetic pictures, in both networks.

    A layer that only hands on the numbers that it gets has none. Convolutions with a kernel of several places, and
    with ReLU or no activation, also get the orientation strength after the places of the kernel were put in
    random order: 999 times where that is cheap, else 199 times at least, seen from the same places of the map,
    with the same bias and activation. One draw shuffles all filters alike: each is compared with itself alone.

    Args:
        trained: the network.
        twin: the untrained one.
        steps: the layers of either.
        stimuli: of the size, and in the range of pixels, that the networks get.
        seed: of the random orders.

    Raises:
        ModelError: a network cannot be run.
    """
    plans = _plans([step for step in steps if step.output is not None], trained.weights, stimuli)
    after, before = (_tuned(each, plans, stimuli, seed) for each in (trained, twin))
    both = zip(plans, after, before, strict=True)
    return tuple(None if plan.step.kind in UNCHANGING else Tuning(a, b) for plan, a, b in both)


def _plans(tapped: Sequence[Step], weights: Sequence[Floats], stimuli: Stimuli) -> list[_Plan]:
    known = {0, *(step.index for step in tapped)}
    shuffled = [_is_shuffled(step, weights, known) for step in tapped]
    limit = min(LAYER_WORK, NETWORK_WORK // max(sum(shuffled), 1))
    pictures = len(columns_of(stimuli, TUNED_TO))
    return [
        _plan(step, weights[step.weights[0][1]].size * pictures, limit)
        if wanted
        else _Plan(step, SIDES[0], 0, None)
        for step, wanted in zip(tapped, shuffled, strict=True)
    ]


def _is_shuffled(step: Step, weights: Sequence[Floats], known: set[int]) -> bool:
    """Return whether another order of a layer's weights would say anything, and can be computed here."""
    if step.kind not in SHUFFLED_KINDS or step.window is None or step.activation not in SHUFFLED_ACTIVATIONS:
        return False
    several = step.window.size != (1, 1) and bool(step.weights) and not step.units_first
    return several and weights[step.weights[0][1]].ndim == 4 and len(step.inputs) == 1 and step.inputs[0] in known


def _plan(step: Step, work: int, limit: int) -> _Plan:
    """Return how to look at a layer whose kernel takes this many multiplications for all pictures at one place."""
    for side in SIDES:
        draws = min(MOST_DRAWS, limit // (work * side**2))
        if draws >= FEWEST_DRAWS:
            return _Plan(step, side, draws, step.window)
    return _Plan(step, SIDES[0], 0, None)


def _tuned(subject: Subject, plans: Sequence[_Plan], stimuli: Stimuli, seed: int) -> list[TunedUnits]:
    """Return what is known of the units of every layer, in the order of the plans."""
    seen = _look(subject.network, plans, stimuli)
    return [
        TunedUnits(read_only(each.answers), read_only(_shuffled(subject, plan, each, stimuli, seed)))
        for plan, each in zip(plans, seen, strict=True)
    ]


def _shuffled(subject: Subject, plan: _Plan, seen: _Seen, stimuli: Stimuli, seed: int) -> Doubles:
    """Return a layer's shuffled strengths, (units, draws); (units, 0) where its answers cannot be repeated."""
    none = np.zeros((len(seen.answers), 0))
    if not plan.draws:
        return none
    kernel = kernel_of(plan.step, subject.weights, seen.patches.shape[2])
    numbers = (kernel.weights, kernel.bias, seen.patches, seen.answers)
    # Where anything is infinite or no number, this is false as well.
    if not all(np.abs(each).max(initial=0) < LARGEST for each in numbers):
        return none
    own = kernel_answers(kernel, kernel.weights[None], seen.patches)[0]
    network_own = seen.answers[:, columns_of(stimuli, TUNED_TO)]
    # A layer from strangers may be of another make behind a well-known name, or compute in fewer digits.
    if not np.allclose(own, network_own, rtol=0, atol=SAME * float(np.abs(network_own).max())):
        return none
    random = np.random.default_rng([seed, plan.step.index])
    return shuffled_strengths(kernel, seen.patches, plan.draws, chosen(stimuli, TUNED_TO), random)


def _look(network: Tapped, plans: Sequence[_Plan], stimuli: Stimuli) -> list[_Seen]:
    """Return what all layers made of the pictures; of their maps, no more than one batch is kept at a time."""
    shown = np.isin(np.array(stimuli.kinds), TUNED_TO)
    parts = [
        [_seen(plan, outputs, shown[start : start + len(outputs[0])]) for plan in plans]
        for start, outputs in _outputs(network, plans, stimuli.pixels)
    ]
    return [
        _Seen(
            np.concatenate([each.answers for each in of_layer], axis=1),
            np.concatenate([each.patches for each in of_layer], axis=1),
        )
        for of_layer in zip(*parts, strict=True)
    ]


def _outputs(network: Tapped, plans: Sequence[_Plan], pixels: Floats) -> Iterator[tuple[int, dict[int, Floats]]]:
    """Yield batch by batch the number of its first picture, and the layers' outputs by index; 0 is the pixels."""
    for start in range(0, len(pixels), network.batch_size):
        batch = pixels[start : start + network.batch_size]
        _, layers = maps(network, batch)
        yield start, {0: batch, **{plan.step.index: each for plan, each in zip(plans, layers, strict=True)}}


def _seen(plan: _Plan, outputs: dict[int, Floats], shown: Flags) -> _Seen:
    output = outputs[plan.step.index]
    if output.ndim != 4:
        return _Seen(output.T, np.zeros((0, 0, 0, 0), np.float32))
    rows, columns = (_middle(size, plan.side) for size in output.shape[1:3])
    answers = output[:, rows[:, None], columns].max(axis=(1, 2)).T
    if plan.window is None:
        return _Seen(answers, np.zeros((0, 0, 0, 0), np.float32))
    source = outputs[plan.step.inputs[0]][shown]
    return _Seen(answers, patches(source, plan.window, rows, columns))


def _middle(size: int, side: int) -> Integers:
    """Return the places in the middle of one side of a map; all of them where it has no more."""
    kept = min(size, side)
    return np.arange(kept) + (size - kept) // 2


def patches(source: Floats, window: Window, rows: Integers, columns: Integers) -> Floats:
    """Return what a sliding kernel has in front of it at some places of its map, zeros outside of its input.

    Args:
        source: (pictures, height, width, inputs).
        window: how the kernel slides.
        rows: of the places, on the layer's own map.
        columns: likewise; every row is taken with every column.

    Returns: (places, pictures, inputs, taps), the places and the kernel's taps row by row.
    """
    down, across = (_reached(source.shape[1 + axis], window, axis, at) for axis, at in enumerate((rows, columns)))
    framed = np.pad(source, ((0, 0), (1, 1), (1, 1), (0, 0)))
    found = framed[:, down[:, :, None, None], across]
    order = found.transpose(1, 3, 0, 5, 2, 4)
    taps = window.size[0] * window.size[1]
    return order.reshape(rows.size * columns.size, len(source), source.shape[3], taps)


def _reached(size: int, window: Window, axis: int, places: Integers) -> Integers:
    """Return where on one side of its input a kernel reaches from some places: (places, taps), one is the first.

    Zero stands for all before the input, `size` + 1 for all behind.
    """
    taps, stride, dilation = window.size[axis], window.stride[axis], window.dilation[axis]
    span = (taps - 1) * dilation + 1
    # As TensorFlow pads: where the zeros are odd in number, one more stands behind.
    zeros = max((-(-size // stride) - 1) * stride + span - size, 0) if window.padding == "same" else 0
    reached = places[:, None] * stride - zeros // 2 + np.arange(taps) * dilation
    within: Integers = np.clip(reached + 1, 0, size + 1)
    return within


def kernel_of(step: Step, weights: Sequence[Floats], inputs: int) -> Kernel:
    """Return a convolution's kernel out of the network's weights, in as many groups as its inputs have.

    Args:
        step: the layer.
        weights: all of the network's.
        inputs: channels of the layer's input.
    """
    own = [np.asarray(weights[place], np.float32) for _, place in step.weights]
    kernel = oriented(step.kind, own[0])
    height, width, of_group, filters = kernel.shape
    groups = inputs // of_group
    parted = kernel.reshape(height * width, of_group, groups, filters // groups).transpose(2, 1, 0, 3)
    bias = own[1] if len(own) > 1 else np.zeros(filters, np.float32)
    return Kernel(np.ascontiguousarray(parted), bias, step.activation == "relu")


def kernel_answers(kernel: Kernel, weights: Floats, patches: Floats) -> Floats:
    """Return the strongest answer over the places, of a layer with these weights in its kernel's stead.

    Args:
        kernel: gives bias and activation.
        weights: (draws, groups, inputs of a group, taps, filters of a group).
        patches: (places, pictures, inputs, taps).

    Returns: (draws, filters, pictures).
    """
    draws, groups, of_group, taps, filters = weights.shape
    places, pictures = patches.shape[:2]
    grouped = patches.reshape(places * pictures, groups, of_group * taps).transpose(1, 0, 2)
    # One wide product in place of many narrow ones, each of which would wait for all threads.
    wide = weights.transpose(1, 2, 3, 0, 4).reshape(groups, of_group * taps, draws * filters)
    strongest = (grouped @ wide).reshape(groups, places, pictures, draws, filters).max(axis=1)
    in_order = strongest.transpose(2, 0, 3, 1).reshape(draws, groups * filters, pictures)
    answers: Floats = in_order + kernel.bias[:, None]
    return np.maximum(answers, np.float32(0)) if kernel.rectified else answers


def shuffled_strengths(
    kernel: Kernel, patches: Floats, draws: int, stimuli: Stimuli, random: np.random.Generator
) -> Doubles:
    """Return the orientation strength of each filter after its places were put in random order.

    Args:
        kernel: of the layer.
        patches: (places, pictures, inputs, taps): what it has in front of it in these pictures.
        draws: how many times to shuffle.
        stimuli: the pictures.
        random: gives the orders.

    Returns: (filters, draws).
    """
    each = patches[..., 0, 0].size * len(kernel.bias)
    at_once = max(1, BLOCK // each)
    parts = [
        _strengths(kernel, patches, min(at_once, draws - start), stimuli, random)
        for start in range(0, draws, at_once)
    ]
    return np.concatenate(parts, axis=1)


def _strengths(
    kernel: Kernel, patches: Floats, draws: int, stimuli: Stimuli, random: np.random.Generator
) -> Doubles:
    """Return the strengths of a few shuffled kernels, (filters, draws)."""
    answers = kernel_answers(kernel, shuffled_weights(kernel.weights, draws, random), patches)
    strength = orientation_strength(answers.reshape(-1, answers.shape[2]), stimuli)
    return strength.reshape(draws, -1).T


def shuffled_weights(weights: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Return kernels whose places stand in random order, one order for all inputs and filters of a group.

    What an input's weights are together with those of the others at the same place stays, and only the arrangement
    of the places goes. Were every slice put in an order of its own, a filter would answer more than its shuffles
    to everything, because its inputs no longer fit together, and would pass for tuned on that account alone.

    Args:
        weights: (groups, inputs of a group, taps, filters of a group).
        draws: how many kernels.
        random: gives the orders.

    Returns: (draws, groups, inputs of a group, taps, filters of a group).
    """
    groups, _, taps, _ = weights.shape
    order = random.permuted(np.broadcast_to(np.arange(taps), (draws, groups, taps)), axis=-1)
    return np.take_along_axis(weights[None], order[:, :, None, :, None], axis=3)
