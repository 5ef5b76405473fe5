"""The words of the claims about what grows or fades from layer to layer; each is bound to its numbers."""

from reportgen.pages.phrases import Phrases, count, percent, size
from reportgen.pages.words import N_


def _growth(*, sentence: str, what: str, method: str, technical: str, unit: str = "points") -> Phrases:
    """Return the words of a claim that something grows, and more so than in the untrained twin."""
    return Phrases(
        sentence=sentence,
        versus=what,
        beside=N_("In the untrained twin: {beside} ({low} to {high}). Measured over {pictures} pictures."),
        method=method,
        rule=N_(
            "Supported if the number is above zero and its interval lies above that of the untrained twin; not "
            "supported if it is not above zero or not above the twin’s; in between it cannot be told."
        ),
        technical=technical,
        reference=N_("untrained twin"),
        unit=unit,
    )


PHRASES: dict[str, Phrases] = {
    "sees_more": Phrases(
        sentence=N_("Deeper units see more of the picture."),
        versus=N_(
            "A unit of the last convolution sees {size} pixels, which is this share of the picture; one "
            "of the first sees {first}, or {beside}. This comes from how the network is built, not from "
            "training: the untrained twin has the same."
        ),
        method=N_(
            "The receptive field follows from the sizes and steps of all windows up to the layer. "
            "Supported if it grows in both directions, and its share of the picture with it, from the "
            "first to the last convolution."
        ),
        technical=N_("Receptive field arithmetic (Araujo, Norris and Sim 2019)."),
        reference=N_("first layer"),
        fillings={"size": size("height", "width"), "first": size("first_height", "first_width")},
    ),
    "more_zeros": Phrases(
        sentence=N_("Deeper in, the network stays silent more often, and it learned to."),
        versus=N_(
            "At the first such layer {first} of all answers are zero, at the last {last}: the number is "
            "the difference in percentage points. In the untrained twin: {first_untrained}, then "
            "{last_untrained}. Counted over {pictures} pictures."
        ),
        method=N_(
            "The share of exact zeros among all answers after a layer’s ReLU, picture by picture, at the "
            "first and the last layer of maps. Supported if the growth is above zero and its interval "
            "lies above that of the untrained twin; not supported if it is not above zero or not above "
            "the twin’s; in between, and below {fewest} pictures, it cannot be told."
        ),
        technical=N_(
            "Percentile bootstrap over pictures, {draws} draws (Efron 1979); above {many} pictures, the mean "
            "± {deviates} standard errors."
        ),
        reference=N_("untrained twin"),
        unit="points",
        fillings={
            "first": percent("first"),
            "last": percent("last"),
            "first_untrained": percent("first_untrained"),
            "last_untrained": percent("last_untrained"),
        },
    ),
    "favourite_class": Phrases(
        sentence=N_("{layer}: a unit has a favourite kind of picture, and training made it so."),
        versus=N_(
            "1 would be one kind only, 0 all alike. The untrained twin reaches {beside}. Averaged over "
            "the {units} of {all_units} units that answered at all, counted over {pictures} pictures."
        ),
        method=N_(
            "For each unit: the mean answer to its favourite kind minus the mean answer to all others, "
            "divided by their sum. Units that never answered are left out. Supported if the mean’s "
            "interval lies above the untrained twin’s; not supported if the mean is not above the "
            "twin’s; otherwise it cannot be told, nor with fewer than {fewest} such units in either "
            "network or fewer than {fewest_a_class} pictures of a kind."
        ),
        technical=N_(
            "Class selectivity (Morcos and others 2018); percentile bootstrap over units, {draws} draws."
        ),
        reference=N_("untrained twin"),
        top=1.0,
        unit="number",
        fillings={"units": count("units"), "all_units": count("all_units")},
    ),
    "separable": _growth(
        sentence=N_("The deeper the layer, the easier the kinds are to tell apart, and the network learned that."),
        what=N_(
            "So many more pictures in a hundred are named correctly by a simple sorter that reads this layer "
            "({layer}) than by one that reads the bare pixels."
        ),
        method=N_(
            "A sorter that may only draw straight lines (a linear probe) is fitted on one half of the "
            "pictures and tested on the other half, once with the pixels and once with the layer’s numbers."
        ),
        technical=N_(
            "Linear probes (Alain and Bengio 2016), ridge regression on the classes; large layers mixed by a "
            "count sketch; percentile bootstrap over the tested pictures, paired."
        ),
    ),
    "not_separable_untrained": Phrases(
        sentence=N_("Without training, depth alone does not help to tell the kinds apart."),
        versus=N_(
            "In the untrained twin, the sorter names {last} of {pictures} tested pictures from the last "
            "layer of units, and {pixels} from the bare pixels. The number is the difference, in points."
        ),
        method=N_(
            "The same test as before, in the untrained twin alone. Supported if the interval does not "
            "reach above zero, not supported if all of it lies above; in between it cannot be told."
        ),
        technical=N_(
            "Linear probes (Alain and Bengio 2016); percentile bootstrap over the tested pictures, paired."
        ),
        reference=N_("no difference"),
        unit="points",
        own=N_("untrained {value}"),
        fillings={"pixels": percent("pixels"), "last": percent("last")},
    ),
    "choosier": _growth(
        sentence=N_("Deeper units are choosier about kinds, and training made them so."),
        what=N_(
            "By so much the mean choosiness of this layer’s units ({layer}) is above that of the first "
            "layer, on a scale from 0 (all kinds alike) to 1 (one kind only)."
        ),
        method=N_("The mean class selectivity of the units that answer at all, in both layers."),
        technical=N_(
            "Class selectivity (Morcos and others 2018); percentile bootstrap over the units of both layers."
        ),
        unit="number",
    ),
    "steadier": _growth(
        sentence=N_("Deeper layers mind a small shift less than early ones, and learned to."),
        what=N_(
            "Shifted by {shift} dots, a picture stays by so much more like itself in this layer ({layer}) "
            "than in the first. 1 would be: the shift makes no difference at all."
        ),
        method=N_(
            "How alike a layer answers to the picture and to the shifted picture, measured around its mean answer."
        ),
        technical=N_("Cosine of the centred answers; percentile bootstrap over pictures, paired."),
        unit="number",
    ),
    "learned_tolerance": Phrases(
        sentence=N_("{layer}: training taught the network to overlook a small shift."),
        versus=N_(
            "So alike are the layer’s answers to a picture and to the same picture shifted by {shift} "
            "dots; 1 would be no difference. In the untrained twin: {beside} ({low} to {high}). Over "
            "{pictures} pictures."
        ),
        method=N_(
            "Supported if the number, with its interval, lies above that of the untrained twin; not "
            "supported if it is not above the twin’s; in between it cannot be told."
        ),
        technical=N_("Cosine of the centred answers; percentile bootstrap over pictures."),
        reference=N_("untrained twin"),
        top=1.0,
        unit="number",
    ),
    "loses_detail": _growth(
        sentence=N_("On its way the picture itself gets lost, and training drives that on."),
        what=N_(
            "By so many points less of the picture can be drawn again from the numbers of this layer "
            "({layer}) than from those of the first layer."
        ),
        method=N_(
            "From a layer’s numbers the picture is rebuilt as well as a weighted sum can. The measure is the "
            "share of what differs between pictures that comes back."
        ),
        technical=N_(
            "Explained variance of a ridge regression onto the pixels; percentile bootstrap over pictures."
        ),
    ),
}
