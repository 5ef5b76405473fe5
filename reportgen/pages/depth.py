"""From low to high: every measurement layer by layer, beside the untrained twin, and every claim."""

from dataclasses import dataclass
from typing import ClassVar

from reportgen.analysis.claims import Claim, Verdict
from reportgen.analysis.intervals import ENDS
from reportgen.pages.cards import PHRASES, claim_card, few_of_each_kind, others_in_words
from reportgen.pages.context import Context
from reportgen.pages.measurements import Measurement, measurements
from reportgen.pages.parts import ClaimCard, Head, Link, Row, Table
from reportgen.pages.spaces import Alignment, Maps, alignment, maps_of_spaces

THEMES = ("filters", "depth", "units", "training", "decisions")
"""In the order of the page."""
ONE_SIDED = ENDS[0] / 100
"""How often chance alone would support a sentence that it is held against."""


@dataclass(frozen=True)
class Theme:
    """The claims about one thing."""

    id: str
    title: str
    claims: tuple[ClaimCard, ...]


@dataclass(frozen=True)
class DepthPage:
    """`depth.html`."""

    template: ClassVar[str] = "depth.html"

    head: Head
    tally: str
    luck: str
    others: str
    """Where the sentences stand that there is no room for; empty where all are told."""
    standfirst: str
    themes: tuple[Theme, ...]
    measurements: tuple[Measurement, ...]
    alignment: Alignment | None
    maps: Maps | None
    fields: Table
    next: tuple[Link, ...]


def depth_page(context: Context) -> DepthPage:
    """Return the page of measurements."""
    _ = context.words.gettext
    return DepthPage(
        head=context.head(
            "depth.html",
            _("From low to high"),
            _("Measurements layer by layer, beside the untrained twin, and what they support."),
            "depth",
        ),
        tally=tally(context),
        luck=_luck(context),
        others=others_in_words(context, context.analysis.claims),
        standfirst=_standfirst(context),
        themes=_themes(context),
        measurements=measurements(context),
        alignment=alignment(context),
        maps=maps_of_spaces(context),
        fields=_fields(context),
        next=_next(context),
    )


def _standfirst(context: Context) -> str:
    """Return why there is a twin in this report, and what it is."""
    _ = context.words.gettext
    why = _("A curve that rises proves little: random filters make one too.")
    if context.analysis.snapshot.twin_origin != "none":
        why += " " + _("So every measurement here stands beside that of an untrained twin.")
    return f"{why} {twin_in_words(context)}"


def theme_of(claim: Claim) -> str:
    """Return what a claim is about: one of `THEMES`."""
    return PHRASES[claim.kind].theme


def tally(context: Context) -> str:
    """Return how many sentences were tested, and with which outcome."""
    words, _ = context.words, context.words.gettext
    verdicts = [claim.verdict for claim in context.analysis.claims]
    return _(
        "Sentences put to the test on this network: {total}. Supported: {supported}; not supported: {refuted}; "
        "cannot tell: {unknown}."
    ).format(
        total=words.count(len(verdicts)),
        supported=words.count(verdicts.count(Verdict.SUPPORTED)),
        refuted=words.count(verdicts.count(Verdict.NOT_SUPPORTED)),
        unknown=words.count(verdicts.count(Verdict.CANNOT_TELL)),
    )


def _luck(context: Context) -> str:
    """Return how many of so many tests luck alone would pass."""
    words = context.words
    tests = sum(claim.value is not None for claim in context.analysis.claims)
    return words.gettext(
        "Each test is passed by luck alone in at most {rate} of cases, so of {tests} about {lucky} may be. Where "
        "many units are tested at once, the tests are made stricter for that."
    ).format(rate=words.percent(ONE_SIDED), tests=words.count(tests), lucky=words.fixed(ONE_SIDED * tests, 1))


def _themes(context: Context) -> tuple[Theme, ...]:
    _ = context.words.gettext
    titles = {
        "filters": _("What the filters look for"),
        "depth": _("What changes from layer to layer"),
        "units": _("What single units are needed for"),
        "training": _("How it came about"),
        "decisions": _("How it decides, and what it mistakes"),
    }
    claims = few_of_each_kind(context.analysis.claims)
    themes = [
        Theme(
            theme,
            titles[theme],
            tuple(claim_card(each, context) for each in claims if theme_of(each) == theme),
        )
        for theme in THEMES
    ]
    return tuple(theme for theme in themes if theme.claims)


def _next(context: Context) -> tuple[Link, ...]:
    _ = context.words.gettext
    return (
        Link(context.path("index.html"), _("The story from the start"), _("A picture goes in, a word comes out.")),
        Link(context.path("layers/index.html"), _("All layers"), _("Every layer with all its numbers.")),
        Link(
            context.path("about.html"),
            _("How this was made"),
            _("Every measure with its source, and what is not shown."),
        ),
    )


def twin_in_words(context: Context) -> str:
    """Return what the untrained twin is in this report."""
    _ = context.words.gettext
    if context.analysis.snapshot.twin_origin == "recorded":
        return _(
            "The untrained twin is this same network at the moment before its training began: its own first "
            "weights were kept."
        )
    if context.analysis.snapshot.twin_origin == "none":
        return _(
            "This network has no untrained twin: it could not be built a second time. Nothing here "
            "says what it learned."
        )
    if not context.analysis.snapshot.showcase:
        return _(
            "The first weights of this network are not known. The untrained twin is a network of the same build "
            "with freshly drawn weights (seed {seed})."
        ).format(seed=context.analysis.snapshot.twin_seed)
    if _twins(context) == 1:
        return _(
            "The first weights of this network are not known. The untrained twin is a network of the same build "
            "with freshly drawn weights (seed {seed}). There is only one, so that nothing tells how much another "
            "would differ."
        ).format(seed=context.analysis.snapshot.twin_seed)
    return _(
        "The first weights of this network are not known. The untrained twins are {twins} networks of the same "
        "build with freshly drawn weights. Pictures show the first (seed {seed}); a number of the twin is their "
        "mean, and its interval tells where one more of them would lie."
    ).format(twins=context.words.count(_twins(context)), seed=context.analysis.snapshot.twin_seed)


def _twins(context: Context) -> int:
    """Return how many untrained twins were looked at."""
    return max((1 + len(layer.other_twins) for layer in context.analysis.snapshot.layers), default=1)


def _fields(context: Context) -> Table:
    words, _ = context.words, context.words.gettext
    rows = []
    for study in context.analysis.layers:
        field = study.field
        if field is not None:
            size = _("the whole picture") if field.is_global else words.size(field.size)
            share = words.percent(1.0 if field.is_global else field.share_of_picture)
            rows.append(Row(context.layer_title(study), (size, share), context.layer_path(study)))
    columns = (_("dots"), _("share of the picture"))
    return Table(
        _("What one unit of each layer can see (by arithmetic; the same in the twin)"), columns, tuple(rows)
    )
