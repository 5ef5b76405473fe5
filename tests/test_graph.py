"""Parts of networks, held against Keras' own models of the same parts."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.observe.graph import Stretch, before_activation, followed, head, linear, only_reader, tail
from reportgen.observe.layers import steps
from reportgen.snapshot import Floats
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chain() -> "keras.Sequential":
    """A sequential network."""
    import keras

    keras.utils.set_random_seed(5)
    make = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 2)),
            make.Conv2D(4, 3, padding="same", activation="relu", bias_initializer="normal", name="first"),
            make.MaxPooling2D(2, name="pooling"),
            make.Dropout(0.5, name="dropout"),
            make.Conv2D(5, 3, activation="tanh", name="second"),
            make.Flatten(name="flatten"),
            make.Dense(3, activation="softmax", bias_initializer="normal", name="output"),
        ]
    )


@pytest.fixture(scope="module")
def residual() -> "keras.Model":
    """A network with a branch around a convolution and a normalisation that has seen other pictures before."""
    import keras

    keras.utils.set_random_seed(6)
    make, shifted = keras.layers, keras.initializers.RandomUniform(0.5, 2)
    picture = keras.Input((8, 8, 3))
    trunk = make.Conv2D(4, 3, padding="same", activation="relu", name="trunk")(picture)
    inner = make.Conv2D(4, 3, padding="same", name="inner")(trunk)
    normed = make.BatchNormalization(
        moving_mean_initializer=shifted, moving_variance_initializer=shifted, name="normed"
    )(inner, training=True)
    lit = make.ReLU(name="lit")(normed)
    joined = make.Add(name="joined")([trunk, lit])
    pooled = make.GlobalAveragePooling2D(name="pooled")(joined)
    return keras.Model(picture, make.Dense(3, activation="softmax", name="output")(pooled))


@pytest.fixture(params=["chain", "residual"])
def network(request: pytest.FixtureRequest) -> "keras.Model":
    """Each of the two networks."""
    return request.getfixturevalue(request.param)


def pictures(network: "keras.Model") -> Floats:
    """Random pictures for a network."""
    return np.random.default_rng(1).random((6, *network.inputs[0].shape[1:]), dtype=np.float32)


def named(network: "keras.Model", name: str) -> "keras.KerasTensor":
    """The output of the layer of this name."""
    return next(step.output for step in steps(opened(network)) if step.name == name)


def run(stretch: Stretch, *values: Floats) -> list[Floats]:
    """What comes out of a part, as arrays."""
    return [np.asarray(each) for each in stretch(values)]


def by_keras(network: "keras.Model", tensor: "keras.KerasTensor", pixels: Floats) -> Floats:
    """What Keras says is in a network's tensor, in use."""
    import keras

    return np.asarray(keras.Model(opened(network).inputs[0], tensor)(pixels, training=False))


def test_a_head_gives_what_keras_own_model_gives(network: "keras.Model") -> None:
    """At every layer, also behind a normalisation that was called as in training."""
    pixels = pictures(network)
    for step in steps(opened(network)):
        np.testing.assert_allclose(
            run(head(opened(network), step.output), pixels)[0],
            by_keras(network, step.output, pixels),
            rtol=1e-5,
            atol=1e-6,
        )


def test_a_head_and_its_tail_are_the_whole_network(network: "keras.Model") -> None:
    """At every layer, with what the tail reads beside it."""
    pixels = pictures(network)
    for step in steps(opened(network)):
        later = tail(opened(network), step.output)
        output = run(later, *run(head(opened(network), *later.reads), pixels))[0]
        np.testing.assert_allclose(output, network(pixels, training=False), rtol=1e-5, atol=1e-6)


def test_a_tail_follows_a_change_of_its_tensor(residual: "keras.Model") -> None:
    """With the inner branch set to zero behind its ReLU, only the trunk is left; worked out layer by layer."""
    pixels = pictures(residual)
    later = tail(opened(residual), named(residual, "lit"))
    trunk = by_keras(residual, named(residual, "trunk"), pixels)
    expected = residual.get_layer("output")(trunk.mean(axis=(1, 2)))
    assert [each is named(residual, "trunk") for each in later.reads] == [False, True]
    np.testing.assert_allclose(run(later, np.zeros_like(trunk), trunk)[0], expected, rtol=1e-5, atol=1e-6)


def test_a_tail_computes_nothing_that_came_before(chain: "keras.Sequential") -> None:
    """Its layers are those behind the tensor, and none behind the last."""
    kinds = [type(node.operation).__name__ for node in tail(opened(chain), named(chain, "dropout")).nodes]
    assert kinds == ["Conv2D", "Flatten", "Dense"]
    assert tail(opened(chain), named(chain, "output")).nodes == ()


def test_a_convolutional_head_takes_pictures_of_another_size(chain: "keras.Sequential") -> None:
    """As the same layers do in a network that was built for that size."""
    import keras

    pixels = np.random.default_rng(2).random((2, 7, 9, 2), dtype=np.float32)
    sized = keras.Sequential(
        [keras.Input((7, 9, 2)), *(type(each).from_config(each.get_config()) for each in chain.layers[:4])]
    )
    sized.set_weights(chain.get_weights()[:4])
    np.testing.assert_allclose(
        run(head(opened(chain), named(chain, "second")), pixels)[0], sized(pixels), rtol=1e-5
    )


def test_parts_leave_the_network_as_it_is(chain: "keras.Sequential") -> None:
    """No layer is used once more afterwards, and the configuration is the same."""
    network = opened(chain)
    before = chain.to_json(), [len(layer._inbound_nodes) for layer in chain.layers]
    for step in steps(network):
        run(before_activation(head(opened(chain), step.output)), pictures(chain))
    assert before == (chain.to_json(), [len(layer._inbound_nodes) for layer in chain.layers])


def test_multiplications_are_counted_layer_by_layer(chain: "keras.Sequential", residual: "keras.Model") -> None:
    """By hand: 12·12·9·2·4 and 4·4·9·4·5 for the convolutions, 80·3 for the dense layer; a tail has its own."""
    output = named(chain, "output")
    assert head(opened(chain), output).multiplications == 10368 + 2880 + 240
    assert tail(opened(chain), named(chain, "pooling")).multiplications == 2880 + 240
    assert tail(opened(residual), named(residual, "joined")).multiplications == 4 * 3


def test_multiplications_within_a_network_within_are_counted(chain: "keras.Sequential") -> None:
    """A network that is used as a layer costs what its own layers cost."""
    import keras

    outer = keras.Sequential([keras.Input((12, 12, 2)), chain])
    assert head(opened(outer), opened(outer).outputs[0]).multiplications == 10368 + 2880 + 240


def test_a_layer_without_its_activation_is_that_layer_before_it(chain: "keras.Sequential") -> None:
    """The softmax of it, the tanh of it, is what the layer itself says."""
    import keras

    pixels = pictures(chain)
    for name, function in (("output", keras.ops.softmax), ("second", keras.ops.tanh)):
        stretch = head(opened(chain), named(chain, name))
        bare, whole = run(before_activation(stretch), pixels)[0], run(stretch, pixels)[0]
        np.testing.assert_allclose(function(bare), whole, rtol=1e-5, atol=1e-6)
        assert not np.allclose(bare, whole)


def test_what_is_pooled_is_taken_before_the_activation_too(chain: "keras.Sequential") -> None:
    """The largest of the values before a ReLU: above zero it is the largest one behind, below it is silent."""
    stretch, pixels = head(opened(chain), named(chain, "pooling")), pictures(chain)
    bare, whole = run(before_activation(stretch), pixels)[0], run(stretch, pixels)[0]
    np.testing.assert_allclose(np.maximum(bare, 0), whole, rtol=1e-5, atol=1e-6)
    assert (bare < 0).any()


def test_an_activation_that_is_a_layer_is_left_out(residual: "keras.Model") -> None:
    """Before the layer `lit` is what it reads."""
    lit, normed = (head(opened(residual), named(residual, name)) for name in ("lit", "normed"))
    pixels = pictures(residual)
    np.testing.assert_array_equal(run(before_activation(lit), pixels)[0], run(normed, pixels)[0])


def test_an_activation_deeper_inside_stays(residual: "keras.Model") -> None:
    """Behind the addition of two branches there is no last activation, so that nothing is left out."""
    joined = head(opened(residual), named(residual, "joined"))
    assert before_activation(joined) is joined


def test_a_linear_copy_shares_no_change(chain: "keras.Sequential") -> None:
    """The network's own layer keeps its activation."""
    layer = chain.get_layer("output")
    assert linear(layer).activation.__name__ == "linear"
    assert layer.activation.__name__ == "softmax"


def test_the_only_reader_is_found_where_there_is_one(residual: "keras.Model") -> None:
    """The trunk is read twice, the output not at all, a branch by a layer that reads another one too."""
    readers = {
        name: only_reader(opened(residual), named(residual, name)) for name in ("inner", "trunk", "lit", "output")
    }
    found = {name: node.operation.name for name, node in readers.items() if node is not None}
    assert found == {"inner": "normed"}


def test_layers_are_followed_as_long_as_their_kind_fits(chain: "keras.Sequential") -> None:
    """From the first convolution through pooling and dropout, not into the second convolution."""
    stretch = followed(opened(chain), named(chain, "first"), {"MaxPooling2D", "Dropout"})
    assert stretch.gives[0] is named(chain, "dropout")
    assert followed(opened(chain), named(chain, "first"), {"Dropout"}).nodes == ()
