"""What the numbers of a layer are, after training and before; knows nothing of pictures."""

from dataclasses import dataclass
from math import ceil, isfinite, nan, sqrt

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
    untrained: WeightNumbers | None
    """None where it is not known how the array began."""
    histogram: Histogram
    outside: float
    """Share of the weights that lie beyond all the values the array began with; not a number where unknown."""
    moved: float
    """‖after − before‖ / ‖before‖; not a number where the array began as zeros, or that is unknown."""


def weight_study(weight: Weight) -> WeightStudy:
    """Return the numbers of one array of weights, after and before training."""
    if weight.initial is None:
        return _study_of_one(weight)
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


def _study_of_one(weight: Weight) -> WeightStudy:
    after = _finite(weight.values)
    edges = shared_edges(after, after)
    histogram = Histogram(edges, np.histogram(after, edges)[0], None)
    return WeightStudy(
        weight.name, weight.values.shape, weight_numbers(weight.values), None, histogram, outside=nan, moved=nan
    )


def weight_numbers(values: Floats) -> WeightNumbers:
    """Return count, moments (in double precision) and extremes of an array of any shape."""
    finite = _finite(values)
    if not finite.size:
        return WeightNumbers(values.size, nan, nan, nan, nan, 0, nan, values.size)
    size = np.abs(finite)
    return WeightNumbers(
        count=values.size,
        mean=float(finite.mean(dtype=np.float64)),
        std=float(finite.std(dtype=np.float64)),
        minimum=float(finite.min()),
        maximum=float(finite.max()),
        zeros=int(np.count_nonzero(finite == 0)),
        near_zero=float(np.mean(size <= NEAR_ZERO * size.max())),
        not_finite=values.size - finite.size,
    )


def shared_edges(after: Floats | Doubles, before: Floats | Doubles) -> Doubles:
    """Return bin edges that hold both arrays.

    The width is that of Freedman & Diaconis (1981), 2·IQR·n^(-1/3) of the trained values, but there are never
    fewer than 8 bins nor more than 80; where all values are one and the same, there is one bin around it.
    Edges: (bins + 1,), rising.
    """
    filled = [each for each in (after, before) if each.size] or [np.zeros(1)]
    low, high = min(float(each.min()) for each in filled), max(float(each.max()) for each in filled)
    if low == high:
        half = 0.5 * max(1.0, abs(low))
        return np.array([low - half, low + half])
    return np.linspace(low, high, _bins(after, high - low) + 1)


def share_outside(after: Floats | Doubles, before: Floats | Doubles) -> float:
    """Return the share of `after` that lies below the smallest or above the largest of `before`."""
    if not after.size or not before.size:
        return nan
    return float(np.mean((after < before.min()) | (after > before.max())))


def relative_distance(after: Floats, before: Floats) -> float:
    """Return ‖after − before‖ / ‖before‖ (Euclidean), not a number where `before` is zero or not all is finite."""
    start = _norm(before)
    with np.errstate(invalid="ignore", over="ignore"):
        moved = _norm(after - before) / start if start else nan
    return moved if isfinite(moved) else nan


def _norm(values: Floats) -> float:
    flat = values.ravel()
    # Summed up in double precision, without a second copy of a large array.
    return sqrt(float(np.einsum("i,i->", flat, flat, dtype=np.float64)))


def _bins(values: Floats | Doubles, span: float) -> int:
    quarter, three_quarters = np.percentile(values, [25, 75]) if values.size else (0.0, 0.0)
    width = 2 * float(three_quarters - quarter) * max(values.size, 1) ** (-1 / 3)
    return MOST_BINS if width <= span / MOST_BINS else max(FEWEST_BINS, ceil(span / width))


def _finite(values: Floats) -> Floats:
    flat, finite = values.ravel(), np.isfinite(values.ravel())
    return flat if finite.all() else flat[finite]
