"""Summaries of responses: hand-computed numbers, and shards that merge to the whole."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.snapshot import Floats, Integers, Responses
from reportgen.statistics import ResponseSummary

ONE_PICTURE = np.array([[[[0.0, 1.0]], [[2.0, -3.0]]]], np.float32)
"""(1, 2, 1, 2): unit 0 answers 0 and 2, unit 1 answers 1 and -3."""
NO_LABELS = np.zeros(0, np.int64)


def whole(batch: Floats, labels: Integers, classes: int) -> Responses:
    """The responses of one pass over everything."""
    return ResponseSummary.of(batch, labels, classes).responses()


def merged(batch: Floats, labels: Integers, classes: int, cuts: list[int]) -> Responses:
    """The responses of shards, cut before these pictures and merged in order."""
    edges = [0, *sorted(cuts), len(batch)]
    spans = [slice(a, b) for a, b in pairwise(edges) if b > a]
    shards = [ResponseSummary.of(batch[span], labels[span], classes) for span in spans]
    return reduce(ResponseSummary.merge, shards).responses()


def relu_maps(shape: tuple[int, ...], seed: int = 0) -> Floats:
    """Random answers, about half of them exactly zero."""
    values = np.random.default_rng(seed).normal(0, 1, shape)
    return np.maximum(values, 0).astype(np.float32)


def test_counts_and_extremes_of_one_picture() -> None:
    """One picture of two places and two units, counted by hand."""
    responses = whole(ONE_PICTURE, NO_LABELS, 0)
    assert (responses.pictures, responses.places) == (1, 2)
    assert responses.zeros.tolist() == [1, 0]
    assert responses.positive_pictures.tolist() == [1, 1]
    assert responses.minimum.tolist() == [0.0, -3.0]
    assert responses.maximum.tolist() == [2.0, 1.0]


def test_mean_and_standard_deviation_of_one_picture() -> None:
    """The mean of 0 and 2 is 1 and that of 1 and -3 is -1; they lie 1 and 2 away from it."""
    responses = whole(ONE_PICTURE, NO_LABELS, 0)
    assert responses.mean.tolist() == [1.0, -1.0]
    assert responses.std.tolist() == [1.0, 2.0]


def test_share_of_zeros_is_over_all_units_of_a_picture() -> None:
    """One of four values is zero."""
    assert whole(ONE_PICTURE, NO_LABELS, 0).zero_share.tolist() == [0.25]


def test_single_numbers_have_one_place() -> None:
    """A dense layer's answers are summed up as they are."""
    batch = np.array([[0.0, 2.0], [4.0, 2.0]], np.float32)
    responses = whole(batch, np.array([0, 1]), 2)
    assert responses.places == 1
    assert responses.mean.tolist() == [2.0, 2.0]
    assert responses.std.tolist() == [2.0, 0.0]
    assert responses.zeros.tolist() == [1, 0]
    assert responses.zero_share.tolist() == [0.5, 0.0]


def test_class_means_are_over_the_pictures_of_a_class() -> None:
    """Class 0 has the answers 1 and 3, class 1 has 10."""
    batch = np.array([[1.0], [10.0], [3.0]], np.float32)
    assert whole(batch, np.array([0, 1, 0]), 2).class_means.tolist() == [[2.0], [10.0]]


def test_a_class_without_pictures_has_no_mean() -> None:
    """Nothing is not zero."""
    means = whole(np.ones((1, 1), np.float32), np.array([0]), 2).class_means
    assert means[0, 0] == 1
    assert np.isnan(means[1, 0])


def test_without_labels_there_are_no_class_means() -> None:
    """The array keeps its units."""
    assert whole(ONE_PICTURE, NO_LABELS, 0).class_means.shape == (0, 2)


@pytest.mark.parametrize("shape", [(40, 9, 7, 3), (25, 6), (3, 300, 2, 2), (2, 70, 60, 50)])
def test_equals_numpy_over_the_whole_array(shape: tuple[int, ...]) -> None:
    """Small maps, single numbers, maps higher than 255 places, and maps larger than a block."""
    batch = relu_maps(shape)
    values = batch.reshape(shape[0], -1, shape[-1]).astype(np.float64)
    responses = whole(batch, NO_LABELS, 0)
    np.testing.assert_allclose(responses.mean, values.mean(axis=(0, 1)), rtol=1e-6)
    np.testing.assert_allclose(responses.std, values.std(axis=(0, 1)), rtol=1e-6)
    np.testing.assert_array_equal(responses.zeros, (values == 0).sum(axis=(0, 1)))
    np.testing.assert_array_equal(responses.positive_pictures, (values > 0).any(axis=1).sum(axis=0))
    np.testing.assert_allclose(responses.zero_share, (values == 0).mean(axis=(1, 2)), rtol=1e-6)


def test_a_small_spread_on_a_large_mean_is_kept() -> None:
    """Values of 1000 ± 0.5 have a spread of 0.5, which a sum of squares in single precision would lose."""
    batch = np.where(np.arange(20_000).reshape(5, 50, 80, 1) % 2, 999.5, 1000.5).astype(np.float32)
    assert whole(batch, NO_LABELS, 0).std[0] == pytest.approx(0.5, rel=1e-4)


def test_values_that_are_no_numbers_stay_with_their_unit() -> None:
    """One unit's missing value does not spoil the other's numbers, and warns nobody."""
    batch = np.array([[np.nan, 1.0], [2.0, 3.0]], np.float32)
    responses = whole(batch, np.array([0, 1]), 2)
    assert np.isnan(responses.mean[0])
    assert responses.mean[1] == 2
    assert responses.class_means[1].tolist() == [2.0, 3.0]


@settings(deadline=None)
@given(
    pictures=st.integers(1, 12),
    places=st.one_of(st.none(), st.tuples(st.integers(1, 5), st.integers(1, 5))),
    units=st.integers(1, 4),
    cuts=st.lists(st.integers(0, 12), max_size=5),
    shift=st.floats(-1000, 1000, width=32),
    seed=st.integers(0, 1000),
)
def test_merged_shards_equal_the_whole(
    pictures: int, places: tuple[int, int] | None, units: int, cuts: list[int], shift: float, seed: int
) -> None:
    """However the pictures are cut into shards, counts are the same and means the same but for rounding."""
    batch = relu_maps((pictures, *(places or ()), units), seed) + np.float32(shift)
    labels = np.random.default_rng(seed).integers(0, 3, pictures)
    one, many = whole(batch, labels, 3), merged(batch, labels, 3, [cut for cut in cuts if cut < pictures])
    assert (one.pictures, one.places) == (many.pictures, many.places)
    for exact in ("zeros", "positive_pictures", "minimum", "maximum", "zero_share"):
        np.testing.assert_array_equal(getattr(one, exact), getattr(many, exact))
    for rounded in ("mean", "std", "class_means"):
        np.testing.assert_allclose(getattr(one, rounded), getattr(many, rounded), rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_merging_does_not_depend_on_grouping(seed: int) -> None:
    """(a + b) + c and a + (b + c) give the same."""
    a, b, c = (ResponseSummary.of(relu_maps((n, 3, 3, 2), seed + n), NO_LABELS, 0) for n in (1, 4, 2))
    left, right = a.merge(b).merge(c).responses(), a.merge(b.merge(c)).responses()
    np.testing.assert_allclose(left.std, right.std, rtol=1e-12)
    np.testing.assert_array_equal(left.zero_share, right.zero_share)
