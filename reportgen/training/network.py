"""The default network, a textbook's, and what can be taken from it; it knows nothing of a training's course."""

import json
from typing import TYPE_CHECKING

import numpy as np

from reportgen.pictures import FashionMnist
from reportgen.snapshot import Floats, Integers, network_digest, read_only
from reportgen.training.data import scaled

if TYPE_CHECKING:
    import keras

PREDICTION_BATCH = 1000


def build_network() -> "keras.Model":
    """Return the textbook's network for pictures of 28×28 grey pixels and ten classes, untrained."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pictures"),
            layers.Conv2D(32, 3, activation="relu", padding="same", name="convolution_1"),
            layers.MaxPooling2D(2, name="pooling_1"),
            layers.Conv2D(64, 3, activation="relu", padding="same", name="convolution_2"),
            layers.MaxPooling2D(2, name="pooling_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(100, activation="relu", name="dense"),
            layers.Dropout(0.4, name="dropout"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name="fashion_mnist",
    )


def weights_of(model: "keras.Model") -> tuple[Floats, ...]:
    """Return copies of all weights, in the network's order."""
    return tuple(read_only(np.asarray(array, np.float32).copy()) for array in model.get_weights())


def kernels_of(model: "keras.Model") -> tuple[Floats, ...]:
    """Return copies of the kernels of both convolutions, (height, width, inputs, filters) each."""
    convolutions = (model.get_layer(name) for name in ("convolution_1", "convolution_2"))
    return tuple(read_only(np.array(layer.get_weights()[0], np.float32)) for layer in convolutions)


def digest_of(model: "keras.Model") -> str:
    """Return the SHA-256 of a network's configuration and weights, the same before and after saving."""
    configuration = json.dumps(json.loads(model.to_json())["config"])
    return network_digest(configuration, model.get_weights())


def confusion_of(model: "keras.Model", pictures: FashionMnist) -> Integers:
    """Return (classes, classes) over all test pictures: rows are labels, columns are the network's answers."""
    answers = model.predict(scaled(pictures.test_pixels), batch_size=PREDICTION_BATCH, verbose=0)
    classes = answers.shape[1]
    cells = pictures.test_labels * classes + answers.argmax(axis=1)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def accuracy_of(confusion: Integers) -> float:
    """Return the share of right answers, 0 without any pictures."""
    return float(np.trace(confusion) / max(1, confusion.sum()))
