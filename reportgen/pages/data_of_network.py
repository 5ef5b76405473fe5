"""What `data/report.json` says of all layers together: their spaces, and the marks of single decisions."""

from math import isfinite, nan

import numpy as np

from reportgen.analysis.attribution import MethodStudy
from reportgen.analysis.study import Analysis
from reportgen.pages.data_of_layers import spaces
from reportgen.pages.json_values import Json, measured, number_or_reason, or_reason, rows
from reportgen.snapshot import Doubles, MarkedPixels

NO_SPACES = "no pictures were given, or no layer's output is one array of units"
NO_MARKS = "no pictures were given, or the network has no gradients or does not answer with a row of numbers"
TOO_FEW = "fewer than two pictures have a correlation: elsewhere one of the maps is the same at every place"
NO_CONVOLUTION = "the network has no convolution"


def representations(analysis: Analysis) -> dict[str, Json]:
    """Return what the layers' spaces were measured over, and how alike the layers are."""
    found = analysis.snapshot.representations
    if found is None:
        return or_reason("representations", None, NO_SPACES)
    pixels = next((row for row in analysis.spaces if not row.layer), None)
    value: Json = {
        "fitted": found.fitted,
        "tested": found.tested,
        "mixed": found.mixed,
        "changes": list(found.changes),
        "changed_pictures": found.pixels.likeness.shape[1],
        "pixels": {"size": found.pixels.size, **spaces(pixels, analysis)},
        "layers": list(found.layers),
        "alignment": {
            "trained": rows(found.alignment),
            "untrained": rows(found.alignment_untrained),
            "between": rows(found.alignment_between),
        },
    }
    return {"representations": value}


def attribution(analysis: Analysis) -> dict[str, Json]:
    """Return how the methods that mark pixels stand their tests."""
    found = analysis.snapshot.attribution
    if found is None:
        return or_reason("attribution", None, NO_MARKS)
    marked = [each for each in (found.grad_cam, found.integrated) if each is not None]
    value: Json = {
        "methods": [_method(study, each) for study, each in zip(analysis.methods, marked, strict=True)],
        **or_reason("grad_cam_layer", found.grad_cam_layer if found.grad_cam else None, NO_CONVOLUTION),
        **number_or_reason("completeness_max", _largest(found.completeness)),
    }
    return {"attribution": value}


def _method(study: MethodStudy, marked: MarkedPixels) -> Json:
    return {
        "method": study.method,
        "checked": marked.checked,
        "blanked": marked.blanked,
        **or_reason("likeness", measured(study.likeness), TOO_FEW),
        "compared": study.compared,
        "depends": str(study.depends),
        **or_reason("drop", measured(study.drop), "fewer than two pictures were blanked"),
        **number_or_reason("drop_marked", _mean(marked.drop_marked)),
        **number_or_reason("drop_random", _mean(marked.drop_random)),
        "matters": str(study.matters),
        "pictures": study.pictures,
    }


def _mean(values: Doubles) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else nan


def _largest(values: Doubles) -> float:
    finite = [float(each) for each in values if isfinite(each)]
    return max(finite) if len(finite) == len(values) and finite else nan
