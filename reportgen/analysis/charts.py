"""The kinds of picture that a page can ask for, as data; how they are drawn is not known here."""

from dataclasses import dataclass, field
from math import ceil, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from reportgen.snapshot import Doubles, Floats, Integers

HEADROOM = 1.08
"""The upper edge of a chart with bars stands so many times as high as the largest."""
OVERLAP, FOOT = 3.0, 0.1
"""Heights of a row that a ridge chart has room for above the foot of the first row, and below that of the last."""

Number = TypeVar("Number", float, Doubles)


def share_between(value: Number, low: float, high: float) -> Number:
    """Return where a value stands between low (0) and high (1); the middle where the two are equal."""
    return (value - low) / (high - low) if high > low else value * 0 + 0.5


@dataclass(frozen=True, eq=False)
class Photograph:
    """A picture as the network gets it, one image pixel a pixel."""

    pixels: Floats
    """(height, width, 1) or (height, width, 3)."""
    low: float
    """The value drawn black."""
    high: float
    """The value drawn white."""


@dataclass(frozen=True, eq=False)
class TileGrid:
    """Many small maps in one image at one pixel a value, row by row, each on stated limits."""

    tiles: Floats
    """(tiles, height, width); a value that is not a number is drawn as missing."""
    limits: Doubles
    """(tiles, 2): the values at the two ends of the colour map; what lies beyond is drawn at the end."""
    palette: str
    """`sequential` (from zero), `diverging` (around zero) or `grey`."""
    columns: int = 1
    gap: int = 0
    """Pixels between tiles, transparent."""


@dataclass(frozen=True, eq=False)
class PhotoGrid:
    """Many small pictures of one size in one image at one pixel a pixel, row by row."""

    photos: Floats
    """(photos, height, width, 1 or 3) from 0, drawn black, to 1, drawn white; not a number is drawn as missing."""
    columns: int = 1
    gap: int = 0
    """Pixels between photos, transparent."""


@dataclass(frozen=True, eq=False)
class Scatter:
    """Points of several classes in a square, each a few pixels large and in the colour of its class."""

    points: Floats
    """(points, 2): across and upwards."""
    classes: Integers
    """(points,)"""


@dataclass(frozen=True, eq=False)
class ClassColours:
    """The colours of the classes of a `Scatter`, one pixel each, from left to right."""

    classes: int


@dataclass(frozen=True, eq=False)
class ColourScale:
    """A colour map from its low to its high end, 64 × 1 pixels."""

    palette: str


@dataclass(frozen=True, eq=False)
class Histogram:
    """One or two sets of counts on the same bins."""

    edges: Doubles
    """(bins + 1,)"""
    trained: Integers
    """(bins,)"""
    untrained: Integers | None

    @property
    def top(self) -> float:
        """The count at the upper edge of the chart; the lower edge is zero."""
        counts = self.trained if self.untrained is None else np.append(self.trained, self.untrained)
        return HEADROOM * float(counts.max(initial=0)) or 1.0

    def across(self, value: Number) -> Number:
        """Return where a value stands in the chart's width: 0 at the first edge, 1 at the last."""
        return share_between(value, float(self.edges[0]), float(self.edges[-1]))

    def upward(self, count: Number) -> Number:
        """Return where a count stands in the chart's height: 0 at the bottom, 1 at `top`."""
        return share_between(count, 0.0, self.top)


@dataclass(frozen=True, eq=False)
class Series:
    """One line of a chart, with its uncertainty where it is known."""

    role: str
    """`trained`, `twin`, or `second` for another measure of the trained network."""
    values: Doubles
    """(points,); not a number where there is no value."""
    low: Doubles | None = None
    high: Doubles | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over the same points, which stand at equal distances or at `positions`."""

    series: tuple[Series, ...]
    limits: tuple[float, float]
    """The values at the bottom and the top of the chart."""
    grid: tuple[float, ...]
    """Values at which a fine line crosses the chart."""
    positions: Doubles = field(default_factory=lambda: np.zeros(0))
    """(points,) in [0, 1]: shares of the chart's width; empty for equal distances."""

    @property
    def across(self) -> Doubles:
        """Where the points stand in the chart's width, (points,): `positions`, else the middles of equal parts."""
        points = max((len(line.values) for line in self.series), default=0)
        return self.positions if self.positions.size else (np.arange(points) + 0.5) / max(points, 1)

    def upward(self, value: Number) -> Number:
        """Return where a value stands in the chart's height: 0 at the lower limit, 1 at the upper."""
        return share_between(value, *self.limits)


@dataclass(frozen=True, eq=False)
class Ridge:
    """One distribution over time: rows of bars one behind the other, the oldest on top and farthest behind.

    Each row is drawn as shares of its own sum, and all on one scale.
    """

    edges: Doubles
    """(bins + 1,)"""
    counts: Integers
    """(moments, bins), the oldest moment first."""

    @property
    def shares(self) -> Doubles:
        """The counts as shares of their row's sum, (moments, bins); zero in a row of zeros."""
        counts = self.counts.astype(np.float64)
        sums = counts.sum(axis=1, keepdims=True)
        shares: Doubles = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
        return shares

    @property
    def top(self) -> float:
        """The share whose bar is three rows high; in the first row it would reach the upper edge."""
        return HEADROOM * float(self.shares.max(initial=0)) or 1.0

    def across(self, value: Number) -> Number:
        """Return where a value stands in the chart's width: 0 at the first edge, 1 at the last."""
        return share_between(value, float(self.edges[0]), float(self.edges[-1]))

    def baseline(self, moment: int) -> float:
        """Return where the foot of a moment's row stands in the chart's height: 0 at the bottom, 1 at the top."""
        return (len(self.counts) - 1 - moment + FOOT) * self._step

    def upward(self, moment: int, share: Number) -> Number:
        """Return where the top of a bar of this share stands in the chart's height."""
        return self.baseline(moment) + share * (OVERLAP * self._step / self.top)

    @property
    def _step(self) -> float:
        return 1 / (len(self.counts) - 1 + FOOT + OVERLAP)


@dataclass(frozen=True, eq=False)
class Matrix:
    """A table of numbers as coloured cells, one pixel a cell, on one scale."""

    values: Floats
    """(rows, columns)"""
    limits: tuple[float, float]
    palette: str


@dataclass(frozen=True, eq=False)
class Card:
    """Pictures laid out on one sheet of paper, to be shown with a link to the site.

    The first stands on the left, the others beside it in a square; one alone has the whole sheet.
    """

    parts: tuple[Photograph | TileGrid | PhotoGrid, ...]


Raster = Card | Photograph | TileGrid | PhotoGrid | ColourScale | ClassColours | Scatter | Matrix
"""Pictures made of pixels, the same in both themes."""
Chart = Raster | Histogram | Curves | Ridge

Mask = NDArray[np.bool_]

PLOT_SIZE = (720, 288)
"""Width and height of a chart with axes, in units of its own."""
SCALE_SIZE = (64, 1)
CARD_SIZE = (1200, 630)
"""What those who show links ask for."""
CARD_MARGIN, CARD_GAP = 63, 24
"""Pixels around the parts of a card, and between those on its right; two squares fit beside each other."""
SCATTER_SIDE = 140
"""Pixels of a scatter's sides."""


def size_of(chart: Chart) -> tuple[int, int]:
    """Return the width and height of a chart's picture in pixels, known before it is drawn."""
    if isinstance(chart, Photograph):
        return chart.pixels.shape[1], chart.pixels.shape[0]
    if isinstance(chart, Card):
        return CARD_SIZE
    if isinstance(chart, Matrix):
        return chart.values.shape[1], chart.values.shape[0]
    if isinstance(chart, TileGrid):
        return _grid_size(chart.tiles.shape[:3], chart.columns, chart.gap)
    if isinstance(chart, PhotoGrid):
        return _grid_size(chart.photos.shape[:3], chart.columns, chart.gap)
    if isinstance(chart, Scatter):
        return SCATTER_SIDE, SCATTER_SIDE
    if isinstance(chart, ClassColours):
        return chart.classes, 1
    return SCALE_SIZE if isinstance(chart, ColourScale) else PLOT_SIZE


def card_boxes(parts: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return where the parts of a card stand, each as (left, top, width, height) in pixels."""
    width, height = CARD_SIZE
    side = height - 2 * CARD_MARGIN
    if parts == 1:
        return ((CARD_MARGIN, CARD_MARGIN, width - 2 * CARD_MARGIN, side),)
    columns = ceil(sqrt(parts - 1))
    small = (side - (columns - 1) * CARD_GAP) // columns
    step, start = small + CARD_GAP, width - CARD_MARGIN - side
    places = (divmod(number, columns) for number in range(parts - 1))
    right = ((start + column * step, CARD_MARGIN + row * step, small, small) for row, column in places)
    return ((CARD_MARGIN, CARD_MARGIN, side, side), *right)


def card_grid(tiles: int, size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return the columns and rows of tiles, one pixel apart, of which a box shows many and large.

    Pixels are enlarged to whole multiples, and all rows are full, so that some tiles may be left out.
    """
    grids = ((across, down) for across in range(1, tiles + 1) for down in range(1, tiles // across + 1))
    return max(grids, key=lambda grid: _covered(grid, size, box) * grid[0] * grid[1])


def _covered(grid: tuple[int, int], size: tuple[int, int], box: tuple[int, int]) -> int:
    width, height = (count * (side + 1) - 1 for count, side in zip(grid, size, strict=True))
    multiple = min(box[0] // width, box[1] // height)
    return multiple**2 * width * height


def is_themed(chart: Chart) -> bool:
    """Return whether a chart is drawn once for light and once for dark pages."""
    return isinstance(chart, Histogram | Curves | Ridge)


def _grid_size(shape: tuple[int, ...], columns: int, gap: int) -> tuple[int, int]:
    """Return the width and height of a grid of (tiles, height, width)."""
    tiles, height, width = shape
    rows = -(-tiles // columns)
    return max(columns * (width + gap) - gap, 0), max(rows * (height + gap) - gap, 0)
