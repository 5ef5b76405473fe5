"""Claims about depth over spaces made by hand: every verdict, its bounds, and several twins."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.changes import CHANGES
from reportgen.analysis.claims import FEWEST, FEWEST_A_CLASS, Claim, Verdict
from reportgen.analysis.claims_of_depth import (
    choosier,
    learned_tolerance,
    loses_detail,
    not_separable_untrained,
    separable,
    steadier,
)
from reportgen.analysis.intervals import Measured
from reportgen.analysis.spaces import detail_loss, likeness, likeness_growth, over_twins, probe_growth
from reportgen.snapshot import Doubles, Flags, Floats, Layer, Space
from tests.factories import bare_layer, observed

SEED = 42
PICTURES = 200
YES, NO, UNKNOWN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.CANNOT_TELL
SHIFT = CHANGES.index("shift_2")
"""The change that counts: by two pixels."""


def right(count: int, of: int = PICTURES, first: int = 0) -> Flags:
    """Flags of which so many are set, one after the other."""
    return np.isin(np.arange(of), np.arange(first, first + count))


def around(mean: float, spread: float = 0.0, pictures: int = PICTURES) -> Doubles:
    """Values in no order with this mean, none farther from it than the spread."""
    even = np.linspace(-1, 1, pictures) if pictures > 1 else np.zeros(1)
    return mean + spread * np.random.default_rng(7).permutation(even)


def space(
    probe_right: Flags | None = None,
    rebuild_error: Doubles | None = None,
    shifted: Doubles | Floats | None = None,
    spread: float = 2.0,
) -> Space:
    """A space of which only some measure is given; the pictures that a measure does not need are as many."""
    some = next(each for each in (probe_right, rebuild_error, shifted) if each is not None)
    rows = np.full((len(CHANGES), len(some)), 0.1, np.float32)
    if shifted is not None:
        rows[SHIFT] = shifted
    return Space(
        size=10,
        probe_right=np.zeros(0, np.bool_) if probe_right is None else probe_right,
        rebuild_error=np.zeros(len(some)) if rebuild_error is None else rebuild_error,
        rebuild_spread=np.full(len(some), spread),
        scatter=np.zeros((1, 2), np.float32),
        scatter_share=np.zeros(2),
        likeness=rows,
    )


def layer(trained: Space | None, *twins: Space, index: int = 4) -> Layer:
    """A dense layer with the space of the trained network and those of its twins."""
    return replace(bare_layer(index, "Dense", (10,)), space=trained, twin_spaces=twins)


def sorted_well(pixels: Flags, last: Flags, *twins: Flags) -> Claim:
    """The claim that classes are easier to tell apart in the last layer."""
    return separable(space(pixels), layer(space(last), *map(space, twins)), SEED)


def by_rule(claim: Claim) -> Verdict:
    """What a claim of growth has to say of its own numbers."""
    assert claim.value is not None
    assert claim.low is not None
    assert claim.reference is not None
    if claim.value <= 0 or claim.value <= claim.reference.value:
        return NO
    return YES if claim.low > max(0.0, claim.reference.high) else UNKNOWN


def apart(claim: Claim) -> Verdict:
    """What a claim that only has to lie above its twin has to say of its own numbers."""
    assert claim.value is not None
    assert claim.low is not None
    assert claim.reference is not None
    if claim.value <= claim.reference.value:
        return NO
    return YES if claim.low > claim.reference.high else UNKNOWN


# --- easier to tell apart ---


def test_classes_that_training_told_apart() -> None:
    """From half to nine tenths named correctly; by a twentieth more in the twin."""
    claim = sorted_well(right(100), right(180), right(110))
    assert (claim.verdict, claim.pictures, claim.against) == (YES, PICTURES, "twin")
    assert claim.value == pytest.approx(0.4)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.05)


@pytest.mark.parametrize(("last", "twin"), [(90, 20), (100, 20), (120, 120), (120, 150)])
def test_classes_that_training_did_not_tell_apart(last: int, twin: int) -> None:
    """Fewer named correctly than from the pixels, as many, or no more than in the twin."""
    assert sorted_well(right(100), right(last), right(twin)).verdict is NO


def test_a_growth_that_is_hardly_above_the_twins_tells_nothing_of_classes() -> None:
    """The intervals of a tenth and of six in a hundred overlap."""
    claim = sorted_well(right(100), right(120), right(112))
    assert claim.verdict is UNKNOWN
    assert claim.value == pytest.approx(0.1)


def test_a_growth_that_may_be_none_tells_nothing_of_classes() -> None:
    """By two pictures of two hundred, most of them others than before, though the twin falls far."""
    claim = sorted_well(right(100), right(102, first=98), right(10))
    assert claim.verdict is UNKNOWN
    assert claim.low is not None
    assert claim.low < 0


@pytest.mark.parametrize(("pictures", "verdict"), [(1, UNKNOWN), (FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_pictures_tell_nothing_of_classes(pictures: int, verdict: Verdict) -> None:
    """Below five, though none is named from the pixels or in the twin, and all are from the last layer."""
    none, every = right(0, pictures), right(pictures, pictures)
    assert sorted_well(none, every, none).verdict is verdict


def test_the_growths_of_several_twins_are_put_together() -> None:
    """Their mean, with the interval of `over_twins`."""
    pixels, twins = right(100), [right(90), right(110), right(130)]
    alone = [probe_growth(space(pixels), space(each), SEED) for each in twins]
    claim = sorted_well(pixels, right(180), *twins)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx((-0.05 + 0.05 + 0.15) / 3)
    assert claim.reference == over_twins(alone)


def test_one_twin_that_tells_classes_apart_is_enough_for_doubt() -> None:
    """Two twins gain nothing, the third as much as the trained network."""
    assert sorted_well(right(100), right(180), right(100), right(100)).verdict is YES
    assert sorted_well(right(100), right(180), right(100), right(100), right(178)).verdict is UNKNOWN


@pytest.mark.parametrize(
    "last",
    [layer(space(right(9))), layer(None, space(right(9))), layer(None)],
    ids=["no twin", "no space", "nothing"],
)
def test_without_a_twin_or_a_space_nothing_can_be_told_of_classes(last: Layer) -> None:
    """Neither with training nor, without spaces, of the twin."""
    claim = separable(space(right(5)), last, SEED)
    assert (claim.verdict, claim.value, claim.reference) == (UNKNOWN, None, None)


def test_without_labels_nothing_can_be_told_of_classes() -> None:
    """No probe was fitted."""
    unlabelled = space(rebuild_error=around(1))
    last = layer(unlabelled, unlabelled)
    for claim in (separable(unlabelled, last, SEED), not_separable_untrained(unlabelled, last, SEED)):
        assert (claim.verdict, claim.value) == (UNKNOWN, None)


@pytest.mark.parametrize("seed", range(12))
def test_the_verdict_on_classes_is_that_of_its_rule(seed: int) -> None:
    """Whatever the numbers are: growing, and above the twin with both intervals apart."""
    random = np.random.default_rng(seed)
    flags = [random.random(60) < share for share in random.uniform(0.2, 0.9, 4)]
    claim = sorted_well(*flags)
    assert claim.verdict is by_rule(claim)


# --- without training ---


def untrained(pixels: Flags, *twins: Flags) -> Claim:
    """The claim that depth alone does not help."""
    return not_separable_untrained(space(pixels), layer(space(pixels), *map(space, twins)), SEED)


@pytest.mark.parametrize(
    ("twin", "verdict"),
    [(right(60), YES), (right(100), YES), (right(140), NO), (right(101, first=1), UNKNOWN)],
    ids=["worse", "the same", "better", "others"],
)
def test_what_depth_does_without_training(twin: Flags, verdict: Verdict) -> None:
    """Worse than the pixels or the very same, better with all of the interval, or better for some alone."""
    claim = untrained(right(100), twin)
    assert claim.verdict is verdict
    assert claim.reference is not None
    assert (claim.against, claim.reference.low, claim.reference.high) == ("nothing", 0, 0)


def test_the_verdict_on_the_twin_turns_at_zero() -> None:
    """Of 40 seeds, each verdict is what the interval says, and all three occur."""
    found = set()
    for seed in range(40):
        random = np.random.default_rng(seed)
        claim = untrained(random.random(40) < 0.5, random.random(40) < 0.5 + (seed % 5 - 2) / 5)
        assert claim.low is not None
        assert claim.high is not None
        assert claim.verdict is (NO if claim.low > 0 else YES if claim.high <= 0 else UNKNOWN)
        found.add(claim.verdict)
    assert found == {YES, NO, UNKNOWN}


def test_the_shares_beside_the_twins_growth_are_those_that_it_comes_from() -> None:
    """Of several twins the mean, so that the difference of the two shares is the number."""
    claim = untrained(right(100), right(60), right(100), right(110))
    assert claim.details == pytest.approx({"pixels": 0.5, "last": 0.45})
    assert claim.value == pytest.approx(-0.05)
    assert claim.verdict is UNKNOWN


@pytest.mark.parametrize(("pictures", "verdict"), [(FEWEST - 1, UNKNOWN), (FEWEST, NO)])
def test_a_few_pictures_tell_nothing_of_the_twin(pictures: int, verdict: Verdict) -> None:
    """Below five, though all are named in the twin and none from the pixels."""
    assert untrained(right(0, pictures), right(pictures, pictures)).verdict is verdict


# --- steadiness ---


def moved(first: Doubles, last: Doubles, *twins: tuple[Doubles, Doubles]) -> Claim:
    """The claim that a shift matters less in the last layer, for likenesses in both networks."""
    early = layer(space(shifted=first), *(space(shifted=start) for start, _ in twins), index=1)
    late = layer(space(shifted=last), *(space(shifted=end) for _, end in twins))
    return steadier(early, late, SEED)


def test_a_shift_that_comes_to_matter_less_by_training() -> None:
    """From 0.3 to 0.7, in the twin from 0.3 to 0.4; the likeness after other changes does not count."""
    claim = moved(around(0.3, 0.2), around(0.7, 0.2), (around(0.3, 0.2), around(0.4, 0.2)))
    assert (claim.verdict, claim.pictures, claim.layer) == (YES, PICTURES, 4)
    assert claim.details == {"first_layer": 1}
    assert claim.value == pytest.approx(0.4, abs=1e-6)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize(("last", "twin_last"), [(0.2, 0.1), (0.3, 0.1), (0.5, 0.5), (0.5, 0.8)])
def test_a_shift_that_does_not_come_to_matter_less(last: float, twin_last: float) -> None:
    """It matters more, as much, or grows no more than in the twin."""
    assert moved(around(0.3), around(last), (around(0.3), around(twin_last))).verdict is NO


def test_a_shift_that_matters_less_in_some_pictures_alone_tells_nothing() -> None:
    """A mean of 0.01 among differences up to 0.5, while it falls in the twin."""
    claim = moved(around(0.3), around(0.31, 0.5), (around(0.3), around(0.1)))
    assert claim.verdict is UNKNOWN
    assert claim.value == pytest.approx(0.01, abs=1e-6)


@pytest.mark.parametrize(("pictures", "verdict"), [(FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_shifted_pictures_tell_nothing(pictures: int, verdict: Verdict) -> None:
    """However many others the probes were tested on."""
    tested = space(right(90))
    unmoved, still = (
        replace(tested, likeness=space(shifted=around(mean, 0, pictures)).likeness) for mean in (0, 1)
    )
    assert steadier(layer(unmoved, unmoved, index=1), layer(still, unmoved), SEED).verdict is verdict
    assert learned_tolerance(layer(still, unmoved), SEED).verdict is verdict


def test_pictures_without_a_likeness_do_not_count() -> None:
    """Of two hundred shifted pictures that leave four with a number, nothing can be told."""
    known = np.where(np.arange(PICTURES) < FEWEST - 1, 1.0, np.nan)
    early, late = space(shifted=around(0)), space(shifted=known)
    for claim in (
        steadier(layer(early, early, index=1), layer(late, early), SEED),
        learned_tolerance(layer(late, early), SEED),
        learned_tolerance(layer(early, late), SEED),
    ):
        assert claim.verdict is UNKNOWN
    more = space(shifted=np.where(np.arange(PICTURES) < FEWEST, 1.0, np.nan))
    assert learned_tolerance(layer(more, early), SEED).pictures == FEWEST


def test_steadiness_beside_several_twins() -> None:
    """The mean of their growths, with the interval of `over_twins`."""
    starts, ends = around(0.3, 0.1), [around(0.2, 0.1), around(0.6, 0.3)]
    claim = moved(starts, around(0.9, 0.1), *((starts, end) for end in ends))
    alone = [likeness_growth(space(shifted=starts), space(shifted=end), SHIFT, SEED) for end in ends]
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.1, abs=1e-6)
    assert claim.reference == over_twins(alone)


@pytest.mark.parametrize("seed", range(12))
def test_the_verdict_on_steadiness_is_that_of_its_rule(seed: int) -> None:
    """Whatever the numbers are."""
    means = np.random.default_rng(seed).uniform(0, 1, 4)
    first, last, start, end = (around(mean, 0.8, 30) for mean in means)
    claim = moved(first, last + around(0, 0.5, 30)[::-1], (start, end))
    assert claim.verdict is by_rule(claim)


# --- tolerance ---


def tolerant(own: Doubles, *twins: Doubles) -> Claim:
    """The claim that training made a layer overlook a shift."""
    return learned_tolerance(layer(space(shifted=own), *(space(shifted=twin) for twin in twins)), SEED)


@pytest.mark.parametrize(
    ("own", "twin", "verdict"),
    [(0.8, 0.4, YES), (0.4, 0.4, NO), (0.4, 0.8, NO), (0.44, 0.4, UNKNOWN), (-0.1, -0.5, YES)],
)
def test_tolerance_of_a_shift(own: float, twin: float, verdict: Verdict) -> None:
    """Well above the twin's, as high, below it, a little above it; its sign does not matter."""
    claim = tolerant(around(own, 0.4), around(twin, 0.4))
    assert (claim.verdict, claim.pictures) == (verdict, PICTURES)
    assert claim.value == pytest.approx(own, abs=1e-6)


def test_tolerance_beside_several_twins() -> None:
    """One twin that is as tolerant is enough for doubt."""
    twins = around(0.2, 0.1), around(0.75, 0.1)
    alone = [likeness(space(shifted=each), SHIFT, SEED) for each in twins]
    claim = tolerant(around(0.75, 0.1), *twins)
    assert claim.verdict is UNKNOWN
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.475, abs=1e-6)
    assert claim.reference == over_twins(alone)


@pytest.mark.parametrize("unknown", [layer(None), layer(space(shifted=around(1)))], ids=["no space", "no twin"])
def test_of_a_layer_without_a_space_or_a_twin_no_tolerance_can_be_told(unknown: Layer) -> None:
    """There is nothing to hold, or nothing to hold it against."""
    assert (learned_tolerance(unknown, SEED).verdict, learned_tolerance(unknown, SEED).value) == (UNKNOWN, None)
    assert steadier(unknown, unknown, SEED).value is None


@pytest.mark.parametrize("seed", range(12))
def test_the_verdict_on_tolerance_is_that_of_its_rule(seed: int) -> None:
    """Whatever the numbers are."""
    random = np.random.default_rng(seed)
    claim = tolerant(*(random.normal(mean, 0.5, 20) for mean in random.uniform(0, 1, 3)))
    assert claim.verdict is apart(claim)


# --- detail ---


def blurred(first: Doubles, last: Doubles, *twins: tuple[Doubles, Doubles]) -> Claim:
    """The claim that detail gets lost, for squared errors of pictures of a variance of two."""
    early = layer(space(rebuild_error=first), *(space(rebuild_error=start) for start, _ in twins), index=1)
    late = layer(space(rebuild_error=last), *(space(rebuild_error=end) for _, end in twins))
    return loses_detail(early, late, SEED)


def test_detail_that_training_loses() -> None:
    """The error grows by 0.8 of 2, in the twin by 0.2."""
    claim = blurred(around(0.2, 0.1), around(1.0, 0.3), (around(0.2, 0.1), around(0.4, 0.1)))
    assert (claim.verdict, claim.pictures) == (YES, PICTURES)
    assert claim.value == pytest.approx(0.4)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.1)


@pytest.mark.parametrize(("last", "twin_last"), [(0.1, 0.0), (0.2, 0.0), (0.6, 0.6), (0.6, 1.5)])
def test_detail_that_training_does_not_lose(last: float, twin_last: float) -> None:
    """The last layer tells more of the picture, as much, or loses no more than in the twin."""
    assert blurred(around(0.2), around(last), (around(0.2), around(twin_last))).verdict is NO


def test_detail_that_is_lost_in_some_pictures_alone_tells_nothing() -> None:
    """By 0.01 of 2 on average, under differences up to 1, while the twin gains."""
    assert blurred(around(1), around(1.02, 1), (around(1), around(0.1))).verdict is UNKNOWN


@pytest.mark.parametrize(("pictures", "verdict"), [(FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_pictures_tell_nothing_of_detail(pictures: int, verdict: Verdict) -> None:
    """Below five, however much is lost."""
    none, all_of_it = around(0, 0, pictures), around(2, 0, pictures)
    assert blurred(none, all_of_it, (none, none)).verdict is verdict


def test_detail_beside_several_twins() -> None:
    """The mean of their losses, with the interval of `over_twins`."""
    start, ends = around(0.4, 0.2), [around(0.4, 0.3), around(0.8, 0.3)]
    claim = blurred(start, around(1.8, 0.1), *((start, end) for end in ends))
    alone = [detail_loss(space(rebuild_error=start), space(rebuild_error=end), SEED) for end in ends]
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.1)
    assert claim.reference == over_twins(alone)


def test_pictures_that_are_all_alike_have_no_detail_to_lose() -> None:
    """There is no variance to be rebuilt."""
    flat = space(rebuild_error=around(0), spread=0.0)
    claim = loses_detail(layer(flat, flat, index=1), layer(flat, flat), SEED)
    assert (claim.verdict, claim.value) == (UNKNOWN, None)


@pytest.mark.parametrize("seed", range(12))
def test_the_verdict_on_detail_is_that_of_its_rule(seed: int) -> None:
    """Whatever the numbers are."""
    random = np.random.default_rng(seed)
    first, last, start, end = (random.exponential(mean, 30) for mean in random.uniform(0.2, 2, 4))
    claim = blurred(first, last, (start, end))
    assert claim.verdict is by_rule(claim)


# --- choosiness ---


def fond(selectivity: Doubles, pictures: int = 60) -> Floats:
    """Answers of units that have exactly these selectivities, each with one of three favourite classes."""
    units = np.arange(len(selectivity))
    favoured = (np.arange(pictures) % 3)[:, np.newaxis] == units % 3
    return np.where(favoured, 1 + selectivity, 1 - selectivity).astype(np.float32)


def choosy(index: int, trained: Floats, *twins: Floats) -> Layer:
    """A layer with these answers of the trained network and of its twins."""
    labels = [number % 3 for number in range(len(trained))]
    own, twin, *others = (observed(each, labels, 3) for each in (trained, *twins))
    plain = bare_layer(index, "Dense", (trained.shape[1],))
    return replace(plain, trained=own, untrained=twin, other_twins=tuple(each.responses for each in others))


def grown(first: Doubles, last: Doubles, *twins: tuple[Doubles, Doubles], pictures: int = 60) -> Claim:
    """The claim about units of these selectivities in both layers of both networks."""
    early = choosy(1, *(fond(each, pictures) for each in (first, *(start for start, _ in twins))))
    late = choosy(4, *(fond(each, pictures) for each in (last, *(end for _, end in twins))))
    return choosier(early, late, SEED)


def units(mean: float, spread: float = 0.0, count: int = 12) -> Doubles:
    """Selectivities of so many units."""
    return around(mean, spread, count)


def test_units_that_training_made_choosier() -> None:
    """From 0.2 to 0.7, in the twin from 0.2 to 0.3."""
    claim = grown(units(0.2, 0.1), units(0.7, 0.1), (units(0.2, 0.1), units(0.3, 0.1)))
    assert (claim.verdict, claim.pictures) == (YES, 60)
    assert claim.value == pytest.approx(0.5, abs=1e-6)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize(("last", "twin_last"), [(0.1, 0.05), (0.5, 0.5), (0.5, 0.9)])
def test_units_that_training_did_not_make_choosier(last: float, twin_last: float) -> None:
    """They are less choosy, or no choosier than the twin's."""
    assert grown(units(0.2), units(last), (units(0.2), units(twin_last))).verdict is NO


def test_a_little_more_choice_than_in_the_twin_tells_nothing() -> None:
    """The intervals over a dozen units overlap."""
    claim = grown(units(0.2, 0.1), units(0.5, 0.4), (units(0.2, 0.1), units(0.45, 0.4)))
    assert claim.verdict is UNKNOWN
    assert claim.value == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("place", range(4))
def test_a_few_units_in_any_layer_tell_nothing_of_choice(place: int) -> None:
    """Five are enough, four in one of the four layers are not."""
    for count, verdict in ((FEWEST, YES), (FEWEST - 1, UNKNOWN)):
        first, last, start, end = (
            units(mean, 0, count if number == place else 12) for number, mean in enumerate((0.1, 0.9, 0.1, 0.1))
        )
        assert grown(first, last, (start, end)).verdict is verdict


def test_units_that_never_answer_are_not_counted_as_choosy() -> None:
    """Twelve units of which eight are dead are four."""
    answers = fond(units(0.9))
    answers[:, :8] = 0
    early = choosy(1, fond(units(0.1)), fond(units(0.1)))
    assert choosier(early, choosy(4, answers, fond(units(0.1))), SEED).verdict is UNKNOWN
    answers[:, :8] = fond(units(0.9))[:, :8]
    assert choosier(early, choosy(4, answers, fond(units(0.1))), SEED).verdict is YES


def test_a_few_pictures_tell_nothing_of_choice() -> None:
    """Among few pictures every unit has its favourite by accident."""
    for pictures, verdict in ((3 * FEWEST_A_CLASS - 1, UNKNOWN), (3 * FEWEST_A_CLASS, YES)):
        assert grown(units(0.1), units(0.9), (units(0.1), units(0.1)), pictures=pictures).verdict is verdict


def test_choice_beside_several_twins() -> None:
    """The mean of their growths, with the interval of `over_twins`; one that grows as much is enough for doubt."""
    start, none, much = units(0.2), Measured(0, 0, 0), Measured(0.6, 0.6, 0.6)
    claim, expected = grown(start, units(0.8), (start, start), (start, units(0.8))), over_twins([none, much])
    assert claim.reference is not None
    assert expected is not None
    assert (claim.reference.low, claim.reference.value, claim.reference.high) == pytest.approx(
        (expected.low, 0.3, expected.high), abs=1e-5
    )
    assert claim.verdict is UNKNOWN


def test_of_layers_without_outputs_no_choice_can_be_told() -> None:
    """Whichever of the two it is."""
    seen, unseen = choosy(1, fond(units(0.1)), fond(units(0.1))), bare_layer(4, "Dense", (12,))
    assert [choosier(*pair, SEED).value for pair in ((seen, unseen), (unseen, seen))] == [None, None]


@pytest.mark.parametrize("seed", range(8))
def test_the_verdict_on_choice_is_that_of_its_rule(seed: int) -> None:
    """Whatever the numbers are."""
    random = np.random.default_rng(seed)
    first, last, start, end = (random.uniform(0, top, 9) for top in random.uniform(0.3, 1, 4))
    claim = grown(first, last, (start, end))
    assert claim.verdict is by_rule(claim)


@pytest.mark.parametrize("claim", [steadier, loses_detail], ids=["steadier", "loses_detail"])
def test_layers_of_unequal_twins_are_not_compared(claim: Callable[[Layer, Layer, int], Claim]) -> None:
    """Whose space is missing cannot be known."""
    one = space(rebuild_error=around(1))
    assert claim(layer(one, one, one, index=1), layer(one, one), SEED).verdict is UNKNOWN
