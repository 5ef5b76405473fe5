"""The synthetic pictures, held against their moments, their spectra, and coverage counted out in small parts."""

import numpy as np
import pytest

from reportgen.analysis.stimuli import BAR, DOT, EDGE, FLAT, GRATING, STEP, Stimuli, chosen, columns_of, stimuli
from reportgen.snapshot import Doubles, Floats

SIDE = 28
PARTS = 16
"""Into so many parts a pixel is cut, down and across, to count what is covered."""


@pytest.fixture(scope="module")
def pictures() -> Stimuli:
    """The pictures of 28 × 28 pixels between 0 and 1."""
    return stimuli(SIDE, SIDE, 1, 0.0, 1.0)


def at(pictures: Stimuli, kind: str, angle: float, width: float = 0, contrast: int = 0) -> Floats:
    """The one picture of this description, (height, width)."""
    same = (pictures.angle == angle) & (pictures.width == width) & (pictures.contrast == contrast)
    found = [number for number in columns_of(pictures, [kind]) if same[number]]
    assert len(found) == 1
    return pictures.pixels[found[0], :, :, 0]


def places(side: int = SIDE) -> tuple[Doubles, Doubles, Doubles]:
    """How far each pixel lies right of the middle and above it, and whether it is in the disc inside."""
    rows, columns = np.mgrid[:side, :side].astype(np.float64)
    right, up = columns - (side - 1) / 2, (side - 1) / 2 - rows
    return right, up, (np.hypot(right, up) < side / 2 - 1).astype(np.float64)


def turned_by(first: float, second: float, around: float) -> float:
    """The smallest difference of two angles on a circle of so many degrees."""
    return abs((first - second + around / 2) % around - around / 2)


# --- all of them ---


def test_there_are_as_many_as_the_kinds_make(pictures: Stimuli) -> None:
    """24 edges, 12 angles × 3 widths × 2 contrasts of bars, 12 × 2 gratings, 3 × 2 dots, 5 levels."""
    counted = {kind: pictures.kinds.count(kind) for kind in (EDGE, BAR, GRATING, DOT, FLAT)}
    assert counted == {EDGE: 24, BAR: 72, GRATING: 24, DOT: 6, FLAT: 5}
    assert pictures.pixels.shape == (131, SIDE, SIDE, 1)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_pixels_lie_in_the_range_and_use_it_up(low: float, high: float) -> None:
    """From the darkest to the brightest pixel, in single precision, the same in every channel, and read-only."""
    found = stimuli(20, 24, 3, low, high).pixels
    assert (found.min(), found.max()) == (low, high)
    assert found.dtype == np.float32
    assert (found == found[..., :1]).all()
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0


@pytest.mark.parametrize("side", [8, 12, 27, 28, 64])
def test_no_picture_comes_twice(side: int) -> None:
    """Sizes that come out as the same number of pixels are drawn once."""
    found = stimuli(side, side, 1, 0.0, 1.0).pixels
    assert len({picture.tobytes() for picture in found}) == len(found)


def test_sizes_grow_with_the_picture() -> None:
    """At twice the side everything is twice as wide; the shorter side decides."""
    found = stimuli(56, 80, 1, 0.0, 1.0)
    widths = {kind: sorted(set(found.width[columns_of(found, [kind])])) for kind in (BAR, GRATING, DOT, EDGE)}
    assert widths == {BAR: [2, 4, 8], GRATING: [8, 16], DOT: [4, 8, 16], EDGE: [0]}


def test_some_kinds_alone(pictures: Stimuli) -> None:
    """They keep their order, and each its own description."""
    found = chosen(pictures, [FLAT, EDGE])
    columns = columns_of(pictures, [FLAT, EDGE])
    assert found.kinds == (EDGE,) * 24 + (FLAT,) * 5
    assert (found.pixels == pictures.pixels[columns]).all()
    assert found.angle[:24].tolist() == list(range(0, 360, STEP))
    assert np.isnan(found.angle[24:]).all()


# --- angles ---


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("angle", range(0, 180, STEP))
def test_a_bar_runs_along_its_angle(pictures: Stimuli, angle: int, width: int) -> None:
    """The long axis of the brightness, by its second moments, lies at the angle, upward counted as positive."""
    right, up, disc = places()
    bright = at(pictures, BAR, angle, width, 1) * disc
    long_axis = np.arctan2(2 * (bright * right * up).sum(), (bright * (right**2 - up**2)).sum()) / 2
    assert turned_by(float(np.degrees(long_axis)), angle, 180) < 1.5


def test_a_bar_at_45_degrees_runs_up_to_the_right(pictures: Stimuli) -> None:
    """Bright at the top right and the bottom left, dark in the other corners; at 135 the other way about."""
    rising, falling = (at(pictures, BAR, angle, 2, 1) for angle in (45, 135))
    assert rising[[0, -1], [-1, 0]].tolist() == [1, 1]
    assert rising[[0, -1], [0, -1]].tolist() == [0, 0]
    assert (falling == rising[:, ::-1]).all()


@pytest.mark.parametrize("angle", range(0, 360, STEP))
def test_an_edge_is_bright_on_the_left_of_its_angle(pictures: Stimuli, angle: int) -> None:
    """The middle of its brightness lies a quarter turn counter-clockwise from where it runs."""
    right, up, disc = places()
    bright = at(pictures, EDGE, angle) * disc
    towards = np.degrees(np.arctan2((bright * up).sum(), (bright * right).sum()))
    assert turned_by(float(towards), angle + 90, 360) < 0.5


def test_the_four_straight_edges(pictures: Stimuli) -> None:
    """At 0 bright above, at 90 on the left, at 180 below, at 270 on the right, and sharp."""
    above = np.repeat([1.0, 0.0], SIDE // 2)[:, None] * np.ones(SIDE)
    for angle, expected in ((0, above), (90, above.T), (180, above[::-1]), (270, above.T[:, ::-1])):
        assert at(pictures, EDGE, angle) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("period", [4, 8])
@pytest.mark.parametrize("angle", range(0, 180, STEP))
def test_a_grating_has_its_period_across_its_angle(pictures: Stimuli, angle: int, period: int) -> None:
    """Its spectrum peaks at one wave a period, a quarter turn away from its stripes."""
    wave = (at(pictures, GRATING, angle, period) - 0.5) * places()[2]
    spectrum = np.abs(np.fft.fft2(wave, (256, 256)))
    down, across = np.unravel_index(int(spectrum.argmax()), spectrum.shape)
    up, right = -np.fft.fftfreq(256)[down], np.fft.fftfreq(256)[across]
    assert np.hypot(up, right) == pytest.approx(1 / period, abs=0.006)
    assert turned_by(float(np.degrees(np.arctan2(up, right))), angle + 90, 180) < 3


@pytest.mark.parametrize("angle", range(0, 360, STEP))
def test_a_quarter_turn_of_the_picture_is_a_quarter_turn_of_the_angle(pictures: Stimuli, angle: int) -> None:
    """Counter-clockwise both, exact up to rounding."""
    turned = at(pictures, EDGE, (angle + 90) % 360)
    assert np.rot90(at(pictures, EDGE, angle)) == pytest.approx(turned, abs=1e-6)
    bar = at(pictures, BAR, (angle + 90) % 180, 4, -1)
    assert np.rot90(at(pictures, BAR, angle % 180, 4, -1)) == pytest.approx(bar, abs=1e-6)


# --- borders ---


@pytest.mark.parametrize("angle", range(0, 180, STEP))
def test_a_border_is_as_smooth_as_its_pixels_are_covered(pictures: Stimuli, angle: int) -> None:
    """Within a tenth of the share of each pixel's 256 parts that lie in the bar."""
    fine = (np.arange(SIDE * PARTS) + 0.5) / PARTS - 0.5 - (SIDE - 1) / 2
    turn = np.radians(angle)
    inside = np.abs(-fine[:, None] * np.cos(turn) - fine * np.sin(turn)) < 1
    covered = inside.reshape(SIDE, PARTS, SIDE, PARTS).mean(axis=(1, 3))
    # At 0 and 90 degrees the parts tell exactly; in between, pixels are cut at their corners.
    assert at(pictures, BAR, angle, 2, 1) == pytest.approx(covered, abs=0.14)


@pytest.mark.parametrize("side", [27, 28])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_straight_bars_fill_whole_pixels(side: int, width: int) -> None:
    """Level and upright they are as many rows or columns, all fully bright, wherever the middle falls."""
    found = stimuli(side, side, 1, 0.0, 1.0)
    level, upright = (at(found, BAR, angle, width, 1) for angle in (0, 90))
    assert np.count_nonzero(level == 1) == np.count_nonzero(upright == 1) == width * side
    assert np.count_nonzero(level) == np.count_nonzero(upright > 1e-6) == width * side
    assert abs(np.flatnonzero(level[:, 0]).mean() - (side - 1) / 2) <= 0.5


def test_dark_things_are_the_reverse_of_bright_ones(pictures: Stimuli) -> None:
    """Together they are plain white."""
    dark, bright = (np.flatnonzero(pictures.contrast == sign) for sign in (-1, 1))
    assert len(dark) == len(bright) == 39
    order = [np.lexsort((pictures.angle[each], pictures.width[each])) for each in (dark, bright)]
    both = pictures.pixels[dark[order[0]]] + pictures.pixels[bright[order[1]]]
    assert both == pytest.approx(np.ones_like(both))


@pytest.mark.parametrize("diameter", [2, 4, 8])
def test_a_dot_is_round_and_as_large_as_it_should_be(pictures: Stimuli, diameter: int) -> None:
    """The same after a quarter turn, and of the area of its circle."""
    found = pictures.pixels[(pictures.width == diameter) & (np.array(pictures.kinds) == DOT)][0, :, :, 0]
    assert (np.rot90(found) == found).all()
    assert found.sum() == pytest.approx(np.pi * diameter**2 / 4, rel=0.08)
    assert found[SIDE // 2, SIDE // 2] > found[0, 0] == 0


def test_flat_pictures_rise_from_the_empty_ground() -> None:
    """Five levels from the darkest to the brightest pixel, each the same all over."""
    found = chosen(stimuli(12, 12, 1, -1.0, 1.0), [FLAT]).pixels
    assert found[:, 0, 0, 0].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert (found == found[:, :1, :1]).all()
