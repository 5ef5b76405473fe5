"""Reads what a network's file is made of, zip, JSON and HDF5, within limits; knows nothing of networks.

HDF5 is opened through our own file object, so that the library opens no file by itself, and no link is followed.
"""

import json
import re
import stat
import zipfile
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import IO, TYPE_CHECKING

import h5py

from reportgen.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = 10_000
LARGEST_CONFIGURATION = 16 * 2**20
"""Bytes of a configuration as JSON."""
DEEPEST = 250
"""Brackets within brackets of a configuration."""
NODES = 1_000_000
EXPANSION = 20
"""So many times its own size a file may become when it is unpacked, beside `SPARE`."""
SPARE = 64 * 2**20
OBJECTS = 200_000
"""Groups and arrays of an HDF5 file."""
DEEPEST_GROUP = 100
LARGEST_ATTRIBUTE = 64 * 2**20
SHOWN = 60
"""Characters of a name that a message shows."""

CONFIGURATION, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True)
class Stored:
    """How much an HDF5 file holds."""

    numbers: int
    arrays: int


def shown(name: object) -> str:
    """Return a name out of a file, short and printable."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(name)[:SHOWN])
    return text + "…" if len(str(name)) > SHOWN else text


def json_of(data: bytes) -> object:
    """Return JSON as data.

    Raises:
        ModelError: it is no JSON, or larger or deeper than any network needs; the text has no file's name yet.
    """
    if len(data) > LARGEST_CONFIGURATION:
        raise ModelError("its configuration is larger than that of any network.")
    _check_nesting(data)
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError("its configuration is not valid JSON in UTF-8.") from error


def _check_nesting(data: bytes) -> None:
    depth, nodes = 0, data.count(b",")
    for found in _BRACKETS.finditer(data):
        if found[0] in (b"[", b"{"):
            depth += 1
            nodes += 1
        elif found[0] in (b"]", b"}"):
            depth -= 1
        if depth > DEEPEST or nodes > NODES:
            raise ModelError("its configuration is nested deeper, or has more parts, than that of any network.")


def check_archive(archive: zipfile.ZipFile, size: int) -> None:
    """Raise where an archive of this many bytes is not a plain one of plain files.

    Raises:
        ModelError: a name leads elsewhere or stands there twice, a member is a link, or it unpacks to too much.
    """
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise ModelError(f"it holds {len(members)} files, more than any network needs.")
    names = [member.filename for member in members]
    if len({name.casefold() for name in names}) < len(names):
        raise ModelError("it holds two files of one name.")
    for member in members:
        _check_member(member)
    if sum(member.file_size for member in members) > EXPANSION * size + SPARE:
        raise ModelError("it would unpack to far more than it stores.")


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not name.isprintable():
        raise ModelError(f"it holds a file whose name leads elsewhere, '{shown(name)}'.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ModelError(f"'{shown(name)}' in it is a link, not a file.")
    if member.flag_bits & 1:
        raise ModelError(f"'{shown(name)}' in it is encrypted.")


def member_of(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return a member's bytes, at most so many.

    Raises:
        ModelError: there is none, it is broken, or it is larger.
    """
    try:
        with archive.open(name) as file:
            data = file.read(most + 1)
    except KeyError:
        raise ModelError(f"'{name}' is missing in it.") from None
    except Exception as error:
        # Each way of packing raises errors of its own.
        raise ModelError(f"'{name}' in it is broken.") from error
    if len(data) > most:
        raise ModelError(f"'{name}' in it is larger than it may be.")
    return data


def inspected(file: IO[bytes] | BytesIO, size: int) -> Stored:
    """Return how much an HDF5 file of this many bytes holds, once every part of it is found to lie within it.

    Raises:
        ModelError: it is broken, leads to another file, or claims to hold far more than it stores.
    """
    try:
        with h5py.File(file, "r") as opened:
            return _counted(opened, size)
    except ModelError:
        raise
    except Exception as error:
        # A broken file makes the library raise whatever comes to hand.
        raise ModelError("its arrays are broken: it is cut short or damaged.") from error


def _counted(opened: h5py.File, size: int) -> Stored:
    numbers = arrays = declared = 0
    for dataset in _datasets(opened):
        plan = dataset.get_create_plist()
        # The layout is looked at first: asking a virtual array for its shape may already open other files.
        if plan.get_layout() == h5py.h5d.VIRTUAL or plan.get_external_count():
            raise ModelError("an array in it lies in another file.")
        count = prod(dataset.shape)
        numbers, arrays = numbers + count, arrays + 1
        declared += count * dataset.dtype.itemsize
        if declared > EXPANSION * size + SPARE:
            raise ModelError("its arrays claim to hold far more than it stores.")
    return Stored(numbers, arrays)


def _datasets(opened: h5py.File) -> "Iterator[h5py.h5d.DatasetID]":
    waiting = [(opened.id, 0)]
    seen = {h5py.h5o.get_info(opened.id).addr}
    while waiting:
        group, depth = waiting.pop()
        _check_attributes(group)
        for name in group:
            if group.links.get_info(name).type != h5py.h5l.TYPE_HARD:
                raise ModelError(f"'{shown(name.decode(errors='replace'))}' in it is a link to elsewhere.")
            found = h5py.h5o.open(group, name)
            address = h5py.h5o.get_info(found).addr
            if address in seen or len(seen) > OBJECTS or depth > DEEPEST_GROUP:
                raise ModelError("its groups run in a circle, or are more than any network has.")
            seen.add(address)
            if isinstance(found, h5py.h5g.GroupID):
                waiting.append((found, depth + 1))
            elif isinstance(found, h5py.h5d.DatasetID):
                _check_attributes(found)
                yield found


def _check_attributes(place: "h5py.h5g.GroupID | h5py.h5d.DatasetID") -> None:
    for index in range(h5py.h5a.get_num_attrs(place)):
        attribute = h5py.h5a.open(place, index=index)
        if prod(attribute.shape or ()) * attribute.get_type().get_size() > LARGEST_ATTRIBUTE:
            raise ModelError("a note in it claims to be larger than any network's.")
