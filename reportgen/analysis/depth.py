"""The measurements layer by layer, always beside the untrained twin."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.feature_maps import class_selectivity
from reportgen.analysis.intervals import Measured, bootstrap_mean
from reportgen.analysis.spaces import over_twins
from reportgen.snapshot import Layer, Responses

RECTIFIED = frozenset({"relu", "relu6", "relu_squared", "hard_shrink", "soft_shrink", "threshold"})
"""Activations that give exact zeros."""
RECTIFIER_KINDS = frozenset({"ReLU"})


@dataclass(frozen=True)
class DepthRow:
    """What was measured at one layer, in the trained network and in its untrained twin."""

    layer: int
    zeros: Measured
    """Share of exact zeros among the layer's values, over pictures."""
    zeros_untrained: Measured
    selectivity: Measured | None
    """Mean class selectivity over the units for which it is defined; None where there are too few."""
    selectivity_untrained: Measured | None
    choosy_units: int
    """Units over which the selectivity was averaged."""
    choosy_units_untrained: int
    """The same in the untrained twin; of several the fewest."""
    rectified: bool
    """Whether the layer ends in an activation that gives exact zeros."""


def depth_row(layer: Layer, seed: int) -> DepthRow | None:
    """Return a layer's measurements, None for a layer without outputs."""
    if layer.trained is None or layer.untrained is None or not layer.trained.responses.pictures:
        return None
    selectivity = class_selectivity(layer.trained.responses)
    twins = (layer.untrained.responses, *layer.other_twins)
    return DepthRow(
        layer=layer.index,
        zeros=_zeros(layer.trained.responses, seed),
        zeros_untrained=over_twins([_zeros(each, seed) for each in twins]) or _zeros(twins[0], seed),
        selectivity=bootstrap_mean(selectivity, seed),
        selectivity_untrained=over_twins([bootstrap_mean(class_selectivity(each), seed) for each in twins]),
        choosy_units=int(np.isfinite(selectivity).sum()),
        choosy_units_untrained=min(int(np.isfinite(class_selectivity(each)).sum()) for each in twins),
        rectified=is_rectified(layer),
    )


def is_rectified(layer: Layer) -> bool:
    """Return whether a layer ends in an activation that gives exact zeros."""
    return layer.activation in RECTIFIED or layer.kind in RECTIFIER_KINDS


def growth_of_zeros(first: Responses, last: Responses, seed: int) -> Measured | None:
    """Return how much the share of zeros grows from one layer to another, picture by picture."""
    return bootstrap_mean(last.zero_share.astype(np.float64) - first.zero_share, seed)


def _zeros(responses: Responses, seed: int) -> Measured:
    share = responses.zero_share
    mean = float(share.mean(dtype=np.float64))
    return bootstrap_mean(share, seed) or Measured(mean, mean, mean)
