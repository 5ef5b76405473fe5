"""Names for files and addresses, made here and never taken from a stranger."""

import re
import unicodedata

from reportgen.snapshot import Layer

LONGEST = 60


def slug(text: str) -> str:
    """Return ASCII letters, digits and dashes out of any text, at most 60 characters, perhaps none."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:LONGEST].strip("-")


def layer_slugs(layers: tuple[Layer, ...]) -> dict[int, str]:
    """Return a file name for each layer by its index, unique through its number: `01-convolution-1`."""
    return {
        each.index: f"{each.index:02d}-{slug(each.name[:500]) or slug(each.kind)}"[:LONGEST] for each in layers
    }
