"""Turns a page into text with Jinja; knows no numbers and writes no file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from posixpath import dirname, relpath

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as JinjaContext

from reportgen.analysis.charts import CARD_SIZE
from reportgen.pages.compose import Page
from reportgen.pages.words import LANGUAGES, Words

LOST = "404.html"
SITEMAP_NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_COMMENTS_AND_BREAKS = re.compile(rb"/\*.*?\*/|\n", re.DOTALL)
"""What a style sheet has for its writers alone."""


@dataclass(frozen=True)
class Language:
    """One language of the site, and the same page in it."""

    code: str
    name: str
    path: str
    address: str
    """The page's whole address, as in `Site`."""
    current: bool


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation."""

    title: str
    path: str
    current: bool


@dataclass(frozen=True)
class Site:
    """What all pages share, seen from one page."""

    title: str
    language: str
    languages: tuple[Language, ...]
    navigation: tuple[Entry, ...]
    home: str
    about: str
    glossary: str
    base_path: str
    rooted: bool
    """Whether it is known where on its server the site will stand."""
    bundled: bool
    address: str
    """The page's whole address; empty where nobody said where the site will stand, and for lost ways."""
    card: str
    """The whole address of the picture that is shown with a link to the site; empty as above, or without one."""
    card_size: tuple[int, int]


@dataclass(frozen=True)
class Place:
    """Where the site will stand, as far as that was said."""

    path: str = ""
    url: str = ""
    card: str = ""
    """The path in the site of the picture that is shown with a link to it; empty where there is none."""

    def address(self, path: str) -> str:
        """Return the whole address of a file of the site; empty where it is not known."""
        return f"{self.url}/{path}" if self.url and path else ""


def site_for(page: Page, words: Words, *, title: str, place: Place, bundled: bool) -> Site:
    """Return what all pages share, with the links that a page's head and foot need."""
    languages = tuple(_language(code, page, words, place) for code in LANGUAGES)
    return Site(
        title=title,
        language=words.language,
        languages=languages,
        navigation=_navigation(page, words),
        home=words.folder + "index.html",
        about=words.folder + "about.html",
        glossary=words.folder + "glossary.html",
        base_path=place.path,
        rooted=bool(place.path or place.url),
        bundled=bundled,
        address="" if page.head.name == LOST else place.address(page.head.path),
        card=place.address(place.card),
        card_size=CARD_SIZE,
    )


def for_searchers(pages: Iterable[tuple[Page, Words]], place: Place) -> dict[str, bytes]:
    """Return the list of all pages for search engines, and where it is; nothing where no address is known."""
    if not place.url:
        return {}
    listed = [page for page, _ in pages if page.head.name != LOST]
    entries = "".join(_sitemap_entry(page, place) for page in listed)
    sitemap = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {SITEMAP_NAMES}>\n{entries}</urlset>\n'
    robots = f"User-agent: *\nAllow: /\nSitemap: {place.address('sitemap.xml')}\n"
    return {"robots.txt": robots.encode(), "sitemap.xml": sitemap.encode()}


def _sitemap_entry(page: Page, place: Place) -> str:
    # Addresses are made of settings and slugs in which nothing needs escaping.
    twins = ((code, place.address(Words(code).folder + page.head.name)) for code in LANGUAGES)
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{twin}"/>' for code, twin in twins)
    return f"<url><loc>{place.address(page.head.path)}</loc>{links}</url>\n"


def prepare() -> None:
    """Compile all templates, so that the first page does not have to wait for it."""
    for language in LANGUAGES:
        environment = _environment(language)
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)


def render(page: Page, site: Site, words: Words) -> str:
    """Return a page as HTML."""
    template = _environment(words.language).get_template(f"pages/{page.template}")
    return template.render(page=page, site=site)


def assets(widths: Iterable[int]) -> dict[str, bytes]:
    """Return the style and the script, with a rule for each width of a map in pixels that the site has."""
    folder = templates_folder() / "assets"
    files = {f"assets/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    rules = "".join(f".w{width}{{--n:{width}px}}\n" for width in sorted(set(widths)))
    files["assets/style.css"] = _COMMENTS_AND_BREAKS.sub(b"", files["assets/style.css"] + rules.encode())
    return files


def templates_folder() -> Path:
    """Return where the templates are: inside the installed package, or beside it in a clone."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _navigation(page: Page, words: Words) -> tuple[Entry, ...]:
    _ = words.gettext
    entries = (
        ("story", _("The story"), "index.html"),
        ("layers", _("Layers"), "layers/index.html"),
        ("pictures", _("Pictures"), "pictures/index.html"),
        ("depth", _("Low to high"), "depth.html"),
        ("training", _("Training"), "training.html"),
        ("model", _("Model card"), "model.html"),
    )
    return tuple(
        Entry(title, words.folder + name, section == page.head.section) for section, title, name in entries
    )


def _language(code: str, page: Page, words: Words, place: Place) -> Language:
    other = Words(code)
    path = other.folder + page.head.name
    address = "" if page.head.name == LOST else place.address(path)
    return Language(code, other.own_name, path, address, code == words.language)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = Words(language)
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.filters["link"] = _link
    return environment


@pass_context
def _link(context: JinjaContext, target: str) -> str:
    """Return the address of a file of the site, relative to the page that is being rendered."""
    page, site = context["page"], context["site"]
    if target.startswith("#"):
        return target
    if page.head.name == LOST and site.rooted:
        return f"{site.base_path}/{target}"
    path, mark, fragment = target.partition("#")
    if path == page.head.path and mark:
        return mark + fragment
    return _relative(path, dirname(page.head.path) or ".") + mark + fragment


@lru_cache(maxsize=4096)
def _relative(path: str, folder: str) -> str:
    """Return a path from a folder: a page of units links to a few files thousands of times."""
    return relpath(path, folder)
