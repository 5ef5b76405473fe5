"""In words, what happened to the pictures before the network got them: their scale and their size."""

from reportgen.pages.context import Context
from reportgen.pages.parts import Fact
from reportgen.pages.words import Words
from reportgen.snapshot import UNSCALED


def preparation_facts(context: Context) -> tuple[Fact, ...]:
    """Return how pixels were scaled and sizes changed; nothing where there were no pictures."""
    words, _, survey = context.words, context.words.gettext, context.analysis.snapshot.survey
    if not survey.pictures:
        return ()
    facts = (Fact(_("Scale of the pixels"), _scale_in_words(context)),)
    if not survey.fitted:
        return facts
    text = _("{fitted} of {pictures} pictures had another size. {rule}.").format(
        fitted=words.count(survey.fitted),
        pictures=words.count(survey.pictures),
        rule=fits_in_words(words)[survey.fit],
    )
    return (*facts, Fact(_("Size of the pictures"), text))


def fits_in_words(words: Words) -> dict[str, str]:
    """Return, for each rule, how pictures of another size were brought to that of the network."""
    _ = words.gettext
    return {
        "crop": _("They were made as large as covers the input, and the middle was cut out"),
        "pad": _("They were made as large as has room in the input, with black around them"),
        "stretch": _("They were stretched to the input, whatever their shape"),
    }


def _scale_in_words(context: Context) -> str:
    _, snapshot = context.words.gettext, context.analysis.snapshot
    if snapshot.scale == UNSCALED:
        return _("The numbers were given as they are, and not scaled.")
    origins = {
        "given": _("as was asked for"),
        "known": _("as in training"),
        "layers": _("guessed, because the network’s first layers prepare pixels themselves"),
        "name": _("guessed, because the network is called like one of Keras’ own"),
        "nothing": _("a weak guess, because nothing in the network tells"),
    }
    texts = {
        "0..1": _("Brightness from 0 to 255 is divided down to 0 to 1, {origin}."),
        "-1..1": _("Brightness from 0 to 255 is spread from −1 to 1, {origin}."),
        "0..255": _("Brightness from 0 to 255 stays as it is, {origin}."),
    }
    text = texts.get(snapshot.scale, _("Brightness from 0 to 255 is scaled as by {scale}, {origin}."))
    return text.format(scale=snapshot.scale, origin=origins[snapshot.scale_origin])
