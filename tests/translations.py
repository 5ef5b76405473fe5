"""The messages of the program, gathered, and the catalogues brought up to date with them. Knows no translation.

`python -m tests.translations` writes the catalogues; with `--check` it only says whether the list of messages in
git is what the sources say now.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from reportgen.pages.words import LANGUAGES

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "reportgen" / "locale"
MESSAGES = LOCALE / "reportgen.pot"
TRANSLATED = LANGUAGES[1:]
KEYWORDS = ("_", "N_", "gettext", "ngettext:1,2")
"""`N_` only marks a message that is looked up later."""


def messages_below(root: Path) -> Catalog:
    """Return every message that stands in the sources and the templates below the root now."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel has no type for it
    catalogue = Catalog()
    for _, _, message, comments, _ in extract_from_dir(root, methods, options, parse_keywords(KEYWORDS)):
        catalogue.add(message, None, auto_comments=comments)
    return catalogue


def catalogue_path(language: str) -> Path:
    """Return where the translations into a language stand."""
    return LOCALE / language / "LC_MESSAGES" / "reportgen.po"


def read_catalogue(language: str) -> Catalog:
    """Return the translations into a language; none where the language is new."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    return read_po(BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def text_of(catalogue: Catalog) -> bytes:
    """Return a catalogue as text without dates and line numbers: it changes only where a message does."""
    file = BytesIO()
    write_po(
        file, catalogue, width=110, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    return file.getvalue()


def update() -> None:
    """Write the list of messages and every language's catalogue."""
    messages = messages_below(ROOT)
    MESSAGES.write_bytes(text_of(messages))
    for language in TRANSLATED:
        catalogue = read_catalogue(language)
        catalogue.update(messages)
        catalogue_path(language).parent.mkdir(parents=True, exist_ok=True)
        catalogue_path(language).write_bytes(text_of(catalogue))


def is_current() -> bool:
    """Return whether the list of messages is what the sources say now."""
    return MESSAGES.exists() and MESSAGES.read_bytes() == text_of(messages_below(ROOT))


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        update()
    elif not is_current():
        sys.exit("reportgen/locale/reportgen.pot: not what the sources say. Run 'make translations'.")
