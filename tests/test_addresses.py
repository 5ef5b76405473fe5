"""What a site says of itself to search engines and to those who show links to it."""

import re
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from reportgen.analysis.charts import CARD_SIZE, Card, Photograph, PhotoGrid, TileGrid, size_of
from reportgen.analysis.study import analyse
from reportgen.links import check_links
from reportgen.pages.gallery import Gallery
from reportgen.pages.words import LANGUAGES
from reportgen.snapshot import Snapshot
from tests.factories import small_snapshot
from tests.sites import CONFIG, VARIANTS, BuiltSite, Elements, WrittenSite, run_program, written_site

URL = "https://example.org/project"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@cache
def site_at(url: str, variant: str = "all") -> WrittenSite:
    """A site that will stand at an address."""
    return written_site(VARIANTS[variant](), replace(CONFIG, base_url=url, base_path=urlsplit(url).path))


def told(page: str) -> dict[str, str]:
    """What a page says of itself in its head: its meta tags and its own address."""
    started = Elements(page).started
    metas = {
        each.get("property") or each.get("name", ""): each.get("content", "")
        for tag, each in started
        if tag == "meta"
    }
    links = {each["rel"]: each["href"] for tag, each in started if tag == "link" and each["rel"] == "canonical"}
    return {**metas, **links}


def alternates(page: str) -> dict[str, str]:
    """Where the same page stands in each language, by what a page's head says."""
    links = (each for tag, each in Elements(page).started if tag == "link" and each["rel"] == "alternate")
    return {each["hreflang"]: each["href"] for each in links}


def pages_to_find(site: WrittenSite) -> list[str]:
    """All pages but those for lost ways."""
    return sorted(path for path in site.pages if not path.endswith("404.html"))


# --- where the address is not known ---


@pytest.mark.parametrize("url", ["", URL])
def test_every_page_says_what_it_is(url: str) -> None:
    """Its title, its description and its kind, which are not empty, whether it knows its address or not."""
    for path, page in site_at(url).pages.items():
        said = told(page)
        title = re.search("<title>(.*?)</title>", page)
        assert title is not None
        assert said["og:title"]
        assert unescape(title[1]).partition(" — ")[0] == said["og:title"].partition(" — ")[0]
        assert said["og:description"] == said["description"] != ""
        assert said["og:type"] == ("website" if path in ("index.html", "ko/index.html") else "article")
        assert said["og:site_name"] == "Small"


def test_without_an_address_nothing_that_needs_one_is_said() -> None:
    """No list for search engines, no card, no address, and the twins are found from where the page stands."""
    site = site_at("")
    assert {"sitemap.xml", "robots.txt", "img/card.png"}.isdisjoint(site.files)
    for page in site.pages.values():
        assert {"canonical", "og:url", "og:image", "twitter:card"}.isdisjoint(told(page))
        assert not any(address.startswith("http") for address in alternates(page).values())


# --- where it is ---


def test_every_page_tells_its_address_and_the_card() -> None:
    """Its own, whole, twice, and that of the one picture with its size."""
    site = site_at(URL)
    for path in pages_to_find(site):
        said = told(site.pages[path])
        assert said["canonical"] == said["og:url"] == f"{URL}/{path}"
        assert said["og:image"] == f"{URL}/img/card.png"
        assert (int(said["og:image:width"]), int(said["og:image:height"])) == CARD_SIZE
        assert said["twitter:card"] == "summary_large_image"


def test_every_page_tells_its_twins() -> None:
    """Itself and the other language, whole, and the twin says the same."""
    site = site_at(URL)
    for path in pages_to_find(site):
        plain = path.removeprefix("ko/")
        assert alternates(site.pages[path]) == {"en": f"{URL}/{plain}", "ko": f"{URL}/ko/{plain}"}


@pytest.mark.parametrize("url", [URL, "https://example.org", "http://localhost:8000/a/b"])
@pytest.mark.parametrize("variant", ["all", "no pictures"])
def test_what_is_told_is_in_the_site(variant: str, url: str) -> None:
    """Every whole address leads to a file."""
    files, path = site_at(url, variant).files, urlsplit(url).path
    assert check_links(files, base_path=path or "/", base_url=url) == ()


def test_the_sitemap_lists_every_page_with_its_twins() -> None:
    """Each once, but for those for lost ways; no dates, which would change from day to day."""
    site = site_at(URL)
    root = ElementTree.fromstring(site.texts["sitemap.xml"])  # noqa: S314 - written by the program itself
    entries = root.findall("s:url", NAMES)
    assert sorted(each.findtext("s:loc", "", NAMES) for each in entries) == [
        f"{URL}/{path}" for path in pages_to_find(site)
    ]
    for each in entries:
        path = each.findtext("s:loc", "", NAMES).removeprefix(f"{URL}/")
        twins = {link.attrib["hreflang"]: link.attrib["href"] for link in each.findall("x:link", NAMES)}
        assert twins == alternates(site.pages[path])
        assert len(each) == 1 + len(LANGUAGES)


def test_robots_are_told_where_the_sitemap_is() -> None:
    """And kept from nothing."""
    text = site_at(URL).texts["robots.txt"].decode()
    assert text == f"User-agent: *\nAllow: /\nSitemap: {URL}/sitemap.xml\n"


@pytest.mark.parametrize(("url", "top"), [(URL, "/project/"), ("https://example.org", "/")])
def test_the_page_for_lost_ways_works_at_any_depth(url: str, top: str) -> None:
    """All that it links to begins at the top of its server; it has no address of its own."""
    site = site_at(url)
    for path in ("404.html", "ko/404.html"):
        page = site.pages[path]
        addresses = [
            each[name] for _, each in Elements(page).started for name in ("href", "src") if each.get(name)
        ]
        inside = [each for each in addresses if not each.startswith("#")]
        assert len(inside) > 5
        assert [each for each in inside if not each.startswith(top)] == []
        assert {each.removeprefix(top).partition("#")[0] for each in inside} <= set(site.files)
        assert {"canonical", "og:url", "og:image"}.isdisjoint(told(page))


# --- the card ---


def card_of(snapshot: Snapshot) -> Card | None:
    """The picture that is shown with a link to a report."""
    gallery = Gallery(analyse(snapshot))
    path = gallery.card(0)
    chart = gallery.shown.get(path)
    assert isinstance(chart, Card | None)
    return chart


def test_a_card_goes_from_the_picture_to_the_last_maps() -> None:
    """The picture, then of the first and the last convolution the strongest answers and some maps."""
    snapshot = small_snapshot()
    card = card_of(snapshot)
    assert card is not None
    picture, *others = card.parts
    assert isinstance(picture, Photograph)
    assert np.array_equal(picture.pixels, snapshot.showcase[0].pixels)
    maps = [each for each in snapshot.layers if each.trained is not None and each.kind == "Conv2D"]
    for layer, strongest, some in zip((maps[0], maps[-1]), others[::2], others[1::2], strict=True):
        assert isinstance(strongest, TileGrid)
        assert isinstance(some, TileGrid)
        assert layer.trained is not None
        answers = layer.trained.maps[0]
        assert np.array_equal(strongest.tiles[0], answers.max(axis=2))
        kept = [
            unit for unit in range(answers.shape[2]) if any((answers[..., unit] == t).all() for t in some.tiles)
        ]
        least = min(answers[..., unit].max() for unit in kept)
        assert all(answers[..., unit].max() <= least for unit in range(answers.shape[2]) if unit not in kept)


def test_without_pictures_a_card_shows_filters() -> None:
    """Those of the first convolution, on their own scale."""
    analysis = analyse(small_snapshot(pictures=0))
    gallery = Gallery(analysis)
    path = gallery.card(0)
    card = gallery.shown[path]
    assert isinstance(card, Card)
    (filters,) = card.parts
    assert isinstance(filters, TileGrid)
    first = analysis.convolutions[0].filters
    assert first is not None
    assert np.array_equal(filters.tiles, first.kernel[:, :, 0].transpose(2, 0, 1))
    assert filters.limits.tolist() == [[-first.limit, first.limit]] * len(filters.tiles)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_site_has_one_card_of_the_size_that_is_told(variant: str) -> None:
    """Whatever is missing from the report."""
    charts = site_at(URL, variant).charts
    (card,) = [chart for chart in charts.values() if isinstance(chart, Card)]
    assert size_of(card) == CARD_SIZE
    assert {type(part) for part in card.parts} <= {Photograph, TileGrid, PhotoGrid}


def test_the_card_is_the_only_picture_more() -> None:
    """A site that knows its address shows no other pictures than one that does not."""
    assert set(site_at(URL).files) - set(site_at("").files) == {"img/card.png", "robots.txt", "sitemap.xml"}
    assert re.findall(r"card\.png", "".join(site_at("").pages.values())) == []


@pytest.mark.slow
def test_the_real_site_is_built_for_an_address(default_site: BuiltSite, tmp_path: Path) -> None:
    """With a card that everybody who shows links takes: PNG of the size that is told, at most 300 kB."""
    ended = run_program(
        "build",
        "--out",
        tmp_path / "site",
        "--cache",
        default_site.cache,
        "--base-url",
        f"{URL}/",
        folder=tmp_path,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    path = tmp_path / "site" / "img" / "card.png"
    with Image.open(path) as card:
        assert (card.format, card.size) == ("PNG", CARD_SIZE)
    assert path.stat().st_size <= 300_000
    assert f'content="{URL}/img/card.png"' in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
