"""Filters and the batch normalisation behind them."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.folding import factors, folding_study
from reportgen.snapshot import Floats, Layer, Weight
from tests.factories import small_snapshot


def floats(*values: float) -> Floats:
    """An array of weights."""
    return np.array(values, np.float32)


def normalisation(**changes: object) -> Layer:
    """A batch normalisation of two maps, which reads layer 1."""
    (first, *_) = small_snapshot().layers
    weights = (
        Weight("gamma", floats(2, 0.001), floats(1, 1)),
        Weight("beta", floats(0, 0), floats(0, 0)),
        Weight("moving_mean", floats(5, 5), floats(0, 0)),
        Weight("moving_variance", floats(3, 3), floats(1, 1)),
    )
    made = replace(first, index=2, kind="BatchNormalization", inputs=(1,), weights=weights, epsilon=1.0)
    return replace(made, **changes)  # type: ignore[arg-type] # any field


def convolution(**changes: object) -> Layer:
    """The linear layer before it."""
    return replace(small_snapshot().layers[0], **{"activation": None, **changes})  # type: ignore[arg-type] # any field


def test_the_factor_is_worked_out_by_hand() -> None:
    """2 / √(3 + 1) = 1, and the first one 1 / √(1 + 1)."""
    layer = normalisation()
    found = folding_study(layer, (convolution(), layer))
    assert found is not None
    assert found.factor[0] == pytest.approx(1.0)
    assert found.factor_before == pytest.approx([2**-0.5] * 2)
    assert (found.source, found.off) == (1, 1)


def test_filter_and_factor_do_what_both_layers_do() -> None:
    """A folded kernel with its number gives what the normalised sum gives."""
    random = np.random.default_rng(0)
    kernel, inputs = random.normal(size=(9, 4)), random.normal(size=(20, 9))
    gamma, beta, mean, variance = random.normal(size=(4, 4)) ** 2 + 0.1
    normalised = gamma * (inputs @ kernel - mean) / np.sqrt(variance + 0.001) + beta
    factor = factors(gamma, variance, 0.001)
    assert inputs @ (kernel * factor) + beta - mean * factor == pytest.approx(normalised)


def test_without_gamma_the_variance_alone_counts() -> None:
    """A layer that does not scale has a γ of one."""
    assert factors(None, np.array([4.0]), 0.0) == pytest.approx([0.5])


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "LayerNormalization"},
        {"epsilon": None},
        {"inputs": (0, 1)},
        {"weights": ()},
        {"weights": (Weight("moving_variance", floats(-3, 1), floats(1, 1)),)},
        {"weights": (Weight("moving_variance", floats(np.nan, 1), floats(1, 1)),)},
        {"weights": (Weight("moving_variance", floats(3, 1), None),)},
    ],
)
def test_nothing_is_folded_where_that_would_be_wrong(changed: dict[str, object]) -> None:
    """Other layers, several inputs, and numbers that are none."""
    layer = normalisation(**changed)
    assert folding_study(layer, (convolution(), layer)) is None


def test_an_activation_between_cannot_be_folded() -> None:
    """Behind a ReLU the factor no longer belongs to the filter."""
    layer = normalisation()
    assert folding_study(layer, (convolution(activation="relu"), layer)) is None


def test_a_second_reader_sees_the_filter_without_the_factor() -> None:
    """A layer that something else reads too is not changed by the factor."""
    layer = normalisation()
    assert folding_study(layer, (convolution(), layer, normalisation(index=3))) is None
