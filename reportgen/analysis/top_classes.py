"""Which class is most frequent among the pictures that a unit answers to most, and how likely chance makes that.

It knows the pictures' labels, not what they show.
"""

from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np

from reportgen.snapshot import Integers, Layer


@dataclass(frozen=True)
class TopClass:
    """The most frequent class among a unit's top pictures."""

    label: int
    count: int
    """Top pictures of that class."""
    of: int
    """Top pictures looked at."""
    chance: float
    """Probability, at most, that so many of any one class are among as many pictures drawn at random."""


def top_classes(layer: Layer, labels: Integers) -> tuple[TopClass | None, ...]:
    """Return the most frequent class among each unit's top pictures; none without labels.

    A unit that answered to fewer pictures than are kept has none: the rest of its top pictures is arbitrary.
    """
    if layer.extremes is None or not labels.size:
        return ()
    sizes = tuple(int(count) for count in np.bincount(labels))
    top = layer.extremes.top
    return tuple(
        _top_class(labels[pictures], sizes) if answers.min() > 0 else None
        for pictures, answers in zip(top.picture, top.response, strict=True)
    )


def chance_of_majority(count: int, drawn: int, sizes: tuple[int, ...]) -> float:
    """Return the probability, at most, that at least so many of the pictures drawn are of one and the same class.

    The numbers of a class among pictures drawn without returning them are hypergeometric; the sum over the classes
    is an upper bound (Bonferroni), and exact where the count is more than half of the pictures drawn.

    Args:
        count: pictures of one class.
        drawn: pictures drawn.
        sizes: how many pictures there are of each class.
    """
    total = sum(sizes)
    return min(1.0, sum(_at_least(count, drawn, size, total) for size in sizes))


@cache
def _at_least(count: int, drawn: int, size: int, total: int) -> float:
    ways = sum(comb(size, hit) * comb(total - size, drawn - hit) for hit in range(count, min(drawn, size) + 1))
    return ways / comb(total, drawn)


def _top_class(labels: Integers, sizes: tuple[int, ...]) -> TopClass:
    counts = np.bincount(labels, minlength=len(sizes))
    label = int(counts.argmax())
    count = int(counts[label])
    return TopClass(label, count, len(labels), chance_of_majority(count, len(labels), sizes))
