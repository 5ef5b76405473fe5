"""Arrays of any number of axes as maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.axes import as_maps, from_maps, map_shape

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@given(shape=SHAPES, units_first=st.booleans())
def test_the_shape_foretold_is_the_shape_that_comes(shape: tuple[int, ...], units_first: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """`map_shape` tells of one sample what `as_maps` does to a batch."""
    values = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    assert as_maps(values, units_first=units_first).shape[1:] == map_shape(shape, units_first=units_first)


@given(shape=SHAPES.filter(lambda shape: len(shape) > 1))
def test_maps_lead_back_to_the_values(shape: tuple[int, ...]) -> None:
    """Nothing is lost or moved to another place on the way there and back."""
    values = np.arange(3 * np.prod(shape)).reshape(3, *shape)
    assert (from_maps(as_maps(values), shape) == values).all()


def test_a_volume_is_its_slices_side_by_side() -> None:
    """The first slice stands left of the second, each with its own rows and columns."""
    volume = np.arange(2 * 3 * 4).reshape(1, 2, 3, 4, 1)
    whole = as_maps(volume)[0, :, :, 0]
    assert (whole[:, :4] == volume[0, 0, :, :, 0]).all()
    assert (whole[:, 4:] == volume[0, 1, :, :, 0]).all()


def test_a_sequence_is_a_strip() -> None:
    """Steps run from left to right, units are maps."""
    sequence = np.arange(6).reshape(1, 3, 2)
    assert as_maps(sequence).shape == (1, 1, 3, 2)
    assert (as_maps(sequence)[0, 0, :, 1] == [1, 3, 5]).all()


def test_units_that_come_first_are_put_last() -> None:
    """`channels_first` becomes what everything else is."""
    values = np.arange(24).reshape(1, 2, 3, 4)
    assert (as_maps(values, units_first=True)[0, :, :, 1] == values[0, 1]).all()


def test_a_row_of_numbers_is_read_off_a_picture() -> None:
    """A network of 784 inputs gets a picture of 28 × 28 dots row by row."""
    picture = np.arange(16).reshape(1, 4, 4, 1)
    assert (from_maps(picture, (16,))[0] == np.arange(16)).all()


@pytest.mark.parametrize("shape", [(), (1, 2, 3, 4, 5)])
def test_too_many_axes_are_no_maps(shape: tuple[int, ...]) -> None:
    """What cannot be laid out is told, not guessed."""
    assert map_shape(shape) is None


def test_a_length_that_is_not_fixed_stays_so() -> None:
    """None times anything is not known."""
    assert map_shape((None, None, 3)) == (None, None, 3)
    assert map_shape((2, 3, None, 4)) == (3, None, 4)
