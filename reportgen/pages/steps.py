"""The first steps of the story: what the first and the last convolution make of the picture."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context
from reportgen.pages.evidence import Contact, contact
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Box, ClaimCard, Image, Link, Scale, Tile
from reportgen.pages.units import linked, map_scale

LOOKS = 3
"""Units whose patches a step shows."""


@dataclass(frozen=True)
class UnitLook:
    """What one unit saw where it answered."""

    link: Link
    contact: Contact


@dataclass(frozen=True)
class Step:
    """A step of the story: a layer's maps, what was counted, and the claims."""

    number: int
    id: str
    title: str
    text: str
    tiles: tuple[Tile, ...]
    sheet: str
    """Class of the sheet: few large maps, or many small ones."""
    scale: Scale | None
    caption: str
    seen: Tile | None
    """The picture with receptive fields drawn on it."""
    seen_caption: str
    looks: tuple[UnitLook, ...]
    """What some of the layer's units saw where they answered."""
    looks_caption: str
    claims: tuple[ClaimCard, ...]
    link: Link


def steps(convolutions: list[LayerStudy], context: Context) -> tuple[Step, ...]:
    """Return the first step, and the second where there is more than one convolution."""
    found = []
    if convolutions:
        found.append(_first_step(convolutions[0], context))
    if len(convolutions) > 1 and convolutions[-1].layer.inputs != (0,):
        found.append(_second_step(convolutions[0], convolutions[-1], context))
    return tuple(found)


def _first_step(study: LayerStudy, context: Context) -> Step:
    words, _ = context.words, context.words.gettext
    return Step(
        number=1,
        id="strokes",
        title=_("Strokes"),
        text=_first_text(study, context),
        tiles=_sheet(study, context),
        sheet=_sheet_class(study),
        scale=map_scale(study, context),
        caption=_(
            "Look for the same edge in different maps. Bright: the filter answers there. All {units} maps."
        ).format(units=words.count(study.layer.output_shape[-1] or 0))
        + _beyond(study, context),
        seen=None,
        seen_caption="",
        looks=(),
        looks_caption="",
        claims=claim_cards(context, "straight_edges") + claim_cards(context, "background"),
        link=layer_link(study, context),
    )


def _first_text(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.layer.trained is None:
        return ""
    maps = study.layer.trained.maps[context.first_picture]
    lit = (maps != 0).mean(axis=(0, 1))
    text = _(
        "These are all {units} maps that the first layer makes of the picture. Of the picture shown first, the "
        "busiest answers at {most} of the dots, the quietest at {least}."
    ).format(
        units=words.count(maps.shape[2]),
        most=words.percent(float(lit.max())),
        least=words.percent(float(lit.min())),
    )
    positive = answering_to_nothing(study)
    if positive:
        text += " " + words.ngettext(
            "And {count} of them answers even where the picture is empty, because the number added at the end is "
            "above zero: that is the tinted ground, not a fault.",
            "And {count} of them answer even where the picture is empty, because the number added at the end is "
            "above zero: that is the tinted ground, not a fault.",
            positive,
        ).format(count=words.count(positive))
    return text


def _second_step(first: LayerStudy, last: LayerStudy, context: Context) -> Step:
    _ = context.words.gettext
    return Step(
        number=2,
        id="arrangements",
        title=_("Arrangements"),
        text=_second_text(first, last, context),
        tiles=_sheet(last, context),
        sheet=_sheet_class(last),
        scale=map_scale(last, context),
        caption=_("Few places, strong answers. The same picture, in all maps of the last convolution.")
        + _beyond(last, context),
        seen=_seen(first, last, context),
        seen_caption=_seen_caption(first, last, context),
        looks=_looks(last, context),
        looks_caption=_looks_caption(last, context),
        claims=tuple(
            card
            for kind in ("sees_more", "more_zeros", "learned_tolerance")
            for card in claim_cards(context, kind)
        ),
        link=layer_link(last, context),
    )


def _second_text(first: LayerStudy, last: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    text = _(
        "The later convolution never sees the picture itself. It looks at the maps that come before it, and "
        "these have been shrunk on the way. So one of its units gathers from a patch of {size} dots."
    )
    if last.field is None:
        text = _("The later convolution never sees the picture itself. It looks at the maps that come before it.")
    elif max(last.field.stride) <= 1:
        text = _(
            "The later convolution never sees the picture itself. It looks at the maps that come before it. So "
            "one of its units gathers from a patch of {size} dots."
        )
    text = text.format(size=words.size(last.field.size) if last.field else "")
    if last.depth is not None and first.depth is not None:
        text += " " + _(
            "Counted over {pictures} pictures, {last} of its answers are exactly zero; in the first layer it was "
            "{first}."
        ).format(
            pictures=words.count(context.analysis.snapshot.survey.pictures),
            last=words.percent(last.depth.zeros.value),
            first=words.percent(first.depth.zeros.value),
        )
    return text


def _looks(study: LayerStudy, context: Context) -> tuple[UnitLook, ...]:
    """Return the patches of the units that are needed most; of those that answer most where that is not known."""
    if study.layer.trained is None or study.layer.extremes is None:
        return ()
    needed, answers = study.importance, study.layer.trained.responses.maximum
    order = np.argsort(needed.change if needed is not None else -answers, kind="stable")
    listed = order[order < context.analysis.units_shown(study)]
    found = [(int(unit), contact(study, context, int(unit))) for unit in listed[:LOOKS]]
    text = context.words.gettext("Unit {number}")
    return tuple(
        UnitLook(Link(context.unit_path(study, unit), text.format(number=unit)), each)
        for unit, each in found
        if each
    )


def _looks_caption(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.layer.extremes is None:
        return ""
    text = _(
        "What units of this layer saw where they answered, out of {pictures} pictures: a row of their strongest "
        "answers, one of their weakest, and one at random; 0 is no answer."
    ).format(pictures=words.count(study.layer.extremes.searched))
    rule = _("Shown are the units whose removal costs most.")
    if study.importance is None:
        rule = _("Shown are the units with the strongest answers.")
    elif not study.importance.matters.any():
        rule = _("Shown are the units whose removal costs most, though none costs more than luck could explain.")
    return f"{text} {rule}"


def _seen(first: LayerStudy, last: LayerStudy, context: Context) -> Tile | None:
    if first.field is None or last.field is None or not context.analysis.snapshot.showcase:
        return None
    image = context.gallery.photograph(context.analysis.snapshot.showcase[context.first_picture])
    boxes = tuple(field_box(study, image) for study in (first, last))
    return Tile(image, 0, 0, image.width, image.height, boxes=boxes)


def field_box(study: LayerStudy, image: Image) -> Box:
    """Return the receptive field of the unit nearest to the middle of the picture."""
    field, shape = study.field, study.layer.output_shape
    if field is None or field.is_global or len(shape) != 3:
        return Box(0, 0, image.width, image.height)
    corner = [field.start[axis] + field.stride[axis] * ((shape[axis] or 1) // 2) for axis in (0, 1)]
    return Box(corner[1], corner[0], field.size[1], field.size[0])


def _seen_caption(first: LayerStudy, last: LayerStudy, context: Context) -> str:
    if first.field is None or last.field is None:
        return ""
    words, _ = context.words, context.words.gettext
    return _(
        "Small square: a unit of the first layer, {first} dots. Large square: a unit of the last convolution, "
        "{last}, which is {share} of the picture."
    ).format(
        first=words.size(first.field.size),
        last=words.size(last.field.size),
        share=words.percent(last.field.share_of_picture),
    )


def _sheet(study: LayerStudy, context: Context) -> tuple[Tile, ...]:
    image = context.gallery.maps(study, context.first_picture)
    tiles = stacked_tiles(image, context.analysis.units_shown(study))
    return linked(tiles, study, context, context.words.gettext("Unit {number}"))


def _beyond(study: LayerStudy, context: Context) -> str:
    """Return how many of a layer's maps are shown, where that is not all of them."""
    words, shown = context.words, context.analysis.units_shown(study)
    if shown >= (study.layer.output_shape[-1] or 0):
        return ""
    return " " + words.gettext("Shown here: the first {shown}.").format(shown=words.count(shown))


def _sheet_class(study: LayerStudy) -> str:
    return "many" if (study.layer.output_shape[-1] or 0) > 40 else "few"


def layer_link(study: LayerStudy, context: Context) -> Link:
    """Return the way to a layer's page."""
    return Link(context.layer_path(study), context.layer_title(study))


def answering_to_nothing(study: LayerStudy) -> int:
    """Return how many filters of a first layer answer to empty ground: those whose bias is above zero."""
    bias = next((w.values for w in study.layer.weights if w.values.ndim == 1), None)
    if bias is None or study.layer.inputs != (0,):
        return 0
    return int(np.count_nonzero(bias > 0))
