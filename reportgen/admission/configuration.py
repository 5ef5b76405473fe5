"""Walks a network's configuration as data: who is named in it, and what is to be mended; it runs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.admission import allowed
from reportgen.admission.containers import shown
from reportgen.errors import ModelError

Node = dict[str, object]

TRUST = "Open it with --trust if you trust its author, or save the network without it."
INSTEAD = "Save the network without it."
CUSTOM = "Give the module it comes from with --custom, or open it with --trust if you trust its author."
CODE = "__lambda__"
"""What Keras calls a function whose code stands in the file."""
FILES = ("vocabulary", "vocabulary_file", "idf_weights", "filepath")
"""Settings of layers that may name a file to read."""
WITHOUT_GROUPS = allowed.names_in(
    """
    DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D
    Conv1DTranspose Conv2DTranspose Conv3DTranspose Convolution1DTranspose Convolution2DTranspose
    Convolution3DTranspose
    """
)
WITHOUT_KERNEL = frozenset(kind for kind in WITHOUT_GROUPS if "Transpose" not in kind)
RECURRENT = allowed.names_in("GRU GRUCell LSTM LSTMCell RNN SimpleRNN SimpleRNNCell StackedRNNCells ConvLSTM2D")
DROPPED: dict[str, tuple[frozenset[str], tuple[object, ...] | None]] = {
    "groups": (WITHOUT_GROUPS, (1,)),
    "kernel_initializer": (WITHOUT_KERNEL, None),
    "kernel_regularizer": (WITHOUT_KERNEL, None),
    "kernel_constraint": (WITHOUT_KERNEL, None),
    "implementation": (RECURRENT, (0, 1, 2)),
    "time_major": (RECURRENT | {"Bidirectional"}, (False,)),
    "fused": (frozenset({"BatchNormalization"}), (None, True, False)),
    "virtual_batch_size": (frozenset({"BatchNormalization"}), (None,)),
}
"""What Keras 2 wrote and Keras 3 refuses: of which layers, and which values say nothing; None is any."""


@dataclass(frozen=True)
class Rules:
    """What is let in beside Keras' own."""

    trust: bool
    custom: frozenset[str]


def nodes(value: object, layer: str = "") -> Iterator[tuple[Node, str]]:
    """Yield every mapping of a configuration with the name of the layer it belongs to."""
    waiting = [(value, layer)]
    while waiting:
        each, name = waiting.pop()
        if isinstance(each, dict):
            name = _name_of(each) or name
            yield each, name
            waiting += [(inner, name) for inner in each.values()]
        elif isinstance(each, list):
            waiting += [(inner, name) for inner in each]


def check_names(configuration: Node, rules: Rules) -> None:
    """Raise where a configuration names what is not Keras' own.

    Raises:
        ModelError: with the sentence that names the layer.
    """
    if rules.trust:
        _check_code(configuration)
        return
    for node, layer in nodes(configuration):
        if "class_name" in node:
            _check_class(node, shown(layer), rules.custom)
        if "inbound_nodes" in node:
            _check_calls(node, shown(layer))
        for key in FILES:
            if isinstance(node.get(key), str | dict):
                raise ModelError(f"the layer '{shown(layer)}' would read the file that its '{key}' names. {TRUST}")


def _check_code(configuration: Node) -> None:
    """Raise where a function's code stands in the file: Keras' safe mode refuses it too, but does not say why."""
    for node, layer in nodes(configuration):
        if node.get("class_name") == CODE:
            raise ModelError(f"the layer '{shown(layer)}' is {allowed.RUNS_CODE[CODE]}. {INSTEAD}")


def leave_training_out(configuration: Node) -> None:
    """Take out of a configuration how it was trained: nothing here trains, and own losses need no leave then."""
    for node, _ in nodes(configuration):
        node.pop("compile_config", None)


def mended(configuration: Node) -> tuple[str, ...]:
    """Leave out of a configuration what Keras 2 wrote and Keras 3 refuses, and return what that was."""
    done: dict[str, None] = {}
    for node, _ in nodes(configuration):
        inner, kind = node.get("config"), node.get("class_name")
        if not isinstance(inner, dict) or not isinstance(kind, str):
            continue
        for key, (kinds, harmless) in DROPPED.items():
            if kind in kinds and key in inner and (harmless is None or inner[key] in harmless):
                del inner[key]
                done[f"'{key}' of {kind}"] = None
    return tuple(done)


def _name_of(node: Node) -> str:
    inner = node.get("config")
    name = (inner.get("name") if isinstance(inner, dict) else None) or node.get("name")
    return name if isinstance(name, str) and "class_name" in node else ""


def _check_class(node: Node, layer: str, custom: frozenset[str]) -> None:
    kind, registered, module = node["class_name"], node.get("registered_name"), node.get("module")
    own = custom & {str(kind), str(registered), str(registered).rpartition(">")[2]}
    if own:
        return
    if not isinstance(kind, str) or not isinstance(registered, str | None) or not isinstance(module, str | None):
        raise ModelError(f"the layer '{layer}' names its kind in a way that Keras does not. {TRUST}")
    if kind in allowed.RUNS_CODE:
        raise ModelError(f"the layer '{layer}' is {allowed.RUNS_CODE[kind]}. {INSTEAD}")
    if kind in allowed.VALUES:
        _check_value(node, layer)
    elif kind == "function":
        _check_function(node, layer, custom)
    elif registered not in (None, kind) or not _is_keras_own(kind, module):
        where = f"{module}." if module else ""
        raise ModelError(f"the layer '{layer}' names '{shown(where + kind)}', which is not Keras' own. {CUSTOM}")


def _is_keras_own(kind: str, module: str | None) -> bool:
    if module and module.startswith(allowed.OPERATIONS_HOME):
        return f"{module.removeprefix(allowed.OPERATIONS_HOME)}.{kind}" in allowed.OPERATIONS
    if f"{module}.{kind}" in allowed.ELSEWHERE:
        return True
    return kind in allowed.CLASSES and (module is None or allowed.MODULES.fullmatch(module) is not None)


def _check_function(node: Node, layer: str, custom: frozenset[str]) -> None:
    name = node.get("config")
    if isinstance(name, str) and name in custom:
        return
    known = isinstance(name, str) and name in allowed.FUNCTIONS
    if not known or node.get("module") not in allowed.FUNCTION_MODULES:
        raise ModelError(
            f"the layer '{layer}' names the function '{shown(name)}', which is not Keras' own. {CUSTOM}"
        )
    if node.get("registered_name") not in (None, "function", name):
        raise ModelError(f"the layer '{layer}' names a function under another's name. {CUSTOM}")


def _check_value(node: Node, layer: str) -> None:
    inner = node.get("config")
    kind = inner.get("dtype") if isinstance(inner, dict) else None
    if kind is not None and not (isinstance(kind, str) and allowed.NUMBER_TYPE.fullmatch(kind)):
        raise ModelError(
            f"the layer '{layer}' holds values of the type '{shown(kind)}', which is none of numbers."
        )


def _check_calls(node: Node, layer: str) -> None:
    """Raise where a step takes nothing from another: it would be computed while the file is opened."""
    calls = node["inbound_nodes"]
    for call in calls if isinstance(calls, list) else []:
        if isinstance(call, dict) and not any(
            each.get("class_name") == "__keras_tensor__" for each, _ in nodes(call)
        ):
            raise ModelError(f"the step '{layer}' takes nothing from another, so that it is no part of a network.")
