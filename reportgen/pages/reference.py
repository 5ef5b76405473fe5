"""The pages to look things up in: model card, glossary, how this was made, and the page for a lost way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from reportgen.analysis.missing import not_shown
from reportgen.pages.context import Context
from reportgen.pages.depth import twin_in_words
from reportgen.pages.left_out import Missing, missing_in_words
from reportgen.pages.measures import Measures, measures
from reportgen.pages.parts import Fact, Head, Link, Row, Table, Term
from reportgen.pages.preparation import preparation_facts
from reportgen.pages.route import Shares, parameter_shares
from reportgen.pages.slugs import shown_name

LONGEST_COMMAND = 1000


@dataclass(frozen=True)
class ModelPage:
    """`model.html`."""

    template: ClassVar[str] = "model.html"

    head: Head
    bundled: bool
    facts: tuple[Fact, ...]
    training: tuple[Fact, ...]
    shares: Shares
    confusion: Table | None


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
    return ModelPage(
        head=context.head(
            "model.html",
            _("The model card"),
            _("What the network is for, what it learned from, how it does."),
            "model",
        ),
        bundled=context.subject.bundled,
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
        twin=twin_in_words(context),
        measures=measures(context),
        missing=tuple(missing_in_words(each, context) for each in not_shown(context.analysis)),
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
        Fact(_("Epochs run, and kept"), f"{words.count(record.epochs)}, {words.count(record.best_epoch)}"),
        Fact(_("Pictures in a batch"), words.count(record.batch_size)),
        Fact(_("Seed"), str(record.seed)),
        Fact(_("Time"), minutes),
        Fact(_("Command"), shown_name(record.command, LONGEST_COMMAND)),
        Fact(_("Versions"), _versions(record.versions)),
    )


def _confusion(context: Context) -> Table | None:
    found = context.analysis.results
    if found is None or len(found.confusion) > 20:
        return None
    words, _ = context.words, context.words.gettext
    names = [context.class_name(index) for index in range(len(found.confusion))]
    rows = tuple(
        Row(name, tuple(words.count(int(count)) for count in line))
        for name, line in zip(names, found.confusion, strict=True)
    )
    caption = _("Rows: what the label says. Columns: what the network says. Counted over {pictures} pictures.")
    return Table(caption.format(pictures=words.count(found.pictures)), tuple(names), rows)


def _provenance(context: Context) -> tuple[Fact, ...]:
    words, _, snapshot = context.words, context.words.gettext, context.analysis.snapshot
    facts = [
        Fact(_("Command"), context.subject.command),
        Fact(_("Network (SHA-256 of configuration and arrays)"), snapshot.digest),
        Fact(_("Pictures (SHA-256)"), snapshot.survey.digest or "–"),
        Fact(_("Pictures counted over"), words.count(snapshot.survey.pictures)),
        Fact(_("Seed of the random draws"), str(context.analysis.seed)),
        Fact(_("Versions"), _versions(snapshot.versions)),
    ]
    facts += preparation_facts(context)
    if snapshot.record is not None:
        facts += [
            Fact(_("Data: {name} (SHA-256)").format(name=shown_name(name)), shown_name(digest))
            for name, digest in sorted(snapshot.record.data_digests.items())
        ]
    return tuple(facts)


def _versions(versions: Mapping[str, str]) -> str:
    """Return the versions of a training's libraries, which come from whoever wrote its record."""
    return ", ".join(f"{shown_name(name)} {shown_name(each)}" for name, each in sorted(versions.items()))
