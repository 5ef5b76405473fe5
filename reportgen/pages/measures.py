"""Every measure of a report in a few sentences, with its source; the program's settings are filled in."""

from dataclasses import dataclass

from reportgen.pages.context import Context
from reportgen.pages.settings import settings
from reportgen.pages.words import N_


@dataclass(frozen=True)
class Measure:
    """How one number is made, and where the method comes from."""

    title: str
    text: str


@dataclass(frozen=True)
class Measures:
    """The measures of one kind of thing."""

    title: str
    measures: tuple[Measure, ...]


_WEIGHTS = (
    (
        N_("Histogram"),
        N_(
            "Equal bins over all values before and after training. Width by Freedman and Diaconis (1981) from "
            "the trained values, at least {fewest_bins} and at most {most_bins} bins."
        ),
    ),
    (
        N_("Moved weights"),
        N_(
            "Share of trained weights beyond the range of the first ones; chance from the distribution of "
            "exceedances (Gumbel and von Schelling 1950)."
        ),
    ),
    (
        N_("Straight-edge share"),
        N_(
            "Share of a filter’s energy in two derivative-of-Gaussian masks, which at 3 × 3 are those of Frei "
            "and Chen (1977). Chance by shuffling each filter’s own weights, {edge_draws} times; in very large "
            "layers it is computed from fewer."
        ),
    ),
    (
        N_("Summary of a filter"),
        N_(
            "The first singular component over its inputs (Eckart and Young 1936), with the share of energy "
            "that it keeps."
        ),
    ),
    (
        N_("Strongest inputs"),
        N_(
            "The {inputs} inputs that hold most of a filter’s energy, the sum of its squared weights. Beside "
            "them stands the share that each input had if all were equal."
        ),
    ),
    (
        N_("Effective rank"),
        N_(
            "How many patterns a layer mixes its filters from: exp of the entropy of its kernel’s singular "
            "values as shares of their sum (Roy and Vetterli 2007), over at most {ranked} filters. Chance: the "
            "weights of each filter in random order, {rank_draws} times."
        ),
    ),
)
_UNITS = (
    (
        N_("Share of zeros"),
        N_(
            "Values that are exactly zero, among all values of a layer, picture by picture; the interval is a "
            "percentile bootstrap over pictures."
        ),
    ),
    (
        N_("Dead, silent, tiny"),
        N_(
            "Dead: the same value at every place of every picture. Silent: above zero in fewer than {silent} of "
            "the pictures. Tiny: never above {tiny} of the layer’s strongest answer."
        ),
    ),
    (
        N_("Class selectivity"),
        N_(
            "Mean answer to the favourite kind minus the mean to the others, divided by their sum (Morcos and "
            "others 2018), over units that answer at all and never below zero."
        ),
    ),
    (
        N_("Receptive field"),
        N_("By arithmetic over the sizes and steps of all windows (Araujo, Norris and Sim 2019)."),
    ),
    (
        N_("Patches"),
        N_(
            "In every picture the place of a unit’s strongest answer counts. The {kept} pictures in which it is "
            "highest are kept, the {kept} in which it is lowest and {kept} drawn at random; {shown} of each are "
            "shown, cut to the receptive field."
        ),
    ),
    (
        N_("Class mix"),
        N_(
            "The most frequent kind among a unit’s {kept} strongest pictures. Chance: how likely so many of any "
            "one kind are among as many pictures drawn without putting back (hypergeometric, summed over the "
            "kinds). A unit that answered to fewer pictures has none."
        ),
    ),
    (
        N_("Tuning"),
        N_(
            "Synthetic bars and edges are shown every {step}°, and the strongest answer in the middle of the "
            "unit’s map counts. The index is 1 − the circular variance of the doubled angles (Ringach, Shapley "
            "and Hawken 2002): 0 no direction matters, 1 only one does. A unit is tuned if its answers rise and "
            "fall with the angle more than with the places of its weights in random order, all its inputs "
            "alike; its direction is named if it answers at least {clearly} times as strongly to it as across "
            "it."
        ),
    ),
    (
        N_("Ablation"),
        N_(
            "Each unit in turn is held at its mean, and the same pictures go through again (Morcos and others "
            "2018). Change of the share of right answers with its interval; whether it is more than luck by the "
            "exact test of McNemar (1947) over the answers that turned. Concentration: the share of answers "
            "that turned wrong that falls on the costliest one in {costliest} working units, beside the same "
            "number of losses dealt out at random."
        ),
    ),
    (
        N_("Feature visualization"),
        N_(
            "From random starts a picture climbs the gradient of the unit’s value before its activation "
            "(Simonyan, Vedaldi and Zisserman 2014; Olah, Mordvintsev and Schubert 2017), within the range of "
            "real pixels, and blurred and shifted where it is large. Nothing like it need exist; beside it "
            "stands whether the unit answers more to it than to any real picture."
        ),
    ),
)
_LAYERS = (
    (
        N_("Linear probe"),
        N_(
            "A ridge regression (Hoerl and Kennard 1970) from a layer’s numbers to +1 for a picture’s kind and "
            "−1 for the others, fitted on one half of the pictures and tested on the other (Alain and Bengio "
            "2016). The penalty is {ridge} of the pictures’ mean squared distance from their mean. At most "
            "{copied} pictures are used."
        ),
    ),
    (
        N_("Rebuilding"),
        N_(
            "The same regression from a layer’s numbers to the pixels (very many pixels are mixed into fewer "
            "numbers first, see below). Share rebuilt: 1 − the squared distance between pictures and their "
            "copies, by that between pictures and the mean picture. A better rebuilder might get back more, so "
            "that this is the least that is still there."
        ),
    ),
    (
        N_("Likeness under change"),
        N_(
            "Pictures are shifted to the right, turned by {angle}° or dimmed to {dimmed}. Likeness is the "
            "cosine between a layer’s answers to the picture and to the changed one, both less its mean answer: "
            "1 nothing changed, 0 no more alike than any two pictures."
        ),
    ),
    (
        N_("Likeness of layers"),
        N_(
            "Centred kernel alignment (Kornblith and others 2019): 1 where two layers lay out the pictures "
            "alike but for turning and one scale, near 0 where they have nothing in common. From unbiased "
            "estimates (Song and others 2012) over blocks of {block} pictures (Nguyen, Raghu and Kornblith "
            "2021)."
        ),
    ),
    (
        N_("Maps of the spaces"),
        N_(
            "The first two principal components (Pearson 1901; Hotelling 1933) of a layer’s numbers for at most "
            "{scattered} pictures, with the share of the variance that both hold."
        ),
    ),
    (
        N_("Mixed numbers"),
        N_(
            "A layer of very many numbers is first mixed into fewer: each gets a random sign and is added to "
            "one of the places (count sketch: Charikar, Chen and Farach-Colton 2002), so that distances between "
            "pictures stay right on average. The list below says which layers."
        ),
    ),
)
_TRAINING = (
    (
        N_("Formation"),
        N_(
            "A filter has taken shape from the moment on from which the cosine to its final weights stays above "
            "{settled}. Beside it: the same for a filter that goes from its first to its final weights straight "
            "and evenly. Only recorded moments up to the epoch that was kept count."
        ),
    ),
    (
        N_("Agreement of seeds"),
        N_(
            "The largest cosine of each filter of the first layer to any filter of the same network trained "
            "from another seed. Chance: the other’s weights in random order, {agreement_draws} times, and the "
            "filters before training."
        ),
    ),
)
_DECISIONS = (
    (
        N_("Grad-CAM"),
        N_(
            "The maps of the last convolution, each weighed with the mean gradient of the answer for it, summed "
            "up and cut off below zero (Selvaraju and others 2017)."
        ),
    ),
    (
        N_("Integrated gradients"),
        N_(
            "For each pixel the gradient of the answer, averaged on the way from an empty picture to this one, "
            "times the pixel (Sundararajan, Taly and Yan 2017). The marks must add up to the change of the "
            "answer; by how much they miss it is in the data."
        ),
    ),
    (
        N_("Two tests of marked pixels"),
        N_(
            "Do they depend on the network? Rank correlation with the marks in a network of random "
            "weights, which must lie below {alike} (Adebayo and others 2018). Do they matter? The most marked "
            "pixels are blanked, against as many others that are not empty: more of the answer’s probability "
            "must go."
        ),
    ),
    (
        N_("Look-alikes"),
        N_(
            "Rank correlation (Spearman 1904), over all pairs of kinds, between how often the two are taken for "
            "each other and how near their mean pictures lie. Chance: the kinds in random order, {orders} times "
            "(Mantel 1967)."
        ),
    ),
)
_LUCK = (
    (
        N_("Intervals"),
        N_(
            "The ends between which {inside} of {draws} results lie when pictures, or units, are drawn anew "
            "from those at hand (percentile bootstrap, Efron 1979). Of several untrained twins, drawn "
            "anew, the mean is given, with the interval that holds one more of them as often."
        ),
    ),
    (
        N_("Many tests at once"),
        N_(
            "Of a thousand tests some succeed by luck. Where every unit of a layer is tested, so few are let "
            "through that at most {false_share} of them may owe it to chance (false discovery rate, Benjamini "
            "and Hochberg 1995)."
        ),
    ),
)
_GROUPS = (
    (N_("Weights and filters"), _WEIGHTS),
    (N_("Single units"), _UNITS),
    (N_("Whole layers"), _LAYERS),
    (N_("Training"), _TRAINING),
    (N_("Single decisions"), _DECISIONS),
    (N_("Luck"), _LUCK),
)


def measures(context: Context) -> tuple[Measures, ...]:
    """Return every measure, in the order in which the pages come to them."""
    _, known = context.words.gettext, settings(context.words)
    return tuple(
        Measures(_(title), tuple(Measure(_(name), _(text).format(**known)) for name, text in group))
        for title, group in _GROUPS
    )
