"""The numbers behind each figure as CSV: one table a figure, seven significant figures."""

import csv
import io
from math import isnan

import numpy as np

from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.analysis.weights import WeightStudy


def layer_tables(study: LayerStudy, slug: str) -> dict[str, bytes]:
    """Return a layer's tables by path: its histograms, its filters, its units."""
    found = {
        f"data/{slug}-weights-{number}.csv": _histogram_table(weights)
        for number, weights in enumerate(study.weights)
    }
    if study.filters is not None:
        found[f"data/{slug}-filters.csv"] = _filter_table(study)
    if study.maps is not None and study.layer.trained is not None:
        found[f"data/{slug}-units.csv"] = _unit_table(study)
    return found


def _histogram_table(study: WeightStudy) -> bytes:
    chart = study.histogram
    untrained = chart.untrained if chart.untrained is not None else np.zeros_like(chart.trained)
    rows = zip(chart.edges[:-1], chart.edges[1:], chart.trained, untrained, strict=True)
    return _table(
        ("from", "to", "trained", "untrained"), [[float(a), float(b), int(c), int(d)] for a, b, c, d in rows]
    )


def _filter_table(study: LayerStudy) -> bytes:
    if study.filters is None:
        return b""
    height, width, inputs, filters = study.filters.kernel.shape
    places = [
        (unit, source, y, x)
        for unit in range(filters)
        for source in range(inputs)
        for y in range(height)
        for x in range(width)
    ]
    kernel, initial = study.filters.kernel, study.filters.initial
    rows = [
        [*place, float(kernel[y, x, s, u]), float(initial[y, x, s, u])]
        for place in places
        for u, s, y, x in [place]
    ]
    return _table(("filter", "input", "row", "column", "trained", "untrained"), rows)


def _unit_table(study: LayerStudy) -> bytes:
    if study.maps is None or study.layer.trained is None or study.layer.untrained is None:
        return b""
    after, before, states = study.layer.trained.responses, study.layer.untrained.responses, study.maps.states
    header = (
        "unit",
        "dead",
        "silent",
        "tiny",
        "zero_share",
        "mean",
        "max",
        "selectivity",
        "untrained_mean",
        "untrained_max",
    )
    rows = [
        [
            unit,
            int(states.dead[unit]),
            int(states.silent[unit]),
            int(states.tiny[unit]),
            float(states.silent_share[unit]),
            float(after.mean[unit]),
            float(after.maximum[unit]),
            float(study.maps.selectivity[unit]),
            float(before.mean[unit]),
            float(before.maximum[unit]),
        ]
        for unit in range(len(states.dead))
    ]
    return _table(header, rows)


def depth_tables(analysis: Analysis) -> dict[str, bytes]:
    """Return the tables of the measurements over all layers by path."""
    zeros: list[list[float | int]] = []
    choosy: list[list[float | int]] = []
    for study in analysis.layers:
        row = study.depth
        if row is not None and row.rectified:
            a, b = row.zeros, row.zeros_untrained
            zeros.append([row.layer, a.value, a.low, a.high, b.value, b.low, b.high])
        if row is not None and row.selectivity and row.selectivity_untrained:
            a, b = row.selectivity, row.selectivity_untrained
            choosy.append([row.layer, a.value, a.low, a.high, b.value, b.low, b.high])
    header = ("layer", "trained", "low", "high", "untrained", "untrained_low", "untrained_high")
    tables = {"data/zeros.csv": zeros, "data/selectivity.csv": choosy}
    return {path: _table(header, rows) for path, rows in tables.items() if rows}


def training_tables(analysis: Analysis) -> dict[str, bytes]:
    """Return the tables of the training's curves by path; none without a record."""
    record = analysis.snapshot.record
    if record is None:
        return {}
    epochs = range(record.epochs)
    accuracy = [
        [epoch + 1, float(record.accuracy[epoch]), float(record.validation_accuracy[epoch])] for epoch in epochs
    ]
    loss = [[epoch + 1, float(record.loss[epoch]), float(record.validation_loss[epoch])] for epoch in epochs]
    return {
        "data/accuracy.csv": _table(("epoch", "training", "validation"), accuracy),
        "data/loss.csv": _table(("epoch", "training", "validation"), loss),
    }


def _table(header: tuple[str, ...], rows: list[list[float | int]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([["" if isnan(each) else f"{each:.7g}" for each in row] for row in rows])
    return file.getvalue().encode()
