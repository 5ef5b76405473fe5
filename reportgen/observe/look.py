"""Looks at a network and its twins with all the pictures, and gathers what the layers and single units show.

It does not know where the network and the pictures come from, nor what is made of the numbers.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from math import prod

import numpy as np

from reportgen.analysis.feature_maps import UNCHANGING
from reportgen.analysis.patches import looks
from reportgen.analysis.receptive_field import ReceptiveField, receptive_fields
from reportgen.analysis.representations import sampled
from reportgen.observe.activations import (
    Gathered,
    Plan,
    Surveyed,
    Tapped,
    maps,
    probabilities_of,
    scaled,
    survey,
    tapped,
)
from reportgen.observe.comparison import Compared, Material, compared
from reportgen.observe.experiments import Experiments, experiments
from reportgen.observe.layers import Step, picture_shape, steps
from reportgen.observe.models import Twin
from reportgen.observe.network import Network
from reportgen.observe.request import Request
from reportgen.observe.showcase import showcase_with_mistakes
from reportgen.pictures import PictureSet, picture_digest
from reportgen.snapshot import (
    Ablation,
    Attribution,
    Extremes,
    Floats,
    Integers,
    Observed,
    Picture,
    Representations,
    Responses,
    Space,
    Survey,
    Tuning,
    Visualization,
    read_only,
)
from reportgen.statistics import ExtremesSummary
from reportgen.statistics.samples import sketch_width

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Given:
    """The pictures to look at."""

    survey: PictureSet
    showcase: PictureSet


@dataclass(frozen=True, eq=False)
class LayerSeen:
    """All that was seen of one tapped layer; the fields are those of `snapshot.Layer`."""

    trained: Observed
    untrained: Observed
    other_twins: tuple[Responses, ...]
    space: Space | None
    twin_spaces: tuple[Space, ...]
    extremes: Extremes | None
    tuning: Tuning | None
    ablation: Ablation | None
    visualization: Visualization | None


@dataclass(frozen=True, eq=False)
class Seen:
    """What the networks made of the pictures."""

    layers: tuple[LayerSeen, ...]
    """The tapped ones."""
    showcase: tuple[Picture, ...]
    survey: Survey
    representations: Representations
    attribution: Attribution | None
    pixel_range: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Scene:
    """Who looks at what."""

    request: Request
    model: Network
    listed: list[Step]
    """The tapped layers."""
    networks: list[Tapped]
    """The trained one, then its twins."""
    pictures: PictureSet
    plan: Plan
    progress: Progress

    @property
    def pixel_range(self) -> tuple[float, float]:
        """The darkest and the brightest pixel that the network gets."""
        return _pixel_range(self.pictures, self.request.scale)


def look(request: Request, model: Network, twin: Twin, given: Given, progress: Progress) -> Seen:
    """Return all that can be seen of a network with some pictures.

    Raises:
        ModelError: the network cannot be run.
    """
    scene = _scene(request, model, twin, given, progress)
    # Matrix products of one thread fill the second core while the experiments keep the first one busy.
    with ThreadPoolExecutor(1) as pool:
        return _seen(scene, twin, given, pool)


def _seen(scene: _Scene, twin: Twin, given: Given, pool: Executor) -> Seen:
    request, model, progress = scene.request, scene.model, scene.progress
    seen = [_surveyed(number, scene) for number in range(len(scene.networks))]
    probabilities = probabilities_of(seen[0].output)
    chosen = showcase_with_mistakes(given.showcase, given.survey, probabilities, request.scale)
    comparison = _compared(scene, seen, pool)
    output, *shown = _showcase_maps(scene, chosen.pixels)
    tried = experiments(
        model=model,
        twin=twin.network,
        networks=(scene.networks[0], scene.networks[1]),
        surveyed=seen[0],
        pictures=given.survey,
        showcase=chosen.pixels,
        pixel_range=scene.pixel_range,
        scale=request.scale,
        seed=request.seed,
        progress=progress,
    )
    spaces = comparison()
    return Seen(
        layers=tuple(_layers_seen(scene, seen, (shown[0], shown[1]), spaces, tried)),
        showcase=chosen.pictures(output[0] if probabilities.size else np.zeros((len(output[0]), 0), np.float32)),
        survey=_survey(given.survey, probabilities, scene.plan.classes, request.scale),
        representations=spaces.representations,
        attribution=tried.attribution,
        pixel_range=scene.pixel_range,
    )


def classes_of(model: Network) -> int | None:
    """Return how many numbers the network answers with; None where its answer is not a row of numbers."""
    row = bool(model.outputs) and len(model.outputs[0].shape) == 2
    return model.outputs[0].shape[-1] if row else None


def _scene(request: Request, model: Network, twin: Twin, given: Given, progress: Progress) -> _Scene:
    listed = [step for step in steps(model) if step.output is not None]
    networks = [_tapped(each, request) for each in (model, *twin.networks)]
    plan = _plan(request, model, listed, given.survey)
    return _Scene(request, model, listed, networks, given.survey, plan, progress)


def _showcase_maps(scene: _Scene, pixels: Floats) -> tuple[tuple[Floats, ...], ...]:
    """Return the trained network's own output alone, then the maps of its layers, then those of its twin."""
    output, trained = maps(scene.networks[0], pixels)
    return (output,), trained, maps(scene.networks[1], pixels)[1]


def _plan(request: Request, model: Network, listed: list[Step], pictures: PictureSet) -> Plan:
    copied = sampled(len(pictures.pixels))
    fresh = tuple(step.kind not in UNCHANGING for step in listed)
    sizes = tuple(
        prod(side or 1 for side in step.output_shape) for step, each in zip(listed, fresh, strict=True) if each
    )
    return Plan(
        labels=pictures.labels,
        classes=_classes_of(pictures.labels, classes_of(model)),
        copied=copied,
        width=sketch_width(sizes, int(copied.sum())),
        fresh=fresh,
        seed=request.seed,
    )


def _surveyed(number: int, scene: _Scene) -> Surveyed:
    stage, total = "untrained" if number else "trained", len(scene.pictures.pixels)
    pixels = scene.pictures.pixels
    return survey(scene.networks[number], pixels, scene.plan, lambda done: scene.progress(stage, done, total))


def _compared(scene: _Scene, seen: list[Surveyed], pool: Executor) -> Callable[[], Compared]:
    material = Material(
        pixels=scene.pictures.pixels,
        labels=scene.pictures.labels,
        classes=scene.plan.classes,
        copied=scene.plan.copied,
        low=scene.pixel_range[0],
        width=scene.plan.width,
    )
    indices = [step.index for step in scene.listed]
    networks = list(zip(scene.networks, seen, strict=True))
    return compared(pool, networks, indices, material, lambda done, total: scene.progress("compare", done, total))


def _extremes_of(scene: _Scene, seen: Surveyed) -> Iterator[Extremes | None]:
    fields = receptive_fields(picture_shape(scene.model), steps(scene.model))
    for step, layer in zip(scene.listed, seen.layers, strict=True):
        yield _extremes(layer.extremes, _field_of(step, fields), scene.pictures)


def _field_of(step: Step, fields: dict[int, ReceptiveField]) -> ReceptiveField | None:
    # Which place of the map before it a flattened unit came from is not known here.
    return fields.get(step.index) if len(step.map_shape) == 3 else None


def _extremes(
    summary: ExtremesSummary | None, field: ReceptiveField | None, pictures: PictureSet
) -> Extremes | None:
    if summary is None:
        return None
    kinds = (summary.top, summary.bottom, summary.random)
    seen = looks(pictures.pixels, kinds, field, _ends(pictures))
    return Extremes(summary.searched, *kinds, seen)


def _layers_seen(
    scene: _Scene,
    seen: list[Surveyed],
    shown: tuple[tuple[Floats, ...], tuple[Floats, ...]],
    spaces: Compared,
    tried: Experiments,
) -> Iterator[LayerSeen]:
    """Yield the tapped layers; one that only hands on numbers has the spaces of the layer that it reads."""
    known: dict[int, tuple[Space | None, ...]] = {}
    extremes = list(_extremes_of(scene, seen[0]))
    for place, step in enumerate(scene.listed):
        own = tuple(each[place] for each in spaces.spaces)
        known[step.index] = own if own[0] else known.get(step.inputs[0], own)
        trained, *twins = known[step.index]
        gathered: list[Gathered] = [each.layers[place] for each in seen]
        yield LayerSeen(
            trained=Observed(shown[0][place], gathered[0].responses),
            untrained=Observed(shown[1][place], gathered[1].responses),
            other_twins=tuple(each.responses for each in gathered[2:]),
            space=trained,
            twin_spaces=tuple(each for each in twins if each),
            extremes=extremes[place],
            tuning=tried.tunings[place],
            ablation=tried.ablations.get(step.index),
            visualization=tried.visualizations.get(step.index),
        )


def _survey(pictures: PictureSet, probabilities: Floats, classes: int, scale: str) -> Survey:
    return Survey(
        len(pictures.pixels),
        picture_digest(pictures.pixels),
        pictures.labels,
        probabilities,
        classes=pictures.classes,
        class_pictures=_class_pictures(pictures, classes, scale),
        skipped=tuple(f"{name}: {reason}" for name, reason in pictures.skipped),
    )


def _class_pictures(pictures: PictureSet, classes: int, scale: str) -> Floats:
    """Return the mean picture of each class; of a class without pictures it is not a number."""
    means = np.full((classes, *pictures.pixels.shape[1:]), np.nan, np.float32)
    for label in np.unique(pictures.labels):
        mean = scaled(pictures.pixels[pictures.labels == label], scale).mean(axis=0, dtype=np.float64)
        means[label] = mean
    return read_only(means)


def _ends(pictures: PictureSet) -> tuple[float, float]:
    """Return the values that stand for black and white: those of bytes, of 0 … 1, or the ends of what is there."""
    if pictures.pixels.dtype == np.uint8:
        return 0.0, 255.0
    low, high = float(pictures.pixels.min()), float(pictures.pixels.max())
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def _pixel_range(pictures: PictureSet, scale: str) -> tuple[float, float]:
    """Return the ends as the network gets them."""
    low, high = _ends(pictures)
    if pictures.pixels.dtype == np.uint8:
        low, high = (float(each) for each in scaled(np.array([0, 255], np.uint8), scale))
    return low, high


def _tapped(model: Network, request: Request) -> Tapped:
    listed = [step for step in steps(model) if step.output is not None]
    return tapped(model, listed, request.batch_size, request.scale)


def _classes_of(labels: Integers, known: int | None) -> int:
    """Return how many classes to sum up by: those of the network, or as many as the labels tell of."""
    return max(known or 0, int(labels.max()) + 1) if labels.size else 0
