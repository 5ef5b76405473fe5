"""Looks at one network with some pictures and puts all that was seen into a snapshot."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reportgen.errors import InputError
from reportgen.observe.activations import Tapped, maps, probabilities_of, survey, tapped
from reportgen.observe.layers import NO_PICTURES, Step, input_shape, steps, weights_of
from reportgen.observe.models import Twin, digest_of, open_network, read_record, twin_of, with_input_size
from reportgen.observe.request import Request
from reportgen.observe.showcase import showcase_with_mistakes
from reportgen.pictures import PictureSet, bundled_pictures, choose_showcase, picture_digest, read_pictures
from reportgen.snapshot import (
    Integers,
    Layer,
    Observed,
    Picture,
    RecordFile,
    Snapshot,
    Survey,
    Weight,
    read_only,
)

if TYPE_CHECKING:
    import keras

Progress = Callable[[str, int, int], None]

ASSETS = Path(__file__).parents[1] / "assets" / "fashion_mnist"
BUNDLED_NAME = "fashion_mnist"
SCALES = ("0..1", "-1..1", "0..255")


@dataclass(frozen=True, eq=False)
class _Given:
    """The pictures to look at."""

    survey: PictureSet
    showcase: PictureSet


@dataclass(frozen=True, eq=False)
class _Seen:
    """What both networks made of the pictures."""

    observed: tuple[tuple[Observed, Observed], ...]
    """Of each tapped layer: trained and untrained."""
    showcase: tuple[Picture, ...]
    survey: Survey


def take_snapshot(request: Request, progress: Progress) -> Snapshot:
    """Return all that can be seen of the network that is asked for.

    Raises:
        InputError: the pictures, the record or the class names do not fit.
        ModelError: the network cannot be opened or run.
    """
    progress("open", 0, 1)
    model = open_network(Path(request.model) if request.model else ASSETS / "network.keras")
    digest = digest_of(model)
    record = _record(request, digest)
    given = _given(request, model)
    _check(request, model, given)
    if given is not None:
        model = with_input_size(model, given.survey.pixels.shape[1:])
    twin = twin_of(model, record, request.seed)
    seen = _look(request, model, twin, given, progress) if given else None
    return _snapshot(request, model, digest, twin, record, seen)


def _record(request: Request, digest: str) -> RecordFile | None:
    if request.record is not None:
        return read_record(Path(request.record), digest)
    return read_record(ASSETS / "record.npz", digest) if request.is_bundled else None


def _given(request: Request, model: "keras.Model") -> _Given | None:
    """Return the pictures to look at; None where there are none, or no layer could show any."""
    if all(step.output is None for step in steps(model)):
        return None
    if request.pictures is not None:
        pictures = read_pictures(Path(request.pictures), input_shape(model))
        return _Given(pictures, choose_showcase(pictures))
    if not request.is_bundled:
        return None
    bundled = bundled_pictures()
    return _Given(bundled.survey, bundled.showcase)


def _check(request: Request, model: "keras.Model", given: _Given | None) -> None:
    if request.scale not in SCALES:
        raise InputError(f"{request.scale}: no such scale. Give one of {', '.join(SCALES)}.")
    size = _classes(model)
    if request.classes is not None and size is not None and request.classes != size:
        raise InputError(
            f"{request.classes} class names were given, but the network answers with {size} numbers. "
            f"Give {size} names."
        )
    labels = given.survey.labels if given else np.zeros(0, np.int64)
    if labels.size and int(labels.min()) < 0:
        raise InputError("the pictures have negative labels. Number the classes from 0.")
    if size is not None and size > 1 and labels.size and int(labels.max()) >= size:
        raise InputError(
            f"the pictures are of {int(labels.max()) + 1} classes, but the network knows {size}. "
            "Give pictures of its own classes."
        )


def _classes(model: "keras.Model") -> int | None:
    """Return how many numbers the network answers with; None where its answer is not a row of numbers."""
    outputs = getattr(model, "outputs", None)
    return outputs[0].shape[-1] if outputs and len(outputs[0].shape) == 2 else None


def _look(request: Request, model: "keras.Model", twin: Twin, given: _Given, progress: Progress) -> _Seen:
    after, before = (_tapped(each, request) for each in (model, twin.model))
    pixels, labels = given.survey.pixels, given.survey.labels
    classes = _classes_of(labels, _classes(model))
    trained = survey(after, pixels, labels, classes, lambda done: progress("trained", done, len(pixels)))
    untrained = survey(before, pixels, labels, classes, lambda done: progress("untrained", done, len(pixels)))
    probabilities = probabilities_of(trained.output)
    chosen = showcase_with_mistakes(given.showcase, given.survey, probabilities, request.scale)
    output, shown = maps(after, chosen.pixels)
    _, shown_before = maps(before, chosen.pixels)
    both = zip(shown, trained.responses, shown_before, untrained.responses, strict=True)
    return _Seen(
        observed=tuple((Observed(a, b), Observed(c, d)) for a, b, c, d in both),
        showcase=chosen.pictures(output if probabilities.size else np.zeros((len(output), 0), np.float32)),
        survey=Survey(
            len(pixels),
            picture_digest(pixels),
            labels,
            probabilities,
            classes=given.survey.classes,
            skipped=tuple(f"{name}: {reason}" for name, reason in given.survey.skipped),
        ),
    )


def _tapped(model: "keras.Model", request: Request) -> Tapped:
    outputs = [step.output for step in steps(model) if step.output is not None]
    return tapped(model, outputs, request.batch_size, request.scale)


def _classes_of(labels: Integers, known: int | None) -> int:
    """Return how many classes to sum up by: those of the network, or as many as the labels tell of."""
    return max(known or 0, int(labels.max()) + 1) if labels.size else 0


def _snapshot(
    request: Request,
    model: "keras.Model",
    digest: str,
    twin: Twin,
    record: RecordFile | None,
    seen: _Seen | None,
) -> Snapshot:
    return Snapshot(
        name=Path(request.model).stem if request.model else BUNDLED_NAME,
        digest=digest,
        input_shape=input_shape(model),
        parameters=model.count_params(),
        layers=_layers(model, twin, seen),
        twin_origin=twin.origin,
        twin_seed=twin.seed,
        showcase=seen.showcase if seen else (),
        survey=seen.survey if seen else _no_survey(),
        record=record.record if record else None,
        versions=_versions(),
    )


def _layers(model: "keras.Model", twin: Twin, seen: _Seen | None) -> tuple[Layer, ...]:
    trained, initial = model.get_weights(), twin.model.get_weights()
    observed = iter(seen.observed if seen else ())
    return tuple(
        _layer(step, weights_of(step, trained, initial), next(observed, None) if step.output is not None else None)
        for step in steps(model)
    )


def _layer(step: Step, weights: tuple[Weight, ...], observed: tuple[Observed, Observed] | None) -> Layer:
    trained, untrained = observed or (None, None)
    return Layer(
        index=step.index,
        name=step.name,
        kind=step.kind,
        inputs=step.inputs,
        output_shape=step.output_shape,
        parameters=step.parameters,
        activation=step.activation,
        window=step.window,
        weights=weights,
        trained=trained,
        untrained=untrained,
        not_shown=step.not_shown if observed or step.not_shown else NO_PICTURES,
    )


def _no_survey() -> Survey:
    none = read_only(np.zeros((0, 0), np.float32))
    return Survey(0, "", read_only(np.zeros(0, np.int64)), none)


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
