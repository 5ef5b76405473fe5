"""The last step of the story: what the last hidden layer's units answer to, kind by kind."""

from dataclasses import dataclass

import numpy as np

from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Image, Link, Scale
from reportgen.pages.steps import layer_link
from reportgen.snapshot import Doubles, Floats


@dataclass(frozen=True)
class Kinds:
    """What the last hidden layer's units answer to, kind by kind."""

    trained: Image
    untrained: Image
    classes: tuple[str, ...]
    scale: Scale
    text: str
    caption: str
    claims: tuple[ClaimCard, ...]
    link: Link


def kinds(context: Context) -> Kinds | None:
    """Return what the last hidden layer's units answer to; None without such a layer or without class names."""
    study = context.analysis.last_hidden
    if study is None or study.maps is None or not context.class_names or study.layer.trained is None:
        return None
    if study.layer.untrained is None or not study.layer.trained.responses.class_means.size:
        return None
    words, _ = context.words, context.words.gettext
    trained = _by_favourite(study.layer.trained.responses.class_means)
    untrained = _by_favourite(study.layer.untrained.responses.class_means)
    limits = (0.0, 1.0)
    alt = _("Answers of {units} units to {kinds} kinds, {state}")
    told = [
        alt.format(units=words.count(trained.shape[1]), kinds=words.count(trained.shape[0]), state=state)
        for state in (_("after training"), _("before training"))
    ]
    dead = int(study.maps.states.dead.sum())
    text = _(
        "The last hidden layer has no maps any more: {units} single numbers for the whole picture. Each column "
        "below is one of its units, each row one kind of picture, and bright means that the unit answers much to "
        "that kind, measured against the kind that it likes most."
    ).format(units=words.count(len(study.maps.states.dead)))
    if dead:
        text += " " + words.ngettext(
            "{dead} unit never answered to any of {pictures} pictures: its column is empty.",
            "{dead} units never answered to any of {pictures} pictures: their columns are empty.",
            dead,
        ).format(dead=words.count(dead), pictures=words.count(context.analysis.snapshot.survey.pictures))
    return Kinds(
        trained=context.gallery.matrix(study, "kinds", trained, limits, told[0]),
        untrained=context.gallery.matrix(study, "kinds-before", untrained, limits, told[1]),
        classes=context.class_names,
        scale=Scale(
            context.gallery.colour_scale("sequential"), "0", "1", _("of the unit’s answer to its favourite kind")
        ),
        text=text,
        caption=_(
            "A column with one bright cell is a choosy unit. Units are sorted by the kind that they like most."
        ),
        claims=claim_cards(context, "favourite_class", study.layer.index)
        + claim_cards(context, "separable")
        + claim_cards(context, "loses_detail"),
        link=layer_link(study, context),
    )


def _by_favourite(means: Doubles) -> Floats:
    """Return each unit's class means as shares of its largest, units sorted by favourite class, silent ones last.

    (classes, units); units that never answered are not numbers, so that they are drawn empty.
    """
    pictured = means[~np.isnan(means).all(axis=1)]
    known = np.isfinite(pictured).all(axis=0) & (len(pictured) > 0)
    comparable = np.where(np.isnan(means) | ~known, -np.inf, means)
    favourite, strength = comparable.argmax(axis=0), comparable.max(axis=0)
    silent = ~(strength > 0)
    order = np.lexsort((-strength, favourite, silent))
    shares = np.where(silent, np.nan, np.where(silent, 0, means) / np.where(silent, 1, strength))
    return shares[:, order].astype(np.float32)
