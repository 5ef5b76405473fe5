"""Which sentences are put to the test on a network, and on which of its layers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reportgen.analysis.claims import (
    Claim,
    favourite_class,
    more_zeros,
    sees_more,
    straight_edges,
    weights_moved,
)
from reportgen.analysis.claims_of_decisions import lookalikes, marks_depend, marks_matter
from reportgen.analysis.claims_of_depth import (
    choosier,
    learned_tolerance,
    loses_detail,
    not_separable_untrained,
    separable,
    steadier,
)
from reportgen.analysis.claims_of_units import (
    background,
    few_matter,
    fewer_patterns,
    oriented,
    same_filters,
    settles_first,
)
from reportgen.analysis.feature_maps import UNCHANGING, is_spatial

if TYPE_CHECKING:
    from reportgen.analysis.study import Analysis, LayerStudy


def claims_of_network(found: "Analysis") -> Iterator[Claim]:
    """Yield every claim about a network, in the order of the story: filters, depth, units, training, decisions."""
    yield from _of_filters(found)
    yield from _of_depth(found)
    yield from _of_units(found)
    yield from _of_training(found)
    yield from _of_decisions(found)


def _of_filters(found: "Analysis") -> Iterator[Claim]:
    convolutions = found.convolutions
    for number, study in enumerate(convolutions[:1] + convolutions[1:][-1:]):
        if study.filters is not None and study.filters.axes == 2:
            yield straight_edges(study.layer, study.filters, "edge_slices" if number else "straight_edges")
        if study.tuning is not None and study.tuning.draws:
            yield oriented(study.layer, study.tuning)
        if study.mixture is not None:
            yield fewer_patterns(study.layer, study.mixture)


def _of_depth(found: "Analysis") -> Iterator[Claim]:
    fields = {each.layer.index: each.field for each in found.layers if each.field is not None}
    convolutions = found.convolutions
    if len(convolutions) > 1:
        yield sees_more(convolutions[0].layer, convolutions[-1].layer, fields)
    zeros = more_zeros(found.snapshot.layers, found.seed)
    if zeros:
        yield zeros
    yield from _of_spaces(found)
    for study in found.layers:
        units = is_spatial(study.layer) or study.layer.kind == "Dense"
        if units and study.depth is not None and study.depth.rectified:
            yield favourite_class(study.layer, study.depth)


def _of_spaces(found: "Analysis") -> Iterator[Claim]:
    """Yield what is held between the first layer of maps and the last layer of units before the answer."""
    layers = [each for each in found.layers[:-1] if each.layer.space and each.layer.kind not in UNCHANGING]
    maps = [each for each in layers if is_spatial(each.layer)]
    if not layers or found.snapshot.representations is None:
        return
    first, last = layers[0], layers[-1]
    if found.snapshot.survey.labels.size:
        pixels = found.snapshot.representations.pixels
        yield separable(pixels, last.layer, found.seed)
        yield not_separable_untrained(pixels, last.layer, found.seed)
    if first is not last:
        yield loses_detail(first.layer, last.layer, found.seed)
        if found.snapshot.survey.labels.size:
            yield choosier(first.layer, last.layer, found.seed)
    if len(maps) > 1:
        yield steadier(maps[0].layer, maps[-1].layer, found.seed)
        yield learned_tolerance(maps[-1].layer, found.seed)


def _of_units(found: "Analysis") -> Iterator[Claim]:
    if found.convolutions and found.stimuli is not None:
        yield background(found.convolutions[0].layer, found.stimuli)
    for study in found.layers[:-1]:
        if study.importance is not None and (study.filters is not None or study.layer.kind == "Dense"):
            yield few_matter(study.layer, study.importance)


def _of_training(found: "Analysis") -> Iterator[Claim]:
    for study in found.layers:
        if study.weights and len(study.weights[0].shape) >= 2:
            yield weights_moved(study.layer, study.weights[0])
    formed = [each for each in found.convolutions if each.formation is not None]
    if len(formed) > 1:
        yield _settled(formed[0], formed[-1], found.seed)
    if found.convolutions:
        first = found.convolutions[0]
        yield same_filters(first.layer, first.agreement)


def _settled(first: "LayerStudy", last: "LayerStudy", seed: int) -> Claim:
    both = (first.formation, last.formation) if first.formation and last.formation else None
    return settles_first(first.layer, last.layer, both, seed)


def _of_decisions(found: "Analysis") -> Iterator[Claim]:
    marked, output = found.snapshot.attribution, found.layers[-1].layer
    if marked is not None:
        used = (marked.grad_cam, marked.integrated)
        for study, each in zip(found.methods, [each for each in used if each is not None], strict=True):
            layer = found.layer(marked.grad_cam_layer).layer if each is marked.grad_cam else output
            lost = float(each.drop_marked.mean()), float(each.drop_random.mean())
            yield marks_depend(layer, study)
            yield marks_matter(layer, study, lost, each.blanked)
    if found.results is not None:
        yield lookalikes(output, found.results, found.snapshot.survey.class_pictures, found.seed)
