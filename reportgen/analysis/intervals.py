"""How far a number can be trusted: bootstrap intervals, and what chance alone would give."""

from dataclasses import dataclass
from functools import lru_cache
from math import lgamma

import numpy as np

from reportgen.snapshot import Doubles, Floats

DRAWS = 1000
ENDS = (2.5, 97.5)
"""Percentiles between which 95 of 100 draws lie."""


@dataclass(frozen=True)
class Measured:
    """A number and the interval that holds it in 95 of 100 repetitions."""

    value: float
    low: float
    high: float

    def __sub__(self, other: float) -> "Measured":
        """Return the number measured from another zero."""
        return Measured(self.value - other, self.low - other, self.high - other)


def bootstrap_mean(values: Doubles | Floats, seed: int) -> Measured | None:
    """Return the mean with its percentile bootstrap interval (Efron 1979), None for fewer than two values."""
    finite = values[np.isfinite(values)].astype(np.float64)
    if finite.size < 2:
        return None
    low, high = np.percentile(_resampled_weights(finite.size, seed) @ finite, ENDS)
    return Measured(float(finite.mean()), float(low), float(high))


def spread(draws: Doubles) -> Measured:
    """Return the mean of draws and the interval that holds 95 of 100 of them."""
    low, high = np.percentile(draws, ENDS)
    return Measured(float(draws.mean()), float(low), float(high))


def exceedance_chance(before: int, after: int) -> Measured:
    """Return the share of `after` fresh values that chance puts beyond all of `before` values.

    Both are drawn independently from the same continuous distribution, whatever it is. The number beyond the two
    extremes then has a beta-binomial distribution with parameters (after, 2, before − 1); its mean is
    2·after / (before + 1) (Gumbel & von Schelling 1950, The distribution of the number of exceedances).
    """
    most = min(after, 400)
    counts = np.arange(most + 1)
    chance = np.exp([_log_beta_binomial(int(k), after, 2.0, before - 1.0) for k in counts])
    total = np.cumsum(chance)
    low, high = (int(np.searchsorted(total, end / 100)) for end in ENDS)
    return Measured(2 / (before + 1), low / after, min(high, after) / after)


@lru_cache(maxsize=4)
def _resampled_weights(size: int, seed: int) -> Doubles:
    """Return how much each value counts in each bootstrap sample: (draws, size), rows sum to one."""
    random = np.random.default_rng(seed)
    samples = (random.integers(size, size=size) for _ in range(DRAWS))
    return np.array([np.bincount(sample, minlength=size) for sample in samples]) / size


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return choose + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
