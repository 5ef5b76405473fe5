"""How much of a large network a report shows, so that its files stay few and its pages small.

It does not know what is shown of a unit or a layer, nor where.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

UNITS_A_PAGE = 64
"""Units with an entry on one page; the others of a layer follow on further pages."""
UNITS_A_LAYER = 256
"""Units of a layer that have an entry, at most."""
UNITS = 1024
"""Units of all layers together that have an entry, at most."""
SHEETS = 2000
"""Pictures of maps, at most: so many layers have maps as that allows, the first, the last, and some between."""
SHEETS_A_PICTURE = 5
"""Of one layer and picture: its maps after and before training, each on two scales, and the strongest answers."""
LAYERS = 200
"""Layers with maps, however few the pictures."""
SPACES = 24
"""Layers whose space is drawn, at most."""
CLAIMS = 8
"""Claims of one kind on a page about all layers, at most; those of a layer all stand on its own page."""
FILTERS = 16
"""Filters of a layer that are shown even where none of its units has an entry."""
SLICES = 64
"""Inputs and filters whose slices are drawn, at most."""
SIDE = 64
"""Pixels of a map that are drawn down and across, at most: of a larger one every so many-th."""
TABLED_WEIGHTS = 50_000
"""Weights of filters that are listed one by one in tables, over all layers in their order."""


def units_shown(units: Mapping[int, int], pictures: int, ends: Collection[int] = ()) -> dict[int, int]:
    """Return how many units of each layer have an entry; a layer whose outputs are not shown has none.

    The ends get a whole page. All others get the same number, and what a narrow one does not need is there for the
    rest of them.

    Args:
        units: how many there are, by the layer's index.
        pictures: that are sent through the network.
        ends: layers that are shown whatever the others are.
    """
    most = min(LAYERS, SHEETS // (SHEETS_A_PICTURE * max(pictures, 1)))
    pictured = {*evenly(tuple(units), most), *ends}
    first = {index: min(units[index], UNITS_A_PAGE) if index in ends else 0 for index in pictured}
    rest = {index: min(units[index], UNITS_A_LAYER) - first[index] for index in pictured}
    share = _even_share(list(rest.values()), UNITS - sum(first.values()))
    return {index: first[index] + min(rest[index], share) if index in rest else 0 for index in units}


def evenly(items: tuple[Item, ...], most: int) -> tuple[Item, ...]:
    """Return all items, or so many at equal distances, the first and the last among them."""
    if len(items) <= most:
        return items
    return tuple(items[place] for place in np.unique(np.linspace(0, len(items) - 1, most).round().astype(int)))


def step_of(height: int, width: int) -> int:
    """Return every how many-th pixel of a map is drawn."""
    return -(-max(height, width, 1) // SIDE)


def weights_tabled(weights: Mapping[int, int]) -> frozenset[int]:
    """Return the layers whose filters are listed weight by weight: in their order, as long as there is room."""
    found, room = set[int](), TABLED_WEIGHTS
    for index, count in weights.items():
        if count <= room:
            found.add(index)
            room -= count
    return frozenset(found)


def _even_share(counts: list[int], total: int) -> int:
    """Return the largest number of which no more than a total is used when each count takes at most that."""
    rest = sorted(counts)
    while rest and rest[0] * len(rest) <= total:
        total -= rest.pop(0)
    return total // len(rest) if rest else UNITS_A_LAYER
