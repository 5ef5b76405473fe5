"""How much of the picture one unit can see, by arithmetic on the sizes and steps of all windows before it.

It knows the way a network is built, not its weights: within its receptive field a unit may still ignore most.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from reportgen.snapshot import Window

PLACE_BY_PLACE = frozenset(
    {
        "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "BatchNormalization",
        "Concatenate", "Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "Identity", "LeakyReLU",
        "Maximum", "Minimum", "Multiply", "Normalization", "PReLU", "RandomBrightness", "RandomContrast",
        "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "ReLU", "Rescaling", "Softmax",
        "SpatialDropout1D", "SpatialDropout2D", "Subtract",
    }
)  # fmt: skip
"""Layers whose maps, at each place, come from the same place of their inputs' maps."""
GATHERING = frozenset(
    {"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"}
)
ENDING = frozenset({"Dense", "GRU", "LSTM", "SimpleRNN"})
"""Layers that look at all places where they give a single row of numbers."""
RESHAPING = frozenset({"Flatten", "Reshape"})


class Placed(Protocol):
    """What has to be known of a layer."""

    @property
    def index(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """Its class in Keras."""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the layers that it reads; 0 is the network's input."""

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Without the batch axis."""

    @property
    def window(self) -> Window | None:
        """How it slides."""


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels of the picture that can change one unit; every pair is (height, width) in input pixels."""

    size: tuple[int, int]
    """Whole, also where a part lies outside the picture; of a global field only what lies inside."""
    stride: tuple[int, int]
    """From one unit of the map to its neighbour; 0 for a global field, which does not move."""
    start: tuple[int, int]
    """Row and column where the field of the map's first unit begins; negative outside the picture."""
    end: tuple[int, int]
    """The row and column behind the last pixel that any unit of the layer sees; a field is cut off there."""
    share_of_picture: float
    """Share of the picture's pixels that a field covers, at most."""
    is_global: bool
    """Whether every unit of the layer looks at the whole map before it."""

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Return row and column of the field's first pixel for the unit at a place of the map."""
        return self.start[0] + row * self.stride[0], self.start[1] + column * self.stride[1]


@dataclass(frozen=True)
class _Span:
    """One axis of a layer's fields."""

    size: int
    stride: int
    start: int
    count: int
    """Units along this axis of the map."""
    end: int
    """Behind the last pixel that any unit sees: windows without padding may leave the last ones out."""
    picture: int
    """Pixels along this axis of the picture."""

    def gathered(self) -> "_Span":
        """Return the one span that covers those of all units, inside the picture."""
        first = max(self.start, 0)
        return _Span(self.end - first, 0, first, 1, self.end, self.picture)

    @property
    def is_gathered(self) -> bool:
        return self.stride == 0


_Spans = tuple[_Span, _Span]


def receptive_fields(input_shape: tuple[int | None, ...], layers: Iterable[Placed]) -> dict[int, ReceptiveField]:
    """Return the receptive field of each layer's units, by the layer's index.

    Args:
        input_shape: (height, width, channels) of the picture, or (steps, channels) of a sequence, a strip of one
            row.
        layers: in the order of the network.

    Layers of which it cannot be known are left out: those of a network whose input is not a picture or a sequence
    of known size, those after a layer of an unknown kind, and those whose output has other sides than the
    arithmetic gives. A flattened unit sees what it saw on its map; the start and stride
    are then those of the map.

    The arithmetic is that of Araujo, Norris & Sim (2019), Computing receptive fields of convolutional neural
    networks.
    """
    if len(input_shape) not in (2, 3):
        return {}
    height, width = (1, *input_shape[:-1])[-2:]
    if height is None or width is None:
        return {}
    known = {0: (_whole(height), _whole(width))}
    for layer in layers:
        spans = _layer_spans(layer, [known.get(index) for index in layer.inputs])
        if spans is not None:
            known[layer.index] = spans
    return {index: _field(spans) for index, spans in known.items() if index}


def _whole(pixels: int) -> _Span:
    return _Span(1, 1, 0, pixels, pixels, pixels)


def _layer_spans(layer: Placed, inputs: list[_Spans | None]) -> _Spans | None:
    """Return the spans of a layer from those of its inputs, None where they are not known."""
    known = [spans for spans in inputs if spans is not None]
    if not known or len(known) != len(inputs):
        return None
    both = [_united(list(axis)) for axis in zip(*known, strict=True)]
    if both[0] is None or both[1] is None:
        return None
    return _through(layer, (both[0], both[1]))


def _through(layer: Placed, spans: _Spans) -> _Spans | None:
    height, width = spans
    if layer.kind in GATHERING or (layer.kind in ENDING and len(layer.output_shape) == 1):
        return height.gathered(), width.gathered()
    if layer.window is not None:
        return _agreed(layer, _windowed(layer, layer.window, spans))
    if layer.kind in PLACE_BY_PLACE or _only_reshapes(layer, spans):
        return _agreed(layer, spans)
    return None


def _windowed(layer: Placed, window: Window, spans: _Spans) -> _Spans | None:
    framed = [_framed(span, *around) for span, around in zip(spans, window.frame, strict=True)]
    passed = _spread if "Transpose" in layer.kind else _slid
    height, width = (None if span is None else passed(span, window, axis) for axis, span in enumerate(framed))
    return None if height is None or width is None else (height, width)


def _framed(span: _Span, before: int, after: int) -> _Span | None:
    """Return the span of a map that got places of zeros around it, or lost some where these are negative.

    It is not known where a map that does not begin with the picture gets more places in front: what the first of
    its own units sees would no longer be told.
    """
    if span.is_gathered:
        return span
    if before > 0 and span.start > 0:
        return None
    last = span.count - 1 + min(after, 0)
    return replace(
        span,
        start=span.start - before * span.stride,
        count=span.count + before + after,
        end=min(span.start + last * span.stride + span.size, span.end),
    )


def _agreed(layer: Placed, spans: _Spans | None) -> _Spans | None:
    """Return the spans if the layer's output has as many places, whether its units stand last or first."""
    if spans is None or len(layer.output_shape) < 2 or all(span.is_gathered for span in spans):
        return spans
    counted = tuple(span.count for span in spans)[3 - len(layer.output_shape) :]
    sides = layer.output_shape[:-1], layer.output_shape[1:]
    return spans if counted in sides or None in layer.output_shape[:2] else None


def _only_reshapes(layer: Placed, spans: _Spans) -> bool:
    return layer.kind in RESHAPING and (len(layer.output_shape) == 1 or spans[0].is_gathered)


def _slid(span: _Span, window: Window, axis: int) -> _Span:
    """Return the span after a window has slid over the map."""
    if span.is_gathered:
        return span
    reach = window.dilation[axis] * (window.size[axis] - 1) + 1
    step = window.stride[axis]
    count, before = _steps(span.count, reach, step, window.padding)
    last = min((count - 1) * step - before + reach, span.count) - 1
    return _Span(
        size=span.size + (reach - 1) * span.stride,
        stride=span.stride * step,
        start=span.start - before * span.stride,
        count=count,
        end=min(span.start + last * span.stride + span.size, span.end),
        picture=span.picture,
    )


def _spread(span: _Span, window: Window, axis: int) -> _Span | None:
    """Return the span after a transposed window; None where its neighbours do not all see as much."""
    reach = window.dilation[axis] * (window.size[axis] - 1) + 1
    if span.is_gathered:
        return span
    if window.stride[axis] != 1 or window.padding == "same":
        same = window.stride[axis] == 1 and reach % 2 == 1
        return _slid(span, window, axis) if same else None
    wider = replace(window, padding="full")
    return _slid(span, wider, axis)


def _steps(count: int, reach: int, step: int, padding: str) -> tuple[int, int]:
    """Return how many places a window takes along an axis, and how far before the map it begins."""
    if padding == "valid":
        return (count - reach) // step + 1, 0
    if padding == "full":
        return count + reach - 1, reach - 1
    places = -(-count // step)
    if padding == "causal":
        return places, reach - 1
    return places, max((places - 1) * step + reach - count, 0) // 2


def _united(spans: list[_Span]) -> _Span | None:
    """Return the span that covers those of all branches, None where the branches do not keep step."""
    if any(span.is_gathered for span in spans):
        # One branch looks at its whole map, and so every place does.
        spans = [span.gathered() for span in spans]
    first = spans[0]
    if len({(span.stride, span.count) for span in spans}) > 1:
        return None
    start = min(span.start for span in spans)
    size = max(span.start + span.size for span in spans) - start
    end = max(span.end for span in spans)
    return _Span(size, first.stride, start, first.count, end, first.picture)


def _field(spans: _Spans) -> ReceptiveField:
    height, width = spans
    covered = min(height.size, height.picture) * min(width.size, width.picture)
    return ReceptiveField(
        size=(height.size, width.size),
        stride=(height.stride, width.stride),
        start=(height.start, width.start),
        end=(height.end, width.end),
        share_of_picture=covered / (height.picture * width.picture),
        is_global=height.is_gathered and width.is_gathered,
    )
