"""Names of strangers in every place that one can come from, opened in a browser: they are read, and do nothing."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from reportgen.config import Config, read_config
from reportgen.errors import InputError
from reportgen.links import check_budgets, check_links
from reportgen.pictures import read_pictures
from reportgen.snapshot import Layer, Snapshot
from tests.factories import LAYER_NAMES, MEASURES, small_snapshot
from tests.sites import WrittenSite, with_skipped, written_site

BENIGN = "name"
STRINGS = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "single quotes": "'><svg onload=alert(1)>",
    "backticks": "`${alert(1)}`",
    "address": "javascript:alert(1)",
    "data address": "data:text/html,<script>alert(1)</script>",
    "outside": "//example.org/x.js",
    "template": "{{7*7}}{{ ''.__class__ }}",
    "template block": "{% raw %}{% include 'base.html' %}",
    "template comment": "{# gone #}",
    "dots": "..",
    "way up": "../../x",
    "way up of Windows": "..\\..\\x",
    "absolute": "/etc/passwd",
    "newline": "first\nsecond",
    "carriage return": "first\rsecond\r\n\r\nthird",
    "tab": "first\tsecond",
    "zero": "nul\x00bell\x07escape\x1b[31m",
    "right to left": "\u202egnp.exe\u2066\u200f",
    "zero width": "\u200b\u200d\ufeff",
    "separators": "first\u2028second\u2029third\x85",
    "ten thousand": "x" * 10_000,
    "ten thousand signs": "<" * 10_000,
    "composed": "\u00e9t\u00e9 \uac00",
    "decomposed": "e\u0301te\u0301 \u1100\u1161",
    "pile of accents": "e" + "\u0301" * 200,
    "end of title": "</title><base href=//example.org>",
    "end of script": "</script><script>alert(1)</script>",
    "comment": "--><img src=x onerror=alert(1)><!--",
    "character data": "]]><b>",
    "entity": "&lt;b&gt;&#60;&quot;&amp;amp;",
    "lone surrogate": "caf\udce9\ud800",
    "emoji": "\U0001f469\u200d\U0001f52c\U0001f3f4",
    "device": "CON",
    "ending": ".html",
    "percent zero": "%00%2e%2e%2f",
    "fragment": "#unit-1",
    "question": "?picture=x&scale=map",
    "quotes": "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb",
    "placeholder": "%(x)s %s %d",
    "format": "{name} {0.__class__.__mro__} {",
    "style": "x style=position:fixed;inset:0",
    "handler": 'x" onmouseover="alert(1)',
    "sheet": "</style><style>*{display:none}</style>@import 'x'",
    "the script's own signs": "a|b;c{}d,e",
    "formula": "=1+1",
    "blank": " \u00a0 ",
}
"""What strangers call things, by what it tries."""
PLAIN_PATHS = {"absolute", "ten thousand", "device", "ending"}
"""Those that a site may stand at, with a slash before them."""

TREE = """() => {
    for (const note of document.querySelectorAll('.gloss')) note.remove();
    for (const word of document.querySelectorAll('button.term')) word.replaceWith(...word.childNodes);
    const tree = each => each.tagName + '[' + each.getAttributeNames().sort() + ']('
        + [...each.children].map(tree).join('') + ')';
    return tree(document.documentElement);
}"""
"""The tags of a page and the names of their attributes, without the explanations of words: a name may hold one."""
LISTEN = """
window.reported = [];
document.addEventListener('securitypolicyviolation', event => window.reported.push(event.violatedDirective));
"""
LOOKED_AT = ("layers/01-", "layers/04-", "layers/index.html", "about.html", "model.html", "ko/index.html")
"""Pages opened for every string, by how their paths begin."""


@dataclass
class Heard:
    """What a browser had to say."""

    dialogs: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@cache
def site_called(name: str) -> WrittenSite:
    """A site in which everything that a stranger can name is called so, with a number where names must differ."""
    classes = tuple(f"{name}{number}" for number in range(3))
    config = Config(model=Path(f"{file_name(name)}.keras"), classes=classes)
    return written_site(snapshot_called(name), config)


def file_name(name: str) -> str:
    """As much of a name as a file can have."""
    data = name.replace("/", "").replace("\x00", "").replace("\ud800", "").encode("utf-8", "surrogateescape")
    # Cut where a letter may be cut in two: what is left of it is a name too.
    return os.fsdecode(data[:200]).strip(".") or BENIGN


def snapshot_called(name: str) -> Snapshot:
    """The snapshot of a network in which everything is called so."""
    names = tuple(f"{name}{number}" for number in range(len(LAYER_NAMES)))
    plain = small_snapshot(names=names, without=MEASURES)
    assert plain.record is not None
    record = replace(plain.record, command=name, versions={name: name}, data_digests={name: name})
    called = replace(
        plain,
        name=name,
        layers=tuple(_called(layer, name) for layer in plain.layers),
        record=record,
        versions={**plain.versions, name: name},
        survey=replace(plain.survey, classes=tuple(f"{name}{number}" for number in range(3))),
    )
    return with_skipped(called, tuple(f"{name}{number}: {name}" for number in range(3)))


def _called(layer: Layer, name: str) -> Layer:
    weights = tuple(replace(each, name=f"{name}{number}") for number, each in enumerate(layer.weights))
    return replace(
        layer,
        weights=weights,
        activation=name if layer.activation == "relu" else layer.activation,
        kind=name if layer.index == 4 else layer.kind,
    )


def put(site: WrittenSite, folder: Path) -> Path:
    """Write a site into a folder; its pictures are all the same."""
    for path, data in site.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    dot = folder / "dot.png"
    Image.new("L", (1, 1)).save(dot)
    for path in site.charts:
        if path.endswith(".png"):
            (folder / path).write_bytes(dot.read_bytes())
        else:
            (folder / path).write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    return folder


def page_of(site: WrittenSite, begin: str) -> str:
    """The first page whose path begins so."""
    return next(path for path in sorted(site.pages) if path.startswith(begin))


# --- in a browser ---


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that notes what the content policy reports."""
    with browser.new_context() as opened:
        opened.add_init_script(LISTEN)
        yield opened


def listened(page: Page) -> Heard:
    """What the page says from now on."""
    heard = Heard()

    def dismissed(dialog: Dialog) -> None:
        heard.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismissed)
    page.on("console", lambda message: heard.messages.append(message.text))
    page.on("pageerror", lambda error: heard.messages.append(str(error)))
    page.on("request", lambda request: heard.requests.append(request.url))
    return heard


def trees_of(site: WrittenSite, folder: Path, context: BrowserContext) -> dict[str, str]:
    """The trees of tags of a site's pages as a browser has them, after checking that nothing else came of them."""
    put(site, folder)
    page = context.new_page()
    heard, trees = listened(page), {}
    for begin in LOOKED_AT:
        page.goto((folder / page_of(site, begin)).as_uri())
        trees[begin] = page.evaluate(TREE)
        assert page.evaluate("window.reported") == []
    _choose(page, folder)
    trees["chosen"] = page.evaluate(TREE)
    assert page.evaluate("window.reported") == []
    page.close()
    assert (heard.dialogs, heard.messages) == ([], [])
    assert [each for each in heard.requests if not each.startswith(folder.as_uri())] == []
    return trees


def _choose(page: Page, folder: Path) -> None:
    """Let the script put names where names were."""
    page.goto((folder / "index.html").as_uri())
    page.locator(".chooser input").first.focus()
    page.keyboard.press("ArrowRight")


@pytest.fixture(scope="module")
def benign(context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The trees of the twin in which everything has a harmless name."""
    return trees_of(site_called(BENIGN), tmp_path_factory.mktemp("benign"), context)


@pytest.mark.slow
@pytest.mark.parametrize("name", STRINGS.values(), ids=STRINGS.keys())
def test_a_name_does_nothing(name: str, benign: dict[str, str], context: BrowserContext, tmp_path: Path) -> None:
    """No dialog, no message, no report of the policy, no request outside, and the same elements as the twin."""
    trees = trees_of(site_called(name), tmp_path, context)
    assert [path for path, tree in trees.items() if tree != benign[path]] == []


@pytest.mark.slow
def test_what_a_name_could_do_would_be_seen(context: BrowserContext, tmp_path: Path) -> None:
    """A name that is not escaped is reported by the policy, and changes the tree."""
    site = site_called(BENIGN)
    put(site, tmp_path)
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    before, written = page.evaluate(TREE), site.pages["index.html"]
    attack = written.replace(f"{BENIGN}0", STRINGS["script"] + STRINGS["image"])
    (tmp_path / "index.html").write_text(attack, encoding="utf-8")
    heard = listened(page)
    page.reload()
    reported, after = page.evaluate("window.reported"), page.evaluate(TREE)
    page.close()
    assert attack != written
    assert "script-src-elem" in reported
    assert heard.messages
    assert after != before


# --- in the files ---


@pytest.mark.parametrize("name", STRINGS.values(), ids=STRINGS.keys())
def test_a_name_stands_in_no_path(name: str) -> None:
    """Every address is made of our own names, leads somewhere, and fits every disk."""
    files = site_called(name).files
    assert check_links(files) == ()
    assert check_budgets(files) == ()
    assert [path for path in files if not re.fullmatch(r"[a-z0-9/._-]{1,120}", path.replace("README", "x"))] == []
    assert len({path.casefold() for path in files}) == len(files)


@pytest.mark.parametrize("name", STRINGS.values(), ids=STRINGS.keys())
def test_a_name_is_whole_in_the_report(name: str) -> None:
    """The report for machines has a layer's name as it is, however long."""
    report = json.loads(site_called(name).texts["data/report.json"])
    assert report["layers"][0]["name"] == f"{name}0"


def test_names_that_are_one_to_some_disks_stay_apart() -> None:
    """Layers whose names differ only in case or in how an accent is written have pages of their own."""
    names = ("Layer", "layer", "LAYER", "\u00e9", "e\u0301", "E\u0301", "l\u0430yer")
    files = written_site(small_snapshot(names=names, without=MEASURES)).files
    pages = [path for path in files if re.match(r"layers/\d", path)]
    assert len({path.casefold() for path in pages}) == len(names)


# --- where names come in ---


def pictures_called(names: list[str], folder: Path) -> None:
    """Put a picture of each name into a folder, and a file that is none."""
    for name in names:
        if (kept := file_name(name)) and not kept.isspace():
            Image.new("L", (12, 12)).save(folder / f"{kept}.png", format="PNG")
            (folder / f"{kept}.txt").write_bytes(b"none")


def test_names_of_picture_files_are_not_used(tmp_path: Path) -> None:
    """A picture gets a short name of ours, and a file that was skipped is told in signs that can be written."""
    pictures_called(list(STRINGS.values()), tmp_path)
    found = read_pictures(tmp_path, (12, 12, 1))
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", name) for name in found.names)
    assert len(found.skipped) >= 30
    for name, reason in found.skipped:
        assert f"{name}{reason}".encode()


def test_class_folders_may_be_called_anything(tmp_path: Path) -> None:
    """Their names are those of the classes, and still do nothing."""
    for name in STRINGS.values():
        folder = tmp_path / f"c{file_name(name)}"
        folder.mkdir(exist_ok=True)
        Image.new("L", (12, 12)).save(folder / "a.png")
    found = read_pictures(tmp_path, (12, 12, 1))
    snapshot = small_snapshot(without=MEASURES)
    survey = replace(snapshot.survey, classes=tuple(found.classes[:3]))
    files = written_site(replace(snapshot, survey=survey), Config(model=Path("small.keras"))).files
    assert len(found.classes) >= 30
    assert check_links(files) == ()


@pytest.mark.parametrize("name", sorted(STRINGS.keys() - PLAIN_PATHS))
def test_a_base_path_is_no_place_for_names(name: str) -> None:
    """It stands in addresses, so that all that is not plainly a path is refused, in one line."""
    for path in (STRINGS[name], f"/{STRINGS[name]}"):
        with pytest.raises(InputError) as caught:
            read_config(None, {"model": Path("a.keras"), "base_path": path})
        assert "\n" not in str(caught.value)


def settled_url(url: str) -> str:
    """What becomes of an address: itself, or what is said against it."""
    try:
        return read_config(None, {"model": Path("a.keras"), "base_url": url}).base_url
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("name", STRINGS)
def test_a_base_url_is_no_place_for_names(name: str) -> None:
    """What is let in needs no escaping anywhere; all else is refused in one line."""
    for url in (STRINGS[name], f"https://{STRINGS[name]}", f"https://example.org/{STRINGS[name]}"):
        said = settled_url(url)
        assert re.fullmatch(r"[A-Za-z0-9:/._~-]*|.*--base-url .*", said)
