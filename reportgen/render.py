"""Turns a page into text with Jinja; knows no numbers and writes no file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from posixpath import dirname, relpath

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as JinjaContext

from reportgen.pages.compose import Page
from reportgen.pages.words import LANGUAGES, Words

LOST = "404.html"
_COMMENTS_AND_BREAKS = re.compile(rb"/\*.*?\*/|\n", re.DOTALL)
"""What a style sheet has for its writers alone."""


@dataclass(frozen=True)
class Language:
    """One language of the site, and the same page in it."""

    code: str
    name: str
    path: str
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
    bundled: bool


def site_for(page: Page, words: Words, *, title: str, base_path: str, bundled: bool) -> Site:
    """Return what all pages share, with the links that a page's head and foot need."""
    languages = tuple(_language(code, page, words) for code in LANGUAGES)
    return Site(
        title=title,
        language=words.language,
        languages=languages,
        navigation=_navigation(page, words),
        home=words.folder + "index.html",
        about=words.folder + "about.html",
        glossary=words.folder + "glossary.html",
        base_path=base_path,
        bundled=bundled,
    )


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
    lines = (line.strip() for line in files["assets/site.js"].splitlines())
    files["assets/site.js"] = b"\n".join(line for line in lines if line and not line.startswith(b"//")) + b"\n"
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


def _language(code: str, page: Page, words: Words) -> Language:
    other = Words(code)
    return Language(code, other.own_name, other.folder + page.head.name, code == words.language)


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
    if page.head.name == LOST and site.base_path:
        return f"{site.base_path}/{target}"
    path, mark, fragment = target.partition("#")
    if path == page.head.path and mark:
        return mark + fragment
    return _relative(path, dirname(page.head.path) or ".") + mark + fragment


@lru_cache(maxsize=4096)
def _relative(path: str, folder: str) -> str:
    """Return a path from a folder: a page of units links to a few files thousands of times."""
    return relpath(path, folder)
