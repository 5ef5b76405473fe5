"""How the layers lay out the pictures: maps of their spaces, and how alike two layers are."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.budget import SPACES, evenly
from reportgen.analysis.claims import FEWEST
from reportgen.pages.context import Context
from reportgen.pages.measurements import title_of
from reportgen.pages.parts import Image, Scale, Tile
from reportgen.snapshot import Doubles, Floats, Layer, Representations, Space

MOST_TITLES = 14


@dataclass(frozen=True)
class ClassMark:
    """A class and its colour."""

    tile: Tile
    name: str


@dataclass(frozen=True)
class SpaceMap:
    """One layer's map of the pictures, after training and before."""

    title: str
    trained: Image
    untrained: Image
    share: str
    """How much of the variance the two maps hold."""


@dataclass(frozen=True)
class Maps:
    """The maps of all layers, with the colours of the classes."""

    text: str
    classes: tuple[ClassMark, ...]
    maps: tuple[SpaceMap, ...]
    csv: str


@dataclass(frozen=True)
class Panel:
    """How alike the layers of one network are to those of another."""

    title: str
    image: Image


@dataclass(frozen=True)
class Alignment:
    """How alike the layers lay out the pictures."""

    text: str
    layers: tuple[str, ...]
    panels: tuple[Panel, ...]
    scale: Scale
    caption: str
    csv: str


def maps_of_spaces(context: Context) -> Maps | None:
    """Return the maps of the layers; None without pictures, or with too few of them to lie apart."""
    found = context.analysis.snapshot.representations
    if found is None or len(found.scattered) < FEWEST:
        return None
    words, _ = context.words, context.words.gettext
    text = _(
        "Every spot on a map is one of the same {pictures} pictures, coloured by its kind. Two pictures stand "
        "near each other if the layer’s numbers for them are alike, as far as a flat map can show it. Where spots "
        "of one colour gather, the layer tells that kind apart from the others."
    ).format(pictures=words.count(len(found.scattered)))
    return Maps(text, _classes(context), tuple(_maps(found, context)), "data/scatter.csv")


def _classes(context: Context) -> tuple[ClassMark, ...]:
    if not context.analysis.snapshot.survey.labels.size:
        return ()
    count = len(context.analysis.snapshot.survey.class_pictures)
    image = context.gallery.class_colours(count)
    return tuple(ClassMark(Tile(image, number, 0, 1, 1), context.class_name(number)) for number in range(count))


def _maps(found: Representations, context: Context) -> "list[SpaceMap]":
    layers = {each.index: each for each in context.analysis.snapshot.layers}
    drawn = evenly(tuple(index for index in found.layers if index), SPACES)
    spaces = [(0, found.pixels, found.pixels), *(_of_layer(layers[index]) for index in drawn)]
    return [_map(index, trained, twin, context) for index, trained, twin in spaces]


def _of_layer(layer: Layer) -> tuple[int, Space, Space]:
    if layer.space is None or not layer.twin_spaces:
        raise LookupError(f"layer {layer.index} has no space")
    return layer.index, layer.space, layer.twin_spaces[0]


def _map(index: int, trained: Space, untrained: Space, context: Context) -> SpaceMap:
    words, _ = context.words, context.words.gettext
    title, name = title_of(index, context), context.slugs.get(index, "pixels")
    shares = [words.percent(float(each.scatter_share.sum())) for each in (trained, untrained)]
    alt = _("{layer}: the pictures in two dimensions that hold {share} of all differences, {state}")
    trained_alt, untrained_alt = (
        alt.format(layer=title, share=share, state=state)
        for share, state in zip(shares, (_("after training"), _("before training")), strict=True)
    )
    return SpaceMap(
        title=title,
        trained=context.gallery.scatter(trained, name, trained_alt),
        untrained=context.gallery.scatter(untrained, f"{name}-before" if index else name, untrained_alt),
        share=_("holds {after} of all differences, before training {before}").format(
            after=shares[0], before=shares[1]
        ),
    )


def alignment(context: Context) -> Alignment | None:
    """Return how alike the layers lay out the pictures; None without pictures, or with too few of them."""
    found = context.analysis.snapshot.representations
    if found is None or not found.alignment.size or found.tested < FEWEST:
        return None
    words, _ = context.words, context.words.gettext
    panels = (
        ("trained", _("In the trained network"), found.alignment),
        ("untrained", _("In its untrained twin"), found.alignment_untrained),
        ("between", _("Trained (rows) against untrained (columns)"), found.alignment_between),
    )
    return Alignment(
        text=_alignment_in_words(found, context),
        layers=_thinned([title_of(index, context) for index in found.layers]),
        panels=tuple(Panel(title, _panel(name, values, title, context)) for name, title, values in panels),
        scale=Scale(
            context.gallery.colour_scale("sequential"),
            "0",
            "1",
            _("1: the same layout but for turning and stretching"),
        ),
        caption=_("Rows and columns are the layers in their order, over the {tested} tested pictures.").format(
            tested=words.count(found.tested)
        ),
        csv="data/alignment.csv",
    )


def _thinned(titles: list[str]) -> tuple[str, ...]:
    """Return the titles of all rows; of too many to be read, those at equal distances, and empty ones between."""
    step = -(-len(titles) // MOST_TITLES)
    return tuple("" if number % step else title for number, title in enumerate(titles))


def _panel(name: str, values: Doubles, title: str, context: Context) -> Image:
    words, _ = context.words, context.words.gettext
    told = _("{picture}: likenesses from {low} to {high}").format(
        picture=title, low=words.fixed(float(values.min())), high=words.fixed(float(values.max()))
    )
    return context.gallery.alignment(name, np.asarray(values, np.float64), told)


def _alignment_in_words(found: Representations, context: Context) -> str:
    """Return which layer is most, and which least like itself before training."""
    own: Floats = np.diag(found.alignment_between)[1:].astype(np.float32)
    if not np.isfinite(own).any():
        return ""
    words, layers = context.words, found.layers[1:]
    most, least = int(np.nanargmax(own)), int(np.nanargmin(own))
    return words.gettext(
        "How much of a layer’s layout of the pictures was there before training? Most in this layer: {most} "
        "({high}). Least in this one: {least} ({low}). 1: the same layout; 0: nothing in common."
    ).format(
        most=title_of(layers[most], context),
        high=words.fixed(float(own[most])),
        least=title_of(layers[least], context),
        low=words.fixed(float(own[least])),
    )
