"""Pictures of one size with what is known of each, and the choice among them; it knows no files."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from reportgen.snapshot import Integers, read_only

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""(n, height, width, channels); bytes from 0 to 255, or whatever floating-point numbers were given."""

SHOWCASE_LIMIT = 12
LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Pictures of one size, with all that is known of each; every array and tuple has one entry a picture."""

    pixels: Pixels
    labels: Integers
    """Class numbers; empty where there are none."""
    names: tuple[str, ...]
    """Unique, made of ASCII letters, digits and dashes."""
    sources: tuple[str, ...]
    """`training`, `test` or `given`."""
    numbers: Integers
    """Each picture's place in its source, counted from zero."""
    classes: tuple[str, ...] = ()
    """Names of the classes, as text from a stranger; empty where the source has none."""
    skipped: tuple[tuple[str, str], ...] = ()
    """(file name, reason) of each file that could not be used."""
    fit: str = ""
    """The rule by which pictures of another size were brought to this one; empty where there were none."""
    fitted: int = 0
    """How many were of another size."""
    labelled_by: str = ""
    """How class folders got their numbers: `name`, that of the class of that name; `place`, in the order of their
    names, because no class is called so. Empty where there is nothing to tell."""

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.pixels)

    def at(self, places: Sequence[int] | Integers) -> "PictureSet":
        """Return the pictures at these places, in this order."""
        chosen = np.asarray(places, np.int64)
        return replace(
            self,
            pixels=read_only(self.pixels[chosen]),
            labels=read_only(self.labels[chosen] if len(self.labels) else self.labels),
            names=tuple(self.names[place] for place in chosen),
            sources=tuple(self.sources[place] for place in chosen),
            numbers=read_only(self.numbers[chosen]),
        )


def choose_showcase(pictures: PictureSet, limit: int = SHOWCASE_LIMIT) -> PictureSet:
    """Return the first picture of each class, in the order of the classes, or the first ones without labels."""
    if not len(pictures.labels):
        return pictures.at(range(min(limit, len(pictures))))
    _, firsts = np.unique(pictures.labels, return_index=True)
    return pictures.at(firsts[:limit].astype(np.int64))


def picture_digest(pixels: NDArray[np.generic]) -> str:
    """Return the SHA-256 of an array's type, shape and bytes."""
    digest = hashlib.sha256(f"{pixels.dtype.str}{pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def given(
    pixels: Pixels,
    labels: Integers,
    titles: Iterable[str],
    classes: tuple[str, ...] = (),
    skipped: tuple[tuple[str, str], ...] = (),
) -> PictureSet:
    """Return the pictures of a user as a set; a title may be any text, a name is made of it."""
    return PictureSet(
        read_only(pixels),
        read_only(labels),
        unique_slugs(titles),
        ("given",) * len(pixels),
        read_only(np.arange(len(pixels), dtype=np.int64)),
        classes,
        skipped,
    )


def together(pictures: Sequence[Pixels]) -> Pixels:
    """Return pictures of one size, at least one, as one array."""
    return cast("Pixels", np.stack(pictures))


def unique_slugs(titles: Iterable[str]) -> tuple[str, ...]:
    """Return a short ASCII name for each title; where two would be the same, the later one gets a number."""
    taken: dict[str, None] = {}
    for title in titles:
        stem = _slug(title) or "picture"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem[: LONGEST_NAME - 1 - len(str(number))]}-{number}"
        taken[name] = None
    return tuple(taken)


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_NAME].strip("-")
