"""How much a network relies on single units of a layer: what it costs to do without each, and how that is spread.

It knows the counts of an experiment on the network; what makes a unit important it does not know.
"""

from dataclasses import dataclass
from math import comb

import numpy as np

from reportgen.analysis.intervals import DRAWS, ENDS, FALSE_RATE, Measured, benjamini_hochberg, spread
from reportgen.snapshot import Ablation, Doubles, Flags

COSTLIEST = 10
"""The concentration is that on one living unit in so many, rounded up."""


@dataclass(frozen=True, eq=False)
class ImportanceStudy:
    """What it costs to set each unit of one layer to its mean; arrays are (units,), those that were tried."""

    pictures: int
    accuracy: float
    """Of the whole network over these pictures."""
    change: Doubles
    """Change of the accuracy without the unit."""
    low: Doubles
    """From here to `high` the change lies in 95 of 100 repetitions with other pictures."""
    high: Doubles
    p: Doubles
    """Chance of so uneven a count of pictures lost and won if the unit did not matter; nan for a dead unit."""
    matters: Flags
    """Whether the change is measurable, for better or worse, all units of the layer considered."""
    concentrated_on: int
    """Units of which the next two speak: a tenth of the living ones, rounded up."""
    concentration: float | None
    """Share of all pictures lost that the costliest of the units stand for; None where no picture was lost."""
    concentration_chance: Measured | None
    """The same when chance alone deals out as many losses to the living units."""


def importance_study(ablation: Ablation, living: Flags, seed: int) -> ImportanceStudy:
    """Return how much single units of a layer matter.

    Args:
        ablation: the experiment's counts.
        living: (units,) or longer: which units ever answer differently; of the units tried the first ones count.
        seed: of the draws.
    """
    alive = living[: len(ablation.lost)]
    p = np.where(alive, p_values(ablation), np.nan)
    low, high = change_interval(ablation, seed)
    units = -(-int(np.count_nonzero(alive)) // COSTLIEST)
    return ImportanceStudy(
        pictures=ablation.pictures,
        accuracy=ablation.right / ablation.pictures,
        change=(ablation.won - ablation.lost) / ablation.pictures,
        low=low,
        high=high,
        p=p,
        matters=benjamini_hochberg(p, FALSE_RATE),
        concentrated_on=units,
        concentration=concentration(ablation, units),
        concentration_chance=concentration_chance(ablation, alive, units, seed),
    )


def change_interval(ablation: Ablation, seed: int) -> tuple[Doubles, Doubles]:
    """Return the ends of the bootstrap interval (Efron 1979) of each unit's change of accuracy, (units,) each.

    With and without the unit the network sees the same pictures, so that each picture counts −1, 0 or 1. Drawing
    pictures anew is then one draw of three counts from a multinomial distribution.
    """
    same = ablation.pictures - ablation.lost - ablation.won
    shares = np.stack([ablation.lost, ablation.won, same], axis=-1) / ablation.pictures
    drawn = np.random.default_rng(seed).multinomial(ablation.pictures, shares, (DRAWS, len(shares)))
    low, high = np.percentile((drawn[..., 1] - drawn[..., 0]) / ablation.pictures, ENDS, axis=0)
    return low, high


def p_values(ablation: Ablation) -> Doubles:
    """Return each unit's two-sided p-value, (units,), by the exact test of McNemar (1947) for paired answers.

    Of the pictures whose answer the unit turns, as many should be won as lost; twice the binomial tail, at most 1.
    """
    counts = zip(ablation.lost.tolist(), ablation.won.tolist(), strict=True)
    return np.array([_sign_test(lost, won) for lost, won in counts], np.float64)


def concentration(ablation: Ablation, units: int) -> float | None:
    """Return the share of all pictures lost that the so many costliest units stand for; None where none was."""
    total = int(ablation.lost.sum())
    return float(np.sort(ablation.lost)[::-1][:units].sum() / total) if total else None


def concentration_chance(ablation: Ablation, living: Flags, units: int, seed: int) -> Measured | None:
    """Return the concentration when as many losses fall on the living units at random, with equal chances."""
    total, alive = int(ablation.lost.sum()), int(np.count_nonzero(living))
    if not total or not alive:
        return None
    drawn = np.random.default_rng(seed).multinomial(total, np.full(alive, 1 / alive), DRAWS)
    return spread(np.sort(drawn, axis=1)[:, ::-1][:, :units].sum(axis=1) / total)


def _sign_test(lost: int, won: int) -> float:
    turned = lost + won
    tail = sum(comb(turned, count) for count in range(min(lost, won) + 1))
    return min(1.0, float(2 * tail / 2**turned))
