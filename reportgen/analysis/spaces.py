"""What can be read off each layer, with intervals, and how that grows from one layer to another.

It knows the numbers of each picture, and no network.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from statistics import fmean, stdev

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.intervals import Measured, bootstrap_mean, bootstrap_ratio
from reportgen.snapshot import Snapshot, Space

STUDENT = {2: 12.706, 3: 4.303}
"""The 97.5th percentile of Student's t distribution for so many values, with one degree of freedom less."""


@dataclass(frozen=True)
class Pair:
    """One measure in the trained network and in its untrained twins."""

    trained: Measured
    untrained: Measured
    """Over several twins: see `over_twins`."""


@dataclass(frozen=True)
class SpaceRow:
    """What can be read off one layer; layer 0 is the picture itself."""

    layer: int
    size: int
    """Numbers that the layer gives for one picture."""
    probe: Pair | None
    """Share of pictures whose class a linear probe names correctly (Alain & Bengio 2016, Understanding
    intermediate layers using linear classifier probes); None without labels."""
    rebuilt: Pair | None
    """Share of the pictures' variance that a ridge regression rebuilds out of the layer."""
    likeness: tuple[Pair | None, ...]
    """For each change how alike the layer answers to the changed picture, see `representations.cosines`."""


def space_rows(snapshot: Snapshot, seed: int) -> tuple[SpaceRow, ...]:
    """Return a row for the picture, and one for each layer that does more than hand on numbers."""
    found = snapshot.representations
    if found is None:
        return ()
    layers = [each for each in snapshot.layers if each.space is not None and each.kind not in UNCHANGING]
    rows = [_row(each.index, each.space, each.twin_spaces, seed) for each in layers if each.space is not None]
    return (_row(0, found.pixels, (found.pixels,), seed), *rows)


def probe(space: Space, seed: int) -> Measured | None:
    """Return the probe's accuracy over the tested pictures."""
    return bootstrap_mean(space.probe_right.astype(np.float64), seed)


def rebuilt(space: Space, seed: int) -> Measured | None:
    """Return the share of the tested pictures' variance that is rebuilt: 1 − Σ error / Σ spread."""
    lost = bootstrap_ratio(space.rebuild_error, space.rebuild_spread, seed)
    return Measured(1 - lost.value, 1 - lost.high, 1 - lost.low) if lost else None


def likeness(space: Space, change: int, seed: int) -> Measured | None:
    """Return how alike the layer answers to pictures after a change, on average."""
    return bootstrap_mean(space.likeness[change], seed)


def probe_growth(first: Space, last: Space, seed: int) -> Measured | None:
    """Return the share of pictures that a probe names correctly at the last layer, less that at the first."""
    gain = last.probe_right.astype(np.float64) - first.probe_right.astype(np.float64)
    return bootstrap_mean(gain, seed)


def detail_loss(first: Space, last: Space, seed: int) -> Measured | None:
    """Return how much less of the pictures' variance is rebuilt out of the last layer than out of the first."""
    return bootstrap_ratio(last.rebuild_error - first.rebuild_error, first.rebuild_spread, seed)


def likeness_growth(first: Space, last: Space, change: int, seed: int) -> Measured | None:
    """Return how much more alike a changed picture is to the last layer than to the first, picture by picture."""
    return bootstrap_mean(last.likeness[change].astype(np.float64) - first.likeness[change], seed)


def over_twins(measured: Sequence[Measured | None]) -> Measured | None:
    """Return the mean over several twins, with an interval that holds one more of them; None where one is missing.

    Of three twins drawn anew it is wide: one more would lie beyond all of them in half of all cases. It is the
    prediction interval of the normal distribution, mean ± t · s · √(1 + 1/n), and holds those of all twins too.
    """
    known = [each for each in measured if each is not None]
    if not known or len(known) < len(measured):
        return None
    values = [each.value for each in known]
    mean, further = fmean(values), _prediction(values)
    low, high = min(each.low for each in known), max(each.high for each in known)
    return Measured(mean, min(low, mean - further), max(high, mean + further))


def _prediction(values: Sequence[float]) -> float:
    """Return half the width of the interval that holds one more value in 95 of 100 cases; 0 for a single value."""
    return STUDENT[len(values)] * stdev(values) * sqrt(1 + 1 / len(values)) if len(values) > 1 else 0.0


def _row(layer: int, trained: Space, twins: tuple[Space, ...], seed: int) -> SpaceRow:
    changes = range(len(trained.likeness))
    return SpaceRow(
        layer=layer,
        size=trained.size,
        probe=_pair(trained, twins, partial(probe, seed=seed)),
        rebuilt=_pair(trained, twins, partial(rebuilt, seed=seed)),
        likeness=tuple(_pair(trained, twins, partial(likeness, change=change, seed=seed)) for change in changes),
    )


def _pair(trained: Space, twins: tuple[Space, ...], measure: Callable[[Space], Measured | None]) -> Pair | None:
    own, other = measure(trained), over_twins([measure(each) for each in twins])
    return Pair(own, other) if own and other else None
