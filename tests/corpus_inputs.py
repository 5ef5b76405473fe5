"""Things to send through the networks of the corpus, as files that fit their inputs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from reportgen.snapshot import Integers

Shape = tuple[int | None, ...]
"""Of one input, without the batch."""
COUNT = 12
"""Pictures of a set."""
CLASSES = 4
ANY_SIZE = 12
"""Taken where a network leaves the size open."""
TOKENS = 20


def write_inputs(kind: str, shape: Shape, folder: Path, classes: int | None = None) -> Path:
    """Make a file or folder of one kind for an input of a shape, and return its path.

    Args:
        kind: one of `KINDS`.
        shape: of the input, without the batch.
        folder: where it is made.
        classes: that the network tells apart, for the labels; None where it tells none apart.
    """
    return KINDS[kind](tuple(each or ANY_SIZE for each in shape), folder, classes)


def labels(classes: int | None) -> Integers:
    """Return the class of each picture."""
    return np.arange(COUNT, dtype=np.int64) % min(max(classes or 1, 2), CLASSES)


def _bytes(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (COUNT, *shape), np.uint8)


def _pictures(shape: tuple[int, ...], folder: Path, classes: int | None) -> Path:
    file = folder / "pictures.npz"
    if classes:
        np.savez(file, images=_bytes(shape), labels=labels(classes))
    else:
        np.savez(file, images=_bytes(shape))
    return file


def _unlabelled(shape: tuple[int, ...], folder: Path, _: int | None) -> Path:
    # A network with the channels first gets pictures as everybody keeps them.
    places = (*shape[1:], shape[0]) if shape[0] < shape[-1] else shape
    return _array(_bytes(places), folder)


def _folder(shape: tuple[int, ...], folder: Path, classes: int | None) -> Path:
    for number, (pixels, label) in enumerate(zip(_bytes(shape), labels(classes), strict=True)):
        place = folder / "pictures" / f"class {label}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.squeeze()).save(place / f"{number:02d}.png")
    return folder / "pictures"


def _flat(shape: tuple[int, ...], folder: Path, classes: int | None) -> Path:
    side = round(shape[0] ** 0.5)
    return _pictures((side, side, 1), folder, classes)


def _floats(shape: tuple[int, ...], folder: Path, _: int | None) -> Path:
    return _array(np.random.default_rng(4).normal(0, 1, (COUNT, *shape)).astype(np.float32), folder)


def _tokens(shape: tuple[int, ...], folder: Path, _: int | None) -> Path:
    return _array(np.random.default_rng(5).integers(0, TOKENS, (COUNT, *shape)), folder)


def _array(values: np.ndarray, folder: Path) -> Path:
    np.save(folder / "given.npy", values)
    return folder / "given.npy"


KINDS: dict[str, Callable[[tuple[int, ...], Path, int | None], Path]] = {
    "pictures": _pictures,
    "unlabelled": _unlabelled,
    "folder": _folder,
    "flat": _flat,
    "series": _floats,
    "volumes": _floats,
    "vectors": _floats,
    "tokens": _tokens,
}
"""By name what makes them: pictures with labels and without, in class folders, for flat inputs; series of (steps,
channels), volumes of (depth, height, width, channels), rows of numbers, and words as numbers."""
