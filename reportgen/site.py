"""Publishing: the only module that writes into the output folder, whole or not at all.

The folder is owned through a manifest. A new site is built beside the old one and put in its place in one step;
what the manifest does not list belongs to somebody else and stays. This module knows files as bytes under a path;
it does not know pages, figures or links.
"""

import ctypes
import errno
import hashlib
import json
import os
import pwd
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from reportgen.cache import default_cache_folder
from reportgen.errors import BusyError, InputError, OutputRefusedError, OutputWriteError

MANIFEST = ".reportgen.json"
_KEPT_IN_AN_EMPTY_FOLDER = {".gitignore"}
_RESERVED = {MANIFEST, ".git"}
EXPORT_MARK = b'<meta name="generator" content="reportgen export">'
EXPORT_COMMENT = b"reportgen export"
"""What an exported page has near its start, and an archive at its end: by it our own files are known again."""
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,120}")
_LONGEST_PATH = 240
_MARK_WITHIN = 4000
"""Bytes at the start of an exported page in which its mark stands."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MARKER = "staging-of"
_FULL_DISK = "the disk is full. Free some space, or give another {place}."
_NO_PERMISSION = "no permission to write there. Give another {place}, where you may write."
_WHY_NOT_WRITTEN = {
    errno.ENOSPC: _FULL_DISK,
    errno.EDQUOT: _FULL_DISK,
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EROFS: "the disk is read-only. Give another {place}.",
}
_NO_USE_COPYING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EEXIST}
_AT_FDCWD = -100
_SWAP = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS are the same number.


@dataclass(frozen=True)
class Published:
    """How many files of the site were written anew, were left as they were, and are gone."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True)
class Manifest:
    """What is ours in an output folder, and what it was made from."""

    inputs: str
    """A digest of everything that can change the site."""
    files: Mapping[str, str]
    """Path → SHA-256, without the manifest itself."""

    def to_bytes(self) -> bytes:
        """Return the manifest's file form, the same for the same site."""
        facts = {"format": 1, "inputs": self.inputs, "files": dict(self.files)}
        return json.dumps(facts, indent=1, sort_keys=True).encode() + b"\n"


def refuse_foreign_output(output: Path, inputs: Iterable[Path] = ()) -> None:
    """Check that the output folder is ours to replace, touching nothing.

    Raises:
        OutputRefusedError: it is not; the text says why.
        OutputWriteError: it cannot even be looked at.
    """
    with _explained(output):
        place = _absolute(output)
        reason = _why_the_place_is_refused(place, inputs) or _why_the_folder_is_refused(place)
    if reason is not None:
        raise OutputRefusedError(f"{output}: {reason}; nothing in it was touched. Give another folder with --out.")


def is_current(output: Path, inputs_digest: str) -> bool:
    """Return whether the folder holds, byte for byte, the site that was made from these inputs."""
    try:
        manifest = _read_manifest(output)
    except (OSError, ValueError):
        return False
    if output.is_symlink() or manifest is None or manifest.inputs != inputs_digest:
        return False
    return all(_digest_on_disk(output / path) == digest for path, digest in manifest.files.items())


def published_paths(output: Path) -> tuple[str, ...]:
    """Return the sorted paths that the folder's manifest lists; none where there is no manifest of ours."""
    try:
        manifest = _read_manifest(output)
    except (OSError, ValueError):
        return ()
    return () if manifest is None else tuple(sorted(manifest.files))


def publish(files: Mapping[str, bytes], output: Path, inputs_digest: str) -> Published:
    """Make the folder hold these files and what was never ours, in one step; hold `output_lock` meanwhile.

    Unchanged files keep their time of change; where nothing changed, nothing is written at all.

    Raises:
        ValueError: a path that no site can have.
        OutputRefusedError: the folder is not ours, or a file that is not ours stands in the way.
        OutputWriteError: it could not be written, and the old site stands as it was.
    """
    check_paths(files)
    refuse_foreign_output(output)
    with _explained(output):
        return _publish(files, _absolute(output), inputs_digest)


def remove(output: Path) -> int:
    """Remove what the folder's manifest lists and return how many files that was; hold `output_lock` meanwhile.

    What is not listed stays, and the folder with it; links are not followed.

    Raises:
        OutputRefusedError: the folder is not ours.
        OutputWriteError: something could not be removed.
    """
    refuse_foreign_output(output)
    with _explained(output):
        place = _absolute(output)
        manifest = _read_manifest(place)
        return 0 if manifest is None else _remove_listed(manifest, place)


def published_files(output: Path) -> dict[str, bytes]:
    """Return all files that the folder's manifest lists, by path; hold `output_lock` meanwhile.

    Raises:
        InputError: there is no site of ours, or not all of it.
    """
    paths = published_paths(output)
    if not paths:
        raise InputError(f"{output}: no site in there. Make one with 'reportgen build --out {output}'.")
    try:
        return {path: (output / path).read_bytes() for path in paths}
    except OSError as error:
        name = Path(error.filename or output).name
        raise InputError(f"{output}: {name} cannot be read ({error.strerror}). Build the site anew.") from error


def write_export(data: bytes, path: Path) -> None:
    """Write one file outside of any site, whole or not at all; an earlier export there is replaced.

    Raises:
        OutputRefusedError: something else stands there.
        OutputWriteError: it could not be written, and what stood there stands as it was.
    """
    with _explained(path, "file name"):
        reason = _why_the_file_is_refused(path)
        if reason is not None:
            raise OutputRefusedError(f"{path}: {reason}; nothing was touched. Give another file name.")
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}-exporting-", dir=path.parent))
        try:
            (staging / "file").write_bytes(data)
            (staging / "file").replace(path)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def output_lock(output: Path) -> Iterator[None]:
    """Hold the output for one build, and clear away what dead builds of it left; let go when the process ends.

    Raises:
        BusyError: another process holds it.
        OutputWriteError: there is no place for the lock.
    """
    lock = _acquired_lock(output)
    try:
        with _explained(output):
            remove_stale_stagings(output)
        yield
    finally:
        lock.release()


def remove_stale_stagings(output: Path) -> None:
    """Remove what builds of this folder that died left beside it, and undo a replacement that they began."""
    place = _absolute(output)
    for staging in sorted(place.parent.glob(f"{_glob_escaped(_staging_prefix(place))}*")):
        marker = staging / _MARKER
        if staging.is_symlink() or not staging.is_dir():
            continue
        if marker.is_file() and marker.read_bytes() == os.fsencode(place.name):
            _remove_staging(staging, place)
        elif not marker.exists():
            # Killed before it could be marked, a staging is empty; what is not empty is not ours.
            with suppress(OSError):
                staging.rmdir()


def _absolute(path: Path) -> Path:
    # The last part is kept as it is, so that a link is seen as a link.
    if path.name in ("", ".."):
        return path.resolve()
    return path.parent.resolve() / path.name


@contextmanager
def _explained(output: Path, place: str = "--out") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        known = _WHY_NOT_WRITTEN.get(error.errno or 0)
        why = known.format(place=place) if known else f"{error.strerror or error}. Give another {place}."
        raise OutputWriteError(f"{output}: could not be written: {why}") from error


def _why_the_place_is_refused(place: Path, inputs: Iterable[Path]) -> str | None:
    if place == Path(place.anchor):
        return "is the root of the file system"
    if any(_holds(place, home) for home in _home_folders()):
        return "is a home folder or holds one"
    for given in inputs:
        if _holds(place, _absolute(given)) or _holds(place, given.resolve()):
            return f"is or holds the input {given}"
    if _holds(place, Path(__file__).resolve().parent):
        return "holds the program itself"
    if any(_holds(place, folder) for folder in _current_folder()):
        return "is or holds the folder that you are in"
    return None


def _why_the_folder_is_refused(place: Path) -> str | None:
    if place.is_symlink():
        return "is a symbolic link"
    if not place.exists():
        standing = next(above for above in place.parents if os.path.lexists(above))
        return None if standing.is_dir() else f"is in {standing}, which is not a folder"
    if not place.is_dir():
        return "is not a folder"
    if os.path.lexists(place / ".git"):
        return "is the root of a git work tree"
    if os.path.ismount(place):
        return "is where a disk is mounted, which cannot be replaced in one step"
    return _why_the_contents_are_refused(place)


def _why_the_contents_are_refused(place: Path) -> str | None:
    try:
        manifest = _read_manifest(place)
    except ValueError:
        return f"has a manifest {MANIFEST} that is broken or not of this program"
    if manifest is None and {path.name for path in place.iterdir()} - _KEPT_IN_AN_EMPTY_FOLDER:
        return "is not empty and was not made by this program"
    return None


def _why_the_file_is_refused(path: Path) -> str | None:
    if path.is_symlink():
        return "is a symbolic link"
    if path.is_dir():
        return "is a folder"
    if not os.path.lexists(path):
        return None if path.parent.is_dir() else f"is in {path.parent}, which is not a folder"
    if not path.is_file():
        return "is not a file"
    data = path.read_bytes()
    ours = EXPORT_MARK in data[:_MARK_WITHIN] or data.endswith(EXPORT_COMMENT)
    return None if ours else "was not made by 'reportgen export'"


def _home_folders() -> Iterator[Path]:
    with suppress(RuntimeError):
        yield Path.home().resolve()
    with suppress(KeyError):
        yield Path(pwd.getpwuid(os.getuid()).pw_dir).resolve()


def _current_folder() -> Iterator[Path]:
    # Who stands in the folder while it is replaced stands in a folder that is gone.
    with suppress(FileNotFoundError):
        yield Path.cwd()


def _holds(place: Path, other: Path) -> bool:
    return any(_is_same_file(place, above) for above in (other, *other.parents))


def _is_same_file(one: Path, other: Path) -> bool:
    # By inode, because two spellings of a path can mean the same folder.
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except OSError:
        return one == other


def _read_manifest(folder: Path) -> Manifest | None:
    path = folder / MANIFEST
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError("not a file")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _parsed_manifest(path.read_bytes())


def _parsed_manifest(data: bytes) -> Manifest:
    try:
        facts = json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    match facts:
        case {"format": 1, "inputs": str(inputs), "files": dict(files)} if _are_digests(files):
            return Manifest(inputs, files)
    raise ValueError("of another program or another format")


def _are_digests(files: Mapping[str, object]) -> bool:
    return all(
        _is_allowed(path) and isinstance(digest, str) and _DIGEST.fullmatch(digest)
        for path, digest in files.items()
    )


def _is_allowed(path: str) -> bool:
    segments = path.split("/")
    whole = len(path) <= _LONGEST_PATH and all(map(_SEGMENT.fullmatch, segments))
    return whole and segments[0].lower() not in _RESERVED


def check_paths(files: Iterable[str]) -> None:
    """Check that all paths can stand in one site.

    Raises:
        ValueError: one cannot; the text says which.
    """
    spellings: dict[str, str] = {}
    paths = sorted(files)
    for path in paths:
        if not _is_allowed(path):
            raise ValueError(f"{path!r}: not a path that a site can have")
        for spelling in (path, *_folders_of(path)):
            other = spellings.setdefault(spelling.lower(), spelling)
            if other != spelling:
                raise ValueError(f"{path!r}: differs from {other!r} only in case")
    for path in set(paths) & _all_folders(paths):
        raise ValueError(f"{path!r}: both a file and a folder")


def _folders_of(path: str) -> Iterator[str]:
    return (str(folder) for folder in PurePosixPath(path).parents if folder.name)


def _all_folders(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(folder for path in paths for folder in _folders_of(path))


def _digest_on_disk(path: Path) -> str | None:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _publish(files: Mapping[str, bytes], place: Path, inputs_digest: str) -> Published:
    remove_stale_stagings(place)
    old = _read_manifest(place) or Manifest("", {})
    new = Manifest(inputs_digest, {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)})
    unchanged = frozenset(path for path, digest in new.files.items() if _digest_on_disk(place / path) == digest)
    if old != new or len(unchanged) < len(files):
        ours = frozenset({MANIFEST, *old.files})
        with _staging(place) as staging:
            tree = staging / "tree"
            _write_ours(tree, {**files, MANIFEST: new.to_bytes()}, place, unchanged)
            _keep_foreign(tree, place, ours)
            _put_in_place(staging, place, ours)
    removed = sum(path not in files for path in old.files)
    return Published(len(files) - len(unchanged), len(unchanged), removed)


@contextmanager
def _staging(place: Path) -> Iterator[Path]:
    made = [folder for folder in place.parents if not folder.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_staging_prefix(place), dir=place.parent))
        try:
            (staging / _MARKER).write_bytes(os.fsencode(place.name))
            (staging / "tree").mkdir()
            yield staging
        finally:
            _remove_staging(staging, place)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _remove_listed(manifest: Manifest, place: Path) -> int:
    listed = [place / path for path in sorted(manifest.files) if _is_within(place, path)]
    found = [path for path in listed if path.is_file() and not path.is_symlink()]
    for path in found:
        path.unlink()
    for folder in sorted(_all_folders(manifest.files), reverse=True):
        if _is_within(place, folder):
            _remove_if_empty(place / folder)
    # The manifest goes last, so that a removal that was stopped can be finished.
    (place / MANIFEST).unlink()
    _remove_if_empty(place)
    return len(found)


def _is_within(place: Path, path: str) -> bool:
    return not any((place / folder).is_symlink() for folder in _folders_of(path))


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _staging_prefix(place: Path) -> str:
    return f".{place.name[:40]}-building-"


def _glob_escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _remove_staging(staging: Path, place: Path) -> None:
    aside = staging / "old"
    if aside.exists() and not (place / MANIFEST).exists():
        _restore(aside, place)
    _remove_tree(staging)


def _remove_tree(folder: Path) -> None:
    for path, names, _ in os.walk(folder):
        for inner in (Path(path, name) for name in names):
            if not inner.is_symlink():
                with suppress(OSError):
                    inner.chmod(0o700)
    for name in ("tree", "copy", "old"):
        shutil.rmtree(folder / name, ignore_errors=True)
    # The marker goes last, so that what cannot be removed now can be removed by the next build.
    if {entry.name for entry in folder.iterdir()} <= {_MARKER}:
        shutil.rmtree(folder, ignore_errors=True)


def _write_ours(tree: Path, files: Mapping[str, bytes], place: Path, unchanged: frozenset[str]) -> None:
    if place.exists():
        _dress(tree, place)
    for path, data in sorted(files.items()):
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in unchanged:
            _link(place / path, target)
        else:
            # A new file each time: an older tree may hold the old one by a hard link.
            with target.open("xb") as file:
                file.write(data)


def _dress(tree: Path, place: Path) -> None:
    facts = place.stat()
    with suppress(OSError):
        os.chown(tree, facts.st_uid, facts.st_gid)
    tree.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IRWXU)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_USE_COPYING:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from error
        shutil.copy2(source, target, follow_symlinks=False)


def _keep_foreign(tree: Path, place: Path, ours: frozenset[str]) -> None:
    if not place.exists():
        return
    foreign = list(_foreign_paths(place, ours))
    for path in foreign:
        try:
            _keep(place / path, tree / path)
        except (FileExistsError, NotADirectoryError) as error:
            raise OutputRefusedError(
                f"{place / path}: was not made by this program and is in the way of the site. "
                "Move it away, or give another folder with --out."
            ) from error
    for path in reversed(foreign):
        if _is_folder(place / path):
            shutil.copystat(place / path, tree / path)


def _keep(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_folder(source):
        target.mkdir(exist_ok=True)
        return
    digest = _digest_on_disk(source)
    if digest is None or digest != _digest_on_disk(target):
        _link(source, target)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _foreign_paths(place: Path, ours: frozenset[str]) -> Iterator[str]:
    """Yield what is not ours, folders before what is in them; a folder that holds files of ours is ours."""
    our_folders = _all_folders(ours)
    for root, folders, names in os.walk(place, onerror=_raise):
        folders.sort()
        for name in (*folders, *sorted(names)):
            path = Path(root, name)
            relative = path.relative_to(place).as_posix()
            if os.path.ismount(path):
                raise OutputRefusedError(f"{path}: a disk is mounted there. Give another folder with --out.")
            if relative not in (our_folders if _is_folder(path) else ours):
                yield relative


def _raise(error: OSError) -> None:
    raise error


def _put_in_place(staging: Path, place: Path, ours: frozenset[str]) -> None:
    tree, aside = staging / "tree", staging / "old"
    if not place.exists():
        tree.rename(place)
    elif _exchanged(tree, place):
        _carry_over_late_arrivals(tree, place, ours)
    else:
        _set_aside(place, aside)
        tree.rename(place)
        _carry_over_late_arrivals(aside, place, ours)


def _exchanged(one: Path, other: Path) -> bool:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        paths = os.fsencode(one), os.fsencode(other)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*paths, _SWAP) == 0)
        return bool(library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _SWAP) == 0)
    except (AttributeError, OSError):
        return False


def _set_aside(place: Path, aside: Path) -> None:
    try:
        place.rename(aside)
    except OSError as error:
        # A folder in a lower layer of a container's file system cannot be renamed, only copied and removed.
        if error.errno != errno.EXDEV:
            raise
        copy = aside.with_name("copy")
        _link_missing(place, copy)
        copy.rename(aside)
        (place / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(place)


def _restore(aside: Path, place: Path) -> None:
    if os.path.lexists(place):
        _link_missing(aside, place)
    else:
        aside.rename(place)


def _link_missing(source: Path, target: Path) -> None:
    """Give the target what it lacks of the source; the manifest last, as the sign that all is there."""
    target.mkdir(exist_ok=True)
    for entry in sorted(source.iterdir(), key=lambda entry: (entry.name == MANIFEST, entry.name)):
        if _is_folder(entry):
            _link_missing(entry, target / entry.name)
        elif not os.path.lexists(target / entry.name):
            _link(entry, target / entry.name)
    shutil.copystat(source, target)


def _carry_over_late_arrivals(old: Path, place: Path, ours: frozenset[str]) -> None:
    # Somebody may have put a file into the old folder while the new one was being built.
    with suppress(OSError):
        for path in list(_foreign_paths(old, ours)):
            source, target = old / path, place / path
            if _is_folder(source):
                target.mkdir(exist_ok=True)
            elif not _is_same_file(source, target):
                source.replace(target)


def _acquired_lock(output: Path) -> FileLock:
    name = f"{hashlib.sha256(os.fsencode(_absolute(output))).hexdigest()}.lock"
    for folder in _lock_folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(folder / name, timeout=0)
            lock.acquire()
        except Timeout as error:
            raise BusyError(
                f"{output}: another build of this folder is running. Wait for it, or give another --out."
            ) from error
        except (OSError, NotImplementedError):
            continue
        return lock
    raise OutputWriteError(f"{output}: no place for a lock. Make {tempfile.gettempdir()} writable.")


def _lock_folders() -> Iterator[Path]:
    cache = default_cache_folder()
    if cache is not None:
        yield cache / "locks"
    yield Path(tempfile.gettempdir()) / f"reportgen-{os.getuid()}"
