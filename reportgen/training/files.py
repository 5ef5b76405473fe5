"""The files that a training leaves, and how they are written: never half."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reportgen.errors import OutputWriteError

NETWORK_FILE = "network.keras"
RECORD_FILE = "record.npz"
RESUME_FOLDER = "resume"
BEST_FILE = "best.npz"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make an error of the operating system one that tells the user what to do, an `OutputWriteError`."""
    try:
        yield
    except OSError as error:
        raise OutputWriteError(
            f"{folder}: cannot be written ({error.strerror or error}). Free some space or give another folder."
        ) from error


def write(path: Path, content: bytes) -> None:
    """Put a file in its place when it is whole."""
    write_through(path, lambda beside: beside.write_bytes(content))


def write_through(path: Path, write: Callable[[Path], object]) -> None:
    """Let a file be written beside its place and put it there when it is whole."""
    beside = path.with_name(f".partial-{path.name}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
