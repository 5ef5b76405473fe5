"""Intervals, held against a plain loop, the theory of the normal distribution, and complete enumeration."""

from itertools import combinations
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.intervals import (
    ENDS,
    MANY_VALUES,
    Measured,
    bootstrap_mean,
    exceedance_chance,
    spread,
)
from reportgen.snapshot import Doubles

SEED = 42


def measured(values: Doubles, seed: int = SEED) -> Measured:
    """The bootstrapped mean of values of which there are enough."""
    found = bootstrap_mean(values, seed)
    assert found is not None
    return found


def skewed(size: int) -> Doubles:
    """Values with a long tail."""
    return np.random.default_rng(1).exponential(1, size)


# --- the bootstrap ---


@pytest.mark.parametrize("size", [7, 60, 400])
def test_the_bootstrap_agrees_with_a_plain_loop(size: int) -> None:
    """Drawing again and again with replacement gives the same ends, within the noise of the draws."""
    values, random = skewed(size), np.random.default_rng(2)
    means = [random.choice(values, size).mean() for _ in range(4000)]
    low, high = np.percentile(means, ENDS)
    found = measured(values)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.08 * (high - low))


def test_the_bootstrap_agrees_with_the_theory_of_the_normal_distribution() -> None:
    """Of 400 normal values the mean is known to 1.96 standard errors."""
    values = np.random.default_rng(3).normal(5, 2, 400)
    half = 1.96 * values.std(ddof=1) / sqrt(400)
    found = measured(values)
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.15 * half)


def test_the_interval_holds_the_truth_in_about_95_of_100_repetitions() -> None:
    """Of 400 samples of 40 values each, all but a few intervals hold the mean that they were drawn with."""
    samples = np.random.default_rng(4).normal(1, 1, (400, 40))
    hits = sum(found.low <= 1 <= found.high for found in map(measured, samples))
    assert 0.90 <= hits / 400 <= 0.98


def test_very_many_values_get_the_interval_of_the_normal_distribution() -> None:
    """Mean ± 1.96 standard errors, without a bootstrap that would fill the memory."""
    values = skewed(200_000)
    error = values.std(ddof=1) / sqrt(200_000)
    found = measured(values)
    assert found.low == pytest.approx(values.mean() - 1.959964 * error)
    assert found.high == pytest.approx(values.mean() + 1.959964 * error)


def test_both_ways_agree_where_they_meet() -> None:
    """One value more or less changes the way, and hardly the interval."""
    values = skewed(MANY_VALUES + 1)
    drawn, computed = measured(values[:-1]), measured(values)
    width = computed.high - computed.low
    assert (drawn.low, drawn.high) == pytest.approx((computed.low, computed.high), abs=0.1 * width)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e6, 1e6)))
def test_the_interval_lies_within_the_values(values: Doubles) -> None:
    """No resampled mean is below the smallest or above the largest value."""
    found = measured(values)
    slack = 1e-9 * (1 + np.abs(values).max())
    assert values.min() - slack <= found.low <= found.high <= values.max() + slack


@settings(deadline=None)
@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(-100, 100)), st.floats(-50, 50))
def test_the_interval_moves_with_the_values(values: Doubles, step: float) -> None:
    """Adding a number to every value adds it to the mean and to both ends."""
    found, moved = measured(values), measured(values + step)
    assert (moved.low, moved.value, moved.high) == pytest.approx(
        (found.low + step, found.value + step, found.high + step), abs=1e-9
    )


def test_equal_values_have_no_uncertainty() -> None:
    """The mean of equal values is that value, whichever are drawn."""
    found = measured(np.full(9, 0.25))
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan], [np.inf, np.nan, 2.0]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    """One picture says nothing about the next."""
    assert bootstrap_mean(np.array(values), SEED) is None


def test_values_that_are_not_finite_are_left_out() -> None:
    """The interval is that of the other values."""
    assert measured(np.array([1.0, np.nan, 2.0, np.inf, 4.0])) == measured(np.array([1.0, 2.0, 4.0]))


def test_the_same_seed_gives_the_same_interval() -> None:
    """And another seed another one, a little."""
    values = skewed(50)
    assert measured(values, 1) == measured(values.copy(), 1)
    assert measured(values, 1) != measured(values, 2)


def test_spread_of_known_draws() -> None:
    """Of 0 … 1000 the middle is 500, and 95 of 100 lie between 25 and 975."""
    assert spread(np.arange(1001.0)) == Measured(500.0, 25.0, 975.0)


# --- exceedances ---


def enumerated_exceedances(before: int, after: int) -> list[float]:
    """Chance of 0, 1, … fresh values beyond the first ones: every order of all the values is equally likely."""
    ways = [0] * (after + 1)
    for places in combinations(range(before + after), before):
        ways[places[0] + (before + after - 1 - places[-1])] += 1
    return [each / comb(before + after, before) for each in ways]


@pytest.mark.parametrize(("before", "after"), [(2, 1), (2, 7), (3, 5), (5, 5), (6, 10), (9, 3)])
def test_exceedances_of_few_values_by_complete_enumeration(before: int, after: int) -> None:
    """Mean and both ends are those of all orders counted out."""
    chances = enumerated_exceedances(before, after)
    total = np.cumsum(chances)
    ends = [int(np.flatnonzero(total >= end / 100 - 1e-12)[0]) / after for end in ENDS]
    found = exceedance_chance(before, after)
    assert found.value == pytest.approx(sum(k * each for k, each in enumerate(chances)) / after)
    assert [found.low, found.high] == ends


def test_exceedances_by_simulation() -> None:
    """Of 288 fresh uniform numbers beyond 288 others, drawn 20,000 times."""
    random = np.random.default_rng(5)
    before, after = random.random((20_000, 288)), random.random((20_000, 288))
    low, high = before.min(axis=1, keepdims=True), before.max(axis=1, keepdims=True)
    counts = ((after < low) | (after > high)).sum(axis=1)
    found = exceedance_chance(288, 288)
    assert found.value * 288 == pytest.approx(counts.mean(), abs=0.06)
    assert found.low * 288 == np.percentile(counts, ENDS[0])
    assert found.high * 288 == np.percentile(counts, ENDS[1])


@pytest.mark.parametrize("count", [2, 3, 10, 1000, 100_000_000])
def test_chance_surpasses_the_upper_end_at_most_once_in_forty(count: int) -> None:
    """Among equally many values about two lie outside, hardly ever more than eight."""
    found = exceedance_chance(count, count)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high * count <= 8


def test_many_fresh_values_beyond_few_first_ones() -> None:
    """Two first values leave two thirds of all others outside, however many these are."""
    found = exceedance_chance(2, 2000)
    assert found.value == pytest.approx(2 / 3)
    # What lies inside is the distance of two uniform numbers, so that a share u lies outside with the chance u².
    assert found.low == pytest.approx(sqrt(0.025), abs=0.01)
    assert found.high == pytest.approx(sqrt(0.975), abs=0.01)
