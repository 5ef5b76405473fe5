"""The words of the claims about what grows or fades from layer to layer; each is bound to its numbers."""

from reportgen.pages.phrases import Phrases, below_zero, count, layer_in, part, size
from reportgen.pages.words import N_

ZEROS = (("last", "first"), ("last_untrained", "first_untrained"))
PROBES = (("last", "pixels"),)
STEP = {"first_layer": layer_in("first_layer")}


def _growth(
    *,
    sentence: str,
    more: str,
    less: str,
    method: str,
    technical: str,
    beside: str = N_(
        "In the untrained twin the difference is {beside} ({low} to {high}). Measured over {pictures} pictures."
    ),
    unit: str = "points",
) -> Phrases:
    """Return the words of a claim that something grows, and more so than in the untrained twin."""
    return Phrases(
        sentence=sentence,
        versus=more,
        cases=((below_zero, less),),
        beside=beside,
        method=method,
        rule=N_(
            "Supported if the number is above zero and its interval lies above that of the untrained twin; not "
            "supported if it is not above zero or not above the twin’s; in between it cannot be told."
        ),
        technical=technical,
        reference=N_("untrained twin"),
        unit=unit,
        fillings=STEP,
    )


PHRASES: dict[str, Phrases] = {
    "sees_more": Phrases(
        sentence=N_("Units of the last convolution see more of the picture than those of the first."),
        versus=N_(
            "A unit of the last convolution sees {size} dots, {value} of the picture; one of the first sees "
            "{first}, or {beside}. This comes from how the network is built, not from training: the untrained "
            "twin has the same."
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
        sentence=N_(
            "From {first_layer} to {layer}, answers of zero become more frequent, and more so than without "
            "training."
        ),
        versus=N_(
            "In {first_layer}, {first} of all answers are zero; in {layer}, {last}. The difference is {value} "
            "points. In the untrained twin: {first_untrained}, then {last_untrained}. Counted over {pictures} "
            "pictures."
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
        parts=ZEROS,
        fillings=STEP | {name: part(name, "points", ZEROS, share=True) for pair in ZEROS for name in pair},
    ),
    "favourite_class": Phrases(
        sentence=N_("{layer}: units are choosier about kinds than without training."),
        versus=N_(
            "The mean choosiness of the units is {value}. 1: a unit answers to one kind only; 0: to all kinds "
            "alike. In the untrained twin: {beside}. Averaged over the {units} of {all_units} units that answered "
            "at all, counted over {pictures} pictures."
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
        sentence=N_("{layer}: training made the kinds easier to tell apart than in the bare picture."),
        more=N_(
            "A simple sorter names {amount} more pictures in a hundred correctly when it reads this layer instead "
            "of the bare picture."
        ),
        less=N_(
            "A simple sorter names {amount} fewer pictures in a hundred correctly when it reads this layer "
            "instead of the bare picture."
        ),
        method=N_(
            "A sorter that may only draw straight lines (a linear probe) is fitted on one half of the "
            "pictures and tested on the other half, once with the bare picture and once with the layer’s numbers."
        ),
        technical=N_(
            "Linear probes (Alain and Bengio 2016), ridge regression on the classes; large layers mixed by a "
            "count sketch; percentile bootstrap over the tested pictures, paired."
        ),
    ),
    "not_separable_untrained": Phrases(
        sentence=N_("{layer}: without training, the kinds are no easier to tell apart than in the bare picture."),
        versus=N_(
            "In the untrained twin, a simple sorter names {last} of {pictures} tested pictures correctly from "
            "this layer, and {pixels} from the bare picture. The difference is {value} points."
        ),
        method=N_(
            "A sorter that may only draw straight lines (a linear probe) is fitted on one half of the pictures "
            "and tested on the other half, in the untrained twin alone. Supported if the interval does not reach "
            "above zero, not supported if all of it lies above; in between it cannot be told."
        ),
        technical=N_(
            "Linear probes (Alain and Bengio 2016); percentile bootstrap over the tested pictures, paired."
        ),
        reference=N_("no difference"),
        unit="points",
        own=N_("untrained {value}"),
        parts=PROBES,
        fillings={name: part(name, "points", PROBES, share=True) for pair in PROBES for name in pair},
    ),
    "choosier": _growth(
        sentence=N_(
            "From {first_layer} to {layer}, units become choosier about kinds, and more so than without training."
        ),
        more=N_(
            "On a scale from 0 (all kinds alike) to 1 (one kind only), the units of {layer} are {amount} choosier "
            "than those of {first_layer}, on average."
        ),
        less=N_(
            "On a scale from 0 (all kinds alike) to 1 (one kind only), the units of {layer} are {amount} less "
            "choosy than those of {first_layer}, on average."
        ),
        method=N_("The mean class selectivity of the units that answer at all, in both layers."),
        technical=N_(
            "Class selectivity (Morcos and others 2018); percentile bootstrap over the units of both layers."
        ),
        unit="number",
    ),
    "steadier": _growth(
        sentence=N_(
            "From {first_layer} to {layer}, the answers grow steadier against a small shift, and more so than "
            "without training."
        ),
        more=N_(
            "The answers to a picture and to the same picture shifted by {shift} dots are {amount} more alike in "
            "{layer} than in {first_layer}, on a scale where 1 is no difference."
        ),
        less=N_(
            "The answers to a picture and to the same picture shifted by {shift} dots are {amount} less alike in "
            "{layer} than in {first_layer}, on a scale where 1 is no difference."
        ),
        method=N_(
            "How alike a layer answers to the picture and to the shifted picture, measured around its mean answer."
        ),
        technical=N_("Cosine of the centred answers; percentile bootstrap over pictures, paired."),
        unit="number",
    ),
    "learned_tolerance": Phrases(
        sentence=N_("{layer}: a small shift matters less than without training."),
        versus=N_(
            "The layer’s answers to a picture and to the same picture shifted by {shift} dots have a likeness of "
            "{value}; 1 would be no difference. In the untrained twin: {beside} ({low} to {high}). Over "
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
        sentence=N_(
            "From {first_layer} to {layer}, some of the picture is lost, and more of it than without training."
        ),
        more=N_("{amount} points less of the picture can be rebuilt from {layer} than from {first_layer}."),
        less=N_("{amount} points more of the picture can be rebuilt from {layer} than from {first_layer}."),
        beside=N_(
            "In the untrained twin the loss is {beside} ({low} to {high}). Measured over {pictures} pictures."
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
