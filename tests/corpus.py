"""A corpus of small networks of every kind that Keras knows, each made anew with a fixed seed.

What a site must say of each stands in `test_corpus`; the things to send through them are those of `corpus_inputs`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from tests.corpus_files import BLOCK_SOURCE, LEGACY, NETWORK_SOURCE, SQUARE_SOURCE, write_legacy

if TYPE_CHECKING:
    from keras import KerasTensor, Layer, Model

SEED = 7
FEW = 12
"""Pixels of a side where nothing else is said."""

Build = Callable[[ModuleType], "Model"]


@dataclass(frozen=True)
class Entry:
    """One network, and what is asked for with it."""

    build: Build | None
    """Makes the network out of the module `keras`; None where its file is written by hand."""
    given: str
    """A kind of things to send through it, of `corpus_inputs`; empty for none."""
    stored: str = ".keras"
    """The file's ending; `folder` for an exported one."""
    scale: str = "0..1"
    custom: str = ""
    """Source of the module that a user would bring."""
    refused: str = ""
    """Words of the error where there can be no site."""
    layers: tuple[str, ...] = ()
    """Paths of layers that must be listed, where they are worth being written down."""
    maps: tuple[str, ...] = ()
    """Paths of layers whose answers must be shown."""
    channels_first: bool = False
    as_stored: bool = True
    """Whether weights are used as the file holds them."""

    def write(self, name: str, folder: Path, network: "Model | None" = None) -> Path:
        """Make the network's file in a folder, of the network if it was made already, and return its path."""
        if self.build is None:
            return write_legacy(name, folder / f"{name}{self.stored}")
        return _saved(network or self.made(folder), folder / name, self.stored)

    def made(self, folder: Path) -> "Model":
        """Return the network itself, the same every time, and put the user's module into the folder."""
        import keras

        assert self.build is not None
        keras.utils.clear_session()
        keras.utils.set_random_seed(SEED)
        if self.custom:
            (folder / "own.py").write_text(self.custom, encoding="utf-8")
        module = _own_module(folder / "own.py") if self.custom else keras
        network = self.build(module)
        # Weights as a training leaves them: without them biases are zero and nothing is distinct.
        return _stirred(network)


CORPUS: dict[str, Entry] = {
    name: Entry(None, "pictures", ".h5", layers=layers, maps=layers) for name, layers in LEGACY.items()
}
"""All networks by their names."""


def _in_corpus(given: str = "pictures", **settings: object) -> Callable[[Build], Build]:
    """Return what puts a network into the corpus under the name of the function that builds it."""

    def put(build: Build) -> Build:
        CORPUS[build.__name__] = Entry(build, given, **settings)  # type: ignore[arg-type]  # checked when made
        return build

    return put


def _saved(network: "Model", path: Path, ending: str) -> Path:
    if ending == "folder":
        network.export(path, verbose=False)
        return path
    file = path.with_name(path.name + ending)
    network.save(file)
    return file


def _own_module(path: Path) -> ModuleType:
    """Return a user's module, run as it stands."""
    import keras

    module = ModuleType("own")
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)  # noqa: S102 - our own
    # Known to Keras only while it is built: whoever opens the file must bring the module again.
    keras.saving.get_custom_objects().clear()
    return module


def _stirred(network: "Model") -> "Model":
    random = np.random.default_rng(SEED)
    for weight in network.trainable_variables if network.built else ():
        if weight.dtype in ("float32", "float64") and weight.name in ("bias", "beta"):
            weight.assign(random.normal(0, 0.1, weight.shape))
    return network


def _sequential(keras: ModuleType, shape: tuple[int | None, ...], *layers: "Layer") -> "Model":
    return keras.Sequential([keras.Input(shape), *layers])


def _classifier(keras: ModuleType, shape: tuple[int | None, ...], *layers: "Layer") -> "Model":
    """Return a network that ends in four kinds."""
    ending = [keras.layers.Flatten(), keras.layers.Dense(4, activation="softmax", name="kinds")]
    return _sequential(keras, shape, *layers, *ending)


def _around(keras: ModuleType, *layers: "Layer", channels: int = 1) -> "Model":
    """Return a network with the layers behind a first convolution."""
    first = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="first")
    return _classifier(keras, (FEW, FEW, channels), first, *layers)


# --- files ---


@_in_corpus(layers=("first", "second", "kinds"), maps=("first", "second", "kinds"))
def plain(keras: ModuleType) -> "Model":
    """Two convolutions, one behind the other."""
    second = keras.layers.Conv2D(5, 3, activation="relu", name="second")
    return _around(keras, keras.layers.MaxPooling2D(2), second)


@_in_corpus("folder", stored=".h5", maps=("first", "kinds"))
def file_h5(keras: ModuleType) -> "Model":
    """The format before .keras, with pictures in class folders."""
    return _around(keras, keras.layers.MaxPooling2D(2))


@_in_corpus("unlabelled", stored=".hdf5", maps=("first", "kinds"))
def file_hdf5(keras: ModuleType) -> "Model":
    """The same under its long ending, as a graph, with pictures that have no labels."""
    return _graph(keras, keras.layers.AveragePooling2D(2))


@_in_corpus("", stored="folder")
def saved_folder(keras: ModuleType) -> "Model":
    """An exported folder, of which the weights can be had."""
    return _around(keras, keras.layers.Conv2D(3, 3, name="second"))


@_in_corpus("", stored="folder")
def saved_folder_nested(keras: ModuleType) -> "Model":
    """An exported folder of a nested network."""
    return nested_sequential(keras)


@_in_corpus("", maps=())
def without_pictures(keras: ModuleType) -> "Model":
    """A network that comes alone."""
    return plain(keras)


@_in_corpus(custom=NETWORK_SOURCE)
def subclassed(own: ModuleType) -> "Model":
    """A class of the user's own, with its configuration."""
    return _called(own.Small())


@_in_corpus(custom=BLOCK_SOURCE, maps=("first", "kinds"))
def own_layer(own: ModuleType) -> "Model":
    """A graph of Keras' own with a layer of the user's that holds others."""
    return _around(own.keras, own.Block(3, name="block"))


@_in_corpus(custom=SQUARE_SOURCE, maps=("first", "kinds"))
def own_activation(own: ModuleType) -> "Model":
    """A function of the user's as an activation."""
    return _around(own.keras, own.keras.layers.Conv2D(3, 3, activation=own.square, name="second"))


# --- how networks are put together ---


def _graph(keras: ModuleType, *layers: "Layer", shape: tuple[int | None, ...] = (FEW, FEW, 1)) -> "Model":
    """Return a functional network with the layers between its first and its last."""
    given = keras.Input(shape, name="given")
    found = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(given)
    for layer in layers:
        found = layer(found)
    return keras.Model(given, _kinds(keras, found))


def _kinds(keras: ModuleType, found: "KerasTensor") -> "KerasTensor":
    flat = keras.layers.Flatten(name="flat")(found)
    return keras.layers.Dense(4, activation="softmax", name="kinds")(flat)


def _called(network: "Model") -> "Model":
    network(np.zeros((1, FEW, FEW, 1), np.float32))
    return network


def _inner(keras: ModuleType, name: str, *layers: "Layer", channels: int = 4) -> "Model":
    """Return a functional network to be put into another."""
    given = keras.Input((FEW, FEW, channels))
    found = given
    for layer in layers:
        found = layer(found)
    return keras.Model(given, found, name=name)


def _conv(keras: ModuleType, name: str, units: int = 4) -> "Layer":
    return keras.layers.Conv2D(units, 3, padding="same", activation="relu", name=name)


@_in_corpus(layers=("first", "flat", "kinds"), maps=("first", "flat", "kinds"))
def functional(keras: ModuleType) -> "Model":
    """A graph without a branch."""
    return _graph(keras, keras.layers.MaxPooling2D(2))


@_in_corpus(layers=("first", "body/one", "body/two", "kinds"), maps=("first", "body/one", "body/two", "kinds"))
def nested_sequential(keras: ModuleType) -> "Model":
    """A Sequential network within a graph."""
    body = keras.Sequential([_conv(keras, "one"), _conv(keras, "two")], name="body")
    return _graph(keras, body)


@_in_corpus(layers=("first", "body/one", "body/two", "kinds"), maps=("body/one", "body/two"))
def nested_functional(keras: ModuleType) -> "Model":
    """A graph within a graph."""
    return _graph(keras, _inner(keras, "body", _conv(keras, "one"), _conv(keras, "two")))


@_in_corpus(layers=("outer/middle/inner/deep", "outer/shallow"), maps=("outer/middle/inner/deep", "outer/shallow"))
def nested_three_deep(keras: ModuleType) -> "Model":
    """A graph within a graph within a graph within a graph."""
    inner = _inner(keras, "inner", _conv(keras, "deep"))
    middle = _inner(keras, "middle", inner)
    return _graph(keras, _inner(keras, "outer", middle, _conv(keras, "shallow")))


@_in_corpus(layers=("body/same", "tail/same"), maps=("body/same", "tail/same"))
def nested_with_same_names(keras: ModuleType) -> "Model":
    """Two networks within one whose layers are called alike."""
    return _graph(keras, *(_inner(keras, each, _conv(keras, "same")) for each in ("body", "tail")))


@_in_corpus(layers=("tower/eye", "kinds"))
def siamese(keras: ModuleType) -> "Model":
    """A network used for each of two pictures, whose answers are compared."""
    tower = _inner(keras, "tower", _conv(keras, "eye"), keras.layers.GlobalAveragePooling2D(), channels=1)
    pair = [keras.Input((FEW, FEW, 1), name=each) for each in ("left", "right")]
    apart = keras.layers.Subtract(name="apart")([tower(each) for each in pair])
    return keras.Model(pair, keras.layers.Dense(4, activation="softmax", name="kinds")(apart))


@_in_corpus(layers=("tower/eye", "kinds"), maps=("kinds",))
def network_twice(keras: ModuleType) -> "Model":
    """A network used twice, one behind the other."""
    tower = _inner(keras, "tower", _conv(keras, "eye"))
    return _graph(keras, tower, tower)


@_in_corpus(layers=("first", "again", "kinds"), maps=("first", "kinds"))
def layer_twice(keras: ModuleType) -> "Model":
    """A layer used twice, one behind the other."""
    again = _conv(keras, "again")
    return _graph(keras, again, again)


@_in_corpus(layers=("first", "second", "kinds"))
def several_inputs(keras: ModuleType) -> "Model":
    """A picture and a row of numbers."""
    picture, facts = keras.Input((FEW, FEW, 1), name="picture"), keras.Input((3,), name="facts")
    seen = keras.layers.GlobalMaxPooling2D()(_conv(keras, "first")(picture))
    told = keras.layers.Dense(4, name="second")(facts)
    both = keras.layers.Concatenate()([seen, told])
    return keras.Model([picture, facts], keras.layers.Dense(4, activation="softmax", name="kinds")(both))


@_in_corpus("unlabelled", layers=("first", "kinds", "size"), maps=("first", "kinds", "size"))
def several_outputs(keras: ModuleType) -> "Model":
    """A kind and a size."""
    given = keras.Input((FEW, FEW, 1))
    flat = keras.layers.Flatten()(_conv(keras, "first")(given))
    kinds = keras.layers.Dense(4, activation="softmax", name="kinds")(flat)
    return keras.Model(given, [kinds, keras.layers.Dense(1, name="size")(flat)])


@_in_corpus("unlabelled", layers=("first", "kinds", "size"))
def dictionaries(keras: ModuleType) -> "Model":
    """Inputs and outputs by name."""
    given = {each: keras.Input((FEW, FEW, 1), name=each) for each in ("left", "right")}
    both = keras.layers.Average()(list(given.values()))
    flat = keras.layers.Flatten()(_conv(keras, "first")(both))
    found = {each: keras.layers.Dense(2, name=each)(flat) for each in ("kinds", "size")}
    return keras.Model(given, found)


@_in_corpus("unlabelled", maps=("first", "kinds"))
def no_fixed_size(keras: ModuleType) -> "Model":
    """Pictures of any size, in colour."""
    given = keras.Input((None, None, 3))
    found = keras.layers.GlobalAveragePooling2D()(_conv(keras, "first")(given))
    return keras.Model(given, keras.layers.Dense(4, activation="softmax", name="kinds")(found))


@_in_corpus(maps=("first", "kinds"))
def fixed_batch(keras: ModuleType) -> "Model":
    """Two pictures at a time, and no other number."""
    given = keras.Input(batch_shape=(2, FEW, FEW, 1))
    return keras.Model(given, _kinds(keras, _conv(keras, "first")(given)))


@_in_corpus(maps=("first", "kinds"))
def without_input_layer(keras: ModuleType) -> "Model":
    """A Sequential network that learned the size of its input from the first picture."""
    layers = [_conv(keras, "first"), keras.layers.Flatten(), keras.layers.Dense(4, name="kinds")]
    return _called(keras.Sequential(layers))


@_in_corpus(refused="no weights")
def never_built(keras: ModuleType) -> "Model":
    """A Sequential network that never saw a picture, so that it has no weights."""
    return keras.Sequential([_conv(keras, "first"), keras.layers.Flatten(), keras.layers.Dense(4)])


@_in_corpus(maps=("first", "left", "sum", "kinds"))
def residual(keras: ModuleType) -> "Model":
    """A branch that is added to what it came from."""
    given = keras.Input((FEW, FEW, 1))
    first = _conv(keras, "first")(given)
    return keras.Model(given, _kinds(keras, keras.layers.Add(name="sum")([first, _conv(keras, "left")(first)])))


@_in_corpus(maps=("left", "right", "both", "kinds"))
def concatenated(keras: ModuleType) -> "Model":
    """Two branches side by side."""
    given = keras.Input((FEW, FEW, 1))
    branches = [_conv(keras, "left", 2)(given), _conv(keras, "right", 3)(given)]
    return keras.Model(given, _kinds(keras, keras.layers.Concatenate(name="both")(branches)))


@_in_corpus(maps=("largest", "product", "kinds"))
def merged(keras: ModuleType) -> "Model":
    """Branches merged in other ways."""
    given = keras.Input((FEW, FEW, 1))
    branches = [_conv(keras, each)(given) for each in ("left", "right")]
    largest = keras.layers.Maximum(name="largest")(branches)
    return keras.Model(given, _kinds(keras, keras.layers.Multiply(name="product")([largest, branches[0]])))


@_in_corpus(maps=("first", "kinds"))
def operations(keras: ModuleType) -> "Model":
    """Functions between layers."""
    given = keras.Input((FEW, FEW, 1))
    found = _conv(keras, "first")(given)
    found = keras.ops.relu(found * 2 - 0.5) + keras.ops.mean(found, axis=-1, keepdims=True)
    return keras.Model(given, _kinds(keras, found))


@_in_corpus("unlabelled", maps=("only",))
def one_layer(keras: ModuleType) -> "Model":
    """A single convolution."""
    return _sequential(keras, (FEW, FEW, 1), keras.layers.Conv2D(3, 3, name="only"))


@_in_corpus("unlabelled", maps=("layer_00", "layer_39"))
def forty_layers(keras: ModuleType) -> "Model":
    """Forty convolutions of two filters, one behind the other."""
    return _sequential(keras, (6, 6, 1), *(_conv(keras, f"layer_{each:02d}", 2) for each in range(40)))


@_in_corpus(maps=("mean",))
def pooling_only(keras: ModuleType) -> "Model":
    """A network without a single weight."""
    return _sequential(keras, (FEW, FEW, 3), keras.layers.GlobalAveragePooling2D(name="mean"))


@_in_corpus("unlabelled", layers=("first", "kinds"), maps=("first",))
def random_inside(keras: ModuleType) -> "Model":
    """Layers that do something only while a network is trained."""
    layers = (keras.layers.GaussianNoise(0.1), keras.layers.SpatialDropout2D(0.5), keras.layers.Dropout(0.5))
    return _around(keras, *layers)


# --- convolutions ---


@_in_corpus("series", maps=("one", "two", "kinds"))
def one_dimension(keras: ModuleType) -> "Model":
    """Convolutions along time."""
    one = keras.layers.Conv1D(4, 3, padding="same", activation="relu", name="one")
    return _classifier(keras, (16, 2), one, keras.layers.MaxPooling1D(2), keras.layers.Conv1D(3, 5, name="two"))


@_in_corpus("series", maps=("one", "two", "kinds"))
def one_dimension_causal(keras: ModuleType) -> "Model":
    """Convolutions along time that do not look ahead, with gaps."""
    layers = keras.layers
    one = layers.Conv1D(4, 3, padding="causal", activation="relu", name="one")
    return _classifier(keras, (16, 1), one, layers.Conv1D(3, 3, padding="causal", dilation_rate=2, name="two"))


@_in_corpus("series", maps=("one", "two", "three"))
def one_dimension_apart(keras: ModuleType) -> "Model":
    """Depthwise, separable and transposed convolutions along time."""
    layers = keras.layers
    some = (layers.DepthwiseConv1D(3, name="one"), layers.SeparableConv1D(3, 3, name="two"))
    return _classifier(keras, (16, 2), *some, layers.Conv1DTranspose(2, 3, strides=2, name="three"))


@_in_corpus("volumes", maps=("one", "two", "kinds"))
def three_dimensions(keras: ModuleType) -> "Model":
    """Convolutions in space."""
    one = keras.layers.Conv3D(3, 3, padding="same", activation="relu", name="one")
    return _classifier(
        keras, (6, 6, 6, 1), one, keras.layers.MaxPooling3D(2), keras.layers.Conv3D(2, 2, name="two")
    )


@_in_corpus("volumes", maps=("one", "two"))
def three_dimensions_transposed(keras: ModuleType) -> "Model":
    """A volume made smaller and larger again."""
    one = keras.layers.Conv3D(3, 2, strides=2, activation="relu", name="one")
    return _sequential(keras, (4, 4, 4, 2), one, keras.layers.Conv3DTranspose(2, 2, strides=2, name="two"))


@_in_corpus(maps=("first", "depth", "kinds"))
def depthwise(keras: ModuleType) -> "Model":
    """A filter for each channel, and one that has two."""
    return _around(keras, keras.layers.DepthwiseConv2D(3, depth_multiplier=2, name="depth"))


@_in_corpus(maps=("depth", "kinds"))
def depthwise_first(keras: ModuleType) -> "Model":
    """A filter for each colour."""
    return _classifier(keras, (FEW, FEW, 3), keras.layers.DepthwiseConv2D(3, name="depth"))


@_in_corpus(maps=("first", "apart", "kinds"))
def separable(keras: ModuleType) -> "Model":
    """A convolution in two steps."""
    return _around(keras, keras.layers.SeparableConv2D(5, 3, activation="relu", name="apart"))


@_in_corpus(maps=("first", "larger", "kinds"))
def transposed(keras: ModuleType) -> "Model":
    """A convolution backwards, with more filters than channels."""
    return _around(keras, keras.layers.Conv2DTranspose(6, 3, strides=2, padding="same", name="larger"))


@_in_corpus(maps=("first", "groups", "kinds"))
def grouped(keras: ModuleType) -> "Model":
    """Two groups of filters, each with its own channels."""
    return _around(keras, keras.layers.Conv2D(6, 3, groups=2, activation="relu", name="groups"))


@_in_corpus(maps=("first", "gaps", "kinds"))
def dilated(keras: ModuleType) -> "Model":
    """Kernels with gaps."""
    return _around(keras, keras.layers.Conv2D(3, 3, dilation_rate=(2, 3), activation="relu", name="gaps"))


@_in_corpus(maps=("first", "leaps", "kinds"))
def strided(keras: ModuleType) -> "Model":
    """Kernels that leap, further in one direction."""
    return _around(keras, keras.layers.Conv2D(3, 3, strides=(2, 3), activation="relu", name="leaps"))


@_in_corpus(maps=("first", "point", "kinds"))
def one_by_one(keras: ModuleType) -> "Model":
    """Kernels of one place."""
    return _around(keras, keras.layers.Conv2D(3, 1, activation="relu", name="point"))


@_in_corpus(maps=("point", "kinds"))
def one_by_one_first(keras: ModuleType) -> "Model":
    """Kernels of one place on the picture itself."""
    return _classifier(keras, (FEW, FEW, 3), keras.layers.Conv2D(3, 1, activation="relu", name="point"))


@_in_corpus(maps=("five", "kinds"))
def five_by_five(keras: ModuleType) -> "Model":
    """Large kernels."""
    return _classifier(keras, (FEW, FEW, 1), keras.layers.Conv2D(4, 5, activation="relu", name="five"))


@_in_corpus(maps=("tall", "wide", "kinds"))
def seven_by_one(keras: ModuleType) -> "Model":
    """Kernels that are no squares."""
    tall, wide = ((each, keras.layers.Conv2D) for each in ("tall", "wide"))
    return _classifier(keras, (16, 14, 1), tall[1](3, (7, 1), name=tall[0]), wide[1](3, (1, 7), name=wide[0]))


@_in_corpus(maps=("even", "kinds"))
def four_by_four(keras: ModuleType) -> "Model":
    """Kernels without a middle."""
    return _classifier(keras, (FEW, 10, 1), keras.layers.Conv2D(3, 4, padding="same", name="even"))


@_in_corpus("folder", maps=("first", "kinds"))
def colours(keras: ModuleType) -> "Model":
    """Pictures in colour."""
    return _around(keras, channels=3)


@_in_corpus(maps=("first", "kinds"))
def four_channels(keras: ModuleType) -> "Model":
    """Pictures in colour with one channel more."""
    return _around(keras, channels=4)


@_in_corpus("unlabelled", maps=("first", "kinds"))
def five_channels(keras: ModuleType) -> "Model":
    """As a satellite takes them."""
    return _around(keras, channels=5)


@_in_corpus("unlabelled", maps=("first", "kinds"))
def two_channels(keras: ModuleType) -> "Model":
    """Less than colours, and more than grey."""
    return _around(keras, channels=2)


# --- layers of other kinds ---


@_in_corpus(maps=("first", "norm", "kinds"))
def batch_norm(keras: ModuleType) -> "Model":
    """A convolution without a bias whose answers are scaled after it."""
    network = _around(
        keras,
        keras.layers.Conv2D(3, 3, use_bias=False, name="second"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.ReLU(name="active"),
    )
    return _with_weights(network, "norm", [[0.5, 2, -1], [0.1, 0, -0.1], [0, 0.2, 0.1], [1, 0.5, 2]])


@_in_corpus(maps=("first", "norm", "kinds"))
def layer_norm(keras: ModuleType) -> "Model":
    """Answers scaled place by place."""
    return _around(keras, keras.layers.LayerNormalization(name="norm"))


@_in_corpus(maps=("first", "norm", "kinds"))
def group_norm(keras: ModuleType) -> "Model":
    """Answers scaled in two groups."""
    return _around(keras, keras.layers.GroupNormalization(2, name="norm"))


@_in_corpus("tokens", layers=("words", "kinds"))
def embedding(keras: ModuleType) -> "Model":
    """Words as rows of numbers."""
    layers = keras.layers
    words = layers.Embedding(20, 4, name="words")
    return _sequential(keras, (10,), words, layers.GlobalAveragePooling1D(), layers.Dense(3, name="kinds"))


@_in_corpus("series", layers=("memory", "kinds"), maps=("memory", "kinds"))
def lstm(keras: ModuleType) -> "Model":
    """A memory that is read at the end."""
    return _sequential(keras, (8, 3), keras.layers.LSTM(4, name="memory"), keras.layers.Dense(3, name="kinds"))


@_in_corpus("series", layers=("memory", "kinds"), maps=("memory", "kinds"))
def gru(keras: ModuleType) -> "Model":
    """A memory that is read at every step."""
    return _classifier(keras, (8, 3), keras.layers.GRU(4, return_sequences=True, name="memory"))


@_in_corpus("series", layers=("both", "kinds"), maps=("both", "kinds"))
def bidirectional(keras: ModuleType) -> "Model":
    """Two memories, one of which reads backwards."""
    memory = keras.layers.SimpleRNN(3, return_sequences=True)
    return _classifier(keras, (8, 3), keras.layers.Bidirectional(memory, name="both"))


@_in_corpus("series", layers=("heads", "norm", "kinds"), maps=("heads", "norm", "kinds"))
def attention(keras: ModuleType) -> "Model":
    """A block of a transformer."""
    given = keras.Input((8, 4))
    seen = keras.layers.MultiHeadAttention(2, 3, name="heads")(given, given)
    found = keras.layers.LayerNormalization(name="norm")(seen + given)
    return keras.Model(given, _kinds(keras, found))


@_in_corpus("series", layers=("each", "kinds"), maps=("each", "kinds"))
def time_distributed(keras: ModuleType) -> "Model":
    """A layer for each step."""
    dense = keras.layers.Dense(3, activation="relu")
    return _classifier(keras, (8, 2), keras.layers.TimeDistributed(dense, name="each"))


@_in_corpus("volumes", layers=("film", "kinds"))
def film(keras: ModuleType) -> "Model":
    """A convolution with a memory, over a film."""
    return _classifier(keras, (3, 6, 6, 1), keras.layers.ConvLSTM2D(2, 3, name="film"))


@_in_corpus("vectors", maps=("one", "two"))
def tabular(keras: ModuleType) -> "Model":
    """Rows of numbers."""
    return _sequential(keras, (5,), keras.layers.Dense(8, "relu", name="one"), keras.layers.Dense(3, name="two"))


@_in_corpus("flat", maps=("one", "kinds"))
def flat_pictures(keras: ModuleType) -> "Model":
    """Pictures whose rows were put one behind the other."""
    dense = keras.layers.Dense(6, "relu", name="one")
    return _sequential(keras, (784,), dense, keras.layers.Dense(4, "softmax", name="kinds"))


@_in_corpus("flat", maps=("one", "kinds"))
def flat_small_pictures(keras: ModuleType) -> "Model":
    """The same with pictures of eight by eight."""
    dense = keras.layers.Dense(6, "tanh", name="one")
    return _sequential(keras, (64,), dense, keras.layers.Dense(4, "softmax", name="kinds"))


@_in_corpus(maps=("first", "slope", "leak", "curve", "share"))
def activations(keras: ModuleType) -> "Model":
    """Layers that are nothing but an activation."""
    layers = keras.layers
    some = (layers.PReLU(name="slope"), layers.LeakyReLU(name="leak"), layers.ELU(name="curve"))
    return _sequential(
        keras, (FEW, FEW, 1), layers.Conv2D(4, 3, name="first"), *some, layers.GlobalMaxPooling2D(),
        layers.Softmax(name="share"),
    )  # fmt: skip


@_in_corpus("unlabelled", maps=("first", "up", "crop", "pad"))
def sizes(keras: ModuleType) -> "Model":
    """Layers that change nothing but the size."""
    layers = keras.layers
    some = (layers.UpSampling2D(2, name="up"), layers.Cropping2D(3, name="crop"))
    return _around(keras, *some, layers.ZeroPadding2D((1, 2), name="pad"))


@_in_corpus("unlabelled", layers=("first", "shape", "order", "kinds"))
def shapes(keras: ModuleType) -> "Model":
    """Layers that change nothing but the order."""
    layers = keras.layers
    some = (layers.Reshape((FEW * FEW, 4), name="shape"), layers.Permute((2, 1), name="order"))
    return _around(keras, *some)


# --- types of numbers ---


def _of_type(keras: ModuleType, policy: str) -> "Model":
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        return _around(keras, keras.layers.MaxPooling2D(2))
    finally:
        keras.config.set_dtype_policy(before)


@_in_corpus(maps=("first", "kinds"))
def mixed_float16(keras: ModuleType) -> "Model":
    """Answers in half precision."""
    return _of_type(keras, "mixed_float16")


@_in_corpus(maps=("first", "kinds"))
def float64(keras: ModuleType) -> "Model":
    """Everything in double precision."""
    return _of_type(keras, "float64")


@_in_corpus(maps=("first", "kinds"), as_stored=False)
def bfloat16(keras: ModuleType) -> "Model":
    """Everything in eight bits of precision, which NumPy does not know."""
    return _of_type(keras, "bfloat16")


@_in_corpus(maps=("first",), as_stored=False)
def quantised_int8(keras: ModuleType) -> "Model":
    """Dense weights in eight bits."""
    return _quantised(keras, "int8")


@_in_corpus(maps=("first",), as_stored=False)
def quantised_int4(keras: ModuleType) -> "Model":
    """Dense weights in four bits, two to a byte."""
    return _quantised(keras, "int4")


def _quantised(keras: ModuleType, mode: str) -> "Model":
    network = _around(keras, keras.layers.MaxPooling2D(2))
    network.quantize(mode)
    return network


# --- preprocessing within ---


@_in_corpus(scale="0..255", maps=("first", "kinds"))
def rescaling(keras: ModuleType) -> "Model":
    """A network that makes its pixels smaller itself."""
    return _prepared(keras, keras.layers.Rescaling(1 / 255))


@_in_corpus(scale="0..255", maps=("first", "kinds"))
def normalization(keras: ModuleType) -> "Model":
    """A network that knows the mean of its pixels."""
    return _prepared(keras, keras.layers.Normalization(mean=[120.0], variance=[60.0**2]))


@_in_corpus(maps=("first", "kinds"))
def resizing(keras: ModuleType) -> "Model":
    """A network that makes its pictures smaller itself."""
    return _prepared(keras, keras.layers.Resizing(8, 8))


@_in_corpus(maps=("first", "kinds"))
def augmentation(keras: ModuleType) -> "Model":
    """A network that turns its pictures while it is trained."""
    return _prepared(keras, keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1))


def _prepared(keras: ModuleType, *preparing: "Layer") -> "Model":
    return _classifier(keras, (FEW, FEW, 1), *preparing, _conv(keras, "first"))


# --- weights ---


def _with_weights(network: "Model", layer: str, values: list[list[float]]) -> "Model":
    network.get_layer(layer).set_weights([np.array(each) for each in values])
    return network


def _with_first_kernel(keras: ModuleType, change: Callable[[np.ndarray], object]) -> "Model":
    network = plain(keras)
    kernel, bias = network.get_layer("first").get_weights()
    change(kernel)
    network.get_layer("first").set_weights([kernel, bias])
    return network


@_in_corpus(layers=("first", "second", "kinds"))
def not_numbers(keras: ModuleType) -> "Model":
    """A filter that is not a number."""
    return _with_first_kernel(keras, lambda kernel: kernel[..., 1].fill(np.nan))


@_in_corpus(layers=("first", "second", "kinds"))
def infinite(keras: ModuleType) -> "Model":
    """Two weights that are infinite."""
    return _with_first_kernel(keras, lambda kernel: kernel[0, 0, 0, :2].__setitem__([0, 1], [np.inf, -np.inf]))


@_in_corpus(maps=("first", "second", "kinds"))
def constant(keras: ModuleType) -> "Model":
    """Filters that are all the same."""
    return _with_first_kernel(keras, lambda kernel: kernel.fill(0.25))


@_in_corpus(maps=("first",))
def huge(keras: ModuleType) -> "Model":
    """Weights at the end of what a number of single precision can be."""
    return _with_first_kernel(keras, lambda kernel: kernel.__imul__(1e37))


@_in_corpus(maps=("first", "second", "kinds"))
def dead(keras: ModuleType) -> "Model":
    """A convolution that never answers."""
    network = plain(keras)
    kernel, bias = network.get_layer("second").get_weights()
    network.get_layer("second").set_weights([kernel, np.full_like(bias, -1000)])
    return network


@_in_corpus(maps=("first", "second", "kinds"))
def all_zero(keras: ModuleType) -> "Model":
    """A network of zeros."""
    network = plain(keras)
    network.set_weights([np.zeros_like(each) for each in network.get_weights()])
    return network


# --- answers ---


@_in_corpus("unlabelled", layers=("first",), channels_first=True)
def channels_first(keras: ModuleType) -> "Model":
    """Channels on the first axis, as a processor cannot run them without more ado."""
    layers = keras.layers
    first = layers.Conv2D(3, 3, data_format="channels_first", activation="relu", name="first")
    pooled = layers.GlobalAveragePooling2D(data_format="channels_first")
    return _sequential(keras, (1, FEW, FEW), first, pooled, layers.Dense(4, activation="softmax"))


@_in_corpus(maps=("first", "yes"))
def yes_or_no(keras: ModuleType) -> "Model":
    """One probability."""
    flat = keras.layers.Flatten()
    return _sequential(
        keras, (FEW, FEW, 1), _conv(keras, "first"), flat, keras.layers.Dense(1, "sigmoid", name="yes")
    )


@_in_corpus("unlabelled", maps=("first", "map"))
def segmentation(keras: ModuleType) -> "Model":
    """A kind for every pixel."""
    return _sequential(
        keras, (FEW, FEW, 3), _conv(keras, "first"), keras.layers.Conv2D(3, 1, activation="softmax", name="map")
    )


@_in_corpus("unlabelled", maps=("small", "again"))
def autoencoder(keras: ModuleType) -> "Model":
    """The picture once more."""
    layers = keras.layers
    small = layers.Conv2D(3, 3, strides=2, padding="same", activation="relu", name="small")
    again = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid", name="again")
    return _sequential(keras, (FEW, FEW, 1), small, again)


@_in_corpus(maps=("first", "scores"))
def logits(keras: ModuleType) -> "Model":
    """Scores that are no probabilities."""
    return _sequential(
        keras, (FEW, FEW, 1), _conv(keras, "first"), keras.layers.Flatten(), keras.layers.Dense(4, name="scores")
    )


@_in_corpus("unlabelled", maps=("first", "kinds"))
def a_thousand_classes(keras: ModuleType) -> "Model":
    """As many kinds as ImageNet has."""
    pooled = keras.layers.GlobalAveragePooling2D()
    kinds = keras.layers.Dense(1000, "softmax", name="kinds")
    return _sequential(keras, (FEW, FEW, 3), _conv(keras, "first"), pooled, kinds)


HOSTILE_NAMES = (
    "<script>alert(1)",
    "..",
    "{0.__class__} %s",
    "\u202egnp.exe",
    "input_1 \u00e9",
    "x" * 300,
)


@_in_corpus("unlabelled", layers=HOSTILE_NAMES)
def hostile_names(keras: ModuleType) -> "Model":
    """Layers called like attacks, as far as Keras lets them: it refuses a slash."""
    return _sequential(
        keras, (FEW, FEW, 1), *(keras.layers.Conv2D(2, 3, padding="same", name=each) for each in HOSTILE_NAMES)
    )


@_in_corpus("unlabelled", layers=("Layer", "layer", "LAYER"))
def names_that_differ_in_case(keras: ModuleType) -> "Model":
    """Layers whose names are one to some disks."""
    return _sequential(keras, (FEW, FEW, 1), *(_conv(keras, each) for each in ("Layer", "layer", "LAYER")))
