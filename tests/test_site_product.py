"""The built site as its readers get it: opened from disk and over http, looked at, weighed, and built again."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, ViewportSize

from reportgen.links import check_budgets, check_links
from reportgen.pages.words import LANGUAGES, Words
from tests.browser import NARROW, WIDE
from tests.sites import EVERY_KIND, BuiltSite, address_of, pages_of, run_program, served, tree

pytestmark = pytest.mark.slow

WIDTHS = (320, 360, 768, 1024, 1280, 1440, 1920)
"""Of the smallest phone, which is also a window of 1,280 pixels enlarged four times, to a large screen."""
FOLDERS = {words.folder: words.tag for words in map(Words, LANGUAGES)}
"""The folder of each language, and how a page names the language."""
FIRST, SECOND = "layers/01-convolution-1.html", "layers/02-pooling-1.html"
HEAVY = ("keras", "tensorflow", "matplotlib")

LOOK = """async () => {
  for (const image of document.images) image.loading = 'eager';
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  const cut = [...document.querySelectorAll('svg image')];
  const drawn = cut.map(image => new URL(image.href.baseVal, location).href);
  const broken = await Promise.all([...new Set(drawn)].map(address => new Promise(done => {
    const image = new Image();
    image.onload = () => done(image.naturalWidth > 0 ? '' : address);
    image.onerror = () => done(address);
    image.src = address;
  })));
  return {
    language: document.documentElement.lang,
    images: document.images.length + drawn.length,
    broken: broken.filter(Boolean).concat(
      [...document.images].filter(image => !image.naturalWidth).map(image => image.src)),
    links: [...document.querySelectorAll('a[href]')].map(link => link.href),
    twins: [...document.querySelectorAll('.tools a[hreflang]')].map(link => [link.hreflang, link.href]),
    ids: [...document.querySelectorAll('[id]')].map(element => element.id),
  };
}"""
UNFOLD = "() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNSEEN = "() => [...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
BLOCKS = """() => [...document.querySelectorAll('main :is(h1, h2, h3, p, li, dt, dd, td, th, figcaption)')]
  .filter(block => !block.closest('.controls, .chooser, noscript') && block.checkVisibility())
  .map(block => block.innerText.trim()).filter(Boolean)"""


@dataclass
class Visit:
    """What one page was seen to be."""

    messages: list[str] = field(default_factory=list)
    """What the console and the page's errors said."""
    requests: list[str] = field(default_factory=list)
    language: str = ""
    images: int = 0
    broken: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    twins: list[list[str]] = field(default_factory=list)
    """[language, address] of the same page in the others."""
    ids: list[str] = field(default_factory=list)
    too_wide: dict[int, int] = field(default_factory=dict)
    """Pixels that the page can be scrolled sideways, by the width of the window."""


def parted(path: str) -> tuple[str, str]:
    """The language of a page and its path in the folder of the language."""
    folder = next((each for each in FOLDERS if each and path.startswith(each)), "")
    return FOLDERS[folder], path.removeprefix(folder)


def path_in(folder: Path, address: str) -> str:
    """The path in the site of an address on this disk."""
    return Path(unquote(urlsplit(address).path)).relative_to(folder.resolve()).as_posix()


def listened(page: Page, visit: Visit) -> None:
    """Write down all that a page says and asks for."""
    page.on("console", lambda message: visit.messages.append(message.text))
    page.on("pageerror", lambda error: visit.messages.append(str(error)))
    page.on("requestfailed", lambda request: visit.messages.append(f"failed: {request.url}"))
    page.on("request", lambda request: visit.requests.append(request.url))


def visited(page: Page, address: str) -> Visit:
    """Open a page, look at all that is in it, and try it in windows of every width."""
    visit = Visit()
    listened(page, visit)
    page.set_viewport_size(WIDE)
    page.goto(address)
    for name, value in page.evaluate(LOOK).items():
        setattr(visit, name, value)
    page.evaluate(UNFOLD)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": WIDE["height"]})
        visit.too_wide[width] = page.evaluate(TOO_WIDE)
    return visit


@pytest.fixture(scope="module")
def visits(default_site: BuiltSite, browser: Browser) -> dict[str, Visit]:
    """Every page of the default site, opened from disk."""
    found = {}
    with browser.new_context() as context:
        for path in pages_of(default_site.folder):
            page = context.new_page()
            found[path] = visited(page, address_of(default_site.folder, path))
            page.close()
    return found


# --- every page, from disk ---


def test_no_page_says_anything_in_the_console(visits: dict[str, Visit]) -> None:
    """Neither errors nor warnings, nor a request that fails."""
    assert {path: visit.messages for path, visit in visits.items() if visit.messages} == {}


def test_no_request_leaves_the_site(visits: dict[str, Visit], default_site: BuiltSite) -> None:
    """Everything that a page asks for lies in the site's folder."""
    home = default_site.folder.resolve().as_uri() + "/"
    asked = {address for visit in visits.values() for address in visit.requests}
    assert {each for each in asked if not each.startswith((home, "data:"))} == set()


def test_every_picture_is_loaded(visits: dict[str, Visit]) -> None:
    """Images and parts cut out of images alike."""
    assert {path: visit.broken for path, visit in visits.items() if visit.broken} == {}
    assert sum(visit.images for visit in visits.values()) > 1000


def test_every_link_leads_somewhere(visits: dict[str, Visit], default_site: BuiltSite) -> None:
    """Every link to a file finds it, and every link to a place in a page finds the place."""
    lost = set()
    for address in {link for visit in visits.values() for link in visit.links}:
        if address.startswith("file:"):
            path, fragment = path_in(default_site.folder, address), urlsplit(address).fragment
            found = (default_site.folder / path).is_file()
            if not found or (fragment and fragment not in visits[path].ids):
                lost.add(address)
    assert lost == set()


def test_every_page_can_be_reached(visits: dict[str, Visit], default_site: BuiltSite) -> None:
    """From the first page, link by link, a reader gets to every other but the one for lost ways."""
    reached, waiting = set(), ["index.html"]
    while waiting:
        path = waiting.pop()
        if path in visits and path not in reached:
            reached.add(path)
            links = (link for link in visits[path].links if link.startswith("file:"))
            waiting += [path_in(default_site.folder, link) for link in links]
    assert visits.keys() - reached <= {f"{folder}404.html" for folder in FOLDERS}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(visits: dict[str, Visit], width: int) -> None:
    """Every page fits into every window from the smallest phone to a large screen, with all its folds open."""
    assert {path: visit.too_wide[width] for path, visit in visits.items() if visit.too_wide[width] > 0} == {}


def test_every_page_says_its_language(visits: dict[str, Visit]) -> None:
    """Pages in the folder of a language are in that language, all others English."""
    assert {path: visit.language for path, visit in visits.items()} == {path: parted(path)[0] for path in visits}


def test_the_language_link_leads_to_the_same_page(visits: dict[str, Visit], default_site: BuiltSite) -> None:
    """From each language to the page of the same kind in every other."""
    for path, visit in visits.items():
        language, name = parted(path)
        others = [(code, folder + name) for folder, code in FOLDERS.items() if code != language]
        assert [(code, path_in(default_site.folder, twin)) for code, twin in visit.twins] == others


def test_every_layer_has_its_page_in_all_languages(default_site: BuiltSite, page: Page) -> None:
    """With all its weights, its filters, and a map before and after for each unit."""
    report = json.loads((default_site.folder / "data" / "report.json").read_text(encoding="utf-8"))
    assert len(report["layers"]) == 8
    for layer in report["layers"]:
        for prefix in FOLDERS:
            page.goto(address_of(default_site.folder, prefix + layer["page"]))
            assert page.locator(".plot").count() == len(layer["weights"])
            filters = layer["filters"]["total"] if layer["filters"] else 0
            assert page.locator(".pair .kernels svg.tile").count() == 2 * filters
            if layer["maps"]["total"]:
                assert page.locator("li.unit").count() == layer["maps"]["total"]
                for kind in ("scale-layer", "scale-own"):
                    assert page.locator(f".unit .{kind} svg.map").count() == 2 * layer["maps"]["total"]


# --- over http, below a path ---


def test_the_site_works_below_a_path_of_a_server(default_site: BuiltSite, browser: Browser) -> None:
    """A page of each kind in all languages: nothing said, nothing asked for outside the path, nothing broken."""
    with served(default_site.folder.parent) as home, browser.new_context() as context:
        for path in (folder + each for folder in FOLDERS for each in EVERY_KIND):
            page = context.new_page()
            visit = visited(page, f"{home}site/{path}")
            page.close()
            assert (path, visit.messages, visit.broken) == (path, [], [])
            assert {each for each in visit.requests if not each.startswith((f"{home}site/", "data:"))} == set()


# --- what the script adds ---


def shown_pictures(page: Page) -> set[str]:
    """The addresses of all that follows the reader's choice of a picture."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('[data-pic]:not(ol), [data-pic] image')]"
        ".map(each => each.getAttribute('src') || each.getAttribute('href'))"
    )
    return set(found)


def chosen_with_the_keyboard(page: Page) -> str:
    """Choose the second picture and return its name."""
    page.locator(".chooser input").first.focus()
    page.keyboard.press("ArrowRight")
    name: str = page.locator(".chooser input:checked").evaluate("input => input.value")
    return name


def test_the_chooser_switches_all_pictures(default_site: BuiltSite, page: Page) -> None:
    """Every map follows the picture that the reader chooses, and the address tells which it is."""
    page.goto(address_of(default_site.folder, FIRST))
    before = shown_pictures(page)
    name = chosen_with_the_keyboard(page)
    assert f"pic={name}" in page.url
    after = shown_pictures(page)
    assert not before & after
    assert all(f"-{name}." in address for address in after)


def test_the_choice_goes_along(default_site: BuiltSite, page: Page) -> None:
    """On the next layer's page the same picture is shown."""
    page.goto(address_of(default_site.folder, FIRST))
    name = chosen_with_the_keyboard(page)
    page.locator("a[rel=next]").click()
    page.wait_for_url("**/" + SECOND + "*")
    assert page.locator(".chooser input:checked").evaluate("input => input.value") == name
    assert all(f"-{name}." in address for address in shown_pictures(page))


def test_the_choice_changes_the_answer(default_site: BuiltSite, page: Page) -> None:
    """On the first page the network's answer belongs to the chosen picture."""
    page.goto(address_of(default_site.folder, "index.html"))
    report = json.loads((default_site.folder / "data" / "report.json").read_text(encoding="utf-8"))
    name = chosen_with_the_keyboard(page)
    (picture,) = [each for each in report["pictures"] if each["name"] == name]
    assert page.locator(".answer .word").inner_text() == report["model"]["classes"][picture["predicted"]]


def test_a_shared_address_shows_the_same(default_site: BuiltSite, page: Page) -> None:
    """Picture, order, filter and brightness come out of the address, and nonsense in it does nothing."""
    address = address_of(default_site.folder, FIRST)
    page.goto(f"{address}?pic=bag&sort=strength&scale=own")
    assert page.locator("#sort").input_value() == "strength"
    assert page.locator("#scale").input_value() == "own"
    page.goto(f"{address}?pic=<b>&sort=<b>&only=<b>&scale=<b>")
    assert page.locator("#sort").input_value() == "n"
    assert page.locator("li.unit:visible").count() == 32


def numbers(page: Page, key: str) -> list[float]:
    """One number of each unit, in the order in which they stand."""
    found: list[float] = page.locator("li.unit").evaluate_all(
        "(units, key) => units.map(unit => Number(unit.dataset[key]))", key
    )
    return found


def test_units_are_sorted_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """The strongest unit comes first, and the address says how they are sorted, also after a reload."""
    page.goto(address_of(default_site.folder, FIRST))
    assert numbers(page, "n") == list(range(32))
    page.locator("#sort").focus()
    page.keyboard.press("ArrowDown")
    assert "sort=strength" in page.url
    page.reload()
    strengths = numbers(page, "strength")
    assert strengths == sorted(strengths, reverse=True)
    assert sorted(numbers(page, "n")) == list(range(32))


def test_units_are_filtered_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """Only the units of the chosen state are left, and the address says so, also after a reload."""
    page.goto(address_of(default_site.folder, "layers/06-dense.html"))
    page.locator("#only").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert "only=dead" in page.url
    page.reload()
    states = page.locator("li.unit:visible").evaluate_all("units => units.map(unit => unit.dataset.state)")
    all_dead = page.locator("li.unit[data-state=dead]").count()
    assert states == ["dead"] * all_dead
    assert 0 < all_dead < 100


def test_brightness_is_switched_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """Every map is shown on its own scale, and the address says so, also after a reload."""
    page.goto(address_of(default_site.folder, FIRST))
    assert page.locator(".scale-own:visible").count() == 0
    page.locator("#scale").focus()
    page.keyboard.press("ArrowDown")
    assert "scale=own" in page.url
    page.reload()
    assert page.locator(".scale-layer:visible").count() == 0
    assert page.locator(".scale-own:visible").count() == 32


def test_the_theme_is_remembered(default_site: BuiltSite, page: Page) -> None:
    """Dark stays dark on the next page."""
    ground = "() => getComputedStyle(document.body).backgroundColor"
    page.goto(address_of(default_site.folder, "index.html"))
    light = page.evaluate(ground)
    page.locator("button.theme").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.goto(address_of(default_site.folder, f"ko/{FIRST}"))
    assert page.evaluate(ground) == dark


# --- without script ---


@pytest.mark.parametrize(
    "path", ["index.html", FIRST, "layers/06-dense.html", "pictures/index.html", "depth.html"]
)
def test_without_script_nothing_is_missing(
    default_site: BuiltSite, browser: Browser, page: Page, path: str
) -> None:
    """All text and all pictures are there where scripts are switched off."""
    address, visit = address_of(default_site.folder, path), Visit()
    page.goto(address)
    page.evaluate("() => document.querySelectorAll('li.unit button').forEach(each => each.remove())")
    wanted = set(page.evaluate(BLOCKS))
    with browser.new_context(java_script_enabled=False, viewport=WIDE) as context:
        plain = context.new_page()
        listened(plain, visit)
        plain.goto(address)
        assert wanted - set(plain.evaluate(BLOCKS)) == set()
        assert plain.evaluate(UNSEEN) == []
        assert visit.messages == []
        assert plain.locator(".controls:visible, .chooser:visible, button:visible").count() == 0


# --- weight ---


def test_the_whole_site_is_small(default_site: BuiltSite) -> None:
    """At most 10 MB."""
    assert sum(len(data) for data in tree(default_site.folder).values()) <= 10_000_000


@pytest.mark.parametrize(("path", "most"), [("assets/site.js", 12_000), ("assets/style.css", 20_000)])
def test_script_and_style_are_small(default_site: BuiltSite, path: str, most: int) -> None:
    """The script has at most 12 kB, the style 20."""
    assert (default_site.folder / path).stat().st_size <= most


def bytes_asked_for(browser: Browser, folder: Path, path: str, window: ViewportSize) -> int:
    """The bytes of all files that a page asks for before anything is scrolled or opened."""
    asked: set[str] = set()

    def note(request: Request) -> None:
        asked.add(urlsplit(request.url).path.removeprefix("/"))

    with served(folder) as home, browser.new_context(viewport=window) as context:
        page = context.new_page()
        page.on("request", note)
        page.goto(home + path, wait_until="networkidle")
    return sum((folder / each).stat().st_size for each in asked)


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["desktop", "phone"])
def test_the_first_view_is_light(default_site: BuiltSite, browser: Browser, window: ViewportSize) -> None:
    """The first page costs at most 150 kB before it is scrolled."""
    assert bytes_asked_for(browser, default_site.folder, "index.html", window) <= 150_000


def test_layer_pages_are_light(default_site: BuiltSite, browser: Browser) -> None:
    """A layer's page costs at most 500 kB before anything is opened."""
    paths = [path for path in pages_of(default_site.folder) if path.startswith("layers/")]
    costs = {path: bytes_asked_for(browser, default_site.folder, path, WIDE) for path in paths}
    assert {path: cost for path, cost in costs.items() if cost > 500_000} == {}


def test_the_site_keeps_its_own_checks(default_site: BuiltSite) -> None:
    """What is on disk passes the checks that the build made before."""
    files = tree(default_site.folder)
    assert check_links(files) == ()
    assert check_budgets(files) == ()


# --- built again ---


def run_and_look(*arguments: str | Path, folder: Path) -> tuple[float, set[str]]:
    """Run the command in a fresh interpreter; return its seconds, and which heavy libraries it imported."""
    program = (
        "import sys\nfrom reportgen.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(*sorted(name for name in {HEAVY!r} if name in sys.modules), sep=',', file=sys.stderr)"
    )
    start = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - start, set(filter(None, ended.stderr.strip().split(",")))


def test_the_same_input_gives_the_same_bytes(default_site: BuiltSite, tmp_path: Path) -> None:
    """Anew, without cache, elsewhere, on another clock and in another language: not a byte differs."""
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LANG": "ko_KR.UTF-8", "LC_ALL": "C"}
    ended = run_program("build", "--out", "other", "--no-cache", folder=tmp_path, **elsewhere)
    assert ended.returncode == 0, ended.stderr
    one, other = tree(default_site.folder), tree(tmp_path / "other")
    assert sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)) == []


def test_nothing_of_this_machine_is_in_the_site(default_site: BuiltSite) -> None:
    """No path of a folder, no name of a user."""
    secrets = [
        str(default_site.folder.parent).encode(),
        str(Path.home()).encode() + b"/",
        os.uname().nodename.encode(),
    ]
    files = tree(default_site.folder).items()
    assert [path for path, data in files if any(len(each) > 3 and each in data for each in secrets)] == []


def test_a_second_build_writes_nothing(default_site: BuiltSite, tmp_path: Path) -> None:
    """Nothing has changed, so no file is touched, no heavy library imported, and it takes 1.5 seconds at most."""
    files = [default_site.folder, *default_site.folder.rglob("*")]
    before = {path: path.stat().st_mtime_ns for path in files}
    arguments = ("build", "--out", default_site.folder, "--cache", default_site.cache)
    runs = [run_and_look(*arguments, folder=tmp_path) for _ in range(3)]
    assert {path: path.stat().st_mtime_ns for path in files} == before
    assert [imported for _, imported in runs] == [set()] * 3
    assert min(seconds for seconds, _ in runs) <= 1.5


def test_a_rebuild_of_the_pages_alone_is_light(default_site: BuiltSite, tmp_path: Path) -> None:
    """With all that is slow in the cache, pages are written anew without any heavy library."""
    arguments = ("build", "--out", tmp_path / "site", "--cache", default_site.cache, "--title", "Another title")
    _, imported = run_and_look(*arguments, folder=tmp_path)
    assert imported == set()
    assert "Another title" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_the_build_says_where_the_site_is(default_site: BuiltSite) -> None:
    """The path to open, and one line of figures."""
    path, figures = default_site.said.splitlines()
    assert Path(path) == default_site.folder.resolve() / "index.html"
    assert figures.split()[0] == str(len(pages_of(default_site.folder)))
