"""Packs what comes with the program: a trained network with its record, its name, and pictures."""

import io
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.pictures import FashionMnist, read_fashion_mnist
from reportgen.training.data import download
from reportgen.training.files import NETWORK_FILE, RECORD_FILE, write, writing

ENGLISH_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

SURVEY_PER_CLASS = 400
"""Pictures of each class that come with the program: enough for intervals of ±1.5 points."""


def bundle_assets(data_folder: Path | None, trained: Path, assets: Path) -> None:
    """Write all that comes with the program: a trained network with its record, its name, and pictures.

    Raises:
        InputError: the folder `trained` holds no finished training.
        OutputWriteError: the folder `assets` cannot be written.
    """
    for name in (NETWORK_FILE, RECORD_FILE):
        if not (trained / name).is_file():
            raise InputError(f"{trained}: no {name}. Give a folder that 'reportgen train' has filled.")
    pictures = read_fashion_mnist(data_folder, download)
    with writing(assets):
        assets.mkdir(parents=True, exist_ok=True)
        for name in (NETWORK_FILE, RECORD_FILE):
            write(assets / name, (trained / name).read_bytes())
        write(assets / "network.json", _names())
        write(assets / "pictures.npz", _packed(bundled_arrays(pictures, SURVEY_PER_CLASS)))


def _names() -> bytes:
    facts = {
        "name": "Fashion-MNIST",
        "data": "https://github.com/zalandoresearch/fashion-mnist",
        "licence": "MIT, © 2017 Zalando SE",
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()


def bundled_arrays(pictures: FashionMnist, per_class: int) -> dict[str, NDArray[np.generic]]:
    """Return the pictures that come with the program, chosen by rule.

    The survey is the first so many test pictures of each class, in the test set's order; the showcase is the first
    test picture of each class and the first training picture.
    """
    labels = pictures.test_labels
    places = [np.flatnonzero(labels == label)[:per_class] for label in range(len(ENGLISH_CLASSES))]
    survey = np.sort(np.concatenate(places))
    firsts = np.array([place[0] for place in places])
    return {
        "survey_pixels": pictures.test_pixels[survey],
        "survey_labels": labels[survey],
        "survey_numbers": survey,
        "showcase_pixels": np.concatenate([pictures.test_pixels[firsts], pictures.training_pixels[:1]]),
        "showcase_labels": np.append(labels[firsts], pictures.training_labels[:1]),
        "showcase_numbers": np.append(firsts, 0),
        "showcase_sources": np.array(["test"] * len(firsts) + ["training"]),
        "classes": np.array(ENGLISH_CLASSES),
    }


def _packed(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()
