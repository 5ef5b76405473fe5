"""The measurements over all layers: a curve each beside that of the untrained twin, and the same in numbers."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.changes import ANGLE, CHANGES, DIMMED
from reportgen.analysis.charts import Series
from reportgen.analysis.claims_of_depth import PIXELS, SHIFT
from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.intervals import ENDS, Measured
from reportgen.analysis.spaces import Pair, SpaceRow
from reportgen.pages.context import Context
from reportgen.pages.parts import Plot, Row, Table
from reportgen.pages.phrases import NOISE, as_shown
from reportgen.pages.plots import curves_plot
from reportgen.snapshot import Doubles

TOP = 1.04
"""Where a chart of shares ends, so that the line of all of them lies inside."""


@dataclass(frozen=True)
class Measurement:
    """One measure over all layers."""

    id: str
    title: str
    text: str
    plot: Plot
    table: Table
    more: Table | None


@dataclass(frozen=True)
class _Texts:
    """The words of one measurement."""

    title: str
    alt: str
    caption: str
    note: str
    widest: str
    """Where the twin differs most, with names in braces."""


@dataclass(frozen=True)
class _Point:
    """One layer's value, in the network and in its twin; layer 0 is the picture."""

    layer: int
    pair: Pair


def measurements(context: Context) -> tuple[Measurement, ...]:
    """Return every measurement that could be made on this network."""
    found = (_probe(context), _selectivity(context), _zeros(context), _likeness(context), _rebuilt(context))
    return tuple(each for each in found if each is not None)


def _probe(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    found = context.analysis.snapshot.representations
    points = [_Point(row.layer, row.probe) for row in context.analysis.spaces if row.probe]
    note = _(
        "A simple sorter that may only draw straight lines was fitted on {fitted} pictures, with the numbers of "
        "one layer at a time. The line shows how many of {tested} others this sorter names correctly; it is not "
        "the network’s own answer. Guessing would give {chance}. The axis does not begin at zero."
    ).format(
        fitted=words.count(found.fitted if found else 0),
        tested=words.count(found.tested if found else 0),
        chance=words.percent(_guess(context)),
    )
    texts = _Texts(
        _("How easily the kinds can be told apart"),
        _("Accuracy of a linear probe by layer"),
        _("Sorting."),
        note,
        _(
            "The gap is widest at this layer: {layer}. From it the simple sorter names {trained} of the pictures "
            "correctly after training, and {twin} in the untrained twin."
        ),
    )
    return _measurement(context, "probe", points, texts, percent=True, cut=True)


def _guess(context: Context) -> float:
    """Return the share of right answers of somebody who always names the most frequent class."""
    labels = context.analysis.snapshot.survey.labels
    return float(np.bincount(labels).max() / labels.size) if labels.size else 0.0


def _selectivity(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    rows = [each.depth for each in context.analysis.layers if each.layer.kind not in UNCHANGING and each.depth]
    points = [
        _Point(row.layer, Pair(row.selectivity, row.selectivity_untrained))
        for row in rows
        if row.selectivity and row.selectivity_untrained
    ]
    note = _(
        "0: a unit answers to all kinds alike; 1: to one kind only. The mean over the units that answered at "
        "all, over {pictures} pictures."
    ).format(pictures=words.count(context.analysis.snapshot.survey.pictures))
    texts = _Texts(
        _("How choosy units are about kinds"),
        _("Class selectivity by layer"),
        _("Choosiness."),
        note,
        _widest_gap(context),
    )
    return _measurement(context, "selectivity", points, texts, percent=False)


def _zeros(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    rows = [each.depth for each in context.analysis.layers if each.depth and each.depth.rectified]
    points = [_Point(row.layer, Pair(row.zeros, row.zeros_untrained)) for row in rows]
    note = _("The share of answers that are exactly zero, after each layer’s ReLU, over {pictures} pictures.")
    texts = _Texts(
        _("How often units stay silent"),
        _("Share of zeros by layer"),
        _("Silence."),
        note.format(pictures=words.count(context.analysis.snapshot.survey.pictures)),
        _widest_gap(context),
    )
    return _measurement(context, "zeros", points, texts, percent=True)


def _likeness(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    points = [_Point(row.layer, pair) for row in context.analysis.spaces if (pair := row.likeness[SHIFT])]
    changed = context.analysis.snapshot.representations
    pictures = changed.pixels.likeness.shape[1] if changed else 0
    note = _(
        "1: the layer answers to the shifted picture just as to the picture; 0: no more alike than to any other "
        "picture. Shifted by {shift} dots to the right, over {pictures} pictures."
    ).format(pictures=words.count(pictures), shift=words.count(PIXELS))
    texts = _Texts(
        _("What stays when the picture moves"),
        _("Likeness by layer"),
        _("Steadiness."),
        note,
        _widest_gap(context),
    )
    return _measurement(context, "shift", points, texts, percent=False, more=_changes(context))


def _changes(context: Context) -> Table | None:
    """Return how alike every layer answers after every change, the twin's number small below."""
    rows = [row for row in context.analysis.spaces if all(row.likeness)]
    if not rows:
        return None
    _ = context.words.gettext
    caption = _("After other small changes; small: the untrained twin")
    columns = tuple(_change_in_words(each, context) for each in CHANGES)
    return Table(caption, columns, tuple(_change_row(row, context) for row in rows))


def _change_in_words(change: str, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if change == "rotation":
        return _("turned by {angle}°").format(angle=words.number(ANGLE, 2))
    if change == "brightness":
        return _("dimmed to {share}").format(share=words.percent(DIMMED))
    return _("shifted by {shift}").format(shift=words.count(int(change.removeprefix("shift_"))))


def _change_row(row: SpaceRow, context: Context) -> Row:
    pairs = [pair for pair in row.likeness if pair]
    show = context.words.fixed
    return Row(
        head=title_of(row.layer, context),
        cells=tuple(show(pair.trained.value) for pair in pairs[: len(CHANGES)]),
        notes=tuple(show(pair.untrained.value) for pair in pairs[: len(CHANGES)]),
    )


def _rebuilt(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    points = [_Point(row.layer, row.rebuilt) for row in context.analysis.spaces if row.rebuilt]
    found = context.analysis.snapshot.representations
    note = _(
        "The share of what differs between pictures that comes back when a picture is drawn again from one "
        "layer’s numbers, as well as a weighted sum can, over {tested} pictures that the sum was not fitted to."
    ).format(tested=words.count(found.tested if found else 0))
    texts = _Texts(
        _("What is left of the picture"),
        _("Share rebuilt by layer"),
        _("Detail."),
        note,
        _widest_gap(context),
    )
    return _measurement(context, "rebuilt", points, texts, percent=True)


def _measurement(
    context: Context,
    name: str,
    points: list[_Point],
    texts: _Texts,
    *,
    percent: bool,
    cut: bool = False,
    more: Table | None = None,
) -> Measurement | None:
    if not points:
        return None
    _ = context.words.gettext
    series = (
        Series("twin", *_lines([point.pair.untrained for point in points])),
        Series("trained", *_lines([point.pair.trained for point in points])),
    )
    keys = (("trained", _("trained")), ("twin", _("untrained twin")))
    plot = curves_plot(
        context,
        name,
        series,
        tuple(_label(point.layer, context) for point in points),
        TOP,
        percent=percent,
        texts=(texts.alt, texts.caption, texts.note),
        keys=keys,
        bottom=_bottom(points, cut=cut),
    )
    rows = tuple(_row(context, point, percent=percent) for point in points)
    difference = _("difference in points") if percent else _("difference")
    columns = (_("trained"), _("untrained twin"), difference)
    inside = context.words.percent((ENDS[1] - ENDS[0]) / 100)
    table = Table(_("The same in numbers, with {inside} intervals").format(inside=inside), columns, rows)
    return Measurement(
        name, texts.title, _widest(context, points, texts.widest, percent=percent), plot, table, more
    )


def _bottom(points: list[_Point], *, cut: bool) -> float:
    """Return where the chart begins: at the lowest value if it may be cut off there, else at zero or below."""
    lows = [low for point in points for low in (point.pair.trained.low, point.pair.untrained.low)]
    lowest = float(np.floor(min(lows) * 10) / 10)
    return lowest if cut else min(0.0, lowest)


def title_of(layer: int, context: Context) -> str:
    """Return what a layer is called; 0 is the picture."""
    return context.layer_title(context.analysis.layer(layer)) if layer else context.words.gettext("The picture")


def _label(layer: int, context: Context) -> str:
    return context.short_title(context.analysis.layer(layer)) if layer else context.words.gettext("dots")


def _widest_gap(context: Context) -> str:
    """Return where the twin differs most, with names in braces."""
    return context.words.gettext(
        "The gap is widest at this layer: {layer}. {trained} after training, {twin} in the untrained twin."
    )


def _widest(context: Context, points: list[_Point], text: str, *, percent: bool) -> str:
    """Return the largest gap to the twin in a sentence."""
    show = context.words.percent if percent else context.words.fixed
    widest = max(points, key=lambda point: abs(point.pair.trained.value - point.pair.untrained.value))
    return text.format(
        layer=title_of(widest.layer, context),
        trained=show(widest.pair.trained.value),
        twin=show(widest.pair.untrained.value),
    )


def _row(context: Context, point: _Point, *, percent: bool) -> Row:
    """Return the numbers of a layer; the difference is that of the numbers as they are shown."""
    words, pair = context.words, point.pair

    def show(value: float) -> str:
        return words.percent(round(value, NOISE + 2), 1) if percent else words.fixed(round(value, NOISE))

    scale, decimals = (100, 1) if percent else (1, 2)
    trained, twin = (float(as_shown(scale * each.value, decimals)) for each in (pair.trained, pair.untrained))
    gap = trained - twin
    difference = words.fixed(gap, decimals)
    intervals = tuple(f"{show(each.low)}–{show(each.high)}" for each in (pair.trained, pair.untrained))
    return Row(
        head=title_of(point.layer, context),
        cells=(show(pair.trained.value), show(pair.untrained.value), ("+" if gap >= 0 else "") + difference),
        href=context.layer_path(context.analysis.layer(point.layer)) if point.layer else "",
        notes=(*intervals, ""),
    )


def _lines(measured: list[Measured]) -> tuple[Doubles, ...]:
    return tuple(np.array(each) for each in zip(*[(m.value, m.low, m.high) for m in measured], strict=True))
