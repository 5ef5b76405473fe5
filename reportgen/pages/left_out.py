"""The words for what a report does not show: what, why, and how much of it."""

from dataclasses import dataclass

from reportgen.analysis.feature_maps import CLIPPED_FROM
from reportgen.analysis.missing import NAMED, NotShown
from reportgen.pages.context import Context, reason_in_words
from reportgen.pages.preparation import fits_in_words
from reportgen.pages.skipped import skipped_in_words
from reportgen.pages.slugs import shown_name
from reportgen.pages.words import N_, Words

LONGEST_REASON = 3000
MOST_LAYERS = 12
"""Layers that are named as those of one kind of thing that is not shown; the rest is counted."""


@dataclass(frozen=True)
class Missing:
    """Something that this report does not show."""

    what: str
    why: str
    how_much: str
    """In the data a bare number; on the page with what it counts."""


_OF_LAYERS = {
    "maps": (N_("{layer}: the maps"), N_("There is no picture of the output: {reason}.")),
    "clipped_weights": (
        N_("{layer}: the exact colour of the largest weights"),
        N_("They lie beyond the colour scale and are drawn at its ends."),
    ),
    "clipped_maps": (
        N_("{layer}: the exact brightness of the strongest answers"),
        N_("They lie beyond the scale, which ends where {scale} of the answers above zero lie below."),
    ),
    "units": (N_("{layer}: the units after the first {shown}"), N_("A page of all would be too large.")),
    "drawn_filters": (
        N_("{layer}: the filters after the first {shown}"),
        N_("A page of all would be too large."),
    ),
    "slices": (
        N_("{layer}: squares of the filters"),
        N_("{shown} are drawn, those of the first inputs and the first filters."),
    ),
    "patches": (
        N_("{layer}: patches of the units after the first {shown}"),
        N_("Cut-outs of all units would take too much memory."),
    ),
    "mixed": (
        N_("{layer}: the numbers one by one, where things are read off them"),
        N_(
            "They were mixed into {shown} sums with random signs before probes, rebuilding and comparisons. "
            "That keeps how far pictures lie from each other, but only on average."
        ),
    ),
    "ranked_filters": (
        N_("{layer}: filters in the effective rank"),
        N_("It was computed of {shown} filters drawn at random, because its cost grows faster than their number."),
    ),
    "tuning_chance": (
        N_("{layer}: whether the units are tuned beyond chance"),
        N_(
            "Shuffled kernels are played through only for convolutions with ReLU or without an activation, and "
            "only where that is not too much work."
        ),
    ),
    "ablation": (
        N_("{layer}: what it costs to do without single units"),
        N_("To try even one would have taken too long, or the network does not answer with kinds."),
    ),
    "ablated_units": (
        N_("{layer}: what it costs to do without some of the units"),
        N_("{shown} units were tried, the first ones; more would take too long."),
    ),
    "made": (
        N_("{layer}: pictures made for the units"),
        N_("To make even one would have taken too long, or too much memory."),
    ),
    "made_units": (
        N_("{layer}: pictures made for some of the units"),
        N_("Pictures were made for {shown} units, the first ones; more would take too long."),
    ),
    "compared_seeds": (
        N_("{layer}: whether other seeds end in the same filters"),
        N_(
            "Such filters cannot be laid beside those of another training: no two trainings have the units of "
            "the layer before in the same order."
        ),
    ),
}
_OF_PICTURES = {
    "layers": (
        N_("Maps and single units of some layers"),
        N_("{shown} layers have them, at equal distances among all; more would make too large a site."),
    ),
    "thinned": (
        N_("Some places of the maps of large layers"),
        N_("Of maps larger than {shown} × {shown} every so many-th row and column is drawn."),
    ),
    "tabled": (
        N_("Layers whose weights are not listed one by one in a table"),
        N_("{shown} layers have such a table, the first ones for which there is room."),
    ),
    "stimuli": (
        N_("Answers to drawn lines and edges"),
        N_("To show them would have taken too long, or the network does not take pictures of one size."),
    ),
    "skipped_pictures": (N_("Files among the pictures given"), N_("They could not be used: {reason}.")),
    "mended": (
        N_("Settings in the network’s file"),
        N_("Keras refuses them though they say nothing, so they were left out: {reason}."),
    ),
    "unfed": (
        N_("What the network makes of its other inputs"),
        N_("The pictures went into one input; the others got zeros, and every number here is of that."),
    ),
    "unasked": (
        N_("The network’s other answers"),
        N_("Its first output is taken for its answer. The layers that give the others have their pages."),
    ),
    "fitted": (N_("Pictures at their own size and shape"), N_("{reason}.")),
    "scale": (
        N_("Whether the pixels are scaled as in training"),
        N_(
            "It was guessed: nothing in the network tells which scale it wants. On another, every number would "
            "differ."
        ),
    ),
    "labelled_by": (
        N_("Whether the class folders are the network’s classes"),
        N_("None of them is called like a class. They were numbered in the order of their names."),
    ),
    "channels": (
        N_("The channels of the pictures one by one"),
        N_("Screens have three. Of four channels the first three are shown, of any other number the mean."),
    ),
    "labels": (
        N_("Everything that needs the right answers: probes, choosiness, class mix, taking units away"),
        N_("The pictures have no labels."),
    ),
    "mixed_pixels": (
        N_("The pixels one by one, where things are read off the picture"),
        N_("They were mixed into {shown} sums with random signs at most, as the numbers of large layers are."),
    ),
    "probes": (
        N_("Pictures in probes, rebuilding and the likeness of layers"),
        N_("{shown} pictures were used, at equal distances among all, so that their copies fit into memory."),
    ),
    "changed_pictures": (
        N_("Pictures that were shifted, turned and dimmed"),
        N_("{shown} pictures were changed, at equal distances among all; each change costs another look."),
    ),
    "scattered_pictures": (
        N_("Pictures in the maps of the layers’ spaces"),
        N_("{shown} pictures are drawn; more dots would hide each other."),
    ),
    "few_tested": (
        N_("Maps of the layers’ spaces, and which layers see the pictures alike"),
        N_("Both need at least {shown} pictures that nothing was fitted on."),
    ),
    "spaces": (
        N_("Maps of the spaces of some layers"),
        N_("{shown} layers have one, at equal distances among all. The table behind them has all."),
    ),
    "ablation_pictures": (
        N_("Pictures in the test of taking units away"),
        N_("In no layer were fewer than {shown} pictures used, the first ones; more would take too long."),
    ),
    "checked_pictures": (
        N_("Pictures in the tests of marked pixels"),
        N_("{shown} pictures were used, the first of each kind; more would take too long."),
    ),
    "attribution": (
        N_("Which pixels the decisions come from"),
        N_("No pixels can be marked in a network without gradients, or whose answer is not a row of numbers."),
    ),
    "grad_cam": (
        N_("Marked pixels by Grad-CAM"),
        N_("The network has no convolution. Integrated gradients stand alone."),
    ),
    "siblings": (N_("Whether other seeds end in the same filters"), N_("{reason}.")),
}

COUNTED = {
    "units": "unit",
    "drawn_filters": "filter",
    "slices": "square",
    "patches": "unit",
    "mixed": "number",
    "ranked_filters": "filter",
    "tuning_chance": "unit",
    "ablation": "unit",
    "ablated_units": "unit",
    "made": "unit",
    "made_units": "unit",
    "compared_seeds": "filter",
    "layers": "layer",
    "thinned": "layer",
    "tabled": "layer",
    "skipped_pictures": "file",
    "mended": "setting",
    "unfed": "input",
    "unasked": "answer",
    "fitted": "picture",
    "channels": "channel",
    "mixed_pixels": "number",
    "probes": "picture",
    "changed_pictures": "picture",
    "scattered_pictures": "picture",
    "spaces": "layer",
    "ablation_pictures": "picture",
    "checked_pictures": "picture",
}
"""What the count of each kind counts."""
KINDS = frozenset(_OF_LAYERS | _OF_PICTURES)
"""The kinds of `NotShown` that there are words for."""


def missing_in_words(entry: NotShown, context: Context) -> Missing:
    """Return in words what is not shown, why, and how much of it."""
    return _in_words((entry,), context, _amount(entry, context.words))


def merged(entries: tuple[NotShown, ...], context: Context) -> tuple[Missing, ...]:
    """Return in words what is not shown; what several layers lack for the same reason is said once."""
    alike: dict[tuple[str, str, int | None], list[NotShown]] = {}
    for entry in entries:
        alike.setdefault((entry.kind, entry.reason, entry.shown), []).append(entry)
    return tuple(_in_words(tuple(each), context, _together(each, context.words)) for each in alike.values())


def _in_words(entries: tuple[NotShown, ...], context: Context, how_much: str) -> Missing:
    words, entry = context.words, entries[0]
    what, why = (words.gettext(each) for each in (_OF_LAYERS | _OF_PICTURES)[entry.kind])
    values = {
        "layer": _layers(entries, context),
        "reason": _reason(entry, context),
        "scale": words.percent(CLIPPED_FROM / 100, 1),
        "shown": words.count(entry.shown or 0),
    }
    return Missing(what.format(**values), why.format(**values), how_much)


def _layers(entries: tuple[NotShown, ...], context: Context) -> str:
    """Return which layers lack something, the first of many."""
    words, analysis = context.words, context.analysis
    titles = [context.layer_title(analysis.layer(each.layer)) for each in entries if each.layer]
    named = [title if not place else words.inside(title) for place, title in enumerate(titles[:MOST_LAYERS])]
    if len(titles) > MOST_LAYERS:
        more = words.gettext("{more} more layers").format(more=words.count(len(titles) - MOST_LAYERS))
        named.append(more)
    return words.listed(named) if named else ""


def _together(entries: list[NotShown], words: Words) -> str:
    """Return how much is left out of several layers: counts are added up, shares stand as a range."""
    shares = [each.share for each in entries if each.share is not None]
    counts = [each.count for each in entries if each.count is not None]
    if shares:
        return _of_all(entries[0].kind, shares, words)
    return _counted(entries[0].kind, sum(counts), words) if counts else "–"


def _of_all(kind: str, shares: list[float], words: Words) -> str:
    _ = words.gettext
    low, high = (words.percent(each) for each in (min(shares), max(shares)))
    amount = low if low == high else _("{low} to {high}").format(low=low, high=high)
    text = _("{amount} of the weights") if kind == "clipped_weights" else _("{amount} of the values")
    return text.format(amount=amount)


def _counted(kind: str, count: int, words: Words) -> str:
    """Return a count with what it counts."""
    several = {
        "unit": words.ngettext("{count} unit", "{count} units", count),
        "filter": words.ngettext("{count} filter", "{count} filters", count),
        "square": words.ngettext("{count} square", "{count} squares", count),
        "number": words.ngettext("{count} number", "{count} numbers", count),
        "picture": words.ngettext("{count} picture", "{count} pictures", count),
        "layer": words.ngettext("{count} layer", "{count} layers", count),
        "file": words.ngettext("{count} file", "{count} files", count),
        "setting": words.ngettext("{count} setting", "{count} settings", count),
        "input": words.ngettext("{count} input", "{count} inputs", count),
        "answer": words.ngettext("{count} answer", "{count} answers", count),
        "channel": words.ngettext("{count} channel", "{count} channels", count),
    }
    return several[COUNTED[kind]].format(count=words.count(count))


def _amount(entry: NotShown, words: Words) -> str:
    if entry.share is not None:
        return words.percent(entry.share)
    return "–" if entry.count is None else words.count(entry.count)


def _reason(entry: NotShown, context: Context) -> str:
    words = context.words
    _ = words.gettext
    if entry.kind == "skipped_pictures":
        named = context.analysis.snapshot.survey.skipped[:NAMED]
        return shown_name("; ".join(skipped_in_words(each, words) for each in named), LONGEST_REASON)
    reasons = {
        "no_record": _("There is no record of the training"),
        "no_siblings": _("The record holds no trainings from other seeds"),
    }
    reasons |= fits_in_words(words)
    known = reasons.get(entry.reason) or reason_in_words(words, entry.reason)
    return shown_name(known, LONGEST_REASON)
