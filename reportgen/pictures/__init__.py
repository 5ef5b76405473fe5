"""Pictures and labels as arrays, from every source that users have; pixels stay as they are stored.

It does not know what a network makes of a picture, nor how pixels are scaled before the network gets them.
"""

from reportgen.pictures.fashion_mnist import Bundled, FashionMnist, bundled_pictures, read_fashion_mnist
from reportgen.pictures.fitting import FITS, InputShape, takes_pictures
from reportgen.pictures.picture_set import PictureSet, choose_showcase, picture_digest
from reportgen.pictures.sources import read_pictures, source_digest

__all__ = [
    "FITS",
    "Bundled",
    "FashionMnist",
    "InputShape",
    "PictureSet",
    "bundled_pictures",
    "choose_showcase",
    "picture_digest",
    "read_fashion_mnist",
    "read_pictures",
    "source_digest",
    "takes_pictures",
]
