"""Pictures and other samples from files that hold many: NumPy's .npy and .npz, IDX with labels beside it."""

import math
import re
import tokenize
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from reportgen.axes import as_maps
from reportgen.errors import InputError
from reportgen.pictures.fitting import (
    InputShape,
    Wanted,
    common_size,
    fitted,
    in_channels,
    picture_shape,
    takes_pictures,
)
from reportgen.pictures.idx import is_idx, read_idx
from reportgen.pictures.picture_files import NotReadableError, eight_bits, printable, reason
from reportgen.pictures.picture_set import PictureSet, Pixels, given, together
from reportgen.snapshot import Integers

if TYPE_CHECKING:
    from numpy.lib.npyio import NpzFile

IDX_IMAGES = re.compile(r"images[-.]idx[34]-ubyte(\.gz)?$")

_IMAGE_KEYS = ("images", "pictures", "pixels", "x_test", "x", "arr_0")
_LABEL_KEYS = ("labels", "y_test", "y", "arr_1")
_MOST_BYTES = 4 * 2**30
_SUSPICIOUS_BYTES = 2**28
_SUSPICIOUS_SHARE = 200
"""More bytes than that, packed into so many times fewer, are no pictures."""
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


def from_array_file(path: Path, wanted: Wanted) -> PictureSet | None:
    """Return the pictures of a NumPy or IDX file; None where the file is neither."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Change its permissions.") from error
    if start == b"\x93NUM":
        return _from_arrays(path, _array(path), None, wanted)
    if start == b"PK\x03\x04":
        return _from_npz(path, wanted)
    if is_idx(start):
        return from_idx(path, wanted)
    return None


def from_idx(path: Path, wanted: Wanted) -> PictureSet:
    """Return the pictures of an IDX file, with the labels that lie beside it, if there are any.

    Raises:
        InputError: the pictures or the labels cannot be read, or do not fit the network.
    """
    labels = labels_beside(path)
    return _from_arrays(path, read_idx(path), read_idx(labels) if labels else None, wanted)


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
            _check_header(file, path.stat().st_size)
            file.seek(0)
            return cast("NDArray[np.generic]", np.load(file, allow_pickle=False))
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable .npy file ({reason(error)}). Save it again.") from error


def _from_npz(path: Path, wanted: Wanted) -> PictureSet:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            images = _key(file.files, _IMAGE_KEYS) or (file.files[0] if len(file.files) == 1 else None)
            if images is None:
                found = printable(", ".join(file.files)) or "nothing"
                raise InputError(f"{path}: no array named 'images', only {found}. Name it so.")
            labels = _key(file.files, _LABEL_KEYS)
            arrays = (_member(file, images), _member(file, labels) if labels else None)
    except _BROKEN as error:
        raise InputError(f"{path}: not a readable .npz file ({reason(error)}). Save it again.") from error
    return _from_arrays(path, *arrays, wanted)


def _check_header(file: IO[bytes], size: int) -> None:
    """Check, before any memory is asked for, that a .npy file of this size holds as much as its header says.

    Raises:
        ValueError: it does not, or it holds Python objects.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file)
    if kind.hasobject:
        raise ValueError("it holds Python objects")
    announced = math.prod(shape) * kind.itemsize
    if min(shape, default=0) < 0 or announced > size - file.tell():
        raise ValueError(f"{announced:,} bytes announced, {size - file.tell():,} found")


def _check_members(archive: zipfile.ZipFile) -> None:
    """Check that what is in an archive is no larger than it says, and not blown up out of next to nothing.

    Raises:
        ValueError: it is.
    """
    members = archive.infolist()
    size, packed = (sum(getattr(each, name) for each in members) for name in ("file_size", "compress_size"))
    if size > _MOST_BYTES or (size > _SUSPICIOUS_BYTES and size > _SUSPICIOUS_SHARE * packed):
        raise ValueError("too large")
    for member in members:
        if member.filename.endswith(".npy"):
            with archive.open(member) as file:
                _check_header(file, member.file_size)


def _member(file: "NpzFile", name: str) -> NDArray[np.generic]:
    array = file[name]
    if isinstance(array, np.ndarray):
        return array
    raise ValueError(f"{name} is no array")


def _key(names: list[str], wanted: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _from_arrays(
    path: Path, images: NDArray[np.generic], labels: NDArray[np.generic] | None, wanted: Wanted
) -> PictureSet:
    shape = _shape_of_pictures(images, wanted.input_shape)
    samples = _pictures(path, images, shape) if shape else as_maps(_samples(path, images, wanted.input_shape))
    pixels = _stored(path, _with_places(samples), numbers=wanted.numbers or not takes_pictures(wanted.input_shape))
    if not pixels.size:
        raise InputError(f"{path}: no pictures, its shape is {images.shape}. Give at least one.")
    pixels, count = _fitted(in_channels(path.name, pixels, shape[2]), shape, wanted.fit) if shape else (pixels, 0)
    numbers = _labels(path, labels, len(pixels))
    found = given(pixels, numbers, (f"picture-{number}" for number in range(len(pixels))))
    return replace(found, fit=wanted.fit if count else "", fitted=count)


def _shape_of_pictures(images: NDArray[np.generic], input_shape: InputShape) -> InputShape | None:
    """Return (height, width, channels) to which an array's pictures are brought; None where it holds none.

    A row of numbers for a network that takes a row stays one, even if a picture has as many.
    """
    if len(input_shape) == 1 and _fitting_samples(images, input_shape) is not None:
        return None
    return picture_shape(input_shape)


def _samples(path: Path, array: NDArray[np.generic], input_shape: InputShape) -> NDArray[np.generic]:
    """Return an array with the axes of a network that takes no pictures, and that of the samples before them."""
    found = _fitting_samples(array, input_shape)
    if found is None:
        wanted = ", ".join("any" if size is None else str(size) for size in input_shape)
        raise InputError(
            f"{path}: the shape {array.shape} does not fit a network that takes ({wanted}). "
            f"Give an array of (number, {wanted})."
        )
    return found


def _fitting_samples(array: NDArray[np.generic], input_shape: InputShape) -> NDArray[np.generic] | None:
    """Return an array with all axes of the network: as it is, as one sample, or with a last axis; else None."""
    ways = (array, array[np.newaxis], array[..., np.newaxis])
    fitting = (
        way
        for way in ways
        if way.ndim == len(input_shape) + 1
        and all(size in (None, found) for size, found in zip(input_shape, way.shape[1:], strict=True))
    )
    return next(fitting, None)


def _with_places(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return rows of numbers, (number, numbers), as pictures one pixel high."""
    return samples[:, np.newaxis, :, np.newaxis] if samples.ndim == 2 else samples


def _pictures(path: Path, images: NDArray[np.generic], shape: InputShape) -> NDArray[np.generic]:
    """Return the array with its four axes; three are one picture in colours, or many in grey."""
    if images.ndim == 2 or (images.ndim == 3 and _is_one(images.shape, shape)):
        images = images[np.newaxis]
    if images.ndim == 3:
        images = images[..., np.newaxis]
    if images.ndim != 4:
        raise InputError(
            f"{path}: the shape {images.shape} is no picture. Give (number, height, width, channels)."
        )
    return images


def _is_one(found: tuple[int, ...], shape: InputShape) -> bool:
    """Return whether three axes are one picture: it has channels, and not the size of many in grey."""
    if found[2] not in (1, 3, 4):
        return False
    fits = all(size in (None, each) for size, each in zip(shape[:2], found[:2], strict=True))
    return fits or found[1:] != shape[:2]


def _fitted(pixels: Pixels, shape: InputShape, fit: str) -> tuple[Pixels, int]:
    """Return pictures at the size that the network takes, and how many had another."""
    size = common_size(shape, pixels.shape[1:])
    if pixels.shape[1:3] == size:
        return pixels, 0
    # Black is zero, but for pixels that were moved below it.
    black = min(float(pixels.min()), 0.0)
    return together([fitted(each, size, fit, black) for each in pixels]), len(pixels)


def _stored(path: Path, images: NDArray[np.generic], *, numbers: bool) -> Pixels:
    """Return bytes as they are, wider whole numbers as bytes, and floating-point numbers as 32 bits.

    Where whole numbers are no pixels, they become floating-point numbers of the same value.
    """
    kind = images.dtype.kind
    if numbers and kind in "biu":
        return images.astype(np.float32)
    if kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if kind in "iu" and images.size:
        return images.astype(np.uint8) if _are_bytes(images) else _from_sixteen_bits(path, images)
    if kind == "f" or (kind in "iu" and not images.size):
        floats = images.astype(np.float32)
        if np.isfinite(floats).all():
            return floats
        raise InputError(f"{path}: {np.sum(~np.isfinite(floats))} pixels are not finite. Mend or remove them.")
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
