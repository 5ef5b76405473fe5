"""The tuning of units, held against hand-computed indices and strengths, constructed curves and a plain count."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.stimuli import BAR, DOT, EDGE, FLAT, GRATING, Stimuli, columns_of, stimuli
from reportgen.analysis.tuning import (
    Caption,
    UnitTuning,
    chances,
    orientation_index,
    orientation_strength,
    tuning_study,
    unit_tuning,
)
from reportgen.snapshot import Doubles, Floats, TunedUnits, Tuning
from tests.factories import layer_at, small_snapshot

PICTURES = stimuli(28, 28, 1, 0.0, 1.0)
DRAWS = 199
curves = arrays(np.float64, 24, elements=st.floats(0, 8, width=16))


def answers_to(kind: str, curve: dict[float, float], width: float = 0, contrast: int = 0) -> Floats:
    """Answers of one unit, (1, pictures): some strength to each angle of one thing, and none to all else."""
    found = np.zeros((1, len(PICTURES.kinds)), np.float32)
    for angle, strength in curve.items():
        found[0, column(PICTURES, kind, angle, width, contrast)] = strength
    return found


def column(pictures: Stimuli, kind: str, angle: float, width: float = 0, contrast: int = 0) -> int:
    """The number of the one picture of this description."""
    same = (pictures.angle == angle) & (pictures.width == width) & (pictures.contrast == contrast)
    found = [number for number in columns_of(pictures, [kind]) if same[number]]
    assert len(found) == 1
    return int(found[0])


def edge_answers(curve: Doubles) -> Floats:
    """Answers of one unit to the 24 edges alone, in the order of their angles."""
    return answers_to(EDGE, {15 * number: strength for number, strength in enumerate(curve)})


def index_of(answers: Floats) -> float:
    """The orientation index of the only unit."""
    return float(orientation_index(answers, PICTURES)[0])


def tuned(answers: Floats, shuffled: float = 0.0) -> UnitTuning:
    """The tuning of units of which every shuffled strength is the same."""
    return unit_tuning(TunedUnits(answers, np.full((len(answers), DRAWS), shuffled)), PICTURES)


# --- the index ---


def test_a_unit_that_answers_to_one_angle_has_the_index_one() -> None:
    """Nothing is spread around the circle."""
    assert index_of(answers_to(BAR, {75: 3.0}, width=2, contrast=1)) == pytest.approx(1)
    assert index_of(answers_to(EDGE, {285: 3.0})) == pytest.approx(1)


def test_a_unit_that_answers_to_all_angles_alike_has_the_index_zero() -> None:
    """Whatever its strength."""
    assert index_of(edge_answers(np.full(24, 5.0))) == pytest.approx(0, abs=1e-12)


def test_two_angles_by_hand() -> None:
    """Equal answers at 0 and 30 degrees stand 60 apart when doubled: cos 30° is left of their sum."""
    found = tuned(answers_to(BAR, {0: 1.0, 30: 1.0}, width=1, contrast=-1))
    assert found.index == pytest.approx([np.sqrt(3) / 2])
    assert found.angle == pytest.approx([15])


def test_opposite_edges_are_one_orientation_and_crossed_ones_cancel() -> None:
    """An edge and its reverse run alike; an edge and one across it do not."""
    assert index_of(answers_to(EDGE, {30: 1.0, 210: 1.0})) == pytest.approx(1)
    assert index_of(answers_to(EDGE, {30: 1.0, 120: 1.0})) == pytest.approx(0, abs=1e-7)


def test_the_cosine_of_a_linear_edge_detector_has_the_index_a_third() -> None:
    """By its Fourier series, |cos φ| = 2/π + 4/(3π)·cos 2φ − …: half of 4/(3π), over 2/π."""
    curve = np.maximum(np.cos(np.radians(15 * np.arange(24) - 60)), 0)
    found = tuned(edge_answers(curve))
    assert found.index == pytest.approx([1 / 3], abs=0.01)
    assert found.angle == pytest.approx([60], abs=0.01)


@given(curves.filter(np.any), st.integers(1, 23), st.sampled_from([0.25, 2.0, 64.0]))
def test_the_index_knows_neither_strength_nor_where_the_circle_begins(
    curve: Doubles, places: int, factor: float
) -> None:
    """Scaled and turned, it stays, and it lies between 0 and 1."""
    index = index_of(edge_answers(curve))
    assert -1e-9 <= index <= 1 + 1e-9
    assert index_of(edge_answers(factor * np.roll(curve, places))) == pytest.approx(index, abs=1e-6)


@pytest.mark.parametrize("other", [-7.0, np.nan, np.inf, -np.inf])
def test_answers_below_zero_or_not_finite_count_as_none(other: float) -> None:
    """They change nothing."""
    answers = answers_to(EDGE, {45: 2.0})
    answers[0, column(PICTURES, EDGE, 90)] = other
    assert index_of(answers) == pytest.approx(1)


def test_a_unit_that_answers_to_nothing_has_no_index_and_no_name() -> None:
    """Silence has no direction."""
    found = tuned(np.full((1, len(PICTURES.kinds)), -1, np.float32))
    assert np.isnan([found.index[0], found.angle[0], found.p[0]]).all()
    assert (found.family, found.kind, found.captions, found.tuned.tolist()) == ((None,), (None,), (None,), [False])


# --- the strength ---


def strength_of(answers: Floats) -> float:
    """The orientation strength of the only unit."""
    return float(orientation_strength(answers, PICTURES)[0])


def test_the_strength_of_one_angle_by_hand() -> None:
    """A single answer of 3 among twelve angles: 2/12 · 3."""
    found = tuned(answers_to(BAR, {75: 3.0}, width=2, contrast=1))
    assert found.strength == pytest.approx([0.5])


def test_the_strength_of_two_angles_by_hand() -> None:
    """Answers of 1 at 0 and 30 degrees stand 60 apart when doubled: 2/12 · √3."""
    assert strength_of(answers_to(EDGE, {0: 1.0, 30: 1.0})) == pytest.approx(np.sqrt(3) / 6)


@pytest.mark.parametrize("phase", [0, 20, 135])
def test_the_strength_is_the_amplitude_of_what_turns_twice(phase: float) -> None:
    """Of 5 + 2·cos 2(θ − φ) + cos 6θ it is the 2, wherever it begins."""
    turns = np.radians(15 * np.arange(24))
    curve = 5 + 2 * np.cos(2 * (turns - np.radians(phase))) + np.cos(6 * turns)
    assert strength_of(edge_answers(curve)) == pytest.approx(2, abs=1e-5)


def test_doubled_answers_have_twice_the_strength_and_the_same_index() -> None:
    """The strength is in units of the answers; the index has none."""
    curve = np.random.default_rng(1).uniform(size=24)
    one, two = tuned(edge_answers(curve)), tuned(edge_answers(2 * curve))
    assert two.strength == pytest.approx(2 * one.strength)
    assert two.index == pytest.approx(one.index)


def test_an_answer_to_everything_adds_no_strength() -> None:
    """It lowers the index alone."""
    curve = np.random.default_rng(2).uniform(size=24)
    one, more = tuned(edge_answers(curve)), tuned(edge_answers(curve + 3))
    assert more.strength == pytest.approx(one.strength, rel=1e-5)
    assert more.index[0] < one.index[0] / 3


@given(curves)
def test_the_strength_is_the_index_times_twice_the_mean(curve: Doubles) -> None:
    """By their definitions, 2/n · |Σ| and |Σ| / Σ R; a unit that answers to nothing has none."""
    found = tuned(edge_answers(curve))
    expected = 2 * np.nan_to_num(found.index) * found.curve.mean(axis=1)
    assert found.strength == pytest.approx(expected, abs=2e-4 * curve.max(initial=0) + 1e-12)


# --- what it is taken over ---


def test_the_strongest_answer_at_an_angle_counts() -> None:
    """Of both polarities of an edge and of all bars, at each of the twelve angles; by hand."""
    answers = answers_to(EDGE, {0: 1.0, 180: 2.0, 345: 4.0}) + answers_to(BAR, {0: 3.0, 30: 1.0}, 2, -1)
    found = tuned(answers + answers_to(BAR, {30: 0.5}, width=4, contrast=1))
    assert found.curve.tolist() == [[3, 0, 1] + [0] * 8 + [4]]


@pytest.mark.parametrize("other", [GRATING, DOT, FLAT])
def test_other_pictures_do_not_count(other: str) -> None:
    """However strongly they are answered."""
    answers = answers_to(EDGE, {45: 2.0})
    answers[0, columns_of(PICTURES, [other])] = 9.0
    assert index_of(answers) == pytest.approx(1)


@pytest.mark.parametrize(("strength", "family"), [(1.05, EDGE), (1.15, BAR)])
def test_a_bar_must_be_a_tenth_better_than_any_edge(strength: float, family: str) -> None:
    """Else the unit is called after edges, since a wide bar is two of them."""
    answers = answers_to(EDGE, {90: 1.0}) + answers_to(BAR, {90: strength}, width=4, contrast=1)
    assert tuned(answers).family == (family,)


def test_the_curve_of_the_bars_is_that_of_the_best_ones() -> None:
    """Of all widths and contrasts those with the strongest answer."""
    best = answers_to(BAR, {30: 3.0, 45: 1.0}, width=2, contrast=-1)
    found = tuned(best + answers_to(BAR, dict.fromkeys(range(0, 180, 15), 2.0), width=1, contrast=1))
    assert (found.bar_width.tolist(), found.bar_contrast.tolist()) == ([2], [-1])
    assert found.bars[0].tolist() == [0, 0, 3, 1] + [0] * 8


def test_a_unit_that_answers_to_dots_alone_has_neither_index_nor_family() -> None:
    """But a kind."""
    answers = np.zeros((1, len(PICTURES.kinds)), np.float32)
    answers[0, columns_of(PICTURES, [DOT])[0]] = 2.0
    found = tuned(answers)
    assert (found.kind, found.family, found.captions) == ((DOT,), (None,), (None,))
    assert np.isnan(found.index[0])


def test_the_curve_of_the_edges_is_in_the_order_of_their_angles() -> None:
    """From 0 to 345 degrees."""
    assert tuned(edge_answers(np.arange(24.0))).edges.tolist() == [list(range(24))]


@pytest.mark.parametrize(
    ("strengths", "kind"),
    [
        ({FLAT: 1.0, EDGE: 1.0, BAR: 1.0}, FLAT),
        ({FLAT: 1.0, EDGE: 1.0005}, FLAT),
        ({DOT: 1.0, BAR: 1.1}, BAR),
        ({EDGE: 1.0, GRATING: 1.2}, GRATING),
    ],
)
def test_the_simplest_of_equally_strong_kinds_is_named(strengths: dict[str, float], kind: str) -> None:
    """A unit that answers as much to plain white has no need of an edge."""
    answers = np.zeros((1, len(PICTURES.kinds)), np.float32)
    for each, strength in strengths.items():
        answers[0, columns_of(PICTURES, [each])[0]] = strength
    assert tuned(answers).kind == (kind,)


# --- chance ---


def test_chances_by_hand() -> None:
    """Of four shuffled strengths two reach 0.5: (1 + 2) / (1 + 4); none reaches 0.9: 1 / 5."""
    shuffled = np.array([[0.1, 0.5, 0.7, 0.2]] * 2)
    assert chances(np.array([0.5, 0.9]), shuffled).tolist() == [0.6, 0.2]


def test_shuffled_units_that_answer_to_nothing_have_no_strength() -> None:
    """Two answer to nothing: they do not reach 0.15, and in the mean they count as zero: (0.1 + 0.2) / 4."""
    silent = orientation_strength(np.zeros((2, len(PICTURES.kinds)), np.float32), PICTURES)
    shuffled = np.array([[silent[0], 0.1, 0.2, silent[1]]])
    assert chances(np.array([0.15]), shuffled).tolist() == [2 / 5]
    found = unit_tuning(TunedUnits(answers_to(EDGE, {0: 1.0}), shuffled), PICTURES)
    assert found.chance_mean == pytest.approx([0.075])


def test_the_same_strength_in_other_last_digits_reaches_it() -> None:
    """Else a kernel that no order changes would look tuned."""
    assert chances(np.array([0.3]), np.full((1, 99), 0.3 - 1e-6)).tolist() == [1]


@pytest.mark.parametrize("strength", [0.4, 0.0])
def test_where_nothing_was_shuffled_there_is_no_chance(strength: float) -> None:
    """And nobody is tuned."""
    assert np.isnan(chances(np.array([strength]), np.zeros((1, 0)))).all()
    found = unit_tuning(TunedUnits(answers_to(EDGE, {0: 1.0}), np.zeros((1, 0))), PICTURES)
    assert not found.tuned.any()
    assert np.isnan([found.chance_mean, found.chance_low, found.chance_high]).all()


def test_chance_has_its_mean_and_its_ends() -> None:
    """Of 0, 0.001 … 1: the mean is a half, and 95 of 100 lie between 0.025 and 0.975."""
    found = unit_tuning(TunedUnits(answers_to(EDGE, {0: 1.0}), np.linspace(0, 1, 1001)[None]), PICTURES)
    ends = [*found.chance_mean, *found.chance_low, *found.chance_high]
    assert ends == pytest.approx([0.5, 0.025, 0.975])


def test_many_units_must_stand_together() -> None:
    """By hand: p = 1/200 alone stands among 10 units, at the bar of 0.05/10, and not among 11."""
    one = answers_to(EDGE, {0: 1.0})
    for units, stands in ((10, True), (11, False)):
        shuffled = np.ones((units, DRAWS))
        shuffled[0] = 0
        found = unit_tuning(TunedUnits(np.repeat(one, units, axis=0), shuffled), PICTURES)
        assert found.tuned.tolist() == [stands] + [False] * (units - 1)


def test_chance_does_not_depend_on_the_unit_that_strength_is_measured_in() -> None:
    """All answers and all shuffled strengths doubled, p is the same."""
    strength, shuffled = np.array([0.3]), np.random.default_rng(4).uniform(size=(1, 99))
    assert chances(2 * strength, 2 * shuffled) == pytest.approx(chances(strength, shuffled))


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_equal_answers_are_not_tuned_by_their_last_digits(noise: float) -> None:
    """Even where all the shuffled kernels are silent: all reach a strength of none, so that p is one."""
    curve = 5 * (1 + noise * np.random.default_rng(5).normal(size=24))
    found = tuned(edge_answers(curve), shuffled=0.0)
    assert (found.strength.tolist(), found.p.tolist(), found.tuned.tolist()) == ([0], [1], [False])


def test_a_strong_unit_beats_shuffles_that_hardly_answer() -> None:
    """Their index is 1 and its own a third, but they are a thousand times weaker."""
    curve = np.maximum(np.cos(np.radians(15 * np.arange(24))), 0)
    hardly = answers_to(EDGE, {60: 1e-3})
    assert index_of(hardly) > index_of(edge_answers(curve))
    assert tuned(edge_answers(curve), shuffled=strength_of(hardly)).tuned.all()


# --- captions ---

EDGE_CAPTIONS = {
    0: ("level", "above"), 15: ("level", "above"), 30: ("up_right", "above_left"),
    45: ("up_right", "above_left"), 60: ("up_right", "above_left"), 75: ("upright", "left"),
    90: ("upright", "left"), 105: ("upright", "left"), 120: ("up_left", "below_left"),
    135: ("up_left", "below_left"), 150: ("up_left", "below_left"), 165: ("level", "below"),
    180: ("level", "below"), 195: ("level", "below"), 210: ("up_right", "below_right"),
    225: ("up_right", "below_right"), 240: ("up_right", "below_right"), 255: ("upright", "right"),
    270: ("upright", "right"), 285: ("upright", "right"), 300: ("up_left", "above_right"),
    315: ("up_left", "above_right"), 330: ("up_left", "above_right"), 345: ("level", "above"),
}  # fmt: skip
"""By hand: bright lies a quarter turn counter-clockwise from the angle."""


@pytest.mark.parametrize("angle", EDGE_CAPTIONS)
def test_an_edge_is_named_by_its_nearest_direction_and_its_bright_side(angle: int) -> None:
    """At every angle around the circle."""
    assert tuned(answers_to(EDGE, {angle: 1.0})).captions == (Caption(EDGE, *EDGE_CAPTIONS[angle], 0),)


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_a_bar_is_named_by_its_nearest_direction_and_its_contrast(angle: int) -> None:
    """A bar has no bright side."""
    found = tuned(answers_to(BAR, {angle: 1.0}, width=2, contrast=-1))
    assert found.captions == (Caption(BAR, EDGE_CAPTIONS[angle][0], None, -1),)


@pytest.mark.parametrize(("reverse", "side"), [(0.4, "left"), (0.5, "left"), (0.6, None), (1.0, None)])
def test_a_bright_side_is_named_where_the_reverse_does_half_as_well_at_most(
    reverse: float, side: str | None
) -> None:
    """Else both sides may be the bright one."""
    caption = tuned(answers_to(EDGE, {90: 1.0, 270: reverse})).captions[0]
    assert caption == Caption(EDGE, "upright", side, 0)


def test_only_what_is_tuned_has_a_caption() -> None:
    """The same answers get none where chance reaches as high."""
    answers = answers_to(EDGE, {90: 1.0})
    assert tuned(answers, shuffled=0.9 / 6).captions != (None,)
    assert tuned(answers, shuffled=1.1 / 6).captions == (None,)


@pytest.mark.parametrize(("across", "names"), [(0.45, 1), (0.5, 1), (0.55, 0)])
def test_a_caption_needs_twice_the_answer_across(across: float, names: int) -> None:
    """At 90 degrees against 0, where all else lies halfway."""
    curve = np.tile((1 + across) / 2 + (1 - across) / 2 * -np.cos(np.radians(30 * np.arange(12))), 2)
    found = tuned(edge_answers(curve.astype(np.float32)))
    assert found.tuned.tolist() == [True]
    assert len([each for each in found.captions if each]) == names


def test_a_strong_and_nearly_unoriented_unit_is_not_named() -> None:
    """A hundred times stronger than chance, so that it is tuned, but it answers to all angles."""
    turns = np.radians(15 * np.arange(24))
    found = tuned(edge_answers(100 + 5 * np.cos(2 * turns)), shuffled=0.05)
    assert (found.tuned.tolist(), found.captions) == ([True], (None,))
    assert found.index[0] < 0.03


def test_a_unit_that_a_dot_excites_more_has_no_caption() -> None:
    """It may be tuned, but the edge is not what it answers to most."""
    answers = answers_to(EDGE, {90: 1.0})
    answers[0, columns_of(PICTURES, [DOT])[0]] = 2.0
    found = tuned(answers)
    assert (found.tuned.tolist(), found.captions) == ([True], (None,))


# --- the study of a layer ---


def test_a_layer_has_both_networks_and_the_number_of_draws() -> None:
    """After training first."""
    after, before = answers_to(EDGE, {0: 1.0}), edge_answers(np.ones(24))
    tuning = Tuning(TunedUnits(after, np.zeros((1, DRAWS))), TunedUnits(before, np.zeros((1, DRAWS))))
    found = tuning_study(replace(layer_at(small_snapshot(), 1), tuning=tuning), PICTURES)
    assert found is not None
    assert (found.after.index[0], found.before.index[0]) == pytest.approx((1, 0), abs=1e-7)
    assert found.draws == DRAWS


def test_a_layer_that_was_shown_nothing_has_no_study() -> None:
    """As in a snapshot without pictures."""
    assert tuning_study(replace(layer_at(small_snapshot(), 1), tuning=None), PICTURES) is None


def test_answers_to_other_pictures_are_refused() -> None:
    """A smaller picture has fewer sizes of bars, so that the columns would mean other things."""
    units = TunedUnits(answers_to(EDGE, {0: 1.0}), np.zeros((1, 0)))
    with pytest.raises(ValueError, match="131 answers"):
        unit_tuning(units, stimuli(10, 10, 1, 0.0, 1.0))
