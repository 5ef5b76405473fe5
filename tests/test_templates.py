"""The contract between pages and templates, both ways, and what strangers' names may do in a page: nothing."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html import unescape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, get_args

import pytest
from jinja2 import nodes
from playwright.sync_api import Browser

from reportgen import render
from reportgen.config import Config
from reportgen.links import check_budgets, check_links
from reportgen.pages.compose import Page
from reportgen.pages.words import LANGUAGES, Words
from reportgen.render import _environment as environment_of
from reportgen.snapshot import Snapshot
from tests.factories import LAYER_NAMES, small_snapshot
from tests.sites import CONFIG, VARIANTS, Elements, WrittenSite, composed_pages, with_skipped, written_site

PAGE_CLASSES = get_args(Page)
READ_ELSEWHERE = {("Head", "section"), ("Head", "name")}
"""What `render` reads, so that templates need not."""

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an attribute": "\"'><img src=x onerror=alert(1)>",
    "an entity": "&lt;b&gt; &amp;amp; &#60;",
    "a path": "../../etc/passwd",
    "dots": "..",
    "a newline": "first\nsecond\r\nthird",
    "right to left": "\u202egnp.exe\u2066\u200f",
    "the script's own signs": "a|b;c{}d,e",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "a placeholder": "{number} %(count)s %s",
    "a byte that is no text": "caf\udce9",
    "zero": "nul\x00bell\x07",
    "blanks": " \t ",
    "ten thousand": "x" * 10_000,
}


class Seen:
    """A part of a page that notes which of its fields a template reads, and those of its parts."""

    def __init__(self, value: object, read: set[tuple[str, str]]) -> None:
        self._value, self._read = value, read

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands for any field
        kind = type(self._value)
        found = getattr(kind, name, None)
        if isinstance(found, property) and found.fget:
            return found.fget(self)
        self._read.add((kind.__name__, name))
        return seen(getattr(self._value, name), self._read)


def seen(value: object, read: set[tuple[str, str]]) -> Any:  # noqa: ANN401 - stands for any value
    """The value itself, or one that notes what is read of it."""
    if is_dataclass(value):
        return Seen(value, read)
    return tuple(seen(each, read) for each in value) if isinstance(value, tuple) else value


def parts_of(value: object) -> Iterator[object]:
    """A page and every part in it."""
    if is_dataclass(value):
        yield value
        for each in fields(value):
            yield from parts_of(getattr(value, each.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts_of(item)


@cache
def site_of(variant: str) -> WrittenSite:
    """The site of a network made by hand."""
    return written_site(VARIANTS[variant]())


def shared_by(page: Page, words: Words) -> render.Site:
    """What a page's head and foot need."""
    return render.site_for(page, words, title="Small", place=render.Place(), bundled=False)


def page_fields_read(node: nodes.Node) -> set[str]:
    """The fields of `page` that a template names."""
    return {
        each.attr
        for each in node.find_all(nodes.Getattr)
        if isinstance(each.node, nodes.Name) and each.node.name == "page"
    }


@cache
def hostile_site(name: str) -> WrittenSite:
    """A site in which everything that a stranger can name is called so, with a number behind it."""
    config = replace(CONFIG, classes=tuple(f"{name}{number}" for number in range(3)), title=name)
    return written_site(_named(name), config)


def _named(name: str) -> Snapshot:
    snapshot = small_snapshot(names=tuple(f"{name}{number}" for number in range(len(LAYER_NAMES))))
    layers = tuple(
        replace(layer, weights=tuple(replace(each, name=name) for each in layer.weights))
        for layer in snapshot.layers
    )
    return with_skipped(replace(snapshot, name=name, layers=layers), (f"{name}: no picture",))


# --- pages and templates ---


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_page_renders(variant: str) -> None:
    """Whatever is missing, every page is written in every language, and every link in it leads somewhere."""
    site = site_of(variant)
    assert check_links(site.files) == ()
    assert check_budgets(site.files) == ()
    assert len(site.pages) == len(list(composed_pages(VARIANTS[variant]())))


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_page_shows_what_python_calls_nothing(variant: str) -> None:
    """What is missing is a sentence or nothing at all, never a word of the program."""
    for path, page in site_of(variant).pages.items():
        words = Elements(page).text.split()
        assert not {"None", "nan", "NaN", "inf", "Undefined", "np.float64"} & set(words), path


@pytest.mark.parametrize("page_class", PAGE_CLASSES, ids=lambda each: each.__name__)
def test_templates_name_only_fields_that_exist(page_class: type) -> None:
    """No template asks for a field that its page does not have, also where no test goes."""
    environment = environment_of(LANGUAGES[0])
    source = (render.templates_folder() / "pages" / page_class.template).read_text(encoding="utf-8")  # type: ignore[attr-defined]  # every page has one
    known = {each.name for each in fields(page_class)}
    assert page_fields_read(environment.parse(source)) <= known


def test_every_field_is_used() -> None:
    """Every field of every page, and of every part of it, is read by a template."""
    read: set[tuple[str, str]] = set()
    there: set[tuple[str, str]] = set()
    for make in VARIANTS.values():
        for page, words in composed_pages(make()):
            render.render(seen(page, read), shared_by(page, words), words)
            there |= {
                (type(part).__name__, each.name)
                for part in parts_of(page)
                for each in fields(part)  # type: ignore[arg-type]  # parts are dataclasses
            }
    assert sorted(there - read - READ_ELSEWHERE) == []


def test_every_template_belongs_to_a_page() -> None:
    """No template is left over, and every page class has its own."""
    named = [page_class.template for page_class in PAGE_CLASSES]
    assert sorted(named) == sorted(path.name for path in (render.templates_folder() / "pages").iterdir())


# --- pages and pictures ---


def pictures_named(site: WrittenSite, names: tuple[str, ...]) -> set[str]:
    """Every picture that a page shows at once, or for another choice of the reader."""
    found = set()
    for path, page in site.pages.items():
        for _, attributes in Elements(page).started:
            addresses = [attributes.get("src", ""), attributes.get("href", "")]
            addresses += [attributes["data-pic"].replace("{}", name) for name in names if "data-pic" in attributes]
            found |= {normpath(join(dirname(path), each)) for each in addresses if each.endswith((".png", ".svg"))}
    return {each for each in found if each.startswith("img/")}


@pytest.mark.parametrize("variant", VARIANTS)
def test_pictures_shown_are_those_that_exist(variant: str) -> None:
    """No picture is drawn that no page shows, and no page shows one that does not exist."""
    names = tuple(picture.name for picture in VARIANTS[variant]().showcase)
    site = site_of(variant)
    shown = pictures_named(site, names)
    assert sorted(shown - site.charts.keys()) == []
    assert sorted(site.charts.keys() - shown) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_languages_have_the_same_pages(variant: str) -> None:
    """Every page of the first language has its twin in every other."""
    pages = site_of(variant).pages.keys()
    folders = [Words(language).folder for language in LANGUAGES]
    first = {path for path in pages if not path.startswith(tuple(folders[1:]))}
    assert pages == {folder + path for folder in folders for path in first}


# --- names of strangers ---


@pytest.fixture(scope="module")
def benign() -> WrittenSite:
    """A site in which everything that a stranger can name has a harmless name."""
    return hostile_site("name")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_changes_no_structure(benign: WrittenSite, name: str) -> None:
    """Whatever a layer, class, weight, file or network is called, the pages have the same elements."""
    pages = hostile_site(name).pages
    structures = [Elements(text).structure for _, text in sorted(pages.items())]
    assert structures == [Elements(text).structure for _, text in sorted(benign.pages.items())]


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_name_breaks_no_link(name: str) -> None:
    """Addresses are made of our own names, and no page grows beyond its budget."""
    files = hostile_site(name).files
    assert check_links(files) == ()
    assert check_budgets(files) == ()
    assert all(path.isascii() and ".." not in path and len(path) < 120 for path in files)


@pytest.mark.parametrize("name", [HOSTILE["a script"], HOSTILE["an attribute"]])
def test_a_hostile_name_is_read_as_it_is_written(name: str) -> None:
    """The name stands on the page as text: escaped once, not left out and not escaped twice."""
    site = hostile_site(name)
    assert name not in site.pages["index.html"]
    assert name in unescape(site.pages["index.html"])
    assert name in Elements(site.pages["index.html"]).text


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_name_as_a_title_is_text(title: str) -> None:
    """A network without a title is called like its file, whatever that is called."""
    file = Path(title.replace("/", "").replace("\x00", "")[:200] + ".keras")
    config = Config(model=file, classes=CONFIG.classes)
    assert check_links(written_site(small_snapshot(), config).files) == ()


@pytest.mark.slow
def test_hostile_names_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """No name runs, and the script shows each as it is written when another picture is chosen."""
    name = "<img src=x onerror=alert(1)>|\"';{}"
    for path, data in hostile_site(name).files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    dialogs: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.goto((tmp_path / "index.html").as_uri())
        before = page.locator("*").count()
        page.locator(".chooser input").first.focus()
        page.keyboard.press("ArrowRight")
        assert page.locator(".answer .word").inner_text() in {f"{name}{number}" for number in range(3)}
        assert page.locator(".chooser input:checked").input_value() == "standing-bar"
        assert page.locator("*").count() == before
    assert dialogs == []
