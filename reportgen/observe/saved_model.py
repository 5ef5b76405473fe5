"""Reads the weights of a SavedModel by their names, and nothing else: its graphs are programs, and stay shut."""

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import ModelError

if TYPE_CHECKING:
    import tensorflow as tf

VARIABLES = ("variables", "variables")
"""Folder, and what the names of the files in it begin with."""
_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_NOT_LEARNED = ("optimizer", "save_counter", "keras_api", "seed_generator", "iterations", "learning_rate")
"""Parts of the names of variables that are no weights."""
_WHAT_TO_GIVE = "Save the network with model.save('network.keras'), and give that file."


def weights_of_saved_model(folder: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a SavedModel by the names that Keras gave them.

    Raises:
        ModelError: its variables cannot be read, there are none, or they ask for more than the folder holds.
    """
    import tensorflow as tf

    name = folder.name
    try:
        reader = tf.train.load_checkpoint(str(folder.joinpath(*VARIABLES)))
        _check_size(folder, reader)
        found = dict(_arrays(reader))
    except (tf.errors.OpError, ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise ModelError(f"{name}: the variables of this SavedModel cannot be read. {_WHAT_TO_GIVE}") from error
    if not found:
        raise ModelError(f"{name}: a SavedModel without any weights. {_WHAT_TO_GIVE}")
    return _without_common_root(found)


def _check_size(folder: Path, reader: "tf.train.CheckpointReader") -> None:
    stored = sum(path.stat().st_size for path in (folder / VARIABLES[0]).iterdir() if path.is_file())
    types = reader.get_variable_to_dtype_map()
    asked = sum(
        prod(shape) * types[key].size for key, shape in reader.get_variable_to_shape_map().items() if key != _GRAPH
    )
    if asked > stored:
        raise ValueError(f"{asked} bytes asked for, {stored} stored")


def _arrays(reader: "tf.train.CheckpointReader") -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield each weight once, in the order of the names, though several parts of the folder may list it."""
    names, taken = _names(reader), dict[str, NDArray[Any]]()
    for key in sorted(names, key=lambda key: (names[key], key)):
        if not key.endswith(_VALUE) or any(part in f"{names[key]}/{key}" for part in _NOT_LEARNED):
            continue
        values = np.asarray(reader.get_tensor(key))
        name = names[key]
        if values.dtype.kind not in "biufV" or (name in taken and np.array_equal(taken[name], values)):
            continue
        name = name if name not in taken else key.removesuffix(_VALUE)
        taken[name] = values
        yield name, values


def _names(reader: "tf.train.CheckpointReader") -> Mapping[str, str]:
    """Return what each entry is called in Keras; by its key where that is not known."""
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    keys = [key for key in reader.get_variable_to_shape_map() if key != _GRAPH]
    names = {key: key.removesuffix(_VALUE) for key in keys}
    if reader.has_tensor(_GRAPH):
        graph = TrackableObjectGraph()
        graph.ParseFromString(reader.get_tensor(_GRAPH))
        known = (each for node in graph.nodes for each in node.attributes)
        names |= {each.checkpoint_key: each.full_name for each in known if each.full_name}
    return {key: names[key] for key in keys}


def _without_common_root(found: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the arrays without the network's own name, where all names begin with it and go on behind it."""
    roots = {name.partition("/")[0] for name in found}
    deep = all(name.count("/") > 1 for name in found)
    if len(roots) > 1 or not deep:
        return dict(found)
    return {name.partition("/")[2]: values for name, values in found.items()}
