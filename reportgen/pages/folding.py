"""The filters of a convolution together with the batch normalisation behind them, before and after training."""

from reportgen.analysis.folding import OFF, FoldingStudy
from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.kernels import FilterPart, clipped_in_words
from reportgen.pages.parts import Scale, Tile
from reportgen.pages.units import linked


def folded_part(study: LayerStudy, context: Context) -> FilterPart | None:
    """Return the filters before a batch normalisation, each times its factor; None for all other layers."""
    source = context.analysis.layer(study.folding.source) if study.folding else None
    if study.folding is None or source is None or not _fits(study.folding, source):
        return None
    words, _, gallery = context.words, context.words.gettext, context.gallery
    limit = gallery.folded_limit(study, source)
    shown = words.number(limit, 2)
    palette = "grey" if source.filters and source.filters.in_colour else "diverging"
    note = _("each filter times its factor; one scale before and after")
    return FilterPart(
        title=_("Filters and factors together: {layer}").format(layer=context.layer_title(source)),
        text=_told(study.folding, context),
        before=_tiles(study, source, context, untrained=True),
        after=_tiles(study, source, context, untrained=False),
        scale=Scale(gallery.colour_scale(palette), f"−{shown}", f"+{shown}", note),
        caption=clipped_in_words(context, *gallery.folded_values(study, source), limit),
        slices_before=None,
        slices_after=None,
        slices_text="",
        slices_scale=None,
    )


def _fits(found: FoldingStudy, source: LayerStudy) -> bool:
    filters = source.filters
    return filters is not None and filters.per_unit and filters.kernel.shape[3] == len(found.factor)


def _tiles(study: LayerStudy, source: LayerStudy, context: Context, *, untrained: bool) -> tuple[Tile, ...]:
    image = context.gallery.folded_kernels(study, source, untrained=untrained)
    label = context.words.gettext("Filter {number}")
    return linked(stacked_tiles(image, context.analysis.filters_shown(source)), study, context, label)


def _told(found: FoldingStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    text = _(
        "This layer multiplies each map that comes in by a factor of its own and adds a number. A filter and its "
        "factor work together, so that a strong filter with a small factor is a weak one. Here each filter stands "
        "times its factor. The factors run from {low} to {high}; before training they ran from {first} to {last}."
    )
    if found.off:
        text += " " + words.ngettext(
            "{count} factor is below {share} of the largest: its filter is all but switched off.",
            "{count} factors are below {share} of the largest: their filters are all but switched off.",
            found.off,
        )
    return text.format(
        low=words.number(float(found.factor.min())),
        high=words.number(float(found.factor.max())),
        first=words.number(float(found.factor_before.min())),
        last=words.number(float(found.factor_before.max())),
        count=words.count(found.off),
        share=words.percent(OFF, 0),
    )
