import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reportgen.cache
from reportgen.build import inputs_digest
from reportgen.cache import Cache, Part, default_cache_folder, key_of, library_versions, source_digest
from reportgen.config import Config
from reportgen.overriding import NOTHING_OWN

KEY = "0" * 63 + "1"
OTHER_KEY = "0" * 63 + "2"

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=6), st.binary(max_size=6)
)
PARTS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def only_entry(cache: Cache) -> Path:
    assert cache.folder is not None
    (path,) = [path for path in cache.folder.rglob("*") if path.is_file()]
    return path


def entry_of_age(cache: Cache, key: str, seconds: int) -> None:
    cache.write("figures", key, b"x" * 1000)
    assert cache.folder is not None
    os.utime(cache.folder / "figures" / key[:2] / key, (1_000_000 - seconds,) * 2)


@given(st.binary(max_size=300))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Any bytes, none among them, come back as they were."""
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.write("figures", KEY, data)
    assert cache.read("figures", KEY) == data


def test_nothing_is_found_in_an_empty_cache(cache: Cache) -> None:
    """A folder that does not exist yet is a cache without entries."""
    assert cache.read("figures", KEY) is None


def test_a_later_entry_replaces_an_earlier_one(cache: Cache) -> None:
    """Writing the same key twice leaves the second."""
    cache.write("figures", KEY, b"first")
    cache.write("figures", KEY, b"second")
    assert cache.read("figures", KEY) == b"second"


def test_rooms_do_not_share_entries(cache: Cache) -> None:
    """The same key in another room is another entry."""
    cache.write("figures", KEY, b"picture")
    assert cache.read("snapshots", KEY) is None


def test_a_cache_without_a_folder_keeps_nothing() -> None:
    """Caching can be switched off."""
    cache = Cache(None)
    cache.write("figures", KEY, b"data")
    assert cache.read("figures", KEY) is None
    assert cache.prune(0) == 0


@pytest.mark.parametrize("length", [0, 1, 20, 49, 50, 51, 53])
def test_a_truncated_entry_is_a_miss(cache: Cache, length: int) -> None:
    """An entry that lost its end is not read."""
    cache.write("figures", KEY, b"data")
    path = only_entry(cache)
    assert path.stat().st_size > length
    path.write_bytes(path.read_bytes()[:length])
    assert cache.read("figures", KEY) is None


def test_an_entry_with_any_byte_changed_is_a_miss(cache: Cache) -> None:
    """Damage anywhere in an entry is found out."""
    cache.write("figures", KEY, b"data")
    path = only_entry(cache)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.read("figures", KEY) is None


def test_an_entry_moved_to_another_key_is_a_miss(cache: Cache) -> None:
    """A whole entry under a key that is not its own is foreign."""
    cache.write("figures", KEY, b"data")
    path = only_entry(cache)
    path.rename(path.with_name(OTHER_KEY))
    assert cache.read("figures", OTHER_KEY) is None


def test_a_folder_in_place_of_an_entry_is_a_miss(cache: Cache) -> None:
    """What cannot be read is not there."""
    cache.write("figures", KEY, b"data")
    path = only_entry(cache)
    path.unlink()
    path.mkdir()
    assert cache.read("figures", KEY) is None


def test_an_unwritable_cache_is_no_error(tmp_path: Path) -> None:
    """Where a file stands in the way of the cache's folder, the build goes on without a cache."""
    (tmp_path / "cache").write_text("in the way")
    cache = Cache(tmp_path / "cache")
    cache.write("figures", KEY, b"data")
    assert cache.read("figures", KEY) is None


def test_a_full_disk_is_no_error_and_leaves_nothing(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that cannot be put in place leaves no part of it behind."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.write("figures", KEY, b"data")
    assert cache.folder is not None
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("room", "key"), [("..", KEY), ("figures", "../../x"), ("a/b", KEY), ("", KEY)])
def test_entries_lie_inside_the_cache_only(cache: Cache, room: str, key: str) -> None:
    """A room or key that could lead elsewhere is a mistake of the program."""
    with pytest.raises(ValueError, match="not a room"):
        cache.write(room, key, b"data")


def test_pruning_removes_what_was_read_least_recently(cache: Cache) -> None:
    """Of three entries with room for two, the oldest goes, unless it has been read meanwhile."""
    keys = [digit * 64 for digit in "abc"]
    for age, key in zip((300, 200, 100), keys, strict=True):
        entry_of_age(cache, key, age)
    assert cache.read("figures", keys[0]) is not None
    assert cache.prune(2200) == 1
    assert [cache.read("figures", key) is not None for key in keys] == [True, False, True]


def test_pruning_leaves_foreign_files(tmp_path: Path) -> None:
    """A folder given as a cache by mistake loses nothing that is not ours."""
    letter = tmp_path / "figures" / "ab" / "letter.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("dear")
    assert Cache(tmp_path).prune(0) == 0
    assert letter.read_text() == "dear"


@given(st.lists(PARTS, max_size=3), st.lists(PARTS, max_size=3))
def test_different_parts_have_different_keys(one: list[Part], other: list[Part]) -> None:
    """Two lists of parts share a key exactly when their types and values are the same."""
    assert (key_of(*one) == key_of(*other)) == (repr(one) == repr(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("1",), (1,)),
        ((1,), (1.0,)),
        ((1,), (True,)),
        (("a",), (b"a",)),
        ((("a",), "b"), (("a", "b"),)),
        ((None,), ("",)),
        ((), (None,)),
    ],
)
def test_parts_that_look_alike_have_different_keys(one: tuple[Part, ...], other: tuple[Part, ...]) -> None:
    """The type and the length of a part are part of the key."""
    assert key_of(*one) != key_of(*other)


@pytest.mark.parametrize(
    "other",
    [
        np.array([[1.0, 2.0]], np.float32),
        np.array([1.0, 2.0], np.float64),
        np.array([1.0, 3.0], np.float32),
        np.array([1.0, 2.0], np.float32).view(np.int32),
    ],
)
def test_arrays_of_another_shape_type_or_value_have_other_keys(other: np.ndarray) -> None:
    """The shape and the type of an array are part of the key."""
    assert key_of(np.array([1.0, 2.0], np.float32)) != key_of(other)


def test_the_layout_of_an_array_in_memory_does_not_matter() -> None:
    """A transposed view and its copy are the same array."""
    view = np.arange(6.0).reshape(2, 3).T
    assert key_of(view) == key_of(view.copy())


def test_an_array_is_not_mistaken_for_what_describes_it() -> None:
    """An array and a part that spells out the array's bytes differ."""
    array = np.frombuffer(b"bytes:1:x", np.uint8)
    assert key_of(array) != key_of((array.dtype.str, array.shape), b"x")


@pytest.mark.parametrize("part", [np.array([object()]), {"a": 1}, np.float32(1)])
def test_what_bytes_cannot_describe_is_refused(part: Part) -> None:
    """An object without a plain form cannot be part of a key."""
    with pytest.raises(TypeError, match="cannot be part of a key"):
        key_of(part)


def test_a_key_is_the_same_in_another_process() -> None:
    """Keys do not depend on the seed of Python's own hashes."""
    code = "from reportgen.cache import key_of; print(key_of('a', 1, 2.5, (None, b'x')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == key_of("a", 1, 2.5, (None, b"x"))


def package_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = folder / "reportgen"
    (package / "observe").mkdir(parents=True)
    for name in ("cache.py", "figures.py", "observe/__init__.py", "observe/models.py"):
        (package / name).write_text(f"raise ImportError('{name} must not be imported')")
    monkeypatch.setattr(reportgen.cache, "__file__", str(package / "cache.py"))
    return package


@pytest.mark.parametrize("changed", ["figures.py", "observe/__init__.py", "observe/models.py"])
def test_source_that_is_named_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """A change in a named module, or anywhere in a named package, changes the digest."""
    package = package_in(tmp_path, monkeypatch)
    before = source_digest("reportgen.figures", "reportgen.observe")
    (package / changed).write_text("changed")
    assert source_digest("reportgen.figures", "reportgen.observe") != before


def test_source_that_is_not_named_leaves_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in another module changes nothing."""
    package = package_in(tmp_path, monkeypatch)
    before = source_digest("reportgen.observe")
    (package / "figures.py").write_text("changed")
    assert source_digest("reportgen.observe") == before


@pytest.mark.parametrize("name", ["reportgen.nowhere", "reportgen", "numpy", "nowhere.figures"])
def test_source_that_does_not_exist_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A name that is no module of this package is a mistake, not an empty digest."""
    package_in(tmp_path, monkeypatch)
    with pytest.raises(ModuleNotFoundError, match=name):
        source_digest(name)


def test_versions_are_those_installed() -> None:
    """A library is named with the version that its own metadata tells."""
    assert library_versions("numpy", "no-such-library") == (
        f"numpy {metadata.version('numpy')}",
        "no-such-library absent",
    )


def test_the_cache_goes_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absolute XDG_CACHE_HOME decides."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_folder() == tmp_path / "reportgen"


@pytest.mark.parametrize(
    ("platform", "place"), [("linux", ".cache/reportgen"), ("darwin", "Library/Caches/reportgen")]
)
def test_the_cache_goes_where_the_system_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, place: str
) -> None:
    """Without a usable XDG_CACHE_HOME, each system has its own place in the home folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert default_cache_folder() == tmp_path / place


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no home folder is known, caching is off."""

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert default_cache_folder() is None


def test_a_network_that_is_a_folder_is_told_by_what_lies_in_it(tmp_path: Path) -> None:
    """Other weights make another report, though the folder is called the same."""
    weights = tmp_path / "network" / "variables" / "variables.data"
    weights.parent.mkdir(parents=True)
    digests = set[str]()
    for content in (b"one", b"two"):
        weights.write_bytes(content)
        digests.add(inputs_digest(Config(model=tmp_path / "network"), NOTHING_OWN))
    assert len(digests) == 2
