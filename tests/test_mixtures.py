"""What filters mix, held against matrices whose rank is known and kernels worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.mixtures import (
    DRAWS,
    MOST_FILTERS,
    MixtureStudy,
    effective_rank,
    mixture_study,
    shuffled_ranks,
    strongest_inputs,
)
from reportgen.snapshot import Floats, Weight
from tests.factories import bare_layer

SEED = 42


def gaussian(*shape: int, seed: int = SEED) -> Floats:
    """Weights drawn independently from the normal distribution."""
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def study_of(kernel: Floats, initial: Floats | None = None) -> MixtureStudy:
    """The mixtures of a convolution with this kernel."""
    weight = Weight("kernel", kernel, kernel if initial is None else initial)
    study = mixture_study(bare_layer(3, "Conv2D", (4, 4, kernel.shape[3]), weight), SEED)
    assert study
    return study


def of_few_patterns(patterns: int, filters: int = 32) -> Floats:
    """Filters that are mixtures of a few patterns, all of about the same strength, (3, 3, 8, filters)."""
    mixed = gaussian(72, patterns, seed=1) @ gaussian(patterns, filters, seed=2)
    return mixed.reshape(3, 3, 8, filters)


# --- the strongest inputs ---


def test_the_strongest_inputs_by_hand() -> None:
    """Energies 1 + 1, 9 + 0 and 4 + 1 of 16: the second input holds 9/16, the third 5/16, the first 2/16."""
    slices = np.array([[1, 1], [3, 0], [-2, 1]], np.float32)
    inputs, shares = strongest_inputs(slices.T.reshape(2, 1, 3, 1))
    assert inputs.tolist() == [[1, 2, 0]]
    assert shares == pytest.approx(np.array([[9, 5, 2]]) / 16)


def test_five_inputs_are_kept() -> None:
    """Of ten inputs with the energies 0, 1, 4, 9 … 81 those five with the largest, of 285."""
    kernel = np.arange(10, dtype=np.float32).reshape(1, 1, 10, 1)
    inputs, shares = strongest_inputs(kernel)
    assert inputs.tolist() == [[9, 8, 7, 6, 5]]
    assert shares == pytest.approx(np.array([[81, 64, 49, 36, 25]]) / 285)


def test_equal_inputs_come_in_their_order() -> None:
    """Nothing else tells them apart."""
    assert strongest_inputs(np.ones((3, 3, 7, 2), np.float32))[0].tolist() == [[0, 1, 2, 3, 4]] * 2


def test_a_filter_of_zeros_gives_no_input_a_share() -> None:
    """There is no energy to share, and a weight that is not finite has none."""
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0, :, 1] = [np.nan, 2, 0]
    inputs, shares = strongest_inputs(kernel)
    assert shares.tolist() == [[0, 0, 0], [1, 0, 0]]
    assert inputs[1, 0] == 1


# --- the effective rank ---


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_an_orthogonal_matrix_has_its_size(size: int) -> None:
    """All directions count alike."""
    orthogonal = np.linalg.qr(gaussian(size, size).astype(np.float64))[0]
    assert effective_rank(3 * orthogonal) == pytest.approx(size)


def test_multiples_of_one_column_have_rank_one() -> None:
    """One pattern, however many filters share it."""
    assert effective_rank(np.outer(np.arange(1.0, 10), [1, -2, 3, 0])) == pytest.approx(1)


def test_the_effective_rank_by_hand() -> None:
    """Singular values 3 and 1 have the entropy −¾ ln ¾ − ¼ ln ¼: exp of it is 4 / 3^¾."""
    assert effective_rank(np.diag([3.0, 1.0])) == pytest.approx(4 / 3**0.75)


def test_a_matrix_of_zeros_has_rank_zero() -> None:
    """There is no direction."""
    assert effective_rank(np.zeros((9, 4))) == 0


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 1000), st.sampled_from([1e-6, -3.0, 1e6]))
def test_the_effective_rank_lies_between_one_and_the_rank(rows: int, columns: int, seed: int, by: float) -> None:
    """Neither strength nor a change of sides nor the order of the columns matters."""
    matrix = gaussian(rows, columns, seed=seed).astype(np.float64)
    rank = effective_rank(matrix)
    assert 1 - 1e-9 <= rank <= min(rows, columns) + 1e-9
    assert effective_rank(by * matrix.T[::-1]) == pytest.approx(rank)


# --- beside the twin and chance ---


def test_filters_of_few_patterns_have_a_lower_rank_than_shuffled() -> None:
    """Four patterns make 32 filters: at most four before, many once their weights are in random order."""
    study = study_of(of_few_patterns(4), gaussian(3, 3, 8, 32, seed=3))
    assert study.rank <= 4
    assert study.rank_shuffled.low > 20
    assert study.rank_untrained > 20


def test_independent_weights_have_the_rank_of_shuffled_ones() -> None:
    """Where there is nothing to lose, putting in order at random changes nothing."""
    study = study_of(gaussian(3, 3, 16, 32))
    assert study.rank == pytest.approx(study.rank_shuffled.value, rel=0.01)


def test_one_strong_filter_lowers_the_shuffled_rank_as_well() -> None:
    """Shuffling keeps each filter's strength: what a strong filter does to the rank is not taken for learning."""
    kernel = gaussian(3, 3, 16, 32)
    kernel[..., 0] *= 1000
    study = study_of(kernel)
    assert study.rank_shuffled.high < 5
    assert study.rank == pytest.approx(study.rank_shuffled.value, rel=0.1)


def test_shuffling_keeps_every_column_and_belongs_to_the_seed() -> None:
    """Even columns stay as they are; the same seed draws the same twenty ranks."""
    matrix = gaussian(30, 6).astype(np.float64)
    even = np.broadcast_to([1.0, 2.0, 3.0], (30, 3))
    assert shuffled_ranks(even, SEED) == pytest.approx(np.ones(DRAWS))
    assert (shuffled_ranks(matrix, 1) == shuffled_ranks(matrix, 1)).all()
    assert (shuffled_ranks(matrix, 1) != shuffled_ranks(matrix, 2)).any()


def test_of_many_filters_some_are_drawn_for_the_rank() -> None:
    """So that the largest layers take no minutes; before and after training the same ones."""
    kernel = gaussian(1, 1, 300, 2 * MOST_FILTERS)
    study = study_of(kernel)
    assert study.ranked == MOST_FILTERS
    assert study.rank == study.rank_untrained <= MOST_FILTERS
    assert study.strongest.shape == (2 * MOST_FILTERS, 5)


def test_the_even_share_is_one_of_the_inputs() -> None:
    """Eight inputs: an eighth each."""
    assert study_of(of_few_patterns(4)).even_share == 1 / 8


# --- what does not apply ---


def test_filters_of_one_input_mix_nothing() -> None:
    """A first layer over grey pictures, a depthwise convolution, a dense layer: None."""
    one = Weight("kernel", gaussian(3, 3, 1, 4), gaussian(3, 3, 1, 4))
    depthwise = Weight("kernel", gaussian(3, 3, 4, 1), gaussian(3, 3, 4, 1))
    dense = Weight("kernel", gaussian(9, 4), gaussian(9, 4))
    assert mixture_study(bare_layer(1, "Conv2D", (4, 4, 4), one), SEED) is None
    assert mixture_study(bare_layer(1, "DepthwiseConv2D", (4, 4, 4), depthwise), SEED) is None
    assert mixture_study(bare_layer(1, "Dense", (4,), dense), SEED) is None
