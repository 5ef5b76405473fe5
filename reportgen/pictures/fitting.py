"""Whether pictures have the size and the channels that a network takes; nothing is resized in silence."""

from typing import cast

import numpy as np

from reportgen.errors import InputError
from reportgen.pictures.picture_set import Pixels

InputShape = tuple[int | None, ...]
"""(height, width, channels) of a network's input; None where it takes any."""

_GREY = np.array([[0.299], [0.587], [0.114]])
"""Shares of red, green and blue in a grey value (ITU-R BT.601), as Pillow takes them."""


def check_size(
    name: str, shape: tuple[int, ...], input_shape: InputShape, first: tuple[int, ...] | None = None
) -> None:
    """Check a picture's (height, width, channels) against the network, and against the first picture.

    Raises:
        InputError: the height or the width differs.
    """
    _check_against(name, shape, input_shape, "the network takes")
    if first is not None:
        _check_against(name, shape, first, "the pictures before it have")


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


def _grey(pixels: Pixels) -> Pixels:
    grey = pixels.astype(np.float64) @ _GREY
    rounded = np.rint(grey) if pixels.dtype == np.uint8 else grey
    return cast("Pixels", rounded.astype(pixels.dtype))


def _check_against(name: str, shape: tuple[int, ...], wanted: InputShape, whose: str) -> None:
    if all(size in (None, found) for size, found in zip(wanted[:2], shape[:2], strict=True)):
        return
    height, width = (size or "any" for size in wanted[:2])
    raise InputError(
        f"{name}: {shape[1]}×{shape[0]} pixels (width × height), but {whose} {width}×{height}. Resize it first."
    )
