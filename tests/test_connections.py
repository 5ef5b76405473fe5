"""Where a dense unit's connections come from, held against flattening done by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.analysis.connections import STRONGEST, Connection, ConnectionStudy, connection_study
from reportgen.snapshot import Floats, Layer, Weight
from tests.factories import bare_layer, layer_at, small_snapshot

HEIGHT, WIDTH, UNITS = 2, 3, 4


def dense(index: int, kernel: Floats) -> Layer:
    """A dense layer with this kernel, (inputs, units)."""
    return bare_layer(index, "Dense", (kernel.shape[1],), Weight("kernel", kernel, kernel))


def flattened(kernel: Floats, *between: str) -> ConnectionStudy:
    """The study of a dense layer behind maps of 2×3×4 and other layers between."""
    maps = bare_layer(1, "MaxPooling2D", (HEIGHT, WIDTH, UNITS))
    others = [bare_layer(index, kind, (HEIGHT * WIDTH * UNITS,)) for index, kind in enumerate(between, start=2)]
    layer = dense(2 + len(between), kernel)
    study = connection_study(layer, (maps, *others, layer))
    assert study is not None
    return study


def marked(row: int, column: int, unit: int) -> Floats:
    """A kernel for flattened maps in which the unit's weight at one place alone is not zero."""
    maps = np.zeros((HEIGHT, WIDTH, UNITS), np.float32)
    maps[row, column, unit] = -2.5
    return maps.reshape(-1, 1)


@pytest.mark.parametrize(("row", "column", "unit"), [(0, 0, 0), (1, 2, 3), (0, 2, 1), (1, 0, 2)])
def test_a_flattened_weight_finds_back_to_its_place(row: int, column: int, unit: int) -> None:
    """Rows first, then columns, then units, as flattening counts."""
    found = flattened(marked(row, column, unit), "Flatten").strongest[0][0]
    assert found == Connection(-2.5, unit, (row, column))


@pytest.mark.parametrize("between", [("Flatten", "Dropout"), ("Dropout", "Flatten"), ("Reshape",)])
def test_connections_are_seen_through_what_only_hands_on(between: tuple[str, ...]) -> None:
    """Dropout and changes of shape have no units of their own."""
    study = flattened(marked(1, 1, 2), *between)
    assert study.source == 1
    assert study.strongest[0][0].place == (1, 1)


def test_a_layer_that_mixes_is_a_source_of_its_own() -> None:
    """Normalisation changes numbers, and so one looks no further."""
    study = flattened(marked(1, 1, 2), "Flatten", "BatchNormalization")
    assert study.source == 3
    assert study.places is None


def test_connections_to_single_numbers_have_no_place() -> None:
    """A dense layer behind another one."""
    snapshot = small_snapshot()
    output = layer_at(snapshot, 7)
    study = connection_study(output, snapshot.layers)
    assert study is not None
    assert (study.source, study.places) == (6, None)
    assert all(each.place is None for unit in study.strongest for each in unit)


def test_connections_to_the_networks_input() -> None:
    """A dense layer that comes first has no layer before it."""
    layer = dense(1, np.ones((3, 2), np.float32))
    study = connection_study(layer, (layer,))
    assert study is not None
    assert (study.source, study.places) == (0, None)


def test_the_strongest_five_by_size_and_in_their_order() -> None:
    """The sign does not matter; of equal ones the earlier comes first."""
    kernel = np.array([[1, -9, 0, 4, 1, -4, 7, 1]], np.float32).T
    layer = dense(1, kernel)
    study = connection_study(layer, (layer,))
    assert study is not None
    assert [(each.unit, each.weight) for each in study.strongest[0]] == [(1, -9), (6, 7), (3, 4), (5, -4), (0, 1)]


@settings(deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(-3, 3)))
def test_the_strongest_are_those_of_a_full_sort(kernel: Floats) -> None:
    """For every unit, also with many equal weights and with fewer than five inputs."""
    layer = dense(1, kernel)
    study = connection_study(layer, (layer,))
    assert study is not None
    for unit, found in enumerate(study.strongest):
        order = sorted(range(len(kernel)), key=lambda index: (-abs(kernel[index, unit]), index))
        assert [each.unit for each in found] == order[:STRONGEST]
        assert [each.weight for each in found] == [kernel[index, unit] for index in order[:STRONGEST]]


def test_weights_that_are_not_finite_come_last() -> None:
    """What cannot be compared is not called the strongest."""
    kernel = np.array([[np.nan, 1, np.inf, -2]], np.float32).T
    layer = dense(1, kernel)
    study = connection_study(layer, (layer,))
    assert study is not None
    assert [each.unit for each in study.strongest[0]] == [3, 1, 0, 2]


def test_places_add_up_the_squares_of_all_units() -> None:
    """Weights of 3 and 4 at one place have the strength 5 there."""
    maps = np.zeros((HEIGHT, WIDTH, UNITS, 2), np.float32)
    maps[1, 2, 0, 1], maps[1, 2, 3, 1] = 3, -4
    places = flattened(maps.reshape(-1, 2), "Flatten").places
    assert places is not None
    assert places.shape == (2, HEIGHT, WIDTH)
    assert places[1].tolist() == [[0, 0, 0], [0, 0, 5]]
    assert not places[0].any()


@settings(deadline=None)
@given(arrays(np.float32, (HEIGHT * WIDTH * UNITS, 3), elements=st.floats(-50, 50, width=16)))
def test_places_hold_all_of_a_units_strength(kernel: Floats) -> None:
    """Their squares sum to those of the weights."""
    places = flattened(kernel, "Flatten").places
    assert places is not None
    squares = (kernel.astype(np.float64) ** 2).sum(axis=0)
    assert (places.astype(np.float64) ** 2).sum(axis=(1, 2)) == pytest.approx(squares, rel=1e-5, abs=1e-9)


def test_places_take_what_is_not_finite_for_zero() -> None:
    """One broken weight leaves its place to the others."""
    kernel = marked(0, 1, 1)
    kernel[1 * UNITS] = np.nan
    places = flattened(kernel, "Flatten").places
    assert places is not None
    assert places[0, 0, 1] == 2.5


@pytest.mark.parametrize("index", [1, 2, 5])
def test_only_dense_layers_have_connections(index: int) -> None:
    """Filters are shown as filters."""
    snapshot = small_snapshot()
    assert connection_study(layer_at(snapshot, index), snapshot.layers) is None


def test_a_layer_of_several_inputs_has_no_connections() -> None:
    """It could not be said where one begins."""
    layer = replace(dense(3, np.ones((4, 2), np.float32)), inputs=(1, 2))
    assert connection_study(layer, (layer,)) is None


def test_a_source_without_an_origin_ends_the_search() -> None:
    """Where it is not known what a layer reads, that layer is the source."""
    first = replace(bare_layer(1, "Flatten", (4,)), inputs=())
    layer = dense(2, np.ones((4, 2), np.float32))
    study = connection_study(layer, (first, layer))
    assert study is not None
    assert study.source == 1
