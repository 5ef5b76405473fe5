"""The classes of the network that comes with the program, in words; knows no other network."""

from reportgen.pages.words import N_

FASHION_MNIST = (
    N_("T-shirt/top"),
    N_("Trouser"),
    N_("Pullover"),
    N_("Dress"),
    N_("Coat"),
    N_("Sandal"),
    N_("Shirt"),
    N_("Sneaker"),
    N_("Bag"),
    N_("Ankle boot"),
)
"""In the order of its outputs."""
