"""The short answers of the front page, where the answer is known, and the numbers at the points of a chart."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from reportgen.analysis.claims import Verdict
from reportgen.analysis.importance import importance_study
from reportgen.analysis.study import Analysis, analyse
from reportgen.build import subject_of
from reportgen.pages.answers import ShortAnswer, short_answers
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.measurements import measurements
from reportgen.pages.parts import Dot
from reportgen.pages.words import LANGUAGES, Words
from reportgen.snapshot import Ablation
from tests.factories import small_snapshot
from tests.sites import CONFIG

SEED = 42
FILTER, NEEDED, DEAD, CONFUSED = (
    *("What is a filter?", "Which unit matters most, and how much?"),
    *("Is any filter or unit dead?", "What does it confuse most?"),
)
REFUTED, KNOWN = "Which sentences are not supported?", "How is that known?"


@cache
def small_analysis() -> Analysis:
    """What is measured of the small network."""
    return analyse(small_snapshot())


def answers(analysis: Analysis, language: str = "en") -> dict[str, ShortAnswer]:
    """The short answers by their questions."""
    context = Context(analysis, Words(language), Gallery(analysis), subject_of(CONFIG))
    found = short_answers(context)
    assert len({each.question for each in found}) == len(found)
    return {each.question: each for each in found}


def with_losses(losses: dict[int, list[int]], wins: dict[int, list[int]] | None = None) -> Analysis:
    """The small network, of which only these layers were tried: so many of 200 pictures each unit lost and won."""
    layers = []
    for study in small_analysis().layers:
        lost = np.array(losses.get(study.layer.index, []), np.int64)
        won = np.array((wins or {}).get(study.layer.index, [0] * len(lost)), np.int64)
        ablation = Ablation(200, 100, lost, won)
        found = importance_study(ablation, np.ones(len(lost), np.bool_), SEED) if len(lost) else None
        layers.append(replace(study, importance=found))
    return replace(small_analysis(), layers=tuple(layers))


def dying(counts: dict[int, int]) -> Analysis:
    """The small network, of whose layers the first so many units are dead, else none."""
    layers = []
    for study in small_analysis().layers:
        maps = study.maps
        if maps is not None:
            dead = np.arange(len(maps.states.dead)) < counts.get(study.layer.index, 0)
            maps = replace(maps, states=replace(maps.states, dead=dead))
        layers.append(replace(study, maps=maps))
    return replace(small_analysis(), layers=tuple(layers))


def units_of(index: int) -> int:
    """How many units a layer of the small network has."""
    maps = small_analysis().layer(index).maps
    assert maps is not None
    return len(maps.states.dead)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_an_answer_and_a_way_on(language: str) -> None:
    """Ten, in both languages; nothing is left to be filled in."""
    found = answers(small_analysis(), language)
    assert len(found) == 10
    assert all(each.text and each.link.path and each.link.title for each in found.values())
    assert not any(sign in each.text for each in found.values() for sign in "{}")


def test_of_a_network_that_was_shown_nothing_only_what_is_known_is_told() -> None:
    """No unit was counted dead, none was switched off, and nothing was confused."""
    found = answers(analyse(small_snapshot(pictures=0, recorded=False)))
    assert FILTER in found
    assert not {NEEDED, DEAD, CONFUSED} & set(found)


def test_a_unit_that_is_needed_is_named_with_its_price() -> None:
    """Unit 1 of the dense layer costs 60 of 200 pictures, more than any other."""
    text = answers(with_losses({1: [4, 0, 1], 6: [1, 60, 0]}))[NEEDED].text
    assert "unit 1: without it 30.0 fewer pictures in a hundred" in text
    assert "Tried with 200 pictures." in text
    assert "luck" not in text


def test_where_no_unit_is_needed_that_is_said_first() -> None:
    """One picture in two hundred is luck."""
    text = answers(with_losses({1: [0, 0, 1], 6: [0, 0, 0]}))[NEEDED].text
    assert text.startswith("No single unit is needed more than luck could explain.")
    assert "unit 2: without it 0.5 fewer" in text


def test_the_unit_that_is_needed_is_named_and_not_one_that_luck_explains() -> None:
    """Unit 0 costs more in all, 50 lost and 38 won; only unit 1 is more than luck, 11 lost and none won."""
    text = answers(with_losses({6: [50, 11, 0]}, {6: [38, 0, 0]}))[NEEDED].text
    assert "unit 1: without it 5.5 fewer" in text
    assert "luck" not in text


def test_where_nothing_is_lost_no_unit_is_named() -> None:
    """All that switching units off did was to help."""
    text = answers(with_losses({6: [0, 0]}, {6: [1, 2]}))[NEEDED].text
    assert text == "No single unit is needed more than luck could explain. Tried with 200 pictures."


def test_a_unit_of_the_answer_is_called_by_its_class() -> None:
    """And of those before it, none of which is needed, that is said."""
    last = small_analysis().layers[-1].layer.index
    text = answers(with_losses({1: [0, 0, 1], last: [0, 80]}))[NEEDED].text
    name = Context(small_analysis(), Words("en"), Gallery(small_analysis()), subject_of(CONFIG)).class_names[1]
    assert f"unit 1, which stands for “{name}”: without it 40.0 fewer" in text
    assert "Of the units before the answer none is needed" in text


def test_dead_units_are_counted_layer_by_layer() -> None:
    """None, one with its number, several."""
    text = answers(dying({3: 1, 6: 2}))[DEAD].text
    assert f"First convolution: none of {units_of(1)}." in text
    assert f"Second convolution: 1 of {units_of(3)}, number 0." in text
    assert f"Dense layer: 2 of {units_of(6)}." in text


def test_of_many_layers_only_the_worst_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many have dead units is told beside; or that none has."""
    monkeypatch.setattr("reportgen.pages.answers.MOST_NAMED", 2)
    text = answers(dying({3: 1, 6: 2}))[DEAD].text
    layers = sum(bool(each.weights and each.maps) for each in small_analysis().layers)
    worst = max((3, 6), key=lambda index: {3: 1, 6: 2}[index] / units_of(index))
    assert f"2 of {layers} layers have some; most: " in text
    assert f" of {units_of(worst)}" in text
    assert f"In {layers} layers there is none." in answers(dying({}))[DEAD].text


def test_sentences_that_are_not_supported_are_told_in_full() -> None:
    """As many as their verdicts; no question where there are none."""
    claims = small_analysis().claims
    turned = tuple(
        replace(each, verdict=Verdict.NOT_SUPPORTED if number < 6 else Verdict.SUPPORTED)
        for number, each in enumerate(claims)
    )
    found = answers(replace(small_analysis(), claims=turned))
    assert found[REFUTED].text.count("“") == 4
    assert found[REFUTED].text.endswith("And 2 more.")
    assert f"put to the test on this network: {len(claims)}. Supported: {len(claims) - 6}; not supported: 6" in (
        found[KNOWN].text
    )
    kept = replace(small_analysis(), claims=tuple(replace(each, verdict=Verdict.SUPPORTED) for each in claims))
    assert REFUTED not in answers(kept)


# --- numbers at the points of a chart ---


def test_every_point_has_its_number_once() -> None:
    """Over the higher line, under the lower one unless it lies at the foot; equal numbers are told once."""
    context = Context(small_analysis(), Words("en"), Gallery(small_analysis()), subject_of(CONFIG))
    for measurement in measurements(context):
        dots = measurement.plot.dots
        assert dots
        for across in {dot.across for dot in dots}:
            here = [dot for dot in dots if dot.across == across]
            assert len({dot.text for dot in here}) == len(here) <= 2
            assert [dot.side for dot in here][:1] == ["over"]
            assert [_down(dot) for dot in here] == sorted(map(_down, here))
            assert all(dot.side == ("under" if _down(dot) < 88 else "over") for dot in here[1:])


def test_the_numbers_at_the_points_are_those_of_the_table() -> None:
    """To the digits that the chart shows."""
    context = Context(small_analysis(), Words("en"), Gallery(small_analysis()), subject_of(CONFIG))
    selectivity = next(each for each in measurements(context) if each.id == "selectivity")
    told = {cell for row in selectivity.table.rows for cell in row.cells[:2]}
    assert {dot.text for dot in selectivity.plot.dots} == told


def _down(dot: Dot) -> float:
    return float(dot.down.removesuffix("%"))
