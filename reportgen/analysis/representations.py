"""What can be read off a layer's numbers: the class, the picture, and how alike two layers see the pictures.

It gets the layers' outputs as plain rows of numbers, one row a picture, and knows neither the network nor which
pictures they are of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from reportgen.snapshot import Doubles, Flags, Floats, Integers, Space, read_only

RIDGE = 0.1
"""Strength of the penalty, as a share of the pictures' mean squared distance from their mean."""
MOST_PICTURES = 4000
"""Pictures of which copies are kept: one half to fit probes on, the other to test them."""
SCATTERED = 400
"""Pictures in the map of a layer's space."""
BLOCK = 500
"""Pictures that are compared with each other at a time for the alignment of layers."""
FEWEST_IN_BLOCK = 4
"""The unbiased estimate divides by the number of pictures less three."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What is to be read off: (pictures, …) each."""

    pixels: Floats
    """(pictures, pixels)"""
    labels: Integers
    """(pictures,); empty where there are none."""
    classes: int


def sampled(pictures: int) -> Flags:
    """Return which of so many pictures are kept: all, or 4,000 at equal distances."""
    if pictures <= MOST_PICTURES:
        return np.ones(pictures, np.bool_)
    chosen = np.zeros(pictures, np.bool_)
    chosen[np.linspace(0, pictures - 1, MOST_PICTURES).round().astype(np.int64)] = True
    return chosen


def halves(pictures: int) -> tuple[Integers, Integers]:
    """Return which of the pictures kept probes are fitted on, and which they are tested on; none are in both.

    They are drawn at random, because pictures may come in an order: of classes that take turns, every other
    picture would be of half of the classes.
    """
    drawn = np.random.default_rng(pictures).permutation(pictures)
    half = -(-pictures // 2)
    return np.sort(drawn[:half]), np.sort(drawn[half:])


def space(copies: Floats, size: int, targets: Targets, likeness: Floats) -> Space:
    """Return what can be read off one layer.

    Args:
        copies: (pictures, numbers): the layer's outputs, or what they were mixed into.
        size: numbers that the layer gives.
        targets: of the same pictures.
        likeness: see `snapshot.Space`.
    """
    answers = _answers(targets)
    fitted, tested = halves(len(copies))
    both = np.concatenate([answers, targets.pixels], axis=1)[fitted]
    read = ridge(copies[fitted], both, copies[tested])
    pixels = targets.pixels[tested]
    away = pixels - targets.pixels[fitted].mean(axis=0)
    points, share = principal_components(copies[tested[:SCATTERED]])
    return Space(
        size=size,
        probe_right=read_only(_right(read[:, : answers.shape[1]], targets.labels, tested)),
        rebuild_error=read_only(_squared(pixels - read[:, answers.shape[1] :])),
        rebuild_spread=read_only(_squared(away)),
        scatter=read_only(points),
        scatter_share=read_only(share),
        likeness=read_only(likeness),
    )


def ridge(fitted: Floats, targets: Floats, tested: Floats) -> Floats:
    """Return the targets of the tested pictures as a ridge regression reads them off (Hoerl & Kennard 1970).

    All is taken around the mean of the fitted pictures; the penalty is a tenth of their mean squared distance from
    it, so that the scale of a layer's numbers does not matter. It is solved for the numbers or for the pictures,
    whichever are fewer: both give the same.

    Args:
        fitted: (pictures, numbers)
        targets: (pictures, targets)
        tested: (other pictures, numbers)

    Returns: (other pictures, targets)
    """
    mean, level = fitted.mean(axis=0), targets.mean(axis=0)
    around, other = fitted - mean, tested - mean
    spread = sqrt(_squared(around).mean())
    if not spread > 0:
        return np.broadcast_to(level, (len(tested), len(level)))
    wide = around.shape[1] > len(around)
    read = (_by_pictures if wide else _by_numbers)(around / spread, targets - level, other / spread)
    return np.asarray(read + level, np.float32)


def principal_components(copies: Floats) -> tuple[Floats, Doubles]:
    """Return the pictures along the first two principal components, and the share of the variance of each.

    The sign of a component is free; it is chosen so that its long tail points upwards.

    Returns: (pictures, 2) and (2,)
    """
    around = copies - copies.sum(axis=0) / max(len(copies), 1)
    products = (around @ around.T).astype(np.float64)
    values, vectors = np.linalg.eigh(products)
    values, vectors = np.maximum(values[:-3:-1], 0.0), vectors[:, :-3:-1]
    points = np.zeros((len(copies), 2))
    points[:, : len(values)] = vectors * np.sqrt(values)
    points *= np.where((points**3).sum(axis=0) < 0, -1.0, 1.0)
    total = float(np.trace(products))
    shares = np.zeros(2)
    shares[: len(values)] = values / total if total > 0 else 0.0
    return points.astype(np.float32), shares


@dataclass(frozen=True, eq=False)
class AlignmentSums:
    """How alike layers lay out pictures, summed up over blocks of pictures.

    Centred kernel alignment is 1 where two layers lay out the pictures alike but for turns and one scale, and near
    0 where they have nothing in common (Kornblith et al. 2019, Similarity of neural network representations
    revisited). It is made of the unbiased estimates of HSIC of blocks of pictures, so that the pictures can be
    split at the blocks' borders (Nguyen, Raghu & Kornblith 2021, Do wide and deep networks learn the same
    things?).
    """

    dependence: Doubles
    """(layers, layers): the sum of the estimates of HSIC."""

    @classmethod
    def none(cls, layers: int) -> "AlignmentSums":
        """Return the sums over no blocks of so many layers."""
        return cls(np.zeros((layers, layers)))

    @classmethod
    def of(cls, block: Sequence[Floats]) -> "AlignmentSums":
        """Return the sums of one block: (pictures, numbers) for each layer; at least four pictures."""
        products = [_products(each) for each in block]
        rows = np.stack([each.sum(axis=1) for each in products])
        same = np.array([[float(np.vdot(one, other)) for other in products] for one in products])
        return cls(_hsic(same, rows))

    def merge(self, other: "AlignmentSums") -> "AlignmentSums":
        """Return the sums over this one's blocks and the other's."""
        return AlignmentSums(self.dependence + other.dependence)

    def alignment(self) -> Doubles:
        """Return the centred kernel alignment, (layers, layers).

        Not a number where a layer gives the same for all pictures.
        """
        own = np.maximum(np.diag(self.dependence), 0.0)
        size = np.sqrt(np.outer(own, own))
        found: Doubles = np.divide(self.dependence, size, out=np.full_like(size, np.nan), where=size > 0)
        return found


def blocks(layers: Sequence[Floats]) -> list[list[Floats]]:
    """Return (pictures, numbers) of each layer, 500 pictures a block; a rest of fewer than four is left out."""
    starts = range(0, len(layers[0]), BLOCK)
    cut = [[each[start : start + BLOCK] for each in layers] for start in starts]
    return [block for block in cut if len(block[0]) >= FEWEST_IN_BLOCK]


def cosines(answers: Floats, changed: Floats, mean: Doubles) -> Floats:
    """Return how alike a layer answers to a picture and to its changed copy, around the mean answer: (pictures,).

    1 where the change does not matter to the layer, 0 where the two have no more in common than any two pictures.
    Not a number where a layer answers to the picture just as on average, or with what is not a number.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # values may be infinite or not numbers
        level = mean.astype(np.float32)
        one, other = answers.reshape(len(answers), -1) - level, changed.reshape(len(changed), -1) - level
        size = np.sqrt(_squared(one) * _squared(other))
        product = np.einsum("ps,ps->p", one, other, dtype=np.float64)
        found: Doubles = np.divide(product, size, out=np.full(len(size), np.nan), where=size > 0)
        return found.astype(np.float32)


def _by_numbers(around: Floats, targets: Floats, other: Floats) -> Floats:
    products = around.T @ around
    products.flat[:: len(products) + 1] += RIDGE
    return np.asarray(other @ np.linalg.solve(products, around.T @ targets), np.float32)


def _by_pictures(around: Floats, targets: Floats, other: Floats) -> Floats:
    products = around @ around.T
    products.flat[:: len(products) + 1] += RIDGE
    # Of large pictures, a matrix of all numbers by all pixels would not fit into memory.
    return np.asarray(np.linalg.multi_dot([other, around.T, np.linalg.solve(products, targets)]), np.float32)


def _answers(targets: Targets) -> Floats:
    """Return +1 for a picture's class and −1 for all others, (pictures, classes); no columns without labels."""
    if not targets.labels.size:
        return np.zeros((len(targets.pixels), 0), np.float32)
    return np.where(targets.labels[:, np.newaxis] == np.arange(targets.classes), 1, -1).astype(np.float32)


def _right(read: Floats, labels: Integers, tested: Integers) -> Flags:
    return np.asarray(read.argmax(axis=1) == labels[tested]) if labels.size else np.zeros(0, np.bool_)


def _squared(rows: Floats) -> Doubles:
    found: Doubles = np.einsum("ps,ps->p", rows, rows, dtype=np.float64)
    return found


def _products(rows: Floats) -> Doubles:
    """Return all inner products between the pictures of a block, around their mean; those with itself are zero."""
    around = rows - rows.mean(axis=0)
    products: Doubles = (around @ around.T).astype(np.float64)
    np.fill_diagonal(products, 0.0)
    return products


def _hsic(same: Doubles, rows: Doubles) -> Doubles:
    """Return the unbiased estimates of HSIC between all layers, (layers, layers).

    Song et al. 2012, Feature selection via dependence maximization, equation 5.

    Args:
        same: (layers, layers): the sums of the layers' inner products multiplied with each other.
        rows: (layers, pictures): the sums of each layer's inner products by picture.
    """
    count = rows.shape[1]
    totals = rows.sum(axis=1)
    whole = np.outer(totals, totals) / ((count - 1) * (count - 2))
    return np.asarray((same + whole - 2 * (rows @ rows.T) / (count - 2)) / (count * (count - 3)), np.float64)
