"""What a report leaves out, and how much of it: nothing is truncated, sampled, skipped or clipped in silence."""

from dataclasses import dataclass

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.study import Analysis, LayerStudy

MOST_UNITS = 256
"""Units of a layer that its page shows."""


NAMED = 10
"""Skipped files that are named; the rest is counted."""


@dataclass(frozen=True)
class NotShown:
    """One thing that the report does not show."""

    kind: str
    """`maps`, `clipped_weights`, `clipped_maps`, `units`, `skipped_pictures`, `later`."""
    layer: int | None = None
    reason: str = ""
    count: int | None = None
    share: float | None = None
    shown: int | None = None


def not_shown(analysis: Analysis) -> tuple[NotShown, ...]:
    """Return everything that is left out, layer by layer, then what no layer shows."""
    found = [entry for study in analysis.layers for entry in _of_layer(study)]
    skipped = analysis.snapshot.survey.skipped
    if skipped:
        found.append(NotShown("skipped_pictures", reason="; ".join(skipped[:NAMED]), count=len(skipped)))
    return (*found, NotShown("later"))


def _of_layer(study: LayerStudy) -> list[NotShown]:
    found, index = [], study.layer.index
    if study.layer.not_shown:
        found.append(NotShown("maps", index, reason=study.layer.not_shown))
    if study.filters is not None and study.filters.clipped:
        found.append(NotShown("clipped_weights", index, share=study.filters.clipped / study.filters.kernel.size))
    if study.layer.kind in UNCHANGING:
        return found
    if study.maps is not None and study.maps.scale.clipped:
        found.append(NotShown("clipped_maps", index, share=study.maps.scale.clipped))
    if study.maps is not None and len(study.maps.states.dead) > MOST_UNITS:
        more = len(study.maps.states.dead) - MOST_UNITS
        found.append(NotShown("units", index, count=more, shown=MOST_UNITS))
    return found
