"""Looks at one network with some pictures and puts all that was seen into a snapshot."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.admission import Admitted, admit
from reportgen.analysis.receptive_field import receptive_fields
from reportgen.errors import InputError, ModelError
from reportgen.observe.custom import own_objects
from reportgen.observe.layers import (
    CANNOT_RUN,
    NO_PICTURES,
    NO_TWIN,
    Step,
    input_shape,
    picture_shape,
    steps,
    weights_of,
)
from reportgen.observe.look import Given, LayerSeen, Seen, classes_of, look
from reportgen.observe.models import Twin, digest_of, opened, read_record, twin_of
from reportgen.observe.network import Network, laid_open, leaves
from reportgen.observe.request import Request
from reportgen.observe.saved_model import weights_of_saved_model
from reportgen.observe.visualization import visualizations
from reportgen.observe.weights_only import snapshot_of_weights
from reportgen.pictures import (
    Guess,
    bundled_pictures,
    check_scale,
    choose_showcase,
    ends_of,
    guessed_scale,
    read_pictures,
)
from reportgen.snapshot import (
    UNSCALED,
    Layer,
    RecordFile,
    Snapshot,
    Survey,
    Visualization,
    Weight,
    read_only,
)

if TYPE_CHECKING:
    import keras

Progress = Callable[[str, int, int], None]

ASSETS = Path(__file__).parents[1] / "assets" / "fashion_mnist"
BUNDLED_NAME = "fashion_mnist"
SIDE = 64
"""Dots of a side that a network leaves open, where pictures are made without any having been given."""


def take_snapshot(request: Request, progress: Progress, admitted: Admitted | None = None) -> Snapshot:
    """Return all that can be seen of the network that is asked for.

    Args:
        request: what to look at.
        progress: told how far it is.
        admitted: what the gate let in of the network's file; None where it has not been asked yet.

    Raises:
        InputError: the pictures, the record or the class names do not fit.
        ModelError: the network cannot be opened or run.
    """
    progress("open", 0, 1)
    _leave_graphs_plain()
    own = own_objects(Path(request.custom) if request.custom else None)
    admitted = admitted or admit(file_of(request), trust=request.trust, custom=frozenset(own))
    if admitted.form == "saved_model":
        return _of_weights(admitted.path)
    model = opened(admitted, own)
    digest = digest_of(model)
    record = _record(request, digest)
    network = laid_open(model)
    guess = _scale(request, network, record)
    request = replace(request, scale=guess.scale)
    given = _given(request, network)
    _check(request, network, given)
    network = _sized(network, given)
    twin = _twin(request, network, record)
    seen, reason = _seen(request, network, twin, given, progress)
    made = {} if given else _made(request, network, progress)
    layers = _layers(network, twin, seen, made, reason)
    found = _snapshot(request, network, digest, twin, record, seen, layers)
    return _with_scale(replace(found, mended=admitted.mended), guess, given)


def file_of(request: Request) -> Path:
    """Return the file of the network that is asked for."""
    return Path(request.model) if request.model else ASSETS / "network.keras"


def _of_weights(folder: Path) -> Snapshot:
    """Return what can be said of a SavedModel: its weights, by their names."""
    return snapshot_of_weights(folder.name, weights_of_saved_model(folder), _versions())


def _sized(network: Network, given: Given | None) -> Network:
    """Return the network laid open for the pictures; a side left open gets `SIDE` dots if there are none."""
    if given is not None:
        return laid_open(network.model, given.survey.pixels.shape[1:])
    shape = picture_shape(network)
    if len(shape) != 3 or None not in shape[:2] or shape[2] is None:
        return network
    try:
        return laid_open(network.model, (shape[0] or SIDE, shape[1] or SIDE, shape[2]))
    except ModelError:
        return network


def _twin(request: Request, network: Network, record: RecordFile | None) -> Twin | None:
    """Return the untrained twin; None for a network of a stranger's make that cannot be built a second time."""
    try:
        return twin_of(network, record, request.seed)
    except ModelError:
        if request.is_bundled:
            raise
        return None


def _seen(
    request: Request, network: Network, twin: Twin | None, given: Given | None, progress: Progress
) -> tuple[Seen | None, str]:
    """Return what is seen of a network, and why nothing is where nothing is."""
    if given is None:
        return None, NO_PICTURES
    if twin is None:
        return None, NO_TWIN
    try:
        return look(request, network, twin, given, progress), ""
    except ModelError:
        if request.is_bundled:
            raise
        return None, CANNOT_RUN


def _made(request: Request, network: Network, progress: Progress) -> dict[int, Visualization]:
    """Return the pictures made for a network that was given none."""
    listed = steps(network)
    fields = receptive_fields(picture_shape(network), listed)
    ends = ends_of(request.pixel_scale)
    return visualizations(network, listed, fields, ends, request.seed, partial(progress, "visualization"))


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


def _scale(request: Request, network: Network, record: RecordFile | None) -> Guess:
    """Return what bytes of pixels become, and how that is known."""
    if request.scale is not None:
        check_scale(request.scale, input_shape(network)[-1])
        return Guess(request.scale, "given")
    if request.is_bundled or record is not None:
        # As `reportgen train` scales them.
        return Guess("0..1", "known")
    model = network.model
    names = [model.name, *(layer.name for layer in model.layers if hasattr(layer, "layers"))]
    guess = guessed_scale([step.kind for step in steps(network)], names, _first_settings(model))
    # The scales of ImageNet are for its three colours.
    return guess if guess.why != "name" or input_shape(network)[-1] == 3 else Guess("0..1", "nothing")


def _first_settings(model: "keras.Model") -> Mapping[str, Any] | None:
    """Return the settings of the first layer that is made to change pixels."""
    layers = (layer for _, layer in leaves(model) if type(layer).__name__ in ("Rescaling", "Normalization"))
    return next((layer.get_config() for layer in layers), None)


def _with_scale(snapshot: Snapshot, guess: Guess, given: Given | None) -> Snapshot:
    """Return a snapshot that tells how pixels were scaled: floating-point numbers were not."""
    if given is not None and given.survey.pixels.dtype != np.uint8:
        return replace(snapshot, scale=UNSCALED, scale_origin="given")
    return replace(snapshot, scale=guess.scale, scale_origin=guess.why)


def _given(request: Request, model: Network) -> Given | None:
    """Return the pictures to look at; None where there are none, or no layer could show any."""
    if all(step.output is None for step in steps(model)):
        return None
    if request.pictures is not None:
        pictures = read_pictures(
            Path(request.pictures), input_shape(model), fit=request.fit, classes=request.classes
        )
        return Given(pictures, choose_showcase(pictures))
    if not request.is_bundled:
        return None
    bundled = bundled_pictures()
    return Given(bundled.survey, bundled.showcase)


def _check(request: Request, model: Network, given: Given | None) -> None:
    size = classes_of(model)
    if request.classes and size is not None and len(request.classes) != size:
        raise InputError(
            f"{len(request.classes)} class names were given, but the network answers with {size} numbers. "
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
    model: Network,
    digest: str,
    twin: Twin | None,
    record: RecordFile | None,
    seen: Seen | None,
    layers: tuple[Layer, ...],
) -> Snapshot:
    return Snapshot(
        name=Path(request.model).stem if request.model else BUNDLED_NAME,
        digest=digest,
        input_shape=_shape_seen(model, seen),
        unfed=model.fed.others,
        unasked=max(len(model.outputs) - 1, 0),
        parameters=model.model.count_params(),
        layers=layers,
        twin_origin=twin.origin if twin else "none",
        twin_seed=twin.seed if twin else 0,
        showcase=seen.showcase if seen else (),
        survey=seen.survey if seen else _no_survey(),
        record=record.record if record else None,
        versions=_versions(),
        pixel_range=seen.pixel_range if seen else ends_of(request.pixel_scale),
        representations=seen.representations if seen else None,
        attribution=seen.attribution if seen else None,
    )


def _shape_seen(network: Network, seen: Seen | None) -> tuple[int | None, ...]:
    """Return the input's shape; sides left open are those of the pictures, if there were any."""
    return picture_shape(network) if seen and len(input_shape(network)) == 3 else input_shape(network)


def _layers(
    model: Network, twin: Twin | None, seen: Seen | None, made: dict[int, Visualization], reason: str
) -> tuple[Layer, ...]:
    trained, initial = model.model.get_weights(), twin.network.model.get_weights() if twin else None
    observed = iter(seen.layers if seen else ())
    layers = (
        _layer(
            step,
            weights_of(step, trained, initial),
            next(observed, None) if step.output is not None else None,
            reason,
        )
        for step in steps(model)
    )
    return tuple(replace(each, visualization=made.get(each.index, each.visualization)) for each in layers)


def _layer(step: Step, weights: tuple[Weight, ...], seen: LayerSeen | None, reason: str) -> Layer:
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
        not_shown=step.not_shown if seen or step.not_shown else reason,
        other_twins=seen.other_twins if seen else (),
        space=seen.space if seen else None,
        twin_spaces=seen.twin_spaces if seen else (),
        extremes=seen.extremes if seen else None,
        tuning=seen.tuning if seen else None,
        ablation=seen.ablation if seen else None,
        visualization=seen.visualization if seen else None,
        shared_with=step.shared_with,
        epsilon=step.epsilon,
        units_first=step.units_first,
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
