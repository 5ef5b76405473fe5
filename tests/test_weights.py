"""The numbers of weight arrays and their histograms, held against hand-computed values and NumPy's own rules."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from reportgen.analysis.weights import (
    FEWEST_BINS,
    MOST_BINS,
    relative_distance,
    share_outside,
    shared_edges,
    weight_numbers,
    weight_study,
)
from reportgen.snapshot import Doubles, Floats, Weight

SEED = 7

numbers = arrays(
    np.float32, array_shapes(max_dims=3, max_side=8), elements=st.floats(-(2.0**100), 2.0**100, width=32)
)
anything = arrays(np.float32, array_shapes(max_dims=3, max_side=8), elements=st.floats(width=32))


def floats(*values: float) -> Floats:
    """These values as an array."""
    return np.array(values, np.float32)


def doubles(*values: float) -> Doubles:
    """These values in double precision."""
    return np.array(values, np.float64)


# --- the plain numbers ---


def test_moments_and_extremes_of_known_values() -> None:
    """Eight numbers of mean 5 and standard deviation 2, the textbook's example."""
    found = weight_numbers(floats(2, 4, 4, 4, 5, 5, 7, 9).reshape(2, 4))
    assert (found.count, found.mean, found.std, found.minimum, found.maximum) == (8, 5.0, 2.0, 2.0, 9.0)


def test_zeros_and_what_is_near_zero_are_told_apart() -> None:
    """Near zero is below a hundredth of the largest size, whatever its sign; zero itself is near zero."""
    found = weight_numbers(floats(-10, 0, 0, 0.05, -0.09, 0.2, 5, 1))
    assert found.zeros == 2
    assert found.near_zero == 4 / 8


def test_the_mean_is_summed_up_in_double_precision() -> None:
    """A million equal numbers have their own value as mean, and no spread."""
    found = weight_numbers(np.full(1_000_003, 0.1, np.float32))
    assert found.mean == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    assert found.std == pytest.approx(0, abs=1e-9)


def test_a_narrow_spread_far_from_zero_is_not_lost() -> None:
    """Values of one half around ten thousand keep their standard deviation."""
    assert weight_numbers(floats(9999.5, 10000.5, 9999.5, 10000.5)).std == 0.5


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    """Infinite weights and those that are no numbers are counted; the rest is described without them."""
    found = weight_numbers(floats(1, np.nan, 3, np.inf, -np.inf))
    assert (found.count, found.not_finite, found.mean, found.minimum, found.maximum) == (5, 3, 2.0, 1.0, 3.0)


def test_an_array_without_a_finite_weight_has_no_numbers() -> None:
    """Where nothing is finite, every number is missing but the counts."""
    found = weight_numbers(floats(np.nan, np.inf))
    assert (found.count, found.not_finite, found.zeros) == (2, 2, 0)
    assert all(isnan(each) for each in (found.mean, found.std, found.minimum, found.maximum, found.near_zero))


def test_an_empty_array_has_no_numbers() -> None:
    """A layer can hold an array without entries."""
    found = weight_numbers(np.zeros((0, 3), np.float32))
    assert (found.count, found.not_finite) == (0, 0)
    assert isnan(found.mean)


# --- bins ---


@pytest.mark.parametrize("size", [30, 300, 3000, 100_000])
@pytest.mark.parametrize("wider", [1.0, 1.7])
def test_the_bin_width_is_that_of_freedman_and_diaconis(size: int, wider: float) -> None:
    """As many bins as NumPy's own rule gives over the same range, within the limits."""
    random = np.random.default_rng(SEED)
    after = random.normal(0, 1, size)
    before = random.uniform(-wider, wider, size) * np.abs(after).max()
    both = np.concatenate([after, before])
    numpys = len(np.histogram_bin_edges(after, "fd", range=(both.min(), both.max()))) - 1
    assert len(shared_edges(after, before)) - 1 == np.clip(numpys, FEWEST_BINS, MOST_BINS)


def test_there_are_never_fewer_than_eight_bins() -> None:
    """Three values give the rule nothing to go by."""
    assert len(shared_edges(doubles(0, 1, 2), doubles(0, 2))) == FEWEST_BINS + 1


def test_there_are_never_more_than_eighty_bins() -> None:
    """One value far away stretches the range, not the number of bins."""
    values = np.append(np.random.default_rng(SEED).normal(0, 1, 10_000), 1000)
    assert len(shared_edges(values, values)) == MOST_BINS + 1


def test_values_of_which_most_are_equal_get_the_most_bins() -> None:
    """Without a distance between the quartiles the rule's width is zero."""
    assert len(shared_edges(doubles(*[0] * 20, 1), doubles(0, 1))) == MOST_BINS + 1


def test_the_edges_reach_from_the_smallest_to_the_largest_of_both() -> None:
    """Neither array sticks out."""
    edges = shared_edges(doubles(-1, 0, 3), doubles(-2, 0, 1))
    assert (edges[0], edges[-1]) == (-2, 3)


@pytest.mark.parametrize("value", [0.0, 1.0, -3e30])
def test_one_value_alone_gets_one_bin_around_it(value: float) -> None:
    """A kernel of zeros or an unchanged bias has a histogram too, however large the value."""
    study = weight_study(Weight("bias", np.full(6, value, np.float32), np.full(6, value, np.float32)))
    low, high = study.histogram.edges
    assert low < value < high
    assert study.histogram.trained.tolist() == [6]


def test_counts_of_a_small_histogram() -> None:
    """Counted by hand: bins of one from 0 to 8, closed below, the last one on both sides."""
    after, before = floats(0, 0.5, 1, 7, 8), floats(0, 0, 2.5, 3, 8)
    found = weight_study(Weight("kernel", after, before)).histogram
    assert found.edges.tolist() == list(range(9))
    assert found.trained.tolist() == [2, 1, 0, 0, 0, 0, 0, 2]
    assert found.untrained is not None
    assert found.untrained.tolist() == [2, 0, 1, 1, 0, 0, 0, 1]


@settings(deadline=None)
@given(numbers, st.integers(0, 2**32 - 1))
def test_counts_sum_to_the_size_of_each_array(values: Floats, seed: int) -> None:
    """No weight falls between the bins, in either array."""
    initial = np.random.default_rng(seed).permutation(values.ravel()).reshape(values.shape) * np.float32(0.5)
    found = weight_study(Weight("kernel", values, initial))
    assert found.histogram.untrained is not None
    assert found.histogram.trained.sum() == found.histogram.untrained.sum() == values.size


@settings(deadline=None)
@given(anything)
def test_counts_sum_to_the_finite_weights_of_any_array(values: Floats) -> None:
    """Whatever a file holds, all that is finite is counted and nothing warns."""
    found = weight_study(Weight("kernel", values, values))
    assert found.histogram.trained.sum() == values.size - found.trained.not_finite


@settings(deadline=None)
@given(numbers)
def test_edges_rise(values: Floats) -> None:
    """Every bin has a width, unless the values lie too close for that."""
    edges = shared_edges(values.ravel(), values.ravel())
    assert (np.diff(edges) >= 0).all()
    assert edges[0] < edges[-1]


# --- what training changed ---


def test_share_outside_counts_both_sides() -> None:
    """Two below and one above the range of the first values, of six; its ends are within."""
    assert share_outside(doubles(-2, -1.5, -1, 0, 1, 1.5), doubles(1, 0, -1)) == 3 / 6


def test_share_outside_of_unchanged_values_is_zero() -> None:
    """Nothing lies beyond its own range."""
    assert share_outside(doubles(1, 2, 3), doubles(1, 2, 3)) == 0


def test_share_outside_of_nothing_is_not_a_number() -> None:
    """Without first values there is no range."""
    assert isnan(share_outside(doubles(1), doubles()))


def test_the_distance_is_relative_to_the_beginning() -> None:
    """From (3, 4) to (3, 6): a way of 2 beside a length of 5."""
    assert relative_distance(floats(3, 6), floats(3, 4)) == pytest.approx(2 / 5)


@settings(deadline=None)
@given(numbers.filter(lambda values: bool(np.abs(values).max() > 1e-3)), st.floats(-4, 4))
def test_the_distance_to_a_multiple(values: Floats, factor: float) -> None:
    """c·w is |c − 1| away from w, whatever the shape."""
    moved = (values.astype(np.float64) * factor).astype(np.float32)
    assert relative_distance(moved, values) == pytest.approx(abs(factor - 1), rel=1e-3, abs=1e-6)


def test_the_distance_of_many_weights_keeps_its_precision() -> None:
    """A million small steps add up as they should."""
    start = np.ones(1_000_000, np.float32)
    assert relative_distance(start * np.float32(1.5), start) == pytest.approx(0.5, rel=1e-9)
    assert relative_distance(start * 4, start) == pytest.approx(sqrt(9), rel=1e-9)


@pytest.mark.parametrize("after", [floats(1, 2), floats(np.nan, 1), floats(np.inf, 1)])
def test_no_distance_from_a_beginning_of_zeros(after: Floats) -> None:
    """A bias begins at zero, and nothing can be said relative to that."""
    assert isnan(relative_distance(after, floats(0, 0)))


def test_no_distance_where_a_weight_is_not_finite() -> None:
    """One weight that is no number spoils the distance, in silence of warnings."""
    assert isnan(relative_distance(floats(np.inf, 1), floats(np.inf, 1)))
    assert isnan(relative_distance(floats(np.nan, 1), floats(1, 1)))


def test_a_study_puts_both_states_side_by_side() -> None:
    """Name and shape are the array's, the numbers those of each state."""
    study = weight_study(Weight("kernel", floats(1, 3).reshape(1, 2), floats(0, 1).reshape(1, 2)))
    assert (study.name, study.shape) == ("kernel", (1, 2))
    assert study.untrained is not None
    assert (study.trained.mean, study.untrained.mean) == (2.0, 0.5)
    assert study.outside == 0.5
    assert study.moved == pytest.approx(sqrt(5))
