"""What is known of one unit beside its numbers: patches, a made picture, its tuning, what it is needed for."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from reportgen.analysis.study import LayerStudy
from reportgen.analysis.tuning import Caption
from reportgen.pages.context import Context
from reportgen.pages.parts import Fact, Image, Tile
from reportgen.pages.phrases import written
from reportgen.snapshot import Floats

CURVE = (120.0, 40.0)
"""Width and height of a tuning curve, in units of its own."""


LUCKY = 0.05
"""What chance gives more often than this is told as luck."""
TINY = 1e-4
"""An answer below this is told as almost nothing."""


@dataclass(frozen=True)
class Curve:
    """A unit's answers to drawn edges, from one direction once around, as the points of a line."""

    points: str
    before: str
    label: str


@dataclass(frozen=True)
class Contact:
    """What a unit saw: a row of its strongest answers, one of its weakest, and one of some at random."""

    image: Image
    rows: tuple[Fact, ...]
    """What each row shows, and the answers in it."""


@dataclass(frozen=True)
class Evidence:
    """All that a unit's entry shows of it beside its filter and its map."""

    caption: str
    """What it answers to; empty where nothing beats chance."""
    curve: Curve | None
    contact: Contact | None
    mix: str
    """The most frequent class among its strongest pictures, beside chance."""
    made: Tile | None
    made_text: str
    facts: tuple[Fact, ...]
    needed: tuple[Fact, ...]
    """What removing it costs, with its interval; nothing where that was not tried."""
    cost: str
    """Sort key: what removing it costs, as a plain number."""


def evidence(study: LayerStudy, context: Context, number: int, made: tuple[Tile, ...]) -> Evidence:
    """Return what is known of a unit; `made` are the pictures made for the layer's units."""
    return Evidence(
        caption=_caption(study, context, number),
        curve=_curve(study, context, number),
        contact=contact(study, context, number),
        mix=_mix(study, context, number),
        made=made[number] if number < len(made) else None,
        made_text=_made_in_words(study, context, number),
        facts=_facts(study, context, number),
        needed=_needed(study, context, number),
        cost=f"{_cost(study, number):.5f}",
    )


def removal_in_words(study: LayerStudy, context: Context) -> str:
    """Return what removing single units costs in a layer, over all that were tried."""
    found = study.importance
    if found is None or not len(found.change):
        return ""
    words, _ = context.words, context.words.gettext
    worst, needed = int(np.argmin(found.change)), int(found.matters.sum())
    how = _(
        "What is each unit needed for? Each in turn was held at its mean answer while {pictures} pictures went "
        "through."
    )
    told = words.ngettext(
        "For {needed} of {units} units that changes the share of right answers by more than luck would.",
        "For {needed} of {units} units that changes the share of right answers by more than luck would.",
        needed,
    )
    if not needed:
        told = _("Taking out a single unit never changes the share of right answers by more than luck would.")
    most = _("The most costly is unit {worst}: {change} points.")
    return f"{how} {told} {most}".format(
        pictures=words.count(found.pictures),
        needed=words.count(needed),
        units=words.count(len(found.change)),
        worst=words.count(worst),
        change=written(float(found.change[worst]), words, "points"),
    )


def cost_in_words(study: LayerStudy, context: Context) -> str:
    """Return how the price of a single unit is read."""
    if study.importance is None or not len(study.importance.change):
        return ""
    return context.words.gettext(
        "A plus sign means more right answers without the unit. Of many units tested at once, the intervals of a "
        "few miss zero by luck; whether a loss is more than luck is told with that in mind."
    )


def patches_in_words(study: LayerStudy, context: Context) -> str:
    """Return how the patches of a layer were chosen, and over how many pictures."""
    if study.layer.extremes is None:
        return ""
    words = context.words
    return words.gettext(
        "The three rows of patches are what the unit saw where it answered: in the pictures with its strongest "
        "answers, in those with its weakest, and in pictures drawn at random, never only the best. {pictures} "
        "pictures were searched; of each, the place of the strongest answer counts. An answer of 0 is none. A "
        "patch at the edge of a picture ends where the picture ends."
    ).format(pictures=words.count(study.layer.extremes.searched))


def made_in_words(study: LayerStudy, context: Context) -> str:
    """Return how the made pictures of a layer came about, and how many of them beat every real picture."""
    made, observed = study.layer.visualization, study.layer.trained
    if made is None or observed is None:
        return ""
    words, _ = context.words, context.words.gettext
    best = observed.responses.maximum[: len(made.activation)]
    return _(
        "A picture was made for each unit: from {starts} random starts, in {steps} steps, every dot was changed "
        "so that the unit answers more. For {beaten} of {units} units it beats the best of all real pictures; "
        "where it does not, the entry says so."
    ).format(
        starts=words.count(made.starts),
        steps=words.count(made.steps),
        beaten=words.count(int((made.activation > best).sum())),
        units=words.count(len(made.activation)),
    )


def tuning_in_words(study: LayerStudy, context: Context) -> str:
    """Return how many units of a layer mind the direction of what is drawn, and how that was found out."""
    if study.tuning is None:
        return ""
    words, _, after = context.words, context.words.gettext, study.tuning.after
    text = _(
        "The red line shows how a unit answers to drawn edges of {count} directions, once around; the grey line "
        "is the same before training. How much a unit minds the direction runs from 0, all alike, to 1, one only."
    ).format(count=words.count(after.edges.shape[1]))
    if not study.tuning.draws:
        return text
    found = _(
        "{tuned} of {units} units mind the direction more than their own weights in random order do ({before} "
        "before training). Where one answers at least twice as much as to the crossing direction, its entry says "
        "to which."
    ).format(
        tuned=words.count(int(after.tuned.sum())),
        units=words.count(len(after.tuned)),
        before=words.count(int(study.tuning.before.tuned.sum())),
    )
    return f"{text} {found}"


def _caption(study: LayerStudy, context: Context, number: int) -> str:
    caption = study.tuning.after.captions[number] if study.tuning else None
    if caption is None:
        return ""
    kind = caption.family if caption.family == "edge" else "bar" if caption.contrast > 0 else "dark_bar"
    text = _directions(context)[kind, caption.direction]
    return f"{text} {_side(caption, context)}".strip()


def _directions(context: Context) -> dict[tuple[str, str], str]:
    _ = context.words.gettext
    return {
        ("edge", "level"): _("Answers to level edges."),
        ("edge", "upright"): _("Answers to upright edges."),
        ("edge", "up_right"): _("Answers to edges running up to the right."),
        ("edge", "up_left"): _("Answers to edges running up to the left."),
        ("bar", "level"): _("Answers to level lines."),
        ("bar", "upright"): _("Answers to upright lines."),
        ("bar", "up_right"): _("Answers to lines running up to the right."),
        ("bar", "up_left"): _("Answers to lines running up to the left."),
        ("dark_bar", "level"): _("Answers to level dark lines."),
        ("dark_bar", "upright"): _("Answers to upright dark lines."),
        ("dark_bar", "up_right"): _("Answers to dark lines running up to the right."),
        ("dark_bar", "up_left"): _("Answers to dark lines running up to the left."),
    }


def _side(caption: Caption, context: Context) -> str:
    _ = context.words.gettext
    return {
        "above": _("Bright above."),
        "above_left": _("Bright above on the left."),
        "left": _("Bright on the left."),
        "below_left": _("Bright below on the left."),
        "below": _("Bright below."),
        "below_right": _("Bright below on the right."),
        "right": _("Bright on the right."),
        "above_right": _("Bright above on the right."),
    }.get(caption.side or "", "")


def _curve(study: LayerStudy, context: Context, number: int) -> Curve | None:
    if study.tuning is None:
        return None
    after, before = study.tuning.after.edges[number], study.tuning.before.edges[number]
    top = float(np.nanmax(np.abs(np.concatenate([after, before])), initial=0.0))
    if not top > 0:
        return None
    label = context.words.gettext("Answers to drawn edges of {count} directions, once around.")
    return Curve(_line(after, top), _line(before, top), label.format(count=context.words.count(len(after))))


def _line(answers: Floats, top: float) -> str:
    """Return the points of a line through the answers, closed to a whole turn, with zero at the bottom."""
    turn = np.append(answers, answers[0])
    width, height = CURVE
    return " ".join(
        f"{width * place / (len(turn) - 1):.0f},{height * (1 - max(float(each), 0.0) / top):.1f}"
        for place, each in enumerate(turn)
    )


def _is_dead(study: LayerStudy, number: int) -> bool:
    """Return whether a unit answered to no picture, so that none is its strongest."""
    return study.maps is not None and bool(study.maps.states.dead[number])


def contact(study: LayerStudy, context: Context, number: int) -> Contact | None:
    """Return what a unit saw at its strongest, its weakest and at random; None where that was not kept."""
    extremes = study.layer.extremes
    if extremes is None or number >= len(extremes.looks) or _is_dead(study, number):
        return None
    words, _, shown = context.words, context.words.gettext, extremes.looks.shape[2]
    kinds = (
        (_("strongest"), extremes.top.response[number, :shown]),
        (_("weakest"), extremes.bottom.response[number, :shown]),
        (_("at random"), extremes.random.response[number, :shown]),
    )
    rows = tuple(Fact(name, _range(answers, context)) for name, answers in kinds)
    alt = _("What unit {number} saw in {count} pictures a row: strongest, weakest, at random").format(
        number=number, count=words.count(shown)
    )
    return Contact(context.gallery.contact(study, number, alt), rows)


def _range(answers: Floats, context: Context) -> str:
    """Return the largest and the smallest of some answers, or the one that they all are."""
    _ = context.words.gettext
    high, low = (
        _("almost 0") if 0 < abs(each) < TINY else context.words.number(each, 2)
        for each in (float(answers.max()), float(answers.min()))
    )
    return high if high == low else f"{high} … {low}"


def _mix(study: LayerStudy, context: Context, number: int) -> str:
    found = study.top_classes[number] if number < len(study.top_classes) else None
    if found is None:
        return ""
    words, _ = context.words, context.words.gettext
    text = _("Of its {of} strongest pictures, {count} are of one kind: {name}. Luck alone could do that.")
    if found.chance < LUCKY:
        text = _(
            "Of its {of} strongest pictures, {count} are of one kind: {name}. By luck that happens in at most "
            "{chance} of cases."
        )
    return text.format(
        of=words.count(found.of),
        count=words.count(found.count),
        name=context.class_name(found.label),
        chance=words.percent(found.chance, 1),
    )


def _made_in_words(study: LayerStudy, context: Context, number: int) -> str:
    made, observed = study.layer.visualization, study.layer.trained
    if made is None or observed is None or number >= len(made.activation):
        return ""
    words, _ = context.words, context.words.gettext
    own, best = float(made.activation[number]), float(observed.responses.maximum[number])
    told = words.number(own, 2), words.number(best, 2)
    text = _("Made for it: answer {own}. Best real picture: {best}.")
    if told[0] == told[1]:
        text = _("Made for it: answer {own}, just as to the best real picture.")
    elif own < best:
        text = _("Made for it: answer {own}. It loses to the best real picture: {best}.")
    return text.format(own=told[0], best=told[1])


def _facts(study: LayerStudy, context: Context, number: int) -> tuple[Fact, ...]:
    found = [fact(study, context, number) for fact in (_index_fact, _formed, _inputs)]
    return tuple(each for each in found if each is not None)


def _cost(study: LayerStudy, number: int) -> float:
    found = study.importance
    return 0.0 - float(found.change[number]) if found is not None and number < len(found.change) else 0.0


def _needed(study: LayerStudy, context: Context, number: int) -> tuple[Fact, ...]:
    found = study.importance
    if found is None or number >= len(found.change):
        return ()
    words, _ = context.words, context.words.gettext
    value, low, high = (
        written(float(each[number]), words, "points") for each in (found.change, found.low, found.high)
    )
    text = _("{value} points ({low} to {high})").format(value=value, low=low, high=high)
    return (Fact(_("right answers without it"), text),)


def _index_fact(study: LayerStudy, context: Context, number: int) -> Fact | None:
    if study.tuning is None or isnan(study.tuning.after.index[number]) or not study.tuning.draws:
        return None
    words, _, after = context.words, context.words.gettext, study.tuning.after
    text = _("{value} (by luck in {chance} of cases)").format(
        value=words.fixed(float(after.index[number])), chance=words.percent(float(after.p[number]), 1)
    )
    return Fact(_("minds the direction"), text)


def _formed(study: LayerStudy, context: Context, number: int) -> Fact | None:
    if study.formation is None or isnan(study.formation.cosine[-1, number]) or _is_dead(study, number):
        return None
    words, _ = context.words, context.words.gettext
    epoch = float(study.formation.epochs[number])
    if isnan(epoch):
        return Fact(_("took shape"), _("only at the end"))
    if epoch == 0:
        return Fact(_("took shape"), _("looked like this before training"))
    told = words.count(int(epoch)) if epoch.is_integer() else words.number(epoch, 2)
    return Fact(_("took shape"), _("after epoch {epoch}").format(epoch=told))


def _inputs(study: LayerStudy, context: Context, number: int) -> Fact | None:
    if study.mixture is None:
        return None
    words, _ = context.words, context.words.gettext
    pairs = zip(study.mixture.strongest[number][:3], study.mixture.share[number][:3], strict=True)
    text = _("{unit} ({share})")
    units = [text.format(unit=int(unit), share=words.percent(float(share))) for unit, share in pairs]
    return Fact(_("listens most to unit"), ", ".join(units))
