"""Synthetic pictures of one thing each: bars, edges, gratings, dots, and flat grey. It does not know who looks.

An angle is the direction in which a bar, an edge or a stripe runs, in degrees counter-clockwise from the right as
one sees it on the picture: 0 lies level, 45 runs up to the right, 90 stands upright, 135 runs up to the left. Bars
and gratings have angles below 180. An edge has one below 360: whoever walks along it has the bright side on the
left, so that it is bright above at 0, on the left at 90, below at 180, on the right at 270.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.snapshot import Doubles, Floats, Integers, read_only

BAR, EDGE, GRATING, DOT, FLAT = "bar", "edge", "grating", "dot", "flat"
STEP = 15
"""Degrees from one angle to the next."""
UNSCALED = 28
"""Pixels of the shorter side of a picture for which the next sizes are; others get them in proportion."""
BAR_WIDTHS = (1, 2, 4)
PERIODS = (4, 8)
SHORTEST_PERIOD = 4
"""Pixels below which the samples of a wave are too few to tell its angle."""
DOT_WIDTHS = (2, 4, 8)
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the flat pictures, from the darkest to the brightest; the first is the empty ground."""


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Synthetic pictures, and what is on each; every array has one entry a picture."""

    pixels: Floats
    """(pictures, height, width, channels), between the darkest and the brightest pixel; all channels are alike."""
    kinds: tuple[str, ...]
    """`bar`, `edge`, `grating`, `dot` or `flat`."""
    angle: Doubles
    """Degrees, see above; not a number for dots and flat pictures."""
    width: Doubles
    """Pixels across a bar or a dot, or from stripe to stripe of a grating; 0 for edges and flat pictures."""
    contrast: Integers
    """1 for bright bars and dots on a dark ground, −1 for dark ones on a bright one, 0 for what has no ground."""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """One picture: how bright each pixel is, from 0 to 1, and what is on it."""

    brightness: Doubles
    kind: str
    angle: float = float("nan")
    width: int = 0
    contrast: int = 0


def stimuli(height: int, width: int, channels: int, low: float, high: float) -> Stimuli:
    """Return the synthetic pictures of one size, with pixels between `low` and `high`.

    There are 131 of them, fewer for small pictures, in which several sizes come out as the same number of pixels.
    All are centred, as closely as their sharp borders can lie between whole pixels. A pixel that a border crosses
    is as bright as the share of it that is covered, taken across the border.
    """
    drawn = [*_edges(height, width), *_bars(height, width), *_gratings(height, width)]
    drawn += [*_dots(height, width), *_flats(height, width)]
    brightness = np.stack([each.brightness for each in drawn])[..., None]
    pixels = (low + (high - low) * np.repeat(brightness, channels, axis=-1)).astype(np.float32)
    return Stimuli(
        pixels=read_only(pixels),
        kinds=tuple(each.kind for each in drawn),
        angle=read_only(np.array([each.angle for each in drawn])),
        width=read_only(np.array([each.width for each in drawn], np.float64)),
        contrast=read_only(np.array([each.contrast for each in drawn], np.int64)),
    )


def chosen(pictures: Stimuli, kinds: Iterable[str]) -> Stimuli:
    """Return the pictures of some kinds alone, in their order."""
    columns = columns_of(pictures, kinds)
    return Stimuli(
        pixels=read_only(pictures.pixels[columns]),
        kinds=tuple(pictures.kinds[column] for column in columns),
        angle=read_only(pictures.angle[columns]),
        width=read_only(pictures.width[columns]),
        contrast=read_only(pictures.contrast[columns]),
    )


def columns_of(pictures: Stimuli, kinds: Iterable[str]) -> Integers:
    """Return the numbers of the pictures of some kinds, in their order."""
    wanted = set(kinds)
    return np.array([number for number, kind in enumerate(pictures.kinds) if kind in wanted], np.int64)


def _edges(height: int, width: int) -> Iterator[_Drawn]:
    for angle in range(0, 360, STEP):
        yield _Drawn(_covered(_across(height, width, angle, thickness=2)), EDGE, angle)


def _bars(height: int, width: int) -> Iterator[_Drawn]:
    for thickness in _scaled(BAR_WIDTHS, height, width):
        for contrast in (1, -1):
            for angle in range(0, 180, STEP):
                away = np.abs(_across(height, width, angle, thickness))
                bright = _covered(thickness / 2 - away)
                yield _Drawn(bright if contrast > 0 else 1 - bright, BAR, angle, thickness, contrast)


def _gratings(height: int, width: int) -> Iterator[_Drawn]:
    for period in _scaled(PERIODS, height, width, smallest=SHORTEST_PERIOD):
        for angle in range(0, 180, STEP):
            wave = np.cos(2 * np.pi * _across(height, width, angle, thickness=2) / period)
            yield _Drawn((1 + wave) / 2, GRATING, angle, period)


def _dots(height: int, width: int) -> Iterator[_Drawn]:
    for diameter in _scaled(DOT_WIDTHS, height, width):
        for contrast in (1, -1):
            bright = _covered(diameter / 2 - np.hypot(*_from_middle(height, width, diameter)))
            yield _Drawn(bright if contrast > 0 else 1 - bright, DOT, width=diameter, contrast=contrast)


def _flats(height: int, width: int) -> Iterator[_Drawn]:
    for level in LEVELS:
        yield _Drawn(np.full((height, width), level), FLAT)


def _scaled(sizes: Sequence[int], height: int, width: int, smallest: int = 1) -> list[int]:
    """Return sizes in proportion to the picture, in whole pixels, each once."""
    scale = min(height, width) / UNSCALED
    return sorted({max(smallest, round(size * scale)) for size in sizes})


def _across(height: int, width: int, angle: float, thickness: int) -> Doubles:
    """Return how far each pixel lies to the left of the line at an angle through the middle, in pixels."""
    right, up = _from_middle(height, width, thickness)
    turn = np.radians(angle)
    across: Doubles = up * np.cos(turn) - right * np.sin(turn)
    return across


def _from_middle(height: int, width: int, thickness: int) -> tuple[Doubles, Doubles]:
    """Return how far each pixel lies to the right of the middle, and above it."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    return columns - _middle(width, thickness), _middle(height, thickness) - rows


def _middle(size: int, thickness: int) -> float:
    """Return the middle of a side: where a thing of this thickness would cut pixels in half, half a pixel on."""
    return (size - 1) / 2 + ((size - thickness) % 2) / 2


def _covered(inside: Doubles) -> Doubles:
    """Return how much of a pixel is covered whose centre lies this far inside a border."""
    return np.clip(inside + 0.5, 0, 1)
