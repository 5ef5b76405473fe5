"""Pairs of a trained and an untrained filter for the reader to tell apart, and how well a simple rule does it.

It does not know how the pairs are shown.
"""

from dataclasses import dataclass
from math import comb

import numpy as np

from reportgen.analysis.filters import FilterStudy
from reportgen.snapshot import Doubles, Flags, Floats

PAIRS = 10
"""Pairs, at most."""
FEWEST = 5
"""With fewer, luck alone would look like skill."""


@dataclass(frozen=True)
class Pair:
    """Two filters, one after training and one of the untrained twin."""

    trained: int
    """Number of the trained filter."""
    untrained: int
    """Number of the untrained one."""
    trained_first: bool
    """Whether the trained one stands on the left."""
    rule_is_right: bool
    """Whether the trained one holds more of a straight edge."""


@dataclass(frozen=True)
class Game:
    """The pairs, and what luck and the rule make of them."""

    pairs: tuple[Pair, ...]
    rule_right: int
    """Pairs of these that the rule gets right."""
    rule_share: float
    """Share of all pairs of a trained and an untrained filter that it gets right; a draw counts as half. It is the
    area under the rule's ROC curve (Hanley & McNeil 1982)."""
    all_pairs: int
    luck: tuple[float, ...]
    """By the number of pairs found: the probability of at least so many by guessing."""


def game(filters: FilterStudy, seed: int) -> Game | None:
    """Return pairs of filters, no filter in two of them; None for filters in which nothing can be seen.

    Args:
        filters: of one layer, before and after training, at least 2 × 2.
        seed: of the choice.
    """
    if filters.axes != 2 or min(filters.kernel.shape[:2]) < 2:
        return None
    after, before = (
        np.flatnonzero(seen) for seen in (_is_seen(filters.summary), _is_seen(filters.summary_before))
    )
    count = min(PAIRS, len(after), len(before))
    if count < FEWEST:
        return None
    random = np.random.default_rng(seed)
    chosen = zip(
        random.permutation(after)[:count], random.permutation(before)[:count], random.random(count), strict=True
    )
    shares = filters.edge_share, filters.edge_share_before
    pairs = tuple(
        Pair(int(one), int(other), bool(side < 0.5), bool(shares[0][one] > shares[1][other]))
        for one, other, side in chosen
    )
    return Game(
        pairs=pairs,
        rule_right=sum(pair.rule_is_right for pair in pairs),
        rule_share=_share_right(shares[0][after], shares[1][before]),
        all_pairs=len(after) * len(before),
        luck=tuple(at_least(found, count) for found in range(count + 1)),
    )


def at_least(found: int, pairs: int) -> float:
    """Return the probability of at least so many right guesses between two in so many pairs."""
    return sum(comb(pairs, each) for each in range(found, pairs + 1)) / (1 << pairs)


def _is_seen(tiles: Floats) -> Flags:
    """Return which of (filters, height, width) are finite and not all the same."""
    flags: Flags = np.isfinite(tiles).all(axis=(1, 2)) & (tiles.max(axis=(1, 2)) > tiles.min(axis=(1, 2)))
    return flags


def _share_right(after: Doubles, before: Doubles) -> float:
    difference = after[:, None] - before[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())
