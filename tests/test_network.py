"""Networks laid open as one graph, held against Keras' own answers of the same networks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reportgen.errors import ModelError
from reportgen.observe.activations import maps, tapped
from reportgen.observe.graph import head
from reportgen.observe.layers import Step, picture_shape, steps
from reportgen.observe.models import digest_of, open_network, twin_of
from reportgen.observe.network import NO_GRAPH, Network, laid_open
from reportgen.snapshot import Floats
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow

PICTURES = 4
TWIN_SEED = 7
"""Another than that of the networks below."""
SHAPE = (8, 8, 2)
Given = Callable[[Floats], Any]


def pictures(shape: tuple[int, ...] = SHAPE) -> Floats:
    """Four random pictures, in 0 … 1."""
    return np.random.default_rng(1).random((PICTURES, *shape), dtype=np.float32)


def outputs(network: Network, pixels: Floats) -> list[Floats]:
    """All that a network laid open answers to pictures."""
    import tensorflow as tf

    whole = head(network, *network.outputs)
    run = tf.function(lambda batch: whole([batch]), jit_compile=network.is_compiled or None)
    return [np.asarray(each, np.float32) for each in run(pixels)]


def by_keras(model: "keras.Model", values: object) -> list[Floats]:
    """All that Keras says the network answers with."""
    import keras

    found = keras.tree.flatten(model.predict(values, batch_size=PICTURES, verbose=0))
    return [np.asarray(each, np.float32) for each in found]


def seen(network: Network, pixels: Floats) -> dict[str, list[Floats]]:
    """The maps of all uses of layers that are shown, by the layers' paths."""
    listed = [step for step in steps(network) if step.output is not None]
    found: dict[str, list[Floats]] = {}
    for step, each in zip(listed, maps(tapped(network, listed, PICTURES, "0..1"), pixels)[1], strict=True):
        found.setdefault(step.name, []).append(each)
    return found


def by_name(network: Network) -> dict[str, Step]:
    """The first use of each layer by its path."""
    return {step.name: step for step in reversed(steps(network))}


def seeded(seed: int = 1) -> None:
    """Let weights be drawn alike in every test."""
    import keras

    keras.utils.set_random_seed(seed)


# --- networks ---


def inner() -> "keras.Sequential":
    """A small network to be used as a layer."""
    import keras

    seeded()
    make = keras.layers
    convolution = make.Conv2D(3, 3, activation="relu", bias_initializer="normal", name="c")
    return keras.Sequential([keras.Input(SHAPE), convolution, make.MaxPooling2D(2, name="pooling")], name="inner")


def nested() -> "keras.Model":
    """A sequential network as the first layer of a functional one; both have a layer called `c`."""
    import keras

    make, start = keras.layers, keras.Input(SHAPE)
    return keras.Model(start, make.Dense(2, name="c")(make.Flatten(name="flat")(inner()(start))))


def three_deep() -> "keras.Model":
    """A network in a network in a network, with a shortcut around the innermost."""
    import keras

    seeded()
    make = keras.layers
    lowest, middle, start = (keras.Input(SHAPE) for _ in range(3))
    low = keras.Model(lowest, make.Conv2D(2, 3, padding="same", name="c")(lowest), name="low")
    mid = keras.Model(middle, make.Add(name="sum")([low(middle), middle]), name="mid")
    return keras.Model(start, make.Dense(2, name="last")(make.GlobalMaxPooling2D(name="top")(mid(start))))


def siamese() -> "keras.Model":
    """Two pictures that go through the same nested network."""
    import keras

    make, shared = keras.layers, inner()
    one, other = keras.Input(SHAPE, name="one"), keras.Input(SHAPE, name="other")
    both = make.Concatenate(name="both")([shared(one), shared(other)])
    return keras.Model([one, other], make.Dense(2, name="last")(make.Flatten(name="flat")(both)))


def twice() -> "keras.Model":
    """One convolution behind itself."""
    import keras

    seeded()
    start = keras.Input(SHAPE)
    same = keras.layers.Conv2D(2, 3, padding="same", activation="tanh", name="same")
    return keras.Model(start, keras.layers.GlobalMaxPooling2D(name="top")(same(same(start))))


def several() -> "keras.Model":
    """A row of numbers beside the picture, and two answers with names."""
    import keras

    seeded()
    make = keras.layers
    row, start = keras.Input((5,), name="a"), keras.Input(SHAPE, name="b")
    flat = make.Flatten()(make.Conv2D(2, 3, activation="relu")(start))
    both = make.Concatenate()([make.Dense(3, bias_initializer="normal")(row), flat])
    answers = {"x": make.Dense(3, activation="softmax")(both), "y": make.Dense(1)(both)}
    return keras.Model({"a": row, "b": start}, answers)


def sized(*shape: int | None, batch_size: int | None = None) -> "keras.Model":
    """A convolution for pictures of some shape, and the mean of its maps."""
    import keras

    seeded()
    make = keras.layers
    start = keras.Input(shape, batch_size=batch_size)
    return keras.Sequential([start, make.Conv2D(3, 3, name="c"), make.GlobalAveragePooling2D(), make.Dense(2)])


def open_size() -> "keras.Model":
    """Takes pictures of any size."""
    return sized(None, None, 2)


def fixed_batch() -> "keras.Model":
    """Takes four pictures at a time, no more and no fewer."""
    return sized(*SHAPE, batch_size=PICTURES)


def sequence() -> "keras.Model":
    """Twenty steps of two numbers."""
    import keras

    seeded()
    make = keras.layers
    return keras.Sequential(
        [
            keras.Input((20, 2)),
            make.Conv1D(4, 3, activation="relu", name="c"),
            make.LSTM(3, return_sequences=True, name="memory"),
            make.GlobalAveragePooling1D(),
            make.Dense(2),
        ]
    )


def volume() -> "keras.Model":
    """Four slices of six rows and five columns."""
    import keras

    seeded()
    make = keras.layers
    convolution = make.Conv3D(2, (2, 3, 3), activation="relu", name="c")
    return keras.Sequential([keras.Input((4, 6, 5, 1)), convolution, make.Flatten(), make.Dense(2)])


def tokens() -> "keras.Model":
    """Twelve numbers of words, of which zero is none."""
    import keras

    seeded()
    make = keras.layers
    row = [make.Embedding(30, 4, mask_zero=True, name="words"), make.GRU(3, return_sequences=True, name="memory")]
    return keras.Sequential(
        [keras.Input((12,), dtype="int32"), *row, make.GlobalAveragePooling1D(), make.Dense(2)]
    )


def flat() -> "keras.Model":
    """Sixty-four numbers in a row."""
    import keras

    seeded()
    make = keras.layers
    return keras.Sequential([keras.Input((64,)), make.Dense(5, activation="relu", name="hidden"), make.Dense(2)])


def of_policy(name: str) -> "keras.Model":
    """The nested network in another type of numbers."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        return nested()
    finally:
        keras.config.set_dtype_policy(before)


def mixed() -> "keras.Model":
    """Computes in sixteen bits."""
    return of_policy("mixed_float16")


def quantised() -> "keras.Model":
    """Has two dense layers of eight bits."""
    import keras

    seeded()
    make = keras.layers
    dense = [make.Dense(6, activation="relu", name="hidden"), make.Dense(2, name="last")]
    model = keras.Sequential([keras.Input(SHAPE), make.Conv2D(2, 3, name="c"), make.Flatten(name="flat"), *dense])
    # Keras warns of the layers that cannot be quantised.
    for layer in dense:
        layer.quantize("int8")
    return model


def prepared() -> "keras.Model":
    """Has seen the data's mean and spread before it was trained, and others while it was."""
    import keras

    seeded()
    make, data = keras.layers, np.random.default_rng(2).normal(3, 2, (20, *SHAPE)).astype(np.float32)
    normalization = make.Normalization(name="prepared")
    normalization.adapt(data)
    normal = make.BatchNormalization(name="normal")
    row = [normalization, make.RandomFlip(), make.Conv2D(2, 3, name="c"), normal, make.Flatten(), make.Dense(2)]
    model = keras.Sequential([keras.Input(SHAPE), *row])
    normal.set_weights([np.array(each, np.float32) for each in ([2, 1], [1, 0], [0.5, -0.5], [3, 4])])
    return model


def operations() -> "keras.Model":
    """Operations that are no layers: a ReLU, a product, a sum and a slice."""
    import keras

    seeded()
    make, start = keras.layers, keras.Input(SHAPE)
    lit = keras.ops.relu(make.Conv2D(2, 3, name="c")(start)) * 2 + 1
    return keras.Model(start, make.Dense(2)(make.Flatten()(lit[:, 1:5])))


def own_class(*, follows: bool) -> "keras.Model":
    """A network of a class of its own, built by being called.

    Args:
        follows: whether its `call` can be followed on symbols.
    """
    import keras
    import tensorflow as tf

    class Own(keras.Model):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__(name="own")
            self.block, self.last = inner(), keras.layers.Dense(2, name="last")
            self.flat = keras.layers.Flatten(name="flat")

        def call(self, inputs: "keras.KerasTensor") -> "keras.KerasTensor":
            found = self.flat(self.block(inputs))
            return self.last(keras.ops.tanh(found) if follows else tf.tanh(found))

    model = Own()
    model(np.zeros((1, *SHAPE), np.float32))
    return model


def followed() -> "keras.Model":
    """One that can be followed."""
    return own_class(follows=True)


@dataclass(frozen=True)
class Case:
    """A network, the pictures that it is laid open for, and what the network itself takes in their stead."""

    build: "Callable[[], keras.Model]"
    shape: tuple[int, ...] = SHAPE
    given: Given = lambda pixels: pixels
    scale: float = 1
    tolerance: float = 1e-5


def slices(pixels: Floats) -> Floats:
    """Volumes out of their slices, side by side."""
    return np.stack(np.split(pixels, 4, axis=2), axis=1)


CASES = [
    Case(nested),
    Case(three_deep),
    Case(siamese, given=lambda pixels: [pixels, np.zeros_like(pixels)]),
    Case(twice),
    Case(several, given=lambda pixels: {"a": np.zeros((PICTURES, 5), np.float32), "b": pixels}),
    Case(open_size, (9, 7, 2)),
    Case(fixed_batch),
    Case(sequence, (1, 20, 2), lambda pixels: pixels[:, 0]),
    Case(volume, (6, 20, 1), slices),
    Case(tokens, (1, 12, 1), lambda pixels: np.floor(pixels[:, 0, :, 0]).astype(np.int32), scale=5),
    Case(flat, (8, 8, 1), lambda pixels: pixels.reshape(PICTURES, 64)),
    Case(mixed, tolerance=1e-2),
    Case(quantised),
    Case(prepared),
    Case(operations),
    Case(followed),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.__name__)
def test_the_graph_answers_as_the_network_does(case: Case) -> None:
    """Every output, as Keras' own `predict` says, and pictures of other numbers get other answers."""
    model, pixels = case.build(), case.scale * pictures(case.shape)
    network = laid_open(model, case.shape)
    wanted, found = by_keras(model, case.given(pixels)), outputs(network, pixels)
    assert network.reason is None
    assert len(found) == len(wanted)
    for each, expected in zip(found, wanted, strict=True):
        np.testing.assert_allclose(each, expected, rtol=case.tolerance, atol=case.tolerance)
    assert np.ptp(found[0], axis=0).max() > 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.__name__)
def test_the_network_is_left_as_it_is(case: Case) -> None:
    """Laid open, it has the same configuration and the very same weights."""
    model = case.build()
    before = digest_of(model)
    assert laid_open(model, case.shape).weights == list(model.weights)
    assert digest_of(model) == before


# --- the uses of layers ---


def test_layers_of_nested_networks_are_named_by_their_paths() -> None:
    """In their order, each with what it reads; two layers of one name are told apart."""
    found = steps(opened(nested()))
    assert [step.name for step in found] == ["inner/c", "inner/pooling", "flat", "c"]
    assert [step.inputs for step in found] == [(0,), (1,), (2,), (3,)]
    assert [step.parameters for step in found] == [9 * 2 * 3 + 3, 0, 0, 27 * 2 + 2]


def test_a_path_is_as_long_as_a_layer_lies_deep() -> None:
    """The sum in the middle reads the picture and the network within."""
    found = steps(opened(three_deep()))
    assert [step.name for step in found] == ["mid/low/c", "mid/sum", "top", "last"]
    assert [step.inputs for step in found] == [(0,), (0, 1), (2,), (3,)]


def test_weights_belong_to_the_layers_of_the_nested_network() -> None:
    """Each path has the places of its own variables."""
    model = nested()
    found = {step.name: step.weights for step in steps(opened(model))}
    for path, layer in (("inner/c", model.get_layer("inner").get_layer("c")), ("c", model.get_layer("c"))):
        own = [model.get_weights()[place] for _, place in found[path]]
        assert [name for name, _ in found[path]] == ["kernel", "bias"]
        for one, other in zip(own, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_layer_used_twice_is_shown_twice() -> None:
    """The second use names the first, has no weights of its own, and other maps."""
    import keras

    model, pixels = twice(), pictures()
    network = opened(model)
    first, second, _ = steps(network)
    assert (first.name, second.name, first.shared_with, second.shared_with) == ("same", "same", None, 1)
    assert (first.inputs, second.inputs) == ((0,), (1,))
    assert (len(first.weights), second.weights, second.parameters) == (2, (), 0)
    layer = model.get_layer("same")
    once = np.asarray(layer(pixels))
    found = seen(network, pixels)["same"]
    np.testing.assert_allclose(found[0], once, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found[1], keras.ops.convert_to_numpy(layer(once)), rtol=1e-5, atol=1e-6)


def test_a_nested_network_used_twice_shows_both_uses() -> None:
    """One sees the picture, the other the zeros of the second input."""
    import keras

    model, pixels = siamese(), pictures()
    network = opened(model)
    uses = [step for step in steps(network) if step.name == "inner/c"]
    assert [step.shared_with for step in uses] == [None, uses[0].index]
    assert [len(step.weights) for step in uses] == [2, 0]
    shared = model.get_layer("inner")
    part = keras.Model(shared.inputs, shared.get_layer("c").output)
    for found, values in zip(seen(network, pixels)["inner/c"], (pixels, np.zeros_like(pixels)), strict=True):
        np.testing.assert_allclose(found, part.predict(values, verbose=0), rtol=1e-5, atol=1e-6)


def test_maps_inside_a_nested_network_are_those_of_keras() -> None:
    """Of a network of Keras' that ends at the inner layer."""
    import keras

    model, pixels = three_deep(), pictures()
    low = model.get_layer("mid").get_layer("low")
    wanted = keras.Model(low.inputs, low.get_layer("c").output).predict(pixels, verbose=0)
    found = seen(opened(model), pixels)
    np.testing.assert_allclose(found["mid/low/c"][0], wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["mid/sum"][0], wanted + pixels, rtol=1e-5, atol=1e-6)


def test_a_sequence_is_a_strip_of_one_row() -> None:
    """Of eighteen places and four units; recurrent layers have places too."""
    import keras

    model, pixels = sequence(), pictures((1, 20, 2))
    network = opened(model)
    found, listed = seen(network, pixels), by_name(network)
    assert picture_shape(network) == (1, 20, 2)
    assert (listed["c"].map_shape, listed["memory"].map_shape) == ((1, 18, 4), (1, 18, 3))
    for name in ("c", "memory"):
        part = keras.Model(model.inputs, model.get_layer(name).output)
        wanted = part.predict(pixels[:, 0], verbose=0)[:, np.newaxis]
        np.testing.assert_allclose(found[name][0], wanted, rtol=1e-5, atol=1e-6)


def test_a_volume_is_its_slices_side_by_side() -> None:
    """Three slices of four rows and three columns."""
    import keras

    model, pixels = volume(), pictures((6, 20, 1))
    network = opened(model)
    part = keras.Model(model.inputs, model.get_layer("c").output)
    wanted = np.concatenate(list(part.predict(slices(pixels), verbose=0).swapaxes(0, 1)), axis=2)
    assert picture_shape(network) == (6, 20, 1)
    assert by_name(network)["c"].map_shape == (4, 9, 2)
    np.testing.assert_allclose(seen(network, pixels)["c"][0], wanted, rtol=1e-5, atol=1e-6)


def test_a_network_of_sizes_left_open_is_laid_open_for_any() -> None:
    """The sizes of all layers are then known; without a size they are not."""
    model = open_size()
    assert steps(laid_open(model))[0].map_shape == (None, None, 3)
    assert steps(laid_open(model, (9, 7, 2)))[0].map_shape == (7, 5, 3)


def test_pictures_that_do_not_fit_are_refused_in_one_line() -> None:
    """The size is named."""
    with pytest.raises(ModelError, match=r"cannot be built for pictures of 12 × 12 × 2\.") as caught:
        laid_open(nested(), (12, 12, 2))
    assert "\n" not in str(caught.value)


# --- channels first ---


def channels_network(layout: str) -> "keras.Model":
    """Two convolutions and what stands between them."""
    import keras

    seeded()
    make, at = keras.layers, {"data_format": layout}
    is_first = layout == "channels_first"
    return keras.Sequential(
        [
            keras.Input((2, 8, 6) if is_first else (8, 6, 2)),
            make.Conv2D(3, 3, name="c", bias_initializer="normal", **at),
            make.BatchNormalization(axis=1 if is_first else -1, name="normal"),
            make.ReLU(name="lit"),
            make.MaxPooling2D(2, name="pooling", **at),
            make.GlobalAveragePooling2D(name="average", **at),
            make.Dense(2, name="last"),
        ]
    )


def test_channels_first_show_what_channels_last_show() -> None:
    """All maps of the same network, whose pictures are the same too."""
    first, last = (channels_network(f"channels_{each}") for each in ("first", "last"))
    first.set_weights(last.get_weights())
    pixels = pictures((8, 6, 2))
    one, other = (seen(opened(each), pixels) for each in (first, last))
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_allclose(one[name][0], other[name][0], rtol=1e-4, atol=1e-5, err_msg=name)


def test_units_stand_first_where_layers_say_so_or_read_such_layers() -> None:
    """Not behind the mean of each map; and the shapes of all maps are those with the units last."""
    first, last = (opened(channels_network(f"channels_{each}")) for each in ("first", "last"))
    assert [step.units_first for step in steps(first)] == [True, True, True, True, False, False]
    assert not any(step.units_first for step in steps(last))
    assert [step.map_shape for step in steps(first)] == [step.map_shape for step in steps(last)]
    assert (first.is_compiled, last.is_compiled) == (True, False)
    assert (first.takes_pictures, last.takes_pictures) == (False, True)
    assert picture_shape(first) == picture_shape(last) == (8, 6, 2)


# --- networks of a class of their own ---


def test_a_class_of_its_own_is_followed_through_its_call() -> None:
    """Its layers and operations are steps; the nested network is laid open by what its layers leave."""
    found = [step.kind for step in steps(opened(followed()))]
    assert found[-3:] == ["Flatten", "Tanh", "Dense"]
    assert all(step.not_shown is None for step in steps(opened(followed())))


def test_what_cannot_be_followed_says_so() -> None:
    """Its layers are still listed by their paths, with their weights."""
    model = own_class(follows=False)
    network = opened(model)
    assert network.reason == NO_GRAPH
    listed = {step.name: step for step in steps(network)}
    assert {step.not_shown for step in listed.values()} == {NO_GRAPH}
    assert {"inner/c", "flat", "last"} <= set(listed)
    kernel, bias = (model.get_weights()[place] for _, place in listed["inner/c"].weights)
    np.testing.assert_array_equal(kernel, model.block.get_layer("c").get_weights()[0])
    assert bias.shape == (3,)


# --- twins and digests ---


def test_a_twin_is_laid_open_for_the_same_pictures() -> None:
    """With the same steps, and other weights."""
    network = laid_open(open_size(), (9, 7, 2))
    twin = twin_of(network, None, TWIN_SEED)
    for each in twin.networks:
        assert [step.map_shape for step in steps(each)] == [step.map_shape for step in steps(network)]
        assert not np.array_equal(each.model.get_weights()[0], network.model.get_weights()[0])


def test_a_twin_of_a_nested_network_has_its_own_layers() -> None:
    """Nothing is shared with the network; the paths are the same."""
    network = opened(siamese())
    twin = twin_of(network, None, TWIN_SEED).network
    assert [step.name for step in steps(twin)] == [step.name for step in steps(network)]
    assert not {id(each) for each in twin.weights} & {id(each) for each in network.weights}
    assert not np.array_equal(twin.weights[0].numpy(), network.weights[0].numpy())


def test_the_twin_keeps_what_prepares_the_input() -> None:
    """Mean and spread of the data were not learned; what a batch normalisation gathered was."""
    model = prepared()
    twin = twin_of(opened(model), None, TWIN_SEED).network
    pixels = pictures()
    found = seen(twin, pixels)
    np.testing.assert_allclose(found["prepared"][0], model.get_layer("prepared")(pixels), rtol=1e-5, atol=1e-6)
    drawn = twin.model.get_layer("normal").get_weights()
    assert [each.tolist() for each in drawn] == [[1, 1], [0, 0], [0, 0], [1, 1]]


def test_the_twin_of_a_quantised_network_is_quantised() -> None:
    """Its weights are of eight bits, drawn and not zero."""
    model = quantised()
    twin = twin_of(opened(model), None, TWIN_SEED).network.model
    for name in ("hidden", "last"):
        own, other = model.get_layer(name), twin.get_layer(name)
        assert other.quantization_mode == own.quantization_mode == "int8"
        before, after = (np.asarray(each.kernel) for each in (own, other))
        assert after.dtype == np.int8
        assert np.count_nonzero(after) > after.size / 2
        assert not np.array_equal(before, after)


def test_a_network_of_sixteen_bits_has_a_digest(tmp_path: Path) -> None:
    """The same each time that it is opened, also when it was saved once more; another with other weights."""
    one, other = tmp_path / "one.keras", tmp_path / "other.keras"
    of_policy("bfloat16").save(one)
    model = open_network(one)
    model.save(other)
    before = digest_of(model)
    assert {each.dtype.name for each in model.get_weights()} == {"bfloat16"}
    assert digest_of(open_network(one)) == digest_of(open_network(other)) == before
    model.get_layer("c").bias.assign([1.0, 0.0])
    assert digest_of(model) != before
