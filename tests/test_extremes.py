"""The pictures that units answer to most and least, held against a search of all and against other cuts."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.snapshot import Floats, Patches
from reportgen.statistics import ExtremesSummary
from reportgen.statistics.extremes import KEPT

SEED = 42
PARTS = ("picture", "row", "column", "response")


def whole(batch: Floats, seed: int = SEED) -> ExtremesSummary:
    """The summary of one pass over everything."""
    return ExtremesSummary.of(batch, 0, seed)


def shards(batch: Floats, cuts: list[int], seed: int = SEED) -> list[ExtremesSummary]:
    """The summaries of the pictures between these cuts."""
    edges = sorted({0, *cuts, len(batch)})
    return [ExtremesSummary.of(batch[a:b], a, seed) for a, b in pairwise(edges)]


def assert_same(one: Patches, other: Patches) -> None:
    """Every number of both is the same."""
    for part in PARTS:
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part), err_msg=part)


def coarse(shape: tuple[int, ...], seed: int, levels: int) -> Floats:
    """Random answers of so few levels that many are equal."""
    return np.random.default_rng(seed).integers(-levels, levels + 1, shape).astype(np.float32)


def searched(batch: Floats, unit: int, sign: int) -> list[tuple[int, float]]:
    """The pictures and strongest answers of one unit by Python's own sorting; sign -1 puts the largest first."""
    strongest = [(number, float(picture[..., unit].max())) for number, picture in enumerate(batch)]
    return sorted(strongest, key=lambda each: (sign * each[1], each[0]))[:KEPT]


def listed(patches: Patches, unit: int) -> list[tuple[int, float]]:
    """What the summary has kept of one unit."""
    return list(zip(patches.picture[unit].tolist(), patches.response[unit].tolist(), strict=True))


# --- the largest and the smallest ---


@pytest.mark.parametrize("shape", [(60, 5, 4, 3), (60, 3), (7, 2, 2, 1)])
def test_top_and_bottom_are_those_of_a_search(shape: tuple[int, ...]) -> None:
    """Many equal answers, maps and single numbers, and fewer pictures than are kept."""
    batch = coarse(shape, 1, 6)
    summary = whole(batch)
    for unit in range(shape[-1]):
        assert listed(summary.top, unit) == searched(batch, unit, -1)
        assert listed(summary.bottom, unit) == searched(batch, unit, 1)


def test_the_least_is_the_weakest_of_the_strongest_answers() -> None:
    """A picture with one very negative place still answers with its largest."""
    batch = np.array([[[[-9.0], [3.0]]], [[[1.0], [1.5]]]], np.float32)
    assert listed(whole(batch).bottom, 0) == [(1, 1.5), (0, 3.0)]


@pytest.mark.parametrize("kind", ["top", "bottom", "random"])
def test_a_place_is_where_the_unit_answers_most(kind: str) -> None:
    """In each picture kept, whatever it was kept for, the map has its largest value there."""
    batch = np.random.default_rng(2).normal(size=(50, 6, 9, 4)).astype(np.float32)
    patches = getattr(whole(batch), kind)
    for unit in range(4):
        for picture, row, column, response in zip(*(getattr(patches, part)[unit] for part in PARTS), strict=True):
            assert batch[picture, row, column, unit] == response == batch[picture, :, :, unit].max()


def test_equal_places_give_the_first() -> None:
    """In the order of reading."""
    batch = np.array([0, 1, 0, 1], np.float32).reshape(1, 2, 2, 1)
    assert (whole(batch).top.row.item(), whole(batch).top.column.item()) == (0, 1)


@pytest.mark.parametrize(("height", "width", "middle"), [(5, 3, (2, 1)), (4, 6, (2, 3)), (1, 1, (0, 0))])
def test_a_map_without_any_difference_gives_its_middle(height: int, width: int, middle: tuple[int, int]) -> None:
    """A corner would show a border that nobody answered to."""
    top = whole(np.zeros((1, height, width, 1), np.float32)).top
    assert (top.row.item(), top.column.item()) == middle


def test_single_numbers_stand_at_zero() -> None:
    """A dense unit has no places."""
    top = whole(coarse((5, 2), 0, 3)).top
    assert not top.row.any()
    assert not top.column.any()


@pytest.mark.parametrize("cuts", [[], [1], [2]])
def test_what_is_not_a_number_is_neither_most_nor_least(cuts: list[int]) -> None:
    """It comes after every other answer, infinite ones too, in one pass and in several."""
    batch = np.array([[np.nan], [np.inf], [-np.inf], [2.0]], np.float32)
    summary = reduce(ExtremesSummary.merge, shards(batch, cuts))
    assert summary.top.picture[0].tolist() == [1, 3, 2, 0]
    assert summary.bottom.picture[0].tolist() == [2, 3, 1, 0]


# --- at random ---


def test_random_pictures_are_the_same_for_all_units() -> None:
    """And each is drawn once."""
    random = whole(coarse((90, 3), 4, 5)).random
    assert len(set(random.picture[0].tolist())) == KEPT
    assert (random.picture == random.picture[0]).all()


def test_another_seed_draws_other_pictures() -> None:
    """The same seed the same, whatever the answers are."""
    drawn = [
        whole(coarse((200, 1), answers, 5), seed).random.picture.tolist()
        for answers, seed in ((0, 1), (1, 1), (0, 2))
    ]
    assert drawn[0] == drawn[1]
    assert set(drawn[0][0]) != set(drawn[2][0])


def test_every_picture_is_drawn_equally_often() -> None:
    """Over 400 seeds each of 100 pictures is expected 80 times, with a standard deviation of 8."""
    batch = np.zeros((100, 1), np.float32)
    drawn = np.concatenate([whole(batch, seed).random.picture[0] for seed in range(400)])
    counts = np.bincount(drawn, minlength=100)
    chi_square = ((counts - 80.0) ** 2 / 64).sum()
    assert counts.sum() == 400 * KEPT
    assert 50 < chi_square < 160


# --- cut and merged ---


@settings(deadline=None)
@given(
    pictures=st.integers(1, 70),
    places=st.one_of(st.none(), st.tuples(st.integers(1, 4), st.integers(1, 4))),
    cuts=st.lists(st.integers(1, 69), max_size=6),
    levels=st.integers(0, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_merged_shards_equal_the_whole(
    pictures: int, places: tuple[int, int] | None, cuts: list[int], levels: int, seed: int
) -> None:
    """However the pictures are cut, the same are kept, in the same order, though most answers are equal."""
    batch = coarse((pictures, *(places or ()), 3), seed, levels)
    one = whole(batch, seed)
    many = reduce(ExtremesSummary.merge, shards(batch, [cut for cut in cuts if cut < pictures], seed))
    assert one.searched == many.searched == pictures
    for kind in ("top", "bottom", "random"):
        assert_same(getattr(one, kind), getattr(many, kind))


@settings(deadline=None)
@given(order=st.permutations(range(5)), seed=st.integers(0, 1000))
def test_merging_does_not_depend_on_the_order(order: list[int], seed: int) -> None:
    """Workers may end in any order."""
    batch = coarse((60, 2, 3, 2), seed, 2)
    parts = shards(batch, [3, 11, 30, 41])
    merged = reduce(ExtremesSummary.merge, [parts[place] for place in order])
    for kind in ("top", "bottom", "random"):
        assert_same(getattr(merged, kind), getattr(whole(batch), kind))
