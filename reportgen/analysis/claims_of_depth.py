"""The sentences about what grows or fades from layer to layer; the rule of each is fixed here, before the numbers.

All of them hold a growth of the trained network against the same growth in its untrained twins. The words of the
sentences are not known here.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from reportgen.analysis.changes import CHANGES
from reportgen.analysis.claims import (
    FEWEST,
    FEWEST_A_CLASS,
    Claim,
    Verdict,
    answers_of,
    cannot_tell,
    growths,
    higher,
    judged,
    learned_growth,
    step_from,
    surveyed,
)
from reportgen.analysis.feature_maps import class_selectivity, pictured_classes
from reportgen.analysis.intervals import Measured, bootstrap_difference
from reportgen.analysis.spaces import detail_loss, likeness, likeness_growth, over_twins, probe_growth
from reportgen.snapshot import Layer, Responses, Space

PIXELS = 2
"""By so many pixels to the right is a picture shifted where tolerance is judged."""
SHIFT = CHANGES.index(f"shift_{PIXELS}")

Growth = Callable[[Space, Space], Measured | None]


def separable(pixels: Space, last: Layer, seed: int) -> Claim:
    """Return whether classes are easier to tell apart in the last layer of units than in the pixels, by training.

    Supported when a linear probe's accuracy grows, and by more than in the untrained twin, with both intervals
    apart; not supported when it does not grow, or not by more than in the twin.
    """
    firsts = (pixels,) * (1 + len(last.twin_spaces))
    return _grown("separable", firsts, last, lambda a, b: probe_growth(a, b, seed), _tested(last))


def not_separable_untrained(pixels: Space, last: Layer, seed: int) -> Claim:
    """Return whether, without training, classes are no easier to tell apart in the last layer than in the pixels.

    Supported when the interval of the twins' growth does not reach above zero, not supported when all of it does.
    """
    grown = over_twins([probe_growth(pixels, each, seed) for each in last.twin_spaces])
    if grown is None or _tested(last) < FEWEST:
        return cannot_tell("not_separable_untrained", last, "nothing")
    verdict = Verdict.SUPPORTED if grown.high <= 0 else Verdict.CANNOT_TELL
    return judged(
        "not_separable_untrained",
        last,
        grown,
        "nothing",
        0.0,
        Verdict.NOT_SUPPORTED if grown.low > 0 else verdict,
        pictures=_tested(last),
        details={
            "pixels": float(pixels.probe_right.mean()),
            "last": float(np.mean([each.probe_right.mean() for each in last.twin_spaces])),
        },
    )


def steadier(first: Layer, last: Layer, seed: int) -> Claim:
    """Return whether a shift by two pixels changes less in the last layer than in the first, by training.

    Supported when the likeness of the shifted picture grows, and by more than in the untrained twin.
    """
    pairs = zip(_spaces(first), _spaces(last), strict=False)
    pictures = min((_shifted(*pair) for pair in pairs), default=0)
    growth, step = partial(likeness_growth, change=SHIFT, seed=seed), step_from(first)
    return _grown("steadier", _spaces(first), last, growth, pictures, step)


def learned_tolerance(layer: Layer, seed: int) -> Claim:
    """Return whether training made a layer of maps overlook a shift by two pixels.

    Supported when the likeness of the shifted picture, with its interval, lies above the untrained twin's; not
    supported when it is not above the twin's.
    """
    own = likeness(layer.space, SHIFT, seed) if layer.space else None
    twin = over_twins([likeness(each, SHIFT, seed) for each in layer.twin_spaces])
    pictures = min((_shifted(each) for each in _spaces(layer)), default=0)
    if own is None or twin is None or pictures < FEWEST:
        return cannot_tell("learned_tolerance", layer, "twin")
    return judged("learned_tolerance", layer, own, "twin", twin, higher(own, twin), pictures=pictures)


def loses_detail(first: Layer, last: Layer, seed: int) -> Claim:
    """Return whether less of the picture can be rebuilt out of the last layer than out of the first, by training.

    Supported when the share of the variance that is rebuilt falls, and by more than in the untrained twin.
    """
    growth, step = partial(detail_loss, seed=seed), step_from(first)
    return _grown("loses_detail", _spaces(first), last, growth, _tested(last), step)


def choosier(first: Layer, last: Layer, seed: int) -> Claim:
    """Return whether units of the last layer prefer one class more than those of the first, by training.

    Supported when the mean class selectivity grows, and by more than in the untrained twin; the intervals are over
    the units of both layers. It cannot be told from fewer than five units with a selectivity in any of the layers,
    nor from fewer than ten pictures a class: see `claims.favourite_class`.
    """
    if not (answers_of(first) and answers_of(last)):
        return cannot_tell("choosier", last, "twin", step_from(first))
    if not _enough_for_selectivity(*answers_of(first), *answers_of(last)):
        return cannot_tell("choosier", last, "twin", step_from(first))
    own, twin = growths(first, last, lambda a, b: _selectivity_growth(a, b, seed))
    return _learned("choosier", last, own, twin, surveyed(last), step_from(first))


def _selectivity_growth(first: Responses, last: Responses, seed: int) -> Measured | None:
    return bootstrap_difference(class_selectivity(first), class_selectivity(last), seed)


def _enough_for_selectivity(*responses: Responses) -> bool:
    units = min(int(np.isfinite(class_selectivity(each)).sum()) for each in responses)
    classes = max(len(pictured_classes(each)) for each in responses)
    return units >= FEWEST and min(each.pictures for each in responses) >= FEWEST_A_CLASS * classes


def _grown(
    kind: str,
    firsts: tuple[Space, ...],
    last: Layer,
    growth: Growth,
    pictures: int,
    details: Mapping[str, float] | None = None,
) -> Claim:
    """Return the claim that a measure grows from the first spaces, the trained one first, to a layer's."""
    if last.space is None or len(firsts) != 1 + len(last.twin_spaces):
        return cannot_tell(kind, last, "twin", details)
    own, *twins = [growth(a, b) for a, b in zip(firsts, (last.space, *last.twin_spaces), strict=True)]
    return _learned(kind, last, own, over_twins(twins), pictures, details)


def _learned(
    kind: str,
    last: Layer,
    own: Measured | None,
    twin: Measured | None,
    pictures: int,
    details: Mapping[str, float] | None,
) -> Claim:
    if own is None or twin is None or pictures < FEWEST:
        return cannot_tell(kind, last, "twin", details)
    return judged(kind, last, own, "twin", twin, learned_growth(own, twin), pictures, details)


def _spaces(layer: Layer) -> tuple[Space, ...]:
    return (layer.space, *layer.twin_spaces) if layer.space else ()


def _shifted(*spaces: Space) -> int:
    """Return over how many pictures it is known of all of some spaces how alike the shifted picture stays."""
    return int(np.isfinite([each.likeness[SHIFT] for each in spaces]).all(axis=0).sum())


def _tested(layer: Layer) -> int:
    return len(layer.space.rebuild_error) if layer.space else 0
