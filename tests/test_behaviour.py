"""What a reader can do with a page: enlarge a unit, run the film, play the game, take a choice along."""

import csv
import json
import re
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from reportgen.snapshot import Doubles
from tests.sites import BuiltSite, served

pytestmark = pytest.mark.slow

FIRST, SECOND, TRAINING = "layers/01-convolution-1.html", "layers/03-convolution-2.html", "training.html"
DEPTH = "depth.html"
FIELD = {"size": 8, "stride": 2, "start": -3}
"""Of a unit of the second convolution: 3 × 3, then 2 × 2 in steps of 2, then 3 × 3; worked out by hand."""


def opened(page: Page, site: BuiltSite, path: str, query: str = "") -> None:
    """Open a page of the site from disk."""
    page.goto((site.folder / path).as_uri() + query)


def dialog(page: Page) -> Locator:
    """The enlarged unit."""
    return page.locator("dialog.enlarged")


def report_of(site: BuiltSite) -> dict[str, Any]:
    """`report.json`."""
    found: dict[str, Any] = json.loads((site.folder / "data" / "report.json").read_text(encoding="utf-8"))
    return found


# --- one unit, large ---


def test_a_unit_is_enlarged_and_left_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """Enter opens it, arrows go on in a circle, Escape closes, and the focus is back at the last one seen."""
    opened(page, default_site, FIRST)
    page.locator("#unit-0 h3 button").focus()
    page.keyboard.press("Enter")
    assert dialog(page).locator("h2").inner_text() == "Unit 0"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert dialog(page).locator("h2").inner_text() == "Unit 2"
    assert "unit=2" in page.url
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert dialog(page).locator("h2").inner_text() == "Unit 31"
    page.keyboard.press("Escape")
    assert not dialog(page).is_visible()
    assert "unit=" not in page.url
    assert page.evaluate("document.activeElement.closest('li').id") == "unit-31"


def test_a_units_address_opens_it(default_site: BuiltSite, page: Page) -> None:
    """What one sees can be sent on: the unit, the picture, and the order that the arrows follow."""
    opened(page, default_site, SECOND, "?unit=5&pic=bag&sort=cost")
    assert dialog(page).locator("h2").inner_text() == "Unit 5"
    order = page.locator("li.unit").evaluate_all("units => units.map(unit => unit.dataset.n)")
    dialog(page).get_by_text("Next").click()
    following = order[(order.index("5") + 1) % len(order)]
    assert dialog(page).locator("h2").inner_text() == f"Unit {following}"
    assert all("-bag." in href for href in pictured(dialog(page).locator(".scale-layer")))


def test_nonsense_in_the_address_opens_nothing(default_site: BuiltSite, page: Page) -> None:
    """A unit that there is not."""
    opened(page, default_site, SECOND, "?unit=<b>")
    assert not dialog(page).is_visible()


def test_an_enlarged_unit_has_all_of_its_entry(default_site: BuiltSite, page: Page) -> None:
    """Filter, maps, patches, made picture, curve and numbers, side by side and larger than in the list."""
    opened(page, default_site, SECOND, "?unit=1")
    entry = page.locator("#unit-1")
    for part in (".kern", ".map", ".contact", ".made", ".turn", "dl"):
        assert dialog(page).locator(part).count() == entry.locator(part).count() > 0, part
    small, large = (each.locator(".map:visible").first.bounding_box() for each in (entry, dialog(page)))
    assert small is not None
    assert large is not None
    assert large["width"] > 1.5 * small["width"]


def test_the_square_is_where_the_unit_answers_most(default_site: BuiltSite, page: Page) -> None:
    """The brightest dot of the map's file, and the receptive field worked out by hand, lead to the same square."""
    checked = 0
    for unit in range(12):
        opened(page, default_site, SECOND, f"?unit={unit}&pic=bag")
        place = brightest(default_site, unit)
        if place is None:
            continue
        box = dialog(page).locator(".seen rect")
        found = [int(box.get_attribute(name) or "nan") for name in ("y", "x", "height", "width")]
        row, column = (FIELD["start"] + FIELD["stride"] * each for each in place)
        assert found == [row, column, FIELD["size"], FIELD["size"]]
        checked += 1
    assert checked >= 5


def brightest(site: BuiltSite, unit: int) -> tuple[int, int] | None:
    """Row and column of the brightest dot of a unit's map, None where several are as bright."""
    with Image.open(site.folder / "img" / "03-convolution-2" / "after-own-bag.png") as image:
        pixels = np.asarray(image.convert("L"), np.int64)
    tile = pixels[14 * unit : 14 * (unit + 1)]
    places = np.argwhere(tile == tile.max())
    return (int(places[0][0]), int(places[0][1])) if len(places) == 1 else None


def pictured(place: Locator) -> list[str]:
    """The addresses of the pictures in some elements."""
    found: list[str] = place.locator("image").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    return found


def test_units_that_are_left_out_are_skipped(default_site: BuiltSite, page: Page) -> None:
    """With only dead units shown, the arrows stay among them."""
    opened(page, default_site, "layers/06-dense.html", "?only=dead")
    dead = page.locator("li.unit:visible").evaluate_all("units => units.map(unit => unit.dataset.n)")
    page.locator("li.unit:visible h3 button").first.click()
    seen = []
    for _ in dead:
        seen.append(dialog(page).locator("h2").inner_text().removeprefix("Unit "))
        page.keyboard.press("ArrowRight")
    assert seen == dead


def test_units_are_picked_by_kind(default_site: BuiltSite, page: Page) -> None:
    """Those are left whose strongest pictures are mostly of the kind, as the report's table says."""
    opened(page, default_site, "layers/06-dense.html")
    with (default_site.folder / "data" / "06-dense-units.csv").open(encoding="utf-8") as file:
        tops = [row["top_class"] for row in csv.DictReader(file)]
    bags = [str(unit) for unit, top in enumerate(tops[:64]) if top == "8"]
    assert 0 < len(bags) < 64
    page.locator("#kind").select_option("Bag")
    shown = page.locator("li.unit:visible").evaluate_all("units => units.map(unit => unit.dataset.n)")
    assert shown == bags
    assert "kind=8" in page.url


# --- the choice goes along ---


def test_the_choice_travels_in_the_address(default_site: BuiltSite, page: Page) -> None:
    """Where nothing can be remembered, the link itself takes the picture along."""
    opened(page, default_site, FIRST, "?pic=bag")
    page.evaluate("localStorage.clear()")
    page.locator("a[rel=next]").click()
    page.wait_for_url("**/02-pooling-1.html?pic=bag")
    assert page.locator(".chooser input:checked").evaluate("input => input.value") == "bag"


def test_the_other_language_shows_the_same(default_site: BuiltSite, page: Page) -> None:
    """Picture, order and place stay when the language is switched."""
    opened(page, default_site, FIRST, "?pic=bag&sort=strength#unit-3")
    page.locator(".tools a[hreflang=ko]").click()
    page.wait_for_url("**/ko/layers/01-convolution-1.html?pic=bag&sort=strength#unit-3")
    assert page.locator("#sort").input_value() == "strength"


# --- the film ---


def test_the_film_runs_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """Every step shows the filters of one moment, whose words stand beside it; the address tells which."""
    opened(page, default_site, TRAINING)
    reel, film = page.locator(".reel").first, page.locator(".film").first
    frames = film.locator("img").evaluate_all("all => all.map(each => each.getAttribute('src'))")
    moments = film.locator("li span").all_inner_texts()
    assert reel.locator("output").inner_text() == next(each for each in moments if "kept" in each)
    reel.locator("input").focus()
    page.keyboard.press("Home")
    assert set(pictured(reel)) == {frames[0]}
    page.keyboard.press("ArrowRight")
    assert set(pictured(reel)) == {frames[1]}
    assert reel.locator("output").inner_text() == moments[1]
    assert reel.locator("input").get_attribute("aria-valuetext") == moments[1]
    page.reload()
    assert set(pictured(reel)) == {frames[1]}


def test_the_film_has_every_filter(default_site: BuiltSite, page: Page) -> None:
    """As many cut-outs as the layer has filters, none of them twice."""
    opened(page, default_site, TRAINING)
    for reel, filters in zip(page.locator(".reel").all(), (32, 64), strict=True):
        boxes = reel.locator("svg").evaluate_all("all => all.map(each => each.getAttribute('viewBox'))")
        assert len(set(boxes)) == len(boxes) == filters


# --- the game ---


def play(page: Page, right: int) -> None:
    """Find the trained filter in so many pairs, and miss it in the others."""
    for number, pair in enumerate(page.locator(".game li").all()):
        trained = int(pair.get_attribute("data-trained") or "")
        pair.locator("button").nth(trained if number < right else 1 - trained).press("Enter")


@pytest.mark.parametrize("right", [0, 7, 10])
def test_the_score_is_counted_beside_luck(default_site: BuiltSite, page: Page, right: int) -> None:
    """The pairs found, of how many, and how often guessing finds as many: the tail of a binomial distribution."""
    opened(page, default_site, TRAINING)
    play(page, right)
    said = page.locator("#game [role=status]").inner_text()
    luck = sum(comb(10, each) for each in range(right, 11)) / 1024
    words = f"{luck:.0%}" if luck >= 0.0995 else "<0.1%" if luck < 0.0005 else f"{luck:.1%}"
    assert said == f"You found {right} of 10. By guessing alone, so many or more are found in {words} of games."


def test_a_pair_can_be_answered_once(default_site: BuiltSite, page: Page) -> None:
    """After an answer both filters are settled, and the trained one is marked."""
    opened(page, default_site, TRAINING)
    pair = page.locator(".game li").first
    trained = int(pair.get_attribute("data-trained") or "")
    pair.locator("button").nth(1 - trained).click()
    assert pair.locator("button:disabled").count() == 2
    assert pair.locator("p").inner_text() == "No, the other one"
    assert "trained" in (pair.locator("button").nth(trained).get_attribute("class") or "")


def test_the_answers_are_true(default_site: BuiltSite, page: Page) -> None:
    """The signs of the trained filter of each pair are those of a trained filter, and likewise of the other."""
    opened(page, default_site, TRAINING)
    with Image.open(default_site.folder / "img" / "01-convolution-1" / "pairs.png") as image:
        tiles = np.asarray(image.convert("RGB"), np.int64).reshape(20, 9, 3)
    weights = first_weights(default_site)
    for number, pair in enumerate(page.locator(".game li").all()):
        trained = int(pair.get_attribute("data-trained") or "")
        for network, side in (("trained", trained), ("untrained", 1 - trained)):
            tint = tiles[2 * number + side, :, 0] - tiles[2 * number + side, :, 2]
            clear = np.abs(tint) > 10
            assert any((np.sign(each) == np.sign(tint))[clear].all() for each in weights[network])


def first_weights(site: BuiltSite) -> dict[str, list[Doubles]]:
    """The weights of each filter of the first convolution, trained and untrained, out of the table behind them."""
    found: dict[str, list[Doubles]] = {"trained": [], "untrained": []}
    with (site.folder / "data" / "01-convolution-1-filters.csv").open(encoding="utf-8") as file:
        for network, _, _, *own in list(csv.reader(file))[1:]:
            found[network].append(np.array(own, np.float64))
    return found


def test_without_script_the_game_is_a_list_with_answers(default_site: BuiltSite, browser: Browser) -> None:
    """Ten pairs, and the answers folded away below."""
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        opened(plain, default_site, TRAINING)
        assert plain.locator(".game svg:visible").count() == 20
        plain.locator("#game summary").click()
        assert plain.locator("#game details li:visible").count() == 10
        assert plain.locator(".reel:visible").count() == 0


# --- one sum ---


def worked_out(site: BuiltSite, unit: int, row: int, column: int, picture: str) -> tuple[list[float], float]:
    """The nine pixels of the picture's file below a window, and their sum with the weights of the table."""
    with Image.open(site.folder / "img" / f"picture-{picture}.png") as image:
        pixels = np.asarray(image.convert("L"), np.float64) / 255
    window = pixels[row : row + 3, column : column + 3].ravel()
    return window.tolist(), float(window @ first_weights(site)["trained"][unit])


def test_the_window_is_moved_by_keyboard_and_by_pointer(default_site: BuiltSite, page: Page) -> None:
    """Wherever it lies, the nine dots and their sum are those of the picture’s file and the table’s weights."""
    opened(page, default_site, "index.html")
    figure = page.locator(".sum")
    unit = int(re.findall(r"filter (\d+)", figure.inner_text())[0])
    name = page.locator(".chooser input").first.get_attribute("value") or ""
    picture = figure.locator(".tile").first
    picture.focus()
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        said_and_worked_out(figure, default_site, unit, name)
    box = picture.bounding_box()
    assert box is not None
    for across, down in ((0.01, 0.01), (0.5, 0.6), (0.99, 0.99)):
        page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        row, column = said_and_worked_out(figure, default_site, unit, name)
        assert abs(row + 1.5 - 28 * down) <= 2
        assert abs(column + 1.5 - 28 * across) <= 2


def said_and_worked_out(figure: Locator, site: BuiltSite, unit: int, picture: str) -> tuple[int, int]:
    """Compare what the figure says with the files, and return where its window lies."""
    frame = figure.locator(".box").first
    row, column = (int(frame.get_attribute(name) or "") for name in ("y", "x"))
    pixels, total = worked_out(site, unit, row, column, picture)
    said = [number(each) for each in figure.locator(".nine").first.locator("text").all_text_contents()]
    assert said == pytest.approx(pixels, abs=0.006)
    first, _, last = figure.locator("p").last.inner_text().partition(" = ")
    assert number(re.findall(r"[−\d.]+", first)[0]) == pytest.approx(total, abs=0.006)
    bias = number(first.split()[-1]) * (-1 if " − " in first else 1)
    assert number(last.split(":")[0]) == pytest.approx(total + bias, abs=0.006)
    return row, column


def number(text: str) -> float:
    """A number as pages write it."""
    return float(text.replace("−", "-"))


# --- words of the field ---


@pytest.mark.parametrize("folder", ["", "ko/"])
def test_a_word_is_explained_where_it_stands(default_site: BuiltSite, page: Page, folder: str) -> None:
    """The first of each word opens its explanation by keyboard, with the way to the glossary; Escape closes it."""
    opened(page, default_site, f"{folder}index.html")
    words = page.locator("button.term").all()
    assert len(words) >= 4
    for word in words:
        word.press("Enter")
        note = page.locator(".gloss:popover-open")
        link = note.locator("a")
        assert word.inner_text().lower().startswith(link.inner_text().lower())
        assert "glossary.html#" in (link.get_attribute("href") or "")
        page.keyboard.press("Escape")
        assert note.count() == 0


# --- a finger, and a server ---


def test_everything_works_with_a_finger_below_a_path_of_a_server(
    default_site: BuiltSite, browser: Browser, tmp_path: Path
) -> None:
    """On a phone: choice, window, word, unit, film and game; nothing is complained of."""
    (tmp_path / "project").symlink_to(default_site.folder)
    complaints: list[str] = []
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with served(tmp_path) as address, browser.new_context(**phone) as context:  # type: ignore[arg-type]  # mixed values
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}project/index.html")
        page.locator(".chooser label").nth(2).tap()
        chosen = page.locator(".chooser input:checked").get_attribute("value")
        before = page.locator(".sum .box").first.get_attribute("x")
        page.locator(".sum .tile").first.tap(position={"x": 70, "y": 60})
        assert page.locator(".sum .box").first.get_attribute("x") != before
        page.locator("button.term").first.tap()
        assert page.locator(".gloss:popover-open").count() == 1
        page.goto(f"{address}project/{FIRST}?pic={chosen}")
        page.locator("#unit-2 h3 button").tap()
        dialog(page).get_by_text("Next").tap()
        assert dialog(page).locator("h2").inner_text() == "Unit 3"
        assert f"pic={chosen}" in page.url
        dialog(page).get_by_text("Close").tap()
        page.goto(f"{address}project/{TRAINING}")
        page.locator(".reel input").first.tap(position={"x": 5, "y": 8})
        assert page.locator(".reel output").first.inner_text() == page.locator(".film span").first.inner_text()
        page.locator(".game button").first.tap()
        assert page.locator(".game button:disabled").count() == 2
    assert complaints == []


# --- what was put to the test ---


def test_a_sentence_that_was_tested_unfolds_by_keyboard(default_site: BuiltSite, page: Page) -> None:
    """Into its number on a line, what it stands beside, and how it was measured."""
    opened(page, default_site, DEPTH)
    row = page.locator(".verdicts details").first
    assert row.locator(".tape, p").filter(visible=True).count() == 0
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    assert row.locator(".tape").is_visible()
    assert row.locator("p").filter(visible=True).count() == 3


def test_a_tested_sentence_that_is_linked_to_is_open(default_site: BuiltSite, page: Page) -> None:
    """From another page, and from the address alone; all others stay closed."""
    opened(page, default_site, "pictures/ankle-boot-training.html")
    page.locator("a[href*='depth.html#']").first.click()
    page.wait_for_url("**/depth.html**")
    aim = page.url.partition("#")[2]
    assert page.locator(".verdicts details[open]").evaluate_all("all => all.map(each => each.id)") == [aim]
    other = page.locator(".verdicts details:not([open])").first.get_attribute("id")
    page.evaluate("other => { location.hash = other }", other)
    page.wait_for_selector(f"[id='{other}'][open]")
