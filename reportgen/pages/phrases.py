"""What the words of all claims have in common, and how numbers get into them; knows no claim in particular."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isnan, nan

from reportgen.analysis.claims import Claim
from reportgen.analysis.intervals import Measured
from reportgen.pages.context import Context
from reportgen.pages.settings import settings
from reportgen.pages.words import N_, Words

ROUND_TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)

Filling = Callable[[Claim, Context], str]
"""What stands for a name in braces: a number of the claim, in the reader's language."""


@dataclass(frozen=True)
class Phrases:
    """The words of one kind of claim, in English, with names in braces where `filled` puts what was measured."""

    sentence: str
    versus: str
    """What the number means and stands beside."""
    method: str
    technical: str
    reference: str
    """What stands beside the number, as `by chance`."""
    beside: str = ""
    """More on what it stands beside, said of several kinds."""
    rule: str = ""
    """More on when it is supported, said of several kinds."""
    theme: str = "depth"
    """What the claim is about, see `depth.THEMES`."""
    top: float | None = None
    """The value at the right end of the tape; a round one above all that is shown where there is none."""
    unit: str = "percent"
    """How the number is written: `percent`, `points` (a difference of percentages), `number`, or `epochs`."""
    own: str = N_("trained {value}")
    """What the number is of."""
    missing: Filling | None = None
    """Why the number could not be measured, where that is known."""
    fillings: Mapping[str, Filling] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A number and its interval in words."""

    value: str
    low: str
    high: str


def fillings_of(claim: Claim, phrases: Phrases, context: Context) -> dict[str, str]:
    """Return what the names in the messages of a claim stand for.

    Beside those of its kind these are the program's settings, the `layer`, how many `pictures` there were, and
    what the number stands beside: `beside`, from `low` to `high`.
    """
    words = context.words
    beside = told(claim.reference, words, phrases.unit)
    values = settings(words) | {
        "layer": context.layer_title(context.analysis.layer(claim.layer)),
        "pictures": words.count(claim.pictures),
        "beside": beside.value,
        "low": beside.low,
        "high": beside.high,
    }
    return values | {name: filling(claim, context) for name, filling in phrases.fillings.items()}


def count(name: str) -> Filling:
    """Return what writes a detail of a claim as a whole number."""
    return lambda claim, context: _known(claim, name, lambda value: context.words.count(int(value)))


def percent(name: str) -> Filling:
    """Return what writes a detail of a claim as a percentage."""
    return lambda claim, context: _known(claim, name, context.words.percent)


def fixed(name: str, decimals: int = 2, scale: float = 1) -> Filling:
    """Return what writes a detail of a claim, times the scale, with so many decimals."""
    return lambda claim, context: _known(claim, name, lambda each: context.words.fixed(scale * each, decimals))


def number(name: str) -> Filling:
    """Return what writes a detail of a claim with three figures."""
    return lambda claim, context: _known(claim, name, context.words.number)


def size(height: str, width: str) -> Filling:
    """Return what writes two details of a claim as `28 × 28`."""
    return lambda claim, context: context.words.size(
        tuple(int(claim.details.get(name, 0)) for name in (height, width))
    )


def said(message: str) -> Filling:
    """Return what puts another message in."""
    return lambda _claim, context: context.words.gettext(message)


def told(measured: Measured | None, words: Words, unit: str = "percent") -> Told:
    """Return a number with its interval, empty where it is not known."""
    if measured is None:
        return Told("", "", "")
    return Told(*(written(each, words, unit) for each in (measured.value, measured.low, measured.high)))


def written(value: float, words: Words, unit: str) -> str:
    """Return a number as its unit is written."""
    if unit == "percent":
        return words.percent(value)
    if unit == "points":
        return ("+" if value > 0 else "") + words.fixed(100 * value, 1)
    return words.fixed(value, 1 if unit == "epochs" else 2)


def tape_top(claim: Claim) -> float:
    """Return a round number above the size of everything on the tape."""
    known = [claim.value, claim.low, claim.high]
    known += [claim.reference.low, claim.reference.high] if claim.reference else []
    largest = max((abs(each) for each in known if each is not None), default=0.0)
    return next((top for top in ROUND_TOPS if largest <= 0.9 * top or largest <= top == 1.0), 2 * largest)


def _known(claim: Claim, name: str, show: Callable[[float], str]) -> str:
    value = claim.details.get(name, nan)
    return "–" if isnan(value) else show(value)
