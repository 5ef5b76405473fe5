"""What the numbers of a layer are, after training and before; knows nothing of pictures."""

from dataclasses import dataclass
from math import ceil, nan

import numpy as np

from reportgen.analysis.charts import Histogram
from reportgen.snapshot import Doubles, Floats, Weight

FEWEST_BINS, MOST_BINS = 8, 80
NEAR_ZERO = 0.01
"""A weight counts as near zero below this share of the largest weight's size."""


@dataclass(frozen=True)
class WeightNumbers:
    """The plain description of one array of weights."""

    count: int
    mean: float
    std: float
    minimum: float
    maximum: float
    zeros: int
    near_zero: float
    """Share of the weights that are smaller in size than a hundredth of the largest."""
    not_finite: int
    """Weights that are infinite or not a number; every other figure leaves them out."""


@dataclass(frozen=True, eq=False)
class WeightStudy:
    """One array of weights beside itself before training, on shared bins."""

    name: str
    shape: tuple[int, ...]
    trained: WeightNumbers
    untrained: WeightNumbers
    histogram: Histogram
    outside: float
    """Share of the weights that lie beyond all the values the array began with."""
    moved: float
    """‖after − before‖ / ‖before‖; not a number where the array began as zeros."""


def weight_study(weight: Weight) -> WeightStudy:
    """Return the numbers of one array of weights, after and before training."""
    after, before = _finite(weight.values), _finite(weight.initial)
    edges = shared_edges(after, before)
    return WeightStudy(
        name=weight.name,
        shape=weight.values.shape,
        trained=weight_numbers(weight.values),
        untrained=weight_numbers(weight.initial),
        histogram=Histogram(edges, np.histogram(after, edges)[0], np.histogram(before, edges)[0]),
        outside=share_outside(after, before),
        moved=relative_distance(weight.values, weight.initial),
    )


def weight_numbers(values: Floats) -> WeightNumbers:
    """Return count, moments and extremes of an array of any shape, computed in double precision."""
    finite = _finite(values)
    if not finite.size:
        return WeightNumbers(values.size, nan, nan, nan, nan, 0, nan, values.size)
    size = np.abs(finite)
    return WeightNumbers(
        count=values.size,
        mean=float(finite.mean()),
        std=float(finite.std()),
        minimum=float(finite.min()),
        maximum=float(finite.max()),
        zeros=int(np.count_nonzero(finite == 0)),
        near_zero=float(np.mean(size <= NEAR_ZERO * size.max())),
        not_finite=values.size - finite.size,
    )


def shared_edges(after: Doubles, before: Doubles) -> Doubles:
    """Return bin edges that hold both arrays.

    The width is that of Freedman & Diaconis (1981), 2·IQR·n^(-1/3) of the trained values, but there are never
    fewer than 8 bins nor more than 80. Edges: (bins + 1,), rising.
    """
    both = np.concatenate([after, before]) if after.size + before.size else np.zeros(1)
    low, high = float(both.min()), float(both.max())
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    return np.linspace(low, high, _bins(after, high - low) + 1)


def share_outside(after: Doubles, before: Doubles) -> float:
    """Return the share of `after` that lies below the smallest or above the largest of `before`."""
    if not after.size or not before.size:
        return nan
    return float(np.mean((after < before.min()) | (after > before.max())))


def relative_distance(after: Floats, before: Floats) -> float:
    """Return ‖after − before‖ / ‖before‖ (Euclidean), not a number where `before` is zero."""
    start = float(np.linalg.norm(before.astype(np.float64)))
    return float(np.linalg.norm(after.astype(np.float64) - before)) / start if start else nan


def _bins(values: Doubles, span: float) -> int:
    quarter, three_quarters = np.percentile(values, [25, 75]) if values.size else (0.0, 0.0)
    width = 2 * float(three_quarters - quarter) * max(values.size, 1) ** (-1 / 3)
    return MOST_BINS if width <= span / MOST_BINS else max(FEWEST_BINS, ceil(span / width))


def _finite(values: Floats) -> Doubles:
    flat = values.astype(np.float64).ravel()
    return flat[np.isfinite(flat)]
