"""Whether trainings from other seeds end in the same filters.

It compares only filters that read the picture itself. Those of a deeper layer read the units of the layer before,
and no two trainings have these in the same order: their weights cannot be laid beside each other as they are.
"""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.filters import filter_weight, oriented, unit_filters
from reportgen.analysis.intervals import Measured, bootstrap_mean, spread
from reportgen.snapshot import Doubles, Integers, Layer, TrainingRecord

DRAWS, FEWEST_DRAWS = 199, 20
"""Shuffles from which chance is known; in large layers fewer, but never below the second number."""
MOST_PRODUCTS = 200_000_000
"""Products of two weights that chance may cost, about a fifth of a second."""


@dataclass(frozen=True, eq=False)
class AgreementStudy:
    """The filters of one convolution beside those of the same layer in networks from other seeds."""

    layer: int
    seeds: tuple[int, ...]
    """Of the siblings."""
    best: Doubles
    """(siblings, filters): the largest cosine of each filter to any filter of the sibling."""
    match: Integers
    """(siblings, filters): which filter of the sibling that is."""
    mean: Measured
    """Of `best`, with the interval over the filters."""
    untrained: Measured
    """The same for the filters before training, held against the same siblings after theirs."""
    chance: Measured
    """The mean of `best` when the weights of every slice of the siblings' filters are put in random order."""
    draws: int
    """Shuffles that `chance` comes from."""


def agreement_study(layer: Layer, number: int, record: TrainingRecord, seed: int) -> AgreementStudy | None:
    """Return how far other seeds come upon the same filters as a layer, the so-many-th convolution from zero.

    None without siblings, for a layer that does not read the picture itself, and for fewer than two filters.
    """
    weight = filter_weight(layer)
    siblings = [each for each in record.siblings if number < len(each.kernels)]
    if weight is None or layer.inputs != (0,) or not siblings:
        return None
    ours, before, *theirs = (
        unit_filters(oriented(layer.kind, kernel))
        for kernel in (weight.values, weight.before, *(each.kernels[number] for each in siblings))
    )
    if len(ours) < 2 or any(each.shape != ours.shape for each in theirs):
        return None
    best, match = best_matches(ours, theirs)
    draws = chance_of_agreement(ours, theirs, seed)
    return AgreementStudy(
        layer=layer.index,
        seeds=tuple(each.seed for each in siblings),
        best=best,
        match=match,
        mean=_over_filters(best, seed),
        untrained=_over_filters(best_matches(before, theirs)[0], seed),
        chance=spread(draws),
        draws=len(draws),
    )


def best_matches(ours: Doubles, theirs: list[Doubles]) -> tuple[Doubles, Integers]:
    """Return each filter's largest cosine to any filter of each sibling, and which it is: (siblings, filters).

    Filters have the length one, (filters, inputs, places). The sign counts: a bright edge is not a dark one.
    Several filters may have the same match.
    """
    cosine = [np.einsum("fip,gip->fg", ours, other) for other in theirs]
    best = np.stack([each.max(axis=1) for each in cosine])
    return best, np.stack([each.argmax(axis=1) for each in cosine]).astype(np.int64)


def chance_of_agreement(ours: Doubles, theirs: list[Doubles], seed: int, draws: int = DRAWS) -> Doubles:
    """Return the mean best match in `draws` comparisons with shuffled siblings, (draws,).

    The weights of every slice of the siblings' filters are put in random order: their sizes, their signs and how
    bright or dark a filter is on the whole stay, only the arrangement goes (a permutation test, Pitman 1937).
    Where the products would be more than 200 million, there are fewer draws, but at least 20.
    """
    products = len(theirs) * ours.size * len(ours)
    count = min(draws, max(FEWEST_DRAWS, MOST_PRODUCTS // max(products, 1)))
    random = np.random.default_rng(seed)
    shuffled = ([random.permuted(other, axis=2) for other in theirs] for _ in range(count))
    return np.array([best_matches(ours, others)[0].mean() for others in shuffled])


def _over_filters(best: Doubles, seed: int) -> Measured:
    value = float(best.mean())
    return bootstrap_mean(best.mean(axis=0), seed) or Measured(value, value, value)
