"""What a layer's units made of the pictures: scales for its maps, and units that are dead, silent or tiny."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.charts import Mask
from reportgen.snapshot import Doubles, Floats, Integers, Layer, Observed, Responses

CLIPPED_FROM = 99.5
"""Percentile of the values at which a layer's colour scale ends."""
SILENT_BELOW = 0.01
"""A unit is silent when it answers in fewer than this share of the pictures."""
TINY_BELOW = 0.01
"""A unit is tiny when its strongest answer is below this share of the layer's strongest."""


FOLDED_AT = 64
"""Columns of a strip at which it is folded: a phone shows no more."""
UNCHANGING = frozenset(
    {"Flatten", "Reshape", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"}
    | {"AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity"}
)
"""Kinds of layers that hand on the numbers that they get, at most in another shape."""


@dataclass(frozen=True)
class MapScale:
    """The colour scale of all maps of one layer."""

    low: float
    high: float
    palette: str
    """`sequential` from zero where nothing is negative, else `diverging` around zero."""
    clipped: float
    """Share of the shown values that lie beyond the scale."""


@dataclass(frozen=True, eq=False)
class UnitStates:
    """Which units of a layer hardly work, counted over all the pictures; every array is (units,)."""

    dead: Mask
    """Never answered: the same value at every place of every picture. One picture alone cannot show it."""
    silent: Mask
    """Exceeded zero in fewer than one picture in a hundred, but not dead."""
    tiny: Mask
    """Alive, but the strongest answer is below a hundredth of the layer's strongest."""
    silent_share: Doubles
    """Share of all places where the unit was exactly zero."""


@dataclass(frozen=True, eq=False)
class MapStudy:
    """The maps of one layer, after training and before, and what its units do over all the pictures."""

    scale: MapScale
    states: UnitStates
    states_before: UnitStates
    selectivity: Doubles
    """(units,): class selectivity; not a number where it is not defined."""
    selectivity_before: Doubles


def map_study(layer: Layer) -> MapStudy | None:
    """Return what can be said of a layer's outputs, None where there are none."""
    if layer.trained is None or layer.untrained is None or not len(layer.trained.responses.mean):
        return None
    after, before = layer.trained.responses, layer.untrained.responses
    return MapStudy(
        scale=map_scale(layer.trained),
        states=unit_states(after),
        states_before=unit_states(before),
        selectivity=class_selectivity(after),
        selectivity_before=class_selectivity(before),
    )


def map_scale(observed: Observed) -> MapScale:
    """Return one scale for all maps of a layer: up to the 99.5th percentile of the sizes above zero."""
    values = observed.maps[np.isfinite(observed.maps)]
    size = np.abs(values[values != 0])
    high = float(np.percentile(size, CLIPPED_FROM)) if size.size else 1.0
    negative = bool(values.size) and bool((values < 0).any())
    clipped = float(np.mean(np.abs(values) > high)) if values.size else 0.0
    return MapScale(-high if negative else 0.0, high, "diverging" if negative else "sequential", clipped)


def own_limits(maps: Floats, scale: MapScale) -> Doubles:
    """Return limits for each map of (maps, height, width) by itself: (maps, 2).

    A map in which nothing answers keeps the layer's scale, so that silence stays dark.
    """
    largest = np.where(np.isfinite(maps), np.abs(maps), 0).max(axis=(1, 2)).astype(np.float64)
    high = np.where(largest > 0, largest, scale.high)
    return np.stack([-high if scale.low < 0 else np.zeros_like(high), high], axis=1)


def stretch(limits: Doubles, scale: MapScale) -> Doubles:
    """Return how many times brighter each map is drawn on its own limits than on the layer's scale, (maps,)."""
    return np.asarray(scale.high / limits[:, 1], np.float64)


def unit_states(responses: Responses) -> UnitStates:
    """Return which units are dead, silent or tiny, counted over all the pictures of the survey."""
    dead = (responses.maximum == responses.minimum) & (responses.pictures > 1)
    answers = responses.positive_pictures / max(responses.pictures, 1)
    strongest = np.maximum(np.abs(responses.maximum), np.abs(responses.minimum))
    silent = ~dead & (answers < SILENT_BELOW)
    tiny = ~dead & (strongest < TINY_BELOW * strongest[np.isfinite(strongest)].max(initial=0.0))
    share = responses.zeros / max(responses.pictures * responses.places, 1)
    return UnitStates(dead=dead, silent=silent, tiny=tiny, silent_share=share)


def class_selectivity(responses: Responses) -> Doubles:
    """Return each unit's class selectivity, (units,): (μ_max − μ_rest) / (μ_max + μ_rest).

    μ_max is the mean answer to the favourite class, μ_rest the mean over the others (Morcos et al. 2018, On the
    importance of single directions for generalization). It is defined for answers that are never negative; a
    dead unit has none, because nothing is not a preference. Classes without pictures are left out.
    """
    means = responses.class_means[pictured_classes(responses)]
    if len(means) < 2:
        return np.full(responses.mean.shape, np.nan)
    favourite = means.max(axis=0)
    with np.errstate(invalid="ignore"):  # a unit's answers may be infinite or not a number
        rest = (means.sum(axis=0) - favourite) / (len(means) - 1)
    alive = (responses.minimum >= 0) & (responses.maximum > responses.minimum)
    defined = alive & (favourite + rest > 0) & np.isfinite(favourite + rest)
    share = np.full(favourite.shape, np.nan)
    np.divide(favourite - rest, favourite + rest, out=share, where=defined)
    return share


def pictured_classes(responses: Responses) -> Integers:
    """Return the classes of which there were pictures: those in which any unit has a mean answer."""
    return np.flatnonzero(~np.isnan(responses.class_means).all(axis=1))


def strongest_map(maps: Floats) -> Floats:
    """Return the largest answer of any unit at each place: (height, width) from (height, width, units)."""
    return np.asarray(maps.max(axis=2), np.float32)


def is_spatial(layer: Layer) -> bool:
    """Return whether a layer's outputs are maps, and not single numbers."""
    return layer.trained is not None and layer.trained.maps.ndim == 4 and layer.trained.maps.size > 0


def folded(tiles: Floats, axis: int = 2) -> Floats:
    """Return long strips, one row high, folded into rows of 64 columns; the end of the last row is missing.

    Args:
        tiles: (…, 1, columns, …); anything of more rows or of fewer columns stays as it is.
        axis: the number of the axis of the columns; that of the rows stands before it.
    """
    height, width = tiles.shape[axis - 1 : axis + 1]
    if height != 1 or width <= FOLDED_AT:
        return tiles
    rows = -(-width // FOLDED_AT)
    room = [(0, rows * FOLDED_AT - width if each == axis else 0) for each in range(tiles.ndim)]
    whole = np.pad(tiles, room, constant_values=np.nan)
    return whole.reshape(*tiles.shape[: axis - 1], rows, FOLDED_AT, *tiles.shape[axis + 1 :])
