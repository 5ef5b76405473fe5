"""Small changes of a picture that leave what it shows: a shift, a turn, another brightness; knows no network."""

from math import cos, radians, sin

import numpy as np

from reportgen.snapshot import Floats

CHANGES = ("shift_1", "shift_2", "shift_4", "rotation", "brightness")
"""In the order in which they are measured; the number is the pixels of a shift to the right."""
ANGLE = 10.0
"""Degrees of the turn, against the clock."""
DIMMED = 0.7
"""What is left of the distance from the darkest pixel."""


def changed(pixels: Floats, change: str, low: float) -> Floats:
    """Return (pictures, height, width, channels) after a change; what comes in from outside is dark."""
    if change == "rotation":
        return _turned(pixels, low)
    if change == "brightness":
        return np.asarray(low + DIMMED * (pixels - low), np.float32)
    return _shifted(pixels, int(change.removeprefix("shift_")), low)


def _shifted(pixels: Floats, step: int, low: float) -> Floats:
    moved = np.full_like(pixels, low)
    moved[:, :, step:] = pixels[:, :, :-step]
    return moved


def _turned(pixels: Floats, low: float) -> Floats:
    """Return the pictures turned about their middle, each pixel mixed from the four nearest (bilinear)."""
    height, width = pixels.shape[1:3]
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    down, across = rows - (height - 1) / 2, columns - (width - 1) / 2
    turn = radians(ANGLE)
    source_row = cos(turn) * down + sin(turn) * across + (height - 1) / 2
    source_column = cos(turn) * across - sin(turn) * down + (width - 1) / 2
    return _bilinear(pixels, source_row, source_column, low)


def _bilinear(
    pixels: Floats,
    rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    columns: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    low: float,
) -> Floats:
    height, width = pixels.shape[1:3]
    framed = np.pad(pixels, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=low)
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = np.minimum(rows, height).astype(np.int64), np.minimum(columns, width).astype(np.int64)
    down, right = ((rows - top)[..., np.newaxis], (columns - left)[..., np.newaxis])
    upper = framed[:, top, left] * (1 - right) + framed[:, top, left + 1] * right
    lower = framed[:, top + 1, left] * (1 - right) + framed[:, top + 1, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float32)
