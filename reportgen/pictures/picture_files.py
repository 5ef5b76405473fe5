"""Pixels of a single picture file, read with Pillow; it knows nothing of folders, labels or networks."""

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from reportgen.errors import InputError

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp"}
WHAT_IS_READ = "PNG, JPEG, WebP, TIFF, GIF or BMP"
LARGEST_PICTURE = 25_000_000
"""Pixels."""

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP")
_MODES = {None: "RGB", 1: "L", 3: "RGB", 4: "RGBA"}
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on a broken file."""


class NotReadableError(Exception):
    """A file that is no picture, with the reason as a user reads it."""


def picture(path: Path, channels: int | None) -> NDArray[np.uint8]:
    """Return the pixels of one file, (height, width, channels), upright and without metadata.

    What is transparent lies on white; of moving pictures the first frame is taken; 16 bits become 8.
    Floating-point pixels are shares of white where all lie within 0 … 1, and bytes where all lie within 0 … 255.

    Raises:
        InputError: picture files do not have that number of channels.
        NotReadableError: the file is no picture, broken, or too large.
    """
    if channels not in _MODES:
        raise InputError(f"{path.name}: a picture file has 1, 3 or 4 channels, not {channels}. Give a .npy file.")
    if not path.is_file():
        raise NotReadableError("not a file")
    try:
        # Pillow warns of broken metadata and of large pictures; the limit below is stricter.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                if image.width * image.height > LARGEST_PICTURE:
                    raise NotReadableError(f"larger than {LARGEST_PICTURE // 10**6} megapixels")
                return _pixels(ImageOps.exif_transpose(image), _MODES[channels])
    except UnidentifiedImageError as error:
        raise NotReadableError(f"not a {WHAT_IS_READ} picture") from error
    except Image.DecompressionBombError as error:
        raise NotReadableError(f"larger than {LARGEST_PICTURE // 10**6} megapixels") from error
    except _BROKEN as error:
        raise NotReadableError(f"broken: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Return what an error says, on one line, without the path of the file."""
    return printable(error.strerror if isinstance(error, OSError) and error.strerror else str(error))


def printable(name: str) -> str:
    """Return a file name that stays on one line, whatever its characters are, at most 200 of them."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:200])


def eight_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return 16-bit values as 8 bits, rounded: 65535 becomes 255, as 257 times a byte has that byte twice."""
    if values.min() < 0 or values.max() > 65535:
        raise NotReadableError("more than 16 bits a pixel")
    return ((values.astype(np.int64) + 128) // 257).astype(np.uint8)


def _bytes_of_floats(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    low, high = values.min(), values.max()
    # A value that is not a number is on neither side.
    if not (low >= 0 and high <= 255):
        raise NotReadableError(
            "floating-point pixels beyond 0 … 1 and 0 … 255, so that nobody knows what white is"
        )
    whole: NDArray[np.uint8] = np.rint(values * 255 if high <= 1 else values).astype(np.uint8)
    return whole


def _pixels(image: Image.Image, mode: str) -> NDArray[np.uint8]:
    if image.mode == "F":
        image = Image.fromarray(_bytes_of_floats(np.asarray(image)))
    if image.mode == "I":
        raise NotReadableError("more than 16 bits a pixel")
    if image.mode.startswith("I;16"):
        image = Image.fromarray(eight_bits(np.asarray(image)))
    if image.has_transparency_data and mode != "RGBA":
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    pixels = np.asarray(image.convert(mode), np.uint8)
    return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
