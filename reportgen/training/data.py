"""The pictures that the default network learns from, and how they are parted."""

import io
import math
from contextlib import redirect_stdout
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.pictures import FashionMnist
from reportgen.snapshot import Floats, Integers

BATCH_SIZE = 32
VALIDATION_SHARE = 0.2
"""Share of the training pictures that is kept aside to choose the best epoch by."""


@dataclass(frozen=True, eq=False)
class Split:
    """Pixels from 0 to 255, (n, 28, 28, 1), and labels, (n,)."""

    pixels: NDArray[np.uint8]
    labels: Integers
    validation_pixels: NDArray[np.uint8]
    validation_labels: Integers

    @property
    def batches(self) -> int:
        """Batches of an epoch; the last one may be smaller."""
        return -(-len(self.labels) // BATCH_SIZE)


def download() -> tuple[NDArray[np.uint8], ...]:
    """Return the pictures and labels of Fashion-MNIST, training and test, through Keras' downloader.

    Raises:
        InputError: the download failed.
    """
    from keras.datasets import fashion_mnist

    try:
        # The downloader shows a bar of its own.
        with redirect_stdout(io.StringIO()):
            training, test = fashion_mnist.load_data()
    except Exception as error:  # Keras raises the bare class
        raise InputError(
            f"Fashion-MNIST: the download failed ({error}). Install dataset-fashion-mnist or give --data DIR."
        ) from error
    return (*training, *test)


def validation_split(pictures: FashionMnist, seed: int) -> Split:
    """Return the training pictures parted into 80 % to learn from and 20 % to choose the best epoch by.

    The textbook shuffles with scikit-learn's `train_test_split`, which is NumPy's older generator, permuted once,
    the first part kept for validation; the same steps here give the same parts.
    """
    count = len(pictures.training_labels)
    order = np.random.RandomState(seed).permutation(count)
    aside = math.ceil(count * VALIDATION_SHARE)
    validation, training = order[:aside], order[aside:]
    return Split(
        pictures.training_pixels[training],
        pictures.training_labels[training],
        pictures.training_pixels[validation],
        pictures.training_labels[validation],
    )


def scaled(pixels: NDArray[np.uint8]) -> Floats:
    """Return pixels as the network gets them, from 0 to 1."""
    return pixels.astype(np.float32) / np.float32(255)
