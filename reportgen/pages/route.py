"""The map of the network: every layer in order, drawn to one scale, each a link to its page."""

from dataclasses import dataclass

from reportgen.analysis.feature_maps import is_spatial
from reportgen.analysis.study import LayerStudy
from reportgen.axes import map_shape
from reportgen.pages.context import Context
from reportgen.pages.parts import Box, Image
from reportgen.pages.standfirsts import size_in_words

SIDE = 84.0
"""Length of the network's input on the map, in units of the map."""
CANVAS = 112
SHEETS_PER_EDGE = 4
MOST_EDGES = 7
LONG, NEIGHBOURS = 40, 4
"""Layers above which the page of a layer shows only so many before it and after it, and not the whole way."""


@dataclass(frozen=True)
class Stop:
    """One layer on the map, or the picture before the first."""

    title: str
    path: str
    """Of its page; empty for the picture."""
    size: str
    parameters: str
    face: Box
    sheets: tuple[Box, ...]
    """The edges of the maps behind the first, hindmost first."""
    image: Image | None
    here: bool


@dataclass(frozen=True)
class Route:
    """The way from the picture to the answer, or a part of it."""

    stops: tuple[Stop, ...]
    whole: str
    """Where the whole way is shown; empty where this is it."""


@dataclass(frozen=True)
class Share:
    """One layer's part of all parameters."""

    title: str
    count: str
    start: str
    width: str
    tone: str


def route(context: Context, here: int | None = None) -> Route:
    """Return the map of the network with the layer `here` marked: its neighbourhood, where the network is long."""
    layers = context.analysis.layers
    if here is None or len(layers) <= LONG:
        stops = (_layer_stop(study, context, study.layer.index == here) for study in layers)
        return Route((_input_stop(context), *stops), "")
    near = [each for each in layers if abs(each.layer.index - here) <= NEIGHBOURS]
    stops = (_layer_stop(study, context, study.layer.index == here) for study in near)
    return Route(tuple(stops), context.path("index.html"))


def parameter_shares(context: Context) -> tuple[Share, ...]:
    """Return how the parameters are spread over the layers that have any."""
    total = context.analysis.snapshot.parameters
    shares: list[Share] = []
    start = 0
    for study in context.analysis.layers:
        if study.layer.parameters:
            shares.append(_share(study, context, start, total, len(shares)))
            start += study.layer.parameters
    return tuple(shares)


def _share(study: LayerStudy, context: Context, start: int, total: int, number: int) -> Share:
    return Share(
        title=context.layer_title(study),
        count=context.words.count(study.layer.parameters),
        start=f"{100 * start / total:.3f}%",
        width=f"{100 * study.layer.parameters / total:.3f}%",
        tone=f"t{number % 4}",
    )


def _input_stop(context: Context) -> Stop:
    snapshot, _ = context.analysis.snapshot, context.words.gettext
    image = context.gallery.photograph(snapshot.showcase[context.first_picture]) if snapshot.showcase else None
    sides = snapshot.input_shape
    title = _("Picture") if len(sides) == 3 else _("Input")
    size = context.words.size(sides[:2] if len(sides) == 3 else sides)
    return Stop(title, "", size, "", _square(SIDE, SIDE, 0), (), image, here=False)


def _layer_stop(study: LayerStudy, context: Context, here: bool) -> Stop:  # noqa: FBT001 - private, one caller
    words, _ = context.words, context.words.gettext
    face, sheets = _shape(study, context)
    pictured = is_spatial(study.layer) and context.analysis.units_shown(study) > 0
    image = context.gallery.strongest(study, context.first_picture) if pictured else None
    count = study.layer.parameters
    numbers = words.ngettext("{count} number learned", "{count} numbers learned", count)
    return Stop(
        title=context.layer_title(study),
        path=context.layer_path(study),
        size=size_in_words(study.layer, context),
        parameters=numbers.format(count=words.count(count)) if count else _("nothing to learn"),
        face=face,
        sheets=sheets,
        image=image,
        here=here,
    )


def _shape(study: LayerStudy, context: Context) -> tuple[Box, tuple[Box, ...]]:
    shape, sides = study.layer.map_shape, context.analysis.snapshot.input_shape
    largest = max((side or 1 for side in (map_shape(sides) or ())[:-1]), default=1)
    if len(shape) != 3:
        return Box(CANVAS / 2 - 3, 8, 6, CANVAS - 16), ()
    height, width = (max(SIDE * min((side or largest) / largest, 1.0), 8.0) for side in shape[:2])
    edges = min(max((shape[2] or 1) // SHEETS_PER_EDGE, 0), MOST_EDGES)
    return _square(height, width, 0), tuple(_square(height, width, 3.2 * step) for step in range(edges, 0, -1))


def _square(height: float, width: float, back: float) -> Box:
    left, top = (CANVAS - 24 - width) / 2, (CANVAS - height) / 2 + 10
    return Box(round(left + back, 1), round(top - back, 1), round(width, 1), round(height, 1))
