"""Who can read the built site: every kind of page, put to the field's own checks and shown in every way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import NARROW, WIDE
from tests.checkers import Message, said_of
from tests.sites import EVERY_KIND, BuiltSite, Elements, address_of, pages_of, served

pytestmark = pytest.mark.slow

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
IN_BOTH_LANGUAGES = [prefix + path for path in EVERY_KIND for prefix in ("", "ko/")]
STORY, LAYER, DEPTH = "index.html", "layers/01-convolution-1.html", "depth.html"

RULES = """async () => {
  const found = await axe.run({
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: {'color-contrast': {enabled: false}, 'target-size': {enabled: true}},
    resultTypes: ['violations', 'incomplete'],
  });
  const told = each => each.nodes.map(node => `${each.id}: ${node.target.join(' ')}`);
  const failed = [...found.violations, ...found.incomplete];
  return {found: failed.flatMap(told), rules: found.passes.map(each => each.id)};
}"""
"""All rules but the one for contrast; what axe cannot tell counts as found."""

CONTRAST = """async excluded => {
  for (const fold of document.querySelectorAll('details')) fold.open = true;
  const usual = axe._audit.checks['color-contrast'].options;
  axe.configure({checks: [{id: 'color-contrast', options: {...usual, ignoreLength: true, ignoreUnicode: false}}]});
  const found = await axe.run({exclude: excluded}, {
    runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations', 'incomplete', 'passes'],
  });
  const told = each => each.nodes.map(node => `${each.id}: ${node.target.join(' ')} ${node.failureSummary}`);
  return {
    found: [...found.violations, ...found.incomplete].flatMap(told),
    passed: found.passes.flatMap(each => each.nodes).length,
  };
}"""
"""Contrast of all but some parts, with every fold open; of texts of one sign, too."""

DRAWN_CONTRAST = """() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, number) => sum + each * [0.2126, 0.7152, 0.0722][number], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('svg:not(.nine) > text')].map(text => {
    const [low, high] = [paper, light(getComputedStyle(text).fill)].sort((one, other) => one - other);
    return [(high + 0.05) / (low + 0.05), text.textContent];
  });
}"""
"""The same for text in drawings, which stands on the paper, by WCAG's formula: to axe a drawing is a picture."""

WITHOUT_PICTURES = "img, svg, svg * { visibility: hidden }"
"""For contrast alone: axe takes a picture cut out of a sheet for as large as the whole sheet, and then cannot tell
what lies behind the text beside it."""

LAYOUT_SHIFTS = """(() => {
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
  }).observe({type: 'layout-shift', buffered: true});
})()"""
SCROLLED_THROUGH = """async () => {
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await painted();
  }
  return window.shifts.reduce((sum, each) => sum + each, 0);
}"""

NOT_THE_SITES = {
    "Resource violates Content Security Policy": "on a disk no file has an origin to be the policy's 'self'",
    "CSS: “vector-effect”": "a property of drawings, which the checker's list of CSS does not have",
    "CSS: “paint-order”": "a property of drawings, which the checker's list of CSS does not have",
}
"""What the Nu HTML checker says without a fault of the site, each with the reason."""

MOVING = """() => {
  const moves = element => ['', '::before', '::after'].some(part => {
    const style = getComputedStyle(element, part);
    return style.animationName !== 'none' || style.transitionDuration !== '0s' || style.scrollBehavior !== 'auto';
  });
  return [...document.querySelectorAll('*')].filter(moves).map(each => each.tagName);
}"""
PRESSED = "button:not(.term, .game button)"
"""What is there to be pressed alone: on paper, a word and a picture are read."""
PROBE = "html { scroll-behavior: smooth } a::before { animation: x 1s } * { transition: all 1s }"
"""Moves everything."""


@dataclass(frozen=True)
class Shown:
    """One way in which a page is shown."""

    theme: Theme
    width: int


WAYS = tuple(Shown(theme, size["width"]) for theme in THEMES for size in (NARROW, WIDE))


def show(page: Page, way: Shown) -> None:
    """Show a page in another way."""
    page.emulate_media(color_scheme=way.theme)
    page.set_viewport_size({"width": way.width, "height": WIDE["height"]})


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A place for pages that lets the checks in, which the pages' own content policy would keep out."""
    with browser.new_context(bypass_csp=True, viewport=WIDE) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page."""
    page = context.new_page()
    yield page
    page.close()


# --- axe ---


@pytest.mark.parametrize("path", IN_BOTH_LANGUAGES)
def test_axe_finds_nothing(default_site: BuiltSite, page: Page, axe: str, path: str) -> None:
    """Neither a breach of WCAG 2.2 A and AA nor of good practice, in both themes, on a phone and a desktop."""
    page.goto(address_of(default_site.folder, path))
    page.evaluate(axe)
    for way in WAYS:
        show(page, way)
        result = page.evaluate(RULES)
        assert (way, result["found"]) == (way, [])
        assert "target-size" in result["rules"]


@pytest.mark.parametrize("path", IN_BOTH_LANGUAGES)
def test_all_text_stands_out_from_its_ground(default_site: BuiltSite, page: Page, axe: str, path: str) -> None:
    """With the contrast that WCAG asks for, and of no text it is unknown, in both themes at both widths."""
    page.goto(address_of(default_site.folder, path))
    page.add_style_tag(content=WITHOUT_PICTURES)
    page.evaluate(axe)
    for way in WAYS:
        show(page, way)
        # Of what has to be scrolled to, axe cannot tell. The wide window shows it.
        result = page.evaluate(CONTRAST, [".scroll"] if way.width < WIDE["width"] else [])
        assert (way, result["found"]) == (way, [])
        assert result["passed"] > 10
        assert [each for each in page.evaluate(DRAWN_CONTRAST) if each[0] < 4.5] == []


def test_axe_sees_what_is_wrong(page: Page, axe: str) -> None:
    """Each of the two runs finds its fault, and a target too small for a finger."""
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=x><p style='color:#aaa'>pale</p>"
        "<button style='all:unset;width:9px;height:9px;display:block'>a</button>"
        "<button style='all:unset;width:9px;height:9px;display:block'>b</button></main>"
    )
    page.evaluate(axe)
    found = {told.split(":")[0] for told in page.evaluate(RULES)["found"]}
    assert {"image-alt", "target-size"} <= found
    assert [told.split(":")[0] for told in page.evaluate(CONTRAST, [])["found"]] == ["color-contrast"]


# --- the Nu HTML checker ---


def faults(messages: list[Message]) -> list[Message]:
    """What is said against the site, warnings too."""
    return [each for each in messages if not each.text.startswith(tuple(NOT_THE_SITES))]


def test_every_file_is_valid(default_site: BuiltSite, nu_checker: list[str]) -> None:
    """Pages, style and drawings of both languages, without an error or a warning."""
    kinds = (".html", ".css", ".svg")
    paths = sorted(path for path in default_site.folder.rglob("*") if path.suffix in kinds)
    assert {path.suffix for path in paths} == {*kinds}
    assert faults(said_of(nu_checker, paths)) == []


def test_the_checker_sees_what_is_wrong(nu_checker: list[str], tmp_path: Path) -> None:
    """In a page, in a style and in a drawing."""
    wrong = {
        "page.html": "<!doctype html><html lang=en><title>x</title><p><b></p>",
        "style.css": "p{colr:red}",
        "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg"><circel r="1"/></svg>',
    }
    for name, text in wrong.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = faults(said_of(nu_checker, [tmp_path / name for name in wrong]))
    assert {each.place.split(":")[0] for each in found} == {*wrong}


# --- what pictures say ---


def pictures_said(elements: Elements) -> Iterator[tuple[str, str]]:
    """The address and the words of every picture that says something, or does not say that it says nothing."""
    for number, (tag, attributes) in enumerate(elements.started):
        if tag == "img" and attributes.get("alt") != "":
            yield attributes["src"], attributes.get("alt", "none")
        if tag == "svg" and attributes.get("role") == "img":
            yield elements.started[number + 1][1].get("href", ""), attributes.get("aria-label", "none")


def test_pictures_are_told_with_their_numbers(default_site: BuiltSite) -> None:
    """Every picture of measurements says a number; only photographs are called by the name of what they show."""
    silent = {
        (path, words)
        for path in pages_of(default_site.folder)
        for address, words in pictures_said(Elements((default_site.folder / path).read_text(encoding="utf-8")))
        if not re.search(r"\d", words) and "/picture-" not in f"/{address}"
    }
    assert silent == set()


# --- nothing jumps ---


@pytest.mark.parametrize("width", [NARROW["width"], WIDE["width"]])
@pytest.mark.parametrize("path", [STORY, LAYER, DEPTH])
def test_nothing_jumps(default_site: BuiltSite, browser: Browser, path: str, width: int) -> None:
    """While a page loads and is read to its end, all that moves adds up to 0.01 at most."""
    with served(default_site.folder) as home, browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": WIDE["height"]})
        page.add_init_script(LAYOUT_SHIFTS)
        page.goto(home + path, wait_until="networkidle")
        assert page.evaluate(SCROLLED_THROUGH) <= 0.01


def test_a_jump_is_seen(page: Page) -> None:
    """A line that is pushed down by another counts."""
    page.set_content("<p id=one>one</p><p>two</p><p>three</p>")
    page.evaluate(LAYOUT_SHIFTS)
    page.evaluate("() => new Promise(done => setTimeout(done, 600))")
    page.evaluate("() => { document.getElementById('one').style.height = '300px' }")
    page.evaluate("() => new Promise(done => setTimeout(done, 300))")
    assert page.evaluate(SCROLLED_THROUGH) > 0.01


# --- colours of the reader's own, and stillness ---


@pytest.mark.parametrize("theme", THEMES)
def test_forced_colours_reach_the_drawings(default_site: BuiltSite, browser: Browser, theme: Theme) -> None:
    """Lines, bars and dots take the system's colours, and the switch of themes steps back, whatever it was on."""
    with browser.new_context(forced_colors="active", color_scheme=theme, viewport=WIDE) as context:
        page = context.new_page()
        page.goto(address_of(default_site.folder, STORY))
        page.evaluate("theme => localStorage.setItem('theme', theme)", "dark" if theme == "light" else "light")
        page.reload()
        system = page.evaluate(
            """() => Object.fromEntries(['Canvas', 'CanvasText', 'LinkText'].map(name => {
              document.body.style.cssText = `forced-color-adjust: none; color: ${name}`;
              return [name, getComputedStyle(document.body).color];
            }))"""
        )
        assert len({*system.values()}) == 3
        drawn = {"circle.dot": "LinkText", ".bar-line .rail": "Canvas", ".where .t0": "CanvasText"}
        for selector, name in drawn.items():
            fill = page.locator(selector).first.evaluate("each => getComputedStyle(each).fill")
            assert (selector, fill) == (selector, system[name])
        assert not page.locator("button.theme").is_visible()
        assert page.evaluate("() => document.documentElement.dataset.theme") is None


def test_more_contrast_is_given_where_it_is_asked_for(default_site: BuiltSite, page: Page) -> None:
    """Soft text is as strong as the rest."""
    page.goto(address_of(default_site.folder, STORY))
    colour = "each => getComputedStyle(each).color"
    page.emulate_media(contrast="more")
    ink = page.locator("body").evaluate(colour)
    assert page.locator(".standfirst").evaluate(colour) == ink
    page.emulate_media(contrast="no-preference")
    assert page.locator(".standfirst").evaluate(colour) != ink


@pytest.mark.parametrize("path", EVERY_KIND)
def test_nothing_moves_for_who_wants_stillness(default_site: BuiltSite, page: Page, path: str) -> None:
    """No page moves anything by itself, so that there is nothing to be stilled; what moved would be seen."""
    page.goto(address_of(default_site.folder, path))
    assert page.evaluate(MOVING) == []
    page.add_style_tag(content=PROBE)
    assert page.evaluate(MOVING) != []


# --- paper ---


@pytest.mark.parametrize("path", IN_BOTH_LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_paper_gets_all_that_is_to_be_read(default_site: BuiltSite, page: Page, path: str, theme: Theme) -> None:
    """Every fold is open, nothing is there to be pressed, all is dark on white, no figure is broken in two."""
    page.goto(address_of(default_site.folder, path))
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.emulate_media(media="print", color_scheme=theme)
    assert (
        page.locator("details > :not(summary)").evaluate_all("all => all.filter(each => !each.offsetHeight)") == []
    )
    assert page.locator(f"nav, {PRESSED}, select, .chooser, .skip:focus").filter(visible=True).count() == 0
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".dark").filter(visible=True).count() == 0
    assert page.locator("figure, .unit, .claim").evaluate_all(
        "all => all.filter(each => getComputedStyle(each).breakInside !== 'avoid').map(each => each.outerHTML)"
    ) == []  # fmt: skip


def test_folds_are_open_on_paper_alone(default_site: BuiltSite, page: Page) -> None:
    """On a screen they stay closed until they are asked for."""
    page.goto(address_of(default_site.folder, DEPTH))
    text = page.locator(".verdicts details > p").first
    height = "each => each.checkVisibility({contentVisibilityAuto: true}) && each.offsetHeight > 0"
    assert not text.evaluate(height)
    page.emulate_media(media="print")
    assert text.evaluate(height)
