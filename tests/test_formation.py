"""When filters take shape, held against checkpoints made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.formation import (
    MOST_BINS,
    FormationStudy,
    cosines,
    formation_study,
    head_start,
    settled_from,
)
from reportgen.snapshot import Checkpoint, Floats, TrainingRecord, Weight
from tests.factories import bare_layer, layer_at, small_snapshot

SEED = 42
MOMENTS = (0.0, 0.25, 1.0, 2.0, 3.0, 4.0)
"""The best epoch is the fourth."""
ACROSS = np.array([[1, -1], [1, -1]], np.float32)
DOWN = ACROSS.T
"""At a right angle to the other: a cosine of zero."""


def record_of(*kernels: Floats, moments: tuple[float, ...] = MOMENTS, best: int = 4) -> TrainingRecord:
    """A record with these kernels of its only convolution at these moments."""
    record = small_snapshot().record
    assert record
    checkpoints = tuple(Checkpoint(epoch, (each,)) for epoch, each in zip(moments, kernels, strict=True))
    return replace(record, best_epoch=best, checkpoints=checkpoints)


def study_of(*rows: str, layer: int = 1) -> FormationStudy:
    """One filter a row, one letter a moment: `-` where it is something else, `o` where it has its final form."""
    kernels = [
        np.stack([ACROSS if row[moment] == "o" else DOWN for row in rows], axis=-1)[:, :, None]
        for moment in range(len(MOMENTS))
    ]
    weights = Weight("kernel", kernels[-1], kernels[0])
    study = formation_study(bare_layer(layer, "Conv2D", (4, 4, 1), weights), 0, record_of(*kernels), SEED)
    assert study
    return study


# --- when a filter took shape ---


@pytest.mark.parametrize(
    ("row", "epoch"),
    [
        ("oooooo", 0),
        ("-ooooo", 0.25),
        ("---ooo", 2),
        ("----oo", 3),
        ("-----o", np.nan),
        ("o-oooo", 1),
        ("oo-o-o", np.nan),
    ],
)
def test_a_filter_takes_shape_when_it_comes_to_stay(row: str, epoch: float) -> None:
    """From the first moment that is followed by no other form; the end itself proves nothing."""
    assert study_of(row).epochs == pytest.approx([epoch], nan_ok=True)


def test_the_cosine_is_kept_for_every_moment() -> None:
    """One where the filter is as in the end, zero where it is at a right angle to it."""
    rows = np.array([[1, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]])
    assert study_of("o-oooo", "---ooo").cosine == pytest.approx(rows.T, abs=1e-12)


def test_moments_after_the_best_epoch_are_left_out() -> None:
    """What was not kept says nothing of what was: a filter that left its form afterwards has it all the same."""
    kernel, other = ACROSS[:, :, None, None], DOWN[:, :, None, None]
    record = record_of(other, kernel, kernel, kernel, other, other, best=2)
    study = formation_study(bare_layer(1, "Conv2D", (4, 4, 1), Weight("kernel", kernel, other)), 0, record, SEED)
    assert study
    assert study.moments.tolist() == [0, 0.25, 1, 2]
    assert study.epochs.tolist() == [0.25]


def test_a_cosine_of_just_above_nine_tenths_is_enough() -> None:
    """The threshold, from both sides."""
    cosine = np.array([[0.9001, 0.8999, 0.9], [1, 1, 1]])
    assert settled_from(cosine, np.array([0.0, 1.0])) == pytest.approx([0, np.nan, np.nan], nan_ok=True)


@given(arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 5)), elements=st.floats(0.8, 1)))
def test_settling_is_what_reading_backwards_gives(cosine: np.ndarray) -> None:
    """Another way: from the last moment but one back to the first that is too low."""
    moments = np.arange(len(cosine), dtype=np.float64)
    for filter_number, epoch in enumerate(settled_from(cosine, moments)):
        moment = len(cosine) - 1
        while moment > 0 and cosine[moment - 1, filter_number] > 0.9:
            moment -= 1
        expected = np.nan if moment == len(cosine) - 1 else moments[moment]
        assert epoch == pytest.approx(expected, nan_ok=True)


def test_the_cosine_by_hand() -> None:
    """(3, 4) to (4, 3) is 24 / 25, whatever their lengths; against nothing it is not a number."""
    one = np.array([[3, 1, 0], [4, 0, 0]], np.float32).reshape(1, 2, 1, 3)
    other = np.array([[8, -2, 1], [6, 0, 1]], np.float32).reshape(1, 2, 1, 3)
    assert cosines(one, other) == pytest.approx([24 / 25, -1, np.nan], nan_ok=True)


def test_a_weight_that_is_not_finite_counts_as_zero() -> None:
    """One broken weight spoils no filter."""
    broken = np.array([np.inf, 4, 0], np.float32).reshape(3, 1, 1, 1)
    assert cosines(broken, np.array([7, 3, 4], np.float32).reshape(3, 1, 1, 1)) == pytest.approx([3 / 74**0.5])


# --- the straight way ---


def test_the_straight_way_by_hand() -> None:
    """A share s of the way from (0, 1) to (1, 0) has the cosine s / √(s² + (1 − s)²): 0.9 at s = 0.674.

    Of the moments 0, 0.25, 1, 2, 3 and 4 the third epoch, at s = 0.75, is the first beyond that.
    """
    start, final = (np.array(each, np.float32).reshape(2, 1, 1, 1) for each in ((0, 1), (1, 0)))
    layer = bare_layer(1, "Conv2D", (4, 4, 1), Weight("kernel", final, start))
    study = formation_study(layer, 0, record_of(start, final, final, final, final, final), SEED)
    assert study
    assert (study.epochs.tolist(), study.epochs_even.tolist()) == ([0.25], [3])


def test_a_filter_that_went_straight_has_no_lead() -> None:
    """The factory's checkpoints lie on the straight way: both numbers are the same for every filter."""
    snapshot = small_snapshot()
    assert snapshot.record
    for number, index in enumerate((1, 3)):
        study = formation_study(layer_at(snapshot, index), number, snapshot.record, SEED)
        assert study
        assert study.epochs == pytest.approx(study.epochs_even, nan_ok=True)


# --- means ---


def test_the_mean_counts_the_unsettled_with_the_end() -> None:
    """0, 2, and one that was there only in the end, after four epochs: 2 on average, inside its interval."""
    study = study_of("oooooo", "---ooo", "-----o")
    assert study.unsettled == 1
    assert study.mean
    assert study.mean.value == pytest.approx(2)
    assert 0 <= study.mean.low < 2 < study.mean.high <= 4


def test_filters_that_end_as_zero_have_no_form() -> None:
    """They are counted neither with the end nor among the unsettled."""
    kernels = [np.stack([ACROSS, DOWN, ACROSS * 0], axis=-1)[:, :, None] for _ in MOMENTS]
    layer = bare_layer(1, "Conv2D", (4, 4, 3), Weight("kernel", kernels[-1], kernels[0]))
    study = formation_study(layer, 0, record_of(*kernels), SEED)
    assert study
    assert study.mean
    assert (study.mean.value, study.unsettled) == (0, 0)
    assert np.isnan(study.epochs[2])


def test_the_layer_that_settles_later_is_behind() -> None:
    """All of one at epoch 0, of the other at epoch 3: three epochs, without doubt; and back again minus three."""
    first, second = study_of(*["oooooo"] * 4), study_of(*["----oo"] * 3, layer=3)
    ahead, behind = head_start(first, second, SEED), head_start(second, first, SEED)
    assert ahead
    assert behind
    assert (ahead.value, ahead.low, ahead.high) == (3, 3, 3)
    assert (behind.value, behind.low, behind.high) == (-3, -3, -3)


def test_two_alike_layers_cannot_be_told_apart() -> None:
    """The interval of their difference holds zero, and is as wide as normal theory has it."""
    rows = ["oooooo", "-ooooo", "--oooo", "---ooo", "----oo"] * 6
    ahead = head_start(study_of(*rows), study_of(*rows), SEED)
    assert ahead
    spread_of_one = np.std([0, 0.25, 1, 2, 3] * 6) / 30**0.5
    assert ahead.value == 0
    assert ahead.high - ahead.low == pytest.approx(2 * 1.96 * 2**0.5 * spread_of_one, rel=0.1)


def test_one_filter_gives_no_interval() -> None:
    """Neither a layer's mean nor the difference of two."""
    study = study_of("oooooo")
    assert study.mean is None
    assert head_start(study, study_of("oooooo", "oooooo"), SEED) is None


# --- the weights over time ---


def test_every_weight_is_counted_at_every_moment() -> None:
    """Rows add up to the number of weights, on edges that hold the smallest and the largest of all moments."""
    random = np.random.default_rng(SEED)
    kernels = [random.normal(0, 1 + moment, (3, 3, 2, 8)).astype(np.float32) for moment in range(len(MOMENTS))]
    layer = bare_layer(1, "Conv2D", (4, 4, 8), Weight("kernel", kernels[-1], kernels[0]))
    study = formation_study(layer, 0, record_of(*kernels), SEED)
    assert study
    assert study.counts.sum(axis=1).tolist() == [144] * 6
    assert (study.edges[0], study.edges[-1]) == (np.min(kernels), np.max(kernels))
    assert study.counts[2].tolist() == np.histogram(kernels[2], study.edges)[0].tolist()
    assert (study.ridge.edges, study.ridge.counts) == (study.edges, study.counts)


def test_there_are_not_too_many_bins() -> None:
    """Many weights in a narrow peak would have 80 bins; a dozen rows of them would be too heavy."""
    kernel = np.random.default_rng(SEED).standard_cauchy((5, 5, 10, 10)).astype(np.float32)
    layer = bare_layer(1, "Conv2D", (4, 4, 10), Weight("kernel", kernel, kernel))
    study = formation_study(layer, 0, record_of(*[kernel] * 6), SEED)
    assert study
    assert study.counts.shape == (6, MOST_BINS)
    assert study.counts.sum() == 6 * kernel.size


# --- what does not apply ---


def test_a_record_without_moments_gives_no_study() -> None:
    """No checkpoints, none of this convolution, none but the first, or those of another network."""
    snapshot = small_snapshot()
    record, layer = snapshot.record, layer_at(snapshot, 1)
    assert record
    assert formation_study(layer, 0, record, SEED)
    assert formation_study(layer, 0, replace(record, checkpoints=()), SEED) is None
    assert formation_study(layer, 2, record, SEED) is None
    assert formation_study(layer, 0, replace(record, checkpoints=record.checkpoints[:1]), SEED) is None
    assert formation_study(layer, 1, record, SEED) is None
    assert formation_study(layer_at(snapshot, 6), 0, record, SEED) is None
