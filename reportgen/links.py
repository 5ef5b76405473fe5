"""Checks of a finished site before it is published: every link, every picture, every budget.

It reads files as bytes under their paths and says in sentences what is wrong. It knows nothing of how the site was
made, nor where it will stand.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from posixpath import basename, dirname, join, normpath
from urllib.parse import unquote, urlsplit

LARGEST_PAGE = 2_000_000

_READ = (".html", ".svg", ".css")
_ADDRESSES = {"href", "xlink:href", "src", "poster", "data", "background", "action", "formaction"}
_ADDRESS_LISTS = {"srcset", "imagesrcset"}
_MARKERS = {"marker-start", "marker-mid", "marker-end"}
_STYLES = {"style", "clip-path", "mask", "filter", "fill", "stroke", "cursor", *_MARKERS}
_PICTURES = {"img", "source", "image", "link", "style"}
_TOLD = {"og:url", "og:image"}
"""Addresses that pages tell those who show a link to them."""
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_ADDRESS = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s+[^\s,]+)?\s*(?:,|$)")
_REFRESH = re.compile(r"\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """One address, as it is written, and the element that bears it."""

    element: str
    """The element's name in lower case; `style` for an address in a style sheet."""
    address: str


@dataclass
class Contents:
    """What one file links to, and what in it can be linked to."""

    links: list[Link] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Targets:
    """Everything that a link inside the site can lead to."""

    paths: frozenset[str]
    ids: Mapping[str, frozenset[str]]
    """Of every page and vector picture, by its path."""
    base_path: str
    """With a slash at both ends; empty where links may not begin with a slash."""
    base_url: str
    """With a slash at its end; empty where no whole address is one of the site."""


def check_links(files: Mapping[str, bytes], *, base_path: str = "", base_url: str = "") -> tuple[str, ...]:
    """Return a sentence for every link, picture and identifier in the site that is wrong; none where all is well.

    `base_path` is the path below which a server will show the site, as `/fashion/`; only pages named `404.html`,
    which are shown at any depth, may use it. What pages say of themselves to other machines may be whole addresses
    below `base_url`, and has to be in the site too.
    """
    contents = {path: _contents(path, data) for path, data in sorted(files.items()) if path.endswith(_READ)}
    ids = {path: frozenset(own.ids) for path, own in contents.items() if own is not None}
    base = re.sub("/+", "/", f"/{base_path}/") if base_path else ""
    targets = Targets(frozenset(files), ids, base, f"{base_url}/" if base_url else "")
    faults = (f"{path}: {fault}" for path, own in contents.items() for fault in _faults(path, own, targets))
    return tuple(dict.fromkeys(faults))


def check_budgets(files: Mapping[str, bytes], *, largest_page: int = LARGEST_PAGE) -> tuple[str, ...]:
    """Return a sentence for every page that has more bytes than the largest page may have."""
    return tuple(
        f"{path}: has {len(data):,} bytes, more than the {largest_page:,} that a page may have."
        for path, data in sorted(files.items())
        if path.endswith(".html") and len(data) > largest_page
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.contents = Contents()
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag == "meta":
            self.contents.links.extend(_links_of_meta(dict(attrs)))
        for name, value in attrs:
            self.contents.links.extend(_linked(tag, name, value or ""))
            if name == "id":
                self.contents.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._in_style = False

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.contents.links.extend(_links_of_style(data))


def _contents(path: str, data: bytes) -> Contents | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if path.endswith(".css"):
        return Contents(links=list(_links_of_style(text)))
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.contents


def _linked(tag: str, name: str, value: str) -> Iterator[Link]:
    if name in _ADDRESSES:
        yield Link(tag, value.strip())
    elif name in _ADDRESS_LISTS:
        yield from (Link(tag, address) for address in _CANDIDATE.findall(value))
    elif name in _STYLES:
        yield from _links_of_style(value)


def _links_of_meta(attributes: Mapping[str, str | None]) -> Iterator[Link]:
    if attributes.get("property") in _TOLD:
        yield Link("meta", attributes.get("content") or "")
    if (attributes.get("http-equiv") or "").lower() == "refresh":
        match = _REFRESH.match(attributes.get("content") or "")
        if match:
            yield Link("meta", match[1].strip())


def _links_of_style(text: str) -> Iterator[Link]:
    for alternatives in _CSS_ADDRESS.findall(_CSS_COMMENT.sub(" ", text)):
        yield Link("style", "".join(alternatives).strip())


def _faults(path: str, own: Contents | None, targets: Targets) -> Iterator[str]:
    if own is None:
        yield "is not UTF-8 text."
        return
    if path.endswith(".html"):
        repeated = sorted(name for name, count in Counter(own.ids).items() if count > 1)
        yield from (f"has the id '{name}' more than once." for name in repeated)
    for link in own.links:
        fault = _fault(path, link, targets)
        if fault is not None:
            yield f"<{link.element}> links to '{link.address}', {fault}."


def _fault(path: str, link: Link, targets: Targets) -> str | None:
    try:
        parts = urlsplit(link.address)
    except ValueError:
        return "which is no address"
    if link.element == "base":
        return "but no page may move its own base"
    if targets.base_url and link.element in ("link", "meta") and link.address.startswith(targets.base_url):
        return _fault_inside("", unquote(link.address.removeprefix(targets.base_url)), "", targets)
    if parts.scheme or parts.netloc:
        return _fault_outside(link, parts.scheme)
    if not link.address or link.address.endswith("#"):
        return "which leads nowhere"
    return _fault_inside(path, unquote(parts.path), unquote(parts.fragment), targets)


def _fault_outside(link: Link, scheme: str) -> str | None:
    if link.element == "a" and scheme in ("http", "https", "mailto"):
        return None
    if link.element in _PICTURES and link.address.lower().startswith("data:image/"):
        return None
    return "which leads outside the site"


def _fault_inside(path: str, address: str, fragment: str, targets: Targets) -> str | None:
    target = _target(path, address, targets.base_path)
    if target is None:
        return "which begins with a slash"
    if address.endswith("/") or target not in targets.paths:
        return "which is not a file of the site"
    if fragment and fragment not in targets.ids.get(target, ()):
        return f"but {target} has no such id"
    return None


def _target(path: str, address: str, base_path: str) -> str | None:
    if not address:
        return path
    if not address.startswith("/"):
        return normpath(join(dirname(path), address))
    if base_path and basename(path) == "404.html" and address.startswith(base_path):
        return normpath(address.removeprefix(base_path))
    return None
