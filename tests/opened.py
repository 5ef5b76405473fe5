"""Networks laid open for tests, each once, so that the tensors of its steps and of its parts are the same.

It does not know what is looked at.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from reportgen.observe.network import Network, laid_open

if TYPE_CHECKING:
    import keras


@lru_cache(maxsize=64)
def opened(model: "keras.Model", shape: tuple[int, ...] | None = None) -> Network:
    """The network as one graph; the layers and their weights are the model's own."""
    return laid_open(model, shape)
