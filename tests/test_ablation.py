"""What single units are worth to a network, held against edited networks and networks made for the purpose."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.observe import ablation
from reportgen.observe.ablation import MOST_UNITS, ablations
from reportgen.observe.graph import SETTING_UP
from reportgen.observe.layers import Step, steps
from reportgen.snapshot import Ablation, Doubles, Floats, Integers
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow

PICTURES = 290
"""No multiple of the batch size, so that the last batch must be filled up."""


@pytest.fixture(scope="module")
def chain() -> "keras.Sequential":
    """A network of one layer behind the other, with every way in which maps are handed on."""
    import keras

    keras.utils.set_random_seed(3)
    make, spread = keras.layers, keras.initializers.RandomUniform(0.5, 2)
    return keras.Sequential(
        [
            keras.Input((10, 10, 1)),
            make.Conv2D(4, 3, padding="same", activation="relu", bias_initializer="normal", name="first"),
            make.MaxPooling2D(2, name="pooling"),
            make.Conv2D(5, 3, strides=2, padding="same", activation="relu", use_bias=False, name="second"),
            make.BatchNormalization(gamma_initializer=spread, moving_variance_initializer=spread, name="normed"),
            make.ZeroPadding2D(1, name="padded"),
            make.Conv2D(6, 2, activation="relu", bias_initializer="normal", name="third"),
            make.Flatten(name="flatten"),
            make.Dropout(0.5, name="dropout"),
            make.Dense(8, activation="relu", bias_initializer="normal", name="dense"),
            make.Dense(3, activation="softmax", name="output"),
        ]
    )


@pytest.fixture(scope="module")
def pixels() -> Floats:
    """Random pictures of one channel."""
    return np.random.default_rng(1).random((PICTURES, 10, 10, 1), dtype=np.float32)


def ignore(*_: object) -> None:
    """Take any progress and do nothing."""


def answers(network: "keras.Model", step: Step, pixels: Floats) -> Floats:
    """The whole output of a layer."""
    import keras

    return np.asarray(keras.Model(opened(network).inputs[0], step.output)(pixels, training=False))


def means_of(network: "keras.Model", pixels: Floats) -> dict[int, Doubles]:
    """Each unit's mean over pictures and places."""
    outputs = {step.index: answers(network, step, pixels) for step in steps(opened(network))}
    return {
        index: each.reshape(-1, each.shape[-1]).mean(axis=0, dtype=np.float64) for index, each in outputs.items()
    }


def classes(network: "keras.Model", pixels: Floats) -> Integers:
    """What a network takes pictures for."""
    named: Integers = np.asarray(network(pixels, training=False)).argmax(axis=1)
    return named


def mixed_labels(network: "keras.Model", pixels: Floats) -> Integers:
    """Labels of which the network gets about two thirds right."""
    named = classes(network, pixels)
    return np.where(np.arange(len(named)) % 3 == 0, (named + 1) % 3, named)


def tried(network: "keras.Model", pixels: Floats, labels: Integers) -> dict[int, Ablation]:
    """The experiments on all layers of a network."""
    return ablations(opened(network), steps(opened(network)), pixels, labels, means_of(network, pixels), ignore)


@pytest.fixture(scope="module")
def found(chain: "keras.Sequential", pixels: Floats) -> dict[int, Ablation]:
    """The experiments on the chain."""
    return tried(chain, pixels, mixed_labels(chain, pixels))


def counts(named: Integers, without: Integers, labels: Integers) -> tuple[int, int]:
    """Pictures lost and won, counted one by one."""
    lost = sum(a == c != b for a, b, c in zip(named, without, labels, strict=True))
    won = sum(b == c != a for a, b, c in zip(named, without, labels, strict=True))
    return lost, won


def counted(found: Ablation) -> list[tuple[int, int]]:
    """Pictures lost and won, unit by unit."""
    return list(zip(found.lost.tolist(), found.won.tolist(), strict=True))


# --- against networks that were edited ---


@pytest.mark.parametrize("name", ["first", "third", "dense"])
def test_a_unit_set_to_its_mean_is_one_with_zero_weights_and_that_bias(
    chain: "keras.Sequential", pixels: Floats, found: dict[int, Ablation], name: str
) -> None:
    """Every unit of a layer with a ReLU, in a copy of the network in which the unit says nothing but its mean."""
    import keras

    labels, named, means = mixed_labels(chain, pixels), classes(chain, pixels), means_of(chain, pixels)
    index = next(step.index for step in steps(opened(chain)) if step.name == name)
    edited, expected = keras.models.clone_model(chain), []
    for unit, mean in enumerate(means[index]):
        edited.set_weights(chain.get_weights())
        kernel, bias = (np.array(each) for each in edited.get_layer(name).get_weights())
        kernel[..., unit], bias[unit] = 0, mean
        edited.get_layer(name).set_weights([kernel, bias])
        expected.append(counts(named, classes(edited, pixels), labels))
    assert counted(found[index]) == expected
    assert sum(map(sum, expected)) > 0


def test_every_layers_units_are_exchanged_as_the_layers_behind_would_see_it(
    chain: "keras.Sequential", pixels: Floats, found: dict[int, Ablation]
) -> None:
    """Maps exchanged in numpy, then handed through the layers behind one by one."""
    labels, named, means = mixed_labels(chain, pixels), classes(chain, pixels), means_of(chain, pixels)
    for number, step in enumerate(steps(opened(chain))):
        if step.index not in found:
            continue
        expected = []
        for unit, mean in enumerate(means[step.index]):
            maps = answers(chain, step, pixels).copy()
            maps[..., unit] = mean
            for layer in chain.layers[number + 1 :]:
                maps = layer(maps)
            expected.append(counts(named, np.asarray(maps).argmax(axis=1), labels))
        assert counted(found[step.index]) == expected, step.name


def test_a_residual_branch_goes_on_with_what_it_had(pixels: Floats) -> None:
    """Units of the inner branch, exchanged by hand while the other branch keeps its values."""
    import keras

    keras.utils.set_random_seed(4)
    make = keras.layers
    picture = keras.Input((10, 10, 1))
    trunk = make.Conv2D(4, 3, padding="same", activation="relu")(picture)
    inner = make.Conv2D(4, 3, padding="same", activation="relu")(trunk)
    pooled = make.GlobalMaxPooling2D()(make.Add()([trunk, inner]))
    network = keras.Model(picture, make.Dense(3)(pooled))
    kernel = network.layers[-1].get_weights()[0]
    # Without this, an untrained network takes all pictures for the same.
    network.layers[-1].set_weights(
        [kernel, -np.asarray(keras.Model(picture, pooled)(pixels)).mean(axis=0) @ kernel]
    )
    labels, means = mixed_labels(network, pixels), means_of(network, pixels)
    first, second = (
        np.asarray(keras.Model(picture, trunk)(pixels)),
        np.asarray(keras.Model(picture, inner)(pixels)),
    )
    expected = []
    for unit, mean in enumerate(means[2]):
        changed = second.copy()
        changed[..., unit] = mean
        without = np.asarray(network.layers[-1]((first + changed).max(axis=(1, 2)))).argmax(axis=1)
        expected.append(counts(classes(network, pixels), without, labels))
    assert counted(tried(network, pixels, labels)[2]) == expected
    assert sum(map(sum, expected)) > 0


def test_right_pictures_are_those_of_the_whole_network(found: dict[int, Ablation]) -> None:
    """Two thirds of the labels were taken from the network itself."""
    assert {(each.pictures, each.right) for each in found.values()} == {(PICTURES, PICTURES - 97)}


def test_layers_that_hand_on_what_they_get_are_left_out(
    chain: "keras.Sequential", found: dict[int, Ablation]
) -> None:
    """Flattening and dropout have no units of their own."""
    kinds = {step.name for step in steps(opened(chain)) if step.index not in found}
    assert kinds == {"flatten", "dropout"}


# --- networks made for the purpose ---


def relying(weights: Mapping[int, float], units: int = 4) -> "keras.Sequential":
    """A network that tells bright pictures (class 0) from dark ones (1) by these units; without, it says 2."""
    import keras

    make = keras.layers
    network = keras.Sequential(
        [keras.Input((4, 4, 1)), make.Conv2D(units, 4, activation="relu"), make.Flatten(), make.Dense(3)]
    )
    kernel = np.zeros((units, 3), np.float32)
    for unit, weight in weights.items():
        kernel[unit, :2] = weight, -weight
    half = 8 * sum(weights.values())
    network.set_weights(
        [np.ones((4, 4, 1, units), np.float32), np.zeros(units, np.float32), kernel, np.array([-half, half, 1])]
    )
    return network


def bright_and_dark() -> tuple[Floats, Integers]:
    """Pictures that are all bright or all dark in turn, and their classes."""
    labels = np.arange(40) % 2
    return np.ones((40, 4, 4, 1), np.float32) * (1 - labels)[:, None, None, None].astype(np.float32), labels


def test_the_unit_that_a_network_relies_on_alone_costs_all_pictures() -> None:
    """And those that nobody listens to cost none."""
    pixels, labels = bright_and_dark()
    found = tried(relying({1: 1}), pixels, labels)[1]
    assert found.right == 40
    assert found.lost.tolist() == [0, 40, 0, 0]


def test_units_that_stand_in_for_each_other_cost_nothing() -> None:
    """With two that say the same, the network does well without either."""
    pixels, labels = bright_and_dark()
    assert tried(relying({1: 1, 2: 1}), pixels, labels)[1].lost.tolist() == [0, 0, 0, 0]


def test_a_unit_that_misleads_is_won_back() -> None:
    """One of two loud units speaks for the wrong class; without it, the weaker one is heard."""
    pixels, labels = bright_and_dark()
    found = tried(relying({0: 1, 1: -3}), pixels, labels)[1]
    assert (found.right, found.won.tolist()) == (0, [0, 40, 0, 0])


def test_a_dead_unit_changes_nothing(chain: "keras.Sequential", pixels: Floats) -> None:
    """Not one picture, though here all classes are as likely up to the last bits, and other units turn some."""
    import keras

    network = keras.models.clone_model(chain)
    weights = chain.get_weights()
    weights[0][..., 2], weights[1][2] = 0, -1
    weights[-2], weights[-1] = weights[-2] * 1e-6, weights[-1] * 0
    network.set_weights(weights)
    labels, means = mixed_labels(network, pixels), means_of(network, pixels)
    first = ablations(opened(network), steps(opened(network))[:1], pixels, labels, means, ignore)[1]
    assert (first.lost[2], first.won[2]) == (0, 0)
    assert np.delete(first.lost, 2).any()


# --- what is not tried, and how much ---


def test_without_labels_or_classes_nothing_is_tried(chain: "keras.Sequential", pixels: Floats) -> None:
    """There is no right and wrong where there are no labels, or only one number comes out."""
    import keras

    single = keras.Sequential([keras.Input((10, 10, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    assert tried(chain, pixels, np.zeros(0, np.int64)) == {}
    assert tried(single, pixels, np.zeros(PICTURES, np.int64)) == {}


def test_a_layer_without_known_means_is_left_out(chain: "keras.Sequential", pixels: Floats) -> None:
    """Only the layers that were surveyed are tried."""
    means = {1: means_of(chain, pixels)[1]}
    assert list(
        ablations(opened(chain), steps(opened(chain)), pixels, mixed_labels(chain, pixels), means, ignore)
    ) == [1]


def test_progress_counts_the_layers(chain: "keras.Sequential", pixels: Floats) -> None:
    """From none to all eight that have units of their own."""
    seen: list[tuple[int, int]] = []
    means, labels = means_of(chain, pixels[:20]), mixed_labels(chain, pixels[:20])
    ablations(
        opened(chain), steps(opened(chain)), pixels[:20], labels, means, lambda done, of: seen.append((done, of))
    )
    assert seen == [(done, 8) for done in range(9)]


def test_where_the_budget_is_short_there_are_fewer_pictures_then_fewer_units_then_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never fewer than a hundred pictures.

    By hand: 4·4·4 multiplications up to the four units, 4·3 / 4 for what one of them adds to the three sums, and 8
    more for each number that comes out; before that, one layer is set up.
    """
    pixels, labels = (np.concatenate([each] * 5) for each in bright_and_dark())
    found = []
    for pictures, units in ((200, 4), (150, 4), (100, 3), (100, 0)):
        work = pictures * (64 + 32 + units * (3 + 24))
        monkeypatch.setattr(ablation, "BUDGET", SETTING_UP + work)
        network = relying({1: 1})
        one = ablations(
            opened(network), steps(opened(network))[:1], pixels, labels, means_of(network, pixels), ignore
        )
        found.append([(each.pictures, len(each.lost)) for each in one.values()])
    assert found == [[(200, 4)], [(150, 4)], [(100, 3)], []]


def test_of_a_wide_layer_the_first_units_are_tried() -> None:
    """256 of them."""
    pixels, labels = bright_and_dark()
    found = tried(relying({1: 1}, units=MOST_UNITS + 3), pixels, labels)[1]
    assert len(found.lost) == MOST_UNITS


def test_the_same_network_gives_the_same_counts(
    chain: "keras.Sequential", pixels: Floats, found: dict[int, Ablation]
) -> None:
    """Twice in one process."""
    again = tried(chain, pixels, mixed_labels(chain, pixels))
    assert [counted(each) for each in found.values()] == [counted(each) for each in again.values()]
