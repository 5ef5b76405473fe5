"""How pictures are brought to the size and the channels that a network takes, by a rule that is stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt, prod
from typing import cast

import numpy as np
from PIL import Image

from reportgen.errors import InputError
from reportgen.pictures.picture_set import Pixels

InputShape = tuple[int | None, ...]
"""Of a network's input, without the batch; (height, width, channels) for pictures. None where it takes any."""

FITS = ("crop", "pad", "stretch")
LARGEST_SIDE = 224
"""Of the pictures for a network that takes any size."""
STEP = 32
"""Sides of pictures made smaller for such a network are multiples of it: most networks halve them five times."""
SMALLEST_SIDE = 8
"""A row or a square of fewer numbers is not taken for a picture."""

_GREY = np.array([[0.299], [0.587], [0.114]])
"""Shares of red, green and blue in a grey value (ITU-R BT.601), as Pillow takes them."""


@dataclass(frozen=True)
class Wanted:
    """What a network takes, and how pictures become that."""

    input_shape: InputShape
    fit: str = "crop"
    """One of `FITS`."""
    numbers: bool = False
    """Whether whole numbers in arrays are numbers, not bytes of pixels."""


def picture_shape(input_shape: InputShape) -> InputShape | None:
    """Return (height, width, channels) of the pictures that a network takes; None where it takes none.

    A row of as many numbers as a square picture has, grey or in colours, and a square of numbers are pictures too.
    """
    if len(input_shape) == 3:
        return input_shape
    sizes = [size or 0 for size in input_shape]
    if len(sizes) == 2 and sizes[0] == sizes[1] >= SMALLEST_SIDE:
        return (*sizes, 1)
    sides = [(isqrt(sizes[0] // channels), channels) for channels in (1, 3)] if len(sizes) == 1 else []
    squares = ((side, side, channels) for side, channels in sides if side >= SMALLEST_SIDE)
    return next((square for square in squares if prod(square) == sizes[0]), None)


def takes_pictures(input_shape: InputShape) -> bool:
    """Return whether a network of this input can be given pictures."""
    return picture_shape(input_shape) is not None


def common_size(wanted: InputShape, first: Sequence[int]) -> tuple[int, int]:
    """Return the (height, width) that all pictures are brought to, from the network's input and the first picture.

    A network that takes any size gets the size of the first picture. If that is longer than `LARGEST_SIDE`, it is
    made smaller, to multiples of `STEP`. Where the network leaves one side free, that follows the first picture.
    """
    height, width = wanted[:2]
    if height and width:
        return height, width
    if height or width:
        share = height / first[0] if height else (width or 0) / first[1]
        free = [min(max(1, round(side * share)), LARGEST_SIDE) for side in first[:2]]
        return height or free[0], width or free[1]
    longest = max(first[:2])
    if longest <= LARGEST_SIDE:
        return first[0], first[1]
    short = [max(STEP, STEP * round(side * LARGEST_SIDE / longest / STEP)) for side in first[:2]]
    return short[0], short[1]


def fitted(picture: Pixels, size: tuple[int, int], fit: str, black: float = 0) -> Pixels:
    """Return a picture, (height, width, channels), at another (height, width).

    Pixels are mixed by Pillow's bilinear filter, which takes in all that fall together where a picture is made
    smaller; no value lies beyond those of the picture. `crop` makes it as large as needed to cover the size and
    cuts the middle out; `pad` makes it as large as has room in it and lays black around it; `stretch` changes
    height and width each by itself.
    """
    if tuple(picture.shape[:2]) == size:
        return picture
    height, width = picture.shape[:2]
    if fit == "stretch":
        return _resized(picture, size, (0, 0, width, height))
    if fit == "crop":
        return _resized(picture, size, _middle((height, width), size))
    return _padded(picture, size, black)


def in_channels(name: str, pixels: Pixels, channels: int | None) -> Pixels:
    """Return pictures in the channels of the network: grey is repeated, colours are made grey.

    Raises:
        InputError: neither is possible.
    """
    found = pixels.shape[3]
    if channels in (None, found):
        return pixels
    if (found, channels) == (1, 3):
        return cast("Pixels", np.repeat(pixels, 3, axis=3))
    if (found, channels) == (3, 1):
        return _grey(pixels)
    raise InputError(f"{name}: {found} channels, but the network takes {channels}. Convert the pictures first.")


def _middle(found: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of the largest part in the middle that has the shape of a size."""
    share = min(found[0] / size[0], found[1] / size[1])
    height, width = min(size[0] * share, found[0]), min(size[1] * share, found[1])
    top, left = (found[0] - height) / 2, (found[1] - width) / 2
    return left, top, left + width, top + height


def _padded(picture: Pixels, size: tuple[int, int], black: float) -> Pixels:
    height, width = picture.shape[:2]
    share = min(size[0] / height, size[1] / width)
    inner = (min(size[0], max(1, round(height * share))), min(size[1], max(1, round(width * share))))
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole = np.full((*size, picture.shape[2]), black, picture.dtype)
    whole[top : top + inner[0], left : left + inner[1]] = fitted(picture, inner, "stretch")
    return cast("Pixels", whole)


def _resized(picture: Pixels, size: tuple[int, int], box: tuple[float, float, float, float]) -> Pixels:
    channels = [
        Image.fromarray(np.ascontiguousarray(channel)).resize(size[::-1], Image.Resampling.BILINEAR, box)
        for channel in np.moveaxis(picture, 2, 0)
    ]
    return cast("Pixels", np.stack([np.asarray(each) for each in channels], axis=2))


def _grey(pixels: Pixels) -> Pixels:
    grey = pixels.astype(np.float64) @ _GREY
    rounded = np.rint(grey) if pixels.dtype == np.uint8 else grey
    return cast("Pixels", rounded.astype(pixels.dtype))
