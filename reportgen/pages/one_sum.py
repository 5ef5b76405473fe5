"""One value of one feature map, worked out with its real numbers: what a filter does, in one sum."""

import json
from dataclasses import dataclass

import numpy as np

from reportgen.analysis.budget import step_of
from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Box, Image, Tile
from reportgen.snapshot import Floats

BYTES, FINEST = 255, 1e-4
"""Steps from black to white in a byte, and what other pixels are rounded to for the script."""


@dataclass(frozen=True)
class Product:
    """One of the products that a filter adds up: where it stands in its figure, and its number."""

    x: int
    y: int
    text: str
    on_dark: bool


@dataclass(frozen=True)
class OneSum:
    """One value of one feature map, worked out with its real numbers."""

    picture: Tile
    pixels: Tile
    pixel_numbers: tuple[Product, ...]
    weights: Tile
    weight_numbers: tuple[Product, ...]
    map: Tile
    side: str
    """Words for the number of weights: `nine`."""
    filter: int
    sum: str
    caption: str
    data: str
    """JSON, with which the reader's window is worked out anew: the picture's `pixels`, row by row, in a `unit`,
    its `width`, the `weights`, the `size` of the window, the `bias`, and the `corner` in which it begins, all
    pairs (row, column)."""


def one_sum(study: LayerStudy, context: Context) -> OneSum | None:
    """Return one sum of the filter with the most edge in it, where the filters are simple enough; else None."""
    filters, layer = study.filters, study.layer
    if filters is None or layer.trained is None or layer.window is None or not _is_simple(study):
        return None
    snapshot, gallery, number = context.analysis.snapshot, context.gallery, context.first_picture
    maps = layer.trained.maps[number]
    shown = context.analysis.units_shown(study)
    best = int((filters.edge_share * (maps.max(axis=(0, 1)) > 0))[:shown].argmax())
    size = layer.window.size
    row, column = _strongest_inside(maps[:, :, best], size)
    pixels = snapshot.showcase[number].pixels[row : row + size[0], column : column + size[1], 0]
    weights = filters.kernel[:, :, 0, best]
    photograph = gallery.photograph(snapshot.showcase[number])
    fixed = Image(photograph.path, photograph.width, photograph.height)
    kernels = stacked_tiles(gallery.kernels(study), context.analysis.filters_shown(study))
    map_tile = stacked_tiles(gallery.maps(study, number), shown)[best]
    frame = Box(column, row, size[1], size[0])
    bias = float(layer.weights[1].values[best]) if len(layer.weights) > 1 else 0.0
    return OneSum(
        picture=Tile(fixed, 0, 0, fixed.width, fixed.height, boxes=(frame,)),
        pixels=Tile(fixed, column, row, size[1], size[0]),
        pixel_numbers=_products(pixels, pixels < 0.5, context),
        weights=kernels[best],
        weight_numbers=_products(weights, np.abs(weights) > 0.7 * filters.limit, context),
        map=Tile(
            Image(map_tile.image.path, map_tile.image.width, map_tile.image.height),
            map_tile.x,
            map_tile.y,
            map_tile.width,
            map_tile.height,
            boxes=(Box(column + size[1] // 2 - 1, map_tile.y + row + size[0] // 2 - 1, 3, 3),),
        ),
        side=context.words.count(size[0] * size[1]),
        filter=best,
        sum=_sum_in_words(float((pixels * weights).sum()), bias, context),
        caption=_one_sum_caption(float(filters.edge_share[best]), best, context),
        data=_data(snapshot.showcase[number].pixels[..., 0], weights, bias, (row, column)),
    )


def _data(pixels: Floats, weights: Floats, bias: float, corner: tuple[int, int]) -> str:
    # Pictures that were made of bytes take half the room in bytes.
    unit = 1 / BYTES if np.allclose(pixels * BYTES, np.round(pixels * BYTES), atol=1e-4) else FINEST
    facts = {
        "pixels": np.round(pixels.ravel() / unit).astype(int).tolist(),
        "unit": unit,
        "width": pixels.shape[1],
        "weights": [_five_figures(each) for each in weights.ravel().tolist()],
        "size": weights.shape,
        "bias": _five_figures(bias),
        "corner": corner,
    }
    return json.dumps(facts, separators=(",", ":"))


def _five_figures(value: float) -> float:
    return float(f"{value:.5g}")


def _is_simple(study: LayerStudy) -> bool:
    """Return whether one value can be shown as one sum: one input channel, small window, picture underneath."""
    window, filters = study.layer.window, study.filters
    return (
        window is not None
        and filters is not None
        and study.layer.inputs == (0,)
        and filters.kernel.shape[2] == 1
        and window.stride == (1, 1)
        and window.dilation == (1, 1)
        and window.size in ((3, 3), (5, 5))
        and window.padding == "same"
        # A frame of three dots is drawn around one place of the map, so every place has to be there.
        and step_of(*(side or 1 for side in study.layer.output_shape[:2])) == 1
    )


def _strongest_inside(answers: Floats, size: tuple[int, int]) -> tuple[int, int]:
    """Return the top left corner of the window where a map is largest, among windows inside the picture."""
    top, left = size[0] // 2, size[1] // 2
    inside = answers[top : answers.shape[0] - top, left : answers.shape[1] - left]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return int(row), int(column)


def _products(
    values: Floats, on_dark: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", context: Context
) -> tuple[Product, ...]:
    step = 120 / values.shape[1]
    return tuple(
        Product(
            round(step * (column + 0.5)),
            round(step * (row + 0.5) + 4),
            context.words.fixed(float(values[row, column])),
            bool(on_dark[row, column]),
        )
        for row in range(values.shape[0])
        for column in range(values.shape[1])
    )


def _sum_in_words(total: float, bias: float, context: Context) -> str:
    words = context.words
    sign = "+" if bias >= 0 else "−"
    return f"{words.fixed(total, 3)} {sign} {words.fixed(abs(bias), 3)} = {words.fixed(total + bias, 3)}"


def _one_sum_caption(share: float, number: int, context: Context) -> str:
    return context.words.gettext(
        "Filter {number} has red weights, which add, and blue ones, which take away. Of its strength {share} has "
        "the form of a straight edge, more than of any other filter that answers to this picture. At first the "
        "square stands where it answers most."
    ).format(number=number, share=context.words.percent(share))
