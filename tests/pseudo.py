"""A language that nobody speaks, made of English: each letter has an accent, each text is longer by two fifths.

What stands on a page without accents did not go through the catalogue.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog

from tests.translations import ROOT, messages_below, text_of

LANGUAGE = "pl"
"""A language with three plural forms, which none of ours has."""
LONGER = 1.4
LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "áƀçðéƒĝĥíĵķļɱñöþǫŕšţûṽŵẋýž", strict=True))
ACCENTS = str.maketrans({**LETTERS, **{plain.upper(): accented.upper() for plain, accented in LETTERS.items()}})
KEPT = re.compile(r"(\{[^}]*\}|%\(\w+\)[a-z]|%%|<[^>]+>|&\w+;)")
"""What a translation may not touch: placeholders, tags and entities."""
MORE = ("löñĝ", "ŵöŕðš", "ƒöļļöŵ", "öñé", "áñöţĥéŕ")


def pseudo(text: str, form: int = 0) -> str:
    """Return a text in brackets, with accents, longer by two fifths; further plurals begin with their number."""
    accented = "".join(part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in KEPT.split(text))
    wanted, added = (LONGER - 1) * len(KEPT.sub("", text)), ""
    for number in range(len(text)):
        if len(added) >= wanted:
            break
        added += " " + MORE[number % len(MORE)]
    return f"[{form or ''}{accented}{added}]"


def pseudo_locale(folder: Path) -> Path:
    """Write a translation of every message into a folder of languages, and return the folder."""
    catalogue = Catalog(locale=LANGUAGE)
    for message in messages_below(ROOT):
        if isinstance(message.id, str):
            catalogue.add(message.id, pseudo(message.id))
        else:
            catalogue.add(message.id, tuple(_forms(message.id, catalogue.num_plurals)))
    place = folder / LANGUAGE / "LC_MESSAGES" / "reportgen.po"
    place.parent.mkdir(parents=True)
    place.write_bytes(text_of(catalogue))
    return folder


def _forms(message: Iterable[str], forms: int) -> Iterable[str]:
    singular, plural = message
    return (pseudo(plural if form else singular, form) for form in range(forms))
