"""The sentences about single decisions: what the marked pixels tell, and which classes are taken for each other.

The rule of every verdict is fixed here and in `attribution`, before a network is seen. The words of the sentences
are not known here.
"""

import numpy as np

from reportgen.analysis.attribution import ALIKE, MethodStudy, centred_ranks
from reportgen.analysis.claims import Claim, above, cannot_tell, judged
from reportgen.analysis.intervals import spread
from reportgen.analysis.results import Results
from reportgen.snapshot import Doubles, Floats, Layer

DRAWS = 1000
FEWEST_CLASSES = 4
"""Classes below which there are too few orders of them to tell anything by chance."""


def marks_depend(layer: Layer, study: MethodStudy) -> Claim:
    """Return whether a method's marks depend on what the network has learned; see `attribution.method_study`."""
    if study.likeness is None:
        return cannot_tell(f"{study.method}_depends", layer, "half")
    return judged(
        f"{study.method}_depends", layer, study.likeness, "half", ALIKE, study.depends, pictures=study.compared
    )


def marks_matter(layer: Layer, study: MethodStudy, lost: tuple[float, float], blanked: float) -> Claim:
    """Return whether the pixels that a method marks matter more than others; see `attribution.method_study`.

    Args:
        layer: the one that the marks come from.
        study: both tests of the method.
        lost: probability lost on average by blanking marked pixels, and by blanking random ones.
        blanked: share of the pixels.
    """
    if study.drop is None:
        return cannot_tell(f"{study.method}_matters", layer, "nothing")
    return judged(
        f"{study.method}_matters",
        layer,
        study.drop,
        "nothing",
        0.0,
        study.matters,
        pictures=study.pictures,
        details={"marked": lost[0], "random": lost[1], "blanked": blanked},
    )


def lookalikes(layer: Layer, found: Results, class_pictures: Floats, seed: int) -> Claim:
    """Return whether the network takes those classes for each other whose pictures look alike.

    The value is the rank correlation, over all pairs of classes, of how often the two are taken for each other
    with how near their mean pictures lie. Chance: the classes' names put in random order 1,000 times (Mantel 1967,
    The detection of disease clustering). Supported when it exceeds 97.5 of 100 of these.
    """
    counts = found.confusion.sum(axis=1)
    usable = class_pictures.shape[0] == len(found.confusion) and bool(np.isfinite(class_pictures).all())
    if len(found.confusion) < FEWEST_CLASSES or not usable or not counts.all():
        return cannot_tell("lookalikes", layer, "chance")
    shares = found.confusion / counts[:, np.newaxis]
    mistaken, near = shares + shares.T, -_distances(class_pictures)
    value, draws = mantel(mistaken, near, seed)
    if not (np.isfinite(value) and np.isfinite(draws).all()):
        return cannot_tell("lookalikes", layer, "chance")
    chance = spread(draws)
    return judged(
        "lookalikes",
        layer,
        value,
        "chance",
        chance,
        above(value, chance),
        pictures=found.pictures,
        details={"pairs": len(near) * (len(near) - 1) // 2},
    )


def _distances(pictures: Floats) -> Doubles:
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    distances: Doubles = np.sqrt(((flat[:, np.newaxis] - flat) ** 2).sum(axis=2))
    return distances


def mantel(one: Doubles, other: Doubles, seed: int) -> tuple[float, Doubles]:
    """Return the rank correlation of two symmetric matrices over all pairs, and what chance makes of it.

    The rows and columns of one are put in random order together (Mantel 1967), which keeps the ranks of its pairs
    and only hands them to other pairs.

    Returns: the correlation, and (draws,).
    """
    rows, columns = np.triu_indices(len(one), 1)
    first, second = centred_ranks(one[rows, columns]), centred_ranks(other[rows, columns])
    size = float(np.sqrt((first @ first) * (second @ second)))
    if not size > 0:
        return float("nan"), np.full(DRAWS, np.nan)
    table = np.zeros_like(other)
    table[rows, columns] = table[columns, rows] = second
    random = np.random.default_rng(seed)
    orders = np.stack([random.permutation(len(one)) for _ in range(DRAWS)])
    handed = table[orders[:, rows], orders[:, columns]]
    return float(first @ second) / size, np.einsum("dp,p->d", handed, first) / size
