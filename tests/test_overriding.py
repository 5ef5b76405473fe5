"""A user's own templates and assets: first before ours, extending ours, and told where they are wrong."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from reportgen import render, site
from reportgen.build import inputs_digest, subject_of
from reportgen.config import Config, read_config
from reportgen.errors import InputError
from reportgen.links import check_links
from reportgen.overriding import read_own
from tests.factories import small_snapshot
from tests.sites import CONFIG, BuiltSite, WrittenSite, run_program, tree, written_site
from tests.test_house_rules import TEMPLATE_RULES

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "school"
PAGES = sorted(path.name for path in (render.templates_folder() / "pages").iterdir())
BLOCKS = ("policy", "title", "icon", "styles", "head", "masthead", "brand", "tools", "content", "foot", "end")
"""What base.html offers, as docs/templates.md lists it."""
MARK = "the user was here"
EXTENDS = '{% extends "reportgen/base.html" %}\n'
WIDE: ViewportSize = {"width": 1280, "height": 800}


def folder_of(place: Path, files: dict[str, str]) -> Path:
    """A folder with these files."""
    folder = place / "mine"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@cache
def plain_site() -> WrittenSite:
    """The site without anything of a user's."""
    return written_site(small_snapshot())


def site_with(place: Path, files: dict[str, str]) -> WrittenSite:
    """The same site with a user's files, checked first as a build does."""
    own = read_own(folder_of(place, files))
    render.check(own)
    return written_site(small_snapshot(), own=own)


def mistake_in(place: Path, files: dict[str, str]) -> str:
    """What is said of a user's files before there is a page."""
    own = read_own(folder_of(place, files))
    with pytest.raises(InputError) as caught:
        render.check(own)
    return str(caught.value)


# --- templates ---


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_the_skeleton_can_be_changed(tmp_path: Path, block: str) -> None:
    """What the user writes stands there on every page that does not fill the block itself; the rest stays."""
    text = f'{{% extends "reportgen/base.html" %}}{{% block {block} %}}{MARK}{{{{ super() }}}}{{% endblock %}}'
    pages = site_with(tmp_path, {"base.html": text}).pages
    changed = {path for path, page in pages.items() if MARK in page}
    assert changed or block == "content"
    assert changed == pages.keys() or block in ("content", "title")
    assert {path: page.replace(MARK, "") for path, page in pages.items()} == plain_site().pages


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_changed(tmp_path: Path, name: str) -> None:
    """A page of the user's goes on from ours, and no page of another kind is another."""
    text = f'{{% extends "reportgen/pages/{name}" %}}{{% block content %}}{MARK}{{{{ super() }}}}{{% endblock %}}'
    pages = site_with(tmp_path, {f"pages/{name}": text}).pages
    assert {path: page.replace(MARK, "") for path, page in pages.items()} == plain_site().pages
    assert 0 < sum(MARK in page for page in pages.values()) < len(pages) or name == "units.html"


def test_one_macro_can_be_changed(tmp_path: Path) -> None:
    """The others are handed on by their names."""
    text = """{% import "reportgen/macros/claims.html" as ours with context %}
{% set symbols, tape, mark, tested = ours.symbols, ours.tape, ours.mark, ours.tested %}
{% macro claim(card) %}<div id="{{ card.id }}">the user was here: {{ card.sentence }}</div>{% endmacro %}"""
    pages = site_with(tmp_path, {"macros/claims.html": text}).pages
    cards = plain_site().pages["index.html"].count('class="claim"')
    assert cards > 3
    assert pages["index.html"].count(MARK) == cards
    assert 'class="claim"' not in pages["index.html"]
    assert 'id="mark-yes"' in pages["index.html"]
    assert 'class="verdicts wide"' in pages["depth.html"]


def test_a_page_of_ours_extends_the_users_skeleton(tmp_path: Path) -> None:
    """Who writes the whole skeleton anew gets every page in it."""
    text = "<!doctype html><title>{% block title %}{% endblock %}</title>{% block content %}{% endblock %}"
    pages = site_with(tmp_path, {"base.html": text}).pages
    assert all(page.startswith("<!doctype html><title>") for page in pages.values())
    assert '<p class="standfirst">' in pages["index.html"]


def test_what_is_included_needs_no_name_of_ours(tmp_path: Path) -> None:
    """Parts that the user's templates include or import are found beside them, also from one another."""
    files = {
        **at_the_end('{% include "parts/end.html" %}'),
        "parts/end.html": '{% from "words.html" import said %}{{ said() }}{% include "note.txt" %}',
        "words.html": "{% macro said() %}the user was{% endmacro %}",
        "note.txt": " here",
    }
    assert all(MARK in page for page in site_with(tmp_path, files).pages.values())


def test_a_name_that_is_made_up_while_writing_may_be_any(tmp_path: Path) -> None:
    """Which template is included can depend on the page: then none is called unused."""
    files = at_the_end('{% include site.language ~ ".html" %}', en="hello", ko="안녕")
    pages = site_with(tmp_path, files).pages
    assert ("hello" in pages["index.html"], "안녕" in pages["ko/index.html"]) == (True, True)


def test_what_a_user_fills_in_is_escaped(tmp_path: Path) -> None:
    """Names stay text in the user's templates as in ours."""
    own = read_own(folder_of(tmp_path, at_the_end("{{ site.title }}")))
    page = written_site(small_snapshot(), replace(CONFIG, title="<script>"), own).pages["index.html"]
    assert "&lt;script&gt;</body>" in page


# --- assets ---


def test_assets_come_along(tmp_path: Path) -> None:
    """Files below `assets/` stand in the site's, of which one of the same name makes way."""
    files = {"assets/logo.svg": "<svg/>", "assets/fonts/a.woff2": "font", "assets/icon.svg": "<svg id='mine'/>"}
    texts = site_with(tmp_path, files).texts
    assert {name: texts[name].decode() for name in files} == files
    assert {path for path in texts if path not in files} == plain_site().texts.keys() - {"assets/icon.svg"}
    assert all(text == plain_site().texts[path] for path, text in texts.items() if path not in files)


def test_an_extra_style_is_linked_after_ours(tmp_path: Path) -> None:
    """`assets/extra.css` is all that new colours need; without it no page asks for it."""
    pages = site_with(tmp_path, {"assets/extra.css": ":root{--accent:red}"}).pages
    sheets = {path: re.findall(r'rel="stylesheet" href="(?:\.\./)*([^"]+)"', page) for path, page in pages.items()}
    assert set(map(tuple, sheets.values())) == {("assets/style.css", "assets/extra.css")}
    assert not any("extra.css" in page for page in plain_site().pages.values())


def test_a_style_in_the_place_of_ours_keeps_the_widths(tmp_path: Path) -> None:
    """The rules for the pictures' widths follow whatever style there is, which is left as it was written."""
    style = site_with(tmp_path, {"assets/style.css": "a\nb { color: red }\n"}).texts["assets/style.css"].decode()
    assert style.startswith("a\nb { color: red }\n.w")
    assert style.endswith(plain_site().texts["assets/style.css"].decode()[-20:])


def test_notes_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    """A README, a repository or what a system leaves behind is no mistake, and does not travel."""
    files = {"README.md": "{% mine", ".git/config": "{% x", "assets/.DS_Store": "x", ".draft.html": "{{"}
    assert site_with(tmp_path, files).texts == plain_site().texts


@pytest.mark.parametrize("name", ["assets/my logo.svg", "assets/Style.css", "assets/style.css/a.css"])
def test_an_asset_that_no_site_can_have_is_refused(tmp_path: Path, name: str) -> None:
    """With the folder and the file's name, before anything is looked into."""
    ended = run_program("build", "--templates", folder_of(tmp_path, {name: "x"}), folder=tmp_path)
    assert ended.returncode == 2
    assert name.split("/")[1] in ended.stderr.split("mine", 1)[1]
    assert len(ended.stderr.splitlines()) == 1


# --- mistakes ---

Mistake = tuple[dict[str, str], str]
"""Files, and how what is said of them begins after the folder's name."""


def at_the_end(text: str, **more: str) -> dict[str, str]:
    """A skeleton with a text at the end, on its second line, and parts beside it."""
    base = EXTENDS + f"{{% block end %}}{text}{{% endblock %}}"
    return {"base.html": base, **{f"{name}.html": part for name, part in more.items()}}


UNUSED = "stands in the place of no template of ours, and none of yours includes it."
ALONE = '{% extends "reportgen/pages/depth.html" %}\n{% block fot %}{% endblock %}'
WRONG: dict[str, Mistake] = {
    "syntax": (at_the_end("\n{{ site.title }"), "base.html:3: unexpected '}'"),
    "a block left open": ({"pages/depth.html": "a\n{% if site %}"}, "pages/depth.html:2: Unexpected end"),
    "a filter": (at_the_end("{{ 1 | upside }}"), "base.html:2: No filter named 'upside'"),
    "a part": (at_the_end('{% include "x.html" %}'), "base.html:2: no template is called 'x.html'."),
    "a parent": (
        {"base.html": '\n\n{% extends "reportgen/bass.html" %}'},
        "base.html:3: no template is called 'reportgen/bass.html'.",
    ),
    "itself": (
        {"base.html": '{% extends "base.html" %}'},
        'base.html:1: extends itself without end. {% extends "reportgen/base.html" %} extends',
    ),
    "a circle": (
        {"base.html": '{% extends "a.html" %}', "a.html": '\n{% extends "base.html" %}'},
        "a.html:2: extends itself without end.",
    ),
    "a block": (
        {"base.html": EXTENDS + "{% block foott %}{% endblock %}"},
        "base.html:2: there is no block 'foott'; 'reportgen/base.html' has brand, content,",
    ),
    "a block of a page": ({"pages/depth.html": ALONE}, "pages/depth.html:2: there is no block 'fot'"),
    "a skeleton without content": (
        {"base.html": "<p>{% block title %}{% endblock %}"},
        "base.html: has no block 'content', which our pages/",
    ),
    "a name": (
        {"pages/layers_.html": "x"},
        f"pages/layers_.html: {UNUSED} Did you mean pages/layers.html?",
    ),
    "another name": ({"zzz.html": "x"}, f"zzz.html: {UNUSED} There are: base.html, "),
    "a prefix": ({"reportgen/base.html": "x"}, f"reportgen/base.html: {UNUSED}"),
    "parts that nobody includes": ({"a.html": '{% include "b.html" %}', "b.html": ""}, f"a.html: {UNUSED}"),
    "an asset beside assets": (
        {"school.css": "p {}"},
        "school.css: no template of yours includes it. What pages show or link to belongs in assets/",
    ),
}


@pytest.mark.parametrize(("files", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_before_there_is_a_page(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """With the file, its line where there is one, and what is wrong."""
    assert mistake_in(tmp_path, files).startswith(f"{tmp_path / 'mine'}/{said}")


FIELD = '{% extends "reportgen/pages/depth.html" %}\n{% block foot %}\n{{ page.titel }}{% endblock %}'
WRONG_ON_A_PAGE: dict[str, Mistake] = {
    "a name": (at_the_end("\n{{ sight.title }}"), "/base.html:3: 'sight' is undefined (in "),
    "a field": (
        {"pages/depth.html": FIELD},
        "/pages/depth.html:3: 'reportgen.pages.depth.DepthPage object' has no attribute 'titel' (in depth.html)",
    ),
    "in a part": (
        at_the_end('{% include "a.html" %}', a="\n\n\n{{ nobody }}"),
        "/a.html:4: 'nobody' is undefined",
    ),
    "a macro that is missing": (
        {"macros/claims.html": "{% macro symbols() %}{% endmacro %}"},
        ": in our pages/",
    ),
    "what Python does not do": (at_the_end("{{ 1 / 0 }}"), "/base.html:2: ZeroDivisionError: division by zero"),
    "a part found while writing": (
        at_the_end('{% include site.language ~ ".x" %}'),
        "/base.html:2: no template is called 'en.x'.",
    ),
    "a circle": (
        at_the_end('{% include "a.html" %}', a='{% include "a.html" %}'),
        "/a.html:1: includes itself without end.",
    ),
}


@pytest.mark.parametrize(("files", "said"), WRONG_ON_A_PAGE.values(), ids=WRONG_ON_A_PAGE.keys())
def test_a_mistake_is_told_when_a_page_meets_it(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """Undefined names are errors in the user's templates too, and are told with file and line."""
    with pytest.raises(InputError) as caught:
        site_with(tmp_path, files)
    assert str(caught.value).startswith(f"{tmp_path / 'mine'}{said}")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A picture beside the templates belongs to the assets."""
    folder = folder_of(tmp_path, {"base.html": EXTENDS})
    (folder / "logo.png").write_bytes(b"\x89PNG\xff")
    with pytest.raises(InputError, match=r"logo\.png: not UTF-8 text\. .* belongs in .*mine/assets"):
        read_own(folder)


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    """It is neither followed, perhaps for ever, nor left out without a word."""
    folder = folder_of(tmp_path, {"base.html": EXTENDS})
    (folder / "assets").symlink_to(folder, target_is_directory=True)
    with pytest.raises(InputError, match="assets: neither a file nor a folder"):
        read_own(folder)


# --- settings ---


def test_the_folder_is_a_setting(tmp_path: Path) -> None:
    """In a file it starts from the file's folder, and it counts among the inputs."""
    (tmp_path / "settings.toml").write_text('templates = "school"', encoding="utf-8")
    config = read_config(tmp_path / "settings.toml", {})
    assert config.templates == tmp_path / "school"
    assert config.inputs == (tmp_path / "school",)
    assert config.bundled


@pytest.mark.parametrize("model", [None, Path("small.keras")])
def test_the_folder_stands_in_the_command(model: Path | None) -> None:
    """Whoever wants the same report again needs it; where it lies is nobody's business."""
    command = subject_of(Config(model=model, templates=Path("/home/somebody/school"))).command
    assert command.endswith(" --templates school")


@pytest.mark.parametrize(("out", "code"), [("school", 4), (".", 4), ("school/site", 2)])
def test_the_folder_is_not_written_into(tmp_path: Path, out: str, code: int) -> None:
    """The output may not be the folder of the templates, nor hold it, nor lie in it."""
    place = tmp_path / "work"
    (place / "school").mkdir(parents=True)
    ended = run_program("build", "--templates", place / "school", "--out", place / out, folder=tmp_path)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (code, 1)
    assert list((place / "school").iterdir()) == []


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """In one line, with exit code 2."""
    ended = run_program("build", "--templates", "nowhere", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (
        2,
        "reportgen: nowhere: no such folder. Give the folder of your templates.\n",
    )


@pytest.mark.parametrize("name", ["base.html", "part.html", "assets/logo.svg"])
def test_every_file_counts(tmp_path: Path, name: str) -> None:
    """A changed template, part or asset makes another report; a moved folder does not."""
    files = {"base.html": "a", "part.html": "b", "assets/logo.svg": "c"}
    first = folder_of(tmp_path / "one", files)
    second = folder_of(tmp_path / "two", files)
    digest = inputs_digest(Config(templates=first), read_own(first))
    assert digest == inputs_digest(Config(templates=second), read_own(second))
    (second / name).write_text("changed", encoding="utf-8")
    assert digest != inputs_digest(Config(templates=second), read_own(second))


# --- a build ---


def test_a_mistake_leaves_the_old_site(tmp_path: Path) -> None:
    """One line with file and line number, exit code 2, and every file as it was."""
    out = tmp_path / "site"
    site.publish({"index.html": b"old"}, out, "digest")
    before = tree(out)
    folder_of(tmp_path, {"base.html": "{% extends 'reportgen/base.html' %}\n{% block foot %}"})
    ended = run_program("build", "--templates", "mine", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("reportgen: mine/base.html:2: Unexpected end of template.")
    assert len(ended.stderr.splitlines()) == 1
    assert tree(out) == before


@pytest.mark.slow
def test_a_change_rebuilds_and_a_fault_does_not(default_site: BuiltSite, tmp_path: Path) -> None:
    """A page of the user's is built; unchanged it is current; undefined names and links outside change nothing."""

    def build(end: str) -> tuple[int, str]:
        command = ("build", "--templates", folder_of(tmp_path, at_the_end(end)), "--cache", default_site.cache)
        ended = run_program(*command, folder=tmp_path)
        return ended.returncode, ended.stdout + ended.stderr

    assert build("<p>one</p>")[0] == 0
    assert "nothing had changed" in build("<p>one</p>")[1]
    assert build("<p>two</p>")[0] == 0
    before = tree(tmp_path / "site")
    assert b"<p>two</p>" in before["ko/about.html"]
    code, said = build("{{ nobody }}")
    assert code == 2
    assert re.fullmatch(r"reportgen: \S+/mine/base\.html:2: 'nobody' is undefined \(in \S+\)\n", said)
    code, said = build('<img alt="" src="https://example.org/a.png">')
    assert code == 2
    assert "mine the site has a fault, so the old one stays: " in said
    assert "<img> links to 'https://example.org/a.png', which leads outside the site." in said
    assert tree(tmp_path / "site") == before


# --- the example of the docs ---


@pytest.fixture(scope="module")
def school(default_site: BuiltSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the bundled network with exactly the files of the example."""
    folder = tmp_path_factory.mktemp("school") / "site"
    ended = run_program("build", "--templates", EXAMPLE, "--out", folder, "--cache", default_site.cache)
    assert ended.returncode == 0, ended.stderr
    return folder


def without_school(data: bytes) -> bytes:
    """A file of the example's site without what the example adds."""
    text = data.decode()
    text = re.sub(r'<link rel="stylesheet" href="(\.\./)*assets/extra\.css">\n', "", text)
    text = re.sub(r'<img class="logo"[^>]*> ', "", text)
    text = re.sub(r'(<footer class="foot">\n)<p>[^\n]*</p>\n', r"\1", text)
    text = text.replace("</p>\n\n</footer>", "</p>\n</footer>")
    return text.replace("reportgen build --templates school", "reportgen build").encode()


@pytest.mark.slow
def test_the_example_changes_what_it_says_and_nothing_else(default_site: BuiltSite, school: Path) -> None:
    """Two assets more; on each page the logo, the style and a sentence; in the provenance the command."""
    plain, dressed = tree(default_site.folder), tree(school)
    assert dressed.keys() - plain.keys() == {"assets/logo.svg", "assets/extra.css"}
    assert plain.keys() <= dressed.keys()
    different = {path for path in plain if plain[path] != dressed[path]} - {site.MANIFEST}
    assert different == {path for path in plain if path.endswith(".html")} | {"data/report.json"}
    assert {path for path in different if without_school(dressed[path]) != plain[path]} == set()
    assert all('class="logo"' in dressed[path].decode() for path in different if path.endswith(".html"))
    assert check_links(dressed) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "paper", "accent"),
    [("light", "rgb(244, 249, 248)", "rgb(11, 85, 99)"), ("dark", "rgb(8, 23, 26)", "rgb(255, 200, 87)")],
)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_example_has_the_schools_colours(
    school: Path, browser: Browser, width: int, scheme: str, paper: str, accent: str
) -> None:
    """Light and dark, on a phone and a desktop: paper and accent, and a logo that is seen at the top."""
    size: ViewportSize = {"width": width, "height": 800}
    with browser.new_context(viewport=size) as context:
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto((school / "index.html").as_uri())
        seen = page.evaluate(
            "() => [getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('.eyebrow')).color,"
            " document.querySelector('.logo').naturalWidth > 0,"
            " document.querySelector('.logo').getBoundingClientRect().top < 60,"
            " document.documentElement.scrollWidth <= document.documentElement.clientWidth]"
        )
        assert seen == [paper, accent, True, True, True]


def test_the_example_keeps_the_rules_of_the_house() -> None:
    """It is what users copy: escaped, without inline style or script, and with nothing from outside."""
    paths = [path for path in sorted(EXAMPLE.rglob("*")) if path.is_file()]
    assert [path.name for path in paths] == ["extra.css", "logo.svg", "base.html"]
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in paths]
    assert [breach for rule in TEMPLATE_RULES for name, text in texts for breach in rule(name, text)] == []


def test_the_guide_shows_the_files_of_the_example() -> None:
    """Whoever types off the page gets what was tested, and every block is named there."""
    guide = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    for name in ("base.html", "assets/extra.css"):
        assert (EXAMPLE / name).read_text(encoding="utf-8").strip() in guide
    assert set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)) == set(BLOCKS)
    skeleton = (render.templates_folder() / "base.html").read_text(encoding="utf-8")
    assert re.findall(r"\{% block (\w+)", skeleton) == list(
        dict.fromkeys(re.findall(r"\{% block (\w+)", skeleton))
    )
    assert set(re.findall(r"\{% block (\w+)", skeleton)) == set(BLOCKS)
