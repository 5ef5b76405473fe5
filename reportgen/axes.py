"""How arrays of any number of axes are laid out as maps of (height, width, units), and back again.

A sequence becomes a strip of one row; a volume becomes its slices from front to back, side by side; a row of
numbers stays as it is. It does not know what the arrays hold.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int | None, ...]
"""Of one sample, without the batch; None for a length that is not fixed."""

MOST_AXES = 4
"""Depth, height, width and units."""


def in_last(shape: Shape, *, units_first: bool) -> Shape:
    """Return the shape of one output with its units on the last axis."""
    return (*shape[1:], shape[0]) if units_first and len(shape) > 1 else shape


def map_shape(shape: Shape, *, units_first: bool = False) -> Shape | None:
    """Return (units,) or (height, width, units) of one output; None where it has too many axes, or none."""
    shape = in_last(shape, units_first=units_first)
    if not 1 <= len(shape) <= MOST_AXES:
        return None
    if len(shape) == 1:
        return shape
    depth, height, width = (1, 1, 1, *shape[:-1])[-3:]
    side_by_side = None if depth is None or width is None else depth * width
    return (height, side_by_side, shape[-1])


def as_maps(values: NDArray[Any], *, units_first: bool = False) -> NDArray[Any]:
    """Return a batch of outputs as (samples, units) or (samples, height, width, units).

    Args:
        values: (samples, …), of at most four axes behind the samples.
        units_first: whether the units stand on the first axis behind the samples, and not on the last.
    """
    if values.ndim == 2:
        return values
    values = np.moveaxis(values, 1, -1) if units_first else values
    if values.ndim == 3:
        return values[:, np.newaxis]
    if values.ndim == 4:
        return values
    samples, depth, height, width, units = values.shape
    return values.transpose(0, 2, 1, 3, 4).reshape(samples, height, depth * width, units)


def from_maps(maps: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a batch of pictures, (samples, height, width, units), in the shape that a network takes.

    It undoes `as_maps`, and also takes any picture of as many numbers for a network that takes a row of
    numbers.

    Args:
        maps: (samples, height, width, units).
        shape: of one sample, units last.
    """
    if len(shape) == 4:
        depth, height, width, units = shape
        parted = maps.reshape(len(maps), height, depth, width, units)
        return parted.transpose(0, 2, 1, 3, 4)
    return maps.reshape(len(maps), *shape)
