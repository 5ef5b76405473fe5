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
    benjamini_hochberg,
    bootstrap_difference,
    bootstrap_mean,
    bootstrap_ratio,
    exceedance_chance,
    share_of,
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


# --- the bootstrap of a ratio ---


def ratio(above: Doubles, below: Doubles, seed: int = SEED) -> Measured:
    """The bootstrapped ratio of sums of pairs of which there are enough."""
    found = bootstrap_ratio(above, below, seed)
    assert found is not None
    return found


@pytest.mark.parametrize("size", [7, 60, 400])
def test_the_ratio_agrees_with_a_plain_loop(size: int) -> None:
    """Drawing whole pairs again and again gives the same ends, within the noise of the draws."""
    random = np.random.default_rng(9)
    below = 1 + random.exponential(1, size)
    above = 0.3 * below + random.normal(0, 0.2, size)
    found = ratio(above, below)
    ratios = []
    for _ in range(4000):
        drawn = random.integers(size, size=size)
        ratios.append(above[drawn].sum() / below[drawn].sum())
    low, high = np.percentile(ratios, ENDS)
    assert found.value == pytest.approx(above.sum() / below.sum())
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.08 * (high - low))


def test_the_ratio_is_one_of_sums_and_no_mean_of_ratios() -> None:
    """(1 + 3) / (1 + 9), where the pairs' own ratios have the mean two thirds."""
    found = ratio(np.array([1.0, 3]), np.array([1.0, 9]))
    # Of two pairs, a quarter of the draws each are the one or the other alone.
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 1 / 3, 1))


def test_pairs_of_one_ratio_have_no_uncertainty() -> None:
    """However different their sizes are: the pairs are drawn whole."""
    below = skewed(50)
    found = ratio(0.25 * below, below)
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_over_equal_denominators_the_ratio_is_a_mean() -> None:
    """The same interval as that of the bootstrapped mean."""
    values = skewed(30)
    found, mean = ratio(values, np.full(30, 2.0)), measured(values / 2)
    assert (found.value, found.low, found.high) == pytest.approx((mean.value, mean.low, mean.high))


def test_draws_of_empty_denominators_alone_count_as_nothing() -> None:
    """Of one picture with a spread among two, a quarter of the draws have none: no division by zero."""
    found = ratio(np.array([1.0, 0]), np.array([2.0, 0]))
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0, 0.5))


@pytest.mark.parametrize(("above", "below"), [([], []), ([1.0], [2.0]), ([1.0, 1], [0.0, 0])])
def test_a_ratio_needs_two_pairs_and_something_to_divide_by(above: list[float], below: list[float]) -> None:
    """One pair says nothing of the next, and nothing is no denominator."""
    assert bootstrap_ratio(np.array(above), np.array(below), SEED) is None


# --- the bootstrap of a difference ---


def difference(first: Doubles, second: Doubles, seed: int = SEED) -> Measured:
    """The bootstrapped difference of two means of which there are enough values."""
    found = bootstrap_difference(first, second, seed)
    assert found is not None
    return found


@pytest.mark.parametrize(("one", "other"), [(7, 7), (12, 90), (400, 30)])
def test_the_difference_agrees_with_a_plain_loop(one: int, other: int) -> None:
    """Both samples are drawn anew, each by itself."""
    random = np.random.default_rng(10)
    first, second = random.exponential(1, one), 2 + random.normal(0, 0.5, other)
    found = difference(first, second)
    draws = [random.choice(second, other).mean() - random.choice(first, one).mean() for _ in range(4000)]
    low, high = np.percentile(draws, ENDS)
    assert found.value == pytest.approx(second.mean() - first.mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.08 * (high - low))


def test_a_sample_differs_from_itself_by_chance() -> None:
    """The two are not paired: the interval is √2 times as wide as that of the mean, around zero."""
    values = skewed(200)
    found, mean = difference(values, values), measured(values)
    assert found.value == 0
    assert found.high - found.low == pytest.approx(sqrt(2) * (mean.high - mean.low), rel=0.08)


def test_equal_values_of_both_have_no_uncertainty() -> None:
    """Seven halves against four quarters."""
    found = difference(np.full(7, 0.5), np.full(4, 0.25))
    assert (found.value, found.low, found.high) == pytest.approx((-0.25, -0.25, -0.25))


def test_of_one_constant_sample_the_other_gives_the_width() -> None:
    """The difference to ten is the mean less ten."""
    values = skewed(60)
    found, mean = difference(np.full(9, 10.0), values), measured(values)
    assert found.value == pytest.approx(mean.value - 10)
    assert (found.low, found.high) == pytest.approx(
        (mean.low - 10, mean.high - 10), abs=0.12 * (mean.high - mean.low)
    )


@pytest.mark.parametrize(
    ("first", "second"), [([], [1.0, 2]), ([1.0], [1.0, 2]), ([1.0, 2], [1.0]), ([1.0, 2], [np.nan, np.inf, 1.0])]
)
def test_a_difference_needs_two_values_of_either(first: list[float], second: list[float]) -> None:
    """That are numbers."""
    assert bootstrap_difference(np.array(first), np.array(second), SEED) is None


def test_values_that_are_not_finite_are_left_out_of_a_difference() -> None:
    """As if they had not been there."""
    broken = np.array([1.0, np.nan, 2.0, -np.inf])
    assert difference(broken, skewed(9)) == difference(np.array([1.0, 2.0]), skewed(9))


# --- the interval of a share ---


@given(st.integers(1, 200), st.data())
def test_the_interval_of_a_share_ends_where_the_share_would_be_rejected(count: int, data: st.DataObject) -> None:
    """At both ends, the share seen lies 1.96 standard errors away: of the end's own error (Wilson 1927)."""
    hits = data.draw(st.integers(0, count))
    found = share_of(np.arange(count) < hits)
    assert found is not None
    assert found.value == hits / count
    for end in (found.low, found.high):
        away = 1.959964 * sqrt(end * (1 - end) / count)
        assert abs(found.value - end) == pytest.approx(away, abs=1e-6)


def test_the_interval_of_no_hit_by_hand() -> None:
    """None of ten: from zero to z² / (10 + z²)."""
    found = share_of(np.zeros(10, np.bool_))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 1.959964**2 / (10 + 1.959964**2)))


def test_there_is_no_share_of_nothing() -> None:
    """No flags at all."""
    assert share_of(np.zeros(0, np.bool_)) is None


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


# --- many findings at once ---

PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
"""The fifteen p-values of the example in Benjamini & Hochberg (1995), of which the first four stand at 5 %."""

shares = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30)


def standing_by_adjustment(p: list[float], rate: float) -> list[bool]:
    """Findings whose adjusted p, the smallest n · p₍ⱼ₎ / j over all j ≥ i, is at most the rate."""
    order = np.argsort(p)
    scaled = np.array(p)[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1]
    return [bool(adjusted[list(order).index(each)] <= rate) for each in range(len(p))]


def test_the_published_example_of_many_findings() -> None:
    """Four of the fifteen stand, as in the paper, whatever their order."""
    random = np.random.default_rng(4).permutation(15)
    stands = benjamini_hochberg(np.array(PUBLISHED)[random], 0.05)
    assert sorted(np.array(PUBLISHED)[random][stands]) == PUBLISHED[:4]


@given(shares, st.sampled_from([0.01, 0.05, 0.2]))
def test_findings_stand_as_by_their_adjusted_p(p: list[float], rate: float) -> None:
    """The same findings by the other way of reckoning, wherever rounding does not decide."""
    scaled = np.sort(p) * len(p) / np.arange(1, len(p) + 1)
    if not np.isclose(scaled, rate, rtol=1e-9).any():
        assert benjamini_hochberg(np.array(p), rate).tolist() == standing_by_adjustment(p, rate)


def test_a_small_p_can_carry_a_larger_one_over_its_bar() -> None:
    """By hand: 0.04 is above 0.025, its bar as the first of two, but the second bar is 0.05."""
    assert benjamini_hochberg(np.array([0.045, 0.04]), 0.05).tolist() == [True, True]


def test_findings_that_were_not_tested_do_not_count() -> None:
    """Beside nine that are not a number, one p of 0.04 stands alone; beside nine that are tested, it does not."""
    assert benjamini_hochberg(np.array([0.04] + [np.nan] * 9), 0.05).tolist() == [True] + [False] * 9
    assert not benjamini_hochberg(np.array([0.04] + [0.9] * 9), 0.05).any()


@pytest.mark.parametrize("p", [[], [np.nan, np.nan], [0.5, 0.9]])
def test_where_nothing_was_found_nothing_stands(p: list[float]) -> None:
    """One flag for each, none set."""
    assert benjamini_hochberg(np.array(p, np.float64), 0.05).tolist() == [False] * len(p)


def test_of_findings_by_chance_alone_one_in_twenty_layers_has_any() -> None:
    """Where nothing is true, the rate is the chance that anything at all is found."""
    random = np.random.default_rng(6)
    found = sum(bool(benjamini_hochberg(random.random(40), 0.05).any()) for _ in range(2000))
    # 2,000 throws at 5 % give 100, and hardly ever more than three standard deviations off.
    assert abs(found - 100) < 3 * sqrt(2000 * 0.05 * 0.95)
