"""What is known of a network, as plain read-only arrays and facts, and its file form.

A snapshot is all that the rest of the program learns about a network. It does not know how the facts were
obtained, nor what they will be used for.
"""

import hashlib
import io
import json
import types
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

FORMAT = 1


@dataclass(frozen=True)
class Window:
    """How a layer slides over its input: every pair is (height, width)."""

    size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: str
    """`same` or `valid`."""


@dataclass(frozen=True, eq=False)
class Weight:
    """One array of numbers that a layer has learned, and the same array before training."""

    name: str
    values: Floats
    initial: Floats
    """Of the same shape as `values`; where it comes from stands in `Snapshot.twin_origin`."""


@dataclass(frozen=True, eq=False)
class Responses:
    """How the units of one layer answered to all the pictures; a unit is a channel or a neuron.

    Every array has one entry a unit, unless it says otherwise. A *place* is one value of a unit's map.
    """

    pictures: int
    places: int
    """Values of one unit for one picture: height × width of its map, 1 for a dense layer."""
    zeros: Integers
    """Places, over all pictures, where the unit was exactly zero."""
    positive_pictures: Integers
    """Pictures in which the unit exceeded zero anywhere."""
    mean: Doubles
    std: Doubles
    minimum: Doubles
    maximum: Doubles
    class_means: Doubles
    """(classes, units): mean over the pictures of a class; (0, units) where there are no labels."""
    zero_share: Floats
    """(pictures,): the share of this layer's values that are exactly zero, picture by picture."""


@dataclass(frozen=True, eq=False)
class Observed:
    """What one network, trained or not, made of the pictures in one layer."""

    maps: Floats
    """(showcase, height, width, units), or (showcase, units) for a layer without places."""
    responses: Responses


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer, in the order in which the network has it; index 0 stands for the network's input."""

    index: int
    name: str
    """The layer's own name, as text from a stranger."""
    kind: str
    """The layer's class in Keras, as `Conv2D`."""
    inputs: tuple[int, ...]
    """Indices of the layers that it reads; 0 is the network's input."""
    output_shape: tuple[int | None, ...]
    """Without the batch axis."""
    parameters: int
    activation: str | None
    """The activation built into the layer; None where it has none, or a linear one."""
    window: Window | None
    weights: tuple[Weight, ...]
    trained: Observed | None
    """None where the output is not one array of (units) or (height, width, units)."""
    untrained: Observed | None
    not_shown: str | None
    """Why there are no outputs, where there are none: a key, as `no_pictures`, of which the pages make words."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of the showcase."""

    name: str
    """A short name made of ASCII letters, digits and dashes; unique."""
    source: str
    """Where it comes from, in the words of the rule that chose it: `training`, `test`, `mistake`, `given`."""
    number: int
    """Its place in that source, counted from zero."""
    pixels: Floats
    """(height, width, channels), as the network gets it."""
    label: int | None
    probabilities: Floats
    """(classes,): the network's answer; empty where the network gives no probabilities."""
    digest: str


@dataclass(frozen=True, eq=False)
class Survey:
    """The pictures over which units were counted, and what the network took each for."""

    pictures: int
    digest: str
    labels: Integers
    """(pictures,); empty where there are none."""
    probabilities: Floats
    """(pictures, classes); (pictures, 0) where the network gives no probabilities."""
    classes: tuple[str, ...] = ()
    """Names of the classes where the pictures bring them, as class folders do; from strangers."""
    skipped: tuple[str, ...] = ()
    """Files among those given that were left out, each with the reason."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The kernels of every convolution at one moment of training."""

    epoch: float
    """How many epochs had passed: 0 before the first batch."""
    kernels: tuple[Floats, ...]
    """In the order of the network's convolutions."""


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """How the network was trained, written down while it was."""

    epochs: int
    """Epochs that were run."""
    best_epoch: int
    """The epoch whose weights were kept, counted from one."""
    loss: Doubles
    accuracy: Doubles
    validation_loss: Doubles
    validation_accuracy: Doubles
    """(epochs,) each."""
    test_accuracy: float
    confusion: Integers
    """(classes, classes): rows are labels, columns are the network's answers, over the whole test set."""
    checkpoints: tuple[Checkpoint, ...]
    seed: int
    threads: int
    batch_size: int
    seconds: float
    command: str
    versions: dict[str, str]
    data_digests: dict[str, str]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is known of one network and of what it makes of some pictures."""

    name: str
    digest: str
    """SHA-256 of the configuration and the arrays."""
    input_shape: tuple[int | None, ...]
    """(height, width, channels)."""
    parameters: int
    layers: tuple[Layer, ...]
    twin_origin: str
    """`recorded`: the network's own first weights; `reinitialised`: the same architecture, drawn anew."""
    twin_seed: int
    showcase: tuple[Picture, ...]
    survey: Survey
    record: TrainingRecord | None
    versions: dict[str, str]


@dataclass(frozen=True, eq=False)
class RecordFile:
    """What training leaves beside the network: its record and its true first weights."""

    network_digest: str
    """Of the network that the record belongs to."""
    record: TrainingRecord
    initial_weights: tuple[Floats, ...]
    """In the order of the network's weights."""


Kind = TypeVar("Kind", Snapshot, RecordFile)


def network_digest(configuration: str, arrays: Iterable[NDArray[Any]]) -> str:
    """Return the SHA-256 of a network's configuration (JSON) and of its arrays, in their order.

    Files of the same network differ from one saving to the next, because they hold dates; this does not.
    """
    digest = hashlib.sha256(json.dumps(json.loads(configuration), sort_keys=True).encode())
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def to_bytes(value: Snapshot | RecordFile) -> bytes:
    """Return the value as the bytes of an `.npz` file; its facts are JSON in one of the arrays."""
    arrays: dict[str, NDArray[Any]] = {}
    facts = {"format": FORMAT, "kind": type(value).__name__, "value": _pack(value, "value", arrays)}
    text = json.dumps(facts, sort_keys=True).encode()
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, facts=np.frombuffer(text, np.uint8), **arrays)
    return file.getvalue()


def from_bytes(kind: type[Kind], data: bytes) -> Kind:
    """Return the value that `to_bytes` wrote.

    Raises:
        ValueError: the bytes are broken, foreign, or of another kind or format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts = json.loads(arrays["facts"].tobytes())
        if (facts["format"], facts["kind"]) != (FORMAT, kind.__name__):
            raise ValueError(f"{facts['kind']} of format {facts['format']}")
        return cast("Kind", _unpack(kind, facts["value"], arrays))
    except (KeyError, TypeError, AttributeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array itself, closed to writing."""
    array.flags.writeable = False
    return array


def _pack(value: object, path: str, arrays: dict[str, NDArray[Any]]) -> object:
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return path
    if is_dataclass(value):
        return {f.name: _pack(getattr(value, f.name), f"{path}.{f.name}", arrays) for f in fields(value)}
    if isinstance(value, tuple):
        return [_pack(item, f"{path}.{number}", arrays) for number, item in enumerate(value)]
    return value


def _unpack(kind: Any, packed: Any, arrays: dict[str, NDArray[Any]]) -> object:  # noqa: ANN401 - any type hint
    origin = get_origin(kind)
    if packed is None:
        return None
    if origin in (types.UnionType, Union):
        return _unpack(next(k for k in get_args(kind) if k is not types.NoneType), packed, arrays)
    if origin is np.ndarray:
        return read_only(arrays[packed])
    if origin is tuple:
        items = get_args(kind)
        kinds = [items[0]] * len(packed) if items[-1] is Ellipsis else items
        return tuple(_unpack(k, item, arrays) for k, item in zip(kinds, packed, strict=True))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return cast("Any", kind)(**{f.name: _unpack(hints[f.name], packed[f.name], arrays) for f in fields(kind)})
    return packed
