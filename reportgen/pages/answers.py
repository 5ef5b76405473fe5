"""The front page's last word: what a reader would ask, and what was measured, in a sentence each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from reportgen.analysis.claims import Claim, Verdict
from reportgen.analysis.importance import ImportanceStudy
from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_card
from reportgen.pages.context import Context
from reportgen.pages.depth import tally
from reportgen.pages.parts import Link
from reportgen.pages.results import pair_in_words
from reportgen.pages.units import has_units
from reportgen.snapshot import Doubles, Flags

MOST_NAMED = 4
"""Layers or sentences that an answer names one by one."""


@dataclass(frozen=True)
class ShortAnswer:
    """A question, and what this report has to say to it."""

    question: str
    text: str
    link: Link


def short_answers(context: Context) -> tuple[ShortAnswer, ...]:
    """Return an answer to every question that the report can answer."""
    tellers: tuple[Callable[[Context], ShortAnswer | None], ...] = (
        _what_a_filter_is,
        _what_the_first_layer_sees,
        _what_the_last_layer_sees,
        _how_it_is_known,
        _what_is_not_supported,
        _what_matters_most,
        _how_much_a_unit_sees,
        _what_is_dead,
        _what_it_confuses,
        _what_training_changed,
    )
    return tuple(answer for tell in tellers if (answer := tell(context)))


def _what_a_filter_is(context: Context) -> ShortAnswer | None:
    _ = context.words.gettext
    if not context.analysis.convolutions:
        return None
    text = _(
        "A small square of numbers that is laid on every place of the picture in turn: each number times the dot "
        "beneath it, all added up."
    )
    return ShortAnswer(_("What is a filter?"), text, Link("#filter", _("One sum, worked out")))


def _what_the_first_layer_sees(context: Context) -> ShortAnswer | None:
    _, first = context.words.gettext, next(iter(context.analysis.convolutions), None)
    if first is None:
        return None
    return _seen(_("What does the first layer see?"), first, "straight_edges", context)


def _what_the_last_layer_sees(context: Context) -> ShortAnswer | None:
    _, last = context.words.gettext, context.analysis.last_hidden
    if last is None:
        return None
    found = _seen(_("What does the last layer before the answer see?"), last, "favourite_class", context)
    if found is None or not _claims("favourite_class", last, context):
        return found
    scale = _("0 would be all kinds alike, 1 one kind only.")
    return replace(found, text=f"{found.text} {scale}")


def _seen(question: str, study: LayerStudy, kind: str, context: Context) -> ShortAnswer | None:
    """Return how much of the picture a layer sees, and what one kind of claim says of it."""
    told = [_field_in_words(study, context), *map(_in_words(context), _claims(kind, study, context))]
    text = " ".join(each for each in told if each)
    return ShortAnswer(question, text, _to(study, context)) if text else None


def _field_in_words(study: LayerStudy, context: Context) -> str:
    words, field = context.words, study.field
    if field is None or len(context.analysis.snapshot.input_shape) != 3:
        return ""
    if field.is_global or field.share_of_picture >= 1:
        return words.gettext("The whole picture at once.")
    return words.gettext("{size} dots at a time, {share} of the picture.").format(
        size=words.size(field.size), share=words.percent(field.share_of_picture)
    )


def _claims(kind: str, study: LayerStudy, context: Context) -> tuple[Claim, ...]:
    return context.analysis.claims_of(kind, study.layer.index)[:1]


def _in_words(context: Context) -> Callable[[Claim], str]:
    """Return what tells a claim with its verdict and its numbers."""

    def tell(claim: Claim) -> str:
        card = claim_card(claim, context)
        text = context.words.gettext("“{sentence}” {verdict}: {figure}, {reference}.")
        if claim.value is None:
            text = context.words.gettext("“{sentence}” {verdict}.")
        figure = f"{card.figure}{card.unit} {card.unit_word}".strip()
        return text.format(
            sentence=card.sentence, verdict=card.verdict_word, figure=figure, reference=card.reference
        )

    return tell


def _how_it_is_known(context: Context) -> ShortAnswer | None:
    _ = context.words.gettext
    if not context.analysis.claims:
        return None
    text = _("Each number stands beside what chance gives, or the same network without training.")
    return ShortAnswer(_("How is that known?"), f"{text} {tally(context)}", _to_verdicts(context))


def _what_is_not_supported(context: Context) -> ShortAnswer | None:
    _ = context.words.gettext
    refuted = [claim for claim in context.analysis.claims if claim.verdict is Verdict.NOT_SUPPORTED]
    if not refuted:
        return None
    text = " ".join(f"“{claim_card(claim, context).sentence}”" for claim in refuted[:MOST_NAMED])
    if len(refuted) > MOST_NAMED:
        text += " " + _("And {count} more.").format(count=context.words.count(len(refuted) - MOST_NAMED))
    return ShortAnswer(_("Which sentences are not supported?"), text, _to_verdicts(context))


def _what_matters_most(context: Context) -> ShortAnswer | None:
    words, _ = context.words, context.words.gettext
    tried = _tried(context.analysis.layers)
    if not tried:
        return None
    needed = [each for each in tried if _is_needed(each[1]).any()]
    study, found = min(needed or tried, key=lambda each: float(_changes(each[1]).min()))
    told = [_loss_in_words(study, found, context)] if _changes(found).min() < 0 else []
    if not needed:
        told.insert(0, _("No single unit is needed more than luck could explain."))
    elif len(needed) == 1 and study is context.analysis.layers[-1] and len(tried) > 1:
        told.append(_("Of the units before the answer none is needed more than luck could explain."))
    least, most = (pick(each.pictures for _layer, each in tried) for pick in (min, max))
    pictures = (
        _("Tried with {pictures} pictures.") if least == most else _("Tried with {least} to {pictures} pictures.")
    )
    pictures = pictures.format(pictures=words.count(most), least=words.count(least))
    question = _("Which unit matters most, and how much?")
    return ShortAnswer(question, " ".join((*told, pictures)), _to(study, context))


def _tried(layers: Iterable[LayerStudy]) -> list[tuple[LayerStudy, ImportanceStudy]]:
    """Return the layers of which each unit was switched off, without those that only pass on what others made."""
    found = [(each, each.importance) for each in layers if each.weights and each.importance]
    return [(study, importance) for study, importance in found if len(importance.change)]


def _is_needed(found: ImportanceStudy) -> Flags:
    """Return for each unit of a layer whether its loss costs more right answers than luck explains."""
    return found.matters & (found.change < 0)


def _changes(found: ImportanceStudy) -> Doubles:
    """Return what the loss of each unit changes; nothing for one that is not needed, where another one is."""
    needed = _is_needed(found)
    return np.where(needed | ~needed.any(), found.change, 0.0)


def _loss_in_words(study: LayerStudy, found: ImportanceStudy, context: Context) -> str:
    """Return the unit of a layer whose loss costs most right answers, and what it costs."""
    words, _ = context.words, context.words.gettext
    unit = int(np.argmin(_changes(found)))
    change, low, high = (
        words.fixed(-100 * float(each[unit]), 1) for each in (found.change, found.high, found.low)
    )
    names = context.class_names if study is context.analysis.layers[-1] else ()
    text = _(
        "{layer}, unit {unit}: without it {change} fewer pictures in a hundred are named correctly ({low} to "
        "{high})."
    )
    if unit < len(names):
        text = _(
            "{layer}, unit {unit}, which stands for “{name}”: without it {change} fewer pictures in a hundred are "
            "named correctly ({low} to {high})."
        )
    return text.format(
        layer=context.layer_title(study),
        unit=unit,
        name=names[unit] if unit < len(names) else "",
        change=change,
        low=low,
        high=high,
    )


def _how_much_a_unit_sees(context: Context) -> ShortAnswer | None:
    if len(context.analysis.convolutions) < 2:
        return None
    last = context.analysis.convolutions[-1]
    text = _field_in_words(last, context)
    question = context.words.gettext("How much of the picture can one unit see ({layer})?")
    return (
        ShortAnswer(question.format(layer=context.layer_title(last)), text, _to(last, context)) if text else None
    )


def _what_is_dead(context: Context) -> ShortAnswer | None:
    words, _ = context.words, context.words.gettext
    counted = _counted(context)
    if not counted:
        return None
    worst = most_dead(context) or counted[0]
    pictures = worst.layer.trained.responses.pictures if worst.layer.trained else 0
    rule = _("A unit is dead if its value was the same for all {pictures} pictures.").format(
        pictures=words.count(pictures)
    )
    if len(counted) <= MOST_NAMED:
        told = [_dead_in_words(each, context) for each in counted]
    elif not _dead(worst).any():
        told = [_("In {layers} layers there is none.").format(layers=words.count(len(counted)))]
    else:
        some = sum(bool(_dead(each).any()) for each in counted)
        layers = _("{some} of {layers} layers have some; most:").format(
            some=words.count(some), layers=words.count(len(counted))
        )
        told = [layers, _dead_in_words(worst, context)]
    link = _to(worst, context)
    if has_units(worst) and context.analysis.units_shown(worst):
        link = replace(link, path=f"{link.path}#units")
    return ShortAnswer(_("Is any filter or unit dead?"), " ".join((*told, rule)), link)


def _counted(context: Context) -> list[LayerStudy]:
    return [each for each in context.analysis.layers if each.weights and each.maps and each.layer.trained]


def most_dead(context: Context) -> LayerStudy | None:
    """Return the layer with the largest share of dead units; None where there are none, or nothing is known."""
    worst = max(_counted(context), key=lambda each: float(_dead(each).mean()), default=None)
    return worst if worst is not None and _dead(worst).any() else None


def _dead(study: LayerStudy) -> Flags:
    return study.maps.states.dead if study.maps else np.zeros(1, bool)


def _dead_in_words(study: LayerStudy, context: Context) -> str:
    words, _, dead = context.words, context.words.gettext, _dead(study)
    text = _("{layer}: {dead} of {units}.") if dead.any() else _("{layer}: none of {units}.")
    if int(dead.sum()) == 1:
        text = _("{layer}: {dead} of {units}, number {number}.")
    return text.format(
        layer=context.layer_title(study),
        dead=words.count(int(dead.sum())),
        units=words.count(len(dead)),
        number=int(dead.argmax()),
    )


def _what_it_confuses(context: Context) -> ShortAnswer | None:
    _, text = context.words.gettext, pair_in_words(context)
    return ShortAnswer(_("What does it confuse most?"), text, Link("#results", _("All kinds"))) if text else None


def _what_training_changed(context: Context) -> ShortAnswer | None:
    _ = context.words.gettext
    layers = [*context.analysis.convolutions[:1], context.analysis.last_hidden]
    claims = [
        claim
        for study, kind in zip(layers, ("weights_moved", "favourite_class"), strict=False)
        if study
        for claim in _claims(kind, study, context)
    ]
    if not claims or context.analysis.snapshot.twin_origin == "none":
        return None
    text = " ".join(map(_in_words(context), claims))
    moved = context.analysis.layer(claims[0].layer)
    link = Link(f"{context.layer_path(moved)}#{claims[0].id}", context.layer_title(moved))
    return ShortAnswer(_("What did training change?"), text, link)


def _to(study: LayerStudy, context: Context) -> Link:
    return Link(context.layer_path(study), context.layer_title(study))


def _to_verdicts(context: Context) -> Link:
    return Link(f"{context.path('depth.html')}#verdicts", context.words.gettext("From low to high"))
