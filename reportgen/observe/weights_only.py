"""A snapshot of a network of which nothing is known but its weights and their names; it runs nothing."""

import json
from collections.abc import Mapping
from itertools import groupby
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reportgen.observe.layers import WEIGHTS_ONLY
from reportgen.snapshot import Layer, Snapshot, Survey, Weight, network_digest, read_only

KIND = "Variables"
"""What stands in the place of a layer's kind."""


def snapshot_of_weights(name: str, arrays: Mapping[str, NDArray[Any]], versions: dict[str, str]) -> Snapshot:
    """Return what can be said of a network by its weights alone.

    Args:
        name: of the network.
        arrays: by their names; those with the same name but for its last part make one layer.
        versions: of the libraries that read them.
    """
    names = sorted(arrays)
    together = [(path, list(group)) for path, group in groupby(names, _path)]
    return Snapshot(
        name=name,
        digest=network_digest(json.dumps(names), (arrays[each] for each in names)),
        input_shape=(),
        parameters=sum(prod(each.shape) for each in arrays.values()),
        layers=tuple(_layer(index, *each, arrays) for index, each in enumerate(together, start=1)),
        twin_origin="none",
        twin_seed=0,
        showcase=(),
        survey=Survey(0, "", read_only(np.zeros(0, np.int64)), read_only(np.zeros((0, 0), np.float32))),
        record=None,
        versions=versions,
    )


def _path(name: str) -> str:
    return name.rpartition("/")[0]


def _layer(index: int, path: str, names: list[str], arrays: Mapping[str, NDArray[Any]]) -> Layer:
    return Layer(
        index=index,
        name=path or names[0],
        kind=KIND,
        inputs=(),
        output_shape=(),
        parameters=sum(prod(arrays[each].shape) for each in names),
        activation=None,
        window=None,
        weights=tuple(_weight(each, arrays[each]) for each in names),
        trained=None,
        untrained=None,
        not_shown=WEIGHTS_ONLY,
    )


def _weight(name: str, values: NDArray[Any]) -> Weight:
    # Numbers that 32 bits cannot hold become infinite, and are shown as such.
    with np.errstate(over="ignore"):
        return Weight(name.rpartition("/")[2], read_only(np.array(values, np.float32)), None)
