"""Whole sites for the tests: written in memory from snapshots made by hand, or built by the real command."""

import functools
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from reportgen.analysis.charts import Chart
from reportgen.analysis.study import analyse
from reportgen.build import subject_of, written_pages
from reportgen.config import Config
from reportgen.overriding import NOTHING_OWN, Own
from reportgen.pages.compose import Page, compose
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.words import LANGUAGES, LOCALE, Words
from reportgen.snapshot import Snapshot
from tests.factories import MEASURES, small_snapshot

CONFIG = Config(model=Path("small.keras"), classes=("lying", "standing", "dot"), title="Small")

VARIANTS: dict[str, Callable[[], Snapshot]] = {
    "all": small_snapshot,
    "no labels": lambda: small_snapshot(labelled=False),
    "no record": lambda: small_snapshot(recorded=False),
    "no pictures": lambda: small_snapshot(pictures=0),
    "reinitialised": lambda: small_snapshot(twin_origin="reinitialised"),
    "dead units": lambda: small_snapshot(dead_units={1: (0,), 3: (1, 2), 6: range(5)}),
    "mistakes": lambda: with_mistake(small_snapshot()),
    "no measures": lambda: small_snapshot(without=tuple(sorted(MEASURES))),
    "no attribution": lambda: small_snapshot(without=("attribution", "siblings")),
    "skipped files": lambda: with_skipped(small_snapshot(), ("a.txt: not a file",)),
}
"""Every way in which something can be missing from a report."""


EVERY_KIND = (
    "index.html",
    "layers/index.html",
    "layers/01-convolution-1.html",
    "layers/05-flatten.html",
    "layers/06-dense.html",
    "layers/06-dense-2.html",
    "pictures/index.html",
    "pictures/ankle-boot.html",
    "depth.html",
    "training.html",
    "model.html",
    "glossary.html",
    "about.html",
    "404.html",
)
"""Of the default site a page of each kind, in the first language."""


@dataclass(frozen=True)
class WrittenSite:
    """A site in memory."""

    texts: Mapping[str, bytes]
    """All files but the pictures."""
    charts: Mapping[str, Chart]
    """The pictures, not drawn."""

    @property
    def files(self) -> dict[str, bytes]:
        """All files; the pictures are empty."""
        return {**self.texts, **dict.fromkeys(self.charts, b"")}

    @property
    def pages(self) -> dict[str, str]:
        """The text of every page."""
        return {path: text.decode() for path, text in self.texts.items() if path.endswith(".html")}


@dataclass(frozen=True)
class BuiltSite:
    """A site on disk, and the cache that its build left."""

    folder: Path
    cache: Path
    said: str
    """What the build wrote to standard output."""


def with_skipped(snapshot: Snapshot, skipped: tuple[str, ...]) -> Snapshot:
    """The snapshot of a survey that had to leave files out."""
    return replace(snapshot, survey=replace(snapshot.survey, skipped=skipped))


def with_mistake(snapshot: Snapshot) -> Snapshot:
    """The snapshot with a picture of the training set first, and a mistake last."""
    first, *others, last = snapshot.showcase
    wrong = (int(last.probabilities.argmax()) + 1) % last.probabilities.size
    mistake = replace(last, name="mistake-1", source="mistake", label=wrong)
    return replace(snapshot, showcase=(replace(first, source="training"), *others, mistake))


def written_site(
    snapshot: Snapshot, config: Config = CONFIG, own: Own = NOTHING_OWN, translations: Path = LOCALE
) -> WrittenSite:
    """A site written in memory, with its pictures not drawn."""
    texts, charts = written_pages(config, analyse(snapshot), lambda *_: None, own, translations)
    return WrittenSite(texts, charts)


def composed_pages(snapshot: Snapshot, config: Config = CONFIG) -> Iterator[tuple[Page, Words]]:
    """All pages of a site as data, in every language."""
    analysis, subject = analyse(snapshot), subject_of(config)
    for language in LANGUAGES:
        words = Words(language)
        context = Context(analysis, words, Gallery(analysis), subject)
        yield from ((page, words) for page in compose(context, ("data/report.json",)))


def run_program(
    *arguments: str | Path, folder: Path | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run the command in a folder, with more of an environment, and return what came of it."""
    command = [sys.executable, "-m", "reportgen", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def address_of(folder: Path, path: str) -> str:
    """The address of a file of a site on this disk."""
    return (folder / path).resolve().as_uri()


def pages_of(folder: Path) -> list[str]:
    """The paths of all pages of a site on this disk."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine and give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class Elements(HTMLParser):
    """The elements of a page in their order, each with the names of its attributes, and the page's words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.started: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.started.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Note where an element ends."""
        self.started.append((f"/{tag}", {}))

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self.words.append(data)

    @property
    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the page is made of, whatever it says."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.started]

    @property
    def text(self) -> str:
        """All words, with single spaces between them."""
        return re.sub(r"\s+", " ", " ".join(self.words))
