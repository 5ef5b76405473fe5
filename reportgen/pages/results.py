"""How good the network is, and what it confuses."""

from dataclasses import dataclass

from reportgen.analysis.results import SURE
from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Image


@dataclass(frozen=True)
class ResultRow:
    """How one class fared."""

    name: str
    right: str
    width: str
    mistaken_for: str
    mistaken: str


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for something else."""

    image: Image
    answer: str
    text: str
    path: str


@dataclass(frozen=True)
class ResultsPart:
    """How good the network is, and what it confuses."""

    figure: str
    text: str
    caption: str
    rows: tuple[ResultRow, ...]
    sure: str
    claims: tuple[ClaimCard, ...]
    mistakes: tuple[Mistake, ...]


def results_part(context: Context) -> ResultsPart | None:
    """Return how good the network is; None without labelled pictures and without a record."""
    found = context.analysis.results
    if found is None:
        return None
    words, _ = context.words, context.words.gettext
    guess = 1 / len(found.confusion)
    text = _(
        "Of {pictures} pictures that it had never seen, it named {share} correctly. Guessing would give {guess}."
    )
    if found.origin == "survey":
        text = _("Of the {pictures} pictures given, it named {share} correctly. Guessing would give {guess}.")
    text = text.format(
        pictures=words.count(found.pictures),
        share=words.percent(found.accuracy, 1),
        guess=words.percent(guess),
    )
    text = f"{text} {pair_in_words(context)}".strip()
    rows = tuple(
        ResultRow(
            name=context.class_name(row.index),
            right=words.percent(row.right / row.pictures, 1),
            width=f"{100 * row.right / row.pictures:.1f}%",
            mistaken_for=context.class_name(row.mistaken_for) if row.mistaken_for is not None else "–",
            mistaken=words.count(row.mistaken),
        )
        for row in found.classes
    )
    return ResultsPart(
        figure=words.percent(found.accuracy, 1).strip("\u2060").removesuffix("%"),
        text=text,
        caption=_("For each kind: the share named correctly, and what it is most often taken for"),
        rows=rows,
        sure=_sure_in_words(context),
        claims=claim_cards(context, "lookalikes"),
        mistakes=_mistakes(context),
    )


def pair_in_words(context: Context) -> str:
    """Return which two classes are taken for each other most often; empty without mistakes."""
    found, words = context.analysis.results, context.words
    if found is None or not found.likeliest_pair:
        return ""
    return words.gettext("Of its {wrong} mistakes, {pair} are between {kinds}.").format(
        wrong=words.count(found.pictures - found.right),
        pair=words.count(found.pair_mistakes),
        kinds=words.listed([context.class_name(each) for each in found.likeliest_pair]),
    )


def _sure_in_words(context: Context) -> str:
    found, words = context.analysis.results, context.words
    if found is None or not found.survey_mistakes:
        return ""
    return words.gettext(
        "Of {mistakes} mistakes over the {pictures} pictures that this report looked at, {sure} were made with "
        "more than {sure_from} confidence. Being sure is not the same as being right. These are the surest. A "
        "mistake is an answer that differs from the label, and labels can be wrong too."
    ).format(
        mistakes=words.count(found.survey_mistakes),
        pictures=words.count(found.survey_pictures),
        sure=words.count(found.sure_mistakes),
        sure_from=words.percent(SURE),
    )


def _mistakes(context: Context) -> tuple[Mistake, ...]:
    _ = context.words.gettext
    shown = []
    for picture in context.analysis.snapshot.showcase:
        answer = context.answer(picture)
        if picture.source == "mistake" and answer is not None:
            label = context.class_name(picture.label)
            fixed = context.gallery.photograph(picture)
            image = Image(
                fixed.path, fixed.width, fixed.height, _("A picture labelled {label}").format(label=label)
            )
            sure = answer.top[0][1]
            text = _("The label says: {label}. It was {sure} sure.")
            if sure.startswith(">"):
                text = _("The label says: {label}. It was more than {sure} sure.")
            text = text.format(label=label, sure=sure.removeprefix(">"))
            shown.append(Mistake(image, answer.word, text, context.picture_path(picture)))
    return tuple(shown)
