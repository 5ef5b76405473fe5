"""What can be read off the layers, held against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.analysis.changes import CHANGES
from reportgen.analysis.intervals import Measured
from reportgen.analysis.spaces import (
    SpaceRow,
    detail_loss,
    likeness,
    likeness_growth,
    over_twins,
    probe,
    probe_growth,
    rebuilt,
    space_rows,
)
from reportgen.snapshot import Doubles, Flags, Floats, Space
from tests.factories import layer_at, small_snapshot, with_layer

SEED = 42
NONE, NO_FLAGS = np.zeros(0), np.zeros(0, np.bool_)
intervals = st.tuples(*[st.floats(-5, 5)] * 3).map(sorted).map(lambda ends: Measured(ends[1], ends[0], ends[2]))


def space(
    right: Flags = NO_FLAGS,
    error: Doubles = NONE,
    spread: Doubles = NONE,
    alike: Floats | Doubles | None = None,
) -> Space:
    """A space of which only some measures are given."""
    rows = np.zeros((len(CHANGES), 0)) if alike is None else alike
    return Space(10, right, error, spread, np.zeros((0, 2), np.float32), np.zeros(2), rows.astype(np.float32))


# --- single measures ---


def test_the_probes_accuracy_is_the_share_of_flags() -> None:
    """Three of four pictures; the interval goes from a quarter, drawn once in twenty, to all."""
    assert probe(space(np.array([True, True, False, True])), SEED) == Measured(0.75, 0.25, 1.0)


def test_what_is_rebuilt_is_one_less_the_share_of_the_error() -> None:
    """1 − (1 + 2 + 0) / (4 + 2 + 6): sums are divided, not the pictures' own shares averaged."""
    found = rebuilt(space(error=np.array([1.0, 2, 0]), spread=np.array([4.0, 2, 6])), SEED)
    assert found is not None
    assert found.value == pytest.approx(0.75)
    # Every draw is between three times the worst picture and three times the best.
    assert (found.low, found.high) == pytest.approx((0, 1))


def test_a_rebuilding_worse_than_the_mean_picture_is_below_zero() -> None:
    """Errors of thrice the spread leave minus two."""
    found = rebuilt(space(error=np.full(6, 3.0), spread=np.ones(6)), SEED)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((-2, -2, -2))


def test_the_interval_of_what_is_rebuilt_is_in_order() -> None:
    """Low and high change places where the lost share is taken from one."""
    random = np.random.default_rng(0)
    found = rebuilt(space(error=random.random(40), spread=1 + random.random(40)), SEED)
    assert found is not None
    assert found.low < found.value < found.high


def test_the_likeness_is_the_mean_over_the_pictures_of_one_change() -> None:
    """The row of the change alone; pictures without a number are left out."""
    rows = np.arange(len(CHANGES))[:, np.newaxis] + np.array([0.25, 0.75, np.nan])
    for change in range(len(CHANGES)):
        found = likeness(space(alike=rows), change, SEED)
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((change + 0.5, change + 0.25, change + 0.75))


@pytest.mark.parametrize("pictures", [0, 1])
def test_of_one_picture_nothing_is_measured(pictures: int) -> None:
    """There is no interval."""
    one = np.ones(pictures)
    made = space(one > 0, one, one, np.ones((len(CHANGES), pictures)))
    assert (probe(made, SEED), rebuilt(made, SEED), likeness(made, 0, SEED)) == (None, None, None)


# --- growth ---


def test_growths_are_those_picture_by_picture() -> None:
    """By hand, and with no width where every picture changes alike."""
    first = space(np.array([True, False] * 4), np.full(8, 1.0), np.full(8, 4.0), np.full((5, 8), 0.25))
    last = space(np.ones(8, np.bool_), np.full(8, 3.0), np.full(8, 4.0), np.full((5, 8), 0.75))
    assert detail_loss(first, last, SEED) == Measured(0.5, 0.5, 0.5)
    assert likeness_growth(first, last, 1, SEED) == Measured(0.5, 0.5, 0.5)
    grown = probe_growth(first, last, SEED)
    assert grown is not None
    assert grown.value == 0.5
    assert grown.low < 0.5 < grown.high


def test_growth_and_its_reverse_are_each_others_mirror() -> None:
    """From last to first, all signs turn."""
    random = np.random.default_rng(3)
    one, other = (
        space(random.random(30) < 0.5, random.random(30), np.ones(30), random.random((5, 30))) for _ in range(2)
    )
    for there, back in (
        (probe_growth(one, other, SEED), probe_growth(other, one, SEED)),
        (detail_loss(one, other, SEED), detail_loss(other, one, SEED)),
        (likeness_growth(one, other, 2, SEED), likeness_growth(other, one, 2, SEED)),
    ):
        assert there is not None
        assert back is not None
        assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


# --- several twins ---


def point(value: float) -> Measured:
    """A number that is known exactly."""
    return Measured(value, value, value)


def test_three_twins_are_put_together_by_hand() -> None:
    """1, 2 and 6 have the mean 3 and the deviation √7; 4.303 · √7 · √(4/3) are 13.146."""
    found = over_twins([Measured(1, 0.5, 1.5), Measured(2, -1, 2.5), Measured(6, 5, 6.5)])
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((3 - 13.146, 3, 3 + 13.146), abs=0.001)


def test_two_twins_are_put_together_by_hand() -> None:
    """0 and 1 have the mean ½ and the deviation √½; 12.706 · √½ · √(3/2) are 11.004."""
    found = over_twins([point(0), point(1)])
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((-10.504, 0.5, 11.504), abs=0.001)


def test_twins_of_one_value_reach_as_far_as_the_widest() -> None:
    """From the lowest low to the highest high."""
    assert over_twins([Measured(1, 0.5, 1.5), Measured(1, -1, 2), Measured(1, 1, 4)]) == Measured(1, -1, 4)


@given(st.lists(intervals, min_size=1, max_size=3))
def test_the_interval_over_twins_holds_all_of_theirs(twins: list[Measured]) -> None:
    """The value lies among theirs, and as many twins that are farther apart have no narrower interval."""
    found = over_twins(twins)
    assert found is not None
    assert all(found.low <= each.low and each.high <= found.high for each in twins)
    values = [each.value for each in twins]
    assert min(values) - 1e-9 <= found.value <= max(values) + 1e-9
    wider = over_twins([point(2 * each.value - found.value) for each in twins])
    narrower = over_twins([point(each.value) for each in twins])
    assert wider is not None
    assert narrower is not None
    assert wider.high - wider.low >= narrower.high - narrower.low - 1e-9


@pytest.mark.parametrize("count", [2, 3])
def test_one_more_twin_lies_in_the_interval_in_95_of_100_cases(count: int) -> None:
    """Of 4,000 families drawn from one normal distribution."""
    families = np.random.default_rng(count).normal(3, 2, (4000, count + 1))
    hits = 0
    for *known, another in families.tolist():
        found = over_twins([point(each) for each in known])
        assert found is not None
        hits += found.low <= another <= found.high
    assert hits / 4000 == pytest.approx(0.95, abs=0.012)


def test_one_twin_stands_for_itself() -> None:
    """Nothing changes."""
    assert over_twins([Measured(1, 0.5, 1.5)]) == Measured(1, 0.5, 1.5)


@pytest.mark.parametrize("twins", [[], [None], [Measured(1, 0, 2), None]])
def test_a_twin_that_was_not_measured_leaves_nothing(twins: list[Measured | None]) -> None:
    """The others are not all that there is."""
    assert over_twins(twins) is None


# --- rows ---


def rows_by_layer() -> dict[int, SpaceRow]:
    """The rows of the small network."""
    return {row.layer: row for row in space_rows(small_snapshot(), SEED)}


def test_there_is_a_row_for_the_picture_and_for_every_layer_that_changes_numbers() -> None:
    """Not for the flattening."""
    assert list(rows_by_layer()) == [0, 1, 2, 3, 4, 6, 7]


def test_the_pictures_row_is_the_same_with_and_without_training() -> None:
    """The pixels are the twin's too."""
    row = rows_by_layer()[0]
    assert row.size == 144
    for pair in (row.probe, row.rebuilt, *row.likeness):
        assert pair is not None
        assert pair.trained == pair.untrained


def test_a_row_holds_the_measures_of_both_networks() -> None:
    """Those of the layer's own spaces."""
    layer, row = layer_at(small_snapshot(), 3), rows_by_layer()[3]
    assert layer.space is not None
    assert row.size == layer.space.size
    assert row.probe is not None
    assert row.probe.trained.value == layer.space.probe_right.mean()
    assert row.probe.untrained.value == layer.twin_spaces[0].probe_right.mean()
    assert row.rebuilt is not None
    assert row.rebuilt.untrained == rebuilt(layer.twin_spaces[0], SEED)
    assert len(row.likeness) == len(CHANGES)
    assert row.likeness[4] is not None
    assert row.likeness[4].trained.value == pytest.approx(float(layer.space.likeness[4].mean()))


def test_a_row_puts_several_twins_together() -> None:
    """The mean of two."""
    layer = layer_at(small_snapshot(), 3)
    assert layer.space is not None
    twins = layer.space, layer.twin_spaces[0]
    snapshot = with_layer(small_snapshot(), replace(layer, twin_spaces=twins))
    row = next(each for each in space_rows(snapshot, SEED) if each.layer == 3)
    assert row.probe is not None
    assert row.probe.untrained == over_twins([probe(each, SEED) for each in twins])


def test_without_labels_only_the_probe_is_missing() -> None:
    """Detail and likeness need none."""
    for row in space_rows(small_snapshot(labelled=False), SEED):
        assert row.probe is None
        assert row.rebuilt is not None


@pytest.mark.parametrize("pictures", [0, 2])
def test_without_spaces_there_are_no_rows(pictures: int) -> None:
    """Nobody looked, or at too little."""
    assert space_rows(small_snapshot(pictures=pictures), SEED) == ()
