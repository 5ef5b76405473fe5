"""What a dense layer's units listen to: their strongest connections, and where on a map these begin."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.snapshot import Doubles, Floats, Layer

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
    """Index of the layer whose units the connections come from, seen through flattening and dropout."""
    strongest: tuple[tuple[Connection, ...], ...]
    """For each unit its five strongest connections by size, strongest first; those not finite come last."""
    places: Floats | None
    """(units, height, width): root of the summed squares of a unit's weights at each place, or None."""


def connection_study(layer: Layer, layers: tuple[Layer, ...]) -> ConnectionStudy | None:
    """Return the connections of a dense layer, None for any other layer."""
    kernel = next((w.values for w in layer.weights if w.values.ndim == 2), None)
    if layer.kind != "Dense" or kernel is None or len(layer.inputs) != 1:
        return None
    source, shape = _source(layer, layers)
    grid = shape if len(shape) == 3 and int(np.prod(shape)) == kernel.shape[0] else None
    strongest = tuple(_strongest(np.ascontiguousarray(column), grid) for column in kernel.T)
    return ConnectionStudy(source, strongest, _places(kernel, grid) if grid else None)


def _source(layer: Layer, layers: tuple[Layer, ...]) -> tuple[int, tuple[int, ...]]:
    """Return the nearest layer before that is more than a change of shape, and its output's shape."""
    by_index = {each.index: each for each in layers}
    index = layer.inputs[0]
    while index in by_index and by_index[index].kind in UNCHANGING and by_index[index].inputs:
        index = by_index[index].inputs[0]
    shape = by_index[index].output_shape if index in by_index else ()
    return index, tuple(side or 0 for side in shape)


def _strongest(weights: Floats, grid: tuple[int, ...] | None) -> tuple[Connection, ...]:
    size = np.where(np.isfinite(weights), np.abs(weights), -1)
    last = max(len(size) - STRONGEST, 0)
    # A full sort of every unit's weights would take minutes in the largest networks.
    among = np.flatnonzero(size >= np.partition(size, last)[last]) if len(size) else np.arange(0)
    order = among[np.argsort(-size[among], kind="stable")][:STRONGEST]
    return tuple(_connection(float(weights[index]), int(index), grid) for index in order)


def _connection(weight: float, index: int, grid: tuple[int, ...] | None) -> Connection:
    if grid is None:
        return Connection(weight, index, None)
    row, column, unit = np.unravel_index(index, grid)
    return Connection(weight, int(unit), (int(row), int(column)))


def _places(kernel: Floats, grid: tuple[int, ...]) -> Floats:
    weights = np.where(np.isfinite(kernel), kernel, 0).reshape(*grid, kernel.shape[1])
    energy: Doubles = np.einsum("hwcu,hwcu->uhw", weights, weights, dtype=np.float64)
    return np.sqrt(energy).astype(np.float32)
