"""What `data/report.json` says of single units: their answers, and what was tried out on each."""

from math import nan

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.intervals import Measured
from reportgen.analysis.patches import SHOWN
from reportgen.analysis.study import LayerStudy
from reportgen.analysis.tuning import Caption, TuningStudy
from reportgen.pages.json_values import (
    NO_LABELS,
    NOT_MEASURED,
    Json,
    measured,
    number_or_reason,
    or_reason,
)
from reportgen.snapshot import Patches

NO_PICTURES = "no pictures were given, or the layer's output is not one array of units"
HANDED_ON = "the layer hands on the numbers that it gets: its units are those of the layer before"
NOT_LISTED = "the network has more layers than have their units listed"
BEYOND = "it was measured for the first units of the layer only"
NO_SELECTIVITY = "it is defined for units that answer, and never below zero, to labelled pictures"
NO_TOP_CLASS = "the unit answered to fewer pictures than were looked at"
NO_ANSWER = "the unit answered to none of the synthetic pictures that it is taken over"
NO_CHANCE = "no kernels were shuffled for this layer"
NO_TEST = "the unit always answers the same, so that setting it to its mean changes nothing"
NOT_TUNED = "the unit is not tuned beyond chance, or no direction of lines stands out clearly"


def units(study: LayerStudy, shown: int) -> dict[str, Json]:
    """Return a layer's first units under their key; none for a layer whose units are those of the one before."""
    if study.layer.kind in UNCHANGING:
        return {"units": [], "units_reason": HANDED_ON}
    if study.maps is None or study.layer.trained is None:
        return or_reason("units", None, NO_PICTURES)
    if not shown:
        return {"units": [], "units_reason": NOT_LISTED}
    return {"units": [_unit(study, number) for number in range(shown)]}


def _unit(study: LayerStudy, unit: int) -> Json:
    if study.maps is None or study.layer.trained is None:
        return None
    responses, states = study.layer.trained.responses, study.maps.states
    return {
        "index": unit,
        "dead": bool(states.dead[unit]),
        "silent": bool(states.silent[unit]),
        "tiny": bool(states.tiny[unit]),
        "silent_share": float(states.silent_share[unit]),
        **number_or_reason("mean", responses.mean[unit]),
        **number_or_reason("max", responses.maximum[unit]),
        **number_or_reason("class_selectivity", study.maps.selectivity[unit], NO_SELECTIVITY),
        **_places(study, unit),
        **_top_class(study, unit),
        **_ablation(study, unit),
        **_visualization(study, unit),
        **_tuning(study.tuning, unit),
    }


def _places(study: LayerStudy, unit: int) -> dict[str, Json]:
    found = study.layer.extremes
    if found is None:
        return {key: value for kind in ("top", "bottom", "random") for key, value in _no(kind, NOT_MEASURED)}
    return {
        "top": _patches(found.top, unit),
        "bottom": _patches(found.bottom, unit),
        "random": _patches(found.random, unit),
    }


def _no(key: str, reason: str) -> list[tuple[str, Json]]:
    return list(or_reason(key, None, reason).items())


def _patches(places: Patches, unit: int) -> Json:
    return [
        {
            "picture": int(places.picture[unit, rank]),
            "row": int(places.row[unit, rank]),
            "column": int(places.column[unit, rank]),
            **number_or_reason("response", places.response[unit, rank]),
        }
        for rank in range(min(SHOWN, places.picture.shape[1]))
    ]


def _top_class(study: LayerStudy, unit: int) -> dict[str, Json]:
    if unit >= len(study.top_classes):
        return or_reason("top_class", None, NOT_MEASURED if study.layer.extremes is None else NO_LABELS)
    found = study.top_classes[unit]
    if found is None:
        return or_reason("top_class", None, NO_TOP_CLASS)
    value: Json = {"label": found.label, "count": found.count, "of": found.of, "chance": found.chance}
    return {"top_class": value}


def _ablation(study: LayerStudy, unit: int) -> dict[str, Json]:
    found = study.importance
    if found is None:
        unlabelled = study.layer.trained is not None and not len(study.layer.trained.responses.class_means)
        return or_reason("ablation", None, NO_LABELS if unlabelled else NOT_MEASURED)
    if unit >= len(found.change):
        return or_reason("ablation", None, BEYOND)
    value: Json = {
        "accuracy_change": float(found.change[unit]),
        "low": float(found.low[unit]),
        "high": float(found.high[unit]),
        **number_or_reason("p", found.p[unit], NO_TEST),
        "matters": bool(found.matters[unit]),
        "pictures": found.pictures,
    }
    return {"ablation": value}


def _visualization(study: LayerStudy, unit: int) -> dict[str, Json]:
    made, seen = study.layer.visualization, study.layer.trained
    if made is None or seen is None or unit >= len(made.activation):
        return or_reason("visualization", None, NOT_MEASURED if made is None else BEYOND)
    answer, best = float(made.activation[unit]), float(seen.responses.maximum[unit])
    value: Json = {
        **number_or_reason("activation", answer),
        **number_or_reason("best_picture", best),
        "beats": answer > best,
    }
    return {"visualization": value}


def _tuning(found: TuningStudy | None, unit: int) -> dict[str, Json]:
    if found is None:
        return or_reason("tuning", None, NOT_MEASURED)
    if unit >= len(found.after.index):
        return or_reason("tuning", None, BEYOND)
    after = found.after
    silent = NO_ANSWER if np.isnan(after.index[unit]) else NO_CHANCE
    tested = bool(np.isfinite(after.p[unit]))
    value: Json = {
        **number_or_reason("index", after.index[unit], NO_ANSWER),
        **number_or_reason("index_untrained", found.before.index[unit], NO_ANSWER),
        "strength": float(after.strength[unit]),
        **number_or_reason("p", after.p[unit], silent),
        **or_reason("tuned", bool(after.tuned[unit]) if tested else None, silent),
        **number_or_reason("angle", after.angle[unit], NO_ANSWER),
        **or_reason("family", after.family[unit], NO_ANSWER),
        **or_reason("kind", after.kind[unit], NO_ANSWER),
        **or_reason("caption", _caption(after.captions[unit]), NOT_TUNED),
        **or_reason("chance", measured(_chance(found, unit)), NO_CHANCE),
        "draws": found.draws,
    }
    return {"tuning": value}


def _chance(found: TuningStudy, unit: int) -> Measured:
    after = found.after
    if not found.draws:
        return Measured(nan, nan, nan)
    return Measured(float(after.chance_mean[unit]), float(after.chance_low[unit]), float(after.chance_high[unit]))


def _caption(found: Caption | None) -> Json:
    if found is None:
        return None
    return {
        "family": found.family,
        "direction": found.direction,
        **or_reason("side", found.side, "it is a bar, or both sides do nearly as well"),
        "contrast": found.contrast,
    }
