"""What the process that runs a network may do: a bound on memory and files, and no writing or calling outside."""

import os
import resource
import sys
import tempfile
from pathlib import Path

ALLOWANCE = 12 * 2**30
"""Bytes of memory that a network may take beside TensorFlow itself."""
FOR_EACH_CORE = 2**28
"""Bytes more for each core: TensorFlow starts threads for them, and each claims room that it does not use."""
LARGEST_FILE = 8 * 2**30
PROCESSOR_HOURS = 4
"""Hours of one core, after which the system ends the process."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate")
_CALLS = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn",
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo",
)  # fmt: skip


def confine(*folders: Path) -> None:
    """Bound what this process may do from now on, for good: it may write within these folders only.

    Importing TensorFlow comes before, as it needs more than is allowed afterwards.
    """
    import keras  # noqa: F401 - so that its import is over

    sys.dont_write_bytecode = True
    limit_memory()
    _limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, PROCESSOR_HOURS * 3600)
    places = tuple(os.path.realpath(folder) for folder in (*folders, Path(tempfile.gettempdir())))
    sys.addaudithook(lambda event, given: refuse(event, given, places))


def limit_memory() -> None:
    """Bound the memory, where the system tells how much is taken already."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return
    taken = pages * resource.getpagesize()
    _limit(resource.RLIMIT_AS, taken + ALLOWANCE + FOR_EACH_CORE * (os.cpu_count() or 1))


def refuse(event: str, given: tuple[object, ...], places: tuple[str, ...]) -> None:
    """Raise where an event is none that looking at a network needs.

    Raises:
        PermissionError: something would be written outside of these places, a process started or somebody called.
    """
    if event in _CALLS:
        raise PermissionError(f"{event} is not allowed while a network is looked at")
    if event == "open" and len(given) == 3 and isinstance(given[2], int) and given[2] & _WRITING:
        _check_place(given[0], places)
    elif event in _CHANGES:
        for each in given[: 2 if event in ("os.rename", "os.link") else 1]:
            _check_place(each, places)


def _check_place(path: object, places: tuple[str, ...]) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return
    real = os.path.realpath(os.fsdecode(path))
    if real != os.devnull and not any(real == place or real.startswith(place + os.sep) for place in places):
        raise PermissionError("writing outside of its own folder is not allowed while a network is looked at")


def _limit(what: int, most: int) -> None:
    try:
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, hard))
    except (OSError, ValueError):
        return  # This system has no such limit; the others still hold.
