"""Pictures and labels as arrays, from every source that users have; pixels stay as they are stored.

It does not know what a network makes of a picture, nor which network it is.
"""

from reportgen.pictures.class_names import class_names, listed_names
from reportgen.pictures.fashion_mnist import Bundled, FashionMnist, bundled_pictures, read_fashion_mnist
from reportgen.pictures.fitting import FITS, InputShape, takes_pictures
from reportgen.pictures.picture_set import PictureSet, choose_showcase, picture_digest
from reportgen.pictures.scaling import SCALES, Guess, check_scale, ends_of, guessed_scale, scaled, shown
from reportgen.pictures.sources import read_pictures, source_digest

__all__ = [
    "FITS",
    "SCALES",
    "Bundled",
    "FashionMnist",
    "Guess",
    "InputShape",
    "PictureSet",
    "bundled_pictures",
    "check_scale",
    "choose_showcase",
    "class_names",
    "ends_of",
    "guessed_scale",
    "listed_names",
    "picture_digest",
    "read_fashion_mnist",
    "read_pictures",
    "scaled",
    "shown",
    "source_digest",
    "takes_pictures",
]
