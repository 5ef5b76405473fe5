"""The definitions of the measures and of the terms: whole, filled in, and with a source."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from reportgen.analysis import representations
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.glossary import TERMS, USED, glossary_page
from reportgen.pages.measures import Measure, measures
from reportgen.pages.reference import Confusions, model_page
from reportgen.pages.words import LANGUAGES, Words
from reportgen.snapshot import Snapshot
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_stand_in_the_order_of_their_names(language: str) -> None:
    """Capitals count like small letters; Hangul stands in its own order, which is that of its code points."""
    names = [each.name for each in glossary_page(context(language)).terms]
    assert names == sorted(names, key=str.casefold)
    assert len(names) == len(TERMS)


def test_terms_that_pages_use_are_explained() -> None:
    """No page names a term that there is not, and none twice."""
    known = {address for address, _, _ in TERMS}
    assert all(set(each) <= known and len(set(each)) == len(each) for each in USED.values())
    assert {"unit", "convolution", "pooling", "dense", "bias"} <= set(USED["story.html"])


# --- the table of confusions ---


def page_of(snapshot: Snapshot) -> Context:
    """A snapshot's report in English."""
    analysis = analyse(snapshot)
    return Context(analysis, Words("en"), Gallery(analysis), subject_of(CONFIG))


def confusions(*rows: tuple[int, int, int]) -> Confusions:
    """The table of a network that answered like this."""
    snapshot = small_snapshot()
    assert snapshot.record is not None
    record = replace(snapshot.record, confusion=np.array(rows))
    found = model_page(page_of(replace(snapshot, record=record))).confusion
    assert found is not None
    return found


def test_right_answers_and_frequent_mistakes_stand_out() -> None:
    """Five of a hundred pictures are enough, four are not; an empty row holds nothing."""
    found = confusions((91, 5, 4), (0, 100, 0), (0, 0, 0))
    assert [[each.role for each in counts] for _, counts in found.rows] == [
        ["right", "often", ""],
        ["", "right", ""],
        ["", "", "right"],
    ]
    assert "lying taken for standing, 5 times" in found.text
    assert "at least 5% of a kind’s pictures" in found.text


def test_the_largest_mistake_is_told_where_none_stands_out() -> None:
    """Four of a hundred are the most; of nothing it is said that it stands out."""
    found = confusions((97, 1, 2), (0, 96, 4), (0, 0, 100))
    assert "standing taken for dot, 4 times" in found.text
    assert "colour" not in found.text


def test_no_mistakes_are_a_sentence() -> None:
    """All right."""
    assert confusions((1, 0, 0), (0, 1, 0), (0, 0, 1)).text.endswith("There is no mistake among them.")


@pytest.mark.parametrize(("epochs", "told"), [(2, False), (3, False), (4, True)])
def test_a_training_that_was_ended_says_why(epochs: int, told: bool) -> None:  # noqa: FBT001 - a table
    """The second round was kept, and two more brought nothing."""
    snapshot = small_snapshot()
    assert snapshot.record is not None
    facts = model_page(page_of(replace(snapshot, record=replace(snapshot.record, epochs=epochs)))).training
    assert [each.value[:10] for each in facts if each.name == "Why it ended"] == ["For 2 roun"] * told


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("0..1", "is divided down to 0 to 1, as"),
        ("-1..1", "is spread from −1 to 1, as"),
        ("0..255", "stays as it is, as"),
        ("imagenet-caffe", "is scaled as by imagenet-caffe, as"),
    ],
)
def test_every_scale_has_words(scale: str, said: str) -> None:
    """What became of the pixels stands on the card."""
    facts = model_page(page_of(replace(small_snapshot(), scale=scale, scale_origin="given"))).facts
    assert any(said in each.value for each in facts)
