"""The cards of all claims: words in every language, how numbers are written, and where they lie on the tape."""

import re
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.claims import Claim, Verdict, cannot_tell
from reportgen.analysis.intervals import Measured
from reportgen.analysis.study import Analysis, analyse
from reportgen.build import subject_of
from reportgen.pages.cards import PHRASES, claim_card, claim_cards, few_of_each_kind, others_in_words
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.parts import ClaimCard, Tape
from reportgen.pages.phrases import Phrases, tape_top, told, written
from reportgen.pages.words import LANGUAGES, Words
from tests.factories import layer_at, small_snapshot
from tests.sites import CONFIG

KINDS = sorted(PHRASES)
ZERO = Measured(0, 0, 0)
UNITS = {"separable": "points", "weights_moved": "percent", "lookalikes": "number", "settles_first": "epochs"}
"""A claim for each unit."""


@cache
def small_analysis() -> Analysis:
    """What is measured of the small network."""
    return analyse(small_snapshot())


def view(language: str = "en", analysis: Analysis | None = None) -> Context:
    """One language's view of the small network, or of another analysis."""
    found = analysis or small_analysis()
    return Context(found, Words(language), Gallery(found), subject_of(CONFIG))


def claim(kind: str, value: float, reference: Measured = ZERO, **changed: object) -> Claim:
    """A claim of a kind with this number, and no interval."""
    (first, *_) = small_analysis().claims_of(kind)
    found = replace(first, value=value, low=None, high=None, reference=reference)
    return replace(found, **changed)  # type: ignore[arg-type]  # fields of every type


def card(kind: str, value: float, reference: Measured = ZERO, **changed: object) -> ClaimCard:
    """The card of such a claim in English."""
    return claim_card(claim(kind, value, reference, **changed), view())


def texts(found: ClaimCard) -> list[str]:
    """All that a card says."""
    tape = found.tape
    on_tape = [tape.start, tape.end, tape.reference.text, tape.value.text] if tape else []
    plain = [getattr(found, each.name) for each in fields(found)]
    return [each for each in plain if isinstance(each, str)] + on_tape


# --- words for every claim ---


def test_every_claim_that_can_be_made_has_words_and_no_words_are_left_over() -> None:
    """The small network gets one of each kind."""
    assert {each.kind for each in small_analysis().claims} == set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_a_card_with_all_its_words_filled_in(language: str) -> None:
    """No placeholder is left, and nothing that must be said is empty."""
    for each in small_analysis().claims:
        found = claim_card(each, view(language))
        assert not [text for text in texts(found) if "{" in text or "}" in text]
        assert all((found.sentence, found.figure, found.verdict_word, found.versus, found.method, found.technical))
        assert found.id == each.id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_that_was_not_measured_says_so(kind: str, language: str) -> None:
    """Without a number, a detail, a reference, or a place on a tape."""
    first = small_analysis().claims_of(kind)[0]
    layer = layer_at(small_snapshot(), first.layer)
    context = view(language)
    found = claim_card(cannot_tell(kind, layer, first.against), context)
    missing = context.words.gettext("This could not be measured on this network.")
    assert found.versus.startswith(missing)
    assert (found.figure, found.unit, found.unit_word, found.reference, found.tape) == ("?", "", "", "", None)
    assert (found.verdict, found.verdict_word) == ("unknown", context.words.gettext("Cannot tell"))
    assert not [text for text in texts(found) if "{" in text or "}" in text]


def test_why_filters_were_not_found_again_is_told_where_it_is_known() -> None:
    """There is no other training on record; where there are some, that is not the reason."""
    alone = analyse(small_snapshot(without=["siblings"]))
    (found,) = claim_cards(view(analysis=alone), "same_filters")
    assert found.versus == (
        "This could not be measured on this network. No other training of this network is on record."
    )
    layer = layer_at(small_snapshot(), 1)
    other = claim_card(cannot_tell("same_filters", layer, "chance"), view())
    assert other.versus == "This could not be measured on this network."


def test_cards_are_found_by_kind_and_layer() -> None:
    """All of a kind, or that of one layer."""
    assert [each.id for each in claim_cards(view(), "favourite_class")] == [
        *("favourite-class-01", "favourite-class-03", "favourite-class-06")
    ]
    assert [each.id for each in claim_cards(view(), "favourite_class", 3)] == ["favourite-class-03"]


@pytest.mark.parametrize(
    ("verdict", "mark", "word"),
    [
        (Verdict.SUPPORTED, "yes", "Supported"),
        (Verdict.NOT_SUPPORTED, "no", "Not supported"),
        (Verdict.CANNOT_TELL, "unknown", "Cannot tell"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_verdict_stands_on_the_card(kind: str, verdict: Verdict, mark: str, word: str) -> None:
    """Whichever it is, for every kind, and whatever the number says."""
    found = card(kind, 0.5, verdict=verdict)
    assert (found.verdict, found.verdict_word) == (mark, word)


def test_languages_have_words_of_their_own_and_the_same_numbers() -> None:
    """A verdict is translated, a number is not."""
    for each in small_analysis().claims:
        english, korean = (claim_card(each, view(language)) for language in ("en", "ko"))
        assert korean.verdict_word != english.verdict_word
        assert (korean.figure, korean.unit) == (english.figure, english.unit)


@pytest.mark.parametrize(
    ("kind", "details", "told_of"),
    [
        ("oriented", {"tuned": 9, "units": 12, "draws": 199}, ["9 of 12 filters", "in 199 copies"]),
        ("background", {"answering": 3, "units": 12}, ["3 of 12 filters"]),
        (
            "few_matter",
            {"lost": 77, "costliest": 2, "needed": 5, "units": 13},
            ["77 answers", "the 2 units", "5 of 13"],
        ),
        (
            "fewer_patterns",
            {"rank": 3.6, "filters": 12, "untrained": 9.4},
            ["The 12 filters", "3.6 that", "as 9.4 filters"],
        ),
        (
            "same_filters",
            {"seeds": 2, "untrained": 0.51, "draws": 199},
            ["2 more trainings", "give 0.51", "199 draws"],
        ),
        (
            "settles_first",
            {"first": 0.75, "last": 2.25, "last_layer": 3, "even_first": 0.5, "even_last": 0.9},
            ["after 0.75 rounds", "second convolution", "after 2.25", "would be 0.40"],
        ),
        (
            "not_separable_untrained",
            {"pixels": 0.5, "last": 0.45},
            ["names 45.0% of", "50.0% from the bare picture", "difference is +50.0 points"],
        ),
        (
            "grad_cam_matters",
            {"marked": 0.3, "random": 0.2, "blanked": 0.1},
            ["the 10% of", "costs 30.0 points", "empty costs 20.0", "difference is +50.0 points"],
        ),
        ("lookalikes", {"pairs": 45}, ["each of 45 pairs"]),
    ],
)
def test_the_numbers_of_a_claim_stand_in_its_sentences(
    kind: str, details: dict[str, float], told_of: list[str]
) -> None:
    """Each at its place."""
    found = card(kind, 0.5, details=details)
    said = " ".join([found.versus, found.method, found.technical])
    assert [each for each in told_of if each.lower() not in said.lower()] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("separable", "+20.0 (+10.0 to +30.0)"),
        ("loses_detail", "+20.0 (+10.0 to +30.0)"),
        ("choosier", "0.20 (0.10 to 0.30)"),
        ("steadier", "0.20 (0.10 to 0.30)"),
        ("learned_tolerance", "0.20 (0.10 to 0.30)"),
        ("same_filters", "0.20 (0.10 to 0.30)"),
        ("lookalikes", "0.20 (0.10 to 0.30)"),
        ("oriented", "20% (10% to 30%)"),
        ("edge_slices", "20% (10% to 30% in"),
        ("fewer_patterns", "20% (10% to 30%)"),
        ("few_matter", "20% (10% to 30%)"),
    ],
)
def test_the_interval_of_what_stands_beside_is_told(kind: str, text: str) -> None:
    """Of the twin or of chance, with both ends, in the number's own unit."""
    assert text in card(kind, 0.5, Measured(0.2, 0.1, 0.3)).versus


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("separable", 0.122, "12.2 more pictures"),
        ("separable", -0.122, "12.2 fewer pictures"),
        ("loses_detail", 0.391, "39.1 points less of the picture"),
        ("loses_detail", -0.391, "39.1 points more of the picture"),
        ("choosier", 0.58, "are 0.58 choosier"),
        ("choosier", -0.58, "are 0.58 less choosy"),
        ("steadier", 0.3, "are 0.30 more alike"),
        ("steadier", -0.3, "are 0.30 less alike"),
        ("learned_tolerance", -0.25, "likeness of −0.25"),
        ("weights_moved", 0.51, "51% of the"),
        ("fewer_patterns", 0.85, "or 85% of them"),
        ("straight_edges", 0.36, "36% of the strength"),
        ("same_filters", 0.71, "is 0.71 on average"),
        ("few_matter", 0.45, "45% of them"),
        ("lookalikes", 0.8, "agreement is 0.80"),
        ("grad_cam_depends", -0.08, "likeness of −0.08"),
        ("favourite_class", 0.16, "units is 0.16."),
    ],
)
def test_the_number_stands_in_its_sentence_whatever_its_sign(kind: str, value: float, said: str) -> None:
    """It is not for the reader to put the figure beside into the text."""
    assert said in card(kind, value).versus


@pytest.mark.parametrize(
    ("kind", "details", "none", "some"),
    [
        ("few_matter", {"needed": 0, "units": 64}, "For no unit is the loss more than luck.", "0 of"),
        ("few_matter", {"needed": 1, "units": 64}, "For 1 of 64 units", "For no unit"),
        ("background", {"answering": 0, "units": 64}, "Not one of the 64 filters answers", "0 of"),
        ("background", {"answering": 2, "units": 64}, "2 of 64 filters", "Not one"),
        ("oriented", {"tuned": 0, "units": 64}, "For none of the 64 filters", "0 of"),
        ("oriented", {"tuned": 2, "units": 64}, "2 of 64 filters", "none"),
    ],
)
def test_a_count_of_none_has_a_sentence_of_its_own(
    kind: str, details: dict[str, float], none: str, some: str
) -> None:
    """Nobody says that it is so for 0 of 64."""
    found = card(kind, 0.5, details=details).versus
    assert none in found
    assert not re.search(rf"\b{some}", found)


def test_weights_that_all_stayed_are_none() -> None:
    """A share of nothing is told as a count of none, any other as a share."""
    details = {"count": 288, "low": -1.0, "high": 1.0}
    assert card("weights_moved", 0.0, details=details).versus.startswith("Not one of the 288 weights")
    assert card("weights_moved", 0.001, details=details).versus.startswith("0.1% of the 288 weights")


@pytest.mark.parametrize("kind", ["more_zeros", "choosier", "steadier", "loses_detail"])
def test_a_step_names_both_of_its_layers(kind: str) -> None:
    """Also where it could not be measured."""
    (first,) = small_analysis().claims_of(kind)
    context, ends = view(), (int(first.details["first_layer"]), first.layer)
    begin, end = (context.layer_title(context.analysis.layer(each)) for each in ends)
    unknown = cannot_tell(kind, layer_at(small_snapshot(), first.layer), "twin", first.details)
    for each in (first, unknown):
        assert {begin, end} <= set(re.findall(r"|".join((begin, end)), claim_card(each, context).sentence))
    assert begin != end


# --- how numbers are written ---


@pytest.mark.parametrize(
    ("kind", "value", "figure", "unit", "word"),
    [
        ("weights_moved", 0.968, "97", "%", ""),
        ("weights_moved", 0.0123, "1.2", "%", ""),
        ("weights_moved", 0.0001, "<0.1", "%", ""),
        ("weights_moved", 0.0, "0", "%", ""),
        ("weights_moved", 1.0, "100", "%", ""),
        ("separable", 0.402, "+40.2", "", "points"),
        ("separable", 0.0, "0.0", "", "points"),
        ("separable", -0.05, "−5.0", "", "points"),
        ("lookalikes", 0.534, "0.53", "", ""),
        ("lookalikes", -0.5, "−0.50", "", ""),
        ("settles_first", 2.75, "2.75", "", "rounds"),
        ("settles_first", -1.0, "−1.00", "", "rounds"),
    ],
)
def test_the_number_of_a_card(kind: str, value: float, figure: str, unit: str, word: str) -> None:
    """Shares as percentages, differences of such as points with their sign, epochs with two decimals."""
    found = card(kind, value)
    assert (found.figure, found.unit, found.unit_word) == (figure, unit, word)


@pytest.mark.parametrize("kind", UNITS)
def test_the_number_of_a_card_is_the_same_in_every_language(kind: str) -> None:
    """No mark that belongs to the sentence around it is left on it."""
    english, korean = (claim_card(claim(kind, 0.4321), view(language)) for language in ("en", "ko"))
    assert (korean.figure, korean.unit) == (english.figure, english.unit)
    assert bool(korean.unit_word) == bool(english.unit_word)


@pytest.mark.parametrize(
    ("kind", "reference", "text"),
    [
        ("weights_moved", 0.007, "by chance 0.7%"),
        ("separable", 0.05, "untrained twin +5.0"),
        ("not_separable_untrained", 0.0, "no difference 0.0"),
        ("lookalikes", 0.01, "by chance 0.01"),
        ("settles_first", 0.0, "no lead 0.00"),
        ("grad_cam_depends", 0.5, "half alike 0.50"),
        ("sees_more", 0.0125, "first layer 1.2%"),
    ],
)
def test_what_a_number_is_held_against(kind: str, reference: float, text: str) -> None:
    """In words, in the same unit."""
    assert card(kind, 0.4, Measured(reference, reference, reference)).reference == text


def test_numbers_in_each_unit() -> None:
    """By hand."""
    words = Words("en")
    units = ("percent", "points", "number", "epochs")
    assert [written(0.1234, words, unit) for unit in units] == ["12%", "+12.3", "0.12", "0.12"]
    assert [written(-0.1234, words, unit) for unit in units] == ["−12%", "−12.3", "−0.12", "−0.12"]


LEAD = {"last_layer": 3, "even_first": 0.5, "even_last": 0.5}


@pytest.mark.parametrize(
    ("first", "last", "figure", "shown"),
    [
        (0.68, 3.43, "2.75", ("0.68", "3.43")),
        (0.684, 3.438, "2.754", ("0.684", "3.438")),
        (1.0, 3.0, "2.00", ("1.00", "3.00")),
        # No number of decimals makes up for parts that are not known.
        (float("nan"), 3.0, "2.75", ("–", "3.00")),
    ],
)
def test_a_difference_agrees_with_its_parts(
    first: float, last: float, figure: str, shown: tuple[str, str]
) -> None:
    """As many decimals as it takes for the reader to get the same number."""
    value = last - first if last > first else 2.75
    found = card("settles_first", value, details=LEAD | {"first": first, "last": last})
    assert found.figure == figure
    assert f"after {shown[0]} rounds" in found.versus
    assert f"after {shown[1]}: the lead of the first is {figure} rounds" in found.versus


def test_the_even_lead_is_that_of_the_rounds_told_with_each_layer() -> None:
    """3.054 and 1.016 are told as 3.05 and 1.02; 2.04, as their difference is by itself, would not fit."""
    even = {"even_first": 1.016, "even_last": 3.054, "even": 2.038}
    found = card("settles_first", 1.0, details={"first": 1.0, "last": 2.0, "last_layer": 3} | even)
    assert "it would be 2.03," in found.versus


def test_the_parts_of_a_probe_are_told_as_finely_as_their_difference() -> None:
    """75.45 less 79.35 are −3.90; with one decimal it would read 75.4 less 79.4."""
    found = card("not_separable_untrained", -0.0390, details={"last": 0.7545, "pixels": 0.7935})
    assert (found.figure, found.reference) == ("−3.90", "no difference 0.00")
    assert "names 75.45% of" in found.versus
    assert "79.35% from" in found.versus
    assert "The difference is −3.90 points" in found.versus


def test_the_twins_difference_agrees_with_its_parts_too() -> None:
    """Its own would with one decimal; that of the twin, −3.18, is 64.8 less 67.9 only with two."""
    ends = {"first": 0.664, "last": 0.893, "first_untrained": 0.6794, "last_untrained": 0.6476, "first_layer": 1}
    found = card("more_zeros", 0.229, Measured(-0.0318, -0.04, -0.02), details=ends)
    assert (found.figure, found.reference) == ("+22.90", "untrained twin −3.18")
    assert "66.40% of all answers are zero" in found.versus
    assert "67.94%, then 64.76%" in found.versus


shares = st.floats(0, 1).map(lambda share: round(share, 4))


@settings(deadline=None)
@given(shares, shares)
def test_shares_of_any_size_add_up_on_the_card(marked: float, random: float) -> None:
    """Of up to 10,000 pictures, whatever the shares: what is shown differs by what is shown."""
    found = card("grad_cam_matters", marked - random, details={"marked": marked, "random": random, "blanked": 0.1})
    costs = [float(each) for each in re.findall(r"costs (\d+\.\d+)", found.versus)]
    assert round(costs[0] - costs[1], 2) == float(found.figure.replace("−", "-"))


def test_a_number_that_is_not_known_is_told_as_nothing() -> None:
    """With no ends either."""
    assert (told(None, Words("en")).value, told(None, Words("en")).low) == ("", "")


# --- the tape ---


def tape(kind: str, value: float, reference: Measured, **changed: object) -> Tape:
    """The tape of such a claim."""
    found = card(kind, value, reference, **changed).tape
    assert found is not None
    return found


def at(text: str) -> float:
    """A position in percent as a number."""
    assert text.endswith("%")
    return float(text[:-1])


def test_a_tape_by_hand() -> None:
    """0.4 (0.33 to 0.48) beside 0.05 (0.02 to 0.08), on a tape from 0 to 0.6."""
    found = tape("separable", 0.4, Measured(0.05, 0.02, 0.08), low=0.33, high=0.48)
    assert (found.start, found.end) == ("0.0", "+60.0")
    assert (at(found.value.at), found.value.anchor, found.value.text) == (66.67, "middle", "trained +40.0")
    assert (at(found.reference.at), found.reference.anchor) == (8.33, "start")
    assert found.reference.text == "untrained twin +5.0"
    assert found.band == ("3.33%", "10.00%")
    assert found.whisker == ("55.00%", "80.00%")


def test_a_tape_with_something_below_zero_has_zero_in_its_middle() -> None:
    """−0.1 (−0.2 to 0) on a tape from −0.3 to 0.3; the number is that of the untrained network."""
    found = tape("not_separable_untrained", -0.1, ZERO, low=-0.2, high=0.0)
    assert (found.start, found.end) == ("−30.0", "+30.0")
    assert (at(found.reference.at), at(found.value.at)) == (50, 33.33)
    assert (found.value.text, found.band) == ("untrained −10.0", None)
    assert found.whisker == ("16.67%", "50.00%")


@pytest.mark.parametrize(
    ("value", "anchor"), [(0.0, "start"), (0.14, "start"), (0.5, "middle"), (0.86, "end"), (1.0, "end")]
)
def test_words_at_the_ends_of_a_tape_stay_on_it(value: float, anchor: str) -> None:
    """They stand to the right of the mark on the left, and to the left of it on the right."""
    assert tape("weights_moved", value, ZERO).value.anchor == anchor


def test_a_number_without_an_interval_has_no_whisker() -> None:
    """It was counted."""
    assert tape("weights_moved", 0.5, Measured(0.1, 0.05, 0.2)).whisker is None


values = st.floats(-1.5, 1.5)


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.tuples(values, values, values), st.tuples(values, values, values), st.booleans())
def test_nothing_lies_beyond_the_ends_of_a_tape(
    kind: str,
    own: tuple[float, float, float],
    beside: tuple[float, float, float],
    sampled: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    """Whatever the numbers are, and in the order of the numbers."""
    low, value, high = sorted(own)
    reference = Measured(*(sorted(beside)[place] for place in (1, 0, 2)))
    found = tape(kind, value, reference, low=low if sampled else None, high=high if sampled else None)
    marks = [at(found.value.at), at(found.reference.at)]
    marks += [at(end) for end in found.whisker or ()]
    marks += [at(found.band[0]), sum(map(at, found.band))] if found.band else []
    # Positions are rounded to a hundredth of a percent, an end that is a sum of two to two of them.
    assert all(0 <= mark <= 100.011 for mark in marks)
    assert (at(found.value.at) < at(found.reference.at) - 0.02) <= (value < reference.value)
    if found.whisker:
        assert at(found.whisker[0]) <= at(found.value.at) <= at(found.whisker[1])


@settings(deadline=None)
@given(st.floats(-40, 40), st.floats(-40, 40))
def test_a_tape_ends_at_a_round_number_that_leaves_room(value: float, beside: float) -> None:
    """Whatever is on it reaches nine tenths of it at most; only a whole is shown to its end."""
    found = claim("settles_first", value, Measured(beside, beside, beside))
    top, largest = tape_top(found), max(abs(value), abs(beside))
    assert largest <= 0.9 * top or (top == 1 and largest <= 1)
    if largest <= 45:
        assert top in {0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0}


def test_a_number_beyond_all_round_ones_is_still_on_its_tape() -> None:
    """In the middle."""
    assert tape_top(claim("settles_first", 300)) == 600


def test_phrases_need_no_more_than_what_every_claim_has() -> None:
    """The unit is that of shares unless it is said, and the number is the trained network's."""
    plain = Phrases("", "", "", "", "")
    assert (plain.unit, plain.own, plain.missing, plain.top) == ("percent", "trained {value}", None, None)


def test_rules_tell_the_settings_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a setting changes, the words of the rule change with it."""
    monkeypatch.setattr("reportgen.pages.settings.SETTLED", 0.7)
    monkeypatch.setattr("reportgen.analysis.filters.MANY_SLICES", 77)
    assert "stays above 0.7" in card("settles_first", 1.0).method
    assert "Above 77 slices" in card("straight_edges", 0.5).technical


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_tells_a_number_by_itself(kind: str) -> None:
    """But for years, the ends of scales, the base of a percentage, and the size that masks were published for."""
    words = PHRASES[kind]
    cases = [message for _, message in words.cases]
    told_plainly = " ".join(
        (words.sentence, words.versus, *cases, words.beside, words.method, words.rule, words.technical)
    )
    allowed = r"\{\w+\}|\b(19|20)\d\d\b|\b3 × 3\b|\bof 100\b|\b[01]\b"
    assert not re.search(r"\d", re.sub(allowed, "", told_plainly))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_told_in_the_readers_language(language: str) -> None:
    """Of what is kept as data none is forgotten on the way to the reader."""
    told_in = {text for each in small_analysis().claims for text in texts(claim_card(each, view(language)))}
    catalogue = Words(language)
    messages = {message for each in PHRASES.values() for message in (each.sentence, each.technical)}
    english = {each for each in messages if "{" not in each}
    assert {catalogue.gettext(each) for each in english} <= told_in
    assert len(english) > 9


def test_numbers_that_are_not_known_do_not_break_a_card() -> None:
    """A detail may be no number, as an even lead without a first state."""
    known = {"first": 1.0, "last": 2.0, "last_layer": 3, "even_last": 2.0}
    found = card("settles_first", 1.0, details=known | {"even_first": float(np.nan)})
    assert "nan" not in found.versus
    assert "it would be –," in found.versus


@pytest.mark.parametrize(("tested", "told"), [(8, 8), (9, 8), (40, 8)])
def test_a_sentence_about_many_layers_is_told_of_a_few(tested: int, told: int) -> None:
    """The first and the last are among them, and where the others stand is said if there are others."""
    many = tuple(claim("weights_moved", 0.5, layer=number) for number in range(1, tested + 1))
    shown = [each.id for each in few_of_each_kind(many)]
    assert (len(shown), shown[0], shown[-1]) == (told, many[0].id, many[-1].id)
    assert bool(others_in_words(view(), many)) == (tested > told)
