"""The words of the claims about filters and weights, and how they came about; each is bound to its numbers."""

from reportgen.analysis.claims import Claim
from reportgen.pages.context import Context
from reportgen.pages.phrases import Phrases, tape_top, told


def weights_moved(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    layer = context.layer_title(context.analysis.layer(claim.layer))
    reference = claim.reference
    return Phrases(
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


def straight_edges(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    reference = claim.reference
    return Phrases(
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
        top=tape_top(claim),
    )


def edge_slices(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    chance = told(claim.reference, words)
    return Phrases(
        sentence=_("Deeper filters, too, are built of straight edges."),
        versus=_(
            "Each of the {filters} filters of the last convolution is a stack of small squares. Of their "
            "strength, this share has the form of a straight edge. The same weights in random order reach "
            "{chance} ({low} to {high} in 95 of 100 shuffles). Before training it was {untrained}."
        ).format(
            filters=words.count(int(claim.details.get("filters", 0))),
            chance=chance.value,
            low=chance.low,
            high=chance.high,
            untrained=words.percent(claim.details.get("untrained", 0.0)),
        ),
        method=_(
            "As for the first layer, with the strength of all squares of a filter added up. Supported if the "
            "number is above 97.5 of 100 shuffles."
        ),
        technical=_(
            "Frei and Chen’s (1977) masks on every slice; the whole filter is scaled to an energy of one."
        ),
        reference=_("by chance"),
        top=tape_top(claim),
    )


def oriented(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    layer = context.layer_title(context.analysis.layer(claim.layer))
    twin = told(claim.reference, words)
    return Phrases(
        sentence=_("{layer}: the filters answer to lines of one direction, and learned to.").format(layer=layer),
        versus=_(
            "The answers of {tuned} of {units} filters depend on the direction more than those of the same "
            "filters in disorder. In the untrained twin the share is {twin} ({low} to {high})."
        ).format(
            tuned=words.count(int(claim.details.get("tuned", 0))),
            units=words.count(int(claim.details.get("units", 0))),
            twin=twin.value,
            low=twin.low,
            high=twin.high,
        ),
        method=_(
            "The network is shown drawn edges and bars at many angles, and it is measured how far a filter’s "
            "answers rise and fall with the angle. A filter counts if that is more than in {draws} copies of it "
            "whose places were shuffled, corrected for testing many filters at once. Supported if the share’s "
            "interval lies above that of the untrained twin; not supported if the share is not above the twin’s."
        ).format(draws=words.count(int(claim.details.get("draws", 0)))),
        technical=_(
            "Amplitude of the second harmonic of the tuning curve (cf. Ringach, Shapley and Hawken 2002). All "
            "inputs of a filter are shuffled alike, so that they still fit together: chosen on constructed "
            "kernels, where shuffling each input by itself takes round dots for oriented. Permutation p values, "
            "false discovery rate 5% (Benjamini and Hochberg 1995); Wilson’s interval."
        ),
        reference=_("untrained twin"),
        top=1.0,
    )


def fewer_patterns(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    layer, details = context.layer_title(context.analysis.layer(claim.layer)), claim.details
    chance = told(claim.reference, words)
    return Phrases(
        sentence=_("{layer}: many filters are mixed from fewer patterns.").format(layer=layer),
        versus=_(
            "The {filters} filters are as varied as {rank} that have nothing in common: this share. The same "
            "weights in random order give {chance} ({low} to {high}). Before training: as {untrained} filters."
        ).format(
            filters=words.count(int(details.get("filters", 0))),
            rank=words.fixed(details.get("rank", 0.0), 1),
            chance=chance.value,
            low=chance.low,
            high=chance.high,
            untrained=words.fixed(details.get("untrained", 0.0), 1),
        ),
        method=_(
            "If all filters were different mixtures of a few patterns, few numbers would be enough to describe "
            "them. Supported if the layer needs fewer than its own weights in random order do in 97.5 of 100 "
            "draws."
        ),
        technical=_(
            "Effective rank of the kernel: exp of the entropy of its singular values (Roy and Vetterli 2007)."
        ),
        reference=_("by chance"),
        top=1.0,
    )


def same_filters(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    chance, record = told(claim.reference, words, "number"), context.analysis.snapshot.record
    return Phrases(
        sentence=_("Other trainings come upon the same filters."),
        versus=_(
            "1 would be exactly the same filter. For each filter of the first layer, its nearest relative was "
            "sought in {seeds} more trainings of the same network. Shuffled filters give {chance} ({low} to "
            "{high}); this network’s own filters before training give {untrained}."
        ).format(
            seeds=words.count(int(claim.details.get("seeds", 0))),
            chance=chance.value,
            low=chance.low,
            high=chance.high,
            untrained=words.fixed(claim.details.get("untrained", 0.0)),
        ),
        method=_(
            "The largest cosine of each filter to any filter of the other training, averaged. Chance: the other "
            "filters with their weights in random order. Supported if the number is above 97.5 of 100 such draws "
            "and above that of the untrained filters. Only the first layer can be compared like this: deeper ones "
            "read units that no two trainings have in the same order."
        ),
        technical=_(
            "Best matches as in Li and others (2016); permutation test (Pitman 1937), {draws} draws."
        ).format(draws=words.count(int(claim.details.get("draws", 0)))),
        reference=_("by chance"),
        top=1.0,
        unit="number",
        missing="" if record and record.siblings else _("No other training of this network is on record."),
    )


def settles_first(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    details = claim.details
    last = context.analysis.layer(int(details["last_layer"])) if "last_layer" in details else None
    return Phrases(
        sentence=_("The first layer takes shape before the deeper one."),
        versus=_(
            "The first convolution’s filters had their form after {first} rounds of training on average, those of "
            "the last ({layer}) after {late}. The number is the lead of the first. If all had gone straight and "
            "evenly to their end, it would be {even}: a part of it lies in where they began."
        ).format(
            first=words.fixed(details.get("first", 0.0), 1),
            layer=context.layer_title(last) if last else "",
            late=words.fixed(details.get("last", 0.0), 1),
            even=words.fixed(details.get("even", float("nan")), 1),
        ),
        method=_(
            "A filter has taken shape at the first recorded moment from which its cosine to its final weights "
            "stays above 0.9. Supported if the lead and all of its interval are above zero; not supported if "
            "there is none; in between it cannot be told."
        ),
        technical=_("Percentile bootstrap over the filters of both layers; resolution: the moments on record."),
        reference=_("no lead"),
        top=tape_top(claim),
        unit="epochs",
    )
