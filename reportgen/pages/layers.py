"""The pages of the layers: one for each, and the list of all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

from reportgen.analysis.budget import SLICES
from reportgen.analysis.connections import STRONGEST
from reportgen.analysis.feature_maps import FOLDED_AT, UNCHANGING, is_spatial
from reportgen.analysis.study import LayerStudy
from reportgen.analysis.weights import NEAR_ZERO, WeightStudy
from reportgen.pages.cards import claim_card
from reportgen.pages.context import Context, reason_in_words
from reportgen.pages.evidence import (
    cost_in_words,
    made_in_words,
    patches_in_words,
    removal_in_words,
    tuning_in_words,
)
from reportgen.pages.folding import folded_part
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.kernels import FilterPart, clipped_in_words, kernel_tiles
from reportgen.pages.kind_words import weight_title
from reportgen.pages.parts import ClaimCard, Fact, Head, Image, Link, Plot, Row, Scale, Table, Tile
from reportgen.pages.plots import histogram_plot
from reportgen.pages.route import Route, route
from reportgen.pages.slugs import shown_name
from reportgen.pages.standfirsts import first_use, size_in_words, standfirst
from reportgen.pages.steps import field_box
from reportgen.pages.units import Units, chooser, kernel_scale, pages_of_units, units

MOST_MADE = 64
"""Pictures made for units that one page shows of a layer without maps."""


@dataclass(frozen=True)
class WeightPart:
    """One array of weights: its distribution and its numbers."""

    title: str
    text: str
    plot: Plot
    table: Table


@dataclass(frozen=True)
class MadePart:
    """Pictures made for the units of a layer that was shown none."""

    title: str
    text: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class LayerPage:
    """`layers/NN-name.html`."""

    template: ClassVar[str] = "layer.html"

    head: Head
    all_layers: str
    position: str
    standfirst: str
    first_use: Link | None
    """The layer whose weights these are, where the same layer is used more than once."""
    route: Route
    facts: tuple[Fact, ...]
    seen: Tile | None
    seen_text: str
    weights_title: str
    weights: tuple[WeightPart, ...]
    filters: FilterPart | None
    folded: FilterPart | None
    """Of a batch normalisation: the filters before it, each times its factor."""
    units: Units | None
    units_title: str
    units_text: tuple[str, ...]
    units_notes: tuple[str, ...]
    """How an entry is read, one fold below."""
    units_pages: tuple[Link, ...]
    """The pages of its units, where there are several; the path of the current one is empty."""
    why_nothing: str
    """A sentence where there is nothing to see."""
    made: MadePart | None
    claims: tuple[ClaimCard, ...]
    previous: Link | None
    next: Link | None


@dataclass(frozen=True)
class UnitsPage:
    """`layers/NN-name-2.html`: units of a layer that its own page has no room for."""

    template: ClassVar[str] = "units.html"

    head: Head
    layer: Link
    standfirst: str
    units: Units
    units_pages: tuple[Link, ...]
    previous: Link | None
    next: Link | None


@dataclass(frozen=True)
class LayerEntry:
    """One layer in the list."""

    link: Link
    kind: str
    size: str
    parameters: str
    field: str
    image: Image | None
    text: str


@dataclass(frozen=True)
class LayersPage:
    """`layers/index.html`."""

    template: ClassVar[str] = "layers.html"

    head: Head
    standfirst: str
    entries: tuple[LayerEntry, ...]


def layers_page(context: Context) -> LayersPage:
    """Return the list of all layers."""
    words, _ = context.words, context.words.gettext
    snapshot = context.analysis.snapshot
    text = _("{layers} layers, one after the other, turn {size} numbers into the answer. Each has its own page.")
    numbers = prod(side or 0 for side in snapshot.input_shape)
    return LayersPage(
        head=context.head(
            "layers/index.html", _("All layers"), _("Every layer of the network, in order."), "layers"
        ),
        standfirst=text.format(layers=words.count(len(snapshot.layers)), size=words.count(numbers)),
        entries=tuple(_entry(study, context) for study in context.analysis.layers),
    )


def layer_pages(context: Context) -> tuple["LayerPage | UnitsPage", ...]:
    """Return a page for each layer, followed by those of its further units."""
    found: list[LayerPage | UnitsPage] = []
    for study in context.analysis.layers:
        found.append(_layer_page(study, context))
        found += [_units_page(study, number, context) for number in range(1, len(pages_of_units(study, context)))]
    return tuple(found)


def _layer_page(study: LayerStudy, context: Context) -> LayerPage:
    words, _ = context.words, context.words.gettext
    title = context.layer_title(study)
    name = f"layers/{context.slugs[study.layer.index]}.html"
    total = len(context.analysis.layers)
    found = units(study, context, chooser(context), pages_of_units(study, context)[0])
    return LayerPage(
        head=context.head(
            name, title, _("{title}: its weights, its filters, its maps.").format(title=title), "layers"
        ),
        all_layers=context.path("layers/index.html"),
        position=_("layer {number} of {total}").format(
            number=words.count(study.layer.index), total=words.count(total)
        ),
        standfirst=standfirst(study, context),
        first_use=first_use(study, context),
        route=route(context, study.layer.index),
        facts=_layer_facts(study, context),
        seen=_seen(study, context),
        seen_text=_seen_in_words(study, context),
        weights_title=_weights_title(study, context),
        weights=tuple(_weight_part(study, number, context) for number in range(len(study.weights))),
        filters=_filter_part(study, context),
        folded=folded_part(study, context),
        units=found,
        units_title=_units_title(study, found, context),
        units_text=_told((_units_text, removal_in_words), study, context) if found is not None else (),
        units_notes=_told(NOTES, study, context) if found is not None else (),
        units_pages=_units_links(study, 0, context),
        why_nothing=_why_nothing(study, context) if found is None else "",
        made=_made_part(study, context) if found is None else None,
        claims=_claims(study, context),
        previous=_neighbour(study, context, -1),
        next=_neighbour(study, context, 1),
    )


def _units_page(study: LayerStudy, number: int, context: Context) -> UnitsPage:
    words, _ = context.words, context.words.gettext
    which = pages_of_units(study, context)
    found = units(study, context, chooser(context), which[number])
    if found is None:
        raise LookupError(f"layer {study.layer.index} has no units on page {number}")
    layer = Link(context.layer_path(study), context.layer_title(study))
    title = _("{layer}: {units}").format(layer=layer.title, units=_units_word(which[number], context))
    name = context.units_path(study, number).removeprefix(words.folder)
    return UnitsPage(
        head=context.head(name, title, title, "layers"),
        layer=layer,
        standfirst=_units_title(study, found, context),
        units=found,
        units_pages=_units_links(study, number, context),
        previous=_units_link(study, number - 1, context),
        next=_units_link(study, number + 1, context) if number + 1 < len(which) else None,
    )


def _units_links(study: LayerStudy, here: int, context: Context) -> tuple[Link, ...]:
    pages = range(len(pages_of_units(study, context)))
    links = (_units_link(study, number, context) for number in pages if len(pages) > 1)
    return tuple(replace(link, path="") if number == here else link for number, link in enumerate(links))


def _units_link(study: LayerStudy, number: int, context: Context) -> Link:
    which = pages_of_units(study, context)[number]
    return Link(f"{context.units_path(study, number)}#units", _units_word(which, context))


def _units_word(which: range, context: Context) -> str:
    return context.words.gettext("units {first} to {last}").format(first=which[0], last=which[-1])


def _claims(study: LayerStudy, context: Context) -> tuple[ClaimCard, ...]:
    claims = context.analysis.claims
    return tuple(claim_card(claim, context) for claim in claims if claim.layer == study.layer.index)


def _entry(study: LayerStudy, context: Context) -> LayerEntry:
    words, _ = context.words, context.words.gettext
    spatial = is_spatial(study.layer) and context.analysis.units_shown(study) > 0
    return LayerEntry(
        link=Link(context.layer_path(study), context.layer_title(study)),
        kind=shown_name(study.layer.kind),
        size=size_in_words(study.layer, context),
        parameters=words.count(study.layer.parameters),
        field=_field_in_words(study, context),
        image=context.gallery.strongest(study, context.first_picture) if spatial else None,
        text=standfirst(study, context),
    )


def _field_in_words(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.field is None:
        return _("not known")
    if study.field.is_global:
        return _("the whole picture") if _reads_pictures(context) else _("the whole input")
    if not _reads_pictures(context):
        return _("{count} steps").format(count=words.count(study.field.size[1]))
    return _("{size} dots").format(size=words.size(study.field.size))


def _reads_pictures(context: Context) -> bool:
    return len(context.analysis.snapshot.input_shape) == 3


def _layer_facts(study: LayerStudy, context: Context) -> tuple[Fact, ...]:
    words, _, layer = context.words, context.words.gettext, study.layer
    facts = [
        Fact(_("Name"), shown_name(layer.name)),
        Fact(_("Kind in Keras"), shown_name(layer.kind)),
        Fact(_("Out"), size_in_words(layer, context)),
        Fact(_("Numbers learned"), words.count(layer.parameters)),
        Fact(_("One unit sees"), _field_in_words(study, context)),
    ]
    if layer.activation:
        facts.append(Fact(_("Activation"), shown_name(layer.activation)))
    return tuple(facts)


def _seen(study: LayerStudy, context: Context) -> Tile | None:
    showcase = context.analysis.snapshot.showcase
    if not showcase or study.field is None or study.field.is_global or not is_spatial(study.layer):
        return None
    if showcase[context.first_picture].pixels.shape[0] == 1:
        # On a picture of one row, perhaps folded, no square can be drawn.
        return None
    image = context.gallery.photograph(showcase[context.first_picture])
    return Tile(image, 0, 0, image.width, image.height, boxes=(field_box(study, image),))


def _seen_in_words(study: LayerStudy, context: Context) -> str:
    words, _, field = context.words, context.words.gettext, study.field
    if field is None:
        return ""
    if field.is_global:
        if not _reads_pictures(context):
            return _("Every unit of this layer hears from the whole input.")
        return _("Every unit of this layer hears from the whole picture.")
    if not _reads_pictures(context):
        return words.ngettext(
            "One unit gets {count} steps of the input. Its neighbour looks {stride} step further on.",
            "One unit gets {count} steps of the input. Its neighbour looks {stride} steps further on.",
            field.stride[1],
        ).format(count=words.count(field.size[1]), stride=words.count(field.stride[1]))
    stride = int(max(field.stride))
    return words.ngettext(
        "{size} dots: {share} of the picture. The square is all that one unit gets, here for the unit nearest "
        "to the middle. Its neighbour looks {stride} dot further on.",
        "{size} dots: {share} of the picture. The square is all that one unit gets, here for the unit nearest "
        "to the middle. Its neighbour looks {stride} dots further on.",
        stride,
    ).format(
        size=words.size(field.size),
        share=words.percent(field.share_of_picture),
        stride=words.count(stride),
    )


def _weight_part(study: LayerStudy, number: int, context: Context) -> WeightPart:
    weights, _ = study.weights[number], context.words.gettext
    slug = context.slugs[study.layer.index]
    return WeightPart(
        title=weight_title(weights.name, context.words),
        text=_weights_in_words(weights, context),
        plot=histogram_plot(study, number, context, f"data/{slug}-weights.csv"),
        table=_weight_table(weights, context),
    )


def _weights_title(study: LayerStudy, context: Context) -> str:
    _ = context.words.gettext
    known = any(weights.untrained for weights in study.weights)
    return _("The numbers in this layer, before and after") if known else _("The numbers in this layer")


def _weights_in_words(weights: WeightStudy, context: Context) -> str:
    words, _, before = context.words, context.words.gettext, weights.untrained
    text = _(
        "Before training the {count} numbers lay between {low} and {high}. Afterwards {outside} of them lie "
        "outside that range; they now run from {minimum} to {maximum}."
    )
    if before is None:
        text = _("The {count} numbers run from {minimum} to {maximum}. How they began is not known.")
    elif before.minimum == before.maximum:
        text = _("Before training all {count} numbers were {low}. They now run from {minimum} to {maximum}.")
        if weights.trained.minimum == weights.trained.maximum:
            text = _("Before training all {count} numbers were {low}. Now all of them are {minimum}.")
    if weights.trained.not_finite == weights.trained.count:
        text = _("All {count} numbers are infinite or not a number.")
    if not weights.trained.count:
        text = _("There are no numbers in it.")
    return text.format(
        count=words.count(weights.trained.count),
        low=words.number(before.minimum) if before else "",
        high=words.number(before.maximum) if before else "",
        outside=words.percent(weights.outside),
        minimum=words.number(weights.trained.minimum),
        maximum=words.number(weights.trained.maximum),
    )


def _weight_table(weights: WeightStudy, context: Context) -> Table:
    words, _ = context.words, context.words.gettext
    told = (weights.untrained, weights.trained) if weights.untrained else (weights.trained,)
    rows = [
        Row(_("how many"), tuple(words.count(each.count) for each in told)),
        Row(_("middle (mean)"), tuple(words.number(each.mean) for each in told)),
        Row(_("spread (standard deviation)"), tuple(words.number(each.std) for each in told)),
        Row(_("smallest"), tuple(words.number(each.minimum) for each in told)),
        Row(_("largest"), tuple(words.number(each.maximum) for each in told)),
        Row(_("exactly zero"), tuple(words.count(each.zeros) for each in told)),
        Row(
            _("near zero (below {near_zero} of the largest)").format(near_zero=words.percent(NEAR_ZERO, 0)),
            tuple(words.percent(each.near_zero) for each in told),
        ),
    ]
    if any(each.not_finite for each in told):
        rows.append(Row(_("infinite or not a number"), tuple(words.count(each.not_finite) for each in told)))
    caption = _("The same in numbers. Shape: {shape}").format(shape=words.size(weights.shape))
    return Table(caption, (_("before"), _("after"))[-len(told) :], tuple(rows))


def _filter_part(study: LayerStudy, context: Context) -> FilterPart | None:
    if study.filters is None:
        return None
    _ = context.words.gettext
    kernel, gallery = study.filters.kernel, context.gallery
    total, several = kernel.shape[3], kernel.shape[2] > 1
    return FilterPart(
        title=_filters_title(total, context.analysis.filters_shown(study), context),
        text=_summary_in_words(study, context) if several else "",
        before=kernel_tiles(study, context, untrained=True),
        after=kernel_tiles(study, context, untrained=False),
        scale=kernel_scale(study, context),
        caption=clipped_in_words(context, *gallery.kernel_values(study), gallery.kernel_limit(study)),
        slices_before=_slices(study, context, untrained=True) if several else None,
        slices_after=_slices(study, context, untrained=False) if several else None,
        slices_text=_slices_in_words(study, context) if several else "",
        slices_scale=_slices_scale(study, context) if several else None,
    )


def _slices(study: LayerStudy, context: Context, *, untrained: bool) -> Image:
    words, _ = context.words, context.words.gettext
    shape = study.filters.kernel.shape[2:] if study.filters else ()
    alt = _("{slices} squares, {state}").format(
        slices=words.size(tuple(min(each, SLICES) for each in shape)),
        state=_("before training") if untrained else _("after training"),
    )
    return context.gallery.slices(study, alt, untrained=untrained)


def _filters_title(total: int, shown: int, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    text = _("The same {filters} filters, before and after")
    if shown < total:
        text = _("The first {shown} of {filters} filters, before and after")
    return text.format(filters=words.count(total), shown=words.count(shown))


def _summary_in_words(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.filters is None:
        return ""
    kept = study.filters.kept
    if study.filters.in_colour:
        return _(
            "The filters read the red, the green and the blue of the picture, and are shown in these colours: "
            "grey is zero, a bright colour adds where the picture has that colour, a dark one takes away."
        )
    return _(
        "Each filter here is {inputs} squares at once, one for each map that it reads. Its picture is the one "
        "pattern that they share most (the first singular component). It keeps {mean} of a filter’s strength on "
        "average, between {least} and {most}: read it as a hint, not as the filter. Before training is seen "
        "through the same mixture of inputs."
    ).format(
        inputs=words.count(study.filters.kernel.shape[2]),
        mean=words.percent(float(kept.mean())),
        least=words.percent(float(kept.min())),
        most=words.percent(float(kept.max())),
    )


def _slices_in_words(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.filters is None:
        return ""
    kernel = study.filters.kernel
    text = _("All {slices} squares: a row for each of {inputs} inputs, a column for each of {filters} filters.")
    if max(kernel.shape[2:]) > SLICES:
        text = _(
            "The first of {slices} squares: a row for each of {inputs} inputs, a column for each of {filters} "
            "filters."
        )
    inputs, filters = (min(each, SLICES) for each in kernel.shape[2:])
    text = text.format(
        slices=words.count(kernel.shape[2] * kernel.shape[3]),
        inputs=words.count(inputs),
        filters=words.count(filters),
    )
    return f"{text} {clipped_in_words(context, kernel, study.filters.initial, study.filters.limit)}"


def _slices_scale(study: LayerStudy, context: Context) -> Scale | None:
    if study.filters is None:
        return None
    limit = context.words.number(study.filters.limit, 2)
    return Scale(context.gallery.colour_scale("diverging"), f"−{limit}", f"+{limit}", "")


def _units_title(study: LayerStudy, found: Units | None, context: Context) -> str:
    if found is None:
        return ""
    text = (
        context.words.gettext("All {units} maps")
        if is_spatial(study.layer)
        else context.words.gettext("All {units} units")
    )
    return text.format(units=context.words.count(found.total))


def _told(
    tellers: tuple[Callable[[LayerStudy, Context], str], ...], study: LayerStudy, context: Context
) -> tuple[str, ...]:
    """Return what there is to say of a layer."""
    return tuple(text for tell in tellers if (text := tell(study, context)))


def _units_text(study: LayerStudy, context: Context) -> str:
    _ = context.words.gettext
    if is_spatial(study.layer) and study.filters is not None and study.filters.per_unit:
        return _(
            "Each entry is one unit: its filter, the map that it makes of the chosen picture, and patches of "
            "pictures that it answered to. “Answers” is the share of places, over all pictures, where its map is "
            "not zero."
        )
    if is_spatial(study.layer):
        return _("Each entry is one map of the chosen picture, and what was counted over all pictures.")
    if study.connections is not None and study.connections.places is not None:
        return _(
            "The square shows where on the grid before it a unit listens: bright places have heavy weights. Under "
            "“More” stand its {strongest} strongest connections: the weight, the unit of the layer before, its "
            "row and its column."
        ).format(strongest=context.words.count(STRONGEST))
    if study.connections is not None:
        return _(
            "Each entry is one unit; under “More” stand its {strongest} strongest connections to the layer before."
        ).format(strongest=context.words.count(STRONGEST))
    return ""


def _layout_in_words(study: LayerStudy, context: Context) -> str:
    """Return how maps that are no pictures are laid out; empty for those that are."""
    words, _, axes = context.words, context.words.gettext, len(study.layer.output_shape)
    if not is_spatial(study.layer) or axes not in (2, 4):
        return ""
    if axes == 4:
        return _("Each map is a volume: its slices from front to back stand side by side.")
    text = _("Each map is one row: the steps run from left to right.")
    if (study.layer.map_shape[1] or 0) > FOLDED_AT:
        text += " " + _("It is folded like lines of text, {steps} steps to a line.").format(
            steps=words.count(FOLDED_AT)
        )
    return text


NOTES = (_layout_in_words, patches_in_words, made_in_words, tuning_in_words, cost_in_words)
"""Tell how an entry of a unit is read."""


def _why_nothing(study: LayerStudy, context: Context) -> str:
    _ = context.words.gettext
    if study.layer.not_shown:
        return _("There are no maps to show here: {reason}.").format(
            reason=reason_in_words(context.words, study.layer.not_shown)
        )
    if study.maps is not None and study.layer.kind not in UNCHANGING:
        return _(
            "The network has so many layers that pictures of all would make too large a site: this is one "
            "without. Its numbers are counted like those of the others."
        )
    if study.layer.kind in UNCHANGING:
        return _("Its numbers are those of the layer before it, so there is nothing new to see.")
    return _("There are no maps to show here, because no pictures were given.")


def _made_part(study: LayerStudy, context: Context) -> MadePart | None:
    image, made = context.gallery.made(study), study.layer.visualization
    if image is None or made is None:
        return None
    words, _ = context.words, context.words.gettext
    text = _(
        "No picture was given to the network, so these were made for it, from nothing: each is the picture that "
        "one unit answers to most, found in {steps} small steps. They show what a unit can be made to "
        "answer to, not what it is for."
    )
    tiles = stacked_tiles(image, len(made.images))[:MOST_MADE]
    label = _("Unit {number}")
    return MadePart(
        title=_("Pictures made for {shown} of {units} units").format(
            shown=words.count(len(tiles)), units=words.count(study.layer.map_shape[-1] or 0)
        ),
        text=text.format(steps=words.count(made.steps)),
        tiles=tuple(replace(tile, label=label.format(number=number)) for number, tile in enumerate(tiles)),
    )


def _neighbour(study: LayerStudy, context: Context, step: int) -> Link | None:
    position = study.layer.index - 1 + step
    if not 0 <= position < len(context.analysis.layers):
        return None
    other = context.analysis.layers[position]
    return Link(context.layer_path(other), context.layer_title(other))
