"""The front page: one picture goes through the network, and the network is explained on the way."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reportgen.analysis.feature_maps import is_spatial
from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_cards
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Answer, Box, Chooser, ClaimCard, Head, Image, Link, Scale, Tile
from reportgen.pages.route import Route, Share, parameter_shares, route
from reportgen.pages.units import chooser, kernel_scale, map_scale
from reportgen.snapshot import Doubles, Floats


@dataclass(frozen=True)
class Panel:
    """One station of the picture's way."""

    image: Image
    title: str
    text: str
    scale: Scale | None


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


@dataclass(frozen=True)
class Step:
    """A step of the story: a layer's maps, what was counted, and the claims."""

    number: int
    id: str
    title: str
    text: str
    tiles: tuple[Tile, ...]
    sheet: str
    """Class of the sheet: few large maps, or many small ones."""
    scale: Scale | None
    caption: str
    seen: Tile | None
    """The picture with receptive fields drawn on it."""
    seen_caption: str
    claims: tuple[ClaimCard, ...]
    link: Link


@dataclass(frozen=True)
class Kinds:
    """What the last hidden layer's units answer to, kind by kind."""

    trained: Image
    untrained: Image
    classes: tuple[str, ...]
    scale: Scale
    text: str
    caption: str
    claims: tuple[ClaimCard, ...]
    link: Link


@dataclass(frozen=True)
class BeforeAfter:
    """The same filters before and after training."""

    before: tuple[Tile, ...]
    after: tuple[Tile, ...]
    scale: Scale
    text: str
    caption: str
    claims: tuple[ClaimCard, ...]


@dataclass(frozen=True)
class ResultRow:
    """How one class fared."""

    name: str
    right: str
    width: str
    mistaken_for: str
    mistaken: str


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for something else."""

    image: Image
    answer: str
    text: str
    path: str


@dataclass(frozen=True)
class ResultsPart:
    """How good the network is, and what it confuses."""

    figure: str
    text: str
    caption: str
    rows: tuple[ResultRow, ...]
    sure: str
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class StoryPage:
    """`index.html`."""

    template: ClassVar[str] = "story.html"

    head: Head
    standfirst: str
    panels: tuple[Panel, ...]
    answer: Answer | None
    chooser: Chooser | None
    one_sum: OneSum | None
    steps: tuple[Step, ...]
    kinds: Kinds | None
    before_after: BeforeAfter | None
    route: Route
    shares: tuple[Share, ...]
    share_caption: str
    results: ResultsPart | None
    next: tuple[Link, ...]


def story_page(context: Context) -> StoryPage:
    """Return the front page."""
    _, analysis = context.words.gettext, context.analysis
    convolutions = [each for each in analysis.convolutions if is_spatial(each.layer)]
    choices = chooser(context)
    return StoryPage(
        head=context.head(
            "index.html",
            _("What this network learned to see"),
            _("A picture goes in, a word comes out: what a neural network looks for, and how we can tell."),
            "story",
        ),
        standfirst=_standfirst(context),
        panels=_panels(convolutions, context),
        answer=context.answer(analysis.snapshot.showcase[context.first_picture]) if choices else None,
        chooser=choices,
        one_sum=_one_sum(convolutions[0], context) if convolutions else None,
        steps=_steps(convolutions, context),
        kinds=_kinds(context),
        before_after=_before_after(context),
        route=route(context),
        shares=parameter_shares(context),
        share_caption=_share_caption(context),
        results=_results(context),
        next=_next(context),
    )


def _standfirst(context: Context) -> str:
    words, _ = context.words, context.words.gettext
    snapshot = context.analysis.snapshot
    text = _(
        "Between the two lie {count} numbers that nobody typed in. The network found them itself, by training. "
        "Here it is opened up: what it looks for first, what it makes of that, and how anyone can tell."
    )
    return text.format(count=words.count(snapshot.parameters))


def _panels(convolutions: list[LayerStudy], context: Context) -> tuple[Panel, ...]:
    words, _ = context.words, context.words.gettext
    snapshot = context.analysis.snapshot
    if not snapshot.showcase:
        return ()
    picture = snapshot.showcase[context.first_picture]
    size = words.size(snapshot.input_shape[:2])
    text = _("{size} dots. Black is 0, white is 1.").format(size=size)
    image = context.gallery.photograph(picture, context.caption_of(picture))
    first = Panel(image, _("The picture."), text, None)
    ends = convolutions[:1] + convolutions[1:][-1:]
    return (first, *(_panel(study, context) for study in ends))


def _panel(study: LayerStudy, context: Context) -> Panel:
    words, _ = context.words, context.words.gettext
    title = context.layer_title(study)
    image = context.gallery.strongest(study, context.first_picture, _("After: {layer}").format(layer=title))
    text = _("Each dot shows the strongest answer of {units} filters, on a grid of {size}.").format(
        units=words.count(study.layer.output_shape[-1] or 0), size=words.size(study.layer.output_shape[:2])
    )
    positive = _answering_to_nothing(study)
    if positive:
        text += " " + words.ngettext(
            "The tinted ground is real: {count} filter answers even where there is nothing.",
            "The tinted ground is real: {count} filters answer even where there is nothing.",
            positive,
        ).format(count=words.count(positive))
    return Panel(image, _("After: {layer}.").format(layer=title), text, map_scale(study, context))


def _answering_to_nothing(study: LayerStudy) -> int:
    """Return how many filters of a first layer answer to empty ground: those whose bias is above zero."""
    bias = next((w.values for w in study.layer.weights if w.values.ndim == 1), None)
    if bias is None or study.layer.inputs != (0,):
        return 0
    return int(np.count_nonzero(bias > 0))


def _one_sum(study: LayerStudy, context: Context) -> OneSum | None:
    filters, layer = study.filters, study.layer
    if filters is None or layer.trained is None or layer.window is None or not _is_simple(study):
        return None
    snapshot, gallery, number = context.analysis.snapshot, context.gallery, context.first_picture
    maps = layer.trained.maps[number]
    best = int((filters.edge_share * (maps.max(axis=(0, 1)) > 0)).argmax())
    size = layer.window.size
    row, column = _strongest_inside(maps[:, :, best], size)
    pixels = snapshot.showcase[number].pixels[row : row + size[0], column : column + size[1], 0]
    weights = filters.kernel[:, :, 0, best]
    photograph = gallery.photograph(snapshot.showcase[number])
    fixed = Image(photograph.path, photograph.width, photograph.height)
    kernels = stacked_tiles(gallery.kernels(study), filters.kernel.shape[3])
    map_tile = stacked_tiles(gallery.maps(study, number), maps.shape[2])[best]
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
    )


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
    return f"{words.fixed(total)} {sign} {words.fixed(abs(bias), 3)} = {words.fixed(total + bias)}"


def _one_sum_caption(share: float, number: int, context: Context) -> str:
    return context.words.gettext(
        "Filter {number} has red weights, which add, and blue ones, which take away. Of its strength {share} has "
        "the form of a straight edge, more than of any other filter that answers to this picture. The square "
        "stands where it answers most."
    ).format(number=number, share=context.words.percent(share))


def _steps(convolutions: list[LayerStudy], context: Context) -> tuple[Step, ...]:
    steps = []
    if convolutions:
        steps.append(_first_step(convolutions[0], context))
    if len(convolutions) > 1:
        steps.append(_second_step(convolutions[0], convolutions[-1], context))
    return tuple(steps)


def _first_step(study: LayerStudy, context: Context) -> Step:
    words, _ = context.words, context.words.gettext
    claims = claim_cards(context, "straight_edges", study.layer.index)
    return Step(
        number=1,
        id="strokes",
        title=_("Strokes"),
        text=_first_text(study, context),
        tiles=_sheet(study, context),
        sheet=_sheet_class(study),
        scale=map_scale(study, context),
        caption=_(
            "Look for the same edge in different maps. Bright: the filter answers there. All {units} maps."
        ).format(units=words.count(study.layer.output_shape[-1] or 0)),
        seen=None,
        seen_caption="",
        claims=claims,
        link=_layer_link(study, context),
    )


def _first_text(study: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if study.layer.trained is None:
        return ""
    maps = study.layer.trained.maps[context.first_picture]
    lit = (maps != 0).mean(axis=(0, 1))
    text = _(
        "These are all {units} maps that the first layer makes of the picture. The busiest answers at {most} of "
        "the dots, the quietest at {least}."
    ).format(
        units=words.count(maps.shape[2]),
        most=words.percent(float(lit.max())),
        least=words.percent(float(lit.min())),
    )
    positive = _answering_to_nothing(study)
    if positive:
        text += " " + words.ngettext(
            "And {count} of them answers even where the picture is empty, because the number added at the end is "
            "above zero: that is the tinted ground, not a fault.",
            "And {count} of them answer even where the picture is empty, because the number added at the end is "
            "above zero: that is the tinted ground, not a fault.",
            positive,
        ).format(count=words.count(positive))
    return text


def _second_step(first: LayerStudy, last: LayerStudy, context: Context) -> Step:
    _ = context.words.gettext
    return Step(
        number=2,
        id="arrangements",
        title=_("Arrangements"),
        text=_second_text(first, last, context),
        tiles=_sheet(last, context),
        sheet=_sheet_class(last),
        scale=map_scale(last, context),
        caption=_("Few places, strong answers. The same picture, in all maps of the last convolution."),
        seen=_seen(first, last, context),
        seen_caption=_seen_caption(first, last, context),
        claims=claim_cards(context, "sees_more") + claim_cards(context, "more_zeros"),
        link=_layer_link(last, context),
    )


def _second_text(first: LayerStudy, last: LayerStudy, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    text = _(
        "The later convolution never sees the picture itself. It looks at the maps that come before it, and these "
        "have been shrunk on the way. So one of its units gathers from a patch of {size} dots."
    ).format(size=words.size(last.field.size) if last.field else "?")
    if last.depth is not None and first.depth is not None:
        text += " " + _(
            "Counted over {pictures} pictures, {last} of its answers are exactly zero; in the first layer it was "
            "{first}."
        ).format(
            pictures=words.count(context.analysis.snapshot.survey.pictures),
            last=words.percent(last.depth.zeros.value),
            first=words.percent(first.depth.zeros.value),
        )
    return text


def _seen(first: LayerStudy, last: LayerStudy, context: Context) -> Tile | None:
    if first.field is None or last.field is None or not context.analysis.snapshot.showcase:
        return None
    image = context.gallery.photograph(context.analysis.snapshot.showcase[context.first_picture])
    boxes = tuple(field_box(study, image) for study in (first, last))
    return Tile(image, 0, 0, image.width, image.height, boxes=boxes)


def field_box(study: LayerStudy, image: Image) -> Box:
    """Return the receptive field of the unit nearest to the middle of the picture."""
    field, shape = study.field, study.layer.output_shape
    if field is None or field.is_global or len(shape) != 3:
        return Box(0, 0, image.width, image.height)
    corner = [field.start[axis] + field.stride[axis] * ((shape[axis] or 1) // 2) for axis in (0, 1)]
    return Box(corner[1], corner[0], field.size[1], field.size[0])


def _seen_caption(first: LayerStudy, last: LayerStudy, context: Context) -> str:
    if first.field is None or last.field is None:
        return ""
    words, _ = context.words, context.words.gettext
    return _(
        "Small square: a unit of the first layer, {first} dots. Large square: a unit of the last convolution, "
        "{last}, which is {share} of the picture."
    ).format(
        first=words.size(first.field.size),
        last=words.size(last.field.size),
        share=words.percent(last.field.share_of_picture),
    )


def _sheet(study: LayerStudy, context: Context) -> tuple[Tile, ...]:
    total = study.layer.output_shape[-1] or 0
    tiles = stacked_tiles(context.gallery.maps(study, context.first_picture), total)
    path, unit = context.layer_path(study), context.words.gettext("Unit {number}")
    return tuple(
        Tile(
            each.image,
            each.x,
            each.y,
            each.width,
            each.height,
            unit.format(number=number),
            f"{path}#unit-{number}",
        )
        for number, each in enumerate(tiles)
    )


def _sheet_class(study: LayerStudy) -> str:
    return "many" if (study.layer.output_shape[-1] or 0) > 40 else "few"


def _layer_link(study: LayerStudy, context: Context) -> Link:
    return Link(context.layer_path(study), context.layer_title(study))


def _kinds(context: Context) -> Kinds | None:
    study = context.analysis.last_hidden
    if study is None or study.maps is None or not context.class_names or study.layer.trained is None:
        return None
    if study.layer.untrained is None or not study.layer.trained.responses.class_means.size:
        return None
    words, _ = context.words, context.words.gettext
    trained = _by_favourite(study.layer.trained.responses.class_means)
    untrained = _by_favourite(study.layer.untrained.responses.class_means)
    limits = (0.0, 1.0)
    dead = int(study.maps.states.dead.sum())
    text = _(
        "The last hidden layer has no maps any more: {units} single numbers for the whole picture. Each column "
        "below is one of its units, each row one kind of picture, and bright means that the unit answers much to "
        "that kind, measured against the kind that it likes most."
    ).format(units=words.count(len(study.maps.states.dead)))
    if dead:
        text += " " + words.ngettext(
            "{dead} unit never answered to any of {pictures} pictures: its column is empty.",
            "{dead} units never answered to any of {pictures} pictures: their columns are empty.",
            dead,
        ).format(dead=words.count(dead), pictures=words.count(context.analysis.snapshot.survey.pictures))
    return Kinds(
        trained=context.gallery.matrix(study, "kinds", trained, limits, _("after training")),
        untrained=context.gallery.matrix(study, "kinds-before", untrained, limits, _("before training")),
        classes=context.class_names,
        scale=Scale(
            context.gallery.colour_scale("sequential"), "0", "1", _("of the unit’s answer to its favourite kind")
        ),
        text=text,
        caption=_(
            "A column with one bright cell is a choosy unit. Units are sorted by the kind that they like most."
        ),
        claims=claim_cards(context, "favourite_class", study.layer.index),
        link=_layer_link(study, context),
    )


def _by_favourite(means: Doubles) -> Floats:
    """Return each unit's class means as shares of its largest, units sorted by favourite class, silent ones last.

    (classes, units); units that never answered are not numbers, so that they are drawn empty.
    """
    favourite, strength = means.argmax(axis=0), means.max(axis=0)
    silent = strength <= 0
    order = np.lexsort((-strength, favourite, silent))
    shares = np.where(silent, np.nan, means / np.where(silent, 1, strength))
    return shares[:, order].astype(np.float32)


def _before_after(context: Context) -> BeforeAfter | None:
    words, _ = context.words, context.words.gettext
    study = next(iter(context.analysis.convolutions), None)
    if study is None or study.filters is None:
        return None
    total, weights = study.filters.kernel.shape[3], study.weights[0]
    text = _(
        "Nobody drew these filters. They began as random numbers between {low} and {high}. After training they "
        "run from {minimum} to {maximum}, and {outside} of the {count} weights lie outside the range that they "
        "started in."
    ).format(
        low=words.number(weights.untrained.minimum, 2),
        high=words.number(weights.untrained.maximum, 2),
        minimum=words.fixed(weights.trained.minimum),
        maximum=words.fixed(weights.trained.maximum),
        outside=words.percent(weights.outside),
        count=words.count(weights.trained.count),
    )
    return BeforeAfter(
        before=_kernel_tiles(study, context, total, untrained=True),
        after=_kernel_tiles(study, context, total, untrained=False),
        scale=kernel_scale(study, context),
        text=text,
        caption=clipped_in_words(
            context, *context.gallery.kernel_values(study), context.gallery.kernel_limit(study)
        ),
        claims=claim_cards(context, "weights_moved", study.layer.index),
    )


def _kernel_tiles(study: LayerStudy, context: Context, total: int, *, untrained: bool) -> tuple[Tile, ...]:
    label = context.words.gettext("Filter {number}")
    tiles = stacked_tiles(context.gallery.kernels(study, untrained=untrained), total)
    return tuple(
        Tile(each.image, each.x, each.y, each.width, each.height, label.format(number=number))
        for number, each in enumerate(tiles)
    )


def clipped_in_words(context: Context, after: Floats, before: Floats, limit: float) -> str:
    """Return the colour scale that two pictures share, and how many of their values lie beyond it."""
    words, _ = context.words, context.words.gettext
    return _(
        "Both pictures share one scale, from −{limit} to +{limit}. {after} of the {count} trained weights lie "
        "beyond it and are drawn at its ends, and {before} of the first ones."
    ).format(
        limit=words.number(limit, 2),
        after=words.count(int(np.count_nonzero(np.abs(after) > limit))),
        count=words.count(after.size),
        before=words.count(int(np.count_nonzero(np.abs(before) > limit))),
    )


def _share_caption(context: Context) -> str:
    words, _ = context.words, context.words.gettext
    total = context.analysis.snapshot.parameters
    if not total:
        return ""
    seeing = sum(each.layer.parameters for each in context.analysis.convolutions)
    return _("The convolutions hold {share} of all {total} learned numbers.").format(
        share=words.percent(seeing / total), total=words.count(total)
    )


def _results(context: Context) -> ResultsPart | None:
    found = context.analysis.results
    if found is None:
        return None
    words, _ = context.words, context.words.gettext
    guess = 1 / len(found.confusion)
    text = _(
        "Of {pictures} pictures that it had never seen, it named {share} correctly. Guessing would give {guess}."
    )
    if found.origin == "survey":
        text = _("Of the {pictures} pictures given, it named {share} correctly. Guessing would give {guess}.")
    text = text.format(
        pictures=words.count(found.pictures),
        share=words.percent(found.accuracy, 1),
        guess=words.percent(guess),
    )
    if found.likeliest_pair:
        text += " " + _("Of its {wrong} mistakes, {pair} are between {first} and {second}.").format(
            wrong=words.count(found.pictures - found.right),
            pair=words.count(found.pair_mistakes),
            first=context.class_name(found.likeliest_pair[0]),
            second=context.class_name(found.likeliest_pair[1]),
        )
    rows = tuple(
        ResultRow(
            name=context.class_name(row.index),
            right=words.percent(row.right / row.pictures, 1),
            width=f"{100 * row.right / row.pictures:.1f}%",
            mistaken_for=context.class_name(row.mistaken_for) if row.mistaken_for is not None else "–",
            mistaken=words.count(row.mistaken),
        )
        for row in found.classes
    )
    return ResultsPart(
        figure=words.percent(found.accuracy, 1).strip("\u2060").removesuffix("%"),
        text=text,
        caption=_("For each kind: the share named correctly, and what it is most often taken for"),
        rows=rows,
        sure=_sure_in_words(context),
        mistakes=_mistakes(context),
    )


def _sure_in_words(context: Context) -> str:
    found, words = context.analysis.results, context.words
    if found is None or not found.survey_mistakes:
        return ""
    return words.gettext(
        "Of {mistakes} mistakes over the {pictures} pictures of this report, {sure} were made with more than 90% "
        "confidence. Being sure is not the same as being right. These are the surest."
    ).format(
        mistakes=words.count(found.survey_mistakes),
        pictures=words.count(found.survey_pictures),
        sure=words.count(found.sure_mistakes),
    )


def _mistakes(context: Context) -> tuple[Mistake, ...]:
    _ = context.words.gettext
    shown = []
    for picture in context.analysis.snapshot.showcase:
        answer = context.answer(picture)
        if picture.source == "mistake" and answer is not None:
            label = context.class_name(picture.label)
            fixed = context.gallery.photograph(picture)
            image = Image(
                fixed.path, fixed.width, fixed.height, _("A picture labelled {label}").format(label=label)
            )
            text = _("The label says: {label}. It was {sure} sure.").format(label=label, sure=answer.top[0][1])
            shown.append(Mistake(image, answer.word, text, context.picture_path(picture)))
    return tuple(shown)


def _next(context: Context) -> tuple[Link, ...]:
    _ = context.words.gettext
    convolutions = context.analysis.convolutions
    links = [
        Link(
            context.path("depth.html"),
            _("From low to high"),
            _("Every measurement, layer by layer, beside the untrained twin."),
        )
    ]
    if convolutions:
        first = convolutions[0]
        note = _("All its filters, what they make of the pictures, and which of them hardly work.")
        links.insert(0, Link(context.layer_path(first), context.layer_title(first), note))
    note = _("What the network is for and not for, how it was trained, and how it does.")
    return (*links, Link(context.path("model.html"), _("The model card"), note))
