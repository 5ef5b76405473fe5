"""The rules of the house, read off the sources: who may know whom, and what nobody may do."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reportgen.build import OBSERVING

ROOT = Path(__file__).parent.parent

FLOORS = {
    "__init__": -1,
    "errors": 0,
    "axes": 0,
    "config": 1,
    "cache": 1,
    "links": 1,
    "snapshot": 1,
    "pictures": 2,
    "statistics": 2,
    "analysis": 3,
    "admission": 3,
    "observe": 4,
    "training": 4,
    "pages": 5,
    "figures": 5,
    "overriding": 5,
    "render": 6,
    "site": 6,
    "export": 7,
    "build": 7,
    "cli": 8,
    "__main__": 9,
}
"""A room imports only from floors below its own; the modules of one package share a room."""

KERAS_ROOMS = {"observe", "training"}
DRAWING_ROOMS = {"figures"}
WRITING_ROOMS = {"site", "cache", "training", "observe"}
"""`site` writes the output; the others write files of their own, never into the output."""
SPEAKING_ROOMS = {"cli"}
MARKUP_ROOMS = {"render"}

PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
WRITERS = {"write_text", "write_bytes", "rename", "unlink", "mkdir", "rmdir", "touch", "symlink_to", "hardlink_to"}
OS_WRITERS = {
    "replace",
    "rename",
    "renames",
    "remove",
    "unlink",
    "mkdir",
    "makedirs",
    "rmdir",
    "removedirs",
    "link",
}
SPEAKERS = {"print", "exit", "quit"}


# --- how a source is read ---


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Every module that a source imports, wherever the import stands, and what `import_module` names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called_name(node) in {"import_module", "__import__"}:
            yield from (str(each.value) for each in node.args[:1] if isinstance(each, ast.Constant))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a source."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    """The last name of what is called: `open` for `open(...)` and for `path.open(...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def owner_name(call: ast.Call) -> str:
    """The name before the dot: `os` for `os.replace(...)`; empty where there is none."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
    return ""


def room_of(module: str) -> str:
    """The room of a module of this package: `analysis` for `reportgen.analysis.claims`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def rooms_imported(tree: ast.AST) -> set[str]:
    """The rooms that a source imports from."""
    names = [name for name in imported_names(tree) if name.split(".")[0] == "reportgen"]
    return {room if (room := room_of(name)) in FLOORS else "__init__" for name in names}


# --- the rules: each returns what breaks it in one source ---

Rule = Callable[[str, str], list[str]]


def floors(module: str, source: str) -> list[str]:
    """A module imports only from floors below its own, or from its own package."""
    room = room_of(module)
    if room not in FLOORS:
        return [f"{module}: give the room {room} a floor"]
    others = sorted(rooms_imported(ast.parse(source)) - {room})
    return [f"{module} imports {other}" for other in others if FLOORS[other] >= FLOORS[room]]


def keras_stays_in(module: str, source: str) -> list[str]:
    """Keras and TensorFlow are imported only where networks are run."""
    return _foreign_imports(module, source, {"keras", "tensorflow", "tf_keras"}, KERAS_ROOMS)


def matplotlib_stays_in(module: str, source: str) -> list[str]:
    """Matplotlib is imported only where charts are drawn."""
    return _foreign_imports(module, source, {"matplotlib"}, DRAWING_ROOMS)


def no_pickle(module: str, source: str) -> list[str]:
    """Nothing that runs code when it is read is written or read."""
    tree = ast.parse(source)
    allowed = [
        f"{module}: allow_pickle"
        for call in calls(tree)
        for keyword in call.keywords
        if keyword.arg == "allow_pickle" and not _is_false(keyword.value)
    ]
    return _foreign_imports(module, source, PICKLES, set()) + allowed


def no_pyplot(module: str, source: str) -> list[str]:
    """Figures are objects; pyplot keeps them alive."""
    tree = ast.parse(source)
    named = {name.split(".")[-1] for name in imported_names(tree)}
    named |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named |= {part for name in imported_names(tree) for part in name.split(".")}
    return [f"{module}: {name}" for name in sorted(named & {"pyplot", "pylab"})]


def only_site_writes(module: str, source: str) -> list[str]:
    """Only `site` writes into the output; a few others write files of their own."""
    if room_of(module) in WRITING_ROOMS:
        return []
    tree = ast.parse(source)
    copying = [f"{module}: {name}" for name in imported_names(tree) if name.split(".")[0] == "shutil"]
    return copying + [f"{module}: {ast.unparse(call)}" for call in calls(tree) if _writes(call)]


def no_markup(module: str, source: str) -> list[str]:
    """Text becomes markup only in `render`."""
    if room_of(module) in MARKUP_ROOMS:
        return []
    tree = ast.parse(source)
    imported = [f"{module}: {name}" for name in imported_names(tree) if name.endswith("Markup")]
    return imported + [f"{module}: Markup(" for call in calls(tree) if called_name(call) == "Markup"]


def silent(module: str, source: str) -> list[str]:
    """Nothing below the command line, and the start of a process, prints or ends the program."""
    if room_of(module) in SPEAKING_ROOMS or module.endswith(".__main__"):
        return []
    tree = ast.parse(source)
    spoken = [call for call in calls(tree) if called_name(call) in SPEAKERS and owner_name(call) in {"", "sys"}]
    ended = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "SystemExit"]
    return [f"{module}: {ast.unparse(node)}" for node in [*spoken, *ended]]


def reasons(module: str, source: str) -> list[str]:
    """Every switched-off check has its reason on the same line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return [f"{module}: {comment}" for comment in comments if _has_no_reason(comment)]


def _foreign_imports(module: str, source: str, names: set[str], rooms: set[str]) -> list[str]:
    if room_of(module) in rooms:
        return []
    found = (name for name in imported_names(ast.parse(source)) if name.split(".")[0] in names)
    return [f"{module} imports {name}" for name in found]


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _writes(call: ast.Call) -> bool:
    name = called_name(call)
    if name == "open":
        return _opens_for_writing(call)
    # str.replace takes two texts, Path.replace one path.
    moves = (
        name == "replace" and isinstance(call.func, ast.Attribute) and len(call.args) == 1 and not call.keywords
    )
    return name in WRITERS or moves or (owner_name(call) == "os" and name in OS_WRITERS)


def _opens_for_writing(call: ast.Call) -> bool:
    constants = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = (node.value for node in constants if isinstance(node, ast.Constant))
    return any(isinstance(mode, str) and re.fullmatch(r"[rwaxbt+]*[wax+][rwaxbt+]*", mode) for mode in modes)


_OFF_SWITCH = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(?:\[[^\]]*\])?|pragma:.*)"
)


def _has_no_reason(comment: str) -> bool:
    rest, switches = _OFF_SWITCH.subn("", comment)
    return switches > 0 and not re.search(r"\w", rest)


# --- the rules of templates ---


def no_unescaped(name: str, text: str) -> list[str]:
    """No template switches escaping off."""
    return _found(name, text, r"\|\s*safe\b|\bMarkup\s*\(|autoescape\s+false|autoescape\s*=\s*false")


def nothing_inline(name: str, text: str) -> list[str]:
    """No script, style or handler stands in a page: the content policy would stop it."""
    inline = r"<script(?![^>]*\ssrc\s*=)|<style\b|<[a-z][^<]*?\s(?:on[a-z]+|style)\s*=|javascript:"
    return _found(name, text, inline)


def nothing_from_outside(name: str, text: str) -> list[str]:
    """No page loads anything from elsewhere; a plain link may lead there."""
    attribute = r"(?:src|srcset|href|xlink:href|data|poster|action|manifest)"
    loaded = rf"<(?!a\b)[a-z][^<>]*?\s{attribute}\s*=\s*[\"']?(?:https?:)?//"
    return _found(name, text, loaded + r"|url\(\s*[\"']?(?:https?:)?//|@import")


def no_selector_twice(name: str, text: str) -> list[str]:
    """A style rule that names a selector twice is two rules that ran into each other."""
    if not name.endswith(".css"):
        return []
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lists = [[each.strip() for each in found.split(",")] for found in re.findall(r"[^{};]+(?=\{)", plain)]
    return [f"{name}: {', '.join(each)}" for each in lists if len(set(each)) < len(each)]


def _found(name: str, text: str, pattern: str) -> list[str]:
    plain = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return [f"{name}: {match.group(0)}" for match in re.finditer(pattern, plain, re.IGNORECASE)]


# --- the house keeps them ---

MODULE_RULES: list[Rule] = [
    floors,
    keras_stays_in,
    matplotlib_stays_in,
    no_pickle,
    no_pyplot,
    only_site_writes,
    no_markup,
    silent,
]
TEMPLATE_RULES: list[Rule] = [no_unescaped, nothing_inline, nothing_from_outside, no_selector_twice]


def python_sources(folder: str) -> list[tuple[str, str]]:
    """Each module of a folder with its source, in order."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [(_module_name(path), path.read_text(encoding="utf-8")) for path in paths]


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def template_sources() -> list[tuple[str, str]]:
    """Each text under `templates/` with its name, in order."""
    paths = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".svg", ".css"})
    return [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


@pytest.mark.parametrize("rule", MODULE_RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps(rule: Rule) -> None:
    """No module of the program breaks the rule."""
    sources = python_sources("reportgen")
    assert sources
    assert [breach for module, source in sources for breach in rule(module, source)] == []


@pytest.mark.parametrize("rule", TEMPLATE_RULES, ids=lambda rule: rule.__name__)
def test_every_template_keeps(rule: Rule) -> None:
    """No template breaks the rule."""
    sources = template_sources()
    assert sources
    assert [breach for name, text in sources for breach in rule(name, text)] == []


@pytest.mark.parametrize("folder", ["reportgen", "tests"])
def test_every_switched_off_check_has_a_reason(folder: str) -> None:
    """Whoever meets a `noqa` or a `type: ignore` can read why it is there."""
    assert [breach for module, source in python_sources(folder) for breach in reasons(module, source)] == []


# --- each rule can fail ---

BROKEN: list[tuple[Rule, str, str]] = [
    (floors, "reportgen.snapshot", "from reportgen.analysis import weights"),
    (floors, "reportgen.figures", "def f():\n    import reportgen.pages.words"),
    (floors, "reportgen.pages.words", "from reportgen.figures import draw"),
    (floors, "reportgen.observe.models", "from reportgen import training"),
    (floors, "reportgen.training", "if TYPE_CHECKING:\n    from reportgen.observe import models"),
    (floors, "reportgen.site", "from reportgen.render import render"),
    (floors, "reportgen.errors", "import reportgen.config\nimportlib.import_module('reportgen.cli')"),
    (floors, "reportgen.attic", "import ast"),
    (keras_stays_in, "reportgen.build", "def f():\n    import keras"),
    (keras_stays_in, "reportgen.pages", "from tensorflow.python import x"),
    (keras_stays_in, "reportgen.cli", "importlib.import_module('keras.layers')"),
    (matplotlib_stays_in, "reportgen.pages.gallery", "from matplotlib.figure import Figure"),
    (no_pickle, "reportgen.cache", "import pickle"),
    (no_pickle, "reportgen.snapshot", "np.load(file, allow_pickle=True)"),
    (no_pyplot, "reportgen.figures", "import matplotlib.pyplot as plt"),
    (no_pyplot, "reportgen.figures", "from matplotlib import pyplot"),
    (no_pyplot, "reportgen.figures", "import matplotlib\nmatplotlib.pyplot.figure()"),
    (only_site_writes, "reportgen.build", "open(path, 'w')"),
    (only_site_writes, "reportgen.build", "path.open(mode='xb')"),
    (only_site_writes, "reportgen.render", "Path('x').write_text(text)"),
    (only_site_writes, "reportgen.figures", "path.write_bytes(data)"),
    (only_site_writes, "reportgen.build", "os.replace(old, new)"),
    (only_site_writes, "reportgen.build", "old.replace(new)"),
    (only_site_writes, "reportgen.cli", "import shutil"),
    (no_markup, "reportgen.pages.words", "from markupsafe import Markup"),
    (no_markup, "reportgen.pages.words", "markupsafe.Markup(text)"),
    (silent, "reportgen.build", "print('done')"),
    (silent, "reportgen.build", "sys.exit(1)"),
    (silent, "reportgen.observe.models", "raise SystemExit(3)"),
    (reasons, "reportgen.cli", "x = 1  # noqa"),
    (reasons, "reportgen.cli", "x = 1  # noqa: S101, E501"),
    (reasons, "reportgen.cli", "x = 1  # type: ignore[arg-type]"),
    (reasons, "reportgen.cli", "x = 1  # type: ignore[arg-type]  # noqa: E501"),
    (no_unescaped, "page.html", "{{ page.title | safe }}"),
    (no_unescaped, "page.html", "{% autoescape false %}"),
    (nothing_inline, "page.html", "<script>go()</script>"),
    (nothing_inline, "page.html", "<style>p {}</style>"),
    (nothing_inline, "page.html", '<p class="a" onclick="go()">'),
    (nothing_inline, "page.html", '<p\n style="color: red">'),
    (nothing_inline, "page.html", '<a href="javascript:go()">'),
    (nothing_from_outside, "page.html", '<img alt="" src="https://example.org/a.png">'),
    (nothing_from_outside, "page.html", '<link rel="stylesheet" href="//example.org/a.css">'),
    (nothing_from_outside, "style.css", "p { background: url(http://example.org/a.png) }"),
    (nothing_from_outside, "style.css", '@import "other.css";'),
    (no_selector_twice, "style.css", ".a, .b p,.c, .b p { margin: 0 }"),
]

KEPT: list[tuple[Rule, str, str]] = [
    (
        floors,
        "reportgen.analysis.claims",
        "from reportgen.analysis.depth import x\nfrom reportgen import snapshot",
    ),
    (floors, "reportgen.cli", "from reportgen import __version__, build"),
    (keras_stays_in, "reportgen.observe.models", "import keras"),
    (keras_stays_in, "reportgen.build", "version('keras')"),
    (no_pickle, "reportgen.snapshot", "np.load(file, allow_pickle=False)"),
    (only_site_writes, "reportgen.build", "open(path)\npath.open('rb')\n'a'.replace('a', 'b')"),
    (only_site_writes, "reportgen.site", "path.write_text(text)"),
    (no_markup, "reportgen.render", "Markup(text)"),
    (silent, "reportgen.cli", "sys.exit(1)"),
    (silent, "reportgen.observe.__main__", "sys.exit(main())"),
    (silent, "reportgen.build", "console.print('done')"),
    (reasons, "reportgen.cli", "x = 1  # noqa: S101 - a reason is given"),
    (reasons, "reportgen.cli", "x = 1  # type: ignore[arg-type]  # the library's stub is wrong"),
    (reasons, "reportgen.cli", "x = '# noqa'"),
    (no_unescaped, "page.html", "{{ page.title }} {# never | safe #} it is safe"),
    (nothing_inline, "page.html", '<script src="a.js" defer></script><p data-only="1">one = 1</p>'),
    (nothing_from_outside, "page.html", '<a href="https://example.org/">paper</a><img src="a.png" alt="">'),
    (nothing_from_outside, "drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg">'),
    (no_selector_twice, "style.css", "@media (width > 1px) { .a, .a p { margin: 0 }\n.a, .b { margin: 1px } }"),
]


def _case_name(value: object) -> str:
    return getattr(value, "__name__", None) or str(value)


@pytest.mark.parametrize(("rule", "name", "source"), BROKEN, ids=_case_name)
def test_a_rule_sees_its_breach(rule: Rule, name: str, source: str) -> None:
    """Each rule fails on a source that breaks it."""
    assert rule(name, source)


@pytest.mark.parametrize(("rule", "name", "source"), KEPT, ids=_case_name)
def test_a_rule_leaves_the_innocent_alone(rule: Rule, name: str, source: str) -> None:
    """No rule fails on a source that keeps it."""
    assert rule(name, source) == []


# --- what the cache must know of ---

VERDICTS = {"reportgen.analysis.charts", "reportgen.analysis.claims"}
"""Imported for their types alone: what they say decides nothing of what is seen of a network."""


def test_the_cache_knows_all_that_observing_runs() -> None:
    """A change of any module that observing imports makes old snapshots stale."""
    sources = dict(python_sources("reportgen"))
    waiting = [module for module in sources if module.startswith("reportgen.observe.")]
    reached: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in sources and module not in reached | VERDICTS:
            reached.add(module)
            names = imported_names(ast.parse(sources[module]))
            waiting += [each for name in names for each in (name, name.rpartition(".")[0])]
    unknown = {module for module in reached if not module.startswith(OBSERVING)}
    assert unknown - {"reportgen", "reportgen.analysis", "reportgen.__init__"} == set()
