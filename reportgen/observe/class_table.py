"""Has Keras download its table of ImageNet's classes; it does not read it."""

import os
from pathlib import Path

from reportgen.errors import InputError

ADDRESS = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
DIGEST = "c2c37ea517e94d9795004a39431a14cb"
"""MD5, as `keras.applications.imagenet_utils` has both."""


def download_imagenet_classes(place: Path) -> None:
    """Put Keras' table of the names of ImageNet's classes where Keras keeps it.

    Raises:
        InputError: it cannot be downloaded.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    try:
        keras.utils.get_file(
            place.name,
            ADDRESS,
            cache_subdir="models",
            file_hash=DIGEST,
        )
    except Exception as error:
        raise InputError(
            f"imagenet: the names of its classes are not in {place.parent} and cannot be downloaded "
            f"({type(error).__name__}). Put {place.name} there, or give a file of names."
        ) from error
