"""Measures the layers' spaces, in the trained network and its twins, from what was copied on the way.

It does not know what the numbers speak for.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from reportgen.analysis.changes import CHANGES, changed
from reportgen.analysis.representations import (
    SCATTERED,
    AlignmentSums,
    Targets,
    blocks,
    cosines,
    halves,
    space,
)
from reportgen.observe.activations import Gathered, Surveyed, Tapped, maps
from reportgen.pictures.picture_set import Pixels
from reportgen.pictures.scaling import scaled
from reportgen.snapshot import Doubles, Flags, Floats, Integers, Representations, Space, read_only
from reportgen.statistics.samples import sketch

MOST_TARGETS = 256
"""A picture of more pixels is rebuilt out of so many mixtures of them, in which errors are as large on average."""
CHANGED_PICTURES = 250
"""Pictures that are changed, at equal distances among all."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The spaces of every tapped layer; None for a layer that only hands on numbers."""

    representations: Representations
    spaces: tuple[tuple[Space | None, ...], ...]
    """For each network, the trained one first, and each of its tapped layers."""


@dataclass(frozen=True, eq=False)
class Material:
    """The pictures that the spaces are measured over."""

    pixels: Pixels
    """(pictures, height, width, channels): all that were surveyed."""
    labels: Integers
    classes: int
    copied: Flags
    """(pictures,): those of which the outputs were copied."""
    low: float
    """The darkest value that the network gets."""
    width: int
    """What large layers were mixed into."""


def compared(
    pool: Executor,
    networks: Sequence[tuple[Tapped, Surveyed]],
    layers: Sequence[int],
    material: Material,
    progress: Callable[[int, int], None],
) -> Callable[[], Compared]:
    """Return a function that returns how the networks lay out the pictures, when that is known.

    The networks are run with the changed pictures at once. What is read off the copies goes on in the pool, for
    which it takes no network, while others run the networks.

    Args:
        pool: where to compute.
        networks: the trained one, then its untrained twins.
        layers: for each tapped layer its index.
        material: the pictures.
        progress: called with the networks done, and how many there are.
    """
    scale = networks[0][0].scale
    numbers = np.flatnonzero(material.copied)
    kept = scaled(material.pixels[numbers], scale).reshape(len(numbers), -1)
    labels = material.labels[numbers] if material.labels.size else material.labels
    copies = sketch(kept, material.width)
    targets = Targets(sketch(kept, MOST_TARGETS), labels, material.classes)
    pictures = scaled(material.pixels[_spread_out(len(material.pixels))], scale)
    read = [[pool.submit(_space, targets, layer) for layer in seen.layers] for _, seen in networks]
    alike = pool.submit(_alignment, [[copies, *_copies(seen)] for _, seen in networks[:2]])
    of_pixels = pool.submit(space, copies, kept.shape[1], targets, _pixel_likeness(kept, pictures, material.low))
    likenesses = []
    for done, (tapped, seen) in enumerate(networks):
        progress(done, len(networks))
        likenesses.append(_likenesses(tapped, seen, pictures, material.low))
    progress(len(networks), len(networks))
    fresh = (0, *(index for index, each in zip(layers, networks[0][1].layers, strict=True) if each.sample))

    def finished() -> Compared:
        found = zip(read, likenesses, strict=True)
        return Compared(
            _representations(numbers, material.width, of_pixels.result(), fresh, alike.result()),
            tuple(tuple(_with(a.result(), b) for a, b in zip(*each, strict=True)) for each in found),
        )

    return finished


def _alignment(networks: list[list[Floats]]) -> Doubles:
    """Return the alignment of all layers of two networks with each other, over the tested pictures."""
    tested = halves(len(networks[0][0]))[1]
    both = [copies[tested] for layers in networks for copies in layers]
    sums = reduce(AlignmentSums.merge, map(AlignmentSums.of, blocks(both)), AlignmentSums.none(len(both)))
    return sums.alignment()


def _representations(
    numbers: Integers, width: int, pixels: Space, layers: tuple[int, ...], alike: Doubles
) -> Representations:
    fitted, tested = halves(len(numbers))
    half = len(layers)
    return Representations(
        fitted=len(fitted),
        tested=len(tested),
        mixed=width,
        pixels=pixels,
        scattered=read_only(numbers[tested[:SCATTERED]]),
        layers=layers,
        alignment=read_only(alike[:half, :half].copy()),
        alignment_untrained=read_only(alike[half:, half:].copy()),
        alignment_between=read_only(alike[:half, half:].copy()),
        changes=CHANGES,
    )


def _spread_out(pictures: int) -> Integers:
    count = min(pictures, CHANGED_PICTURES)
    return np.linspace(0, pictures - 1, count).round().astype(np.int64)


def _copies(seen: Surveyed) -> list[Floats]:
    return [each.sample.copies for each in seen.layers if each.sample]


def _space(targets: Targets, layer: Gathered) -> Space | None:
    """Return a layer's space but for its likeness, which is not known yet."""
    sample = layer.sample
    return space(sample.copies, len(sample.sums), targets, np.zeros((0, 0), np.float32)) if sample else None


def _with(found: Space | None, likeness: Floats) -> Space | None:
    return replace(found, likeness=read_only(likeness)) if found else None


def _pixel_likeness(kept: Floats, pictures: Floats, low: float) -> Floats:
    mean: Doubles = kept.mean(axis=0, dtype=np.float64)
    return np.stack([cosines(pictures, changed(pictures, change, low), mean) for change in CHANGES])


def _likenesses(network: Tapped, seen: Surveyed, pictures: Floats, low: float) -> list[Floats]:
    """Return for each tapped layer how alike it answers to changed pictures, (changes, pictures)."""
    starts = range(0, len(pictures), network.batch_size)
    parts = [_of_batch(network, seen, pictures[start : start + network.batch_size], low) for start in starts]
    return [np.concatenate(each, axis=1) for each in zip(*parts, strict=True)]


def _of_batch(network: Tapped, seen: Surveyed, pictures: Floats, low: float) -> list[Floats]:
    plain = maps(network, pictures)[1]
    rows = []
    for change in CHANGES:
        answers = maps(network, changed(pictures, change, low))[1]
        rows.append([_likeness(*each) for each in zip(plain, answers, seen.layers, strict=True)])
    return [np.stack(each) for each in zip(*rows, strict=True)]


def _likeness(plain: Floats, changed_answers: Floats, layer: Gathered) -> Floats:
    if layer.sample is None:
        return np.zeros(len(plain), np.float32)
    return cosines(plain, changed_answers, layer.sample.mean)
