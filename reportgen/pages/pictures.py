"""The pages of the pictures: the whole journey of one, and the list of all."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from reportgen.analysis.feature_maps import is_spatial
from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context, kind_key
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.marks import DecisionPart, decision_part, no_marks_in_words
from reportgen.pages.parts import Answer, ClaimCard, Head, Image, Link, Scale, Tile
from reportgen.pages.units import linked, map_scale
from reportgen.snapshot import Picture

FAINTEST = 0.01
"""Units that this picture moves to less than this share of their strongest answer are not named."""
MARK_CLAIMS = (
    "grad_cam_depends",
    "grad_cam_matters",
    "integrated_gradients_depends",
    "integrated_gradients_matters",
)


@dataclass(frozen=True)
class Station:
    """What one layer makes of the picture."""

    link: Link
    text: str
    """Which units are most taken with it; empty where a pooling layer would only repeat the layer before it."""
    tiles: tuple[Tile, ...]
    sheet: str
    answers: Image | None
    scale: Scale | None


@dataclass(frozen=True)
class Probability:
    """One class and how likely the network found it."""

    name: str
    value: str
    width: str


@dataclass(frozen=True)
class PicturePage:
    """`pictures/NAME.html`."""

    template: ClassVar[str] = "picture.html"

    head: Head
    all_pictures: str
    source: str
    image: Image
    answer: Answer | None
    probabilities: tuple[Probability, ...]
    stations: tuple[Station, ...]
    decision: DecisionPart
    previous: Link | None
    next: Link | None


@dataclass(frozen=True)
class PictureEntry:
    """One picture in the list."""

    link: Link
    image: Image
    answer: Answer | None


@dataclass(frozen=True)
class PicturesPage:
    """`pictures/index.html`."""

    template: ClassVar[str] = "pictures.html"

    head: Head
    rule: str
    entries: tuple[PictureEntry, ...]
    mistakes: tuple[PictureEntry, ...]
    marks_text: str
    """What the marks on the pictures are, or why there are none; empty without pictures."""
    marks: tuple[ClaimCard, ...]
    confusions: tuple[ClaimCard, ...]


def pictures_page(context: Context) -> PicturesPage:
    """Return the list of all pictures of the showcase, the mistakes apart."""
    _, showcase = context.words.gettext, context.analysis.snapshot.showcase
    rule = _("Chosen by a rule, so that nobody picks the pretty ones: the first picture of each kind.")
    if any(each.source == "training" for each in showcase):
        rule += " " + _(
            "The ankle boot of the training set stands beside them: it is the example of the textbook."
        )
    return PicturesPage(
        head=context.head(
            "pictures/index.html", _("Pictures"), _("Every picture’s way through the network."), "pictures"
        ),
        rule=rule if showcase else _("No pictures were given, so there is nothing to send through the network."),
        entries=tuple(_entry(each, context) for each in showcase if each.source != "mistake"),
        mistakes=tuple(_entry(each, context) for each in showcase if each.source == "mistake"),
        marks_text=_marks_in_words(context) if showcase else "",
        marks=tuple(card for kind in MARK_CLAIMS for card in claim_cards(context, kind)),
        confusions=claim_cards(context, "lookalikes"),
    )


def picture_pages(context: Context) -> tuple[PicturePage, ...]:
    """Return a page for each picture of the showcase."""
    return tuple(_picture_page(number, context) for number in range(len(context.analysis.snapshot.showcase)))


def picture_title(picture: Picture, context: Context) -> str:
    """Return a picture's name in words: its class, or its place."""
    _ = context.words.gettext
    if picture.label is None:
        return _("Picture {number}").format(number=context.words.count(picture.number))
    name = context.class_name(picture.label)
    if picture.source == "mistake":
        taken = context.class_name(int(picture.probabilities.argmax()))
        return _("{label}, taken for: {answer}").format(label=name, answer=taken)
    if picture.source == "training":
        return _("{label} (training set)").format(label=name)
    return name


def _picture_page(number: int, context: Context) -> PicturePage:
    _, picture = context.words.gettext, context.analysis.snapshot.showcase[number]
    title = picture_title(picture, context)
    shown = [study for study in context.analysis.layers if _is_shown(study, context)]
    taken = [_most_taken(study, number, context) for study in shown]
    return PicturePage(
        head=context.head(
            f"pictures/{picture.name}.html",
            title,
            _("{title}: what each layer makes of it, and what the network took it for.").format(title=title),
            "pictures",
        ),
        all_pictures=context.path("pictures/index.html"),
        source=context.caption_of(picture),
        image=_still(picture, context),
        answer=context.answer(picture),
        probabilities=_probabilities(picture, context),
        stations=tuple(
            _station(
                study, number, "" if kind_key(study, context) == "pooling" and text == before else text, context
            )
            for study, text, before in zip(shown, taken, ("", *taken), strict=False)
        ),
        decision=decision_part(number, context),
        previous=_neighbour(number - 1, context),
        next=_neighbour(number + 1, context),
    )


def _marks_in_words(context: Context) -> str:
    _ = context.words.gettext
    if context.analysis.snapshot.attribution is None:
        return no_marks_in_words(context)
    return _(
        "On the page of every picture, two methods mark the dots that the answer came from. Such marks look "
        "convincing even where they mean nothing. So each method was asked two questions: would a network "
        "with random weights get other marks? And does it hurt the answer to blank the dots that are marked?"
    )


def _is_shown(study: LayerStudy, context: Context) -> bool:
    return study.layer.trained is not None and context.analysis.units_shown(study) > 0


def _still(picture: Picture, context: Context) -> Image:
    """Return the picture itself, which does not follow the reader's choice."""
    image = context.gallery.photograph(picture)
    return Image(image.path, image.width, image.height, picture_title(picture, context))


def _probabilities(picture: Picture, context: Context) -> tuple[Probability, ...]:
    order = (-picture.probabilities).argsort(kind="stable")[:10]
    return tuple(
        Probability(
            context.class_name(int(index)),
            context.words.probability(float(picture.probabilities[index])),
            f"{max(100 * float(picture.probabilities[index]), 0.4):.2f}%",
        )
        for index in order
    )


def _station(study: LayerStudy, number: int, text: str, context: Context) -> Station:
    units = study.layer.output_shape[-1] or 0
    spatial = is_spatial(study.layer)
    return Station(
        link=Link(context.layer_path(study), context.layer_title(study)),
        text=text,
        tiles=_tiles(study, number, context) if spatial else (),
        sheet="many" if units > 40 else "few",
        answers=None if spatial else _answers(study, number, context),
        scale=map_scale(study, context),
    )


def _tiles(study: LayerStudy, number: int, context: Context) -> tuple[Tile, ...]:
    image = replace(context.gallery.maps(study, number), pattern="")
    tiles = stacked_tiles(image, context.analysis.units_shown(study))
    return linked(tiles, study, context, context.words.gettext("Unit {number}"))


def _answers(study: LayerStudy, number: int, context: Context) -> Image:
    image = context.gallery.answers(study, number)
    alt = context.words.gettext("The answers of all {units} units, ten to a row").format(
        units=context.words.count(study.layer.output_shape[-1] or 0)
    )
    return Image(image.path, image.width, image.height, alt)


def _most_taken(study: LayerStudy, number: int, context: Context) -> str:
    """Return which units this picture moves most, measured against each unit's own strongest answer."""
    words, _, observed = context.words, context.words.gettext, study.layer.trained
    if observed is None:
        return ""
    maps = observed.maps[number]
    strongest = maps.max(axis=(0, 1)) if maps.ndim == 3 else maps
    best = observed.responses.maximum
    # A unit that gives what is no number cannot be taken with anything.
    measurable = (best > 0) & np.isfinite(best) & np.isfinite(strongest)
    share = np.divide(strongest, best, out=np.zeros_like(best), where=measurable)
    order = (-share).argsort(kind="stable")[:3]
    taken = [(int(each), float(share[each])) for each in order if share[each] >= FAINTEST]
    if not taken:
        return _("No unit here comes to {share} of its strongest answer to any picture.").format(
            share=words.percent(FAINTEST, 0)
        )
    if _answers_with_classes(study, context):
        units = [f"{context.class_name(unit)} ({words.percent(share)})" for unit, share in taken]
    else:
        units = [_("unit {unit} ({share})").format(unit=unit, share=words.percent(share)) for unit, share in taken]
    return _("Most taken with it, as a share of their strongest answer to any picture: {units}.").format(
        units=words.listed(units)
    )


def _answers_with_classes(study: LayerStudy, context: Context) -> bool:
    """Return whether a layer is the last one, with a unit for each class that has a name."""
    shape, last = study.layer.output_shape, context.analysis.layers[-1]
    return study.layer.index == last.layer.index and shape == (len(context.class_names),)


def _entry(picture: Picture, context: Context) -> PictureEntry:
    link = Link(context.picture_path(picture), picture_title(picture, context), context.caption_of(picture))
    return PictureEntry(link, _still(picture, context), context.answer(picture))


def _neighbour(number: int, context: Context) -> Link | None:
    showcase = context.analysis.snapshot.showcase
    if not 0 <= number < len(showcase):
        return None
    return Link(context.picture_path(showcase[number]), picture_title(showcase[number], context))
