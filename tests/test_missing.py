"""What a report leaves out is listed, each kind with how much."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.missing import MOST_UNITS, NotShown, not_shown
from reportgen.analysis.study import analyse
from reportgen.snapshot import Snapshot
from tests.factories import layer_at, observed, small_snapshot, with_kernel, with_layer


def listed(snapshot: Snapshot, kind: str) -> list[NotShown]:
    """What is left out of one kind."""
    return [each for each in not_shown(analyse(snapshot)) if each.kind == kind]


def test_without_pictures_every_layer_says_that_it_has_no_maps() -> None:
    """With the reason, layer by layer."""
    found = listed(small_snapshot(pictures=0), "maps")
    assert [each.layer for each in found] == [1, 2, 3, 4, 5, 6, 7]
    assert {each.reason for each in found} == {"no_pictures"}


def test_with_pictures_no_layer_is_without_maps() -> None:
    """Nothing is listed that is not so."""
    assert listed(small_snapshot(), "maps") == []


def test_clipped_weights_are_listed_with_their_share() -> None:
    """Of 36 weights, of which the two largest lie beyond the 95th percentile."""
    kernel = np.arange(1, 37, dtype=np.float32).reshape(3, 3, 1, 4)
    found = {
        each.layer: each.share for each in listed(with_kernel(small_snapshot(), 1, kernel), "clipped_weights")
    }
    assert found[1] == pytest.approx(2 / 36)


def test_clipped_maps_are_listed_with_their_share() -> None:
    """As many as lie beyond the layer's scale."""
    snapshot = small_snapshot()
    layer = layer_at(snapshot, 1)
    assert layer.trained is not None
    maps = layer.trained.maps
    scale = np.percentile(maps[maps > 0], 99.5)
    found = {each.layer: each.share for each in listed(snapshot, "clipped_maps")}
    assert found[1] == pytest.approx((maps > scale).mean())


def with_units(snapshot: Snapshot, index: int, units: int) -> Snapshot:
    """The snapshot with outputs of so many units in one layer."""
    many = observed(np.random.default_rng(0).random((5, units)))
    return with_layer(snapshot, replace(layer_at(snapshot, index), trained=many, untrained=many))


def test_units_beyond_those_shown_are_counted() -> None:
    """A dense layer of 300 units, of which a page shows 256."""
    found = listed(with_units(small_snapshot(), 6, 300), "units")
    assert found == [NotShown("units", 6, count=44, shown=MOST_UNITS)]


def test_a_layer_of_no_more_units_than_are_shown_is_not_listed() -> None:
    """256 of 256."""
    assert listed(with_units(small_snapshot(), 6, MOST_UNITS), "units") == []


def test_what_only_hands_on_is_not_listed_again() -> None:
    """Flattened numbers are those of the layer before."""
    snapshot = with_units(small_snapshot(), 5, 300)
    assert [each for each in not_shown(analyse(snapshot)) if each.layer == 5] == []


def test_skipped_pictures_are_counted_and_the_first_named() -> None:
    """Twelve files were left out; ten are named with their reasons."""
    snapshot = small_snapshot()
    skipped = tuple(f"{number}.txt: no picture" for number in range(12))
    found = listed(replace(snapshot, survey=replace(snapshot.survey, skipped=skipped)), "skipped_pictures")
    assert [each.count for each in found] == [12]
    assert found[0].reason.startswith("0.txt: no picture; 1.txt")
    assert found[0].reason.count(";") == 9


def test_nothing_skipped_is_not_listed() -> None:
    """All the pictures were used."""
    assert listed(small_snapshot(), "skipped_pictures") == []


def test_what_later_versions_will_measure_comes_last() -> None:
    """Once, after all the layers."""
    found = not_shown(analyse(small_snapshot()))
    assert [each.kind for each in found].count("later") == 1
    assert found[-1] == NotShown("later")
