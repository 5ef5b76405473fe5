"""The sentences that can be put to the test: number, what it is held against, and a verdict.

The rule of every verdict is fixed here, before a network is seen. The words of the sentences are not known here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from reportgen.analysis.depth import DepthRow, growth_of_zeros, is_rectified
from reportgen.analysis.feature_maps import pictured_classes
from reportgen.analysis.filters import FilterStudy
from reportgen.analysis.intervals import Measured, exceedance_chance, spread
from reportgen.analysis.receptive_field import ReceptiveField
from reportgen.analysis.spaces import over_twins
from reportgen.analysis.weights import WeightStudy
from reportgen.snapshot import Layer, Responses

ROUNDING = 1e-12
"""Two shares that lie closer together are taken for equal."""
FEWEST = 5
"""Pictures or units below which an interval carries no verdict: the bootstrap's intervals are then too narrow."""
NOTHING = Measured(0.0, 0.0, 0.0)
"""What a difference is held against."""
FEWEST_A_CLASS = 10
"""Pictures a class, on average, below which a favourite class may be an accident of the pictures."""


class Verdict(StrEnum):
    """What the numbers say of a sentence."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Claim:
    """One sentence's number, beside what chance, the twin or the first layer gives."""

    kind: str
    """Which sentence, as `weights_moved`; the words for each are those of the pages."""
    layer: int
    """Index of the layer that the sentence is about."""
    value: float | None
    low: float | None
    high: float | None
    """Interval of the value where it was estimated from a sample."""
    against: str
    """What stands beside it: `chance`, `twin`, `first_layer`, `nothing` (zero), or `half`."""
    reference: Measured | None
    verdict: Verdict
    pictures: int
    """Pictures it was measured over; 0 where no picture is needed."""
    details: dict[str, float] = field(default_factory=dict)
    """More measured numbers for the sentences under the claim."""

    @property
    def id(self) -> str:
        """A name that is unique in a report and fit for an address."""
        return f"{self.kind.replace('_', '-')}-{self.layer:02d}"


def judged(
    kind: str,
    layer: Layer,
    value: Measured | float,
    against: str,
    reference: Measured | float,
    verdict: Verdict,
    pictures: int = 0,
    details: Mapping[str, float] | None = None,
) -> Claim:
    """Return a claim; a plain number was counted, not estimated, and has no interval."""
    low, high = (value.low, value.high) if isinstance(value, Measured) else (None, None)
    return Claim(
        kind=kind,
        layer=layer.index,
        value=value.value if isinstance(value, Measured) else value,
        low=low,
        high=high,
        against=against,
        reference=reference if isinstance(reference, Measured) else Measured(reference, reference, reference),
        verdict=verdict,
        pictures=pictures,
        details=dict(details or {}),
    )


def weights_moved(layer: Layer, study: WeightStudy) -> Claim:
    """Return whether training carried a layer's weights beyond the range that they began in.

    Supported when more weights lie beyond the smallest and largest first weight than a fresh draw of the same size
    would put there in 97.5 of 100 draws. Cannot be told of weights that all began alike, or that are not finite.
    """
    before = study.untrained
    if before is None or before.minimum == before.maximum or before.not_finite:
        return cannot_tell("weights_moved", layer, "chance")
    if study.trained.not_finite or study.trained.count < 2:
        return cannot_tell("weights_moved", layer, "chance")
    chance = exceedance_chance(study.trained.count, study.trained.count)
    return judged(
        "weights_moved",
        layer,
        study.outside,
        "chance",
        chance,
        above(study.outside, chance),
        details={"count": study.trained.count, "low": before.minimum, "high": before.maximum},
    )


def straight_edges(layer: Layer, study: FilterStudy, kind: str = "straight_edges") -> Claim:
    """Return whether a layer's filters hold more of a straight edge than their own weights shuffled.

    The first layer's claim is of the kind `straight_edges`, a deeper one's of the kind `edge_slices`.

    Supported when the mean share over the filters exceeds 97.5 of 100 layers of shuffled filters. Cannot be told
    of filters that are less than two pixels high or wide, or that hold weights that are not finite.
    """
    if min(study.kernel.shape[:2]) < 2 or not np.isfinite(study.kernel).all():
        return cannot_tell(kind, layer, "chance")
    chance = spread(study.edge_chance)
    value = float(study.edge_share.mean())
    return judged(
        kind,
        layer,
        value,
        "chance",
        chance,
        above(value, chance),
        details={"filters": study.kernel.shape[3], "untrained": float(study.edge_share_before.mean())},
    )


def sees_more(first: Layer, last: Layer, fields: dict[int, ReceptiveField]) -> Claim:
    """Return whether a unit of the last convolution sees more of the picture than one of the first.

    Supported when its receptive field is larger in both directions, and not only beyond the picture's border. It
    follows from the way the network is built, so that the untrained twin has the same.
    """
    if first.index not in fields or last.index not in fields or first.index == last.index:
        return cannot_tell("sees_more", last, "first_layer")
    small, large = fields[first.index], fields[last.index]
    larger = large.size[0] > small.size[0] and large.size[1] > small.size[1]
    grows = larger and large.share_of_picture > small.share_of_picture
    return judged(
        "sees_more",
        last,
        large.share_of_picture,
        "first_layer",
        small.share_of_picture,
        Verdict.SUPPORTED if grows else Verdict.NOT_SUPPORTED,
        details={
            "height": large.size[0],
            "width": large.size[1],
            "first_height": small.size[0],
            "first_width": small.size[1],
        },
    )


def more_zeros(layers: tuple[Layer, ...], seed: int) -> Claim | None:
    """Return whether the share of zeros grows from the first to the last layer of rectified maps, and was learned.

    Supported when the growth is above zero and its interval lies above that of the untrained twin; not supported
    when the growth is not above zero, or not above the twin's; in between, or over fewer than five pictures,
    nothing can be told. None where there are no two such layers.
    """
    rectified = [each for each in layers if is_rectified(each) and _has_maps(each)]
    if len(rectified) < 2:
        return None
    first, last = rectified[0], rectified[-1]
    grown, twin = growths(first, last, lambda a, b: growth_of_zeros(a, b, seed))
    if grown is None or twin is None or surveyed(last) < FEWEST:
        return cannot_tell("more_zeros", last, "twin", step_from(first))
    return judged(
        "more_zeros",
        last,
        grown,
        "twin",
        twin,
        learned_growth(grown, twin),
        pictures=surveyed(last),
        details=_zero_details(first, last),
    )


def favourite_class(layer: Layer, row: DepthRow) -> Claim:
    """Return whether a layer's units favour one class, and learned to.

    Supported when the mean class selectivity's interval lies above the untrained twin's; not supported when the
    mean is not above the twin's; in between nothing can be told, nor from fewer than five units in either network
    or ten pictures a class: the fewer pictures, the more favourites by accident.
    """
    measured, twin = row.selectivity, row.selectivity_untrained
    if measured is None or twin is None or not _enough_for_favourites(layer, row):
        return cannot_tell("favourite_class", layer, "twin")
    return judged(
        "favourite_class",
        layer,
        measured,
        "twin",
        twin,
        higher(measured, twin),
        pictures=surveyed(layer),
        details={"units": row.choosy_units, "all_units": layer.output_shape[-1] or 0},
    )


def above(value: float, chance: Measured) -> Verdict:
    """Return the verdict on a counted number that has to lie above what chance gives in 97.5 of 100 draws."""
    return Verdict.SUPPORTED if value > chance.high + ROUNDING else Verdict.NOT_SUPPORTED


def higher(measured: Measured, twin: Measured) -> Verdict:
    """Return the verdict on a number whose interval has to lie above that of the twin."""
    if measured.low > twin.high:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if measured.value <= twin.value else Verdict.CANNOT_TELL


def learned_growth(grown: Measured, twin: Measured) -> Verdict:
    """Return the verdict on a growth that has to lie above zero, and above that of the twin."""
    if grown.value <= 0:
        return Verdict.NOT_SUPPORTED
    verdict = higher(grown, twin)
    return Verdict.CANNOT_TELL if verdict is Verdict.SUPPORTED and grown.low <= 0 else verdict


def growths(
    first: Layer, last: Layer, measure: Callable[[Responses, Responses], Measured | None]
) -> tuple[Measured | None, Measured | None]:
    """Return by how much a measure grows from one layer to another, in the network and in its twins together."""
    if not (answers_of(first) and answers_of(last)):
        return None, None
    own, *twins = [measure(*each) for each in zip(answers_of(first), answers_of(last), strict=True)]
    return own, over_twins(twins)


def answers_of(layer: Layer) -> tuple[Responses, ...]:
    """Return how a layer answered in the trained network, then in each of its twins; none if it was not seen."""
    if layer.trained is None or layer.untrained is None:
        return ()
    return layer.trained.responses, layer.untrained.responses, *layer.other_twins


def _zero_details(first: Layer, last: Layer) -> dict[str, float]:
    ends = {"first": first, "last": last}
    trained = {f"{end}": _zero_share(layer, untrained=False) for end, layer in ends.items()}
    twins = {f"{end}_untrained": _zero_share(layer, untrained=True) for end, layer in ends.items()}
    return trained | twins | step_from(first)


def step_from(first: Layer) -> dict[str, float]:
    """Return the detail of a claim that something grows: from which layer on."""
    return {"first_layer": first.index}


def _zero_share(layer: Layer, *, untrained: bool) -> float:
    """Return the mean share of zeros in the trained network, or in its untrained twins together."""
    answers = answers_of(layer)
    shares = [each.zero_share.mean(dtype=float) for each in (answers[1:] if untrained else answers[:1])]
    return float(np.mean(shares)) if shares else float("nan")


def _has_maps(layer: Layer) -> bool:
    return layer.trained is not None and layer.trained.responses.places > 1


def _enough_for_favourites(layer: Layer, row: DepthRow) -> bool:
    if layer.trained is None or min(row.choosy_units, row.choosy_units_untrained) < FEWEST:
        return False
    return surveyed(layer) >= FEWEST_A_CLASS * len(pictured_classes(layer.trained.responses))


def surveyed(layer: Layer) -> int:
    """Return over how many pictures a layer's answers were counted."""
    return layer.trained.responses.pictures if layer.trained else 0


def cannot_tell(kind: str, layer: Layer, against: str, details: Mapping[str, float] | None = None) -> Claim:
    """Return the claim of a sentence that could not be measured on this network."""
    return Claim(kind, layer.index, None, None, None, against, None, Verdict.CANNOT_TELL, 0, dict(details or {}))
