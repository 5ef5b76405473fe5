"""The numbers behind the pages: `data/report.json` and its schema; the tables beside it are those of `tables`."""

from importlib.resources import files
from math import isfinite

import numpy as np

from reportgen.analysis.claims import Claim
from reportgen.analysis.missing import not_shown
from reportgen.analysis.study import Analysis
from reportgen.pages.context import Context
from reportgen.pages.data_of_layers import layer_data
from reportgen.pages.data_of_network import attribution, representations
from reportgen.pages.json_values import Json, numbers, or_reason, written
from reportgen.pages.left_out import missing_in_words
from reportgen.pages.tables import layer_tables
from reportgen.pages.tables_of_network import network_tables
from reportgen.snapshot import Picture

NO_TEXT = "backslashreplace"
"""How a name that is no text is written: as the escape that it has in JSON."""
NO_ANSWER = "the network's answer is not a set of probabilities"
COUNTED = "it was counted, not estimated from a sample"


def data_files(context: Context) -> dict[str, bytes]:
    """Return the data files of a report by path; the context's words are those of the first language."""
    report = written(report_data(context))
    found = {"data/report.json": report.encode("utf-8", NO_TEXT) + b"\n", "data/report.schema.json": _schema()}
    for study in context.analysis.layers:
        found |= layer_tables(study, context.analysis, context.slugs[study.layer.index])
    return dict(sorted((found | network_tables(context.analysis)).items()))


def report_data(context: Context) -> dict[str, Json]:
    """Return everything that the pages say in numbers."""
    analysis, snapshot = context.analysis, context.analysis.snapshot
    return {
        "model": _model(context),
        "layers": [layer_data(study, context) for study in analysis.layers],
        "pictures": [_picture(picture, context) for picture in snapshot.showcase],
        **or_reason("training", _training(analysis), "the network came without a record of its training"),
        **or_reason("results", _results(analysis), "no picture has a label, or no answer is a class"),
        **representations(analysis),
        **attribution(analysis),
        "claims": [_claim(claim, context) for claim in analysis.claims],
        "not_shown": [_missing(context, number) for number in range(len(not_shown(analysis)))],
        "provenance": {
            "command": context.subject.command,
            "versions": dict(sorted(snapshot.versions.items())),
            "seed": analysis.seed,
            "model_digest": snapshot.digest,
            "data_digests": _data_digests(analysis),
            "twin": {"origin": snapshot.twin_origin, "seed": snapshot.twin_seed},
            **or_reason("preparation", _preparation(analysis), "no pictures were given"),
        },
    }


def _model(context: Context) -> Json:
    snapshot = context.analysis.snapshot
    return {
        "name": context.subject.title,
        "parameters": snapshot.parameters,
        "input_shape": list(snapshot.input_shape),
        **or_reason("classes", list(context.class_names) or None, "the classes came without names"),
        "digest": snapshot.digest,
    }


def _data_digests(analysis: Analysis) -> Json:
    snapshot = analysis.snapshot
    pictures: dict[str, Json] = {"pictures": snapshot.survey.digest} if snapshot.survey.digest else {}
    recorded = sorted(snapshot.record.data_digests.items()) if snapshot.record else []
    return {**pictures, **dict(recorded)}


def _preparation(analysis: Analysis) -> Json:
    snapshot, survey = analysis.snapshot, analysis.snapshot.survey
    if not survey.pictures:
        return None
    return {
        "scale": snapshot.scale,
        "scale_origin": snapshot.scale_origin,
        "fitted": survey.fitted,
        **or_reason("fit", survey.fit or None, "every picture had the size of the input"),
        **or_reason("labelled_by", survey.labelled_by or None, "no class folders, or no names of classes"),
    }


def _picture(picture: Picture, context: Context) -> Json:
    likely = int(picture.probabilities.argmax()) if picture.probabilities.size else None
    return {
        "name": picture.name,
        "source": picture.source,
        "number": picture.number,
        **or_reason("label", picture.label, "the picture has no label"),
        **or_reason("predicted", likely, NO_ANSWER),
        **or_reason("probabilities", _probabilities(picture), NO_ANSWER),
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
        "history": {name: numbers(values) for name, values in history.items()},
        "test_accuracy": record.test_accuracy,
        "confusion": record.confusion.tolist(),
        "seed": record.seed,
        "command": record.command,
        "siblings": [{"seed": each.seed, "test_accuracy": each.test_accuracy} for each in record.siblings],
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
        **or_reason("value", claim.value, unknown),
        **or_reason("low", claim.low, ends),
        **or_reason("high", claim.high, ends),
        **or_reason("chance", _chance(claim), unknown),
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


def _schema() -> bytes:
    return (files("reportgen") / "report.schema.json").read_bytes()
