"""Snapshots of networks of any kind, made by hand: their weights and answers are drawn, not computed.

What a page says of a kind of layer, or of numbers that are no numbers, does not ask where these come from.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reportgen.axes import as_maps
from reportgen.snapshot import Floats, Integers, Layer, Observed, Picture, Snapshot, Survey, Weight, Window
from tests.factories import observed

PICTURES, SHOWN = 10, 2
Draw = Callable[..., Floats]
"""A shape to numbers."""


@dataclass(frozen=True)
class Kind:
    """A layer that is wanted: its kind, what it gives, the shapes of its weights, and how it slides."""

    kind: str
    output_shape: tuple[int, ...]
    weights: tuple[tuple[str, tuple[int, ...]], ...] = ()
    window: Window | None = None
    activation: str | None = None
    inputs: tuple[int, ...] = ()
    """The layer before it, where they are not given."""
    shared_with: int | None = None


def window(*size: int, stride: int = 1, padding: str = "same") -> Window:
    """A window of so many (rows and) columns."""
    height, width = (1, *size)[-2:]
    return Window((height, width), (stride if len(size) > 1 else 1, stride), (1, 1), padding)


def network(
    input_shape: tuple[int, ...],
    *kinds: Kind,
    classes: int = 0,
    pictures: int = PICTURES,
    weight: Draw | None = None,
    answer: Draw | None = None,
    seed: int = 0,
) -> Snapshot:
    """A snapshot of these layers in a row.

    Args:
        input_shape: units last.
        kinds: the layers.
        classes: of the labels; 0 for no labels.
        pictures: over which units are counted; 0 for a network that was looked at without any.
        weight: draws the weights; from the normal distribution, where it is not given.
        answer: draws what the layers give; rectified normal numbers, where it is not given.
        seed: of the random draws.
    """
    random = np.random.default_rng(seed)
    weight = weight or (lambda shape: np.asarray(random.normal(0, 1, shape), np.float32))
    answer = answer or (lambda shape: np.maximum(random.normal(0, 1, shape), 0).astype(np.float32))
    labels = np.arange(pictures if classes else 0) % max(classes, 1)
    layers = tuple(_layer(number, each, weight) for number, each in enumerate(kinds, start=1))
    if pictures:
        layers = tuple(_looked_at(each, labels, classes, pictures, answer) for each in layers)
    return _whole(input_shape, layers, labels, classes, pictures, random)


def _layer(index: int, wanted: Kind, weight: Draw) -> Layer:
    weights = tuple(Weight(name, weight(shape), weight(shape)) for name, shape in wanted.weights)
    return Layer(
        index=index,
        name=f"{wanted.kind.lower()}_{index}",
        kind=wanted.kind,
        inputs=wanted.inputs or (index - 1,),
        output_shape=wanted.output_shape,
        parameters=sum(each.values.size for each in weights),
        activation=wanted.activation,
        window=wanted.window,
        weights=weights,
        trained=None,
        untrained=None,
        not_shown="no_pictures",
        shared_with=wanted.shared_with,
    )


def _looked_at(layer: Layer, labels: Integers, classes: int, pictures: int, answer: Draw) -> Layer:
    if not layer.output_shape:
        return layer
    after, before = (_seen(layer, labels, classes, pictures, answer) for _ in range(2))
    return replace(layer, trained=after, untrained=before, not_shown=None)


def _seen(layer: Layer, labels: Integers, classes: int, pictures: int, answer: Draw) -> Observed:
    maps = as_maps(answer((pictures, *layer.output_shape)))
    found = observed(maps, labels.tolist(), classes)
    return replace(found, maps=found.maps[:SHOWN])


def _whole(
    input_shape: tuple[int, ...],
    layers: tuple[Layer, ...],
    labels: Integers,
    classes: int,
    pictures: int,
    random: np.random.Generator,
) -> Snapshot:
    probabilities = random.dirichlet(np.ones(classes), pictures) if classes else np.zeros((pictures, 0))
    digest = hashlib.sha256(repr((input_shape, layers)).encode()).hexdigest()
    return Snapshot(
        name="drawn",
        digest=digest,
        input_shape=input_shape,
        parameters=sum(each.parameters for each in layers),
        layers=layers,
        twin_origin="reinitialised",
        twin_seed=0,
        showcase=_showcase(input_shape, labels, probabilities.astype(np.float32), pictures, random),
        survey=Survey(pictures, digest if pictures else "", labels, probabilities.astype(np.float32)),
        record=None,
        versions={"keras": "3.0.0"},
    )


def _showcase(
    input_shape: Sequence[int],
    labels: Integers,
    probabilities: Floats,
    pictures: int,
    random: np.random.Generator,
) -> tuple[Picture, ...]:
    if not pictures:
        return ()
    shown = as_maps(random.uniform(0, 1, (SHOWN, *input_shape)).astype(np.float32))
    shown = shown if shown.ndim == 4 else shown[:, np.newaxis, :, np.newaxis]
    return tuple(
        Picture(
            name=f"picture-{number}",
            source="given",
            number=number,
            pixels=each,
            label=int(labels[number]) if labels.size else None,
            probabilities=probabilities[number],
            digest="00" * 32,
        )
        for number, each in enumerate(shown)
    )
