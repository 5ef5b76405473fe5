"""Snapshots made by hand, without Keras: a small network whose numbers all fit together.

The network is the default one in small: 12×12×1 → convolution (4) → pooling → convolution (6) → pooling → flatten
→ dense (5) → output (3 classes). Its pictures are bars that lie, bars that stand, and dots, under noise.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from reportgen.observe.layers import NO_PICTURES
from reportgen.snapshot import (
    Checkpoint,
    Doubles,
    Floats,
    Integers,
    Layer,
    Observed,
    Picture,
    Snapshot,
    Survey,
    TrainingRecord,
    Weight,
    Window,
)
from reportgen.statistics import ResponseSummary

CLASSES = 3
SIDE = 12
LAYER_NAMES = ("convolution_1", "pooling_1", "convolution_2", "pooling_2", "flatten", "dense", "output")
WEIGHT_SHAPES = ((3, 3, 1, 4), (4,), (3, 3, 4, 6), (6,), (54, 5), (5,), (5, 3), (3,))
"""In the order of the network: kernel and bias of convolution 1, convolution 2, dense, output."""
WEIGHTED = {1: 0, 3: 2, 6: 4, 7: 6}
"""Index of each layer that has weights, and where its kernel stands in that order."""
EPOCHS = (0.0, 0.1, 0.25, 1.0, 2.0, 3.0)
"""The moments of the record's checkpoints; the best epoch is the second."""


def small_snapshot(
    *,
    pictures: int = 60,
    labelled: bool = True,
    recorded: bool = True,
    twin_origin: str | None = None,
    dead_units: Mapping[int, Sequence[int]] | None = None,
    names: Sequence[str] = LAYER_NAMES,
    seed: int = 0,
) -> Snapshot:
    """A snapshot of the small network; the same arguments give the same numbers.

    Args:
        pictures: how many were surveyed; 0 for a network looked at without pictures.
        labelled: whether the pictures have labels.
        recorded: whether there is a training record.
        twin_origin: `recorded` or `reinitialised`; fits `recorded` where it is not given.
        dead_units: by a layer's index (1, 3 or 6) the units that always answer zero.
        names: the layers' own names.
        seed: of the random draws.
    """
    random = np.random.default_rng(seed)
    pixels, labels = drawn_pictures(max(pictures, 1), random)
    initial = initial_weights(random)
    trained = trained_weights(initial, pixels, labels, random, dead_units or {})
    chosen = _showcase_places(pictures, labels)
    survey_labels = labels[:pictures] if labelled else np.zeros(0, np.int64)
    layers = _layers(trained, initial, names)
    if pictures:
        layers = _with_outputs(layers, trained, initial, pixels, survey_labels, chosen)
    probabilities = outputs(trained, pixels)[-1] if pictures else np.zeros((0, 0), np.float32)
    return Snapshot(
        name="small",
        digest=hashlib.sha256(b"".join(array.tobytes() for array in trained)).hexdigest(),
        input_shape=(SIDE, SIDE, 1),
        parameters=sum(array.size for array in trained),
        layers=layers,
        twin_origin=twin_origin or ("recorded" if recorded else "reinitialised"),
        twin_seed=seed,
        showcase=_showcase(pixels, labels if labelled else None, probabilities, chosen),
        survey=Survey(pictures, _digest(pixels) if pictures else "", survey_labels, probabilities),
        record=training_record(trained, initial) if recorded else None,
        versions={"keras": "3.0.0", "numpy": "2.0.0", "python": "3.11.0", "tensorflow": "2.0.0"},
    )


def with_layer(snapshot: Snapshot, layer: Layer) -> Snapshot:
    """The snapshot with one layer, that of the same index, put in another's place."""
    layers = tuple(layer if each.index == layer.index else each for each in snapshot.layers)
    return replace(snapshot, layers=layers)


def layer_at(snapshot: Snapshot, index: int) -> Layer:
    """The layer of this index."""
    return next(each for each in snapshot.layers if each.index == index)


def with_kernel(snapshot: Snapshot, index: int, kernel: Floats, initial: Floats | None = None) -> Snapshot:
    """The snapshot with another kernel in one layer, after training and, where it is given, before."""
    layer = layer_at(snapshot, index)
    first, *others = layer.weights
    weight = Weight(first.name, kernel, first.initial if initial is None else initial)
    return with_layer(snapshot, replace(layer, weights=(weight, *others)))


def bare_layer(index: int, kind: str, output_shape: tuple[int, ...], *weights: Weight, name: str = "") -> Layer:
    """A layer that reads the one before it and was looked at without pictures."""
    return Layer(
        index=index,
        name=name or f"{kind.lower()}_{index}",
        kind=kind,
        inputs=(index - 1,),
        output_shape=output_shape,
        parameters=sum(weight.values.size for weight in weights),
        activation=None,
        window=_window(kind),
        weights=weights,
        trained=None,
        untrained=None,
        not_shown=NO_PICTURES,
    )


def observed(output: Floats | Doubles, labels: Sequence[int] = (), classes: int = 0) -> Observed:
    """What is kept of a layer's outputs, (pictures, units) or (pictures, height, width, units); all are shown."""
    summary = ResponseSummary.of(output.astype(np.float32), np.array(labels, np.int64), classes)
    return Observed(output.astype(np.float32), summary.responses())


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
    """The weights after training: moved at random, but for the output, which is fitted to most of the labels."""
    weights = [array + random.normal(0, 0.2, array.shape).astype(np.float32) for array in initial]
    for index, units in dead_units.items():
        weights[WEIGHTED[index]][..., list(units)] = 0
        weights[WEIGHTED[index] + 1][list(units)] = -1
    hidden = np.column_stack([outputs(weights, pixels)[-2], np.ones(len(pixels))]).astype(np.float64)
    wanted = 8 * np.eye(CLASSES)[np.where(np.arange(len(labels)) % 10 == 0, (labels + 1) % CLASSES, labels)]
    fitted = np.linalg.solve(hidden.T @ hidden + 0.1 * np.eye(hidden.shape[1]), hidden.T @ wanted)
    return (*weights[:6], fitted[:-1].astype(np.float32), fitted[-1].astype(np.float32))


def outputs(weights: Sequence[Floats], pixels: Floats) -> list[Floats]:
    """What every layer makes of pictures, computed with numpy alone."""
    first = convolved(pixels, weights[0], weights[1])
    pooled = pooled_by_two(first)
    second = convolved(pooled, weights[2], weights[3])
    small = pooled_by_two(second)
    flat = small.reshape(len(small), -1)
    hidden = np.maximum(flat @ weights[4] + weights[5], 0).astype(np.float32)
    return [first, pooled, second, small, flat, hidden, _softmax(hidden @ weights[6] + weights[7])]


def convolved(maps: Floats, kernel: Floats, bias: Floats) -> Floats:
    """A convolution of stride 1 with zeros around and a ReLU behind; maps are (n, height, width, channels)."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.asarray(np.maximum(np.einsum("nhwcij,ijcu->nhwu", windows, kernel) + bias, 0), np.float32)


def pooled_by_two(maps: Floats) -> Floats:
    """The largest value of each two by two places."""
    count, height, width, units = maps.shape
    return np.asarray(maps.reshape(count, height // 2, 2, width // 2, 2, units).max(axis=(2, 4)), np.float32)


def training_record(trained: Sequence[Floats], initial: Sequence[Floats]) -> TrainingRecord:
    """A record of three epochs, the second of which was the best."""
    return TrainingRecord(
        epochs=3,
        best_epoch=2,
        loss=np.array([1.0, 0.6, 0.4]),
        accuracy=np.array([0.5, 0.75, 0.875]),
        validation_loss=np.array([0.9, 0.65, 0.7]),
        validation_accuracy=np.array([0.55, 0.8, 0.75]),
        test_accuracy=0.8,
        confusion=np.array([[17, 2, 1], [3, 16, 1], [2, 3, 15]]),
        checkpoints=tuple(_checkpoint(epoch, trained, initial) for epoch in EPOCHS),
        seed=42,
        threads=2,
        batch_size=32,
        seconds=12.5,
        command="reportgen train --epochs 3 --seed 42",
        versions={"keras": "3.0.0", "numpy": "2.0.0", "python": "3.11.0", "tensorflow": "2.0.0"},
        data_digests={"train-images": "00" * 32, "train-labels": "11" * 32},
    )


def _first_weights(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    field = int(np.prod(shape[:-2]))
    limit = (6 / (field * (shape[-2] + shape[-1]))) ** 0.5
    return random.uniform(-limit, limit, shape).astype(np.float32)


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _layers(trained: Sequence[Floats], initial: Sequence[Floats], names: Sequence[str]) -> tuple[Layer, ...]:
    kinds = ("Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense")
    shapes = ((12, 12, 4), (6, 6, 4), (6, 6, 6), (3, 3, 6), (54,), (5,), (3,))
    activations = ("relu", None, "relu", None, None, "relu", "softmax")
    return tuple(
        Layer(
            index=index,
            name=names[index - 1],
            kind=kinds[index - 1],
            inputs=(index - 1,),
            output_shape=shapes[index - 1],
            parameters=sum(weight.values.size for weight in _weights(index, trained, initial)),
            activation=activations[index - 1],
            window=_window(kinds[index - 1]),
            weights=_weights(index, trained, initial),
            trained=None,
            untrained=None,
            not_shown=NO_PICTURES,
        )
        for index in range(1, len(kinds) + 1)
    )


def _weights(index: int, trained: Sequence[Floats], initial: Sequence[Floats]) -> tuple[Weight, ...]:
    if index not in WEIGHTED:
        return ()
    place = WEIGHTED[index]
    return (
        Weight("kernel", trained[place], initial[place]),
        Weight("bias", trained[place + 1], initial[place + 1]),
    )


def _window(kind: str) -> Window | None:
    if kind == "Conv2D":
        return Window((3, 3), (1, 1), (1, 1), "same")
    return Window((2, 2), (2, 2), (1, 1), "valid") if kind == "MaxPooling2D" else None


def _with_outputs(
    layers: Sequence[Layer],
    trained: Sequence[Floats],
    initial: Sequence[Floats],
    pixels: Floats,
    labels: Integers,
    chosen: Sequence[int],
) -> tuple[Layer, ...]:
    both = zip(outputs(trained, pixels), outputs(initial, pixels), strict=True)
    return tuple(
        replace(
            layer,
            trained=_observed(after, labels, chosen),
            untrained=_observed(before, labels, chosen),
            not_shown=None,
        )
        for layer, (after, before) in zip(layers, both, strict=True)
    )


def _observed(output: Floats, labels: Integers, chosen: Sequence[int]) -> Observed:
    summary = ResponseSummary.of(output, labels, CLASSES if labels.size else 0)
    return Observed(output[list(chosen)], summary.responses())


def _showcase_places(pictures: int, labels: Integers) -> tuple[int, ...]:
    """The first picture of each class."""
    return tuple(int(np.flatnonzero(labels == label)[0]) for label in range(min(CLASSES, pictures)))


def _showcase(
    pixels: Floats, labels: Integers | None, probabilities: Floats, chosen: Sequence[int]
) -> tuple[Picture, ...]:
    return tuple(
        Picture(
            name=("lying-bar", "standing-bar", "dot")[number],
            source="test",
            number=place,
            pixels=pixels[place],
            label=None if labels is None else int(labels[place]),
            probabilities=probabilities[place],
            digest=_digest(pixels[place]),
        )
        for number, place in enumerate(chosen)
    )


def _digest(array: Floats | Doubles) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def _checkpoint(epoch: float, trained: Sequence[Floats], initial: Sequence[Floats]) -> Checkpoint:
    """The kernels on the straight way from first to best, and a little beyond after the best epoch."""
    share = np.float32(min(epoch / 2, 1.1))
    return Checkpoint(
        epoch,
        tuple((initial[place] + share * (trained[place] - initial[place])).astype(np.float32) for place in (0, 2)),
    )
