"""Walks a network's layers in their order, with the facts of each and the place where its output can be got.

It does not know what comes out of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reportgen.snapshot import Floats, Weight, Window, read_only

if TYPE_CHECKING:
    import keras

NO_PICTURES = "no_pictures"
USED_TWICE = "used_twice"
SEVERAL_OUTPUTS = "several_outputs"
OTHER_OUTPUT = "other_output"
CHANNELS_FIRST = "channels_first"
SEVERAL_INPUTS = "several_inputs"
NO_PICTURE_INPUT = "no_picture_input"
NO_GRAPH = "no_graph"
"""Why a layer's output is not shown; the words for each are those of the pages."""

SLIDING = frozenset({"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"})


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of a network, with all that is known before a picture has gone through."""

    index: int
    name: str
    kind: str
    inputs: tuple[int, ...]
    output_shape: tuple[int | None, ...]
    parameters: int
    activation: str | None
    window: Window | None
    weights: tuple[tuple[str, int], ...]
    """Name, and place in the network's list of weights."""
    output: "keras.KerasTensor | None"
    """Where the layer's output can be got; None where it cannot."""
    not_shown: str | None


def steps(model: "keras.Model") -> tuple[Step, ...]:
    """Return a network's layers in order; its inputs are not among them.

    A layer that is used more than once stands where it is used first, and reads what all its uses read.
    """
    uses = _uses(model)
    operations = [each for each in _operations(model) if uses or not _is_input(each)]
    listed = [each for each in operations if not _is_input(each) and (not uses or id(each) in uses)]
    numbers = {id(each): number for number, each in enumerate(listed, start=1)}
    places = {id(variable): place for place, variable in enumerate(model.weights)}
    whole = _reason_for_all(model, operations)
    return tuple(_step(each, uses.get(id(each), []), numbers, places, whole) for each in listed)


def weights_of(step: Step, trained: Sequence[Floats], initial: Sequence[Floats]) -> tuple[Weight, ...]:
    """Return a layer's weights out of the network's, after training and before."""
    return tuple(Weight(name, _values(trained[place]), _values(initial[place])) for name, place in step.weights)


def input_shape(model: "keras.Model") -> tuple[int | None, ...]:
    """Return the shape of a network's first input, without the batch; empty where it is not known."""
    inputs = getattr(model, "inputs", None)
    return tuple(inputs[0].shape[1:]) if inputs else ()


def _values(array: Floats) -> Floats:
    return read_only(np.array(array, np.float32))


def _operations(model: "keras.Model") -> "list[keras.Operation]":
    graph = getattr(model, "_functional", None) or model
    return list(getattr(graph, "operations", model.layers))


def _is_input(operation: "keras.Operation") -> bool:
    return type(operation).__name__ == "InputLayer"


def _uses(model: "keras.Model") -> "dict[int, list[keras.src.ops.node.Node]]":
    """Return, by the identity of a layer, its uses in this network, found from the outputs back to the inputs.

    A layer may have been used outside this network as well, so that its own list of uses is of no help.
    """
    found: dict[int, list[keras.src.ops.node.Node]] = {}
    seen = set()
    waiting = list(getattr(model, "outputs", None) or [])
    while waiting:
        node = node_of(waiting.pop())
        if id(node) not in seen:
            seen.add(id(node))
            found.setdefault(id(node.operation), []).append(node)
            waiting.extend(node.input_tensors)
    return found


def node_of(tensor: "keras.KerasTensor") -> "keras.src.ops.node.Node":
    """Return the use of a layer that a tensor comes out of."""
    # Keras has no public way into its graph.
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _reason_for_all(model: "keras.Model", operations: "list[keras.Operation]") -> str | None:
    """Return why no layer of this network can be shown; None where layers can."""
    if not getattr(model, "inputs", None):
        return NO_GRAPH
    if len(model.inputs) > 1:
        return SEVERAL_INPUTS
    if len(input_shape(model)) != 3:
        return NO_PICTURE_INPUT
    first = any(getattr(each, "data_format", None) == "channels_first" for each in operations)
    return CHANNELS_FIRST if first else None


def _step(
    operation: "keras.Operation",
    uses: "list[keras.src.ops.node.Node]",
    numbers: dict[int, int],
    places: dict[int, int],
    reason: str | None,
) -> Step:
    outputs = [tensor for node in uses for tensor in node.outputs]
    not_shown = reason or _reason(uses, outputs)
    return Step(
        index=numbers[id(operation)],
        name=operation.name,
        kind=type(operation).__name__,
        inputs=tuple(sorted({number for node in uses for number in _inputs(node, numbers)})),
        output_shape=tuple(outputs[0].shape[1:]) if outputs else (),
        parameters=operation.count_params() if hasattr(operation, "count_params") else 0,
        activation=_activation(operation),
        window=_window(operation),
        weights=tuple(_named(operation, places)),
        output=None if not_shown else outputs[0],
        not_shown=not_shown,
    )


def _inputs(node: "keras.src.ops.node.Node", numbers: dict[int, int]) -> Iterator[int]:
    for tensor in node.input_tensors:
        yield numbers.get(id(node_of(tensor).operation), 0)


def _reason(uses: "list[keras.src.ops.node.Node]", outputs: "list[keras.KerasTensor]") -> str | None:
    if len(uses) > 1:
        return USED_TWICE
    if len(outputs) != 1:
        return SEVERAL_OUTPUTS
    return None if len(outputs[0].shape) in (2, 4) else OTHER_OUTPUT


def _activation(operation: "keras.Operation") -> str | None:
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    return None if name in (None, "linear") else str(name)


def _window(operation: "keras.Operation") -> Window | None:
    if type(operation).__name__ not in SLIDING:
        return None
    size = getattr(operation, "kernel_size", None) or operation.pool_size
    dilation = getattr(operation, "dilation_rate", (1, 1))
    return Window(_pair(size), _pair(operation.strides), _pair(dilation), str(operation.padding))


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _named(operation: "keras.Operation", places: dict[int, int]) -> Iterator[tuple[str, int]]:
    """Yield the last parts of the weights' paths, or all behind the layer's name where these are not unique."""
    variables = list(getattr(operation, "weights", []))
    short = [variable.path.rsplit("/", 1)[-1] for variable in variables]
    unique = len(set(short)) == len(short)
    for variable, name in zip(variables, short, strict=True):
        long = variable.path.split(f"{operation.name}/", 1)[-1]
        yield (name if unique else long), places[id(variable)]
