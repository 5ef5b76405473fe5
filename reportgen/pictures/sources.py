"""Pictures from the path that a user gives: a folder, class folders, or one file of any kind."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.pictures.array_files import IDX_IMAGES, from_array_file, from_idx, labels_beside
from reportgen.pictures.fashion_mnist import BUNDLE
from reportgen.pictures.fitting import InputShape, check_size
from reportgen.pictures.picture_files import SUFFIXES, WHAT_IS_READ, NotReadableError, picture, printable
from reportgen.pictures.picture_set import PictureSet, given


def read_pictures(path: Path, input_shape: InputShape) -> PictureSet:
    """Return the pictures of a folder, of class folders, or of one file, in the channels of a network.

    A file is a picture, a `.npy` or `.npz` array or an IDX file with its labels beside it. Files are taken in the
    order of their names. A grey value is 0.299 red + 0.587 green + 0.114 blue; what is transparent lies on white;
    of moving pictures the first frame is taken; 16 bits become 8.

    Raises:
        InputError: nothing can be read, or a picture does not have the size that the network takes.
    """
    if len(input_shape) != 3:
        raise InputError(f"{path}: the network takes no pictures, its input has the shape {input_shape}.")
    if path.is_dir():
        return _from_folder(path, input_shape)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder. Give pictures ({WHAT_IS_READ}), .npy, .npz or IDX.")
    return from_array_file(path, input_shape) or _from_files(path, _Listing((_File(path, ""),)), input_shape)


def source_digest(path: Path | None) -> str:
    """Return the SHA-256 of the names and bytes of all files that a source consists of; None is the bundled one.

    Raises:
        InputError: there is no such file or folder.
    """
    source = path or BUNDLE
    if not source.exists():
        raise InputError(f"{source}: no such file or folder. Give the pictures to look at.")
    digest = hashlib.sha256()
    for name, path in _parts(source):
        text = name.encode("utf-8", "surrogateescape")
        digest.update(f"{len(text)}:".encode() + text + _file_digest(path))
    return digest.hexdigest()


@dataclass(frozen=True)
class _File:
    path: Path
    folder: str
    """The class folder that it lies in; empty for none."""
    label: int | None = None

    @property
    def name(self) -> str:
        return printable(f"{self.folder}/{self.path.name}" if self.folder else self.path.name)


@dataclass(frozen=True)
class _Listing:
    files: tuple[_File, ...]
    classes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def _visible(folder: Path) -> list[Path]:
    """Return what lies in a folder, in the order of the names, without what is hidden."""
    try:
        return sorted(
            (path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name
        )
    except OSError as error:
        name = printable(str(folder))
        raise InputError(f"{name}: cannot be read ({error.strerror}). Change its permissions.") from error


def _parts(source: Path) -> list[tuple[str, Path]]:
    """Return all that can change what is read from a source, with names that do not say where it lies."""
    if not source.is_dir():
        labels = labels_beside(source)
        return [(path.name, path) for path in (source, labels) if path]
    inside = _visible(source)
    deeper = [path for folder in inside if folder.is_dir() for path in _visible(folder)]
    return [(path.relative_to(source).as_posix(), path) for path in inside + deeper]


def _file_digest(path: Path) -> bytes:
    if not path.is_file():
        return b"not a file"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        # A file that cannot be read is skipped and named by `read_pictures`.
        return b"unreadable"


def _from_folder(folder: Path, input_shape: InputShape) -> PictureSet:
    inside = _visible(folder)
    idx = [path for path in inside if IDX_IMAGES.search(path.name)]
    if not idx:
        return _from_files(folder, _listing(inside), input_shape)
    # Of a data set that has been parted, the pictures that the network has not learned from.
    return from_idx(next((path for path in idx if path.name.startswith("t10k")), idx[0]), input_shape)


def _listing(inside: list[Path]) -> _Listing:
    """Return the files of a folder, or those of its class folders where no pictures lie in the folder itself."""
    folders = [path for path in inside if path.is_dir()]
    files = [path for path in inside if not path.is_dir()]
    if not folders or any(path.suffix.lower() in SUFFIXES for path in files):
        return _Listing(
            tuple(_File(path, "") for path in files), (), _set_aside(folders, "a folder beside pictures")
        )
    return _Listing(
        tuple(
            _File(path, folder.name, label) for label, folder in enumerate(folders) for path in _visible(folder)
        ),
        tuple(folder.name for folder in folders),
        _set_aside(files, "lies beside the class folders"),
    )


def _set_aside(paths: list[Path], reason: str) -> tuple[tuple[str, str], ...]:
    return tuple((printable(path.name), reason) for path in paths)


def _from_files(source: Path, listing: _Listing, input_shape: InputShape) -> PictureSet:
    found, unreadable = _read(listing.files, input_shape)
    skipped = listing.skipped + unreadable
    if not found:
        raise InputError(_nothing_readable(source, skipped))
    labels = np.array([file.label for file, _ in found if file.label is not None], np.int64)
    titles = [f"{file.folder} {file.path.stem}" for file, _ in found]
    return given(np.stack([pixels for _, pixels in found]), labels, titles, listing.classes, skipped)


def _read(
    files: tuple[_File, ...], input_shape: InputShape
) -> tuple[list[tuple[_File, NDArray[np.uint8]]], tuple[tuple[str, str], ...]]:
    """Return the files that are pictures, with their pixels, and the others with the reason."""
    found: list[tuple[_File, NDArray[np.uint8]]] = []
    skipped: list[tuple[str, str]] = []
    for file in files:
        try:
            pixels = picture(file.path, input_shape[2])
        except NotReadableError as error:
            skipped.append((file.name, str(error)))
        else:
            check_size(file.name, pixels.shape, input_shape, found[0][1].shape if found else None)
            found.append((file, pixels))
    return found, tuple(skipped)


def _nothing_readable(source: Path, skipped: tuple[tuple[str, str], ...]) -> str:
    looked_for = f"Looked for {WHAT_IS_READ}, for folders of them, .npy, .npz and IDX."
    if not skipped:
        return f"{printable(str(source))}: no pictures, it is empty. {looked_for}"
    name, reason = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"{printable(str(source))}: no readable picture; skipped {name} ({reason}){more}. {looked_for}"
