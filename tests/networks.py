"""Networks whose weights are set by hand, pictures made for them, and the whole way from both to the claims.

What each of them does is plain from its weights. Which verdicts that calls for is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reportgen.analysis.study import Analysis, analyse
from reportgen.observe.models import digest_of
from reportgen.observe.observation import take_snapshot
from reportgen.observe.request import Request
from reportgen.snapshot import Checkpoint, Doubles, Floats, Integers, RecordFile, to_bytes
from tests.factories import training_record

if TYPE_CHECKING:
    import keras

SIDE = 12
GLYPHS = np.array(
    [
        [[0, 1, 0], [1, 1, 1], [0, 1, 0]],
        [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
        [[1, 1, 1], [1, 0, 1], [1, 1, 1]],
        [[1, 0, 0], [1, 0, 0], [1, 1, 1]],
        [[1, 1, 1], [0, 1, 0], [0, 1, 0]],
    ],
    np.float32,
)
"""(classes, 3, 3). Each touches all four sides of its square, so that no part of one is another."""
NOISE = 0.02
"""Brightness, at most, of the ground on which a glyph stands."""
BRIGHT_UNIT = len(GLYPHS)
"""The unit of the glyph networks that answers to whatever is bright."""
DEAD_UNITS = 5
"""Units after it that never answer."""
BACKGROUND_UNITS = 4
"""Units of the corner network that have a positive bias; the other two have none."""
HALF, DEPTH = 2, 4
"""Columns and rows of each of the two blocks of pixels in a corner that the corner network reads, side by side."""
GAIN = 1.0
"""What a pixel of such a block adds to the logit of the block's class."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures with their classes."""

    pixels: Floats
    """(pictures, 12, 12, 1) in 0 … 1."""
    labels: Integers


# --- pictures ---


def glyph_pictures(sizes: Sequence[int], seed: int = 0) -> Pictures:
    """One glyph a picture, anywhere on a ground that is nearly dark; so many pictures of each class, mixed."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    pixels = random.uniform(0, NOISE, (len(labels), SIDE, SIDE)).astype(np.float32)
    for picture, label in zip(pixels, labels, strict=True):
        row, column = random.integers(0, SIDE - 2, 2)
        window = picture[row : row + 3, column : column + 3]
        window[GLYPHS[label] > 0] = 1
    return Pictures(pixels[..., np.newaxis], labels)


def corner_pictures(count: int, seed: int = 0) -> Pictures:
    """Noise, but for two blocks in the upper left corner: the left is bright in class 0, the right in class 1."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    pixels = random.uniform(0, 1, (count, SIDE, SIDE)).astype(np.float32)
    for picture, label in zip(pixels, labels, strict=True):
        blocks = random.uniform(0, 0.2, (2, DEPTH, HALF))
        blocks[label] += 0.7
        picture[:DEPTH, : 2 * HALF] = np.concatenate(list(blocks), axis=1)
    return Pictures(pixels[..., np.newaxis], labels)


# --- networks ---


def gabor_network(kernels: Sequence[Doubles]) -> "keras.Model":
    """A convolution with these kernels, (7, 7) each, and an output that is the same for every picture."""
    import keras

    make = keras.layers
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            make.Conv2D(len(kernels), 7, padding="same", activation="relu"),
            make.Flatten(),
            make.Dense(len(GLYPHS), activation="softmax"),
        ]
    )
    network.layers[0].set_weights([np.stack(kernels, axis=-1)[:, :, np.newaxis], np.zeros(len(kernels))])
    network.layers[-1].set_weights([np.zeros(each.shape) for each in network.layers[-1].get_weights()])
    return network


def gabor(angle: float, wavelength: float, *, is_edge: bool, contrast: int = 1) -> Doubles:
    """A Gabor function (Gabor 1946) on 7 × 7 places, longer than it is wide, whose weights sum to zero.

    Args:
        angle: in which it runs, in degrees counter-clockwise from the right.
        wavelength: in pixels.
        is_edge: bright on the left of whoever walks along the angle, dark on the right; else bright in the middle.
        contrast: −1 exchanges bright and dark.
    """
    rows, columns = np.mgrid[-3:4, -3:4].astype(np.float64)
    turn = np.radians(angle)
    along = columns * np.cos(turn) - rows * np.sin(turn)
    left = -columns * np.sin(turn) - rows * np.cos(turn)
    wave = (np.sin if is_edge else np.cos)(2 * np.pi * left / wavelength)
    kernel = np.exp(-(left**2) / 4 - along**2 / 12) * wave
    return np.asarray(contrast * (kernel - kernel.mean()))


def random_network(seed: int) -> "keras.Model":
    """Two convolutions and two dense layers as they are drawn before training, out of normal distributions."""
    import keras

    keras.utils.set_random_seed(seed)
    make, drawn = keras.layers, {"kernel_initializer": keras.initializers.HeNormal()}
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            make.Conv2D(12, 3, padding="same", activation="relu", **drawn),
            make.MaxPooling2D(2),
            make.Conv2D(10, 3, padding="same", activation="relu", **drawn),
            make.Flatten(),
            make.Dense(10, activation="relu", **drawn),
            make.Dense(len(GLYPHS), activation="softmax", **drawn),
        ]
    )


def glyph_network() -> "keras.Model":
    """A network that names glyphs, of each of which one filter and two dense units answer alone.

    One more filter answers to everything, and is not read; the rest is dead. Where no filter answers to a glyph,
    the network says class 0.
    """
    import keras

    make, classes = keras.layers, len(GLYPHS)
    filters = classes + 1 + DEAD_UNITS
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            make.Conv2D(filters, 3, padding="same", activation="relu"),
            make.Flatten(),
            make.Dense(2 * classes, activation="relu"),
            make.Dense(classes, activation="softmax"),
        ]
    )
    twice = np.repeat(np.eye(classes), 2, axis=1)
    network.layers[0].set_weights(_glyph_filters(filters))
    read = np.concatenate([40 * twice, np.zeros((1 + DEAD_UNITS, 2 * classes))])
    network.layers[2].set_weights([np.tile(read, (SIDE * SIDE, 1)), np.zeros(2 * classes)])
    # A filter that answers gives its class about 36, and at its mean less than 14; one of its two units alone, 18.
    network.layers[3].set_weights([twice.T, 15 * np.eye(classes)[0]])
    return network


def copy_network(size: int = 1) -> "keras.Model":
    """A network that names glyphs, whose second convolution hands on what the first gives, value by value.

    Args:
        size: of the second convolution's kernels, of which only the place in the middle is not zero.
    """
    import keras

    make, classes = keras.layers, len(GLYPHS)
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            make.Conv2D(classes + 1, 3, padding="same", activation="relu"),
            make.Conv2D(classes + 1, size, padding="same", activation="relu"),
            make.Flatten(),
            make.Dense(classes, activation="softmax"),
        ]
    )
    network.layers[0].set_weights(_glyph_filters(classes + 1))
    kernel = np.zeros((size, size, classes + 1, classes + 1))
    kernel[size // 2, size // 2] = np.eye(classes + 1)
    network.layers[1].set_weights([kernel, np.zeros(classes + 1)])
    read = np.tile(80 * np.eye(classes + 1, classes), (SIDE * SIDE, 1))
    network.layers[3].set_weights([read, 10 * np.eye(classes)[0]])
    return network


def corner_network() -> "keras.Model":
    """A network that adds up the pixels of two blocks in the corner and names the brighter one.

    Its filters hand on the picture; four of the six add a little to every pixel, dark ones too.
    """
    import keras

    make, filters = keras.layers, 6
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            make.Conv2D(filters, 3, padding="same", activation="relu"),
            make.Flatten(),
            make.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.zeros((3, 3, 1, filters))
    kernel[1, 1] = 1
    network.layers[0].set_weights([kernel, 0.1 * (np.arange(filters) < BACKGROUND_UNITS)])
    read = np.zeros((SIDE, SIDE, filters, 2))
    read[:DEPTH, :HALF, :, 0] = read[:DEPTH, HALF : 2 * HALF, :, 1] = GAIN / filters
    network.layers[2].set_weights([read.reshape(-1, 2), np.zeros(2)])
    return network


def _glyph_filters(filters: int) -> list[Doubles]:
    """Kernel and bias: a filter a glyph, which answers only where all of it stands; one for all; dead ones."""
    kernel, bias = np.zeros((3, 3, 1, filters)), np.full(filters, -10.0)
    for unit, glyph in enumerate(GLYPHS):
        kernel[:, :, 0, unit] = np.where(glyph > 0, 1, -1)
        bias[unit] = 0.5 - glyph.sum()
    kernel[..., BRIGHT_UNIT], bias[BRIGHT_UNIT] = 1 / 9, 0
    return [kernel, bias]


# --- the whole way ---


def untrained_record(network: "keras.Model") -> RecordFile:
    """The record of a training that left every weight as it was."""
    weights = tuple(network.get_weights())
    kernels = tuple(each for each in weights if each.ndim == 4)
    record = replace(
        training_record(weights, weights),
        checkpoints=tuple(Checkpoint(epoch, kernels) for epoch in (0.0, 1.0, 2.0, 3.0)),
        confusion=np.full((len(GLYPHS), len(GLYPHS)), 4),
        test_accuracy=1 / len(GLYPHS),
    )
    return RecordFile(digest_of(network), record, weights)


def looked_at(
    network: "keras.Model", pictures: Pictures | None, folder: Path, record: RecordFile | None = None
) -> Analysis:
    """The analysis of a network that was saved, opened, and run over pictures out of a file."""
    model, images, beside = folder / "network.keras", folder / "pictures.npz", folder / "record.npz"
    network.save(model)
    if pictures:
        np.savez(images, images=pictures.pixels, labels=pictures.labels)
    if record:
        beside.write_bytes(to_bytes(record))
    request = Request(
        model=str(model),
        record=str(beside) if record else None,
        pictures=str(images) if pictures else None,
        batch_size=64,
    )
    return analyse(take_snapshot(request, lambda *_: None))
