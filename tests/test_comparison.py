"""Layers' spaces in networks that were built so that the answer is known."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.changes import CHANGES
from reportgen.analysis.representations import AlignmentSums, blocks, halves
from reportgen.observe import comparison
from reportgen.observe.activations import Plan, survey, tapped
from reportgen.observe.comparison import Compared, Material, compared
from reportgen.observe.layers import steps
from reportgen.snapshot import Flags, Floats, Space
from tests.opened import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

pytestmark = pytest.mark.slow

SIDE = 14
PICTURES = 90
WIDTH = 4096


@dataclass(frozen=True, eq=False)
class Pictures:
    """Blobs of three sizes, which are their classes, away from the border."""

    pixels: Floats
    labels: "np.typing.NDArray[np.int64]"

    @property
    def flat(self) -> Floats:
        """One row a picture."""
        return self.pixels.reshape(len(self.pixels), -1)


@pytest.fixture(scope="module")
def blobs() -> Pictures:
    """Each at a place of its own in the left half, so that a shift of four pixels stays inside as well."""
    random = np.random.default_rng(0)
    labels = np.arange(PICTURES, dtype=np.int64) % 3
    pixels = np.zeros((PICTURES, SIDE, SIDE, 1), np.float32)
    for picture, label in zip(pixels, labels, strict=True):
        row, column = random.integers(2, 6), random.integers(2, 5)
        picture[row : row + 2 + label, column : column + 2 + label] = random.uniform(0.5, 1)
    return Pictures(pixels, labels)


def network_of(*layers: "keras.Layer") -> "keras.Model":
    """A network of layers in a row."""
    import keras

    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *layers])


def averaging(seed: int = 1) -> "keras.Model":
    """A convolution, and the mean of each of its maps."""
    import keras

    first = keras.layers.Conv2D(
        6, 3, activation="relu", name="first", kernel_initializer=keras.initializers.GlorotUniform(seed)
    )
    return network_of(first, keras.layers.GlobalAveragePooling2D(name="average"), keras.layers.Dense(3))


def compare(
    models: "Sequence[keras.Model]",
    pictures: Pictures,
    fresh: tuple[bool, ...] | None = None,
    copied: Flags | None = None,
) -> Compared:
    """What is found over the pictures, with all layers tapped."""
    listed = steps(opened(models[0]))
    kept = np.ones(len(pictures.pixels), np.bool_) if copied is None else copied
    plan = Plan(pictures.labels, 3, kept, WIDTH, fresh or (True,) * len(listed), 42)
    networks = [tapped(opened(model), steps(opened(model)), 25, "0..1") for model in models]
    seen = [(network, survey(network, pictures.pixels, plan, lambda _: None)) for network in networks]
    material = Material(pictures.pixels, pictures.labels, 3, kept, 0.0, WIDTH)
    with ThreadPoolExecutor(1) as pool:
        return compared(pool, seen, [step.index for step in listed], material, lambda *_: None)()


def known(each: Space | None) -> Space:
    """A space that must be there."""
    assert each is not None
    return each


def least(space: Space, change: str) -> float:
    """The lowest likeness of any picture."""
    return float(space.likeness[CHANGES.index(change)].min())


# --- networks with known answers ---


def test_a_network_that_hands_on_its_input_is_like_the_pixels(blobs: Pictures) -> None:
    """Every number of its space is that of the pixels, and the two are aligned."""
    import keras

    model = network_of(keras.layers.Activation("linear"), keras.layers.Flatten(), keras.layers.Dense(3))
    found = compare([model, model], blobs)
    pixels = found.representations.pixels
    for each in found.spaces[0][:2]:
        own = known(each)
        assert own.size == SIDE * SIDE
        np.testing.assert_allclose(own.likeness, pixels.likeness, atol=1e-5)
        np.testing.assert_array_equal(own.probe_right, pixels.probe_right)
        np.testing.assert_allclose(own.rebuild_error, pixels.rebuild_error, rtol=1e-3)
        np.testing.assert_allclose(own.scatter, pixels.scatter, atol=1e-3)
    np.testing.assert_allclose(found.representations.alignment[:3, :3], 1, atol=1e-5)


def test_averages_do_not_notice_a_shift(blobs: Pictures) -> None:
    """The mean of a map is the same wherever the blob is; the map itself and the pixels are not."""
    model = averaging()
    found = compare([model, model], blobs)
    maps, average = known(found.spaces[0][0]), known(found.spaces[0][1])
    for change in ("shift_1", "shift_2", "shift_4"):
        assert least(average, change) > 0.999
        assert least(maps, change) < 0.8
        assert least(found.representations.pixels, change) < 0.8


def test_a_turn_and_the_brightness_are_measured_as_well(blobs: Pictures) -> None:
    """The rows stand in the order of the changes: by hand, the cosine of a picture and of the dimmed one."""
    flat = blobs.flat.astype(np.float64)
    level, dimmed = flat.mean(axis=0), 0.7 * flat
    one, other = flat - level, dimmed - level
    wanted = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    model = averaging()
    likeness = compare([model, model], blobs).representations.pixels.likeness
    assert likeness.shape == (len(CHANGES), PICTURES)
    np.testing.assert_allclose(likeness[CHANGES.index("brightness")], wanted, atol=1e-4)


def test_nothing_is_read_off_a_constant(blobs: Pictures) -> None:
    """All pictures are taken for one class, the mean picture is the best guess, and there is no direction."""
    import keras

    constant = keras.layers.Dense(4, kernel_initializer="zeros", bias_initializer="ones")
    model = network_of(keras.layers.Flatten(), constant)
    space = known(compare([model, model], blobs).spaces[0][1])
    tested = blobs.labels[halves(PICTURES)[1]]
    assert np.count_nonzero(space.probe_right) in [np.count_nonzero(tested == label) for label in range(3)]
    np.testing.assert_allclose(space.rebuild_error, space.rebuild_spread, rtol=1e-5)
    assert np.isnan(space.likeness).all()


# --- twins ---


def test_every_network_has_spaces_of_its_own(blobs: Pictures) -> None:
    """Three twins, drawn anew, do not see the pictures alike; the same network twice does."""
    one, two, three = averaging(1), averaging(2), averaging(3)
    spaces = compare([one, two, three, one], blobs).spaces
    first = [known(each[0]) for each in spaces]
    assert len({each.rebuild_error.tobytes() for each in first[:3]}) == 3
    np.testing.assert_array_equal(first[0].rebuild_error, first[3].rebuild_error)
    np.testing.assert_array_equal(first[0].likeness, first[3].likeness)


def test_alignment_is_that_of_the_layers_own_numbers(blobs: Pictures) -> None:
    """Within the trained network, within the first twin and between them, from Keras' own outputs."""
    import keras

    models = [averaging(1), averaging(2)]
    found = compare([*models, averaging(3)], blobs).representations
    rows = []
    for model in models:
        parts = [
            keras.Model(model.inputs, layer.output).predict(blobs.pixels, verbose=0) for layer in model.layers
        ]
        rows += [blobs.flat, *(part.reshape(PICTURES, -1) for part in parts)]
    tested = [each[halves(PICTURES)[1]] for each in rows]
    wanted = reduce(AlignmentSums.merge, map(AlignmentSums.of, blocks(tested))).alignment()
    assert found.layers == (0, 1, 2, 3)
    np.testing.assert_allclose(found.alignment, wanted[:4, :4], atol=1e-4)
    np.testing.assert_allclose(found.alignment_untrained, wanted[4:, 4:], atol=1e-4)
    np.testing.assert_allclose(found.alignment_between, wanted[:4, 4:], atol=1e-4)


def test_the_rows_between_are_the_trained_networks(blobs: Pictures) -> None:
    """The pixels are the same in both: their row and their column hold what each network has with them."""
    found = compare([averaging(1), averaging(2)], blobs).representations
    np.testing.assert_allclose(found.alignment_between[:, 0], found.alignment[:, 0], rtol=1e-9)
    np.testing.assert_allclose(found.alignment_between[0], found.alignment_untrained[0], rtol=1e-9)


# --- which layers and pictures ---


def test_layers_that_only_hand_on_numbers_have_no_space(blobs: Pictures) -> None:
    """They are left out of the alignment as well."""
    import keras

    model = network_of(keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(3))
    found = compare([model, model], blobs, fresh=(True, False, True))
    assert [each is None for each in found.spaces[0]] == [False, True, False]
    assert found.representations.layers == (0, 1, 3)
    assert found.representations.alignment.shape == (3, 3)


def test_only_copied_pictures_are_fitted_and_tested(blobs: Pictures) -> None:
    """Of 90 pictures 45; the numbers in the map are those among all."""
    copied = np.arange(PICTURES) % 2 == 1
    model = averaging()
    found = compare([model, model], blobs, copied=copied).representations
    assert (found.fitted, found.tested, found.mixed) == (23, 22, WIDTH)
    assert found.scattered.tolist() == (2 * halves(45)[1] + 1).tolist()
    assert found.pixels.likeness.shape == (len(CHANGES), PICTURES)


@pytest.mark.parametrize("pictures", [1, 2, 7])
def test_too_few_pictures_leave_no_alignment(blobs: Pictures, pictures: int) -> None:
    """Four tested pictures are the fewest; the rest is measured as far as it goes."""
    some = Pictures(blobs.pixels[:pictures], blobs.labels[:pictures])
    model = averaging()
    found = compare([model, model], some)
    assert np.isnan(found.representations.alignment).all()
    assert (found.representations.fitted, found.representations.tested) == (-(-pictures // 2), pictures // 2)
    assert len(known(found.spaces[0][0]).rebuild_error) == pictures // 2


@pytest.mark.parametrize("factor", [1e25, 1e-25, np.nan])
def test_a_network_gone_astray_can_be_compared(blobs: Pictures, factor: float) -> None:
    """With weights far too large, far too small, or no numbers, nothing stops and nobody is warned."""
    astray = averaging()
    astray.set_weights([array * np.float32(factor) for array in astray.get_weights()])
    found = compare([astray, averaging()], blobs)
    for each in found.spaces[0]:
        assert np.isfinite(known(each).rebuild_error).all()
    assert np.isfinite(found.representations.alignment_untrained).all()


def test_of_many_pictures_some_are_changed(blobs: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """At equal distances: by hand, the likenesses are those of the pictures between the first and the last."""
    monkeypatch.setattr(comparison, "CHANGED_PICTURES", 6)
    model = averaging()
    found = compare([model, model], blobs).representations
    flat, chosen = blobs.flat.astype(np.float64), [0, 18, 36, 53, 71, 89]
    one, other = flat[chosen] - flat.mean(axis=0), 0.7 * flat[chosen] - flat.mean(axis=0)
    wanted = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    np.testing.assert_allclose(found.pixels.likeness[CHANGES.index("brightness")], wanted, atol=1e-4)
