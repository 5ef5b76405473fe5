"""Networks that are shown the synthetic pictures, held against Keras and against kernels with known answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.stimuli import BAR, EDGE, FLAT, Stimuli, chosen, columns_of, stimuli
from reportgen.analysis.tuning import UnitTuning, unit_tuning
from reportgen.observe import synthetic
from reportgen.observe.activations import tapped
from reportgen.observe.layers import Step, steps
from reportgen.observe.synthetic import (
    Kernel,
    Subject,
    kernel_answers,
    kernel_of,
    patches,
    shuffled_strengths,
    shuffled_weights,
    tunings,
)
from reportgen.snapshot import Doubles, Floats, TunedUnits, Tuning, Window
from tests.factories import convolved
from tests.opened import opened

if TYPE_CHECKING:
    import keras

SIDE, SEED = 28, 42
PICTURES = stimuli(SIDE, SIDE, 1, 0.0, 1.0)
SHOWN = chosen(PICTURES, [EDGE, BAR])
MIDDLE = np.arange(12, 16)
"""The four rows, or columns, in the middle of a map of 28."""


def window(size: int, stride: int = 1, dilation: int = 1, padding: str = "same") -> Window:
    """A square window."""
    return Window((size, size), (stride, stride), (dilation, dilation), padding)


def layer_of(*filters: Floats | Doubles, rectified: bool = True) -> Kernel:
    """A convolution of one input and no bias, of filters of (height, width)."""
    weights = np.stack([each.ravel() for each in filters], axis=-1)[None, None].astype(np.float32)
    return Kernel(weights, np.zeros(len(filters), np.float32), rectified)


def gabor(angle: float, phase: float, size: int = 7, period: float = 6.0) -> Doubles:
    """A wave whose stripes run at an angle, under a round bell; at phase 90 it is bright on the angle's left."""
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    turn = np.radians(angle)
    left = -rows * np.cos(turn) - columns * np.sin(turn)
    wave = np.cos(2 * np.pi * left / period - np.radians(phase)) * np.exp(-(rows**2 + columns**2) / 8)
    return np.asarray(wave - wave.mean(), np.float64)


def round_dot(size: int = 7) -> Doubles:
    """A bright middle in a dark ring, without a direction."""
    away = np.hypot(*(np.mgrid[:size, :size] - (size - 1) / 2))
    found = np.exp(-(away**2) / 2) - 0.25 * np.exp(-(away**2) / 8)
    return np.asarray(found - found.mean(), np.float64)


def tuning_of(kernel: Kernel, draws: int = 199) -> UnitTuning:
    """How the filters of a first layer are tuned, with its shuffled kernels."""
    size = int(np.sqrt(kernel.weights.shape[2]))
    seen = patches(PICTURES.pixels, window(size), MIDDLE, MIDDLE)
    shown = seen[:, columns_of(PICTURES, [EDGE, BAR])]
    random = np.random.default_rng(SEED)
    shuffled = shuffled_strengths(kernel, shown, draws, SHOWN, random)
    return unit_tuning(TunedUnits(kernel_answers(kernel, kernel.weights[None], seen)[0], shuffled), PICTURES)


def away_from(angles: Doubles, expected: Sequence[float] | Doubles) -> Doubles:
    """How far orientations lie from others, in degrees."""
    found: Doubles = np.abs((angles - np.array(expected) + 90) % 180 - 90)
    return found


# --- kernels whose answers are known ---


@pytest.mark.parametrize(("phase", "family"), [(0, BAR), (90, EDGE)])
def test_striped_kernels_are_tuned_to_the_angles_of_their_stripes(phase: float, family: str) -> None:
    """Even ones to bars and odd ones to edges, at every angle."""
    angles = np.arange(0, 180, 22.5)
    found = tuning_of(layer_of(*(gabor(angle, phase) for angle in angles)))
    assert found.family == (family,) * len(angles)
    # A third is that of an ideal detector of edges.
    assert (found.index > 1 / 3).all()
    assert (away_from(found.angle, angles) < 4).all()
    assert found.tuned.all()


def test_an_edge_kernel_answers_to_one_polarity_alone() -> None:
    """Bright above and dark below is answered, the reverse is not, and the caption says so."""
    found = tuning_of(layer_of(gabor(0, 90), gabor(180, 90)))
    above, below = found.edges[:, 0], found.edges[:, 12]
    assert above[0] > 10 * below[0] >= 0
    assert below[1] > 10 * above[1] >= 0
    assert [(each.direction, each.side) for each in found.captions if each] == [
        ("level", "above"),
        ("level", "below"),
    ]


def test_bright_and_dark_bars_are_told_apart() -> None:
    """A kernel and its reverse prefer bars of the same angle and of opposite contrast."""
    found = tuning_of(layer_of(gabor(45, 0), -gabor(45, 0)))
    assert found.bar_contrast.tolist() == [1, -1]
    assert [each.direction for each in found.captions if each] == ["up_right", "up_right"]


def test_round_and_even_kernels_are_not_tuned() -> None:
    """A dot's index is low, as is that of an even kernel, and neither is stronger than its shuffled ones."""
    found = tuning_of(layer_of(round_dot(), -round_dot(), np.ones((7, 7))))
    assert (found.index < 0.1).all()
    assert (found.p > 0.05).all()
    assert not found.tuned.any()
    assert found.captions == (None,) * 3


def test_a_kernel_whose_shuffles_barely_answer_is_tuned() -> None:
    """With a bias that leaves most of them few answers, whose indices are as high as its own or higher."""
    kernel = layer_of(gabor(30, 90))
    silencing = 0.3 * tuning_of(kernel).curve.max()
    found = tuning_of(Kernel(kernel.weights, np.array([-silencing], np.float32), rectified=True))
    assert found.chance_high[0] < found.strength[0] / 2
    assert found.tuned.all()
    assert [each.family for each in found.captions if each] == [EDGE]


def test_random_kernels_are_hardly_ever_tuned() -> None:
    """Of 400 one in twenty has a p below 5 %, p is uniform, and after correction hardly any stands."""
    random = np.random.default_rng(3)
    found = tuning_of(layer_of(*random.normal(size=(400, 3, 3))))
    # Binomial: 20 expected, and a standard deviation of 4.4.
    assert 7 <= np.count_nonzero(found.p <= 0.05) <= 33
    # Filters below zero everywhere answer to nothing. Kolmogorov: in 99 of 100 samples the distance is smaller.
    p = np.sort(found.p[~np.isnan(found.p)])
    assert len(p) > 390
    assert np.abs(p - (np.arange(len(p)) + 0.5) / len(p)).max() < 1.63 / np.sqrt(len(p))
    assert found.tuned.sum() <= 1


def test_a_quarter_turn_of_kernel_and_picture_changes_nothing() -> None:
    """The answers of the turned kernel are those of the kernel, a quarter turn on."""
    kernel = np.random.default_rng(4).normal(size=(5, 5))
    own, turned = tuning_of(layer_of(kernel, np.rot90(kernel))).edges
    assert np.roll(own, 6) == pytest.approx(turned, abs=1e-5)


# --- shuffling ---


@pytest.mark.parametrize("groups", [1, 3])
def test_shuffling_keeps_every_slices_weights(groups: int) -> None:
    """Sorted they are the same, and nearly every order is another one."""
    weights = np.random.default_rng(5).normal(size=(groups, 4, 9, 2)).astype(np.float32)
    found = shuffled_weights(weights, 50, np.random.default_rng(SEED))
    assert found.shape == (50, groups, 4, 9, 2)
    assert (np.sort(found, axis=3) == np.sort(weights, axis=2)).all()
    assert len({each.tobytes() for each in found.reshape(-1, 9 * 2)}) > 0.99 * 50 * groups * 4


def test_every_weight_gets_everywhere() -> None:
    """Each of nine places holds each of nine weights in about one draw of nine."""
    weights = np.arange(9, dtype=np.float32)[None, None, :, None]
    found = shuffled_weights(weights, 9000, np.random.default_rng(SEED))[:, 0, 0, :, 0]
    counts = np.array([np.bincount(column.astype(int), minlength=9) for column in found.T])
    assert (abs(counts - 1000) < 4 * np.sqrt(9000 * (1 / 9) * (8 / 9))).all()


def test_a_kernel_that_no_order_changes_keeps_its_strength() -> None:
    """All slices even: every shuffled strength is the unit's own, and chance is certain to reach it."""
    found = tuning_of(layer_of(np.full((3, 3), 0.5), np.full((3, 3), -0.5), rectified=False))
    assert [found.chance_low[0], found.chance_high[0]] == pytest.approx([found.strength[0]] * 2, abs=1e-6)
    assert found.p[0] == 1
    assert np.isnan([found.index[1], found.p[1]]).all()


def test_the_order_does_not_depend_on_how_much_is_computed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw by draw the same as in one go."""
    kernel = layer_of(*np.random.default_rng(6).normal(size=(3, 3, 3)))
    together = tuning_of(kernel, draws=20)
    monkeypatch.setattr(synthetic, "BLOCK", 1)
    one_by_one = tuning_of(kernel, draws=20)
    assert one_by_one.chance_mean == pytest.approx(together.chance_mean, abs=1e-6)
    assert (one_by_one.p == together.p).all()


def test_answers_are_those_of_a_convolution() -> None:
    """At 16 places, two inputs and a bias: the strongest values of a plain convolution, before and after ReLU."""
    random = np.random.default_rng(7)
    source = random.normal(size=(5, 10, 10, 2)).astype(np.float32)
    kernel, bias = random.normal(size=(3, 3, 2, 4)).astype(np.float32), random.normal(size=4).astype(np.float32)
    plain = convolved(source, kernel, bias)[:, 3:7, 3:7].max(axis=(1, 2)).T
    seen = patches(source, window(3), np.arange(3, 7), np.arange(3, 7))
    weights = kernel.reshape(9, 2, 4).transpose(1, 0, 2)[None]
    for rectified, expected in ((False, plain), (True, np.maximum(plain, 0))):
        found = kernel_answers(Kernel(weights, bias, rectified), weights[None], seen)
        assert found[0] == pytest.approx(expected, abs=1e-5)


def test_outside_of_the_input_lie_zeros() -> None:
    """The first place of a padded layer has a row and a column of them in front of it."""
    seen = patches(np.ones((1, 6, 6, 1), np.float32), window(3), np.array([0]), np.array([0, 5]))
    corners = [[0, 0, 0, 0, 1, 1, 0, 1, 1], [0, 0, 0, 1, 1, 0, 1, 1, 0]]
    assert seen[:, 0, 0].tolist() == corners


# --- whole networks ---


def subject(model: "keras.Model", batch_size: int = 50) -> Subject:
    """A network with all its layers tapped."""
    listed = [step for step in steps(opened(model)) if step.output is not None]
    return Subject(tapped(opened(model), listed, batch_size, "0..1"), model.get_weights())


def network_of(*layers: "keras.layers.Layer", channels: int = 1) -> "keras.Model":
    """A network of these layers, for pictures of 28 × 28."""
    import keras

    return keras.Sequential([keras.Input((SIDE, SIDE, channels)), *layers])


def shown(model: "keras.Model", pictures: Stimuli = PICTURES, seed: int = SEED) -> dict[str, Tuning | None]:
    """What the layers of a network made of the pictures, as if it were its own twin."""
    each = subject(model)
    names = [step.name for step in steps(opened(model)) if step.output is not None]
    return dict(zip(names, tunings(each, each, steps(opened(model)), pictures, seed), strict=True))


def answered(model: "keras.Model", layer: str) -> Tuning:
    """The same of one layer that has some."""
    found = shown(model)[layer]
    assert found is not None
    return found


@pytest.fixture(scope="module")
def small() -> "keras.Model":
    """The bundled network in small."""
    import keras

    keras.utils.set_random_seed(3)
    make = keras.layers
    return network_of(
        make.Conv2D(4, 3, padding="same", activation="relu", name="first"),
        make.MaxPooling2D(2, name="pooling"),
        make.Conv2D(6, 3, padding="same", activation="relu", name="second"),
        make.Flatten(name="flatten"),
        make.Dense(5, activation="relu", name="dense"),
    )


@pytest.mark.slow
def test_answers_are_the_strongest_in_the_middle_of_the_map(small: "keras.Model") -> None:
    """By Keras' own `predict`: four by four places of a map, and the answer itself of a neuron."""
    import keras

    found = shown(small)
    for name, places in (("first", slice(12, 16)), ("pooling", slice(5, 9)), ("second", slice(5, 9))):
        whole = keras.Model(small.inputs[0], small.get_layer(name).output).predict(PICTURES.pixels, verbose=0)
        tuning = found[name]
        assert tuning is not None
        expected = whole[:, places, places].max(axis=(1, 2)).T
        assert tuning.trained.answers == pytest.approx(expected, abs=1e-6)
    dense = found["dense"]
    assert dense is not None
    assert dense.trained.answers == pytest.approx(small.predict(PICTURES.pixels, verbose=0).T, abs=1e-5)


@pytest.mark.slow
def test_what_is_shuffled_and_what_is_not(small: "keras.Model") -> None:
    """Convolutions are, a thousand times here; other layers are not, and flattening has no units of its own."""
    found = shown(small)
    draws = {name: each and each.trained.shuffled.shape for name, each in found.items()}
    assert draws == {"first": (4, 999), "pooling": (4, 0), "second": (6, 999), "flatten": None, "dense": (5, 0)}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_strengths(small: "keras.Model") -> None:
    """Bit by bit, read-only, and other ones for another seed."""
    one, two, other = (shown(small, seed=seed)["second"] for seed in (1, 1, 2))
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.trained.shuffled.tobytes() == two.trained.shuffled.tobytes()
    assert one.trained.shuffled.tobytes() != other.trained.shuffled.tobytes()
    assert not any(array.flags.writeable for array in (one.trained.answers, one.trained.shuffled))


@pytest.mark.slow
def test_both_networks_are_looked_at(small: "keras.Model") -> None:
    """The twin's answers are its own."""
    import keras

    twin = keras.models.clone_model(small)
    found = tunings(subject(small), subject(twin), steps(opened(small)), PICTURES, SEED)[0]
    own = tunings(subject(twin), subject(twin), steps(opened(twin)), PICTURES, SEED)[0]
    assert found is not None
    assert own is not None
    assert (found.untrained.answers == own.trained.answers).all()
    assert np.array_equal(found.untrained.shuffled, own.trained.shuffled, equal_nan=True)
    assert (found.trained.answers != found.untrained.answers).any()


@pytest.mark.slow
def test_the_border_of_a_padded_map_is_left_out() -> None:
    """A detector of level edges answers to the frame of a white picture, but not in the middle."""
    import keras

    layer = keras.layers.Conv2D(1, 3, padding="same", activation="relu", use_bias=False, name="edges")
    model = network_of(layer)
    layer.set_weights([np.repeat([1.0, 0.0, -1.0], 3).reshape(3, 3, 1, 1)])
    white = columns_of(PICTURES, [FLAT])[-1]
    assert model.predict(PICTURES.pixels[white : white + 1], verbose=0).max() > 1
    assert answered(model, "edges").trained.answers[0, white] == pytest.approx(0, abs=1e-6)


def own_patches(model: "keras.Model", step: Step, places: int) -> tuple[Kernel, Floats]:
    """A first layer's kernel, and what it has in front of it in the middle of its map of so many rows."""
    assert step.window is not None
    middle = np.arange(4) + (places - 4) // 2
    found = patches(stimuli(SIDE, SIDE, 4, 0.0, 1.0).pixels, step.window, middle, middle)
    return kernel_of(step, model.get_weights(), 4), found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Conv2D", {"filters": 6, "kernel_size": 3}),
        ("Conv2D", {"filters": 6, "kernel_size": (2, 5), "padding": "same"}),
        ("Conv2D", {"filters": 6, "kernel_size": 5, "strides": 2, "padding": "same", "use_bias": False}),
        ("Conv2D", {"filters": 6, "kernel_size": 4, "strides": 3}),
        ("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}),
        ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "activation": "relu"}),
        ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}),
        ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}),
    ],
)
def test_every_kind_of_convolution_is_computed_as_keras_does(kind: str, options: dict[str, object]) -> None:
    """Unshuffled, the kernel's answers are the layer's, whatever its stride, padding, dilation and groups."""
    import keras

    keras.utils.set_random_seed(8)
    if options.get("use_bias", True):
        options = {**options, "bias_initializer": "random_normal"}
    model = network_of(getattr(keras.layers, kind)(name="layer", **options), channels=4)
    tuning = shown(model, stimuli(SIDE, SIDE, 4, 0.0, 1.0))["layer"]
    assert tuning is not None
    kernel, seen = own_patches(model, steps(opened(model))[0], model.output_shape[1])
    assert kernel_answers(kernel, kernel.weights[None], seen)[0] == pytest.approx(tuning.trained.answers, abs=1e-5)
    assert tuning.trained.shuffled.shape[1] >= 199


@pytest.mark.slow
@pytest.mark.parametrize(("kernel_size", "activation"), [(1, "relu"), (3, "elu"), (3, "sigmoid")])
def test_what_shuffling_cannot_tell_is_left_alone(kernel_size: int, activation: str) -> None:
    """A kernel of one place has no other order, and other activations are not computed here."""
    import keras

    layer = keras.layers.Conv2D(2, kernel_size, activation=activation, name="layer")
    assert answered(network_of(layer), "layer").trained.shuffled.shape == (2, 0)


@pytest.mark.slow
def test_a_layer_that_is_not_what_it_seems_is_left_alone() -> None:
    """A stranger's layer of a known name computes something else, so that nothing is claimed of its kernel."""
    import keras

    class Conv2D(keras.layers.Conv2D):  # type: ignore[misc]  # Keras has no types
        def call(self, inputs: "keras.KerasTensor") -> "keras.KerasTensor":
            return super().call(inputs) * 2

    assert answered(network_of(Conv2D(2, 3, name="layer")), "layer").trained.shuffled.shape == (2, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "draws", "places"),
    [(9 * 4 * 96 * 16 * 500, 500, 16), (9 * 4 * 96 * 4 * 250, 250, 4), (9 * 4 * 96 * 4 * 198, 0, 16)],
)
def test_work_is_bounded(
    small: "keras.Model", monkeypatch: pytest.MonkeyPatch, limit: int, draws: int, places: int
) -> None:
    """By hand: 9 × 4 weights, 96 pictures, 16 places; then fewer draws, then 4 places, then none."""
    monkeypatch.setattr(synthetic, "LAYER_WORK", limit)
    found = answered(small, "first").trained
    monkeypatch.undo()
    all_places = answered(small, "first").trained
    assert found.shuffled.shape == (4, draws)
    assert (found.answers <= all_places.answers).all()
    assert (found.answers != all_places.answers).any() == (places == 4)


@pytest.mark.slow
def test_a_network_of_many_convolutions_shares_its_work(
    small: "keras.Model", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two convolutions get half each: of the first, enough for 300 draws."""
    monkeypatch.setattr(synthetic, "NETWORK_WORK", 2 * 9 * 4 * 96 * 16 * 300)
    assert answered(small, "first").trained.shuffled.shape == (4, 300)


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [7, 131])
def test_the_batch_size_changes_nothing_but_last_digits(small: "keras.Model", batch_size: int) -> None:
    """Whether the pictures go through at once or in parts."""
    each = subject(small, batch_size)
    found = tunings(each, each, steps(opened(small)), PICTURES, SEED)[2]
    assert found is not None
    expected = answered(small, "second").trained
    assert found.trained.answers == pytest.approx(expected.answers, abs=1e-5)
    assert found.trained.shuffled == pytest.approx(expected.shuffled, abs=1e-3, nan_ok=True)
