"""Makes for each unit of a network a picture that it answers to as much as possible.

This is feature visualization by optimisation (Olah, Mordvintsev & Schubert 2017, Feature visualization, Distill).
A picture is climbed up the gradient of the unit's value before its activation, because behind a ReLU a silent unit
has no gradient and behind a softmax the others' fall counts as much as its own rise (Simonyan, Vedaldi & Zisserman
2014). What keeps the pictures simple is built in and depends on no unit's scale:

- pixels stay within the range of the network's pictures, by a sigmoid;
- each step is as long for a weak unit as for a strong one, and longest in the pixels that matter most: Adam
  (Kingma & Ba 2015) with one second moment a picture;
- pixels that hardly matter are drawn to the middle of the range, by a decay of weights beside the gradient
  (Loshchilov & Hutter 2019);
- larger pictures are made of blurred numbers, which holds back high frequencies, and are shifted by a few pixels
  at every step (Olah et al. 2017, on preconditioning and on transformation robustness).

It does not know what the pictures show.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.receptive_field import PLACE_BY_PLACE, ReceptiveField
from reportgen.observe.activations import BATCH_MEMORY
from reportgen.observe.graph import Stretch, before_activation, failures, head, numbers
from reportgen.observe.layers import SLIDING, Step
from reportgen.observe.network import Network
from reportgen.snapshot import Visualization, read_only

if TYPE_CHECKING:
    import tensorflow as tf

MOST_UNITS = 256
STARTS = 3
TRIED, STEPS = 5, 28
"""Steps after which the best start is chosen, and steps that it gets in all."""
RATE, DECAY = 0.6, 0.03
FIRST_MOMENT, SECOND_MOMENT = 0.9, 0.9
NOISE = 0.3
"""Spread of the numbers that a picture begins with; 0 is the middle of the range."""
BLUR = (0.25, 0.5, 0.25)
BLURRED_FROM = 14
"""A picture is blurred and shifted once for every so many pixels of its shorter side."""
BUDGET = 80 * 10**9
"""Multiplications that all layers together may cost; what a layer does not use is there for costlier ones."""
RESIZABLE = (SLIDING | PLACE_BY_PLACE) - {"PReLU"}
"""Kinds of layers that have the same weights for a picture of another size."""


@dataclass(frozen=True)
class _Axis:
    """Where a unit sits along one axis of the picture that is made."""

    pixels: int
    place: int
    """On the unit's map; 0 for a unit without places."""
    first: int
    """The first pixel that the unit sees, and the one behind the last."""
    end: int


@dataclass(frozen=True, eq=False)
class _Canvas:
    """The picture in which a layer's units are made to answer, as small as it can be."""

    height: _Axis
    width: _Axis
    channels: int

    @property
    def smoothing(self) -> int:
        """Times that it is blurred, and pixels that it is shifted by at most."""
        return min(self.height.pixels, self.width.pixels) // BLURRED_FROM


@dataclass(frozen=True, eq=False)
class _Plan:
    """A layer whose units get pictures."""

    step: Step
    whole: Stretch
    """From the picture to the layer's answers."""
    canvas: _Canvas

    @property
    def units(self) -> int:
        """Units that get a picture where the budget allows it."""
        return min(int(self.whole.gives[0].shape[-1]), MOST_UNITS)

    def cost(self, starts: int) -> int:
        """Return the multiplications for one unit's pictures, there and back at every step."""
        return int(2 * (starts * TRIED + STEPS - TRIED) * self.whole.work * self._share) + 1

    @property
    def setup(self) -> int:
        """Multiplications until the first step, the way back included."""
        return 2 * self.whole.setup

    @property
    def room(self) -> int:
        """Pictures that fit into memory at once, at least one."""
        outputs = sum(numbers(each) for node in self.whole.nodes for each in node.outputs)
        return max(1, int(BATCH_MEMORY / (np.dtype(np.float32).itemsize * outputs * self._share)))

    @property
    def _share(self) -> float:
        """How much of the network's own picture the canvas is."""
        return float(self.canvas.height.pixels * self.canvas.width.pixels / prod(self.whole.reads[0].shape[1:3]))


@dataclass(frozen=True, eq=False)
class _Task:
    """All pictures of one layer, which are made at once: one for each unit, then another for each, and so on."""

    whole: Stretch
    bare: Stretch
    """The same without the last activation."""
    canvas: _Canvas
    units: int
    starts: int
    low: float
    high: float

    def made(self, start: "tf.Tensor", shifts: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
        """Return a picture for each unit, and its answer to it: the best start after a few steps goes on."""
        tried = _climbed(self.gradient, start, shifts[:TRIED], TRIED)
        numbers = _climbed(self.gradient, self.best(tried), shifts[TRIED:], STEPS - TRIED)
        pictures = self.pictures(numbers)
        return pictures, self.answers(self.whole, pictures)

    def best(self, numbers: "tf.Tensor") -> "tf.Tensor":
        """Return for each unit that of its starts which excites it most by now, (units, …)."""
        import tensorflow as tf

        values = tf.reshape(self.answers(self.bare, self.pictures(numbers)), (self.starts, self.units))
        return tf.gather(numbers, tf.argmax(values) * self.units + tf.range(self.units, dtype=tf.int64))

    def gradient(self, numbers: "tf.Tensor", shift: "tf.Tensor") -> "tf.Tensor":
        """Return how each picture's unit changes with its numbers, when the picture is shifted."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(numbers)
            shifted = tf.roll(self.pictures(numbers), shift, (1, 2))
            total = tf.reduce_sum(self.answers(self.bare, shifted))
        return tape.gradient(total, numbers, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def pictures(self, numbers: "tf.Tensor") -> "tf.Tensor":
        """Return pictures within the range; zero becomes its middle."""
        import tensorflow as tf

        kernel = np.multiply.outer(BLUR, BLUR)[:, :, None, None].repeat(self.canvas.channels, axis=2)
        for _ in range(self.canvas.smoothing):
            numbers = tf.nn.depthwise_conv2d(numbers, tf.constant(kernel, tf.float32), (1, 1, 1, 1), "SAME")
        return self.low + (self.high - self.low) * tf.sigmoid(numbers)

    def answers(self, stretch: Stretch, pictures: "tf.Tensor") -> "tf.Tensor":
        """Return what each picture's own unit answers, (pictures,)."""
        import tensorflow as tf

        maps = tf.cast(stretch([pictures])[0], tf.float32)
        values = maps[:, self.canvas.height.place, self.canvas.width.place] if len(maps.shape) == 4 else maps
        own = tf.tile(tf.eye(self.units, maps.shape[-1], dtype=tf.bool), (pictures.shape[0] // self.units, 1))
        return tf.reduce_sum(tf.where(own, values, 0), axis=-1)


def visualizations(
    model: Network,
    steps: Sequence[Step],
    fields: Mapping[int, ReceptiveField],
    pixel_range: tuple[float, float],
    seed: int,
    progress: Callable[[int, int], None],
) -> dict[int, Visualization]:
    """Return a picture for each unit of each layer, by the layer's index.

    Units on a map are made to answer at one place whose receptive field lies within the picture, where there is
    such a place, else at the middle one. Of a layer the first 256 units get a picture, and fewer, or none, where
    `BUDGET` or memory does not last, which depends on the network alone. Layers that only hand on what they get
    are left out.

    Args:
        model: of one input of a fixed size.
        steps: the network's layers.
        fields: receptive fields by a layer's index; a layer without one gets whole pictures.
        pixel_range: the darkest and the brightest pixel that the network gets.
        seed: of the first pictures and the shifts.
        progress: called with the layers done and the layers there are.
    """
    found, budget = dict[int, Visualization](), BUDGET
    plans = sorted(_plans(model, steps, fields), key=lambda plan: plan.cost(STARTS) * plan.units)
    for done, plan in enumerate(plans):
        progress(done, len(plans))
        allowed = budget // (len(plans) - done) - plan.setup
        units = min(plan.units, plan.room, allowed // plan.cost(1))
        if units > 0:
            affordable = [
                n for n in range(1, STARTS + 1) if n * units <= plan.room and units * plan.cost(n) <= allowed
            ]
            starts = affordable[-1]
            budget -= units * plan.cost(starts) + plan.setup
            made = _made_or_none(plan, units, starts, pixel_range, seed)
            found |= {plan.step.index: made} if made else {}
    progress(len(plans), len(plans))
    return dict(sorted(found.items()))


def _made_or_none(
    plan: _Plan, units: int, starts: int, pixel_range: tuple[float, float], seed: int
) -> Visualization | None:
    """Return the pictures for a layer; None where nothing leads back from its answers to the pixels."""
    try:
        task = _Task(plan.whole, before_activation(plan.whole), plan.canvas, units, starts, *pixel_range)
        return _visualization(task, np.random.default_rng([seed, plan.step.index]))
    except failures():
        return None


def _plans(model: Network, steps: Sequence[Step], fields: Mapping[int, ReceptiveField]) -> Iterator[_Plan]:
    if not model.takes_pictures or None in model.inputs[0].shape[1:]:
        return
    for step in steps:
        laid_out = len(step.output_shape) in (1, 3)
        if step.output is not None and step.kind not in UNCHANGING and laid_out:
            whole = head(model, step.output)
            yield _Plan(step, whole, _canvas(step, whole, fields.get(step.index)))


def _canvas(step: Step, whole: Stretch, field: ReceptiveField | None) -> _Canvas:
    picture = whole.reads[0].shape[1:]
    places = [side or 1 for side in step.output_shape[:-1]] or [1, 1]
    if field is None or (len(step.output_shape) == 1 and not field.is_global):
        height, width = (_Axis(picture[axis], places[axis] // 2, 0, picture[axis]) for axis in (0, 1))
    else:
        resizable = all(type(node.operation).__name__ in RESIZABLE for node in whole.nodes)
        height, width = (_axis(field, axis, picture[axis], places[axis], resizable=resizable) for axis in (0, 1))
    return _Canvas(height, width, picture[2])


def _axis(field: ReceptiveField, axis: int, picture: int, places: int, *, resizable: bool) -> _Axis:
    """Return the smallest picture in which a whole field lies as it lies in the large one, else the large one.

    Windows fall on the small picture as on the large one when their sizes differ by a multiple of the stride.
    """
    size, stride, start = field.size[axis], field.stride[axis], field.start[axis]
    place = max(0, -(start // stride)) if stride else 0
    end = start + place * stride + size
    if resizable and stride and end <= picture:
        return _Axis(end + (picture - end) % stride, place, end - size, end)
    corner = start + places // 2 * stride
    return _Axis(picture, places // 2, max(corner, 0), min(corner + size, picture))


def _visualization(task: _Task, random: np.random.Generator) -> Visualization:
    """Return the best picture for each unit, and what the unit itself answers to it."""
    import tensorflow as tf

    canvas, units, starts = task.canvas, task.units, task.starts
    shape = (starts * units, canvas.height.pixels, canvas.width.pixels, canvas.channels)
    start = random.normal(0, NOISE, shape).astype(np.float32)
    shifts = random.integers(-canvas.smoothing, canvas.smoothing, (STEPS, 2), np.int32, endpoint=True)
    made = tf.function(task.made, autograph=False)(tf.constant(start), tf.constant(shifts))
    pictures, answers = (each.numpy() for each in made)
    rows, columns = (slice(axis.first, axis.end) for axis in (canvas.height, canvas.width))
    return Visualization(
        images=read_only(np.ascontiguousarray(pictures[:, rows, columns])),
        activation=read_only(answers.astype(np.float64)),
        starts=starts,
        steps=STEPS,
    )


def _climbed(
    gradient: "Callable[[tf.Tensor, tf.Tensor], tf.Tensor]", start: "tf.Tensor", shifts: "tf.Tensor", steps: int
) -> "tf.Tensor":
    """Return numbers after some steps of Adam uphill, with a decay, and one second moment for each picture."""
    import tensorflow as tf

    def step(count: tf.Tensor, numbers: tf.Tensor, first: tf.Tensor, second: tf.Tensor) -> tuple[tf.Tensor, ...]:
        uphill, age = gradient(numbers, shifts[count]), tf.cast(count + 1, tf.float32)
        first = FIRST_MOMENT * first + (1 - FIRST_MOMENT) * uphill
        size = tf.reduce_mean(uphill**2, (1, 2, 3), keepdims=True)
        second = SECOND_MOMENT * second + (1 - SECOND_MOMENT) * size
        length = tf.sqrt(second / (1 - SECOND_MOMENT**age)) * (1 - FIRST_MOMENT**age)
        return count + 1, (1 - DECAY) * numbers + RATE * tf.math.divide_no_nan(first, length), first, second

    state = (tf.constant(0), start, tf.zeros_like(start), tf.zeros_like(start[:, :1, :1, :1]))
    return tf.while_loop(lambda count, *_: count < steps, step, state)[1]
