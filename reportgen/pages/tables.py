"""The numbers behind each figure of a layer as CSV; those of all layers are in `tables_of_network`."""

from collections.abc import Iterator, Sequence
from math import nan

import numpy as np

from reportgen.analysis.agreement import AgreementStudy
from reportgen.analysis.budget import UNITS_A_LAYER
from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.filters import FilterStudy
from reportgen.analysis.formation import FormationStudy
from reportgen.analysis.mixtures import MixtureStudy
from reportgen.analysis.patches import SHOWN
from reportgen.analysis.stimuli import Stimuli
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.analysis.weights import WeightStudy
from reportgen.pages.csv_values import Cell, table
from reportgen.snapshot import Extremes, Tuning

_UNIT_HEADER = (
    "unit", "dead", "silent", "tiny", "zero_share", "mean", "max", "selectivity", "untrained_mean",
    "untrained_max", "top_class", "top_class_count", "top_class_of", "top_class_chance", "ablation_change",
    "ablation_low", "ablation_high", "ablation_p", "ablation_matters", "made_activation", "made_beats",
    "orientation_index", "orientation_index_untrained", "orientation_strength", "orientation_p",
    "orientation_tuned", "orientation_angle", "orientation_family", "took_shape", "took_shape_even",
)  # fmt: skip


def layer_tables(study: LayerStudy, analysis: Analysis, slug: str) -> dict[str, bytes]:
    """Return a layer's tables by path.

    Args:
        study: the layer.
        analysis: of the whole network, which tells how much of each layer is listed.
        slug: what the names of its files begin with.
    """
    found = {"weights": _histogram_table(study.weights)} if study.weights else {}
    found |= _filter_tables(study, listed=study.layer.index in analysis.tabled)
    units = analysis.units_shown(study)
    if study.maps is not None and study.layer.trained is not None and study.layer.kind not in UNCHANGING:
        found["units"] = table(_UNIT_HEADER, _unit_rows(study, UNITS_A_LAYER))
    if study.layer.extremes is not None and units:
        found["patches"] = _patch_table(study.layer.extremes, units)
    if study.layer.tuning is not None and analysis.stimuli is not None and units:
        found["tuning"] = _tuning_table(study.layer.tuning, analysis.stimuli, units)
    return {f"data/{slug}-{name}.csv": content for name, content in found.items()}


def _filter_tables(study: LayerStudy, *, listed: bool) -> dict[str, bytes]:
    found = {}
    if study.filters is not None and listed:
        found["filters"] = _filter_table(study.filters)
    if study.mixture is not None:
        found["inputs"] = _input_table(study.mixture)
    if study.folding is not None:
        rows = zip(study.folding.factor, study.folding.factor_before, strict=True)
        found["factors"] = table(
            ("unit", "trained", "untrained"), [[n, float(a), float(b)] for n, (a, b) in enumerate(rows)]
        )
    if study.formation is not None:
        found["formation"] = _formation_table(study.formation)
        found["weights-over-time"] = _weights_over_time(study.formation)
    if study.agreement is not None:
        found["agreement"] = _agreement_table(study.agreement)
    return found


def _histogram_table(found: Sequence[WeightStudy]) -> bytes:
    """Return the bins of all of a layer's weight arrays; the column of a twin that there is not is empty."""
    rows: list[Sequence[Cell]] = []
    for number, each in enumerate(found):
        chart, before = each.histogram, each.histogram.untrained
        for place, count in enumerate(chart.trained):
            edges = float(chart.edges[place]), float(chart.edges[place + 1])
            rows.append((number, *edges, int(count), None if before is None else int(before[place])))
    return table(("array", "from", "to", "trained", "untrained"), rows)


def _filter_table(found: FilterStudy) -> bytes:
    """Return all weights, a row for each square of weights and network."""
    height, width, inputs, filters = found.kernel.shape
    rows: list[list[Cell]] = [
        [network, unit, source, *map(float, kernel[:, :, source, unit].ravel())]
        for network, kernel in (("trained", found.kernel), ("untrained", found.initial))
        for unit in range(filters)
        for source in range(inputs)
    ]
    places = (f"row_{y}_column_{x}" for y in range(height) for x in range(width))
    return table(("network", "filter", "input", *places), rows)


def _input_table(found: MixtureStudy) -> bytes:
    filters, ranks = found.strongest.shape
    rows = [
        [unit, rank + 1, int(found.strongest[unit, rank]), float(found.share[unit, rank])]
        for unit in range(filters)
        for rank in range(ranks)
    ]
    return table(("filter", "rank", "input", "share"), rows)


def _formation_table(found: FormationStudy) -> bytes:
    rows = [
        [float(moment), unit, float(found.cosine[number, unit])]
        for number, moment in enumerate(found.moments)
        for unit in range(found.cosine.shape[1])
    ]
    return table(("epoch", "filter", "cosine"), rows)


def _weights_over_time(found: FormationStudy) -> bytes:
    rows = [
        [float(moment), float(found.edges[place]), float(found.edges[place + 1]), int(count)]
        for moment, counts in zip(found.moments, found.counts, strict=True)
        for place, count in enumerate(counts)
    ]
    return table(("epoch", "from", "to", "weights"), rows)


def _agreement_table(found: AgreementStudy) -> bytes:
    rows = [
        [unit, seed, int(found.match[number, unit]), float(found.best[number, unit])]
        for number, seed in enumerate(found.seeds)
        for unit in range(found.best.shape[1])
    ]
    return table(("filter", "seed", "match", "cosine"), rows)


def _patch_table(found: Extremes, units: int) -> bytes:
    kinds = (("top", found.top), ("bottom", found.bottom), ("random", found.random))
    rows: list[Sequence[Cell]] = [
        [
            unit,
            kind,
            rank + 1,
            int(places.picture[unit, rank]),
            int(places.row[unit, rank]),
            int(places.column[unit, rank]),
            float(places.response[unit, rank]),
        ]
        for unit in range(min(len(found.top.picture), units))
        for kind, places in kinds
        for rank in range(min(SHOWN, places.picture.shape[1]))
    ]
    return table(("unit", "kind", "rank", "picture", "row", "column", "response"), rows)


def _tuning_table(found: Tuning, shown: Stimuli, most: int) -> bytes:
    """Return the first units’ answers to four figures: a column a unit, a row a synthetic picture and network."""
    units = min(len(found.trained.answers), most)
    rows: list[list[Cell]] = [
        [network, *_stimulus(shown, number), *map(_four_figures, answers.answers[:units, number])]
        for network, answers in (("trained", found.trained), ("untrained", found.untrained))
        for number in range(len(shown.kinds))
    ]
    header = ("network", "kind", "angle", "width", "contrast", *(f"unit_{unit}" for unit in range(units)))
    return table(header, rows)


def _four_figures(value: float) -> float:
    return float(f"{value:.4g}")


def _stimulus(shown: Stimuli, number: int) -> Sequence[Cell]:
    return (
        shown.kinds[number],
        float(shown.angle[number]),
        float(shown.width[number]),
        int(shown.contrast[number]),
    )


def _unit_rows(study: LayerStudy, most: int) -> Iterator[Sequence[Cell]]:
    if study.maps is not None:
        for unit in range(min(len(study.maps.states.dead), most)):
            yield (
                unit,
                *_answers(study, unit),
                *_top_class(study, unit),
                *_cost(study, unit),
                *_made(study, unit),
                *_tuned(study, unit),
                *_shaped(study, unit),
            )


def _answers(study: LayerStudy, unit: int) -> Sequence[Cell]:
    if study.maps is None or study.layer.trained is None or study.layer.untrained is None:
        return (nan,) * 9
    after, before, states = study.layer.trained.responses, study.layer.untrained.responses, study.maps.states
    return (
        int(states.dead[unit]),
        int(states.silent[unit]),
        int(states.tiny[unit]),
        float(states.silent_share[unit]),
        float(after.mean[unit]),
        float(after.maximum[unit]),
        float(study.maps.selectivity[unit]),
        float(before.mean[unit]),
        float(before.maximum[unit]),
    )


def _top_class(study: LayerStudy, unit: int) -> Sequence[Cell]:
    found = study.top_classes[unit] if unit < len(study.top_classes) else None
    return (found.label, found.count, found.of, found.chance) if found else (nan,) * 4


def _cost(study: LayerStudy, unit: int) -> Sequence[Cell]:
    found = study.importance
    if found is None or unit >= len(found.change):
        return (nan,) * 5
    change, low, high, p = (float(each[unit]) for each in (found.change, found.low, found.high, found.p))
    return change, low, high, p, int(found.matters[unit])


def _made(study: LayerStudy, unit: int) -> Sequence[Cell]:
    made, seen = study.layer.visualization, study.layer.trained
    if made is None or seen is None or unit >= len(made.activation):
        return (nan,) * 2
    return float(made.activation[unit]), int(made.activation[unit] > seen.responses.maximum[unit])


def _tuned(study: LayerStudy, unit: int) -> Sequence[Cell]:
    found = study.tuning
    if found is None or unit >= len(found.after.index):
        return (nan,) * 7
    after, p = found.after, float(found.after.p[unit])
    return (
        float(after.index[unit]),
        float(found.before.index[unit]),
        float(after.strength[unit]),
        p,
        int(after.tuned[unit]) if np.isfinite(p) else None,
        float(after.angle[unit]),
        after.family[unit],
    )


def _shaped(study: LayerStudy, unit: int) -> Sequence[Cell]:
    found = study.formation
    if found is None or unit >= len(found.epochs):
        return (nan,) * 2
    return float(found.epochs[unit]), float(found.epochs_even[unit])
