"""The measurements over all layers in words and numbers: what is compared with what, and sums that add up."""

import re
from dataclasses import replace

import pytest

from reportgen.analysis.intervals import Measured
from reportgen.analysis.spaces import Pair
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.measurements import Measurement, measurements
from reportgen.pages.words import LANGUAGES, WORD_JOINER, Words
from tests.factories import small_snapshot
from tests.sites import CONFIG


def measured(language: str = "en", probe: tuple[float, float] | None = None) -> dict[str, Measurement]:
    """The measurements of the small network, by name; on demand with these shares as those of every probe."""
    found = analyse(small_snapshot())
    if probe is not None:
        pair = Pair(*(Measured(each, each, each) for each in probe))
        found = replace(found, spaces=tuple(replace(row, probe=pair) for row in found.spaces))
    context = Context(found, Words(language), Gallery(found), subject_of(CONFIG))
    return {each.id: each for each in measurements(context)}


def number(text: str) -> float:
    """A number as it is written on a page."""
    return float(text.replace("−", "-").replace(WORD_JOINER, "").removesuffix("%"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_differences_are_those_of_the_numbers_beside_them(language: str) -> None:
    """Whoever subtracts the twin's number from that of the network gets what stands there."""
    for each in measured(language).values():
        for row in each.table.rows:
            trained, twin, difference = map(number, row.cells)
            assert round(trained - twin, 4) == difference


@pytest.mark.parametrize(
    ("probe", "cells"),
    [
        # By itself the difference would be 0.85, and written as 0.9 or 0.8.
        ((0.8604, 0.8519), ("86.0%", "85.2%", "+0.8")),
        ((0.7545, 0.7935), ("75.4%", "79.4%", "−4.0")),
        ((0.5, 0.5), ("50.0%", "50.0%", "+0.0")),
    ],
)
def test_a_difference_by_hand(probe: tuple[float, float], cells: tuple[str, str, str]) -> None:
    """Of rounded numbers, so that it may lie a tenth of a point beside the rounded difference."""
    assert {row.cells for row in measured(probe=probe)["probe"].table.rows} == {cells}


def test_the_widest_gap_names_what_was_measured() -> None:
    """The simple sorter is not the network; elsewhere the heading says what the number is."""
    found = measured(probe=(0.92, 0.55))
    assert re.search(
        r"^The gap is widest at this layer: .+\. From it the simple sorter names 92% of the pictures correctly "
        r"after training, and 55% in the untrained twin\.$",
        found["probe"].text,
    )
    others = [each.text for name, each in found.items() if name != "probe"]
    assert len(others) == 4
    for text in others:
        assert re.search(r"widest at this layer: .+\. \S+ after training, \S+ in the untrained twin\.$", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_braces(language: str) -> None:
    """In no text of a measurement."""
    for each in measured(language).values():
        assert not re.search(r"[{}]", each.text + each.title + each.table.caption)
