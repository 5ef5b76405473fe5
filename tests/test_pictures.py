"""Pictures and labels from every source that users have, and what happens with files that are none."""

import gzip
import hashlib
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from reportgen.analysis.charts import Photograph
from reportgen.axes import from_maps
from reportgen.errors import InputError
from reportgen.figures import LIGHT, draw
from reportgen.pictures import (
    FashionMnist,
    PictureSet,
    array_files,
    bundled_pictures,
    choose_showcase,
    fashion_mnist,
    picture_digest,
    read_fashion_mnist,
    read_pictures,
    scaled,
    source_digest,
)
from reportgen.pictures.fitting import FITS, common_size, fitted
from reportgen.pictures.idx import idx_bytes, read_idx
from reportgen.pictures.picture_files import LARGEST_PICTURE, printable
from reportgen.pictures.picture_set import LONGEST_NAME, unique_slugs

GREY = (2, 3, 1)
"""The input of a network for grey pictures, 2 high and 3 wide."""
COLOUR = (2, 3, 3)
ANY = (None, None, 1)

PIXELS = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)


def save(path: Path, pixels: np.ndarray = PIXELS, **settings_of_format: object) -> Path:
    """Write pixels as a picture in the format that the name says."""
    path.parent.mkdir(exist_ok=True, parents=True)
    Image.fromarray(pixels).save(path, **settings_of_format)  # type: ignore[arg-type]  # each format has its own
    return path


def picture_set(labels: list[int], count: int) -> PictureSet:
    """Pictures of one pixel each, numbered."""
    return PictureSet(
        np.arange(count, dtype=np.uint8).reshape(count, 1, 1, 1),
        np.array(labels, np.int64),
        tuple(f"picture-{number}" for number in range(count)),
        ("given",) * count,
        np.arange(count, dtype=np.int64),
    )


# --- IDX ---


def test_idx_is_read_as_published(tmp_path: Path) -> None:
    """Two zeros, the type, the rank, each size in four bytes with the highest first, then the values."""
    path = tmp_path / "some-idx2-ubyte"
    path.write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]))
    assert read_idx(path).tolist() == [[1, 2, 3], [4, 5, 255]]


def test_idx_floats_have_their_highest_byte_first(tmp_path: Path) -> None:
    """Type 13 is a float of four bytes."""
    path = tmp_path / "floats"
    path.write_bytes(struct.pack(">HBBI2f", 0, 13, 1, 2, 0.5, -3.0))
    numbers = read_idx(path)
    assert numbers.dtype == np.float32
    assert numbers.tolist() == [0.5, -3.0]


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=4, max_side=5)))
@settings(max_examples=30, deadline=None)
def test_idx_bytes_are_read_back(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    """What `idx_bytes` makes, `read_idx` understands, compressed or not."""
    path = tmp_path_factory.getbasetemp() / "round"
    for content in (idx_bytes(array), gzip.compress(idx_bytes(array))):
        path.write_bytes(content)
        assert np.array_equal(read_idx(path), array)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08",
        b"\0\0\x07\x01\0\0\0\x01x",
        b"\0\0\x08\x01\0\0\0\x02x",
        b"\0\0\x08\x01\0\0\0\x01xx",
        b"\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x1f\x8b not gzip",
        gzip.compress(b"\0\0\x08\x01\0\0\0\x01x")[:-4],
    ],
)
def test_broken_idx_is_an_error(tmp_path: Path, content: bytes) -> None:
    """Cut short, too long, of no type, asking for too much: one line with the file's name."""
    path = tmp_path / "digits-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^digits-images-idx3-ubyte: not a readable IDX file [^\n]*$"):
        read_idx(path)


# --- Fashion-MNIST ---

Contents = dict[str, np.ndarray]


@pytest.fixture
def small_set(monkeypatch: pytest.MonkeyPatch) -> Contents:
    """Four small arrays that pass for the published ones."""
    random = np.random.default_rng(5)
    contents = {
        "train-images": random.integers(0, 255, (4, 28, 28), np.uint8),
        "train-labels": np.arange(4, dtype=np.uint8),
        "t10k-images": random.integers(0, 255, (2, 28, 28), np.uint8),
        "t10k-labels": np.arange(2, dtype=np.uint8),
    }
    digests = {stem: hashlib.sha256(idx_bytes(array)).hexdigest() for stem, array in contents.items()}
    monkeypatch.setattr(fashion_mnist, "DIGESTS", digests)
    return contents


def write_set(folder: Path, contents: Contents, *, gzipped: bool) -> Path:
    """Write the four files under their published names."""
    for stem, array in contents.items():
        name = f"{stem}-idx{array.ndim}-ubyte"
        content = idx_bytes(array)
        (folder / (f"{name}.gz" if gzipped else name)).write_bytes(gzip.compress(content) if gzipped else content)
    return folder


def check_set(read: FashionMnist, contents: Contents) -> None:
    """Compare what was read with what was written."""
    assert np.array_equal(read.training_pixels[..., 0], contents["train-images"])
    assert np.array_equal(read.training_labels, contents["train-labels"])
    assert np.array_equal(read.test_pixels[..., 0], contents["t10k-images"])
    assert np.array_equal(read.test_labels, contents["t10k-labels"])
    assert read.digests == fashion_mnist.DIGESTS


@pytest.mark.parametrize("gzipped", [True, False])
def test_fashion_mnist_is_read_from_a_folder(
    tmp_path: Path,
    small_set: Contents,
    gzipped: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The four files may be gzipped or not; their digests are those of the contents."""
    check_set(read_fashion_mnist(write_set(tmp_path, small_set, gzipped=gzipped)), small_set)


def test_fashion_mnist_is_taken_from_where_debian_puts_it(
    tmp_path: Path, small_set: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder, and where the package is installed, nothing is fetched."""
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", write_set(tmp_path, small_set, gzipped=True))
    check_set(read_fashion_mnist(None, lambda: pytest.fail("it was fetched")), small_set)


def test_fashion_mnist_is_fetched_where_there_is_none(
    tmp_path: Path, small_set: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the downloader returns is checked like files are."""
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "none")
    check_set(read_fashion_mnist(None, lambda: list(small_set.values())), small_set)


def test_a_changed_file_is_named_with_both_digests(tmp_path: Path, small_set: Contents) -> None:
    """One changed pixel is found out, and the user reads in which file."""
    expected = fashion_mnist.DIGESTS["t10k-images"]
    small_set["t10k-images"] = small_set["t10k-images"] ^ 1
    found = hashlib.sha256(idx_bytes(small_set["t10k-images"])).hexdigest()
    write_set(tmp_path, small_set, gzipped=True)
    with pytest.raises(InputError, match=f"t10k-images is not .* expected {expected}, found {found}"):
        read_fashion_mnist(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path, small_set: Contents) -> None:
    """The user reads which of the four is not there."""
    write_set(tmp_path, small_set, gzipped=False)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match=r"no train-labels-idx1-ubyte or train-labels-idx1-ubyte\.gz"):
        read_fashion_mnist(tmp_path)


def test_the_digests_are_the_published_ones() -> None:
    """The first digits of each, as the facts of the project state them."""
    assert {stem: digest[:8] for stem, digest in fashion_mnist.DIGESTS.items()} == {
        "train-images": "c59f468a",
        "train-labels": "bad3541b",
        "t10k-images": "5b4141f0",
        "t10k-labels": "0402a96d",
    }


# --- what comes with the program ---


def test_the_bundled_survey_has_400_of_each_class() -> None:
    """4,000 different pictures in the test set's order."""
    survey = bundled_pictures().survey
    assert survey.pixels.shape == (4000, 28, 28, 1)
    assert survey.pixels.dtype == np.uint8
    assert np.bincount(survey.labels).tolist() == [400] * 10
    assert (np.diff(survey.numbers) > 0).all()
    assert len(set(survey.names)) == 4000


def test_the_bundled_showcase_is_chosen_by_rule() -> None:
    """The first test picture of each class, then the first training picture."""
    bundled = bundled_pictures()
    showcase = bundled.showcase
    assert showcase.labels.tolist() == [*range(10), 9]
    assert showcase.sources == (*["test"] * 10, "training")
    assert (showcase.names[0], showcase.names[-2:]) == ("t-shirt-top", ("ankle-boot", "ankle-boot-training"))
    firsts = [bundled.survey.numbers[bundled.survey.labels == label][0] for label in range(10)]
    assert showcase.numbers.tolist() == [*firsts, 0]


# --- pictures from files ---


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    """Not in the order in which the disk has them."""
    for name, value in (("c.png", 3), ("a.png", 1), ("b.bmp", 2)):
        save(tmp_path / name, np.full((2, 3), value, np.uint8))
    pictures = read_pictures(tmp_path, GREY)
    assert pictures.pixels[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert (pictures.names, pictures.numbers.tolist()) == (("a", "b", "c"), [0, 1, 2])
    assert (pictures.sources, pictures.classes, pictures.labels.size) == (("given",) * 3, (), 0)


def test_class_folders_give_the_labels(tmp_path: Path) -> None:
    """Classes are numbered in the order of their names; an empty one keeps its number."""
    save(tmp_path / "cat" / "1.png")
    save(tmp_path / "ant" / "1.png")
    save(tmp_path / "cat" / "2.png")
    (tmp_path / "bee").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    pictures = read_pictures(tmp_path, GREY)
    assert pictures.classes == ("ant", "bee", "cat")
    assert pictures.labels.tolist() == [0, 2, 2]
    assert pictures.names == ("ant-1", "cat-1", "cat-2")
    assert pictures.skipped == (("notes.txt", "lies beside the class folders"),)


def test_a_folder_beside_pictures_is_named(tmp_path: Path) -> None:
    """Pictures in the folder itself count; what lies deeper is not left out in silence."""
    save(tmp_path / "a.png")
    save(tmp_path / "thumbnails" / "b.png")
    pictures = read_pictures(tmp_path, GREY)
    assert (pictures.names, pictures.skipped) == (("a",), (("thumbnails", "a folder beside pictures"),))


def test_hidden_files_are_no_pictures(tmp_path: Path) -> None:
    """What the system keeps in a folder is not the user's."""
    save(tmp_path / "a.png")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    assert read_pictures(tmp_path, GREY).skipped == ()


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff", "webp"])
def test_lossless_formats_keep_every_grey(tmp_path: Path, suffix: str) -> None:
    """The pixels are those that were saved."""
    path = save(tmp_path / f"a.{suffix}", lossless=True)
    assert np.array_equal(read_pictures(path, GREY).pixels[0, :, :, 0], PIXELS)


def test_jpeg_is_read(tmp_path: Path) -> None:
    """A flat grey survives the compression."""
    path = save(tmp_path / "a.jpg", np.full((2, 3), 128, np.uint8))
    assert np.abs(read_pictures(path, GREY).pixels.astype(int) - 128).max() <= 1


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    """For a network that takes colours."""
    pixels = read_pictures(save(tmp_path / "a.png"), COLOUR).pixels
    assert pixels.shape == (1, 2, 3, 3)
    assert all(np.array_equal(pixels[0, :, :, channel], PIXELS) for channel in range(3))


def test_colours_become_grey_by_their_brightness(tmp_path: Path) -> None:
    """Red counts .299, green .587 and blue .114."""
    colours = np.zeros((2, 3, 3), np.uint8)
    colours[:, 0, 0] = colours[:, 1, 1] = colours[:, 2, 2] = 255
    grey = read_pictures(save(tmp_path / "a.png", colours), GREY).pixels[0, 0, :, 0]
    assert grey.tolist() == [76, 150, 29]


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    """65535 is white and 257 is one step of 255, rounded to the nearest."""
    deep = np.array([[0, 128, 129], [257, 65406, 65535]], np.uint16)
    pixels = read_pictures(save(tmp_path / "a.png", deep), GREY).pixels[0, :, :, 0]
    assert pixels.tolist() == [[0, 0, 1], [1, 254, 255]]


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    """The colour hidden under full transparency is not shown."""
    hidden = np.zeros((2, 3, 4), np.uint8)
    hidden[0, 0] = (10, 20, 30, 255)
    pixels = read_pictures(save(tmp_path / "a.png", hidden), COLOUR).pixels[0]
    assert pixels[0, 0].tolist() == [10, 20, 30]
    assert (pixels[1] == 255).all()


def test_a_palette_is_resolved(tmp_path: Path) -> None:
    """Pixels are colours, not their numbers in the palette."""
    image = Image.fromarray(np.array([[0, 1, 1], [1, 0, 0]], np.uint8), "L").convert("P")
    image.putpalette([200, 0, 0, 0, 0, 90])
    image.save(tmp_path / "a.png")
    pixels = read_pictures(tmp_path / "a.png", COLOUR).pixels[0]
    assert pixels[0].tolist() == [[200, 0, 0], [0, 0, 90], [0, 0, 90]]


def test_ink_is_read_as_light(tmp_path: Path) -> None:
    """A picture in cyan, magenta, yellow and black: no ink is white."""
    Image.new("CMYK", (3, 2), (0, 0, 0, 0)).save(tmp_path / "a.tif")
    assert (read_pictures(tmp_path / "a.tif", COLOUR).pixels == 255).all()


UPRIGHT = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.T,
    6: lambda stored: stored[::-1].T,
    7: lambda stored: stored[::-1, ::-1].T,
    8: lambda stored: stored[:, ::-1].T,
}
"""What the number in EXIF asks for: its row is the upright picture's side at the stored first row, and so on."""


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_photograph_stands_upright(tmp_path: Path, orientation: int) -> None:
    """A camera held sideways, or a mirror, is written so in EXIF; the eight ways by hand."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.png", PIXELS, exif=exif)
    wanted = UPRIGHT[orientation](PIXELS)
    assert np.array_equal(read_pictures(path, (*wanted.shape, 1)).pixels[0, :, :, 0], wanted)


RED, MIST = (200, 30, 40), (255, 0, 0, 51)
MODES: dict[str, tuple[Image.Image, tuple[int, int, int]]] = {
    "1.png": (Image.new("1", (3, 2), 1), (255, 255, 255)),
    "L.png": (Image.new("L", (3, 2), 77), (77, 77, 77)),
    "LA.png": (Image.new("LA", (3, 2), (0, 51)), (204, 204, 204)),
    "P.gif": (Image.new("RGB", (3, 2), RED).quantize(2), RED),
    "RGB.bmp": (Image.new("RGB", (3, 2), RED), RED),
    "RGB.webp": (Image.new("RGB", (3, 2), RED), RED),
    "RGBA.png": (Image.new("RGBA", (3, 2), MIST), (255, 204, 204)),
    "RGBA.tiff": (Image.new("RGBA", (3, 2), MIST), (255, 204, 204)),
    "CMYK.tiff": (Image.new("CMYK", (3, 2), (255, 0, 0, 0)), (0, 255, 255)),
    "CMYK.jpg": (Image.new("CMYK", (16, 16), (255, 0, 0, 0)), (0, 255, 255)),
    "YCbCr.jpg": (Image.new("YCbCr", (16, 16), (100, 128, 128)), (100, 100, 100)),
    "I;16.png": (Image.fromarray(np.full((2, 3), 257 * 77, np.uint16)), (77, 77, 77)),
    "I;16.tiff": (Image.fromarray(np.full((2, 3), 257 * 77, np.uint16)), (77, 77, 77)),
    "F share.tiff": (Image.new("F", (3, 2), 0.4), (102, 102, 102)),
    "F byte.tiff": (Image.new("F", (3, 2), 102.3), (102, 102, 102)),
}
"""A picture of one colour in every mode, with what that is in red, green and blue, on white."""


@pytest.mark.parametrize("name", MODES)
def test_every_mode_is_read(tmp_path: Path, name: str) -> None:
    """Black and white, grey, palette, transparent, ink, deep, floating-point: the colour is known beforehand."""
    image, colour = MODES[name]
    image.save(tmp_path / name, lossless=True)
    pixels = read_pictures(tmp_path / name, COLOUR).pixels
    assert np.abs(pixels.astype(int) - colour).max() <= 1


def test_nothing_but_pixels_reaches_the_site(tmp_path: Path) -> None:
    """Where a photograph was taken, by whom and what was written on it stays in the file."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"
    path = tmp_path / "a.jpg"
    Image.new("RGB", (16, 16), RED).save(path, exif=exif, comment=b"for my mother")
    assert b"taken at home" in path.read_bytes()
    pixels = read_pictures(path, (16, 16, 3)).pixels[0]
    drawn = draw(Photograph(scaled(pixels, "0..1"), 0.0, 1.0), LIGHT)
    assert not any(found in drawn for found in (b"home", b"mother", b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"))
    assert set(Image.open(BytesIO(drawn)).info) <= {"transparency"}


def test_of_moving_pictures_the_first_is_taken(tmp_path: Path) -> None:
    """A GIF of two frames gives the first."""
    frames = [Image.fromarray(pixels) for pixels in (PIXELS, 255 - PIXELS)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert np.array_equal(read_pictures(tmp_path / "a.gif", GREY).pixels[0, :, :, 0], PIXELS)


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    """A PNG that is called .jpg is still a picture."""
    save(tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert len(read_pictures(tmp_path, GREY)) == 1


def large_picture(path: Path) -> Path:
    """A picture of one colour, just above the limit."""
    Image.new("1", (LARGEST_PICTURE // 1000 + 1, 1000)).save(path)
    return path


def bomb(path: Path) -> Path:
    """The head of a BMP that announces more than any picture has."""
    path.write_bytes(
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, 60000, 60000, 1, 24, 0, 0, 0, 0, 0, 0)
    )
    return path


def cut_short(path: Path) -> Path:
    """A picture whose end is missing."""
    save(path, np.random.default_rng(1).integers(0, 255, (40, 40), np.uint8))
    path.write_bytes(path.read_bytes()[:-700])
    return path


def words(path: Path) -> Path:
    """A text under a picture's name."""
    path.write_text("no picture")
    return path


def nothing(path: Path) -> Path:
    """An empty file."""
    path.touch()
    return path


def dangling(path: Path) -> Path:
    """A link that leads nowhere."""
    path.symlink_to("nowhere.png")
    return path


def floating(path: Path) -> Path:
    """Numbers beyond what white may be."""
    Image.new("F", (3, 2), 256.0).save(path, format="TIFF")
    return path


def no_numbers(path: Path) -> Path:
    """A pixel that is not a number."""
    Image.new("F", (3, 2), float("nan")).save(path, format="TIFF")
    return path


def thirty_two_bits(path: Path) -> Path:
    """Whole numbers of which nobody knows what white is."""
    Image.new("I", (3, 2)).save(path, format="TIFF")
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (large_picture, "larger than 25 megapixels"),
        (bomb, "larger than 25 megapixels"),
        (cut_short, "broken: "),
        (words, "not a PNG, JPEG, WebP, TIFF, GIF or BMP picture"),
        (nothing, "not a PNG, JPEG, WebP, TIFF, GIF or BMP picture"),
        (dangling, "not a file"),
        (floating, "floating-point pixels beyond 0 … 1 and 0 … 255"),
        (no_numbers, "floating-point pixels beyond 0 … 1 and 0 … 255"),
        (thirty_two_bits, "more than 16 bits a pixel"),
    ],
)
def test_a_file_that_cannot_be_used_is_skipped_and_named(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    """The others are read; the reason does not say where the file lies."""
    save(tmp_path / "good.png")
    make(tmp_path / "other.png")
    pictures = read_pictures(tmp_path, GREY)
    ((name, said),) = pictures.skipped
    assert (pictures.names, name, said[: len(reason)]) == (("good",), "other.png", reason)
    assert str(tmp_path) not in said


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_broken_picture_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever bytes of a picture are changed or lost: it is read, or skipped."""
    folder = tmp_path_factory.mktemp("broken")
    suffix = data.draw(st.sampled_from(["png", "jpg", "gif", "tif", "webp", "bmp"]))
    path = save(folder / f"a.{suffix}", np.tile(PIXELS, (4, 4)))
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    save(folder / "z.png", np.tile(PIXELS, (4, 4)))
    pictures = read_pictures(folder, (8, 12, 1))
    assert len(pictures) + len(pictures.skipped) == 2


def test_names_are_short_ascii_and_unique(tmp_path: Path) -> None:
    """Whatever a file is called: its name goes into addresses."""
    for name in (
        "가방.png",
        "Häßlich!.png",
        "<script>.png",
        "x" * 200 + ".png",
        "A.png",
        "a.bmp",
        "line\nbreak.png",
    ):
        save(tmp_path / name)
    names = read_pictures(tmp_path, GREY).names
    assert names == ("script", "a", "halich", "a-2", "line-break", "x" * LONGEST_NAME, "picture")


@given(st.lists(st.text(max_size=80) | st.sampled_from(["a", "A", "a-2", "x" * 70, "x" * 60]), max_size=30))
def test_slugs_are_unique_whatever_the_titles(titles: list[str]) -> None:
    """As many names as titles, none twice, of letters, digits and dashes, at most 60."""
    slugs = unique_slugs(titles)
    assert len(slugs) == len(titles) == len(set(slugs))
    assert all(slug.isascii() and slug.replace("-", "").isalnum() and slug == slug.lower() for slug in slugs)
    assert all(0 < len(slug) <= LONGEST_NAME for slug in slugs)


def test_a_skipped_name_stays_on_one_line(tmp_path: Path) -> None:
    """Control characters are replaced."""
    save(tmp_path / "a.png")
    words(tmp_path / "bad\nname.png")
    ((name, _),) = read_pictures(tmp_path, GREY).skipped
    assert name == "bad\ufffdname.png"


def test_bytes_that_are_no_text_are_replaced() -> None:
    """They reach Python as half characters that no file of ours could hold."""
    assert printable("a\udcff\u202eb" + "x" * 300) == "a\ufffd\ufffdb" + "x" * 196


# --- pictures that do not fit, or are none ---


def test_pictures_of_other_sizes_are_fitted_and_counted(tmp_path: Path) -> None:
    """Mixed sizes are no mistake; who has the right size already is not counted."""
    save(tmp_path / "a.png", np.full((4, 6), 7, np.uint8))
    save(tmp_path / "b.png")
    save(tmp_path / "c.png", np.full((5, 2), 9, np.uint8))
    pictures = read_pictures(tmp_path, GREY)
    assert (pictures.pixels.shape, pictures.fit, pictures.fitted) == ((3, 2, 3, 1), "crop", 2)
    assert np.array_equal(pictures.pixels[1, :, :, 0], PIXELS)
    assert [np.unique(each).tolist() for each in pictures.pixels[[0, 2]]] == [[7], [9]]


def test_an_unknown_way_to_fit_is_refused(tmp_path: Path) -> None:
    """The user reads which there are."""
    with pytest.raises(InputError, match="squeeze: no such way to fit pictures"):
        read_pictures(save(tmp_path / "a.png"), GREY, fit="squeeze")


STRIPES = np.array([[10, 20, 30, 40]] * 2, np.uint8)
"""2 high and 4 wide."""


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        ("crop", [[20, 30], [20, 30]]),
        ("stretch", [[17, 33], [17, 33]]),
        ("pad", [[0, 0], [17, 33]]),
    ],
)
def test_each_way_to_fit_does_what_it_says(tmp_path: Path, fit: str, wanted: list[list[int]]) -> None:
    """Four stripes in a square of two: the middle; two pairs, with a bit of the neighbour; that and black.

    The triangle over a pair reaches half a pair further: weights 3, 3, 1 of 7 give 120 / 7 and 230 / 7.
    """
    pixels = read_pictures(save(tmp_path / "a.png", STRIPES), (2, 2, 1), fit=fit).pixels[0, :, :, 0].astype(int)
    if fit == "pad":
        pixels = pixels[np.argsort(pixels[:, 0], kind="stable")]
    assert np.abs(pixels - np.array(wanted)).max() <= 1


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(2)),
        elements=st.floats(-2, 3, width=32),
    ),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(FITS),
)
@settings(max_examples=80, deadline=None)
def test_fitting_invents_no_values(picture: np.ndarray, size: tuple[int, int], fit: str) -> None:
    """Whatever the sizes: the asked one comes out, within the values that went in, and black."""
    black = float(picture.min())
    found = fitted(picture, size, fit, black)
    assert (found.shape, found.dtype.name) == ((*size, 2), "float32")
    assert found.min() >= black - 1e-5
    assert found.max() <= picture.max() + 1e-5


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))
@settings(max_examples=80, deadline=None)
def test_padding_keeps_the_whole_picture(height: int, width: int, high: int, wide: int) -> None:
    """What is not black is as large as has room, and lies in the middle."""
    found = fitted(np.full((height, width, 1), 200, np.uint8), (high, wide), "pad")[:, :, 0] > 0
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    assert found[np.ix_(rows, columns)].all()
    assert len(rows) == high or len(columns) == wide
    for used, room in ((rows, high), (columns, wide)):
        assert used[0] - (room - 1 - used[-1]) in (-1, 0)


@pytest.mark.parametrize(
    ("wanted", "first", "size"),
    [
        ((None, None, 3), (40, 60), (40, 60)),
        ((None, None, 3), (480, 640), (160, 224)),
        ((None, None, 3), (4000, 10), (224, 32)),
        ((64, None, 3), (480, 640), (64, 85)),
        ((None, 64, 3), (480, 640), (48, 64)),
        ((64, None, 3), (10, 640), (64, 224)),
        ((32, 48, 3), (480, 640), (32, 48)),
    ],
)
def test_a_network_for_any_size_gets_the_first_pictures(
    wanted: tuple[int | None, ...], first: tuple[int, int], size: tuple[int, int]
) -> None:
    """Never longer than 224, made smaller to multiples of 32; a free side follows the shape of the picture."""
    assert common_size(wanted, first) == size


def test_a_network_for_any_size_takes_pictures_of_many(tmp_path: Path) -> None:
    """All are brought to the size of the first."""
    save(tmp_path / "a.png", np.zeros((4, 6), np.uint8))
    save(tmp_path / "b.png")
    pictures = read_pictures(tmp_path, ANY)
    assert (pictures.pixels.shape, pictures.fitted) == ((2, 4, 6, 1), 1)


def test_pictures_for_a_row_of_numbers(tmp_path: Path) -> None:
    """A row as long as a square, grey or in colours, and a square of numbers, are given square pictures."""
    path = save(tmp_path / "a.png", np.arange(64, dtype=np.uint8).reshape(8, 8))
    for shape in ((64,), (8, 8), (8, 8, 1)):
        assert read_pictures(path, shape).pixels.ravel().tolist() == list(range(64))
    assert read_pictures(path, (192,)).pixels.shape == (1, 8, 8, 3)


def test_a_network_that_takes_no_pictures_is_refused(tmp_path: Path) -> None:
    """The user reads what it takes, and which kind of file can hold that."""
    with pytest.raises(InputError, match=r"takes no pictures, but \(any, 100\)\. Give a \.npy file"):
        read_pictures(save(tmp_path / "a.png"), (None, 100))


def test_picture_files_do_not_have_two_channels(tmp_path: Path) -> None:
    """The user reads which kind of file has."""
    with pytest.raises(InputError, match=r"1, 3 or 4 channels, not 2\. Give a \.npy file"):
        read_pictures(save(tmp_path / "a.png"), (2, 3, 2))


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(InputError, match=r"none: no such file or folder\. Give pictures"):
        read_pictures(tmp_path / "none", GREY)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """The user reads what was looked for."""
    with pytest.raises(InputError, match=r"no pictures, it is empty\. Looked for PNG, JPEG"):
        read_pictures(tmp_path, GREY)


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    """The user reads the first reason, and how many there are."""
    words(tmp_path / "a.txt")
    words(tmp_path / "b.txt")
    with pytest.raises(InputError, match=r"no readable picture; skipped a\.txt \(not a .*\) and 1 more\. Looked"):
        read_pictures(tmp_path, GREY)


def test_a_single_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    """The same for one file."""
    with pytest.raises(InputError, match=r"no readable picture; skipped a\.txt \(not a .*\)\. Looked"):
        read_pictures(words(tmp_path / "a.txt"), GREY)


# --- arrays ---


def saved(path: Path, array: np.ndarray) -> Path:
    """Write one array as .npy."""
    np.save(path, array)
    return path


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (2, 3, 1), (1, 2, 3, 1)])
def test_an_array_may_leave_axes_out(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """One picture without its number, grey without a channel."""
    path = saved(tmp_path / "a.npy", PIXELS.reshape(shape))
    assert np.array_equal(read_pictures(path, GREY).pixels, PIXELS.reshape(1, 2, 3, 1))


def test_three_axes_are_one_picture_in_colours_or_many_in_grey(tmp_path: Path) -> None:
    """What the network takes decides."""
    path = saved(tmp_path / "a.npy", np.zeros((2, 3, 3), np.uint8))
    assert read_pictures(path, (2, 3, 3)).pixels.shape == (1, 2, 3, 3)
    assert read_pictures(path, (3, 3, 1)).pixels.shape == (2, 3, 3, 1)


@pytest.mark.parametrize(
    ("given_values", "kept"),
    [
        (np.array([[0, 50, 255]], np.int64), np.array([0, 50, 255], np.uint8)),
        (np.array([[0, 257, 65535]], np.uint16), np.array([0, 1, 255], np.uint8)),
        (np.array([[False, True, True]]), np.array([0, 255, 255], np.uint8)),
        (np.array([[0.0, 0.5, -1.0]], np.float64), np.array([0.0, 0.5, -1.0], np.float32)),
        (np.array([[0.0, 0.5, 2.0]], np.float16), np.array([0.0, 0.5, 2.0], np.float32)),
    ],
)
def test_numbers_are_kept_as_bytes_or_floats(tmp_path: Path, given_values: np.ndarray, kept: np.ndarray) -> None:
    """Whole numbers become bytes, floating-point numbers stay what they are."""
    pixels = read_pictures(saved(tmp_path / "a.npy", given_values), (1, 3, 1)).pixels
    assert (pixels.dtype, pixels.ravel().tolist()) == (kept.dtype, kept.tolist())


def test_arrays_are_made_grey_or_coloured(tmp_path: Path) -> None:
    """The same rule as for files: .299, .587 and .114; grey is repeated."""
    colours = np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3)
    grey = read_pictures(saved(tmp_path / "a.npy", colours), (1, 3, 1)).pixels
    assert grey.ravel().tolist() == pytest.approx([0.299, 0.587, 0.114])
    again = read_pictures(saved(tmp_path / "b.npy", grey), (1, 3, 3)).pixels
    assert np.array_equal(again, np.repeat(grey, 3, axis=3))


def test_an_archive_may_bring_labels(tmp_path: Path) -> None:
    """`images` with `labels`, and nobody minds the other arrays."""
    np.savez(tmp_path / "a.npz", images=np.stack([PIXELS] * 2), labels=[[3], [1]], more=[1.5])
    pictures = read_pictures(tmp_path / "a.npz", GREY)
    assert pictures.labels.tolist() == [3, 1]
    assert pictures.names == ("picture-0", "picture-1")


def test_an_archive_of_one_array_needs_no_name(tmp_path: Path) -> None:
    """There is nothing to choose."""
    np.savez_compressed(tmp_path / "a.npz", shoes=PIXELS)
    assert len(read_pictures(tmp_path / "a.npz", GREY)) == 1


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_brings_the_labels_beside_it(tmp_path: Path, suffix: str) -> None:
    """The file, or its folder, is enough."""
    for stem, array in (("images-idx3", np.stack([PIXELS] * 2)), ("labels-idx1", np.array([7, 9], np.uint8))):
        content = idx_bytes(array)
        (tmp_path / f"t10k-{stem}-ubyte{suffix}").write_bytes(gzip.compress(content) if suffix else content)
    for path in (tmp_path, tmp_path / f"t10k-images-idx3-ubyte{suffix}"):
        pictures = read_pictures(path, GREY)
        assert (pictures.labels.tolist(), len(pictures)) == ([7, 9], 2)


def test_idx_without_labels_is_read(tmp_path: Path) -> None:
    """Labels are welcome, not needed."""
    (tmp_path / "my-images-idx3-ubyte").write_bytes(idx_bytes(PIXELS[np.newaxis]))
    assert read_pictures(tmp_path / "my-images-idx3-ubyte", GREY).labels.size == 0


class Trap:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        """Ask the reader to fail the test."""
        return pytest.fail, ("a pickle was read",)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([Trap()], object), "not a readable .npy file"),
        (np.zeros(5), "is no picture"),
        (np.zeros((1, 1, 2, 3, 1)), "is no picture"),
        (np.array([["a", "b", "c"]] * 2), "pixels of type <U1 are no picture"),
        (np.full((2, 3), np.nan), "6 pixels are not finite"),
        (np.full((2, 3), -1), "or negative. Give uint8"),
        (np.zeros((0, 2, 3)), "no pictures, its shape is"),
        (np.zeros((0, 2, 3), np.uint8), "no pictures, its shape is"),
        (np.zeros((1, 2, 3, 2)), "2 channels, but the network takes 1"),
    ],
)
def test_an_array_that_is_no_picture_is_refused(tmp_path: Path, array: np.ndarray, said: str) -> None:
    """One line that begins with the file, and nothing in it is ever run."""
    with pytest.raises(InputError, match=said) as caught:
        read_pictures(saved(tmp_path / "a.npy", array), GREY)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([1], "2 pictures, but labels of shape"),
        ([0.5, 1.0], "whole numbers from zero"),
        ([-1, 0], "whole numbers from zero"),
        (["a", "b"], "whole numbers from zero"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path: Path, labels: list[object], said: str) -> None:
    """One whole number a picture."""
    np.savez(tmp_path / "a.npz", images=np.stack([PIXELS] * 2), labels=np.array(labels))
    with pytest.raises(InputError, match=said):
        read_pictures(tmp_path / "a.npz", GREY)


def test_an_archive_without_images_is_refused(tmp_path: Path) -> None:
    """The user reads what is in it."""
    np.savez(tmp_path / "a.npz", first=[1], second=[2])
    with pytest.raises(InputError, match="no array named 'images', only first, second"):
        read_pictures(tmp_path / "a.npz", GREY)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_broken_array_file_is_one_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    """Whatever bytes are changed or lost, nothing but an `InputError` comes out."""
    path = tmp_path_factory.mktemp("arrays") / name
    if name == "a.npy":
        np.save(path, PIXELS)
    else:
        np.savez_compressed(path, images=PIXELS[np.newaxis], labels=[1])
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read_pictures(path, GREY)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - reading may also succeed


def header_of(shape: tuple[int, ...]) -> bytes:
    """The head of a .npy file of bytes of this shape, and nothing behind it."""
    file = BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue()


def test_a_small_file_cannot_ask_for_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the head of an array announces is held against the file before NumPy sees it."""
    path = tmp_path / "a.npy"
    path.write_bytes(header_of((400_000, 1000, 1000, 1)) + b"x")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(path, "images.npy")
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("NumPy was asked"))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(InputError, match="400,000,000,000 bytes announced, 1 found"):
            read_pictures(tmp_path / name, GREY)


def test_an_archive_blown_up_out_of_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb is known by how much smaller it was packed."""
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros((50, 200, 300), np.uint8))
    assert len(read_pictures(tmp_path / "a.npz", GREY)) == 50
    monkeypatch.setattr(array_files, "_SUSPICIOUS_BYTES", 10**6)
    with pytest.raises(InputError, match=r"not a readable \.npz file \(too large\)"):
        read_pictures(tmp_path / "a.npz", GREY)


# --- samples that are no pictures ---


@pytest.mark.parametrize(
    ("given_shape", "input_shape", "kept"),
    [
        ((5, 6), (6,), (5, 1, 6, 1)),
        ((6,), (6,), (1, 1, 6, 1)),
        ((5,), (1,), (5, 1, 1, 1)),
        ((5, 64), (64,), (5, 1, 64, 1)),
        ((5, 6), (None,), (5, 1, 6, 1)),
        ((5, 8, 8), (64,), (5, 8, 8, 1)),
        ((5, 16, 16), (64,), (5, 8, 8, 1)),
        ((5, 8, 8, 3), (192,), (5, 8, 8, 3)),
        ((5, 8, 8), (8, 8), (5, 8, 8, 1)),
        ((5, 9, 2), (9, 2), (5, 1, 9, 2)),
        ((9, 2), (9, 2), (1, 1, 9, 2)),
        ((5, 9), (9, 1), (5, 1, 9, 1)),
        ((5, 7, 2), (None, 2), (5, 1, 7, 2)),
        ((5, 2, 3, 4, 1), (2, 3, 4, 1), (5, 3, 8, 1)),
        ((5, 2, 3, 4), (2, 3, 4, 1), (5, 3, 8, 1)),
        ((2, 3, 4, 1), (2, 3, 4, 1), (1, 3, 8, 1)),
    ],
)
def test_arrays_of_any_number_of_axes_are_laid_out_as_maps(
    tmp_path: Path, given_shape: tuple[int, ...], input_shape: tuple[int | None, ...], kept: tuple[int, ...]
) -> None:
    """Rows, sequences, volumes and pictures for networks that take these; each with or without its samples."""
    array = np.random.default_rng(3).normal(size=given_shape).astype(np.float32)
    pixels = read_pictures(saved(tmp_path / "a.npy", array), input_shape).pixels
    assert pixels.shape == kept
    if pixels.size == array.size:
        sample = tuple(size or given_shape[1] for size in input_shape)
        assert np.array_equal(from_maps(pixels, sample).ravel(), array.ravel())


def test_whole_numbers_for_no_picture_stay_numbers(tmp_path: Path) -> None:
    """Numbers of words, or of anything else, are not bytes of pixels."""
    numbers = np.array([[0, 255, 70000], [-3, 1, 2]])
    pixels = read_pictures(saved(tmp_path / "a.npy", numbers), (3,)).pixels
    assert (pixels.dtype.name, pixels[:, 0, :, 0].tolist()) == ("float32", numbers.tolist())
    words = np.arange(128).reshape(2, 64)
    asked = read_pictures(saved(tmp_path / "b.npy", words), (64,), numbers=True).pixels
    unasked = read_pictures(tmp_path / "b.npy", (64,)).pixels
    assert (asked.dtype.name, unasked.dtype.name) == ("float32", "uint8")
    assert np.array_equal(asked[:, 0, :, 0], words)


@pytest.mark.parametrize("shape", [(5, 7), (5, 6, 1, 1, 1), (3,)])
def test_an_array_that_does_not_fit_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Numbers that are no pixels are never mixed."""
    with pytest.raises(
        InputError, match=r"does not fit a network that takes \(6\)\. Give an array of \(number, 6\)"
    ):
        read_pictures(saved(tmp_path / "a.npy", np.zeros(shape)), (6,))


# --- choosing and telling apart ---


def test_the_showcase_is_the_first_of_each_class() -> None:
    """In the order of the classes; a class without pictures is left out."""
    chosen = choose_showcase(picture_set([5, 0, 5, 2, 0, 2], 6))
    assert (chosen.labels.tolist(), chosen.numbers.tolist()) == ([0, 2, 5], [1, 3, 0])
    assert chosen.pixels.ravel().tolist() == [1, 3, 0]
    assert chosen.names == ("picture-1", "picture-3", "picture-0")


def test_without_labels_the_showcase_is_the_first_twelve() -> None:
    """Nobody chooses."""
    assert choose_showcase(picture_set([], 20)).numbers.tolist() == list(range(12))
    assert choose_showcase(picture_set([], 3)).numbers.tolist() == [0, 1, 2]


def test_the_showcase_has_a_limit() -> None:
    """Of many classes, the first ones."""
    assert choose_showcase(picture_set(list(range(20)), 20), limit=4).labels.tolist() == [0, 1, 2, 3]


def test_arrays_are_read_only(tmp_path: Path) -> None:
    """Nobody changes the pictures of others."""
    pictures = read_pictures(save(tmp_path / "a.png"), GREY)
    with pytest.raises(ValueError, match="read-only"):
        pictures.pixels[0] = 0


def test_the_digest_of_a_picture_knows_type_shape_and_bytes() -> None:
    """Each of the three changes it; the memory's layout does not."""
    digests = {
        picture_digest(each) for each in (PIXELS, PIXELS.T, PIXELS.view(np.int8), PIXELS + 1, PIXELS.ravel())
    }
    assert len(digests) == 5
    assert picture_digest(np.asfortranarray(PIXELS)) == picture_digest(PIXELS)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: save(folder / "cat" / "2.png"),
        lambda folder: save(folder / "cat" / "1.png", 255 - PIXELS),
        lambda folder: (folder / "cat" / "1.png").rename(folder / "cat" / "3.png"),
        lambda folder: (folder / "cat").rename(folder / "dog"),
        lambda folder: (folder / "bee").mkdir(),
    ],
)
def test_the_digest_of_a_source_sees_every_change(tmp_path: Path, change: Callable[[Path], object]) -> None:
    """Whatever would change what is read changes it."""
    save(tmp_path / "cat" / "1.png")
    before = source_digest(tmp_path)
    change(tmp_path)
    assert source_digest(tmp_path) != before


def test_the_digest_of_a_source_does_not_know_where_it_lies(tmp_path: Path) -> None:
    """The same pictures in another place are the same source."""
    for place in ("here", "there"):
        save(tmp_path / place / "cat" / "1.png")
    assert source_digest(tmp_path / "here") == source_digest(tmp_path / "there")


def test_the_digest_of_idx_knows_the_labels_beside_it(tmp_path: Path) -> None:
    """Other labels are another source."""
    images = tmp_path / "my-images-idx3-ubyte"
    images.write_bytes(idx_bytes(PIXELS[np.newaxis]))
    before = source_digest(images)
    (tmp_path / "my-labels-idx1-ubyte").write_bytes(idx_bytes(np.array([3], np.uint8)))
    assert source_digest(images) != before


def test_the_digest_of_no_source_is_that_of_the_bundled_one() -> None:
    """It is the same each time, and that of the file that comes with the program."""
    assert source_digest(None) == source_digest(fashion_mnist.BUNDLE)


def test_the_digest_of_nothing_is_an_error(tmp_path: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(InputError, match="none: no such file or folder"):
        source_digest(tmp_path / "none")
