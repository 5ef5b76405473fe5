"""A user's own templates and assets, which stand before ours: reads and checks them, and says where one is wrong.

It knows templates by their names only: not what a page holds, nor how one is written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from traceback import walk_tb

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)

from reportgen.cache import key_of
from reportgen.errors import InputError, ReportgenError

OURS = "reportgen"
"""`reportgen/base.html` is our base.html, also where the user has one."""
ASSETS = "assets/"
NOTES = ".md"
"""What a folder may hold besides, for those who read it."""

_Reference = nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport


@dataclass(frozen=True)
class Own:
    """All that a user puts in the place of ours, or beside it, as it was read once."""

    folder: Path | None = None
    """None where there is none."""
    templates: tuple[tuple[str, str], ...] = ()
    """Names and texts, in order."""
    assets: tuple[tuple[str, bytes], ...] = ()
    """Paths in the site, from `assets/` on, and contents, in order."""

    @property
    def digest(self) -> str:
        """The digest of all that the folder holds, wherever it stands."""
        return key_of(self.templates, self.assets)

    def place(self, name: str, line: int | None = None) -> str:
        """Return where a file of the folder is, for an editor to open."""
        path = (self.folder or Path()) / name
        return f"{path}:{line}" if line else str(path)


NOTHING_OWN = Own()


def read_own(folder: Path | None) -> Own:
    """Return what lies in a user's folder; nothing where there is none.

    Raises:
        InputError: there is no such folder, or a file in it is no text, or cannot be read.
    """
    if folder is None:
        return NOTHING_OWN
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder. Give the folder of your templates.")
    try:
        files = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in _files_in(folder)]
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read ({error.strerror}).") from error
    assets = tuple((name, data) for name, data in files if name.startswith(ASSETS))
    texts = ((name, data) for name, data in files if not name.startswith(ASSETS) and not name.endswith(NOTES))
    return Own(folder, tuple((name, _decoded(folder / name, data)) for name, data in texts), assets)


def _files_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files_in(path)
        elif path.is_file():
            yield path
        else:
            raise InputError(f"{path}: neither a file nor a folder. Put a copy there.")


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text. What pages show belongs in {path.parent / ASSETS}") from None


def loader(ours: Path, own: Own) -> BaseLoader:
    """Return where templates are looked for: with the user, then with us; under `reportgen/` with us alone."""
    texts = dict(own.templates)

    def find(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (texts[name], own.place(name), lambda: True) if name in texts else None

    with_us = FileSystemLoader(ours)
    return ChoiceLoader([FunctionLoader(find), with_us, PrefixLoader({OURS: with_us})])


def check(own: Own, environment: Environment, ours: frozenset[str]) -> None:
    """Check a user's templates as far as that is possible before there is a page.

    Raises:
        InputError: a mistake in the syntax, a template or a block that does not exist, or one that nobody uses.
    """
    with mistakes_told(own):
        for name, _ in own.templates:
            environment.get_template(name)
        folder = _Folder(environment)
        for name, _ in own.templates:
            folder.check_references(own, name)
        for name in sorted(ours | dict(own.templates).keys()):
            folder.check_blocks(own, name)
        folder.check_use(own, ours)


@contextmanager
def mistakes_told(own: Own, page: str = "") -> Iterator[None]:
    """Turn whatever a user's templates raise into one line; without any, a mistake is ours and stays as it is."""
    try:
        yield
    except ReportgenError:
        raise
    except Exception as error:
        if own.folder is None:
            raise
        where = f" (in {page})" if page else ""
        raise InputError(f"{_place_of(error, own)}: {_why(error)}{where}") from error


def _place_of(error: Exception, own: Own) -> str:
    """Return the file and line of the user's that the mistake came up in; ours where it is a consequence there."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or own.place(error.name or '')}:{error.lineno}"
    names = {own.place(name): name for name, _ in own.templates}
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    theirs = [own.place(names[file], line) for file, line in frames if file in names]
    if theirs:
        return theirs[-1]
    ours = [
        f"{Path(file).parent.name}/{Path(file).name}:{line}" for file, line in frames if file.endswith(".html")
    ]
    return f"{own.folder}: in our {ours[-1]}" if ours else str(own.folder)


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"includes itself without end. Ours is called '{OURS}/…'."
    if isinstance(error, TemplateNotFound):
        return f"no template is called '{error.message}'."
    text = (error.message if isinstance(error, TemplateError) else str(error)) or "wrong"
    return text if isinstance(error, TemplateError) else f"{type(error).__name__}: {text}"


class _Folder:
    """Templates as trees, each found as a page would find it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._trees: dict[str, nodes.Template] = {}

    def check_references(self, own: Own, name: str) -> None:
        """Say which template that is named does not exist, or is the one that names it."""
        for reference, named in self._named(name):
            line = reference.lineno
            if isinstance(reference, nodes.Extends) and name in self._chain(named):
                hint = f'{{% extends "{OURS}/{name}" %}} extends the one that comes with the program.'
                raise InputError(f"{own.place(name, line)}: extends itself without end. {hint}")
            if not self._exists(named) and not getattr(reference, "ignore_missing", False):
                raise InputError(f"{own.place(name, line)}: no template is called '{named}'.")

    def check_blocks(self, own: Own, name: str) -> None:
        """Say which block is filled though no template above has it, so that it would never be seen."""
        above = self._above(name)
        known = self._blocks(above) if above else None
        if above is None or known is None:
            return
        lost = next((block for block in _outer_blocks(self._tree(name)) if block.name not in known), None)
        if lost is not None and name in dict(own.templates):
            there = f"'{above}' has {', '.join(sorted(known)) or 'none'}"
            raise InputError(f"{own.place(name, lost.lineno)}: there is no block '{lost.name}'; {there}.")
        if lost is not None:
            raise InputError(f"{own.place(above)}: has no block '{lost.name}', which our {name} fills.")

    def check_use(self, own: Own, ours: frozenset[str]) -> None:
        """Say which file stands in the place of none of ours and is named by none that is used."""
        theirs = {name for name, _ in own.templates}
        waiting, used = sorted(theirs & ours), set[str]()
        while waiting:
            name = waiting.pop()
            used.add(name)
            if self._names_at_random(name):
                return
            waiting += [named for _, named in self._named(name) if named in theirs - used]
        for name in sorted(theirs - used):
            raise InputError(f"{own.place(name)}: {_unused(name, ours)}")

    def _tree(self, name: str) -> nodes.Template:
        if name not in self._trees:
            loader = self._environment.loader
            assert loader is not None, "made with one"  # noqa: S101 - the environment is ours
            source, _, _ = loader.get_source(self._environment, name)
            self._trees[name] = self._environment.parse(source, name)
        return self._trees[name]

    def _exists(self, name: str) -> bool:
        try:
            self._tree(name)
        except TemplateNotFound:
            return False
        return True

    def _named(self, name: str) -> Iterator[tuple[_Reference, str]]:
        for reference in self._tree(name).find_all(_Reference.__args__):
            if isinstance(reference.template, nodes.Const) and isinstance(reference.template.value, str):
                yield reference, reference.template.value

    def _names_at_random(self, name: str) -> bool:
        found = self._tree(name).find_all(_Reference.__args__)
        return any(not isinstance(each.template, nodes.Const) for each in found)

    def _above(self, name: str) -> str | None:
        return next((named for each, named in self._named(name) if isinstance(each, nodes.Extends)), None)

    def _blocks(self, name: str) -> frozenset[str] | None:
        """Return the names of all blocks of a template and those above it; None where they cannot be told."""
        chain = self._chain(name)
        if self._above(chain[-1]) is None and self._tree(chain[-1]).find(nodes.Extends) is not None:
            return None
        return frozenset(block.name for each in chain for block in self._tree(each).find_all(nodes.Block))

    def _chain(self, name: str) -> list[str]:
        """Return a template and those above it, as far as they are named and exist, each once."""
        chain: list[str] = []
        above: str | None = name
        while above is not None and above not in chain and self._exists(above):
            chain.append(above)
            above = self._above(above)
        return chain


def _outer_blocks(node: nodes.Node) -> Iterator[nodes.Block]:
    """Yield the blocks that stand in no other: those inside of one are seen where that one is."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outer_blocks(child)


def _unused(name: str, ours: frozenset[str]) -> str:
    if not name.endswith(".html"):
        return f"no template of yours includes it. What pages show or link to belongs in {ASSETS}"
    near = get_close_matches(name, sorted(ours), 1)
    meant = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(ours))}."
    return f"stands in the place of no template of ours, and none of yours includes it. {meant}"
