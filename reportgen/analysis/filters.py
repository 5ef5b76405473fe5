"""What the filters of a convolution look like: their slices, their summary, their liking for straight edges."""

import re
from dataclasses import dataclass
from math import log

import numpy as np

from reportgen.axes import Shape
from reportgen.snapshot import Doubles, Floats, Layer, Weight

SLIDES = re.compile(r"(Depthwise|Separable)?Conv([123])D(Transpose)?")
"""The kinds of layers whose kernel slides: over a sequence, over maps, or through a volume."""
COLOURS = 3
PREPARING = frozenset(
    {"CenterCrop", "GaussianNoise", "Normalization", "RandomFlip", "RandomRotation", "RandomZoom", "Rescaling"}
    | {"Resizing", "ZeroPadding2D"}
)
"""Layers behind which the channels of a picture are still its colours."""
CLIPPED_FROM = 95.0
"""Percentile of the trained weights' sizes at which the colour scale of a layer's filters ends."""
DRAWS = 1000
MANY_SLICES = 512
"""Above so many slices, chance is computed from their number instead of being played through."""
SAMPLED, SHUFFLES = 8192, 16
"""Slices, and shuffles of each, from which the spread of chance is then estimated."""
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
    """(filters,): see `edge_shares`."""
    edge_share_before: Doubles
    edge_chance: Doubles
    """(draws,): mean share over the filters when every slice's weights are put in random order."""
    axes: int = 2
    """Along how many the filters slide: 1 for strips, 2 for maps, 3 for volumes, whose slices lie side by side."""
    slices: int = 1
    """Slices of a filter through a volume; 1 for all others."""
    per_unit: bool = True
    """Whether each filter makes the map of its own number; not where a layer mixes its filters' maps again."""
    in_colour: bool = False
    """Whether the three inputs are the red, the green and the blue of the picture."""


def filter_study(layer: Layer, seed: int, *, in_colour: bool = False) -> FilterStudy | None:
    """Return what can be said of the filters of a convolution, None for other layers.

    Args:
        layer: the layer.
        seed: of the random draws.
        in_colour: whether it reads a picture of three colours, see `reads_colours`.
    """
    weight = filter_weight(layer)
    if weight is None:
        return None
    kernel, initial = oriented(layer.kind, weight.values), oriented(layer.kind, weight.before)
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
        axes=weight.values.ndim - 2,
        slices=weight.values.shape[0] if weight.values.ndim == 5 else 1,
        per_unit="Separable" not in layer.kind,
        in_colour=in_colour and weight.values.ndim == 4 and kernel.shape[2] == COLOURS,
    )


def reads_colours(layer: Layer, layers: tuple[Layer, ...], input_shape: Shape) -> bool:
    """Return whether a layer reads the picture in three colours, at most rescaled, padded or cut before."""
    by_index = {each.index: each for each in layers}
    index = layer.inputs[0] if len(layer.inputs) == 1 else -1
    while index in by_index and by_index[index].kind in PREPARING and len(by_index[index].inputs) == 1:
        index = by_index[index].inputs[0]
    return index == 0 and len(input_shape) == 3 and input_shape[-1] == COLOURS


def filter_weight(layer: Layer) -> Weight | None:
    """Return the kernel of a convolution with its first state, None for other layers and for an empty kernel.

    Of a separable convolution it is the kernel that slides, not the one that mixes. A layer of an unknown kind
    with a window over maps is taken for a convolution when it has a weight of four axes.
    """
    kind = SLIDES.fullmatch(layer.kind)
    if kind is None and layer.window is None:
        return None
    axes = (int(kind[2]) if kind else 2) + 2
    fitting = (
        weight
        for weight in layer.weights
        if weight.values.ndim == axes and weight.values.size and weight.initial is not None
    )
    return next(fitting, None)


def oriented(kind: str, kernel: Floats) -> Floats:
    """Return a layer's kernel as (height, width, inputs, filters), whatever order its kind keeps it in.

    One that slides along a sequence, (steps, inputs, filters), becomes a strip of one row; one through a volume,
    (depth, height, width, inputs, filters), its slices from front to back, side by side.
    """
    flat = _in_one_plane(kernel)
    if "Depthwise" in kind or "Separable" in kind:
        return flat.reshape(*flat.shape[:2], 1, -1)
    return flat.transpose(0, 1, 3, 2) if "Transpose" in kind else flat


def _in_one_plane(kernel: Floats) -> Floats:
    if kernel.ndim == 3:
        return kernel[np.newaxis]
    if kernel.ndim == 4:
        return kernel
    depth, height, width, *channels = kernel.shape
    return kernel.transpose(1, 0, 2, 3, 4).reshape(height, depth * width, *channels)


def finite(kernel: Floats | Doubles) -> Doubles:
    """Return a kernel in which weights that are infinite or not a number count as zero."""
    return np.where(np.isfinite(kernel), kernel, 0).astype(np.float64)


def unit_filters(kernel: Floats) -> Doubles:
    """Return a kernel's filters scaled to an energy of one, (filters, inputs, places); a filter of zeros stays so.

    Weights that are infinite or not a number count as zero.
    """
    height, width, inputs, filters = kernel.shape
    slices = finite(kernel).transpose(3, 2, 0, 1).reshape(filters, inputs, height * width)
    size = np.sqrt((slices**2).sum(axis=(1, 2), keepdims=True))
    unit: Doubles = np.divide(slices, size, out=np.zeros_like(slices), where=size > 0)
    return unit


def scale_limit(kernel: Floats) -> float:
    """Return the end of the symmetric colour scale, rounded to two figures.

    It is the 95th percentile of the weights' sizes; where that is zero, the largest size; 1 for a kernel of zeros.
    Weights that are infinite or not a number are left out.
    """
    size = np.abs(kernel[np.isfinite(kernel)]).astype(np.float64)
    limit = float(np.percentile(size, CLIPPED_FROM) or size.max()) if size.size else 0.0
    return float(f"{limit:.2g}") or 1.0


def summaries(kernel: Floats) -> tuple[Floats, Doubles]:
    """Return each filter's first singular component over its inputs and the share of energy that it keeps.

    A filter is a matrix of places × inputs. Its best approximation by one spatial pattern times one weighting of
    the inputs is its first singular component (Eckart & Young 1936). The pattern is scaled by the singular value,
    and its sign is chosen so that the weighting of the inputs sums to a positive number. Weights that are infinite
    or not a number count as zero; a filter of zeros keeps nothing.

    Returns: (filters, height, width) and (filters,).
    """
    height, width, _, filters = kernel.shape
    left, values, right = _singular(kernel)
    sign = np.where(right[:, 0].sum(axis=1) < 0, -1.0, 1.0)
    pattern = left[:, :, 0] * (values[:, :1] * sign[:, None])
    energy = np.maximum((values**2).sum(axis=1), np.finfo(np.float64).tiny)
    return _single(pattern.reshape(filters, height, width)), values[:, 0] ** 2 / energy


def projected(earlier: Floats, kernel: Floats) -> Floats:
    """Return an earlier state of the filters, seen through the input weighting of the trained ones' summaries.

    The same combination of inputs before and after: what differs is the filter, not the way of looking.

    Returns: (filters, height, width).
    """
    right = _singular(kernel)[2][:, 0]
    sign = np.where(right.sum(axis=1) < 0, -1.0, 1.0)
    seen: Doubles = np.einsum("hwif,fi->fhw", finite(earlier), right * sign[:, None])
    return _single(seen)


def _single(values: Doubles) -> Floats:
    """Return values in single precision; those that are too large for it become the largest that it holds."""
    most = np.finfo(np.float32).max
    return np.clip(values, -most, most).astype(np.float32)


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

    Over several inputs, the energy of all slices is added up; a filter of zeros has the share zero, and weights
    that are infinite or not a number count as zero.
    """
    shares: Doubles = _edge_energy(unit_filters(kernel), edge_masks(*kernel.shape[:2])).sum(axis=1)
    return shares


def edge_chance(kernel: Floats, seed: int, draws: int = DRAWS) -> Doubles:
    """Return the mean edge share over the filters in `draws` layers whose slices' weights are shuffled, (draws,).

    Shuffling keeps every weight and breaks only their arrangement, which is what an edge is. A layer of more than
    512 slices is not shuffled whole: a mean over so many independent slices is as good as normally distributed,
    its expectation is known exactly, and its variance is estimated from 16 shuffles of at most 8,192 slices.
    """
    masks, random = edge_masks(*kernel.shape[:2]), np.random.default_rng(seed)
    if not masks.any():
        return np.zeros(draws)
    slices = unit_filters(kernel).reshape(-1, masks.shape[1])
    summed = _shuffled_energy if len(slices) <= MANY_SLICES else _normal_energy
    return np.asarray(summed(slices, masks, draws, random) / kernel.shape[3], np.float64)


def expected_edge_energy(slices: Doubles, masks: Doubles) -> Doubles:
    """Return the mean of each slice's energy in the masks over all orders of its weights, (slices,).

    For a unit mask whose n entries sum to zero it is Σ(w − w̄)² / (n − 1), as for every contrast under permutation
    (Pitman 1937, Significance tests which may be applied to samples from any populations).
    """
    away = slices - slices.mean(axis=1, keepdims=True)
    expected: Doubles = (masks**2).sum() * (away**2).sum(axis=1) / (slices.shape[1] - 1)
    return expected


def _shuffled_energy(slices: Doubles, masks: Doubles, draws: int, random: np.random.Generator) -> Doubles:
    """Return the summed edge energy of all slices, each in random order, draw by draw."""
    return np.array([_edge_energy(random.permuted(slices, axis=1), masks).sum() for _ in range(draws)])


def _normal_energy(slices: Doubles, masks: Doubles, draws: int, random: np.random.Generator) -> Doubles:
    """Return draws of the summed edge energy from the normal distribution that the sum tends to."""
    chosen = random.choice(slices, min(SAMPLED, len(slices)), replace=False)
    shuffled = random.permuted(np.repeat(chosen, SHUFFLES, axis=0), axis=1)
    energy = _edge_energy(shuffled, masks).reshape(len(chosen), SHUFFLES)
    variance = energy.var(axis=1, ddof=1).mean() * len(slices)
    return random.normal(expected_edge_energy(slices, masks).sum(), np.sqrt(variance), draws)


def _edge_energy(slices: Doubles, masks: Doubles) -> Doubles:
    """Return the energy in the masks of slices of any number of axes, the last of which are the places."""
    energy: Doubles = ((slices @ masks.T) ** 2).sum(axis=-1)
    return energy


def _singular(kernel: Floats) -> tuple[Doubles, Doubles, Doubles]:
    height, width, inputs, filters = kernel.shape
    matrices = finite(kernel).transpose(3, 0, 1, 2).reshape(filters, height * width, inputs)
    left, values, right = np.linalg.svd(matrices, full_matrices=False)
    return left, values, right
