"""Pictures from files that hold many at once: NumPy's .npy and .npz, and IDX with its labels beside it."""

import re
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.pictures.fitting import InputShape, check_size, in_channels
from reportgen.pictures.idx import is_idx, read_idx
from reportgen.pictures.picture_files import NotReadableError, eight_bits, printable, reason
from reportgen.pictures.picture_set import PictureSet, Pixels, given
from reportgen.snapshot import Integers

if TYPE_CHECKING:
    from numpy.lib.npyio import NpzFile

IDX_IMAGES = re.compile(r"images[-.]idx[34]-ubyte(\.gz)?$")

_IMAGE_KEYS = ("images", "pictures", "pixels", "x_test", "x", "arr_0")
_LABEL_KEYS = ("labels", "y_test", "y", "arr_1")
_MOST_BYTES = 4 * 2**30
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    KeyError,
    TypeError,
    MemoryError,
    RuntimeError,
    tokenize.TokenError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What NumPy raises on a broken file."""


def from_array_file(path: Path, input_shape: InputShape) -> PictureSet | None:
    """Return the pictures of a NumPy or IDX file; None where the file is neither."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Change its permissions.") from error
    if start == b"\x93NUM":
        return _from_arrays(path, _array(path), None, input_shape)
    if start == b"PK\x03\x04":
        return _from_npz(path, input_shape)
    if is_idx(start):
        return from_idx(path, input_shape)
    return None


def from_idx(path: Path, input_shape: InputShape) -> PictureSet:
    """Return the pictures of an IDX file, with the labels that lie beside it, if there are any.

    Raises:
        InputError: the pictures or the labels cannot be read, or do not fit the network.
    """
    labels = labels_beside(path)
    return _from_arrays(path, read_idx(path), read_idx(labels) if labels else None, input_shape)


def labels_beside(images: Path) -> Path | None:
    """Return the IDX file with the labels of the pictures, as it is named by custom; None where there is none."""
    if not IDX_IMAGES.search(images.name):
        return None
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    beside = (images.with_name(name), images.with_name(f"{name}.gz"))
    return next((path for path in beside if path.is_file()), None)


def _array(path: Path) -> NDArray[np.generic]:
    try:
        with path.open("rb") as file:
            return cast("NDArray[np.generic]", np.load(file, allow_pickle=False))
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable .npy file ({reason(error)}). Save it again.") from error


def _from_npz(path: Path, input_shape: InputShape) -> PictureSet:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise ValueError("too large")
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            images = _key(file.files, _IMAGE_KEYS) or (file.files[0] if len(file.files) == 1 else None)
            if images is None:
                found = printable(", ".join(file.files)) or "nothing"
                raise InputError(f"{path}: no array named 'images', only {found}. Name it so.")
            labels = _key(file.files, _LABEL_KEYS)
            arrays = (_member(file, images), _member(file, labels) if labels else None)
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable .npz file ({reason(error)}). Save it again.") from error
    return _from_arrays(path, *arrays, input_shape)


def _member(file: "NpzFile", name: str) -> NDArray[np.generic]:
    array = file[name]
    if isinstance(array, np.ndarray):
        return array
    raise ValueError(f"{name} is no array")


def _key(names: list[str], wanted: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _from_arrays(
    path: Path, images: NDArray[np.generic], labels: NDArray[np.generic] | None, input_shape: InputShape
) -> PictureSet:
    pixels = in_channels(path.name, _stored(path, _with_axes(path, images, input_shape)), input_shape[2])
    if not pixels.size:
        raise InputError(f"{path}: no pictures, its shape is {images.shape}. Give at least one.")
    check_size(path.name, pixels.shape[1:], input_shape)
    numbers = _labels(path, labels, len(pixels))
    return given(pixels, numbers, (f"picture-{number}" for number in range(len(pixels))))


def _with_axes(path: Path, images: NDArray[np.generic], input_shape: InputShape) -> NDArray[np.generic]:
    """Return the array with its four axes; three are one picture in colours, or many in grey."""
    fits = all(size in (None, found) for size, found in zip(input_shape, images.shape, strict=False))
    if images.ndim == 2 or (images.ndim == 3 and fits and images.shape[2] in (1, 3, 4)):
        images = images[np.newaxis]
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4:
        raise InputError(
            f"{path}: the shape {images.shape} is no picture. Give (number, height, width, channels)."
        )
    return images


def _stored(path: Path, images: NDArray[np.generic]) -> Pixels:
    """Return bytes as they are, wider whole numbers as bytes, and floating-point numbers as 32 bits."""
    kind = images.dtype.kind
    if kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if kind in "iu" and images.size:
        return images.astype(np.uint8) if _are_bytes(images) else _from_sixteen_bits(path, images)
    if kind == "f" or (kind in "iu" and not images.size):
        numbers = images.astype(np.float32)
        if np.isfinite(numbers).all():
            return numbers
        raise InputError(f"{path}: {np.sum(~np.isfinite(numbers))} pixels are not finite. Mend or remove them.")
    raise InputError(f"{path}: pixels of type {images.dtype} are no picture. Give uint8 or float32.")


def _are_bytes(images: NDArray[np.generic]) -> bool:
    return images.dtype == np.uint8 or bool(images.min() >= 0 and images.max() <= 255)


def _from_sixteen_bits(path: Path, images: NDArray[np.generic]) -> NDArray[np.uint8]:
    try:
        return eight_bits(images)
    except NotReadableError as error:
        raise InputError(f"{path}: {error}, or negative. Give uint8, uint16 or float32.") from error


def _labels(path: Path, labels: NDArray[np.generic] | None, count: int) -> Integers:
    if labels is None:
        return np.zeros(0, np.int64)
    column = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if column.shape != (count,):
        raise InputError(
            f"{path}: {count} pictures, but labels of shape {labels.shape}. Give one label a picture."
        )
    if column.dtype.kind not in "iu" or (count and column.min() < 0):
        raise InputError(f"{path}: labels must be whole numbers from zero, as class numbers. Convert them first.")
    return column.astype(np.int64)
