"""A site in one file: nothing missing, nothing twice, nothing asked for, and the same in a browser."""

import base64
import errno
import hashlib
import io
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Browser, Page, ViewportSize

from reportgen import site
from reportgen.analysis.charts import Chart, size_of
from reportgen.cli import main
from reportgen.errors import InputError, OutputRefusedError, OutputWriteError
from reportgen.export import EARLIEST, FOLDER, archive, single_file
from reportgen.links import check_links
from reportgen.pages.words import LANGUAGES
from tests.sites import CONFIG, VARIANTS, BuiltSite, Elements, run_program, tree, written_site

NAME = "report.html"
HOSTILE = "\"'><script>alert(1)</script>&amp;{{ 7 }}"
WINDOWS: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 740},
    "desktop": {"width": 1280, "height": 800},
}


def picture(path: str, chart: Chart) -> bytes:
    """What stands for a picture: as large as the real one, and unlike every other."""
    if path.endswith(".svg"):
        return f"<svg>{path}</svg>".encode()
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", *size_of(chart)) + path.encode()


@cache
def files_of(variant: str = "all", title: str = "Small", base_url: str = "") -> dict[str, bytes]:
    """A site of a network made by hand, with something for each picture."""
    written = written_site(VARIANTS[variant](), replace(CONFIG, title=title, base_url=base_url))
    return {**written.texts, **{path: picture(path, chart) for path, chart in written.charts.items()}}


@cache
def exported(variant: str = "all", language: str = "en", title: str = "Small", base_url: str = "") -> str:
    """The same in one file."""
    return single_file(files_of(variant, title, base_url), language).decode()


def pages_in(language: str, files: dict[str, bytes]) -> list[str]:
    """The pages of a language, but for lost ways."""
    pages = [path for path in files if path.endswith(".html") and not path.endswith("404.html")]
    return [path for path in pages if path.startswith("ko/") == (language == "ko")]


def elements(text: str, *names: str) -> list[dict[str, str]]:
    """The attributes of every element of these names, in order."""
    return [attributes for tag, attributes in Elements(text).started if tag in names]


def pictures_in(text: str) -> list[bytes]:
    """What stands in every data address, in order."""
    return [base64.b64decode(found) for found in re.findall(r'"data:image/[a-z+]+;base64,([^"]*)"', text)]


def headings(text: str) -> list[str]:
    """The words of all headings, in order."""
    found = re.findall(r"<h([123])[^>]*>(.*?)</h\1>", text, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", words) for _, words in found]


# --- one page ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_link_of_the_one_page_leads_somewhere_in_it(variant: str, language: str) -> None:
    """Every address is a place in the file or a picture in itself, and no id stands twice."""
    assert check_links({NAME: exported(variant, language).encode()}) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_one_page_asks_for_no_file(language: str) -> None:
    """Whatever can be loaded or followed begins with `#` or is data."""
    attributes = [each for _, each in Elements(exported(language=language)).started]
    addresses = [each[name] for each in attributes for name in ("href", "src", "data-pic") if name in each]
    assert len(addresses) > 100
    assert [each for each in addresses if not each.startswith(("#", "data:image/"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_page_is_in_the_one_page(variant: str, language: str) -> None:
    """Each page of the language once, with all its headings, and none of another language."""
    files, text = files_of(variant), exported(variant, language)
    pages = pages_in(language, files)
    found = elements(text, "article")
    assert sorted(each["id"] for each in found) == sorted(path.removeprefix("ko/") for path in pages)
    assert found[0]["id"] == "index.html"
    wanted = Counter(words for path in pages for words in headings(files[path].decode()))
    assert Counter(headings(text)) == wanted
    assert elements(text, "html") == [{"lang": language}]


def test_the_policy_lets_in_what_is_in_the_file_alone() -> None:
    """The digests of the content policy are those of the only style and the only script."""
    text = exported()
    (policy,) = [each["content"] for each in elements(text, "meta") if "http-equiv" in each]
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert policy.endswith("base-uri 'none'; form-action 'none'")
    assert "unsafe" not in policy


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_picture_is_stored_once(variant: str) -> None:
    """All pictures that the pages show or can be made to show, each once, and no other."""
    files, stored = files_of(variant), pictures_in(exported(variant))
    assert max(Counter(stored).values()) == 1
    assert set(stored) == {data for path, data in files.items() if path.startswith("img/")} | {
        files["assets/icon.svg"]
    }


def test_pictures_with_the_same_bytes_are_stored_once() -> None:
    """A picture that is the same as another is shown by the other's."""
    files = files_of()
    one, other = sorted(path for path in files if path.endswith(".png"))[:2]
    text = single_file({**files, other: files[one]}, "en").decode()
    assert max(Counter(pictures_in(text)).values()) == 1
    assert check_links({NAME: text.encode()}) == ()


def test_every_choice_of_a_picture_is_in_the_file() -> None:
    """Whatever the reader can choose has all that is shown of it."""
    started = Elements(exported()).started
    ids = {each["id"] for _, each in started if "id" in each}
    names = {each["value"] for tag, each in started if tag == "input" and each["type"] == "radio"}
    patterns = {each["data-pic"] for _, each in started if "data-pic" in each}
    assert len(names) > 1
    assert {pattern.replace("{}", name)[1:] for pattern in patterns for name in names} <= ids


def test_the_choices_of_different_pages_do_not_rule_each_other_out() -> None:
    """Buttons of one name are one choice; each page has its own."""
    names = Counter(each["name"] for each in elements(exported(), "input") if each["type"] == "radio")
    assert len(names) > 1
    assert len(set(names.values())) == 1


def test_links_to_data_become_words() -> None:
    """What is not in the file is named on the page that lists it, left out elsewhere, and told in the foot."""
    text = exported()
    for name in ("report.json", "report.schema.json"):
        assert f"<li>{name}</li>" in text
    assert "The numbers (CSV)" in files_of()["depth.html"].decode()
    assert "The numbers (CSV)" not in text
    assert Elements(text).text.count("This is the site in one file.") == 1
    assert Elements(exported(language="ko")).text.count("사이트를 파일 하나에 담은 거예요.") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_site_gives_the_same_page(language: str) -> None:
    """Whatever the order in which its files come."""
    files = files_of()
    backwards = dict(reversed(files.items()))
    assert single_file(backwards, language).decode() == exported(language=language)


def test_no_address_of_the_site_goes_along() -> None:
    """What a published site says of its own place is not true of the file."""
    assert "https://example.org" in files_of(base_url="https://example.org/a")["index.html"].decode()
    text = exported(base_url="https://example.org/a")
    assert "example.org" not in text
    assert "og:" not in text
    assert check_links({NAME: text.encode()}) == ()


def test_a_hostile_title_stays_text() -> None:
    """What a stranger has called a network does not become markup."""
    plain, hostile = (Elements(exported(title=title)).structure for title in ("Small", HOSTILE))
    assert hostile == plain
    assert any(HOSTILE in each["data-title"] for each in elements(exported(title=HOSTILE), "article"))


def test_a_language_that_there_is_not() -> None:
    """Said, with those that there are."""
    with pytest.raises(InputError, match="none of en, ko"):
        single_file(files_of(), "fr")


@pytest.mark.parametrize(
    "path", ["assets/style.css", "assets/site.js", "assets/icon.svg", "img/scale-sequential.png"]
)
def test_a_site_that_lacks_something(path: str) -> None:
    """Named, and nothing is made."""
    files = {each: data for each, data in files_of().items() if each != path}
    with pytest.raises(InputError, match=path):
        single_file(files, "en")


def test_a_site_without_pages_or_with_others() -> None:
    """Refused."""
    with pytest.raises(InputError, match="no pages"):
        single_file({}, "en")
    with pytest.raises(InputError, match="not a page of this program"):
        single_file({"index.html": b"<p>mine</p>"}, "en")


# --- an archive ---


def test_an_archive_holds_the_whole_site_in_one_folder() -> None:
    """Every file, byte for byte, in order, readable by all, and with the same time."""
    files = files_of()
    with ZipFile(io.BytesIO(archive(files))) as whole:
        assert whole.testzip() is None
        entries = whole.infolist()
        assert {each.filename: whole.read(each) for each in entries} == {
            f"{FOLDER}/{path}": data for path, data in files.items()
        }
    assert [each.filename for each in entries] == sorted(each.filename for each in entries)
    assert {(each.date_time, each.external_attr >> 16, each.create_system) for each in entries} == {
        (EARLIEST, 0o100644, 3)
    }


def test_the_same_site_gives_the_same_archive() -> None:
    """Whatever the order in which its files come."""
    assert archive(dict(reversed(files_of().items()))) == archive(files_of())


# --- what is written ---


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a published site in it, in which one stands."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "place"
    folder.mkdir()
    site.publish(files_of(), folder / "site", "inputs")
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["export", *arguments])


def test_both_are_written_and_written_again(place: Path) -> None:
    """An earlier export is replaced without a word, the site is as it was, and nothing else is left."""
    before = tree(place / "site")
    for _ in range(2):
        assert run("--single-file", NAME, "--zip", "report.zip").exit_code == 0
        assert (place / NAME).read_text(encoding="utf-8") == exported()
        assert (place / "report.zip").read_bytes() == archive(files_of())
    assert tree(place / "site") == before
    assert sorted(path.name for path in place.iterdir()) == [NAME, "report.zip", "site"]


def test_the_other_language_is_written(place: Path) -> None:
    """When asked for."""
    assert run("--single-file", NAME, "--language", "ko").exit_code == 0
    assert (place / NAME).read_text(encoding="utf-8") == exported(language="ko")


def test_an_export_can_be_read_by_whom_the_user_lets(place: Path) -> None:
    """It has the rights of any new file."""
    (place / "plain").touch()
    run("--single-file", NAME)
    assert (place / NAME).stat().st_mode == (place / "plain").stat().st_mode


def _occupied(place: Path) -> None:
    (place / NAME).write_text("<p>mine</p>", encoding="utf-8")


def _linked(place: Path) -> None:
    (place / "elsewhere").touch()
    (place / NAME).symlink_to("elsewhere")


MISTAKES: dict[str, tuple[Callable[[Path], object], list[str], int, str]] = {
    "nothing asked for": (Path.touch, [], 2, "Nothing to write"),
    "no page by its name": (Path.touch, ["--single-file", "report.pdf"], 2, "does not end in .html"),
    "no archive by its name": (Path.touch, ["--zip", "report"], 2, "does not end in .zip"),
    "unknown language": (Path.touch, ["--single-file", NAME, "--language", "fr"], 2, "none of en, ko"),
    "no site": (Path.touch, ["--site", "none", "--single-file", NAME], 2, "no site in there"),
    "part of a site": (
        lambda p: (p / "site/depth.html").unlink(),
        ["--zip", "a.zip"],
        2,
        "depth.html cannot be read",
    ),
    "a folder": (lambda p: (p / NAME).mkdir(), ["--single-file", NAME], 4, "is a folder"),
    "a file of somebody else": (_occupied, ["--single-file", NAME], 4, "was not made by"),
    "a page of the site": (Path.touch, ["--single-file", "site/index.html"], 4, "was not made by"),
    "a link": (_linked, ["--single-file", NAME], 4, "is a symbolic link"),
    "no such folder": (Path.touch, ["--single-file", "none/report.html"], 4, "is not a folder"),
}


@pytest.mark.parametrize(("prepare", "arguments", "code", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_one_line(
    place: Path, prepare: Callable[[Path], object], arguments: list[str], code: int, words: str
) -> None:
    """Each is said with its exit code, and everything stays as it was."""
    prepare(place)
    before = tree(place)
    ended = run(*arguments)
    assert (ended.exit_code, ended.stdout) == (code, "")
    (line,) = ended.stderr.splitlines()
    assert words in line
    assert tree(place) == before


@pytest.mark.parametrize("method", ["write_bytes", "replace"])
def test_a_full_disk_leaves_the_earlier_export(place: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Whenever it happens, and nothing half-written is left."""
    run("--single-file", NAME)
    before = tree(place)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, method, full)
    with pytest.raises(OutputWriteError, match="the disk is full"):
        site.write_export(b"new", place / NAME)
    assert tree(place) == before
    assert sorted(path.name for path in place.iterdir()) == [NAME, "site"]


def test_a_refusal_names_the_file(place: Path) -> None:
    """And says what to do."""
    with pytest.raises(
        OutputRefusedError, match=r"site: is a folder; nothing was touched. Give another file name."
    ):
        site.write_export(b"new", place / "site")


# --- in a browser ---


@dataclass
class Opened:
    """A page, and all that it said and asked for."""

    page: Page
    messages: list[str]
    requests: list[str]


@pytest.fixture(scope="module")
def report(default_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default site in one file, in a folder of its own."""
    path = tmp_path_factory.mktemp("export") / NAME
    ended = run_program("export", "--site", default_site.folder, "--single-file", path, folder=path.parent)
    assert (ended.returncode, ended.stderr) == (0, "")
    return path


@pytest.fixture(params=WINDOWS, scope="module")
def opened(report: Path, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The file in a window, opened from disk; one for all tests."""
    with browser.new_context(viewport=WINDOWS[request.param]) as context:
        seen = Opened(context.new_page(), [], [])
        seen.page.on("console", lambda message: seen.messages.append(message.text))
        seen.page.on("pageerror", lambda error: seen.messages.append(str(error)))
        seen.page.on("request", lambda asked: seen.requests.append(asked.url))
        seen.page.goto(report.resolve().as_uri())
        yield seen


@pytest.fixture
def fresh(report: Path, browser: Browser) -> Iterator[Page]:
    """The file in a window that has seen nothing yet."""
    with browser.new_context(viewport=WINDOWS["desktop"]) as context:
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        yield page


def turned_to(page: Page, name: str) -> None:
    """Go to a page of the file."""
    page.evaluate("name => { location.hash = name }", name)
    page.wait_for_function("name => !document.getElementById(name).hidden", arg=name)


def names_of_pages(page: Page) -> list[str]:
    """What the pages are called, in order."""
    found: list[str] = page.locator("main > article").evaluate_all("pages => pages.map(page => page.id)")
    return found


PICTURES = """() => [...document.querySelectorAll('article :is(img, [data-img], .tile, .stop)')]
  .filter(each => each.checkVisibility())
  .map(each => { const box = each.getBoundingClientRect(); return [box.width, box.height].map(Math.round) })"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = """async () => {
  const found = [...document.querySelectorAll('img')].map(image => image.src)
    .concat([...document.querySelectorAll('image')].map(image => image.href.baseVal));
  const loaded = await Promise.all(found.map(address => new Promise(done => {
    const image = new Image();
    image.onload = () => done(image.naturalWidth > 0);
    image.onerror = () => done(false);
    image.src = address;
  })));
  return [loaded.length, loaded.filter(each => !each).length];
}"""
LOST = """() => [...document.querySelectorAll('[href^="#"]')]
  .map(each => each.getAttribute('href').slice(1)).filter(id => !document.getElementById(id))"""


@pytest.mark.slow
def test_the_file_is_small_enough_to_be_sent(report: Path) -> None:
    """At most 10 MB."""
    assert report.stat().st_size <= 10_000_000


@pytest.mark.slow
def test_the_same_site_is_written_as_the_same_file(default_site: BuiltSite, report: Path, tmp_path: Path) -> None:
    """On another clock, with another hash seed, in another place."""
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LC_ALL": "C"}
    arguments = ("export", "--site", default_site.folder, "--single-file", "a.html", "--zip", "a.zip")
    assert run_program(*arguments, folder=tmp_path, **elsewhere).returncode == 0
    assert (tmp_path / "a.html").read_bytes() == report.read_bytes()
    with ZipFile(tmp_path / "a.zip") as whole:
        assert {each.date_time for each in whole.infolist()} == {EARLIEST}


@pytest.mark.slow
def test_every_page_of_the_file_looks_as_in_the_site(opened: Opened, default_site: BuiltSite) -> None:
    """The same pictures, as large as in the site; none too wide; one page at a time, under its own title."""
    page = opened.page
    with page.context.browser.new_context(viewport=page.viewport_size) as context:  # type: ignore[union-attr]  # a context of a browser
        whole = context.new_page()
        for name in names_of_pages(page):
            turned_to(page, name)
            whole.goto((default_site.folder / name).resolve().as_uri())
            assert (name, page.evaluate(PICTURES)) == (name, whole.evaluate(PICTURES))
            assert (name, page.evaluate(TOO_WIDE)) == (name, 0)
            assert page.locator("main > article:visible").count() == 1
            assert page.title() == whole.title()
            current = [each.locator(".top [aria-current]").all_inner_texts() for each in (page, whole)]
            assert current[0] == current[1]


@pytest.mark.slow
def test_the_file_says_nothing_and_asks_for_nothing(opened: Opened) -> None:
    """No message of the console, no request but for itself, no broken picture, no lost link."""
    for name in names_of_pages(opened.page):
        turned_to(opened.page, name)
    pictures, broken = opened.page.evaluate(BROKEN)
    assert pictures > 700
    assert broken == 0
    assert opened.page.evaluate(LOST) == []
    assert opened.messages == []
    assert [each for each in opened.requests if not each.startswith("data:")] == [opened.page.url.split("#")[0]]


@pytest.mark.slow
def test_links_lead_to_pages_and_to_places_in_them(fresh: Page) -> None:
    """A reader gets on by links, and back to where the link was."""
    fresh.locator(".top nav a", has_text="Layers").click()
    fresh.locator("#layers\\/index\\.html").wait_for()
    assert fresh.title() == "All layers — Fashion-MNIST"
    fresh.locator("article:visible .entry h2 a", has_text="Second convolution").click()
    place = "layers/03-convolution-2.html"
    fresh.locator(f'[id="{place}"]').wait_for()
    assert fresh.evaluate("scrollY") == 0
    assert fresh.locator("article:visible").get_attribute("id") == place
    fresh.evaluate("scrollTo(0, 1500)")
    fresh.wait_for_timeout(100)
    fresh.evaluate("name => { location.hash = name }", "layers/06-dense.html:unit-40")
    unit = fresh.locator('[id="layers/06-dense.html:unit-40"]')
    unit.wait_for()
    assert 0 <= unit.evaluate("unit => unit.getBoundingClientRect().top") < 100
    fresh.go_back()
    fresh.locator(f'[id="{place}"]').wait_for()
    fresh.wait_for_function("scrollY === 1500")


@pytest.mark.slow
def test_an_address_opens_its_place(report: Path, browser: Browser) -> None:
    """A place that was shared is shown at once, and nonsense leads to the first page."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{report.resolve().as_uri()}#layers/06-dense.html:unit-40")
        assert page.locator("article:visible").get_attribute("id") == "layers/06-dense.html"
        assert page.evaluate("scrollY") > 1000
        for nonsense in ("nowhere", "%E0%A4%A", "%22><b>"):
            page.goto("about:blank")
            page.goto(f"{report.resolve().as_uri()}#{nonsense}")
            assert page.locator("article:visible").get_attribute("id") == "index.html"


@pytest.mark.slow
def test_a_choice_goes_along_in_the_file(fresh: Page) -> None:
    """Chosen on the first page, a picture is shown there and on a layer's page, with the answer to it."""
    fresh.locator("article:visible .chooser input[value=bag]").focus()
    fresh.keyboard.press("Space")
    fresh.wait_for_url("**pic=bag*")
    assert fresh.locator("article:visible .answer .word").inner_text() == "Bag"
    for name in ("index.html", "layers/01-convolution-1.html"):
        turned_to(fresh, name)
        assert fresh.locator("article:visible .chooser input:checked").get_attribute("value") == "bag"
        shown = fresh.locator("article:visible .tile use[data-pic], article:visible [data-img] use[data-pic]")
        addresses = shown.evaluate_all("all => all.map(each => each.getAttribute('href'))")
        assert addresses
        assert {each.endswith("-bag.png") for each in addresses} == {True}


@pytest.mark.slow
def test_units_are_sorted_in_the_file(fresh: Page) -> None:
    """By their strength, on this page and on others, and again after a reload."""
    turned_to(fresh, "layers/01-convolution-1.html")
    fresh.locator("article:visible select").first.select_option("strength")
    for name in ("layers/01-convolution-1.html", "layers/06-dense.html"):
        turned_to(fresh, name)
        units = fresh.locator("article:visible li.unit")
        strengths = units.evaluate_all("units => units.map(unit => Number(unit.dataset.strength))")
        assert strengths == sorted(strengths, reverse=True)
    fresh.reload()
    assert fresh.locator("article:visible select").first.input_value() == "strength"


@pytest.mark.slow
def test_the_theme_is_switched_in_the_file(fresh: Page) -> None:
    """Dark ground, and the charts that are made for it."""
    turned_to(fresh, "training.html")
    assert fresh.locator("article:visible img.dark:visible").count() == 0
    fresh.locator("button.theme").click()
    assert fresh.locator("article:visible img.light:visible").count() == 0
    assert fresh.locator("article:visible img.dark:visible").count() > 0


@pytest.mark.slow
def test_without_script_the_file_is_read_in_sequence(report: Path, browser: Browser) -> None:
    """All pages stand one after the other, with their pictures."""
    with browser.new_context(java_script_enabled=False, viewport=WINDOWS["desktop"]) as context:
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        assert page.locator("main > article:visible").count() == page.locator("main > article").count() > 20
        assert page.evaluate(TOO_WIDE) == 0
        tile = page.locator('[id="layers/03-convolution-2.html"] .unit .map').first
        tile.scroll_into_view_if_needed()
        assert len(set(tile.screenshot())) > 50
        assert page.locator(".controls:visible, .chooser:visible, button:visible").count() == 0


@pytest.mark.slow
def test_what_can_be_tried_works_in_the_file(fresh: Page) -> None:
    """A unit is enlarged beside what it saw, the film runs from moment to moment, and the window is moved."""
    said: list[str] = []
    fresh.on("console", lambda message: said.append(message.text))
    turned_to(fresh, "layers/03-convolution-2.html")
    fresh.locator("article:visible li.unit h3 button").nth(3).click()
    assert fresh.locator("dialog[open] .seen rect").count() == 1
    fresh.keyboard.press("Escape")
    turned_to(fresh, "training.html")
    shown = []
    fresh.locator("article:visible .reel input").first.focus()
    for key in ("Home", "ArrowRight", "End"):
        fresh.keyboard.press(key)
        shown.append(fresh.locator("article:visible .reel .kernels").first.screenshot())
    assert len(set(shown)) == 3
    turned_to(fresh, "index.html")
    figure = fresh.locator("article:visible .sum")
    before = figure.inner_text()
    figure.locator(".tile").first.focus()
    fresh.keyboard.press("ArrowUp")
    assert figure.inner_text() != before
    assert said == []
