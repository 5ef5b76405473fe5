"""Pictures made for units, held against known optima and against what the network itself says about them."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.receptive_field import ReceptiveField, receptive_fields
from reportgen.observe import visualization
from reportgen.observe.graph import SETTING_UP
from reportgen.observe.layers import input_shape, steps
from reportgen.observe.visualization import MOST_UNITS, visualizations
from reportgen.snapshot import Floats, Visualization
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow

SEED = 42


def ignore(*_: object) -> None:
    """Take any progress and do nothing."""


def fields_of(network: "keras.Model") -> dict[int, ReceptiveField]:
    """The receptive fields of a network's layers."""
    return receptive_fields(input_shape(opened(network)), steps(opened(network)))


def made(
    network: "keras.Model", pixel_range: tuple[float, float] = (0.0, 1.0), seed: int = SEED
) -> dict[int, Visualization]:
    """The pictures for all layers of a network."""
    return visualizations(opened(network), steps(opened(network)), fields_of(network), pixel_range, seed, ignore)


def answers(network: "keras.Model", index: int, pixels: Floats) -> Floats:
    """What the layer of this index says."""
    import keras

    output = next(step.output for step in steps(opened(network)) if step.index == index)
    return np.asarray(keras.Model(opened(network).inputs[0], output)(pixels, training=False))


@pytest.fixture(scope="module")
def single() -> "keras.Sequential":
    """One convolution with a ReLU: three filters, the last of which is silent whatever it sees."""
    import keras

    network = keras.Sequential(
        [keras.Input((9, 9, 1)), keras.layers.Conv2D(3, 3, padding="same", activation="relu", name="only")]
    )
    kernel = np.random.default_rng(3).normal(0, 1, (3, 3, 1, 3)).astype(np.float32)
    network.set_weights([kernel, np.array([0.5, -0.5, -40], np.float32)])
    return network


@pytest.fixture(scope="module")
def striding() -> "keras.Sequential":
    """A network with windows of odd and even size that stride, padded and not, on a picture that is not square."""
    import keras

    keras.utils.set_random_seed(8)
    make = keras.layers
    return keras.Sequential(
        [
            keras.Input((17, 20, 2)),
            make.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="first"),
            make.BatchNormalization(name="normed"),
            make.MaxPooling2D(3, 2, padding="same", name="pooling"),
            make.Conv2D(6, (2, 3), activation="tanh", name="second"),
            make.Flatten(name="flatten"),
            make.Dense(4, activation="softmax", name="output"),
        ]
    )


@pytest.fixture(scope="module")
def pictures(striding: "keras.Sequential") -> dict[int, Visualization]:
    """The pictures for that network."""
    return made(striding)


# --- known optima ---


def test_pixels_are_bright_where_weights_are_positive_and_dark_where_they_are_negative(
    single: "keras.Sequential",
) -> None:
    """Of one convolution, wherever a weight is not tiny."""
    kernel = single.get_weights()[0]
    images = made(single)[1].images
    weights = kernel.transpose(3, 0, 1, 2)
    clear = np.abs(weights) > 0.2
    assert images.shape == (3, 3, 3, 1)
    np.testing.assert_array_equal((images > 0.5)[clear], (weights > 0)[clear])


def test_the_answer_comes_near_the_largest_there_can_be(single: "keras.Sequential") -> None:
    """It is the sum of the positive weights and the bias, for pixels of 0 … 1, and is never surpassed."""
    kernel, bias = single.get_weights()
    best = np.maximum(kernel, 0).sum(axis=(0, 1, 2))[:2] + bias[:2]
    activation = made(single)[1].activation[:2]
    assert (activation <= best + 1e-5).all()
    assert (activation > 0.95 * best).all()


def test_a_unit_that_is_silent_whatever_it_sees_still_gets_its_picture(single: "keras.Sequential") -> None:
    """Before the ReLU it has a direction; behind it, it answers zero, and that is what is said."""
    found = made(single)[1]
    weights = single.get_weights()[0][..., 2]
    assert found.activation[2] == 0
    assert found.images[2][weights > 0.2].min() > 0.8
    assert found.images[2][weights < -0.2].max() < 0.2


def test_pixels_that_do_not_matter_stay_in_the_middle(single: "keras.Sequential") -> None:
    """A filter of one weight: its pixel is bright, the others are grey."""
    import keras

    network = keras.models.clone_model(single)
    kernel = np.zeros((3, 3, 1, 3), np.float32)
    kernel[1, 1] = 1
    network.set_weights([kernel, np.zeros(3, np.float32)])
    image = made(network)[1].images[0, :, :, 0]
    around = np.delete(image.ravel(), 4)
    assert image[1, 1] > 0.9
    assert np.abs(around - 0.5).max() < 0.1


@pytest.mark.parametrize("pixel_range", [(-1.0, 1.0), (0.0, 255.0)])
def test_pixels_stay_within_the_range_and_reach_its_ends(
    single: "keras.Sequential", pixel_range: tuple[float, float]
) -> None:
    """Whatever the network's pictures are scaled to."""
    images, (low, high) = made(single, pixel_range)[1].images, pixel_range
    assert low <= images.min() < low + 0.05 * (high - low)
    assert high >= images.max() > high - 0.05 * (high - low)


# --- what the network says about the pictures ---


@pytest.mark.parametrize("index", [1, 2, 3, 4])
def test_the_unit_answers_as_is_said_when_the_picture_lies_in_its_field(
    striding: "keras.Sequential", pictures: dict[int, Visualization], index: int
) -> None:
    """In the real network, at the place whose field begins there, whatever lies around it."""
    field, found = fields_of(striding)[index], pictures[index]
    row, column = (-(start // stride) for start, stride in zip(field.start, field.stride, strict=True))
    top, left = field.corner(row, column)
    assert found.images.shape[1:3] == field.size
    whole = np.random.default_rng(4).random((len(found.images), 17, 20, 2), dtype=np.float32)
    whole[:, top : top + field.size[0], left : left + field.size[1]] = found.images
    said = np.diagonal(answers(striding, index, whole)[:, row, column])
    np.testing.assert_allclose(found.activation, said, rtol=1e-4, atol=1e-5)


def test_for_an_output_the_answer_is_the_probability(
    striding: "keras.Sequential", pictures: dict[int, Visualization]
) -> None:
    """The softmax's own number for the whole picture."""
    found = pictures[6]
    said = np.diagonal(answers(striding, 6, found.images))
    assert found.images.shape == (4, 17, 20, 2)
    np.testing.assert_allclose(found.activation, said, rtol=1e-4)


def test_made_pictures_are_answered_to_more_than_any_of_a_thousand_random_ones(
    striding: "keras.Sequential", pictures: dict[int, Visualization]
) -> None:
    """At any place of any of them."""
    random = np.random.default_rng(5).random((1000, 17, 20, 2), dtype=np.float32)
    for index, found in pictures.items():
        strongest = answers(striding, index, random)
        assert (found.activation > strongest.reshape(-1, strongest.shape[-1]).max(axis=0)).all(), index


def test_a_field_larger_than_the_picture_is_cut_to_it() -> None:
    """The middle place of the map then sees all rows and columns that there are."""
    import keras

    make = keras.layers
    network = keras.Sequential([keras.Input((6, 6, 1)), *(make.Conv2D(2, 5, padding="same") for _ in range(2))])
    found = made(network)[2]
    said = np.diagonal(answers(network, 2, found.images)[:, 3, 3])
    assert found.images.shape == (2, 6, 6, 1)
    np.testing.assert_allclose(found.activation, said, rtol=1e-4)


def test_a_layer_without_a_known_field_gets_whole_pictures(striding: "keras.Sequential") -> None:
    """The unit is that in the middle of the map."""
    found = visualizations(opened(striding), steps(opened(striding))[:1], {}, (0.0, 1.0), SEED, ignore)[1]
    said = np.diagonal(answers(striding, 1, found.images)[:, 9 // 2, 10 // 2])
    assert found.images.shape == (5, 17, 20, 2)
    np.testing.assert_allclose(found.activation, said, rtol=1e-4)


def test_units_on_a_flattened_map_get_whole_pictures() -> None:
    """Each lies at another place, so that no one field is theirs."""
    import keras

    make = keras.layers
    network = keras.Sequential(
        [keras.Input((6, 6, 1)), make.Conv2D(1, 3), make.Flatten(), make.BatchNormalization(), make.Dense(2)]
    )
    found = made(network)[3]
    assert found.images.shape == (16, 6, 6, 1)
    np.testing.assert_allclose(found.activation, np.diagonal(answers(network, 3, found.images)), rtol=1e-4)


# --- repeatable and bounded ---


def test_the_same_seed_gives_the_same_bytes(
    striding: "keras.Sequential", pictures: dict[int, Visualization]
) -> None:
    """Every picture and every answer."""
    again = made(striding)
    for index, found in pictures.items():
        assert found.images.tobytes() == again[index].images.tobytes()
        assert found.activation.tobytes() == again[index].activation.tobytes()


def test_another_seed_gives_other_pictures(single: "keras.Sequential") -> None:
    """They begin elsewhere, even where they come to nearly the same."""
    assert made(single)[1].images.tobytes() != made(single, seed=SEED + 1)[1].images.tobytes()


def test_layers_that_hand_on_what_they_get_are_left_out(pictures: dict[int, Visualization]) -> None:
    """Flattening has no units of its own."""
    assert list(pictures) == [1, 2, 3, 4, 6]


REST = visualization.STEPS - visualization.TRIED
"""Steps that only the best start gets."""


def test_where_the_budget_is_short_starts_go_first_then_units(
    single: "keras.Sequential", monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 27 multiplications at each of 81 places, and 8 for each of the 243 numbers that come out.

    A picture of 3 × 3 is a ninth of that, there and back at each step; before that, one layer is set up twice.
    What the third unit would have cost is enough for more starts of the other two.
    """
    step = 2 * (27 * 81 + 8 * 243) // 9
    one, two, three = (step * (starts * visualization.TRIED + REST) + 1 for starts in (1, 2, 3))
    found = []
    for budget in (3 * three, 3 * three - 1, 3 * two - 1, 3 * one - 1, one - 1):
        monkeypatch.setattr(visualization, "BUDGET", 2 * SETTING_UP + budget)
        found.append([(len(part.images), part.starts) for part in made(single).values()])
    assert found == [[(3, 3)], [(3, 2)], [(3, 1)], [(2, 3)], []]


def test_of_a_wide_layer_the_first_units_get_pictures() -> None:
    """256 of them."""
    import keras

    network = keras.Sequential([keras.Input((3, 3, 1)), keras.layers.Conv2D(MOST_UNITS + 2, 1)])
    assert len(made(network)[1].images) == MOST_UNITS


def test_a_network_for_pictures_of_any_size_gets_none() -> None:
    """There is no picture to make where its size is not known."""
    import keras

    network = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3)])
    assert made(network) == {}
