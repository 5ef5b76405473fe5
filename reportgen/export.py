"""A built site in one piece, to be sent: as one page that needs no other file, or as an archive.

It reads finished files as bytes under their paths and rewrites what they link to; it knows nothing of networks,
nor of how the site was made, and writes nothing.

In the one page every picture is stored once, in a way that needs no script: as the `src` of the only image that
shows it, or as an `<image>` with an id that every place shows by `<use>`.
"""

import base64
import hashlib
import io
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reportgen.errors import InputError
from reportgen.pages.words import LANGUAGES, Words
from reportgen.render import LOST, templates_folder
from reportgen.site import EXPORT_COMMENT, EXPORT_MARK

STYLE, SCRIPT, HOME = "assets/style.css", "assets/site.js", "index.html"
FOLDER = "report"
"""What is in an archive lies in this folder."""
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time that every file of an archive bears: the first that the format knows."""
REGULAR_FILE = 0o100644 << 16
UNIX = 3
CHOSEN = "{}"
"""Stands for the name of the reader's chosen picture in an address."""
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers")
SPELLED = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
"""Attributes that the parser has put into lower case."""
KINDS = {"png": "image/png", "svg": "image/svg+xml"}
_OWN_STYLE = "h1:focus{outline:0}"
"""Turning to a page moves the reader's place to its title, which nobody can operate."""
_IMAGE_SELECTOR = re.compile(r"(?<![\w.#-])img(?![\w-])(?=[^{}]*\{)")
_ANY_IMAGE = ":is(img,:where([data-img]))"
"""Selects what an image became, and weighs as much as `img`."""


@dataclass(frozen=True)
class Tag:
    """The start of an element."""

    name: str
    attributes: Mapping[str, str | None]
    closed: bool = False
    """Whether it ends at once, as elements of a drawing may."""

    def __getitem__(self, name: str) -> str:
        """Return an attribute's value; empty where it has none."""
        return self.attributes.get(name) or ""

    def __str__(self) -> str:
        """Return the tag as it is written."""
        pairs = ((SPELLED.get(name, name), value) for name, value in self.attributes.items())
        written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in pairs)
        return f"<{self.name}{written}{'/' if self.closed else ''}>"


Piece = Tag | str
"""A start tag, or anything else as it is written."""


@dataclass(frozen=True)
class Leaf:
    """One page of the site in pieces: its article, and what stands before and after it."""

    path: str
    before: tuple[Piece, ...]
    article: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @cached_property
    def ids(self) -> frozenset[str]:
        """What in the article can be linked to."""
        return frozenset(piece["id"] for piece in self.article if isinstance(piece, Tag) and piece["id"])

    @property
    def title(self) -> str:
        """The page's title, as it is written."""
        pieces = iter(self.before)
        for piece in pieces:
            if isinstance(piece, Tag) and piece.name == "title":
                return "".join(str(each) for each in _until(pieces, "</title>"))
        return ""

    @property
    def section(self) -> str:
        """The path of the navigation's current entry; empty where there is none."""
        current = (each for each in self.before if isinstance(each, Tag) and "aria-current" in each.attributes)
        return next((_target(self.path, each["href"])[0] for each in current), "")


@dataclass(frozen=True)
class Book:
    """All that the one page is made of."""

    files: Mapping[str, bytes]
    leaves: tuple[Leaf, ...]
    language: str
    stored: Mapping[str, str]
    """The id of every picture that is shown by `<use>`, by its path."""
    sizes: Mapping[str, tuple[str, str]]

    @property
    def folder(self) -> str:
        """The folder of the language's pages, with its slash."""
        return Words(self.language).folder

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all pages in here."""
        return frozenset(leaf.path for leaf in self.leaves)

    def page_id(self, path: str) -> str:
        """Return what a page is called in here: as it was in its language's folder."""
        return path.removeprefix(self.folder)


def single_file(files: Mapping[str, bytes], language: str) -> bytes:
    """Return all pages of one language as one page that needs no other file; the same site, the same bytes.

    Raises:
        InputError: the site has no pages in that language, or lacks what they need.
    """
    if language not in LANGUAGES:
        raise InputError(f"--language '{language}' is none of {', '.join(LANGUAGES)}.")
    leaves = tuple(_leaf(path, files[path]) for path in _in_order(files, language))
    if not leaves:
        raise InputError(f"The site has no pages in '{language}'. Build it anew.")
    try:
        book = Book(files, leaves, language, _stored(leaves, files), _sizes(leaves, files))
        return "".join(_written(book)).encode()
    except KeyError as error:
        raise InputError(f"The site lacks {error.args[0]}, which its pages need. Build it anew.") from error


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP file with all files below one folder; the same site gives the same bytes."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=9) as whole:
        whole.comment = EXPORT_COMMENT
        for path, data in sorted(files.items()):
            entry = ZipInfo(f"{FOLDER}/{path}", EARLIEST)
            entry.create_system, entry.external_attr, entry.compress_type = UNIX, REGULAR_FILE, ZIP_DEFLATED
            whole.writestr(entry, data)
    return file.getvalue()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[Piece] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(Tag(tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(Tag(tag, dict(attrs), closed=True))

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_entityref(self, name: str) -> None:
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.pieces.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.pieces.append(f"<!{decl}>")


def _leaf(path: str, data: bytes) -> Leaf:
    reader = _Reader()
    reader.feed(data.decode())
    reader.close()
    pieces = tuple(reader.pieces)
    start = next((n for n, each in enumerate(pieces) if isinstance(each, Tag) and each.name == "article"), None)
    if start is None or "</article>" not in pieces:
        raise InputError(f"{path}: not a page of this program. Build the site anew.")
    stop = len(pieces) - 1 - pieces[::-1].index("</article>")
    return Leaf(path, pieces[:start], tuple(_each_its_own(pieces[start + 1 : stop])), pieces[stop + 1 :])


def _in_order(files: Iterable[str], language: str) -> list[str]:
    """Return the paths of a language's pages as they are read: the home page, then folders, then what is left."""
    folder = Words(language).folder
    others = tuple(f"{code}/" for code in LANGUAGES[1:] if code != language)
    pages = [path for path in files if path.endswith(".html") and path.startswith(folder)]
    own = [path for path in pages if not path.startswith(others) and path != folder + LOST]
    return sorted(own, key=lambda path: _place(path.removeprefix(folder)))


def _place(name: str) -> tuple[bool, bool, str, bool, str]:
    inside = "/" in name
    return name != HOME, not inside, dirname(name), not name.endswith(HOME), name.removesuffix(".html")


def _until(pieces: Iterator[Piece], end: str) -> Iterator[Piece]:
    for piece in pieces:
        if piece == end:
            return
        yield piece


def _target(path: str, address: str) -> tuple[str, str]:
    """Return the path in the site that an address on a page leads to, and the place in it."""
    where, _, fragment = address.partition("#")
    return normpath(join(dirname(path), unquote(where))) if where else path, unquote(fragment)


def _each_its_own(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces; what a list says of the choice of its pictures is said by each picture instead."""
    pattern = ""
    for piece in pieces:
        if piece == "</ol>":
            pattern = ""
        if isinstance(piece, Tag) and piece.name == "ol" and piece["data-pic"]:
            pattern = piece["data-pic"]
            kept = {name: value for name, value in piece.attributes.items() if name != "data-pic"}
            yield replace(piece, attributes=kept)
        elif pattern and isinstance(piece, Tag) and piece.name == "image":
            yield replace(piece, attributes={**piece.attributes, "data-pic": pattern})
        else:
            yield piece


# --- which pictures there are ---


def _shown(leaves: Iterable[Leaf]) -> Iterator[tuple[Tag, str]]:
    """Yield every tag that shows a picture, with the picture's path."""
    for leaf in leaves:
        for piece in leaf.article:
            if isinstance(piece, Tag) and piece.name in ("img", "image"):
                yield piece, _target(leaf.path, piece["src"] or piece["href"])[0]


def _stored(leaves: tuple[Leaf, ...], files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the pictures that have to be shown by `<use>`, each with the id of the first that is the same."""
    counts: Counter[bytes] = Counter()
    cut = set(_choices(leaves, files))
    for tag, path in _shown(leaves):
        counts[files[path]] += 1
        if tag.name == "image" or tag["data-pic"]:
            cut.add(path)
    used = {path for _, path in _shown(leaves)} | cut
    bytes_cut = {files[path] for path in cut}
    first: dict[bytes, str] = {}
    for path in sorted(used):
        if files[path] in bytes_cut or counts[files[path]] > 1:
            first.setdefault(files[path], path)
    return {path: first[files[path]] for path in sorted(used) if files[path] in first}


def _choices(leaves: tuple[Leaf, ...], files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the pictures that a reader can bring up by choosing another."""
    names = {tag["value"] for leaf in leaves for tag in leaf.article if isinstance(tag, Tag) and _is_choice(tag)}
    patterns = {_target(leaf.path, tag["data-pic"])[0] for leaf in leaves for tag, _ in _shown([leaf])}
    for pattern in sorted(each for each in patterns if CHOSEN in each):
        paths = (pattern.replace(CHOSEN, name) for name in sorted(names))
        yield from (path for path in paths if path in files)


def _is_choice(tag: Tag) -> bool:
    return tag.name == "input" and tag["type"] == "radio"


def _sizes(leaves: tuple[Leaf, ...], files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """Return the width and height of every picture: a PNG's own, of a drawing those that pages give it."""
    given = {path: (tag["width"], tag["height"]) for tag, path in _shown(leaves)}
    own = {path: _size_of_png(data) for path, data in files.items() if data.startswith(b"\x89PNG")}
    return {**given, **own}


def _size_of_png(data: bytes) -> tuple[str, str]:
    width, height = struct.unpack(">II", data[16:24])
    return str(width), str(height)


def _data_address(path: str, data: bytes) -> str:
    return f"data:{KINDS[path.rpartition('.')[2]]};base64,{base64.b64encode(data).decode()}"


# --- how it is written ---


def _written(book: Book) -> Iterator[str]:
    """Yield the whole file: the home page's frame, all articles in it, and what they need."""
    home = book.leaves[0]
    script = (book.files[SCRIPT] + (templates_folder() / "single" / "pages.js").read_bytes()).decode()
    style = _IMAGE_SELECTOR.sub(_ANY_IMAGE, book.files[STYLE].decode()) + _OWN_STYLE
    yield from _frame(home.before, book, style, script)
    for leaf in book.leaves:
        section = f"#{book.page_id(leaf.section)}" if leaf.section else None
        # The title is text already escaped once, as it stood in its page.
        yield f'<article id="{escape(book.page_id(leaf.path))}" data-title="{_quoted(leaf.title)}"'
        yield f' data-section="{escape(section)}">' if section else ">"
        yield from _rewritten(leaf, book)
        yield "</article>\n"
    yield from _frame(home.after, book, style, script)


def _quoted(text: str) -> str:
    return text.replace('"', "&quot;")


def _frame(pieces: Iterable[Piece], book: Book, style: str, script: str) -> Iterator[str]:
    """Yield what stands around the articles, with style, script and pictures in the file itself."""
    rest = iter(pieces)
    for piece in rest:
        if not isinstance(piece, Tag):
            yield from _frame_text(piece, book, script)
        elif piece.name == "script":
            list(_until(rest, "</script>"))
        elif piece.name == "a" and piece["hreflang"]:
            list(_until(rest, "</a>"))
        elif piece.name == "link":
            yield from _linked(piece, book, style)
        elif piece.name == "main":
            yield from (*_pictures(book), str(piece))
        elif piece.name != "meta":
            yield str(_led(piece, book.leaves[0], book))
        elif not piece["property"] and not piece["name"].startswith("twitter:"):
            yield str(_policed(piece, style, script))
            yield f"\n{EXPORT_MARK.decode()}" if piece["http-equiv"] else ""


def _frame_text(piece: str, book: Book, script: str) -> Iterator[str]:
    if piece == "</footer>":
        _ = Words(book.language).gettext
        note = _(
            "This is the site in one file. The whole site has every number as a file, and its other languages."
        )
        yield f"<p>{escape(note)}</p>\n"
    if piece == "</body>":
        yield f"<script>{script}</script>\n"
    yield piece


def _linked(tag: Tag, book: Book, style: str) -> Iterator[str]:
    if tag["rel"] == "stylesheet":
        yield f"<style>{style}</style>"
    elif tag["rel"] == "icon":
        path = _target(book.leaves[0].path, tag["href"])[0]
        yield str(replace(tag, attributes={**tag.attributes, "href": _data_address(path, book.files[path])}))


def _policed(tag: Tag, style: str, script: str) -> Tag:
    """Return a meta tag; the one with the content policy lets in the file's own style and script alone."""
    if tag["http-equiv"] != "Content-Security-Policy":
        return tag
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return replace(tag, attributes={**tag.attributes, "content": policy})


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _pictures(book: Book) -> Iterator[str]:
    yield '<svg class="symbols" width="0" height="0" aria-hidden="true"><defs>\n'
    for path, first in book.stored.items():
        if path == first:
            width, height = book.sizes[path]
            address = _data_address(path, book.files[path])
            yield f'<image id="{escape(path)}" width="{width}" height="{height}" href="{address}"/>\n'
        else:
            yield f'<use id="{escape(path)}" href="#{escape(first)}"/>\n'
    yield "</defs></svg>\n"


def _rewritten(leaf: Leaf, book: Book) -> Iterator[str]:
    """Yield an article with its links, names and pictures led to what is in the file.

    A link to data, which stay behind, is left out; one that is an entry of a list keeps its words.
    """
    rest, last = iter(leaf.article), ""
    for piece in rest:
        if not isinstance(piece, Tag):
            yield piece
        elif piece.name == "a" and not _is_inside(piece, leaf, book):
            words = list(_until(rest, "</a>"))
            yield from map(str, words) if last == "li" else ()
        elif piece.name in ("img", "image"):
            yield _picture(piece, leaf, book)
        else:
            yield str(_led(piece, leaf, book))
        last = piece.name if isinstance(piece, Tag) else ""


def _is_inside(tag: Tag, leaf: Leaf, book: Book) -> bool:
    """Return whether a link leads to a page that the file holds."""
    return _target(leaf.path, tag["href"])[0] in book.paths


def _led(tag: Tag, leaf: Leaf, book: Book) -> Tag:
    """Return a tag whose names are the page's own, and whose links and references lead to them."""
    ids = leaf.ids
    new = dict(tag.attributes)
    if tag["id"] in ids:
        new["id"] = _name(tag["id"], leaf, book)
    for each in REFERENCES:
        if each in new:
            words = (_name(word, leaf, book) if word in ids else word for word in tag[each].split())
            new[each] = " ".join(words)
    if _is_choice(tag):
        new["name"] = _name(tag["name"], leaf, book)
    if tag["href"]:
        new["href"] = _address(tag["href"], leaf, book)
    return replace(tag, attributes=new)


def _name(name: str, leaf: Leaf, book: Book) -> str:
    """Return a name that no other page has: no path of a site has a colon."""
    return f"{book.page_id(leaf.path)}:{name}"


def _address(address: str, leaf: Leaf, book: Book) -> str:
    target, fragment = _target(leaf.path, address)
    if target == leaf.path and address.startswith("#") and fragment not in leaf.ids:
        return address
    return f"#{book.page_id(target)}" + (f":{fragment}" if fragment else "")


def _picture(tag: Tag, leaf: Leaf, book: Book) -> str:
    path = _target(leaf.path, tag["src"] or tag["href"])[0]
    if path not in book.stored:
        return str(replace(tag, attributes={**tag.attributes, "src": _data_address(path, book.files[path])}))
    shown: dict[str, str | None] = {"href": f"#{path}"}
    if tag["data-pic"]:
        shown["data-pic"] = f"#{_target(leaf.path, tag['data-pic'])[0]}"
    use = str(Tag("use", shown, closed=True))
    if tag.name == "img":
        return f"{_drawing_of_image(tag, book.sizes[path])}{use}</svg>"
    return f"{_stretched(tag, book.sizes[path])}{use}</svg>" if "x" in tag.attributes else use


def _drawing_of_image(tag: Tag, size: tuple[str, str]) -> Tag:
    """Return the start of a drawing that stands where an image stood, stretched like it."""
    kept = {name: tag.attributes[name] for name in ("class", "id", "width", "height") if name in tag.attributes}
    told: dict[str, str | None] = {"aria-hidden": "true"}
    if tag["alt"]:
        told = {"role": "img", "aria-label": tag["alt"]}
    return Tag("svg", {**kept, "data-img": None, **_stretch(size), **told})


def _stretched(tag: Tag, size: tuple[str, str]) -> Tag:
    kept = {name: tag.attributes[name] for name in ("x", "y", "width", "height")}
    return Tag("svg", {**kept, **_stretch(size)})


def _stretch(size: tuple[str, str]) -> dict[str, str | None]:
    return {"viewbox": f"0 0 {size[0]} {size[1]}", "preserveaspectratio": "none"}
