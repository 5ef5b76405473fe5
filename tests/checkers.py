"""Checks of pages that others made: where they are, and how they are run. Knows nothing of what is checked.

`tests/tools/package.json` says which they are and in which version; `make test` installs them.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = Path(__file__).parent / "tools" / "node_modules"
AXE = PACKAGES / "axe-core" / "axe.min.js"
_CHECKER = PACKAGES / "vnu-jar" / "build" / "dist" / "vnu.jar"

NO_AXE = "no axe-core in tests/tools. Run 'make test', with npm and a network."
NO_CHECKER = "no Nu HTML checker that runs in tests/tools. Run 'make test', with npm, Java 17 and a network."


@dataclass(frozen=True)
class Message:
    """What the Nu HTML checker says of one place."""

    kind: str
    """`error`, or `info` for a warning."""
    place: str
    """The file's name and the line."""
    text: str


def find_checker() -> list[str] | None:
    """Return the command of the Nu HTML checker; None where it or its Java is missing."""
    java = shutil.which("java")
    if java is None or not _CHECKER.is_file():
        return None
    command = [java, "-jar", str(_CHECKER)]
    return command if _ended(command, "--version").returncode == 0 else None


def said_of(command: Sequence[str], paths: Sequence[Path]) -> list[Message]:
    """Return all that the Nu HTML checker says of pages, styles and drawings, or of all that a folder holds."""
    ended = _ended(command, "--also-check-css", "--also-check-svg", "--format", "json", *map(str, paths))
    return [
        Message(each["type"], f"{Path(each['url']).name}:{each.get('lastLine', '')}", each["message"])
        for each in json.loads(ended.stderr)["messages"]
    ]


def _ended(command: Sequence[str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
