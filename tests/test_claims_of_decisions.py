"""Claims about single decisions: marks that are constructed, and classes that look alike by construction."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from reportgen.analysis.attribution import ALIKE, MISSED, method_study
from reportgen.analysis.claims import FEWEST, Claim, Verdict
from reportgen.analysis.claims_of_decisions import (
    DRAWS,
    FEWEST_CLASSES,
    lookalikes,
    mantel,
    marks_depend,
    marks_matter,
)
from reportgen.analysis.results import Results
from reportgen.snapshot import Doubles, Floats, Integers, MarkedPixels
from tests.factories import bare_layer

SEED = 42
YES, NO, UNKNOWN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.CANNOT_TELL
LAYER = bare_layer(3, "Conv2D", (6, 6, 4))
METHODS = ("grad_cam", "integrated_gradients")


def around(mean: float, spread: float = 0.1, pictures: int = 40) -> Doubles:
    """Values in no order with this mean, none farther from it than the spread."""
    return mean + spread * np.random.default_rng(5).permutation(np.linspace(-1, 1, pictures))


def marked(method: str, likeness: Doubles, drop_marked: Doubles, drop_random: Doubles) -> MarkedPixels:
    """What a method was measured to do."""
    maps = np.zeros((1, 2, 2), np.float32)
    return MarkedPixels(method, maps, maps, len(likeness), likeness, drop_marked, drop_random, 0.1)


# --- what marks depend on ---


def depending(likeness: Doubles, method: str = "grad_cam") -> Claim:
    """The claim about marks that are so like those of random weights."""
    return marks_depend(LAYER, method_study(marked(method, likeness, likeness, likeness), SEED))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [(0.1, 0.2, YES), (-0.4, 0.2, YES), (0.9, 0.2, NO), (0.52, 0.5, UNKNOWN), (0.48, 0.5, UNKNOWN)],
)
def test_marks_of_what_was_learned(method: str, mean: float, spread: float, verdict: Verdict) -> None:
    """Clearly below half alike, clearly above, or on either side with an interval that holds a half."""
    claim = depending(around(mean, spread), method)
    assert (claim.kind, claim.layer, claim.verdict) == (f"{method}_depends", 3, verdict)
    assert claim.value == pytest.approx(mean)
    assert claim.reference is not None
    assert (claim.reference.low, claim.reference.high) == (ALIKE, ALIKE)
    assert (claim.against, claim.pictures) == ("half", 40)


@pytest.mark.parametrize(("pictures", "verdict"), [(2, UNKNOWN), (FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_pictures_tell_nothing_of_what_was_learned(pictures: int, verdict: Verdict) -> None:
    """The number is told all the same."""
    claim = depending(np.zeros(pictures))
    assert (claim.verdict, claim.value, claim.pictures) == (verdict, 0, pictures)


def test_pictures_without_an_order_do_not_count() -> None:
    """A map that is one constant has no ranks: four others are too few, one alone is nothing."""
    known = np.where(np.arange(40) < FEWEST - 1, 0.0, np.nan)
    assert (depending(known).verdict, depending(known).pictures) == (UNKNOWN, FEWEST - 1)
    alone = depending(np.where(np.arange(40) < 1, 0.0, np.nan))
    assert (alone.verdict, alone.value, alone.reference) == (UNKNOWN, None, None)


@pytest.mark.parametrize(
    ("missed", "verdict"),
    [([0, 0.1, 0.9], YES), ([MISSED] * 3, YES), ([0, 0.3, 0.3], UNKNOWN), ([0.26] * 4, UNKNOWN)],
)
def test_marks_that_do_not_add_up_tell_nothing(missed: list[float], verdict: Verdict) -> None:
    """Above a quarter in the median, it is not the method that is tested; the numbers stand all the same."""
    ones, zeros = np.ones(9), np.zeros(9)
    found = replace(marked("integrated_gradients", zeros, ones, zeros), missed=np.array(missed))
    study = method_study(found, SEED)
    for claim in (marks_depend(LAYER, study), marks_matter(LAYER, study, (1, 0), 0.1)):
        assert claim.verdict is verdict
        assert claim.value is not None


# --- what marks matter for ---


def mattering(drop_marked: Doubles, drop_random: Doubles, method: str = "grad_cam") -> Claim:
    """The claim about marked pixels that cost so much when they are blanked, beside others."""
    found = marked(method, np.zeros(len(drop_marked)), drop_marked, drop_random)
    lost = float(drop_marked.mean()), float(drop_random.mean())
    return marks_matter(LAYER, method_study(found, SEED), lost, found.blanked)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("by_marked", "by_random", "spread", "verdict"),
    [(0.6, 0.2, 0.3, YES), (0.2, 0.2, 0.0, NO), (0.1, 0.4, 0.3, NO), (0.32, 0.3, 0.9, UNKNOWN)],
)
def test_marked_pixels_that_matter(
    method: str, by_marked: float, by_random: float, spread: float, verdict: Verdict
) -> None:
    """They cost much more than others, as much, less, or a little more on average."""
    claim = mattering(around(by_marked, spread), around(by_random, 0), method)
    assert (claim.kind, claim.verdict, claim.pictures) == (f"{method}_matters", verdict, 40)
    assert claim.value == pytest.approx(by_marked - by_random)
    assert claim.details == pytest.approx({"marked": by_marked, "random": by_random, "blanked": 0.1})


def test_the_difference_is_taken_picture_by_picture() -> None:
    """Drops of every size that differ by a tenth in every picture leave no doubt."""
    drops = around(0.5, 0.5)
    assert mattering(drops + 0.1, drops).verdict is YES


@pytest.mark.parametrize(("pictures", "verdict"), [(2, UNKNOWN), (FEWEST - 1, UNKNOWN), (FEWEST, YES)])
def test_a_few_pictures_tell_nothing_of_what_matters(pictures: int, verdict: Verdict) -> None:
    """Below five, though all answers are lost."""
    assert mattering(np.ones(pictures), np.zeros(pictures)).verdict is verdict


def test_of_a_single_picture_no_difference_is_told() -> None:
    """Neither of the two claims has a number then."""
    assert mattering(np.ones(1), np.zeros(1)).value is None
    assert depending(np.zeros(1)).value is None


# --- rank correlation of two tables ---


def symmetric(values: list[float], classes: int) -> Doubles:
    """A table with these values above its diagonal, row by row, and the same below it."""
    table = np.zeros((classes, classes))
    table[np.triu_indices(classes, 1)] = values
    return table + table.T


def ranks(table: Doubles) -> Doubles:
    """The places in order of the values above the diagonal, of which no two are equal."""
    return table[np.triu_indices(len(table), 1)].argsort().argsort().astype(np.float64)


def every_order(one: Doubles, other: Doubles) -> Doubles:
    """The correlation for each order of the other's names, counted out."""
    orders = [list(order) for order in permutations(range(len(one)))]
    return np.array([np.corrcoef(ranks(one), ranks(other[np.ix_(order, order)]))[0, 1] for order in orders])


@pytest.mark.parametrize("seed", range(4))
def test_chance_among_five_classes_is_that_of_all_their_orders(seed: int) -> None:
    """The draws are some of the 120 correlations that there are, with their mean and their shares."""
    random = np.random.default_rng(seed)
    one, other = (symmetric(random.random(10).tolist(), 5) for _ in range(2))
    value, draws = mantel(one, other, SEED)
    orders = every_order(one, other)
    assert value == pytest.approx(orders[0])
    assert np.abs(draws[:, np.newaxis] - orders).min(axis=1).max() < 1e-9
    assert draws.shape == (DRAWS,)
    for bound in np.percentile(orders, [10, 50, 90]) + 1e-6:
        # A share of 1,000 draws is hardly ever more than 0.05 off.
        assert (draws <= bound).mean() == pytest.approx((orders <= bound).mean(), abs=0.05)


def test_the_diagonal_does_not_count() -> None:
    """How often a class is taken for itself says nothing of pairs."""
    one, other = symmetric([1, 2, 3, 4, 5, 6], 4), symmetric([2, 1, 4, 3, 6, 5], 4)
    plain, changed = mantel(one, other, SEED), mantel(one + np.diag([9.0, 0, 5, 1]), other + np.eye(4), SEED)
    assert plain[0] == changed[0]
    assert np.array_equal(plain[1], changed[1])


def test_a_table_without_an_order_has_no_correlation() -> None:
    """All pairs alike."""
    value, draws = mantel(symmetric([1] * 6, 4), symmetric([1, 2, 3, 4, 5, 6], 4), SEED)
    assert np.isnan(value)
    assert np.isnan(draws).all()


# --- classes that look alike ---

PLACES = (0.0, 1.0, 2.5, 5.0, 9.0, 16.0)
"""Brightness of the mean pictures of six classes: no two pairs lie equally far apart."""


def pictured(places: tuple[float, ...] = PLACES) -> Floats:
    """Mean pictures that differ in brightness alone."""
    return np.array(places, np.float32)[:, None, None, None] * np.ones((1, 4, 4, 1), np.float32)


def mistaken(closeness: Doubles, pictures: int = 1000) -> Results:
    """Results in which two classes are taken for each other the more often the larger their entry is."""
    confusion = closeness.astype(np.int64)
    np.fill_diagonal(confusion, 0)
    np.fill_diagonal(confusion, pictures - confusion.sum(axis=1))
    return results_of(confusion)


def results_of(confusion: Integers) -> Results:
    """Results with these counts."""
    return Results(
        origin="record",
        confusion=confusion,
        pictures=int(confusion.sum()),
        right=int(np.trace(confusion)),
        classes=(),
        survey_pictures=0,
        survey_mistakes=0,
        sure_mistakes=0,
        likeliest_pair=None,
        pair_mistakes=0,
    )


def distances(places: tuple[float, ...] = PLACES) -> Doubles:
    """How far apart the classes lie."""
    return np.abs(np.subtract.outer(places, places))


def alike(found: Results, pictures: Floats) -> Claim:
    """The claim that what looks alike is mistaken."""
    return lookalikes(LAYER, found, pictures, SEED)


def test_classes_that_look_alike_and_are_mistaken() -> None:
    """The nearer, the more mistakes, in one and the same order."""
    claim = alike(mistaken(10 * (17 - distances())), pictured())
    assert (claim.verdict, claim.pictures, claim.details) == (YES, 6000, {"pairs": 15})
    assert claim.value == pytest.approx(1)
    assert claim.reference is not None
    assert claim.reference.low < 0 < claim.reference.high < 1


def test_classes_that_look_unlike_and_are_mistaken() -> None:
    """The farther, the more mistakes."""
    claim = alike(mistaken(10 * distances()), pictured())
    assert claim.verdict is NO
    assert claim.value == pytest.approx(-1)


def test_mistakes_in_any_order_are_hardly_ever_taken_for_likeness() -> None:
    """Of sixty networks that take classes for each other at random, one or two."""
    random = np.random.default_rng(8)
    found = [mistaken(np.triu(random.integers(0, 90, (6, 6)), 1)) for _ in range(60)]
    verdicts = [alike(each, pictured()).verdict for each in found]
    assert verdicts.count(YES) <= 5
    assert verdicts.count(YES) + verdicts.count(NO) == 60


def test_the_direction_of_a_mistake_does_not_count() -> None:
    """Boots taken for sneakers and sneakers for boots are mistakes of one pair; rare classes count as much."""
    closeness = 10 * (17 - distances())
    for one_way in (np.triu(2 * closeness), np.tril(2 * closeness)):
        assert alike(mistaken(one_way), pictured()).value == pytest.approx(1)
    rare = mistaken(closeness).confusion * np.array([1, 2, 3, 4, 5, 6])[:, np.newaxis]
    assert alike(results_of(rare), pictured()).value == pytest.approx(1)


@pytest.mark.parametrize(("classes", "is_known"), [(FEWEST_CLASSES - 1, False), (FEWEST_CLASSES, True)])
def test_a_few_classes_tell_nothing(classes: int, is_known: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Three classes have six orders, so that the likeliest of them is no surprise."""
    places = PLACES[:classes]
    claim = alike(mistaken(10 * (17 - distances(places))), pictured(places))
    assert (claim.value is not None) is is_known
    assert is_known or claim.verdict is UNKNOWN


@pytest.mark.parametrize(
    ("found", "pictures"),
    [
        (mistaken(np.zeros((6, 6))), pictured()),
        (mistaken(distances()), pictured((1.0,) * 6)),
        (mistaken(distances()), pictured(PLACES[:5])),
        (mistaken(distances()), np.zeros((0, 4, 4, 1), np.float32)),
        (mistaken(distances()), np.where(np.arange(6)[:, None, None, None] == 2, np.nan, pictured())),
        (results_of(np.diag([10, 10, 0, 10, 10, 10])), pictured()),
    ],
    ids=["no mistake", "all alike", "other classes", "no pictures", "class not pictured", "class not tested"],
)
def test_what_is_missing_leaves_nothing_to_tell(found: Results, pictures: Floats) -> None:
    """Mistakes, differences, or a class."""
    claim = alike(found, pictures.astype(np.float32))
    assert (claim.verdict, claim.value, claim.kind) == (UNKNOWN, None, "lookalikes")
