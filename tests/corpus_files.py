"""Files of networks that Keras 3 does not write: those of Keras 2, laid out by hand, and modules of users."""

import json
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]

KERNELS: dict[str, dict[str, tuple[int, ...]]] = {
    "first": {"kernel": (3, 3, 1, 4), "bias": (4,)},
    "second": {"kernel": (3, 3, 4, 3), "bias": (3,)},
    "depth": {"depthwise_kernel": (3, 3, 4, 2), "bias": (8,)},
    "apart": {"depthwise_kernel": (3, 3, 4, 1), "pointwise_kernel": (1, 1, 4, 5), "bias": (5,)},
    "larger": {"kernel": (3, 3, 3, 4), "bias": (3,)},
    "norm": {"gamma": (4,), "beta": (4,), "moving_mean": (4,), "moving_variance": (4,)},
}
"""Shapes of the weights of every layer, by the layer's name; dense ones depend on what they read."""
DENSE_INPUTS = {
    "legacy_plain": 12 * 12 * 4,
    "legacy_graph": 12 * 12 * 3,
    "legacy_depthwise": 12 * 12 * 8,
    "legacy_separable": 12 * 12 * 5,
    "legacy_transposed": 24 * 24 * 3,
    "legacy_norm": 12 * 12 * 4,
}
LEGACY = {
    "legacy_plain": ("first", "flat", "kinds"),
    "legacy_graph": ("first", "second", "flat", "kinds"),
    "legacy_depthwise": ("first", "depth", "flat", "kinds"),
    "legacy_separable": ("first", "apart", "flat", "kinds"),
    "legacy_transposed": ("first", "larger", "flat", "kinds"),
    "legacy_norm": ("first", "norm", "flat", "kinds"),
}
"""The layers of each network of Keras 2 in their order."""

NETWORK_SOURCE = '''"""A network of the user's own."""

import keras


@keras.saving.register_keras_serializable("own")
class Small(keras.Model):
    """A convolution and a decision."""

    def __init__(self, units=4, **settings):
        super().__init__(**settings)
        self.units = units
        self.first = keras.layers.Conv2D(units, 3, activation="relu", name="first")
        self.pooled = keras.layers.GlobalAveragePooling2D(name="pooled")
        self.kinds = keras.layers.Dense(4, activation="softmax", name="kinds")

    def call(self, pictures):
        return self.kinds(self.pooled(self.first(pictures)))

    def get_config(self):
        return {**super().get_config(), "units": self.units}
'''
BLOCK_SOURCE = '''"""A layer of the user's own."""

import keras


@keras.saving.register_keras_serializable("own")
class Block(keras.layers.Layer):
    """A convolution whose answers are added to what it read."""

    def __init__(self, units, **settings):
        super().__init__(**settings)
        self.units = units
        self.convolution = keras.layers.Conv2D(units, 3, padding="same", activation="relu")
        self.point = keras.layers.Conv2D(units, 1)

    def build(self, shape):
        self.convolution.build(shape)
        self.point.build(shape)
        super().build(shape)

    def call(self, maps):
        return self.convolution(maps) + self.point(maps)

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
'''
SQUARE_SOURCE = '''"""A function of the user's own."""

import keras


@keras.saving.register_keras_serializable("own")
def square(values):
    """Return the squares."""
    return values * values
'''


def write_legacy(name: str, path: Path) -> Path:
    """Write one of the networks of `LEGACY` as Keras 2.11 would have."""
    layers = LEGACY[name]
    configs = [_input(), *(_layer(each) for each in layers)]
    config = _graph(configs) if name == "legacy_graph" else _sequential(configs)
    random = np.random.default_rng(11)
    with h5py.File(path, "w") as file:
        _facts(file, json.dumps(config))
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [each.encode() for each in ("input_1", *layers)]
        group.create_group("input_1").attrs["weight_names"] = np.zeros(0, "S1")
        for each in layers:
            _weights(group.create_group(each), each, _shapes(name, each), random)
    return path


def _facts(file: "h5py.File", config: str) -> None:
    file.attrs.update({"backend": "tensorflow", "keras_version": "2.11.0", "model_config": config})


def _weights(
    group: "h5py.Group", layer: str, shapes: dict[str, tuple[int, ...]], random: np.random.Generator
) -> None:
    names = [f"{layer}/{weight}:0" for weight in shapes]
    group.attrs["weight_names"] = [each.encode() for each in names] or np.zeros(0, "S1")
    for name, shape in zip(names, shapes.values(), strict=True):
        values = random.normal(0, 0.2, shape).astype(np.float32)
        group.create_dataset(name, data=np.abs(values) if "variance" in name else values)


def _shapes(network: str, layer: str) -> dict[str, tuple[int, ...]]:
    if layer == "kinds":
        return {"kernel": (DENSE_INPUTS[network], 4), "bias": (4,)}
    return KERNELS.get(layer, {})


def _sequential(configs: list[Config]) -> Config:
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": configs}}


def _graph(configs: list[Config]) -> Config:
    """Return a functional network in which every layer reads the one before it."""
    names = [each["config"]["name"] for each in configs]
    before = [[], *([[[[each, 0, 0, {}]]] for each in names[:-1]])]
    listed = [
        {**each, "name": name, "inbound_nodes": nodes}
        for each, name, nodes in zip(configs, names, before, strict=True)
    ]
    ends = {"input_layers": [[names[0], 0, 0]], "output_layers": [[names[-1], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "model", "trainable": True, "layers": listed, **ends}}


def _input() -> Config:
    shape = {"batch_input_shape": [None, 12, 12, 1], "sparse": False, "ragged": False}
    return {"class_name": "InputLayer", "config": {**shape, "dtype": "float32", "name": "input_1"}}


def _layer(name: str) -> Config:
    kind, config = {
        "first": ("Conv2D", _sliding() | {"filters": 4, "groups": 1}),
        "second": ("Conv2D", _sliding() | {"filters": 3, "groups": 1}),
        "depth": ("DepthwiseConv2D", _without_kernel(_sliding() | _depthwise(2))),
        "apart": ("SeparableConv2D", _sliding() | _depthwise(1) | _pointwise() | {"filters": 5}),
        "larger": ("Conv2DTranspose", _sliding(2) | {"filters": 3, "groups": 1, "output_padding": None}),
        "norm": ("BatchNormalization", _norm()),
        "flat": ("Flatten", {"data_format": "channels_last"}),
        "kinds": ("Dense", {"units": 4, "activation": "softmax", "use_bias": True, **_initializers()}),
    }[name]
    shared = {"name": name, "trainable": True, "dtype": "float32"}
    # A first layer of Keras 2 carries the shape of the input, besides the layer for it.
    shape = {"batch_input_shape": [None, 12, 12, 1]} if name == "first" else {}
    return {"class_name": kind, "config": {**shared, **shape, **config}}


def _sliding(stride: int = 1) -> Config:
    return {
        "kernel_size": [3, 3],
        "strides": [stride, stride],
        "padding": "same",
        "data_format": "channels_last",
        "dilation_rate": [1, 1],
        "activation": "relu",
        "use_bias": True,
        **_initializers(),
    }


def _without_kernel(config: Config) -> Config:
    """Return what a depthwise layer writes; a separable one keeps settings of a kernel that it does not have."""
    return {key: value for key, value in config.items() if not re.fullmatch("kernel_(?!size).*", key)}


def _initializers() -> Config:
    none = dict.fromkeys(
        (
            "kernel_regularizer",
            "bias_regularizer",
            "activity_regularizer",
            "kernel_constraint",
            "bias_constraint",
        )
    )
    return {"kernel_initializer": _glorot(), "bias_initializer": {"class_name": "Zeros", "config": {}}, **none}


def _glorot() -> Config:
    return {"class_name": "GlorotUniform", "config": {"seed": None}}


def _depthwise(multiplier: int) -> Config:
    none = dict.fromkeys(("depthwise_regularizer", "depthwise_constraint"))
    return {"groups": 1, "depth_multiplier": multiplier, "depthwise_initializer": _glorot(), **none}


def _pointwise() -> Config:
    return {
        "pointwise_initializer": _glorot(),
        **dict.fromkeys(("pointwise_regularizer", "pointwise_constraint")),
    }


def _norm() -> Config:
    ones: Config = {"class_name": "Ones", "config": {}}
    zeros: Config = {"class_name": "Zeros", "config": {}}
    return {
        "axis": [3],
        "momentum": 0.99,
        "epsilon": 0.001,
        "center": True,
        "scale": True,
        "beta_initializer": zeros,
        "gamma_initializer": ones,
        "moving_mean_initializer": zeros,
        "moving_variance_initializer": ones,
        **dict.fromkeys(("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")),
    }
