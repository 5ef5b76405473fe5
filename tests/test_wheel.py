"""What is installed by `pip install .`: all that the program needs, and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the built package, by their paths in it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (path,) = folder.glob("reportgen-*.whl")
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files_below(folder: Path) -> dict[str, bytes]:
    """The files below a folder of the clone, by their paths in it."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("folder", ["reportgen", "templates"])
def test_every_file_is_in_the_wheel(wheel: dict[str, bytes], folder: str) -> None:
    """Sources, templates, translations and the bundled network travel as they are."""
    place = "reportgen/" if folder == "reportgen" else "reportgen/templates/"
    files = files_below(ROOT / folder)
    assert files
    assert {name for name, content in files.items() if wheel.get(place + name) != content} == set()


def test_nothing_else_is_in_the_wheel(wheel: dict[str, bytes]) -> None:
    """Neither tests nor the built site nor anything of this machine travels."""
    tops = {name.split("/")[0].split("-")[0] for name in wheel}
    assert tops == {"reportgen"}
    assert not any(str(ROOT).encode() in content for content in wheel.values())


def test_the_command_is_declared(wheel: dict[str, bytes]) -> None:
    """Installing gives the command `reportgen`."""
    (points,) = (content for name, content in wheel.items() if name.endswith("/entry_points.txt"))
    assert b"reportgen = reportgen.cli:main" in points
