"""What is measured of the small network, computed with numpy and the program's own arithmetic; knows no Keras.

Each function makes one of the snapshot's parts out of the weights after and before training and the pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from reportgen.analysis.attribution import rank_correlation
from reportgen.analysis.changes import CHANGES, changed
from reportgen.analysis.patches import looks
from reportgen.analysis.receptive_field import ReceptiveField
from reportgen.analysis.representations import AlignmentSums, Targets, blocks, cosines, halves, space
from reportgen.analysis.stimuli import BAR, EDGE, Stimuli, chosen, stimuli
from reportgen.analysis.tuning import orientation_strength
from reportgen.snapshot import (
    Ablation,
    Attribution,
    Doubles,
    Extremes,
    Flags,
    Floats,
    Integers,
    MarkedPixels,
    Representations,
    Sibling,
    Space,
    TunedUnits,
    Tuning,
    Visualization,
    read_only,
)
from reportgen.statistics import ExtremesSummary
from tests.small_network import CLASSES, SIDE, WEIGHTED, columns, drawn_pictures, onward, outputs, windows

WIDTH = 4096
"""No layer of the small network has more numbers than that."""
KEEPS = (1, 2, 3, 4, 6, 7)
"""Indices of the layers that do more than hand on numbers."""
SHUFFLES = 99
CANDIDATES = 200
CHECKED = 20
"""Pictures that marks are tested with."""
BLANKED = 0.1
FEWEST = 8
"""Pictures from which spaces are measured: half of them for the probes, and four at least for the alignment."""

Weights = Sequence[Floats]


@dataclass(frozen=True, eq=False)
class Material:
    """The network after and before training, and the pictures that it was looked at with."""

    trained: Weights
    initial: Weights
    pixels: Floats
    labels: Integers
    """(pictures,); empty where there are none."""
    seed: int


def spaces_of(weights: Weights, material: Material) -> dict[int, Space]:
    """The spaces of one network's layers, by their index; 0 is the picture itself."""
    pixels = material.pixels
    classes = CLASSES if material.labels.size else 0
    targets = Targets(pixels.reshape(len(pixels), -1), material.labels, classes)
    moved = [_flat_outputs(weights, changed(pixels, change, 0.0)) for change in CHANGES]
    found = {}
    for index, output in _flat_outputs(weights, pixels).items():
        mean: Doubles = output.mean(axis=0, dtype=np.float64)
        likeness = np.stack([cosines(output, each[index], mean) for each in moved])
        found[index] = space(output, output.shape[1], targets, likeness)
    return found


def representations(material: Material, pixels: Space) -> Representations:
    """What the spaces were measured over, and how alike the layers are."""
    fitted, tested = halves(len(material.pixels))
    both = [
        output[tested]
        for weights in (material.trained, material.initial)
        for output in _flat_outputs(weights, material.pixels).values()
    ]
    sums = reduce(AlignmentSums.merge, map(AlignmentSums.of, blocks(both)), AlignmentSums.none(len(both)))
    alike, half = sums.alignment(), len(both) // 2
    return Representations(
        fitted=len(fitted),
        tested=len(tested),
        mixed=WIDTH,
        pixels=pixels,
        scattered=read_only(tested),
        layers=(0, *KEEPS),
        alignment=read_only(alike[:half, :half].copy()),
        alignment_untrained=read_only(alike[half:, half:].copy()),
        alignment_between=read_only(alike[:half, half:].copy()),
        changes=CHANGES,
    )


def extremes_of(material: Material, fields: dict[int, ReceptiveField]) -> dict[int, Extremes]:
    """The places of the strongest, weakest and some other answers, by the layer's index."""
    found = {}
    for index, output in _outputs(material.trained, material.pixels).items():
        summary = ExtremesSummary.of(output, 0, material.seed)
        kinds = (summary.top, summary.bottom, summary.random)
        seen = looks(material.pixels, kinds, fields[index] if output.ndim == 4 else None, (0.0, 1.0))
        found[index] = Extremes(summary.searched, *kinds, seen)
    return found


def tunings_of(material: Material) -> dict[int, Tuning]:
    """The answers to the synthetic pictures after and before training, by the layer's index."""
    shown = stimuli(SIDE, SIDE, 1, 0.0, 1.0)
    after, before = (_tuned(each, shown, material.seed) for each in (material.trained, material.initial))
    return {index: Tuning(after[index], before[index]) for index in after}


def ablations_of(material: Material) -> dict[int, Ablation]:
    """What it costs to set each unit to its mean, by the layer's index."""
    whole = _outputs(material.trained, material.pixels)
    right = whole[KEEPS[-1]].argmax(axis=1) == material.labels
    return {index: _ablation(material, index, output, right) for index, output in whole.items()}


def visualizations_of(material: Material, fields: dict[int, ReceptiveField]) -> dict[int, Visualization]:
    """For each unit the one of 200 pictures that it answers to most, by the layer's index."""
    random = np.random.default_rng(material.seed)
    candidates = np.concatenate(
        [
            random.uniform(0, 1, (CANDIDATES // 2, SIDE, SIDE, 1)).astype(np.float32),
            drawn_pictures(CANDIDATES // 2, random)[0],
        ]
    )
    answers = _outputs(material.trained, candidates)
    return {index: _visualization(candidates, output, fields[index]) for index, output in answers.items()}


def attribution_of(material: Material, showcase: Floats) -> Attribution:
    """Marks of two simple stand-ins for the methods, and the methods' two tests, really made."""
    checked = material.pixels[:CHECKED]
    answers = outputs(material.trained, showcase)[-1].max(axis=1).astype(np.float64)
    return Attribution(
        grad_cam=_marked("grad_cam", _strongest_places, material, showcase, checked),
        grad_cam_layer=3,
        integrated=_marked("integrated_gradients", _weighted_pixels, material, showcase, checked),
        completeness=read_only(0.01 * answers),
    )


def siblings_of(trained: Weights, initial: Weights) -> tuple[Sibling, ...]:
    """Two networks with nearly the same filters in another order."""
    found = []
    for number in (1, 2):
        random = np.random.default_rng(number)
        kernels = tuple(
            (np.roll(trained[place], number, axis=-1) + random.normal(0, 0.1, initial[place].shape)).astype(
                np.float32
            )
            for place in (0, 2)
        )
        found.append(Sibling(seed=42 + number, test_accuracy=0.8 - number / 100, kernels=kernels))
    return tuple(found)


def class_pictures(material: Material) -> Floats:
    """The mean picture of each class, not a number for a class without pictures; no classes without labels."""
    means = np.full((CLASSES if material.labels.size else 0, SIDE, SIDE, 1), np.nan, np.float32)
    for label in np.unique(material.labels):
        means[label] = material.pixels[material.labels == label].mean(axis=0)
    return read_only(means)


def _outputs(weights: Weights, pixels: Floats) -> dict[int, Floats]:
    found = outputs(weights, pixels)
    return {index: found[index - 1] for index in KEEPS}


def _flat_outputs(weights: Weights, pixels: Floats) -> dict[int, Floats]:
    flat = {index: output.reshape(len(output), -1) for index, output in _outputs(weights, pixels).items()}
    return {0: pixels.reshape(len(pixels), -1), **flat}


def _tuned(weights: Weights, shown: Stimuli, seed: int) -> dict[int, TunedUnits]:
    some = chosen(shown, (EDGE, BAR))
    found = {}
    for index, output in _outputs(weights, shown.pixels).items():
        shuffled = np.zeros((output.shape[-1], 0))
        if index in (1, 3):
            reads = some.pixels if index == 1 else onward(weights, 0, some.pixels)[1]
            shuffled = _shuffled(weights[WEIGHTED[index]], weights[WEIGHTED[index] + 1], reads, some, seed)
        found[index] = TunedUnits(read_only(_strongest(output).T.copy()), read_only(shuffled))
    return found


def _shuffled(kernel: Floats, bias: Floats, reads: Floats, some: Stimuli, seed: int) -> Doubles:
    """The orientation strength after the places of the weights were put in random order, (units, shuffles)."""
    random = np.random.default_rng(seed)
    sides, units = kernel.shape[:2], kernel.shape[3]
    first = max(0, reads.shape[1] // 2 - 2)
    patches = windows(reads)[:, first : first + 4, first : first + 4].reshape(len(reads), 16, -1).copy()
    strengths = np.zeros((units, SHUFFLES))
    for draw in range(SHUFFLES):
        mixed = random.permutation(kernel.reshape(sides[0] * sides[1], -1)).reshape(kernel.shape)
        answers = np.maximum(patches @ columns(mixed) + bias, 0).max(axis=1)
        strengths[:, draw] = orientation_strength(answers.T, some)
    return strengths


def _strongest(output: Floats) -> Floats:
    """The largest answer in the middle of each map, (pictures, units): four by four places, or all of fewer."""
    if output.ndim == 2:
        return output
    first = max(0, output.shape[1] // 2 - 2)
    return np.asarray(output[:, first : first + 4, first : first + 4].max(axis=(1, 2)), np.float32)


def _ablation(material: Material, index: int, output: Floats, right: Flags) -> Ablation:
    lost, won = [], []
    for unit in range(output.shape[-1]):
        without = output.copy()
        without[..., unit] = output[..., unit].mean()
        answers = (onward(material.trained, index, without) or [without])[-1]
        still = answers.argmax(axis=1) == material.labels
        lost.append(int((right & ~still).sum()))
        won.append(int((~right & still).sum()))
    counts = (read_only(np.array(each, np.int64)) for each in (lost, won))
    return Ablation(len(right), int(right.sum()), *counts)


def _visualization(candidates: Floats, output: Floats, field: ReceptiveField) -> Visualization:
    rows = columns = slice(None)
    answers = output
    if output.ndim == 4:
        place = -(field.start[0] // field.stride[0])
        top, left = field.corner(place, place)
        rows, columns = slice(top, top + field.size[0]), slice(left, left + field.size[1])
        answers = output[:, place, place]
    best = answers.argmax(axis=0)
    images = candidates[best][:, rows, columns]
    return Visualization(read_only(images.copy()), read_only(answers.max(axis=0).astype(np.float64)), 2, 48)


def _strongest_places(weights: Weights, pixels: Floats) -> Floats:
    """The sum of the second convolution's maps, (pictures, 12, 12)."""
    small = outputs(weights, pixels)[2].sum(axis=3)
    return np.asarray(np.kron(small, np.ones((1, 2, 2), np.float32)), np.float32)


def _weighted_pixels(weights: Weights, pixels: Floats) -> Floats:
    """Each pixel times what the first convolution's filters make of its surroundings, (pictures, 12, 12)."""
    around = outputs(weights, pixels)[0] @ weights[0].mean(axis=(0, 1, 2))
    return np.asarray(pixels[..., 0] * around, np.float32)


def _marked(
    method: str,
    marks: Callable[[Weights, Floats], Floats],
    material: Material,
    showcase: Floats,
    checked: Floats,
) -> MarkedPixels:
    after, before = (marks(weights, checked) for weights in (material.trained, material.initial))
    pairs = zip(np.abs(after), np.abs(before), strict=True)
    likeness = np.array([rank_correlation(one, other) for one, other in pairs])
    luck = np.random.default_rng(material.seed).random(after.shape)
    return MarkedPixels(
        method=method,
        maps=read_only(marks(material.trained, showcase)),
        maps_randomised=read_only(marks(material.initial, showcase)),
        checked=len(checked),
        likeness=read_only(likeness),
        drop_marked=read_only(_drop(material.trained, checked, after)),
        drop_random=read_only(_drop(material.trained, checked, np.where(checked[..., 0] > 0, luck, 0))),
        blanked=BLANKED,
    )


def _drop(weights: Weights, pixels: Floats, order: Floats | Doubles) -> Doubles:
    """How much probability of the answer is lost when the tenth of the pixels that comes last is blanked."""
    whole = outputs(weights, pixels)[-1]
    count = round(BLANKED * SIDE * SIDE)
    last = np.argsort(order.reshape(len(order), -1), axis=1, kind="stable")[:, -count:]
    blanked = pixels.reshape(len(pixels), -1).copy()
    np.put_along_axis(blanked, last, 0, axis=1)
    left = outputs(weights, blanked.reshape(pixels.shape))[-1]
    named = np.arange(len(pixels)), whole.argmax(axis=1)
    return np.asarray(whole[named] - left[named], np.float64)
