"""The command line as a stranger uses it: one line for whatever goes wrong, and nothing half-written."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import reportgen
import reportgen.build
import reportgen.figures
import reportgen.site
import reportgen.training
from reportgen.cli import main
from reportgen.links import check_links
from reportgen.site import MANIFEST, output_lock
from reportgen.snapshot import Sibling, to_bytes
from reportgen.training import TrainingOutcome
from tests.factories import small_snapshot
from tests.sites import BuiltSite, run_program, tree

ASSETS = Path(reportgen.__file__).parent / "assets" / "fashion_mnist"
AS_FROM_A_TERMINAL = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "runpy.run_module('reportgen', run_name='__main__', alter_sys=True)"
)
"""Hears Ctrl-C also where the tests themselves run in the background of a shell, which switches it off."""
Ended = Result | subprocess.CompletedProcess[str]


def assert_one_line(ended: Ended, exit_code: int) -> str:
    """Check that the program said one line, with a way out in it, and return it."""
    given = ended.exit_code if isinstance(ended, Result) else ended.returncode
    assert given == exit_code, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.endswith("\n")
    (line,) = ended.stderr.splitlines()
    assert "Traceback" not in line
    assert not line.startswith("reportgen: [Errno")
    return line


def beside(folder: Path) -> set[str]:
    """The names of all that lies in a folder, hidden or not."""
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def quick(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A build in this process whose network has been looked into already, by hand."""
    monkeypatch.setattr(reportgen.build, "observe", lambda *_: to_bytes(small_snapshot()))
    (place / "small.keras").write_bytes(b"looked into by hand")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["build", "small.keras", *arguments])

    return run


# --- training ---


@dataclass
class FakeTraining:
    """Stands where the training is: notes what it is asked for, and answers with a record made by hand."""

    finished: bool = True
    asked: dict[str, Any] = field(default_factory=dict)
    bundled: list[Path] = field(default_factory=list)

    def train(self, _data: Path | None, output: Path, **asked: Any) -> TrainingOutcome:  # noqa: ANN401 - any option
        """Note the options, and tell the bars of a network and of each sibling."""
        self.asked = asked
        asked["progress"].started(20, 8, 0)
        for number in range(asked["siblings"]):
            asked["progress"].sibling_began(number + 1, asked["siblings"], 43 + number)
        siblings = tuple(Sibling(43 + number, 0.9 + number / 100, ()) for number in range(asked["siblings"]))
        record = small_snapshot().record
        assert record
        return TrainingOutcome(output / "network.keras", replace(record, siblings=siblings), self.finished)

    def bundle(self, _data: Path | None, trained: Path, _assets: Path) -> None:
        """Note what would be bundled."""
        self.bundled.append(trained)


@pytest.fixture
def fake(place: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTraining:
    """A training that takes no time and writes nothing."""
    assert place.is_dir()
    standing_in = FakeTraining()
    monkeypatch.setattr(reportgen.training, "train", standing_in.train)
    monkeypatch.setattr(reportgen.training, "bundle_assets", standing_in.bundle)
    return standing_in


@pytest.mark.parametrize(
    ("arguments", "siblings"),
    [([], 0), (["--siblings", "3"], 3), (["--bundle"], 2), (["--bundle", "--siblings", "0"], 0)],
)
def test_the_bundled_network_has_two_siblings(fake: FakeTraining, arguments: list[str], siblings: int) -> None:
    """Others have none, unless they are asked for."""
    ended = CliRunner().invoke(main, ["train", "--out", "there", "--epochs", "5", "--seed", "1", *arguments])
    assert ended.exit_code == 0, ended.stderr
    assert (fake.asked["siblings"], fake.asked["epochs"], fake.asked["seed"]) == (siblings, 5, 1)
    assert fake.bundled == [Path("there")] * ("--bundle" in arguments)


def test_a_training_says_how_good_each_network_is(fake: FakeTraining) -> None:
    """One line for the network, one for each sibling."""
    assert fake.finished
    ended = CliRunner().invoke(main, ["train", "--out", "there", "--siblings", "2"])
    assert ended.stdout.splitlines() == [
        f"{Path('there', 'network.keras')}: epoch 2, test accuracy 0.8000",
        "sibling of seed 43: test accuracy 0.9000",
        "sibling of seed 44: test accuracy 0.9100",
    ]


def test_a_training_that_was_stopped_is_not_bundled(fake: FakeTraining) -> None:
    """It says that it goes on from there, and ends as Ctrl-C does."""
    fake.finished = False
    line = assert_one_line(CliRunner().invoke(main, ["train", "--bundle"]), 130)
    assert "the same command goes on" in line
    assert fake.bundled == []


def test_a_negative_number_of_siblings_is_refused(fake: FakeTraining) -> None:
    """Nothing begins."""
    assert CliRunner().invoke(main, ["train", "--siblings", "-1"]).exit_code == 2
    assert fake.asked == {}


# --- bad settings ---

BAD_SETTINGS = {
    "no such config": (["--config", "none.toml"], ""),
    "config that is no TOML": ([], "title = "),
    "unknown setting": ([], "colour = 'red'"),
    "setting of the wrong kind": ([], "seed = 'many'"),
    "record without a network": (["--record", "record.npz"], ""),
    "unknown way to fit": (["a.keras", "--fit", "squeeze"], ""),
    "unknown scale": (["a.keras", "--scale", "0..2"], ""),
    "class names in a file that is missing": (["a.keras", "--classes", "names.txt"], ""),
    "class names in a file that is none": (["a.keras", "--classes", "/dev/null"], ""),
    "scale without a network": (["--scale", "0..1"], ""),
    "pictures without a network": (["--images", "."], ""),
    "class names without a network": (["--classes", "a,b"], ""),
    "base path that is none": (["--base-path", "a b"], ""),
    "impossible seed": (["--seed", "-1"], ""),
    "two mistakes at once": (["--seed", "-1", "--base-path", "a b"], ""),
}


@pytest.mark.parametrize(("arguments", "settings"), BAD_SETTINGS.values(), ids=BAD_SETTINGS.keys())
def test_bad_settings_are_one_line(place: Path, arguments: list[str], settings: str) -> None:
    """Every mistake in the settings is told before anything is made."""
    if settings:
        (place / "reportgen.toml").write_text(settings, encoding="utf-8")
    before = beside(place)
    assert_one_line(CliRunner().invoke(main, ["build", *arguments]), 2)
    assert beside(place) == before


def test_all_mistakes_are_told_at_once(place: Path) -> None:
    """Nobody has to mend one to hear of the next."""
    assert place.is_dir()
    line = assert_one_line(CliRunner().invoke(main, ["build", "--seed", "-1", "--base-path", "a b"]), 2)
    assert "--seed" in line
    assert "--base-path" in line


def test_debug_shows_the_traceback(place: Path) -> None:
    """Who asks for it sees where an error comes from."""
    ended = run_program("build", "--config", "none.toml", "--debug", folder=place)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


# --- bad networks and pictures ---


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two small networks of random weights: for grey pictures of 12×12, and for colour of 10×10."""
    import keras

    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(3)
    for name, shape in (("grey", (12, 12, 1)), ("colour", (10, 10, 3))):
        layers = keras.layers
        network = keras.Sequential(
            [
                keras.Input(shape),
                layers.Conv2D(4, 3, padding="same", activation="relu"),
                layers.MaxPooling2D(),
                layers.Conv2D(5, 3, activation="relu"),
                layers.Flatten(),
                layers.Dense(3, activation="softmax"),
            ]
        )
        network.save(folder / f"{name}.keras")
    return folder


def drawn(path: Path, size: int, *, colour: bool = False, seed: int = 0) -> None:
    """Put a picture of noise into a file."""
    random = np.random.default_rng(seed)
    shape = (size, size, 3) if colour else (size, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8)).save(path)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of pictures: class folders of grey ones, loose ones of the wrong size, and none at all."""
    folder = tmp_path_factory.mktemp("pictures")
    for kind in ("cat", "dog", "<b>cow & co"):
        for number in range(4):
            drawn(folder / "kinds" / kind / f"{number}.png", 12, seed=number + len(kind))
    drawn(folder / "large" / "one.png", 40)
    (folder / "none").mkdir()
    (folder / "none" / "note.txt").write_text("no picture", encoding="utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "one.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return folder


BAD_INPUTS: dict[str, tuple[int, list[str]]] = {
    "no such network": (3, ["none.keras"]),
    "network with a hostile name": (3, ["a\nb\x1b[2J.keras"]),
    "network that is a folder": (3, ["{pictures}/none"]),
    "network that is text": (3, ["{pictures}/none/note.txt"]),
    "network that is broken": (3, ["broken.keras"]),
    "no such pictures": (2, ["{models}/grey.keras", "--images", "none"]),
    "pictures that are none": (2, ["{models}/grey.keras", "--images", "{pictures}/none"]),
    "pictures that are broken": (2, ["{models}/grey.keras", "--images", "{pictures}/broken"]),
    "too few class names": (2, ["{models}/grey.keras", "--classes", "a,b"]),
    "class name twice": (2, ["{models}/grey.keras", "--classes", "a,b,a"]),
    "record of another network": (2, ["{models}/grey.keras", "--record", str(ASSETS / "record.npz")]),
    "no such record": (2, ["{models}/grey.keras", "--record", "none.npz"]),
}


@pytest.mark.slow
@pytest.mark.parametrize(("exit_code", "arguments"), BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_a_bad_input_is_one_line(
    place: Path, models: Path, pictures: Path, exit_code: int, arguments: list[str]
) -> None:
    """What is wrong with the network or the pictures is one line, and there is no site."""
    (place / "broken.keras").write_bytes(b"PK\x03\x04 and no more")
    before = beside(place)
    filled = [each.format(models=models, pictures=pictures) for each in arguments]
    assert_one_line(run_program("build", *filled, folder=place), exit_code)
    assert beside(place) == before


# --- bad outputs ---


def foreign_file(folder: Path) -> None:
    """A folder that holds somebody's file."""
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")


def foreign_manifest(folder: Path) -> None:
    """A folder whose manifest is not of this program."""
    folder.mkdir()
    (folder / MANIFEST).write_text("{}", encoding="utf-8")


def git_root(folder: Path) -> None:
    """A folder under version control."""
    (folder / ".git").mkdir(parents=True)


@pytest.mark.parametrize("make", [foreign_file, foreign_manifest, git_root])
def test_a_foreign_folder_is_refused(place: Path, make: Callable[[Path], None]) -> None:
    """What is not ours stays as it was."""
    make(place / "site")
    before = tree(place)
    assert "site" in assert_one_line(CliRunner().invoke(main, ["build"]), 4)
    assert tree(place) == before


def test_an_output_that_holds_the_network_is_refused(place: Path) -> None:
    """The input is not built over."""
    (place / "site").mkdir()
    (place / "site" / "my.keras").write_bytes(b"a network")
    assert_one_line(CliRunner().invoke(main, ["build", "site/my.keras"]), 4)
    assert (place / "site" / "my.keras").read_bytes() == b"a network"


class FullDisk:
    """Lets a few new files be written, and then no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.open = Path.open

    def __call__(self, path: Path, mode: str = "r", *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as Path.open
        """Open a file; a new one only while there is room."""
        if "x" in mode:
            self.room -= 1
            if self.room < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return self.open(path, mode, *arguments, **more)


def test_a_full_disk_is_one_line(
    place: Path, quick: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old site stands untouched, and what was begun beside it is gone."""
    assert quick("--title", "old").exit_code == 0
    before, names = tree(place / "site"), beside(place)
    disk = FullDisk(room=5)
    monkeypatch.setattr(Path, "open", partialmethod(disk))
    assert "disk is full" in assert_one_line(quick("--title", "new"), 5)
    assert disk.room < 0
    assert (tree(place / "site"), beside(place)) == (before, names)


def test_a_folder_without_permission_is_one_line(place: Path) -> None:
    """A file where the folder should be is said to be in the way."""
    (place / "file").write_text("mine", encoding="utf-8")
    line = assert_one_line(CliRunner().invoke(main, ["build", "--out", "file/site"]), 4)
    assert "file" in line


def test_two_builds_at_once_are_refused(place: Path) -> None:
    """The second of two builds of one folder is told to wait."""
    with output_lock(place / "site"):
        assert_one_line(CliRunner().invoke(main, ["build"]), 75)
    assert beside(place) == set()


# --- Ctrl-C ---


def interrupted(*_: object, **__: object) -> bytes:
    """Stand for a step in which Ctrl-C is pressed."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "name"),
    [(reportgen.figures, "draw"), (reportgen.build, "_check"), (reportgen.site, "_put_in_place")],
    ids=["while drawing", "while checking", "while publishing"],
)
def test_a_stopped_build_leaves_the_old_site(
    place: Path, quick: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    """Whenever Ctrl-C is pressed, the old site stands and nothing is left beside it."""
    assert quick("--title", "old").exit_code == 0
    before, names = tree(place / "site"), beside(place)
    monkeypatch.setattr(module, name, interrupted)
    assert_one_line(quick("--title", "new", "--no-cache"), 130)
    assert (tree(place / "site"), beside(place)) == (before, names)


def waited_for(found: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is there."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def no_process_left(group: int) -> bool:
    """Whether every process of a group has ended."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def started(place: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start the command in a group of processes of its own, as a terminal does; none outlives the test."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path, **environment: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", AS_FROM_A_TERMINAL, *map(str, arguments)]
        pipe, environment = subprocess.PIPE, {**os.environ, **environment}
        child = subprocess.Popen(
            command, cwd=place, env=environment, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        running.append(child)
        return child

    yield start
    for child in running:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("to_all", [True, False], ids=["from a terminal", "to the program alone"])
def test_stopping_while_keras_runs(
    place: Path, default_site: BuiltSite, started: Callable[..., "subprocess.Popen[str]"], *, to_all: bool
) -> None:
    """The old site stands, no process lives on, and nothing is left beside it or in the temporary folder."""
    shutil.copytree(default_site.folder, place / "site")
    before, temporary = tree(place / "site"), place.parent / "temporary"
    temporary.mkdir()
    child = started("build", "--no-cache", "--title", "new", TMPDIR=str(temporary))
    waited_for(lambda: list(temporary.glob("reportgen-*/log.txt")))
    (os.killpg if to_all else os.kill)(child.pid, signal.SIGINT)
    out, said = child.communicate(timeout=60)
    assert_one_line(subprocess.CompletedProcess([], child.returncode, out, said), 130)
    waited_for(lambda: no_process_left(child.pid), 5)
    assert tree(place / "site") == before
    assert beside(place) == {"site"}
    assert list(temporary.glob("reportgen-*/*")) == []


# --- a network of one's own ---


def checked_site(folder: Path) -> dict[str, bytes]:
    """The files of a site in which every link leads somewhere."""
    files = tree(folder)
    assert "index.html" in files
    assert check_links(files) == ()
    return files


@pytest.mark.slow
def test_a_grey_network_with_class_folders(place: Path, models: Path, pictures: Path) -> None:
    """Pictures in class folders bring labels and the names of the classes, from wherever one stands."""
    inputs = [os.path.relpath(each, place) for each in (models / "grey.keras", pictures / "kinds")]
    ended = run_program("build", inputs[0], "--images", inputs[1], "--scale", "0..1", folder=place)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    files = checked_site(place / "site")
    assert b"&lt;b&gt;cow &amp; co" in files["model.html"]
    assert not any(b"<b>cow" in data for path, data in files.items() if path.endswith(".html"))


@pytest.mark.slow
def test_a_colour_network_without_pictures(place: Path, models: Path) -> None:
    """Weights and filters alone make a site; the network may lie elsewhere, and need no name of a class."""
    ended = run_program("build", models / "colour.keras", "--out", place / "deep" / "site", folder=models)
    assert ended.returncode == 0, ended.stderr
    assert any(path.endswith("kernels.png") for path in checked_site(place / "deep" / "site"))


@pytest.mark.slow
def test_a_colour_network_with_loose_pictures(place: Path, models: Path) -> None:
    """Pictures without labels, grey ones among them, make a site with their maps."""
    for number in range(3):
        drawn(place / "mine" / f"photo {number}.png", 10, colour=number > 0, seed=number)
    settings = 'images = "mine"\nclasses = ["one", "two", "three"]\ntitle = "Mine"\n'
    (place / "reportgen.toml").write_text(settings, encoding="utf-8")
    ended = run_program("build", models / "colour.keras", folder=place)
    assert ended.returncode == 0, ended.stderr
    files = checked_site(place / "site")
    assert {f"pictures/photo-{number}.html" for number in range(3)} <= files.keys()


def test_a_weak_guess_is_a_warning_and_stands_on_the_page(
    place: Path, quick: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to look for it; who knows the scale is asked nothing."""
    ended = quick("--scale", "0..1", "--classes", "a,b,c")
    assert (ended.exit_code, ended.stderr) == (0, "")
    guessed = replace(small_snapshot(), scale_origin="nothing")
    monkeypatch.setattr(reportgen.build, "observe", lambda *_: to_bytes(guessed))
    ended = quick("--fit", "pad")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("reportgen: warning: nothing in the network tells how it wants its pixels.")
    for page in ("about", "model"):
        assert "Brightness from 0 to 255 is divided down to 0 to 1, a weak guess" in (
            place / f"site/{page}.html"
        ).read_text(encoding="utf-8")


# --- the other commands ---


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["--version"]])
def test_asking_for_help_imports_nothing_heavy(place: Path, arguments: list[str]) -> None:
    """Help comes at once: neither Keras nor TensorFlow, matplotlib or NumPy is imported for it."""
    command = [sys.executable, "-X", "importtime", "-m", "reportgen", *arguments]
    ended = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().split(".")[0] for line in ended.stderr.splitlines()}
    assert "reportgen" in imported
    assert imported & {"keras", "tensorflow", "matplotlib", "numpy"} == set()


@pytest.mark.slow
def test_serving_a_site(default_site: BuiltSite, started: Callable[..., "subprocess.Popen[str]"]) -> None:
    """The address that is printed shows the site, until Ctrl-C."""
    child = started("serve", "--out", default_site.folder, "--port", "0")
    assert child.stdout is not None
    address = child.stdout.readline().split()[0]
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server, by the address that it printed
        assert answer.read() == (default_site.folder / "index.html").read_bytes()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in said


def test_serving_nothing_is_one_line(place: Path) -> None:
    """Without a site there is a sentence on how to make one."""
    assert place.is_dir()
    assert "reportgen build" in assert_one_line(CliRunner().invoke(main, ["serve"]), 2)


def test_clean_removes_the_site_and_the_cache(place: Path, quick: Callable[..., Result]) -> None:
    """What was built is gone, down to the folder."""
    assert quick().exit_code == 0
    files = len(tree(place / "site")) - 1
    ended = CliRunner().invoke(main, ["clean"])
    assert ended.exit_code == 0
    assert ended.stdout.startswith(f"{files} files")
    assert beside(place) == {"small.keras"}
    assert [path for path in tree(place.parent / "cache") if "lock" not in path] == []


def test_clean_leaves_what_is_not_ours(place: Path, quick: Callable[..., Result]) -> None:
    """Files that somebody put into the site stay, and so do links and what they lead to."""
    (place / "site").mkdir()
    (place / "site" / ".gitignore").write_text("*", encoding="utf-8")
    assert quick().exit_code == 0
    (place / "site" / "layers" / "note.txt").write_text("mine", encoding="utf-8")
    (place / "mine").mkdir()
    shutil.move(place / "site" / "data", place / "mine" / "data")
    (place / "site" / "data").symlink_to(place / "mine" / "data", target_is_directory=True)
    kept = tree(place / "mine")
    assert CliRunner().invoke(main, ["clean"]).exit_code == 0
    assert tree(place / "mine") == kept
    assert beside(place / "site") == {".gitignore", "data", "layers"}
    assert beside(place / "site" / "layers") == {"note.txt"}


def test_clean_refuses_a_foreign_folder(place: Path) -> None:
    """A folder without our manifest is left alone."""
    foreign_file(place / "site")
    before = tree(place)
    assert_one_line(CliRunner().invoke(main, ["clean"]), 4)
    assert tree(place) == before


@pytest.mark.parametrize("exists", [True, False])
def test_clean_where_nothing_is(place: Path, *, exists: bool) -> None:
    """A clone that was never built has nothing to lose."""
    if exists:
        (place / "site").mkdir()
        (place / "site" / ".gitignore").write_text("*", encoding="utf-8")
    before = tree(place)
    ended = CliRunner().invoke(main, ["clean"])
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert tree(place) == before
