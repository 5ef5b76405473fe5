"""What `data/report.json` says of each layer; its units are those of `data_of_units`."""

from math import nan

from reportgen.analysis.agreement import AgreementStudy
from reportgen.analysis.depth import DepthRow
from reportgen.analysis.feature_maps import UNCHANGING, is_spatial
from reportgen.analysis.formation import FormationStudy
from reportgen.analysis.mixtures import MixtureStudy
from reportgen.analysis.spaces import Pair, SpaceRow
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.analysis.weights import WeightNumbers, WeightStudy
from reportgen.pages.context import Context, reason_in_words
from reportgen.pages.data_of_units import NO_PICTURES, units
from reportgen.pages.json_values import (
    NO_LABELS,
    NOT_MEASURED,
    Json,
    measured,
    number_or_reason,
    numbers,
    or_reason,
    rows,
)
from reportgen.snapshot import Layer

NO_SELECTIVITY = "no unit for which it is defined"
NO_CHANGE = "the array began as zeros, or its numbers are not all finite"
NO_TWIN = "there is no untrained twin of this network"
NO_FILTERS = "the layer has no filters over a picture"
ONE_INPUT = "the filters read a single channel"
NO_RECORD = "the network came without a record of its training, or the record has no moments of this layer"
NO_SIBLINGS = "no other trainings are on record, or the layer does not read the picture itself"
ALWAYS_THE_SAME = "the layer gives the same for every picture, or there were too few pictures"
ACTIVATIONS = frozenset({"Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"})
"""Kinds of layers that are nothing but an activation."""


def layer_data(study: LayerStudy, context: Context) -> Json:
    """Return everything that is said of a layer in numbers."""
    layer = study.layer
    return {
        "index": layer.index,
        "name": layer.name,
        "kind": layer.kind,
        "output_shape": list(layer.output_shape),
        "parameters": layer.parameters,
        "page": context.layer_path(study),
        "inputs": list(layer.inputs),
        "shared_with": _shared_with(layer, context),
        "weights": [_weights(each, context) for each in study.weights],
        "filters": _filters(study, context.analysis.filters_shown(study)),
        **or_reason("maps", _maps(study, context), _why_no_maps(study, context)),
        **or_reason("receptive_field", _field(study), "it cannot be followed back to the picture"),
        **units(study, context.analysis.units_shown(study)),
        **or_reason("depth", _depth(study, context.analysis), NO_PICTURES),
    }


def likenesses(row: SpaceRow | None, changes: tuple[str, ...], *, untrained: bool = False) -> dict[str, Json]:
    """Return how alike a layer answers to changed pictures, by the change, under its key."""
    found: dict[str, Json] = {}
    for change, pair in zip(changes, row.likeness if row else (), strict=False):
        found |= or_reason(change, _side(pair, untrained=untrained), ALWAYS_THE_SAME)
    return or_reason("shift_similarity", found or None, NOT_MEASURED)


def spaces(row: SpaceRow | None, analysis: Analysis, *, untrained: bool = False) -> dict[str, Json]:
    """Return what can be read off a layer in one of the networks, under three keys."""
    representations = analysis.snapshot.representations
    changes = representations.changes if representations else ()
    unlabelled = row is not None and not analysis.snapshot.survey.labels.size
    probe, rebuilt = (row.probe, row.rebuilt) if row else (None, None)
    return {
        **or_reason(
            "probe_accuracy", _side(probe, untrained=untrained), NO_LABELS if unlabelled else NOT_MEASURED
        ),
        **or_reason("rebuilt", _side(rebuilt, untrained=untrained), NOT_MEASURED),
        **likenesses(row, changes, untrained=untrained),
    }


def _side(pair: Pair | None, *, untrained: bool) -> Json:
    if pair is None:
        return None
    return measured(pair.untrained if untrained else pair.trained)


def _filters(study: LayerStudy, shown: int) -> Json:
    filters, total = study.filters, 0
    limits, clipped, clipped_untrained = list[Json](), 0, 0
    edge_share, keeps = list[Json](), list[Json]()
    if filters is not None:
        total = filters.kernel.shape[3]
        limits = [-filters.limit, filters.limit]
        clipped, clipped_untrained = filters.clipped, filters.clipped_before
        edge_share, keeps = numbers(filters.edge_share), numbers(filters.kept)
    return {
        "total": total,
        "shown": shown,
        "limits": limits,
        "clipped": clipped,
        "clipped_untrained": clipped_untrained,
        "straight_edge_share": edge_share,
        "summary_keeps": keeps,
        **or_reason("mixture", _mixture(study.mixture), ONE_INPUT if total else NO_FILTERS),
        **or_reason("formation", _formation(study.formation), NO_RECORD if total else NO_FILTERS),
        **or_reason("agreement", _agreement(study.agreement), NO_SIBLINGS if total else NO_FILTERS),
    }


def _mixture(found: MixtureStudy | None) -> Json:
    if found is None:
        return None
    return {
        "effective_rank": found.rank,
        "effective_rank_untrained": found.rank_untrained,
        "chance": measured(found.rank_shuffled),
        "of": found.ranked,
        "even_share": found.even_share,
        "strongest_inputs": [
            [{"input": int(source), "share": float(share)} for source, share in zip(*each, strict=True)]
            for each in zip(found.strongest, found.share, strict=True)
        ],
    }


def _formation(found: FormationStudy | None) -> Json:
    if found is None:
        return None
    never = "all filters are zero in the end, or there are fewer than two"
    return {
        "moments": numbers(found.moments),
        "epochs": numbers(found.epochs),
        "epochs_even": numbers(found.epochs_even),
        "unsettled": found.unsettled,
        **or_reason("mean", measured(found.mean), never),
        **or_reason("mean_even", measured(found.mean_even), never),
    }


def _agreement(found: AgreementStudy | None) -> Json:
    if found is None:
        return None
    return {
        "seeds": list(found.seeds),
        "best": rows(found.best),
        "match": found.match.tolist(),
        "mean": measured(found.mean),
        "untrained": measured(found.untrained),
        "chance": measured(found.chance),
        "draws": found.draws,
    }


def _why_no_maps(study: LayerStudy, context: Context) -> str:
    reason = study.layer.not_shown
    return reason_in_words(context.words, reason) if reason else NO_PICTURES


def _maps(study: LayerStudy, context: Context) -> Json:
    maps = study.maps
    if maps is None or study.layer.trained is None:
        return None
    spatial = is_spatial(study.layer)
    total = study.layer.trained.maps.shape[3] if spatial else 0
    return {
        "total": total,
        "shown": min(total, context.analysis.units_shown(study)),
        "limits": [maps.scale.low, maps.scale.high] if spatial else [],
        "clipped_share": maps.scale.clipped if spatial else 0,
        "pre_or_post_activation": "post" if _follows_activation(study, context.analysis) else "pre",
    }


def _follows_activation(study: LayerStudy, analysis: Analysis) -> bool:
    """Return whether what a layer gives has been through an activation, be it that of a layer before it."""
    layer = study.layer
    if layer.activation or layer.kind in ACTIVATIONS:
        return True
    carries_on = "Pooling" in layer.kind or layer.kind in UNCHANGING
    sources = [analysis.layer(index) for index in layer.inputs if index]
    return carries_on and bool(sources) and all(_follows_activation(each, analysis) for each in sources)


def _shared_with(layer: Layer, context: Context) -> Json:
    """Return the indices of all other uses of the same layer."""
    first = layer.shared_with or layer.index
    uses = (each.layer for each in context.analysis.layers)
    return [each.index for each in uses if first in (each.index, each.shared_with) and each.index != layer.index]


def _weights(study: WeightStudy, context: Context) -> Json:
    edges: Json = [float(edge) for edge in study.histogram.edges]
    return {
        "name": study.name,
        "shape": list(study.shape),
        "count": study.trained.count,
        **_moments(study.trained),
        "zeros": study.trained.zeros,
        **number_or_reason("near_zero_share", study.trained.near_zero),
        "not_finite": study.trained.not_finite,
        **number_or_reason("share_outside_first_range", study.outside),
        **number_or_reason("relative_change", study.moved, NO_CHANGE),
        "histogram": {"edges": edges, "counts": [int(count) for count in study.histogram.trained]},
        **or_reason("untrained", _untrained(study, context), NO_TWIN),
    }


def _untrained(study: WeightStudy, context: Context) -> Json:
    counts = study.histogram.untrained
    if study.untrained is None or counts is None:
        return None
    return {
        **_moments(study.untrained),
        "histogram": {
            "edges": [float(edge) for edge in study.histogram.edges],
            "counts": [int(count) for count in counts],
        },
        "origin": context.analysis.snapshot.twin_origin,
    }


def _moments(found: WeightNumbers) -> dict[str, Json]:
    return {
        **number_or_reason("mean", found.mean),
        **number_or_reason("std", found.std),
        **number_or_reason("min", found.minimum),
        **number_or_reason("max", found.maximum),
    }


def _field(study: LayerStudy) -> Json:
    field = study.field
    if field is None:
        return None
    return {
        "size": list(field.size),
        "stride": list(field.stride),
        "share_of_picture": field.share_of_picture,
        "global": field.is_global,
    }


def _depth(study: LayerStudy, analysis: Analysis) -> Json:
    row = study.depth
    if row is None:
        return None
    return {
        **_zeros_and_selectivity(row, untrained=False),
        **spaces(study.space, analysis),
        "untrained": {
            **_zeros_and_selectivity(row, untrained=True),
            **spaces(study.space, analysis, untrained=True),
        },
    }


def _zeros_and_selectivity(row: DepthRow, *, untrained: bool) -> dict[str, Json]:
    zeros = row.zeros_untrained if untrained else row.zeros
    selectivity = row.selectivity_untrained if untrained else row.selectivity
    return {
        **number_or_reason("zeros", zeros.value),
        **number_or_reason("selectivity", selectivity.value if selectivity else nan, NO_SELECTIVITY),
    }
