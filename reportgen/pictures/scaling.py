"""What bytes of pixels become before a network gets them, back to what can be shown, and which way to guess.

It knows a network by the names and the settings of its first layers only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.errors import InputError
from reportgen.pictures.picture_set import Pixels
from reportgen.snapshot import Floats

PLAIN = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "0..255": (0.0, 255.0)}
"""Scales that treat all channels alike, with what black and white become."""
CAFFE, TORCH = "imagenet-caffe", "imagenet-torch"
SCALES = (*PLAIN, CAFFE, TORCH)

_CAFFE_MEAN = np.array([103.939, 116.779, 123.68], np.float32)
"""Blue, green and red of the mean picture of ImageNet, which is taken away after red and blue have changed places:
mode `caffe` of `keras.applications.imagenet_utils.preprocess_input`."""
_TORCH_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_TORCH_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
"""Of red, green and blue in ImageNet, as shares of white: mode `torch` of the same function."""

_BY_NAME = (
    (CAFFE, r"vgg(16|19)|resnet(50|101|152)?"),
    ("-1..1", r"(mobilenet(v2)?_\d.*)|inception_v3|inception_resnet_v2|xception|nasnet.*|resnet(50|101|152)v2"),
    (TORCH, r"densenet\d*"),
    ("0..255", r"efficientnet.*|convnext.*|mobilenetv3.*"),
)
"""What the networks of `keras.applications` take, after the `preprocess_input` of each; the last ones scale pixels
themselves."""
_PASSING = re.compile(r"InputLayer|Random\w*|Resizing|CenterCrop|ZeroPadding\w*|Dropout|Identity|Cast|Reshape")
"""Layers that leave the scale of pixels as it is."""
_ARITHMETIC = {"TrueDivide", "Divide", "Subtract", "Multiply", "GetItem"}


@dataclass(frozen=True)
class Guess:
    """Which scale a network takes, and how that is known."""

    scale: str
    """One of `SCALES`."""
    why: str
    """`layers`: it carries its own preprocessing; `name`: it is called like a network of `keras.applications`;
    `nothing`: there is no sign at all."""

    @property
    def is_weak(self) -> bool:
        """Whether it may well be wrong."""
        return self.why == "nothing"


def scaled(pixels: Pixels, scale: str) -> Floats:
    """Return pixels, (…, channels), as the network gets them: bytes are brought to a scale, floats stay."""
    values = pixels.astype(np.float32)
    if pixels.dtype != np.uint8 or scale == "0..255":
        return values
    if scale == "0..1":
        return values / np.float32(255)
    if scale == "-1..1":
        return values / np.float32(127.5) - np.float32(1)
    if scale == CAFFE:
        return values[..., ::-1] - _CAFFE_MEAN
    return (values / np.float32(255) - _TORCH_MEAN) / _TORCH_DEVIATION


def shown(values: Floats, scale: str, ends: tuple[float, float]) -> Floats:
    """Return what a network gets, (…, channels), as pixels from 0, black, to 1, white, in red, green and blue.

    Args:
        values: as `scaled` returns them.
        scale: one of `SCALES`, or `UNSCALED` for numbers that were given as they are.
        ends: what black and white are there.
    """
    if scale == CAFFE and values.shape[-1] == 3:
        return (values + _CAFFE_MEAN)[..., ::-1] / np.float32(255)
    if scale == TORCH and values.shape[-1] == 3:
        return values * _TORCH_DEVIATION + _TORCH_MEAN
    low, high = ends
    if (low, high) == (0.0, 1.0) or low == high:
        return values
    return ((values - np.float32(low)) / np.float32(high - low)).astype(np.float32)


def ends_of(scale: str) -> tuple[float, float]:
    """Return the smallest and the largest number that a byte can become in any channel."""
    if scale in PLAIN:
        return PLAIN[scale]
    both = scaled(np.array([[0, 0, 0], [255, 255, 255]], np.uint8), scale)
    return float(both.min()), float(both.max())


def check_scale(scale: str, channels: int | None) -> None:
    """Check that a scale is known and can be used with so many channels.

    Raises:
        InputError: it cannot.
    """
    if scale not in SCALES:
        raise InputError(f"{scale}: no such scale. Give one of {', '.join(SCALES)}.")
    if scale not in PLAIN and channels != 3:
        plain = ", ".join(PLAIN)
        raise InputError(f"{scale}: a scale for three channels, but the network takes {channels}. Give {plain}.")


def guessed_scale(kinds: Sequence[str], names: Sequence[str], first: Mapping[str, Any] | None) -> Guess:
    """Return which scale a network takes, by its own preprocessing, else by its name, else 0 … 1.

    Args:
        kinds: of its layers, in order.
        names: of the network, and of those within it.
        first: the settings of the first layer that changes pixels, where it has any.
    """
    changing = next((kind for kind in kinds if not _PASSING.fullmatch(kind)), "")
    if changing in {"Rescaling", "Normalization"}:
        return Guess("0..255" if _takes_bytes(changing, first or {}) else "0..1", "layers")
    if changing in _ARITHMETIC:
        return Guess("0..255", "layers")
    found = (scale for name in names for scale, pattern in _BY_NAME if re.fullmatch(pattern, name.lower()))
    scale = next(found, None)
    return Guess(scale, "name") if scale else Guess("0..1", "nothing")


def _takes_bytes(kind: str, settings: Mapping[str, Any]) -> bool:
    """Return whether a layer brings bytes near 0 … 1, and not numbers that are there already."""
    if kind == "Rescaling":
        return bool(np.all(np.abs(np.asarray(settings.get("scale", 1 / 255), np.float64)) < 0.1))
    mean = settings.get("mean")
    # A mean that was learned is not among the settings.
    return mean is None or bool(np.max(np.abs(np.asarray(mean, np.float64))) > 1)
