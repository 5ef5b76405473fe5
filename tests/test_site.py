import errno
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reportgen.site
from reportgen.errors import BusyError, OutputRefusedError, OutputWriteError
from reportgen.site import (
    MANIFEST,
    Published,
    is_current,
    output_lock,
    publish,
    published_paths,
    refuse_foreign_output,
    remove_stale_stagings,
)

OLD = {"index.html": b"old story", "layers/one.html": b"one", "layers/two.html": b"two", "a/b/c.png": b"picture"}
NEW = {"index.html": b"new story", "layers/one.html": b"one", "data/report.json": b"{}", "b/d.png": b"drawing"}
FOREIGN = {".gitignore": b"*", "layers/note.txt": b"mine", "own/deep/file": b"mine too"}
WAYS = ["swap", "two renames", "copy aside"]
WRITES = {
    "os.mkdir",
    "os.rename",
    "os.link",
    "os.symlink",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "os.chown",
    "os.utime",
    "tempfile.mkdtemp",
}


@dataclass
class Disk:
    """Counts what a piece of code asks of the disk to write, and lets one of these wishes fail."""

    watched: bool = False
    writes: int = 0
    failing: int = 0
    failure: BaseException | None = None

    def see(self, event: str, arguments: tuple[object, ...]) -> None:
        """Hear of everything that Python asks of the system."""
        if self.watched and (event in WRITES or (event == "open" and is_for_writing(*arguments))):
            self.writes += 1
            if self.writes == self.failing and self.failure is not None:
                raise self.failure


def is_for_writing(_: object, mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wxa+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


DISK = Disk()
sys.addaudithook(DISK.see)


@contextmanager
def writes_counted(failing: int = 0, failure: BaseException | None = None) -> Iterator[Disk]:
    DISK.writes, DISK.failing, DISK.failure, DISK.watched = 0, failing, failure, True
    try:
        yield DISK
    finally:
        DISK.watched = False


@pytest.fixture(autouse=True)
def _own_lock_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("locks")))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "place" / "site"


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Publish in each of the ways that file systems allow."""
    way = str(request.param)
    if way != "swap":
        monkeypatch.setattr(reportgen.site, "_exchanged", lambda *_: False)
    if way == "copy aside":
        monkeypatch.setattr(Path, "rename", rename_in_layers)
    return way


def rename_in_layers(self: Path, target: Path) -> None:
    """Rename as a container's file system does, which refuses a folder that came with the image."""
    if self.name == "site" and self.is_dir():
        raise OSError(errno.EXDEV, "Invalid cross-device link")
    os.rename(self, target)  # noqa: PTH104 - Path.rename is what is replaced here


def tree_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, links by what they say, empty folders by a slash."""
    tree = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            tree[name] = os.fsencode(path.readlink())
        elif path.is_file():
            tree[name] = path.read_bytes()
        elif not any(path.iterdir()):
            tree[f"{name}/"] = b""
    return tree


def contents_of(output: Path) -> dict[str, bytes]:
    """Return what is in an output, without its manifest."""
    return {path: data for path, data in tree_of(output).items() if path != MANIFEST}


def put(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def times_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_ino) for path in (folder, *folder.rglob("*"))}


def reason_of_refusal(output: Path, *inputs: Path) -> str:
    before = tree_of(output.parent)
    with pytest.raises(OutputRefusedError) as caught:
        refuse_foreign_output(output, inputs)
    assert tree_of(output.parent) == before
    assert str(output) in str(caught.value)
    return str(caught.value)


# --- publishing ---


def test_a_site_is_published_where_nothing_was(output: Path, tmp_path: Path) -> None:
    """The folders above are made, and nothing but the site and its manifest is left."""
    assert publish(OLD, output, "inputs") == Published(written=4, unchanged=0, removed=0)
    assert contents_of(output) == OLD
    assert set(tree_of(tmp_path)) == {f"place/site/{path}" for path in (*OLD, MANIFEST)}


def test_the_manifest_lists_every_file_with_its_digest(output: Path) -> None:
    """Anyone can check the site against it."""
    publish(OLD, output, "inputs")
    facts = json.loads((output / MANIFEST).read_bytes())
    files = {path: sha256(data).hexdigest() for path, data in OLD.items()}
    assert facts == {"format": 1, "inputs": "inputs", "files": files}
    assert published_paths(output) == tuple(sorted(OLD))


def test_the_manifest_does_not_depend_on_the_order_of_the_files(output: Path, tmp_path: Path) -> None:
    """The same site has the same manifest, byte for byte."""
    publish(OLD, output, "inputs")
    publish(dict(reversed(OLD.items())), tmp_path / "other", "inputs")
    assert (output / MANIFEST).read_bytes() == (tmp_path / "other" / MANIFEST).read_bytes()


@pytest.mark.usefixtures("way")
def test_a_new_site_takes_the_place_of_the_old(output: Path) -> None:
    """Files come, change and go, and folders that became empty go with them."""
    publish(OLD, output, "old")
    assert publish(NEW, output, "new") == Published(written=3, unchanged=1, removed=2)
    assert contents_of(output) == NEW
    assert [path.name for path in output.parent.iterdir()] == ["site"]


@pytest.mark.usefixtures("way")
def test_foreign_files_stay(output: Path) -> None:
    """What the manifest does not list, links and empty folders among it, is kept as it is."""
    publish(OLD, output, "old")
    put(output, FOREIGN)
    (output / "link").symlink_to("../nowhere")
    (output / "shelf").mkdir()
    publish(NEW, output, "new")
    assert contents_of(output) == {**NEW, **FOREIGN, "link": b"../nowhere", "shelf/": b""}


def test_foreign_files_keep_their_times_and_modes(output: Path) -> None:
    """A kept file or folder cannot be told from one that was left alone."""
    publish(OLD, output, "old")
    put(output, FOREIGN)
    for path in ("own/deep/file", "own/deep", "own"):
        (output / path).chmod(0o700)
        os.utime(output / path, (1000, 1000))
    publish(NEW, output, "new")
    for path in ("own/deep/file", "own/deep", "own"):
        facts = (output / path).stat()
        assert (facts.st_mtime, facts.st_mode & 0o777) == (1000, 0o700)


def test_a_folder_with_gitignore_alone_is_taken_and_the_file_kept(output: Path) -> None:
    """A clone of the project has such a folder for its site."""
    put(output, {".gitignore": b"*"})
    publish(OLD, output, "inputs")
    assert contents_of(output) == {**OLD, ".gitignore": b"*"}


def test_the_folder_keeps_its_mode(output: Path) -> None:
    """A folder that only its owner may read stays so; a new one is open as the system says."""
    publish(OLD, output, "old")
    fresh = output.stat().st_mode & 0o777
    (output.parent / "fresh").mkdir()
    assert fresh == (output.parent / "fresh").stat().st_mode & 0o777
    output.chmod(0o750)
    publish(NEW, output, "new")
    assert output.stat().st_mode & 0o777 == 0o750


def test_nothing_is_written_where_nothing_changed(output: Path) -> None:
    """A second build of the same site asks nothing of the disk but to read."""
    publish(OLD, output, "inputs")
    before = times_of(output)
    with writes_counted() as disk:
        assert publish(OLD, output, "inputs") == Published(written=0, unchanged=4, removed=0)
    assert disk.writes == 0
    assert times_of(output) == before


def test_unchanged_files_keep_their_time(output: Path) -> None:
    """Only what changed looks changed to whoever copies the site elsewhere."""
    publish(OLD, output, "old")
    for path in OLD:
        os.utime(output / path, (1000, 1000))
    publish(NEW, output, "new")
    assert (output / "layers/one.html").stat().st_mtime == 1000
    assert (output / "index.html").stat().st_mtime != 1000


def test_other_inputs_with_the_same_site_are_noted(output: Path) -> None:
    """Where only the inputs changed, only the manifest is written anew."""
    publish(OLD, output, "old")
    before = times_of(output / "layers")
    assert publish(OLD, output, "new") == Published(written=0, unchanged=4, removed=0)
    assert is_current(output, "new")
    assert {path: times_of(output / "layers")[path][0] for path in before if path.endswith("html")} == {
        path: times[0] for path, times in before.items() if path.endswith("html")
    }


@pytest.mark.parametrize("damage", ["changed", "removed", "link", "folder"])
def test_a_damaged_file_is_mended(output: Path, damage: str) -> None:
    """What is really on the disk counts, not what the manifest says."""
    publish(OLD, output, "inputs")
    page = output / "index.html"
    page.unlink()
    if damage == "changed":
        page.write_bytes(b"OLD STORY")
    elif damage == "link":
        page.symlink_to("layers/one.html")
    elif damage == "folder":
        page.mkdir()
        page.rmdir()
    assert publish(OLD, output, "inputs") == Published(written=1, unchanged=3, removed=0)
    assert contents_of(output) == OLD


def test_an_older_tree_that_shares_files_is_not_changed(output: Path, tmp_path: Path) -> None:
    """A backup made of hard links keeps what it was made of."""
    publish(OLD, output, "old")
    backup = tmp_path / "backup"
    for path in OLD:
        (backup / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(output / path, backup / path)
    publish(NEW, output, "new")
    publish(dict.fromkeys(OLD, b"newer"), output, "newer")
    assert tree_of(backup) == OLD


def test_a_read_only_site_is_replaced(output: Path) -> None:
    """Files that nobody may write, the manifest among them, are replaced and not written into."""
    publish(OLD, output, "old")
    for path in (*OLD, MANIFEST):
        (output / path).chmod(0o444)
    (output / "layers").chmod(0o555)
    publish(NEW, output, "new")
    assert contents_of(output) == NEW
    assert [path.name for path in output.parent.iterdir()] == ["site"]


@pytest.fixture
def _no_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unknown)


@pytest.mark.usefixtures("_no_hard_links")
def test_without_hard_links_files_are_copied(output: Path) -> None:
    """On a file system that knows no hard links the result is the same, times included."""
    publish(OLD, output, "old")
    put(output, FOREIGN)
    (output / "link").symlink_to("../nowhere")
    os.utime(output / "layers/one.html", (1000, 1000))
    publish(NEW, output, "new")
    assert contents_of(output) == {**NEW, **FOREIGN, "link": b"../nowhere"}
    assert (output / "layers/one.html").stat().st_mtime == 1000


@pytest.mark.usefixtures("way")
def test_a_file_that_arrives_while_building_is_kept(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note written into the old site a moment before it is replaced is in the new one."""
    publish(OLD, output, "old")
    put(output, {"note.txt": b"first"})
    finish = reportgen.site._put_in_place

    def interfere(staging: Path, place: Path, ours: frozenset[str]) -> None:
        (place / "note.txt").unlink()
        put(place, {"note.txt": b"second", "late/other.txt": b"late"})
        finish(staging, place, ours)

    monkeypatch.setattr(reportgen.site, "_put_in_place", interfere)
    publish(NEW, output, "new")
    assert contents_of(output) == {**NEW, "note.txt": b"second", "late/other.txt": b"late"}


@pytest.mark.parametrize(
    "foreign",
    [{"data/report.json": b"mine"}, {"b": b"mine"}, {"data/report.json/inner": b"mine"}],
    ids=["a file", "a file where a folder must be", "a folder where a file must be"],
)
def test_a_foreign_file_in_the_way_is_not_overwritten(output: Path, foreign: dict[str, bytes]) -> None:
    """Where the site would need a place that is taken, the build is refused and all stays."""
    publish(OLD, output, "old")
    put(output, foreign)
    before = tree_of(output.parent)
    with pytest.raises(OutputRefusedError, match="is in the way of the site"):
        publish(NEW, output, "new")
    assert tree_of(output.parent) == before


@pytest.mark.usefixtures("_no_hard_links")
def test_without_hard_links_a_foreign_file_in_the_way_is_not_overwritten(output: Path) -> None:
    """A copy does not stop at a file that is there, so it is asked for first."""
    publish(OLD, output, "old")
    put(output, {"data/report.json": b"mine"})
    with pytest.raises(OutputRefusedError, match="is in the way of the site"):
        publish(NEW, output, "new")
    assert contents_of(output) == {**OLD, "data/report.json": b"mine"}


def test_nothing_is_written_through_a_foreign_link(output: Path, tmp_path: Path) -> None:
    """A link to a folder elsewhere, in the place of one of ours, is never followed."""
    publish({"index.html": b"old story"}, output, "old")
    put(tmp_path / "elsewhere", {"report.json": b"{}", "other": b"mine"})
    (output / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputRefusedError, match="is in the way of the site"):
        publish(NEW, output, "new")
    assert tree_of(tmp_path / "elsewhere") == {"report.json": b"{}", "other": b"mine"}


@pytest.mark.usefixtures("way")
def test_what_is_behind_a_foreign_link_is_not_touched(output: Path, tmp_path: Path) -> None:
    """Neither the contents nor the mode of a folder elsewhere change when the link to it is kept."""
    publish(OLD, output, "old")
    put(tmp_path / "elsewhere", {"file": b"mine"})
    (output / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o555)
    publish(NEW, output, "new")
    assert tree_of(tmp_path / "elsewhere") == {"file": b"mine"}
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o555


def test_swapping_exchanges_two_folders_or_leaves_both(tmp_path: Path) -> None:
    """Where the system can swap, both change places at once; where it cannot, nothing has happened."""
    put(tmp_path, {"one/file": b"one", "other/file": b"other"})
    swapped = reportgen.site._exchanged(tmp_path / "one", tmp_path / "other")
    contents = (tmp_path / "one/file").read_bytes(), (tmp_path / "other/file").read_bytes()
    assert contents == ((b"other", b"one") if swapped else (b"one", b"other"))
    assert not reportgen.site._exchanged(tmp_path / "one", tmp_path / "missing")
    assert (tmp_path / "one/file").read_bytes() == contents[0]


def test_a_foreign_file_that_is_the_same_is_no_obstacle(output: Path) -> None:
    """Where nothing would be lost, nothing is refused."""
    publish(OLD, output, "old")
    put(output, {"data/report.json": NEW["data/report.json"]})
    publish(NEW, output, "new")
    assert contents_of(output) == NEW


def test_a_mounted_disk_inside_is_refused(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is mounted inside the old site would be emptied with it."""
    publish(OLD, output, "old")
    put(output, FOREIGN)
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path).name == "own")
    with pytest.raises(OutputRefusedError, match="a disk is mounted there"):
        publish(NEW, output, "new")
    assert contents_of(output) == {**OLD, **FOREIGN}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/index.html",
        "../index.html",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "층.html",
        "a b",
        "a\n",
        "a\\b",
        MANIFEST,
        ".git/config",
        "a" * 121,
        "/".join("a" * 99 for _ in range(3)),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(output: Path, path: str) -> None:
    """The names of a site's files are our own; any other is a mistake of the program."""
    with pytest.raises(ValueError, match="not a path"):
        publish({path: b""}, output, "inputs")
    assert not output.parent.exists()


@pytest.mark.parametrize("paths", [("a.html", "A.html"), ("a/x", "A/y"), ("a", "a/b")])
def test_paths_that_some_disks_cannot_keep_apart_are_refused(output: Path, paths: tuple[str, str]) -> None:
    """Names that differ only in case, or a name for both a file and a folder, cannot be written everywhere."""
    with pytest.raises(ValueError, match=r"only in case|both a file and a folder"):
        publish(dict.fromkeys(paths, b""), output, "inputs")


SITES = st.dictionaries(
    st.sampled_from(["index.html", "a/one", "a/two", "a/b/three", "c/four"]), st.sampled_from([b"", b"1", b"22"])
)
OTHERS = st.dictionaries(
    st.sampled_from([".gitignore", "a/mine", "c/mine", "own/mine", "note"]), st.sampled_from([b"x", b"y"])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SITES, OTHERS, st.sampled_from(["one", "two"])), min_size=1, max_size=5))
def test_any_sequence_of_builds_leaves_the_last_site_and_every_foreign_file(
    builds: list[tuple[dict[str, bytes], dict[str, bytes], str]],
) -> None:
    """Whatever was built before, the folder holds the last site, what was never ours, and nothing more."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "site"
        foreign: dict[str, bytes] = {}
        for files, others, inputs in builds:
            publish(files, output, inputs)
            assert contents_of(output) == {**files, **foreign}
            assert is_current(output, inputs)
            put(output, others)
            foreign.update(others)
        assert [path.name for path in Path(folder).iterdir()] == ["site"]


# --- failures ---


def old_site_in(output: Path) -> dict[str, bytes]:
    publish(OLD, output, "old")
    put(output, FOREIGN)
    return tree_of(output)


def new_site_in(output: Path) -> dict[str, bytes]:
    publish(OLD, output, "old")
    put(output, FOREIGN)
    publish(NEW, output, "new")
    return tree_of(output)


def error_of_publishing(output: Path) -> OutputWriteError | None:
    try:
        publish(NEW, output, "new")
    except OutputWriteError as error:
        return error
    return None


@pytest.mark.usefixtures("way")
def test_a_disk_that_fails_at_any_moment_leaves_the_old_site_or_the_new(tmp_path: Path) -> None:
    """The disk is full at each single thing that is written: an error leaves the old site, byte for byte."""
    new, failing, failed = new_site_in(tmp_path / "whole" / "site"), 0, 0
    while True:
        failing += 1
        output = tmp_path / str(failing) / "site"
        old = old_site_in(output)
        with writes_counted(failing, OSError(errno.ENOSPC, "No space left on device")) as disk:
            error = error_of_publishing(output)
        if disk.writes < failing:
            break
        failed += error is not None
        assert tree_of(output) == (new if error is None else old)
        assert error is None or str(error).startswith(f"{output}: could not be written: the disk is full.")
        remove_stale_stagings(output)
        assert [path.name for path in output.parent.iterdir()] == ["site"]
    assert failed >= 10


@pytest.mark.usefixtures("way")
def test_an_interruption_at_any_moment_leaves_the_old_site_or_the_new(tmp_path: Path) -> None:
    """Ctrl-C is heard at each single thing that is written: a reader finds one whole site."""
    new, failing = new_site_in(tmp_path / "whole" / "site"), 0
    while True:
        failing += 1
        output = tmp_path / str(failing) / "site"
        old = old_site_in(output)
        with writes_counted(failing, KeyboardInterrupt()) as disk, suppress(KeyboardInterrupt):
            publish(NEW, output, "new")
        if disk.writes < failing:
            break
        remove_stale_stagings(output)
        assert tree_of(output) in (old, new)
        assert [path.name for path in output.parent.iterdir()] == ["site"]


KILLED = """
import os, sys
from pathlib import Path
import reportgen.site
from tests import test_site
way, folder = sys.argv[1], Path(sys.argv[2])
if way != "swap":
    reportgen.site._exchanged = lambda *_: False
if way == "copy aside":
    Path.rename = test_site.rename_in_layers
for failing in range(1, 1000):
    output = folder / str(failing) / "site"
    test_site.old_site_in(output)
    child = os.fork()
    if not child:
        sys.addaudithook(lambda *_: test_site.DISK.writes == failing and os._exit(9))
        with test_site.writes_counted():
            reportgen.site.publish(test_site.NEW, output, "new")
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


def fail_to_clear_away(output: Path) -> None:
    """Let several next builds die too, each a step later, while they put right what the first one left."""
    for failing in range(1, 9):
        with writes_counted(failing, KeyboardInterrupt()), suppress(KeyboardInterrupt):
            remove_stale_stagings(output)


@pytest.mark.parametrize("way", WAYS)
def test_a_build_killed_at_any_moment_is_cleared_away_by_the_next(tmp_path: Path, way: str) -> None:
    """Killed before each single thing that is written, a build leaves what the next one can put right."""
    command = [sys.executable, "-c", KILLED, way, str(tmp_path / "killed")]
    root = str(Path(__file__).parent.parent)
    subprocess.run(command, check=True, cwd=root, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    old, new = old_site_in(tmp_path / "old" / "site"), new_site_in(tmp_path / "new" / "site")
    outputs = [folder / "site" for folder in (tmp_path / "killed").iterdir()]
    assert len(outputs) > 20
    for output in outputs:
        fail_to_clear_away(output)
        with output_lock(output):
            assert tree_of(output) in (old, new)
        assert [path.name for path in output.parent.iterdir()] == ["site"]
        publish(NEW, output, "new")
        assert tree_of(output) == new


def test_a_write_that_stops_in_the_middle_leaves_the_old_site(output: Path) -> None:
    """A file that is cut off by the system itself never reaches the reader."""
    old = old_site_in(output)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(OutputWriteError, match="could not be written"):
            publish({**NEW, "large.png": bytes(100_000)}, output, "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert tree_of(output) == old
    assert [path.name for path in output.parent.iterdir()] == ["site"]


def test_folders_made_for_a_site_that_failed_are_removed(output: Path, tmp_path: Path) -> None:
    """Where nothing was published, nothing is left, not even the folders above."""
    with (
        writes_counted(failing=5, failure=OSError(errno.EDQUOT, "Disk quota exceeded")),
        pytest.raises(OutputWriteError, match="the disk is full"),
    ):
        publish(OLD, output, "inputs")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, "no permission to write there. Give another --out, where you may write."),
        (errno.EROFS, "the disk is read-only. Give another --out."),
        (errno.EIO, "Input/output error. Give another --out."),
    ],
)
def test_a_failure_says_why_and_what_to_do(output: Path, number: int, sentence: str) -> None:
    """The reason of the system becomes one line."""
    with (
        writes_counted(failing=1, failure=OSError(number, os.strerror(number))),
        pytest.raises(OutputWriteError) as caught,
    ):
        publish(OLD, output, "inputs")
    assert str(caught.value) == f"{output}: could not be written: {sentence}"


@pytest.mark.parametrize(
    "name", [".site-building-photos", ".site-building-abcdefgh", ".site-building-x-building-y"]
)
def test_a_folder_that_only_looks_like_a_staging_is_left_alone(output: Path, name: str) -> None:
    """Without our mark for this very output, a folder beside it is somebody else's."""
    photos = output.parent / name
    contents = {"tree/photo.png": b"mine", "staging-of": b"another"}
    put(photos, contents)
    with output_lock(output):
        publish(OLD, output, "inputs")
    assert tree_of(photos) == contents


# --- what is current ---


def test_a_site_is_current_for_its_own_inputs_only(output: Path) -> None:
    """The same folder is stale for other inputs."""
    publish(OLD, output, "inputs")
    assert is_current(output, "inputs")
    assert not is_current(output, "others")


@pytest.mark.parametrize("path", [*OLD, MANIFEST])
@pytest.mark.parametrize("data", [b"changed", None])
def test_a_site_with_damage_is_not_current(output: Path, path: str, data: bytes | None) -> None:
    """Any file of ours that is missing or different makes a build necessary."""
    publish(OLD, output, "inputs")
    (output / path).unlink()
    if data is not None:
        (output / path).write_bytes(data)
    assert not is_current(output, "inputs")


def test_a_site_with_foreign_files_is_current(output: Path) -> None:
    """What is not ours does not matter."""
    publish(OLD, output, "inputs")
    put(output, FOREIGN)
    assert is_current(output, "inputs")


def test_nothing_is_current_where_nothing_is(output: Path) -> None:
    """A folder that does not exist has no site and no paths."""
    assert not is_current(output, "inputs")
    assert published_paths(output) == ()


# --- what is refused ---


@pytest.mark.parametrize("make", ["missing", "empty", "gitignore", "ours"])
def test_a_folder_that_is_ours_to_write_is_accepted(output: Path, make: str) -> None:
    """A new folder, an empty one, one with .gitignore alone, and one of our own."""
    if make != "missing":
        output.mkdir(parents=True)
    if make == "gitignore":
        put(output, {".gitignore": b"*"})
    elif make == "ours":
        publish(OLD, output, "inputs")
    refuse_foreign_output(output, (output.parent / "model.keras",))


def test_a_file_is_refused(output: Path) -> None:
    """An output is a folder."""
    put(output.parent, {"site": b"a file"})
    assert "is not a folder" in reason_of_refusal(output)


def test_a_folder_inside_a_file_is_refused(output: Path) -> None:
    """There is no place below a file."""
    put(output.parent, {"file": b""})
    assert "which is not a folder" in reason_of_refusal(output.parent / "file" / "site")


def test_a_folder_of_others_is_refused(output: Path) -> None:
    """A folder with files and no manifest is somebody's work."""
    put(output, {".gitignore": b"*", "thesis.tex": b"mine"})
    assert "is not empty and was not made by this program" in reason_of_refusal(output)


def test_publishing_refuses_a_folder_of_others_too(output: Path) -> None:
    """Nobody has to remember to ask first."""
    put(output, {"thesis.tex": b"mine"})
    with pytest.raises(OutputRefusedError):
        publish(OLD, output, "inputs")
    assert tree_of(output) == {"thesis.tex": b"mine"}


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format": 2, "inputs": "", "files": {}}',
        b'{"format": 1, "inputs": 1, "files": {}}',
        b'{"format": 1, "inputs": "", "files": []}',
        b'{"format": 1, "inputs": "", "files": {"index.html": "abc"}}',
        b'{"format": 1, "inputs": "", "files": {"../thesis.tex": "%s"}}' % (b"0" * 64),
    ],
)
def test_a_foreign_manifest_is_refused(output: Path, manifest: bytes) -> None:
    """A manifest that we could not have written proves nothing."""
    put(output, {MANIFEST: manifest})
    assert "broken or not of this program" in reason_of_refusal(output)


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_manifest_that_is_no_file_is_refused(output: Path, kind: str) -> None:
    """A link to a manifest elsewhere does not make a folder ours."""
    publish(OLD, output, "inputs")
    (output / MANIFEST).rename(output.parent / "manifest")
    if kind == "link":
        (output / MANIFEST).symlink_to("../manifest")
    else:
        (output / MANIFEST).mkdir()
    assert "broken or not of this program" in reason_of_refusal(output)


@pytest.mark.parametrize("target", ["real", "nowhere"])
def test_a_link_is_refused(output: Path, target: str) -> None:
    """What is behind a link was not named by the user."""
    publish(OLD, output.parent / "real", "inputs")
    output.symlink_to(target)
    assert "is a symbolic link" in reason_of_refusal(output)
    assert not is_current(output, "inputs")


def test_the_root_is_refused() -> None:
    """The root of the file system is no output."""
    with pytest.raises(OutputRefusedError, match="is the root of the file system"):
        refuse_foreign_output(Path("/"))


@pytest.mark.parametrize("name", ["home/user", "home"])
def test_a_home_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Neither a home folder nor a folder that holds it, even an empty one."""
    (tmp_path / "home" / "user").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "user"))
    assert "is a home folder or holds one" in reason_of_refusal(tmp_path / name)


@pytest.mark.parametrize("given_input", ["model.keras", "pictures/boots", ""])
def test_a_folder_that_holds_an_input_is_refused(output: Path, given_input: str) -> None:
    """Even our own folder is not replaced when the network or the pictures lie in it."""
    publish(OLD, output, "inputs")
    assert "is or holds the input" in reason_of_refusal(output, output / given_input)


def test_an_input_behind_a_link_is_found(output: Path, tmp_path: Path) -> None:
    """A link elsewhere to a picture inside the output is an input inside the output."""
    put(output, {"boot.png": b"picture"})
    (tmp_path / "boot.png").symlink_to(output / "boot.png")
    assert "is or holds the input" in reason_of_refusal(output, tmp_path / "boot.png")


def test_a_folder_that_holds_the_program_is_refused() -> None:
    """The program does not replace itself."""
    with pytest.raises(OutputRefusedError, match="holds the program itself"):
        refuse_foreign_output(Path(reportgen.site.__file__).parent)


@pytest.mark.parametrize("name", [".", "..", "../there"])
def test_the_folder_that_one_is_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whoever stands in a folder that is replaced stands in a folder that is gone."""
    (tmp_path / "above" / "there").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "above" / "there")
    with pytest.raises(OutputRefusedError, match="is or holds the folder that you are in"):
        refuse_foreign_output(Path(name))


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_root_of_a_git_work_tree_is_refused(output: Path, kind: str) -> None:
    """A work tree, or one that points to its repository by a file, keeps its history beside its files."""
    publish(OLD, output, "inputs")
    if kind == "folder":
        (output / ".git").mkdir()
    else:
        (output / ".git").write_text("gitdir: ../elsewhere")
    assert "is the root of a git work tree" in reason_of_refusal(output)


def test_a_mounted_disk_is_refused(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place where a disk is mounted cannot be renamed."""
    output.mkdir(parents=True)
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == output)
    assert "is where a disk is mounted" in reason_of_refusal(output)


# --- one build at a time ---

HOLDING = """
import sys
from pathlib import Path
from reportgen.site import output_lock
with output_lock(Path(sys.argv[1])):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@contextmanager
def another_build_of(output: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock of an output."""
    command = [sys.executable, "-c", HOLDING, str(output)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_build_of_the_same_folder_is_told_to_wait(output: Path) -> None:
    """The folder is held by another process, whatever the way in which its path is spelled."""
    sentence = "another build of this folder is running. Wait for it, or give another --out."
    other_spelling = output.parent.parent / "place" / ".." / "place" / "site"
    with another_build_of(output):
        for path in (output, other_spelling):
            with pytest.raises(BusyError) as caught, output_lock(path):
                pass
            assert str(caught.value) == f"{path}: {sentence}"


def test_builds_of_different_folders_do_not_wait(output: Path) -> None:
    """Each folder has a lock of its own."""
    with another_build_of(output), output_lock(output.with_name("other")):
        pass


def test_a_lock_ends_with_its_build(output: Path) -> None:
    """After one build the next can begin, also after one that failed."""
    with pytest.raises(ZeroDivisionError), output_lock(output):
        raise ZeroDivisionError
    with output_lock(output):
        pass


def test_a_lock_ends_with_its_process(output: Path) -> None:
    """A build that was killed holds nothing."""
    with another_build_of(output) as process:
        process.kill()
        process.wait()
        with output_lock(output):
            pass


def test_a_lock_leaves_nothing_beside_the_output(output: Path, tmp_path: Path) -> None:
    """The lock's file lies elsewhere."""
    with output_lock(output):
        assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_cache_still_has_a_lock(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the user's cache cannot be written, the lock lies with the temporary files."""
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with output_lock(output), pytest.raises(BusyError), output_lock(output):
        pass


def test_without_any_place_for_a_lock_the_build_stops(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two builds of one folder at once are worse than none."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(OutputWriteError, match="no place for a lock"), output_lock(output):
        pass
