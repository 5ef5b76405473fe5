"""What the filters of a convolution look like: their slices, their summary, their liking for straight edges."""

from dataclasses import dataclass
from math import log

import numpy as np

from reportgen.snapshot import Doubles, Floats, Layer

CLIPPED_FROM = 95.0
"""Percentile of the trained weights' sizes at which the colour scale of a layer's filters ends."""
DRAWS = 1000
EDGE_WIDTH = (1 / log(2)) ** 0.5 / 3
"""Width of the edge masks in kernel sizes, so that at 3 × 3 they are those of Frei & Chen (1977)."""


@dataclass(frozen=True, eq=False)
class FilterStudy:
    """All filters of one convolution, after training and before."""

    kernel: Floats
    """(height, width, inputs, filters), after training."""
    initial: Floats
    """The same before training."""
    limit: float
    """Half the width of the symmetric colour scale that both share."""
    clipped: int
    """Weights after training that lie beyond the scale."""
    clipped_before: int
    summary: Floats
    """(filters, height, width): each filter's first singular component, see `summaries`."""
    summary_before: Floats
    kept: Doubles
    """(filters,): share of each filter's energy that its summary keeps."""
    edge_share: Doubles
    """(filters,)"""
    edge_share_before: Doubles
    edge_chance: Doubles
    """(draws,): mean share over the filters when every slice's weights are put in random order."""


def filter_study(layer: Layer, seed: int) -> FilterStudy | None:
    """Return what can be said of the filters of a two-dimensional convolution, None for other layers."""
    weight = next((w for w in layer.weights if w.values.ndim == 4), None)
    if weight is None or layer.window is None:
        return None
    kernel, initial = oriented(layer.kind, weight.values), oriented(layer.kind, weight.initial)
    limit = scale_limit(kernel)
    summary, kept = summaries(kernel)
    return FilterStudy(
        kernel=kernel,
        initial=initial,
        limit=limit,
        clipped=int(np.count_nonzero(np.abs(kernel) > limit)),
        clipped_before=int(np.count_nonzero(np.abs(initial) > limit)),
        summary=summary,
        summary_before=projected(initial, kernel),
        kept=kept,
        edge_share=edge_shares(kernel),
        edge_share_before=edge_shares(initial),
        edge_chance=edge_chance(kernel, seed),
    )


def oriented(kind: str, kernel: Floats) -> Floats:
    """Return a layer's kernel as (height, width, inputs, filters), whatever order its kind keeps it in."""
    if "Depthwise" in kind or "Separable" in kind:
        return kernel.reshape(*kernel.shape[:2], 1, -1)
    return kernel.transpose(0, 1, 3, 2) if "Transpose" in kind else kernel


def scale_limit(kernel: Floats) -> float:
    """Return the end of the symmetric colour scale, rounded to two figures; 1 for a kernel of zeros."""
    limit = float(np.nanpercentile(np.abs(kernel), CLIPPED_FROM))
    return float(f"{limit:.2g}") if np.isfinite(limit) and limit > 0 else 1.0


def summaries(kernel: Floats) -> tuple[Floats, Doubles]:
    """Return each filter's first singular component over its inputs and the share of energy that it keeps.

    A filter is a matrix of places × inputs. Its best approximation by one spatial pattern times one weighting of
    the inputs is its first singular component (Eckart & Young 1936). The pattern is scaled by the singular value,
    and its sign is chosen so that the weighting of the inputs sums to a positive number.

    Returns: (filters, height, width) and (filters,).
    """
    height, width, _, filters = kernel.shape
    left, values, right = _singular(kernel)
    sign = np.where(right[:, 0].sum(axis=1) < 0, -1.0, 1.0)
    pattern = left[:, :, 0] * (values[:, :1] * sign[:, None])
    energy = np.maximum((values**2).sum(axis=1), np.finfo(np.float64).tiny)
    return pattern.reshape(filters, height, width).astype(np.float32), values[:, 0] ** 2 / energy


def projected(earlier: Floats, kernel: Floats) -> Floats:
    """Return an earlier state of the filters, seen through the input weighting of the trained ones' summaries.

    The same combination of inputs before and after: what differs is the filter, not the way of looking.

    Returns: (filters, height, width).
    """
    right = _singular(kernel)[2][:, 0]
    sign = np.where(right.sum(axis=1) < 0, -1.0, 1.0)
    seen: Doubles = np.einsum("hwif,fi->fhw", earlier, right * sign[:, None])
    return seen.astype(np.float32)


def edge_masks(height: int, width: int) -> Doubles:
    """Return the two unit masks of a straight edge, (2, height × width).

    They are the first derivatives of a Gaussian, across and down, sampled on the kernel; at 3 × 3 they are the
    first two masks of Frei & Chen (1977), Fast boundary detection, IEEE Trans. Computers C-26.
    """
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    rows, columns = rows - (height - 1) / 2, columns - (width - 1) / 2
    spread = [2 * (EDGE_WIDTH * max(side, 2)) ** 2 for side in (height, width)]
    bell = np.exp(-(rows**2) / spread[0] - columns**2 / spread[1])
    masks = np.stack([(columns * bell).ravel(), (rows * bell).ravel()])
    size = np.linalg.norm(masks, axis=1, keepdims=True)
    unit: Doubles = np.divide(masks, size, out=np.zeros_like(masks), where=size > 0)
    return unit


def edge_shares(kernel: Floats) -> Doubles:
    """Return the share of each filter's energy that lies in the two straight-edge masks, (filters,).

    Over several inputs, the energy of all slices is added up; a filter of zeros has the share zero.
    """
    slices = kernel.astype(np.float64).reshape(-1, *kernel.shape[2:])
    return _edge_energy(slices, edge_masks(*kernel.shape[:2]))


def edge_chance(kernel: Floats, seed: int, draws: int = DRAWS) -> Doubles:
    """Return the mean edge share over the filters in `draws` layers whose slices' weights are shuffled, (draws,).

    Shuffling keeps every weight and breaks only their arrangement, which is what an edge is.
    """
    random = np.random.default_rng(seed)
    slices = kernel.astype(np.float64).reshape(kernel.shape[0] * kernel.shape[1], -1)
    masks = edge_masks(*kernel.shape[:2])
    return np.array([_shuffled_share(slices, masks, kernel.shape[3], random) for _ in range(draws)])


def _shuffled_share(slices: Doubles, masks: Doubles, filters: int, random: np.random.Generator) -> float:
    shuffled = random.permuted(slices, axis=0)
    return float(_edge_energy(shuffled.reshape(len(slices), -1, filters), masks).mean())


def _edge_energy(slices: Doubles, masks: Doubles) -> Doubles:
    in_edges = (np.tensordot(masks, slices, axes=1) ** 2).sum(axis=(0, 1))
    energy = (slices**2).sum(axis=(0, 1))
    share: Doubles = np.divide(in_edges, energy, out=np.zeros_like(energy), where=energy > 0)
    return share


def _singular(kernel: Floats) -> tuple[Doubles, Doubles, Doubles]:
    height, width, inputs, filters = kernel.shape
    matrices = np.nan_to_num(kernel.astype(np.float64)).transpose(3, 0, 1, 2)
    left, values, right = np.linalg.svd(matrices.reshape(filters, height * width, inputs), full_matrices=False)
    return left, values, right
