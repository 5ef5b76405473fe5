"""Patches cut out of pictures: the same as slices by hand inside, marked outside, and never too many bytes."""

import numpy as np
import pytest

from reportgen.analysis.patches import LARGEST_SIDE, SHOWN, looks
from reportgen.analysis.receptive_field import ReceptiveField
from reportgen.snapshot import Bytes, Floats, Patches

BYTES = (0.0, 255.0)


def pictures(*shape: int) -> Bytes:
    """Random bytes, none of them 0, so that nothing inside looks like outside."""
    return np.random.default_rng(3).integers(1, 256, shape, dtype=np.uint8)


def field(size: int, stride: int = 1, start: int = 0, *, is_global: bool = False) -> ReceptiveField:
    """A square field."""
    return ReceptiveField((size, size), (stride, stride), (start, start), (99, 99), 1.0, is_global)


def at(*places: tuple[int, int, int], units: int = 1) -> Patches:
    """(picture, row, column) of the places kept, the same for all units."""
    picture, row, column = (np.tile(np.array(each, np.int64), (units, 1)) for each in zip(*places, strict=True))
    return Patches(picture, row, column, np.zeros(picture.shape, np.float32))


def test_a_patch_inside_is_a_slice() -> None:
    """The field of 3×3 that begins at row 4 · 2 - 1 and column 3 · 2 - 1."""
    pixels = pictures(5, 20, 20, 3)
    seen = looks(pixels, (at((2, 4, 3)),), field(3, 2, -1), BYTES)
    assert seen.shape == (1, 1, 1, 3, 3, 4)
    np.testing.assert_array_equal(seen[0, 0, 0, ..., :3], pixels[2, 7:10, 5:8])
    assert (seen[..., 3] == 255).all()


def test_height_and_width_are_not_mixed_up() -> None:
    """A field that is not square, with other steps downwards than across."""
    pixels = pictures(1, 30, 40, 1)
    oblong = ReceptiveField((2, 5), (3, 4), (1, 2), (30, 40), 0.1, is_global=False)
    seen = looks(pixels, (at((0, 5, 6)),), oblong, BYTES)
    np.testing.assert_array_equal(seen[0, 0, 0, ..., 0], pixels[0, 16:18, 26:31, 0])


def test_kinds_and_units_keep_their_places() -> None:
    """Two units, two kinds, one pixel each."""
    pixels = pictures(4, 6, 6, 1)
    one = Patches(np.array([[0], [1]]), np.array([[1], [2]]), np.array([[3], [4]]), np.zeros((2, 1), np.float32))
    other = Patches(np.array([[2], [3]]), np.array([[5], [0]]), np.array([[5], [0]]), np.zeros((2, 1), np.float32))
    seen = looks(pixels, (one, other), field(1), BYTES)[:, :, 0, 0, 0, 0]
    assert seen.tolist() == [[pixels[0, 1, 3, 0], pixels[2, 5, 5, 0]], [pixels[1, 2, 4, 0], pixels[3, 0, 0, 0]]]


def test_outside_the_picture_is_marked_and_black() -> None:
    """At the first corner, row and column -1 lie outside; at the last corner, row and column 6."""
    pixels = pictures(1, 6, 6, 2)
    seen = looks(pixels, (at((0, 0, 0), (0, 5, 5)),), field(3, 1, -1), BYTES)[0, 0]
    first, last = np.zeros((3, 3)), np.zeros((3, 3))
    first[1:, 1:] = last[:2, :2] = 255
    np.testing.assert_array_equal(seen[0, ..., 2], first)
    np.testing.assert_array_equal(seen[1, ..., 2], last)
    assert (seen[..., :2][seen[..., 2] == 0] == 0).all()
    np.testing.assert_array_equal(seen[0, 1:, 1:, :2], pixels[0, :2, :2])
    np.testing.assert_array_equal(seen[1, :2, :2, :2], pixels[0, 4:, 4:])


@pytest.mark.parametrize("seen_by", [None, field(9, 0, 2, is_global=True)])
def test_who_sees_everything_is_shown_everything(seen_by: ReceptiveField | None) -> None:
    """Also where it is not known what is seen."""
    pixels = pictures(3, 12, 10, 1)
    seen = looks(pixels, (at((2, 0, 0)),), seen_by, BYTES)
    np.testing.assert_array_equal(seen[0, 0, 0, ..., 0], pixels[2, ..., 0])


@pytest.mark.parametrize(("size", "step"), [(48, 1), (49, 2), (96, 2), (97, 3)])
def test_large_fields_are_made_smaller(size: int, step: int) -> None:
    """Every so many-th pixel is kept, so that no side is longer than 48."""
    pixels = pictures(1, 120, 120, 1)
    seen = looks(pixels, (at((0, 5, 7)),), field(size), BYTES)
    assert seen.shape[3] == seen.shape[4] <= LARGEST_SIDE
    np.testing.assert_array_equal(seen[0, 0, 0, ..., 0], pixels[0, 5 : 5 + size : step, 7 : 7 + size : step, 0])


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_field_far_larger_than_the_picture_still_shows_all_of_it(place: int) -> None:
    """A field of 200 pixels around each place of a picture of 16: the picture is in the patch, wherever."""
    pixels = pictures(1, 16, 16, 1)
    seen = looks(pixels, (at((0, place, place)),), field(200, 2, -99), BYTES)[0, 0, 0]
    inside = seen[..., 0][seen[..., 1] == 255]
    np.testing.assert_array_equal(inside, pixels[0, ..., 0].ravel())


def test_the_limits_become_black_and_white() -> None:
    """From -1 to 1; what lies beyond is cut off, what is not a number is black."""
    pixels = np.array([-1, 0, 1, 3, -5, np.nan], np.float32).reshape(1, 1, 6, 1)
    seen = looks(pixels, (at((0, 0, 0)),), None, (-1.0, 1.0))
    assert seen[0, 0, 0, 0, :, 0].tolist() == [0, 128, 255, 255, 0, 0]


def test_equal_limits_give_black() -> None:
    """A picture without any difference."""
    seen = looks(np.full((1, 2, 2, 1), 3, np.float32), (at((0, 0, 0)),), None, (3.0, 3.0))
    assert not seen[..., 0].any()


def test_the_first_places_are_shown() -> None:
    """Of eight places six; of four all."""
    pixels = pictures(8, 4, 4, 1)
    many = looks(pixels, (at(*((number, 0, 0) for number in range(8))),), field(1), BYTES)
    assert many[0, 0, :, 0, 0, 0].tolist() == pixels[:SHOWN, 0, 0, 0].tolist()
    assert looks(pixels, (at(*((number, 0, 0) for number in range(4))),), field(1), BYTES).shape[2] == 4


def test_of_very_many_units_only_the_first_are_cut() -> None:
    """With room for 5 units of 3 kinds, 6 patches, 4×4 pixels of two numbers; nothing gets less than one."""
    pixels: Bytes | Floats = pictures(1, 8, 8, 1)
    places = at((0, 1, 1), units=9)
    assert len(looks(pixels, (places,) * 3, field(4), BYTES, 5 * 3 * SHOWN * 4 * 4 * 2)) == 5
    assert len(looks(pixels, (places,) * 3, field(4), BYTES, 1)) == 1
