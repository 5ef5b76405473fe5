"""Pictures from the path that a user gives: a folder, class folders, or one file of any kind."""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from reportgen.errors import InputError
from reportgen.pictures.array_files import IDX_IMAGES, from_array_file, from_idx, labels_beside
from reportgen.pictures.fashion_mnist import BUNDLE
from reportgen.pictures.fitting import FITS, InputShape, Wanted, common_size, fitted, picture_shape
from reportgen.pictures.picture_files import SUFFIXES, WHAT_IS_READ, NotReadableError, picture, printable
from reportgen.pictures.picture_set import PictureSet, Pixels, given, together


def read_pictures(
    path: Path,
    input_shape: InputShape,
    *,
    fit: str = "crop",
    numbers: bool = False,
    classes: tuple[str, ...] = (),
) -> PictureSet:
    """Return the pictures of a folder, of class folders, or of one file, in the size and channels of a network.

    A file is a picture, a `.npy` or `.npz` array or an IDX file with its labels beside it. Files are taken in the
    order of their names. A grey value is 0.299 red + 0.587 green + 0.114 blue; what is transparent lies on white;
    of moving pictures the first frame is taken; 16 bits become 8. What is no picture is laid out as `axes.as_maps`
    says, a row of numbers as one row of pixels.

    Args:
        path: of the folder or the file.
        input_shape: of the network, without the batch.
        fit: how pictures of another size become that of the network, see `fitting.fitted` and `common_size`.
        numbers: whether whole numbers in arrays are numbers, as those of words are, and not bytes of pixels; they
            always are where the network takes no pictures.
        classes: names of the network's classes; class folders called so have their numbers.

    Raises:
        InputError: nothing can be read, or what is there cannot be made to fit the network.
    """
    if fit not in FITS:
        raise InputError(f"{fit}: no such way to fit pictures. Give one of {', '.join(FITS)}.")
    wanted = Wanted(input_shape, fit, numbers)
    if path.is_dir():
        return _from_folder(path, wanted, classes)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder. Give pictures ({WHAT_IS_READ}), .npy, .npz or IDX.")
    return from_array_file(path, wanted) or _from_files(path, _Listing((_File(path, ""),)), wanted)


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
    labelled_by: str = ""
    """As `PictureSet.labelled_by`."""


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


def _from_folder(folder: Path, wanted: Wanted, classes: tuple[str, ...]) -> PictureSet:
    inside = _visible(folder)
    idx = [path for path in inside if IDX_IMAGES.search(path.name)]
    if not idx:
        return _from_files(folder, _by_name(_listing(inside), classes), wanted)
    # Of a data set that has been parted, the pictures that the network has not learned from.
    return from_idx(next((path for path in idx if path.name.startswith("t10k")), idx[0]), wanted)


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


def _by_name(listing: _Listing, classes: tuple[str, ...]) -> _Listing:
    """Return a listing in which class folders have the numbers of the classes that are called like them.

    Where no folder is called like a class, they keep their places. Where some are, the others are set aside.
    """
    if not classes or not listing.classes:
        return listing
    places = {_plain(name): place for place, name in reversed(list(enumerate(classes)))}
    known = [file for file in listing.files if _plain(file.folder) in places]
    if not known:
        return replace(listing, labelled_by="place")
    strange = tuple(
        (file.name, "its folder is called like no class") for file in listing.files if file not in known
    )
    numbered = tuple(replace(file, label=places[_plain(file.folder)]) for file in known)
    return _Listing(numbered, classes, listing.skipped + strange, "name")


def _plain(name: str) -> str:
    """Return a name without what differs between that of a folder and that of a class."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").replace("-", " ").split())


def _from_files(source: Path, listing: _Listing, wanted: Wanted) -> PictureSet:
    shape = picture_shape(wanted.input_shape)
    if shape is None:
        sizes = ", ".join("any" if size is None else str(size) for size in wanted.input_shape)
        raise InputError(
            f"{printable(str(source))}: the network takes no pictures, but ({sizes}). Give a .npy file."
        )
    found, unreadable, count = _read(listing.files, shape, wanted.fit)
    skipped = listing.skipped + unreadable
    if not found:
        raise InputError(_nothing_readable(source, skipped))
    labels = np.array([file.label for file, _ in found if file.label is not None], np.int64)
    titles = [f"{file.folder} {file.path.stem}" for file, _ in found]
    pictures = given(together([pixels for _, pixels in found]), labels, titles, listing.classes, skipped)
    return replace(pictures, fit=wanted.fit if count else "", fitted=count, labelled_by=listing.labelled_by)


def _read(
    files: tuple[_File, ...], shape: InputShape, fit: str
) -> tuple[list[tuple[_File, Pixels]], tuple[tuple[str, str], ...], int]:
    """Return the files that are pictures, with their pixels, the others with the reason, and how many changed."""
    found: list[tuple[_File, Pixels]] = []
    skipped: list[tuple[str, str]] = []
    changed = 0
    for file in files:
        try:
            pixels = picture(file.path, shape[2])
        except NotReadableError as error:
            skipped.append((file.name, str(error)))
            continue
        size = found[0][1].shape[:2] if found else common_size(shape, pixels.shape)
        changed += pixels.shape[:2] != size
        found.append((file, fitted(pixels, (size[0], size[1]), fit)))
    return found, tuple(skipped), changed


def _nothing_readable(source: Path, skipped: tuple[tuple[str, str], ...]) -> str:
    looked_for = f"Looked for {WHAT_IS_READ}, for folders of them, .npy, .npz and IDX."
    if not skipped:
        return f"{printable(str(source))}: no pictures, it is empty. {looked_for}"
    name, reason = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"{printable(str(source))}: no readable picture; skipped {name} ({reason}){more}. {looked_for}"
