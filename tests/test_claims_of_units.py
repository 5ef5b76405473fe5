"""Claims about filters and units over studies made by hand: every verdict, its bounds, and its rule."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from reportgen.analysis.agreement import AgreementStudy
from reportgen.analysis.claims import FEWEST, Claim, Verdict, straight_edges
from reportgen.analysis.claims_of_units import (
    background,
    few_matter,
    fewer_patterns,
    oriented,
    same_filters,
    settles_first,
)
from reportgen.analysis.filters import filter_study
from reportgen.analysis.formation import FormationStudy
from reportgen.analysis.importance import importance_study
from reportgen.analysis.intervals import Measured, bootstrap_mean
from reportgen.analysis.mixtures import MixtureStudy, mixture_study
from reportgen.analysis.stimuli import EDGE, FLAT, Stimuli, columns_of, stimuli
from reportgen.analysis.tuning import TuningStudy, tuning_study
from reportgen.snapshot import Ablation, Doubles, Floats, Layer, TunedUnits, Tuning, Weight
from tests.factories import bare_layer, layer_at, small_snapshot

SEED = 42
YES, NO, UNKNOWN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.CANNOT_TELL
PICTURES = stimuli(12, 12, 1, 0.0, 1.0)
SOBEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], np.float32)


def convolution(kernel: Floats, index: int = 3) -> Layer:
    """A convolution with this kernel, before training too."""
    return bare_layer(index, "Conv2D", (12, 12, kernel.shape[3]), Weight("kernel", kernel, kernel))


def drawn(*shape: int, seed: int = 0) -> Floats:
    """Weights drawn independently from the normal distribution."""
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


# --- edges in a deeper layer ---


def edges(kernel: Floats) -> Claim:
    """The claim about edges in a deeper convolution with this kernel."""
    layer = convolution(kernel)
    study = filter_study(layer, SEED)
    assert study is not None
    return straight_edges(layer, study, "edge_slices")


def test_deeper_filters_that_are_stacks_of_edges_are_found() -> None:
    """Sobel's level edge, times any weights of six inputs, holds 97 of 100 parts of its strength in edges."""
    claim = edges(SOBEL[:, :, None, None] * drawn(1, 1, 6, 8))
    assert (claim.kind, claim.layer, claim.verdict, claim.against) == ("edge_slices", 3, YES, "chance")
    # The level mask is (1 √2 1) above (−1 −√2 −1), of size √8; Sobel's is of size √12.
    assert claim.value == pytest.approx((4 + 2 * 2 * np.sqrt(2)) ** 2 / (8 * 12))


@pytest.mark.parametrize("kernel", [drawn(3, 3, 6, 8), np.ones((3, 3, 6, 8), np.float32)], ids=["random", "even"])
def test_deeper_filters_without_edges_are_not_taken_for_such(kernel: Floats) -> None:
    """Those drawn at random, and those without any form."""
    assert edges(kernel).verdict is NO


@pytest.mark.parametrize("broken", [drawn(1, 1, 6, 8), np.full((3, 3, 6, 8), np.nan, np.float32)])
def test_of_deeper_filters_without_a_form_no_edges_can_be_told(broken: Floats) -> None:
    """One pixel has no edge, and what is not a number none either."""
    claim = edges(broken)
    assert (claim.kind, claim.verdict, claim.value) == ("edge_slices", UNKNOWN, None)


# --- one direction ---


@cache
def some_study() -> TuningStudy:
    """The study of a layer that was shown the pictures."""
    study = tuning_study(layer_at(small_snapshot(), 1), PICTURES)
    assert study is not None
    return study


def turned(tuned: int, tuned_before: int, units: int = 20, draws: int = 199) -> Claim:
    """The claim about a layer of which so many units are tuned, after training and before."""
    study = some_study()
    after, before = (
        replace(side, tuned=np.arange(units) < count)
        for side, count in ((study.after, tuned), (study.before, tuned_before))
    )
    return oriented(bare_layer(1, "Conv2D", (12, 12, units)), TuningStudy(after, before, draws))


@pytest.mark.parametrize(
    ("tuned", "before", "verdict"),
    [(18, 2, YES), (12, 12, NO), (2, 18, NO), (0, 0, NO), (12, 9, UNKNOWN), (20, 0, YES)],
)
def test_filters_of_one_direction(tuned: int, before: int, verdict: Verdict) -> None:
    """Many more than in the twin, as many, fewer, none at all, or a few more."""
    claim = turned(tuned, before)
    assert claim.verdict is verdict
    assert claim.value == tuned / 20
    assert claim.reference is not None
    assert claim.reference.value == before / 20
    assert claim.details == {"tuned": tuned, "units": 20, "draws": 199}


def test_filters_of_one_direction_turn_where_the_intervals_part() -> None:
    """Among all pairs of counts, the sentence is true exactly where Wilson's intervals do not meet."""
    deviate = 1.959964
    for tuned in range(21):
        for before in range(21):
            ends = []
            for count, sign in ((tuned, -1), (before, 1)):
                middle, root = count + deviate**2 / 2, np.sqrt(count * (20 - count) / 20 + deviate**2 / 4)
                ends.append((middle + sign * deviate * root) / (20 + deviate**2))
            expected = YES if ends[0] > ends[1] else NO if tuned <= before else UNKNOWN
            assert turned(tuned, before).verdict is expected


@pytest.mark.parametrize(("units", "verdict"), [(1, UNKNOWN), (FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_filters_tell_nothing_of_directions(units: int, verdict: Verdict) -> None:
    """Below five, though all are tuned after training and none before."""
    assert turned(units, 0, units).verdict is verdict


def test_without_shuffled_filters_no_direction_can_be_told() -> None:
    """There is no chance to be held against."""
    assert (turned(18, 2, draws=0).verdict, turned(18, 2, draws=0).value) == (UNKNOWN, None)


# --- an answer to nothing ---


def answering(after: list[float], before: list[float], shown: Stimuli = PICTURES, level: int = 0) -> Claim:
    """The claim about filters with these answers to one of the flat pictures, and none to all others."""
    answers = np.zeros((2, len(after), len(shown.kinds)), np.float32)
    answers[:, :, columns_of(shown, [FLAT])[level]] = after, before
    units = [TunedUnits(each, np.zeros((len(after), 0))) for each in answers]
    return background(replace(convolution(drawn(3, 3, 1, len(after)), 1), tuning=Tuning(*units)), shown)


@pytest.mark.parametrize(
    ("after", "before", "verdict"),
    [
        ([0.5, 0.1, 0, -1], [0, 0, 0, 0], YES),
        ([0.5, 0.1, 0, -1], [0.5, 0, 0, 0], YES),
        ([0.5, 0.1, 0, -1], [0, 0, 3, 3], NO),
        ([0, 0, 0, -1], [0, 0, 0, 0], NO),
        ([0.5, 0, 0, 0], [1, 1, 1, 0], NO),
    ],
)
def test_filters_that_answer_to_nothing(after: list[float], before: list[float], verdict: Verdict) -> None:
    """Counted are those above zero: more than in the twin, as many, none, or fewer."""
    claim = answering(after, before)
    assert claim.verdict is verdict
    assert claim.value == sum(each > 0 for each in after) / 4
    assert claim.reference is not None
    assert claim.reference.value == sum(each > 0 for each in before) / 4
    assert claim.details == {"units": 4, "answering": sum(each > 0 for each in after)}


@pytest.mark.parametrize("low", [0.0, -1.0, 5.0])
def test_only_the_darkest_flat_picture_is_nothing(low: float) -> None:
    """Whatever number stands for dark; grey and white are something."""
    shown = stimuli(12, 12, 1, low, low + 1)
    flat = columns_of(shown, [FLAT])
    assert shown.pixels[flat[0]].max() == shown.pixels.min()
    assert answering([1, 1], [0, 0], shown).verdict is YES
    assert {answering([1, 1], [0, 0], shown, level).value for level in range(1, len(flat))} == {0}


def test_of_filters_that_were_shown_nothing_it_cannot_be_told() -> None:
    """They have no answers."""
    claim = background(convolution(drawn(3, 3, 1, 4), 1), PICTURES)
    assert (claim.verdict, claim.value, claim.against) == (UNKNOWN, None, "twin")


# --- a few units ---


def needed(lost: list[int], won: list[int] | None = None, dead: int = 0) -> Claim:
    """The claim about a layer whose units cost so many answers, the last ones being dead."""
    counts = np.array(lost), np.array([0] * len(lost) if won is None else won)
    ablation = Ablation(400, 300, *counts)
    living = np.arange(len(lost)) < len(lost) - dead
    layer = replace(bare_layer(6, "Dense", (len(lost),)), ablation=ablation)
    return few_matter(layer, importance_study(ablation, living, SEED))


def test_a_unit_that_carries_most_is_found() -> None:
    """Of ten units one costs 82 answers and the others two each: 82 of 100 on the costliest tenth."""
    claim = needed([2, 2, 82, *[2] * 7])
    assert (claim.verdict, claim.pictures, claim.against) == (YES, 400, "chance")
    assert claim.value == pytest.approx(0.82)
    assert claim.details == {"units": 10, "needed": 1, "lost": 100, "costliest": 1}


def test_units_that_are_needed_alike_are_not_taken_for_a_few() -> None:
    """Ten answers each; chance alone puts more than a tenth on the costliest."""
    claim = needed([10] * 10)
    assert (claim.verdict, claim.value) == (NO, 0.1)
    assert claim.reference is not None
    assert claim.reference.value > 0.1


def test_losses_dealt_out_by_chance_are_hardly_ever_taken_for_a_few_units() -> None:
    """Of eighty layers, two or so, with as few losses as with many."""
    random = np.random.default_rng(3)
    for losses in (60, 200):
        dealt = [needed(random.multinomial(losses, [0.05] * 20).tolist()) for _ in range(80)]
        assert [each.verdict for each in dealt].count(YES) <= 6
    assert [each.verdict for each in dealt].count(NO) >= 70


def test_the_verdict_on_a_few_units_turns_above_what_chance_reaches() -> None:
    """At that share itself it is not supported yet, the next answer decides."""
    found = [needed([top, *[(60 - top) // 9] * 8, 60 - top - 8 * ((60 - top) // 9)]) for top in range(7, 30)]
    assert {each.verdict for each in found} == {YES, NO}
    for each in found:
        assert each.value is not None
        assert each.reference is not None
        assert each.verdict is (YES if each.value > each.reference.high else NO)


def test_where_no_unit_is_needed_by_more_than_luck_it_cannot_be_told() -> None:
    """Nine answers lost on one unit of ten are a few units' work, but not where it wins five others."""
    assert needed([9, *[1] * 9], [0] * 10).verdict is YES
    claim = needed([9, *[1] * 9], [5, *[0] * 9])
    assert (claim.verdict, claim.value, claim.details["needed"]) == (UNKNOWN, 0.5, 0)


@pytest.mark.parametrize("lost", [[0] * 10, [1, *[0] * 9], [2, *[0] * 9]])
def test_where_hardly_any_answer_turned_wrong_it_cannot_be_told(lost: list[int]) -> None:
    """One or two answers may all fall on one unit by chance."""
    assert needed(lost).verdict is UNKNOWN


def test_of_a_single_working_unit_it_cannot_be_told() -> None:
    """All falls on it whatever it does."""
    claim = needed([90, 0, 0], dead=2)
    assert (claim.verdict, claim.value) == (UNKNOWN, 1)


def test_dead_units_do_not_make_the_others_few() -> None:
    """Ten units alike are no few beside thirty dead ones, and are beside thirty that are not needed."""
    assert needed([30] * 10 + [0] * 30, dead=30).verdict is NO
    assert needed([30] * 10 + [0] * 30).verdict is YES


def test_a_layer_that_was_left_whole_has_no_verdict() -> None:
    """Nothing was taken away."""
    ablation = Ablation(400, 300, np.array([1, 2]), np.array([0, 0]))
    claim = few_matter(bare_layer(6, "Dense", (2,)), importance_study(ablation, np.ones(2, np.bool_), SEED))
    assert (claim.verdict, claim.value) == (UNKNOWN, None)


def test_units_that_do_harm_are_not_counted_as_needed() -> None:
    """One costs 60 answers, another wins 60, and both by more than luck."""
    assert needed([60, 0, *[3] * 8], [0, 60, *[3] * 8]).details["needed"] == 1


# --- fewer patterns ---


def mixed(rank: float, low: float = 18, high: float = 22) -> Claim:
    """The claim about 40 filters of an effective rank, beside shuffled ones."""
    study = MixtureStudy(
        layer=3,
        strongest=np.zeros((40, 5), np.int64),
        share=np.zeros((40, 5)),
        even_share=0.1,
        ranked=40,
        rank=rank,
        rank_untrained=30,
        rank_shuffled=Measured(20, low, high),
    )
    return fewer_patterns(convolution(drawn(3, 3, 6, 40)), study)


@pytest.mark.parametrize(("rank", "verdict"), [(10, YES), (17.99, YES), (18, NO), (20, NO), (25, NO)])
def test_fewer_patterns_than_chance_would_take(rank: float, verdict: Verdict) -> None:
    """Below the lower end of what shuffled weights give; at the end itself it is not."""
    claim = mixed(rank)
    assert claim.verdict is verdict
    assert claim.value == rank / 40
    assert claim.reference == Measured(0.5, 0.45, 0.55)
    assert claim.details == {"rank": rank, "filters": 40, "untrained": 30}


def patterns(kernel: Floats) -> Claim:
    """The claim about the patterns of a kernel."""
    layer = convolution(kernel)
    study = mixture_study(layer, SEED)
    assert study is not None
    return fewer_patterns(layer, study)


def test_filters_mixed_from_two_patterns_are_found() -> None:
    """Sixteen mixtures of two have a rank of two at most."""
    kernel = np.einsum("phwi,pf->hwif", drawn(2, 3, 3, 6), drawn(2, 16, seed=1)).astype(np.float32)
    claim = patterns(kernel)
    assert claim.verdict is YES
    assert claim.value is not None
    assert claim.value <= 2 / 16 + 1e-6


def test_filters_with_nothing_in_common_are_not_taken_for_mixtures() -> None:
    """Of twenty layers drawn at random, one at most: chance is known from twenty shuffles alone."""
    verdicts = [patterns(drawn(3, 3, 6, 16, seed=seed)).verdict for seed in range(20)]
    assert verdicts.count(YES) <= 4
    assert verdicts.count(UNKNOWN) == 0


# --- the same filters ---


def again(mean: float, untrained: float = 0.5, chance: float = 0.6) -> Claim:
    """The claim about a mean best cosine, beside that of untrained and at most that of shuffled filters."""
    study = AgreementStudy(
        layer=1,
        seeds=(43, 44),
        best=np.full((2, 8), mean),
        match=np.zeros((2, 8), np.int64),
        mean=Measured(mean, mean - 0.2, mean + 0.2),
        untrained=Measured(untrained, untrained, untrained),
        chance=Measured(chance - 0.1, chance - 0.2, chance),
        draws=199,
    )
    return same_filters(convolution(drawn(3, 3, 1, 8), 1), study)


@pytest.mark.parametrize(
    ("mean", "untrained", "verdict"),
    [(0.9, 0.5, YES), (0.61, 0.5, YES), (0.6, 0.5, NO), (0.4, 0.3, NO), (0.9, 0.9, NO), (0.9, 0.95, NO)],
)
def test_filters_that_are_found_again(mean: float, untrained: float, verdict: Verdict) -> None:
    """Above chance's upper end and above those before training; at either bound it is not."""
    claim = again(mean, untrained)
    assert (claim.verdict, claim.value, claim.against) == (verdict, mean, "chance")
    assert claim.details == {"seeds": 2, "untrained": untrained, "draws": 199}


def test_without_other_trainings_no_filter_is_found_again() -> None:
    """There is nothing to search."""
    claim = same_filters(convolution(drawn(3, 3, 1, 8), 1), None)
    assert (claim.verdict, claim.value, claim.reference) == (UNKNOWN, None, None)


# --- in what order ---


def formed(epochs: list[float]) -> FormationStudy:
    """A layer whose filters took shape after these epochs of ten; not a number for those that had not."""
    moments: Doubles = np.arange(11.0)
    shaped = np.array(epochs)
    counted = np.where(np.isnan(shaped), 10, shaped)
    return FormationStudy(
        layer=1,
        moments=moments,
        cosine=np.ones((11, len(epochs))),
        epochs=shaped,
        epochs_even=shaped,
        unsettled=int(np.isnan(shaped).sum()),
        mean=bootstrap_mean(counted, SEED),
        mean_even=bootstrap_mean(counted, SEED),
        edges=np.array([0.0, 1]),
        counts=np.zeros((11, 1), np.int64),
    )


def ahead(first: list[float], last: list[float]) -> Claim:
    """The claim about the first and the last convolution."""
    layers = convolution(drawn(3, 3, 1, 4), 1), convolution(drawn(3, 3, 4, 4), 3)
    return settles_first(*layers, (formed(first), formed(last)), SEED)


@pytest.mark.parametrize(
    ("first", "last", "lead", "verdict"),
    [
        ([1, 2, 1, 2], [6, 7, 6, 7], 5, YES),
        ([1, 1, 1], [2, 2, 2], 1, YES),
        ([3, 3, 3], [3, 3, 3], 0, NO),
        ([6, 7, 6, 7], [1, 2, 1, 2], -5, NO),
        ([1, 9, 1, 9], [2, 10, 2, 10], 1, UNKNOWN),
    ],
)
def test_the_first_layer_before_the_last(
    first: list[float], last: list[float], lead: float, verdict: Verdict
) -> None:
    """Clearly before, at the same time, after, or before with filters of all times in both."""
    claim = ahead(first, last)
    assert (claim.layer, claim.against, claim.verdict) == (1, "nothing", verdict)
    assert claim.value == pytest.approx(lead)
    assert claim.details["first"] == pytest.approx(np.mean(first))
    assert claim.details["last"] == pytest.approx(np.mean(last))
    assert claim.details["last_layer"] == 3
    even = claim.details
    assert even["even"] == pytest.approx(even["even_last"] - even["even_first"], nan_ok=True)


def test_filters_that_never_took_shape_count_with_the_end() -> None:
    """Leaving them out would make a slow layer seem quick: here it is half a 2 and half a 10."""
    claim = ahead([2, 2, 2, 2], [2, np.nan, 2, np.nan])
    assert claim.value == pytest.approx(4)


def test_the_verdict_on_the_order_is_that_of_its_rule() -> None:
    """Whatever the numbers are, and all three occur."""
    found = set()
    for seed in range(30):
        random = np.random.default_rng(seed)
        first, last = (random.integers(low, 11, 6).astype(float).tolist() for low in (0, seed % 9))
        claim = ahead(first, last)
        assert claim.value is not None
        assert claim.low is not None
        assert claim.verdict is (NO if claim.value <= 0 else YES if claim.low > 0 else UNKNOWN)
        found.add(claim.verdict)
    assert found == {YES, NO, UNKNOWN}


def test_without_a_record_or_with_single_filters_no_order_can_be_told() -> None:
    """One filter has no mean to speak of."""
    layers = convolution(drawn(3, 3, 1, 4), 1), convolution(drawn(3, 3, 4, 4), 3)
    for claim in (settles_first(*layers, None, SEED), ahead([1], [9, 9]), ahead([1, 1], [9])):
        assert (claim.verdict, claim.value, claim.layer) == (UNKNOWN, None, 1)


def test_edges_are_no_flat_pictures() -> None:
    """The pictures that the tests above tell apart are told apart by their kinds."""
    assert not set(columns_of(PICTURES, [EDGE])) & set(columns_of(PICTURES, [FLAT]))
