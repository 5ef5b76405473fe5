"""Names of strangers, made fit for files and addresses, and for being read."""

import re
import unicodedata

from reportgen.snapshot import Layer

LONGEST = 60
LONGEST_SHOWN = 80


def slug(text: str) -> str:
    """Return ASCII letters, digits and dashes out of any text, at most 60 characters, perhaps none."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:LONGEST].strip("-")


def layer_slugs(layers: tuple[Layer, ...]) -> dict[int, str]:
    """Return a file name for each layer by its index, unique through its number: `01-convolution-1`."""
    return {
        each.index: f"{each.index:02d}-{slug(each.name[:500]) or slug(each.kind)}"[:LONGEST] for each in layers
    }


def shown_name(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return a stranger's text on one line, without signs that cannot be seen, and cut where it is too long."""
    line = " ".join(text[: 4 * longest].split())
    seen = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"
