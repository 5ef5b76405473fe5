"""Turns a page into text with Jinja; knows no numbers and writes no file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from posixpath import dirname, relpath

from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context as JinjaContext
from rjsmin import jsmin

from reportgen import overriding
from reportgen.analysis.charts import CARD_SIZE
from reportgen.overriding import NOTHING_OWN, Own
from reportgen.pages.compose import Page
from reportgen.pages.words import LANGUAGES, LOCALE, Words

LOST = "404.html"
STYLE, EXTRA_STYLE, SCRIPT = "assets/style.css", "assets/extra.css", "assets/site.js"
"""Ours, and what a user may put beside it."""
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
    direction: str
    """`rtl` where the language is read from the right."""
    languages: tuple[Language, ...]
    styles: tuple[str, ...]
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


def site_for(page: Page, words: Words, *, title: str, place: Place, bundled: bool, own: Own = NOTHING_OWN) -> Site:
    """Return what all pages share, with the links that a page's head and foot need."""
    return Site(
        title=title,
        language=words.tag,
        direction=words.direction,
        languages=tuple(_language(other, page, words, place) for other in words.all_languages),
        styles=(STYLE, EXTRA_STYLE) if EXTRA_STYLE in dict(own.assets) else (STYLE,),
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
    listed = [(page, words) for page, words in pages if page.head.name != LOST]
    entries = "".join(_sitemap_entry(page, words, place) for page, words in listed)
    sitemap = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {SITEMAP_NAMES}>\n{entries}</urlset>\n'
    robots = f"User-agent: *\nAllow: /\nSitemap: {place.address('sitemap.xml')}\n"
    return {"robots.txt": robots.encode(), "sitemap.xml": sitemap.encode()}


def _sitemap_entry(page: Page, words: Words, place: Place) -> str:
    # Addresses are made of settings and slugs in which nothing needs escaping.
    twins = ((each.tag, place.address(each.folder + page.head.name)) for each in words.all_languages)
    links = "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{twin}"/>' for code, twin in twins)
    return f"<url><loc>{place.address(page.head.path)}</loc>{links}</url>\n"


def prepare(own: Own = NOTHING_OWN) -> None:
    """Compile all templates, so that the first page does not have to wait for it."""
    for language in LANGUAGES:
        environment = _environment(language, own=own)
        for name in _our_names():
            environment.get_template(name)


def check(own: Own) -> None:
    """Check a user's templates before there is a page.

    Raises:
        InputError: with the file and line of the first mistake.
    """
    overriding.check(own, _environment(LANGUAGES[0], own=own), _our_names())


def render(page: Page, site: Site, words: Words, own: Own = NOTHING_OWN) -> str:
    """Return a page as HTML.

    Raises:
        InputError: a user's template has a mistake; the text says where.
    """
    environment = _environment(words.language, words.translations, own)
    with overriding.mistakes_told(own, page.head.path):
        return environment.get_template(f"pages/{page.template}").render(page=page, site=site)


def assets(widths: Iterable[int], own: Own = NOTHING_OWN) -> dict[str, bytes]:
    """Return the style, the script and what a user has added or put in their place.

    The style gets a rule for each width of a map in pixels that the site has.
    """
    folder = templates_folder() / "assets"
    files = {f"assets/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    files[SCRIPT] = jsmin(files[SCRIPT].decode()).encode() + b"\n"
    files[STYLE] = _COMMENTS_AND_BREAKS.sub(b"", files[STYLE])
    files |= dict(own.assets)
    files[STYLE] += "".join(f".w{width}{{--n:{width}px}}" for width in sorted(set(widths))).encode()
    return files


def templates_folder() -> Path:
    """Return where the templates are: inside the installed package, or beside it in a clone."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


@cache
def _our_names() -> frozenset[str]:
    folder = templates_folder()
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


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


def _language(other: Words, page: Page, words: Words, place: Place) -> Language:
    path = other.folder + page.head.name
    address = "" if page.head.name == LOST else place.address(path)
    return Language(other.tag, other.own_name, path, address, other.tag == words.tag)


@cache
def _environment(language: str, translations: Path = LOCALE, own: Own = NOTHING_OWN) -> Environment:
    environment = Environment(
        loader=overriding.loader(templates_folder(), own),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = Words(language, translations)
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
