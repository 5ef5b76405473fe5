"""What a dense layer's units listen to: their strongest connections, and where on a map these begin."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.axes import MOST_AXES, Shape, as_maps
from reportgen.snapshot import Doubles, Floats, Integers, Layer

STRONGEST = 5


@dataclass(frozen=True)
class Connection:
    """One weight of a dense unit, and what it is multiplied with."""

    weight: float
    unit: int
    """The unit of the layer that it comes from."""
    place: tuple[int, int] | None
    """(row, column) on that unit's map; None where the unit is a single number."""


@dataclass(frozen=True, eq=False)
class ConnectionStudy:
    """The connections of one dense layer."""

    source: int
    """Index of the layer whose units the connections come from, seen through flattening and dropout; 0 for the
    network's input."""
    strongest: tuple[tuple[Connection, ...], ...]
    """For each unit its five strongest connections by size, strongest first; those not finite come last."""
    places: Floats | None
    """(units, height, width): root of the summed squares of a unit's weights at each place, or None."""


def connection_study(layer: Layer, layers: tuple[Layer, ...], input_shape: Shape = ()) -> ConnectionStudy | None:
    """Return the connections of a dense layer, None for any other layer.

    None as well where it is not known in what order the numbers come that the weights are multiplied with.

    Args:
        layer: the layer.
        layers: all layers of its network.
        input_shape: of the network's input, units last; empty where it is not known.
    """
    kernel = next((w.values for w in layer.weights if w.values.ndim == 2), None)
    if layer.kind != "Dense" or kernel is None or not kernel.size or len(layer.inputs) != 1:
        return None
    # Of a quantised layer several numbers may be packed into one.
    if kernel.shape[1] != layer.output_shape[-1] or any(each.name == "kernel_scale" for each in layer.weights):
        return None
    source, shape, known = _source(layer, layers, input_shape)
    laid_out = len(shape) > 1 and int(np.prod(shape)) == kernel.shape[0]
    if not known or not (laid_out or not shape or shape[-1] == kernel.shape[0]):
        return None
    layout = _layout(shape) if laid_out else None
    grid = None if layout is None else np.stack(np.unravel_index(np.argsort(layout, axis=None), layout.shape))
    strongest = tuple(_strongest(np.ascontiguousarray(column), grid) for column in kernel.T)
    return ConnectionStudy(source, strongest, None if layout is None else _places(kernel, layout))


def _source(layer: Layer, layers: tuple[Layer, ...], input_shape: Shape) -> tuple[int, tuple[int, ...], bool]:
    """Return the nearest layer before that changes numbers, its shape, and whether that tells their order."""
    by_index = {each.index: each for each in layers}
    index = layer.inputs[0]
    while index in by_index and by_index[index].kind in UNCHANGING and by_index[index].inputs:
        index = by_index[index].inputs[0]
    found = by_index.get(index)
    shape = found.output_shape if found else input_shape if index == 0 else ()
    # Whether flattening moves the first units to the end is a setting of its own.
    in_order = len(shape) <= MOST_AXES and not (found and found.units_first and len(shape) > 1)
    return index, tuple(side or 0 for side in shape), in_order


def _layout(shape: tuple[int, ...]) -> Integers:
    """Return which number of a flattened output stands at each place of its maps, (height, width, units)."""
    numbers = np.arange(int(np.prod(shape)), dtype=np.int64)
    return np.asarray(as_maps(numbers.reshape(1, *shape))[0], np.int64)


def _strongest(weights: Floats, grid: Integers | None) -> tuple[Connection, ...]:
    size = np.where(np.isfinite(weights), np.abs(weights), -1)
    last = max(len(size) - STRONGEST, 0)
    # A full sort of every unit's weights would take minutes in the largest networks.
    among = np.flatnonzero(size >= np.partition(size, last)[last]) if len(size) else np.arange(0)
    order = among[np.argsort(-size[among], kind="stable")][:STRONGEST]
    return tuple(_connection(float(weights[index]), int(index), grid) for index in order)


def _connection(weight: float, index: int, grid: Integers | None) -> Connection:
    if grid is None:
        return Connection(weight, index, None)
    row, column, unit = grid[:, index].tolist()
    return Connection(weight, unit, (row, column))


def _places(kernel: Floats, layout: Integers) -> Floats:
    weights = np.where(np.isfinite(kernel), kernel, 0)[layout]
    energy: Doubles = np.einsum("hwcu,hwcu->uhw", weights, weights, dtype=np.float64)
    # A float32 holds no more; only weights that are huge come there.
    return np.minimum(np.sqrt(energy), np.finfo(np.float32).max).astype(np.float32)
