"""The filters of a convolution, before and after training, and what their colours leave out."""

from dataclasses import dataclass, replace

import numpy as np

from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import ClaimCard, Image, Scale, Tile
from reportgen.pages.units import kernel_scale, linked
from reportgen.snapshot import Floats


@dataclass(frozen=True)
class FilterPart:
    """All filters of a convolution, before and after training."""

    title: str
    text: str
    before: tuple[Tile, ...]
    after: tuple[Tile, ...]
    scale: Scale
    caption: str
    slices_before: Image | None
    slices_after: Image | None
    slices_text: str
    slices_scale: Scale | None


@dataclass(frozen=True)
class BeforeAfter:
    """The same filters before and after training."""

    before: tuple[Tile, ...]
    after: tuple[Tile, ...]
    scale: Scale
    text: str
    caption: str
    claims: tuple[ClaimCard, ...]


def before_after(context: Context) -> BeforeAfter | None:
    """Return the first convolution's filters before and after training; None without a convolution."""
    words, _ = context.words, context.words.gettext
    study = next(iter(context.analysis.convolutions), None)
    if study is None or study.filters is None or study.weights[0].untrained is None:
        return None
    weights, first = study.weights[0], study.weights[0].untrained
    text = _(
        "Nobody drew these filters. They began as random numbers between {low} and {high}. After training they "
        "run from {minimum} to {maximum}, and {outside} of the {count} weights lie outside the range that they "
        "started in."
    ).format(
        low=words.number(first.minimum, 2),
        high=words.number(first.maximum, 2),
        minimum=words.fixed(weights.trained.minimum),
        maximum=words.fixed(weights.trained.maximum),
        outside=words.percent(weights.outside),
        count=words.count(weights.trained.count),
    )
    return BeforeAfter(
        before=kernel_tiles(study, context, untrained=True),
        after=kernel_tiles(study, context, untrained=False),
        scale=kernel_scale(study, context),
        text=text,
        caption=clipped_in_words(
            context, *context.gallery.kernel_values(study), context.gallery.kernel_limit(study)
        ),
        claims=claim_cards(context, "weights_moved", study.layer.index),
    )


def kernel_tiles(study: LayerStudy, context: Context, *, untrained: bool) -> tuple[Tile, ...]:
    """Return the picture of each filter of a layer, linked to its unit."""
    image = context.gallery.kernels(study, untrained=untrained)
    label = context.words.gettext("Filter {number}")
    if study.filters is None:
        return ()
    tiles = linked(stacked_tiles(image, context.analysis.filters_shown(study)), study, context, label)
    # Where a layer mixes the maps of its filters, a filter's number is no unit's.
    return tiles if study.filters.per_unit else tuple(replace(tile, href="") for tile in tiles)


def clipped_in_words(context: Context, after: Floats, before: Floats, limit: float) -> str:
    """Return the colour scale that two pictures share, and how many of their values lie beyond it."""
    words, _ = context.words, context.words.gettext
    beyond, first = (int(np.count_nonzero(np.abs(values) > limit)) for values in (after, before))
    told = [_("Both pictures share one scale, from −{limit} to +{limit}.")]
    if beyond:
        told.append(_("{after} of the {count} trained values are stronger than that and take its end colours."))
    if first:
        told.append(_("Before training {before} of them were."))
    return " ".join(told).format(
        limit=words.number(limit, 2),
        after=words.count(beyond),
        count=words.count(after.size),
        before=words.count(first),
    )
