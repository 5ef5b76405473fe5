"""Whether the pixels that a method marks tell of what the network learned, and of what it decides by.

It knows no words, and not how the marks were made.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.claims import FEWEST, NOTHING, Verdict, higher
from reportgen.analysis.intervals import Measured, bootstrap_mean
from reportgen.snapshot import Doubles, MarkedPixels

MISSED = 0.25
"""Share of the change of the answer that the marks may miss in the median of the tested pictures; above it, the
path was too short for this network, and it is not the method that is tested."""
ALIKE = 0.5
"""Mean rank correlation above which the marks of a trained and a random network are the same in the main."""


@dataclass(frozen=True)
class MethodStudy:
    """How one method of marking pixels stands its two tests."""

    method: str
    """As `MarkedPixels.method`."""
    likeness: Measured | None
    """Mean rank correlation with the marks in the randomised network; None for fewer than two pictures."""
    compared: int
    """Pictures in which that correlation is defined: neither map is one constant."""
    depends: Verdict
    """Whether the marks depend on what was learned (Adebayo et al. 2018, Sanity checks for saliency maps)."""
    drop: Measured | None
    """Mean over the pictures of the loss by blanking the most marked pixels less that by blanking random ones."""
    matters: Verdict
    """Whether the marked pixels matter more to the answer than others that are not empty."""
    pictures: int
    """Pictures that were blanked."""


def method_study(marked: MarkedPixels, seed: int) -> MethodStudy:
    """Return both tests of one method, with bootstrap intervals over the pictures.

    The marks depend on what was learned when the interval of the mean rank correlation lies below 0.5; they do not
    when it lies above. The marked pixels matter when the interval of the paired difference lies above zero; they
    do not when its mean is zero or less. In between, for fewer than five pictures, and where the marks do not add
    up to what they have to, it cannot be told.
    """
    likeness = bootstrap_mean(marked.likeness, seed)
    difference = marked.drop_marked - marked.drop_random
    drop = bootstrap_mean(difference, seed)
    sound = not marked.missed.size or float(np.median(marked.missed)) <= MISSED
    compared, blanked = (int(np.isfinite(each).sum()) for each in (marked.likeness, difference))
    return MethodStudy(
        method=marked.method,
        likeness=likeness,
        compared=compared,
        depends=_depends(likeness) if likeness and compared >= FEWEST and sound else Verdict.CANNOT_TELL,
        drop=drop,
        matters=higher(drop, NOTHING) if drop and blanked >= FEWEST and sound else Verdict.CANNOT_TELL,
        pictures=blanked,
    )


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Return Spearman's (1904) rank correlation of two arrays of one size, equal values sharing their mean rank.

    Not a number where either is constant or holds a value that is not finite: there is no order to compare then.
    """
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return float("nan")
    a, b = (centred_ranks(each) for each in (first, second))
    size = np.sqrt(np.sum(a * a) * np.sum(b * b))
    return float(np.sum(a * b) / size) if size > 0 else float("nan")


def centred_ranks(values: NDArray[np.floating]) -> Doubles:
    """Return each value's mean rank less the mean of all ranks; exact, as ranks are whole or half numbers."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    centred: Doubles = ranks[places.ravel()] - (values.size + 1) / 2
    return centred


def _depends(likeness: Measured) -> Verdict:
    if likeness.high < ALIKE:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if likeness.low > ALIKE else Verdict.CANNOT_TELL
