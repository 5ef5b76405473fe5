"""What a report leaves out is listed, each kind with how much."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.budget import UNITS_A_LAYER
from reportgen.analysis.missing import NotShown, not_shown
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.left_out import COUNTED, KINDS, MOST_LAYERS, Missing, merged, missing_in_words
from reportgen.pages.words import Words
from reportgen.snapshot import Snapshot, Tuning
from tests.factories import MEASURES, layer_at, observed, small_snapshot, with_kernel, with_layer
from tests.sites import CONFIG, VARIANTS


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
    assert found == [NotShown("units", 6, count=44, shown=UNITS_A_LAYER)]


def test_a_layer_of_no_more_units_than_are_shown_is_not_listed() -> None:
    """256 of 256."""
    assert listed(with_units(small_snapshot(), 6, UNITS_A_LAYER), "units") == []


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


def test_of_the_small_network_hardly_anything_is_left_out() -> None:
    """All 60 pictures were used everywhere but in the maps of spaces and in the tests of marks."""
    found = [each for each in not_shown(analyse(small_snapshot())) if not each.kind.startswith("clipped")]
    assert found == [
        NotShown("compared_seeds", 3, count=6),
        NotShown("scattered_pictures", count=30, shown=30),
        NotShown("checked_pictures", count=40, shown=20),
    ]


def test_without_labels_that_is_said_once() -> None:
    """What needs labels is one entry; not even one layer says that its units were not taken away."""
    snapshot = small_snapshot(labelled=False)
    assert listed(snapshot, "labels") == [NotShown("labels")]
    assert listed(snapshot, "ablation") == []


def test_layers_that_were_mixed_are_listed_with_their_numbers() -> None:
    """A convolution of 576 numbers that was mixed into 100."""
    snapshot = small_snapshot()
    assert snapshot.representations is not None
    mixed = replace(snapshot, representations=replace(snapshot.representations, mixed=100))
    assert listed(mixed, "mixed") == [
        NotShown("mixed", index, count=size, shown=100) for index, size in ((1, 576), (2, 144), (3, 216))
    ]


def test_large_pictures_are_mixed_as_large_layers_are() -> None:
    """A picture of 144 pixels in a network whose layers were mixed into 100 numbers."""
    snapshot = small_snapshot()
    assert snapshot.representations is not None
    mixed = replace(snapshot, representations=replace(snapshot.representations, mixed=100))
    assert listed(mixed, "mixed_pixels") == [NotShown("mixed_pixels", count=144, shown=100)]
    assert listed(snapshot, "mixed_pixels") == []


def test_pictures_that_no_probe_used_are_counted() -> None:
    """Of 60 pictures 40 were copied."""
    snapshot = small_snapshot()
    assert snapshot.representations is not None
    fewer = replace(snapshot, representations=replace(snapshot.representations, fitted=20, tested=20))
    assert listed(fewer, "probes") == [NotShown("probes", count=20, shown=40)]


def test_pictures_that_were_not_changed_are_counted() -> None:
    """Ten pictures were shifted, turned and dimmed."""
    snapshot = small_snapshot()
    found = snapshot.representations
    assert found is not None
    pixels = replace(found.pixels, likeness=found.pixels.likeness[:, :10])
    fewer = replace(snapshot, representations=replace(found, pixels=pixels))
    assert listed(fewer, "changed_pictures") == [NotShown("changed_pictures", count=50, shown=10)]


def test_units_that_nothing_was_tried_on_are_counted() -> None:
    """Of six filters four were taken away, three got a picture, and two have their patches cut out."""
    snapshot = small_snapshot()
    layer = layer_at(snapshot, 3)
    ablation, made, extremes = layer.ablation, layer.visualization, layer.extremes
    assert ablation is not None
    assert made is not None
    assert extremes is not None
    part = replace(
        layer,
        ablation=replace(ablation, lost=ablation.lost[:4], won=ablation.won[:4]),
        visualization=replace(made, activation=made.activation[:3], images=made.images[:3]),
        extremes=replace(extremes, looks=extremes.looks[:2]),
    )
    found = [
        entry
        for kind in ("ablated_units", "made_units", "patches")
        for entry in listed(with_layer(snapshot, part), kind)
    ]
    assert [(each.layer, each.count, each.shown) for each in found] == [(3, 2, 4), (3, 3, 3), (3, 4, 2)]


@pytest.mark.parametrize(("measure", "kind"), [("ablation", "ablation"), ("visualization", "made")])
def test_a_layer_that_was_not_tried_at_all_says_so(measure: str, kind: str) -> None:
    """Every layer with units of its own, and none of those that only hand on numbers."""
    found = listed(small_snapshot(without={measure}), kind)
    assert [(each.layer, each.count) for each in found] == [(1, 4), (2, 4), (3, 6), (4, 6), (6, 5), (7, 3)]


def test_fewer_pictures_without_a_unit_are_counted() -> None:
    """The fewest of all layers."""
    snapshot = small_snapshot()
    layer = layer_at(snapshot, 3)
    assert layer.ablation is not None
    fewer = with_layer(snapshot, replace(layer, ablation=replace(layer.ablation, pictures=45)))
    assert listed(fewer, "ablation_pictures") == [NotShown("ablation_pictures", count=15, shown=45)]


def test_a_convolution_without_shuffled_kernels_is_listed() -> None:
    """Pooling and dense layers have no kernel to shuffle, and are not."""
    snapshot = small_snapshot()
    layer = layer_at(snapshot, 3)
    assert layer.tuning is not None
    none = np.zeros((6, 0))
    bare = Tuning(*(replace(each, shuffled=none) for each in (layer.tuning.trained, layer.tuning.untrained)))
    found = listed(with_layer(snapshot, replace(layer, tuning=bare)), "tuning_chance")
    assert found == [NotShown("tuning_chance", 3, count=6)]


def test_without_gradients_nothing_is_marked() -> None:
    """One entry; and none where there were no pictures to begin with."""
    assert listed(small_snapshot(without={"attribution"}), "attribution") == [NotShown("attribution")]
    assert listed(small_snapshot(pictures=0), "attribution") == []


def test_without_a_convolution_there_is_no_grad_cam() -> None:
    """It weighs the maps of one."""
    snapshot = small_snapshot()
    assert snapshot.attribution is not None
    bare = replace(snapshot, attribution=replace(snapshot.attribution, grad_cam=None, grad_cam_layer=0))
    assert listed(bare, "grad_cam") == [NotShown("grad_cam")]


@pytest.mark.parametrize(
    ("snapshot", "reason"),
    [(small_snapshot(recorded=False), "no_record"), (small_snapshot(without={"siblings"}), "no_siblings")],
)
def test_without_other_trainings_no_filters_are_compared(snapshot: Snapshot, reason: str) -> None:
    """One entry for the whole network, with the reason."""
    assert listed(snapshot, "siblings") == [NotShown("siblings", reason=reason)]
    assert listed(snapshot, "compared_seeds") == []


def test_a_sample_of_filters_in_the_rank_is_listed() -> None:
    """A layer of 70 filters, of which 64 are ranked."""
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 70)).astype(np.float32)
    found = listed(with_kernel(small_snapshot(without=MEASURES), 3, kernel, kernel), "ranked_filters")
    assert found == [NotShown("ranked_filters", 3, count=6, shown=64)]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_words(kind: str) -> None:
    """What, why and how much, with nothing left to fill in."""
    entry = NotShown(kind, 1, reason="no_record", count=44, shown=256)
    snapshot = small_snapshot()
    analysis = analyse(snapshot)
    context = Context(analysis, Words("en"), Gallery(analysis), subject_of(CONFIG))
    told = missing_in_words(entry, context)
    assert told.how_much == "44"
    assert all(text and "{" not in text for text in (told.what, told.why))


def told_together(*entries: NotShown) -> tuple[Missing, ...]:
    """What the page says of them."""
    analysis = analyse(small_snapshot())
    return merged(entries, Context(analysis, Words("en"), Gallery(analysis), subject_of(CONFIG)))


def test_what_several_layers_lack_for_one_reason_is_said_once() -> None:
    """Layers are listed, counts added up, each with what it counts."""
    (found,) = told_together(
        NotShown("mixed", 1, count=500, shown=100), NotShown("mixed", 3, count=216, shown=100)
    )
    assert found.what.startswith("First convolution and second convolution: ")
    assert "100 sums" in found.why
    assert found.how_much == "716 numbers"


def test_shares_of_several_layers_are_a_range() -> None:
    """From the smallest to the largest; one number where they are written alike."""
    far, alike = ((0.002, 0.05), (0.002, 0.00201))
    for shares, said in ((far, "0.2% to 5.0% of the weights"), (alike, "0.2% of the weights")):
        entries = [
            NotShown("clipped_weights", layer, share=each) for layer, each in zip((1, 3), shares, strict=True)
        ]
        assert [each.how_much for each in told_together(*entries)] == [said]
    assert [each.how_much for each in told_together(NotShown("clipped_maps", 1, share=0.01))] == [
        "1.0% of the values"
    ]


def test_what_differs_is_not_merged() -> None:
    """Other reasons and other numbers shown are other sentences."""
    entries = (
        NotShown("maps", 1, reason="no_pictures"),
        NotShown("maps", 3, reason="no_graph"),
        NotShown("units", 1, count=1, shown=5),
        NotShown("units", 3, count=1, shown=6),
    )
    assert [each.how_much for each in told_together(*entries)] == ["–", "–", "1 unit", "1 unit"]


def test_of_many_layers_the_first_are_named() -> None:
    """The others are counted."""
    (found,) = told_together(*[NotShown("made", 1, count=2)] * (MOST_LAYERS + 3))
    assert "3 more layers: " in found.what
    assert found.how_much == "30 units"


def test_every_count_says_what_it_counts() -> None:
    """Whatever is listed with a count."""
    found = {each.kind for make in VARIANTS.values() for each in not_shown(analyse(make())) if each.count}
    assert found <= COUNTED.keys() <= KINDS
    assert all(told_together(NotShown(kind, count=2))[0].how_much != "2" for kind in COUNTED)


def test_no_other_kind_is_listed() -> None:
    """Whatever is missing from a report, there are words for it."""
    found = {each.kind for make in VARIANTS.values() for each in not_shown(analyse(make()))}
    assert found <= KINDS


@pytest.mark.parametrize(("kind", "changes"), [("unfed", {"unfed": 2}), ("unasked", {"unasked": 1})])
def test_inputs_and_answers_that_play_no_part_are_counted(kind: str, changes: dict[str, int]) -> None:
    """Zeros went in, or nobody asked; nothing is listed of a network of one input and one answer."""
    assert listed(small_snapshot(), kind) == []
    (found,) = listed(replace(small_snapshot(), **changes), kind)  # type: ignore[arg-type] # fields of one type
    assert found.count == changes[kind]


def test_what_was_mended_is_named() -> None:
    """The user's file stays as it is, but what Keras got differs from it."""
    (found,) = listed(replace(small_snapshot(), mended=("'groups' of DepthwiseConv2D",)), "mended")
    assert found.reason == "'groups' of DepthwiseConv2D"
