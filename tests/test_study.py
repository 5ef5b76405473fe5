"""The analysis as a whole: what is measured of which layer, and how it is found again."""

from dataclasses import fields, replace

import numpy as np
import pytest

from reportgen.analysis.study import LayerStudy, analyse
from reportgen.snapshot import Floats, Snapshot
from tests.factories import layer_at, observed, small_snapshot, with_kernel, with_layer

ANALYSIS = analyse(small_snapshot())
TRIED = {"space", "top_classes", "tuning", "importance"}
HALF: Floats = np.maximum(np.random.default_rng(0).normal(0, 1, (60, 4, 4, 3)), 0).astype(np.float32)
"""Outputs of a layer, about half of which are zero."""


def measured_of(study: LayerStudy) -> set[str]:
    """What is known of a layer, by the names of the fields."""
    return {each.name for each in fields(study) if getattr(study, each.name) not in (None, ())}


@pytest.mark.parametrize(
    ("index", "own"),
    [
        (1, {"weights", "filters", "formation", "agreement"} | TRIED),
        (2, TRIED),
        (3, {"weights", "filters", "formation", "mixture"} | TRIED),
        (5, {"space"}),
        (6, {"weights", "connections"} | TRIED),
        (7, {"weights", "connections"} | TRIED),
    ],
)
def test_each_kind_of_layer_gets_what_applies_to_it(index: int, own: set[str]) -> None:
    """Maps and depth for all, filters and connections where there are any, and what was tried out."""
    study = ANALYSIS.layer(index)
    assert measured_of(study) - {"layer", "field", "maps", "depth"} == own
    assert study.maps is not None
    assert study.depth is not None


def test_without_pictures_only_weights_and_fields_are_measured() -> None:
    """There are no maps; what training wrote down of filters is there all the same."""
    analysis = analyse(small_snapshot(pictures=0))
    of_weights = {"layer", "weights", "field", "filters", "mixture", "connections", "formation", "agreement"}
    assert all(measured_of(study) <= of_weights for study in analysis.layers)
    assert (analysis.spaces, analysis.stimuli, analysis.methods) == ((), None, ())
    assert analysis.layer(1).formation is not None


def test_a_layer_is_found_by_its_index() -> None:
    """Not by its place."""
    assert ANALYSIS.layer(3).layer.index == 3


def test_claims_are_found_by_kind_and_layer() -> None:
    """All of a kind, or that of one layer."""
    assert [each.layer for each in ANALYSIS.claims_of("favourite_class")] == [1, 3, 6]
    assert [each.layer for each in ANALYSIS.claims_of("favourite_class", 3)] == [3]
    assert ANALYSIS.claims_of("favourite_class", 2) == ()


def test_convolutions_are_the_layers_with_filters() -> None:
    """In their order."""
    assert [each.layer.index for each in ANALYSIS.convolutions] == [1, 3]


def test_the_last_hidden_layer_is_the_dense_one_before_the_output() -> None:
    """None where there are no pictures."""
    assert ANALYSIS.last_hidden is not None
    assert ANALYSIS.last_hidden.layer.index == 6
    assert analyse(small_snapshot(pictures=0)).last_hidden is None


def test_a_layer_that_hands_on_numbers_has_the_space_of_the_one_before() -> None:
    """The flattening that of the pooling; the others their own."""
    spaces = {row.layer: row for row in ANALYSIS.spaces}
    for index in (1, 2, 3, 4, 6, 7):
        assert ANALYSIS.layer(index).space is spaces[index]
    assert ANALYSIS.layer(5).space is spaces[4]


def test_several_layers_that_hand_on_numbers_share_one_space() -> None:
    """A dropout behind the flattening too; one right behind the picture has none."""
    snapshot = small_snapshot()
    dropout = replace(layer_at(snapshot, 5), index=8, kind="Dropout", inputs=(5,))
    first = replace(layer_at(snapshot, 5), index=9, kind="Dropout", inputs=(0,))
    analysis = analyse(replace(snapshot, layers=(first, *snapshot.layers[:5], dropout, *snapshot.layers[5:])))
    assert analysis.layer(8).space is analysis.layer(4).space
    assert analysis.layer(9).space is None


def test_each_convolution_is_held_against_its_own_kernels_on_record() -> None:
    """The first against the first, the second against the second: in the end both are what they are."""
    for index in (1, 3):
        formation = ANALYSIS.layer(index).formation
        assert formation is not None
        assert formation.layer == index
        assert formation.cosine[-1] == pytest.approx(np.ones(formation.cosine.shape[1]))
    assert ANALYSIS.layer(6).formation is None


def test_importance_leaves_dead_units_out() -> None:
    """A unit that never answers was not tested, whatever it was said to cost."""
    study = analyse(small_snapshot(dead_units={6: (0, 3)})).layer(6)
    assert study.importance is not None
    assert np.flatnonzero(np.isnan(study.importance.p)).tolist() == [0, 3]


def test_the_stimuli_are_those_that_the_layers_answered() -> None:
    """As many as there are answers, in the range of the network's pixels; none where no layer was shown any."""
    tuning = layer_at(small_snapshot(), 1).tuning
    assert ANALYSIS.stimuli is not None
    assert tuning is not None
    assert len(ANALYSIS.stimuli.kinds) == tuning.trained.answers.shape[1]
    ranged = analyse(replace(small_snapshot(), pixel_range=(-2.0, 3.0))).stimuli
    assert ranged is not None
    assert (ranged.pixels.min(), ranged.pixels.max()) == (-2, 3)
    assert analyse(small_snapshot(without=["tuning"])).stimuli is None


def test_each_method_of_marking_that_could_be_used_has_a_study() -> None:
    """Without a convolution there is no Grad-CAM."""
    marked = small_snapshot().attribution
    assert marked is not None
    alone = replace(small_snapshot(), attribution=replace(marked, grad_cam=None))
    assert [each.method for each in ANALYSIS.methods] == ["grad_cam", "integrated_gradients"]
    assert [each.method for each in analyse(alone).methods] == ["integrated_gradients"]
    assert not analyse(alone).claims_of("grad_cam_depends")


def test_the_shares_of_zeros_are_those_of_the_outputs() -> None:
    """Mean over pictures, beside a count of the same maps."""
    layer = replace(layer_at(small_snapshot(), 1), trained=observed(HALF), ablation=None)
    snapshot = with_layer(small_snapshot(), layer)
    depth = analyse(snapshot).layer(1).depth
    assert depth is not None
    assert depth.zeros.value == pytest.approx((HALF == 0).mean())
    assert depth.zeros.low < depth.zeros.value < depth.zeros.high


@pytest.mark.parametrize("pictures", [1, 2])
def test_a_picture_or_two_are_enough_to_look_at_a_network(pictures: int) -> None:
    """Nothing fails for want of pictures, and no unit is called dead by one."""
    analysis = analyse(small_snapshot(pictures=pictures))
    dead = [study.maps.states.dead.any() for study in analysis.layers if study.maps]
    assert pictures > 1 or not any(dead)


def broken(snapshot: Snapshot, value: float) -> Snapshot:
    """The snapshot with one weight of every kernel, and one answer of every unit, replaced."""
    for index in (1, 3, 6, 7):
        kernel = layer_at(snapshot, index).weights[0].values.copy()
        kernel.ravel()[0] = value
        snapshot = with_kernel(snapshot, index, kernel)
        layer = layer_at(snapshot, index)
        assert layer.trained is not None
        maps = layer.trained.maps.copy()
        maps[0] = value
        snapshot = with_layer(snapshot, replace(layer, trained=observed(maps, [0, 1, 2], 3)))
    return snapshot


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_broken_network_is_measured_as_far_as_it_can_be(value: float) -> None:
    """Weights and answers that are not finite raise no error and no warning."""
    analysis = analyse(broken(small_snapshot(), value))
    for study in analysis.layers:
        assert all(each.trained.not_finite == (each.name == "kernel") for each in study.weights)
        assert study.filters is None or np.isfinite(study.filters.summary).all()
