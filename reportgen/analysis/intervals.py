"""How far a number can be trusted: bootstrap intervals, and what chance alone would give."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, sqrt
from statistics import NormalDist

import numpy as np

from reportgen.snapshot import Doubles, Flags, Floats, Integers

DRAWS = 1000
ENDS = (2.5, 97.5)
"""Percentiles between which 95 of 100 draws lie."""
FALSE_RATE = 0.05
"""Share of the findings that may be false where many are tested at once."""
MANY_VALUES = 5000
"""Above so many values, the interval of a mean is that of the normal distribution."""
BLOCK = 100_000
"""Values that are drawn at a time, so that their counts stay in the processor's cache."""


@dataclass(frozen=True)
class Measured:
    """A number and the interval that holds it in 95 of 100 repetitions."""

    value: float
    low: float
    high: float


def bootstrap_mean(values: Doubles | Floats, seed: int) -> Measured | None:
    """Return the mean with its percentile bootstrap interval (Efron 1979), None for fewer than two values.

    Above 5,000 values the interval is the normal one, mean ± 1.96 standard errors, which the bootstrap tends to.
    Values that are infinite or not a number are left out.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if finite.size < 2:
        return None
    ends = _normal_ends(finite) if finite.size > MANY_VALUES else _bootstrap_ends(finite, seed)
    return Measured(float(finite.mean()), *ends)


def bootstrap_ratio(numerators: Doubles, denominators: Doubles, seed: int) -> Measured | None:
    """Return Σ numerators / Σ denominators with its percentile bootstrap interval over the pairs, (pairs,) each.

    None for fewer than two pairs, or where the denominators sum to nothing.
    """
    total = float(denominators.sum())
    if denominators.size < 2 or not total > 0:
        return None
    weights = _resampled_weights(denominators.size, seed)
    above, below = (np.einsum("ds,s->d", weights, each) for each in (numerators, denominators))
    low, high = np.percentile(np.divide(above, below, out=np.zeros_like(above), where=below > 0), ENDS)
    return Measured(float(numerators.sum()) / total, float(low), float(high))


def bootstrap_difference(first: Doubles, second: Doubles, seed: int) -> Measured | None:
    """Return how much larger the second mean is, with its percentile bootstrap interval; the two are unpaired.

    Values that are infinite or not a number are left out; None where fewer than two are left of either.
    """
    one, other = (each[np.isfinite(each)].astype(np.float64) for each in (first, second))
    if min(one.size, other.size) < 2:
        return None
    means = [
        np.einsum("ds,s->d", _resampled_weights(each.size, seed + number), each)
        for number, each in enumerate((one, other))
    ]
    low, high = np.percentile(means[1] - means[0], ENDS)
    return Measured(float(other.mean() - one.mean()), float(low), float(high))


def share_of(flags: Flags) -> Measured | None:
    """Return the share of flags that are set, with Wilson's (1927) score interval; None for none at all.

    Unlike a bootstrap's, it has a width where none or all are set.
    """
    if not flags.size:
        return None
    count, deviate = flags.size, NormalDist().inv_cdf(ENDS[1] / 100)
    share, wide = float(flags.mean()), deviate**2 / count
    middle = (share + wide / 2) / (1 + wide)
    half = deviate * sqrt(share * (1 - share) / count + wide / (4 * count)) / (1 + wide)
    return Measured(share, max(middle - half, 0.0), min(middle + half, 1.0))


def spread(draws: Doubles) -> Measured:
    """Return the mean of draws and the interval that holds 95 of 100 of them."""
    low, high = np.percentile(draws, ENDS)
    return Measured(float(draws.mean()), float(low), float(high))


def exceedance_chance(before: int, after: int) -> Measured:
    """Return the share of `after` fresh values that chance puts beyond all of `before` values, at least two.

    Both are drawn independently from the same continuous distribution, whatever it is. The number beyond the two
    extremes then has a beta-binomial distribution with parameters (after, 2, before − 1); its mean is
    2·after / (before + 1) (Gumbel & von Schelling 1950, The distribution of the number of exceedances).
    """
    low, high = (_exceedances(end / 100, before, after) / after for end in ENDS)
    return Measured(2 / (before + 1), low, high)


def benjamini_hochberg(p: Doubles, rate: float) -> Flags:
    """Return which of many findings stand, (findings,), when at most this share of those that do may be false.

    Sorted, the largest p with p₍ᵢ₎ ≤ i · rate / n and all smaller ones (Benjamini & Hochberg 1995, Controlling the
    false discovery rate, J. R. Statist. Soc. B 57). What is not a number was not tested: it neither stands nor
    counts among the n.
    """
    tested = np.sort(p[~np.isnan(p)])
    passed = np.flatnonzero(tested <= np.arange(1, tested.size + 1) * rate / max(tested.size, 1))
    return np.asarray(p <= tested[passed[-1]] if passed.size else np.zeros(p.shape), np.bool_)


def _exceedances(share: float, before: int, after: int) -> int:
    """Return the smallest number of exceedances that is not surpassed with this probability."""
    total = 0.0
    for count in range(after):
        total += exp(_log_beta_binomial(count, after, 2.0, before - 1.0))
        if total >= share:
            return count
    return after


def _bootstrap_ends(values: Doubles, seed: int) -> tuple[float, float]:
    # Not `@`: its threads wait for each other where the processor is busy, and their number sways the last bits.
    means = np.einsum("ds,s->d", _resampled_weights(values.size, seed), values)
    low, high = np.percentile(means, ENDS)
    return float(low), float(high)


def _normal_ends(values: Doubles) -> tuple[float, float]:
    mean, error = float(values.mean()), float(values.std(ddof=1)) / sqrt(values.size)
    low, high = (mean + NormalDist().inv_cdf(end / 100) * error for end in ENDS)
    return low, high


@lru_cache(maxsize=8)
def _resampled_weights(size: int, seed: int) -> Doubles:
    """Return how much each value counts in each bootstrap sample: (draws, size), rows sum to one."""
    random = np.random.default_rng(seed)
    rows = max(1, BLOCK // size)
    blocks = [_counts(min(rows, DRAWS - start), size, random) for start in range(0, DRAWS, rows)]
    return np.concatenate(blocks) / size


def _counts(rows: int, size: int, random: np.random.Generator) -> Integers:
    """Return how often each of `size` values was drawn in each of `rows` samples of as many."""
    drawn = random.integers(size, size=(rows, size), dtype=np.int32) + size * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
