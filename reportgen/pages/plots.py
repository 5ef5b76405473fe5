"""Charts with axes: what they show, and the numbers that stand beside them as text."""

from collections.abc import Callable
from math import floor, isfinite, log10

import numpy as np

from reportgen.analysis.charts import Curves, Histogram, Ridge, Series
from reportgen.analysis.formation import FormationStudy
from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context
from reportgen.pages.parts import Dot, Plot, Tick
from reportgen.snapshot import Doubles

MOST_LABELS = 8
"""Labels that fit under a chart on a phone."""
SPAN = (0.1, 0.95)
"""Where the first and the last point of a line stand, as shares of the chart's width."""
FOOT = 0.12
"""Below this share of the height there is no room for a number under a point."""
MOST_ROWS = 6
"""Rows of a ridge chart whose labels fit beside it on a phone."""


def histogram_plot(study: LayerStudy, number: int, context: Context, csv: str) -> Plot:
    """Return the distribution of one weight array, after and before training, on shared bins."""
    words, _ = context.words, context.words.gettext
    weights = study.weights[number]
    chart = weights.histogram
    before = weights.untrained
    alt = _("Distribution of {count} weights, from {low} to {high}.")
    if before is not None:
        alt = _(
            "Distribution of {count} weights. After training: from {low} to {high}. Before: from {low0} to "
            "{high0}."
        )
    alt = alt.format(
        count=words.count(weights.trained.count),
        low=words.number(weights.trained.minimum),
        high=words.number(weights.trained.maximum),
        low0=words.number(before.minimum) if before else "",
        high0=words.number(before.maximum) if before else "",
    )
    keys = (("trained", _("after training")), ("twin", _("before training")))
    return Plot(
        image=context.gallery.histogram(study, number, alt),
        x_ticks=_value_ticks(chart, context),
        y_ticks=_count_ticks(chart, context),
        dots=(),
        csv=csv,
        keys=keys if before is not None else keys[:1],
        caption=_("Both stand on the same bins.") if before is not None else "",
        note=_(
            "Across: the value of a number, in {bins} bins, each {width} wide. Upwards: how many of the {count} "
            "numbers lie in the bin."
        ).format(
            bins=words.count(len(chart.trained)),
            width=words.number(float(chart.edges[1] - chart.edges[0]), 2),
            count=words.count(weights.trained.count),
        ),
    )


def ridge_plot(study: LayerStudy, found: FormationStudy, context: Context, csv: str) -> Plot:
    """Return the distribution of a convolution's weights at every moment on record, on shared bins."""
    words, _, chart = context.words, context.words.gettext, found.ridge
    tallest = chart.shares.max(axis=1)
    alt = _(
        "Distribution of {count} weights at {moments} moments, the first on top. The fullest bin holds {first} of "
        "them before training and {last} in the end."
    ).format(
        count=words.count(int(found.counts[-1].sum())),
        moments=words.count(len(found.moments)),
        first=words.percent(float(tallest[0])),
        last=words.percent(float(tallest[-1])),
    )
    note = _(
        "Every row is one moment; the numbers on the left are the rounds (epochs) that had passed. Across: the "
        "value of a weight, in {bins} bins, each {width} wide. Upwards: the share of the {count} weights that lie "
        "in the bin, at most {most}."
    ).format(
        bins=words.count(len(found.edges) - 1),
        width=words.number(float(found.edges[1] - found.edges[0]), 2),
        count=words.count(int(found.counts[-1].sum())),
        most=words.percent(float(tallest.max())),
    )
    return Plot(
        image=context.gallery.ridge(study, chart, alt),
        x_ticks=_value_ticks(chart, context),
        y_ticks=_row_ticks(found, context),
        dots=(),
        csv=csv,
        keys=(("twin", _("before training")), ("trained", _("after training"))),
        caption=_("All rows stand on the same bins and one scale."),
        note=note,
    )


def curves_plot(
    context: Context,
    name: str,
    series: tuple[Series, ...],
    labels: tuple[str, ...],
    top: float,
    *,
    percent: bool,
    texts: tuple[str, str, str],
    keys: tuple[tuple[str, str], ...],
    bottom: float = 0.0,
) -> Plot:
    """Return a chart of lines over labelled points; `texts` are its title, its caption and its note."""
    grid = tuple(float(value) for value in round_steps(bottom, top))
    chart = Curves(series, (bottom, top), grid, _places(len(labels)))
    show = context.words.percent if percent else context.words.fixed
    return Plot(
        image=context.gallery.curves(name, chart, f"{texts[0]}: {_ends_in_words(series, keys, show, context)}"),
        x_ticks=_label_ticks(labels, chart),
        y_ticks=tuple(Tick(_from_top(chart.upward(value)), show(value)) for value in grid),
        dots=_dots(chart, show) if len(labels) <= MOST_LABELS else (),
        csv=f"data/{name}.csv",
        keys=keys,
        caption=texts[1],
        note=texts[2],
    )


def _ends_in_words(
    series: tuple[Series, ...], keys: tuple[tuple[str, str], ...], show: Callable[[float], str], context: Context
) -> str:
    """Return where each line begins and where it ends, for those who do not see it."""
    _, names = context.words.gettext, dict(keys)
    return ", ".join(
        _("{line} from {first} to {last}")
        .format(
            line=names.get(each.role, ""), first=show(float(each.values[0])), last=show(float(each.values[-1]))
        )
        .strip()
        for each in series
    )


def round_steps(low: float, high: float, most: int = 5) -> Doubles:
    """Return at most so many round numbers between two values."""
    span = high - low
    if span <= 0:
        return np.array([low])
    power = 10.0 ** floor(log10(span / most))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if span / (power * factor) <= most)
    first = np.ceil(low / step - 1e-9)
    return np.asarray(np.arange(first, high / step + 1e-9) * step + 0.0, np.float64)


def _places(points: int) -> Doubles:
    """Return where so many points stand in a chart's width, beside the numbers on its left."""
    return np.linspace(*SPAN, points) if points > 1 else np.full(points, 0.5)


def _label_ticks(labels: tuple[str, ...], chart: Curves) -> tuple[Tick, ...]:
    """Return the labels under their points; of many, only every so many-th, so that they keep apart."""
    step = -(-len(labels) // MOST_LABELS)
    places = zip(labels, chart.across.tolist(), strict=True)
    return tuple(Tick(_share(at), label) for number, (label, at) in enumerate(places) if number % step == 0)


def _dots(chart: Curves, show: Callable[[float], str]) -> tuple[Dot, ...]:
    """Return the number at each point: of the higher line over it, of a lower one under it; no number twice."""
    found = []
    for point, at in enumerate(chart.across.tolist()):
        values = {each.role: float(each.values[point]) for each in chart.series}
        ranked = sorted((role for role in values if isfinite(values[role])), key=lambda role: -values[role])
        told: set[str] = set()
        for rank, role in enumerate(ranked):
            text, up = show(values[role]), chart.upward(values[role])
            side = "under" if rank and up > FOOT else "over"
            if text not in told:
                found.append(Dot(_share(at), _from_top(up), role, side, text))
            told.add(text)
    return tuple(found)


def _value_ticks(chart: Histogram | Ridge, context: Context) -> tuple[Tick, ...]:
    low, high = float(chart.edges[0]), float(chart.edges[-1])
    values = [float(value) for value in round_steps(low, high)]
    return tuple(Tick(_share(chart.across(value)), _plain(value, context)) for value in values)


def _count_ticks(chart: Histogram, context: Context) -> tuple[Tick, ...]:
    values = [float(value) for value in round_steps(0, chart.top, 4)[1:]]
    return tuple(Tick(_from_top(chart.upward(value)), context.words.count(round(value))) for value in values)


def _row_ticks(found: FormationStudy, context: Context) -> tuple[Tick, ...]:
    """Return the epochs at the foot of the rows; of many rows only some, always the first and the last."""
    words, chart, last = context.words, found.ridge, len(found.moments) - 1
    shown = np.unique(np.linspace(0, last, min(last + 1, MOST_ROWS)).round()).astype(int)
    return tuple(
        Tick(
            _from_top(chart.baseline(int(row))),
            words.count(round(epoch)) if epoch >= 1 else words.number(epoch, 2),
        )
        for row, epoch in zip(shown, found.moments[shown].tolist(), strict=True)
    )


def _plain(value: float, context: Context) -> str:
    """Return a tick's number without the noise of binary fractions."""
    text = f"{value:.6g}"
    if "e" in text:
        return context.words.number(value, 2)
    return context.words.fixed(value, len(text.partition(".")[2]))


def _from_top(share: float) -> str:
    return _share(1 - share)


def _share(share: float) -> str:
    return f"{100 * share:.2f}%"
