"""Tries things out on a network: synthetic pictures, units taken away, pictures made for units, marked pixels.

It does not know what the outcomes speak for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from reportgen.analysis.receptive_field import receptive_fields
from reportgen.analysis.stimuli import stimuli
from reportgen.observe.ablation import MOST_PICTURES, ablations
from reportgen.observe.activations import Surveyed, Tapped
from reportgen.observe.attribution import attribution
from reportgen.observe.graph import head
from reportgen.observe.layers import Step, picture_shape, steps
from reportgen.observe.network import Network
from reportgen.observe.synthetic import Subject, tunings
from reportgen.observe.visualization import visualizations
from reportgen.pictures import PictureSet, scaled
from reportgen.snapshot import Ablation, Attribution, Doubles, Floats, Integers, Tuning, Visualization

CHECKED_PER_CLASS, CHECKED_UNLABELLED = 10, 100
"""Pictures that put marked pixels to the test: the first of each class, or of all where none has a label."""

STIMULI_WORK = 10**8
"""Multiplications for one synthetic picture; a costlier network is shown none, and none is drawn for it."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Experiments:
    """What came out."""

    tunings: tuple[Tuning | None, ...]
    """For each tapped layer."""
    ablations: Mapping[int, Ablation]
    """By a layer's index, as the next."""
    visualizations: Mapping[int, Visualization]
    attribution: Attribution | None


def experiments(
    *,
    model: Network,
    twin: Network,
    networks: tuple[Tapped, Tapped],
    surveyed: Surveyed,
    pictures: PictureSet,
    showcase: Floats,
    pixel_range: tuple[float, float],
    scale: str,
    seed: int,
    progress: Progress,
) -> Experiments:
    """Return what came out of all experiments on a network.

    Args:
        model: the trained network.
        twin: the first of its untrained twins.
        networks: both, tapped at all layers.
        surveyed: what the trained network made of all pictures.
        pictures: those.
        showcase: (pictures, height, width, channels), as the network gets them.
        pixel_range: the darkest and the brightest pixel.
        scale: see `pictures.scaled`.
        seed: of all random draws.
        progress: told the stages `stimuli`, `ablation`, `visualization` and `attribution`.

    Raises:
        ModelError: the network cannot be run.
    """
    listed = steps(model)
    progress("stimuli", 0, 1)
    tuned = _tunings(networks, (model, twin), listed, showcase, pixel_range, seed)
    progress("attribution", 0, 1)
    checked = scaled(pictures.pixels[_checked(pictures.labels, len(pictures.pixels))], scale)
    marked = attribution(model, twin, listed, showcase, checked, pixel_range[0], seed)
    first = slice(MOST_PICTURES)
    pixels, labels = scaled(pictures.pixels[first], scale), pictures.labels[first]
    means, fields = _means(listed, surveyed), receptive_fields(picture_shape(model), listed)
    ablated = ablations(model, listed, pixels, labels, means, partial(progress, "ablation"))
    made = visualizations(model, listed, fields, pixel_range, seed, partial(progress, "visualization"))
    return Experiments(tuned, ablated, made, marked)


def _tunings(
    networks: tuple[Tapped, Tapped],
    models: tuple[Network, Network],
    listed: tuple[Step, ...],
    showcase: Floats,
    pixel_range: tuple[float, float],
    seed: int,
) -> tuple[Tuning | None, ...]:
    height, width, channels = showcase.shape[1:]
    if not models[0].takes_pictures or head(models[0], models[0].outputs[0]).work > STIMULI_WORK:
        return (None,) * sum(step.output is not None for step in listed)
    shown = stimuli(height, width, channels, *pixel_range)
    subjects = [Subject(network, each.model.get_weights()) for network, each in zip(networks, models, strict=True)]
    return tunings(subjects[0], subjects[1], listed, shown, seed)


def _means(listed: tuple[Step, ...], surveyed: Surveyed) -> dict[int, Doubles]:
    """Return each unit's mean by the layer's index; a layer that only hands on numbers has none of its own."""
    tapped = [step for step in listed if step.output is not None]
    both = zip(tapped, surveyed.layers, strict=True)
    return {step.index: layer.responses.mean for step, layer in both if layer.sample is not None}


def _checked(labels: Integers, pictures: int) -> Integers:
    """Return the numbers of the first ten pictures of each class; without labels, of the first hundred."""
    if not labels.size:
        return np.arange(min(pictures, CHECKED_UNLABELLED))
    first = [np.flatnonzero(labels == label)[:CHECKED_PER_CLASS] for label in np.unique(labels)]
    return np.sort(np.concatenate(first))
