"""Names of classes out of a line, a file, a folder and the table that Keras keeps."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reportgen.build import settled
from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.pictures import class_names, listed_names, read_pictures
from reportgen.pictures.class_names import IMAGENET_TABLE


def from_text(folder: Path, text: str) -> tuple[str, ...]:
    """The names in a file of this text."""
    (folder / "names.txt").write_text(text, encoding="utf-8")
    return class_names((str(folder / "names.txt"),))


def test_names_stand_between_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the whole is a file or a folder."""
    monkeypatch.chdir(tmp_path)
    assert listed_names("cat, dog") == ("cat", "dog")
    (tmp_path / "a,b").mkdir()
    assert listed_names("a,b") == ("a,b",)
    assert class_names(("cat", "dog")) == ("cat", "dog")
    assert class_names(("cat",)) == ("cat",)


@pytest.mark.parametrize(
    "text",
    [
        "cat\ndog\n",
        "\ufeffcat\r\n\r\n  dog  ",
        '["cat", "dog"]',
        '{"0": "cat", "1": "dog"}',
        '{"1": ["n02084071", "dog"], "0": ["n02121808", "cat"]}',
    ],
)
def test_a_file_may_have_any_of_these_forms(tmp_path: Path, text: str) -> None:
    """A name a line, a list, a table, a table with codes as Keras has it."""
    assert from_text(tmp_path, text) == ("cat", "dog")


def test_a_missing_file_is_told() -> None:
    """It is not taken for the name of a class."""
    with pytest.raises(InputError, match=r"names\.txt: no such file"):
        class_names(("nowhere/names.txt",))


def test_the_same_name_twice_is_numbered(tmp_path: Path) -> None:
    """ImageNet has two cranes, a bird and a machine."""
    assert from_text(tmp_path, "crane\nmaillot\ncrane") == ("crane", "maillot", "crane (2)")


@pytest.mark.parametrize("text", ["", "\n \n", "[1, 2]", "[", '{"1": "a"}', '{"0": ["n0"]}', "[" * 5000, "[[[]]]"])
def test_what_is_no_list_of_names_is_one_line(tmp_path: Path, text: str) -> None:
    """With the name of the file and the forms that it may have."""
    with pytest.raises(InputError, match=r"^names\.txt: [^\n]*Give one name a line, or a JSON list\.$"):
        from_text(tmp_path, text)


def test_bytes_that_are_no_text_are_one_line(tmp_path: Path) -> None:
    """A picture is no list of names."""
    (tmp_path / "names.txt").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match="no list of class names"):
        class_names((str(tmp_path / "names.txt"),))


def test_the_folders_in_a_folder_are_names(tmp_path: Path) -> None:
    """In the order of their names, without files and what is hidden."""
    for name in ("dog", "cat", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "ant.txt").touch()
    assert class_names((str(tmp_path),)) == ("cat", "dog")
    with pytest.raises(InputError, match="no folders in there"):
        class_names((str(tmp_path / "cat"),))


def test_the_table_of_keras_is_read_where_keras_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Keras."""
    monkeypatch.setenv("HOME", str(tmp_path))
    table = IMAGENET_TABLE.expanduser()
    assert table.is_relative_to(tmp_path)
    table.parent.mkdir(parents=True)
    table.write_text(json.dumps({"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}), encoding="utf-8")
    assert class_names(("imagenet",)) == ("tench", "goldfish")


class Offline:
    """Stands where Keras is, without a way out."""

    class utils:  # noqa: N801 - as Keras calls it
        """Its downloader."""

        @staticmethod
        def get_file(*_: object, **__: object) -> None:
            """Fail as a download does."""
            raise OSError("no route")


def test_a_table_that_cannot_be_downloaded_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user reads where to put it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "keras", Offline)
    with pytest.raises(
        InputError, match=r"cannot be downloaded \(OSError\)\. Put imagenet_class_index\.json there"
    ):
        settled(Config(model=Path("a.keras"), classes=("imagenet",)))


# --- class folders and names ---


def folders(root: Path, *names: str) -> Path:
    """Class folders of one picture each, as bright as their place."""
    for place, name in enumerate(names):
        (root / name).mkdir()
        Image.fromarray(np.full((2, 3), place, np.uint8)).save(root / name / "a.png")
    return root


def test_class_folders_are_labelled_by_name(tmp_path: Path) -> None:
    """Whatever the order of the names, and though case and dashes differ."""
    pictures = read_pictures(folders(tmp_path, "cat", "guide-dog"), (2, 3, 1), classes=("Guide dog", "cow", "Cat"))
    assert (pictures.labels.tolist(), pictures.pixels[:, 0, 0, 0].tolist()) == ([2, 0], [0, 1])
    assert (pictures.classes, pictures.labelled_by) == (("Guide dog", "cow", "Cat"), "name")


def test_a_folder_of_another_class_is_set_aside(tmp_path: Path) -> None:
    """It would get the number of a class that it is not."""
    pictures = read_pictures(folders(tmp_path, "cat", "zebra"), (2, 3, 1), classes=("dog", "cat"))
    assert pictures.labels.tolist() == [1]
    assert pictures.skipped == (("zebra/a.png", "its folder is called like no class"),)


def test_folders_of_other_names_keep_their_places(tmp_path: Path) -> None:
    """And it is told."""
    pictures = read_pictures(folders(tmp_path, "0", "1"), (2, 3, 1), classes=("dog", "cat"))
    assert (pictures.labels.tolist(), pictures.labelled_by) == ([0, 1], "place")
    assert read_pictures(tmp_path, (2, 3, 1)).labelled_by == ""
