"""The units of a layer: what is shown and counted of each, and which of them hardly work."""

from dataclasses import dataclass, replace
from math import isnan

import numpy as np

from reportgen.analysis.budget import UNITS_A_PAGE, step_of
from reportgen.analysis.feature_maps import UNCHANGING, is_spatial
from reportgen.analysis.receptive_field import ReceptiveField
from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context
from reportgen.pages.evidence import Evidence, evidence
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Choice, Chooser, Fact, Image, Scale, Tile
from reportgen.pages.settings import settings
from reportgen.snapshot import Floats

DARK = 0.1
"""Below this share of a scale a value is hardly told from black."""
ALIVE = "alive"
"""The state of a unit that works."""


@dataclass(frozen=True)
class Unit:
    """One channel or neuron of a layer."""

    number: int
    state: str
    """`dead`, `silent`, `tiny`, or `alive`."""
    state_word: str
    kernel: Tile | None
    kernel_before: Tile | None
    map: Tile | None
    map_own: Tile | None
    map_before: Tile | None
    map_before_own: Tile | None
    places: Tile | None
    facts: tuple[Fact, ...]
    """What tells units apart at a glance."""
    more: tuple[Fact, ...]
    """What is told of a unit one fold below."""
    listens: str
    """The strongest connections, in words; empty where there are none."""
    strength: str
    """Sort keys, as plain numbers."""
    lit: str
    kind: str
    """Number of the most frequent class among its strongest pictures; empty where there is none."""
    peaks: str
    """Where it answered most to each picture of the chooser, as `row,column` in pixels of the picture of the first
    dot that it saw there, and `;` between pictures; empty where nothing can be drawn."""
    evidence: Evidence

    @property
    def has_more(self) -> bool:
        """Whether there is anything one fold below."""
        found, before = self.evidence, self.map_before or self.kernel_before
        return bool(before or self.more or self.listens or found.facts or found.made or found.curve or found.mix)


@dataclass(frozen=True)
class Units:
    """The units of a layer that one page shows."""

    units: tuple[Unit, ...]
    total: int
    shown: int
    """Units that have an entry, on this page or another."""
    states: str
    """Which units are dead, silent or tiny, in sentences."""
    scale: Scale | None
    stretch: str
    kernel_scale: Scale | None
    places_scale: Scale | None
    answers: Image | None
    """What all units make of the chosen picture, where they are single numbers; ten to a row."""
    answers_before: Image | None
    too_weak: str
    """Why nothing is to be seen before training; empty where something is."""
    chooser: Chooser | None
    states_here: tuple[tuple[str, str], ...]
    """(name, in words) of every state that some unit here is in."""
    kinds: tuple[tuple[str, str], ...]
    """(number, name) of every class that is the `kind` of a unit here."""
    window: str
    """`height,width` in pixels of what a unit sees at once; empty where that is not a part of the picture."""


def pages_of_units(study: LayerStudy, context: Context) -> tuple[range, ...]:
    """Return which units stand on each page of a layer; the first page is the layer's own."""
    shown = context.analysis.units_shown(study) if has_units(study) else 0
    return tuple(range(first, min(first + UNITS_A_PAGE, shown)) for first in range(0, max(shown, 1), UNITS_A_PAGE))


def units(study: LayerStudy, context: Context, chooser: Chooser | None, which: range) -> Units | None:
    """Return some units of a layer, None where there are none to be shown."""
    if study.layer.trained is None or not which:
        return None
    tiles = _tiles(study, context)
    image = context.gallery.made(study)
    made = stacked_tiles(image, image.height // _made_height(study)) if image else ()
    peaks = peaks_of(study, context) if chooser else ()
    return Units(
        units=tuple(_unit(study, context, number, tiles, made, peaks) for number in which),
        total=len(study.layer.trained.responses.mean),
        shown=context.analysis.units_shown(study),
        states=states_in_words(study, context),
        scale=map_scale(study, context),
        stretch=stretch_in_words(study, context),
        kernel_scale=kernel_scale(study, context) if study.filters and study.filters.per_unit else None,
        places_scale=_places_scale(study, context),
        answers=_answers(study, context, untrained=False),
        answers_before=_answers(study, context, untrained=True),
        too_weak=_too_weak(study, context),
        chooser=chooser,
        states_here=_states_here(study, context, which),
        kinds=_kinds(study, context, which),
        window="{},{}".format(*study.field.size) if study.field and peaks else "",
    )


def _states_here(study: LayerStudy, context: Context, which: range) -> tuple[tuple[str, str], ...]:
    here = {_state(study, number) for number in which}
    return tuple((name, word) for name, word in _state_words(context).items() if name in here)


def _kinds(study: LayerStudy, context: Context, which: range) -> tuple[tuple[str, str], ...]:
    labels = {found.label for found in study.top_classes[which.start : which.stop] if found}
    return tuple((str(label), context.class_name(label)) for label in sorted(labels))


def peaks_of(study: LayerStudy, context: Context) -> tuple[str, ...]:
    """Return for each unit where in each picture it saw what it answered to most; none for unknown fields.

    A unit that answers nowhere above zero has no such place.
    """
    field, observed, shape = study.field, study.layer.trained, study.layer.map_shape
    if field is None or field.is_global or observed is None or not is_spatial(study.layer) or len(shape) != 3:
        return ()
    if len(context.analysis.snapshot.input_shape) != 3:
        return ()
    found = []
    for unit in range(context.analysis.units_shown(study)):
        maps = (observed.maps[number][..., unit] for number in picture_order(context))
        found.append(";".join(_peak(each, field) for each in maps))
    return tuple(found)


def _peak(values: Floats, field: ReceptiveField) -> str:
    if not np.nanmax(values, initial=0) > 0:
        return ""
    row, column = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return "{},{}".format(*field.corner(int(row), int(column)))


def linked(tiles: tuple[Tile, ...], study: LayerStudy, context: Context, label: str) -> tuple[Tile, ...]:
    """Return a layer's tiles, each named by its number in the label, and linked to its unit's entry."""
    linking = has_units(study)
    return tuple(
        replace(
            tile,
            label=label.format(number=number),
            href=context.unit_path(study, number) if linking else "",
        )
        for number, tile in enumerate(tiles)
    )


def has_units(study: LayerStudy) -> bool:
    """Return whether the units of a layer have entries on its page."""
    return study.layer.trained is not None and study.maps is not None and study.layer.kind not in UNCHANGING


def map_scale(study: LayerStudy, context: Context) -> Scale | None:
    """Return the legend of a layer's maps."""
    if study.maps is None:
        return None
    words, _, scale = context.words, context.words.gettext, study.maps.scale
    note = (
        _("and above ({share} of the values)").format(share=words.percent(scale.clipped)) if scale.clipped else ""
    )
    step = step_of(*study.layer.trained.maps.shape[1:3]) if study.layer.trained and is_spatial(study.layer) else 1
    if step > 1:
        note += _("; of every {step} × {step} places the first is drawn").format(step=words.count(step))
    note = note.removeprefix("; ")
    low = words.number(scale.low, 2)
    return Scale(context.gallery.colour_scale(scale.palette), low, words.number(scale.high, 2), note)


def kernel_scale(study: LayerStudy, context: Context) -> Scale:
    """Return the legend of a layer's filters."""
    words, _ = context.words, context.words.gettext
    limit = words.number(context.gallery.kernel_limit(study), 2)
    if study.filters is not None and study.filters.in_colour:
        note = _("red, green and blue each on this scale: grey is zero; one scale before and after")
        return Scale(context.gallery.colour_scale("grey"), f"−{limit}", f"+{limit}", note)
    image = context.gallery.colour_scale("diverging")
    return Scale(image, f"−{limit}", f"+{limit}", _("blue takes away, red adds; one scale before and after"))


def _answers(study: LayerStudy, context: Context, *, untrained: bool) -> Image | None:
    if is_spatial(study.layer):
        return None
    _ = context.words.gettext
    text = (
        _("The answers of all {units} units before training")
        if untrained
        else _("The answers of all {units} units")
    )
    alt = text.format(units=context.words.count(study.layer.output_shape[-1] or 0))
    image = context.gallery.answers(study, context.first_picture, untrained=untrained)
    return Image(image.path, image.width, image.height, alt, image.pattern)


def _too_weak(study: LayerStudy, context: Context) -> str:
    """Return that the answers before training are black on the layer's scale, where they are."""
    if is_spatial(study.layer) or study.maps is None or study.layer.untrained is None:
        return ""
    words, most = context.words, float(np.nanmax(study.layer.untrained.maps, initial=0.0))
    if most > DARK * study.maps.scale.high:
        return ""
    return words.gettext(
        "Before training no answer to these pictures is above {most}: on the scale of the trained layer that is "
        "black."
    ).format(most=words.number(most, 2))


def _places_scale(study: LayerStudy, context: Context) -> Scale | None:
    if study.connections is None or study.connections.places is None:
        return None
    words, _ = context.words, context.words.gettext
    high = words.number(context.gallery.places_limit(study), 2)
    image = context.gallery.colour_scale("sequential")
    return Scale(image, "0", high, _("and above: how heavily a unit weighs a place"))


def stretch_in_words(study: LayerStudy, context: Context) -> str:
    """Return how much brighter the maps are drawn when each has its own scale."""
    if not is_spatial(study.layer) or study.layer.trained is None or study.maps is None:
        return ""
    largest = np.abs(study.layer.trained.maps).max(axis=(1, 2))
    alive = largest[largest > 0]
    if not alive.size:
        return ""
    return context.words.gettext(
        "With a scale of its own, the weakest map that answers at all is drawn {most} times as bright as here."
    ).format(most=context.words.number(max(study.maps.scale.high / float(alive.min()), 1.0), 2))


def states_in_words(study: LayerStudy, context: Context) -> str:
    """Return which units are dead, silent or tiny, counted over all pictures."""
    if study.maps is None or study.layer.trained is None:
        return ""
    words, _, states = context.words, context.words.gettext, study.maps.states
    pictures = words.count(study.layer.trained.responses.pictures)
    sentences = [
        _named(words.gettext("{count} dead (never answered): no. {units}"), states.dead, context),
        _named(
            words.gettext("{count} silent (answered in fewer than {silent} of the pictures): no. {units}"),
            states.silent,
            context,
        ),
        _named(
            words.gettext("{count} tiny (never above {tiny} of the layer’s strongest answer): no. {units}"),
            states.tiny,
            context,
        ),
    ]
    odd = ~np.isfinite(study.layer.trained.responses.mean)
    sentences.append(_named(words.gettext("{count} infinite or not a number: no. {units}"), odd, context))
    found = [sentence for sentence in sentences if sentence]
    if not found:
        return _("No unit is dead, silent or tiny: over {pictures} pictures every one answered.").format(
            pictures=pictures
        )
    return (
        _("Counted over {pictures} pictures, some units hardly work:").format(pictures=pictures)
        + " "
        + "; ".join(found)
        + "."
    )


def chooser(context: Context) -> Chooser | None:
    """Return the pictures that the reader can send through the network."""
    snapshot = context.analysis.snapshot
    if not snapshot.showcase:
        return None
    return Chooser(tuple(_choice(number, context) for number in picture_order(context)))


def picture_order(context: Context) -> tuple[int, ...]:
    """Return the numbers of the pictures as the chooser has them: the one of the front page first."""
    first, count = context.first_picture, len(context.analysis.snapshot.showcase)
    return (first, *(number for number in range(count) if number != first))


def _choice(number: int, context: Context) -> Choice:
    picture = context.analysis.snapshot.showcase[number]
    image = context.gallery.photograph(picture, context.class_name(picture.label))
    return Choice(picture.name, image, context.picture_path(picture), context.answer(picture))


def _named(text: str, which: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", context: Context) -> str:
    numbers = [context.words.count(int(each)) for each in np.flatnonzero(which)]
    if not numbers:
        return ""
    units = context.words.listed(numbers[:12])
    if len(numbers) > 12:
        units = context.words.gettext("{units} and {more} more").format(
            units=", ".join(numbers[:12]), more=context.words.count(len(numbers) - 12)
        )
    return text.format(**settings(context.words), count=context.words.count(len(numbers)), units=units)


def _tiles(study: LayerStudy, context: Context) -> dict[str, tuple[Tile, ...]]:
    gallery, first, shown = context.gallery, context.first_picture, context.analysis.units_shown(study)
    filters = context.analysis.filters_shown(study)
    found: dict[str, tuple[Tile, ...]] = {}
    total = study.layer.map_shape[-1] if study.layer.map_shape else 0
    if study.filters is not None and study.filters.per_unit and study.filters.kernel.shape[3] == total:
        found["kernel"] = stacked_tiles(gallery.kernels(study), filters)
        found["kernel_before"] = stacked_tiles(gallery.kernels(study, untrained=True), filters)
    if is_spatial(study.layer):
        for own in (False, True):
            for untrained in (False, True):
                name = ("map_before" if untrained else "map") + ("_own" if own else "")
                image = gallery.maps(study, first, untrained=untrained, own=own)
                found[name] = stacked_tiles(image, shown)
    places = gallery.places(study)
    if places is not None:
        found["places"] = stacked_tiles(places, shown)
    return found


def _made_height(study: LayerStudy) -> int:
    return study.layer.visualization.images.shape[1] if study.layer.visualization else 1


def _unit(
    study: LayerStudy,
    context: Context,
    number: int,
    tiles: dict[str, tuple[Tile, ...]],
    made: tuple[Tile, ...],
    peaks: tuple[str, ...],
) -> Unit:
    cut = {name: each[number] for name, each in tiles.items()}
    state = _state(study, number)
    observed = study.layer.trained
    strength = float(observed.responses.maximum[number]) if observed else 0.0
    lit = 1 - float(study.maps.states.silent_share[number]) if study.maps else 0.0
    return Unit(
        number=number,
        state=state,
        state_word=_state_words(context)[state] if state != ALIVE else "",
        kernel=cut.get("kernel"),
        kernel_before=cut.get("kernel_before"),
        map=cut.get("map"),
        map_own=cut.get("map_own"),
        map_before=cut.get("map_before"),
        map_before_own=cut.get("map_before_own"),
        places=cut.get("places"),
        facts=_facts(study, context, number, lit),
        more=_more(study, context, number),
        listens=_listens(study, context, number),
        strength=f"{strength:.4f}",
        lit=f"{lit:.4f}",
        kind=str(top.label) if (top := next(iter(study.top_classes[number : number + 1]), None)) else "",
        peaks=peaks[number] if peaks else "",
        evidence=evidence(study, context, number, made),
    )


def _state(study: LayerStudy, number: int) -> str:
    if study.maps is None:
        return ALIVE
    states = study.maps.states
    flags = {"dead": states.dead, "silent": states.silent, "tiny": states.tiny}
    return next((name for name, flag in flags.items() if flag[number]), ALIVE)


def _state_words(context: Context) -> dict[str, str]:
    _ = context.words.gettext
    return {ALIVE: _("working"), "dead": _("dead"), "silent": _("silent"), "tiny": _("tiny")}


def _more(study: LayerStudy, context: Context, number: int) -> tuple[Fact, ...]:
    """Return the mean answer, and the share of a filter’s energy that its picture keeps, where it keeps a part."""
    words, _ = context.words, context.words.gettext
    facts = []
    if study.layer.trained is not None and study.maps is not None:
        facts.append(Fact(_("mean"), words.number(float(study.layer.trained.responses.mean[number]), 2)))
    filters = study.filters
    if filters is not None and filters.per_unit and not filters.in_colour and filters.kernel.shape[2] > 1:
        facts.append(Fact(_("of the filter its picture shows"), words.percent(float(filters.kept[number]))))
    return tuple(facts)


def _facts(study: LayerStudy, context: Context, number: int, lit: float) -> tuple[Fact, ...]:
    words, _ = context.words, context.words.gettext
    if study.layer.trained is None or study.maps is None:
        return ()
    responses = study.layer.trained.responses
    facts = [Fact(_("answers"), words.percent(lit))]
    if study.layer.extremes is None:
        facts.insert(0, Fact(_("strongest"), words.number(float(responses.maximum[number]), 2)))
    choosy = float(study.maps.selectivity[number])
    if not is_spatial(study.layer) and not isnan(choosy):
        favourite = context.class_name(int(np.nanargmax(responses.class_means[:, number])))
        facts.append(Fact(_("on average answers most to (choosiness)"), f"{favourite} ({words.fixed(choosy)})"))
    return tuple(facts)


def _listens(study: LayerStudy, context: Context, number: int) -> str:
    if study.connections is None:
        return ""
    words, _ = context.words, context.words.gettext
    parts = []
    for each in study.connections.strongest[number]:
        text = (
            _("{weight} × unit {unit}") if each.place is None else _("{weight} × unit {unit} at {row}, {column}")
        )
        row, column = each.place or (0, 0)
        weight = ("+" if each.weight > 0 else "") + words.fixed(each.weight)
        parts.append(text.format(weight=weight, unit=each.unit, row=row, column=column))
    return "; ".join(parts)
