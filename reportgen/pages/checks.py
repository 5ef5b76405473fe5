"""How the methods that mark pixels stood their tests, in words; knows no rule by which a test is passed."""

from dataclasses import dataclass

from reportgen.analysis.claims import Claim, Verdict
from reportgen.pages.cards import MARKS
from reportgen.pages.context import Context
from reportgen.pages.phrases import written


@dataclass(frozen=True)
class Check:
    """How a method stood one of its tests."""

    question: str
    verdict: str
    """`yes`, `no` or `unknown`."""
    verdict_word: str
    text: str
    card: str
    """Path of the claim card with the whole test."""


def checks(method: str, context: Context) -> tuple[Check, ...]:
    """Return how a method, named as in `MarkedPixels`, stood both of its tests."""
    _, claims_of = context.words.gettext, context.analysis.claims_of
    tests = (
        ("depends", _("Do the marks depend on the network?"), _depends_in_words),
        ("matters", _("Do the marked dots matter more than others?"), _matters_in_words),
    )
    return tuple(
        _check(claim, question, in_words(claim, context), context)
        for test, question, in_words in tests
        for claim in claims_of(f"{method}_{test}")
    )


def _check(claim: Claim, question: str, text: str, context: Context) -> Check:
    _ = context.words.gettext
    verdict_word = {
        Verdict.SUPPORTED: _("Passed its check"),
        Verdict.NOT_SUPPORTED: _("Failed its check"),
        Verdict.CANNOT_TELL: _("The check cannot tell"),
    }[claim.verdict]
    card = f"{context.path('depth.html')}#{claim.id}"
    return Check(question, MARKS[claim.verdict], verdict_word, text, card)


def _depends_in_words(claim: Claim, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if claim.value is None:
        return _("This could not be measured: there are too few pictures in which anything is marked.")
    text = {
        Verdict.SUPPORTED: _(
            "Yes: with random weights the marks lie elsewhere. The likeness is {value}; 1: the same order of all "
            "dots, 0: no order in common. Measured on the {pictures} pictures in which both networks mark some "
            "dots more than others."
        ),
        Verdict.NOT_SUPPORTED: _(
            "No: with random weights nearly the same dots are marked, so these marks show the picture more than "
            "the decision. The likeness is {value}; 1: the same order of all dots, 0: no order in common. "
            "Measured on the {pictures} pictures in which both networks mark some dots more than others."
        ),
        Verdict.CANNOT_TELL: _(
            "The likeness to the marks of random weights is {value}; 1: the same order of all dots, 0: no order "
            "in common. On the {pictures} pictures in which both networks mark some dots more than others, that "
            "is too uncertain for a verdict."
        ),
    }[claim.verdict]
    return text.format(value=written(claim.value, words, "number"), pictures=words.count(claim.pictures))


def _matters_in_words(claim: Claim, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if claim.value is None:
        return _("This could not be measured: there are too few pictures.")
    details = claim.details
    marked, random = (words.fixed(100 * details.get(name, 0.0), 1) for name in ("marked", "random"))
    text = {
        Verdict.SUPPORTED: _(
            "Yes: blanking the {share} of the dots that are marked most costs the answer {marked} points of its "
            "probability; blanking the same number of random dots that are not empty costs less: {random}. "
            "Averaged over {pictures} pictures."
        ),
        Verdict.NOT_SUPPORTED: _(
            "No: blanking the {share} of the dots that are marked most costs the answer {marked} points of its "
            "probability; blanking the same number of random dots that are not empty costs more: {random}. "
            "Averaged over {pictures} pictures."
        ),
        Verdict.CANNOT_TELL: _(
            "Blanking the {share} of the dots that are marked most costs the answer {marked} points of its "
            "probability; blanking the same number of random dots that are not empty costs {random}. On "
            "{pictures} pictures that is too uncertain for a verdict."
        ),
    }[claim.verdict]
    if claim.verdict is Verdict.NOT_SUPPORTED and marked == random:
        text = _(
            "No: blanking the {share} of the dots that are marked most costs the answer {marked} points of its "
            "probability, and blanking the same number of random dots that are not empty costs just as much. "
            "Averaged over {pictures} pictures."
        )
    return text.format(
        share=words.percent(details.get("blanked", 0.0)),
        marked=marked,
        random=random,
        pictures=words.count(claim.pictures),
    )
