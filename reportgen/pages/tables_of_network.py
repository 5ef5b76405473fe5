"""The numbers behind the figures of all layers together, of the training and of single decisions, as CSV."""

from collections.abc import Sequence

import numpy as np

from reportgen.analysis.claims import FEWEST
from reportgen.analysis.claims_of_depth import SHIFT
from reportgen.analysis.spaces import Pair
from reportgen.analysis.study import Analysis
from reportgen.pages.csv_values import Cell, table
from reportgen.snapshot import Attribution, Representations, Space

_PAIR = ("trained", "low", "high", "untrained", "untrained_low", "untrained_high")


def network_tables(analysis: Analysis) -> dict[str, bytes]:
    """Return the tables that belong to no single layer by path; none is empty."""
    found = _depth_tables(analysis) | _space_tables(analysis) | _training_tables(analysis)
    found |= _decision_tables(analysis)
    return {f"data/{name}.csv": content for name, content in found.items()}


def _depth_tables(analysis: Analysis) -> dict[str, bytes]:
    zeros: list[Sequence[Cell]] = []
    choosy: list[Sequence[Cell]] = []
    for study in analysis.layers:
        row = study.depth
        if row is not None and row.rectified:
            zeros.append((row.layer, *_ends(Pair(row.zeros, row.zeros_untrained))))
        if row is not None and row.selectivity and row.selectivity_untrained:
            choosy.append((row.layer, *_ends(Pair(row.selectivity, row.selectivity_untrained))))
    spaces = analysis.spaces
    tables: dict[str, list[Sequence[Cell]]] = {
        "zeros": zeros,
        "selectivity": choosy,
        "probe": [(row.layer, *_ends(row.probe)) for row in spaces if row.probe],
        "rebuilt": [(row.layer, *_ends(row.rebuilt)) for row in spaces if row.rebuilt],
        "shift": [(row.layer, *_ends(pair)) for row in spaces for pair in row.likeness[SHIFT : SHIFT + 1] if pair],
    }
    return {name: table(("layer", *_PAIR), rows) for name, rows in tables.items() if rows}


def _ends(pair: Pair) -> Sequence[Cell]:
    a, b = pair.trained, pair.untrained
    return a.value, a.low, a.high, b.value, b.low, b.high


def _space_tables(analysis: Analysis) -> dict[str, bytes]:
    found = analysis.snapshot.representations
    if found is None:
        return {}
    likeness: list[Sequence[Cell]] = [
        (row.layer, change, *_ends(pair))
        for row in analysis.spaces
        for change, pair in zip(found.changes, row.likeness, strict=True)
        if pair
    ]
    tables = {
        "likeness": (("layer", "change", *_PAIR), likeness),
        "alignment": (("row", "column", "trained", "untrained", "between"), _alignment(found)),
        "scatter": (
            ("layer", "picture", "label", "x", "y", "untrained_x", "untrained_y"),
            _scatter(analysis, found),
        ),
    }
    return {name: table(header, rows) for name, (header, rows) in tables.items() if rows}


def _alignment(found: Representations) -> list[Sequence[Cell]]:
    matrices = (found.alignment, found.alignment_untrained, found.alignment_between)
    return [
        (one, other, *(float(each[row, column]) for each in matrices))
        for row, one in enumerate(found.layers)
        for column, other in enumerate(found.layers)
        if found.alignment.size and found.tested >= FEWEST
    ]


def _scatter(analysis: Analysis, found: Representations) -> list[Sequence[Cell]]:
    labels, rows = analysis.snapshot.survey.labels, list[Sequence[Cell]]()
    if len(found.scattered) < FEWEST:
        return rows
    spaces = {each.index: (each.space, each.twin_spaces) for each in analysis.snapshot.layers}
    for index in found.layers:
        trained, twins = spaces.get(index, (found.pixels, (found.pixels,)))
        if trained is None or not twins:
            continue
        for place, picture in enumerate(found.scattered):
            label = int(labels[picture]) if labels.size else None
            rows.append((index, int(picture), label, *_point(trained, place), *_point(twins[0], place)))
    return rows


def _point(space: Space, place: int) -> Sequence[Cell]:
    return float(space.scatter[place, 0]), float(space.scatter[place, 1])


def _training_tables(analysis: Analysis) -> dict[str, bytes]:
    record = analysis.snapshot.record
    if record is None:
        return {}
    curves = {
        "accuracy": (record.accuracy, record.validation_accuracy),
        "loss": (record.loss, record.validation_loss),
    }
    return {
        name: table(
            ("epoch", "training", "validation"),
            [(epoch + 1, float(own[epoch]), float(aside[epoch])) for epoch in range(record.epochs)],
        )
        for name, (own, aside) in curves.items()
    }


def _decision_tables(analysis: Analysis) -> dict[str, bytes]:
    tables, marked, results = dict[str, bytes](), analysis.snapshot.attribution, analysis.results
    if marked is not None:
        tables["marks"] = _mark_table(marked)
        shown = zip(analysis.snapshot.showcase, marked.completeness, strict=True)
        tables["completeness"] = table(
            ("picture", "missed"), [(each.name, float(missed)) for each, missed in shown]
        )
    if results is not None:
        places = np.ndindex(results.confusion.shape)
        rows = [(label, answer, int(results.confusion[label, answer])) for label, answer in places]
        tables["confusion"] = table(("label", "answer", "pictures"), rows)
    return tables


def _mark_table(found: Attribution) -> bytes:
    """Return what both tests of each method found, picture by picture of those that they were made with."""
    rows: list[Sequence[Cell]] = [
        (
            each.method,
            number,
            *(float(test[number]) for test in (each.likeness, each.drop_marked, each.drop_random)),
        )
        for each in (found.grad_cam, found.integrated)
        if each is not None
        for number in range(each.checked)
    ]
    return table(("method", "number", "likeness", "drop_marked", "drop_random"), rows)
