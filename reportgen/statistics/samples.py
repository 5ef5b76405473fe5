"""Small copies of what a layer gave for each picture, and the mean over all pictures, kept batch by batch.

A layer of many numbers is mixed into few, in such a way that distances and angles between pictures stay as they
were on average. It does not know what will be read off them.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from reportgen.snapshot import Doubles, Flags, Floats

MOST_MIXED, FEWEST_MIXED = 2048, 256
"""Numbers that a layer's output for one picture is mixed into, at most and at least."""
MEMORY = 320 * 2**20
"""Bytes of all copies of one network together, at most."""
LARGEST = 1e15
"""Copies are cut off here, so that sums of their products stay finite in single precision."""


@dataclass(frozen=True, eq=False)
class SampleSummary:
    """What one layer gave for some pictures: every number summed up, and mixed copies of the pictures chosen."""

    pictures: int
    sums: Doubles
    """(size,): the sum over the pictures of each number that the layer gives."""
    mixed: tuple[Floats, ...]
    """(chosen pictures, width) in all, in the order of the pictures."""

    @classmethod
    def of(cls, batch: Floats, chosen: Flags, width: int) -> "SampleSummary":
        """Return the summary of one batch.

        Args:
            batch: (pictures, …); at least one picture.
            chosen: (pictures,): of which a copy is kept.
            width: see `sketch`.
        """
        flat = batch.reshape(len(batch), -1)
        with np.errstate(invalid="ignore", over="ignore"):  # values may be infinite or not numbers
            sums = np.add.reduce(flat, axis=0, dtype=np.float64)
        return cls(len(batch), sums, (sketch(flat[chosen], width),))

    def merge(self, other: "SampleSummary") -> "SampleSummary":
        """Return the summary of this one's pictures followed by the other's."""
        return SampleSummary(self.pictures + other.pictures, self.sums + other.sums, self.mixed + other.mixed)

    @property
    def mean(self) -> Doubles:
        """The mean of each number over the pictures, (size,)."""
        return self.sums / self.pictures

    @property
    def copies(self) -> Floats:
        """The mixed copies, (chosen pictures, width); values that are not finite count as zero."""
        known = np.nan_to_num(np.concatenate(self.mixed), nan=0.0, posinf=0.0, neginf=0.0)
        return np.clip(known, -LARGEST, LARGEST, out=known)


def sketch(values: Floats, width: int) -> Floats:
    """Return (pictures, size) mixed into (pictures, width); what has no more numbers than that stays as it is.

    Every number gets a random sign, and those that fall on the same place are added up, so that inner products are
    right on average (count sketch: Charikar, Chen & Farach-Colton 2002, Finding frequent items in data streams; as
    a random projection: Weinberger et al. 2009, Feature hashing for large scale multitask learning).
    """
    pictures, size = values.shape
    if size <= width:
        return values.astype(np.float32)
    rows = -(-size // width)
    signed = np.zeros((pictures, rows * width), np.float32)
    np.multiply(values, _signs(size), out=signed[:, :size])
    with np.errstate(invalid="ignore", over="ignore"):  # values may be infinite or not numbers
        return np.asarray(np.add.reduce(signed.reshape(pictures, rows, width), axis=1), np.float32)


def sketch_width(sizes: tuple[int, ...], pictures: int) -> int:
    """Return how many numbers to mix layers of these sizes into, so that all copies fit into memory."""
    width = MOST_MIXED
    while width > FEWEST_MIXED and 4 * pictures * sum(min(size, width) for size in sizes) > MEMORY:
        width //= 2
    return width


@lru_cache(maxsize=64)
def _signs(size: int) -> Floats:
    return np.random.default_rng(size).choice(np.array([-1, 1], np.float32), size)
