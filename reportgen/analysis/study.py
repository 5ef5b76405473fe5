"""Everything that is measured of one network, gathered: the way from a snapshot to an analysis."""

from dataclasses import dataclass, replace
from functools import cached_property

from reportgen.analysis.agreement import AgreementStudy, agreement_study
from reportgen.analysis.attribution import MethodStudy, method_study
from reportgen.analysis.budget import FILTERS, units_shown, weights_tabled
from reportgen.analysis.claims import Claim
from reportgen.analysis.connections import ConnectionStudy, connection_study
from reportgen.analysis.depth import DepthRow, depth_row
from reportgen.analysis.feature_maps import UNCHANGING, MapStudy, map_study
from reportgen.analysis.filters import FilterStudy, filter_study, filter_weight, reads_colours
from reportgen.analysis.folding import FoldingStudy, folding_study
from reportgen.analysis.formation import FormationStudy, formation_study
from reportgen.analysis.importance import ImportanceStudy, importance_study
from reportgen.analysis.mixtures import MixtureStudy, mixture_study
from reportgen.analysis.receptive_field import ReceptiveField, receptive_fields
from reportgen.analysis.results import Results, results
from reportgen.analysis.sentences import claims_of_network
from reportgen.analysis.spaces import SpaceRow, space_rows
from reportgen.analysis.stimuli import Stimuli, stimuli
from reportgen.analysis.top_classes import TopClass, top_classes
from reportgen.analysis.tuning import TuningStudy, tuning_study
from reportgen.analysis.weights import WeightStudy, weight_study
from reportgen.snapshot import Layer, Snapshot

SEED = 42
"""Seed of every random draw of the analysis: bootstrap samples and shuffles."""


@dataclass(frozen=True, eq=False)
class LayerStudy:
    """One layer and all that was measured of it; what does not apply is None."""

    layer: Layer
    weights: tuple[WeightStudy, ...]
    filters: FilterStudy | None
    mixture: MixtureStudy | None
    maps: MapStudy | None
    connections: ConnectionStudy | None
    field: ReceptiveField | None
    depth: DepthRow | None
    space: SpaceRow | None
    """That of the layer before, where the layer only hands on numbers."""
    top_classes: tuple[TopClass | None, ...]
    """For each unit the class that is most frequent among its top pictures."""
    tuning: TuningStudy | None
    importance: ImportanceStudy | None
    formation: FormationStudy | None
    agreement: AgreementStudy | None
    folding: FoldingStudy | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """All numbers of a report."""

    snapshot: Snapshot
    layers: tuple[LayerStudy, ...]
    spaces: tuple[SpaceRow, ...]
    """Of the picture itself and of every layer that does more than hand on numbers."""
    stimuli: Stimuli | None
    """The synthetic pictures; None where the network gets no pictures of one size."""
    methods: tuple[MethodStudy, ...]
    """Of the methods that mark pixels: those that could be used on this network."""
    claims: tuple[Claim, ...]
    results: Results | None
    seed: int

    def layer(self, index: int) -> LayerStudy:
        """Return the study of the layer with this index."""
        return next(each for each in self.layers if each.layer.index == index)

    def claims_of(self, kind: str, layer: int | None = None) -> tuple[Claim, ...]:
        """Return the claims of a kind, of one layer or of all."""
        return tuple(each for each in self.claims if each.kind == kind and layer in (None, each.layer))

    def units_shown(self, study: LayerStudy) -> int:
        """Return how many units of a layer, the first ones, have an entry in the report."""
        return self._units_shown.get(study.layer.index, 0)

    def filters_shown(self, study: LayerStudy) -> int:
        """Return how many filters of a layer, the first ones, are drawn."""
        if study.filters is None:
            return 0
        return min(int(study.filters.kernel.shape[3]), max(self.units_shown(study), FILTERS))

    @cached_property
    def tabled(self) -> frozenset[int]:
        """The layers whose filters are listed weight by weight."""
        return weights_tabled({each.layer.index: each.filters.kernel.size for each in self.layers if each.filters})

    @cached_property
    def _units_shown(self) -> dict[int, int]:
        units = {each.layer.index: _units(each) for each in self.layers if _units(each)}
        ends = {each.layer.index for each in (*self.convolutions[:1], *self.convolutions[-1:])}
        return units_shown(units, len(self.snapshot.showcase), ends & units.keys() | set(list(units)[-1:]))

    @property
    def convolutions(self) -> tuple[LayerStudy, ...]:
        """The layers with filters, in order."""
        return tuple(each for each in self.layers if each.filters is not None)

    @property
    def last_hidden(self) -> LayerStudy | None:
        """The last layer of single-number units before the output, where there is one."""
        hidden = [each for each in self.layers[:-1] if each.layer.kind == "Dense" and each.depth is not None]
        return hidden[-1] if hidden else None


def _units(study: LayerStudy) -> int:
    """Return how many units a layer has of its own: those that answered, else its filters."""
    if study.layer.kind in UNCHANGING:
        return 0
    if study.maps is not None:
        return len(study.maps.states.dead)
    return int(study.filters.kernel.shape[3]) if study.filters else 0


def analyse(snapshot: Snapshot) -> Analysis:
    """Return everything that is measured of a network."""
    fields = receptive_fields(snapshot.input_shape, snapshot.layers)
    spaces = space_rows(snapshot, SEED)
    shown = _stimuli(snapshot)
    studies = tuple(_layer_study(layer, snapshot, fields, spaces, shown) for layer in snapshot.layers)
    found = Analysis(
        snapshot=snapshot,
        layers=studies,
        spaces=spaces,
        stimuli=shown,
        methods=_methods(snapshot),
        claims=(),
        results=results(snapshot),
        seed=SEED,
    )
    return replace(found, claims=tuple(claims_of_network(found)))


def _layer_study(
    layer: Layer,
    snapshot: Snapshot,
    fields: dict[int, ReceptiveField],
    spaces: tuple[SpaceRow, ...],
    shown: Stimuli | None,
) -> LayerStudy:
    record, place, maps = snapshot.record, _place_among_kernels(layer, snapshot), map_study(layer)
    return LayerStudy(
        layer=layer,
        weights=tuple(weight_study(weight) for weight in layer.weights),
        filters=filter_study(layer, SEED, in_colour=_in_colour(layer, snapshot)),
        mixture=mixture_study(layer, SEED),
        maps=maps,
        connections=connection_study(layer, snapshot.layers, snapshot.input_shape),
        field=fields.get(layer.index),
        depth=depth_row(layer, SEED),
        space=_space(layer, snapshot, spaces),
        top_classes=top_classes(layer, snapshot.survey.labels),
        tuning=tuning_study(layer, shown) if shown else None,
        importance=_importance(layer, maps),
        formation=formation_study(layer, place, record, SEED) if record and place is not None else None,
        agreement=agreement_study(layer, place, record, SEED) if record and place is not None else None,
        folding=folding_study(layer, snapshot.layers),
    )


def _in_colour(layer: Layer, snapshot: Snapshot) -> bool:
    return reads_colours(layer, snapshot.layers, snapshot.input_shape)


def _importance(layer: Layer, maps: MapStudy | None) -> ImportanceStudy | None:
    if layer.ablation is None or maps is None or not len(layer.ablation.lost):
        return None
    return importance_study(layer.ablation, ~maps.states.dead, SEED)


def _stimuli(snapshot: Snapshot) -> Stimuli | None:
    """Return the synthetic pictures as they were shown, None where no layer has answers to any."""
    if all(layer.tuning is None for layer in snapshot.layers):
        return None
    height, width, channels = (side or 0 for side in snapshot.showcase[0].pixels.shape)
    return stimuli(height, width, channels, *snapshot.pixel_range)


def _place_among_kernels(layer: Layer, snapshot: Snapshot) -> int | None:
    """Return which of the recorded kernels is the layer's; None for a layer that is no convolution."""
    convolutions = [each.index for each in snapshot.layers if filter_weight(each) is not None]
    return convolutions.index(layer.index) if layer.index in convolutions else None


def _space(layer: Layer, snapshot: Snapshot, spaces: tuple[SpaceRow, ...]) -> SpaceRow | None:
    by_index = {row.layer: row for row in spaces}
    while layer.kind in UNCHANGING and layer.inputs and layer.inputs[0]:
        layer = next(each for each in snapshot.layers if each.index == layer.inputs[0])
    return by_index.get(layer.index) if layer.index else None


def _methods(snapshot: Snapshot) -> tuple[MethodStudy, ...]:
    marked = snapshot.attribution
    used = (marked.grad_cam, marked.integrated) if marked else ()
    return tuple(method_study(each, SEED) for each in used if each is not None)
