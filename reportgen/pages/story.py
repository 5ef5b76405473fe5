"""The front page: one picture goes through the network, and the network is explained on the way."""

from dataclasses import dataclass, replace
from typing import ClassVar

from reportgen.analysis.feature_maps import is_spatial
from reportgen.analysis.study import LayerStudy
from reportgen.pages.answers import ShortAnswer, most_dead, short_answers
from reportgen.pages.context import Context
from reportgen.pages.kernels import BeforeAfter, before_after
from reportgen.pages.kinds import Kinds, kinds
from reportgen.pages.one_sum import OneSum, one_sum
from reportgen.pages.parts import Answer, Chooser, Head, Image, Link, Scale
from reportgen.pages.results import ResultsPart, results_part
from reportgen.pages.route import Route, Shares, parameter_shares, route
from reportgen.pages.steps import Step, answering_to_nothing, steps
from reportgen.pages.units import chooser, map_scale


@dataclass(frozen=True)
class Panel:
    """One station of the picture's way."""

    image: Image
    title: str
    text: str
    scale: Scale | None


@dataclass(frozen=True)
class StoryPage:
    """`index.html`."""

    template: ClassVar[str] = "story.html"

    head: Head
    title: str
    standfirst: str
    panels: tuple[Panel, ...]
    answer: Answer | None
    chooser: Chooser | None
    one_sum: OneSum | None
    steps: tuple[Step, ...]
    kinds: Kinds | None
    before_after: BeforeAfter | None
    route: Route
    shares: Shares
    share_caption: str
    results: ResultsPart | None
    answers: tuple[ShortAnswer, ...]
    next: tuple[Link, ...]


def story_page(context: Context) -> StoryPage:
    """Return the front page."""
    _, analysis = context.words.gettext, context.analysis
    convolutions = [each for each in analysis.convolutions if _is_told(each, context)]
    choices = chooser(context)
    return StoryPage(
        head=context.head(
            "index.html",
            _("What this network learned to see"),
            _("{title}: what a neural network looks for, and how we can tell.").format(title=_title(context)),
            "story",
        ),
        title=_title(context),
        standfirst=_standfirst(context),
        panels=_panels(convolutions, context),
        answer=context.answer(analysis.snapshot.showcase[context.first_picture]) if choices else None,
        chooser=choices,
        one_sum=one_sum(convolutions[0], context) if convolutions else None,
        steps=steps(convolutions, context),
        kinds=kinds(context),
        before_after=before_after(context),
        route=route(context),
        shares=parameter_shares(context),
        share_caption=_share_caption(context),
        results=results_part(context),
        answers=short_answers(context),
        next=_next(context),
    )


def _title(context: Context) -> str:
    _ = context.words.gettext
    if len(context.analysis.snapshot.input_shape) != 3:
        return _("Numbers go in, an answer comes out")
    return _("A picture goes in, a word comes out")


def _is_told(study: LayerStudy, context: Context) -> bool:
    """Return whether a convolution has maps of a picture, which the story is about."""
    over_pictures = len(context.analysis.snapshot.input_shape) == len(study.layer.output_shape) == 3
    return over_pictures and is_spatial(study.layer) and study.filters is not None and study.filters.axes == 2


def _standfirst(context: Context) -> str:
    words, _ = context.words, context.words.gettext
    snapshot = context.analysis.snapshot
    text = _(
        "Between the two lie {count} numbers that nobody typed in. The network found them itself, by training. "
        "Here it is opened up: what it looks for first, what it makes of that, and how anyone can tell."
    )
    return text.format(count=words.count(snapshot.parameters))


def _panels(convolutions: list[LayerStudy], context: Context) -> tuple[Panel, ...]:
    words, _ = context.words, context.words.gettext
    snapshot = context.analysis.snapshot
    if not snapshot.showcase:
        return ()
    picture = snapshot.showcase[context.first_picture]
    image = context.gallery.photograph(picture, context.caption_of(picture))
    first = Panel(image, _("The picture."), _("{size} dots. Black is 0, white is 1."), None)
    size = words.size(snapshot.input_shape[:2])
    if len(snapshot.input_shape) != 3:
        text = _("{size} numbers, drawn as dots: the brighter, the larger.")
        first, size = Panel(image, _("The input."), text, None), words.size(snapshot.input_shape)
    first = replace(first, text=first.text.format(size=size))
    ends = convolutions[:1] + convolutions[1:][-1:]
    return (first, *(_panel(study, context) for study in ends))


def _panel(study: LayerStudy, context: Context) -> Panel:
    words, _ = context.words, context.words.gettext
    title = context.layer_title(study)
    size = words.size(study.layer.map_shape[:2])
    alt = _("After: {layer}, {size} dots").format(layer=title, size=size)
    image = context.gallery.strongest(study, context.first_picture, alt)
    text = _("Each dot shows the strongest answer of {units} filters, on a grid of {size}.").format(
        units=words.count(study.layer.map_shape[-1] or 0), size=size
    )
    positive = answering_to_nothing(study)
    if positive:
        text += " " + words.ngettext(
            "The tinted ground is real: {count} filter answers even where there is nothing.",
            "The tinted ground is real: {count} filters answer even where there is nothing.",
            positive,
        ).format(count=words.count(positive))
    return Panel(image, _("After: {layer}.").format(layer=title), text, map_scale(study, context))


def _share_caption(context: Context) -> str:
    words, _ = context.words, context.words.gettext
    total = context.analysis.snapshot.parameters
    if not total:
        return ""
    seeing = sum(each.layer.parameters for each in context.analysis.convolutions)
    if not seeing:
        return _("{total} learned numbers in all.").format(total=words.count(total))
    return _("The convolutions hold {share} of all {total} learned numbers.").format(
        share=words.percent(seeing / total), total=words.count(total)
    )


def _next(context: Context) -> tuple[Link, ...]:
    """Return a way on for each kind of reader: the curious, the student, the practitioner."""
    _, convolutions = context.words.gettext, context.analysis.convolutions
    links = list[Link]()
    if context.analysis.snapshot.showcase:
        note = _("For the curious: every picture with all that the network made of it, and where it looked.")
        links.append(Link(context.path("pictures/index.html"), _("All pictures"), note))
    note = _("For students: every measurement, layer by layer, beside the untrained twin, and how it was made.")
    links.append(Link(context.path("depth.html"), _("From low to high"), note))
    telling = most_dead(context) or next(iter((*convolutions, *context.analysis.layers)), None)
    if telling is not None:
        note = _("For practitioners: every weight and every unit of a layer, and which of them hardly work.")
        links.append(Link(context.layer_path(telling), context.layer_title(telling), note))
    note = _("What the network is for and not for, how it was trained, and how it does.")
    return (*links, Link(context.path("model.html"), _("The model card"), note))
