"""What a layer's page says of all its units together, over studies made by hand."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from reportgen.analysis.study import Analysis, LayerStudy, analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.units import Units, units
from reportgen.pages.words import Words
from tests.factories import small_snapshot
from tests.sites import CONFIG

FIRST, DENSE = 1, 6


@cache
def small_analysis() -> Analysis:
    """What is measured of the small network."""
    return analyse(small_snapshot())


def units_of(study: LayerStudy) -> Units:
    """The units of a layer as its page has them."""
    context = Context(small_analysis(), Words("en"), Gallery(small_analysis()), subject_of(CONFIG))
    found = units(study, context, None, range(small_analysis().units_shown(study)))
    assert found is not None
    return found


def with_states(**states: list[bool]) -> LayerStudy:
    """The first convolution, whose units are in these states."""
    study = small_analysis().layer(FIRST)
    assert study.maps is not None
    none = np.zeros(len(study.maps.states.dead), np.bool_)
    flags = {name: np.array(states.get(name, none)) for name in ("dead", "silent", "tiny")}
    return replace(study, maps=replace(study.maps, states=replace(study.maps.states, **flags)))


def test_only_states_that_some_unit_is_in_can_be_picked() -> None:
    """Whoever picks one sees units."""
    total = units_of(with_states()).total
    first = [number == 0 for number in range(total)]
    assert [name for name, _ in units_of(with_states()).states_here] == ["alive"]
    assert [name for name, _ in units_of(with_states(dead=first)).states_here] == ["alive", "dead"]
    assert [name for name, _ in units_of(with_states(tiny=[True] * total)).states_here] == ["tiny"]


def test_a_dead_unit_shows_no_strongest_pictures() -> None:
    """It has none; the others show theirs."""
    total = units_of(with_states()).total
    found = units_of(with_states(dead=[number == 0 for number in range(total)])).units
    assert found[0].state_word == "dead"
    assert found[0].evidence.contact is None
    assert all(unit.evidence.contact for unit in found[1:])
    assert all(unit.state_word == "" for unit in found[1:])


@pytest.mark.parametrize(("share", "told"), [(0.05, True), (0.2, False)])
def test_answers_that_are_black_are_said_to_be(share: float, told: bool) -> None:  # noqa: FBT001 - a table
    """Below a tenth of the trained layer's scale nothing is seen."""
    study = small_analysis().layer(DENSE)
    assert study.maps is not None
    assert study.layer.untrained is not None
    maps = np.full_like(study.layer.untrained.maps, share * study.maps.scale.high)
    layer = replace(study.layer, untrained=replace(study.layer.untrained, maps=maps))
    assert bool(units_of(replace(study, layer=layer)).too_weak) == told
