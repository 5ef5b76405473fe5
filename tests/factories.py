"""Snapshots made by hand, without Keras: a small network whose numbers all fit together.

The network is the default one in small: 12×12×1 → convolution (4) → pooling → convolution (6) → pooling → flatten
→ dense (5) → output (3 classes). Its pictures are bars that lie, bars that stand, and dots, under noise.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from reportgen.analysis.receptive_field import receptive_fields
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
from tests import small_measures
from tests.small_network import (
    CLASSES,
    SIDE,
    WEIGHTED,
    convolved,
    drawn_pictures,
    initial_weights,
    outputs,
    trained_weights,
)

__all__ = [
    "CLASSES",
    "LAYER_NAMES",
    "MEASURES",
    "SIDE",
    "bare_layer",
    "convolved",
    "initial_weights",
    "layer_at",
    "observed",
    "small_snapshot",
    "training_record",
    "with_kernel",
    "with_layer",
]

LAYER_NAMES = ("convolution_1", "pooling_1", "convolution_2", "pooling_2", "flatten", "dense", "output")
EPOCHS = (0.0, 0.1, 0.25, 1.0, 2.0, 3.0)
"""The moments of the record's checkpoints; the best epoch is the second."""


MEASURES = frozenset(
    {"space", "extremes", "tuning", "ablation", "visualization", "attribution", "siblings", "class_pictures"}
)
"""What can be left out of a snapshot."""


@dataclass(frozen=True)
class _Wanted:
    """Arguments of `small_snapshot` that can be told apart."""

    pictures: int
    labelled: bool
    recorded: bool
    twin_origin: str
    dead_units: tuple[tuple[int, tuple[int, ...]], ...]
    names: tuple[str, ...]
    without: frozenset[str]
    seed: int


def small_snapshot(
    *,
    pictures: int = 60,
    labelled: bool = True,
    recorded: bool = True,
    twin_origin: str | None = None,
    dead_units: Mapping[int, Sequence[int]] | None = None,
    names: Sequence[str] = LAYER_NAMES,
    without: Collection[str] = (),
    seed: int = 0,
) -> Snapshot:
    """A snapshot of the small network; the same arguments give the same numbers.

    Args:
        pictures: how many were surveyed; 0 for a network looked at without pictures, and below 8 without spaces.
        labelled: whether the pictures have labels.
        recorded: whether there is a training record.
        twin_origin: `recorded` or `reinitialised`; fits `recorded` where it is not given.
        dead_units: by a layer's index (1, 3 or 6) the units that always answer zero.
        names: the layers' own names.
        without: some of `MEASURES`, which are left out.
        seed: of the random draws.
    """
    assert set(without) <= MEASURES
    dead = tuple((index, tuple(units)) for index, units in sorted((dead_units or {}).items()))
    origin = twin_origin or ("recorded" if recorded else "reinitialised")
    return _made(_Wanted(pictures, labelled, recorded, origin, dead, tuple(names), frozenset(without), seed))


@lru_cache(maxsize=64)
def _made(wanted: _Wanted) -> Snapshot:
    random = np.random.default_rng(wanted.seed)
    pixels, labels = drawn_pictures(max(wanted.pictures, 1), random)
    initial = initial_weights(random)
    trained = trained_weights(initial, pixels, labels, random, dict(wanted.dead_units))
    chosen = _showcase_places(wanted.pictures, labels)
    survey_labels = labels[: wanted.pictures] if wanted.labelled else np.zeros(0, np.int64)
    probabilities = outputs(trained, pixels)[-1] if wanted.pictures else np.zeros((0, 0), np.float32)
    plain = Snapshot(
        name="small",
        digest=hashlib.sha256(b"".join(array.tobytes() for array in trained)).hexdigest(),
        input_shape=(SIDE, SIDE, 1),
        parameters=sum(array.size for array in trained),
        layers=_layers(trained, initial, wanted.names),
        twin_origin=wanted.twin_origin,
        twin_seed=wanted.seed,
        showcase=_showcase(pixels, labels if wanted.labelled else None, probabilities, chosen),
        survey=Survey(wanted.pictures, _digest(pixels) if wanted.pictures else "", survey_labels, probabilities),
        record=_record(trained, initial, wanted) if wanted.recorded else None,
        versions={"keras": "3.0.0", "numpy": "2.0.0", "python": "3.11.0", "tensorflow": "2.0.0"},
    )
    material = small_measures.Material(trained, initial, pixels, survey_labels, wanted.seed)
    return _looked_at(plain, material, chosen, wanted.without) if wanted.pictures else plain


def _record(trained: Sequence[Floats], initial: Sequence[Floats], wanted: _Wanted) -> TrainingRecord:
    record = training_record(trained, initial)
    if "siblings" in wanted.without:
        return record
    return replace(record, siblings=small_measures.siblings_of(trained, initial))


def _looked_at(
    plain: Snapshot, material: small_measures.Material, chosen: Sequence[int], without: Collection[str]
) -> Snapshot:
    """The snapshot with all that was seen of the pictures."""
    layers = _with_outputs(
        plain.layers, material.trained, material.initial, material.pixels, material.labels, chosen
    )
    found = replace(plain, layers=_with_measures(layers, material, without))
    if "space" not in without and len(material.pixels) >= small_measures.FEWEST:
        found = _with_spaces(found, material)
    if "attribution" not in without:
        found = replace(found, attribution=small_measures.attribution_of(material, material.pixels[list(chosen)]))
    if "class_pictures" not in without:
        pictures = small_measures.class_pictures(material)
        found = replace(found, survey=replace(found.survey, class_pictures=pictures))
    return found


def _with_measures(
    layers: Sequence[Layer], material: small_measures.Material, without: Collection[str]
) -> tuple[Layer, ...]:
    fields = receptive_fields((SIDE, SIDE, 1), layers)
    extremes = small_measures.extremes_of(material, fields) if "extremes" not in without else {}
    tunings = small_measures.tunings_of(material) if "tuning" not in without else {}
    tried = "ablation" not in without and material.labels.size
    ablations = small_measures.ablations_of(material) if tried else {}
    made = small_measures.visualizations_of(material, fields) if "visualization" not in without else {}
    return tuple(
        replace(
            layer,
            extremes=extremes.get(layer.index),
            tuning=tunings.get(layer.index),
            ablation=ablations.get(layer.index),
            visualization=made.get(layer.index),
        )
        for layer in layers
    )


def _with_spaces(snapshot: Snapshot, material: small_measures.Material) -> Snapshot:
    """The snapshot with the spaces of all layers; one that only hands on numbers has those of the layer before."""
    after, before = (small_measures.spaces_of(each, material) for each in (material.trained, material.initial))
    places = [layer.index if layer.index in after else layer.index - 1 for layer in snapshot.layers]
    layers = tuple(
        replace(layer, space=after[place], twin_spaces=(before[place],))
        for layer, place in zip(snapshot.layers, places, strict=True)
    )
    return replace(snapshot, layers=layers, representations=small_measures.representations(material, after[0]))


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
