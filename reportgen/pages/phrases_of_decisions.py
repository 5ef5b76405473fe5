"""The words of the claims about single units, marked pixels and mistakes; each is bound to its numbers."""

from reportgen.analysis.claims import Claim
from reportgen.pages.context import Context
from reportgen.pages.phrases import Phrases, tape_top, told


def background(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    return Phrases(
        sentence=_("Some filters of the first layer answer even where there is nothing."),
        versus=_(
            "{answering} of {units} filters answer to an empty, dark picture: their bias, the number added at the "
            "end, is above zero. In the untrained twin it is {twin}. This is the tinted ground of their maps, not "
            "a fault."
        ).format(
            answering=words.count(int(claim.details.get("answering", 0))),
            units=words.count(int(claim.details.get("units", 0))),
            twin=words.percent(claim.reference.value) if claim.reference else "",
        ),
        method=_(
            "The network is shown a picture as dark as can be, and the filters that answer above zero are "
            "counted. Supported if there are more than in the untrained twin."
        ),
        technical=_("Counted, so that there is no interval."),
        reference=_("untrained twin"),
        top=1.0,
    )


def few_matter(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    layer, details = context.layer_title(context.analysis.layer(claim.layer)), claim.details
    chance = told(claim.reference, words)
    return Phrases(
        sentence=_("{layer}: a few units carry most of the work.").format(layer=layer),
        versus=_(
            "If units are switched off one at a time, this share of the {lost} answers that turn wrong falls on "
            "the {costliest} units that are needed most. If all were needed alike it would be {chance} ({low} to "
            "{high}). For {needed} of {units} units the loss is more than luck."
        ).format(
            costliest=words.count(int(details.get("costliest", 0))),
            lost=words.count(int(details.get("lost", 0))),
            chance=chance.value,
            low=chance.low,
            high=chance.high,
            needed=words.count(int(details.get("needed", 0))),
            units=words.count(int(details.get("units", 0))),
        ),
        method=_(
            "Each unit in turn is held at its mean answer while {pictures} pictures go through. Chance: the same "
            "number of newly wrong answers, spread at random over the units that work. Supported if the share is "
            "above 97.5 of 100 such draws; it cannot be told where no single unit is needed by more than luck."
        ).format(pictures=words.count(claim.pictures)),
        technical=_(
            "Ablation to the mean (Morcos and others 2018); multinomial draws; single units by McNemar’s exact "
            "test with a false discovery rate of 5% (Benjamini and Hochberg 1995)."
        ),
        reference=_("by chance"),
        top=1.0,
    )


def grad_cam_depends(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    return _depends(claim, context, context.words.gettext("Grad-CAM"))


def integrated_gradients_depends(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    return _depends(claim, context, context.words.gettext("Integrated gradients"))


def grad_cam_matters(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    return _matters(claim, context, context.words.gettext("Grad-CAM"))


def integrated_gradients_matters(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    return _matters(claim, context, context.words.gettext("Integrated gradients"))


def lookalikes(claim: Claim, context: Context) -> Phrases:
    """Return the words of the claim of this name."""
    words, _ = context.words, context.words.gettext
    chance = told(claim.reference, words, "number")
    return Phrases(
        sentence=_("It mistakes for each other what looks alike."),
        versus=_(
            "For each of {pairs} pairs of kinds: how often the two are taken for each other, and how near their "
            "mean pictures lie. 1 would be one and the same order, 0 none. Names in random order give {chance} "
            "({low} to {high})."
        ).format(
            pairs=words.count(int(claim.details.get("pairs", 0))),
            chance=chance.value,
            low=chance.low,
            high=chance.high,
        ),
        method=_(
            "The pairs are put in order once by mistakes, counted over {pictures} pictures, and once by likeness, "
            "dot by dot. The number tells how well the two orders agree. Supported if that is better than with "
            "the names of the kinds in random order in 97.5 of 100 draws."
        ).format(pictures=words.count(claim.pictures)),
        technical=_("Rank correlation (Spearman 1904) with Mantel’s test (1967), 1,000 permutations."),
        reference=_("by chance"),
        top=1.0,
        unit="number",
    )


def _depends(claim: Claim, context: Context, method: str) -> Phrases:
    words, _ = context.words, context.words.gettext
    own = told(claim.reference, words, "number")
    return Phrases(
        sentence=_("{method}: the marks depend on the network, and not on the picture alone.").format(
            method=method
        ),
        versus=_(
            "So alike are the marks in this network and in one with random weights, over {pictures} pictures: 1 "
            "is the same order of all dots, 0 none. Above {half}, the marks would mostly be those of the picture."
        ).format(pictures=words.count(claim.pictures), half=own.value),
        method=_(
            "A method that marks the same dots in a network with random weights shows the picture, not the "
            "decision. All dots count, also empty ones. Supported if the likeness, with its interval, lies below "
            "{half}; not supported if it lies above."
        ).format(half=own.value),
        technical=_(
            "Rank correlation of the marks’ sizes (Adebayo and others 2018); percentile bootstrap over pictures."
        ),
        reference=_("half alike"),
        top=1.0,
        unit="number",
    )


def _matters(claim: Claim, context: Context, method: str) -> Phrases:
    words, _ = context.words, context.words.gettext
    details = claim.details
    return Phrases(
        sentence=_("{method}: the network decides by the dots that are marked.").format(method=method),
        versus=_(
            "Blanking the {share} of the dots that are marked most costs {marked} points of the answer’s "
            "probability, blanking as many random dots that are not empty {random}. The number is the difference, "
            "over {pictures} pictures."
        ).format(
            share=words.percent(details.get("blanked", 0.0)),
            marked=words.fixed(100 * details.get("marked", 0.0), 1),
            random=words.fixed(100 * details.get("random", 0.0), 1),
            pictures=words.count(claim.pictures),
        ),
        method=_(
            "Supported if the difference and all of its interval are above zero; not supported if it is not above "
            "zero; in between it cannot be told."
        ),
        technical=_("Deletion test, paired; percentile bootstrap over pictures."),
        reference=_("no difference"),
        top=tape_top(claim),
        unit="points",
    )
