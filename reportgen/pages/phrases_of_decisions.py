"""The words of the claims about single units, marked pixels and mistakes; each is bound to its numbers."""

from reportgen.pages.phrases import Phrases, count, none, part, percent, said
from reportgen.pages.words import N_

LOSSES = (("marked", "random"),)


def _depends(method: str) -> Phrases:
    """Return the words of the claim that a method's marks depend on the network."""
    return Phrases(
        sentence=N_("{method}: the marks depend on the network, and not on the picture alone."),
        versus=N_(
            "The marks in this network and in one with random weights have a likeness of {value}. 1: the same "
            "order of all dots; 0: no order in common. Above {alike}, the marks would mostly be those of the "
            "picture. Measured on the {pictures} pictures in which both networks mark some dots more than others."
        ),
        method=N_(
            "A method that marks the same dots in a network with random weights shows the picture, not the "
            "decision. All dots count, also empty ones. Supported if the likeness, with its interval, lies below "
            "{alike}; not supported if it lies above."
        ),
        technical=N_(
            "Rank correlation of the marks’ sizes (Adebayo and others 2018); percentile bootstrap over pictures."
        ),
        reference=N_("half alike"),
        theme="decisions",
        top=1.0,
        unit="number",
        fillings={"method": said(method)},
    )


def _matters(method: str) -> Phrases:
    """Return the words of the claim that the pixels that a method marks matter."""
    return Phrases(
        sentence=N_("{method}: the marked dots matter more to the decision than others."),
        versus=N_(
            "Blanking the {share} of the dots that are marked most costs {marked} points of the answer’s "
            "probability; blanking the same number of random dots that are not empty costs {random}. The "
            "difference is {value} points, on average over {pictures} pictures."
        ),
        method=N_(
            "Supported if the difference and all of its interval are above zero; not supported if it is not above "
            "zero; in between it cannot be told."
        ),
        technical=N_("Deletion test, paired; percentile bootstrap over pictures."),
        reference=N_("no difference"),
        theme="decisions",
        unit="points",
        fillings={
            "method": said(method),
            "share": percent("blanked"),
            "marked": part("marked", "points", LOSSES),
            "random": part("random", "points", LOSSES),
        },
        parts=LOSSES,
    )


PHRASES: dict[str, Phrases] = {
    "background": Phrases(
        sentence=N_("More filters of the first layer answer to an empty picture than without training."),
        versus=N_(
            "{answering} of {units} filters ({value}) answer to an empty, dark picture, in the untrained twin "
            "{beside}. This is the tinted ground of their maps, not a fault."
        ),
        cases=(
            (
                none("answering"),
                N_(
                    "Not one of the {units} filters answers to an empty, dark picture. In the untrained twin the "
                    "share is {beside}."
                ),
            ),
        ),
        method=N_(
            "The network is shown a picture as dark as can be, and the filters that answer above zero "
            "are counted. Supported if there are more than in the untrained twin."
        ),
        technical=N_("Counted, so that there is no interval."),
        reference=N_("untrained twin"),
        theme="filters",
        top=1.0,
        fillings={"answering": count("answering"), "units": count("units")},
    ),
    "few_matter": Phrases(
        sentence=N_("{layer}: a few units carry more than their share of the work."),
        versus=N_(
            "If units are switched off one at a time, {lost} answers turn wrong in all: {value} of them for the "
            "{costliest} units that are needed most. If all were needed alike it would be {beside} ({low} to "
            "{high}). For {needed} of {units} units the loss is more than luck."
        ),
        cases=(
            (
                none("needed"),
                N_(
                    "If units are switched off one at a time, {lost} answers turn wrong in all: {value} of them "
                    "for the {costliest} units that are needed most. If all were needed alike it would be "
                    "{beside} ({low} to {high}). For no unit is the loss more than luck."
                ),
            ),
        ),
        method=N_(
            "Each unit in turn is held at its mean answer while {pictures} pictures go through. Chance: "
            "the same number of newly wrong answers, spread at random over the units that work. "
            "Supported if the share is above {upper} of 100 such draws; it cannot be told where no "
            "single unit is needed by more than luck."
        ),
        technical=N_(
            "Ablation to the mean (Morcos and others 2018); multinomial draws; single units by McNemar’s "
            "exact test with a false discovery rate of {false_share} (Benjamini and Hochberg 1995)."
        ),
        reference=N_("by chance"),
        theme="units",
        top=1.0,
        fillings={
            "costliest": count("costliest"),
            "lost": count("lost"),
            "needed": count("needed"),
            "units": count("units"),
        },
    ),
    "lookalikes": Phrases(
        sentence=N_("Kinds that look alike are taken for each other more often."),
        versus=N_(
            "For each of {pairs} pairs of kinds: how often are the two taken for each other, and how near do "
            "their mean pictures lie? The agreement is {value}. 1: the same order of all pairs; 0: no order in "
            "common. Names in random order give {beside} ({low} to {high})."
        ),
        method=N_(
            "The pairs are put in order once by mistakes, counted over {pictures} pictures, and once by "
            "likeness, dot by dot. The number tells how well the two orders agree. Supported if that is "
            "better than with the names of the kinds in random order in {upper} of 100 draws."
        ),
        technical=N_("Rank correlation (Spearman 1904) with Mantel’s test (1967), {orders} permutations."),
        reference=N_("by chance"),
        theme="decisions",
        top=1.0,
        unit="number",
        fillings={"pairs": count("pairs")},
    ),
    "grad_cam_depends": _depends(N_("Grad-CAM")),
    "grad_cam_matters": _matters(N_("Grad-CAM")),
    "integrated_gradients_depends": _depends(N_("Integrated gradients")),
    "integrated_gradients_matters": _matters(N_("Integrated gradients")),
}
