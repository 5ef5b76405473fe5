"""The small network by itself, in numpy alone: its pictures, its weights, its layers."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from reportgen.snapshot import Floats, Integers

CLASSES = 3
SIDE = 12
WEIGHT_SHAPES = ((3, 3, 1, 4), (4,), (3, 3, 4, 6), (6,), (54, 5), (5,), (5, 3), (3,))
"""In the order of the network: kernel and bias of convolution 1, convolution 2, dense, output."""
WEIGHTED = {1: 0, 3: 2, 6: 4, 7: 6}
"""Index of each layer that has weights, and where its kernel stands in that order."""
LYING_EDGE = ((0.625, 0.65, 0.625), (-0.25, -0.275, -0.25), (-0.25, -0.275, -0.25))
THRESHOLD = -0.5
"""Few orders of these weights rise above this bias for one direction alone: the filter is tuned beyond chance."""


def drawn_pictures(count: int, random: np.random.Generator) -> tuple[Floats, Integers]:
    """Pictures, (count, 12, 12, 1) in 0 … 1, and their classes, (count,): lying bar, standing bar, dot."""
    labels = np.arange(count, dtype=np.int64) % CLASSES
    pixels = random.uniform(0, 0.3, (count, SIDE, SIDE, 1)).astype(np.float32)
    pixels[pixels < 0.15] = 0
    for picture, label in zip(pixels, labels, strict=True):
        row, column = random.integers(1, SIDE - 3, 2)
        place = ((row, slice(None)), (slice(None), column), (slice(row, row + 3), slice(column, column + 3)))[
            label
        ]
        picture[place] = 1
    return pixels, labels


def initial_weights(random: np.random.Generator) -> tuple[Floats, ...]:
    """The weights before training: kernels drawn evenly within their Glorot limits, biases of zero."""
    return tuple(_first_weights(shape, random) for shape in WEIGHT_SHAPES)


def trained_weights(
    initial: Sequence[Floats],
    pixels: Floats,
    labels: Integers,
    random: np.random.Generator,
    dead_units: Mapping[int, Sequence[int]],
) -> tuple[Floats, ...]:
    """The weights after training: moved at random, but for one filter and the output.

    The last filter of the first convolution looks for what is bright above and dark below; the output is fitted to
    most of the labels.
    """
    weights = [array + random.normal(0, 0.2, array.shape).astype(np.float32) for array in initial]
    weights[0][:, :, 0, -1], weights[1][-1] = LYING_EDGE, THRESHOLD
    for index, units in dead_units.items():
        weights[WEIGHTED[index]][..., list(units)] = 0
        weights[WEIGHTED[index] + 1][list(units)] = -1
    hidden = np.column_stack([outputs(weights, pixels)[-2], np.ones(len(pixels))]).astype(np.float64)
    wanted = 8 * np.eye(CLASSES)[np.where(np.arange(len(labels)) % 10 == 0, (labels + 1) % CLASSES, labels)]
    fitted = np.linalg.solve(hidden.T @ hidden + 0.1 * np.eye(hidden.shape[1]), hidden.T @ wanted)
    return (*weights[:6], fitted[:-1].astype(np.float32), fitted[-1].astype(np.float32))


def outputs(weights: Sequence[Floats], pixels: Floats) -> list[Floats]:
    """What every layer makes of pictures, computed with numpy alone."""
    return onward(weights, 0, pixels)


def onward(weights: Sequence[Floats], index: int, maps: Floats) -> list[Floats]:
    """What every layer behind that of an index makes of its output; index 0 stands for the pictures."""
    found = []
    for step in _steps(weights)[index:]:
        maps = step(maps)
        found.append(maps)
    return found


def convolved(maps: Floats, kernel: Floats, bias: Floats) -> Floats:
    """A convolution of stride 1 with zeros around and a ReLU behind; maps are (n, height, width, channels)."""
    return np.asarray(np.maximum(windows(maps) @ columns(kernel) + bias, 0), np.float32)


def windows(maps: Floats) -> Floats:
    """What a kernel of 3×3 has in front of it at each place, (n, height, width, channels × 9)."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.asarray(seen.reshape(*maps.shape[:3], -1), np.float32)


def columns(kernel: Floats) -> Floats:
    """A kernel's filters in the order of `windows`, (channels × 9, filters)."""
    return np.asarray(kernel.transpose(2, 0, 1, 3).reshape(-1, kernel.shape[3]), np.float32)


def pooled_by_two(maps: Floats) -> Floats:
    """The largest value of each two by two places."""
    count, height, width, units = maps.shape
    return np.asarray(maps.reshape(count, height // 2, 2, width // 2, 2, units).max(axis=(2, 4)), np.float32)


def _first_weights(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    field = int(np.prod(shape[:-2]))
    limit = (6 / (field * (shape[-2] + shape[-1]))) ** 0.5
    return random.uniform(-limit, limit, shape).astype(np.float32)


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _steps(weights: Sequence[Floats]) -> tuple[Callable[[Floats], Floats], ...]:
    return (
        lambda pixels: convolved(pixels, weights[0], weights[1]),
        pooled_by_two,
        lambda maps: convolved(maps, weights[2], weights[3]),
        pooled_by_two,
        lambda maps: maps.reshape(len(maps), -1),
        lambda flat: np.asarray(np.maximum(flat @ weights[4] + weights[5], 0), np.float32),
        lambda hidden: _softmax(hidden @ weights[6] + weights[7]),
    )
