"""How a way of marking pixels is judged, held against rank correlations by hand and constructed measurements."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.analysis.attribution import method_study, rank_correlation
from reportgen.analysis.claims import Verdict
from reportgen.snapshot import Doubles, MarkedPixels

SEED = 42
PICTURES = 40


def marked(
    likeness: Doubles | None = None, drop_marked: Doubles | None = None, drop_random: Doubles | None = None
) -> MarkedPixels:
    """What a method was measured to do; zeros where a test does not care."""
    pictures = next(len(each) for each in (likeness, drop_marked) if each is not None)
    maps, zeros = np.zeros((1, 2, 2), np.float32), np.zeros(pictures)
    return MarkedPixels(
        method="grad_cam",
        maps=maps,
        maps_randomised=maps,
        checked=pictures,
        likeness=zeros if likeness is None else likeness,
        drop_marked=zeros if drop_marked is None else drop_marked,
        drop_random=zeros if drop_random is None else drop_random,
        blanked=0.1,
    )


def around(mean: float, spread: float = 0.1, pictures: int = PICTURES) -> Doubles:
    """Values with exactly this mean."""
    values: Doubles = np.random.default_rng(5).normal(0, spread, pictures)
    return values + (mean - float(values.mean()))


# --- rank correlation ---


def test_equal_values_share_their_mean_rank() -> None:
    """Ranks 1, 2½, 2½, 4 against 1, 2, 3, 4: 4½ / √(4½ · 5)."""
    found = rank_correlation(np.array([1.0, 2, 2, 7]), np.array([10.0, 20, 30, 40]))
    assert found == pytest.approx(4.5 / sqrt(4.5 * 5))


def test_ties_in_both_arrays() -> None:
    """Ranks 1½, 1½, 3½, 3½ against 1½, 3½, 1½, 3½: every agreement is undone by a disagreement."""
    assert rank_correlation(np.array([0.0, 0, 1, 1]), np.array([0.0, 1, 0, 1])) == 0


def test_three_of_one_rank() -> None:
    """Ranks 2, 2, 2, 4, 5 against 5, 4, 3, 2, 1: −8 / √(8 · 10)."""
    found = rank_correlation(np.array([0.0, 0, 0, 1, 2]), np.array([5.0, 4, 3, 2, 1]))
    assert found == pytest.approx(-8 / sqrt(8 * 10))


@given(st.permutations(range(9)))
def test_without_ties_it_is_spearmans_formula(order: list[int]) -> None:
    """1 − 6 Σd² / (n (n² − 1)), d being the differences of the ranks."""
    found = rank_correlation(np.arange(9.0), np.array(order, float))
    differences = sum((place - rank) ** 2 for place, rank in enumerate(order))
    assert found == pytest.approx(1 - 6 * differences / (9 * 80))


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=12), st.integers(0, 2**32 - 1))
def test_only_the_order_counts(numbers: list[int], seed: int) -> None:
    """A rising function of the values changes nothing, not even where values are equal."""
    values, other = np.array(numbers, float), np.random.default_rng(seed).integers(0, 4, len(numbers)) * 1.0
    plain, bent = rank_correlation(values, other), rank_correlation(np.exp(values), other)
    assert plain == bent or (isnan(plain) and isnan(bent))


def test_maps_are_compared_as_a_whole() -> None:
    """Two axes are no different from one."""
    first, second = np.random.default_rng(1).random((2, 3, 5))
    assert rank_correlation(first, second) == rank_correlation(first.ravel(), second.ravel())


@pytest.mark.parametrize("odd", [np.ones(4), np.array([1, np.nan, 2, 3]), np.array([1, np.inf, 2, 3])])
def test_no_order_no_correlation(odd: Doubles) -> None:
    """Nothing can be said of a constant map, nor of one with values that are not finite."""
    straight = np.arange(4.0)
    assert isnan(rank_correlation(odd, straight))
    assert isnan(rank_correlation(straight, odd))


# --- do the marks depend on what was learned ---


@pytest.mark.parametrize(
    ("mean", "spread", "verdict"),
    [
        (0.2, 0.1, Verdict.SUPPORTED),
        (-0.6, 0.1, Verdict.SUPPORTED),
        (0.8, 0.1, Verdict.NOT_SUPPORTED),
        (0.48, 0.3, Verdict.CANNOT_TELL),
        (0.52, 0.3, Verdict.CANNOT_TELL),
    ],
)
def test_marks_depend_on_what_was_learned_below_a_half(mean: float, spread: float, verdict: Verdict) -> None:
    """The interval of the mean rank correlation has to lie on one side of a half."""
    study = method_study(marked(likeness=around(mean, spread)), SEED)
    assert study.likeness is not None
    assert study.likeness.value == pytest.approx(mean)
    assert study.depends == verdict


def test_pictures_without_a_correlation_are_left_out() -> None:
    """An empty map neither resembles nor differs."""
    likeness = np.concatenate([around(0.1, pictures=10), np.full(30, np.nan)])
    study = method_study(marked(likeness=likeness), SEED)
    assert study.likeness is not None
    assert (study.compared, study.pictures) == (10, 40)
    assert study.likeness.value == pytest.approx(0.1)
    assert study.depends == Verdict.SUPPORTED


def test_four_correlations_are_too_few() -> None:
    """Even if they are all alike."""
    likeness = np.concatenate([np.full(4, 0.1), np.full(30, np.nan)])
    assert method_study(marked(likeness=likeness), SEED).depends == Verdict.CANNOT_TELL
    assert method_study(marked(likeness=np.full(5, 0.1)), SEED).depends == Verdict.SUPPORTED


def test_no_correlation_at_all() -> None:
    """There is no mean then, and no verdict."""
    study = method_study(marked(likeness=np.full(PICTURES, np.nan)), SEED)
    assert (study.likeness, study.compared, study.depends) == (None, 0, Verdict.CANNOT_TELL)


# --- do the marked pixels matter ---


def test_marked_pixels_matter_when_they_cost_more_than_others() -> None:
    """Each picture is compared with itself: pictures differ far more than the two ways of blanking."""
    random = np.linspace(0, 0.9, PICTURES)
    study = method_study(marked(drop_marked=random + around(0.05, 0.02), drop_random=random), SEED)
    assert study.drop is not None
    assert study.drop.value == pytest.approx(0.05)
    assert study.matters == Verdict.SUPPORTED


@pytest.mark.parametrize("mean", [0.0, -0.02, -0.5])
def test_marked_pixels_that_cost_no_more_do_not_matter(mean: float) -> None:
    """On average nothing, or less than nothing, was gained by choosing."""
    difference = np.array([mean - 0.25, mean + 0.25] * 10)
    study = method_study(marked(drop_marked=difference, drop_random=np.zeros(20)), SEED)
    assert study.matters == Verdict.NOT_SUPPORTED


def test_a_small_gain_in_few_pictures_cannot_be_told() -> None:
    """The mean is above zero, its interval is not."""
    study = method_study(marked(drop_marked=around(0.01, 0.3), drop_random=np.zeros(PICTURES)), SEED)
    assert study.matters == Verdict.CANNOT_TELL


def test_marks_at_random_do_not_matter() -> None:
    """In hardly more than 25 of 1,000 repetitions do pixels drawn at random seem to matter more than others."""
    random, found = np.random.default_rng(8), []
    for _ in range(60):
        marks, others = random.beta(1, 3, (2, PICTURES))
        found.append(method_study(marked(drop_marked=marks, drop_random=others), SEED).matters)
    assert found.count(Verdict.SUPPORTED) <= 5
    assert {Verdict.NOT_SUPPORTED, Verdict.CANNOT_TELL} <= set(found)


@pytest.mark.parametrize(("pictures", "verdict"), [(4, Verdict.CANNOT_TELL), (5, Verdict.SUPPORTED)])
def test_four_pictures_are_too_few(pictures: int, verdict: Verdict) -> None:
    """Even if the marked pixels cost everything in all of them."""
    study = method_study(marked(drop_marked=np.ones(pictures), drop_random=np.zeros(pictures)), SEED)
    assert study.matters == verdict


def test_a_study_is_the_same_twice() -> None:
    """The intervals are drawn from the seed."""
    measured = marked(around(0.4, 0.3), around(0.1, 0.3), around(0.05, 0.3))
    assert method_study(measured, SEED) == method_study(measured, SEED)
    assert method_study(measured, SEED) != method_study(measured, SEED + 1)
