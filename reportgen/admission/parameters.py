"""Holds the sizes that a configuration asks for against what is stored: a small file cannot ask for much."""

from math import prod

from reportgen.admission.configuration import Node, nodes
from reportgen.admission.containers import shown
from reportgen.errors import ModelError

LARGEST = 10**7
"""No size in a configuration is larger."""
LARGEST_ARRAY = 2**28
"""Numbers of one picture that goes in, at most."""
SLACK = 2**20
"""Numbers that a network may have beside those stored, and beside as many again."""
LAYERS = 5_000
ANY = frozenset({"seed", "shared_object_id", "value", "salt", "mask_value", "oov_token"})
"""Settings that are no sizes."""
LOOPS = {"power_iterations": 100, "num_ops": 100, "num_chains": 100, "chain_depth": 100}
LOOPS |= {"fft_length": 2**16, "num_mel_bins": 2**12, "sequence_length": 2**20}
"""Settings that cost time or memory before a network has seen anything, and their limits."""
SIZES = ("units", "filters", "input_dim", "output_dim", "num_heads", "num_query_heads", "key_dim", "head_dim")
_PRODUCTS = (("input_dim", "output_dim"), ("num_heads", "key_dim"), ("num_query_heads", "head_dim"), ("units",))


def check_sizes(configuration: Node, stored: int) -> None:
    """Raise where a configuration asks for more than this many stored numbers can fill.

    Raises:
        ModelError: with the sentence that names the layer.
    """
    layers = 0
    for node, layer in nodes(configuration):
        layers += "class_name" in node and isinstance(node.get("config"), dict) and "name" in node
        if layers > LAYERS:
            raise ModelError(f"it has more than {LAYERS} layers, more than can be shown.")
        _check_numbers(node, shown(layer))
        _check_shapes(node, shown(layer))
        implied = _implied(node)
        if implied > 2 * stored + SLACK:
            raise ModelError(
                f"the layer '{shown(layer)}' asks for at least {implied} weights, but the file holds "
                f"{stored} numbers. "
                "Save the network again, with its weights."
            )


def _check_numbers(node: Node, layer: str) -> None:
    for key, value in node.items():
        if key in ANY:
            continue
        # What compares as no number at all must not pass either.
        for each in value if isinstance(value, list) else [value]:
            if type(each) is int and not abs(each) <= LOOPS.get(key, LARGEST):
                raise ModelError(f"the layer '{layer}' asks for a size, '{shown(key)}', that no network has.")
        if key in SIZES and not isinstance(value, int | None):
            raise ModelError(f"the layer '{layer}' has a size, '{shown(key)}', that is no whole number.")


def _check_shapes(node: Node, layer: str) -> None:
    for key in ("batch_shape", "batch_input_shape", "input_shape", "shape", "build_input_shape"):
        shape = node.get(key)
        if isinstance(shape, list) and prod(each for each in shape if type(each) is int) > LARGEST_ARRAY:
            raise ModelError(f"the layer '{layer}' asks for pictures larger than any computer takes.")


def _implied(node: Node) -> int:
    """Return how many weights a layer has at the least, by its own sizes."""
    inner = node.get("config")
    if not isinstance(inner, dict):
        return 0
    products = [prod(_whole(inner.get(key)) for key in keys) for keys in _PRODUCTS if keys[0] in inner]
    if "filters" in inner:
        products.append(_whole(inner["filters"]) * _spread(inner.get("kernel_size")))
    return max(products, default=0) * (_inputs(node) if "units" in inner and _is_dense(node) else 1)


def _is_dense(node: Node) -> bool:
    return node.get("class_name") == "Dense"


def _inputs(node: Node) -> int:
    built = node.get("build_config")
    shape = built.get("input_shape") if isinstance(built, dict) else None
    return _whole(shape[-1]) if isinstance(shape, list) and shape else 1


def _spread(kernel: object) -> int:
    return prod(map(_whole, kernel)) if isinstance(kernel, list) else _whole(kernel)


def _whole(value: object) -> int:
    return max(value, 1) if isinstance(value, int) else 1
