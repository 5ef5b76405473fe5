"""Everything that is measured of one network, gathered: the way from a snapshot to an analysis."""

from dataclasses import dataclass

import numpy as np

from reportgen.analysis.claims import (
    Claim,
    favourite_class,
    more_zeros,
    sees_more,
    straight_edges,
    weights_moved,
)
from reportgen.analysis.connections import ConnectionStudy, connection_study
from reportgen.analysis.depth import DepthRow, depth_row
from reportgen.analysis.feature_maps import MapStudy, is_spatial, map_study
from reportgen.analysis.filters import FilterStudy, filter_study
from reportgen.analysis.receptive_field import ReceptiveField, receptive_fields
from reportgen.analysis.results import Results, results
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
    maps: MapStudy | None
    connections: ConnectionStudy | None
    field: ReceptiveField | None
    depth: DepthRow | None


@dataclass(frozen=True, eq=False)
class Analysis:
    """All numbers of a report."""

    snapshot: Snapshot
    layers: tuple[LayerStudy, ...]
    claims: tuple[Claim, ...]
    results: Results | None
    seed: int

    def layer(self, index: int) -> LayerStudy:
        """Return the study of the layer with this index."""
        return next(each for each in self.layers if each.layer.index == index)

    def claims_of(self, kind: str, layer: int | None = None) -> tuple[Claim, ...]:
        """Return the claims of a kind, of one layer or of all."""
        return tuple(each for each in self.claims if each.kind == kind and layer in (None, each.layer))

    @property
    def convolutions(self) -> tuple[LayerStudy, ...]:
        """The layers with filters, in order."""
        return tuple(each for each in self.layers if each.filters is not None)

    @property
    def last_hidden(self) -> LayerStudy | None:
        """The last layer of single-number units before the output, where there is one."""
        hidden = [each for each in self.layers[:-1] if each.layer.kind == "Dense" and each.depth is not None]
        return hidden[-1] if hidden else None


def analyse(snapshot: Snapshot) -> Analysis:
    """Return everything that is measured of a network."""
    fields = receptive_fields(snapshot)
    studies = tuple(_layer_study(layer, snapshot, fields) for layer in snapshot.layers)
    return Analysis(snapshot, studies, tuple(_claims(studies, fields)), results(snapshot), SEED)


def _layer_study(layer: Layer, snapshot: Snapshot, fields: dict[int, ReceptiveField]) -> LayerStudy:
    maps = map_study(layer)
    none = np.zeros(0)
    return LayerStudy(
        layer=layer,
        weights=tuple(weight_study(weight) for weight in layer.weights),
        filters=filter_study(layer, SEED),
        maps=maps,
        connections=connection_study(layer, snapshot.layers),
        field=fields.get(layer.index),
        depth=depth_row(
            layer, maps.selectivity if maps else none, maps.selectivity_before if maps else none, SEED
        ),
    )


def _claims(studies: tuple[LayerStudy, ...], fields: dict[int, ReceptiveField]) -> list[Claim]:
    convolutions = [each for each in studies if each.filters is not None]
    claims = [weights_moved(each.layer, each.weights[0]) for each in studies if _has_kernel(each)]
    if convolutions and convolutions[0].filters:
        claims.append(straight_edges(convolutions[0].layer, convolutions[0].filters))
    if len(convolutions) > 1:
        claims.append(sees_more(convolutions[0].layer, convolutions[-1].layer, fields))
    zeros = more_zeros(tuple(each.layer for each in studies), SEED)
    chosen = [each for each in studies if each.depth and (is_spatial(each.layer) or each.layer.kind == "Dense")]
    claims += [zeros] if zeros else []
    return claims + [
        favourite_class(each.layer, each.depth) for each in chosen if each.depth and each.depth.rectified
    ]


def _has_kernel(study: LayerStudy) -> bool:
    return bool(study.weights) and len(study.weights[0].shape) >= 2
