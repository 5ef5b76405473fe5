"""Cuts a network at the output of a layer and runs one part of it, with the network's own weights.

It works on networks whose layers know what they read, functional and sequential ones, and leaves them as they are.
It does not know what the parts are run for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.observe.network import Network, nodes_between

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

ENDING_IN_ACTIVATION = frozenset(
    {"Activation", "Conv2D", "Conv2DTranspose", "Dense", "DepthwiseConv2D", "SeparableConv2D"}
)
"""Kinds of layers that apply their activation last, to each number or each unit by itself."""
BARE_ACTIVATIONS = frozenset({"ReLU", "Softmax"})
"""Kinds of layers that are an activation and nothing else, and whose gradient may be zero or hardly more."""
UNIT_BY_UNIT = (UNCHANGING - {"Flatten", "Reshape"}) | {
    "AlphaDropout", "AveragePooling2D", "BatchNormalization", "ELU", "GaussianDropout", "GaussianNoise",
    "GlobalAveragePooling2D", "GlobalMaxPooling2D", "LeakyReLU", "MaxPooling2D", "ReLU", "ZeroPadding2D",
}  # fmt: skip
"""Kinds of layers each unit of which reads only the unit of the same number, and rises or falls with it."""

PASSING = 8
"""A number that comes out of a layer takes as much time as so many multiplications, beside its own."""
SETTING_UP = 5 * 10**7
"""And the use of a layer takes as much, once, until it is ready to run."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """A part of a network, from some of its tensors to others; called, it gives the values of the latter."""

    reads: "tuple[keras.KerasTensor, ...]"
    gives: "tuple[keras.KerasTensor, ...]"
    nodes: "tuple[keras.src.ops.node.Node, ...]"
    """Uses of layers, each behind those that it reads."""
    instead: "Mapping[int, keras.Operation]" = field(default_factory=dict)
    """By the identity of a use, the layer that takes the place of its own."""

    def __call__(self, values: "Sequence[tf.Tensor]") -> "list[tf.Tensor]":
        """Return what comes out for values of `reads`, as in use, not in training; sizes may differ."""
        known = {id(tensor): value for tensor, value in zip(self.reads, values, strict=True)}
        for node in self.nodes:
            known.update(zip(map(id, node.outputs), self._outputs(node, known), strict=True))
        return [known[id(tensor)] for tensor in self.gives]

    @property
    def multiplications(self) -> int:
        """Multiplications by weights for one picture of the network's own size."""
        return sum(_multiplications(node) for node in self.nodes)

    @property
    def work(self) -> int:
        """Time for one picture of the network's own size, as so many multiplications; an estimate."""
        return self.multiplications + PASSING * sum(numbers(each) for node in self.nodes for each in node.outputs)

    @property
    def setup(self) -> int:
        """Time until the first picture can go through, as so many multiplications; an estimate."""
        return SETTING_UP * len(self.nodes)

    def _outputs(self, node: "keras.src.ops.node.Node", known: "dict[int, tf.Tensor]") -> "list[tf.Tensor]":
        import keras

        arguments, named = node.arguments.fill_in(known)
        if getattr(node.operation, "_call_has_training_arg", False):
            named = {**named, "training": False}
        operation = self.instead.get(id(node), node.operation)
        return list(keras.tree.flatten(operation(*arguments, **named)))


def failures() -> tuple[type[Exception], ...]:
    """Return what running a part of a stranger's network is known to raise, also where there is no gradient."""
    import tensorflow as tf

    return (tf.errors.OpError, ValueError, TypeError, LookupError, NotImplementedError)


def numbers(tensor: "keras.KerasTensor") -> int:
    """Return how many numbers a tensor holds for one picture; an axis of unknown length counts as one."""
    return int(prod(side or 1 for side in tensor.shape[1:]))


def head(model: Network, *tensors: "keras.KerasTensor") -> Stretch:
    """Return the network from its inputs up to these tensors."""
    return Stretch(model.inputs, tensors, tuple(nodes_between(model.inputs, tensors)))


def tail(model: Network, tensor: "keras.KerasTensor") -> Stretch:
    """Return the network from a tensor to its first output, without anything that the tensor has no part in.

    It reads the tensor first, then all others that its layers need, as the other branch of a residual network.
    """
    output = model.outputs[0]
    changing, later = {id(tensor)}, []
    for node in nodes_between(model.inputs, [output]):
        if any(id(each) in changing for each in node.input_tensors):
            changing.update(map(id, node.outputs))
            later.append(node)
    needed = [each for node in later for each in node.input_tensors] + [output]
    others = {id(each): each for each in needed if id(each) not in changing}
    return Stretch((tensor, *others.values()), (output,), tuple(later))


def only_reader(model: Network, tensor: "keras.KerasTensor") -> "keras.src.ops.node.Node | None":
    """Return the one use of a layer that reads a tensor and nothing else; None where there is no such one."""
    output = model.outputs[0]
    readers = [
        node
        for node in nodes_between(model.inputs, [output])
        if any(each is tensor for each in node.input_tensors)
    ]
    if tensor is output or len(readers) != 1:
        return None
    return readers[0] if len(readers[0].input_tensors) == len(readers[0].outputs) == 1 else None


def followed(model: Network, tensor: "keras.KerasTensor", kinds: Collection[str]) -> Stretch:
    """Return the network from a tensor through layers of these kinds, while each alone reads the last."""
    nodes, end = [], tensor
    while (node := only_reader(model, end)) is not None and type(node.operation).__name__ in kinds:
        nodes.append(node)
        end = node.outputs[0]
    return Stretch((tensor,), (end,), tuple(nodes))


def before_activation(stretch: Stretch) -> Stretch:
    """Return the same stretch without its last activation, also where layers like pooling come behind that."""
    node = _last_activation(stretch)
    if node is None:
        return stretch
    return replace(stretch, instead={**stretch.instead, id(node): linear(node.operation)})


def linear(layer: "keras.Layer") -> "keras.Layer":
    """Return a layer like this one, with the same weights, but without its activation."""
    import keras

    if type(layer).__name__ in BARE_ACTIVATIONS:
        return keras.layers.Identity()
    changed = {"activation": "linear", "name": f"{layer.name}_linear"}
    copy = type(layer).from_config({**layer.get_config(), **changed})
    if layer.weights:
        copy.build(layer.get_build_config()["input_shape"])
        copy.set_weights(layer.get_weights())
    return copy


def _last_activation(stretch: Stretch) -> "keras.src.ops.node.Node | None":
    """Return the use of the last layer with an activation, None where something else comes behind it."""
    tensor = stretch.gives[0]
    made = {id(output): node for node in stretch.nodes for output in node.outputs}
    while id(tensor) in made:
        node = made[id(tensor)]
        kind = type(node.operation).__name__
        if kind in ENDING_IN_ACTIVATION | BARE_ACTIVATIONS:
            return node
        if kind not in UNIT_BY_UNIT:
            return None
        tensor = node.input_tensors[0]
    return None


def _multiplications(node: "keras.src.ops.node.Node") -> int:
    """Return the multiplications of one use of a layer: every kernel is applied once at each place of its map."""
    nested = getattr(node.operation, "outputs", None)
    if nested:
        return sum(_multiplications(each) for each in nodes_between(node.operation.inputs, nested))
    kernels = [variable.shape for variable in getattr(node.operation, "weights", []) if len(variable.shape) > 1]
    places = prod(side or 1 for side in node.outputs[0].shape[1:-1])
    return int(places * sum(prod(shape) for shape in kernels))
