"""When the filters took shape during training, and how the weights spread meanwhile.

Only moments up to the best epoch are looked at: what came later belongs to weights that were not kept. It knows
the kernels that were written down, not what happened between two moments.
"""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.charts import Ridge
from reportgen.analysis.filters import filter_weight, finite, oriented
from reportgen.analysis.intervals import Measured, bootstrap_difference, bootstrap_mean
from reportgen.analysis.weights import shared_edges
from reportgen.snapshot import Doubles, Flags, Floats, Integers, Layer, TrainingRecord

SETTLED = 0.9
"""A filter has its form while the cosine to its final weights lies above this."""
MOST_BINS = 40
"""Bins of the weights over time: half as many as a histogram alone may have, for there are a dozen rows."""


@dataclass(frozen=True, eq=False)
class FormationStudy:
    """How the filters of one convolution came to be what they are."""

    layer: int
    moments: Doubles
    """(moments,): epochs that had passed, 0 first; the last is the best epoch, whose weights were kept."""
    cosine: Doubles
    """(moments, filters): to the filter's final weights; not a number for filters of zeros."""
    epochs: Doubles
    """(filters,): when each took shape, see `settled_from`."""
    epochs_even: Doubles
    """(filters,): when each would have, had it gone from its first to its final weights straight and evenly."""
    unsettled: int
    """Filters that had not taken shape at any moment before the end."""
    mean: Measured | None
    """Of `epochs` over the filters; the unsettled count with the end, filters that are zero in the end not."""
    mean_even: Measured | None
    """The same of `epochs_even`."""
    edges: Doubles
    """(bins + 1,): bins of the weights, shared by all moments."""
    counts: Integers
    """(moments, bins): how many weights lay in each."""

    @property
    def alive(self) -> Flags:
        """Which filters are not zero in the end, (filters,)."""
        return _alive(self.cosine)

    def counted(self, epochs: Doubles) -> Doubles:
        """Return `epochs`, or `epochs_even`, of the living filters; the unsettled count with the end."""
        return _counted(epochs, self.moments, self.alive)

    @property
    def ridge(self) -> Ridge:
        """The weights over time as a chart."""
        return Ridge(self.edges, self.counts)


def formation_study(layer: Layer, number: int, record: TrainingRecord, seed: int) -> FormationStudy | None:
    """Return how the filters of a layer, the so-many-th convolution counted from zero, took shape.

    None where the record has no moment of this layer before the best epoch.
    """
    weight = filter_weight(layer)
    kept = [each for each in record.checkpoints if each.epoch <= record.best_epoch and number < len(each.kernels)]
    if weight is None or len(kept) < 2 or any(each.kernels[number].shape != weight.values.shape for each in kept):
        return None
    moments = np.array([each.epoch for each in kept])
    kernels = [oriented(layer.kind, each.kernels[number]) for each in kept]
    return _study(layer.index, moments, kernels, oriented(layer.kind, weight.values), seed)


def cosines(kernel: Floats | Doubles, final: Floats) -> Doubles:
    """Return the cosine of each filter to its final weights, (filters,).

    Kernels are (height, width, inputs, filters). The cosine is not a number where either filter is zero; weights
    that are infinite or not a number count as zero.
    """
    one, other = finite(kernel), finite(final)
    product, *sizes = (np.einsum("hwif,hwif->f", a, b) for a, b in ((one, other), (one, one), (other, other)))
    length = np.sqrt(sizes[0]) * np.sqrt(sizes[1])
    cosine: Doubles = np.divide(product, length, out=np.full(length.shape, np.nan), where=length > 0)
    return cosine


def settled_from(cosine: Doubles, moments: Doubles) -> Doubles:
    """Return the first moment from which each filter's cosine to its final weights stays above 0.9, (filters,).

    A filter that leaves its form again counts from its return. It took shape between that moment and the one
    before. The last moment is the final network itself and proves nothing: a filter that is there only then has
    not a number.
    """
    there = np.logical_and.accumulate((cosine[:-1] > SETTLED)[::-1])[::-1]
    return np.where(there.any(axis=0), moments[there.argmax(axis=0)], np.nan)


def head_start(first: FormationStudy, second: FormationStudy, seed: int) -> Measured | None:
    """Return by how many epochs the filters of one layer took shape before those of another, on average.

    The interval is that of the percentile bootstrap over the filters of both (Efron 1979); None where either has
    fewer than two filters that are not zero. Below zero, the second was first.
    """
    return bootstrap_difference(first.counted(first.epochs), second.counted(second.epochs), seed)


def _study(layer: int, moments: Doubles, kernels: list[Floats], final: Floats, seed: int) -> FormationStudy:
    cosine = np.stack([cosines(kernel, final) for kernel in kernels])
    even = np.stack([cosines(_on_the_way(kernels[0], final, share), final) for share in moments / moments[-1]])
    epochs, epochs_even = settled_from(cosine, moments), settled_from(even, moments)
    alive = _alive(cosine)
    edges, counts = _spread_over_time(kernels)
    return FormationStudy(
        layer=layer,
        moments=moments,
        cosine=cosine,
        epochs=epochs,
        epochs_even=epochs_even,
        unsettled=int(np.count_nonzero(np.isnan(epochs) & alive)),
        mean=bootstrap_mean(_counted(epochs, moments, alive), seed),
        mean_even=bootstrap_mean(_counted(epochs_even, moments, alive), seed),
        edges=edges,
        counts=counts,
    )


def _on_the_way(start: Floats, final: Floats, share: float) -> Doubles:
    first = finite(start)
    return first + share * (finite(final) - first)


def _alive(cosine: Doubles) -> Flags:
    """Return which filters are not zero in the end, where the final weights are held against themselves."""
    return np.asarray(np.isfinite(cosine[-1]), np.bool_)


def _counted(epochs: Doubles, moments: Doubles, alive: Flags) -> Doubles:
    """Return the epochs that a mean is taken of; leaving out the unsettled would make slow layers seem quick."""
    return np.where(np.isnan(epochs), moments[-1], epochs)[alive]


def _spread_over_time(kernels: list[Floats]) -> tuple[Doubles, Integers]:
    """Return shared edges and the counts of every moment between them; the widths are those of the last."""
    weights = [kernel[np.isfinite(kernel)] for kernel in kernels]
    edges = shared_edges(weights[-1], np.concatenate(weights))
    if len(edges) > MOST_BINS + 1:
        edges = np.linspace(edges[0], edges[-1], MOST_BINS + 1)
    return edges, np.stack([np.histogram(each, edges)[0] for each in weights]).astype(np.int64)
