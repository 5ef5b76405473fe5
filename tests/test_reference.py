"""The definitions of the measures and of the terms: whole, filled in, and with a source."""

import re
from functools import cache

import pytest

from reportgen.analysis import representations
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.glossary import TERMS
from reportgen.pages.measures import Measure, measures
from reportgen.pages.words import LANGUAGES, Words
from tests.factories import small_snapshot
from tests.sites import CONFIG

WITHOUT_A_PAPER = {
    "Share of zeros", "Dead, silent, tiny", "Strongest inputs", "Patches", "Class mix", "Rebuilding", "Formation",
    "Likeness under change", "Agreement of seeds",
}  # fmt: skip
"""Measures that are counted or defined here, so that their definition is all that there is to know."""


@cache
def context(language: str) -> Context:
    """The small network's report in a language."""
    analysis = analyse(small_snapshot())
    return Context(analysis, Words(language), Gallery(analysis), subject_of(CONFIG))


def defined(language: str = LANGUAGES[0]) -> list[Measure]:
    """Every measure that is defined on the page."""
    return [each for group in measures(context(language)) for each in group.measures]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_definition_is_filled_in(language: str) -> None:
    """No placeholder is left, in any language."""
    assert [each.title for each in defined(language) if re.search(r"[{}]", each.title + each.text)] == []


def test_no_measure_is_defined_twice() -> None:
    """Each has its own title."""
    titles = [each.title for each in defined()]
    assert len(set(titles)) == len(titles)


def test_every_measure_names_its_source() -> None:
    """An author and a year, but for what is only counted."""
    found = {
        each.title for each in defined() if not re.search(r"[A-Z][\w ]+ (19|20)\d\d|\((19|20)\d\d\)", each.text)
    }
    assert found == WITHOUT_A_PAPER


def test_settings_are_those_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a setting changes, the definition changes with it."""
    monkeypatch.setattr(representations, "RIDGE", 0.25)
    monkeypatch.setattr(representations, "SCATTERED", 1234)
    text = " ".join(each.text for each in defined())
    assert "25% of the pictures’ mean squared distance" in text
    assert "1,234 pictures" in text


@pytest.mark.parametrize(("address", "text"), [(address, text) for address, _, text in TERMS])
def test_a_term_is_explained_in_two_sentences(address: str, text: str) -> None:
    """No more, so that it can be read in passing, and no less."""
    assert len(re.findall(r"[.?!](?: |$)", text)) == 2, address
