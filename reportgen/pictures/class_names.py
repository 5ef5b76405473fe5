"""Names of classes out of a list, a file, a folder, or the table that Keras keeps of ImageNet's classes."""

import json
from collections.abc import Iterable
from pathlib import Path

from reportgen.errors import InputError

IMAGENET = "imagenet"
"""Stands for the table of Keras."""
IMAGENET_TABLE = Path("~/.keras/models/imagenet_class_index.json")
"""Where Keras keeps it once it was downloaded."""

_SUFFIXES = {".txt", ".json"}
"""A name that ends so is that of a file."""
_MOST_BYTES = 4 * 2**20
_WHAT_TO_GIVE = "Give one name a line, or a JSON list."


def listed_names(text: str) -> tuple[str, ...]:
    """Return what a user wrote on one line as names: those between the commas, or one path."""
    return (text,) if Path(text).exists() else tuple(name.strip() for name in text.split(","))


def class_names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the classes, in the order of the network's outputs.

    Args:
        given: the names themselves; or, alone, the path of a file (one name a line, a JSON list, or a table as
            Keras has it for ImageNet), the path of a folder with a folder for each class, or `imagenet`.

    Raises:
        InputError: the file or the folder holds no names.
    """
    if given == (IMAGENET,):
        return _from_file(IMAGENET_TABLE.expanduser())
    if len(given) != 1:
        return given
    path = Path(given[0])
    if not path.exists():
        if path.suffix in _SUFFIXES:
            raise InputError(f"{path.name}: no such file. Give a file of class names, or the names with commas.")
        return given
    return _from_folder(path) if path.is_dir() else _from_file(path)


def _from_folder(folder: Path) -> tuple[str, ...]:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not names:
        raise InputError(f"{folder}: no folders in there, one for each class. Give names, or a file of them.")
    return tuple(names)


def _from_file(path: Path) -> tuple[str, ...]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path.name}: too large for a list of names. {_WHAT_TO_GIVE}")
        text = path.read_text(encoding="utf-8-sig")
        names = _from_json(json.loads(text)) if text.lstrip()[:1] in ("[", "{") else text.splitlines()
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise InputError(
            f"{path.name}: no list of class names ({type(error).__name__}). {_WHAT_TO_GIVE}"
        ) from error
    found = _apart(name.strip() for name in names if name.strip())
    if not found:
        raise InputError(f"{path.name}: no class names in it. {_WHAT_TO_GIVE}")
    return found


def _from_json(value: list[str] | dict[str, str | list[str]]) -> list[str]:
    """Return the names of a list, or of a table from numbers to names or to pairs of a code and a name."""
    rows = value if isinstance(value, list) else [value[str(number)] for number in range(len(value))]
    names = [row if isinstance(row, str) else row[1] for row in rows]
    if not all(isinstance(name, str) for name in names):
        raise TypeError("a name is no text")
    return names


def _apart(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of which the second of two that are the same is numbered, as ImageNet has two cranes."""
    found: dict[str, None] = {}
    for name in names:
        number, apart = 1, name
        while apart in found:
            number += 1
            apart = f"{name} ({number})"
        found[apart] = None
    return tuple(found)
