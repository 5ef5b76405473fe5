"""What a filter and the batch normalisation behind it do together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.snapshot import Doubles, Layer

OFF = 0.01
"""A factor below this share of the largest switches its filter all but off."""


@dataclass(frozen=True, eq=False)
class FoldingStudy:
    """The factor by which a batch normalisation multiplies each map of the layer that it alone reads."""

    source: int
    """Index of that layer."""
    factor: Doubles
    """(units,): γ / √(σ² + ε), see `factors`."""
    factor_before: Doubles
    """The same before training."""

    @property
    def off(self) -> int:
        """How many factors are smaller in size than a hundredth of the largest."""
        size = np.abs(self.factor)
        return int(np.count_nonzero(size < OFF * size.max(initial=0.0)))


def folding_study(layer: Layer, layers: Sequence[Layer]) -> FoldingStudy | None:
    """Return what a batch normalisation multiplies the maps of the one layer before it by; None for all others.

    In use, batch normalisation computes γ (x − μ) / √(σ² + ε) + β with fixed μ and σ² (Ioffe & Szegedy 2015, Batch
    normalization), which a linear layer before it can take in: its weights times γ / √(σ² + ε) do the same.
    """
    if layer.kind != "BatchNormalization" or layer.epsilon is None or len(layer.inputs) != 1:
        return None
    (source,) = layer.inputs
    readers = [each.index for each in layers if source in each.inputs]
    before = next((each for each in layers if each.index == source), None)
    if before is None or before.activation or readers != [layer.index]:
        return None
    after = _factors(layer, trained=True)
    first = _factors(layer, trained=False)
    return None if after is None or first is None else FoldingStudy(source, after, first)


def factors(gamma: Doubles | None, variance: Doubles, epsilon: float) -> Doubles:
    """Return γ / √(σ² + ε) of each unit, (units,); γ is one where the layer has none."""
    scale: Doubles = 1 / np.sqrt(variance + epsilon)
    return scale if gamma is None else gamma * scale


def _factors(layer: Layer, *, trained: bool) -> Doubles | None:
    values = {each.name: each.values if trained else each.initial for each in layer.weights}
    variance, gamma = values.get("moving_variance"), values.get("gamma")
    if variance is None or not np.isfinite(variance).all() or (variance < 0).any():
        return None
    if gamma is not None and not np.isfinite(gamma).all():
        return None
    wide = None if gamma is None else gamma.astype(np.float64)
    return factors(wide, variance.astype(np.float64), layer.epsilon or 0.0)
