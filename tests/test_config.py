"""Settings out of defaults, a file and the command line."""

from pathlib import Path

import pytest

from reportgen.config import FILE_NAME, RECORD_NAME, Config, read_config
from reportgen.errors import InputError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in a folder without settings."""
    monkeypatch.chdir(tmp_path)


def settings_file(folder: Path, text: str, name: str = "settings.toml") -> Path:
    """A file of settings."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def mistakes_of(file: Path | None, **given: object) -> str:
    """What is said of settings that cannot be used."""
    with pytest.raises(InputError) as caught:
        read_config(file, given)
    return str(caught.value)


def test_without_settings_the_report_is_about_the_bundled_network() -> None:
    """Defaults alone."""
    config = read_config(None, {})
    assert config == Config()
    assert (config.bundled, config.out, config.seed, config.inputs) == (True, Path("site"), 42, ())


def test_a_network_of_ones_own_is_not_the_bundled_one() -> None:
    """Its files are the inputs, in their order."""
    given = {"model": Path("a.keras"), "images": Path("p"), "record": Path("r.npz")}
    config = read_config(None, given)
    assert not config.bundled
    assert config.inputs == (Path("a.keras"), Path("p"), Path("r.npz"))


def test_a_file_gives_every_setting(tmp_path: Path) -> None:
    """Paths start from the file's own folder."""
    text = """
        model = "nets/a.keras"
        images = "pictures"
        fit = "pad"
        scale = "-1..1"
        record = "/elsewhere/record.npz"
        classes = ["cat", "dog"]
        title = "Cats"
        templates = "school"
        out = "report"
        base_url = "https://example.org/project/"
        seed = 7
    """
    (tmp_path / "sub").mkdir()
    file = settings_file(tmp_path / "sub", text)
    folder = tmp_path / "sub"
    assert read_config(file, {}) == Config(
        model=folder / "nets/a.keras",
        images=folder / "pictures",
        fit="pad",
        scale="-1..1",
        record=Path("/elsewhere/record.npz"),
        classes=("cat", "dog"),
        title="Cats",
        templates=folder / "school",
        out=folder / "report",
        base_path="/project",
        base_url="https://example.org/project",
        seed=7,
    )


def test_the_command_line_wins(tmp_path: Path) -> None:
    """A setting that was not given there is left to the file."""
    file = settings_file(tmp_path, 'title = "From the file"\nseed = 7')
    config = read_config(file, {"seed": 8, "title": None})
    assert (config.title, config.seed) == ("From the file", 8)


def test_the_current_folders_file_is_read_unasked(tmp_path: Path) -> None:
    """Where it exists and no other is named."""
    settings_file(tmp_path, "seed = 3", FILE_NAME)
    assert read_config(None, {}).seed == 3
    assert read_config(settings_file(tmp_path, "seed = 4"), {}).seed == 4


def test_a_record_beside_the_network_is_found(tmp_path: Path) -> None:
    """What training leaves behind needs no naming."""
    (tmp_path / RECORD_NAME).touch()
    assert read_config(None, {"model": tmp_path / "a.keras"}).record == tmp_path / RECORD_NAME


def test_a_named_record_is_kept(tmp_path: Path) -> None:
    """Whatever lies beside the network."""
    (tmp_path / RECORD_NAME).touch()
    given = {"model": tmp_path / "a.keras", "record": Path("other.npz")}
    assert read_config(None, given).record == Path("other.npz")


def test_no_record_beside_the_network_is_no_mistake(tmp_path: Path) -> None:
    """Then its beginning is not known."""
    assert read_config(None, {"model": tmp_path / "a.keras"}).record is None


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """An unknown name, a wrong kind, and settings that do not fit, in one error."""
    file = settings_file(tmp_path, 'colour = "red"\nseed = "many"\nclasses = ["a", "a"]\nbase_path = "project"')
    text = mistakes_of(file)
    for part in ("no setting is called 'colour'", "'seed'", "--classes names a class twice", "'project'"):
        assert part in text


@pytest.mark.parametrize(
    "line",
    ["seed = true", "seed = 1.5", "classes = 3", 'classes = ["cat", 1]', "title = 3", "out = 1", "model = []"],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, line: str) -> None:
    """With its name and its value."""
    name = line.partition(" ")[0]
    assert f"'{name}' has a value of the wrong kind" in mistakes_of(settings_file(tmp_path, line))


@pytest.mark.parametrize("name", ["images", "record", "classes", "scale"])
def test_what_describes_a_network_needs_a_network(name: str) -> None:
    """The bundled network has its own."""
    value: object = ("a", "b") if name == "classes" else "0..1" if name == "scale" else Path("file")
    assert f"--{name} describes a network of your own" in mistakes_of(None, **{name: value})


@pytest.mark.parametrize("path", ["project", "/project/", "https://a.org/b", "/a b", "/a//b", "/"])
def test_a_base_path_begins_with_a_slash_and_ends_without(path: str) -> None:
    """Anything else would break the links of the page that is shown for missing ones."""
    assert "--base-path" in mistakes_of(None, base_path=path)


@pytest.mark.parametrize("path", ["", "/project", "/user/project-2.0"])
def test_base_paths_that_fit(path: str) -> None:
    """A root, a project, a folder within."""
    assert read_config(None, {"base_path": path}).base_path == path


URLS = {
    "https://example.org": "",
    "https://user.github.io/report": "/report",
    "http://localhost:8000/a/b-2.0": "/a/b-2.0",
}


@pytest.mark.parametrize(("url", "path"), URLS.items())
@pytest.mark.parametrize("end", ["", "/"])
def test_the_base_path_is_that_of_the_whole_address(url: str, path: str, end: str) -> None:
    """A slash at the end says nothing, and the path may be said again."""
    for again in ({}, {"base_path": path}):
        config = read_config(None, {"base_url": url + end, **again})
        assert (config.base_url, config.base_path) == (url, path)


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "/project",
        "ftp://example.org",
        "https://",
        "https://example.org/a b",
        "https://example.org/a?b",
        "https://example.org/#a",
        "https://example.org/../a",
        "https://user:word@example.org",
        "https://example.org:port",
        "//example.org",
    ],
)
def test_a_base_url_is_a_plain_address(url: str) -> None:
    """Anything else would break the addresses that are made of it."""
    assert "--base-url" in mistakes_of(None, base_url=url)


def test_a_base_path_that_is_not_the_addresses_own_is_a_mistake() -> None:
    """One of the two must be wrong."""
    assert "Leave --base-path out" in mistakes_of(None, base_url="https://example.org/a", base_path="/b")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_has_limits(seed: int) -> None:
    """Those of the libraries that take it."""
    assert f"--seed {seed}" in mistakes_of(None, seed=seed)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """With its name."""
    text = mistakes_of(tmp_path / "absent.toml")
    assert "absent.toml: no such file" in text


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe\x00", b"seed = 1\nseed = 2"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Broken TOML, no text at all, a setting twice."""
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    assert "cannot be read as TOML" in mistakes_of(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Refused as well."""
    assert "cannot be read as TOML" in mistakes_of(tmp_path)
