"""The claim cards: a sentence for each kind of claim, bound to its number, its reference and its verdict."""

from dataclasses import dataclass

from reportgen.analysis.claims import Claim, Verdict
from reportgen.pages.context import Context
from reportgen.pages.parts import ClaimCard, Mark, Tape

MARKS = {Verdict.SUPPORTED: "yes", Verdict.NOT_SUPPORTED: "no", Verdict.CANNOT_TELL: "unknown"}


@dataclass(frozen=True)
class _Phrases:
    """The words of one claim."""

    sentence: str
    versus: str
    method: str
    technical: str
    reference: str
    top: float
    """The value at the right end of the tape."""
    percent: bool = True


def claim_card(claim: Claim, context: Context) -> ClaimCard:
    """Return a claim with its words, in the context's language."""
    phrases = _PHRASES[claim.kind](claim, context)
    figure, unit, unit_word = _figure(claim, context, phrases.percent)
    return ClaimCard(
        id=claim.id,
        sentence=phrases.sentence,
        figure=figure,
        unit=unit,
        unit_word=unit_word,
        verdict=MARKS[claim.verdict],
        verdict_word=verdict_word(claim.verdict, context),
        tape=_tape(claim, context, phrases),
        versus=phrases.versus if claim.value is not None else _not_measured(context),
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


def _weights_moved(claim: Claim, context: Context) -> _Phrases:
    words, _ = context.words, context.words.gettext
    layer = context.layer_title(context.analysis.layer(claim.layer))
    reference = claim.reference
    return _Phrases(
        sentence=_("{layer}: training carried the weights beyond the range that they began in.").format(
            layer=layer
        ),
        versus=_(
            "This share of {count} weights now lies outside {low} to {high}, the range of the first ones. A "
            "fresh random start would put {chance} there ({chance_low} to {chance_high} in 95 of 100 draws)."
        ).format(
            count=words.count(int(claim.details.get("count", 0))),
            low=words.number(claim.details.get("low", 0.0)),
            high=words.number(claim.details.get("high", 0.0)),
            chance=words.percent(reference.value, 2) if reference else "",
            chance_low=words.percent(reference.low, 2) if reference else "",
            chance_high=words.percent(reference.high, 2) if reference else "",
        ),
        method=_(
            "Count the trained weights that are smaller than the smallest or larger than the largest of the "
            "weights that this same layer began with. Supported if there are more than chance alone would put "
            "there in 97.5 of 100 cases."
        ),
        technical=_(
            "The number of exceedances of a second sample of equal size is beta-binomial, whatever the "
            "distribution (Gumbel and von Schelling 1950)."
        ),
        reference=_("by chance"),
        top=1.0,
    )


def _straight_edges(claim: Claim, context: Context) -> _Phrases:
    words, _ = context.words, context.words.gettext
    reference = claim.reference
    return _Phrases(
        sentence=_("The filters of the first layer are built to notice straight edges."),
        versus=_(
            "Of the strength of the {filters} filters, this share has the form of a straight edge. The same "
            "weights in random order reach {chance} ({low} to {high} in 95 of 100 shuffles). The same filters "
            "before training: {untrained}."
        ).format(
            filters=words.count(int(claim.details.get("filters", 0))),
            chance=words.percent(reference.value) if reference else "",
            low=words.percent(reference.low) if reference else "",
            high=words.percent(reference.high) if reference else "",
            untrained=words.percent(claim.details.get("untrained", 0.0)),
        ),
        method=_(
            "Each filter is compared with two patterns, an upright and a level edge, which together make an edge "
            "at any angle. The number is the share of a filter’s strength in those two, averaged over the "
            "filters. Chance: every filter’s own weights, shuffled 1,000 times. Supported if the number is above "
            "97.5 of 100 shuffles."
        ),
        technical=_(
            "Energy in the first two masks of Frei and Chen (1977) for 3 × 3 kernels; for other sizes the same "
            "derivative of a Gaussian, scaled with the kernel. Above 512 slices the shuffles are replaced by the "
            "normal distribution with their mean and spread."
        ),
        reference=_("by chance"),
        top=_tape_top(claim),
    )


def _sees_more(claim: Claim, context: Context) -> _Phrases:
    words, _ = context.words, context.words.gettext
    size = (int(claim.details.get("height", 0)), int(claim.details.get("width", 0)))
    first = (int(claim.details.get("first_height", 0)), int(claim.details.get("first_width", 0)))
    return _Phrases(
        sentence=_("Deeper units see more of the picture."),
        versus=_(
            "A unit of the last convolution sees {size} pixels, which is this share of the picture; one of the "
            "first sees {first}, or {share}. This comes from how the network is built, not from training: the "
            "untrained twin has the same."
        ).format(
            size=words.size(size),
            first=words.size(first),
            share=words.percent(claim.reference.value) if claim.reference else "",
        ),
        method=_(
            "The receptive field follows from the sizes and steps of all windows up to the layer. Supported if "
            "it grows in both directions, and its share of the picture with it, from the first to the last "
            "convolution."
        ),
        technical=_("Receptive field arithmetic (Araujo, Norris and Sim 2019)."),
        reference=_("first layer"),
        top=_tape_top(claim),
    )


def _more_zeros(claim: Claim, context: Context) -> _Phrases:
    words, _ = context.words, context.words.gettext
    details = {name: words.percent(value) for name, value in claim.details.items() if name != "first_layer"}
    shares = {"first": "", "last": "", "first_untrained": "", "last_untrained": ""} | details
    return _Phrases(
        sentence=_("Deeper in, the network stays silent more often, and it learned to."),
        versus=_(
            "At the first such layer {first} of all answers are zero, at the last {last}: the number is the "
            "difference in percentage points. In the untrained twin: {first_untrained}, then {last_untrained}. "
            "Counted over {pictures} pictures."
        ).format(**shares, pictures=words.count(claim.pictures)),
        method=_(
            "The share of exact zeros among all answers after a layer’s ReLU, picture by picture, at the first "
            "and the last layer of maps. Supported if the growth is above zero and its interval lies above that "
            "of the untrained twin; not supported if it is not above zero or not above the twin’s; in between, "
            "and below five pictures, it cannot be told."
        ),
        technical=_(
            "Percentile bootstrap over pictures, 1,000 draws (Efron 1979); above 5,000 pictures, the mean ± 1.96 "
            "standard errors."
        ),
        reference=_("untrained twin"),
        top=_tape_top(claim),
    )


def _favourite_class(claim: Claim, context: Context) -> _Phrases:
    words, _ = context.words, context.words.gettext
    layer = context.layer_title(context.analysis.layer(claim.layer))
    return _Phrases(
        sentence=_("{layer}: a unit has a favourite kind of picture, and training made it so.").format(
            layer=layer
        ),
        versus=_(
            "1 would be one kind only, 0 all alike. The untrained twin reaches {twin}. Averaged over the {units} "
            "of {all_units} units that answered at all, counted over {pictures} pictures."
        ).format(
            twin=words.fixed(claim.reference.value) if claim.reference else "",
            units=words.count(int(claim.details.get("units", 0))),
            all_units=words.count(int(claim.details.get("all_units", 0))),
            pictures=words.count(claim.pictures),
        ),
        method=_(
            "For each unit: the mean answer to its favourite kind minus the mean answer to all others, divided "
            "by their sum. Units that never answered are left out. Supported if the mean’s interval lies above "
            "the untrained twin’s; not supported if the mean is not above the twin’s; otherwise it cannot be "
            "told, nor with fewer than five such units in either network or fewer than ten pictures of a kind."
        ),
        technical=_("Class selectivity (Morcos and others 2018); percentile bootstrap over units, 1,000 draws."),
        reference=_("untrained twin"),
        top=1.0,
        percent=False,
    )


_PHRASES = {
    "weights_moved": _weights_moved,
    "straight_edges": _straight_edges,
    "sees_more": _sees_more,
    "more_zeros": _more_zeros,
    "favourite_class": _favourite_class,
}


def _figure(claim: Claim, context: Context, percent: bool) -> tuple[str, str, str]:  # noqa: FBT001 - private, one caller
    """Return a claim's number, its sign of percent, and its unit where that is a word."""
    if claim.value is None:
        return "?", "", ""
    if not percent:
        return context.words.fixed(claim.value), "", ""
    text = context.words.percent(claim.value).strip("\u2060").removesuffix("%")
    if claim.kind == "more_zeros":
        return ("+" if claim.value > 0 else "") + text, "", context.words.gettext("points")
    return text, "%", ""


def _not_measured(context: Context) -> str:
    return context.words.gettext("This could not be measured on this network.")


def _tape_top(claim: Claim) -> float:
    """Return a round number above the size of everything on the tape."""
    known = [claim.value, claim.low, claim.high]
    known += [claim.reference.low, claim.reference.high] if claim.reference else []
    largest = max((abs(each) for each in known if each is not None), default=0.0)
    return next((top for top in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8) if largest <= 0.9 * top), 1.0)


def _tape(claim: Claim, context: Context, phrases: _Phrases) -> Tape | None:
    if claim.value is None or claim.reference is None:
        return None
    low = min(0.0, claim.value, claim.low or 0.0, claim.reference.low)
    start = -phrases.top if low < 0 else 0.0
    show = context.words.percent if phrases.percent else context.words.fixed

    def at(value: float) -> float:
        return 100 * min(max((value - start) / (phrases.top - start), 0.0), 1.0)

    has_band = claim.reference.high > claim.reference.low
    ends = (at(claim.reference.low), at(claim.reference.high))
    whisker = (at(claim.low), at(claim.high)) if claim.low is not None and claim.high is not None else None
    trained = context.words.gettext("trained {value}").format(value=show(claim.value))
    return Tape(
        start=show(start),
        end=show(phrases.top),
        band=(_at(ends[0]), _at(ends[1] - ends[0])) if has_band else None,
        reference=_mark(at(claim.reference.value), f"{phrases.reference} {show(claim.reference.value)}"),
        whisker=(_at(whisker[0]), _at(whisker[1])) if whisker else None,
        value=_mark(at(claim.value), trained),
    )


def _mark(at: float, text: str) -> Mark:
    anchor = "start" if at < 15 else "end" if at > 85 else "middle"
    return Mark(_at(at), anchor, text)


def _at(value: float) -> str:
    return f"{value:.2f}%"
