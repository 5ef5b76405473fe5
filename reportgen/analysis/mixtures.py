"""What filters with many inputs mix: their strongest inputs, and how many patterns a whole layer has to mix them.

How well one pattern stands for a filter is told in `filters.summaries`; here it is the layer that counts.
"""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.filters import filter_weight, finite, oriented
from reportgen.analysis.intervals import Measured, spread
from reportgen.snapshot import Doubles, Floats, Integers, Layer

STRONGEST = 5
DRAWS = 20
MOST_FILTERS = 64
"""Of a layer with more, so many are drawn for the effective rank, the same before and after training."""


@dataclass(frozen=True, eq=False)
class MixtureStudy:
    """What the filters of one convolution make of their inputs."""

    layer: int
    strongest: Integers
    """(filters, up to 5): the inputs that hold most of a filter's energy, the first most."""
    share: Doubles
    """(filters, up to 5): the share that each holds; 0 in a filter of zeros."""
    even_share: float
    """The share that every input had if all were equal."""
    ranked: int
    """Filters that the effective ranks were computed of; none of the ranks can be larger."""
    rank: float
    """See `effective_rank`; after training."""
    rank_untrained: float
    rank_shuffled: Measured
    """After training, with the weights of each filter put in random order."""


def mixture_study(layer: Layer, seed: int) -> MixtureStudy | None:
    """Return what a convolution's filters mix, None for other layers and for one that reads a single channel."""
    weight = filter_weight(layer)
    if weight is None:
        return None
    kernel, initial = oriented(layer.kind, weight.values), oriented(layer.kind, weight.before)
    inputs, filters = kernel.shape[2:]
    if inputs < 2:
        return None
    strongest, share = strongest_inputs(kernel)
    chosen = _chosen(filters, seed)
    return MixtureStudy(
        layer=layer.index,
        strongest=strongest,
        share=share,
        even_share=1 / inputs,
        ranked=len(chosen),
        rank=effective_rank(_columns(kernel[..., chosen])),
        rank_untrained=effective_rank(_columns(initial[..., chosen])),
        rank_shuffled=spread(shuffled_ranks(_columns(kernel[..., chosen]), seed)),
    )


def strongest_inputs(kernel: Floats) -> tuple[Integers, Doubles]:
    """Return each filter's strongest inputs and their shares of its energy, (filters, up to 5) both.

    The energy of an input is the sum of its squared weights. Of equal inputs the first comes first; weights that
    are infinite or not a number count as zero.
    """
    weights = finite(kernel)
    energy = np.einsum("hwif,hwif->fi", weights, weights)
    order = np.argsort(-energy, axis=1, kind="stable")[:, :STRONGEST]
    whole = energy.sum(axis=1, keepdims=True)
    strongest = np.take_along_axis(energy, order, axis=1)
    return order.astype(np.int64), np.divide(strongest, whole, out=np.zeros_like(strongest), where=whole > 0)


def effective_rank(matrix: Doubles) -> float:
    """Return the effective rank of a matrix: exp of the entropy of its singular values as shares of their sum.

    Between 1, where all columns are multiples of one, and the number of columns, where all are orthogonal and of
    equal length; 0 for a matrix of zeros (Roy & Vetterli 2007, The effective rank: a measure of effective
    dimensionality, EUSIPCO).
    """
    # The roots of the smaller Gram matrix's eigenvalues: a hundred times as fast, and exact enough for an entropy.
    gram = matrix.T @ matrix if matrix.shape[0] > matrix.shape[1] else matrix @ matrix.T
    values = np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0.0))
    if not values.any():
        return 0.0
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def shuffled_ranks(matrix: Doubles, seed: int, draws: int = DRAWS) -> Doubles:
    """Return the effective rank after the rows of each column were put in random order, (draws,).

    Every filter keeps its weights, and so its strength, which counts towards the rank; what the filters have in
    common, beyond their mean, goes.
    """
    random = np.random.default_rng(seed)
    return np.array([effective_rank(random.permuted(matrix, axis=0)) for _ in range(draws)])


def _chosen(filters: int, seed: int) -> Integers:
    if filters <= MOST_FILTERS:
        return np.arange(filters)
    drawn = np.random.default_rng(seed).choice(filters, MOST_FILTERS, replace=False)
    return np.sort(drawn).astype(np.int64)


def _columns(kernel: Floats) -> Doubles:
    """Return the filters as the columns of a matrix, (height × width × inputs, filters)."""
    return finite(kernel).reshape(-1, kernel.shape[3])
