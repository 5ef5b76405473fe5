"""Words and numbers in the reader's language; knows no page."""

import gettext
import re
from functools import cache
from io import BytesIO
from math import isfinite, isnan
from pathlib import Path

from babel.core import Locale
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LOCALE = Path(__file__).parents[1] / "locale"
"""A folder for each language but the first, with its translations."""
MESSAGES_IN = "en"
"""The language that all messages are written in."""


@cache
def languages_in(locale: Path) -> tuple[str, ...]:
    """Return the languages of a folder of translations: that of the messages, then the others in order."""
    others = {each.name for each in locale.iterdir() if _translations(locale, each.name).is_file()}
    return (MESSAGES_IN, *sorted(others - {MESSAGES_IN}))


def _translations(locale: Path, language: str) -> Path:
    return locale / language / "LC_MESSAGES" / "reportgen.po"


LANGUAGES = languages_in(LOCALE)
"""The first stands at the root of the site, every other in a folder of its own."""

LARGEST, SMALLEST = 1e12, 1e-9
"""Numbers beyond these sizes are written with a power of ten."""
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
NO_BREAK = "\u00a0"
WORD_JOINER = "\u2060"
"""Keeps a particle on the line of the number before it."""
PARTICLES = frozenset({"ko"})
"""Languages of the world that hang particles on a number, where a line would break before them."""
PAIRED = {"ko": ("와", "과")}
"""By language: what stands for "and" after a vowel and after a consonant, where it hangs on the word before."""
WITH_CONSONANT = frozenset("013678")
"""Figures whose Korean names end in a consonant."""
CAPITAL_NOUNS = frozenset({"de", "gsw", "lb", "nds"})
"""Languages of the world that write nouns with a capital wherever they stand."""


class Words:
    """Sentences and numbers in one language, out of a folder of translations."""

    def __init__(self, language: str, translations: Path = LOCALE) -> None:
        self.language = language
        self.translations = translations
        self.locale = Locale.parse(language)
        self._catalogue = _catalogue(language, translations)
        self._whole = (self.locale.decimal_formats[None].pattern or "#,##0").split(".")[0]
        self._percent = self.locale.percent_formats[None].pattern or "#,##0%"

    @property
    def all_languages(self) -> "tuple[Words, ...]":
        """The words of every language that there are translations into, in order."""
        return tuple(Words(language, self.translations) for language in languages_in(self.translations))

    @property
    def tag(self) -> str:
        """The language as HTML and addresses write it."""
        return self.language.replace("_", "-")

    @property
    def direction(self) -> str:
        """Whether the language is read from the left or from the right: `ltr` or `rtl`."""
        return self.locale.text_direction

    @property
    def folder(self) -> str:
        """The folder of this language's pages, with its slash; empty for the first language."""
        return "" if self.language == MESSAGES_IN else f"{self.tag}/"

    @property
    def own_name(self) -> str:
        """What the language is called in itself."""
        return self.locale.get_display_name(self.language) or self.language

    def gettext(self, message: str) -> str:
        """Return the message in this language; the message itself where there is no translation."""
        return self._catalogue.gettext(message) if message else ""

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the form of the message for a count."""
        return self._catalogue.ngettext(singular, plural, int(count))

    def inside(self, noun: str) -> str:
        """Return a noun that stands by itself as it is written inside a sentence or a name."""
        return noun if self.locale.language in CAPITAL_NOUNS else noun[:1].lower() + noun[1:]

    def count(self, number: int) -> str:
        """Return a whole number with its thousands marked."""
        return _typographic(format_decimal(number, locale=self.locale))

    def number(self, value: float, figures: int = 3) -> str:
        """Return a number rounded to so many significant figures; the very large and small with a power of ten."""
        if isnan(value) or _needs_power(value, SMALLEST):
            return self._with_power(value, figures)
        decimals = max(0, figures - 1 - _magnitude(value)) if value else 0
        return _typographic(format_decimal(value, _with_decimals(self._whole, decimals), locale=self.locale))

    def fixed(self, value: float, decimals: int = 2) -> str:
        """Return a number with so many decimals; a very large one with a power of ten."""
        if isnan(value) or _needs_power(value, 0):
            return self._with_power(value, 3)
        pattern = _with_decimals(self._whole, decimals)
        text = format_decimal(value, pattern, locale=self.locale)
        if value < 0 and not any(digit in text for digit in "123456789"):
            # What rounds to zero has no sign.
            text = format_decimal(0, pattern, locale=self.locale)
        return _typographic(text)

    def percent(self, share: float, decimals: int | None = None) -> str:
        """Return a share as a percentage: whole from ten on, with one decimal below."""
        if isnan(share) or _needs_power(share, 0):
            text = self._with_power(100 * share, 3)
            return text if isnan(share) else re.sub(r"[#,0]+", text, self._percent)
        places = (0 if abs(share) >= 0.0995 or share == 0 else 1) if decimals is None else decimals
        if 0 < share < 0.5 * 10 ** -(2 + places):
            return "<" + self.percent(10 ** -(2 + places), places)
        text = format_percent(share, _with_decimals(self._percent, places), locale=self.locale)
        return _typographic(text) + (WORD_JOINER if self.locale.language in PARTICLES else "")

    def _with_power(self, value: float, figures: int) -> str:
        """Return a number as `3.4 × 10³⁸`, an infinite one as its sign, and a dash for what is none."""
        if not isfinite(value):
            return "–" if isnan(value) else _typographic("∞" if value > 0 else "-∞")
        front, power = f"{value:.{figures - 1}e}".split("e")
        pattern = "0." + "0" * (figures - 1) if figures > 1 else "0"
        text = format_decimal(float(front), pattern, locale=self.locale)
        return _typographic(text) + NO_BREAK + "×" + NO_BREAK + "10" + str(int(power)).translate(RAISED)

    def probability(self, share: float) -> str:
        """Return a probability with two decimals, never rounded to certainty or to nothing."""
        return ">" + self.percent(0.9999, 2) if share >= 0.99995 else self.percent(max(share, 1e-9), 2)

    def size(self, sides: tuple[int | None, ...]) -> str:
        """Return sides as `28 × 28`, an open side as a question mark."""
        return "\u00a0×\u00a0".join("?" if side is None else self.count(side) for side in sides)

    def listed(self, items: list[str]) -> str:
        """Return the items as one list in a sentence."""
        pair = PAIRED.get(self.locale.language)
        if pair is None:
            return format_list(items, locale=self.locale)
        ending = _ends_in_consonant(items[0]) if len(items) == 2 else None
        if ending is None:
            return ", ".join(items)
        return f"{items[0]}{pair[ending]} {items[1]}"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a mark
    """Mark a message that is looked up later."""
    return message


@cache
def _catalogue(language: str, translations: Path) -> gettext.NullTranslations:
    """Read a language's catalogue from its text form; how it forms plurals is what Babel knows of the language."""
    if language == MESSAGES_IN:
        return gettext.NullTranslations()
    source = _translations(translations, language)
    catalogue = read_po(BytesIO(source.read_bytes()), locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _with_decimals(pattern: str, decimals: int) -> str:
    """Return a pattern of whole numbers with so many decimals, at most and at least."""
    return pattern.replace("0", "0." + "0" * decimals, 1) if decimals else pattern


def _needs_power(value: float, smallest: float) -> bool:
    return abs(value) >= LARGEST or 0 < abs(value) < smallest


def _magnitude(value: float) -> int:
    """Return the power of ten of a number's first figure, at least -6."""
    if value == 0:
        return 0
    return max(-6, int(f"{value:e}".split("e")[1]))


def _ends_in_consonant(text: str) -> bool | None:
    """Return whether what is read aloud ends in a consonant, None where its letters do not tell in Korean.

    What stands in brackets at the end is not read.
    """
    last = re.sub(rf"[{WORD_JOINER}\s]|\([^()]*\)[{WORD_JOINER}\s]*$", "", text)[-1:]
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28 > 0
    if last == "%":
        return False
    return last in WITH_CONSONANT if last.isdecimal() else None


def _typographic(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
