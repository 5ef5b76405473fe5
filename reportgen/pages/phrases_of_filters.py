"""The words of the claims about filters and weights, and how they came about; each is bound to its numbers."""

from reportgen.analysis.claims import Claim
from reportgen.pages.context import Context
from reportgen.pages.phrases import (
    Filling,
    Phrases,
    count,
    fixed,
    is_zero,
    layer_in,
    less,
    none,
    number,
    part,
    percent,
)
from reportgen.pages.words import N_

LEAD = (("last", "first"),)


def _expected(end: str) -> Filling:
    """Return what writes one end of what chance gives, so small that a percentage needs two decimals."""
    return lambda claim, context: (
        context.words.percent(getattr(claim.reference, end), 2) if claim.reference else "–"
    )


def _no_sibling(_claim: Claim, context: Context) -> str:
    record = context.analysis.snapshot.record
    known = record is not None and record.siblings
    return "" if known else context.words.gettext("No other training of this network is on record.")


PHRASES: dict[str, Phrases] = {
    "weights_moved": Phrases(
        sentence=N_("{layer}: training carried more weights out of their first range than chance would."),
        versus=N_(
            "{value} of the {count} weights now lie outside {low} to {high}, the range of the first ones. A fresh "
            "random start would put {chance} there ({chance_low} to {chance_high} in {within} of 100 draws)."
        ),
        cases=(
            (
                is_zero,
                N_(
                    "Not one of the {count} weights lies outside {low} to {high}, the range of the first ones. A "
                    "fresh random start would put {chance} there ({chance_low} to {chance_high} in {within} of "
                    "100 draws)."
                ),
            ),
        ),
        method=N_(
            "Count the trained weights that are smaller than the smallest or larger than the largest of "
            "the weights that this same layer began with. Supported if there are more than chance alone "
            "would put there in {upper} of 100 cases."
        ),
        technical=N_(
            "The number of exceedances of a second sample of equal size is beta-binomial, whatever the "
            "distribution (Gumbel and von Schelling 1950)."
        ),
        reference=N_("by chance"),
        theme="training",
        top=1.0,
        fillings={
            "count": count("count"),
            "low": number("low"),
            "high": number("high"),
            "chance": _expected("value"),
            "chance_low": _expected("low"),
            "chance_high": _expected("high"),
        },
    ),
    "straight_edges": Phrases(
        sentence=N_("The filters of the first layer hold more straight edge than chance would."),
        versus=N_(
            "{value} of the strength of the {filters} filters has the form of a straight edge. The "
            "same weights in random order reach {beside} ({low} to {high} in {within} of 100 shuffles). "
            "The same filters before training: {untrained}."
        ),
        method=N_(
            "Each filter is compared with two patterns, an upright and a level edge, which together make "
            "an edge at any angle. The number is the share of a filter’s strength in those two, averaged "
            "over the filters. Chance: every filter’s own weights, shuffled {edge_draws} times. "
            "Supported if the number is above {upper} of 100 shuffles."
        ),
        technical=N_(
            "Energy in the first two masks of Frei and Chen (1977) for 3 × 3 kernels; for other sizes the "
            "same derivative of a Gaussian, scaled with the kernel. Above {many_slices} slices the shuffles "
            "are replaced by the normal distribution with their mean and spread."
        ),
        reference=N_("by chance"),
        theme="filters",
        fillings={"filters": count("filters"), "untrained": percent("untrained")},
    ),
    "edge_slices": Phrases(
        sentence=N_("The filters of the last convolution hold more straight edge than chance would."),
        versus=N_(
            "Each of the {filters} filters of the last convolution is a stack of small squares. {value} of "
            "their strength has the form of a straight edge. The same weights in random order "
            "reach {beside} ({low} to {high} in {within} of 100 shuffles). Before training it was "
            "{untrained}."
        ),
        method=N_(
            "As for the first layer, with the strength of all squares of a filter added up. Supported if "
            "the number is above {upper} of 100 shuffles."
        ),
        technical=N_(
            "Frei and Chen’s (1977) masks on every slice; the whole filter is scaled to an energy of one."
        ),
        reference=N_("by chance"),
        theme="filters",
        fillings={"filters": count("filters"), "untrained": percent("untrained")},
    ),
    "oriented": Phrases(
        sentence=N_("{layer}: more filters mind the direction of lines than without training."),
        versus=N_(
            "The answers of {tuned} of {units} filters ({value}) depend on the direction more than those of the "
            "same filters in disorder. In the untrained twin the share is {beside} ({low} to {high})."
        ),
        cases=(
            (
                none("tuned"),
                N_(
                    "For none of the {units} filters do the answers depend on the direction more than for the "
                    "same filters in disorder. In the untrained twin the share is {beside} ({low} to {high})."
                ),
            ),
        ),
        method=N_(
            "The network is shown drawn edges and bars at many angles, and it is measured how far a "
            "filter’s answers rise and fall with the angle. A filter counts if that is more than in "
            "{draws} copies of it whose places were shuffled, corrected for testing many filters at "
            "once. Supported if the share’s interval lies above that of the untrained twin; not "
            "supported if the share is not above the twin’s."
        ),
        technical=N_(
            "Amplitude of the second harmonic of the tuning curve (cf. Ringach, Shapley and Hawken 2002). "
            "All inputs of a filter are shuffled alike, so that they still fit together: chosen on "
            "constructed kernels, where shuffling each input by itself takes round dots for oriented. "
            "Permutation p values, false discovery rate {false_share} (Benjamini and Hochberg 1995); "
            "Wilson’s interval."
        ),
        reference=N_("untrained twin"),
        theme="filters",
        top=1.0,
        fillings={"tuned": count("tuned"), "units": count("units"), "draws": count("draws")},
    ),
    "fewer_patterns": Phrases(
        sentence=N_("{layer}: the filters are less varied than chance would make them."),
        versus=N_(
            "The {filters} filters are as varied as {rank} that have nothing in common, or {value} of them. The "
            "same weights in random order give {beside} ({low} to {high}). Before training: as "
            "{untrained} filters."
        ),
        method=N_(
            "If all filters were different mixtures of a few patterns, few numbers would be enough to "
            "describe them. Supported if the layer needs fewer than its own weights in random order do "
            "in {upper} of 100 draws."
        ),
        technical=N_(
            "Effective rank of the kernel: exp of the entropy of its singular values (Roy and Vetterli 2007)."
        ),
        reference=N_("by chance"),
        theme="filters",
        top=1.0,
        fillings={"filters": count("filters"), "rank": fixed("rank", 1), "untrained": fixed("untrained", 1)},
    ),
    "same_filters": Phrases(
        sentence=N_("Other trainings come upon more similar filters than chance would."),
        versus=N_(
            "For each filter of the first layer, its nearest relative was sought in {seeds} more trainings of the "
            "same network. Their likeness is {value} on average; 1: exactly the same filter. Shuffled filters "
            "give {beside} ({low} to {high}); this network’s own filters before training give {untrained}."
        ),
        method=N_(
            "The largest cosine of each filter to any filter of the other training, averaged. Chance: "
            "the other filters with their weights in random order. Supported if the number is above "
            "{upper} of 100 such draws and above that of the untrained filters. Only the first layer can "
            "be compared like this: deeper ones read units that no two trainings have in the same order."
        ),
        technical=N_("Best matches as in Li and others (2016); permutation test (Pitman 1937), {draws} draws."),
        reference=N_("by chance"),
        theme="training",
        top=1.0,
        unit="number",
        missing=_no_sibling,
        fillings={"seeds": count("seeds"), "untrained": fixed("untrained"), "draws": count("draws")},
    ),
    "settles_first": Phrases(
        sentence=N_("On average, the filters of the first convolution take shape before those of the last."),
        versus=N_(
            "The first convolution’s filters had their form after {first} rounds of training on average, those of "
            "the last ({last_layer}) after {last}: the lead of the first is {value} rounds. Had all gone straight "
            "and evenly to their end, it would be {even}, from nothing but where they began."
        ),
        method=N_(
            "A filter has taken shape at the first recorded moment from which its cosine to its final "
            "weights stays above {settled}. Supported if the lead and all of its interval are above "
            "zero; not supported if there is none; in between it cannot be told."
        ),
        technical=N_("Percentile bootstrap over the filters of both layers; resolution: the moments on record."),
        reference=N_("no lead"),
        theme="training",
        unit="epochs",
        parts=LEAD,
        fillings={
            "first": part("first", "epochs", LEAD),
            "last": part("last", "epochs", LEAD),
            "even": less("even_last", "even_first", "epochs"),
            "last_layer": layer_in("last_layer"),
        },
    ),
}
