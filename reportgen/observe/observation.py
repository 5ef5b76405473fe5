"""Looks at one network with some pictures and puts all that was seen into a snapshot."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reportgen.errors import InputError
from reportgen.observe.custom import own_objects
from reportgen.observe.layers import NO_PICTURES, Step, input_shape, steps, weights_of
from reportgen.observe.look import Given, LayerSeen, Seen, classes_of, look
from reportgen.observe.models import Twin, digest_of, open_network, read_record, twin_of, with_input_size
from reportgen.observe.request import Request
from reportgen.pictures import bundled_pictures, choose_showcase, read_pictures
from reportgen.snapshot import Layer, RecordFile, Snapshot, Survey, Weight, read_only

if TYPE_CHECKING:
    import keras

Progress = Callable[[str, int, int], None]

ASSETS = Path(__file__).parents[1] / "assets" / "fashion_mnist"
BUNDLED_NAME = "fashion_mnist"
SCALES = ("0..1", "-1..1", "0..255")


def take_snapshot(request: Request, progress: Progress) -> Snapshot:
    """Return all that can be seen of the network that is asked for.

    Raises:
        InputError: the pictures, the record or the class names do not fit.
        ModelError: the network cannot be opened or run.
    """
    progress("open", 0, 1)
    _leave_graphs_plain()
    model = open_network(
        Path(request.model) if request.model else ASSETS / "network.keras",
        trust=request.trust,
        custom=own_objects(Path(request.custom) if request.custom else None),
    )
    digest = digest_of(model)
    record = _record(request, digest)
    given = _given(request, model)
    _check(request, model, given)
    if given is not None:
        model = with_input_size(model, given.survey.pixels.shape[1:])
    twin = twin_of(model, record, request.seed)
    seen = look(request, model, twin, given, progress) if given else None
    return _snapshot(request, model, digest, twin, record, seen)


def _leave_graphs_plain() -> None:
    """Switch off what TensorFlow does to make graphs faster that run for hours: ours run for a second.

    Rewriting them took a fifth of all the time. Fusing operations, which pays at once, stays.
    """
    import tensorflow as tf

    names = ("arithmetic_optimization", "constant_folding", "dependency_optimization", "layout_optimizer")
    tf.config.optimizer.set_experimental_options(dict.fromkeys(names, False))


def _record(request: Request, digest: str) -> RecordFile | None:
    if request.record is not None:
        return read_record(Path(request.record), digest)
    return read_record(ASSETS / "record.npz", digest) if request.is_bundled else None


def _given(request: Request, model: "keras.Model") -> Given | None:
    """Return the pictures to look at; None where there are none, or no layer could show any."""
    if all(step.output is None for step in steps(model)):
        return None
    if request.pictures is not None:
        pictures = read_pictures(Path(request.pictures), input_shape(model))
        return Given(pictures, choose_showcase(pictures))
    if not request.is_bundled:
        return None
    bundled = bundled_pictures()
    return Given(bundled.survey, bundled.showcase)


def _check(request: Request, model: "keras.Model", given: Given | None) -> None:
    if request.scale not in SCALES:
        raise InputError(f"{request.scale}: no such scale. Give one of {', '.join(SCALES)}.")
    size = classes_of(model)
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


def _snapshot(
    request: Request,
    model: "keras.Model",
    digest: str,
    twin: Twin,
    record: RecordFile | None,
    seen: Seen | None,
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
        pixel_range=seen.pixel_range if seen else (0.0, 1.0),
        representations=seen.representations if seen else None,
        attribution=seen.attribution if seen else None,
    )


def _layers(model: "keras.Model", twin: Twin, seen: Seen | None) -> tuple[Layer, ...]:
    trained, initial = model.get_weights(), twin.model.get_weights()
    observed = iter(seen.layers if seen else ())
    return tuple(
        _layer(step, weights_of(step, trained, initial), next(observed, None) if step.output is not None else None)
        for step in steps(model)
    )


def _layer(step: Step, weights: tuple[Weight, ...], seen: LayerSeen | None) -> Layer:
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
        trained=seen.trained if seen else None,
        untrained=seen.untrained if seen else None,
        not_shown=step.not_shown if seen or step.not_shown else NO_PICTURES,
        other_twins=seen.other_twins if seen else (),
        space=seen.space if seen else None,
        twin_spaces=seen.twin_spaces if seen else (),
        extremes=seen.extremes if seen else None,
        tuning=seen.tuning if seen else None,
        ablation=seen.ablation if seen else None,
        visualization=seen.visualization if seen else None,
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
