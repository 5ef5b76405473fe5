"""Walks a network's layers in their order, with the facts of each and the place where its output can be got.

It does not know what comes out of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reportgen.axes import Shape, map_shape
from reportgen.observe.network import Network, leaves, node_of
from reportgen.snapshot import Floats, Weight, Window, read_only

if TYPE_CHECKING:
    import keras

NO_PICTURES = "no_pictures"
SEVERAL_OUTPUTS = "several_outputs"
OTHER_OUTPUT = "other_output"
CANNOT_RUN = "cannot_run"
NO_TWIN = "no_twin"
WEIGHTS_ONLY = "weights_only"
"""Why a layer's output is not shown; the words for each are those of the pages."""

SLIDING = frozenset({"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"})
"""Kinds of layers that slide over a picture."""
WINDOWED = SLIDING | {
    "AveragePooling1D", "Conv1D", "Conv1DTranspose", "Conv2DTranspose", "DepthwiseConv1D", "MaxPooling1D",
    "SeparableConv1D",
}  # fmt: skip
PADDINGS = ("same", "valid")
FRAMING = frozenset({"Cropping1D", "Cropping2D", "ZeroPadding1D", "ZeroPadding2D"})


@dataclass(frozen=True, eq=False)
class Step:
    """One use of a layer in a network, with all that is known before a picture has gone through."""

    index: int
    name: str
    """With the names of the networks that it lies in."""
    kind: str
    inputs: tuple[int, ...]
    output_shape: tuple[int | None, ...]
    parameters: int
    activation: str | None
    window: Window | None
    weights: tuple[tuple[str, int], ...]
    """Name, and place in the network's list of weights; none in a later use of the same layer."""
    output: "keras.KerasTensor | None"
    """Where the layer's output can be got; None where it cannot."""
    not_shown: str | None
    shared_with: int | None = None
    """Index of the first use of the same layer, where this is a later one."""
    epsilon: float | None = None
    """What a normalisation adds to the variance."""
    units_first: bool = False
    """Whether the output's units stand on its first axis."""

    @property
    def map_shape(self) -> Shape:
        """The output's shape as it is laid out in maps, see `snapshot.Layer.map_shape`."""
        return map_shape(self.output_shape, units_first=self.units_first) or ()


def steps(network: Network) -> tuple[Step, ...]:
    """Return the uses of a network's layers in order; its inputs are not among them."""
    places = {id(variable): place for place, variable in enumerate(network.weights)}
    if network.reason:
        return tuple(_hidden_steps(network, places, network.reason))
    numbers = {id(node): number for number, node in enumerate(network.nodes, start=1)}
    firsts: dict[int, int] = {}
    for node in network.nodes:
        firsts.setdefault(id(node.operation), numbers[id(node)])
    return tuple(_step(node, network, numbers, places, firsts[id(node.operation)]) for node in network.nodes)


def weights_of(step: Step, trained: Sequence[Floats], initial: Sequence[Floats] | None) -> tuple[Weight, ...]:
    """Return a layer's weights out of the network's, after training and before, where that is known."""
    return tuple(
        Weight(name, _values(trained[place]), None if initial is None else _values(initial[place]))
        for name, place in step.weights
    )


def input_shape(network: Network) -> tuple[int | None, ...]:
    """Return the shape of the input that gets the picture, channels last, no batch; empty if not known."""
    return network.fed.last


def picture_shape(network: Network) -> tuple[int | None, ...]:
    """Return (height, width, channels) of the picture that the network is fed with, as it is laid open."""
    return tuple(network.inputs[0].shape[1:]) if network.inputs else network.fed.picture_shape


def _values(array: Floats) -> Floats:
    # Numbers of 64 bits that 32 cannot hold become infinite, and are shown as such.
    with np.errstate(over="ignore"):
        return read_only(np.array(array, np.float32))


def _hidden_steps(network: Network, places: dict[int, int], reason: str) -> Iterator[Step]:
    """Yield the layers of a network of which nothing but the weights is known."""
    for index, (path, layer) in enumerate(leaves(network.model), start=1):
        yield Step(
            index=index,
            name=path,
            kind=type(layer).__name__,
            inputs=(),
            output_shape=(),
            parameters=layer.count_params() if layer.built else 0,
            activation=_activation(layer),
            window=None,
            weights=tuple(_named(layer, places)),
            output=None,
            not_shown=reason,
        )


def _step(
    node: "keras.src.ops.node.Node", network: Network, numbers: dict[int, int], places: dict[int, int], first: int
) -> Step:
    layer, index = node.operation, numbers[id(node)]
    units_first = id(node) in network.units_first
    not_shown = _reason(node, units_first=units_first)
    later = first != index
    return Step(
        index=index,
        name=network.paths[id(node)],
        kind=type(layer).__name__,
        inputs=tuple(sorted({numbers.get(id(node_of(each)), 0) for each in node.input_tensors})),
        output_shape=tuple(node.outputs[0].shape[1:]),
        parameters=layer.count_params() if hasattr(layer, "count_params") and not later else 0,
        activation=_activation(layer),
        window=_window(layer),
        weights=() if later else tuple(_named(layer, places)),
        output=None if not_shown else node.outputs[0],
        not_shown=not_shown,
        shared_with=first if later else None,
        epsilon=_epsilon(layer),
        units_first=units_first,
    )


def _reason(node: "keras.src.ops.node.Node", *, units_first: bool) -> str | None:
    if len(node.outputs) != 1:
        return SEVERAL_OUTPUTS
    tensor = node.outputs[0]
    batched = len(tensor.shape) > 1 and tensor.shape[0] is None
    return None if batched and map_shape(tensor.shape[1:], units_first=units_first) else OTHER_OUTPUT


def _activation(operation: "keras.Operation") -> str | None:
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", None) or getattr(activation, "name", None)
    return None if name in (None, "linear") else str(name)


def _epsilon(operation: "keras.Operation") -> float | None:
    epsilon = getattr(operation, "epsilon", None)
    return float(epsilon) if isinstance(epsilon, float | int) else None


def _window(operation: "keras.Operation") -> Window | None:
    if (frame := _frame(operation)) is not None:
        return Window((1, 1), (1, 1), (1, 1), "valid", frame)
    if type(operation).__name__ not in WINDOWED or str(operation.padding) not in PADDINGS:
        return None
    size = getattr(operation, "kernel_size", None) or operation.pool_size
    dilation = getattr(operation, "dilation_rate", (1, 1))
    return Window(_pair(size), _pair(operation.strides), _pair(dilation), str(operation.padding))


def _frame(operation: "keras.Operation") -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return what a layer that only pads or crops adds around its input, None for all others."""
    kind = type(operation).__name__
    if kind not in FRAMING:
        return None
    sign, sides = (1, operation.padding) if kind.startswith("Zero") else (-1, operation.cropping)
    rows, columns = ((0, 0), sides) if kind.endswith("1D") else sides
    return (sign * rows[0], sign * rows[1]), (sign * columns[0], sign * columns[1])


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    """Return (height, width); what slides along a sequence slides along a strip of one row."""
    if isinstance(value, int):
        return value, value
    return (1, int(value[0])) if len(value) == 1 else (int(value[0]), int(value[1]))


def _named(operation: "keras.Operation", places: dict[int, int]) -> Iterator[tuple[str, int]]:
    """Yield the last parts of the weights' paths, or all behind the layer's name where these are not unique."""
    variables = [each for each in getattr(operation, "weights", []) if id(each) in places]
    short = [variable.path.rsplit("/", 1)[-1] for variable in variables]
    unique = len(set(short)) == len(short)
    for variable, name in zip(variables, short, strict=True):
        long = variable.path.split(f"{operation.name}/", 1)[-1]
        yield (name if unique else long), places[id(variable)]
