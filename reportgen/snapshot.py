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
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from reportgen.axes import Shape, map_shape

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

FORMAT = 2
UNSCALED = "as given"
"""The scale of pixels that were given as floating-point numbers: they stay as they are."""


@dataclass(frozen=True)
class Window:
    """How a layer slides over its input: every pair is (height, width)."""

    size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: str
    """`same` or `valid`."""
    frame: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    """Rows of zeros put above and below, columns put left and right, before it slides; negative where so many are
    cut off."""


@dataclass(frozen=True, eq=False)
class Weight:
    """One array of numbers that a layer has learned, and the same array before training."""

    name: str
    values: Floats
    initial: Floats | None
    """Of the same shape as `values`; where it comes from stands in `Snapshot.twin_origin`. None where there is no
    twin, as for weights of which nothing but the names is known."""

    @property
    def before(self) -> Floats:
        """The values before training; a `LookupError` where they are not known."""
        if self.initial is None:
            raise LookupError(f"{self.name}: no first values")
        return self.initial


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
class Patches:
    """Where the units of a layer answered in one way, the most telling place first; all arrays (units, kept)."""

    picture: Integers
    """Number among the pictures surveyed."""
    row: Integers
    """On the unit's map; 0 for a unit without places, as `column`."""
    column: Integers
    response: Floats
    """The unit's answer there."""


@dataclass(frozen=True, eq=False)
class Extremes:
    """What the units of a layer answered to most, least, and on average: never only the best."""

    searched: int
    """Pictures that were searched."""
    top: Patches
    """One place a picture, that of its strongest answer: the pictures with the strongest of all."""
    bottom: Patches
    """The same place, in the pictures in which it is weakest."""
    random: Patches
    """The same place, in pictures drawn at random."""
    looks: Bytes
    """(units, 3, patches, height, width, channels + 1): the pixels of the first patches of top, bottom and random,
    cut to the receptive field and made smaller where it is large; the last channel is 0 outside the picture."""


@dataclass(frozen=True, eq=False)
class Space:
    """How one network lays out the pictures in one layer: what can be read off, and what stays alike."""

    size: int
    """Numbers that the layer gives for one picture."""
    probe_right: Flags
    """(tested,): whether a linear probe names the picture's class correctly; empty without labels."""
    rebuild_error: Doubles
    """(tested,): squared distance of a picture from the one that is rebuilt out of the layer; of large pictures in
    mixtures of their pixels, as `rebuild_spread`."""
    rebuild_spread: Doubles
    """(tested,): squared distance of the picture from the mean picture."""
    scatter: Floats
    """(scattered, 2): the first two principal components."""
    scatter_share: Doubles
    """(2,): share of the variance that each holds."""
    likeness: Floats
    """(changes, changed pictures): cosine of the answers to a picture and to the changed one, around the mean."""


@dataclass(frozen=True, eq=False)
class TunedUnits:
    """How the units of one layer of one network answered to the synthetic pictures of `analysis.stimuli`."""

    answers: Floats
    """(units, stimuli): the strongest answer to each, away from the border."""
    shuffled: Doubles
    """(units, draws): the orientation strength after the places of the kernel were put in random order; (units,
    0) for a layer without a kernel that slides."""


@dataclass(frozen=True, eq=False)
class Tuning:
    """The synthetic pictures' answers, after training and before."""

    trained: TunedUnits
    untrained: TunedUnits


@dataclass(frozen=True, eq=False)
class Ablation:
    """What it costs to set one unit to its mean; arrays are (units,), the first ones where not all were tried."""

    pictures: int
    right: int
    """Of these pictures, how many the whole network names correctly."""
    lost: Integers
    """Pictures named correctly by the whole network and wrongly without the unit."""
    won: Integers
    """Pictures named wrongly by the whole network and correctly without the unit."""


@dataclass(frozen=True, eq=False)
class Visualization:
    """A picture made for each unit, that it answers to as much as possible."""

    images: Floats
    """(units, height, width, channels): as the network gets them, cut to the receptive field."""
    activation: Doubles
    """(units,): the unit's answer to its picture."""
    starts: int
    steps: int


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
    """Without the batch axis, in the order of axes that the layer has."""
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
    other_twins: tuple[Responses, ...] = ()
    """Of the untrained twins after the first: there are three where the first weights are not on record."""
    space: Space | None = None
    twin_spaces: tuple[Space, ...] = ()
    """One for each untrained twin."""
    extremes: Extremes | None = None
    tuning: Tuning | None = None
    ablation: Ablation | None = None
    visualization: Visualization | None = None
    shared_with: int | None = None
    """Index of the first use of the same layer, where this is a later one."""
    epsilon: float | None = None
    """What a normalisation adds to the variance, so that it never divides by zero."""
    units_first: bool = False
    """Whether the units stand on the first axis of the output, and not on the last (`channels_first`)."""

    @property
    def map_shape(self) -> Shape:
        """(units,) or (height, width, units) of the output, laid out in maps; empty where it is neither."""
        return map_shape(self.output_shape, units_first=self.units_first) or ()


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
    class_pictures: Floats = field(default_factory=lambda: np.zeros((0, 0, 0, 0), np.float32))
    """(classes, height, width, channels): the mean picture of each class; no classes without labels."""
    skipped: tuple[str, ...] = ()
    """Files among those given that were left out, each with the reason."""
    fit: str = ""
    """How pictures of another size were brought to that of the network: `crop`, `pad` or `stretch`."""
    fitted: int = 0
    """How many were of another size."""
    labelled_by: str = ""
    """How class folders got their numbers: by the `name` of a class; by their `place`, where no class is called
    so; empty where there were none, or no names of classes."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The kernels of every convolution at one moment of training."""

    epoch: float
    """How many epochs had passed: 0 before the first batch."""
    kernels: tuple[Floats, ...]
    """In the order of the network's convolutions."""


@dataclass(frozen=True, eq=False)
class Sibling:
    """The same network, trained on the same pictures from another seed."""

    seed: int
    test_accuracy: float
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
    siblings: tuple[Sibling, ...] = ()


@dataclass(frozen=True, eq=False)
class Representations:
    """What the layers' spaces were measured over, and how alike they are."""

    fitted: int
    """Pictures that the probes were fitted on."""
    tested: int
    """Pictures that they were tested on; none was fitted on."""
    mixed: int
    """A layer of more numbers was mixed into so many, see `analysis.representations.sketch`."""
    pixels: Space
    """The input itself, as layer zero."""
    scattered: Integers
    """(scattered,): numbers of the pictures in the maps of the spaces, among those surveyed."""
    layers: tuple[int, ...]
    """Indices of the layers compared, 0 for the pixels, in the order of the next three."""
    alignment: Doubles
    """(layers, layers): centred kernel alignment in the trained network."""
    alignment_untrained: Doubles
    """The same in the first untrained twin."""
    alignment_between: Doubles
    """(layers, layers): rows are layers of the trained network, columns of the twin."""
    changes: tuple[str, ...]
    """What was done to the pictures, in the order of `Space.likeness`."""


@dataclass(frozen=True, eq=False)
class MarkedPixels:
    """What one method marks as the ground of the network's decisions, and how the method stands its tests."""

    method: str
    """`grad_cam` or `integrated_gradients`."""
    maps: Floats
    """(showcase, height, width): how much each pixel is marked; below zero where it speaks against."""
    maps_randomised: Floats
    """The same in the network whose weights were drawn at random."""
    checked: int
    """Pictures that the tests were made with."""
    likeness: Doubles
    """(checked,): rank correlation of the marks with those in the randomised network (Adebayo et al. 2018)."""
    drop_marked: Doubles
    """(checked,): probability lost when the most marked pixels are blanked."""
    drop_random: Doubles
    """(checked,): probability lost when as many others, drawn at random, are blanked."""
    blanked: float
    """Share of the pixels that was blanked."""
    missed: Doubles = field(default_factory=lambda: np.zeros(0))
    """(checked,): by how much the marks miss the change of the answer, as a share; empty where nothing adds up."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Where the decisions of the showcase came from."""

    grad_cam: MarkedPixels | None
    """None in a network without a convolution."""
    grad_cam_layer: int
    """Index of the convolution."""
    integrated: MarkedPixels
    completeness: Doubles
    """(showcase,): by how much the marks miss the change of the answer that they must add up to, as a share."""


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
    """`recorded`: the network's own first weights; `reinitialised`: the same architecture, drawn anew; `none`:
    there is no twin."""
    twin_seed: int
    showcase: tuple[Picture, ...]
    survey: Survey
    record: TrainingRecord | None
    versions: dict[str, str]
    mended: tuple[str, ...] = ()
    """Settings in the network's file that were left out because Keras refuses them, though they say nothing."""
    unfed: int = 0
    """Inputs that got zeros, because pictures went into another one."""
    unasked: int = 0
    """Outputs beside the one that is taken for the network's answer."""
    pixel_range: tuple[float, float] = (0.0, 1.0)
    """The darkest and the brightest pixel that the network got."""
    scale: str = "0..1"
    """What bytes of pixels became before the network got them, see `pictures.scaling`; or `UNSCALED`."""
    scale_origin: str = "given"
    """How that is known: `given` by the user, `known` of a network that this program trained, guessed from its
    `layers` or its `name`, or guessed from `nothing`."""
    representations: Representations | None = None
    attribution: Attribution | None = None


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
        # As plain bytes, because brain floats have no buffer of their own.
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
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
