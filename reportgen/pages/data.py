"""The numbers behind the pages: `data/report.json` and its schema; the tables beside it are those of `tables`."""

import json
from importlib.resources import files
from math import isfinite, nan

import numpy as np

from reportgen.analysis.claims import Claim
from reportgen.analysis.feature_maps import UNCHANGING, is_spatial
from reportgen.analysis.intervals import Measured
from reportgen.analysis.missing import MOST_UNITS, not_shown
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.analysis.weights import WeightNumbers, WeightStudy
from reportgen.pages.context import Context, reason_in_words
from reportgen.pages.reference import missing_in_words
from reportgen.pages.tables import depth_tables, layer_tables, training_tables
from reportgen.snapshot import Picture

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

NO_TEXT = "backslashreplace"
"""How a name that is no text is written: as the escape that it has in JSON."""
NOT_MEASURED = "this version of the program does not measure it"
NO_PICTURES = "no pictures were given, or the layer's output is not one array of units"
NO_ANSWER = "the network's answer is not a set of probabilities"
NOT_FINITE = "the numbers that it is made of are not all finite"
NO_SELECTIVITY = "no unit for which it is defined"
NO_CHANGE = "the array began as zeros, or its numbers are not all finite"
ACTIVATIONS = frozenset({"Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"})
"""Kinds of layers that are nothing but an activation."""
COUNTED = "it was counted, not estimated from a sample"


def data_files(context: Context) -> dict[str, bytes]:
    """Return the data files of a report by path; the context's words are those of the first language."""
    report = json.dumps(report_data(context), indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    found = {"data/report.json": report.encode("utf-8", NO_TEXT) + b"\n", "data/report.schema.json": _schema()}
    for study in context.analysis.layers:
        found |= layer_tables(study, context.slugs[study.layer.index])
    return dict(sorted((found | depth_tables(context.analysis) | training_tables(context.analysis)).items()))


def report_data(context: Context) -> dict[str, Json]:
    """Return everything that the pages say in numbers."""
    analysis, snapshot = context.analysis, context.analysis.snapshot
    return {
        "model": _model(context),
        "layers": [_layer(study, context) for study in analysis.layers],
        "pictures": [_picture(picture, context) for picture in snapshot.showcase],
        **_or_reason("training", _training(analysis), "the network came without a record of its training"),
        **_or_reason("results", _results(analysis), "no picture has a label, or no answer is a class"),
        "claims": [_claim(claim, context) for claim in analysis.claims],
        "not_shown": [_missing(context, number) for number in range(len(not_shown(analysis)))],
        "provenance": {
            "command": context.subject.command,
            "versions": dict(sorted(snapshot.versions.items())),
            "seed": analysis.seed,
            "model_digest": snapshot.digest,
            "data_digests": _data_digests(analysis),
            "twin": {"origin": snapshot.twin_origin, "seed": snapshot.twin_seed},
        },
    }


def _model(context: Context) -> Json:
    snapshot = context.analysis.snapshot
    return {
        "name": context.subject.title,
        "parameters": snapshot.parameters,
        "input_shape": list(snapshot.input_shape),
        **_or_reason("classes", list(context.class_names) or None, "the classes came without names"),
        "digest": snapshot.digest,
    }


def _data_digests(analysis: Analysis) -> Json:
    snapshot = analysis.snapshot
    pictures: dict[str, Json] = {"pictures": snapshot.survey.digest} if snapshot.survey.digest else {}
    recorded = sorted(snapshot.record.data_digests.items()) if snapshot.record else []
    return {**pictures, **dict(recorded)}


def _layer(study: LayerStudy, context: Context) -> Json:
    layer = study.layer
    return {
        "index": layer.index,
        "name": layer.name,
        "kind": layer.kind,
        "output_shape": list(layer.output_shape),
        "parameters": layer.parameters,
        "page": context.layer_path(study),
        "inputs": list(layer.inputs),
        "shared_with": [],
        "weights": [_weights(each, context) for each in study.weights],
        **_or_reason("filters", _filters(study), "the layer has no filters over a picture"),
        **_or_reason("maps", _maps(study, context), _why_no_maps(study, context)),
        **_or_reason("receptive_field", _field(study), "it cannot be followed back to the picture"),
        **_or_reason("units", _units(study), NO_PICTURES),
        **_or_reason("depth", _depth(study), NO_PICTURES),
    }


def _filters(study: LayerStudy) -> Json:
    filters = study.filters
    if filters is None:
        return None
    return {
        "total": filters.kernel.shape[3],
        "shown": filters.kernel.shape[3],
        "limits": [-filters.limit, filters.limit],
        "clipped": filters.clipped,
        "clipped_untrained": filters.clipped_before,
        "straight_edge_share": [_number(each) for each in filters.edge_share],
        "summary_keeps": [_number(each) for each in filters.kept],
    }


def _why_no_maps(study: LayerStudy, context: Context) -> str:
    reason = study.layer.not_shown
    return reason_in_words(context.words, reason) if reason else "the layer's output has no places"


def _maps(study: LayerStudy, context: Context) -> Json:
    maps = study.maps
    if maps is None or study.layer.trained is None or not is_spatial(study.layer):
        return None
    total = study.layer.trained.maps.shape[3]
    return {
        "total": total,
        "shown": min(total, MOST_UNITS),
        "limits": [maps.scale.low, maps.scale.high],
        "clipped_share": maps.scale.clipped,
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


def _or_reason(key: str, value: Json, reason: str) -> dict[str, Json]:
    return {key: value} if value is not None else {key: None, f"{key}_reason": reason}


def _weights(study: WeightStudy, context: Context) -> Json:
    untrained = study.histogram.untrained
    edges: Json = [float(edge) for edge in study.histogram.edges]
    return {
        "name": study.name,
        "shape": list(study.shape),
        "count": study.trained.count,
        **_moments(study.trained),
        "zeros": study.trained.zeros,
        **_number_or_reason("near_zero_share", study.trained.near_zero),
        "not_finite": study.trained.not_finite,
        **_number_or_reason("share_outside_first_range", study.outside),
        **_number_or_reason("relative_change", study.moved, NO_CHANGE),
        "histogram": {"edges": edges, "counts": [int(count) for count in study.histogram.trained]},
        "untrained": {
            **_moments(study.untrained),
            "histogram": {
                "edges": edges,
                "counts": [int(count) for count in untrained] if untrained is not None else [],
            },
            "origin": context.analysis.snapshot.twin_origin,
        },
    }


def _moments(numbers: WeightNumbers) -> dict[str, Json]:
    return {
        **_number_or_reason("mean", numbers.mean),
        **_number_or_reason("std", numbers.std),
        **_number_or_reason("min", numbers.minimum),
        **_number_or_reason("max", numbers.maximum),
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


def _units(study: LayerStudy) -> Json:
    if study.maps is None or study.layer.trained is None:
        return None
    return [_unit(study, number) for number in range(len(study.maps.states.dead))]


def _unit(study: LayerStudy, number: int) -> Json:
    if study.maps is None or study.layer.trained is None:
        return None
    responses, states = study.layer.trained.responses, study.maps.states
    return {
        "index": number,
        "dead": bool(states.dead[number]),
        "silent": bool(states.silent[number]),
        "tiny": bool(states.tiny[number]),
        "silent_share": _number(states.silent_share[number]),
        **_number_or_reason("mean", responses.mean[number]),
        **_number_or_reason("max", responses.maximum[number]),
        **_number_or_reason(
            "class_selectivity",
            study.maps.selectivity[number],
            "it is defined for units that answer, and never below zero, to labelled pictures",
        ),
        **dict.fromkeys(("top", "bottom", "ablation", "visualization")),
        **{f"{key}_reason": NOT_MEASURED for key in ("top", "bottom", "ablation", "visualization")},
    }


def _depth(study: LayerStudy) -> Json:
    row = study.depth
    if row is None:
        return None
    missing = ("probe_accuracy", "shift_similarity")
    return {
        **_zeros_and_selectivity(row.zeros, row.selectivity),
        "untrained": _zeros_and_selectivity(row.zeros_untrained, row.selectivity_untrained),
        **dict.fromkeys(missing),
        **{f"{key}_reason": NOT_MEASURED for key in missing},
    }


def _zeros_and_selectivity(zeros: Measured, selectivity: Measured | None) -> dict[str, Json]:
    return {
        **_number_or_reason("zeros", zeros.value),
        **_number_or_reason("selectivity", selectivity.value if selectivity else nan, NO_SELECTIVITY),
    }


def _picture(picture: Picture, context: Context) -> Json:
    likely = int(picture.probabilities.argmax()) if picture.probabilities.size else None
    return {
        "name": picture.name,
        "source": picture.source,
        "number": picture.number,
        **_or_reason("label", picture.label, "the picture has no label"),
        **_or_reason("predicted", likely, NO_ANSWER),
        **_or_reason("probabilities", _probabilities(picture), NO_ANSWER),
        "page": context.picture_path(picture),
        "digest": picture.digest,
    }


def _probabilities(picture: Picture) -> Json:
    if not picture.probabilities.size:
        return None
    exact = picture.probabilities.astype(np.float64)
    return [float(each) for each in exact / exact.sum()]


def _training(analysis: Analysis) -> Json:
    record = analysis.snapshot.record
    if record is None:
        return None
    history = {
        "loss": record.loss,
        "accuracy": record.accuracy,
        "validation_loss": record.validation_loss,
        "validation_accuracy": record.validation_accuracy,
    }
    return {
        "epochs": record.epochs,
        "best_epoch": record.best_epoch,
        "history": {name: [_number(each) for each in values] for name, values in history.items()},
        "test_accuracy": record.test_accuracy,
        "confusion": record.confusion.tolist(),
        "seed": record.seed,
        "command": record.command,
    }


def _results(analysis: Analysis) -> Json:
    found = analysis.results
    if found is None:
        return None
    return {
        "origin": found.origin,
        "pictures": found.pictures,
        "right": found.right,
        "accuracy": found.accuracy,
        "chance": 1 / len(found.confusion),
        "survey_pictures": found.survey_pictures,
        "survey_mistakes": found.survey_mistakes,
        "sure_mistakes": found.sure_mistakes,
    }


def _claim(claim: Claim, context: Context) -> Json:
    unknown = "it cannot be measured on this network"
    ends = unknown if claim.value is None else COUNTED
    return {
        "id": claim.id,
        "kind": claim.kind,
        "layer": claim.layer,
        **_or_reason("value", claim.value, unknown),
        **_or_reason("low", claim.low, ends),
        **_or_reason("high", claim.high, ends),
        **_or_reason("chance", _chance(claim), unknown),
        "against": claim.against,
        "verdict": str(claim.verdict),
        "pictures": claim.pictures,
        "method": f"{context.path('depth.html')}#{claim.id}",
        "details": {name: float(value) for name, value in sorted(claim.details.items()) if isfinite(value)},
    }


def _chance(claim: Claim) -> Json:
    reference = claim.reference
    return {"value": reference.value, "low": reference.low, "high": reference.high} if reference else None


def _missing(context: Context, number: int) -> Json:
    entry = missing_in_words(not_shown(context.analysis)[number], context)
    return {"what": entry.what, "why": entry.why, "how_much": entry.how_much}


def _number_or_reason(key: str, value: float, reason: str = NOT_FINITE) -> dict[str, Json]:
    return _or_reason(key, _number(value), reason)


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _schema() -> bytes:
    return (files("reportgen") / "report.schema.json").read_bytes()
