"""The pages to look things up in: model card, glossary, how this was made, and the page for a lost way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reportgen.analysis.missing import not_shown
from reportgen.pages.context import Context
from reportgen.pages.depth import twin_in_words
from reportgen.pages.left_out import Missing, merged
from reportgen.pages.measures import Measures, measures
from reportgen.pages.parts import Fact, Head, Link, Term
from reportgen.pages.preparation import preparation_facts
from reportgen.pages.route import Shares, parameter_shares
from reportgen.pages.slugs import shown_name
from reportgen.snapshot import Integers, TrainingRecord
from reportgen.training.course import PATIENCE
from reportgen.training.data import VALIDATION_SHARE

LONGEST_COMMAND = 1000
MOST_KINDS = 20
"""Kinds that a table of confusions has room for."""
OFTEN = 0.05
"""A mistake that as large a share of a kind's pictures meets stands out in the table."""


@dataclass(frozen=True)
class Count:
    """How many pictures of one kind were taken for one kind."""

    text: str
    role: str
    """`right`, `often`, or empty."""


@dataclass(frozen=True)
class Confusions:
    """How often each kind was taken for each."""

    caption: str
    text: str
    """How to read the table, and what to see in it."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Count, ...]], ...]
    """(kind, counts)"""


@dataclass(frozen=True)
class ModelPage:
    """`model.html`."""

    template: ClassVar[str] = "model.html"

    head: Head
    bundled: bool
    aside: str
    """How many of the training pictures were kept aside; empty but for the network that comes with the program."""
    facts: tuple[Fact, ...]
    training: tuple[Fact, ...]
    shares: Shares
    confusion: Confusions | None


@dataclass(frozen=True)
class GlossaryPage:
    """`glossary.html`."""

    template: ClassVar[str] = "glossary.html"

    head: Head
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class AboutPage:
    """`about.html`."""

    template: ClassVar[str] = "about.html"

    head: Head
    provenance: tuple[Fact, ...]
    digests: tuple[Fact, ...]
    twin: str
    measures: tuple[Measures, ...]
    missing: tuple[Missing, ...]
    data: tuple[Link, ...]


@dataclass(frozen=True)
class LostPage:
    """`404.html`."""

    template: ClassVar[str] = "404.html"

    head: Head
    ways: tuple[Link, ...]


def model_page(context: Context) -> ModelPage:
    """Return the model card."""
    _ = context.words.gettext
    aside = _("Some of the training pictures, {share} of them, were kept aside to choose the best round.")
    return ModelPage(
        head=context.head(
            "model.html",
            _("The model card"),
            _("What the network is for, what it learned from, how it does."),
            "model",
        ),
        bundled=context.subject.bundled,
        aside=aside.format(share=context.words.percent(VALIDATION_SHARE)) if context.subject.bundled else "",
        facts=_model_facts(context),
        training=_training_facts(context),
        shares=parameter_shares(context),
        confusion=_confusion(context),
    )


def about_page(context: Context, data: tuple[str, ...]) -> AboutPage:
    """Return how the report was made, with the files of numbers at these paths."""
    _ = context.words.gettext
    return AboutPage(
        head=context.head(
            "about.html", _("How this was made"), _("Digests, versions, measures and what is not shown."), "about"
        ),
        provenance=_provenance(context),
        digests=_digests(context),
        twin=twin_in_words(context),
        measures=measures(context),
        missing=merged(not_shown(context.analysis), context),
        data=tuple(Link(path, path.removeprefix("data/")) for path in data),
    )


def lost_page(context: Context) -> LostPage:
    """Return the page that is shown where there is none."""
    _ = context.words.gettext
    return LostPage(
        head=context.head("404.html", _("This page does not exist"), _("The way back to the report."), ""),
        ways=(
            Link(context.path("index.html"), _("The story from the start")),
            Link(context.path("layers/index.html"), _("All layers")),
            Link(context.path("glossary.html"), _("Glossary")),
        ),
    )


def _model_facts(context: Context) -> tuple[Fact, ...]:
    words, _, snapshot = context.words, context.words.gettext, context.analysis.snapshot
    facts = [
        Fact(_("Name"), context.subject.title),
        Fact(_("Input"), words.size(snapshot.input_shape)),
        Fact(_("Numbers learned"), words.count(snapshot.parameters)),
        Fact(_("Layers"), words.count(len(snapshot.layers))),
    ]
    facts += preparation_facts(context)
    if context.class_names:
        facts.append(Fact(_("Kinds"), ", ".join(context.class_names)))
    results = context.analysis.results
    if results is not None:
        text = _("{share} of {pictures} pictures").format(
            share=words.percent(results.accuracy, 2), pictures=words.count(results.pictures)
        )
        facts.append(Fact(_("Named correctly"), text))
    return tuple(facts)


def _training_facts(context: Context) -> tuple[Fact, ...]:
    words, _, record = context.words, context.words.gettext, context.analysis.snapshot.record
    if record is None:
        return ()
    minutes = _("{minutes} minutes on {threads} threads").format(
        minutes=words.fixed(record.seconds / 60, 1), threads=words.count(record.threads)
    )
    return (
        Fact(_("Rounds over the training pictures (epochs)"), words.count(record.epochs)),
        Fact(_("Round that was kept"), words.count(record.best_epoch)),
        *_ending(record, context),
        Fact(_("Pictures in a batch"), words.count(record.batch_size)),
        Fact(_("Seed"), str(record.seed)),
        Fact(_("Time"), minutes),
        Fact(_("Command"), shown_name(record.command, LONGEST_COMMAND)),
        Fact(_("Versions"), _versions(record.versions)),
    )


def _ending(record: TrainingRecord, context: Context) -> tuple[Fact, ...]:
    """Return why a training ended, where it was not for its number of epochs alone."""
    words, _, waited = context.words, context.words.gettext, record.epochs - record.best_epoch
    if waited < PATIENCE:
        return ()
    text = words.ngettext(
        "For {rounds} round after that the loss on the pictures kept aside got no smaller. Then a training ends, "
        "even if its command allows more rounds.",
        "For {rounds} rounds after that the loss on the pictures kept aside got no smaller. Then a training ends, "
        "even if its command allows more rounds.",
        waited,
    )
    return (Fact(_("Why it ended"), text.format(rounds=words.count(waited))),)


def _confusion(context: Context) -> Confusions | None:
    found = context.analysis.results
    if found is None or len(found.confusion) > MOST_KINDS:
        return None
    words, _ = context.words, context.words.gettext
    names = tuple(context.class_name(index) for index in range(len(found.confusion)))
    text = _(
        "Rows: what the label says. Columns: what the network says. Counted over {pictures} pictures. The right "
        "answers stand in bold on the diagonal."
    ).format(pictures=words.count(found.pictures))
    return Confusions(
        caption=_("What each kind was taken for"),
        text=f"{text} {_mistakes_in_words(found.confusion, names, context)}",
        columns=names,
        rows=tuple((name, _counts(found.confusion, row, context)) for row, name in enumerate(names)),
    )


def _mistakes_in_words(confusion: Integers, names: tuple[str, ...], context: Context) -> str:
    """Return which mistake was made most often, and which of them stand out."""
    words, _ = context.words, context.words.gettext
    wrong = confusion - np.diag(np.diag(confusion))
    if not wrong.any():
        return _("There is no mistake among them.")
    label, answer = np.unravel_index(int(wrong.argmax()), wrong.shape)
    text = _("The largest number off the diagonal: {label} taken for {answer}, {count} times.").format(
        label=names[label], answer=names[answer], count=words.count(int(wrong.max()))
    )
    if not any(_is_often(confusion, *place) for place in np.argwhere(wrong)):
        return text
    often = _("Mistakes that at least {share} of a kind’s pictures met stand out in colour.")
    return f"{text} {often.format(share=words.percent(OFTEN, 0))}"


def _is_often(confusion: Integers, label: int, answer: int) -> bool:
    count = int(confusion[label, answer])
    return label != answer and 0 < count >= OFTEN * int(confusion[label].sum())


def _counts(confusion: Integers, label: int, context: Context) -> tuple[Count, ...]:
    roles = {True: "often", False: ""}
    return tuple(
        Count(
            context.words.count(int(count)),
            "right" if answer == label else roles[_is_often(confusion, label, answer)],
        )
        for answer, count in enumerate(confusion[label])
    )


def _provenance(context: Context) -> tuple[Fact, ...]:
    words, _, snapshot = context.words, context.words.gettext, context.analysis.snapshot
    facts = [
        Fact(_("Command"), context.subject.command),
        Fact(_("Pictures counted over"), words.count(snapshot.survey.pictures)),
        Fact(_("Seed of the random draws"), str(context.analysis.seed)),
        Fact(_("Versions"), _versions(snapshot.versions)),
    ]
    return (*facts, *preparation_facts(context))


def _digests(context: Context) -> tuple[Fact, ...]:
    """Return the digests of the network, of the pictures, and of what the network learned from."""
    _, snapshot = context.words.gettext, context.analysis.snapshot
    facts = [
        Fact(_("Network (SHA-256 of configuration and arrays)"), snapshot.digest),
        Fact(_("Pictures (SHA-256)"), snapshot.survey.digest or "–"),
    ]
    if snapshot.record is not None:
        facts += [
            Fact(_("Data: {name} (SHA-256)").format(name=shown_name(name)), shown_name(digest))
            for name, digest in sorted(snapshot.record.data_digests.items())
        ]
    return tuple(facts)


def _versions(versions: Mapping[str, str]) -> str:
    """Return the versions of a training's libraries, which come from whoever wrote its record."""
    return ", ".join(f"{shown_name(name)} {shown_name(each)}" for name, each in sorted(versions.items()))
