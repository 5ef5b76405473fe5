"""Fashion-MNIST: the whole data set from where users have it, and the part that comes with the program."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.pictures.idx import idx_bytes, read_idx
from reportgen.pictures.picture_set import PictureSet, unique_slugs
from reportgen.snapshot import Integers, read_only

BUNDLE = Path(__file__).parents[1] / "assets" / "fashion_mnist" / "pictures.npz"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")

DIGESTS = {
    "train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""SHA-256 of the uncompressed contents of the four files."""


Download = Callable[[], Sequence[NDArray[np.uint8]]]
"""Fetches training pictures (n, 28, 28), their labels (n,), test pictures and their labels."""


@dataclass(frozen=True, eq=False)
class FashionMnist:
    """The whole data set: pixels are (n, 28, 28, 1) from 0 to 255, labels (n,) from 0 to 9."""

    training_pixels: NDArray[np.uint8]
    training_labels: Integers
    test_pixels: NDArray[np.uint8]
    test_labels: Integers
    digests: dict[str, str]
    """SHA-256 of the contents, by the stem of the file's name, as `train-images`."""


@dataclass(frozen=True, eq=False)
class Bundled:
    """The pictures that come with the program."""

    survey: PictureSet
    """The first 400 test pictures of each class, in the test set's order."""
    showcase: PictureSet
    """The first test picture of each class, then the first training picture."""


def read_fashion_mnist(folder: Path | None, download: Download | None = None) -> FashionMnist:
    """Return Fashion-MNIST from a folder, else from where Debian puts it, else by a download.

    Raises:
        InputError: a file is missing or is not the published one.
    """
    if folder is None and download is not None and not DEBIAN_FOLDER.is_dir():
        return _checked(dict(zip(DIGESTS, download(), strict=True)), "the download")
    place = folder or DEBIAN_FOLDER
    return _checked({stem: read_idx(_fashion_mnist_file(place, stem)) for stem in DIGESTS}, place)


def bundled_pictures() -> Bundled:
    """Return the pictures of Fashion-MNIST that come with the program."""
    with np.load(BUNDLE, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    classes = tuple(str(name) for name in arrays["classes"])
    sources = tuple(str(source) for source in arrays["showcase_sources"])
    titles = [
        classes[label] if source == "test" else f"{classes[label]}-{source}"
        for label, source in zip(arrays["showcase_labels"], sources, strict=True)
    ]
    return Bundled(
        _bundled(arrays, "survey", [f"test-{number:04d}" for number in arrays["survey_numbers"]]),
        _bundled(arrays, "showcase", titles, sources),
    )


def _bundled(
    arrays: Mapping[str, NDArray[Any]], part: str, titles: Sequence[str], sources: tuple[str, ...] = ()
) -> PictureSet:
    return PictureSet(
        read_only(arrays[f"{part}_pixels"]),
        read_only(arrays[f"{part}_labels"]),
        unique_slugs(titles),
        sources or ("test",) * len(titles),
        read_only(arrays[f"{part}_numbers"]),
    )


def _fashion_mnist_file(folder: Path, stem: str) -> Path:
    name = f"{stem}-idx{3 if stem.endswith('images') else 1}-ubyte"
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise InputError(
        f"{folder}: no {name} or {name}.gz. Give the folder that holds the four files of Fashion-MNIST."
    )


def _checked(arrays: Mapping[str, NDArray[np.generic]], place: object) -> FashionMnist:
    digests = {}
    for stem, array in arrays.items():
        digests[stem] = _idx_digest(array)
        if digests[stem] != DIGESTS[stem]:
            raise InputError(
                f"{place}: {stem} is not the published file: SHA-256 expected {DIGESTS[stem]}, "
                f"found {digests[stem]}. Fetch it again."
            )
    return FashionMnist(
        read_only(arrays["train-images"][..., np.newaxis]),
        read_only(arrays["train-labels"].astype(np.int64)),
        read_only(arrays["t10k-images"][..., np.newaxis]),
        read_only(arrays["t10k-labels"].astype(np.int64)),
        digests,
    )


def _idx_digest(array: NDArray[np.generic]) -> str:
    if array.dtype != np.uint8:
        return f"none: its values are {array.dtype}"
    return hashlib.sha256(idx_bytes(cast("NDArray[np.uint8]", array))).hexdigest()
