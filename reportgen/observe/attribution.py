"""Marks the pixels that a network's decisions come from, in two ways, and puts the marks to the test.

What is explained is the *logit* of the class that the network answers with: the number before the softmax or the
sigmoid of its last layer, and the answer itself where there is neither. One sigmoid by itself is read as two
classes with the logits −z and z. The marks are those of a method, not of the truth: two tests say how much to make
of them. It does not know which pictures are worth a look, nor what the outcome of the tests means.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from reportgen.analysis.attribution import rank_correlation
from reportgen.observe.activations import filled, fitting_batch_size
from reportgen.observe.graph import Stretch, failures, head, linear
from reportgen.observe.layers import Step, steps
from reportgen.observe.network import Network, node_of
from reportgen.snapshot import Attribution, Doubles, Flags, Floats, Integers, MarkedPixels, read_only

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

BATCH = 32
"""Pictures, or points of a path, at a time."""
PATHS = (128, 256, 512, 1024)
"""Points of the path of integrated gradients for the showcase, multiples of `BATCH`: as many as it needs."""
FEWEST_POINTS = 32
"""Points where the first of these costs too much."""
WORK = 10**12
"""Multiplications for the longest paths of all pictures, there and back, at most; but for the fewest points."""
ALLOWED = 0.005
"""Share of the change of the answer that the marks may miss before a picture gets more points."""
SHORT_PATH = 8
"""Points for the tests, and in the randomised network, where nothing has to add up. In the bundled network, twice
as many change the mean rank correlation by less than 0.001, and the mean loss by blanking by less than 0.02."""
BLANKED = 0.1
"""Share of the pixels that are blanked."""
RANDOM_DRAWS = 4
"""Draws of random pixels a picture, whose losses are averaged."""
SMALL_CHANGE = 0.01
"""A change of the answer that is a smaller share of all marks' sizes is taken for that share of them."""


class _NoGradientError(LookupError):
    """Somewhere on the way through the network, no gradient is defined."""


@dataclass(frozen=True, eq=False)
class _Whole:
    """A network that answers with its output, its logits and, where there are any, a convolution's maps."""

    network: Stretch
    one_sigmoid: bool
    """Whether its one number is the probability of the second of two classes."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """One network, ready to be asked; each function takes whole batches, and is compiled at its first call."""

    answers: Callable[..., Any]
    """(pictures) → the answers and the logits, each (pictures, classes)."""
    gradients: Callable[..., Any]
    """(pictures, classes) → the gradients of the logits of these classes for the pixels, as the pictures."""
    grad_cams: Callable[..., Any]
    """(pictures, classes) → (pictures, height, width); for networks with a convolution only."""
    batch_size: int
    work: int
    """Multiplications for one picture, there and back."""


@dataclass(frozen=True, eq=False)
class _Case:
    """Pictures with what is to be explained of each; the arrays have one entry a picture."""

    pixels: Floats
    baseline: float
    classes: Integers
    """What the trained network answers with."""
    answers: Doubles
    """Its answer for that class: a probability, where it gives some."""
    logits: Doubles


@dataclass(frozen=True, eq=False)
class _Maps:
    """What one method marks; each (pictures, height, width)."""

    showcase: Doubles
    checked: Doubles
    showcase_randomised: Doubles
    checked_randomised: Doubles


def attribution(
    model: Network,
    randomised: Network,
    listed: Sequence[Step],
    showcase: Floats,
    checked: Floats,
    baseline: float,
    seed: int,
) -> Attribution | None:
    """Return where a network's decisions come from by Grad-CAM and integrated gradients, and how both stand tests.

    The first test compares the sizes of the marks with those in a randomised network, for the same class, by
    Spearman's rank correlation over all pixels of a picture (Adebayo et al. 2018, Sanity checks for saliency
    maps). It is not a number where either map is constant. Empty pixels count, as in the paper: integrated
    gradients mark them with zero in every network. The second blanks the tenth of the pixels that is marked most,
    and sees how much of the class's probability is lost (of the network's own output, where that is no
    probability), against as many pixels drawn at random from those that are not at the baseline already, or all of
    these where they are fewer. Equally marked pixels are blanked in random order.

    Args:
        model: the trained network.
        randomised: a network of the same architecture whose weights were drawn at random.
        listed: the trained network's layers, see `layers.steps`.
        showcase: (pictures, height, width, channels), as the network gets them; at least one.
        checked: the same, for the tests; at least one.
        baseline: the value of an empty pixel: the low end of the pictures' range.
        seed: of the random pixels.

    Returns: None for a network without one picture as its input and a row of numbers as its answer, and for one
        without gradients. `grad_cam_layer` is 0 where there is no convolution.
    """
    if not _can_be_asked(model, listed):
        return None
    convolution = last_convolution(listed)
    # Rounded as pixels are, so that an empty pixel differs from the baseline by exactly nothing.
    empty = float(np.float32(baseline))
    try:
        trained, random = (_asked(each, listed, convolution) for each in (model, randomised))
        shown, tested = (_case(trained, pixels, empty) for pixels in (showcase, checked))
        return _explained(trained, random, convolution, shown, tested, seed)
    except failures():
        return None


def _explained(
    trained: _Asked, random: _Asked, convolution: Step | None, shown: _Case, tested: _Case, seed: int
) -> Attribution:
    drop_random = _drop_random(trained, tested, seed)
    cams = _grad_cam_maps(trained, random, shown, tested) if convolution else None
    sums = _integrated_maps(trained, random, shown, tested)
    missed, completeness = (
        missed_shares(marks, case.logits - _empty_logits(trained, case))
        for marks, case in ((sums.checked, tested), (sums.showcase, shown))
    )
    none = np.zeros(0)
    return Attribution(
        grad_cam=_marked("grad_cam", cams, none, trained, tested, drop_random, seed) if cams else None,
        grad_cam_layer=convolution.index if convolution else 0,
        integrated=_marked("integrated_gradients", sums, missed, trained, tested, drop_random, seed),
        completeness=read_only(completeness),
    )


def last_convolution(listed: Sequence[Step]) -> Step | None:
    """Return the last convolution whose output has more than one place, None without one."""
    found = [step for step in listed if "Conv" in step.kind and step.output is not None]
    return next((step for step in reversed(found) if _has_places(step)), None)


def path_points(count: int) -> tuple[Doubles, Doubles]:
    """Return where on the path from the baseline, 0, to the picture, 1, gradients are taken, and their weights.

    The path is cut at (i / count)², and each piece is stood for by its middle. Between the places where a unit
    switches on, gradients of rectified networks are constant, so that rules of high order gain nothing; and as
    biases are small against what pixels add, most units switch near the baseline, where the pieces are short. On
    the bundled network, 128 such points add up as closely as 256 points at equal distances.
    """
    cuts = (np.arange(count + 1) / count) ** 2
    return (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)


def most_marked(marks: Doubles, count: int, random: np.random.Generator) -> Flags:
    """Return the `count` pixels of each picture that are marked most, equal ones in random order.

    Returns: (pictures, height, width).
    """
    flat = marks.reshape(len(marks), -1)
    return _first(np.lexsort((random.random(flat.shape), -flat)), count).reshape(marks.shape)


def random_pixels(pixels: Floats, baseline: float, count: int, random: np.random.Generator) -> Flags:
    """Return `count` pixels of each picture at random, or all where fewer are not at the baseline.

    Returns: (pictures, height, width).
    """
    filled = (pixels != np.float32(baseline)).any(axis=-1)
    keys = np.where(filled, random.random(filled.shape), 1).reshape(len(filled), -1)
    flags: Flags = _first(np.argsort(keys, kind="stable"), count).reshape(filled.shape) & filled
    return flags


def missed_shares(marks: Doubles, change: Doubles) -> Doubles:
    """Return by how much each picture's marks, summed up, miss the change that they must add up to.

    It is a share of the change, or of a hundredth of the marks' sizes where the change is smaller than that,
    because the marks then cancel out; 0 where there are neither marks nor a change.

    Args:
        marks: (pictures, height, width).
        change: (pictures,): of the answer, from the baseline to the picture.
    """
    flat = marks.reshape(len(marks), -1)
    missed = np.abs(flat.sum(axis=1) - change)
    whole = np.maximum(np.abs(change), SMALL_CHANGE * np.abs(flat).sum(axis=1))
    shares: Doubles = np.divide(missed, whole, out=np.zeros_like(missed), where=whole != 0)
    return shares


# --- the two methods ---


def _grad_cam_maps(trained: _Asked, random: _Asked, shown: _Case, tested: _Case) -> _Maps:
    """Return the marks of Selvaraju et al. 2017, Grad-CAM."""
    return _Maps(*(_grad_cam(asked, case) for asked in (trained, random) for case in (shown, tested)))


def _integrated_maps(trained: _Asked, random: _Asked, shown: _Case, tested: _Case) -> _Maps:
    """Return the marks of Sundararajan, Taly & Yan 2017, Axiomatic attribution for deep networks."""
    return _Maps(
        _complete(trained, shown),
        _integrated(trained, tested, SHORT_PATH),
        _integrated(random, shown, SHORT_PATH),
        _integrated(random, tested, SHORT_PATH),
    )


def _grad_cam(asked: _Asked, case: _Case) -> Doubles:
    (maps,) = _in_batches(asked.grad_cams, asked.batch_size, case.pixels, case.classes)
    return maps.astype(np.float64)


def _complete(asked: _Asked, case: _Case) -> Doubles:
    """Return integrated gradients along paths with as many points as each picture needs for them to add up."""
    change = case.logits - _empty_logits(asked, case)
    marks = np.zeros(case.pixels.shape[:3])
    coarse = np.ones(len(change), np.bool_)
    affordable = WORK // (asked.work * len(change))
    for points in [each for each in PATHS if each <= affordable] or [FEWEST_POINTS]:
        if coarse.any():
            marks[coarse] = _integrated(asked, _part(case, coarse), points)
            coarse = missed_shares(marks, change) > ALLOWED
    return marks


def _part(case: _Case, chosen: Flags) -> _Case:
    return _Case(
        case.pixels[chosen], case.baseline, case.classes[chosen], case.answers[chosen], case.logits[chosen]
    )


def _integrated(asked: _Asked, case: _Case, points: int) -> Doubles:
    """Return each pixel's difference from the baseline × the mean gradient on the way there, summed over channels.

    Pictures go together where their whole paths fit into one batch.
    """
    places, weights = path_points(points)
    together = max(1, asked.batch_size // points)
    parts = []
    for start in range(0, len(case.pixels), together):
        away = case.pixels[start : start + together].astype(np.float64) - case.baseline
        path = (case.baseline + np.einsum("p,nhwc->nphwc", places, away)).astype(np.float32)
        classes = np.repeat(case.classes[start : start + together], points)
        (found,) = _in_batches(asked.gradients, asked.batch_size, path.reshape(-1, *away.shape[1:]), classes)
        mean = np.einsum("p,nphwc->nhwc", weights, found.reshape(path.shape).astype(np.float64))
        parts.append((away * mean).sum(axis=-1))
    return np.concatenate(parts)


# --- the two tests ---


def _marked(
    method: str, maps: _Maps, missed: Doubles, trained: _Asked, tested: _Case, drop_random: Doubles, seed: int
) -> MarkedPixels:
    ties = np.random.default_rng([seed, 1])
    flags = most_marked(maps.checked, _blanked_count(tested), ties)
    pairs = zip(np.abs(maps.checked), np.abs(maps.checked_randomised), strict=True)
    return MarkedPixels(
        method=method,
        maps=read_only(maps.showcase.astype(np.float32)),
        maps_randomised=read_only(maps.showcase_randomised.astype(np.float32)),
        checked=len(maps.checked),
        likeness=read_only(np.array([rank_correlation(after, before) for after, before in pairs])),
        drop_marked=read_only(_drop(trained, tested, flags)),
        drop_random=read_only(drop_random.copy()),
        blanked=BLANKED,
        missed=read_only(missed),
    )


def _drop_random(trained: _Asked, tested: _Case, seed: int) -> Doubles:
    random, count = np.random.default_rng([seed, 0]), _blanked_count(tested)
    draws = (random_pixels(tested.pixels, tested.baseline, count, random) for _ in range(RANDOM_DRAWS))
    mean: Doubles = np.mean([_drop(trained, tested, flags) for flags in draws], axis=0)
    return mean


def _drop(trained: _Asked, tested: _Case, flags: Flags) -> Doubles:
    """Return how much less the network answers for its class when the flagged pixels are blanked, (pictures,)."""
    pixels = np.where(flags[..., np.newaxis], np.float32(tested.baseline), tested.pixels)
    answers, _ = _in_batches(trained.answers, trained.batch_size, pixels)
    return tested.answers - _of_class(answers, tested.classes)


def _blanked_count(tested: _Case) -> int:
    return max(1, round(BLANKED * prod(tested.pixels.shape[1:3])))


def _first(order: Integers, count: int) -> Flags:
    flags = np.zeros(order.shape, np.bool_)
    np.put_along_axis(flags, order[:, :count], True, axis=1)  # noqa: FBT003 - the value to put
    return flags


# --- asking a network ---


def _can_be_asked(model: Network, listed: Sequence[Step]) -> bool:
    """Return whether the network takes pictures, channels last, and answers with a row of numbers."""
    shown = any(step.output is not None for step in listed)
    return shown and model.takes_pictures and len(model.outputs[0].shape) == 2


def _has_places(step: Step) -> bool:
    return len(step.output_shape) == 3 and step.output_shape[:2] != (1, 1)


def _case(trained: _Asked, pixels: Floats, baseline: float) -> _Case:
    answers, logits = _in_batches(trained.answers, trained.batch_size, pixels)
    classes = answers.argmax(axis=1).astype(np.int64)
    return _Case(pixels, baseline, classes, _of_class(answers, classes), _of_class(logits, classes))


def _empty_logits(trained: _Asked, case: _Case) -> Doubles:
    """Return the logit of each picture's class for an empty picture, (pictures,)."""
    empty = np.full((1, *case.pixels.shape[1:]), case.baseline, np.float32)
    _, logits = _in_batches(trained.answers, trained.batch_size, empty)
    return np.asarray(logits[0, case.classes], np.float64)


def _of_class(rows: Floats, classes: Integers) -> Doubles:
    return np.asarray(rows[np.arange(len(rows)), classes], np.float64)


def _in_batches(run: Callable[..., Any], batch_size: int, *columns: Floats | Integers) -> tuple[Floats, ...]:
    """Return all that a function of whole batches gives; the last batch is filled up with its last row."""
    parts = []
    for start in range(0, len(columns[0]), batch_size):
        rows = [column[start : start + batch_size] for column in columns]
        size = len(rows[0])
        parts.append([answer.numpy()[:size] for answer in run(*(filled(each, batch_size) for each in rows))])
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _asked(model: Network, listed: Sequence[Step], convolution: Step | None) -> _Asked:
    import tensorflow as tf

    logits = logits_of(model)
    maps = [steps(model)[convolution.index - 1].output] if convolution else []
    # One graph for all: a gradient for what lies in the middle needs the way on from there.
    network = head(model, model.outputs[0], logits, *maps)
    whole = _Whole(network, logits is not model.outputs[0] and logits.shape[1] == 1)
    answers, gradients, grad_cams = (
        tf.function(partial(run, whole), autograph=False) for run in (_answers, _gradients, _grad_cams)
    )
    # Going back through a network keeps about as much again as going forward.
    batch_size = fitting_batch_size([step.output_shape for step in listed] * 2, BATCH)
    return _Asked(answers, gradients, grad_cams, batch_size, 3 * head(model, logits).work)


def logits_of(model: Network) -> "keras.KerasTensor":
    """Return where a network's logits can be got: its output as it is before a last softmax or sigmoid.

    Where that is built into the last layer, one with the same weights and without it is set beside.
    """
    node = node_of(model.outputs[0])
    last, inputs = node.operation, node.input_tensors
    if type(last).__name__ in {"Softmax", "Sigmoid"}:
        return inputs[0]
    if getattr(getattr(last, "activation", None), "__name__", "") not in {"softmax", "sigmoid"}:
        return model.outputs[0]
    return linear(last)(*inputs)


def _answers(whole: _Whole, pictures: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
    answers, logits, _ = _ask(whole, pictures)
    return answers, logits


def _gradients(whole: _Whole, pictures: "tf.Tensor", classes: "tf.Tensor") -> "tuple[tf.Tensor]":
    tape, logits, _ = _taped(whole, pictures, classes)
    return (_gradient(tape, logits, pictures),)


def _grad_cams(whole: _Whole, pictures: "tf.Tensor", classes: "tf.Tensor") -> "tuple[tf.Tensor]":
    """Weigh each map of the convolution by its mean gradient, cut the sum off at zero, and widen it bilinearly."""
    import tensorflow as tf

    tape, logits, maps = _taped(whole, pictures, classes)
    weights = tf.reduce_mean(_gradient(tape, logits, maps), axis=(1, 2), keepdims=True)
    marks = tf.nn.relu(tf.reduce_sum(weights * tf.cast(maps, tf.float32), axis=-1, keepdims=True))
    return (tf.image.resize(marks, pictures.shape[1:3], method="bilinear")[..., 0],)


def _taped(
    whole: _Whole, pictures: "tf.Tensor", classes: "tf.Tensor"
) -> "tuple[tf.GradientTape, tf.Tensor, tf.Tensor]":
    """Return the tape of a pass, the logits of these classes, and the convolution's maps."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        _, logits, maps = _ask(whole, pictures)
        # A product, because the gradient of a gather takes long to compile.
        chosen = tf.reduce_sum(logits * tf.one_hot(classes, logits.shape[1]), axis=1)
    return tape, chosen, maps


def _gradient(tape: "tf.GradientTape", logits: "tf.Tensor", place: "tf.Tensor") -> "tf.Tensor":
    import tensorflow as tf

    try:
        gradient = tape.gradient(logits, place)
    except LookupError as error:  # That is how TensorFlow tells of an operation without a gradient.
        raise _NoGradientError from error
    if gradient is None:
        raise _NoGradientError
    return tf.cast(gradient, tf.float32)


def _ask(whole: _Whole, pictures: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]":
    """Return the answers and the logits, those of one sigmoid for both of its classes, and the maps, if any."""
    import tensorflow as tf

    answers, logits, *maps = whole.network([pictures])
    answers, logits = tf.cast(answers, tf.float32), tf.cast(logits, tf.float32)
    if whole.one_sigmoid:
        answers, logits = (tf.concat(pair, axis=1) for pair in ([1 - answers, answers], [-logits, logits]))
    return answers, logits, maps[0] if maps else None
