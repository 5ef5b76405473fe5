"""Words and numbers in the reader's language; knows no page."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from math import isfinite, isnan

from babel.core import Locale
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = ("en", "ko")
"""The first stands at the root of the site, every other in a folder of its own."""

LARGEST, SMALLEST = 1e12, 1e-9
"""Numbers beyond these sizes are written with a power of ten."""
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
NO_BREAK = "\u00a0"
WORD_JOINER = "\u2060"
"""Keeps Korean particles on the line of the number before them."""


class Words:
    """Sentences and numbers in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._catalogue = _catalogue(language)

    @property
    def folder(self) -> str:
        """The folder of this language's pages, with its slash; empty for the first language."""
        return "" if self.language == LANGUAGES[0] else f"{self.language}/"

    @property
    def own_name(self) -> str:
        """What the language is called in itself."""
        return self.locale.get_display_name(self.language) or self.language

    def gettext(self, message: str) -> str:
        """Return the message in this language; the message itself where there is no translation."""
        return self._catalogue.get(message, (message,))[0]

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the form of the message for a count."""
        forms = self._catalogue.get(singular)
        if forms is None:
            return singular if count == 1 else plural
        return forms[min(len(forms) - 1, int(count != 1))]

    def count(self, number: int) -> str:
        """Return a whole number with its thousands marked."""
        return _typographic(format_decimal(number, locale=self.locale))

    def number(self, value: float, figures: int = 3) -> str:
        """Return a number rounded to so many significant figures; the very large and small with a power of ten."""
        if isnan(value) or _needs_power(value, SMALLEST):
            return self._with_power(value, figures)
        decimals = max(0, figures - 1 - _magnitude(value)) if value else 0
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return _typographic(format_decimal(value, pattern, locale=self.locale))

    def fixed(self, value: float, decimals: int = 2) -> str:
        """Return a number with so many decimals; a very large one with a power of ten."""
        if isnan(value) or _needs_power(value, 0):
            return self._with_power(value, 3)
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        text = format_decimal(value, pattern, locale=self.locale)
        if value < 0 and not any(digit in text for digit in "123456789"):
            # What rounds to zero has no sign.
            text = format_decimal(0, pattern, locale=self.locale)
        return _typographic(text)

    def percent(self, share: float, decimals: int | None = None) -> str:
        """Return a share as a percentage: whole from ten on, with one decimal below."""
        if isnan(share) or _needs_power(share, 0):
            return self._with_power(100 * share, 3) + ("" if isnan(share) else "%")
        places = (0 if abs(share) >= 0.0995 or share == 0 else 1) if decimals is None else decimals
        pattern = "#,##0." + "0" * places + "%" if places else "#,##0%"
        if 0 < share < 0.5 * 10 ** -(2 + places):
            return "<" + self.percent(10 ** -(2 + places), places)
        text = _typographic(format_percent(share, pattern, locale=self.locale))
        return text + (WORD_JOINER if self.language == "ko" else "")

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
        return format_list(items, locale=self.locale)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a mark
    """Mark a message that is looked up later."""
    return message


@cache
def _catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Read a language's catalogue straight from its text form, so that nothing has to be compiled."""
    if language == LANGUAGES[0]:
        return {}
    source = files("reportgen") / "locale" / language / "LC_MESSAGES" / "reportgen.po"
    catalogue = read_po(BytesIO(source.read_bytes()), locale=language)
    return {_key(message.id): _forms(message.string) for message in catalogue if message.id and message.string}


def _key(identifier: str | list[str] | tuple[str, ...]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _needs_power(value: float, smallest: float) -> bool:
    return abs(value) >= LARGEST or 0 < abs(value) < smallest


def _magnitude(value: float) -> int:
    """Return the power of ten of a number's first figure, at least -6."""
    if value == 0:
        return 0
    return max(-6, int(f"{value:e}".split("e")[1]))


def _typographic(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
