"""Arrays in the IDX form, in which Fashion-MNIST and its kin are published; it knows nothing of pictures."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_MOST_BYTES = 4 * 2**30
"""The header of a small file could otherwise ask for any amount of memory."""


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
            return _idx_array(cast("IO[bytes]", gzip.open(file)) if _is_gzipped(file) else file)
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: no such file. Give a file in the IDX form, gzipped or not.") from error
    except (OSError, EOFError, ValueError, struct.error, zlib.error, MemoryError) as error:
        raise InputError(f"{path.name}: not a readable IDX file ({error}). Fetch it again.") from error


def is_idx(start: bytes) -> bool:
    """Return whether a file that begins with these four bytes may be IDX, gzipped or not."""
    return start[:2] == b"\x1f\x8b" or (start[:2] == b"\0\0" and len(start) == 4 and start[2] in _TYPES)


def _is_gzipped(file: IO[bytes]) -> bool:
    start = file.read(2)
    file.seek(0)
    return start == b"\x1f\x8b"


def _idx_array(file: IO[bytes]) -> NDArray[np.generic]:
    zero, code, rank = struct.unpack(">HBB", file.read(4))
    if zero != 0 or code not in _TYPES or rank == 0:
        raise ValueError("it does not begin like one")
    shape = struct.unpack(f">{rank}I", file.read(4 * rank))
    kind = np.dtype(_TYPES[code])
    size = math.prod(shape) * kind.itemsize
    if size > _MOST_BYTES:
        raise ValueError(f"it asks for {size:,} bytes")
    content = file.read(size + 1)
    if len(content) != size:
        raise ValueError(
            f"{size:,} bytes announced, {min(len(content), size):,}{'+' * (len(content) > size)} found"
        )
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)
