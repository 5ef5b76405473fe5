import io
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from reportgen.analysis.charts import (
    CARD_SIZE,
    PLOT_SIZE,
    SCATTER_SIDE,
    Card,
    Chart,
    ClassColours,
    ColourScale,
    Curves,
    Histogram,
    Matrix,
    Photograph,
    PhotoGrid,
    Ridge,
    Scatter,
    Series,
    TileGrid,
    card_boxes,
    card_grid,
    is_themed,
    size_of,
)
from reportgen.figures import DARK, LIGHT, Style, draw

Bytes = NDArray[np.uint8]

COLOUR_MAPS = {"sequential": "magma", "diverging": "RdBu_r", "grey": "gray"}
CLEAR = (0, 0, 0, 0)

COUNTS = Histogram(np.array([0.0, 1, 2, 4]), np.array([2, 0, 1]), np.array([0, 1, 0]))
LINES = Curves(
    (
        Series("trained", np.array([0.0, 1, 2, 4]), np.array([0.0, 0, 1, 3]), np.array([1.0, 2, 3, 4])),
        Series("twin", np.array([1.0, np.nan, 1, 1])),
        Series("second", np.array([3.0, 3, 3, 3])),
    ),
    limits=(0.0, 4.0),
    grid=(0.0, 1.0),
)
ROWS = Ridge(np.array([0.0, 1, 4]), np.array([[3, 1], [2, 2]]))

DRAW_ALL = """
import sys
import numpy as np
from reportgen.analysis.charts import Curves, Histogram, Matrix, Series
from reportgen.figures import DARK, draw
values = np.arange(6.0)
charts = (
    Histogram(values, np.arange(5), np.arange(5)[::-1]),
    Curves((Series("trained", values, values - 1, values + 1), Series("twin", values / 2)), (0.0, 6.0), (1.0,)),
    Matrix(values.reshape(2, 3).astype(np.float32), (0.0, 5.0), "sequential"),
)
sys.stdout.buffer.write(b"".join(draw(chart, DARK) for chart in charts))
"""


def image(chart: Chart) -> Image.Image:
    return Image.open(io.BytesIO(draw(chart, LIGHT)))


def pixels(chart: Chart) -> Bytes:
    return np.asarray(image(chart).convert("RGBA"))


def colour(value: float, low: float, high: float, palette: str) -> tuple[int, ...]:
    """Ask the colour map itself, one value at a time."""
    import matplotlib

    share = (value - low) / (high - low)
    return tuple(
        round(255 * part) for part in matplotlib.colormaps[COLOUR_MAPS[palette]](min(max(share, 0.0), 1.0))
    )


def svg(chart: Chart, style: Style = LIGHT) -> str:
    return draw(chart, style).decode()


def group(text: str, name: str) -> str:
    """Return one named group of a drawing, up to the next group of the same depth."""
    found = re.search(rf'\n   <g id="{re.escape(name)}">(.*?)\n   </g>', text, re.DOTALL)
    assert found, name
    return found[1]


def vertices(text: str, name: str) -> list[tuple[float, float]]:
    path = re.search(r'<path d="([^"]*)"', group(text, name))
    assert path
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path[1])]


def tiles_of(sheet: Bytes, columns: int, gap: int, height: int, width: int, tile: int) -> Bytes:
    top, left = (tile // columns) * (height + gap), (tile % columns) * (width + gap)
    return sheet[top : top + height, left : left + width]


def every_chart() -> list[Chart]:
    grid = TileGrid(np.zeros((5, 3, 4), np.float32), np.tile([0.0, 1.0], (5, 1)), "sequential", columns=3, gap=2)
    return [
        COUNTS,
        LINES,
        ROWS,
        ColourScale("diverging"),
        grid,
        Photograph(np.zeros((6, 7, 1), np.float32), 0, 1),
        Photograph(np.zeros((6, 7, 3), np.float32), 0, 1),
        Matrix(np.zeros((2, 9), np.float32), (0, 1), "grey"),
        PhotoGrid(np.full((5, 3, 4, 1), 0.5, np.float32), columns=3, gap=1),
        PhotoGrid(np.full((5, 3, 4, 3), 0.5, np.float32), columns=3, gap=1),
        Scatter(np.eye(2, dtype=np.float32), np.array([0, 11])),
        ClassColours(12),
        Card((grid, Photograph(np.zeros((6, 7, 1), np.float32), 0, 1))),
    ]


@pytest.mark.parametrize("palette", COLOUR_MAPS)
def test_matrix_has_the_colour_map_colour_of_each_value(palette: str) -> None:
    """Each cell is one pixel in the colour that the colour map gives to that value."""
    values = np.random.default_rng(3).normal(size=(11, 13)).astype(np.float32)
    drawn = pixels(Matrix(values, (-1.5, 1.5), palette))
    expected = [[colour(float(value), -1.5, 1.5, palette) for value in row] for row in values]
    assert drawn.tolist() == [[list(cell) for cell in row] for row in expected]


@pytest.mark.parametrize("palette", COLOUR_MAPS)
def test_values_beyond_the_limits_are_drawn_at_the_ends(palette: str) -> None:
    """What lies outside, infinities included, has the colour of the nearer end."""
    row = pixels(Matrix(np.array([[-9, -np.inf, 9, np.inf]], np.float32), (-1, 1), palette))[0]
    low, high = colour(-1, -1, 1, palette), colour(1, -1, 1, palette)
    assert [tuple(pixel) for pixel in row] == [low, low, high, high]


def test_missing_value_is_transparent() -> None:
    """A value that is not a number shows the page and no colour."""
    row = pixels(Matrix(np.array([[np.nan, 1]], np.float32), (0, 1), "sequential"))[0]
    assert [tuple(pixel) for pixel in row] == [CLEAR, colour(1, 0, 1, "sequential")]


@pytest.mark.parametrize(("palette", "share"), [("sequential", 0.0), ("grey", 0.0), ("diverging", 0.5)])
@pytest.mark.parametrize("limits", [(2.0, 2.0), (np.nan, np.nan), (-np.inf, np.inf)])
def test_limits_without_room_give_one_colour(palette: str, share: float, limits: tuple[float, float]) -> None:
    """Where limits leave no room everything is drawn at the low end, or in the middle of a diverging map."""
    row = pixels(Matrix(np.array([[1, 2, 3, np.inf]], np.float32), limits, palette))[0]
    assert {tuple(pixel) for pixel in row} == {colour(share, 0, 1, palette)}


def test_missing_value_stays_missing_in_limits_without_room() -> None:
    """A constant map with holes keeps its holes."""
    row = pixels(Matrix(np.array([[1, np.nan]], np.float32), (1, 1), "sequential"))[0]
    assert row[:, 3].tolist() == [255, 0]


def test_extreme_limits_do_not_fail() -> None:
    """Limits at the end of the number range are drawn without a warning."""
    row = pixels(Matrix(np.array([[0, 1]], np.float32), (-1.7e308, 1.7e308), "diverging"))[0]
    assert row[:, 3].tolist() == [255, 255]


def test_more_colours_than_a_palette_holds_are_still_exact() -> None:
    """A picture with all 256 colours and a missing value loses none of them."""
    values = np.append(np.arange(256), np.nan).astype(np.float32)[None]
    row = pixels(Matrix(values, (0, 255), "sequential"))[0]
    assert [tuple(pixel) for pixel in row] == [*(colour(v, 0, 255, "sequential") for v in range(256)), CLEAR]


def test_palette_has_as_many_entries_as_colours_used() -> None:
    """Three different values make a palette of three."""
    palette = image(Matrix(np.array([[0, 0.5, 1, 1]], np.float32), (0, 1), "sequential")).palette
    assert palette
    assert len(palette.getdata()[1]) == 3 * 3


def test_png_carries_no_text_or_date() -> None:
    """Only the chunks that the pixels need are in the file."""
    data = draw(TileGrid(np.eye(4, dtype=np.float32)[None], np.array([[0.0, 1]]), "sequential", gap=1), LIGHT)
    assert set(re.findall(rb"IHDR|PLTE|tRNS|IDAT|IEND|tEXt|zTXt|iTXt|tIME|pHYs|gAMA|iCCP|eXIf", data)) == {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
    }


def test_picture_without_pixels_is_refused() -> None:
    """Nothing to draw is an error of the caller and not an empty file."""
    with pytest.raises(ValueError, match="0 × 0 pixels"):
        draw(TileGrid(np.zeros((0, 0, 0), np.float32), np.zeros((0, 2)), "grey"), LIGHT)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_tiles_read_back_from_a_grid_are_the_tiles(data: st.DataObject) -> None:
    """Every tile stands whole in its place, on its own limits, and everything else is transparent."""
    count, height, width = (data.draw(st.integers(1, high)) for high in (9, 4, 4))
    columns, gap = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 3))
    numbers = st.floats(-2, 2, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])
    tiles = data.draw(arrays(np.float32, (count, height, width), elements=numbers))
    limits = np.array([[-1.0 - tile, 1.0 + tile] for tile in range(count)])
    sheet = pixels(TileGrid(tiles, limits, "diverging", columns, gap)).copy()
    for tile in range(count):
        cell = tiles_of(sheet, columns, gap, height, width, tile)
        for place, value in np.ndenumerate(tiles[tile]):
            expected = CLEAR if np.isnan(value) else colour(float(value), -1 - tile, 1 + tile, "diverging")
            assert tuple(cell[place]) == expected
        cell[:] = 0
    assert not sheet.any()


def test_grid_ends_with_its_last_tile_and_not_with_a_gap() -> None:
    """Five tiles of 3 × 4 in three columns with two pixels between are 8 high and 16 wide."""
    grid = TileGrid(np.zeros((5, 3, 4), np.float32), np.tile([0.0, 1.0], (5, 1)), "grey", columns=3, gap=2)
    assert (image(grid).size, size_of(grid)) == ((16, 8), (16, 8))


def test_cell_after_the_last_tile_does_not_look_dead() -> None:
    """The remainder of the last row is transparent where a silent map is dark."""
    sheet = pixels(TileGrid(np.zeros((3, 2, 2), np.float32), np.tile([0.0, 1.0], (3, 1)), "sequential", columns=2))
    assert sheet[2:, :2, 3].tolist() == [[255, 255], [255, 255]]
    assert not sheet[2:, 2:].any()


def test_colour_scale_runs_through_the_map() -> None:
    """The scale's 64 pixels go in equal steps from the low end to the high end."""
    row = pixels(ColourScale("diverging"))[0]
    assert [tuple(pixel) for pixel in row] == [colour(step, 0, 63, "diverging") for step in range(64)]


def test_grey_photograph_keeps_its_bytes() -> None:
    """All 256 grey levels, divided by 255 and drawn from black to white, come back as they were."""
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    chart = Photograph((levels / 255).astype(np.float32)[:, :, None], 0, 1)
    assert np.array_equal(np.asarray(image(chart).convert("L")), levels)


def test_colour_photograph_keeps_its_bytes() -> None:
    """The three channels of a colour picture come back as they were, also from a range around zero."""
    levels = np.random.default_rng(0).integers(0, 256, (9, 5, 3))
    chart = Photograph((levels / 127.5 - 1).astype(np.float64), -1, 1)
    picture = image(chart)
    assert picture.mode == "RGB"
    assert np.abs(np.asarray(picture).astype(int) - levels).max() == 0


def test_colour_pixel_with_a_missing_channel_is_transparent() -> None:
    """A pixel of which a channel is not a number is not guessed."""
    chart = Photograph(np.array([[[1, np.nan, 0], [1, 0, 1]]], np.float32), 0, 1)
    assert pixels(chart)[0, :, 3].tolist() == [0, 255]


# --- many photographs in one image ---


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_photographs_read_back_from_a_grid_are_the_photographs(data: st.DataObject) -> None:
    """Every one stands whole in its place, byte for byte, and everything else is transparent."""
    count, height, width = (data.draw(st.integers(1, high)) for high in (7, 4, 4))
    columns, gap, channels = (
        data.draw(st.integers(1, 4)),
        data.draw(st.integers(0, 2)),
        data.draw(st.sampled_from([1, 3])),
    )
    photos = data.draw(arrays(np.uint8, (count, height, width, channels)))
    holes = data.draw(arrays(np.bool_, (count, height, width)))
    seen = np.where(holes[..., np.newaxis], np.nan, photos / np.float32(255)).astype(np.float32)
    sheet = pixels(PhotoGrid(seen, columns, gap)).copy()
    for number in range(count):
        cell = tiles_of(sheet, columns, gap, height, width, number)
        whole = np.broadcast_to(photos[number], (height, width, 3))
        assert np.array_equal(cell[~holes[number], :3], whole[~holes[number]])
        assert np.array_equal(cell[..., 3], np.where(holes[number], 0, 255))
        cell[:] = 0
    assert not sheet[..., 3].any()


@pytest.mark.parametrize("spare", [0, 1, 200, None])
def test_grey_photographs_with_a_hole_keep_every_level(spare: int | None) -> None:
    """With all 256 levels in use, with one to spare, and with black among them, no pixel changes."""
    levels = np.array([level for level in range(256) if level != spare], np.uint8)
    seen = np.append(levels / np.float32(255), np.float32(np.nan)).reshape(1, 1, -1, 1)
    sheet = pixels(PhotoGrid(seen.astype(np.float32)))
    assert np.array_equal(sheet[0, :-1, 0], levels)
    assert sheet[0, :, 3].tolist() == [255] * len(levels) + [0]


def test_grid_of_photographs_ends_with_its_last_one_and_not_with_a_gap() -> None:
    """Five of 3 × 4 in three columns with two pixels between are 8 high and 16 wide."""
    grid = PhotoGrid(np.zeros((5, 3, 4, 3), np.float32), columns=3, gap=2)
    assert (image(grid).size, size_of(grid)) == ((16, 8), (16, 8))


def test_one_missing_channel_makes_a_pixel_of_a_photograph_transparent() -> None:
    """A colour is not guessed."""
    photos = np.array([[[[1, np.nan, 0], [1, 0, 1]]]], np.float32)
    assert pixels(PhotoGrid(photos))[0].tolist() == [[255, 0, 0, 0], [255, 0, 255, 255]]


def test_photographs_beyond_black_and_white_are_drawn_at_the_ends() -> None:
    """Infinities too."""
    photos = np.array([-0.5, -np.inf, 1.5, np.inf], np.float32).reshape(1, 1, 4, 1)
    assert pixels(PhotoGrid(photos))[0, :, 0].tolist() == [0, 0, 255, 255]


def test_whole_colour_photographs_need_no_transparency() -> None:
    """Without gaps and holes the picture is opaque."""
    assert image(PhotoGrid(np.zeros((4, 2, 2, 3), np.float32), columns=2)).mode == "RGB"


# --- points in the colours of their classes ---


def class_colour(number: int) -> tuple[int, ...]:
    """Ask matplotlib's own list of ten for a class' colour."""
    import matplotlib
    from matplotlib.colors import to_rgba

    sequence = matplotlib.color_sequences["petroff10"]
    return tuple(round(255 * part) for part in to_rgba(sequence[number % 10]))


def scatter(*points: tuple[float, float, int]) -> Scatter:
    """Points (across, upwards) with their classes."""
    places = np.array([point[:2] for point in points], np.float32)
    return Scatter(places, np.array([point[2] for point in points], np.int64))


def test_classes_have_ten_colours_and_then_begin_anew() -> None:
    """One pixel each, from left to right; twelve classes are twelve pixels."""
    row = pixels(ClassColours(12))
    assert row.shape == (1, 12, 4)
    assert [tuple(pixel) for pixel in row[0]] == [class_colour(number) for number in range(12)]
    assert len({tuple(pixel) for pixel in row[0]}) == 10


def test_each_point_has_the_colour_of_its_class_at_its_place() -> None:
    """The corners lie two pixels inside, the middle in the middle, and upwards is up."""
    chart = scatter((-1, 10, 0), (3, 10, 1), (-1, 30, 2), (3, 30, 11), (1, 20, 4))
    drawn = pixels(chart)
    places = {(137, 2): 0, (137, 137): 1, (2, 2): 2, (2, 137): 11, (70, 70): 4}
    for place, number in places.items():
        assert tuple(drawn[place]) == class_colour(number)


def test_a_point_is_a_square_of_five_pixels_without_its_corners() -> None:
    """And nothing else is drawn."""
    drawn = pixels(scatter((0, 0, 3), (1, 1, 3)))
    dot = np.ones((5, 5), np.bool_)
    dot[[0, 0, -1, -1], [0, -1, 0, -1]] = False
    expected = np.zeros((SCATTER_SIDE, SCATTER_SIDE), np.bool_)
    expected[-5:, :5] = expected[:5, -5:] = dot
    assert np.array_equal(drawn[..., 3] == 255, expected)
    assert not drawn[~expected].any()
    assert {tuple(pixel) for pixel in drawn[expected]} == {class_colour(3)}


def test_a_later_point_covers_an_earlier_one() -> None:
    """Where both lie on one place."""
    drawn = pixels(scatter((0, 0, 1), (5, 5, 2), (0, 0, 7)))
    assert tuple(drawn[137, 2]) == class_colour(7)


@pytest.mark.parametrize("points", [[(3.0, 7.0)], [(3.0, 7.0), (3.0, 7.0)], [(0.0, 7.0), (4.0, 7.0)]])
def test_points_without_a_width_or_height_are_drawn(points: list[tuple[float, float]]) -> None:
    """On one place, or on one line, at the lower border."""
    drawn = pixels(scatter(*((*point, 0) for point in points)))
    assert tuple(drawn[137, 2]) == class_colour(0)
    assert not drawn[:130].any()


@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, (6, 2), elements=st.floats(-100, 100, width=32)))
def test_points_keep_their_order_across_and_upwards(points: NDArray[np.float32]) -> None:
    """Each class' mean pixel lies where its point lies among the others, within a pixel; all pixels are inside."""
    chart = Scatter(points, np.arange(6))
    drawn = pixels(chart)
    low, room = points.min(axis=0), np.ptp(points, axis=0)
    for number, point in enumerate(points):
        if (np.abs(points - point).max(axis=1) * 135 < 6 * np.where(room > 0, room, 1).max()).sum() > 1:
            continue  # another point may cover it
        rows, columns = np.nonzero((drawn == class_colour(number)).all(axis=2))
        share = (point - low) / np.where(room > 0, room, 1)
        assert (columns.mean(), 139 - rows.mean()) == pytest.approx(tuple(2 + 135 * share), abs=0.6)


# --- cards ---


@pytest.mark.parametrize("parts", range(1, 11))
def test_the_parts_of_a_card_stand_apart_on_it(parts: int) -> None:
    """Inside its margins, none over another."""
    boxes = card_boxes(parts)
    covered = np.zeros(CARD_SIZE[::-1], np.int64)
    for left, top, width, height in boxes:
        covered[top : top + height, left : left + width] += 1
    assert len(boxes) == parts
    assert covered.max() == 1
    assert covered.sum() == sum(width * height for _, _, width, height in boxes)
    assert not covered[:63].any()
    assert not covered[-63:].any()
    assert not covered[:, :63].any()
    assert not covered[:, -63:].any()


def test_a_part_of_a_card_is_enlarged_to_whole_pixels_in_its_middle() -> None:
    """A picture of 5 × 4 dots in a square of 504: each dot 100 wide and high, on paper."""
    dots = np.arange(20, dtype=np.float32).reshape(4, 5, 1)
    drawn = pixels(Card((Photograph(dots, 0, 19), Photograph(dots, 0, 19))))
    left, top, width, height = card_boxes(2)[0]
    own = pixels(Photograph(dots, 0, 19)).repeat(100, axis=0).repeat(100, axis=1)
    x, y = left + (width - 500) // 2, top + (height - 400) // 2
    assert np.array_equal(drawn[y : y + 400, x : x + 500], own)
    paper = [int(LIGHT.paper[place : place + 2], 16) for place in (1, 3, 5)]
    assert (drawn[:, :x, :3] == paper).all()
    assert (drawn[:y, :, :3] == paper).all()


def test_what_is_too_large_for_a_card_is_made_smaller() -> None:
    """By a whole number, so that it fits."""
    drawn = pixels(Card((Photograph(np.ones((1100, 1100, 1), np.float32), 0, 1),)))
    rows, columns = np.nonzero((drawn[:, :, :3] == 255).all(axis=2))
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == -(-1100 // 3)


GRIDS = {
    "sixteen maps of 28 are four by four": ((16, (28, 28), (240, 240)), (4, 4)),
    "filters of 3 fill a wide sheet": ((32, (3, 3), (1074, 504)), (8, 4)),
    "one map": ((1, (28, 28), (240, 240)), (1, 1)),
    "a map that is too large for its place": ((9, (300, 300), (240, 240)), (1, 1)),
}


@pytest.mark.parametrize(("given_", "expected"), GRIDS.values(), ids=GRIDS.keys())
def test_a_grid_on_a_card_fills_its_place(
    given_: tuple[int, tuple[int, int], tuple[int, int]], expected: tuple[int, int]
) -> None:
    """Worked out by hand: 4 × 4 maps of 28 dots, one apart, are 115 dots wide, and twice that is 230."""
    assert card_grid(*given_) == expected


# --- all charts, and those with axes ---


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: type(chart).__name__)
def test_size_known_without_drawing_is_the_size_drawn(chart: Chart) -> None:
    """`size_of` agrees with the file."""
    data = draw(chart, LIGHT)
    if data.startswith(b"\x89PNG"):
        assert Image.open(io.BytesIO(data)).size == size_of(chart)
    else:
        head = data.decode().partition(">")[0]
        width, height = size_of(chart)
        assert f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"' in head


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: type(chart).__name__)
def test_only_themed_charts_differ_between_styles(chart: Chart) -> None:
    """A chart is themed exactly if its light and its dark picture differ."""
    assert is_themed(chart) == (draw(chart, LIGHT) != draw(chart, DARK))


def test_filled_bars_stand_where_the_counts_say() -> None:
    """Edges 0, 1, 2, 4 lie at 0, 180, 360, 720; counts 2, 0, 1 under a top of 2.16 at 21.3, 288, 154.7."""
    bars = [
        (0, 288), (0, 21.333333), (180, 21.333333), (180, 288),
        (360, 288), (360, 154.666667), (720, 154.666667), (720, 288),
    ]  # fmt: skip
    drawn = list(dict.fromkeys(vertices(svg(COUNTS), "trained")))
    assert np.allclose(drawn, bars, atol=1e-4)


def test_outline_covers_only_bars_that_there_are() -> None:
    """One untrained weight between the edges 1 and 2 makes one outlined bar, open at its foot."""
    expected = [(180, 288), (180, 154.666667), (360, 154.666667), (360, 288)]
    assert np.allclose(vertices(svg(COUNTS), "twin"), expected, atol=1e-4)


def test_top_of_a_histogram_leaves_room_over_the_largest_count_of_either() -> None:
    """The larger of both counts, 50, stands at 1 / 1.08 of the height."""
    chart = Histogram(np.array([0.0, 1]), np.array([10]), np.array([50]))
    assert chart.top == pytest.approx(54)
    assert vertices(svg(chart), "twin")[1][1] == pytest.approx(288 - 288 / 1.08, abs=1e-4)


def test_histogram_without_a_twin_has_no_outline() -> None:
    """Where nothing is known of the untrained network, nothing is drawn of it."""
    assert 'id="twin"' not in svg(Histogram(COUNTS.edges, COUNTS.trained, None))


def test_empty_histogram_is_drawn() -> None:
    """No counts at all give an empty chart."""
    chart = Histogram(np.array([0.0, 1]), np.array([0]), np.array([0]))
    assert chart.top == 1
    assert {y for _, y in vertices(svg(chart), "trained")} == {288}


def test_histogram_tells_where_a_value_stands() -> None:
    """A page can place the number zero without drawing: a quarter from the left of −1…3."""
    chart = Histogram(np.array([-1.0, 3]), np.array([27]), None)
    assert chart.across(0.0) == 0.25
    assert chart.upward(chart.top / 2) == pytest.approx(0.5)


def test_bars_of_a_row_stand_on_its_foot() -> None:
    """Edges 0, 1, 4 lie at 0, 180, 720. A row is 288 / 4.1 high, and shares of 3/4 · 1.08 rise three rows.

    The first row's foot stands 1.1 rows over the lower border; its shares are 3/4 and 1/4. The second stands 0.1
    rows over it with two halves.
    """
    row = 288 / 4.1
    rise = 3 * row / (1.08 * 0.75)
    for moment, foot, shares in ((0, 288 - 1.1 * row, (0.75, 0.25)), (1, 288 - 0.1 * row, (0.5, 0.5))):
        left, right = (foot - share * rise for share in shares)
        bars = [(0, foot), (0, left), (180, left), (180, right), (720, right), (720, foot)]
        drawn = list(dict.fromkeys(vertices(svg(ROWS), f"moment-{moment}")))
        assert np.allclose(drawn, list(dict.fromkeys(bars)), atol=1e-4)


def test_ridge_tells_where_its_rows_stand() -> None:
    """A page can put a label at each row's foot, and the bars of the first row stay below the upper border."""
    assert [ROWS.baseline(0), ROWS.baseline(1)] == pytest.approx([1.1 / 4.1, 0.1 / 4.1])
    assert ROWS.upward(0, ROWS.top) == pytest.approx(1)
    assert ROWS.upward(1, 0.0) == ROWS.baseline(1)
    assert ROWS.across(1.0) == 0.25


def test_later_rows_stand_in_front() -> None:
    """What is drawn last hides what stands behind it: the trained network is seen whole."""
    text = svg(Ridge(ROWS.edges, np.array([[1, 2], [3, 4], [5, 6]])))
    places = [text.index(f'id="moment-{moment}"') for moment in range(3)]
    assert places == sorted(places)


def test_empty_row_is_a_line() -> None:
    """A moment without a finite weight has no bars, and divides nothing by zero."""
    chart = Ridge(np.array([0.0, 1]), np.array([[0], [0]]))
    assert chart.top == 1
    assert len({y for _, y in vertices(svg(chart), "moment-1")}) == 1


def test_points_stand_in_the_middle_of_equal_parts() -> None:
    """Four points lie at 90, 270, 450, 630 of 720, and 0, 1, 2, 4 of 4 at 288, 216, 144, 0."""
    assert vertices(svg(LINES), "trained-0") == [(90, 288), (270, 216), (450, 144), (630, 0)]


def test_points_stand_at_given_positions() -> None:
    """Positions are shares of the chart's width, borders included."""
    chart = Curves((Series("trained", np.array([0.0, 1, 1])),), (0, 1), (), np.array([0, 0.25, 1]))
    assert vertices(svg(chart), "trained-0") == [(0, 288), (180, 0), (720, 0)]


def test_missing_value_breaks_the_line() -> None:
    """A line goes on after a gap with a new start, and the lone point before it keeps its dot."""
    twin = group(svg(LINES), "twin-1")
    path = re.search(r'<path d="([^"]*)"', twin)
    assert path
    assert re.findall(r"([ML]) (\S+) ", path[1]) == [("M", "90"), ("M", "450"), ("L", "630")]
    assert re.findall(r'<use [^>]*x="(\S+)"', twin) == ["90", "450", "630"]


def test_band_goes_from_low_to_high() -> None:
    """The band's outline runs along the lows and back along the highs."""
    outline = [(90, 288), (270, 288), (450, 216), (630, 72), (630, 0), (450, 72), (270, 144), (90, 216)]
    assert vertices(svg(LINES), "patch_1") == outline


def test_band_of_a_lone_point_has_a_width() -> None:
    """An interval without neighbours is not lost."""
    value = np.array([1.0])
    chart = Curves((Series("trained", value, value - 1, value + 1),), (0, 4), ())
    assert set(vertices(svg(chart), "patch_1")) == {(356, 288), (364, 288), (364, 144), (356, 144)}


def test_band_without_its_low_is_left_out() -> None:
    """Where one end of the interval is not known there is no band."""
    chart = Curves((Series("trained", np.ones(2), np.array([np.nan, 0]), np.array([2, np.nan])),), (0, 4), ())
    assert "patch_" not in svg(chart)


def test_rules_cross_the_chart_at_the_values_of_the_grid() -> None:
    """The value 1 of 0…4 lies at 216; the rule on the lower border is moved inside by half its width."""
    assert vertices(svg(LINES), "rules") == [(0, 287.5), (720, 287.5), (0, 216), (720, 216)]


def test_trained_line_is_drawn_last() -> None:
    """The untrained twin lies below other measures, and the trained network above all."""
    text = svg(LINES)
    assert text.index('id="rules"') < text.index('id="patch_1"') < text.index('id="twin-1"')
    assert text.index('id="twin-1"') < text.index('id="second-2"') < text.index('id="trained-0"')


def test_long_line_has_no_dots() -> None:
    """A hundred dots would hide the line; a lone point of a long line is kept."""
    values = np.ones(100)
    values[[1, 3]] = np.nan
    drawn = group(svg(Curves((Series("trained", values),), (0, 2), ())), "trained-0")
    assert re.findall(r'<use [^>]*x="(\S+)"', drawn) == ["3.6", "18"]


def test_limits_without_room_put_the_line_in_the_middle() -> None:
    """Equal limits do not divide by zero."""
    chart = Curves((Series("trained", np.ones(2)),), (1, 1), (1,))
    assert {y for _, y in vertices(svg(chart), "trained-0")} == {144}


def test_curves_without_lines_are_drawn() -> None:
    """A chart that has no series is an empty chart."""
    assert svg(Curves((), (0, 1), ())).startswith("<svg")


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=lambda style: style.name)
def test_roles_have_the_colours_of_the_style(style: Style) -> None:
    """Accent means the trained network, grey its twin, ink another measure, in both themes."""
    text = svg(LINES, style)
    assert f"stroke: {style.accent}; stroke-width: 3.5" in group(text, "trained-0")
    assert f"stroke: {style.twin}; stroke-width: 2.5" in group(text, "twin-1")
    assert f"fill: {style.paper}" in group(text, "twin-1")
    assert re.search(rf"stroke-dasharray: [^;]+;.*stroke: {style.ink}", group(text, "second-2"))
    assert f"stroke: {style.rule}" in group(text, "rules")


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=lambda style: style.name)
def test_bars_have_the_colours_of_the_style(style: Style) -> None:
    """Bars after training are filled with the accent, those before are outlined in ink."""
    text = svg(COUNTS, style)
    assert f"fill: {style.accent}" in group(text, "trained")
    assert f"fill: none; stroke: {style.ink}" in group(text, "twin")


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=lambda style: style.name)
def test_rows_go_from_the_twins_colour_to_the_accent(style: Style) -> None:
    """The untrained network is grey, the trained one has the accent, and halfway is half of both."""
    text = svg(Ridge(ROWS.edges, np.array([[1, 2], [3, 4], [5, 6]])), style)
    ends = [np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) for colour in (style.twin, style.accent)]
    halfway = re.search(r"stroke: #(\w{6})", group(text, "moment-1"))
    assert f"stroke: {style.twin}" in group(text, "moment-0")
    assert f"stroke: {style.accent}" in group(text, "moment-2")
    assert halfway
    assert list(bytes.fromhex(halfway[1])) == pytest.approx(sum(ends) / 2, abs=1)


@pytest.mark.parametrize("chart", [COUNTS, LINES, ROWS], ids=["histogram", "curves", "ridge"])
def test_drawing_holds_nothing_but_shapes(chart: Chart) -> None:
    """No words, numbers, script, date, file elsewhere or metadata; names and references stay inside."""
    text = svg(chart)
    assert not re.search(
        r"<(text|script|image|metadata|title|a|foreignObject)\b|<!|<\?|matplotlib|url\(", text, re.I
    )
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(names)
    assert len(re.findall("href=", text)) == len(re.findall('href="#', text))
    assert set(re.findall(r"https?://[^\"]+", text)) <= {
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
    }


def test_drawing_has_no_ground() -> None:
    """The page shines through: no shape covers the whole canvas."""
    corners = re.compile(r"M 0 288 \s*L 720 288 \s*L 720 0")
    assert not corners.search(svg(COUNTS))
    assert not corners.search(svg(LINES))
    assert not corners.search(svg(ROWS))


def test_full_charts_are_small() -> None:
    """Eighty bins, and three lines of twenty points with bands, stay below 15 kB."""
    counts = np.random.default_rng(0).integers(1, 99_999, 80)
    bars = Histogram(np.linspace(-1.234, 1.789, 81), counts, counts[::-1])
    values = np.random.default_rng(0).random(20)
    roles = ("trained", "twin", "second")
    lines = Curves(tuple(Series(role, values, values - 0.1, values + 0.1) for role in roles), (0, 1), (0, 0.5, 1))
    assert max(len(draw(bars, DARK)), len(draw(lines, DARK))) < 15_000


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: type(chart).__name__)
def test_same_chart_gives_same_bytes(chart: Chart) -> None:
    """Drawing twice changes nothing."""
    assert draw(chart, LIGHT) == draw(chart, LIGHT)


def test_threads_do_not_disturb_each_other() -> None:
    """Charts drawn at the same time are those drawn alone."""
    alone = [draw(chart, style) for chart in (COUNTS, LINES) for style in (LIGHT, DARK)]
    with ThreadPoolExecutor(4) as pool:
        together = [pool.submit(draw, chart, style) for chart in (COUNTS, LINES) for style in (LIGHT, DARK)]
    assert [drawn.result() for drawn in together] == alone


def test_settings_of_matplotlib_are_left_alone() -> None:
    """Drawing does not change what other code of the process draws."""
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw(LINES, LIGHT)
    assert dict(matplotlib.rcParams) == before


def drawn_elsewhere(folder: Path, hash_seed: str, user_settings: str) -> bytes:
    file = folder / f"matplotlibrc-{hash_seed}"
    file.write_text(user_settings)
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "MATPLOTLIBRC": str(file)}
    return subprocess.run(
        [sys.executable, "-c", DRAW_ALL], env=environment, check=True, capture_output=True
    ).stdout


def test_interpreters_and_settings_of_the_user_give_same_bytes(tmp_path: Path) -> None:
    """Neither another process nor the user's matplotlibrc changes a byte."""
    settings_of_a_user = "path.sketch: 1, 100, 2\nlines.antialiased: False\nsavefig.bbox: tight\nfigure.dpi: 30\n"
    plain = drawn_elsewhere(tmp_path, "1", "")
    assert plain.count(b"<svg") == 2
    assert drawn_elsewhere(tmp_path, "2", settings_of_a_user) == plain


def test_importing_costs_no_matplotlib() -> None:
    """Sizes are known without the heavy library."""
    code = (
        "import sys, reportgen.figures; from reportgen.analysis.charts import ColourScale, size_of;"
        "print(*size_of(ColourScale('grey')), 'matplotlib' in sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output.split() == ["64", "1", "False"]


def test_canvas_is_what_pages_count_on() -> None:
    """Charts with axes are five wide and two high."""
    assert PLOT_SIZE == (720, 288)
