"""What bytes become before a network gets them, back again, and which scale is guessed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reportgen.errors import InputError
from reportgen.pictures import SCALES, check_scale, ends_of, guessed_scale, scaled, shown
from reportgen.snapshot import UNSCALED

PIXEL = np.array([[0, 100, 255]], np.uint8)
"""Red, green and blue."""
MODES = {"-1..1": "tf", "imagenet-caffe": "caffe", "imagenet-torch": "torch"}
"""The names that Keras has for the scales."""


@pytest.mark.parametrize(
    ("scale", "wanted"),
    [
        ("0..1", [0, 100 / 255, 1]),
        ("-1..1", [-1, 100 / 127.5 - 1, 1]),
        ("0..255", [0, 100, 255]),
        ("imagenet-caffe", [255 - 103.939, 100 - 116.779, 0 - 123.68]),
        ("imagenet-torch", [(0 - 0.485) / 0.229, (100 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225]),
    ],
)
def test_bytes_are_scaled_as_asked(scale: str, wanted: list[float]) -> None:
    """By hand: for `caffe` blue comes first and nothing is divided."""
    found = scaled(PIXEL, scale)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], wanted, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("scale", MODES)
def test_scales_are_those_of_keras(scale: str) -> None:
    """`preprocess_input` gives the same for the same pictures."""
    from keras.applications.imagenet_utils import preprocess_input

    pixels = np.random.default_rng(1).integers(0, 256, (2, 5, 4, 3), np.uint8)
    wanted = preprocess_input(pixels.astype(np.float32), data_format="channels_last", mode=MODES[scale])
    np.testing.assert_allclose(scaled(pixels, scale), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("scale", SCALES)
@given(pixels=arrays.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 4), st.just(3))))
@settings(max_examples=25, deadline=None)
def test_what_the_network_gets_can_be_shown(scale: str, pixels: np.ndarray) -> None:
    """Colours come back as they were, and nothing lies beyond the ends of the scale."""
    values, (low, high) = scaled(pixels, scale), ends_of(scale)
    np.testing.assert_allclose(shown(values, scale, (low, high)), pixels / 255, atol=1e-5)
    assert low - 1e-4 <= values.min() <= values.max() <= high + 1e-4


def test_floats_stay_as_they_are() -> None:
    """Who gives floats has scaled them; they are shown between their ends."""
    values = np.array([[-3.5, 0.0, 3.5]], np.float32)
    assert scaled(values, "imagenet-caffe").tolist() == values.tolist()
    assert shown(values, UNSCALED, (-3.5, 3.5)).tolist() == [[0.0, 0.5, 1.0]]
    assert shown(values, UNSCALED, (2.0, 2.0)).tolist() == values.tolist()


@pytest.mark.parametrize(("scale", "channels"), [("twice", 3), ("imagenet-caffe", 1), ("imagenet-torch", None)])
def test_a_scale_that_cannot_be_used_is_refused(scale: str, channels: int | None) -> None:
    """One that nobody knows, and those of three colours for other channels."""
    with pytest.raises(InputError, match="Give"):
        check_scale(scale, channels)


@pytest.mark.parametrize(
    ("kinds", "name", "first", "wanted"),
    [
        (["InputLayer", "Rescaling", "Conv2D"], "my", {"scale": 1 / 255, "offset": 0.0}, ("0..255", "layers")),
        (["Rescaling", "Conv2D"], "my", {"scale": 1 / 127.5, "offset": -1}, ("0..255", "layers")),
        (["Rescaling", "Conv2D"], "my", {"scale": 2.0, "offset": -1}, ("0..1", "layers")),
        (["Rescaling", "Conv2D"], "my", {"scale": [0.017, 0.018, 0.017]}, ("0..255", "layers")),
        (["RandomFlip", "Normalization"], "my", {"mean": [123.7, 116.3, 103.5]}, ("0..255", "layers")),
        (["Normalization"], "my", {"mean": [0.485, 0.456, 0.406]}, ("0..1", "layers")),
        (["Normalization"], "my", {"mean": None}, ("0..255", "layers")),
        (["InputLayer", "TrueDivide", "Subtract", "Conv2D"], "my", None, ("0..255", "layers")),
        (["InputLayer", "Rescaling"], "vgg16", {"scale": 1 / 255}, ("0..255", "layers")),
        (["Conv2D", "Rescaling"], "my", {"scale": 1 / 255}, ("0..1", "nothing")),
        (["Conv2D"], "my_vgg16", None, ("0..1", "nothing")),
        ([], "", None, ("0..1", "nothing")),
        *(
            (["InputLayer", "Conv2D"], name, None, (scale, "name"))
            for scale, names in {
                "imagenet-caffe": "vgg16 vgg19 resnet50 resnet101 resnet152",
                "-1..1": "mobilenet_1.00_224 mobilenetv2_1.00_224 inception_v3 inception_resnet_v2 xception "
                "NASNet nasnet_mobile resnet50v2 resnet152v2",
                "imagenet-torch": "densenet121 densenet201",
                "0..255": "efficientnetb0 efficientnetv2-b0 convnext_tiny MobileNetV3Small",
            }.items()
            for name in names.split()
        ),
    ],
)
def test_the_scale_is_guessed_from_the_network(
    kinds: list[str], name: str, first: dict[str, object] | None, wanted: tuple[str, str]
) -> None:
    """Its own preprocessing counts before its name; without either the guess is weak."""
    guess = guessed_scale(kinds, [name], first)
    assert (guess.scale, guess.why) == wanted
    assert guess.is_weak == (wanted[1] == "nothing")
