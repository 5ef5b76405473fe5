"""Where decisions come from, held against networks whose decisions are known and against sums by hand."""

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.attribution import method_study
from reportgen.analysis.claims import Verdict
from reportgen.observe import attribution as module
from reportgen.observe.attribution import (
    BATCH,
    PATHS,
    SHORT_PATH,
    attribution,
    last_convolution,
    logits_of,
    missed_shares,
    most_marked,
    path_points,
    random_pixels,
)
from reportgen.observe.layers import steps
from reportgen.observe.models import digest_of, open_network, read_record, twin_of
from reportgen.observe.observation import ASSETS
from reportgen.pictures import bundled_pictures, scaled
from reportgen.snapshot import Attribution, Floats, MarkedPixels
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.slow

SEED = 42
SIDE = 10
CORNER = 3
BIASES = np.array([0.1, 0.2, 0.3], np.float32)


def pictures(count: int, channels: int = 1, low: float = 0.2) -> Floats:
    """Random pictures of 10 × 10 pixels, none of which is empty."""
    shape = (count, SIDE, SIDE, channels)
    return np.random.default_rng(count).uniform(low, 1, shape).astype(np.float32)


def explained(
    model: "keras.Model",
    randomised: "keras.Model | None" = None,
    showcase: Floats | None = None,
    checked: Floats | None = None,
    baseline: float = 0.0,
) -> Attribution:
    """A network's decisions for a few pictures; its own twin where none is given."""
    channels = model.inputs[0].shape[-1]
    found = attribution(
        opened(model),
        opened(randomised or model),
        steps(opened(model)),
        pictures(2, channels) if showcase is None else showcase,
        pictures(7, channels) if checked is None else checked,
        baseline,
        SEED,
    )
    assert found is not None
    return found


def bytes_of(found: Attribution) -> list[bytes]:
    """All numbers of what was found."""
    methods = [each for each in (found.grad_cam, found.integrated) if each is not None]
    values = [getattr(each, field.name) for each in methods for field in fields(MarkedPixels)]
    return [each.tobytes() for each in [*values, found.completeness] if isinstance(each, np.ndarray)]


def dense(weights: Floats, activation: str | None, channels: int = 1) -> "keras.Model":
    """A network that answers with weighted sums of the pixels and three biases, or fewer."""
    import keras

    units = weights.shape[-1]
    make = keras.layers
    last = make.Dense(units, activation=activation, name="last")
    model = keras.Sequential([keras.Input((SIDE, SIDE, channels)), make.Flatten(), last])
    last.set_weights([weights.reshape(-1, units), BIASES[:units]])
    return model


def random_weights(units: int, channels: int = 1, seed: int = 3) -> Floats:
    """Weights of both signs, (10, 10, channels, units)."""
    return np.random.default_rng(seed).normal(0, 0.1, (SIDE, SIDE, channels, units)).astype(np.float32)


def corner_weights() -> Floats:
    """Weights that see the nine pixels of one corner only, and take them for the first of two classes."""
    weights = np.zeros((SIDE, SIDE, 1, 2), np.float32)
    weights[:CORNER, :CORNER, 0, 0] = 1
    return weights


def residual(ending: str, seed: int = 11) -> "keras.Model":
    """A small random network with all that is common: a shortcut, normalisation, pooling over all places."""
    import keras

    keras.utils.set_random_seed(seed)
    make = keras.layers
    start = keras.Input((SIDE, SIDE, 2))
    first = make.Conv2D(6, 3, padding="same", name="first")(start)
    normal = make.BatchNormalization(name="normal")
    maps = make.ReLU()(normal(first))
    second = make.SeparableConv2D(6, 3, padding="same", bias_initializer="random_normal", name="second")(maps)
    pooled = make.GlobalAveragePooling2D()(make.ReLU()(make.Add()([maps, second])))
    model = keras.Model(start, ended(pooled, ending))
    random = np.random.default_rng(seed)
    normal.set_weights([random.uniform(0.5, 1.5, 6) for _ in range(4)])
    return model


def ended(pooled: "keras.KerasTensor", ending: str) -> "keras.KerasTensor":
    """Four classes, asked for in one of the ways in which networks are written."""
    import keras

    make = keras.layers
    built_in = ending if ending in {"softmax", "sigmoid"} else None
    last = make.Dense(4, activation=built_in, bias_initializer="random_normal", name="last")(pooled)
    behind = {"layer": make.Softmax(), "activation": make.Activation("softmax"), "operation": keras.ops.softmax}
    return behind[ending](last) if ending in behind else last


def two_maps(showcase: Floats, map_size: int = SIDE) -> tuple["keras.Model", Floats]:
    """A network of two known maps and a pooling over all places, and those maps of the pictures.

    The first map is the picture, the second its reverse, 1 − x; where the maps are smaller, every second pixel.
    """
    import keras

    make = keras.layers
    maps = make.Conv2D(2, 1, strides=SIDE // map_size, name="maps")
    last = make.Dense(2, activation="softmax", name="last")
    parts = [keras.Input((SIDE, SIDE, 1)), maps, make.GlobalAveragePooling2D(), last]
    model = keras.Sequential(parts)
    maps.set_weights([np.array([1, -1], np.float32).reshape(1, 1, 1, 2), np.array([0, 1], np.float32)])
    last.set_weights([np.array([[3, 0], [-1, 0]], np.float32), np.array([9, 0], np.float32)])
    seen = showcase[:, :: SIDE // map_size, :: SIDE // map_size, 0]
    return model, np.stack([seen, 1 - seen], axis=-1)


# --- integrated gradients ---


def test_the_path_is_cut_without_gaps() -> None:
    """The weights add up to one; with each piece's middle, straight lines are summed up exactly."""
    places, weights = path_points(PATHS[0])
    assert weights.sum() == pytest.approx(1)
    assert (places * weights).sum() == pytest.approx(0.5)
    assert 0 < places[0] < places[-1] < 1
    assert (places**3 * weights).sum() == pytest.approx(1 / 4, abs=1e-4)


def test_paths_fill_whole_batches() -> None:
    """No pass is spent on copies."""
    assert all(points % BATCH == 0 for points in PATHS)
    assert BATCH % SHORT_PATH == 0


@pytest.mark.parametrize(("activation", "baseline"), [(None, 0.0), ("softmax", -0.3)])
def test_a_linear_networks_marks_are_weight_times_input(activation: str | None, baseline: float) -> None:
    """The gradient is the weight wherever it is taken; what follows the last weighted sum does not count."""
    weights, showcase = random_weights(3, channels=2), pictures(3, channels=2)
    found = explained(dense(weights, activation, channels=2), showcase=showcase, baseline=baseline)
    classes = (np.einsum("nhwc,hwck->nk", showcase, weights) + BIASES).argmax(axis=1)
    by_hand = [((x - baseline) * weights[..., k]).sum(axis=-1) for x, k in zip(showcase, classes, strict=True)]
    assert found.integrated.maps == pytest.approx(np.array(by_hand), abs=1e-5)


def test_the_randomised_network_is_asked_for_the_same_class() -> None:
    """For what the trained network answers with, whatever the other one would."""
    weights, others, showcase = random_weights(3), random_weights(3, seed=4), pictures(4)
    found = explained(dense(weights, "softmax"), dense(others, "softmax"), showcase)
    classes = (np.einsum("nhwc,hwck->nk", showcase, weights) + BIASES).argmax(axis=1)
    by_hand = np.array([(x * others[..., k]).sum(axis=-1) for x, k in zip(showcase, classes, strict=True)])
    assert found.integrated.maps_randomised == pytest.approx(by_hand, abs=1e-5)


def test_one_sigmoid_is_read_as_two_classes() -> None:
    """Where it says no, the marks are the ground for no, and blanking them costs certainty of no."""
    weights = -np.abs(random_weights(1))
    showcase = pictures(6)
    found = explained(dense(weights, "sigmoid"), showcase=showcase, checked=showcase)
    assert found.integrated.maps == pytest.approx((showcase * -weights[..., 0])[..., 0], abs=1e-5)
    assert (found.integrated.drop_marked > 0).all()
    assert found.completeness.max() < 1e-4


def test_one_number_without_a_sigmoid_is_explained_as_it_is() -> None:
    """A regression has no other side."""
    weights = -np.abs(random_weights(1))
    showcase = pictures(2)
    found = explained(dense(weights, None), showcase=showcase)
    assert found.integrated.maps == pytest.approx((showcase * weights[..., 0])[..., 0], abs=1e-5)


@pytest.mark.parametrize("ending", ["softmax", "sigmoid", "operation"])
def test_marks_add_up_in_a_random_network(ending: str) -> None:
    """Within one in a hundred, and so they say themselves."""
    import keras

    model, showcase = residual(ending), pictures(3, channels=2)
    found = explained(model, showcase=showcase)
    last = model.get_layer("last")
    before = keras.Model(model.inputs, last.input)
    kernel, bias = last.get_weights()
    logits, empty = (before.predict(x, verbose=0) @ kernel + bias for x in (showcase, np.zeros_like(showcase)))
    best = logits.argmax(axis=1)
    change = (logits - empty)[np.arange(3), best]
    sums = found.integrated.maps.sum(axis=(1, 2))
    assert sums == pytest.approx(change, rel=0.01)
    assert found.completeness == pytest.approx(np.abs(sums - change) / np.abs(change), abs=1e-4)


def test_what_is_missed_is_a_share_of_the_change() -> None:
    """Marks of 3 and 1 for a change of 5 miss a fifth; marks that cancel out are held against their sizes."""
    marks = np.array([[[3.0, 1]], [[50, -50]], [[0, 0]], [[2, 0]]])
    assert missed_shares(marks, np.array([5, 0.5, 0, -2])) == pytest.approx([0.2, 0.5, 0, 2])


# --- Grad-CAM ---


def test_grad_cam_by_hand() -> None:
    """Under a mean over P places, a map weighs weight / P: (3x − (1 − x)) / 100, cut off at zero."""
    showcase = pictures(3, low=0)
    model, _ = two_maps(showcase)
    found = explained(model, showcase=showcase)
    assert found.grad_cam is not None
    by_hand = np.maximum(4 * showcase[..., 0] - 1, 0) / 100
    assert (by_hand == 0).any()
    assert found.grad_cam.maps == pytest.approx(by_hand, abs=1e-6)
    assert found.grad_cam_layer == 1


def test_a_small_map_is_widened_bilinearly() -> None:
    """Five places to ten pixels: a pixel lies a quarter of a place from the nearest one's middle."""
    showcase = pictures(2, low=0)
    model, maps = two_maps(showcase, map_size=5)
    found = explained(model, showcase=showcase)
    assert found.grad_cam is not None
    small = np.maximum(3 * maps[..., 0] - maps[..., 1], 0) / 25
    middles = np.clip((np.arange(SIDE) + 0.5) / 2 - 0.5, 0, 4)
    widen = np.stack([np.interp(middles, range(5), row) for row in np.eye(5)], axis=1)
    assert widen[1].tolist() == [0.75, 0.25, 0, 0, 0]
    assert found.grad_cam.maps == pytest.approx(widen @ small @ widen.T, abs=1e-6)


def test_the_last_convolution_with_places_is_taken() -> None:
    """A kernel that has seen everything leaves no place to mark."""
    import keras

    make = keras.layers
    slides = make.DepthwiseConv2D(SIDE - 1, name="slides")
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), slides, make.Conv2D(3, 2), make.Flatten()])
    found = last_convolution(steps(opened(model)))
    assert found is not None
    assert found.name == "slides"


def test_without_a_convolution_there_is_no_grad_cam() -> None:
    """Integrated gradients need none."""
    found = explained(dense(random_weights(3), "softmax"))
    assert (found.grad_cam, found.grad_cam_layer) == (None, 0)
    assert last_convolution(steps(opened(residual("softmax")))) is not None


# --- the first test: other weights, other marks ---


def test_a_method_that_marks_the_same_in_both_networks_fails() -> None:
    """Where the second network is the first, nothing can depend on what was learned."""
    model = residual("softmax")
    found = explained(model, model)
    assert found.grad_cam is not None
    for method in (found.grad_cam, found.integrated):
        assert method.likeness == pytest.approx(np.ones(7))
        assert method_study(method, SEED).depends == Verdict.NOT_SUPPORTED


def test_marks_of_other_weights_are_not_alike() -> None:
    """Two draws of weights mark the pixels in orders that have nothing to do with each other."""
    found = explained(dense(random_weights(3), "softmax"), dense(random_weights(3, seed=4), "softmax"))
    assert method_study(found.integrated, SEED).depends == Verdict.SUPPORTED


def test_sizes_are_compared_not_signs() -> None:
    """Marks that are turned round in the randomised network are as large as before."""
    weights = random_weights(3)
    found = explained(dense(weights, "softmax"), dense(-weights, "softmax"))
    assert found.integrated.likeness == pytest.approx(np.ones(7), abs=1e-3)


# --- the second test: blanking ---


def test_the_pixels_that_decide_are_marked_and_missed() -> None:
    """A network that looks at one corner only: the marks lie there, and blanking it costs more than others."""
    found = explained(dense(corner_weights(), "softmax"))
    marks = found.integrated.maps.copy()
    assert (marks[:, :CORNER, :CORNER] > 0).all()
    marks[:, :CORNER, :CORNER] = 0
    assert not marks.any()
    assert (found.integrated.drop_marked > found.integrated.drop_random + 0.1).all()
    assert method_study(found.integrated, SEED).matters == Verdict.SUPPORTED


def test_what_blanking_costs_by_hand() -> None:
    """A weighted sum loses the largest tenth of its terms, and of random ones a tenth of all on average."""
    weights, checked = np.abs(random_weights(1)), pictures(200)
    found = explained(dense(weights, None), checked=checked).integrated
    terms = (checked * weights[..., 0]).reshape(200, -1)
    assert found.drop_marked == pytest.approx(np.sort(terms)[:, -10:].sum(axis=1), abs=1e-4)
    assert found.drop_random.mean() == pytest.approx(terms.sum(axis=1).mean() / 10, rel=0.02)
    assert (found.checked, found.blanked) == (200, 0.1)


def test_marks_at_random_do_not_pass() -> None:
    """A convolution that answers alike everywhere gives Grad-CAM nothing to mark, and ties are drawn by lot."""
    import keras

    make = keras.layers
    start = keras.Input((SIDE, SIDE, 1))
    same = make.Conv2D(1, 1, name="same")
    maps = same(start)
    last = make.Dense(2, activation="softmax", name="last")
    model = keras.Model(start, last(make.Flatten()(make.Add()([maps, start]))))
    same.set_weights([np.zeros((1, 1, 1, 1), np.float32), np.ones(1, np.float32)])
    last.set_weights([corner_weights().reshape(-1, 2), np.array([-9, 9], np.float32)])
    found = explained(model, checked=pictures(60)).grad_cam
    assert found is not None
    assert np.ptp(found.maps[0]) == 0
    assert np.isnan(found.likeness).all()
    study = method_study(found, SEED)
    assert study.matters != Verdict.SUPPORTED
    assert study.depends == Verdict.CANNOT_TELL


def test_the_most_marked_pixels_come_first() -> None:
    """Marks below zero last, and equal ones by lot."""
    marks = np.zeros((300, 2, 3))
    marks[:, 1, 2], marks[:, 0, 0] = 2, -5
    flags = most_marked(marks, 2, np.random.default_rng(1))
    assert (flags.sum(axis=(1, 2)) == 2).all()
    assert flags[:, 1, 2].all()
    assert not flags[:, 0, 0].any()
    assert flags.mean(axis=0)[marks[0] == 0] == pytest.approx(np.full(4, 0.25), abs=0.1)


def test_random_pixels_are_not_empty_ones() -> None:
    """All filled pixels have the same chance, and where they are few all of them are taken."""
    pixels = np.full((400, 2, 3, 2), -1, np.float32)
    pixels[:, 0, :, 1], pixels[0, 0, 1:, 1] = 0.5, -1
    flags = random_pixels(pixels, -1.0, 2, np.random.default_rng(1))
    assert not flags[:, 1].any()
    assert flags[0].sum() == 1
    assert (flags[1:].sum(axis=(1, 2)) == 2).all()
    assert flags[1:, 0].mean(axis=0) == pytest.approx(np.full(3, 2 / 3), abs=0.08)


# --- all kinds of networks ---


@pytest.mark.parametrize("ending", ["softmax", "sigmoid", "layer", "activation", "operation", "none"])
def test_logits_are_what_the_activation_was_given(ending: str) -> None:
    """Put through it, they are the network's answer; without one they are the answer."""
    import keras

    model, showcase = residual(ending), pictures(4, channels=2)
    answers = model.predict(showcase, verbose=0)
    logits = keras.Model(opened(model).inputs[0], logits_of(opened(model))).predict(showcase, verbose=0)
    through = {"none": logits, "sigmoid": 1 / (1 + np.exp(-logits))}
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert answers == pytest.approx(through.get(ending, softmax), abs=1e-6)


def test_frozen_layers_change_nothing() -> None:
    """Whether weights may still be trained is no matter of what they decide."""
    free, frozen = residual("softmax"), residual("softmax")
    frozen.trainable = False
    assert bytes_of(explained(free)) == bytes_of(explained(frozen))


def test_of_a_network_of_two_pictures_the_first_is_explained() -> None:
    """The other is all zeros, so that the marks are those of a network without it."""
    import keras

    make, weights, showcase = keras.layers, random_weights(2), pictures(3)
    starts = [keras.Input((SIDE, SIDE, 1)) for _ in range(2)]
    last = make.Dense(2, name="last")
    model = keras.Model(starts, last(make.Flatten()(make.Add()(starts))))
    last.set_weights([weights.reshape(-1, 2), BIASES[:2]])
    found = explained(model, showcase=showcase, checked=showcase).integrated.maps
    assert found == pytest.approx(explained(dense(weights, None), showcase=showcase).integrated.maps, abs=1e-5)


def test_a_network_that_answers_with_a_picture_is_not_explained() -> None:
    """It has no class that it decides for."""
    import keras

    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), keras.layers.Conv2D(2, 3)])
    assert (
        attribution(opened(model), opened(model), steps(opened(model)), pictures(1), pictures(1), 0.0, SEED)
        is None
    )


def test_a_network_without_gradients_is_not_explained() -> None:
    """What was rounded to a number of a class has no slope."""
    import keras

    start = keras.Input((SIDE, SIDE, 1))
    chosen = keras.ops.argmax(keras.layers.Conv2D(3, SIDE)(start), axis=-1)
    model = keras.Model(start, keras.layers.Dense(2)(keras.ops.one_hot(keras.ops.squeeze(chosen, -1)[:, 0], 3)))
    assert (
        attribution(opened(model), opened(model), steps(opened(model)), pictures(1), pictures(1), 0.0, SEED)
        is None
    )


def test_small_batches_change_no_more_than_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large network gets fewer pictures at a time, and then a path takes many passes."""
    model = residual("softmax")
    whole = explained(model)
    monkeypatch.setattr(module, "BATCH", 3)
    parts = explained(model)
    assert parts.integrated.maps == pytest.approx(whole.integrated.maps, abs=1e-5)
    assert parts.integrated.drop_marked == pytest.approx(whole.integrated.drop_marked, abs=1e-5)


def test_the_same_call_gives_the_same_bytes() -> None:
    """Neither threads nor chance sway a number, and nobody can change it afterwards."""
    model, other = residual("softmax"), residual("softmax", seed=12)
    first, second = explained(model, other), explained(model, other)
    assert bytes_of(first) == bytes_of(second)
    assert all(not getattr(first.integrated, name).flags.writeable for name in ("maps", "likeness", "drop_random"))


# --- the network that comes with the program ---


@pytest.fixture(scope="module")
def bundled() -> tuple["keras.Model", "keras.Model", Attribution]:
    """The bundled network, its twin, and where its decisions for the showcase came from."""
    model = open_network(ASSETS / "network.keras")
    record = read_record(ASSETS / "record.npz", digest_of(model))
    twin = twin_of(opened(model), record, SEED).network.model
    given = bundled_pictures()
    showcase, checked = (scaled(each.pixels, "0..1") for each in (given.showcase, given.survey.at(range(6))))
    return model, twin, explained(model, twin, showcase, checked)


def test_marks_add_up_in_the_bundled_network(bundled: tuple["keras.Model", "keras.Model", Attribution]) -> None:
    """They are the change of the logit, computed from the layer before, within one in a hundred."""
    import keras

    model, _, found = bundled
    showcase = scaled(bundled_pictures().showcase.pixels, "0..1")
    before = keras.Model(model.inputs, model.layers[-1].input)
    kernel, bias = model.layers[-1].get_weights()
    logits, empty = (before.predict(x, verbose=0) @ kernel + bias for x in (showcase, np.zeros_like(showcase)))
    places = np.arange(len(showcase)), logits.argmax(axis=1)
    assert found.integrated.maps.sum(axis=(1, 2)) == pytest.approx((logits - empty)[places], rel=0.01)
    assert 0 < found.completeness.max() < 0.01


def test_grad_cam_of_the_bundled_network(bundled: tuple["keras.Model", "keras.Model", Attribution]) -> None:
    """It is taken from the second convolution, never below zero, and of the pictures' size."""
    model, _, found = bundled
    assert found.grad_cam is not None
    assert (
        steps(opened(model))[found.grad_cam_layer - 1].name
        == [x.name for x in model.layers if "conv" in x.name][-1]
    )
    assert found.grad_cam.maps.shape == found.integrated.maps.shape == (11, 28, 28)
    assert found.grad_cam.maps.min() == 0 < found.grad_cam.maps.max()
