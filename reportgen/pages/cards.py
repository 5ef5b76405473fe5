"""The claim cards: a sentence for each kind of claim, bound to its number, its reference and its verdict."""

from collections.abc import Callable

from reportgen.analysis.claims import Claim, Verdict
from reportgen.pages import phrases_of_decisions, phrases_of_depth, phrases_of_filters
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Mark, Tape
from reportgen.pages.phrases import Phrases, written

MARKS = {Verdict.SUPPORTED: "yes", Verdict.NOT_SUPPORTED: "no", Verdict.CANNOT_TELL: "unknown"}
_PHRASES: dict[str, Callable[[Claim, Context], Phrases]] = {
    "weights_moved": phrases_of_filters.weights_moved,
    "straight_edges": phrases_of_filters.straight_edges,
    "edge_slices": phrases_of_filters.edge_slices,
    "oriented": phrases_of_filters.oriented,
    "fewer_patterns": phrases_of_filters.fewer_patterns,
    "same_filters": phrases_of_filters.same_filters,
    "settles_first": phrases_of_filters.settles_first,
    "sees_more": phrases_of_depth.sees_more,
    "more_zeros": phrases_of_depth.more_zeros,
    "favourite_class": phrases_of_depth.favourite_class,
    "separable": phrases_of_depth.separable,
    "not_separable_untrained": phrases_of_depth.not_separable_untrained,
    "choosier": phrases_of_depth.choosier,
    "steadier": phrases_of_depth.steadier,
    "learned_tolerance": phrases_of_depth.learned_tolerance,
    "loses_detail": phrases_of_depth.loses_detail,
    "background": phrases_of_decisions.background,
    "few_matter": phrases_of_decisions.few_matter,
    "grad_cam_depends": phrases_of_decisions.grad_cam_depends,
    "grad_cam_matters": phrases_of_decisions.grad_cam_matters,
    "integrated_gradients_depends": phrases_of_decisions.integrated_gradients_depends,
    "integrated_gradients_matters": phrases_of_decisions.integrated_gradients_matters,
    "lookalikes": phrases_of_decisions.lookalikes,
}


def claim_card(claim: Claim, context: Context) -> ClaimCard:
    """Return a claim with its words, in the context's language."""
    phrases = _PHRASES[claim.kind](claim, context)
    figure, unit, unit_word = _figure(claim, context, phrases.unit)
    return ClaimCard(
        id=claim.id,
        sentence=phrases.sentence,
        figure=figure,
        unit=unit,
        unit_word=unit_word,
        verdict=MARKS[claim.verdict],
        verdict_word=verdict_word(claim.verdict, context),
        reference=_reference(claim, context, phrases),
        tape=_tape(claim, context, phrases),
        versus=phrases.versus if claim.value is not None else _not_measured(context, phrases),
        method=phrases.method,
        technical=phrases.technical,
    )


def claim_cards(context: Context, kind: str, layer: int | None = None) -> tuple[ClaimCard, ...]:
    """Return the cards of a kind of claim, of one layer or of all."""
    return tuple(claim_card(claim, context) for claim in context.analysis.claims_of(kind, layer))


def verdict_word(verdict: Verdict, context: Context) -> str:
    """Return the verdict in words."""
    _ = context.words.gettext
    return {
        Verdict.SUPPORTED: _("Supported"),
        Verdict.NOT_SUPPORTED: _("Not supported"),
        Verdict.CANNOT_TELL: _("Cannot tell"),
    }[verdict]


def _figure(claim: Claim, context: Context, unit: str) -> tuple[str, str, str]:
    """Return a claim's number, its sign of percent, and its unit where that is a word."""
    _ = context.words.gettext
    if claim.value is None:
        return "?", "", ""
    text = written(claim.value, context.words, unit).strip("\u2060")
    if unit == "percent":
        return text.removesuffix("%"), "%", ""
    return text, "", {"points": _("points"), "epochs": _("rounds")}.get(unit, "")


def _reference(claim: Claim, context: Context, phrases: Phrases) -> str:
    if claim.reference is None:
        return ""
    return f"{phrases.reference} {written(claim.reference.value, context.words, phrases.unit)}"


def _not_measured(context: Context, phrases: Phrases) -> str:
    return f"{context.words.gettext('This could not be measured on this network.')} {phrases.missing}".strip()


def _tape(claim: Claim, context: Context, phrases: Phrases) -> Tape | None:
    if claim.value is None or claim.reference is None:
        return None
    low = min(0.0, claim.value, claim.low or 0.0, claim.reference.low)
    start = -phrases.top if low < 0 else 0.0

    def at(value: float) -> float:
        return 100 * min(max((value - start) / (phrases.top - start), 0.0), 1.0)

    def show(value: float) -> str:
        return written(value, context.words, phrases.unit)

    has_band = claim.reference.high > claim.reference.low
    ends = (at(claim.reference.low), at(claim.reference.high))
    whisker = (at(claim.low), at(claim.high)) if claim.low is not None and claim.high is not None else None
    own = phrases.own or context.words.gettext("trained {value}")
    return Tape(
        start=show(start),
        end=show(phrases.top),
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
