"""Cuts out of pictures what single units saw; knows nothing of why a place was chosen."""

import numpy as np

from reportgen.analysis.receptive_field import ReceptiveField
from reportgen.snapshot import Bytes, Floats, Integers, Patches, read_only

SHOWN = 6
"""Patches of each kind that are cut out."""
LARGEST_SIDE = 48
"""Pixels that a patch is high and wide at most; of a larger one every so many-th pixel is kept."""
MEMORY = 32 * 2**20
"""Bytes of the patches of all layers, at most; each layer gets the same share."""


def looks(
    pixels: Bytes | Floats,
    kinds: tuple[Patches, ...],
    field: ReceptiveField | None,
    limits: tuple[float, float],
    memory: int = MEMORY,
) -> Bytes:
    """Return what units saw, at the first places of each kind.

    Of a layer with very many units only the first so many are cut out; of a field larger than two pictures only
    its middle, which holds the whole picture.

    Args:
        pixels: (pictures, height, width, channels): all the pictures that the patches count through.
        kinds: places, (units, kept).
        field: what a unit sees; None for all of the picture.
        limits: the values that become 0 and 255.
        memory: bytes of the patches, at most, but for those of one unit.

    Returns: (units, kinds, patches, height, width, channels + 1); the last channel is 255 inside the picture and 0
    outside.
    """
    size, step = _size(field, pixels.shape[1:3])
    sides = tuple(-(-side // step) for side in size)
    bytes_a_unit = len(kinds) * SHOWN * sides[0] * sides[1] * (pixels.shape[3] + 1)
    units = min(len(kinds[0].picture), max(1, memory // bytes_a_unit))
    cut = [_cut(pixels, each, units, field, size, step, limits) for each in kinds]
    return read_only(np.stack(cut, axis=1))


def _size(field: ReceptiveField | None, sides: tuple[int, ...]) -> tuple[tuple[int, int], int]:
    """Return height and width of the patches, and every how many-th pixel of them is kept."""
    whole = (sides[0], sides[1])
    seen = whole if field is None or field.is_global else field.size
    size = (min(seen[0], whole[0] * 2), min(seen[1], whole[1] * 2))
    return size, -(-max(size) // LARGEST_SIDE)


def _cut(
    pixels: Bytes | Floats,
    patches: Patches,
    units: int,
    field: ReceptiveField | None,
    size: tuple[int, int],
    step: int,
    limits: tuple[float, float],
) -> Bytes:
    number, row, column = (each[:units, :SHOWN, np.newaxis, np.newaxis] for each in _places(patches))
    top, left = _corners(row, column, field, size)
    rows = top + np.arange(0, size[0], step)[:, np.newaxis]
    columns = left + np.arange(0, size[1], step)[np.newaxis, :]
    height, width = pixels.shape[1:3]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    seen = pixels[number, np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    levels = np.where(inside[..., np.newaxis], _levels(seen, limits), 0)
    shown = np.where(inside, 255, 0)[..., np.newaxis]
    return np.concatenate([levels, np.broadcast_to(shown, (*levels.shape[:-1], 1))], axis=-1).astype(np.uint8)


def _places(patches: Patches) -> tuple[Integers, ...]:
    return patches.picture, patches.row, patches.column


def _corners(
    row: Integers,
    column: Integers,
    field: ReceptiveField | None,
    size: tuple[int, int],
) -> tuple[Integers, ...]:
    if field is None or field.is_global:
        return row * 0, column * 0
    above, before = ((whole - kept) // 2 for whole, kept in zip(field.size, size, strict=True))
    top = field.start[0] + row * field.stride[0] + above
    return top, field.start[1] + column * field.stride[1] + before


def _levels(pixels: Bytes | Floats, limits: tuple[float, float]) -> Floats:
    low, high = limits
    shares = (pixels - low) / (high - low) if high > low else np.zeros_like(pixels)
    return np.asarray(np.rint(np.clip(np.nan_to_num(shares), 0, 1) * 255), np.float32)
