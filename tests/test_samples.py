"""Mixed copies of what a layer gave: right on average, small, and the same however the pictures are cut."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.snapshot import Flags, Floats
from reportgen.statistics import SampleSummary
from reportgen.statistics.samples import FEWEST_MIXED, LARGEST, MEMORY, MOST_MIXED, sketch, sketch_width


def normal(*shape: int, seed: int = 0) -> Floats:
    """Random answers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def all_of(batch: Floats) -> Flags:
    """Every picture is chosen."""
    return np.ones(len(batch), np.bool_)


# --- sketch ---


@pytest.mark.parametrize("size", [1, 15, 16])
def test_few_numbers_stay_as_they_are(size: int) -> None:
    """Up to the width nothing is mixed."""
    values = normal(3, size)
    np.testing.assert_array_equal(sketch(values, 16), values)


@pytest.mark.parametrize("size", [17, 32, 50])
def test_many_numbers_become_as_many_as_asked(size: int) -> None:
    """Also where they do not fill the last row."""
    assert sketch(normal(3, size), 16).shape == (3, 16)


def test_mixing_is_linear() -> None:
    """The copy of a sum is the sum of the copies, so that distances and means can be taken of copies."""
    one, other = normal(4, 100, seed=1), normal(4, 100, seed=2)
    np.testing.assert_allclose(sketch(one + 3 * other, 8), sketch(one, 8) + 3 * sketch(other, 8), atol=1e-4)


def test_every_number_lands_once_with_its_whole_size() -> None:
    """A picture with a single 1 has a copy with a single ±1."""
    copies = sketch(np.eye(50, dtype=np.float32), 16)
    assert (np.abs(copies).sum(axis=1) == 1).all()
    assert (np.count_nonzero(copies, axis=1) == 1).all()


def test_signs_are_balanced() -> None:
    """Of 4,000 signs, half are expected to be positive, with a standard deviation of 32."""
    copies = sketch(np.eye(4000, dtype=np.float32), 16)
    assert np.count_nonzero(copies > 0) == pytest.approx(2000, abs=160)


def test_inner_products_are_right_on_average() -> None:
    """Over 400 layers of other sizes, and thus other signs, the mean error is within five standard errors of 0."""
    random, errors = np.random.default_rng(7), []
    for size in range(300, 700):
        one, other = random.normal(size=(2, size)) + random.normal(size=size)
        copies = sketch(np.stack([one, other]).astype(np.float32), 64)
        errors.append((copies[0] @ copies[1] - one @ other) / (np.linalg.norm(one) * np.linalg.norm(other)))
    assert np.std(errors) < 3 / np.sqrt(64)
    assert abs(np.mean(errors)) < 5 * np.std(errors) / np.sqrt(len(errors))


def test_a_width_stays_large_where_there_is_room() -> None:
    """A thousand pictures of three large layers take 50 million bytes."""
    assert sketch_width((25_000, 12_000, 5_000), 1000) == MOST_MIXED


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 10**6), min_size=1, max_size=60), pictures=st.integers(1, 4000))
def test_copies_fit_into_memory(sizes: list[int], pictures: int) -> None:
    """Unless they are as small as they may be; twice as wide they would not fit."""
    width = sketch_width(tuple(sizes), pictures)

    def taken(width: int) -> int:
        return sum(4 * pictures * min(size, width) for size in sizes)

    assert FEWEST_MIXED <= width <= MOST_MIXED
    assert width == FEWEST_MIXED or taken(width) <= MEMORY
    assert width == MOST_MIXED or taken(2 * width) > MEMORY


# --- summaries ---


def test_mean_is_over_all_pictures_and_copies_are_of_the_chosen() -> None:
    """Two of three pictures are kept; the third counts in the mean."""
    batch = np.array([[1.0, 2.0], [3.0, 4.0], [8.0, 0.0]], np.float32)
    summary = SampleSummary.of(batch, np.array([True, False, True]), 4)
    assert summary.mean.tolist() == [4.0, 2.0]
    assert summary.copies.tolist() == [[1.0, 2.0], [8.0, 0.0]]


def test_maps_are_laid_out_as_flatten_does() -> None:
    """Row by row, the channels of a place beside each other."""
    batch = normal(2, 3, 4, 5)
    np.testing.assert_array_equal(SampleSummary.of(batch, all_of(batch), 60).copies, batch.reshape(2, 60))


def test_means_are_summed_in_double_precision() -> None:
    """16,777,216 + 1 is the first sum that single precision cannot hold."""
    batch = np.array([[2.0**24], [1.0], [1.0]], np.float32)
    assert SampleSummary.of(batch, all_of(batch), 4).sums.tolist() == [2.0**24 + 2]


@pytest.mark.parametrize("width", [2, 4])
def test_values_that_are_not_finite_leave_finite_copies(width: int) -> None:
    """Mixed or not, and nobody is warned."""
    batch = np.array([[np.nan, 1, 2, 3], [np.inf, -np.inf, -np.inf, np.inf], [1e30, 0, -1e30, 1]], np.float32)
    copies = SampleSummary.of(batch, all_of(batch), width).copies
    assert np.isfinite(copies).all()
    assert np.abs(copies).max() <= np.float32(LARGEST)
    assert np.isfinite(copies @ copies.T).all()


@settings(deadline=None)
@given(
    pictures=st.integers(1, 30),
    width=st.sampled_from([4, 16, 64]),
    cuts=st.lists(st.integers(1, 29), max_size=5),
    seed=st.integers(0, 1000),
)
def test_merged_shards_equal_the_whole(pictures: int, width: int, cuts: list[int], seed: int) -> None:
    """Copies are the same bit for bit, in order; means are but for rounding."""
    batch = normal(pictures, 3, 2, 4, seed=seed)
    chosen = np.random.default_rng(seed).random(pictures) < 0.6
    edges = sorted({0, *(cut for cut in cuts if cut < pictures), pictures})
    parts = [SampleSummary.of(batch[a:b], chosen[a:b], width) for a, b in pairwise(edges)]
    one, many = SampleSummary.of(batch, chosen, width), reduce(SampleSummary.merge, parts)
    assert one.pictures == many.pictures == pictures
    np.testing.assert_array_equal(one.copies, many.copies)
    np.testing.assert_allclose(one.mean, many.mean, rtol=1e-12, atol=1e-12)
