"""What is said of single units, held against hand-worked tests, plain resampling and constructed layers."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.analysis.importance import (
    change_interval,
    concentration,
    concentration_chance,
    importance_study,
    p_values,
)
from reportgen.snapshot import Ablation, Integers

SEED = 42
PICTURES = 1000


def ablation(lost: list[int], won: list[int] | None = None, pictures: int = PICTURES) -> Ablation:
    """An experiment with these counts, on a network that is right in nine of ten pictures."""
    gained = won or [0] * len(lost)
    return Ablation(pictures, pictures * 9 // 10, np.array(lost, np.int64), np.array(gained, np.int64))


def resampled(outcomes: Integers, draws: int) -> tuple[float, float]:
    """The percentile interval of the mean by drawing the outcomes themselves anew."""
    random = np.random.default_rng(SEED)
    means = [random.choice(outcomes, outcomes.size).mean() for _ in range(draws)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


# --- one unit ---


def test_the_change_counts_pictures_won_against_pictures_lost() -> None:
    """30 lost and 10 won of 1,000 is an accuracy lower by 0.02."""
    study = importance_study(ablation([30], [10]), np.array([True]), SEED)
    assert study.change.tolist() == [-0.02]
    assert study.accuracy == 0.9


def test_the_interval_is_that_of_drawing_the_pictures_themselves_anew() -> None:
    """A multinomial draw of the counts has the ends that a plain bootstrap over −1, 0 and 1 has."""
    outcomes = np.repeat(np.array([-1, 1, 0]), [30, 10, 960])
    (low,), (high,) = change_interval(ablation([30], [10]), SEED)
    assert (low, high) == pytest.approx(resampled(outcomes, 4000), abs=0.0015)


def test_the_interval_of_a_unit_that_turns_nothing_has_no_width() -> None:
    """Where no picture changes, no draw of pictures does."""
    low, high = change_interval(ablation([0], [0]), SEED)
    assert (low.item(), high.item()) == (0, 0)


def test_the_p_value_is_mcnemars_worked_out_by_hand() -> None:
    """Of 10 turned pictures 9 lost: 2 · (1 + 10) / 1024; of 2, both lost: 2 · 1 / 4; of 3 against 3: 1."""
    values = p_values(ablation([9, 2, 3, 0], [1, 0, 3, 0]))
    assert values.tolist() == [22 / 1024, 0.5, 1.0, 1.0]


@given(lost=st.integers(0, 300), won=st.integers(0, 300))
def test_the_p_value_sums_all_counts_at_least_as_uneven(lost: int, won: int) -> None:
    """By enumerating the binomial distribution in whole numbers, and the same the other way round."""
    turned = lost + won
    uneven = [n for n in range(turned + 1) if abs(2 * n - turned) >= abs(lost - won)]
    expected = float(Fraction(sum(comb(turned, n) for n in uneven), 2**turned))
    assert p_values(ablation([lost, won], [won, lost])) == pytest.approx([expected, expected])


# --- the units of a layer ---


def test_a_unit_that_costs_much_matters_and_one_that_turns_a_few_does_not() -> None:
    """40 lost against 2 won stands; 3 against 1 does not."""
    study = importance_study(ablation([40, 3, 0], [2, 1, 0]), np.ones(3, bool), SEED)
    assert study.matters.tolist() == [True, False, False]
    assert study.high[0] < 0 < study.high[1]


def test_a_small_p_value_does_not_stand_among_many_units() -> None:
    """6 lost and none won is p = 0.03: enough for one unit that was asked for, not for the least of forty."""
    alone = importance_study(ablation([6]), np.ones(1, bool), SEED)
    among = importance_study(ablation([6] + [1] * 39), np.ones(40, bool), SEED)
    assert alone.matters.tolist() == [True]
    assert not among.matters.any()


def test_dead_units_are_not_tested() -> None:
    """Beside 39 dead units the same unit stands, because nothing was asked about those."""
    study = importance_study(ablation([6] + [0] * 39), np.arange(40) == 0, SEED)
    assert study.matters.sum() == 1
    assert np.isnan(study.p[1:]).all()


def test_only_the_units_tried_are_spoken_of() -> None:
    """Where a layer has more units than were tried, the flags of the first ones count."""
    study = importance_study(ablation([5, 5]), np.array([True, False, True, True]), SEED)
    assert np.isnan(study.p).tolist() == [False, True]


# --- how importance is spread ---


def test_the_concentration_is_the_costliest_units_share_of_all_losses() -> None:
    """The two costliest of five stand for 50 + 30 of 100 losses."""
    assert concentration(ablation([50, 10, 30, 5, 5]), 2) == 0.8


def test_a_tenth_of_the_living_units_is_rounded_up() -> None:
    """Of 21 living units, three; dead ones are not counted."""
    study = importance_study(ablation([1] * 30), np.arange(30) < 21, SEED)
    assert study.concentrated_on == 3


def test_one_unit_that_bears_all_is_concentrated_beyond_chance() -> None:
    """Its share is one, and chance never comes near."""
    study = importance_study(ablation([60] + [0] * 19), np.ones(20, bool), SEED)
    assert study.concentration == 1
    assert study.concentration_chance is not None
    assert study.concentration_chance.high < 0.4


def test_losses_dealt_out_evenly_are_less_concentrated_than_chance() -> None:
    """Chance deals out unevenly, so that perfect evenness lies below it."""
    study = importance_study(ablation([6] * 20), np.ones(20, bool), SEED)
    assert study.concentration == 0.1
    assert study.concentration_chance is not None
    assert study.concentration_chance.low > 0.1


def test_the_chance_of_one_unit_of_two_is_the_larger_half_of_fair_tosses() -> None:
    """With three losses: three of three in a quarter of the cases, two of three else; on average 0.75."""
    chance = concentration_chance(ablation([2, 1]), np.ones(2, bool), 1, SEED)
    assert chance is not None
    assert chance.value == pytest.approx(0.75, abs=0.02)
    assert (chance.low, chance.high) == (2 / 3, 1)


def test_chance_deals_to_living_units_only() -> None:
    """With one living unit, every loss is its own."""
    chance = concentration_chance(ablation([4, 0, 0]), np.array([True, False, False]), 1, SEED)
    assert chance is not None
    assert (chance.value, chance.low, chance.high) == (1, 1, 1)


def test_where_no_picture_was_lost_there_is_no_concentration() -> None:
    """Nothing can be said of how nothing is spread."""
    study = importance_study(ablation([0, 0], [1, 0]), np.ones(2, bool), SEED)
    assert (study.concentration, study.concentration_chance) == (None, None)


def test_a_layer_of_dead_units_has_no_study_to_fail_on() -> None:
    """No unit is tested, none matters, and importance is not concentrated on any."""
    study = importance_study(ablation([0, 0]), np.zeros(2, bool), SEED)
    assert not study.matters.any()
    assert (study.concentrated_on, study.concentration) == (0, None)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """And another seed gives others."""
    first, again, other = (change_interval(ablation([30], [10]), seed)[0].tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other
