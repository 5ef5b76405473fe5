"""A content-addressed store for what is slow to make, and the keys under which things lie in it.

It holds bytes and knows nothing of what they mean. Deleting the whole folder is always safe.
"""

import hashlib
import os
import re
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Part: TypeAlias = "str | bytes | int | float | NDArray[np.generic] | tuple[Part, ...] | None"
"""What a key can be made of."""

_MAGIC = b"reportgen-cache-1\n"
_DIGEST_BYTES = 32
_ROOM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_KEY = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".unfinished-"
_UNFINISHED_SECONDS = 3600.0


@dataclass(frozen=True)
class Cache:
    """Entries in a folder, each below `room/` under the first two digits of its key."""

    folder: Path | None
    """None: nothing is kept and nothing is found."""

    def read(self, room: str, key: str) -> bytes | None:
        """Return what was written under the key; None where there is nothing, or nothing whole."""
        entry = self._entry(room, key)
        if entry is None:
            return None
        try:
            content = entry.read_bytes()
        except OSError:
            return None
        data = content[len(_MAGIC) + _DIGEST_BYTES :]
        if content != _sealed(room, key, data):
            return None
        with suppress(OSError):
            os.utime(entry)
        return data

    def write(self, room: str, key: str, data: bytes) -> None:
        """Keep the data under the key; a cache that cannot be written is no reason to stop."""
        entry = self._entry(room, key)
        if entry is not None:
            with suppress(OSError):
                entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write_whole(entry, _sealed(room, key, data))

    def prune(self, limit_bytes: int) -> int:
        """Remove the entries that were read least recently until the rest fits; return how many went."""
        removed = kept_bytes = 0
        for _, path, size in sorted(self._entries(), reverse=True):
            kept_bytes += size
            if kept_bytes > limit_bytes:
                with suppress(OSError):
                    path.unlink()
                    removed += 1
        self._remove_unfinished()
        return removed

    def _entry(self, room: str, key: str) -> Path | None:
        if not _ROOM.fullmatch(room) or not _KEY.fullmatch(key):
            raise ValueError(f"{room!r}, {key!r}: not a room and the SHA-256 of an entry")
        return None if self.folder is None else self.folder / room / key[:2] / key

    def _files(self) -> Iterator[Path]:
        # The pattern is that of our own entries: a folder given by mistake loses nothing else.
        return iter(()) if self.folder is None else self.folder.glob("*/[0-9a-f][0-9a-f]/*")

    def _entries(self) -> Iterator[tuple[int, Path, int]]:
        for path in self._files():
            if _KEY.fullmatch(path.name) and path.name.startswith(path.parent.name):
                with suppress(OSError):
                    facts = path.lstat()
                    yield facts.st_mtime_ns, path, facts.st_size

    def _remove_unfinished(self) -> None:
        for path in self._files():
            with suppress(OSError):
                if path.name.startswith(_UNFINISHED) and _age_seconds(path) > _UNFINISHED_SECONDS:
                    path.unlink()


def default_cache_folder() -> Path | None:
    """Return the place where this user's caches belong; None where the user has no home.

    Source: the XDG Base Directory Specification; on macOS, Apple's File System Programming Guide.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():
        return Path(named) / "reportgen"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "reportgen"


def key_of(*parts: Part) -> str:
    """Return the SHA-256 of the parts; parts of another type, value, shape or order give another key.

    Raises:
        TypeError: a part is of a type whose bytes do not say all that it is.
    """
    digest = hashlib.sha256()
    for piece in _encoded(parts):
        digest.update(piece)
    return digest.hexdigest()


def source_digest(*module_names: str) -> str:
    """Return the SHA-256 of the source of modules and whole packages of `reportgen`, without importing them.

    Raises:
        ModuleNotFoundError: there is no such module in this package.
    """
    package = Path(__file__).parent
    sources = [path for name in module_names for path in _sources(package, name)]
    return key_of(*((path.relative_to(package).as_posix(), path.read_bytes()) for path in sources))


def library_versions(*names: str) -> tuple[str, ...]:
    """Return `name version` of each library, as installed, without importing it."""
    return tuple(f"{name} {_version(name)}" for name in names)


def _sealed(room: str, key: str, data: bytes) -> bytes:
    # The digest covers the place too, so that an entry moved to another key is found out.
    return _MAGIC + hashlib.sha256(f"{room}/{key}\n".encode() + data).digest() + data


def _write_whole(entry: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=entry.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(entry)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _age_seconds(path: Path) -> float:
    return time.time() - path.lstat().st_mtime


def _encoded(part: Part) -> Iterator[bytes]:
    # Every part says its type and its length before its content, so that no two lists of parts read the same.
    if isinstance(part, tuple):
        yield _head("tuple", len(part))
        for item in part:
            yield from _encoded(item)
    elif isinstance(part, np.ndarray):
        yield from _encoded_array(part)
    else:
        content = _content(part)
        yield _head(type(part).__name__, len(content))
        yield content


def _encoded_array(array: NDArray[np.generic]) -> Iterator[bytes]:
    if array.dtype.hasobject or array.dtype.fields is not None:
        raise TypeError(f"an array of {array.dtype} cannot be part of a key")
    yield _head("array", array.nbytes)
    yield from _encoded((array.dtype.str, array.shape))
    yield np.ascontiguousarray(array).tobytes()


def _content(part: object) -> bytes:
    if part is None:
        return b""
    if type(part) is bytes:
        return part
    if type(part) is str:
        return part.encode("utf-8", "surrogatepass")
    if type(part) in (int, bool):
        return str(part).encode()
    if type(part) is float:
        return struct.pack(">d", part)
    raise TypeError(f"{type(part).__name__} cannot be part of a key")


def _head(kind: str, length: int) -> bytes:
    return f"{kind}:{length}:".encode()


def _sources(package: Path, name: str) -> list[Path]:
    root, *rest = name.split(".")
    place = package.joinpath(*rest)
    if root == package.name and (place / "__init__.py").is_file():
        return sorted(place.rglob("*.py"))
    module = place.with_name(f"{place.name}.py")
    if root != package.name or not rest or not module.is_file():
        raise ModuleNotFoundError(f"{name}: no such module in {package.name}", name=name)
    return [module]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
