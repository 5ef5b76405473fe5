"""What is said of filters, held against published masks, known kernels, enumeration and constructed cases."""

from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.filters import (
    DRAWS,
    MANY_SLICES,
    edge_chance,
    edge_masks,
    edge_shares,
    expected_edge_energy,
    filter_study,
    oriented,
    projected,
    scale_limit,
    summaries,
)
from reportgen.snapshot import Floats, Weight
from tests.factories import bare_layer, layer_at, small_snapshot

SEED = 42
SOBEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], np.float32)
LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
CROSSED = np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]], np.float32)
SOBEL_SHARE = (2 + sqrt(2)) ** 2 / 12
"""By hand: ⟨Frei-Chen's mask, Sobel's⟩² / ‖Sobel's‖² = (2 + √2)² / 12 = 0.97."""

kernels = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4)),
    elements=st.floats(-8, 8, width=16),
)


def kernel_of(*slices: Floats) -> Floats:
    """Filters of one input each, (height, width, 1, filters)."""
    return np.stack(slices, axis=-1)[:, :, None].astype(np.float32)


def gaussian(*shape: int, seed: int = SEED) -> Floats:
    """Weights drawn independently from the normal distribution."""
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


# --- edges ---


def test_the_masks_at_three_by_three_are_frei_and_chens() -> None:
    """The two isotropic gradients of their paper, (1 √2 1 …) / √8, up to sign."""
    across = np.array([[-1, 0, 1], [-sqrt(2), 0, sqrt(2)], [-1, 0, 1]]) / sqrt(8)
    assert edge_masks(3, 3)[0] == pytest.approx(across.ravel())
    assert edge_masks(3, 3)[1] == pytest.approx(across.T.ravel())


@pytest.mark.parametrize(("height", "width"), [(2, 2), (3, 3), (4, 4), (5, 5), (7, 7), (3, 5), (2, 7), (11, 11)])
def test_the_masks_are_orthonormal_and_blind_to_grey(height: int, width: int) -> None:
    """Each has the length one, they share nothing, and an even patch gives nothing."""
    masks = edge_masks(height, width)
    assert masks @ masks.T == pytest.approx(np.eye(2), abs=1e-12)
    assert masks.sum(axis=1) == pytest.approx([0, 0], abs=1e-12)


def test_one_pixel_has_no_masks() -> None:
    """An edge needs two sides."""
    assert not edge_masks(1, 1).any()


@pytest.mark.parametrize(
    ("kernel", "share"),
    [
        (SOBEL, SOBEL_SHARE),
        (SOBEL.T, SOBEL_SHARE),
        (SOBEL + SOBEL.T, SOBEL_SHARE),
        (np.ones((3, 3), np.float32), 0),
        (LAPLACIAN, 0),
        (CROSSED, 0),
        (np.zeros((3, 3), np.float32), 0),
    ],
)
def test_edge_shares_of_known_kernels(kernel: Floats, share: float) -> None:
    """An edge in any direction holds nearly all, an even patch, a dot and a saddle nothing."""
    assert edge_shares(kernel_of(kernel)) == pytest.approx([share], abs=1e-12)


def test_a_step_edge_of_a_large_kernel_holds_most() -> None:
    """Bright above, dark below, at 7 × 7."""
    step = np.sign(np.arange(7) - 3.0)[:, None] * np.ones(7)
    assert 0.75 < edge_shares(kernel_of(step.astype(np.float32)))[0] < 1


def test_energy_is_added_up_over_the_inputs() -> None:
    """Three quarters of the energy in a Sobel slice, one in an even slice: three quarters of Sobel's share."""
    even = np.ones((3, 3), np.float32)
    kernel = np.stack([SOBEL * sqrt(3 / 12), even * sqrt(1 / 9)], axis=2)[..., None]
    assert edge_shares(kernel.astype(np.float32)) == pytest.approx([0.75 * SOBEL_SHARE], abs=1e-6)


def test_opposite_slices_do_not_cancel() -> None:
    """A filter that sees an edge in one input and its mirror in another holds as much as one slice alone."""
    kernel = np.stack([SOBEL, -SOBEL], axis=2)[..., None]
    assert edge_shares(kernel) == pytest.approx([SOBEL_SHARE])


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(0, 1000))
def test_a_quarter_turn_changes_no_share(side: int, seed: int) -> None:
    """An edge stays an edge whichever way it runs."""
    kernel = gaussian(side, side, 3, 2, seed=seed)
    assert edge_shares(np.rot90(kernel)) == pytest.approx(edge_shares(kernel))


@settings(deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 1000))
def test_the_shares_of_an_orthonormal_basis_sum_to_two(height: int, width: int, seed: int) -> None:
    """Two masks in all, however the space is turned."""
    basis = np.linalg.qr(gaussian(height * width, height * width, seed=seed).astype(np.float64))[0]
    kernel = basis.reshape(height, width, 1, height * width).astype(np.float32)
    assert edge_shares(kernel).sum() == pytest.approx(2, abs=1e-5)


@settings(deadline=None)
@given(kernels)
def test_a_share_is_a_share(kernel: Floats) -> None:
    """Between nothing and all, and zero for filters of zeros."""
    shares = edge_shares(kernel)
    assert shares.shape == (kernel.shape[3],)
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()
    assert not shares[~kernel.any(axis=(0, 1, 2))].any()


@pytest.mark.parametrize("factor", [1e-15, 1e15, -3.0])
def test_strength_and_sign_change_no_share(factor: float) -> None:
    """Only the form counts."""
    kernel = gaussian(3, 3, 2, 4)
    assert edge_shares(kernel * np.float32(factor)) == pytest.approx(edge_shares(kernel), rel=1e-5)


def test_a_weight_that_is_not_finite_counts_as_zero() -> None:
    """A filter with a broken weight has the share of the rest, without a warning."""
    broken, mended = SOBEL.copy(), SOBEL.copy()
    broken[0, 0], mended[0, 0] = np.nan, 0
    assert edge_shares(kernel_of(broken)) == pytest.approx(edge_shares(kernel_of(mended)))


def test_independent_weights_have_two_ninths_on_average() -> None:
    """Two of nine directions are edges: the mean of a beta distribution (1, 7/2)."""
    assert edge_shares(gaussian(3, 3, 1, 40_000)).mean() == pytest.approx(2 / 9, abs=0.004)


# --- chance ---


@pytest.mark.parametrize(("height", "width"), [(2, 2), (2, 3), (1, 4)])
def test_the_expected_energy_is_the_mean_over_all_orders(height: int, width: int) -> None:
    """Every order of a small slice's weights counted out."""
    weights = gaussian(height * width).astype(np.float64) + 0.5
    masks = edge_masks(height, width)
    orders = np.array(list(permutations(weights)))
    mean = ((orders @ masks.T) ** 2).sum(axis=1).mean()
    assert expected_edge_energy(weights[None], masks) == pytest.approx([mean])


def test_shuffled_filters_agree_with_all_orders() -> None:
    """Mean and spread of one filter of four weights over its 24 orders."""
    kernel = kernel_of(np.array([[0.0, 1.0], [2.0, 5.0]], np.float32))
    orders = np.array(list(permutations(kernel.ravel())), np.float32)
    shares = edge_shares(orders.T.reshape(2, 2, 1, 24))
    drawn = edge_chance(kernel, SEED, draws=20_000)
    assert drawn.mean() == pytest.approx(shares.mean(), abs=0.01)
    assert drawn.std() == pytest.approx(shares.std(), abs=0.01)
    assert set(np.round(drawn, 6)) == set(np.round(shares, 6))


@pytest.mark.parametrize("shape", [(3, 3, 1, 32), (5, 5, 3, 20), (3, 3, 40, 40)])
def test_chance_for_independent_weights(shape: tuple[int, ...]) -> None:
    """2 / n directions of n are edges, for few slices as for many."""
    drawn = edge_chance(gaussian(*shape), SEED)
    assert drawn.shape == (DRAWS,)
    assert drawn.mean() == pytest.approx(2 / (shape[0] * shape[1]), rel=0.08)


def test_many_slices_are_drawn_from_the_distribution_that_shuffling_has() -> None:
    """Skewed weights, filters of unequal strength, twice as many slices as are shuffled whole."""
    random = np.random.default_rng(SEED)
    weights = random.exponential(1, (3, 3, 8, MANY_SLICES // 4)) - 0.3
    kernel = (weights * random.uniform(0.1, 3, (8, MANY_SLICES // 4))).astype(np.float32)
    slices = kernel.reshape(9, -1)
    shuffled = [edge_shares(random.permuted(slices, axis=0).reshape(kernel.shape)).mean() for _ in range(600)]
    drawn = edge_chance(kernel, SEED)
    noise = np.std(shuffled) / sqrt(600)
    assert drawn.mean() == pytest.approx(np.mean(shuffled), abs=5 * noise)
    assert drawn.std() == pytest.approx(np.std(shuffled), rel=0.15)


def test_even_filters_stay_without_edges_in_any_order() -> None:
    """Equal weights have only one order."""
    assert edge_chance(np.ones((3, 3, 2, 4), np.float32), SEED) == pytest.approx(np.zeros(DRAWS), abs=1e-12)


def test_filters_of_one_pixel_have_no_edges_by_chance() -> None:
    """There is nothing to arrange, however many there are."""
    assert not edge_chance(gaussian(1, 1, 256, 512), SEED).any()


def test_chance_is_the_same_for_the_same_seed() -> None:
    """The draws belong to the seed, for few slices and for many."""
    for kernel in (gaussian(3, 3, 1, 4), gaussian(3, 3, 32, 32)):
        assert (edge_chance(kernel, 1) == edge_chance(kernel, 1)).all()
        assert (edge_chance(kernel, 1) != edge_chance(kernel, 2)).any()


# --- summaries ---


def test_a_filter_of_one_pattern_is_kept_whole() -> None:
    """Rank one: the summary is the pattern times the length of the weighting, and nothing is lost."""
    pattern, weighting = gaussian(3, 3), np.array([3, 0, 4], np.float32)
    kernel = (pattern[:, :, None] * weighting)[..., None]
    summary, kept = summaries(kernel)
    assert kept == pytest.approx([1.0])
    assert summary[0] == pytest.approx(pattern * 5, abs=1e-5)


@settings(deadline=None)
@given(kernels.filter(lambda kernel: kernel.shape[2] == 1))
def test_a_filter_of_one_input_is_its_own_summary(kernel: Floats) -> None:
    """With its sign, whatever that is."""
    assert summaries(kernel)[0] == pytest.approx(kernel[:, :, 0].transpose(2, 0, 1), abs=1e-4)


def test_the_sign_is_that_of_the_inputs_together() -> None:
    """The weighting of the inputs sums to a positive number: mostly negative slices give a negative summary."""
    kernel = (np.ones((2, 2, 1)) * np.array([-3.0, -2.0, 1.0]))[..., None].astype(np.float32)
    summary, _ = summaries(kernel)
    assert summary[0] == pytest.approx(np.full((2, 2), -sqrt(14)))


@settings(deadline=None)
@given(kernels)
def test_a_summary_keeps_at_most_everything(kernel: Floats) -> None:
    """The share of energy is a share, zero for a filter of zeros."""
    kept = summaries(kernel)[1]
    assert ((kept >= 0) & (kept <= 1 + 1e-12)).all()
    assert not kept[~kernel.any(axis=(0, 1, 2))].any()


def test_the_share_kept_is_that_of_the_strongest_direction() -> None:
    """The largest eigenvalue of the places' products, found by repeated multiplication, beside their trace."""
    kernel = gaussian(3, 3, 6, 1)
    places = kernel.reshape(9, 6).astype(np.float64)
    products = places @ places.T
    direction = np.ones(9)
    for _ in range(3000):
        direction = products @ direction / np.linalg.norm(products @ direction)
    share = direction @ products @ direction / np.trace(products)
    assert summaries(kernel)[1] == pytest.approx([share])


def test_energy_of_a_summary_is_what_it_keeps() -> None:
    """The pattern is scaled by the singular value."""
    kernel = gaussian(3, 3, 5, 7)
    summary, kept = summaries(kernel)
    energy = (kernel.astype(np.float64) ** 2).sum(axis=(0, 1, 2))
    assert (summary.astype(np.float64) ** 2).sum(axis=(1, 2)) == pytest.approx(kept * energy, rel=1e-5)


@settings(deadline=None)
@given(kernels)
def test_filters_seen_through_their_own_weighting_are_their_summaries(kernel: Floats) -> None:
    """Before equals after where nothing has changed."""
    assert projected(kernel, kernel) == pytest.approx(summaries(kernel)[0], abs=1e-4)


def test_an_earlier_state_is_seen_through_the_later_weighting() -> None:
    """Inputs weighted 3 : 4 afterwards: the earlier slices are added up as 0.6 and 0.8."""
    later = (gaussian(3, 3)[:, :, None] * np.array([3, 4], np.float32))[..., None]
    earlier = gaussian(3, 3, 2, 1, seed=1)
    wanted = 0.6 * earlier[:, :, 0, 0] + 0.8 * earlier[:, :, 1, 0]
    assert projected(earlier, later)[0] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_summaries_take_what_is_not_finite_for_zero(value: float) -> None:
    """One broken weight leaves the other filters as they are, and its own finite."""
    kernel = gaussian(3, 3, 2, 2)
    broken, mended = kernel.copy(), kernel.copy()
    broken[0, 0, 0, 0], mended[0, 0, 0, 0] = value, 0
    assert summaries(broken)[0] == pytest.approx(summaries(mended)[0])
    assert summaries(broken)[1] == pytest.approx(summaries(mended)[1])
    assert np.isfinite(projected(broken, kernel)).all()


# --- scales and studies ---


def test_the_scale_ends_at_the_95th_percentile_to_two_figures() -> None:
    """Of the sizes 1 … 101 it is 96."""
    sizes: Floats = np.arange(1, 102, dtype=np.float32) * np.float32(0.001)
    sizes[::2] *= -1
    assert scale_limit(sizes.reshape(1, 101, 1, 1)) == pytest.approx(0.096)


def test_the_scale_of_rare_weights_ends_at_the_largest() -> None:
    """Where 19 of 20 weights are zero, the others are still seen."""
    kernel = np.zeros((10, 10, 1, 1), np.float32)
    kernel[0, 0] = -0.004
    assert scale_limit(kernel) == pytest.approx(0.004)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_the_scale_of_nothing_is_one(value: float) -> None:
    """Zeros, and what is not finite, set no scale and raise no warning."""
    assert scale_limit(np.full((3, 3, 1, 1), value, np.float32)) == 1.0


def test_a_depthwise_kernel_has_one_input_a_filter() -> None:
    """Each channel has its own filters, one after another."""
    kernel = gaussian(3, 3, 4, 2)
    turned = oriented("DepthwiseConv2D", kernel)
    assert turned.shape == (3, 3, 1, 8)
    assert (turned[:, :, 0, 5] == kernel[:, :, 2, 1]).all()


def test_a_transposed_kernel_is_kept_with_its_filters_first() -> None:
    """Keras keeps (height, width, filters, inputs) there."""
    kernel = gaussian(3, 3, 4, 2)
    turned = oriented("Conv2DTranspose", kernel)
    assert turned.shape == (3, 3, 2, 4)
    assert (turned[:, :, 1, 3] == kernel[:, :, 3, 1]).all()


def test_a_study_counts_what_its_scale_cuts_off() -> None:
    """Weights beyond the scale, after training and before, on the one scale that both share."""
    after = np.arange(1, 101, dtype=np.float32).reshape(5, 5, 1, 4)
    weight = Weight("kernel", after, after * np.float32(2))
    study = filter_study(bare_layer(1, "Conv2D", (8, 8, 4), weight), SEED)
    assert study is not None
    assert study.limit == 95.0
    assert study.clipped == 5
    assert study.clipped_before == 53


def test_a_study_sees_before_and_after_alike_where_nothing_was_learned() -> None:
    """Every number of the first state equals that of the last."""
    kernel = gaussian(3, 3, 2, 4)
    study = filter_study(bare_layer(1, "Conv2D", (8, 8, 4), Weight("kernel", kernel, kernel)), SEED)
    assert study is not None
    assert study.summary_before == pytest.approx(study.summary, abs=1e-5)
    assert (study.edge_share_before == study.edge_share).all()
    assert study.clipped_before == study.clipped


@pytest.mark.parametrize("index", [2, 5, 6])
def test_only_convolutions_have_filters(index: int) -> None:
    """Neither pooling nor flattening nor a dense layer has any."""
    assert filter_study(layer_at(small_snapshot(), index), SEED) is None
