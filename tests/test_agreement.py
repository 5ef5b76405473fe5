"""Whether filters are found again, held against copies in another order and filters with nothing in common."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.agreement import (
    FEWEST_DRAWS,
    AgreementStudy,
    agreement_study,
    best_matches,
    chance_of_agreement,
)
from reportgen.analysis.filters import edge_masks, unit_filters
from reportgen.snapshot import Floats, Layer, Sibling, TrainingRecord, Weight
from tests.factories import bare_layer, small_snapshot

SEED = 42
FILTERS = 24


def gaussian(*shape: int, seed: int) -> Floats:
    """Weights drawn independently from the normal distribution."""
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def edges(seed: int, filters: int = FILTERS) -> Floats:
    """Straight edges that run every way, with a little noise, (5, 5, 1, filters)."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, filters)
    turned = np.stack([np.cos(angles), np.sin(angles)]).T @ edge_masks(5, 5)
    noise = 0.02 * gaussian(filters, 25, seed=seed + 1)
    return np.asarray((turned + noise).T.reshape(5, 5, 1, filters), np.float32)


def record_of(*kernels: Floats) -> TrainingRecord:
    """A record with one sibling for each of these kernels."""
    record = small_snapshot().record
    assert record
    siblings = tuple(Sibling(43 + number, 0.9, (kernel,)) for number, kernel in enumerate(kernels))
    return replace(record, siblings=siblings)


def first_layer(kernel: Floats, initial: Floats | None = None) -> Layer:
    """A convolution that reads the picture."""
    weight = Weight("kernel", kernel, gaussian(*kernel.shape, seed=9) if initial is None else initial)
    return bare_layer(1, "Conv2D", (4, 4, kernel.shape[3]), weight)


def study_of(kernel: Floats, *siblings: Floats, initial: Floats | None = None) -> AgreementStudy:
    """The agreement of a first layer with its siblings'."""
    study = agreement_study(first_layer(kernel, initial), 0, record_of(*siblings), SEED)
    assert study
    return study


# --- agreement ---


def test_a_copy_in_another_order_agrees_in_every_filter() -> None:
    """Every filter finds itself, whatever its place and strength, and chance is far below."""
    kernel = gaussian(3, 3, 1, FILTERS, seed=1)
    order = np.random.default_rng(2).permutation(FILTERS)
    study = study_of(kernel, kernel[..., order] * np.float32(7))
    assert study.best == pytest.approx(np.ones((1, FILTERS)))
    assert order[study.match[0]].tolist() == list(range(FILTERS))
    assert (study.mean.value, study.mean.low) == pytest.approx((1, 1))
    assert study.chance.high < 0.9


def test_filters_without_anything_in_common_agree_by_chance() -> None:
    """Independent kernels lie inside what shuffling gives."""
    study = study_of(gaussian(3, 3, 1, FILTERS, seed=3), gaussian(3, 3, 1, FILTERS, seed=4))
    assert study.chance.low <= study.mean.value <= study.chance.high


def test_chance_is_exceeded_as_seldom_as_it_should_be() -> None:
    """Of 60 pairs of independent layers, about one in 40 lies above the interval, and not one in six."""
    above = [
        study.mean.value > study.chance.high
        for seed in range(60)
        if (study := study_of(gaussian(3, 3, 1, 8, seed=2 * seed), gaussian(3, 3, 1, 8, seed=2 * seed + 1)))
    ]
    assert sum(above) <= 10


def test_edges_of_two_seeds_agree_above_chance() -> None:
    """Other edges, drawn anew: not the same filters, but the same family."""
    study = study_of(edges(5), edges(6))
    assert study.mean.low > study.chance.high


def test_what_was_there_before_training_is_told() -> None:
    """Filters that were the siblings' from the start agree as well untrained as trained."""
    kernel = edges(7)
    study = study_of(kernel, kernel[..., ::-1], initial=kernel)
    assert study.untrained == study.mean
    assert study_of(kernel, kernel, initial=gaussian(5, 5, 1, FILTERS, seed=8)).untrained.high < 0.9


def test_the_opposite_filter_is_no_match() -> None:
    """A dark edge for a bright one has the cosine minus one."""
    one = np.array([[1, 0], [0, 1]], np.float32).reshape(1, 2, 1, 2)
    best, match = best_matches(unit_filters(one), [unit_filters(-one)])
    assert best.tolist() == [[0, 0]]
    assert match.tolist() == [[1, 0]]


def test_the_best_match_by_hand() -> None:
    """(3, 4) has the cosines 3/5, 4/5 and 24/25 to (1, 0), (0, 1) and (4, 3)."""
    ours = np.array([3, 4], np.float32).reshape(1, 2, 1, 1)
    theirs = np.array([[1, 0, 4], [0, 1, 3]], np.float32).reshape(1, 2, 1, 3)
    best, match = best_matches(unit_filters(ours), [unit_filters(theirs)])
    assert (best[0, 0], match[0, 0]) == (pytest.approx(24 / 25), 2)


def test_each_sibling_has_its_row() -> None:
    """One that is a copy, one that is not; the mean is over both."""
    kernel = gaussian(3, 3, 1, FILTERS, seed=1)
    study = study_of(kernel, kernel, gaussian(3, 3, 1, FILTERS, seed=2))
    assert study.seeds == (43, 44)
    assert study.best[0] == pytest.approx(np.ones(FILTERS))
    assert study.mean.value == pytest.approx((1 + study.best[1].mean()) / 2)


def test_a_filter_of_zeros_is_like_no_other() -> None:
    """It has the cosine zero, and spoils nothing."""
    kernel = gaussian(3, 3, 1, 4, seed=1)
    dead = kernel.copy()
    dead[..., 0] = 0
    dead[0, 0, 0, 1] = np.nan
    best = study_of(dead, kernel).best[0]
    assert best[0] == 0
    assert best[2:] == pytest.approx([1, 1])
    assert 0 < best[1] < 1


# --- chance ---


def test_shuffling_leaves_the_weights_of_a_slice_together() -> None:
    """Even slices have only one order: chance is then as good as the copy, however dark each channel is."""
    levels = gaussian(3, 5, seed=1)
    kernel = np.broadcast_to(levels, (3, 3, 3, 5)).astype(np.float32)
    study = study_of(kernel, kernel)
    assert (study.chance.low, study.chance.high) == pytest.approx((1, 1))


def test_chance_for_two_weights_by_hand() -> None:
    """(1, 0) against a shuffled (1, 0): half of the draws agree, half do not at all."""
    unit = unit_filters(np.array([1, 0], np.float32).reshape(1, 2, 1, 1))
    draws = chance_of_agreement(unit, [unit], SEED, draws=4000)
    assert set(draws) == {0.0, 1.0}
    assert draws.mean() == pytest.approx(0.5, abs=0.03)


def test_chance_belongs_to_the_seed() -> None:
    """The same seed draws the same."""
    unit = unit_filters(gaussian(3, 3, 1, 4, seed=1))
    assert (chance_of_agreement(unit, [unit], 1) == chance_of_agreement(unit, [unit], 1)).all()
    assert (chance_of_agreement(unit, [unit], 1) != chance_of_agreement(unit, [unit], 2)).any()


def test_a_large_layer_gets_fewer_draws() -> None:
    """A small one 199, a large one no more than its products allow, none fewer than twenty."""
    assert study_of(edges(1), edges(2)).draws == 199
    large = unit_filters(gaussian(7, 7, 3, 160, seed=1))
    assert len(chance_of_agreement(large, [large], SEED)) == 200_000_000 // (160 * 160 * 147)
    larger = unit_filters(gaussian(7, 7, 3, 320, seed=1))
    assert len(chance_of_agreement(larger, [larger], SEED)) == FEWEST_DRAWS


# --- what does not apply ---


def test_a_layer_that_reads_other_units_is_not_compared() -> None:
    """Its inputs have another order in every training."""
    kernel = gaussian(3, 3, 4, 6, seed=1)
    deeper = replace(first_layer(kernel), inputs=(2,))
    assert agreement_study(deeper, 0, record_of(kernel), SEED) is None


def test_nothing_to_compare_with_gives_no_study() -> None:
    """No siblings, none of this convolution, another shape, a single filter, no filters."""
    kernel = edges(1)
    layer = first_layer(kernel)
    assert agreement_study(layer, 0, record_of(), SEED) is None
    assert agreement_study(layer, 1, record_of(kernel), SEED) is None
    assert agreement_study(layer, 0, record_of(edges(1, FILTERS + 1)), SEED) is None
    assert agreement_study(first_layer(edges(1, 1)), 0, record_of(edges(1, 1)), SEED) is None
    assert agreement_study(bare_layer(1, "Dense", (4,)), 0, record_of(kernel), SEED) is None
