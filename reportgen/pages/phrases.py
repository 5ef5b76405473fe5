"""What the words of every claim have in common; knows no claim in particular."""

from dataclasses import dataclass

from reportgen.analysis.claims import Claim
from reportgen.analysis.intervals import Measured
from reportgen.pages.words import Words

ROUND_TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True)
class Phrases:
    """The words of one claim."""

    sentence: str
    versus: str
    method: str
    technical: str
    reference: str
    """What stands beside the number, as `by chance`."""
    top: float
    """The value at the right end of the tape."""
    unit: str = "percent"
    """How the number is written: `percent`, `points` (a difference of percentages), `number`, or `epochs`."""
    own: str = ""
    """What the number is of, where it is not of the trained network."""
    missing: str = ""
    """Why the number could not be measured, where that is known."""


@dataclass(frozen=True)
class Told:
    """A number and its interval in words."""

    value: str
    low: str
    high: str


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
