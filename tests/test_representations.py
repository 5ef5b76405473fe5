"""What is read off layers: against other ways to compute it, definitions written out, and known answers."""

from functools import reduce
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.representations import (
    BLOCK,
    MOST_PICTURES,
    RIDGE,
    SCATTERED,
    AlignmentSums,
    Targets,
    blocks,
    cosines,
    halves,
    principal_components,
    ridge,
    sampled,
    space,
)
from reportgen.observe.observation import ASSETS
from reportgen.pictures import bundled_pictures, scaled
from reportgen.snapshot import Doubles, Floats, Integers, Space
from reportgen.statistics import SampleSummary
from reportgen.statistics.samples import MOST_MIXED

NO_LABELS = np.zeros(0, np.int64)
NO_LIKENESS = np.zeros((0, 0), np.float32)


def normal(*shape: int, seed: int = 0) -> Floats:
    """Random answers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def rotation(size: int, seed: int = 0) -> Floats:
    """An orthogonal matrix."""
    turned: Floats = np.linalg.qr(normal(size, size, seed=seed))[0]
    return turned


def read_off(copies: Floats, pixels: Floats, labels: Integers = NO_LABELS, classes: int = 0) -> Space:
    """The space of a layer."""
    return space(copies, copies.shape[1], Targets(pixels, labels, classes), NO_LIKENESS)


def rebuilt(seen: Space) -> float:
    """The share of the pictures' spread that is rebuilt."""
    return 1 - float(seen.rebuild_error.sum() / seen.rebuild_spread.sum())


def least_squares(fitted: Floats, targets: Floats, tested: Floats) -> Doubles:
    """The ridge regression as plain least squares: the penalty is one more row for each number."""
    x, y = fitted.astype(np.float64), targets.astype(np.float64)
    around = x - x.mean(axis=0)
    penalty = RIDGE * (around**2).sum() / len(x)
    rows = np.vstack([around, np.sqrt(penalty) * np.eye(x.shape[1])])
    wanted = np.vstack([y - y.mean(axis=0), np.zeros((x.shape[1], y.shape[1]))])
    weights: Doubles = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    return np.asarray((tested - x.mean(axis=0)) @ weights + y.mean(axis=0), np.float64)


# --- which pictures ---


@pytest.mark.parametrize("pictures", [1, 3999, MOST_PICTURES])
def test_all_of_few_pictures_are_kept(pictures: int) -> None:
    """Up to 4,000."""
    assert sampled(pictures).all()


@settings(deadline=None)
@given(pictures=st.integers(MOST_PICTURES + 1, 60_000))
def test_of_many_pictures_as_many_are_kept_from_all_parts(pictures: int) -> None:
    """Exactly 4,000, the first and the last among them, and no gap is two pictures wider than another."""
    chosen = sampled(pictures)
    gaps = np.diff(np.flatnonzero(chosen))
    assert chosen.shape == (pictures,)
    assert np.count_nonzero(chosen) == MOST_PICTURES
    assert chosen[0]
    assert chosen[-1]
    assert gaps.max() - gaps.min() <= 1


@settings(deadline=None)
@given(pictures=st.integers(0, 3000))
def test_no_picture_is_fitted_and_tested(pictures: int) -> None:
    """Each is in one of two halves of one size; of an odd number one more is fitted."""
    fitted, tested = halves(pictures)
    assert sorted([*fitted.tolist(), *tested.tolist()]) == list(range(pictures))
    assert len(fitted) - len(tested) == pictures % 2


@pytest.mark.parametrize("classes", [2, 10])
def test_classes_that_take_turns_are_in_both_halves(classes: int) -> None:
    """Every other picture would be of half of the classes."""
    for half in halves(40 * classes):
        counts = np.bincount(half % classes, minlength=classes)
        assert counts.min() >= 8


# --- ridge regression ---


@pytest.mark.parametrize("numbers", [5, 39, 40, 41, 150])
def test_ridge_is_least_squares_with_a_row_for_each_penalty(numbers: int) -> None:
    """Fewer numbers than pictures, as many, and more; what is not centred stays so."""
    fitted, tested = normal(40, numbers) + 3, normal(25, numbers, seed=1) + 3
    targets = fitted[:, :3] ** 2 + normal(40, 3, seed=2) - 5
    wanted = least_squares(fitted, targets, tested)
    np.testing.assert_allclose(ridge(fitted, targets, tested), wanted, rtol=1e-3, atol=1e-3)


def test_both_ways_to_solve_agree() -> None:
    """A hundred numbers that are always zero change the way, not the answer."""
    fitted, tested, targets = normal(40, 30), normal(20, 30, seed=1), normal(40, 4, seed=2)
    wide, wide_tested = (np.pad(each, ((0, 0), (0, 100))) for each in (fitted, tested))
    np.testing.assert_allclose(ridge(fitted, targets, tested), ridge(wide, targets, wide_tested), atol=1e-4)


@pytest.mark.parametrize("numbers", [10, 60])
@pytest.mark.parametrize("scale", [1e-30, 1e-10, 1e14])
def test_the_scale_of_a_layer_does_not_matter(numbers: int, scale: float) -> None:
    """Nor does it, where products of the numbers would vanish or be too large for single precision."""
    fitted, tested, targets = normal(40, numbers), normal(20, numbers, seed=1), normal(40, 4, seed=2)
    small = np.float32(scale)
    np.testing.assert_allclose(
        ridge(fitted * small, targets, tested * small), ridge(fitted, targets, tested), atol=1e-4
    )


def test_a_layer_that_never_changes_gives_the_mean() -> None:
    """There is nothing to read off."""
    targets = np.array([[1.0, 10.0], [3.0, 20.0]], np.float32)
    read = ridge(np.full((2, 7), 4, np.float32), targets, np.full((3, 7), 4, np.float32))
    assert read.tolist() == [[2.0, 15.0]] * 3


# --- the class, and the picture ---


def test_classes_that_lie_apart_are_all_named() -> None:
    """Four clouds, far from each other."""
    labels = np.random.default_rng(0).integers(0, 4, 200)
    copies = normal(200, 6) + 20 * np.eye(4, 6, dtype=np.float32)[labels]
    seen = read_off(copies, normal(200, 3, seed=1), labels, 4)
    assert seen.probe_right.shape == (100,)
    assert seen.probe_right.all()


def test_labels_that_mean_nothing_are_named_by_chance() -> None:
    """Of 1,000 tested, a quarter is expected, with a standard deviation of 14."""
    labels = np.random.default_rng(0).integers(0, 4, 2000)
    seen = read_off(normal(2000, 30), normal(2000, 1, seed=1), labels, 4)
    assert np.count_nonzero(seen.probe_right) == pytest.approx(250, abs=55)


def test_without_labels_there_is_no_probe() -> None:
    """The picture is still rebuilt."""
    seen = read_off(normal(40, 6), normal(40, 3))
    assert seen.probe_right.shape == (0,)
    assert seen.rebuild_error.shape == (20,)


@pytest.mark.parametrize("numbers", [20, 300])
def test_a_tested_picture_has_no_part_in_the_fit(numbers: int) -> None:
    """Another copy, another label and other pixels of it leave what is read off all others as it was."""
    copies, pixels = normal(80, numbers), normal(80, 5, seed=1)
    labels = np.random.default_rng(2).integers(0, 3, 80)
    before = read_off(copies, pixels, labels, 3)
    for each in (copies, pixels):
        each[halves(80)[1][7]] *= -100
    labels[halves(80)[1][7]] = (labels[halves(80)[1][7]] + 1) % 3
    after = read_off(copies, pixels, labels, 3)
    others = np.arange(40) != 7
    np.testing.assert_allclose(after.rebuild_error[others], before.rebuild_error[others], rtol=1e-5)
    np.testing.assert_array_equal(after.rebuild_spread[others], before.rebuild_spread[others])
    np.testing.assert_array_equal(after.probe_right[others], before.probe_right[others])
    assert after.rebuild_error[7] != pytest.approx(before.rebuild_error[7])


def test_pictures_that_have_nothing_in_common_are_not_rebuilt() -> None:
    """If a layer gives each picture a number of its own, what was fitted says nothing of another picture."""
    seen = read_off(np.eye(100, dtype=np.float32), normal(100, 8))
    np.testing.assert_allclose(seen.rebuild_error, seen.rebuild_spread, rtol=0.05)


def test_spread_is_the_distance_from_the_mean_of_the_fitted() -> None:
    """By hand, with the halves that are drawn."""
    pixels = normal(30, 4)
    fitted, tested = halves(30)
    wanted = [float(((pixels[each] - pixels[fitted].mean(axis=0)) ** 2).sum()) for each in tested]
    np.testing.assert_allclose(read_off(normal(30, 2), pixels).rebuild_spread, wanted, rtol=1e-5)


def test_pixels_rebuild_themselves() -> None:
    """Nearly: the penalty takes a thousandth."""
    pixels = normal(400, 20) + 2
    assert rebuilt(read_off(pixels, pixels)) > 0.999
    assert rebuilt(read_off(7 * pixels @ rotation(20) - 1, pixels)) > 0.999


@pytest.mark.parametrize("numbers", [20, 1000])
def test_noise_rebuilds_no_better_than_the_mean_picture(numbers: int) -> None:
    """Whatever was fitted to the one half does not hold for the other."""
    assert -1 < rebuilt(read_off(normal(400, numbers, seed=5), normal(400, 20))) < 0.005


@pytest.mark.parametrize("pictures", [1, 2, 3])
def test_very_few_pictures_are_no_mistake(pictures: int) -> None:
    """Of one picture, none is left to test."""
    seen = read_off(normal(pictures, 5), normal(pictures, 4), np.zeros(pictures, np.int64), 1)
    assert len(seen.probe_right) == len(seen.rebuild_error) == len(seen.scatter) == pictures // 2


def test_the_map_holds_the_first_tested_pictures() -> None:
    """Four hundred of five hundred, in their order."""
    copies = normal(1000, 3) * np.array([9, 3, 1], np.float32)
    wanted = principal_components(copies[halves(1000)[1][:SCATTERED]])
    seen = read_off(copies, copies)
    np.testing.assert_array_equal(seen.scatter, wanted[0])
    assert seen.scatter.shape == (SCATTERED, 2)


# --- principal components ---


@pytest.mark.parametrize("shape", [(50, 8), (20, 300), (30, 2)])
def test_components_are_those_of_the_singular_values(shape: tuple[int, int]) -> None:
    """But for the sign; shares are those of the squared singular values."""
    copies = normal(*shape) * np.linspace(3, 1, shape[1], dtype=np.float32) + 5
    points, share = principal_components(copies)
    left, sizes, _ = np.linalg.svd(copies.astype(np.float64) - copies.mean(axis=0, dtype=np.float64))
    wanted = left[:, :2] * sizes[:2]
    wanted *= np.sign((wanted * points).sum(axis=0))
    np.testing.assert_allclose(points, wanted, atol=1e-3)
    np.testing.assert_allclose(share, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-4)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_long_tail_points_upwards(sign: int) -> None:
    """One picture far from nine others, whichever way the layer has it."""
    copies = sign * np.array([[10.0, 0], *([0.0, 0.1 * each] for each in range(9))], np.float32)
    points, _ = principal_components(copies)
    assert points[0, 0] == pytest.approx(9, abs=0.1)
    assert ((points.astype(np.float64) ** 3).sum(axis=0) >= -1e-6).all()


def test_without_any_difference_all_lie_at_zero() -> None:
    """And nothing has a share of nothing."""
    points, share = principal_components(np.full((6, 3), 2.5, np.float32))
    assert not points.any()
    assert share.tolist() == [0, 0]


def test_one_number_has_one_component() -> None:
    """It holds everything; the second is empty."""
    points, share = principal_components(np.array([[0.0], [0.0], [3.0]], np.float32))
    np.testing.assert_allclose(points, [[-1, 0], [-1, 0], [2, 0]], atol=1e-5)
    np.testing.assert_allclose(share, [1, 0], atol=1e-6)


# --- alignment ---


def alignment(*layers: Floats) -> Doubles:
    """The alignment of layers over one block."""
    return AlignmentSums.of(layers).alignment()


def hsic_by_definition(one: Floats, other: Floats) -> float:
    """The U-statistic of HSIC written out: the mean over all ordered choices of four different pictures.

    Its kernel is k(1,2) l(1,2) + k(1,2) l(3,4) - 2 k(1,2) l(1,3) (Song et al. 2012, section 2.3).
    """
    k, m = (each.astype(np.float64) @ each.astype(np.float64).T for each in (one, other))
    fours = list(permutations(range(len(one)), 4))
    return float(np.mean([k[a, b] * (m[a, b] + m[c, d] - 2 * m[a, c]) for a, b, c, d in fours]))


@pytest.mark.parametrize("pictures", [4, 6, 7])
def test_dependence_is_the_mean_over_all_choices_of_four(pictures: int) -> None:
    """Of pictures whose answers are not centred."""
    layers = [normal(pictures, 3) + 1, normal(pictures, 5, seed=1) ** 2, normal(pictures, 1, seed=2)]
    wanted = [[hsic_by_definition(one, other) for other in layers] for one in layers]
    np.testing.assert_allclose(AlignmentSums.of(layers).dependence, wanted, rtol=1e-4, atol=1e-4)


@settings(deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100), shift=st.floats(-10, 10))
def test_turns_scales_and_shifts_do_not_matter(seed: int, scale: float, shift: float) -> None:
    """A layer is aligned with itself, however it is turned; and to others as it was before."""
    layer, other = normal(40, 6, seed=seed), normal(40, 4, seed=seed + 1)
    turned = (np.float32(scale) * layer @ rotation(6, seed) + np.float32(shift)).astype(np.float32)
    found = alignment(layer, turned, other)
    assert np.diag(found) == pytest.approx(1)
    assert found[0, 1] == pytest.approx(1, abs=1e-3)
    assert found[0, 2] == pytest.approx(found[1, 2], abs=1e-3)
    np.testing.assert_array_equal(found, found.T)


def test_stretching_one_direction_matters() -> None:
    """Alignment sees how large the directions are; of two even ones the larger is 1 : 9 after the stretch.

    By hand for very many pictures: (1·1 + 1·9) / (√(1 + 1) √(1 + 81)) = 0.78.
    """
    layer = normal(3000, 2)
    assert alignment(layer, layer * np.array([1, 3], np.float32))[0, 1] == pytest.approx(
        10 / np.sqrt(164), abs=0.02
    )


def test_layers_that_have_nothing_in_common_are_not_aligned() -> None:
    """Over 20 blocks the estimates go to both sides of zero, also where there are more numbers than pictures."""
    found = [alignment(normal(60, 200, seed=n), normal(60, 200, seed=99 + n))[0, 1] for n in range(20)]
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 5 * np.std(found) / np.sqrt(20)
    assert np.abs(found).max() < 0.2


def test_a_layer_that_never_changes_is_aligned_with_nothing() -> None:
    """Not even with itself: it is not a number."""
    found = alignment(normal(10, 3), np.ones((10, 2), np.float32))
    assert found[0, 0] == pytest.approx(1)
    assert np.isnan([found[0, 1], found[1, 0], found[1, 1]]).all()


def test_no_blocks_leave_no_alignment() -> None:
    """Nothing is not zero."""
    assert np.isnan(AlignmentSums.none(2).alignment()).all()


@pytest.mark.parametrize(
    ("pictures", "sizes"),
    [(3, []), (4, [4]), (BLOCK, [BLOCK]), (BLOCK + 3, [BLOCK]), (2 * BLOCK + 4, [BLOCK, BLOCK, 4])],
)
def test_blocks_hold_all_pictures_but_a_small_rest(pictures: int, sizes: list[int]) -> None:
    """In order, for all layers alike."""
    one, other = normal(pictures, 2), normal(pictures, 3)
    cut = blocks([one, other])
    assert [[len(each) for each in block] for block in cut] == [[size, size] for size in sizes]
    if cut:
        np.testing.assert_array_equal(np.concatenate([block[1] for block in cut]), other[: sum(sizes)])


@settings(deadline=None)
@given(border=st.integers(1, 5), seed=st.integers(0, 1000))
def test_blocks_can_be_split_among_workers(border: int, seed: int) -> None:
    """Wherever between two of six blocks, the merged sums are those of one pass."""
    layers = [normal(60, 5, seed=seed), normal(60, 3, seed=seed + 1)]
    cut = [AlignmentSums.of([each[start : start + 10] for each in layers]) for start in range(0, 60, 10)]
    whole = reduce(AlignmentSums.merge, cut)
    one, other = (reduce(AlignmentSums.merge, part) for part in (cut[:border], cut[border:]))
    np.testing.assert_allclose(one.merge(other).alignment(), whole.alignment(), rtol=1e-12)
    np.testing.assert_allclose(AlignmentSums.none(2).merge(whole).dependence, whole.dependence)


# --- likeness ---


def test_cosines_by_hand() -> None:
    """Around the mean (1, 1): the same, at a right angle, opposite, and 3-4-5 at 45 degrees."""
    answers = np.array([[2, 1], [2, 1], [2, 1], [4, 5]], np.float32)
    changed = np.array([[5, 1], [1, 3], [0, 1], [1, 2]], np.float32)
    found = cosines(answers, changed, np.array([1.0, 1.0]))
    np.testing.assert_allclose(found, [1, 0, -1, 4 / 5], atol=1e-6)


def test_maps_are_compared_whole() -> None:
    """A blob that moves has nothing in common with itself, place by place."""
    one, other = np.zeros((1, 3, 3, 2), np.float32), np.zeros((1, 3, 3, 2), np.float32)
    one[0, 0, 0, 1] = other[0, 0, 1, 1] = 4
    assert cosines(one, one, np.zeros(18)).tolist() == [1]
    assert cosines(one, other, np.zeros(18)).tolist() == [0]


def test_an_answer_that_is_not_finite_has_no_likeness() -> None:
    """The others keep theirs, and nobody is warned."""
    answers = np.array([[np.inf, 1], [np.nan, 1], [3e38, -3e38], [2, 1]], np.float32)
    found = cosines(answers, answers, np.array([1.0, 1.0]))
    assert np.isnan(found).tolist() == [True, True, False, False]
    assert cosines(answers[:1], answers[:1], np.array([np.inf, np.nan])).shape == (1,)


def test_an_answer_just_as_on_average_has_no_likeness() -> None:
    """It has no direction."""
    answers = np.array([[1, 1], [2, 1]], np.float32)
    assert np.isnan(cosines(answers, answers, np.array([1.0, 1.0]))).tolist() == [True, False]


# --- the bundled network ---


@pytest.mark.slow
@pytest.mark.parametrize("name", ["convolution_1", "pooling_2", "dense"])
def test_probes_of_the_bundled_network_are_those_of_all_its_numbers(name: str) -> None:
    """The accuracy is that of a ridge regression on the layer's own outputs, solved here by inner products.

    A layer that is not mixed names every picture alike; a mixed one as many but for two standard errors.
    """
    pictures = bundled_pictures().survey
    pixels, labels = scaled(pictures.pixels[::4], "0..1"), pictures.labels[::4]
    outputs = outputs_of(name, pixels)
    copies = SampleSummary.of(outputs, np.ones(len(outputs), np.bool_), MOST_MIXED).copies
    seen = read_off(copies, pixels.reshape(len(pixels), -1)[:, :1], labels, 10)
    wanted = rightly_named(outputs.reshape(len(outputs), -1), labels)
    share = float(wanted.mean())
    error = np.sqrt(share * (1 - share) / len(wanted))
    assert 0.5 < share < 1
    assert float(seen.probe_right.mean()) == pytest.approx(share, abs=2 * error)
    if outputs[0].size <= MOST_MIXED:
        assert np.count_nonzero(seen.probe_right != wanted) <= 2


def outputs_of(name: str, pixels: Floats) -> Floats:
    """A layer's outputs by Keras' own `predict`."""
    import keras

    model = keras.models.load_model(ASSETS / "network.keras", compile=False)
    part = keras.Model(model.inputs, model.get_layer(name).output)
    outputs: Floats = part.predict(pixels, batch_size=250, verbose=0)
    return outputs


def rightly_named(rows: Floats, labels: Integers) -> "np.typing.NDArray[np.bool_]":
    """Which tested pictures a kernel ridge regression names rightly, one output a class."""
    fitted, tested = halves(len(rows))
    kernel = (rows @ rows[fitted].T).astype(np.float64)
    own = kernel[fitted]
    # Inner products around the mean of the fitted pictures, out of those around zero.
    level = kernel - own.mean(axis=0) - kernel.mean(axis=1, keepdims=True) + own.mean()
    wanted = 2.0 * (labels[fitted][:, np.newaxis] == np.arange(10)) - 1
    penalty = RIDGE * np.trace(level[fitted]) / len(fitted)
    weights = np.linalg.solve(level[fitted] + penalty * np.eye(len(fitted)), wanted - wanted.mean(axis=0))
    read = level[tested] @ weights + wanted.mean(axis=0)
    return np.asarray(read.argmax(axis=1) == labels[tested])
