"""Starts the process that looks at a network, listens to it, and takes its snapshot; knows no Keras itself."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from reportgen.errors import BY_EXIT_CODE, ModelError, ReportgenError
from reportgen.observe.confinement import PROCESSOR_HOURS
from reportgen.observe.request import Request

Progress = Callable[[str, int, int], None]
"""Called with a stage, as `open` or `trained`, and how much of how much is done."""

SNAPSHOT_FILE = "snapshot.npz"
_LOG_FILE = "log.txt"
_PATIENCE = 5.0
"""Seconds that the child gets to end by itself once it was told to."""


def observe(request: Request, progress: Progress) -> bytes:
    """Return the snapshot of a network as the bytes of its file, made in a process of its own.

    Raises:
        InputError: the pictures, the record or the class names do not fit.
        ModelError: the network cannot be opened or run, or the process died over it.
    """
    progress("start", 0, 1)
    with tempfile.TemporaryDirectory(prefix="reportgen-") as name:
        folder = Path(name)
        with (folder / _LOG_FILE).open("wb") as log:
            exit_code, error = _run(request, folder, log, progress)
        if error is not None:
            raise error
        if exit_code != 0:
            raise _death(request, exit_code, (folder / _LOG_FILE).read_text(errors="replace"))
        return (folder / SNAPSHOT_FILE).read_bytes()


def _run(request: Request, folder: Path, log: IO[bytes], progress: Progress) -> tuple[int, ReportgenError | None]:
    # -P: a folder in which somebody happens to stand is no place to import from.
    command = [sys.executable, "-P", "-m", "reportgen.observe", str(folder / SNAPSHOT_FILE)]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=pipe, stdout=pipe, stderr=log, env=_environment(), text=True, encoding="utf-8"
    ) as child:
        try:
            error = _listen(child, request, progress)
            return child.wait(), error
        finally:
            _end(child)


def _listen(child: "subprocess.Popen[str]", request: Request, progress: Progress) -> ReportgenError | None:
    """Send the request and pass on all progress; return the error that the child tells of."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    try:
        child.stdin.write(request.to_json())
        child.stdin.close()
    except BrokenPipeError:
        return None  # It died at once; its exit code says so.
    for line in child.stdout:
        message = json.loads(line)
        if "error" in message:
            return BY_EXIT_CODE.get(message["exit_code"], ReportgenError)(message["error"])
        progress(message["stage"], message["done"], message["total"])
    return None


def _end(child: "subprocess.Popen[str]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _environment() -> dict[str, str]:
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    ours = {
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": os.pathsep.join(paths),
        # The threads of a matrix product wait for each other on a busy machine, and their number sways the last
        # bits: whole layers are computed side by side instead.
        "OPENBLAS_NUM_THREADS": "1",
        # The same input gives the same bytes only without it: the last bits of its gradients sway from run to run.
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    return os.environ | ours


def _death(request: Request, exit_code: int, log: str) -> ModelError:
    name = Path(request.model).name if request.model else "the bundled network"
    last = next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "it said nothing")
    if -exit_code == signal.SIGXCPU:
        why = f"took more than {PROCESSOR_HOURS} hours of a processor. Give fewer or smaller pictures."
    elif exit_code < 0:
        why = f"was ended by {_signal_name(-exit_code)}. Give it more memory, or fewer or smaller pictures."
    else:
        why = f"failed: {last[:200]}. Run with --debug to read all that it said, or give another network."
    error = ModelError(f"{name}: the process that looked at the network {why}")
    error.add_note(log)
    return error


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
