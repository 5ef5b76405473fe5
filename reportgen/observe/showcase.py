"""Chooses the pictures whose maps are kept: those given for it, and the network's surest mistakes.

It does not know what the network makes of them, beyond its answers.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reportgen.observe.activations import Pixels, scaled
from reportgen.snapshot import Floats, Integers, Picture, read_only

if TYPE_CHECKING:
    from reportgen.pictures import PictureSet

MISTAKES = 3
"""Wrong answers that join the showcase."""


@dataclass(frozen=True, eq=False)
class Showcase:
    """The pictures whose maps are kept, before the network has answered to them."""

    names: tuple[str, ...]
    sources: tuple[str, ...]
    numbers: tuple[int, ...]
    labels: tuple[int | None, ...]
    pixels: Floats
    """(pictures, height, width, channels), as the network gets them."""

    def pictures(self, probabilities: Floats) -> tuple[Picture, ...]:
        """Return the pictures with the network's answers, (pictures, classes)."""
        return tuple(
            Picture(
                name=name,
                source=self.sources[place],
                number=self.numbers[place],
                pixels=read_only(self.pixels[place].copy()),
                label=self.labels[place],
                probabilities=read_only(probabilities[place].copy()),
                digest=pixels_digest(self.pixels[place]),
            )
            for place, name in enumerate(self.names)
        )


def showcase_with_mistakes(
    showcase: "PictureSet", surveyed: "PictureSet", probabilities: Floats, scale: str
) -> Showcase:
    """Return the showcase, followed by the mistakes that are not in it yet.

    Args:
        showcase: the pictures chosen for it.
        surveyed: all the pictures that the network was asked about.
        probabilities: (surveyed pictures, classes), or (surveyed pictures, 0).
        scale: see `activations.scaled`.
    """
    shown = {pixels_digest(picture) for picture in showcase.pixels}
    fresh = [
        place
        for place in surest_mistakes(probabilities, surveyed.labels)
        if pixels_digest(surveyed.pixels[place]) not in shown
    ][:MISTAKES]
    return Showcase(
        names=(*showcase.names, *(f"mistake-{number}" for number in range(1, len(fresh) + 1))),
        sources=(*showcase.sources, *("mistake" for _ in fresh)),
        numbers=tuple(int(each) for each in (*showcase.numbers, *(surveyed.numbers[place] for place in fresh))),
        labels=(*_labels(showcase), *(int(surveyed.labels[place]) for place in fresh)),
        pixels=np.concatenate([scaled(each, scale) for each in (showcase.pixels, surveyed.pixels[fresh])]),
    )


def surest_mistakes(probabilities: Floats, labels: Integers) -> list[int]:
    """Return the places of all wrong answers, the surest first; equally sure ones in their order."""
    if not labels.size or not probabilities.size:
        return []
    answers, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    return [int(place) for place in wrong[np.argsort(-sureness[wrong], kind="stable")]]


def pixels_digest(pixels: Pixels) -> str:
    """Return the SHA-256 of pixels, their type and their shape."""
    digest = hashlib.sha256(f"{pixels.dtype.str}{pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _labels(pictures: "PictureSet") -> tuple[int | None, ...]:
    if not pictures.labels.size:
        return tuple(None for _ in pictures.names)
    return tuple(int(label) for label in pictures.labels)
