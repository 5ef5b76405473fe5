"""What the words of all claims have in common, and how numbers get into them; knows no claim in particular."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from math import isfinite, isnan, nan

from reportgen.analysis.claims import Claim
from reportgen.analysis.intervals import Measured
from reportgen.pages.context import Context
from reportgen.pages.settings import settings
from reportgen.pages.words import LARGEST, N_, Words

ROUND_TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)

DECIMALS = {"points": 1, "number": 2, "epochs": 2}
"""By the unit, how many decimals a number has."""
MOST_DECIMALS = 4
"""No difference is written with more, so that it agrees with its parts."""
NOISE = 9
"""Decimals from which on a number holds nothing but the rounding of the machine, which would tip a five."""

Filling = Callable[[Claim, Context], str]
"""What stands for a name in braces: a number of the claim, in the reader's language."""
Case = tuple[Callable[[Claim], bool], str]
"""What has to hold of a claim, and what is said of it then."""
Parts = tuple[tuple[str, str], ...]
"""Two details and what their difference is: first the claim's number, then what stands beside it."""


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
    cases: tuple[Case, ...] = ()
    """What is said in the place of `versus` where something holds: the first that does."""
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
    parts: Parts = ()
    """Details that are told, and whose difference the number is."""
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

    Beside those of its kind these are the program's settings, the `layer`, how many `pictures` there were, the
    `value`, its `amount` without a sign, and what it stands beside: `beside`, from `low` to `high`.
    """
    words, unit, decimals = context.words, phrases.unit, decimals_of(claim, phrases.unit, phrases.parts)
    beside = told(claim.reference, words, unit, decimals)
    value = nan if claim.value is None else claim.value
    values = settings(words) | {
        "layer": context.layer_title(context.analysis.layer(claim.layer)),
        "pictures": words.count(claim.pictures),
        "value": written(value, words, unit, decimals),
        "amount": written(abs(value), words, unit, decimals).removeprefix("+"),
        "beside": beside.value,
        "low": beside.low,
        "high": beside.high,
    }
    return values | {name: filling(claim, context) for name, filling in phrases.fillings.items()}


def decimals_of(claim: Claim, unit: str, parts: Parts) -> int | None:
    """Return how many decimals a claim's numbers have; None for a percentage, which has as many as it needs.

    A difference has the fewest with which the two numbers it is told of differ by just what is shown.
    """
    fewest = DECIMALS.get(unit)
    if fewest is None or claim.value is None:
        return fewest
    scale = 100 if unit == "points" else 1
    values = (claim.value, claim.reference.value if claim.reference else nan)
    sums = [
        [scale * each for each in (claim.details.get(larger, nan), claim.details.get(smaller, nan), value)]
        for (larger, smaller), value in zip(parts, values, strict=False)
    ]
    if not all(isfinite(each) for one in sums for each in one):
        return fewest
    return next((each for each in range(fewest, MOST_DECIMALS + 1) if _add_up(sums, each)), fewest)


def _add_up(sums: list[list[float]], decimals: int) -> bool:
    """Return whether every third number is the difference of the first two, all rounded as they are shown."""
    rounded = [[as_shown(each, decimals) for each in one] for one in sums]
    return all(larger - smaller == value for larger, smaller, value in rounded)


def as_shown(value: float, decimals: int) -> Decimal:
    """Return a number as it stands on a page with so many decimals."""
    exact = Decimal(str(round(value, NOISE)))
    return exact if abs(value) >= LARGEST else exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def below_zero(claim: Claim) -> bool:
    """Return whether a claim's number is negative."""
    return claim.value is not None and claim.value < 0


def is_zero(claim: Claim) -> bool:
    """Return whether a claim's number is nothing at all."""
    return claim.value == 0


def none(name: str) -> Callable[[Claim], bool]:
    """Return what tells whether a detail of a claim is zero."""
    return lambda claim: claim.details.get(name) == 0


def versus_of(claim: Claim, phrases: Phrases) -> str:
    """Return the message that says what a claim's number means."""
    return next((message for holds, message in phrases.cases if holds(claim)), phrases.versus)


def layer_in(name: str) -> Filling:
    """Return what writes the title of the layer whose index is a detail of the claim."""

    def title(claim: Claim, context: Context) -> str:
        index = int(claim.details.get(name, 0))
        return context.layer_title(context.analysis.layer(index)) if index else "–"

    return title


def part(name: str, unit: str, parts: Parts, *, share: bool = False) -> Filling:
    """Return what writes a part of a difference with as many decimals as that has; a share as a percentage."""

    def text(claim: Claim, context: Context) -> str:
        words, decimals = context.words, decimals_of(claim, unit, parts)
        if share:
            return _known(claim, name, lambda value: words.percent(round(value, NOISE + 2), decimals))
        return _known(claim, name, lambda value: written(value, words, unit, decimals).removeprefix("+"))

    return text


def less(larger: str, smaller: str, unit: str) -> Filling:
    """Return what writes the difference of two details as they are shown elsewhere, each by itself."""

    def text(claim: Claim, context: Context) -> str:
        one, other = (float(as_shown(claim.details.get(name, nan), DECIMALS[unit])) for name in (larger, smaller))
        return written(one - other, context.words, unit)

    return text


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


def told(measured: Measured | None, words: Words, unit: str = "percent", decimals: int | None = None) -> Told:
    """Return a number with its interval, empty where it is not known."""
    if measured is None:
        return Told("", "", "")
    return Told(*(written(each, words, unit, decimals) for each in (measured.value, measured.low, measured.high)))


def written(value: float, words: Words, unit: str, decimals: int | None = None) -> str:
    """Return a number as its unit is written, with so many decimals where it is not for the unit to say."""
    if unit == "percent":
        return words.percent(value)
    places = DECIMALS[unit] if decimals is None else decimals
    if unit == "points":
        return ("+" if value > 0 else "") + words.fixed(round(100 * value, NOISE), places)
    return words.fixed(round(value, NOISE), places)


def tape_top(claim: Claim) -> float:
    """Return a round number above the size of everything on the tape."""
    known = [claim.value, claim.low, claim.high]
    known += [claim.reference.low, claim.reference.high] if claim.reference else []
    largest = max((abs(each) for each in known if each is not None), default=0.0)
    return next((top for top in ROUND_TOPS if largest <= 0.9 * top or largest <= top == 1.0), 2 * largest)


def _known(claim: Claim, name: str, show: Callable[[float], str]) -> str:
    value = claim.details.get(name, nan)
    return "–" if isnan(value) else show(value)
