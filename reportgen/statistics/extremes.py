"""The pictures to which a layer's units answer most and least, and some at random, kept batch by batch.

Only the few best of every unit are kept, so that a summary of a million pictures is as small as one of a hundred.
It does not know what the pictures show.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.snapshot import Floats, Integers, Patches

KEPT = 20
"""Pictures that are kept of each kind for each unit."""

Ranks = NDArray[np.uint64] | Floats


@dataclass(frozen=True, eq=False)
class ExtremesSummary:
    """The strongest answers of a layer's units, one place a picture: the largest, the smallest, and some."""

    searched: int
    top: Patches
    bottom: Patches
    random: Patches
    seed: int

    @classmethod
    def of(cls, batch: Floats, first: int, seed: int) -> "ExtremesSummary":
        """Return the summary of one batch.

        Args:
            batch: (pictures, height, width, units) or (pictures, units); at least one picture.
            first: the number of the batch's first picture among all.
            seed: decides which pictures are drawn at random, whatever the batches.
        """
        numbers = np.arange(first, first + len(batch))
        strongest = batch.max(axis=(1, 2)) if batch.ndim == 4 else batch
        luck = np.broadcast_to(_priorities(numbers, seed)[:, np.newaxis], strongest.shape)
        return cls(
            searched=len(batch),
            top=_located(batch, strongest, first, _first(_descending(strongest))),
            bottom=_located(batch, strongest, first, _first(_ascending(strongest))),
            random=_located(batch, strongest, first, _first(luck)),
            seed=seed,
        )

    def merge(self, other: "ExtremesSummary") -> "ExtremesSummary":
        """Return the summary of this one's pictures and the other's, in whatever order."""
        return ExtremesSummary(
            searched=self.searched + other.searched,
            top=_best(self.top, other.top, lambda each: _descending(each.response)),
            bottom=_best(self.bottom, other.bottom, lambda each: _ascending(each.response)),
            random=_best(self.random, other.random, lambda each: _priorities(each.picture, self.seed)),
            seed=self.seed,
        )


def _descending(answers: Floats) -> Floats:
    """Return ranks by which the largest comes first; what is not a number comes last, here and below."""
    return _ascending(-answers)


def _ascending(answers: Floats) -> Floats:
    return np.nan_to_num(answers, nan=np.inf)


def _priorities(numbers: Integers, seed: int) -> NDArray[np.uint64]:
    """Return a number for each picture that looks random and depends on the picture's number and the seed alone.

    It is the mixing function of SplitMix64 (Steele, Lea & Flood 2014, Fast splittable pseudorandom number
    generators); the pictures of the smallest numbers are a sample that every way of splitting them up agrees on.
    """
    mixed = (numbers.astype(np.uint64) + np.uint64(seed) * np.uint64(1_000_003) + np.uint64(1)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def _first(ranks: Ranks) -> Integers:
    """Return the places of the smallest ranks of each column, (units, kept); of equal ones the first."""
    return np.ascontiguousarray(np.argsort(ranks, axis=0, kind="stable")[:KEPT].T)


def _located(batch: Floats, strongest: Floats, first: int, places: Integers) -> Patches:
    """Return where in the batch's pictures (units, kept) each unit answers most."""
    units = np.arange(strongest.shape[1])[:, np.newaxis]
    row, column = _peaks(batch, places, units) if batch.ndim == 4 else (np.zeros_like(places),) * 2
    return Patches(places + first, row, column, strongest[places, units].astype(np.float32))


def _peaks(maps: Floats, places: Integers, units: Integers) -> tuple[Integers, Integers]:
    """Return row and column of each map's largest value; of a map without one, its middle."""
    pictures, height, width, channels = maps.shape
    flat = maps.reshape(pictures, height * width, channels)[places, :, units]
    middle = (height // 2) * width + width // 2
    level = flat.max(axis=2) == flat.min(axis=2)
    peak = np.where(level, middle, flat.argmax(axis=2))
    return np.divmod(peak, width)


def _best(one: Patches, other: Patches, rank: Callable[[Patches], Ranks]) -> Patches:
    """Return the first of both by rank; of equal ones the picture that comes first."""
    both = Patches(
        picture=np.concatenate([one.picture, other.picture], axis=1),
        row=np.concatenate([one.row, other.row], axis=1),
        column=np.concatenate([one.column, other.column], axis=1),
        response=np.concatenate([one.response, other.response], axis=1),
    )
    order = np.lexsort((both.picture, rank(both)), axis=1)[:, :KEPT]
    return Patches(
        picture=np.take_along_axis(both.picture, order, axis=1),
        row=np.take_along_axis(both.row, order, axis=1),
        column=np.take_along_axis(both.column, order, axis=1),
        response=np.take_along_axis(both.response, order, axis=1),
    )
