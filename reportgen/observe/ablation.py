"""Sets single units of a network to their mean and counts the pictures whose class the network then gets wrong.

This is the ablation of single units of Morcos et al. (2018), On the importance of single directions for
generalization. A unit gets its mean, not zero, because that is a value that the layers behind it are used to. It
does not know what the counts say of the units.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.observe.activations import filled, fitting_batch_size
from reportgen.observe.graph import (
    PASSING,
    UNIT_BY_UNIT,
    Stretch,
    failures,
    followed,
    head,
    numbers,
    only_reader,
    tail,
)
from reportgen.observe.layers import Step
from reportgen.observe.network import Network
from reportgen.snapshot import Ablation, Doubles, Floats, Integers, read_only

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

MOST_UNITS = 256
MOST_PICTURES, FEWEST_PICTURES = 1000, 100
BATCH = 250
BUDGET = 32 * 10**9
"""Multiplications that all layers together may cost; what a layer does not use is there for those before it."""

ROUNDING = 1e-6

_Function = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class _Cut:
    """Where a unit's map is exchanged, and what is computed anew behind.

    As long as each unit's map depends on its own alone, through pooling for example, it can as well be exchanged
    later. Where a convolution or a dense layer then reads it, whose sums are linear in it, only what the exchange
    adds to the sums is computed, and not the sums: a small part of the work, and the same up to rounding.
    """

    before: Stretch
    """From the layer's output to the maps that are exchanged."""
    reader: "keras.Layer | None"
    """The layer whose sums are mended; None where the maps are not read in that way."""
    after: Stretch
    """From the reader's output, or from the exchanged maps, to the network's own output."""
    needed: Stretch
    """From the picture to the maps, and to what else is read behind."""

    @property
    def maps(self) -> "keras.KerasTensor":
        """Where the maps are exchanged."""
        return self.before.gives[0]

    @property
    def cost(self) -> int:
        """Work for one unit and one picture, in multiplications."""
        sums, change = self.after.reads[0], 0
        if self.reader:
            change = numbers(sums) * int(prod(self.reader.kernel.shape[:-1])) // int(self.maps.shape[-1])
        return self.after.work + change + PASSING * numbers(sums)

    def sums(self, maps: "tf.Tensor") -> "tf.Tensor":
        """Return what the exchange is made in: the reader's sums, or the maps where there is no reader."""
        import tensorflow as tf

        if self.reader is None:
            return maps
        sums = _weighted(self.reader, maps, self._kernel())
        return sums if self.reader.bias is None else sums + tf.cast(self.reader.bias, sums.dtype)

    def without(
        self, unit: "tf.Tensor", constant: "tf.Tensor", maps: "tf.Tensor", sums: "tf.Tensor"
    ) -> "tf.Tensor":
        """Return the same with the maps of one unit exchanged for the constant one's, (1, …, units)."""
        import tensorflow as tf

        if self.reader is None:
            chosen = tf.one_hot(unit, maps.shape[-1], on_value=True, off_value=False, dtype=tf.bool)
            return tf.where(chosen, constant, maps)
        change = tf.gather(constant, [unit], axis=-1) - tf.gather(maps, [unit], axis=-1)
        return sums + _weighted(self.reader, change, tf.gather(self._kernel(), [unit], axis=-2))

    def _kernel(self) -> "tf.Tensor":
        """Return the reader's kernel as (…, units, filters), also where it reads the maps flattened."""
        import tensorflow as tf

        kernel = tf.convert_to_tensor(self.reader.kernel)  # type: ignore[union-attr] # asked only of a reader
        places = kernel.shape[:-2] if len(kernel.shape) > 2 else [-1]
        return tf.reshape(kernel, [*places, self.maps.shape[-1], kernel.shape[-1]])

    def classes(self, sums: "tf.Tensor", others: "Sequence[tf.Tensor]") -> "tf.Tensor":
        """Return what the network takes pictures for, (pictures,), given these sums."""
        import tensorflow as tf

        activated = self.reader.activation(sums) if self.reader else sums
        return tf.argmax(self.after([activated, *others])[0], axis=-1)


@dataclass(frozen=True)
class _Size:
    """How much of an experiment is made."""

    pictures: int
    units: int
    cost: int


def ablations(
    model: Network,
    steps: Sequence[Step],
    pixels: Floats,
    labels: Integers,
    means: Mapping[int, Doubles],
    progress: Callable[[int, int], None],
) -> dict[int, Ablation]:
    """Return what it costs to set each unit of each layer to its mean, by the layer's index.

    The first 100 to 1,000 pictures are used, and the first units, 256 at most; of both as many as `BUDGET` allows,
    which depends on the network alone. Layers that only hand on what they get are left out, and so are those of
    which not even one unit is within the budget, and all where there are no labels or no classes.

    Args:
        model: of one input.
        steps: the network's layers.
        pixels: (pictures, height, width, channels), as the network gets them.
        labels: (pictures,); empty where there are none.
        means: by a layer's index, (units,): each unit's mean over pictures and places.
        progress: called with the layers done and the layers there are.
    """
    tried = [step for step in steps if step.index in means and _can_be_tried(step)]
    found, budget = dict[int, Ablation](), BUDGET
    if not len(labels) or not _names_classes(model) or model.units_first:
        return found
    for done, step in enumerate(reversed(tried)):
        progress(done, len(tried))
        cut = _cut(model, step)
        size = _size(cut, min(len(pixels), MOST_PICTURES), budget // (len(tried) - done))
        budget -= size.cost
        chosen = slice(size.pictures)
        counted = _ablation_or_none(cut, means[step.index], size.units, pixels[chosen], labels[chosen])
        found |= {step.index: counted} if counted else {}
    progress(len(tried), len(tried))
    return dict(sorted(found.items()))


def _ablation_or_none(cut: _Cut, means: Doubles, units: int, pixels: Floats, labels: Integers) -> Ablation | None:
    """Return the counts of a layer; None without units, and where its outputs cannot be exchanged."""
    if not units:
        return None
    try:
        return _ablation(cut, means, units, pixels, labels)
    except failures():
        return None


def _can_be_tried(step: Step) -> bool:
    return step.output is not None and step.kind not in UNCHANGING and None not in step.output_shape


def _names_classes(model: Network) -> bool:
    shape = model.outputs[0].shape
    return len(shape) == 2 and shape[1] > 1


def _cut(model: Network, step: Step) -> _Cut:
    before = followed(model, step.output, UNIT_BY_UNIT)
    maps = before.gives[0]
    node = only_reader(model, followed(model, maps, UNCHANGING).gives[0])
    mended = node is not None and _mends(node.operation, maps, node.input_tensors[0])
    after = tail(model, node.outputs[0] if node is not None and mended else maps)
    reader = node.operation if node is not None and mended else None
    return _Cut(before, reader, after, head(model, maps, *after.reads[1:]))


def _mends(layer: "keras.Layer", maps: "keras.KerasTensor", read: "keras.KerasTensor") -> bool:
    """Return whether a layer that reads maps, as they are or flattened, adds up their units by its kernel."""
    if getattr(layer, "quantization_mode", None):
        return False
    if type(layer).__name__ == "Conv2D":
        return maps is read and layer.groups == 1
    return type(layer).__name__ == "Dense" and len(read.shape) == 2


def _weighted(layer: "keras.Layer", maps: "tf.Tensor", kernel: "tf.Tensor") -> "tf.Tensor":
    """Return maps, (pictures, …, inputs), summed up by a kernel, (…, inputs, filters), as the layer does it."""
    import tensorflow as tf

    kernel = tf.cast(kernel, maps.dtype)
    if type(layer).__name__ == "Dense":
        flat = tf.reshape(kernel, (-1, kernel.shape[-1]))
        return tf.matmul(tf.reshape(maps, (-1, flat.shape[0])), flat)
    return tf.nn.conv2d(maps, kernel, layer.strides, layer.padding.upper(), dilations=layer.dilation_rate)


def _size(cut: _Cut, pictures: int, budget: int) -> _Size:
    """Return how many pictures and units, of those there are, keep the multiplications within a budget."""
    units, setup = min(int(cut.maps.shape[-1]), MOST_UNITS), cut.needed.setup + cut.after.setup
    whole, left = cut.needed.work, max(budget - setup, 0)
    used = min(pictures, max(left // (whole + units * cut.cost), FEWEST_PICTURES))
    units = min(units, max(left // used - whole, 0) // cut.cost)
    return _Size(used, units, setup + used * (whole + units * cut.cost) if units else 0)


def _ablation(cut: _Cut, means: Doubles, units: int, pixels: Floats, labels: Integers) -> Ablation:
    """Return the counts of the first units of a layer over all of the pictures given."""
    right, lost, won = 0, np.zeros(units, np.int64), np.zeros(units, np.int64)
    for truth, whole, without in _outcomes(cut, means, units, pixels, labels):
        right += int(np.count_nonzero(whole == truth))
        lost += ((whole == truth) & (without != truth)).sum(axis=1)
        won += ((whole != truth) & (without == truth)).sum(axis=1)
    return Ablation(len(pixels), right, read_only(lost), read_only(won))


def _outcomes(
    cut: _Cut, means: Doubles, units: int, pixels: Floats, labels: Integers
) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Yield for each batch the labels, the classes that the whole network names, and those without each unit."""
    import tensorflow as tf

    batch_size = _batch_size(cut)
    constant = _constant(cut, means)
    prepared, named = _compiled(cut)
    for start in range(0, len(pixels), batch_size):
        batch = pixels[start : start + batch_size]
        maps, sums, others, classes = prepared(filled(batch, batch_size))
        whole = classes.numpy()
        without = np.tile(whole, (units, 1))
        # A unit that answers with its mean everywhere, up to rounding, is dead and makes no difference.
        unlike = tf.abs(maps - constant) > ROUNDING * tf.abs(constant)
        changing = tf.reduce_any(unlike, axis=range(len(maps.shape) - 1)).numpy()
        for unit in np.flatnonzero(changing[:units]):
            without[unit] = named(tf.constant(unit), constant, maps, sums, others).numpy()
        yield labels[start : start + batch_size], whole[: len(batch)], without[:, : len(batch)]


def _compiled(cut: _Cut) -> tuple[_Function, _Function]:
    """Return what prepares a batch and what then names its classes without a unit, each traced once."""
    import tensorflow as tf

    def prepared(pixels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor], tf.Tensor]:
        maps, *others = cut.needed([pixels])
        sums = cut.sums(maps)
        return maps, sums, others, cut.classes(sums, others)

    def named(
        unit: tf.Tensor, constant: tf.Tensor, maps: tf.Tensor, sums: tf.Tensor, others: list[tf.Tensor]
    ) -> tf.Tensor:
        return cut.classes(cut.without(unit, constant, maps, sums), others)

    return tf.function(prepared, autograph=False), tf.function(named, autograph=False)


def _constant(cut: _Cut, means: Doubles) -> "tf.Tensor":
    """Return the maps that are exchanged for, (1, …, units): every unit of the layer at its mean."""
    import tensorflow as tf

    (output,) = cut.before.reads
    values = np.broadcast_to(means.astype(np.float32), (1, *output.shape[1:]))
    return cut.before([tf.cast(values, output.dtype)])[0]


def _batch_size(cut: _Cut) -> int:
    nodes = (*cut.needed.nodes, *cut.after.nodes)
    return fitting_batch_size([each.shape[1:] for node in nodes for each in node.outputs], BATCH)
