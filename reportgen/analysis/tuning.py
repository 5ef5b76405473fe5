"""Whether the units of a layer answer to some directions more than to others, and more than chance would have it.

It does not know how the answers were obtained, and has no words for a direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.intervals import FALSE_RATE, benjamini_hochberg, spread
from reportgen.analysis.stimuli import BAR, DOT, EDGE, FLAT, GRATING, Stimuli, columns_of
from reportgen.snapshot import Doubles, Flags, Floats, Integers, Layer, TunedUnits

BAR_MARGIN = 0.1
"""By so much more than any edge must a bar excite a unit that is called after bars: a wide bar is two edges."""
TIE = 1e-3
"""Answers that differ by less than this share are equally strong, and the simpler thing is named."""
ROUNDING = 1e-4
"""A shuffled strength this share below the unit's own counts as reaching it, and one below this share of the
strongest answer counts as none: it was added up in another order."""
CLEARLY = 2
"""So many times as strong must an answer be for the angle, or the bright side of an edge, to be named after it: as
the one to the crossing angle, or to the opposite edge."""
KINDS = (FLAT, DOT, EDGE, BAR, GRATING)
"""The kinds of pictures, from the simplest on."""
UNORIENTED = frozenset({FLAT, DOT})
DIRECTIONS = ("level", "up_right", "upright", "up_left")
"""At 0, 45, 90 and 135 degrees, each with all that is nearest to it."""
SIDES = ("above", "above_left", "left", "below_left", "below", "below_right", "right", "above_right")
"""Where the bright side of an edge lies, at 0, 45, … 315 degrees."""


@dataclass(frozen=True)
class Caption:
    """What a tuned unit answers to most, as keys of which the pages make words."""

    family: str
    """`edge` or `bar`."""
    direction: str
    """One of `DIRECTIONS`."""
    side: str | None
    """One of `SIDES`: the bright side of an edge; None for bars, and where neither polarity does twice as well."""
    contrast: int
    """1 for a bright bar, −1 for a dark one, 0 for an edge."""


@dataclass(frozen=True, eq=False)
class UnitTuning:
    """How the units of one layer of one network are tuned; every array has one entry a unit."""

    index: Doubles
    """The orientation index, see `orientation_index`; not a number for a unit that answers to nothing."""
    angle: Doubles
    """The preferred angle, in degrees from 0 to 180, see `analysis.stimuli`; not a number as above."""
    curve: Doubles
    """(units, 12): what index and strength are taken over, see `strongest_answers`."""
    family: tuple[str | None, ...]
    """`bar` where the best bar excites the unit by a tenth more than the best edge, else `edge`; None as above."""
    kind: tuple[str | None, ...]
    """The kind of picture with the strongest answer; the simplest of those that are equally strong."""
    edges: Floats
    """(units, 24): the answers to the edges, in the order of their angles."""
    bars: Floats
    """(units, 12): the answers to the bars of the next two fields, in the order of their angles."""
    bar_width: Doubles
    """Pixels across the bars that the unit answers to most."""
    bar_contrast: Integers
    """1 where those are bright, −1 where they are dark."""
    strength: Doubles
    """See `orientation_strength`, which chance is judged by; zero for a unit that answers to nothing."""
    p: Doubles
    """Chance of such a strength where the weights' places mean nothing, see `chances`; not a number where it was
    not tried, and for a unit that answers to nothing."""
    tuned: Flags
    """Units that stand at a false discovery rate of 5 % over the layer."""
    chance_mean: Doubles
    """Mean strength after the places of the kernel were shuffled; not a number where that was not tried."""
    chance_low: Doubles
    chance_high: Doubles
    """Between these two lie 95 of 100 shuffled strengths."""
    captions: tuple[Caption | None, ...]
    """Of the tuned units that answer to a direction more than to any dot or flat picture, and at least twice as
    strongly as to the one that crosses it; else None."""


@dataclass(frozen=True, eq=False)
class TuningStudy:
    """How the units of one layer are tuned, after training and before."""

    after: UnitTuning
    before: UnitTuning
    draws: int
    """Shuffled kernels behind each p; 0 where the layer has no chance to be held against."""


@dataclass(frozen=True, eq=False)
class _Group:
    """Pictures of one thing at all its angles."""

    columns: Integers
    """Numbers of the pictures, in the order of their angles."""
    width: float
    contrast: int


@dataclass(frozen=True, eq=False)
class _Best:
    """What each unit is called after, and its answers to that; see the fields of the same names above."""

    family: tuple[str, ...]
    edges: Floats
    bars: Floats
    bar_width: Doubles
    bar_contrast: Integers


def tuning_study(layer: Layer, stimuli: Stimuli) -> TuningStudy | None:
    """Return how a layer's units are tuned, None for a layer that was shown no synthetic pictures.

    Raises:
        ValueError: the layer was shown other pictures than these.
    """
    if layer.tuning is None:
        return None
    after, before = layer.tuning.trained, layer.tuning.untrained
    return TuningStudy(unit_tuning(after, stimuli), unit_tuning(before, stimuli), after.shuffled.shape[1])


def orientation_index(answers: Floats | Doubles, stimuli: Stimuli) -> Doubles:
    """Return how much each unit's answers depend on the angle, (units,): 0 not at all, 1 it answers to one alone.

    The index is 1 − the circular variance of the doubled angles, |Σ R·exp(2iθ)| / Σ R (Ringach, Shapley & Hawken
    2002, Orientation selectivity in macaque V1, J. Neurosci. 22), over the twelve angles of `strongest_answers`.
    By the Fourier series of |cos φ| it is a third for a detector of edges that adds up what it sees. It is not a
    number for a unit that answers to nothing.

    Args:
        answers: (units, pictures).
        stimuli: the pictures; bars and edges must be among them.
    """
    return np.abs(_mean_vector(strongest_answers(answers, stimuli)))


def orientation_strength(answers: Floats | Doubles, stimuli: Stimuli) -> Doubles:
    """Return how strongly each unit's answers rise and fall with the angle, (units,), in units of its answers.

    It is the amplitude of the part of the answers that turns with the doubled angle, 2/n · |Σ R·exp(2iθ)|: the
    index without its division by the sum of the answers. A kernel that hardly ever answers does so at few angles
    and has a high index for that alone, but little strength. In turn, of two units of one index the one that
    answers more to everything has the greater strength: to surpass chance in it is not yet to be more oriented.

    Args:
        answers: (units, pictures).
        stimuli: the pictures; bars and edges must be among them.
    """
    return _amplitude(strongest_answers(answers, stimuli))


def strongest_answers(answers: Floats | Doubles, stimuli: Stimuli) -> Doubles:
    """Return each unit's strongest answer to any bar or edge that runs at each angle below 180, (units, 12).

    Both polarities of an edge, and bars of all widths and contrasts, count alike: what is asked is whether the
    angle matters, not what runs there. Answers that are negative, infinite or not a number count as zero.
    """
    edges, *bars = _groups(stimuli)
    rectified = _rectified(answers)
    around = rectified[:, edges.columns].reshape(len(answers), 2, -1)
    at_angles = [around.max(axis=1), *(rectified[:, group.columns] for group in bars)]
    strongest: Doubles = np.max(at_angles, axis=0)
    return strongest


def unit_tuning(units: TunedUnits, stimuli: Stimuli) -> UnitTuning:
    """Return how units are tuned, out of their answers to the synthetic pictures and their shuffled strengths.

    Raises:
        ValueError: there are not as many answers as pictures.
    """
    if units.answers.shape[1] != len(stimuli.kinds):
        raise ValueError(f"{units.answers.shape[1]} answers to {len(stimuli.kinds)} synthetic pictures")
    curve, kinds = strongest_answers(units.answers, stimuli), _kinds(units.answers, stimuli)
    vector, strength = _mean_vector(curve), _amplitude(curve)
    index, angle, best = np.abs(vector), _orientation(vector), _best(units.answers, _groups(stimuli))
    p = np.where(np.isnan(index), np.nan, chances(strength, units.shuffled))
    tuned = benjamini_hochberg(p, FALSE_RATE)
    chance = np.array([_spread(draws) for draws in units.shuffled])
    named = tuned & _is_oriented(kinds) & _is_clear(curve, angle)
    return UnitTuning(
        index=index,
        angle=angle,
        curve=curve,
        family=tuple(None if np.isnan(at) else family for at, family in zip(index, best.family, strict=True)),
        kind=kinds,
        edges=best.edges,
        bars=best.bars,
        bar_width=best.bar_width,
        bar_contrast=best.bar_contrast,
        strength=strength,
        p=p,
        tuned=tuned,
        chance_mean=chance[:, 0],
        chance_low=chance[:, 1],
        chance_high=chance[:, 2],
        captions=tuple(_caption(best, unit, angle[unit]) if wanted else None for unit, wanted in enumerate(named)),
    )


def chances(strength: Doubles, shuffled: Doubles) -> Doubles:
    """Return the chance of such a strength among shuffled ones, (units,): (1 + those as high) / (1 + all).

    Without shuffled kernels there is no chance: not a number. It is one for a unit of no strength.

    Args:
        strength: (units,).
        shuffled: (units, draws).
    """
    draws = shuffled.shape[1]
    reached = (shuffled >= strength[:, None] * (1 - ROUNDING)).sum(axis=1)
    return (1 + reached) / (1 + draws) if draws else np.full(strength.shape, np.nan)


def _is_oriented(kinds: Sequence[str | None]) -> Flags:
    return np.array([kind not in UNORIENTED for kind in kinds], np.bool_)


def _is_clear(curve: Doubles, angle: Doubles) -> Flags:
    """Return which units answer at their preferred angle at least twice as strongly as across it, (units,)."""
    units, angles = curve.shape
    near = np.round(np.nan_to_num(angle) / 180 * angles).astype(np.int64)
    along, across = (curve[np.arange(units), at % angles] for at in (near, near + angles // 2))
    return np.asarray(along >= CLEARLY * across, np.bool_)


def _groups(stimuli: Stimuli) -> list[_Group]:
    """Return the edges, then the bars from the thinnest on, each thickness first bright, then dark."""
    bars = columns_of(stimuli, [BAR])
    looks = sorted({(stimuli.width[at], -stimuli.contrast[at]) for at in bars})
    alike = [bars[(stimuli.width[bars] == w) & (stimuli.contrast[bars] == -c)] for w, c in looks]
    return [_group(stimuli, columns) for columns in (columns_of(stimuli, [EDGE]), *alike)]


def _group(stimuli: Stimuli, columns: Integers) -> _Group:
    ordered = columns[np.argsort(stimuli.angle[columns])]
    return _Group(ordered, float(stimuli.width[ordered[0]]), int(stimuli.contrast[ordered[0]]))


def _rectified(answers: Floats | Doubles) -> Doubles:
    return np.where(np.isfinite(answers), np.maximum(answers, 0), 0).astype(np.float64)


def _mean_vector(curve: Doubles) -> "np.typing.NDArray[np.complex128]":
    """Return Σ R·exp(2iθ) / Σ R for each row of answers to angles below 180; not a number where all are zero."""
    total = curve.sum(axis=1)
    vector = np.full(total.shape, np.nan, np.complex128)
    np.divide(_turning(curve), total, out=vector, where=total > 0)
    return vector


def _amplitude(curve: Doubles) -> Doubles:
    """Return 2/n · |Σ R·exp(2iθ)| for each row of answers to n angles below 180."""
    amplitude = np.abs(_turning(curve)) * 2 / curve.shape[1]
    return np.where(amplitude > ROUNDING * curve.max(axis=1), amplitude, 0)


def _turning(curve: Doubles) -> "np.typing.NDArray[np.complex128]":
    """Return Σ R·exp(2iθ) for each row of answers to angles below 180."""
    turns = np.arange(curve.shape[1]) * np.pi / curve.shape[1]
    turning: np.typing.NDArray[np.complex128] = np.einsum("ua,a->u", curve, np.exp(2j * turns))
    return turning


def _orientation(vector: "np.typing.NDArray[np.complex128]") -> Doubles:
    """Return half the angle of each vector, in degrees from 0 to 180."""
    half: Doubles = np.degrees(np.angle(vector)) / 2 % 180
    return np.where(np.isnan(vector), np.nan, half)


def _best(answers: Floats, groups: list[_Group]) -> _Best:
    rectified = _rectified(answers)
    peaks = np.stack([rectified[:, group.columns].max(axis=1) for group in groups], axis=1)
    bar = 1 + _first_of_the_strongest(peaks[:, 1:])
    is_bar = peaks[np.arange(len(answers)), bar] > (1 + BAR_MARGIN) * peaks[:, 0]
    return _Best(
        family=tuple(BAR if each else EDGE for each in is_bar),
        edges=answers[:, groups[0].columns],
        bars=np.take_along_axis(answers, np.array([groups[at].columns for at in bar]), axis=1),
        bar_width=np.array([groups[at].width for at in bar], np.float64),
        bar_contrast=np.array([groups[at].contrast for at in bar], np.int64),
    )


def _first_of_the_strongest(peaks: Doubles) -> Integers:
    """Return for each row the first of the entries that are as good as the highest."""
    first: Integers = np.argmax(peaks >= (1 - TIE) * peaks.max(axis=1, keepdims=True), axis=1)
    return first


def _kinds(answers: Floats, stimuli: Stimuli) -> tuple[str | None, ...]:
    rectified = _rectified(answers)
    peaks = np.stack([rectified[:, columns_of(stimuli, [kind])].max(axis=1) for kind in KINDS], axis=1)
    first = _first_of_the_strongest(peaks)
    return tuple(KINDS[at] if peak > 0 else None for at, peak in zip(first, peaks.max(axis=1), strict=True))


def _spread(draws: Doubles) -> tuple[float, float, float]:
    if not draws.size:
        return (np.nan, np.nan, np.nan)
    found = spread(draws)
    return (found.value, found.low, found.high)


def _caption(best: _Best, unit: int, angle: float) -> Caption:
    direction = DIRECTIONS[round(angle / 45) % len(DIRECTIONS)]
    if best.family[unit] == BAR:
        return Caption(BAR, direction, None, int(best.bar_contrast[unit]))
    return Caption(EDGE, direction, _side(_rectified(best.edges[unit]), angle), 0)


def _side(answers: Doubles, angle: float) -> str | None:
    """Return the bright side of a preferred edge out of the answers to edges at all angles around the circle."""
    around = len(answers)
    near = round(angle / 360 * around)
    ahead, back = answers[near % around], answers[(near + around // 2) % around]
    if max(ahead, back) < CLEARLY * min(ahead, back):
        return None
    return SIDES[round((angle if ahead > back else angle + 180) / 45) % len(SIDES)]
