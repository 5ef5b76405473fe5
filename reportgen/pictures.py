"""Pictures and labels as arrays, from every source that users have.

It knows files and their forms: IDX, NumPy's, and those that Pillow reads. It does not know what a network makes
of a picture, nor how pixels are scaled before the network gets them: pixels stay as they are stored.
"""

import gzip
import hashlib
import io
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.snapshot import read_only

Pixels = NDArray[np.uint8] | NDArray[np.float32]
Integers = NDArray[np.int64]

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")

FASHION_MNIST_DIGESTS = {
    "train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""SHA-256 of the uncompressed contents of the four files."""

_IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_IDX_LIMIT = 4 * 2**30
"""Bytes; the header of a small file could otherwise ask for any amount of memory."""


@dataclass(frozen=True, eq=False)
class FashionMnist:
    """The whole data set: pixels are (n, 28, 28, 1) from 0 to 255, labels (n,) from 0 to 9."""

    training_pixels: NDArray[np.uint8]
    training_labels: Integers
    test_pixels: NDArray[np.uint8]
    test_labels: Integers
    digests: dict[str, str]
    """SHA-256 of the contents, by the stem of the file's name, as `train-images`."""


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Return an array of bytes in the IDX form: type and rank, the shape, the values."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


def read_idx(path: Path) -> NDArray[np.generic]:
    """Return the array of an IDX file, compressed with gzip or not, in the machine's own byte order.

    Raises:
        InputError: the file is missing, broken, or of another kind.
    """
    try:
        with path.open("rb") as file:
            return _idx_array(cast("IO[bytes]", gzip.open(file)) if _is_gzip(file) else file)
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file. Give a file in the IDX form, gzipped or not.") from error
    except (OSError, EOFError, ValueError, struct.error, zlib.error, MemoryError) as error:
        raise InputError(f"{path.name}: not a readable IDX file ({error}). Fetch it again.") from error


def read_fashion_mnist(folder: Path | None) -> FashionMnist:
    """Return Fashion-MNIST from a folder, else from Debian's place, else through Keras' downloader.

    Raises:
        InputError: a file is missing or is not the published one, or the download failed.
    """
    if folder is None and not DEBIAN_FOLDER.is_dir():
        return _checked(_download(), "Keras' download")
    place = folder or DEBIAN_FOLDER
    return _checked({stem: read_idx(_fashion_mnist_file(place, stem)) for stem in FASHION_MNIST_DIGESTS}, place)


def _is_gzip(file: IO[bytes]) -> bool:
    start = file.read(2)
    file.seek(0)
    return start == b"\x1f\x8b"


def _idx_array(file: IO[bytes]) -> NDArray[np.generic]:
    zero, code, rank = struct.unpack(">HBB", file.read(4))
    if zero != 0 or code not in _IDX_TYPES or rank == 0:
        raise ValueError("it does not begin like one")
    shape = struct.unpack(f">{rank}I", file.read(4 * rank))
    kind = np.dtype(_IDX_TYPES[code])
    size = math.prod(shape) * kind.itemsize
    if size > _IDX_LIMIT:
        raise ValueError(f"it asks for {size:,} bytes")
    content = file.read(size + 1)
    if len(content) != size:
        raise ValueError(
            f"{size:,} bytes announced, {min(len(content), size):,}{'+' * (len(content) > size)} found"
        )
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)


def _fashion_mnist_file(folder: Path, stem: str) -> Path:
    name = f"{stem}-idx{3 if stem.endswith('images') else 1}-ubyte"
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise InputError(
        f"{folder}: no {name} or {name}.gz. Give the folder that holds the four files of Fashion-MNIST."
    )


def _download() -> dict[str, NDArray[np.generic]]:
    import contextlib

    from keras.datasets import fashion_mnist

    try:
        # The downloader prints a bar of its own.
        with contextlib.redirect_stdout(io.StringIO()):
            (training, training_labels), (test, test_labels) = fashion_mnist.load_data()
    except Exception as error:  # Keras raises the bare class
        raise InputError(
            f"Fashion-MNIST: the download failed ({error}). Install dataset-fashion-mnist or give --data DIR."
        ) from error
    arrays = (training, training_labels, test, test_labels)
    return dict(zip(FASHION_MNIST_DIGESTS, arrays, strict=True))


def _checked(arrays: dict[str, NDArray[np.generic]], place: object) -> FashionMnist:
    digests = {}
    for stem, array in arrays.items():
        digests[stem] = _idx_digest(array)
        if digests[stem] != FASHION_MNIST_DIGESTS[stem]:
            raise InputError(
                f"{place}: {stem} is not the published file: SHA-256 expected {FASHION_MNIST_DIGESTS[stem]}, "
                f"found {digests[stem]}. Fetch it again."
            )
    return FashionMnist(
        read_only(arrays["train-images"][..., np.newaxis]),
        read_only(arrays["train-labels"].astype(np.int64)),
        read_only(arrays["t10k-images"][..., np.newaxis]),
        read_only(arrays["t10k-labels"].astype(np.int64)),
        digests,
    )


def _idx_digest(array: NDArray[np.generic]) -> str:
    if array.dtype != np.uint8:
        return f"none: its values are {array.dtype}"
    return hashlib.sha256(idx_bytes(cast("NDArray[np.uint8]", array))).hexdigest()
