"""Turns a chart into the bytes of a picture; knows neither files nor pages, and puts no words into pictures.

Grids of values become images with one pixel a value; charts with axes become vector drawings that fill their
canvas to the edges, so that a page can lay its numbers over them at shares of the width and the height.
"""

import io
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reportgen.analysis.charts import (
    CARD_SIZE,
    PLOT_SIZE,
    SCALE_SIZE,
    SCATTER_SIDE,
    Card,
    Chart,
    ClassColours,
    ColourScale,
    Curves,
    Histogram,
    Mask,
    Matrix,
    Photograph,
    PhotoGrid,
    Raster,
    Ridge,
    Scatter,
    Series,
    TileGrid,
    card_boxes,
    size_of,
)
from reportgen.snapshot import Doubles, read_only

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Bytes = NDArray[np.uint8]

LEVELS = 256
MOST_DOTS = 48
"""A line of more points is drawn without dots: they would touch."""
CLASS_COLOURS = "petroff10"
"""Ten colours that can be told apart, also by the colour-blind (Petroff 2021); more classes begin anew."""
DOT = 2
"""Pixels of a scatter's point on each side of its middle."""
COLOUR_MAPS = {"sequential": "magma", "diverging": "RdBu_r", "grey": "gray"}
DRAWING_ORDER = ("twin", "second", "trained")
FIXED_SETTINGS = {"svg.hashsalt": "reportgen", "path.simplify": False}
"""On top of matplotlib's own defaults, which replace the user's: a drawing depends on its chart alone."""
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))

_one_drawing_at_a_time = threading.Lock()
"""Matplotlib's settings belong to the whole process."""


@dataclass(frozen=True)
class Style:
    """The colours of one theme, and how opaque its bands are."""

    name: str
    paper: str
    ink: str
    soft: str
    rule: str
    faint: str
    accent: str
    """The trained network."""
    twin: str
    """The untrained network, or chance."""
    tint: float
    """Opacity of a band in `accent` or `ink`."""
    band: float
    """Opacity of a band in `twin`."""


LIGHT = Style(
    name="light",
    paper="#faf6ee",
    ink="#1c1916",
    soft="#5f574d",
    rule="#d8cfc0",
    faint="#efe8db",
    accent="#a3371a",
    twin="#857b6e",
    tint=0.15,
    band=0.25,
)
DARK = Style(
    name="dark",
    paper="#0e1218",
    ink="#ece5d8",
    soft="#b0a89b",
    rule="#2d333d",
    faint="#191f28",
    accent="#ff9b73",
    twin="#8f8a82",
    tint=0.2,
    band=0.3,
)


@dataclass(frozen=True)
class _Pen:
    """How the line of one role is drawn; widths in units of the canvas."""

    colour: str
    fill: str
    """The inside of a dot."""
    width: float
    dot: float
    opacity: float
    """Of the band around the line."""
    dashes: str | tuple[float, tuple[float, float]] = "solid"


def prepare() -> None:
    """Load what drawing needs, so that the first picture does not have to wait for it."""
    from matplotlib import style
    from matplotlib.backends import backend_svg
    from matplotlib.figure import Figure

    _ = style, backend_svg, Figure


def draw(chart: Chart, style: Style) -> bytes:
    """Return a chart's picture as the bytes of a PNG or SVG file; the same chart gives the same bytes.

    Raises:
        ValueError: the picture would have no pixels.
    """
    if isinstance(chart, Histogram | Curves | Ridge):
        return _svg(lambda axes: _plot(axes, chart, style))
    return _raster(chart)


def _plot(axes: "Axes", chart: Histogram | Curves | Ridge, style: Style) -> None:
    match chart:
        case Histogram():
            _histogram(axes, chart, style)
        case Curves():
            _curves(axes, chart, style)
        case Ridge():
            _ridge(axes, chart, style)


def _raster(chart: Raster) -> bytes:
    match chart:
        case Card():
            return _card(chart)
        case ColourScale():
            return _coloured(np.linspace(0, 1, SCALE_SIZE[0])[None], chart.palette)
        case ClassColours():
            return _classes(np.arange(1, chart.classes + 1)[None])
        case TileGrid():
            return _coloured(_tiled(chart), chart.palette)
        case PhotoGrid():
            return _photographs(chart)
        case Photograph():
            return _photograph(chart)
        case Scatter():
            return _classes(_scattered(chart))
        case Matrix():
            return _coloured(_shares(chart.values, np.array(chart.limits), chart.palette), chart.palette)


def _shares(values: NDArray[np.floating], limits: Doubles, palette: str) -> Doubles:
    """Return where values stand between their limits, clipped to [0, 1]; missing values stay missing.

    Limits that leave no room, or are not finite, put everything at the low end, or in a diverging map's middle.
    """
    low, high = limits[..., 0], limits[..., 1]
    exact = values.astype(np.float64)
    with np.errstate(all="ignore"):
        room = high - low
        shares = np.where((room > 0) & np.isfinite(room), (exact - low) / room, _no_room(palette))
    return np.where(np.isnan(exact), np.nan, np.clip(shares, 0, 1))


def _no_room(palette: str) -> float:
    return 0.5 if palette == "diverging" else 0.0


def _levels(shares: Doubles) -> NDArray[np.int64]:
    """Return 1…256 for shares of a colour map from its low to its high end, and 0 for what is missing."""
    steps = np.minimum(np.nan_to_num(shares) * LEVELS, LEVELS - 1).astype(np.int64) + 1
    return np.where(np.isnan(shares), 0, steps)


@cache
def _colours(palette: str) -> Bytes:
    """Return (257, 4) colours: clear for what is missing, then those of a colour map."""
    import matplotlib

    colour_map = matplotlib.colormaps[COLOUR_MAPS[palette]]
    colours = np.rint(np.asarray(colour_map(np.arange(LEVELS))) * 255).astype(np.uint8)
    return read_only(np.vstack([np.zeros((1, 4), np.uint8), colours]))


def _tiled(grid: TileGrid) -> Doubles:
    """Return the whole grid's shares; gaps, and cells after the last tile, are missing and not dark."""
    tiles = _shares(grid.tiles, grid.limits[:, None, None, :], grid.palette)
    return _laid_out(tiles[..., None], grid)[:, :, 0]


def _laid_out(tiles: Doubles, grid: TileGrid | PhotoGrid) -> Doubles:
    """Return (tiles, height, width, channels) as one sheet, (height, width, channels)."""
    count, height, width, channels = tiles.shape
    rows = -(-count // grid.columns)
    cells = np.full((rows * grid.columns, height + grid.gap, width + grid.gap, channels), np.nan)
    cells[:count, :height, :width] = tiles
    sheet = cells.reshape(rows, grid.columns, *cells.shape[1:]).swapaxes(1, 2)
    whole = sheet.reshape(rows * cells.shape[1], grid.columns * cells.shape[2], channels)
    across, down = size_of(grid)
    return whole[:down, :across]


def _scattered(chart: Scatter) -> NDArray[np.int64]:
    """Return the numbers of the points' classes from 1 on, pixel by pixel, and 0 where there is no point."""
    canvas = np.zeros((SCATTER_SIDE, SCATTER_SIDE), np.int64)
    low, high = chart.points.min(axis=0), chart.points.max(axis=0)
    room = SCATTER_SIDE - 2 * DOT - 1
    shares = (chart.points - low) / np.where(high > low, high - low, 1)
    across, down = DOT + shares[:, 0] * room, DOT + (1 - shares[:, 1]) * room
    for x, y, number in zip(across.round().astype(int), down.round().astype(int), chart.classes, strict=True):
        canvas[y - DOT + 1 : y + DOT, x - DOT : x + DOT + 1] = number + 1
        canvas[y - DOT : y + DOT + 1, x - DOT + 1 : x + DOT] = number + 1
    return canvas


def _classes(numbers: NDArray[np.int64]) -> bytes:
    """Return numbers of classes from 1 on in their colours; 0 is clear."""
    import matplotlib
    from matplotlib.colors import to_rgba_array

    sequence = to_rgba_array(matplotlib.color_sequences[CLASS_COLOURS])
    colours = np.vstack([np.zeros((1, 4)), sequence])
    places = np.where(numbers > 0, (numbers - 1) % len(sequence) + 1, 0).astype(np.uint8)
    return _png("P", places, np.rint(colours * 255).astype(np.uint8))


def _card(chart: Card) -> bytes:
    """Return the parts on paper, each as large as its place allows and in the middle of it."""
    sheet = Image.new("RGB", CARD_SIZE, LIGHT.paper)
    for part, (left, top, width, height) in zip(chart.parts, card_boxes(len(chart.parts)), strict=True):
        picture = _resized(Image.open(io.BytesIO(_raster(part))).convert("RGBA"), width, height)
        sheet.paste(picture, (left + (width - picture.width) // 2, top + (height - picture.height) // 2), picture)
    return _png("RGB", np.asarray(sheet))


def _resized(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture enlarged to the largest whole multiple that fits, or made smaller by a whole number."""
    multiple = min(width // picture.width, height // picture.height)
    if multiple:
        size = (picture.width * multiple, picture.height * multiple)
        return picture.resize(size, Image.Resampling.NEAREST)
    return picture.reduce(max(-(-picture.width // width), -(-picture.height // height)))


def _photographs(grid: PhotoGrid) -> bytes:
    return _pictured(_laid_out(np.clip(grid.photos.astype(np.float64), 0, 1), grid))


def _photograph(chart: Photograph) -> bytes:
    return _pictured(_shares(chart.pixels, np.array([chart.low, chart.high]), "grey"))


def _pictured(shares: Doubles) -> bytes:
    """Return (height, width, channels) shares from black to white as a picture; missing ones are clear.

    Three channels are red, green and blue; of four the last is left out; any others are averaged to grey.
    """
    if shares.shape[2] == 4:
        shares = shares[:, :, :3]
    elif shares.shape[2] != 3:
        shares = shares.mean(axis=2, keepdims=True)
    missing = np.isnan(shares.sum(axis=2))
    pixels = np.maximum(_levels(shares) - 1, 0).astype(np.uint8)
    if shares.shape[2] == 1:
        return _grey(pixels[:, :, 0], missing)
    return (
        _png("RGBA", np.dstack([pixels, np.where(missing, 0, 255).astype(np.uint8)]))
        if missing.any()
        else _png("RGB", pixels)
    )


def _grey(pixels: Bytes, missing: Mask) -> bytes:
    """Return grey pixels without a palette, which would be most of a small file; missing ones are clear.

    A level that no pixel has stands for the missing ones; where all are used, the picture is written with alpha.
    """
    if not missing.any():
        return _png("L", pixels)
    unused = np.flatnonzero(np.bincount(pixels[~missing], minlength=LEVELS) == 0)
    if not unused.size:
        return _png("LA", np.dstack([pixels, np.where(missing, 0, 255).astype(np.uint8)]))
    return _png("L", np.where(missing, unused[0], pixels).astype(np.uint8), clear=int(unused[0]))


def _coloured(shares: Doubles, palette: str) -> bytes:
    """Return (height, width) shares in the colours of a palette, one pixel a share.

    A palette file holds 256 colours; only a picture that needs all of them and a clear one is written in full.
    """
    levels, colours = _levels(shares), _colours(palette)
    used = np.flatnonzero(np.bincount(levels.ravel(), minlength=LEVELS + 1))
    if used.size > LEVELS:
        return _png("RGBA", colours[levels])
    places = np.searchsorted(used, levels).astype(np.uint8)
    return _png("P", places, colours[used])


def _png(mode: str, pixels: Bytes, colours: Bytes | None = None, *, clear: int | None = None) -> bytes:
    """Return pixels as a PNG file, in a palette's colours where there is one; level `clear` is clear."""
    height, width = pixels.shape[:2]
    if not height * width:
        raise ValueError(f"a picture of {width} × {height} pixels")
    image = Image.frombytes(mode, (width, height), np.ascontiguousarray(pixels).tobytes())
    if colours is not None:
        image.putpalette(colours[:, :3].tobytes())
        clear = 0 if colours[0, 3] == 0 else None
    file = io.BytesIO()
    # An opaque picture needs no word on it.
    image.save(file, "PNG", **({"transparency": clear} if clear is not None else {}))
    return file.getvalue()


def _svg(plot: Callable[["Axes"], None]) -> bytes:
    """Return what `plot` draws on axes that run from 0 to 1 over the whole, transparent canvas."""
    from matplotlib import style
    from matplotlib.figure import Figure

    file = io.StringIO()
    with _one_drawing_at_a_time, style.context(["default", FIXED_SETTINGS]):
        figure = Figure(figsize=(PLOT_SIZE[0] / 72, PLOT_SIZE[1] / 72), dpi=72, frameon=False)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        plot(axes)
        figure.savefig(file, format="svg", transparent=True, metadata=NO_METADATA)
    return _bare(file.getvalue()).encode()


def _bare(svg: str) -> str:
    """Return a drawing without its prologue, which names a file elsewhere, and with its size in pixels."""
    width, height = PLOT_SIZE
    body = svg[svg.index("<svg") :]
    return body.replace(f'width="{width}pt" height="{height}pt"', f'width="{width}" height="{height}"', 1)


def _histogram(axes: "Axes", chart: Histogram, style: Style) -> None:
    """Draw counts at `chart.across` of their edges and `chart.upward` of themselves."""
    edges = chart.across(chart.edges)
    heights = chart.upward(chart.trained.astype(np.float64))
    _rules(axes, [0.0], style.soft)
    axes.stairs(heights, edges, fill=True, color=style.accent, linewidth=0, clip_on=False, gid="trained")
    if chart.untrained is not None:
        outline = chart.upward(chart.untrained.astype(np.float64))
        _outline(axes, outline, edges, style)


def _outline(axes: "Axes", heights: Doubles, edges: Doubles, style: Style) -> None:
    """Draw the outline of the bars that there are, on a rim that sets it off from the bars behind it."""
    bars = np.where(heights > 0, heights, np.nan)
    axes.stairs(bars, edges, color=style.paper, linewidth=4, clip_on=False, gid="rim")
    axes.stairs(bars, edges, color=style.ink, linewidth=2, clip_on=False, gid="twin")


def _ridge(axes: "Axes", chart: Ridge, style: Style) -> None:
    """Draw the rows from the back to the front, so that each hides what stands behind its bars."""
    edges = chart.across(chart.edges)
    for moment, shares in enumerate(chart.shares):
        colour = _blend(style.twin, style.accent, moment / max(len(chart.counts) - 1, 1))
        axes.stairs(
            chart.upward(moment, shares),
            edges,
            baseline=chart.baseline(moment),
            fill=True,
            facecolor=_blend(style.paper, colour, 2 * style.tint),
            edgecolor=colour,
            linewidth=1.5,
            zorder=1 + moment,
            clip_on=False,
            gid=f"moment-{moment}",
        )


def _blend(one: str, other: str, share: float) -> str:
    """Return the colour that stands at this share of the way from one to another."""
    from matplotlib.colors import to_hex, to_rgb

    ends = np.array([to_rgb(one), to_rgb(other)])
    return to_hex(tuple(ends[0] + share * (ends[1] - ends[0])))


def _rules(axes: "Axes", heights: Iterable[float], colour: str) -> None:
    """Draw fine lines across, below all else; one on the border stands inside, lest half of it be cut."""
    half = 0.5 / PLOT_SIZE[1]
    inside = [min(max(height, half), 1 - half) for height in heights if 0 <= height <= 1]
    ends = np.tile([0.0, 1.0, np.nan], len(inside)), np.repeat(inside, 3)
    axes.plot(*ends, color=colour, linewidth=1, zorder=0, clip_on=False, gid="rules")


def _curves(axes: "Axes", chart: Curves, style: Style) -> None:
    """Draw lines at `chart.across` and `chart.upward` of their values; twins lie lowest, then other measures."""
    _rules(axes, map(chart.upward, chart.grid), style.rule)
    lines = sorted(enumerate(chart.series), key=lambda line: DRAWING_ORDER.index(line[1].role))
    for _, line in lines:
        _band(axes, chart, line, _pen(line.role, style))
    for number, line in lines:
        _line(axes, chart, line, _pen(line.role, style), f"{line.role}-{number}")


def _pen(role: str, style: Style) -> _Pen:
    if role == "trained":
        return _Pen(style.accent, style.accent, width=3.5, dot=10, opacity=style.tint)
    if role == "second":
        return _Pen(style.ink, style.ink, width=2, dot=7, opacity=style.tint, dashes=(0, (6, 4)))
    return _Pen(style.twin, style.paper, width=2.5, dot=9, opacity=style.band)


def _band(axes: "Axes", chart: Curves, line: Series, pen: _Pen) -> None:
    """Fill between a line's low and high; a point without neighbours gets a narrow column."""
    if line.low is None or line.high is None:
        return
    across, low, high = chart.across, chart.upward(line.low), chart.upward(line.high)
    for start, stop in _runs(np.isfinite(low) & np.isfinite(high)):
        xs = across[start:stop] if stop - start > 1 else across[start] + np.array([-4, 4]) / PLOT_SIZE[0]
        lower, upper = (np.broadcast_to(side[start:stop], xs.shape) for side in (low, high))
        outline = np.append(xs, xs[::-1]), np.append(lower, upper[::-1])
        axes.fill(*outline, color=pen.colour, alpha=pen.opacity, linewidth=0, zorder=1, clip_on=False)


def _line(axes: "Axes", chart: Curves, line: Series, pen: _Pen, name: str) -> None:
    """Draw a line that breaks where a value is missing, with dots at its points."""
    axes.plot(
        chart.across,
        chart.upward(line.values),
        color=pen.colour,
        linewidth=pen.width,
        linestyle=pen.dashes,
        solid_capstyle="round",
        marker="o",
        markersize=pen.dot,
        markerfacecolor=pen.fill,
        markeredgecolor=pen.colour,
        markeredgewidth=pen.width if pen.fill != pen.colour else 0,
        markevery=_dots(line.values),
        zorder=2,
        clip_on=False,
        gid=name,
    )


def _dots(values: Doubles) -> list[int]:
    """Return which points get a dot: all, or in a long line only those that no line reaches."""
    return [
        point
        for start, stop in _runs(np.isfinite(values))
        for point in range(start, stop)
        if len(values) <= MOST_DOTS or stop - start == 1
    ]


def _runs(present: Mask) -> list[tuple[int, int]]:
    """Return (start, stop) of every stretch without a break."""
    borders = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in pairwise(borders) if present[start]]
