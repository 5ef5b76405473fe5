"""Every term of the field that the pages use, in two sentences."""

from unicodedata import normalize

from reportgen.pages.context import Context
from reportgen.pages.parts import Term
from reportgen.pages.reference import GlossaryPage
from reportgen.pages.settings import settings
from reportgen.pages.words import N_

TERMS = (
    (
        "network",
        N_("Network"),
        N_(
            "A long calculation in steps, with very many adjustable numbers. A picture goes in, and one number "
            "for each kind of answer comes out."
        ),
    ),
    (
        "layer",
        N_("Layer"),
        N_("One step of the calculation. It reads the numbers of the step before and hands its own to the next."),
    ),
    (
        "unit",
        N_("Unit"),
        N_(
            "One filter of a convolution, or one number of a dense layer. What it puts out is called its answer "
            "or activation."
        ),
    ),
    (
        "weight",
        N_("Weight"),
        N_("One of the numbers that training adjusts. A number that comes in is multiplied with it."),
    ),
    (
        "bias",
        N_("Bias"),
        N_(
            "A number that a unit adds at the end, whatever it sees. If it is above zero, the unit answers even "
            "to an empty picture."
        ),
    ),
    (
        "convolution",
        N_("Convolution"),
        N_("A layer whose filters slide over the picture. The same small set of weights is used at every place."),
    ),
    (
        "filter",
        N_("Filter"),
        N_(
            "A small square of weights, also called kernel, that is laid on the picture everywhere. It answers "
            "where the picture looks like its pattern."
        ),
    ),
    (
        "feature-map",
        N_("Feature map"),
        N_("All answers of one filter, laid out like the picture. Bright places are where its pattern was found."),
    ),
    ("relu", N_("ReLU"), N_("A rule that turns every number below zero into zero. It lets a unit stay silent.")),
    (
        "pooling",
        N_("Pooling"),
        N_(
            "A step that makes maps smaller by keeping one value of each small square. What is lost is the exact "
            "place."
        ),
    ),
    (
        "dense",
        N_("Dense layer"),
        N_("A layer in which every unit listens to every number that comes in. It no longer knows of places."),
    ),
    (
        "dropout",
        N_("Dropout"),
        N_("A step that switches off random units while training. In use it does nothing."),
    ),
    (
        "softmax",
        N_("Softmax"),
        N_("The last step, which turns numbers into probabilities. They are all above zero and add up to one."),
    ),
    (
        "receptive-field",
        N_("Receptive field"),
        N_("The part of the picture that can reach a unit. What lies outside cannot change its answer."),
    ),
    (
        "epoch",
        N_("Epoch"),
        N_(
            "One round of training over all training pictures. After each, the network is tested on pictures "
            "kept aside."
        ),
    ),
    ("loss", N_("Loss"), N_("One number for how wrong the answers were. Training makes it smaller step by step.")),
    (
        "twin",
        N_("Untrained twin"),
        N_("The same network before it learned anything. What the twin can do as well was not learned."),
    ),
    (
        "chance",
        N_("Chance"),
        N_(
            "What one would get without any structure, by shuffling or by drawing at random. Only what lies "
            "beyond it means something."
        ),
    ),
    (
        "interval",
        N_("Interval"),
        N_(
            "The range in which a number lies in {within} of 100 repetitions. If two intervals overlap widely, "
            "the difference may be luck."
        ),
    ),
    (
        "selectivity",
        N_("Class selectivity"),
        N_(
            "How much a unit prefers one kind of picture to all others, from 0 to 1. Units that never answer "
            "have none."
        ),
    ),
    (
        "dead-unit",
        N_("Dead unit"),
        N_(
            "A unit that answered to none of the pictures it was shown: its value stayed the same. It takes no "
            "part in the answer."
        ),
    ),
    (
        "patch",
        N_("Patch"),
        N_(
            "The piece of a picture that a unit saw where it answered. Patches of the strongest answers show "
            "what a unit looks for, those of the weakest what leaves it cold."
        ),
    ),
    (
        "tuning",
        N_("Tuning curve"),
        N_(
            "How strongly a unit answers to lines of every direction. If it peaks at one direction, the unit is "
            "tuned to it; if it is flat, the direction does not matter."
        ),
    ),
    (
        "feature-visualization",
        N_("Feature visualization"),
        N_(
            "A picture that is made for one unit, by changing the dots until the unit answers as much as "
            "possible. It shows what would excite the unit most, not what it meets in real pictures."
        ),
    ),
    (
        "ablation",
        N_("Ablation"),
        N_(
            "Switching off one unit, by holding it at its mean answer, to see what the network then gets wrong. "
            "If nothing changes, the other units can do without it."
        ),
    ),
    (
        "linear-probe",
        N_("Linear probe"),
        N_(
            "A simple sorter that may only add up the numbers of one layer, each with its own weight. The more "
            "kinds it names correctly, the further that layer has told them apart."
        ),
    ),
    (
        "likeness-of-layers",
        N_("Likeness of layers"),
        N_(
            "A number from 0 to 1 for how alike two layers arrange the same pictures, also called centred "
            "kernel alignment. It is 1 if the pictures that lie near each other in one do so in the other."
        ),
    ),
    (
        "principal-component",
        N_("Principal component"),
        N_(
            "The direction in which a cloud of points is longest; the second is the longest at a right angle to "
            "it. Along the first two, many numbers can be drawn as a flat map that loses as little as possible."
        ),
    ),
    (
        "effective-rank",
        N_("Effective rank"),
        N_(
            "How many patterns are really in a set of filters. Ten filters that are all mixtures of two "
            "patterns have an effective rank of about two."
        ),
    ),
    (
        "grad-cam",
        N_("Grad-CAM"),
        N_(
            "A way to mark where in a picture a decision comes from. It adds up the maps of the last "
            "convolution, each as strongly as it speaks for the answer."
        ),
    ),
    (
        "integrated-gradients",
        N_("Integrated gradients"),
        N_(
            "A way to share out a decision among the dots of a picture. It asks how the answer changes with "
            "each dot while the picture is faded in out of nothing."
        ),
    ),
    (
        "false-discovery",
        N_("False discovery"),
        N_(
            "A find that is only luck: who tests a hundred units will see some stand out by chance. Such tests "
            "are made stricter, so that of all finds at most a small share may be of that kind."
        ),
    ),
    (
        "points",
        N_("Points"),
        N_(
            "The difference between two percentages, also called percentage points. From half of the pictures to "
            "all of them it is fifty points."
        ),
    ),
    (
        "round",
        N_("Round"),
        N_("One pass over all training pictures, also called epoch. In it the network sees each of them once."),
    ),
    (
        "choosiness",
        N_("Choosiness"),
        N_(
            "How much a unit prefers one kind of picture to the others, from 0 to 1. The field calls it class "
            "selectivity."
        ),
    ),
    (
        "sorter",
        N_("Sorter"),
        N_(
            "A simple rule that reads the numbers of one layer and names the kind of the picture. It may only "
            "draw straight lines, and the field calls it a linear probe."
        ),
    ),
    (
        "silent-unit",
        N_("Silent unit"),
        N_(
            "A unit that came above zero in fewer than {silent} of the pictures. Unlike that of a dead one, its "
            "value is not always the same."
        ),
    ),
    (
        "tiny-unit",
        N_("Tiny unit"),
        N_(
            "A unit that never came above {tiny} of the layer’s strongest answer. It does answer, only "
            "very weakly."
        ),
    ),
    (
        "seed",
        N_("Seed"),
        N_(
            "A number from which all random choices of a program follow. With the same seed they come out the "
            "same, with another one differently."
        ),
    ),
    (
        "cosine",
        N_("Cosine"),
        N_(
            "A number for how alike two rows of numbers are in direction, whatever their size. It is 1 for the "
            "same direction, 0 at a right angle, and −1 for opposite ones."
        ),
    ),
    (
        "confusion-matrix",
        N_("Confusion matrix"),
        N_("A table of what the labels say against what the network says. The diagonal holds the right answers."),
    ),
)
"""(address, name, explanation) of each term, in the order in which a reader meets them."""


_OF_UNITS = (
    "unit", "filter", "feature-map", "receptive-field", "patch", "feature-visualization", "ablation", "dead-unit",
    "silent-unit", "tiny-unit",
)  # fmt: skip
USED = {
    "story.html": (
        "network", "layer", "filter", "feature-map", "weight", "chance", "twin", "unit", "convolution", "pooling",
        "dense", "bias",
    ),
    "layer.html": _OF_UNITS,
    "units.html": _OF_UNITS,
    "pictures.html": ("grad-cam", "integrated-gradients", "points"),
    "picture.html": ("feature-map", "grad-cam", "integrated-gradients", "points"),
    "depth.html": (
        "twin", "chance", "interval", "selectivity", "linear-probe", "likeness-of-layers", "principal-component",
        "receptive-field", "effective-rank", "choosiness", "sorter", "points", "cosine",
    ),
    "training.html": ("epoch", "round", "loss", "filter", "weight", "twin", "cosine", "seed"),
    "model.html": ("confusion-matrix", "epoch", "round", "loss", "seed"),
}  # fmt: skip
"""Which terms are explained on a page itself, by its template."""


def terms(context: Context) -> dict[str, Term]:
    """Return every term by its address."""
    _, known = context.words.gettext, settings(context.words)
    return {address: Term(address, _(name), _(text).format(**known)) for address, name, text in TERMS}


def glossary_page(context: Context) -> GlossaryPage:
    """Return the glossary."""
    _ = context.words.gettext
    head = context.head(
        "glossary.html", _("Glossary"), _("Every term of these pages in two sentences."), "glossary"
    )
    return GlossaryPage(head, tuple(sorted(terms(context).values(), key=_place)))


def _place(term: Term) -> tuple[str, str]:
    """Return what a term is sorted by: its letters, whatever their size; Korean ones part by part."""
    return normalize("NFKD", term.name).casefold(), term.id
