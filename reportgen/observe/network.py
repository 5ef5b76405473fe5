"""A network as one graph: nested networks laid open, every use of a layer by itself, one picture going in.

Nothing is copied: the layers are called once more, on a picture of the size that is shown, so sizes left open,
fixed batches and the ways into nested networks do not matter any more. It does not know what is looked at.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from reportgen.axes import MOST_AXES, Shape, in_last, map_shape
from reportgen.errors import ModelError

if TYPE_CHECKING:
    import keras
    from keras.src.ops.node import Node

NO_GRAPH = "no_graph"
"""Why nothing of a network can be tapped."""
FIRST = "channels_first"
REORDERING = frozenset({"Flatten", "Reshape", "Permute", "RepeatVector", "Dense", "Embedding"})
"""Kinds of layers behind which units stand on the last axis again."""
_FAILURES = (ValueError, TypeError, AttributeError, KeyError, IndexError, RuntimeError, NotImplementedError)
"""What calling a layer on a picture that it does not fit is known to raise."""


@dataclass(frozen=True, eq=False)
class Network:
    """One network, laid open."""

    model: "keras.Model"
    """As it was opened: it holds the weights."""
    inputs: "tuple[keras.KerasTensor, ...]"
    """The one picture, (height, width, channels), see `axes`."""
    outputs: "tuple[keras.KerasTensor, ...]"
    nodes: "tuple[Node, ...]"
    """The uses of layers, each behind those that it reads."""
    paths: Mapping[int, str]
    """By the identity of a use, the layer's path: the names of the networks that it lies in, and its own."""
    fed: "Fed"
    reason: str | None = None
    """Why no layer can be tapped, as `NO_GRAPH`; None where they can."""
    units_first: frozenset[int] = field(default_factory=frozenset)
    """The identities of the uses of layers whose units stand on the first axis."""

    @property
    def name(self) -> str:
        """The network's own name."""
        return str(self.model.name)

    @property
    def weights(self) -> "list[keras.Variable]":
        """All of the network's, in its order."""
        return list(self.model.weights)

    @property
    def is_compiled(self) -> bool:
        """Whether it runs on a processor only when it is compiled, as everything that has its channels first."""
        return bool(self.units_first)

    @property
    def takes_pictures(self) -> bool:
        """Whether pictures can be made for it: it takes dots as they are, and has its channels last."""
        several = bool(self.inputs) and 1 not in self.inputs[0].shape[1:3]
        return several and len(self.fed.shape) in (1, 3) and "float" in self.fed.dtype and not self.units_first


@dataclass(frozen=True)
class Fed:
    """Which of a network's inputs gets the picture, and in which shape."""

    place: int
    shape: Shape
    """Of that input, without the batch, in its own order of axes; empty where it is not known."""
    dtype: str
    units_first: bool
    others: int
    """Inputs that get zeros."""

    @property
    def picture_shape(self) -> Shape:
        """(height, width, channels) of the picture."""
        shape = map_shape(self.shape, units_first=self.units_first) if self.shape else None
        if shape is None or len(shape) == 3:
            return shape or ()
        return (1, shape[0], 1)

    @property
    def last(self) -> Shape:
        """The shape with its channels last."""
        return in_last(self.shape, units_first=self.units_first)


def fed(model: "keras.Model") -> Fed:
    """Return which of a network's inputs is to get the picture: the first that may be one, else the first."""
    inputs = list(_graph_inputs(model))
    if not inputs:
        return Fed(0, (), "float32", units_first=False, others=0)
    pictures = [number for number, each in enumerate(inputs) if len(each.shape) == 4]
    place = (pictures or [0])[0]
    shape, first = tuple(inputs[place].shape[1:]), _has_channels_first(model)
    return Fed(place, shape, str(inputs[place].dtype), first and len(shape) == 3, len(inputs) - 1)


def laid_open(model: "keras.Model", shape: tuple[int, ...] | None = None) -> Network:
    """Return a network as one graph, for pictures of exactly this (height, width, channels), or of its own size.

    A network that cannot be laid open has no nodes, and tells why. One of a class of its own is laid open so far
    as its `call` can be followed on symbols of Keras'.

    Raises:
        ModelError: the network cannot be built for pictures of this size.
    """
    import keras

    feeding = fed(model)
    wanted = shape or feeding.picture_shape
    if not wanted or not 1 <= len(feeding.shape) <= MOST_AXES:
        return _closed(model, feeding)
    picture = keras.Input(wanted, dtype="float32", name="picture")
    walk = _Walk()
    try:
        values = list(_values(model, feeding, picture))
        outputs = walk.through(model, values)
    except _FAILURES as error:
        if shape is not None and shape != feeding.picture_shape and _graph(model) is not None:
            size = " × ".join(map(str, wanted))
            raise ModelError(
                f"{model.name}: cannot be built for pictures of {size}. Give pictures of another size."
            ) from error
        return _closed(model, feeding)
    return Network(
        model=model,
        inputs=(picture,),
        outputs=tuple(outputs),
        nodes=tuple(walk.nodes),
        paths=walk.paths,
        fed=feeding,
        units_first=frozenset(_units_first(walk.nodes)) if _has_channels_first(model) else frozenset(),
    )


class _Walk:
    """Calls the layers of a network once more, in its order, and remembers each call."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.paths: dict[int, str] = {}

    def through(
        self, model: "keras.Model", values: "Sequence[keras.KerasTensor]", path: str = ""
    ) -> "list[keras.KerasTensor]":
        """Return what comes out of a network for these inputs."""
        graph = _graph(model)
        if graph is None:
            return self._through_call(model, values, path)
        known = {id(tensor): value for tensor, value in zip(graph.inputs, values, strict=True)}
        for node in ordered_nodes(graph):
            outputs = self._call(node, known, path)
            known.update(zip(map(id, node.outputs), outputs, strict=True))
        return [known[id(tensor)] for tensor in graph.outputs]

    def _call(self, node: "Node", known: "dict[int, keras.KerasTensor]", path: str) -> "list[keras.KerasTensor]":
        import keras

        arguments, named = node.arguments.fill_in(known)
        inside = f"{path}{node.operation.name}"
        inner = _graph(node.operation)
        values = keras.tree.flatten(arguments[:1])
        if inner is not None and len(values) == len(inner.inputs):
            return self.through(node.operation, values, f"{inside}/")
        outputs: list[keras.KerasTensor] = keras.tree.flatten(node.operation(*arguments, **named))
        self._remember(outputs[0], inside)
        return outputs

    def _through_call(
        self, model: "keras.Model", values: "Sequence[keras.KerasTensor]", path: str
    ) -> "list[keras.KerasTensor]":
        """Follow a network of a class of its own: its layers are called on symbols, and each leaves a trace."""
        import keras

        outputs: list[keras.KerasTensor] = keras.tree.flatten(model.call(*values))
        for node in nodes_between(values, outputs):
            self._remember(node.outputs[0], f"{path}{node.operation.name}")
        return outputs

    def _remember(self, output: "keras.KerasTensor", path: str) -> None:
        node = node_of(output)
        self.nodes.append(node)
        self.paths[id(node)] = path


def node_of(tensor: "keras.KerasTensor") -> "Node":
    """Return the use of a layer that a tensor comes out of."""
    # Keras has no public way into its graph.
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def ordered_nodes(graph: "keras.Function") -> "Iterator[Node]":
    """Yield the uses of layers in a graph of Keras', in its own order, without its inputs."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            if not node.is_input and type(node.operation).__name__ != "InputLayer":
                yield node


def _graph(operation: "keras.Operation") -> "keras.Function | None":
    """Return the graph of a functional or sequential network; None for all else, and where `call` is its own."""
    import keras

    if isinstance(operation, keras.Sequential):
        own = type(operation).call is not keras.Sequential.call
        return None if own else operation._functional
    functional = keras.src.models.functional.Functional
    own = not isinstance(operation, functional) or type(operation).call is not functional.call
    return None if own else operation


def _graph_inputs(model: "keras.Model") -> "Iterator[keras.KerasTensor]":
    """Yield the inputs of a network, of which one of a class of its own only knows the shape."""
    import keras

    inputs = getattr(model, "inputs", None)
    if inputs:
        yield from inputs
        return
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    for shape in shapes.values():
        if isinstance(shape, tuple | list) and all(side is None or isinstance(side, int) for side in shape):
            yield keras.KerasTensor(tuple(shape), dtype=model.compute_dtype)


def _values(model: "keras.Model", feeding: Fed, picture: "keras.KerasTensor") -> "Iterator[keras.KerasTensor]":
    """Yield the inputs of a network: the picture in the shape that it takes, and zeros in all others' stead."""
    for place, each in enumerate(_graph_inputs(model)):
        yield _shaped(picture, feeding, each.dtype) if place == feeding.place else _zeros(picture, each)


def _shaped(picture: "keras.KerasTensor", feeding: Fed, dtype: str) -> "keras.KerasTensor":
    from keras import ops

    value, last = picture, feeding.last
    if len(last) == 4:
        height, width, channels = picture.shape[1:]
        depth = last[0] or 1
        parted = ops.reshape(value, (-1, height, depth, width // depth, channels))
        value = ops.transpose(parted, (0, 2, 1, 3, 4))
    elif len(last) != 3:
        sizes = (prod(picture.shape[1:]),) if len(last) == 1 else picture.shape[2:]
        value = ops.reshape(value, (-1, *sizes))
    if feeding.units_first:
        value = ops.transpose(value, (0, len(last), *range(1, len(last))))
    return value if dtype == "float32" else ops.cast(value, dtype)


def _zeros(picture: "keras.KerasTensor", wanted: "keras.KerasTensor") -> "keras.KerasTensor":
    """Return zeros of a shape, as many samples as there are pictures; a length left open is one."""
    from keras import ops

    sides = [side or 1 for side in wanted.shape[1:]]
    row = ops.zeros_like(ops.reshape(picture, (-1, prod(picture.shape[1:])))[:, :1])
    zeros = ops.reshape(ops.repeat(row, prod(sides), axis=1), (-1, *sides))
    return zeros if wanted.dtype == "float32" else ops.cast(zeros, wanted.dtype)


def _closed(model: "keras.Model", feeding: Fed) -> Network:
    """Return a network whose layers are known, but not how they hang together."""
    return Network(model, (), (), (), {}, feeding, reason=NO_GRAPH)


def leaves(layer: "keras.Layer", path: str = "") -> "Iterator[tuple[str, keras.Layer]]":
    """Yield the layers of a network that is no graph, those of nested networks by their paths."""
    for each in layer.layers:
        name = f"{path}{each.name}"
        if hasattr(each, "layers") and each.layers:
            yield from leaves(each, f"{name}/")
        elif type(each).__name__ != "InputLayer":
            yield name, each


def nodes_between(
    inputs: "Iterable[keras.KerasTensor]", outputs: "Iterable[keras.KerasTensor]"
) -> "Iterator[Node]":
    """Yield the uses of layers that lead from some tensors to others, each behind those that it reads."""
    done, waiting = set(map(id, inputs)), list(outputs)
    while waiting:
        node = node_of(waiting[-1])
        missing = [each for each in reversed(node.input_tensors) if id(each) not in done]
        if id(waiting[-1]) not in done and missing:
            waiting.extend(missing)
            continue
        if id(waiting.pop()) not in done:
            done.update(map(id, node.outputs))
            yield node


def _has_channels_first(model: "keras.Model") -> bool:
    return any(getattr(each, "data_format", None) == FIRST for _, each in leaves(model))


def _units_first(nodes: "Sequence[Node]") -> Iterator[int]:
    """Yield the identities of the uses whose units stand first: as the layer says, else as what it reads."""
    found: set[int] = set()
    for node in nodes:
        layout = getattr(node.operation, "data_format", None)
        reads = any(id(node_of(each)) in found for each in node.input_tensors)
        plain = type(node.operation).__name__ not in REORDERING and len(node.outputs[0].shape) > 2
        if plain and (layout == FIRST or (layout is None and reads)):
            found.add(id(node))
            yield id(node)
