"""The claim cards: a sentence for each kind of claim, bound to its number, its reference and its verdict."""

from collections import Counter

from reportgen.analysis.budget import CLAIMS, evenly
from reportgen.analysis.claims import Claim, Verdict
from reportgen.pages import phrases_of_decisions, phrases_of_depth, phrases_of_filters
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Mark, Tape
from reportgen.pages.phrases import Phrases, decimals_of, fillings_of, tape_top, versus_of, written

MARKS = {Verdict.SUPPORTED: "yes", Verdict.NOT_SUPPORTED: "no", Verdict.CANNOT_TELL: "unknown"}
PHRASES = phrases_of_filters.PHRASES | phrases_of_depth.PHRASES | phrases_of_decisions.PHRASES
"""By the kind of claim."""


def claim_card(claim: Claim, context: Context) -> ClaimCard:
    """Return a claim with its words, in the context's language."""
    phrases = PHRASES[claim.kind]
    figure, unit, unit_word = _figure(claim, context, phrases)
    fillings = fillings_of(claim, phrases, context)

    def said(*messages: str) -> str:
        return " ".join(context.words.gettext(each).format(**fillings) for each in messages if each)

    return ClaimCard(
        id=claim.id,
        sentence=said(phrases.sentence),
        figure=figure,
        unit=unit,
        unit_word=unit_word,
        verdict=MARKS[claim.verdict],
        verdict_word=verdict_word(claim.verdict, context),
        reference=_reference(claim, context, phrases),
        tape=_tape(claim, context, phrases),
        versus=_not_measured(claim, context, phrases)
        if claim.value is None
        else said(versus_of(claim, phrases), phrases.beside),
        method=said(phrases.method, phrases.rule),
        technical=said(phrases.technical),
    )


def claim_cards(context: Context, kind: str, layer: int | None = None) -> tuple[ClaimCard, ...]:
    """Return the cards of a kind of claim, of one layer or of all."""
    return tuple(claim_card(claim, context) for claim in context.analysis.claims_of(kind, layer))


def few_of_each_kind(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return the claims; of too many of one kind, those at equal distances, the first and the last among them."""
    kinds = dict.fromkeys(claim.kind for claim in claims)
    told = {
        claim.id for kind in kinds for claim in evenly(tuple(each for each in claims if each.kind == kind), CLAIMS)
    }
    return tuple(claim for claim in claims if claim.id in told)


def others_in_words(context: Context, claims: tuple[Claim, ...]) -> str:
    """Return where those of the claims stand that there is no room for; empty where all are told."""
    counts = Counter(claim.kind for claim in claims)
    if max(counts.values(), default=0) <= CLAIMS:
        return ""
    return context.words.gettext(
        "Of a sentence that was tested on many layers, {shown} are told here, at equal distances; every layer’s "
        "page has its own, and the data of the report have all."
    ).format(shown=context.words.count(CLAIMS))


def verdict_word(verdict: Verdict, context: Context) -> str:
    """Return the verdict in words."""
    _ = context.words.gettext
    return {
        Verdict.SUPPORTED: _("Supported"),
        Verdict.NOT_SUPPORTED: _("Not supported"),
        Verdict.CANNOT_TELL: _("Cannot tell"),
    }[verdict]


def _figure(claim: Claim, context: Context, phrases: Phrases) -> tuple[str, str, str]:
    """Return a claim's number, its sign of percent, and its unit where that is a word."""
    _ = context.words.gettext
    if claim.value is None:
        return "?", "", ""
    text = _shown(claim.value, claim, context, phrases).strip("\u2060")
    if phrases.unit == "percent":
        return text.removesuffix("%"), "%", ""
    return text, "", {"points": _("points"), "epochs": _("rounds")}.get(phrases.unit, "")


def _shown(value: float, claim: Claim, context: Context, phrases: Phrases) -> str:
    """Return a number of a claim with the decimals that all of its numbers have."""
    return written(value, context.words, phrases.unit, decimals_of(claim, phrases.unit, phrases.parts))


def _reference(claim: Claim, context: Context, phrases: Phrases) -> str:
    if claim.reference is None:
        return ""
    return f"{context.words.gettext(phrases.reference)} {_shown(claim.reference.value, claim, context, phrases)}"


def _not_measured(claim: Claim, context: Context, phrases: Phrases) -> str:
    why = phrases.missing(claim, context) if phrases.missing else ""
    missing = context.words.gettext("This could not be measured on this network.")
    return f"{missing} {why}".strip()


def _tape(claim: Claim, context: Context, phrases: Phrases) -> Tape | None:
    if claim.value is None or claim.reference is None:
        return None
    low = min(0.0, claim.value, claim.low or 0.0, claim.reference.low)
    top = phrases.top or tape_top(claim)
    start = -top if low < 0 else 0.0

    def at(value: float) -> float:
        return 100 * min(max((value - start) / (top - start), 0.0), 1.0)

    def show(value: float) -> str:
        return _shown(value, claim, context, phrases)

    has_band = claim.reference.high > claim.reference.low
    ends = (at(claim.reference.low), at(claim.reference.high))
    whisker = (at(claim.low), at(claim.high)) if claim.low is not None and claim.high is not None else None
    own = context.words.gettext(phrases.own)
    return Tape(
        start=written(start, context.words, phrases.unit),
        end=written(top, context.words, phrases.unit),
        band=(_at(ends[0]), _at(ends[1] - ends[0])) if has_band else None,
        reference=_mark(at(claim.reference.value), _reference(claim, context, phrases)),
        whisker=(_at(whisker[0]), _at(whisker[1])) if whisker else None,
        value=_mark(at(claim.value), own.format(value=show(claim.value))),
    )


def _mark(at: float, text: str) -> Mark:
    anchor = "start" if at < 15 else "end" if at > 85 else "middle"
    return Mark(_at(at), anchor, text)


def _at(value: float) -> str:
    return f"{value:.2f}%"
