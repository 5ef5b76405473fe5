"""Changes of pictures: worked out by hand, and against what a turn must do."""

from math import atan2, degrees

import numpy as np
import pytest

from reportgen.analysis.changes import ANGLE, CHANGES, changed
from reportgen.snapshot import Floats

SIDE = 29
MIDDLE = (SIDE - 1) / 2


def one_picture(rows: list[list[float]]) -> Floats:
    """(1, height, width, 1)."""
    return np.array(rows, np.float32)[np.newaxis, ..., np.newaxis]


def places() -> tuple[Floats, Floats]:
    """Each pixel's distance from the middle, downwards and to the right."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return rows - MIDDLE, columns - MIDDLE


def slope(picture: Floats, low: float = 0) -> float:
    """The direction in which a picture is longest, in degrees against the clock from lying, by its moments."""
    down, right = places()
    mass = picture[0, :, :, 0] - low
    covariance = float((mass * -down * right).sum())
    return degrees(atan2(2 * covariance, float((mass * (right**2 - down**2)).sum()))) / 2


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_keeps_the_shape_and_the_original(change: str) -> None:
    """Single precision as well, and the pictures that were given stay as they are."""
    pixels = np.random.default_rng(0).random((3, 9, 7, 2), dtype=np.float32)
    before = pixels.copy()
    after = changed(pixels, change, 0)
    assert after.shape == pixels.shape
    assert after.dtype == np.float32
    assert not np.array_equal(after, pixels)
    np.testing.assert_array_equal(pixels, before)


def test_a_shift_goes_to_the_right() -> None:
    """By hand; what comes in is the darkest value."""
    moved = changed(one_picture([[1, 2, 3], [4, 5, 6]]), "shift_1", -7)
    assert moved[0, :, :, 0].tolist() == [[-7, 1, 2], [-7, 4, 5]]


@pytest.mark.parametrize("width", [2, 4, 3])
def test_a_shift_out_of_the_picture_leaves_nothing(width: int) -> None:
    """Four pixels are more than a small picture has."""
    assert (changed(np.ones((1, 2, width, 1), np.float32), "shift_4", 0.25) == 0.25).all()


def test_brightness_is_drawn_towards_the_darkest() -> None:
    """By hand: from -1, seven tenths of the distances 0, 1 and 2 are left."""
    dimmed = changed(one_picture([[-1, 0, 1]]), "brightness", -1)
    np.testing.assert_allclose(dimmed[0, 0, :, 0], [-1, -0.3, 0.4], atol=1e-6)


def test_a_turn_leaves_a_disc_alone() -> None:
    """But for the grain of the pixels: far less than a shift of one pixel does."""
    down, right = places()
    edge = np.clip((11 - np.hypot(down, right)) / 3, 0, 1)
    disc = np.asarray(edge, np.float32)[np.newaxis, ..., np.newaxis]
    turned, shifted = (np.abs(changed(disc, change, 0) - disc) for change in ("rotation", "shift_1"))
    assert turned.max() < 0.1
    assert turned.mean() < shifted.mean() / 10


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_turn_is_against_the_clock(low: float) -> None:
    """A lying bar rises to the right by ten degrees, and one that rises by 30 degrees rises by 40."""
    down, right = places()
    for before in (0.0, 30.0):
        tilt = np.radians(before)
        across, along = down * np.cos(tilt) + right * np.sin(tilt), right * np.cos(tilt) - down * np.sin(tilt)
        bar = (np.clip(2.5 - np.abs(across), 0, 1) * np.clip(10 - np.abs(along), 0, 1)).astype(np.float32)
        picture = bar[np.newaxis, ..., np.newaxis] + np.float32(low)
        assert slope(picture, low) == pytest.approx(before, abs=0.3)
        assert slope(changed(picture, "rotation", low), low) == pytest.approx(before + ANGLE, abs=0.5)


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (28, 28), (20, 31)])
def test_corners_turn_in_from_the_dark(shape: tuple[int, int]) -> None:
    """All four alike, because a bright picture looks the same upside down."""
    bright = np.full((1, *shape, 1), 5, np.float32)
    after = changed(bright, "rotation", 2)[0, :, :, 0]
    assert [after[0, 0], after[0, -1], after[-1, 0], after[-1, -1]] == [2, 2, 2, 2]
    np.testing.assert_allclose(after, after[::-1, ::-1], atol=1e-5)
    assert after[shape[0] // 2, shape[1] // 2] == 5


def test_a_turn_mixes_the_four_nearest_pixels() -> None:
    """A plane stays a plane: bilinear mixing is exact on it, and the turned plane is worked out by hand."""
    down, right = places()
    plane = (2 * down - right)[np.newaxis, ..., np.newaxis].astype(np.float32)
    after = changed(plane, "rotation", 0)[0, :, :, 0]
    cos, sin = np.cos(np.radians(ANGLE)), np.sin(np.radians(ANGLE))
    wanted = 2 * (down * cos + right * sin) - (right * cos - down * sin)
    inside = np.hypot(down, right) < MIDDLE
    np.testing.assert_allclose(after[inside], wanted[inside], atol=1e-4)
