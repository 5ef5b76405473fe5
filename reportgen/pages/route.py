"""The map of the network: every layer in order, drawn to one scale, each a link to its page."""

from dataclasses import dataclass
from itertools import groupby

from reportgen.analysis.budget import evenly
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
"""Layers above which the page of a layer shows only so many before it and after it."""
LONGEST, STOPS = 64, 24
"""Layers above which the front page shows only so many at equal distances."""
MOST_SHARES = 12
"""Layers that are named beside the bar of all parameters; of more, the largest."""


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

    text: str
    stops: tuple[Stop, ...]
    whole: str
    """Where all layers are listed; empty where this is the whole way."""


@dataclass(frozen=True)
class Share:
    """A layer's part of all parameters, or that of several in a row that are too small to be named."""

    title: str
    """Empty for layers that are not named."""
    count: str
    start: str
    width: str
    tone: str


@dataclass(frozen=True)
class Shares:
    """How the parameters are spread over the layers that have any, in their order."""

    parts: tuple[Share, ...]
    others: str
    """What the layers hold that are not named; empty where all are."""


def route(context: Context, here: int | None = None) -> Route:
    """Return the map of the network with the layer `here` marked: its neighbourhood, where the network is long."""
    layers, _ = context.analysis.layers, context.words.gettext
    text = _(
        "The whole route. A stack is a set of maps, drawn to one scale; a bar is a row of single numbers, however "
        "many."
    )
    shown, start = layers, True
    if len(layers) > LONGEST and here is None:
        shown = evenly(layers, STOPS)
        text = _(
            "{shown} of its {total} layers, at equal distances along the route. A stack is a set of maps, drawn "
            "to one scale; a bar is a row of single numbers, however many."
        ).format(shown=context.words.count(STOPS), total=context.words.count(len(layers)))
    elif here is not None and len(layers) > LONG:
        shown, start = tuple(each for each in layers if abs(each.layer.index - here) <= NEIGHBOURS), False
    stops = tuple(_layer_stop(study, context, study.layer.index == here) for study in shown)
    whole = context.path("layers/index.html") if len(shown) < len(layers) else ""
    return Route(text, (_input_stop(context), *stops) if start else stops, whole)


def parameter_shares(context: Context) -> Shares:
    """Return how the parameters are spread over the layers that have any; of many, only the largest are named."""
    own = [each for each in context.analysis.layers if each.layer.parameters]
    largest = sorted(own, key=lambda each: -each.layer.parameters)[:MOST_SHARES]
    named = {each.layer.index for each in largest}
    # The last tone is that of the layers that are not named, where there are any.
    shares, start, tones = list[Share](), 0, 4 if len(own) == len(named) else 3
    for is_named, run in groupby(own, lambda each: each.layer.index in named):
        for part in [[each] for each in run] if is_named else [list(run)]:
            title = context.layer_title(part[0]) if is_named else ""
            count = sum(each.layer.parameters for each in part)
            tone = f"t{sum(bool(each.title) for each in shares) % tones}" if is_named else "t3"
            shares.append(_share(title, count, start, tone, context))
            start += count
    return Shares(tuple(shares), _others([each for each in own if each.layer.index not in named], context))


def _others(rest: list[LayerStudy], context: Context) -> str:
    if not rest:
        return ""
    words = context.words
    return words.ngettext(
        "{layers} smaller layer: {numbers}", "{layers} smaller layers together: {numbers}", len(rest)
    ).format(layers=words.count(len(rest)), numbers=words.count(sum(each.layer.parameters for each in rest)))


def _share(title: str, count: int, start: int, tone: str, context: Context) -> Share:
    total = context.analysis.snapshot.parameters
    return Share(
        title=title,
        count=context.words.count(count),
        start=f"{100 * start / total:.3f}%",
        width=f"{100 * count / total:.3f}%",
        tone=tone,
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
