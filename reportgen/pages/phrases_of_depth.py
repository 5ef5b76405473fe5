"""The words of the claims about what grows or fades from layer to layer; each is bound to its numbers."""

from reportgen.analysis.claims import Claim
from reportgen.pages.context import Context
from reportgen.pages.phrases import Phrases, tape_top, told


def sees_more(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    size = (int(claim.details.get("height", 0)), int(claim.details.get("width", 0)))
    first = (int(claim.details.get("first_height", 0)), int(claim.details.get("first_width", 0)))
    return Phrases(
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
        top=tape_top(claim),
    )


def more_zeros(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    details = {name: words.percent(value) for name, value in claim.details.items() if name != "first_layer"}
    shares = {"first": "", "last": "", "first_untrained": "", "last_untrained": ""} | details
    return Phrases(
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
        top=tape_top(claim),
        unit="points",
    )


def favourite_class(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    layer = context.layer_title(context.analysis.layer(claim.layer))
    return Phrases(
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
        unit="number",
    )


def separable(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    _ = context.words.gettext
    return _growth(
        claim,
        context,
        sentence=_("The deeper the layer, the easier the kinds are to tell apart, and the network learned that."),
        what=_(
            "So many more pictures in a hundred are named correctly by a simple sorter that reads this layer "
            "({layer}) than by one that reads the bare pixels."
        ),
        method=_(
            "A sorter that may only draw straight lines (a linear probe) is fitted on one half of the pictures "
            "and tested on the other half, once with the pixels and once with the layer’s numbers."
        ),
        technical=_(
            "Linear probes (Alain and Bengio 2016), ridge regression on the classes; large layers mixed by a "
            "count sketch; percentile bootstrap over the tested pictures, paired."
        ),
    )


def not_separable_untrained(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    details = claim.details
    return Phrases(
        sentence=_("Without training, depth alone does not help to tell the kinds apart."),
        versus=_(
            "In the untrained twin, the sorter names {last} of {pictures} tested pictures from the last layer of "
            "units, and {pixels} from the bare pixels. The number is the difference, in points."
        ).format(
            last=words.percent(details.get("last", 0.0)),
            pixels=words.percent(details.get("pixels", 0.0)),
            pictures=words.count(claim.pictures),
        ),
        method=_(
            "The same test as before, in the untrained twin alone. Supported if the interval does not reach above "
            "zero, not supported if all of it lies above; in between it cannot be told."
        ),
        technical=_(
            "Linear probes (Alain and Bengio 2016); percentile bootstrap over the tested pictures, paired."
        ),
        reference=_("no difference"),
        top=tape_top(claim),
        unit="points",
        own=_("untrained {value}"),
    )


def choosier(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    _ = context.words.gettext
    return _growth(
        claim,
        context,
        sentence=_("Deeper units are choosier about kinds, and training made them so."),
        what=_(
            "By so much the mean choosiness of this layer’s units ({layer}) is above that of the first layer, on "
            "a scale from 0 (all kinds alike) to 1 (one kind only)."
        ),
        method=_("The mean class selectivity of the units that answer at all, in both layers."),
        technical=_(
            "Class selectivity (Morcos and others 2018); percentile bootstrap over the units of both layers."
        ),
        unit="number",
    )


def steadier(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    _ = context.words.gettext
    return _growth(
        claim,
        context,
        sentence=_("Deeper layers mind a small shift less than early ones, and learned to."),
        what=_(
            "Shifted by two dots, a picture stays by so much more like itself in this layer ({layer}) than in the "
            "first. 1 would be: the shift makes no difference at all."
        ),
        method=_(
            "How alike a layer answers to the picture and to the shifted picture, measured around its mean answer."
        ),
        technical=_("Cosine of the centred answers; percentile bootstrap over pictures, paired."),
        unit="number",
    )


def learned_tolerance(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    twin = told(claim.reference, words, "number")
    layer = context.layer_title(context.analysis.layer(claim.layer))
    return Phrases(
        sentence=_("{layer}: training taught the network to overlook a small shift.").format(layer=layer),
        versus=_(
            "So alike are the layer’s answers to a picture and to the same picture shifted by two dots; 1 would "
            "be no difference. In the untrained twin: {twin} ({low} to {high}). Over {pictures} pictures."
        ).format(twin=twin.value, low=twin.low, high=twin.high, pictures=words.count(claim.pictures)),
        method=_(
            "Supported if the number, with its interval, lies above that of the untrained twin; not supported if "
            "it is not above the twin’s; in between it cannot be told."
        ),
        technical=_("Cosine of the centred answers; percentile bootstrap over pictures."),
        reference=_("untrained twin"),
        top=1.0,
        unit="number",
    )


def loses_detail(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    _ = context.words.gettext
    return _growth(
        claim,
        context,
        sentence=_("On its way the picture itself gets lost, and training drives that on."),
        what=_(
            "By so many points less of the picture can be drawn again from the numbers of this layer ({layer}) "
            "than from those of the first layer."
        ),
        method=_(
            "From a layer’s numbers the picture is rebuilt as well as a weighted sum can. The measure is the "
            "share of what differs between pictures that comes back."
        ),
        technical=_(
            "Explained variance of a ridge regression onto the pixels; percentile bootstrap over pictures."
        ),
    )


def _growth(
    claim: Claim,
    context: Context,
    *,
    sentence: str,
    what: str,
    method: str,
    technical: str,
    unit: str = "points",
) -> Phrases:
    """Return the words of a claim that something grows, and more so than in the untrained twin."""
    words, _ = context.words, context.words.gettext
    twin = told(claim.reference, words, unit)
    beside = _("In the untrained twin: {twin} ({low} to {high}). Measured over {pictures} pictures.").format(
        twin=twin.value, low=twin.low, high=twin.high, pictures=words.count(claim.pictures)
    )
    rule = _(
        "Supported if the number is above zero and its interval lies above that of the untrained twin; not "
        "supported if it is not above zero or not above the twin’s; in between it cannot be told."
    )
    layer = context.layer_title(context.analysis.layer(claim.layer))
    return Phrases(
        sentence=sentence,
        versus=f"{what.format(layer=layer)} {beside}",
        method=f"{method} {rule}",
        technical=technical,
        reference=_("untrained twin"),
        top=tape_top(claim),
        unit=unit,
    )
