"""Opens a network safely, and makes its untrained twin; it does not know what they do with pictures."""

import json
import shutil
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from reportgen.admission import Admitted, admit
from reportgen.admission.containers import shown
from reportgen.admission.gate import WHAT_TO_GIVE
from reportgen.admission.parameters import SLACK
from reportgen.errors import InputError, ModelError
from reportgen.observe.network import Network, laid_open, leaves
from reportgen.snapshot import Floats, RecordFile, from_bytes, network_digest

if TYPE_CHECKING:
    import keras

FRESH = 3
"""Untrained twins that are drawn where the first weights are not known, so that their spread can be seen."""
MANY_PARAMETERS = 20_000_000
"""Of a network with more, a single twin is drawn: each costs as much time and memory as the network itself."""
SEEDS = 2**32
"""Keras takes seeds below this."""
PREPARING = frozenset({"Normalization"})
"""Kinds of layers whose weights describe the data."""
LONGEST_REASON = 300
"""Characters of a sentence of Keras' that a user gets to see."""

_REFUSALS = (
    ValueError, TypeError, OSError, KeyError, IndexError, AttributeError, ImportError, RuntimeError,
    ArithmeticError, zipfile.BadZipFile,
)  # fmt: skip
"""All that Keras is known to raise over a file that it cannot open."""


@dataclass(frozen=True, eq=False)
class Twin:
    """The same network before training."""

    network: Network
    """The one whose filters and maps are shown."""
    origin: str
    """`recorded` or `reinitialised`."""
    seed: int
    others: tuple[Network, ...]
    """Two more, drawn anew, where the first weights are not on record: their spread tells what is chance."""

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them, the shown one first."""
        return (self.network, *self.others)


def open_network(path: Path) -> "keras.Model":
    """Return the network in a file, as `opened` does, once the gate has let it in.

    Raises:
        ModelError: there is no such file, it may not be opened, or Keras does not open it.
    """
    return opened(admit(path))


def opened(admitted: Admitted, custom: Mapping[str, object] | None = None) -> "keras.Model":
    """Return the network in a file, not compiled, and without running code that the file brings along.

    Keras gets a copy that holds the configuration and the arrays that were let in, and nothing else.

    Args:
        admitted: what the gate let in; no SavedModel.
        custom: the user's own classes and functions by name.

    Raises:
        ModelError: Keras does not open it.
    """
    path, own = admitted.path, dict(custom or {})
    if admitted.form == "saved_model":
        raise ModelError(f"{path.name}: a SavedModel, of which only the weights can be had. {WHAT_TO_GIVE}")
    import keras

    try:
        with TemporaryDirectory(prefix="reportgen-") as name, _no_more_weights(admitted):
            copy = clean_copy(admitted, Path(name))
            model = keras.models.load_model(copy, custom_objects=own, compile=False, safe_mode=True)
    except _REFUSALS as error:
        why = _why(error).replace(str(path), path.name)
        raise ModelError(f"{path.name}: not a network that can be opened: {why} {WHAT_TO_GIVE}") from error
    if not model.built:
        raise ModelError(
            f"{path.name}: the network has no weights yet, because it never saw the size of its input. "
            "Build it, or train it, and save it again."
        )
    return model


def clean_copy(admitted: Admitted, folder: Path) -> Path:
    """Write what was let in of a file into a folder, and return the file."""
    text = json.dumps(admitted.configuration)
    if admitted.form == "hdf5":
        copy = folder / "network.h5"
        with h5py.File(admitted.path, "r") as source, h5py.File(copy, "w") as target:
            source.copy("model_weights", target)
            target.attrs["model_config"] = np.bytes_(text.encode())
        return copy
    copy = folder / "network.keras"
    with zipfile.ZipFile(admitted.path) as archive, zipfile.ZipFile(copy, "w") as target:
        for member in archive.infolist():
            if not member.is_dir() and member.filename != "config.json":
                with archive.open(member) as read, target.open(member.filename, "w", force_zip64=True) as write:
                    shutil.copyfileobj(read, write)
        target.writestr("config.json", text)
    return copy


@contextmanager
def _no_more_weights(admitted: Admitted) -> Iterator[None]:
    """Stop Keras from making more weights than the file can fill: sizes that come about only in the network."""
    import keras

    add_weight, made = keras.layers.Layer.add_weight, 0

    def counted(layer: "keras.layers.Layer", *given: Any, **named: Any) -> Any:  # noqa: ANN401 - Keras' own
        nonlocal made
        shape = named.get("shape", given[0] if given else None)
        made += prod(each for each in shape or () if each) if isinstance(shape, tuple | list) else shape or 1
        if made > 2 * admitted.numbers + SLACK:
            raise ModelError(
                f"{shown(admitted.path.name)}: the layer '{shown(layer.name)}' asks for more weights than the "
                "file holds. Save the network again, with its weights."
            )
        return add_weight(layer, *given, **named)

    keras.layers.Layer.add_weight = counted
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = add_weight


def digest_of(model: "keras.Model") -> str:
    """Return the SHA-256 of a network's configuration and weights, the same before and after saving."""
    configuration = json.dumps(json.loads(model.to_json())["config"])
    return network_digest(configuration, model.get_weights())


def read_record(path: Path, digest: str) -> RecordFile:
    """Return the training record of the network with this digest.

    Raises:
        InputError: there is no such file, it is no record, or it is that of another network.
    """
    try:
        record = from_bytes(RecordFile, path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file. Give the record that training left, or none.") from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path.name}: not a training record. Give the one that training left, or none."
        ) from error
    if record.network_digest != digest:
        raise InputError(
            f"{path.name}: the record of another network. Give the one saved beside this network, or none."
        )
    return record


def twin_of(network: Network, record: RecordFile | None, seed: int) -> Twin:
    """Return a network's untrained twin: with its own first weights where these are on record, else drawn anew.

    It is laid open for pictures of the same size.

    Raises:
        ModelError: the network cannot be built a second time.
        InputError: the weights on record do not fit.
    """
    twin = drawn_anew(network.model, seed)
    if record is None:
        fresh = FRESH if network.model.count_params() <= MANY_PARAMETERS else 1
        others = (drawn_anew(network.model, (seed + each) % SEEDS) for each in range(1, fresh))
        return Twin(_as(network, twin), "reinitialised", seed, tuple(_as(network, each) for each in others))
    _put(twin, record.initial_weights)
    return Twin(_as(network, twin), "recorded", record.record.seed, ())


def drawn_anew(model: "keras.Model", seed: int) -> "keras.Model":
    """Return the same network with other weights, drawn at random; what prepares its input stays as it is.

    Raises:
        ModelError: the network cannot be built a second time.
    """
    import keras

    keras.utils.set_random_seed(seed)
    try:
        twin = _as_quantised(_built_again(_in_floats(model)), model)
        _keep_preparation(model, twin)
    except _REFUSALS as error:
        raise ModelError(
            f"{model.name}: its untrained twin cannot be built: {_why(error)} Give a network of Keras' own layers."
        ) from error
    if [each.shape for each in twin.weights] != [each.shape for each in model.weights]:
        raise ModelError(
            f"{model.name}: its untrained twin has weights of other shapes. Give a network of Keras' own layers."
        )
    return twin


def _as(network: Network, twin: "keras.Model") -> Network:
    """Return the twin laid open as the network is."""
    return laid_open(twin, tuple(network.inputs[0].shape[1:]) if network.inputs else None)


def _built_again(model: "keras.Model") -> "keras.Model":
    import keras

    if isinstance(model, keras.Sequential | keras.src.models.functional.Functional):
        return keras.models.clone_model(model)
    twin = type(model).from_config(model.get_config())
    twin.build_from_config(model.get_build_config())
    return twin


def _in_floats(model: "keras.Model") -> "keras.Model":
    """Return a quantised network with weights that can be drawn at random; any other one as it is."""
    if _quantisation(model) is None:
        return model
    import keras

    def unquantised(layer: "keras.Layer") -> "keras.Layer":
        configuration = layer.get_config()
        if getattr(layer, "quantization_mode", None):
            configuration["dtype"] = layer.compute_dtype
        configuration.pop("quantization_config", None)
        return type(layer).from_config(configuration)

    return keras.models.clone_model(model, clone_function=unquantised)


def _as_quantised(twin: "keras.Model", model: "keras.Model") -> "keras.Model":
    mode = _quantisation(model)
    if mode is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of each layer that has nothing to quantise.
            twin.quantize(mode)
    return twin


def _quantisation(model: "keras.Model") -> str | None:
    modes = (getattr(layer, "quantization_mode", None) for _, layer in leaves(model))
    return next((str(mode) for mode in modes if mode), None)


def _keep_preparation(model: "keras.Model", twin: "keras.Model") -> None:
    """Give the twin what was not learned but set: the mean and the spread of the data."""
    for (_, layer), (_, other) in zip(leaves(model), leaves(twin), strict=True):
        if type(layer).__name__ in PREPARING and layer.weights:
            other.set_weights(layer.get_weights())
            other.finalize_state()


def _why(error: Exception) -> str:
    """Return the first sentence of what Keras says, on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(". ", 1)[0][:LONGEST_REASON].rstrip(".") + "."


def _put(twin: "keras.Model", weights: Sequence[Floats]) -> None:
    try:
        twin.set_weights(list(weights))
    except ValueError as error:
        raise InputError(
            "the first weights on record do not fit the network. Give its own record, or none."
        ) from error
