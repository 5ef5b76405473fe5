"""Receptive fields by arithmetic, held against the pixels that have a gradient in Keras."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.receptive_field import ReceptiveField, receptive_fields
from reportgen.observe.layers import input_shape, steps
from reportgen.snapshot import Layer, Snapshot, Window
from tests.factories import layer_at, small_snapshot, with_layer
from tests.opened import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

SIDE = 28


def network_of(*layers: "keras.Layer") -> "keras.Model":
    """A network of layers in a row, for pictures of 28×28."""
    import keras

    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *layers])


def default() -> "keras.Model":
    """The default network up to its second pooling, with few units."""
    from keras import layers

    return network_of(
        layers.Conv2D(2, 3, padding="same", activation="relu", name="first"),
        layers.MaxPooling2D(2, name="pooling"),
        layers.Conv2D(2, 3, padding="same", activation="relu", name="second"),
        layers.MaxPooling2D(2, name="last"),
    )


def strided() -> "keras.Model":
    """Steps of two with borders of both kinds, so that the padding is uneven."""
    from keras import layers

    return network_of(
        layers.Conv2D(2, 5, strides=2, padding="same"),
        layers.Conv2D(2, 3, strides=2, padding="same"),
        layers.Conv2D(2, 2, padding="valid"),
    )


def dilated() -> "keras.Model":
    """A window with holes, and one that is not square."""
    from keras import layers

    return network_of(
        layers.Conv2D(2, 3, dilation_rate=2, padding="same"),
        layers.Conv2D(2, (1, 4), padding="same"),
        layers.AveragePooling2D(3, strides=2, padding="same"),
    )


def separated() -> "keras.Model":
    """Depthwise and separable convolutions slide as any other."""
    from keras import layers

    return network_of(
        layers.DepthwiseConv2D(3, strides=2, padding="valid"),
        layers.SeparableConv2D(2, 3, padding="same"),
        layers.Dropout(0.5),
    )


def branched() -> "keras.Model":
    """A short cut beside two convolutions."""
    import keras
    from keras import layers

    start = keras.Input((SIDE, SIDE, 1))
    stem = layers.Conv2D(2, 3, strides=2, padding="same")(start)
    path = layers.Conv2D(2, 3, padding="same")(layers.Conv2D(2, 3, padding="same")(stem))
    return keras.Model(start, layers.AveragePooling2D(2)(layers.Add()([stem, path])))


def framed() -> "keras.Model":
    """Zeros around the picture, more of them on one side, and a map whose border is cut off."""
    from keras import layers

    return network_of(
        layers.ZeroPadding2D(((3, 2), (0, 1))),
        layers.Conv2D(2, 7, strides=2),
        layers.ZeroPadding2D(1),
        layers.AveragePooling2D(3, strides=2),
        layers.Cropping2D(((1, 0), (0, 2))),
    )


NETWORKS = [default, strided, dilated, separated, branched, framed]


def as_snapshot(model: "keras.Model") -> Snapshot:
    """What the arithmetic needs to know of a network."""
    layers = tuple(
        Layer(
            index=step.index,
            name=step.name,
            kind=step.kind,
            inputs=step.inputs,
            output_shape=step.output_shape,
            parameters=step.parameters,
            activation=step.activation,
            window=step.window,
            weights=(),
            trained=None,
            untrained=None,
            not_shown=None,
        )
        for step in steps(opened(model))
    )
    return replace(small_snapshot(pictures=0), layers=layers, input_shape=input_shape(opened(model)))


def fields_of(snapshot: Snapshot) -> dict[int, ReceptiveField]:
    """The fields of a snapshot's layers."""
    return receptive_fields(snapshot.input_shape, snapshot.layers)


def gradient_support(model: "keras.Model", row: int, column: int) -> tuple[int, int, int, int]:
    """First and last row, first and last column of the pixels that have a gradient for one place of the output.

    All weights are positive, so that nothing cancels; there are many random pictures, so that each pixel of a
    pooling's window is the largest in some.
    """
    import tensorflow as tf

    model.set_weights([np.full(weight.shape, 0.1, np.float32) for weight in model.get_weights()])
    pictures = tf.constant(np.random.default_rng(0).uniform(0.1, 1, (200, SIDE, SIDE, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        answer = tf.reduce_sum(model(pictures, training=False)[:, row, column])
    found = np.abs(tape.gradient(answer, pictures).numpy()).sum(axis=(0, 3)) > 0
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def box(field: ReceptiveField, row: int, column: int) -> tuple[int, int, int, int]:
    """The same four numbers by arithmetic, cut off behind the last pixel that is seen."""
    top, left = field.corner(row, column)
    return (
        max(top, 0),
        min(top + field.size[0], field.end[0]) - 1,
        max(left, 0),
        min(left + field.size[1], field.end[1]) - 1,
    )


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_field_is_where_the_gradient_is(build: "Callable[[], keras.Model]") -> None:
    """The field of a unit in the middle is the support of its gradient."""
    model = build()
    height, width = model.output_shape[1:3]
    field = fields_of(as_snapshot(model))[len(steps(opened(model)))]
    place = height // 2, width // 2
    assert box(field, *place) == gradient_support(model, *place)


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS)
def test_field_at_the_corners_is_where_the_gradient_is(build: "Callable[[], keras.Model]") -> None:
    """At the border the field reaches out of the picture as the padding says."""
    model = build()
    height, width = model.output_shape[1:3]
    field = fields_of(as_snapshot(model))[len(steps(opened(model)))]
    for place in ((0, 0), (height - 1, width - 1)):
        assert box(field, *place) == gradient_support(model, *place)


def test_sizes_of_the_default_network() -> None:
    """3×3 at the first convolution, then 4, 8 and 10 pixels."""
    fields = fields_of(small_snapshot(pictures=0))
    assert [fields[index].size for index in (1, 2, 3, 4)] == [(3, 3), (4, 4), (8, 8), (10, 10)]


def test_strides_of_the_default_network() -> None:
    """Each pooling doubles the step from one unit to the next."""
    fields = fields_of(small_snapshot(pictures=0))
    assert [fields[index].stride for index in (1, 2, 3, 4)] == [(1, 1), (2, 2), (2, 2), (4, 4)]


def test_share_is_of_the_pixels_of_the_picture() -> None:
    """8×8 of 12×12 pixels."""
    fields = fields_of(small_snapshot(pictures=0))
    assert fields[3].share_of_picture == pytest.approx(64 / 144)


def test_flattening_changes_no_field() -> None:
    """A flattened unit is still the unit that it was on its map."""
    fields = fields_of(small_snapshot(pictures=0))
    assert fields[5] == fields[4]
    assert not fields[5].is_global


def test_dense_units_see_the_whole_picture() -> None:
    """Together the maps of the last pooling cover all twelve rows and columns."""
    field = fields_of(small_snapshot(pictures=0))[6]
    assert field == ReceptiveField((12, 12), (0, 0), (0, 0), (12, 12), 1.0, is_global=True)


def test_pixels_that_no_window_reaches_are_not_seen() -> None:
    """A valid window of 5 with a step of 5 stops at the tenth of twelve pixels."""
    snapshot = small_snapshot(pictures=0)
    first = replace(layer_at(snapshot, 1), window=Window((5, 5), (5, 5), (1, 1), "valid"), output_shape=(2, 2, 4))
    dense = replace(layer_at(snapshot, 6), inputs=(1,))
    field = fields_of(replace(snapshot, layers=(first, dense)))[6]
    assert field.size == (10, 10)
    assert field.share_of_picture == pytest.approx(100 / 144)


def test_a_field_larger_than_the_picture_covers_all_of_it() -> None:
    """The share ends at one."""
    snapshot = small_snapshot(pictures=0)
    wide = replace(layer_at(snapshot, 1), window=Window((31, 31), (1, 1), (1, 1), "same"))
    field = fields_of(with_layer(snapshot, wide))[1]
    assert field.size == (31, 31)
    assert field.share_of_picture == 1


def test_layers_after_an_unknown_kind_are_left_out() -> None:
    """What cannot be known is not guessed."""
    snapshot = small_snapshot(pictures=0)
    odd = replace(layer_at(snapshot, 3), kind="Conv2DTranspose", window=None)
    assert sorted(fields_of(with_layer(snapshot, odd))) == [1, 2]


def test_a_picture_of_unknown_size_has_no_fields() -> None:
    """Without the picture's size neither shares nor borders are known."""
    assert fields_of(replace(small_snapshot(pictures=0), input_shape=(None, None, 1))) == {}


def test_zeros_before_a_map_that_was_cut_are_not_followed() -> None:
    """Rows of the picture were cut off in front, and the zeros stand where they were."""
    snapshot = small_snapshot(pictures=0)
    cut = replace(
        layer_at(snapshot, 1),
        window=Window((1, 1), (1, 1), (1, 1), "valid", ((-2, 0), (0, 0))),
        output_shape=(10, 12, 4),
    )
    padded = replace(
        layer_at(snapshot, 2),
        window=Window((1, 1), (1, 1), (1, 1), "valid", ((2, 0), (0, 0))),
        output_shape=(12, 12, 4),
    )
    fields = fields_of(replace(snapshot, layers=(cut, padded)))
    assert (fields[1].start, fields[1].end) == ((2, 0), (12, 12))
    assert 2 not in fields


def test_branches_of_different_steps_have_no_field() -> None:
    """Maps that do not lie on each other cannot be added place by place."""
    snapshot = small_snapshot(pictures=0)
    added = replace(layer_at(snapshot, 3), kind="Add", window=None, inputs=(1, 2))
    assert 3 not in fields_of(with_layer(snapshot, added))


def test_a_global_branch_makes_the_sum_global() -> None:
    """Where every place is multiplied with what the whole map gave, every place sees it."""
    snapshot = small_snapshot(pictures=0)
    pooled = replace(layer_at(snapshot, 2), kind="GlobalAveragePooling2D", window=None, output_shape=(4,))
    scaled = replace(layer_at(snapshot, 3), kind="Multiply", window=None, inputs=(1, 2))
    fields = fields_of(with_layer(with_layer(snapshot, pooled), scaled))
    assert fields[3].is_global
