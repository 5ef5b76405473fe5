"""What a report leaves out, and how much of it: nothing is truncated, sampled, skipped or clipped in silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from reportgen.analysis.budget import SIDE, SLICES, SPACES, step_of
from reportgen.analysis.claims import FEWEST
from reportgen.analysis.feature_maps import UNCHANGING, is_spatial
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.snapshot import Representations

NAMED = 10
"""Skipped files that are named; the rest is counted."""


@dataclass(frozen=True)
class NotShown:
    """One thing that the report does not show."""

    kind: str
    """Of a layer: `maps`, `drawn_filters`, `slices`, `clipped_weights`, `clipped_maps`, `units`, `patches`,
    `mixed`, `ranked_filters`, `tuning_chance`, `ablation`, `ablated_units`, `made`, `made_units`,
    `compared_seeds`. Of the network: `layers`, `thinned`, `tabled`, `stimuli`, `skipped_pictures`, `mended`,
    `unfed`, `unasked`, `fitted`, `scale`, `labelled_by`, `channels`, `labels`, `mixed_pixels`, `probes`,
    `changed_pictures`, `scattered_pictures`, `spaces`, `few_tested`, `ablation_pictures`, `checked_pictures`,
    `attribution`, `grad_cam`, `siblings`."""
    layer: int | None = None
    reason: str = ""
    count: int | None = None
    """How many are left out."""
    share: float | None = None
    shown: int | None = None
    """How many are shown or used."""


def not_shown(analysis: Analysis) -> tuple[NotShown, ...]:
    """Return everything that is left out, layer by layer, then what no layer shows."""
    found = [entry for study in analysis.layers for entry in _of_layer(study, analysis)]
    skipped = analysis.snapshot.survey.skipped
    if skipped:
        found.append(NotShown("skipped_pictures", reason="; ".join(skipped[:NAMED]), count=len(skipped)))
    found += (*_of_preparation(analysis), *_of_size(analysis))
    return (*found, *_of_pictures(analysis), *_of_decisions(analysis), *_of_seeds(analysis))


def _of_layer(study: LayerStudy, analysis: Analysis) -> Iterator[NotShown]:
    index = study.layer.index
    if study.layer.not_shown:
        yield NotShown("maps", index, reason=study.layer.not_shown)
    yield from _of_drawing(study, analysis)
    if study.filters is not None and study.filters.clipped:
        yield NotShown("clipped_weights", index, share=study.filters.clipped / study.filters.kernel.size)
    yield from _of_filters(study, analysis)
    if study.layer.kind in UNCHANGING or study.maps is None:
        return
    if study.maps.scale.clipped:
        yield NotShown("clipped_maps", index, share=study.maps.scale.clipped)
    units = len(study.maps.states.dead)
    if analysis.units_shown(study):
        yield from _rest("units", index, analysis.units_shown(study), units)
    yield from _of_experiments(study, analysis, units)


def _of_drawing(study: LayerStudy, analysis: Analysis) -> Iterator[NotShown]:
    """Yield which filters and slices of a layer are not drawn."""
    if study.filters is None:
        return
    index, (inputs, filters) = study.layer.index, study.filters.kernel.shape[2:]
    yield from _rest("drawn_filters", index, analysis.filters_shown(study), filters)
    if inputs > 1:
        yield from _rest("slices", index, min(inputs, SLICES) * min(filters, SLICES), inputs * filters)


def _of_size(analysis: Analysis) -> Iterator[NotShown]:
    """Yield what is left out of a network because of its size."""
    own = [each for each in analysis.layers if each.maps is not None and each.layer.kind not in UNCHANGING]
    pictured = sum(analysis.units_shown(each) > 0 for each in own)
    if pictured < len(own):
        yield NotShown("layers", count=len(own) - pictured, shown=pictured)
    thinned = sum(is_thinned(each) for each in own if analysis.units_shown(each))
    if thinned:
        yield NotShown("thinned", count=thinned, shown=SIDE)
    tabled, filtered = len(analysis.tabled), len(analysis.convolutions)
    if tabled < filtered:
        yield NotShown("tabled", count=filtered - tabled, shown=tabled)
    if own and analysis.stimuli is None:
        yield NotShown("stimuli")


def is_thinned(study: LayerStudy) -> bool:
    """Return whether a layer's maps are too large to be drawn place by place."""
    return is_spatial(study.layer) and step_of(*(side or 1 for side in study.layer.map_shape[:2])) > 1


def _of_filters(study: LayerStudy, analysis: Analysis) -> Iterator[NotShown]:
    """Yield what was left out when a layer's filters were compared with each other and with other seeds'."""
    index, record = study.layer.index, analysis.snapshot.record
    if study.filters is None:
        return
    filters = study.filters.kernel.shape[3]
    if study.mixture is not None:
        yield from _rest("ranked_filters", index, study.mixture.ranked, filters)
    if record and record.siblings and study.layer.inputs != (0,):
        yield NotShown("compared_seeds", index, count=filters)


def _of_experiments(study: LayerStudy, analysis: Analysis, units: int) -> Iterator[NotShown]:
    """Yield how much of what was tried out on a layer was tried out on a part of it only."""
    layer, index = study.layer, study.layer.index
    mixed = analysis.snapshot.representations
    if layer.space is not None and mixed is not None and layer.space.size > mixed.mixed:
        yield NotShown("mixed", index, count=layer.space.size, shown=mixed.mixed)
    if layer.extremes is not None:
        yield from _rest("patches", index, len(layer.extremes.looks), units)
    if _slides(study) and study.tuning is not None and not study.tuning.draws:
        yield NotShown("tuning_chance", index, count=units)
    if layer.ablation is not None:
        yield from _rest("ablated_units", index, len(layer.ablation.lost), units)
    elif analysis.snapshot.survey.labels.size:
        yield NotShown("ablation", index, count=units)
    if layer.visualization is not None:
        yield from _rest("made_units", index, len(layer.visualization.activation), units)
    else:
        yield NotShown("made", index, count=units)


def _rest(kind: str, layer: int, used: int, total: int) -> Iterator[NotShown]:
    if used < total:
        yield NotShown(kind, layer, count=total - used, shown=used)


def _slides(study: LayerStudy) -> bool:
    """Return whether a layer has kernels of several places, which can be put in random order."""
    return study.filters is not None and prod(study.filters.kernel.shape[:2]) > 1


def _of_preparation(analysis: Analysis) -> Iterator[NotShown]:
    """Yield what was changed or guessed before the network got the pictures."""
    snapshot, survey = analysis.snapshot, analysis.snapshot.survey
    if snapshot.mended:
        yield NotShown("mended", reason="; ".join(snapshot.mended), count=len(snapshot.mended))
    if snapshot.unfed and survey.pictures:
        yield NotShown("unfed", count=snapshot.unfed)
    if snapshot.unasked and survey.pictures:
        yield NotShown("unasked", count=snapshot.unasked)
    if survey.fitted:
        yield NotShown("fitted", reason=survey.fit, count=survey.fitted)
    if survey.pictures and snapshot.scale_origin == "nothing":
        yield NotShown("scale")
    if survey.labelled_by == "place":
        yield NotShown("labelled_by")


def _of_pictures(analysis: Analysis) -> Iterator[NotShown]:
    """Yield which measures were taken over a part of the pictures, and what of the pictures is not seen."""
    showcase = analysis.snapshot.showcase
    if showcase and showcase[0].pixels.shape[2] not in (1, 3):
        yield NotShown("channels", count=showcase[0].pixels.shape[2])
    survey, found = analysis.snapshot.survey, analysis.snapshot.representations
    if survey.pictures and not survey.labels.size:
        yield NotShown("labels")
    if found is not None:
        yield from _of_spaces(found, survey.pictures)
    tried = {study.layer.ablation.pictures for study in analysis.layers if study.layer.ablation}
    if tried:
        yield from _other_pictures("ablation_pictures", min(tried), survey.pictures)


def _of_spaces(found: Representations, pictures: int) -> Iterator[NotShown]:
    """Yield what of the layers' spaces is not measured or not drawn."""
    if found.pixels.size > found.mixed:
        yield NotShown("mixed_pixels", count=found.pixels.size, shown=found.mixed)
    yield from _other_pictures("probes", found.fitted + found.tested, pictures)
    yield from _other_pictures("changed_pictures", found.pixels.likeness.shape[1], pictures)
    if found.tested < FEWEST:
        yield NotShown("few_tested", shown=FEWEST)
        return
    yield from _other_pictures("scattered_pictures", len(found.scattered), pictures)
    yield from _other_pictures("spaces", SPACES, sum(index > 0 for index in found.layers))


def _of_decisions(analysis: Analysis) -> Iterator[NotShown]:
    """Yield what is not known of where decisions come from."""
    survey, found = analysis.snapshot.survey, analysis.snapshot.attribution
    if found is None:
        if survey.pictures:
            yield NotShown("attribution")
        return
    if found.grad_cam is None:
        yield NotShown("grad_cam")
    yield from _other_pictures("checked_pictures", found.integrated.checked, survey.pictures)


def _other_pictures(kind: str, used: int, total: int) -> Iterator[NotShown]:
    if used < total:
        yield NotShown(kind, count=total - used, shown=used)


def _of_seeds(analysis: Analysis) -> Iterator[NotShown]:
    """Yield that it is not known whether other seeds end in the same filters, where there are filters."""
    record = analysis.snapshot.record
    if analysis.convolutions and not (record and record.siblings):
        yield NotShown("siblings", reason="no_siblings" if record else "no_record")
