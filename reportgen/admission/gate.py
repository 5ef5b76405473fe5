"""The gate: what a file is, whether it may be opened, and what Keras then gets to see of it."""

import os
import stat
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import h5py

from reportgen.admission import containers
from reportgen.admission.configuration import Node, Rules, check_names, leave_training_out, mended
from reportgen.admission.containers import CONFIGURATION, METADATA, WEIGHTS, shown
from reportgen.admission.parameters import check_sizes
from reportgen.errors import ModelError

WHAT_TO_GIVE = "Give a .keras or .h5 file, or run 'make train'."
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Admitted:
    """A file that may be opened, and how."""

    path: Path
    form: str
    """`keras`, `hdf5` or `saved_model`."""
    configuration: Node | None
    """What Keras is to build, already mended; None for a SavedModel."""
    mended: tuple[str, ...] = ()
    """Settings that were left out, because Keras 3 refuses them though they say nothing: `'groups' of …`."""
    numbers: int = 0
    """How many numbers the file stores."""


def admit(path: Path, *, trust: bool = False, custom: frozenset[str] = frozenset()) -> Admitted:
    """Return what may be opened of a file, having read it as data only.

    Raises:
        ModelError: it is no network, or one that may not be opened; the sentence names the layer.
    """
    try:
        return _admitted(path, Rules(trust, custom))
    except ModelError as error:
        raise ModelError(f"{shown(path.name)}: {error}") from error.__cause__
    except OSError as error:
        raise ModelError(f"{shown(path.name)}: cannot be read ({error.strerror}). {WHAT_TO_GIVE}") from error


def _admitted(path: Path, rules: Rules) -> Admitted:
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        return _folder(path)
    if not stat.S_ISREG(mode):
        raise ModelError(f"not a plain file. {WHAT_TO_GIVE}")
    # Not blocking: between the look and the opening it could have become a pipe.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        start, size = file.read(8), path.stat().st_size
        file.seek(0)
        if start.startswith(_HDF5):
            return _hdf5(path, file, size, rules)
        if start.startswith(_ZIP):
            return _keras(path, file, size, rules)
    raise ModelError(_foreign(path, start))


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        raise ModelError(f"no such file. {WHAT_TO_GIVE}") from None


def _folder(path: Path) -> Admitted:
    if (path / "saved_model.pb").is_file() and (path / "variables").is_dir():
        return Admitted(path, "saved_model", None)
    raise ModelError(f"a folder, and not a SavedModel. {WHAT_TO_GIVE}")


def _foreign(path: Path, start: bytes) -> str:
    """Return what a file is that is neither zip nor HDF5, and what to do."""
    suffix = path.suffix.lower()
    if not start:
        return f"an empty file. {WHAT_TO_GIVE}"
    if start[4:8] == b"TFL3" or suffix == ".tflite":
        return "a TFLite file, whose layers are melted together. Give the Keras network it was made from."
    if suffix == ".onnx":
        return "an ONNX file, which Keras does not open. Give the Keras network it was made from."
    if suffix in (".pkl", ".pickle", ".joblib", ".pt", ".pth") or start[:1] == b"\x80":
        return "a pickle, which runs code when it is read. Save the network with model.save('network.keras')."
    if suffix in (".index", ".ckpt") or ".data-" in path.name:
        return "a checkpoint, which holds weights without a network. Save all with model.save('network.keras')."
    return f"not a file that holds a whole Keras network. {WHAT_TO_GIVE}"


def _keras(path: Path, file: IO[bytes], size: int, rules: Rules) -> Admitted:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ModelError(f"a broken archive. {WHAT_TO_GIVE}") from error
    with archive:
        names = set(archive.namelist())
        if any(name.endswith("data.pkl") for name in names):
            raise ModelError("a PyTorch file, which runs code when it is read. Give a Keras network.")
        containers.check_archive(archive, size)
        _check_version(archive, names)
        configuration = _read(containers.member_of(archive, CONFIGURATION, containers.LARGEST_CONFIGURATION))
        check_names(configuration, rules)
        weights = containers.member_of(archive, WEIGHTS, containers.EXPANSION * size + containers.SPARE)
    stored = containers.inspected(BytesIO(weights), len(weights))
    return _checked(path, "keras", configuration, stored.numbers)


def _check_version(archive: zipfile.ZipFile, names: set[str]) -> None:
    if METADATA not in names:
        return
    found = containers.json_of(containers.member_of(archive, METADATA, 2**16))
    if isinstance(found, dict) and str(found.get("keras_version", "3")).startswith(("1.", "2.")):
        raise ModelError("written by Keras 2. Save it there with model.save('network.h5'), and give that file.")


def _hdf5(path: Path, file: IO[bytes], size: int, rules: Rules) -> Admitted:
    stored = containers.inspected(file, size)
    with h5py.File(file, "r") as opened:
        if "model_config" not in opened.attrs:
            raise ModelError(f"holds weights without a network. Save all with model.save(). {WHAT_TO_GIVE}")
        text = opened.attrs["model_config"]
    configuration = _read(text.encode() if isinstance(text, str) else bytes(text))
    check_names(configuration, rules)
    return _checked(path, "hdf5", configuration, stored.numbers)


def _read(data: bytes) -> Node:
    configuration = containers.json_of(data)
    if not isinstance(configuration, dict) or not isinstance(configuration.get("config"), dict | list):
        raise ModelError(f"its configuration is not that of a network. {WHAT_TO_GIVE}")
    leave_training_out(configuration)
    return configuration


def _checked(path: Path, form: str, configuration: Node, numbers: int) -> Admitted:
    check_sizes(configuration, numbers)
    return Admitted(path, form, configuration, mended(configuration), numbers)
