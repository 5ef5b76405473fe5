"""From low to high: every measurement layer by layer, beside the untrained twin, and every claim."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reportgen.analysis.charts import Series
from reportgen.analysis.claims import Verdict
from reportgen.analysis.depth import DepthRow
from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.intervals import Measured
from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_card
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Head, Link, Plot, Row, Table
from reportgen.pages.plots import curves_plot


@dataclass(frozen=True)
class Measurement:
    """One measure over all layers."""

    title: str
    text: str
    plot: Plot
    table: Table


@dataclass(frozen=True)
class DepthPage:
    """`depth.html`."""

    template: ClassVar[str] = "depth.html"

    head: Head
    tally: str
    twin: str
    measurements: tuple[Measurement, ...]
    fields: Table
    claims: tuple[ClaimCard, ...]
    next: tuple[Link, ...]


def depth_page(context: Context) -> DepthPage:
    """Return the page of measurements."""
    _ = context.words.gettext
    return DepthPage(
        head=context.head(
            "depth.html",
            _("From low to high"),
            _("Measurements layer by layer, beside the untrained twin, and what they support."),
            "depth",
        ),
        tally=tally(context),
        twin=twin_in_words(context),
        measurements=tuple(each for each in (_zeros(context), _selectivity(context)) if each is not None),
        fields=_fields(context),
        claims=tuple(claim_card(claim, context) for claim in context.analysis.claims),
        next=(
            Link(
                context.path("index.html"),
                _("The story from the start"),
                _("A picture goes in, a word comes out."),
            ),
            Link(context.path("layers/index.html"), _("All layers"), _("Every layer with all its numbers.")),
            Link(
                context.path("about.html"),
                _("How this was made"),
                _("Every measure with its source, and what is not shown."),
            ),
        ),
    )


def tally(context: Context) -> str:
    """Return how many sentences were tested, and with which outcome."""
    words, _ = context.words, context.words.gettext
    verdicts = [claim.verdict for claim in context.analysis.claims]
    return _(
        "{total} sentences were put to the test on this network: {supported} are supported, {refuted} are not, "
        "and {unknown} cannot be told."
    ).format(
        total=words.count(len(verdicts)),
        supported=words.count(verdicts.count(Verdict.SUPPORTED)),
        refuted=words.count(verdicts.count(Verdict.NOT_SUPPORTED)),
        unknown=words.count(verdicts.count(Verdict.CANNOT_TELL)),
    )


def twin_in_words(context: Context) -> str:
    """Return what the untrained twin is in this report."""
    _ = context.words.gettext
    if context.analysis.snapshot.twin_origin == "recorded":
        return _(
            "The untrained twin is this same network at the moment before its training began: its own first "
            "weights were kept."
        )
    return _(
        "The first weights of this network are not known. The untrained twin is a network of the same build with "
        "freshly drawn weights (seed {seed})."
    ).format(seed=context.analysis.snapshot.twin_seed)


def _zeros(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    rows = [study.depth for study in context.analysis.layers if study.depth and study.depth.rectified]
    if not rows:
        return None
    series = (
        Series("twin", *_lines([row.zeros_untrained for row in rows])),
        Series("trained", *_lines([row.zeros for row in rows])),
    )
    pictures = words.count(context.analysis.snapshot.survey.pictures)
    note = _("The share of answers that are exactly zero, after each layer’s ReLU, over {pictures} pictures.")
    return _measurement(
        context,
        "zeros",
        rows,
        series,
        percent=True,
        title=_("How often units stay silent"),
        texts=(_("Share of zeros by layer"), _("Silence."), note.format(pictures=pictures)),
        pairs=[(row.zeros, row.zeros_untrained) for row in rows],
    )


def _selectivity(context: Context) -> Measurement | None:
    words, _ = context.words, context.words.gettext
    studies = [study for study in context.analysis.layers if study.layer.kind not in UNCHANGING]
    found = [study.depth for study in studies if study.depth and study.depth.selectivity]
    rows = [row for row in found if row.selectivity_untrained is not None]
    if not rows:
        return None
    trained = [row.selectivity for row in rows if row.selectivity]
    twins = [row.selectivity_untrained for row in rows if row.selectivity_untrained]
    series = (Series("twin", *_lines(twins)), Series("trained", *_lines(trained)))
    note = _(
        "0: a unit answers to all kinds alike; 1: to one kind only. The mean over the units that answered at "
        "all, over {pictures} pictures."
    )
    return _measurement(
        context,
        "selectivity",
        rows,
        series,
        percent=False,
        title=_("How choosy units are about kinds"),
        texts=(
            _("Class selectivity by layer"),
            _("Choosiness."),
            note.format(pictures=words.count(context.analysis.snapshot.survey.pictures)),
        ),
        pairs=list(zip(trained, twins, strict=True)),
    )


def _measurement(
    context: Context,
    name: str,
    rows: list[DepthRow],
    series: tuple[Series, ...],
    *,
    percent: bool,
    title: str,
    texts: tuple[str, str, str],
    pairs: list[tuple[Measured, Measured]],
) -> Measurement:
    _ = context.words.gettext
    studies = [context.analysis.layer(row.layer) for row in rows]
    titles = tuple(context.layer_title(study) for study in studies)
    labels = tuple(context.short_title(study) for study in studies)
    keys = (("trained", _("trained")), ("twin", _("untrained twin")))
    plot = curves_plot(context, name, series, labels, 1.04, percent=percent, texts=texts, keys=keys)
    table_rows = tuple(
        _row(context, study, trained, twin, percent=percent)
        for study, (trained, twin) in zip(studies, pairs, strict=True)
    )
    difference = _("difference in points") if percent else _("difference")
    columns = (_("trained"), _("untrained twin"), difference)
    text = _span(context, titles, pairs, percent=percent)
    return Measurement(title, text, plot, Table(_("The same in numbers, with 95% intervals"), columns, table_rows))


def _span(
    context: Context, labels: tuple[str, ...], pairs: list[tuple[Measured, Measured]], *, percent: bool
) -> str:
    """Return the largest gap to the twin in a sentence."""
    show = context.words.percent if percent else context.words.fixed
    widest = max(range(len(pairs)), key=lambda number: abs(pairs[number][0].value - pairs[number][1].value))
    trained, twin = pairs[widest]
    return context.words.gettext(
        "The two differ most at this layer: {layer}. Trained {trained}, untrained twin {twin}."
    ).format(layer=labels[widest], trained=show(trained.value), twin=show(twin.value))


def _row(context: Context, study: LayerStudy, trained: Measured, twin: Measured, *, percent: bool) -> Row:
    words = context.words

    def show(value: float) -> str:
        return words.percent(value, 1) if percent else words.fixed(value)

    gap = trained.value - twin.value
    difference = words.fixed(100 * gap, 1) if percent else words.fixed(gap)
    intervals = tuple(f"{show(each.low)}–{show(each.high)}" for each in (trained, twin))
    return Row(
        head=context.layer_title(study),
        cells=(show(trained.value), show(twin.value), ("+" if gap >= 0 else "") + difference),
        href=context.layer_path(study),
        notes=(*intervals, ""),
    )


def _lines(
    measured: list[Measured],
) -> "tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...]":
    return tuple(np.array(each) for each in zip(*[(m.value, m.low, m.high) for m in measured], strict=True))


def _fields(context: Context) -> Table:
    words, _ = context.words, context.words.gettext
    rows = []
    for study in context.analysis.layers:
        field = study.field
        if field is not None:
            size = _("the whole picture") if field.is_global else words.size(field.size)
            share = words.percent(1.0 if field.is_global else field.share_of_picture)
            rows.append(Row(context.layer_title(study), (size, share), context.layer_path(study)))
    columns = (_("pixels"), _("share of the picture"))
    return Table(
        _("What one unit of each layer can see (by arithmetic; the same in the twin)"), columns, tuple(rows)
    )
