"""Shows what a convolutional network has learned, as a static web site that anyone can read."""

from importlib.metadata import version

__version__ = version("reportgen")
