"""What the process that runs a network may do."""

import os
from pathlib import Path

import pytest

from reportgen.observe.confinement import refuse

WRITE = os.O_WRONLY | os.O_CREAT


@pytest.mark.parametrize(
    "event",
    [
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "socket.connect",
        "socket.getaddrinfo",
    ],
)
def test_no_process_is_started_and_nobody_is_called(event: str) -> None:
    """Whatever is given along."""
    with pytest.raises(PermissionError, match="is not allowed"):
        refuse(event, ("anything",), ())


def test_files_are_written_within_the_folder_only(tmp_path: Path) -> None:
    """Its own folder is open, the one beside it is not, even where its name begins alike."""
    own = (str(tmp_path / "own"),)
    refuse("open", (str(tmp_path / "own" / "file"), "w", WRITE), own)
    with pytest.raises(PermissionError, match="writing outside"):
        refuse("open", (str(tmp_path / "owned"), "w", WRITE), own)


def test_reading_is_free(tmp_path: Path) -> None:
    """Libraries read files of their own."""
    refuse("open", (str(tmp_path / "elsewhere"), "r", os.O_RDONLY), ())


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    """The place that counts is the one that a link leads to."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="writing outside"):
        refuse("open", (str(tmp_path / "own" / "link"), "w", WRITE), (str(tmp_path / "own"),))


@pytest.mark.parametrize("event", ["os.rename", "os.link"])
def test_nothing_is_moved_out(event: str, tmp_path: Path) -> None:
    """Neither end may lie outside."""
    own = str(tmp_path / "own")
    with pytest.raises(PermissionError, match="writing outside"):
        refuse(event, (f"{own}/file", str(tmp_path / "elsewhere"), -1, -1), (own,))


def test_nothing_outside_is_removed(tmp_path: Path) -> None:
    """A file of the user's stays."""
    with pytest.raises(PermissionError, match="writing outside"):
        refuse("os.remove", (str(tmp_path / "elsewhere"), -1), (str(tmp_path / "own"),))
