"""Zeros, means, spreads and class means of a layer's units, summed up batch by batch; knows no single picture."""

from dataclasses import dataclass

import numpy as np

from reportgen.snapshot import Doubles, Floats, Integers, Responses

BLOCK = 200_000
"""Values that are summed up at a time, so that all passes over them find them in the processor's cache."""


@dataclass(frozen=True, eq=False)
class ResponseSummary:
    """How the units of one layer answered to some pictures; arrays are (units,) unless they say otherwise."""

    pictures: int
    places: int
    """Values of one unit for one picture."""
    zeros: Integers
    positive_pictures: Integers
    mean: Doubles
    squares: Doubles
    """Sum of the squared distances of all values from `mean`."""
    minimum: Doubles
    maximum: Doubles
    class_pictures: Integers
    """(classes,)"""
    class_sums: Doubles
    """(classes, units): sums over a class's pictures of the unit's mean over its places."""
    zero_shares: tuple[Floats, ...]
    """(pictures,) in all, in the order of the pictures."""

    @classmethod
    def of(cls, batch: Floats, labels: Integers, classes: int) -> "ResponseSummary":
        """Return the summary of one batch.

        Args:
            batch: (pictures, height, width, units) or (pictures, units); at least one picture.
            labels: (pictures,), each in 0 … classes - 1; anything, where there are no classes.
            classes: number of classes, 0 where there are no labels.
        """
        if batch.ndim == 2:
            return _summary(_single_numbers(batch), labels, classes)
        size = max(1, BLOCK // max(batch[0].size, 1))
        blocks = [_picture_by_picture(batch[start : start + size]) for start in range(0, len(batch), size)]
        return _summary(_joined(blocks), labels, classes)

    def merge(self, other: "ResponseSummary") -> "ResponseSummary":
        """Return the summary of this one's pictures followed by the other's.

        Means and squares merge as in Chan, Golub & LeVeque (1979), Updating formulae and a pairwise algorithm for
        computing sample variances.
        """
        pictures = self.pictures + other.pictures
        with np.errstate(invalid="ignore", over="ignore"):  # values may be infinite or not numbers
            distance = other.mean - self.mean
            share = other.pictures / pictures
            shift = distance**2 * (self.pictures * self.places * share)
            return ResponseSummary(
                pictures=pictures,
                places=self.places,
                zeros=self.zeros + other.zeros,
                positive_pictures=self.positive_pictures + other.positive_pictures,
                mean=self.mean + distance * share,
                squares=self.squares + other.squares + shift,
                minimum=np.minimum(self.minimum, other.minimum),
                maximum=np.maximum(self.maximum, other.maximum),
                class_pictures=self.class_pictures + other.class_pictures,
                class_sums=self.class_sums + other.class_sums,
                zero_shares=self.zero_shares + other.zero_shares,
            )

    def responses(self) -> Responses:
        """Return what was summed up; the standard deviation is that of the values at hand, not an estimate.

        The mean over a class without pictures is not a number.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            class_means = self.class_sums / self.class_pictures[:, np.newaxis]
            std = np.sqrt(self.squares / (self.pictures * self.places))
        return Responses(
            pictures=self.pictures,
            places=self.places,
            zeros=self.zeros,
            positive_pictures=self.positive_pictures,
            mean=self.mean,
            std=std,
            minimum=self.minimum,
            maximum=self.maximum,
            class_means=class_means,
            zero_share=np.concatenate(self.zero_shares),
        )


@dataclass(frozen=True, eq=False)
class _Pictures:
    """One row a picture, (pictures, units) each."""

    places: int
    zeros: Integers
    mean: Doubles
    squares: Doubles
    minimum: Floats
    maximum: Floats


def _single_numbers(batch: Floats) -> _Pictures:
    """Return the rows of (pictures, units): one value is its own mean, minimum and maximum."""
    mean = batch.astype(np.float64)
    zeros = (batch == 0).astype(np.int64)
    return _Pictures(1, zeros, mean, np.zeros((1, batch.shape[1])), batch, batch)


def _picture_by_picture(maps: Floats) -> _Pictures:
    """Return the rows of a block of (pictures, height, width, units)."""
    places = maps.shape[1] * maps.shape[2]
    with np.errstate(invalid="ignore", over="ignore"):
        mean = _over_places(np.add, maps).astype(np.float64) / places
        if not np.isfinite(mean).all():
            # Sums of huge numbers do not fit where the numbers do.
            mean = maps.mean(axis=(1, 2), dtype=np.float64)
        away = maps - mean.astype(np.float32)[:, np.newaxis, np.newaxis]
        squares = _over_places(np.add, np.multiply(away, away, out=away)).astype(np.float64)
    return _Pictures(
        places=places,
        zeros=_zeros(maps),
        mean=mean,
        squares=squares,
        minimum=_over_places(np.minimum, maps),
        maximum=_over_places(np.maximum, maps),
    )


def _over_places(operation: np.ufunc, maps: Floats) -> Floats:
    # Rows first, then columns: long runs of neighbouring values, and short chains of rounded sums.
    folded: Floats = operation.reduce(operation.reduce(maps, axis=1), axis=1)
    return folded


def _zeros(maps: Floats) -> Integers:
    # The narrowest type that can count a column is several times faster than the default one.
    narrow = np.min_scalar_type(maps.shape[1])
    columns = np.add.reduce((maps == 0).view(np.uint8), axis=1, dtype=narrow)
    return np.asarray(columns.sum(axis=1), np.int64)


def _joined(blocks: list[_Pictures]) -> _Pictures:
    return _Pictures(
        places=blocks[0].places,
        zeros=np.concatenate([block.zeros for block in blocks]),
        mean=np.concatenate([block.mean for block in blocks]),
        squares=np.concatenate([block.squares for block in blocks]),
        minimum=np.concatenate([block.minimum for block in blocks]),
        maximum=np.concatenate([block.maximum for block in blocks]),
    )


def _summary(rows: _Pictures, labels: Integers, classes: int) -> ResponseSummary:
    pictures, units = rows.mean.shape
    chosen = labels if classes else np.zeros(0, np.int64)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = rows.mean.mean(axis=0)
        squares = rows.squares.sum(axis=0) + rows.places * ((rows.mean - mean) ** 2).sum(axis=0)
    return ResponseSummary(
        pictures=pictures,
        places=rows.places,
        zeros=rows.zeros.sum(axis=0),
        positive_pictures=np.count_nonzero(rows.maximum > 0, axis=0).astype(np.int64),
        mean=mean,
        squares=squares,
        minimum=rows.minimum.min(axis=0).astype(np.float64),
        maximum=rows.maximum.max(axis=0).astype(np.float64),
        class_pictures=np.bincount(chosen, minlength=classes).astype(np.int64),
        class_sums=_class_sums(rows.mean, chosen, classes),
        zero_shares=((rows.zeros.sum(axis=1) / max(rows.places * units, 1)).astype(np.float32),),
    )


def _class_sums(means: Doubles, labels: Integers, classes: int) -> Doubles:
    sums = np.zeros((classes, means.shape[1]))
    for label in np.unique(labels):
        with np.errstate(invalid="ignore", over="ignore"):
            sums[label] = means[labels == label].sum(axis=0)
    return sums
