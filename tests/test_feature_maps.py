"""Scales of maps, units that hardly work, and class selectivity, on arrays made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.feature_maps import (
    MapScale,
    class_selectivity,
    is_spatial,
    map_scale,
    map_study,
    own_limits,
    pictured_classes,
    stretch,
    strongest_map,
    unit_states,
)
from reportgen.snapshot import Floats
from tests.factories import layer_at, observed, small_snapshot

LAYER_SCALE = MapScale(0.0, 4.0, "sequential", 0.0)


def of_units(*units: list[float]) -> Floats:
    """One list a unit, with its answer to each picture: (pictures, units)."""
    return np.array(units, np.float32).T


def selectivity(
    *units: list[float], labels: tuple[int, ...] = (0, 0, 1, 1, 2, 2), classes: int = 3
) -> list[float]:
    """The class selectivity of units with these answers."""
    found = class_selectivity(observed(of_units(*units), labels, classes).responses)
    return [float(each) for each in found]


# --- scales ---


def test_answers_that_are_never_negative_get_a_scale_from_zero() -> None:
    """Up to the 99.5th percentile of those above zero: of 1 … 201 that is 200."""
    values = np.concatenate([np.zeros(99), np.arange(1, 202)]).reshape(3, 10, 10, 1)
    scale = map_scale(observed(values))
    assert (scale.low, scale.high, scale.palette) == (0.0, 200.0, "sequential")
    assert scale.clipped == pytest.approx(1 / 300)


def test_answers_on_both_sides_get_a_symmetric_scale() -> None:
    """Zero stays in the middle, whichever side is stronger."""
    values = np.concatenate([-np.arange(1, 102), np.arange(102, 202)]).reshape(1, 3, 67, 1)
    scale = map_scale(observed(values))
    assert (scale.low, scale.high, scale.palette) == (-200.0, 200.0, "diverging")


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_maps_without_an_answer_have_the_scale_one(value: float) -> None:
    """Silence stays dark, and what is not finite sets no scale."""
    scale = map_scale(observed(np.full((2, 3, 3, 1), value)))
    assert (scale.low, scale.high, scale.clipped) == (0.0, 1.0, 0.0)


def test_each_map_can_have_its_own_limits() -> None:
    """From zero to its largest value; a map without an answer keeps the layer's scale."""
    maps = np.array([[[0, 1], [2, 0]], [[0, 0], [0, 0.5]], [[0, 0], [0, 0]]], np.float32)
    assert own_limits(maps, LAYER_SCALE).tolist() == [[0, 2], [0, 0.5], [0, 4]]


def test_own_limits_around_zero_are_symmetric() -> None:
    """The larger side decides."""
    scale = MapScale(-4.0, 4.0, "diverging", 0.0)
    assert own_limits(np.array([[[-3, 1]]], np.float32), scale).tolist() == [[-3, 3]]


def test_own_limits_leave_out_what_is_not_finite() -> None:
    """An infinite value does not swallow its map."""
    maps = np.array([[[np.inf, 2]], [[np.nan, np.nan]]], np.float32)
    assert own_limits(maps, LAYER_SCALE).tolist() == [[0, 2], [0, 4]]


def test_the_stretch_is_how_many_times_brighter_a_map_is_drawn() -> None:
    """A map of half the layer's scale is drawn twice as bright, a silent one as it is."""
    assert stretch(np.array([[0.0, 2.0], [0.0, 0.5], [0.0, 4.0]]), LAYER_SCALE).tolist() == [2, 8, 1]


@settings(deadline=None)
@given(arrays(np.float32, (4, 3, 5), elements=st.floats(-100, 100, width=16)))
def test_a_stretched_map_reaches_the_end_of_the_scale(maps: Floats) -> None:
    """A map's largest size times its stretch is the layer's scale, unless it is silent."""
    scale = map_scale(observed(maps.transpose(1, 2, 0)[None]))
    times = stretch(own_limits(maps, scale), scale)
    largest = np.abs(maps).max(axis=(1, 2))
    reached = (largest * times)[largest > 0]
    assert reached == pytest.approx(np.full(len(reached), scale.high))


def test_the_strongest_answer_at_each_place() -> None:
    """Over all units, place by place."""
    maps = np.array([[[1, 5], [2, 0]], [[-3, -1], [4, 4]]], np.float32)
    assert strongest_map(maps).tolist() == [[5, 2], [-1, 4]]


# --- units that hardly work ---


def test_dead_silent_and_tiny_units_are_told_apart() -> None:
    """Over 200 pictures: one unit never answers, one in a single picture, one always but faintly, one is well."""
    answers = np.zeros((200, 1, 2, 4))
    answers[7, 0, 1, 1] = 10
    answers[:, 0, 0, 2] = 0.05
    answers[::2, 0, 0, 3] = 20
    states = unit_states(observed(answers).responses)
    assert states.dead.tolist() == [True, False, False, False]
    assert states.silent.tolist() == [False, True, False, False]
    assert states.tiny.tolist() == [False, False, True, False]
    assert states.silent_share == pytest.approx([1, 1 - 1 / 400, 0.5, 0.75])


def test_a_unit_that_always_says_the_same_is_dead() -> None:
    """Whatever it says: nothing can be learned from it."""
    assert unit_states(observed(of_units([2, 2, 2], [0, 1, 2])).responses).dead.tolist() == [True, False]


def test_one_picture_in_a_hundred_is_not_silent() -> None:
    """The limit is below one in a hundred, counted in pictures."""
    once = [1.0] + [0.0] * 99
    assert unit_states(observed(of_units(once)).responses).silent.tolist() == [False]
    assert unit_states(observed(of_units([*once, 0.0])).responses).silent.tolist() == [True]


def test_one_picture_cannot_show_that_a_unit_is_dead() -> None:
    """A dense unit gives one number for one picture, which is its largest and its smallest."""
    assert not unit_states(observed(of_units([0.0], [3.0])).responses).dead.any()


def test_a_strong_negative_answer_is_not_tiny() -> None:
    """Strength is the size of an answer on either side."""
    assert not unit_states(observed(of_units([-9, -8], [0, 10])).responses).tiny.any()


def test_a_unit_that_is_not_finite_does_not_make_the_others_tiny() -> None:
    """Nor is it dead: it is something else."""
    states = unit_states(observed(of_units([0.0, np.inf], [np.nan, np.nan], [1, 2], [0, 0.001])).responses)
    assert states.dead.tolist() == [False] * 4
    assert states.tiny.tolist() == [False, False, False, True]


def test_a_layer_that_never_answers_is_dead_throughout() -> None:
    """No division by a strongest answer of zero."""
    states = unit_states(observed(np.zeros((5, 2, 2, 3))).responses)
    assert states.dead.all()
    assert not states.tiny.any()


# --- class selectivity ---


def test_a_unit_for_one_class_only_has_the_selectivity_one() -> None:
    """The other classes get nothing."""
    assert selectivity([0, 0, 3, 5, 0, 0]) == [1.0]


def test_a_unit_for_all_alike_has_the_selectivity_zero() -> None:
    """Every class has the same mean, though pictures differ."""
    assert selectivity([1, 3, 2, 2, 4, 0]) == [0.0]


def test_selectivity_by_hand() -> None:
    """Means 6, 2 and 1: (6 − 1.5) / (6 + 1.5) = 0.6."""
    assert selectivity([5, 7, 2, 2, 1, 1]) == pytest.approx([0.6])


def test_dead_units_have_no_selectivity() -> None:
    """Nothing is not a preference, nor is always the same."""
    assert np.isnan(selectivity([0] * 6, [2] * 6)).all()


def test_negative_answers_have_no_selectivity() -> None:
    """A share needs two positive parts."""
    assert np.isnan(selectivity([-1, 0, 0, 0, 3, 3])).all()


def test_a_class_without_pictures_is_left_out() -> None:
    """A network of four classes looked at with pictures of three."""
    assert selectivity([5, 7, 2, 2, 1, 1], labels=(0, 0, 3, 3, 1, 1), classes=4) == pytest.approx([0.6])


def test_classes_with_pictures_are_named() -> None:
    """By their number among all classes."""
    responses = observed(of_units([1.0, 2.0, np.nan], [1.0, 1.0, 1.0]), (3, 1, 1), 4).responses
    assert pictured_classes(responses).tolist() == [1, 3]


def test_without_labels_there_is_no_selectivity() -> None:
    """One missing number a unit."""
    assert np.isnan(selectivity([1, 2], [2, 1], labels=(), classes=0)).all()


def test_pictures_of_one_class_show_no_selectivity() -> None:
    """A favourite needs something to be preferred to."""
    assert np.isnan(selectivity([1, 2, 3], labels=(1, 1, 1), classes=3)).all()


def test_answers_that_are_not_finite_have_no_selectivity() -> None:
    """And raise no warning."""
    assert np.isnan(selectivity([np.inf, 0, 1, 1, 1, 1], [np.nan, 0, 1, 1, 1, 1])).all()


@settings(deadline=None)
@given(arrays(np.float32, (12, 5), elements=st.floats(0, 100, width=16)))
def test_selectivity_lies_between_zero_and_one(answers: Floats) -> None:
    """Where it is defined, and a plain loop finds the same."""
    labels = [0, 1, 2, 3] * 3
    found = class_selectivity(observed(answers, labels, 4).responses)
    for unit, value in enumerate(found):
        means = sorted(answers[label::4, unit].mean(dtype=float) for label in range(4))
        if np.isfinite(value):
            rest = sum(means[:-1]) / 3
            assert value == pytest.approx((means[-1] - rest) / (means[-1] + rest), abs=1e-6)
            assert 0 <= value <= 1


# --- studies ---


def test_a_study_needs_outputs() -> None:
    """A layer looked at without pictures has none."""
    assert map_study(layer_at(small_snapshot(pictures=0), 1)) is None


def test_a_study_shows_dead_units_of_the_trained_network_alone() -> None:
    """The twin's units are alive."""
    study = map_study(layer_at(small_snapshot(dead_units={1: [2]}), 1))
    assert study is not None
    assert study.states.dead.tolist() == [False, False, True, False]
    assert not study.states_before.dead.any()


def test_the_scale_is_that_of_the_trained_maps() -> None:
    """The twin is drawn on it as well, so that it sets none."""
    layer = layer_at(small_snapshot(), 1)
    assert layer.untrained is not None
    louder = replace(layer, untrained=replace(layer.untrained, maps=layer.untrained.maps * 100))
    before, after = map_study(layer), map_study(louder)
    assert before is not None
    assert after is not None
    assert before.scale == after.scale


@pytest.mark.parametrize(("index", "spatial"), [(1, True), (2, True), (5, False), (7, False)])
def test_maps_and_single_numbers_are_told_apart(index: int, *, spatial: bool) -> None:
    """Convolutions and pooling give maps, flattened and dense layers numbers."""
    assert is_spatial(layer_at(small_snapshot(), index)) is spatial
