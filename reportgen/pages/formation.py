"""When the filters of a convolution took shape, and how its weights spread meanwhile, in words and as a chart."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.formation import SETTLED, FormationStudy
from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context
from reportgen.pages.parts import Link, Plot
from reportgen.pages.phrases import told
from reportgen.pages.plots import ridge_plot
from reportgen.pages.units import has_units
from reportgen.snapshot import Doubles, Integers, TrainingRecord

MOST_NAMED = 12
"""Filters that are named as the last to take shape."""


@dataclass(frozen=True)
class FormationRow:
    """How many filters had their form by one moment."""

    moment: str
    count: str
    width: str
    even: str
    """How many would have had it, had each changed straight and evenly."""


@dataclass(frozen=True)
class FormationPart:
    """How the filters of one convolution came to be what they are."""

    text: str
    rows: tuple[FormationRow, ...]
    last_text: str
    last: tuple[Link, ...]
    """The filters that took shape last; without a path where the network has no entries for its units."""
    more: str
    csv: str
    """Path of the file with every filter's likeness to its final self at every moment."""
    plot: Plot


def formation_part(study: LayerStudy, record: TrainingRecord, context: Context) -> FormationPart | None:
    """Return when a layer's filters took shape, None where the record does not tell."""
    found = study.formation
    if found is None:
        return None
    last_text, last = _last(found, record, context)
    more = context.words.gettext("and {more} more").format(more=context.words.count(len(last) - MOST_NAMED))
    file = f"data/{context.slugs[study.layer.index]}"
    return FormationPart(
        text=_in_words(found, context),
        rows=_rows(found, record, context),
        last_text=last_text,
        last=tuple(_filter_link(int(number), study, context) for number in last[:MOST_NAMED]),
        more=more if len(last) > MOST_NAMED else "",
        csv=f"{file}-formation.csv",
        plot=ridge_plot(study, found, context, f"{file}-weights-over-time.csv"),
    )


def moment_in_words(epoch: float, record: TrainingRecord, context: Context) -> str:
    """Return when a checkpoint was written down."""
    words, _ = context.words, context.words.gettext
    if epoch == 0:
        return _("before training")
    if epoch < 0.01:
        return _("after the first {batch} pictures").format(batch=words.count(record.batch_size))
    if epoch < 1:
        return _("after {share} of the first epoch").format(share=words.percent(epoch))
    text = _("after epoch {epoch}")
    if round(epoch) == record.best_epoch:
        text = _("after epoch {epoch} (kept)")
    return text.format(epoch=words.count(round(epoch)))


def _in_words(found: FormationStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    text = _(
        "A filter has taken shape when it looks like its final self and goes on doing so (from then on, the "
        "cosine of its weights to the final ones stays above {settled})."
    ).format(settled=words.number(SETTLED, 1))
    early = int((found.epochs[found.alive] == 0).sum())
    if early:
        text += " " + words.ngettext(
            "Already before training {count} filter looked like its final self.",
            "Already before training {count} filters looked like their final selves.",
            early,
        ).format(count=words.count(early))
    if found.mean is None or found.mean_even is None:
        return text
    mean, even = (told(each, words, "epochs") for each in (found.mean, found.mean_even))
    average = _(
        "On average the {filters} filters had their form after {mean} rounds of training ({low} to {high}). Had "
        "each gone from its first to its final weights straight and evenly, it would have been after {even} "
        "({even_low} to {even_high})."
    ).format(
        filters=words.count(int(found.alive.sum())),
        mean=mean.value,
        low=mean.low,
        high=mean.high,
        even=even.value,
        even_low=even.low,
        even_high=even.high,
    )
    return f"{text} {average}"


def _rows(found: FormationStudy, record: TrainingRecord, context: Context) -> tuple[FormationRow, ...]:
    """Return a row for each moment until all filters have their form, by definition at the latest in the last."""
    words, total = context.words, int(found.alive.sum())
    counts, even = (_formed(each, found) for each in (found.epochs, found.epochs_even))
    shown = 1 + int(np.argmax(np.minimum(counts, even) == total))
    return tuple(
        FormationRow(
            moment=moment_in_words(float(moment), record, context)
            if moment
            else words.gettext("already before training"),
            count=words.count(int(count)),
            width=f"{100 * count / max(total, 1):.2f}%",
            even=words.count(int(straight)),
        )
        for moment, count, straight in zip(found.moments[:shown], counts, even, strict=False)
    )


def _formed(epochs: Doubles, found: FormationStudy) -> Integers:
    """Return how many filters had their form by each moment, (moments,)."""
    counts: Integers = (found.counted(epochs) <= found.moments[:, np.newaxis]).sum(axis=1)
    return counts


def _last(found: FormationStudy, record: TrainingRecord, context: Context) -> tuple[str, Integers]:
    """Return the sentence about the filters that took shape last, and their numbers."""
    _, alive = context.words.gettext, found.alive
    late = np.isnan(found.epochs) & alive
    if late.any():
        text = _("Not there at any moment before the last:")
        return text, np.flatnonzero(late)
    if not alive.any():
        return "", np.zeros(0, np.int64)
    latest = float(found.epochs[alive].max())
    if latest == 0:
        return _("All of them looked like this before training:"), np.flatnonzero(alive)
    text = _("The last to take shape ({moment}):").format(moment=moment_in_words(latest, record, context))
    return text, np.flatnonzero(found.epochs == latest)


def _filter_link(number: int, study: LayerStudy, context: Context) -> Link:
    title = context.words.gettext("filter {number}").format(number=number)
    return Link(context.unit_path(study, number) if has_units(study) else "", title)
