"""Which pictures the site has and where each stands; a picture exists only if a page asked for it.

The pictures have no words in them, so that the pages of all languages share them.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from reportgen.analysis.budget import SLICES, step_of
from reportgen.analysis.charts import (
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
    TileGrid,
    card_boxes,
    card_grid,
    is_themed,
    size_of,
)
from reportgen.analysis.feature_maps import folded, is_spatial, own_limits, strongest_map
from reportgen.analysis.filters import FilterStudy, projected, scale_limit
from reportgen.analysis.game import Pair
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.pages.parts import Image, ThemedImage, Tile
from reportgen.pages.slugs import layer_slugs
from reportgen.pictures.scaling import shown as pixels_shown
from reportgen.snapshot import Doubles, Floats, Picture, Space

FOLDER = "img"
STYLES = ("light", "dark")
CHOSEN = "{}"
"""Stands for the name of the reader's chosen picture in a path."""


class Gallery:
    """The pictures that pages have asked for, as charts by path."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._slugs = layer_slugs(tuple(study.layer for study in analysis.layers))
        self._shown: dict[str, Chart] = {}

    @property
    def shown(self) -> dict[str, Chart]:
        """Every picture that a page shows: its path and its chart, in the order of the paths."""
        return dict(sorted(self._shown.items()))

    def photograph(self, picture: Picture, alt: str = "") -> Image:
        """Return a picture of the showcase as the network gets it."""
        chart = Photograph(folded(self._pixels(picture.pixels), 1), 0.0, 1.0)
        return self._image(f"picture-{picture.name}.png", chart, alt, f"picture-{CHOSEN}.png")

    def colour_scale(self, palette: str) -> Image:
        """Return the legend of a colour map, from its low end to its high end."""
        return self._image(f"scale-{palette}.png", ColourScale(palette))

    def maps(self, study: LayerStudy, number: int, *, untrained: bool = False, own: bool = False) -> Image:
        """Return all maps that a layer makes of picture `number`, one under the other.

        On the layer's scale, or each on its own; trained and untrained share the layer's scale.
        """
        kind = ("before" if untrained else "after") + ("-own" if own else "")
        return self._of_picture(study, kind, number, lambda each: self._map_grid(study, each, untrained, own))

    def strongest(self, study: LayerStudy, number: int, alt: str = "") -> Image:
        """Return the strongest answer of any unit at each place of picture `number`."""
        return self._of_picture(study, "strongest", number, lambda each: _strongest_grid(study, each), alt)

    def answers(self, study: LayerStudy, number: int, *, untrained: bool = False) -> Image:
        """Return the answers of a layer's single-number units to picture `number`, ten to a row."""
        kind = "answers-before" if untrained else "answers"
        return self._of_picture(study, kind, number, lambda each: _answer_grid(study, each, untrained))

    def kernels(self, study: LayerStudy, *, untrained: bool = False) -> Image:
        """Return every filter as one small map, one under the other: itself, or the summary of its slices."""
        tiles = self.kernel_values(study)[1 if untrained else 0][: self._analysis.filters_shown(study)]
        name = "kernels-before.png" if untrained else "kernels.png"
        return self._image(self._in_layer(study, name), _filter_grid(tiles, self.kernel_limit(study)))

    def pairs(self, study: LayerStudy, pairs: tuple[Pair, ...]) -> Image:
        """Return trained and untrained filters in pairs, one under the other, each on a scale of its own."""
        filters = _filters(study)
        both = [(filters.summary[each.trained], filters.summary_before[each.untrained]) for each in pairs]
        ordered = [two if pair.trained_first else two[::-1] for two, pair in zip(both, pairs, strict=True)]
        tiles = np.stack([tile for two in ordered for tile in two])
        limits = np.abs(tiles).max(axis=(1, 2)).astype(np.float64)
        chart = TileGrid(tiles, np.stack([-limits, limits], axis=1), "diverging")
        return self._image(self._in_layer(study, "pairs.png"), chart)

    def folded_kernels(self, study: LayerStudy, source: LayerStudy, *, untrained: bool = False) -> Image:
        """Return the filters of `kernels`, each times its factor in the normalisation `study` behind them."""
        tiles = self.folded_values(study, source)[1 if untrained else 0][: self._analysis.filters_shown(source)]
        name = "folded-before.png" if untrained else "folded.png"
        return self._image(self._in_layer(study, name), _filter_grid(tiles, self.folded_limit(study, source)))

    def folded_values(self, study: LayerStudy, source: LayerStudy) -> tuple[Floats, Floats]:
        """Return what `folded_kernels` draws, after and before training, as `kernel_values`."""
        if study.folding is None:
            raise LookupError(f"layer {study.layer.index} is no normalisation of filters")
        both = zip(self.kernel_values(source), (study.folding.factor, study.folding.factor_before), strict=True)
        after, before = (_times(tiles, factor) for tiles, factor in both)
        return after, before

    def folded_limit(self, study: LayerStudy, source: LayerStudy) -> float:
        """Return the symmetric end of the colour scale that `folded_kernels` uses, before and after alike."""
        return scale_limit(self.folded_values(study, source)[0])

    def kernel_values(self, study: LayerStudy) -> tuple[Floats, Floats]:
        """Return what `kernels` draws, after and before training: (filters, height, width[, colours])."""
        filters = _filters(study)
        if filters.in_colour:
            return filters.kernel.transpose(3, 0, 1, 2), filters.initial.transpose(3, 0, 1, 2)
        if filters.kernel.shape[2] > 1:
            return filters.summary, filters.summary_before
        after, before = (each[:, :, 0].transpose(2, 0, 1) for each in (filters.kernel, filters.initial))
        return after, before

    def kernel_limit(self, study: LayerStudy) -> float:
        """Return the symmetric end of the colour scale that `kernels` uses, before and after alike."""
        filters = _filters(study)
        if filters.kernel.shape[2] == 1 or filters.in_colour:
            return filters.limit
        return scale_limit(filters.summary)

    def slices(self, study: LayerStudy, alt: str, *, untrained: bool = False) -> Image:
        """Return the first slices as a matrix: a row for each input, a column for each filter."""
        filters = _filters(study)
        kernel = (filters.initial if untrained else filters.kernel)[:, :, :SLICES, :SLICES]
        height, width, inputs, units = kernel.shape
        tiles = kernel.transpose(2, 3, 0, 1).reshape(inputs * units, height, width)
        name = "slices-before.png" if untrained else "slices.png"
        chart = replace(_diverging(tiles, filters.limit), columns=units, gap=1)
        return self._image(self._in_layer(study, name), chart, alt)

    def film(self, study: LayerStudy, moment: int, kernel: Floats, alt: str) -> Image:
        """Return the filters of a layer at one moment of training, all in one row, on the scale of `kernels`."""
        filters = _filters(study)
        tiles = kernel.transpose(3, 0, 1, 2)
        if not filters.in_colour:
            single = filters.kernel.shape[2] == 1
            tiles = tiles[..., 0] if single else projected(kernel, filters.kernel)
        chart = replace(_filter_grid(tiles, self.kernel_limit(study)), columns=len(tiles), gap=1)
        return self._image(self._in_layer(study, f"film-{moment:02d}.png"), chart, alt)

    def places(self, study: LayerStudy) -> Image | None:
        """Return where on the map before it each dense unit listens, one under the other; None without places."""
        places = study.connections.places if study.connections else None
        if places is None:
            return None
        places = places[: self._analysis.units_shown(study)]
        chart = TileGrid(places, _same_limits(len(places), 0.0, self.places_limit(study)), "sequential")
        return self._image(self._in_layer(study, "places.png"), chart)

    def places_limit(self, study: LayerStudy) -> float:
        """Return the upper end of the colour scale that `places` uses: the 99.5th percentile."""
        places = study.connections.places if study.connections else None
        return float(np.percentile(places, 99.5)) or 1.0 if places is not None else 1.0

    def matrix(self, study: LayerStudy, name: str, values: Floats, limits: tuple[float, float], alt: str) -> Image:
        """Return a table of numbers of a layer as coloured cells."""
        palette = "diverging" if limits[0] < 0 else "sequential"
        return self._image(self._in_layer(study, f"{name}.png"), Matrix(values, limits, palette), alt)

    def contact(self, study: LayerStudy, unit: int, alt: str) -> Image:
        """Return what a unit saw at its strongest, its weakest and at random, a row of patches for each."""
        extremes = study.layer.extremes
        if extremes is None:
            raise LookupError(f"layer {study.layer.index} has no patches")
        looks = extremes.looks[unit]
        photos = np.where(looks[..., -1:] > 0, looks[..., :-1] / np.float32(255), np.nan).astype(np.float32)
        chart = PhotoGrid(photos.reshape(-1, *photos.shape[2:]), columns=looks.shape[1], gap=1)
        return self._image(self._in_layer(study, f"patches-{unit:03d}.png"), chart, alt)

    def made(self, study: LayerStudy) -> Image | None:
        """Return the pictures made for a layer's units, one under the other; None where none were made."""
        made = study.layer.visualization
        if made is None or not len(made.images):
            return None
        return self._image(self._in_layer(study, "made.png"), PhotoGrid(self._pixels(made.images)))

    def scatter(self, space: Space, name: str, alt: str) -> Image:
        """Return the pictures in a layer's space, in the colours of their classes."""
        found = self._analysis.snapshot.representations
        labels = self._analysis.snapshot.survey.labels
        if found is None:
            raise LookupError("no spaces were measured")
        classes = labels[found.scattered] if labels.size else np.zeros(len(found.scattered), np.int64)
        return self._image(f"scatter-{name}.png", Scatter(space.scatter, classes), alt)

    def class_colours(self, classes: int) -> Image:
        """Return the colours of the classes, one pixel each."""
        return self._image("classes.png", ClassColours(classes))

    def alignment(self, name: str, values: Doubles, alt: str) -> Image:
        """Return how alike layers lay out the pictures, from 0 to 1."""
        chart = Matrix(values.astype(np.float32), (0.0, 1.0), "sequential")
        return self._image(f"alignment-{name}.png", chart, alt)

    def marks(self, picture: Picture, name: str, values: Floats, limit: float, alt: str) -> Image:
        """Return (height, width) marks on a picture, up to a limit; around zero where any is negative."""
        low, palette = (-limit, "diverging") if (values < 0).any() else (0.0, "sequential")
        chart = TileGrid(folded(values[None]), _same_limits(1, low, limit), palette)
        return self._image(f"marks-{name}-{picture.name}.png", chart, alt)

    def card(self, number: int) -> str:
        """Return the path of the picture that is shown with a link to the site; empty where nothing can be shown.

        Picture `number`, and the strongest answers of the first and the last convolution to it beside some of
        their maps; without pictures the filters of the first convolution.
        """
        parts = self._way(number) if self._analysis.snapshot.showcase else self._first_filters()
        return self._image("card.png", Card(parts)).path if parts else ""

    def ridge(self, study: LayerStudy, chart: Ridge, alt: str) -> ThemedImage:
        """Return a layer's weights over time."""
        return self._themed(self._in_layer(study, "weights-over-time"), chart, alt)

    def histogram(self, study: LayerStudy, number: int, alt: str) -> ThemedImage:
        """Return the distribution of a layer's weight array `number`, after and before training."""
        return self._themed(self._in_layer(study, f"weights-{number}"), study.weights[number].histogram, alt)

    def curves(self, name: str, chart: Curves, alt: str) -> ThemedImage:
        """Return a chart of lines."""
        return self._themed(f"{FOLDER}/{name}", chart, alt)

    def _way(self, number: int) -> tuple[Photograph | TileGrid, ...]:
        picture = self._analysis.snapshot.showcase[number]
        maps = [each for each in self._analysis.convolutions if is_spatial(each.layer) and each.maps]
        ends = maps[:1] + maps[1:][-1:]
        box = card_boxes(1 + len(ends) ** 2)[-1][2:]
        parts: list[Photograph | TileGrid] = [Photograph(folded(self._pixels(picture.pixels), 1), 0.0, 1.0)]
        for each in ends:
            parts += [_strongest_grid(each, number)] if len(ends) > 1 else []
            parts.append(_best_maps(each, number, box))
        return tuple(parts)

    def _first_filters(self) -> tuple[TileGrid | PhotoGrid, ...]:
        studies = self._analysis.convolutions
        if not studies:
            return ()
        tiles = self.kernel_values(studies[0])[0][: self._analysis.filters_shown(studies[0])]
        across, down = card_grid(len(tiles), (tiles.shape[2], tiles.shape[1]), card_boxes(1)[0][2:])
        grid = _filter_grid(tiles[: across * down], self.kernel_limit(studies[0]))
        return (replace(grid, columns=across, gap=1),)

    def _pixels(self, values: Floats) -> Floats:
        """Return what the network gets as pixels from 0, black, to 1, white."""
        snapshot = self._analysis.snapshot
        return pixels_shown(values, snapshot.scale, snapshot.pixel_range)

    def _map_grid(self, study: LayerStudy, number: int, untrained: bool, own: bool) -> TileGrid:  # noqa: FBT001 - private, called with names above
        observed = study.layer.untrained if untrained else study.layer.trained
        if observed is None or study.maps is None:
            raise LookupError(f"layer {study.layer.index} has no maps")
        tiles = _thinned(observed.maps[number])[..., : self._analysis.units_shown(study)].transpose(2, 0, 1)
        scale = study.maps.scale
        limits = own_limits(tiles, scale) if own else _same_limits(len(tiles), scale.low, scale.high)
        return TileGrid(folded(tiles), limits, scale.palette)

    def _of_picture(
        self, study: LayerStudy, kind: str, number: int, grid: Callable[[int], TileGrid], alt: str = ""
    ) -> Image:
        """Return a layer's image of one picture, and see to it that the other pictures have theirs."""
        pictures = self._analysis.snapshot.showcase
        names = [self._in_layer(study, f"{kind}-{picture.name}.png") for picture in pictures]
        for each, name in enumerate(names):
            if name not in self._shown:
                self._shown[name] = grid(each)
        pattern = self._in_layer(study, f"{kind}-{CHOSEN}.png")
        width, height = size_of(self._shown[names[number]])
        return Image(names[number], width, height, alt, pattern)

    def _in_layer(self, study: LayerStudy, name: str) -> str:
        return f"{FOLDER}/{self._slugs[study.layer.index]}/{name}"

    def _image(self, path: str, chart: Chart, alt: str = "", pattern: str = "") -> Image:
        path = path if path.startswith(f"{FOLDER}/") else f"{FOLDER}/{path}"
        width, height = size_of(self._shown.setdefault(path, chart))
        return Image(path, width, height, alt, f"{FOLDER}/{pattern}" if pattern else "")

    def _themed(self, path: str, chart: Histogram | Curves | Ridge, alt: str) -> ThemedImage:
        paths = [f"{path}-{style}.svg" for style in STYLES]
        for each in paths:
            self._shown.setdefault(each, chart)
        width, height = size_of(chart)
        return ThemedImage(paths[0], paths[1], width, height, alt)


def style_of(path: str, chart: Chart) -> str:
    """Return which style a picture is drawn in, by its path."""
    return STYLES[1] if is_themed(chart) and path.endswith("-dark.svg") else STYLES[0]


def stacked_tiles(image: Image, count: int) -> tuple[Tile, ...]:
    """Return the tiles of an image that holds `count` maps one under the other."""
    height = image.height // count
    return tuple(Tile(image, 0, number * height, image.width, height) for number in range(count))


def _times(tiles: Floats, factor: Doubles) -> Floats:
    wide = factor.reshape(-1, *(1,) * (tiles.ndim - 1))
    return np.asarray(tiles * wide, np.float32)


def _filters(study: LayerStudy) -> FilterStudy:
    if study.filters is None:
        raise LookupError(f"layer {study.layer.index} has no filters")
    return study.filters


def _strongest_grid(study: LayerStudy, number: int) -> TileGrid:
    if study.layer.trained is None or study.maps is None:
        raise LookupError(f"layer {study.layer.index} has no maps")
    tile = folded(strongest_map(_thinned(study.layer.trained.maps[number]))[None])
    return TileGrid(tile, _same_limits(1, study.maps.scale.low, study.maps.scale.high), study.maps.scale.palette)


def _best_maps(study: LayerStudy, number: int, box: tuple[int, int]) -> TileGrid:
    """Return the maps of the units that answer picture `number` most strongly, as many as fill a box well.

    At most half of all units: the others often answer nothing.
    """
    if study.layer.trained is None or study.maps is None:
        raise LookupError(f"layer {study.layer.index} has no maps")
    maps = folded(_thinned(study.layer.trained.maps[number]).transpose(2, 0, 1))
    across, down = card_grid(max(len(maps) // 2, 1), (maps.shape[2], maps.shape[1]), box)
    strongest = np.sort((-maps.max(axis=(1, 2))).argsort(kind="stable")[: across * down])
    limits = _same_limits(len(strongest), study.maps.scale.low, study.maps.scale.high)
    return TileGrid(maps[strongest], limits, study.maps.scale.palette, columns=across, gap=1)


def _thinned(maps: Floats) -> Floats:
    """Return every so many-th row and column of maps that are too large to be drawn whole."""
    step = step_of(*maps.shape[:2])
    return maps[::step, ::step]


def _answer_grid(study: LayerStudy, number: int, untrained: bool) -> TileGrid:  # noqa: FBT001 - private
    observed = study.layer.untrained if untrained else study.layer.trained
    if observed is None or study.maps is None:
        raise LookupError(f"layer {study.layer.index} has no outputs")
    tiles = observed.maps[number].reshape(-1, 1, 1)
    scale = study.maps.scale
    return TileGrid(
        tiles, _same_limits(len(tiles), scale.low, scale.high), scale.palette, columns=min(len(tiles), 10)
    )


def _filter_grid(tiles: Floats, limit: float) -> TileGrid | PhotoGrid:
    """Return filters around zero, (filters, height, width); in colour, (…, 3), zero is grey."""
    if tiles.ndim == 3:
        return _diverging(tiles, limit)
    with np.errstate(invalid="ignore"):
        shares = np.clip(0.5 + tiles.astype(np.float64) / (2 * limit), 0, 1)
    return PhotoGrid(shares.astype(np.float32))


def _diverging(tiles: Floats, limit: float) -> TileGrid:
    return TileGrid(np.ascontiguousarray(tiles), _same_limits(len(tiles), -limit, limit), "diverging")


def _same_limits(count: int, low: float, high: float) -> Doubles:
    return np.tile(np.array([low, high], np.float64), (count, 1))
