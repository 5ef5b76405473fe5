"""The child's side: reads a request, writes a snapshot, and tells of its progress one JSON object a line."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from reportgen.admission import Admitted, admit
from reportgen.errors import ModelError, ReportgenError
from reportgen.observe.confinement import confine
from reportgen.observe.request import Request


def main(target: Path) -> int:
    """Observe what standard input asks for, write the snapshot to a file and return the exit code."""
    # Ctrl-C reaches the whole group of processes; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = _private_channel()
    request = Request.from_json(sys.stdin.read())
    try:
        admitted = _admitted(request)
        confine(target.parent)
        target.write_bytes(_snapshot(request, channel, admitted))
    except ReportgenError as error:
        _tell(channel, {"error": str(error), "exit_code": error.exit_code})
        return error.exit_code
    except MemoryError:
        return _too_large(request, channel)
    return 0


def _admitted(request: Request) -> Admitted | None:
    """Let the gate decide at once, as a file that is refused needs no Keras; with own layers it decides later.

    Raises:
        ModelError: the file may not be opened.
    """
    if request.model is None or request.custom is not None:
        return None
    return admit(Path(request.model), trust=request.trust)


def _too_large(request: Request, channel: TextIO) -> int:
    name = Path(request.model).name if request.model else "the bundled network"
    error = ModelError(f"{name}: needs more memory than is allowed. Give fewer or smaller pictures.")
    _tell(channel, {"error": str(error), "exit_code": error.exit_code})
    return error.exit_code


def _private_channel() -> TextIO:
    """Return the way to the parent, and let all else that is written to standard output go into the log."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _snapshot(request: Request, channel: TextIO, admitted: Admitted | None) -> bytes:
    from reportgen.observe.observation import take_snapshot
    from reportgen.snapshot import to_bytes

    def progress(stage: str, done: int, total: int) -> None:
        _tell(channel, {"stage": stage, "done": done, "total": total})

    return to_bytes(take_snapshot(request, progress, admitted))


def _tell(channel: TextIO, message: dict[str, str | int]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()


if __name__ == "__main__":
    code = main(Path(sys.argv[1]))
    sys.stderr.flush()
    # TensorFlow would take a second to tidy up what ends with the process anyway.
    os._exit(code)
