"""Chooses the pictures whose maps are kept: those given for it, and the network's surest mistakes.

It does not know what the network makes of them, beyond its answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, islice

import numpy as np

from reportgen.pictures import PictureSet, picture_digest, scaled
from reportgen.snapshot import Floats, Integers, Picture, read_only

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
                digest=picture_digest(self.pixels[place]),
            )
            for place, name in enumerate(self.names)
        )


def showcase_with_mistakes(
    showcase: PictureSet, surveyed: PictureSet, probabilities: Floats, scale: str
) -> Showcase:
    """Return the showcase, followed by the mistakes that are not in it yet.

    Args:
        showcase: the pictures chosen for it.
        surveyed: all the pictures that the network was asked about.
        probabilities: (surveyed pictures, classes), or (surveyed pictures, 0).
        scale: see `pictures.scaled`.
    """
    shown = {picture_digest(picture) for picture in showcase.pixels}
    mistakes = surest_mistakes(probabilities, surveyed.labels)
    fresh = (place for place in mistakes if picture_digest(surveyed.pixels[place]) not in shown)
    added = surveyed.at(list(islice(fresh, MISTAKES)))
    return Showcase(
        names=(*showcase.names, *_mistake_names(len(added), showcase.names)),
        sources=(*showcase.sources, *("mistake" for _ in added.names)),
        numbers=tuple(int(number) for number in (*showcase.numbers, *added.numbers)),
        labels=_labels(showcase) + _labels(added),
        pixels=np.concatenate([scaled(each.pixels, scale) for each in (showcase, added)]),
    )


def surest_mistakes(probabilities: Floats, labels: Integers) -> list[int]:
    """Return the places of all wrong answers, the surest first; equally sure ones in their order."""
    if not labels.size or not probabilities.size:
        return []
    answers, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    return [int(place) for place in wrong[np.argsort(-sureness[wrong], kind="stable")]]


def _mistake_names(number: int, taken: Sequence[str]) -> list[str]:
    """Return names that no other picture has: anyone may call a picture a mistake."""
    names = (f"mistake-{place}" for place in count(1))
    return list(islice((name for name in names if name not in taken), number))


def _labels(pictures: PictureSet) -> tuple[int | None, ...]:
    if not pictures.labels.size:
        return tuple(None for _ in pictures.names)
    return tuple(int(label) for label in pictures.labels)
