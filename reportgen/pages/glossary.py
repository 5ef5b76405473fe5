"""Every term of the field that the pages use, in two sentences."""

from reportgen.pages.context import Context
from reportgen.pages.reference import GlossaryPage, Term


def glossary_page(context: Context) -> GlossaryPage:
    """Return the glossary, in the order in which a reader meets the terms."""
    _ = context.words.gettext
    head = context.head(
        "glossary.html", _("Glossary"), _("Every term of these pages in two sentences."), "glossary"
    )
    return GlossaryPage(head, terms(context))


def terms(context: Context) -> tuple[Term, ...]:
    """Return all terms with their explanations."""
    _ = context.words.gettext
    return (
        Term(
            "network",
            _("Network"),
            _(
                "A long calculation in steps, with very many adjustable numbers. A picture goes in, and one "
                "number for each kind of answer comes out."
            ),
        ),
        Term(
            "layer",
            _("Layer"),
            _(
                "One step of the calculation. It reads the numbers of the step before and hands its own to the "
                "next."
            ),
        ),
        Term(
            "unit",
            _("Unit"),
            _(
                "One filter of a convolution, or one number of a dense layer. What it puts out is called its "
                "answer or activation."
            ),
        ),
        Term(
            "weight",
            _("Weight"),
            _("One of the numbers that training adjusts. A number that comes in is multiplied with it."),
        ),
        Term(
            "bias",
            _("Bias"),
            _(
                "A number that a unit adds at the end, whatever it sees. If it is above zero, the unit answers "
                "even to an empty picture."
            ),
        ),
        Term(
            "convolution",
            _("Convolution"),
            _(
                "A layer whose filters slide over the picture. The same small set of weights is used at every "
                "place."
            ),
        ),
        Term(
            "filter",
            _("Filter"),
            _(
                "A small square of weights, also called kernel, that is laid on the picture everywhere. It "
                "answers where the picture looks like its pattern."
            ),
        ),
        Term(
            "feature-map",
            _("Feature map"),
            _(
                "All answers of one filter, laid out like the picture. Bright places are where its pattern was "
                "found."
            ),
        ),
        Term(
            "relu",
            _("ReLU"),
            _("A rule that turns every number below zero into zero. It lets a unit stay silent."),
        ),
        Term(
            "pooling",
            _("Pooling"),
            _(
                "A step that makes maps smaller by keeping one value of each small square. What is lost is the "
                "exact place."
            ),
        ),
        Term(
            "dense",
            _("Dense layer"),
            _("A layer in which every unit listens to every number that comes in. It no longer knows of places."),
        ),
        Term(
            "dropout",
            _("Dropout"),
            _("A step that switches off random units while training. In use it does nothing."),
        ),
        Term(
            "softmax",
            _("Softmax"),
            _("The last step, which turns numbers into probabilities. They are all above zero and add up to one."),
        ),
        Term(
            "receptive-field",
            _("Receptive field"),
            _("The part of the picture that can reach a unit. What lies outside cannot change its answer."),
        ),
        Term(
            "epoch",
            _("Epoch"),
            _(
                "One round of training over all training pictures. After each, the network is tested on pictures "
                "kept aside."
            ),
        ),
        Term(
            "loss",
            _("Loss"),
            _("One number for how wrong the answers were. Training makes it smaller step by step."),
        ),
        Term(
            "twin",
            _("Untrained twin"),
            _("The same network before it learned anything. What the twin can do as well was not learned."),
        ),
        Term(
            "chance",
            _("Chance"),
            _(
                "What one would get without any structure, by shuffling or by drawing at random. Only what lies "
                "beyond it means something."
            ),
        ),
        Term(
            "interval",
            _("Interval"),
            _(
                "The range in which a number lies in 95 of 100 repetitions. If two intervals overlap widely, the "
                "difference may be luck."
            ),
        ),
        Term(
            "selectivity",
            _("Class selectivity"),
            _(
                "How much a unit prefers one kind of picture to all others, from 0 to 1. Units that never answer "
                "have none."
            ),
        ),
        Term(
            "dead-unit",
            _("Dead unit"),
            _("A unit that gave the same value to every picture it was shown. It takes no part in the decision."),
        ),
        Term(
            "confusion-matrix",
            _("Confusion matrix"),
            _(
                "A table of what the labels say against what the network says. The diagonal holds the right "
                "answers."
            ),
        ),
    )
