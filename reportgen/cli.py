"""The command line: arguments, progress, exit codes. The work is imported inside the commands."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reportgen.errors import InputError, OutputWriteError, ReportgenError

if TYPE_CHECKING:
    from rich.progress import Progress

    from reportgen.build import Built
    from reportgen.training import EpochResult

INTERRUPTED = 130
BUNDLED_SIBLINGS = 2
"""How many more networks are trained for what comes with the program."""
STAGES = {
    "start": "Starting Keras",
    "open": "Opening the network",
    "trained": "Sending the pictures through",
    "untrained": "And through the untrained twin",
    "compare": "Comparing what the layers keep",
    "stimuli": "Showing drawn pictures",
    "attribution": "Marking what decisions come from",
    "ablation": "Switching off single units",
    "visualization": "Making a picture for each unit",
    "draw": "Drawing pictures",
    "write": "Writing pages",
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="reportgen")
def main() -> None:
    """Show what a convolutional network has learned, as a static web site that anyone can read."""


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--debug", is_flag=True, help="Show the traceback of an error.")(command)


@main.command()
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option(
    "--images", type=click.Path(path_type=Path), help="A folder (of class folders), a picture, .npy, .npz or IDX."
)
@click.option("--fit", help="Pictures of another size: crop, pad or stretch.  [default: crop]")
@click.option("--scale", help="Pixels: 0..1, -1..1, 0..255, imagenet-caffe or imagenet-torch.  [default: guessed]")
@click.option(
    "--record", type=click.Path(path_type=Path), help="record.npz of 'reportgen train'. Default: beside it."
)
@click.option("--trust", is_flag=True, default=None, help="Let in layers that are not Keras' own.")
@click.option("--custom", type=click.Path(path_type=Path), help="A .py file with your own layers.")
@click.option("--classes", help="Names with commas, or a file or folder of them, or imagenet.")
@click.option("--templates", type=click.Path(path_type=Path), help="A folder of your own templates and assets.")
@click.option("--title", help="What the report calls the network.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the site.  [default: site]")
@click.option("--base-url", help="The whole address of the site to be, as https://example.org/project.")
@click.option("--base-path", help="Where the site will stand on its server, as /project.")
@click.option("--seed", type=int, help="Of the untrained twin, without a record.  [default: 42]")
@click.option("--config", type=click.Path(path_type=Path), help="Settings in a file.  [default: reportgen.toml]")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder of the cache.  [default: per user]")
@click.option("--no-cache", is_flag=True, help="Observe and draw everything anew.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@_shared
def build(
    *,
    config: Path | None,
    cache: Path | None,
    no_cache: bool,
    quiet: bool,
    debug: bool,
    **given: Any,  # noqa: ANN401 - click's values
) -> None:
    """Make the site of MODEL, a Keras network (.keras, .h5), or of the one that comes with the program."""
    with _errors_in_one_line(debug=debug):
        from reportgen.build import build as build_site
        from reportgen.cache import Cache, default_cache_folder
        from reportgen.config import read_config
        from reportgen.pictures import listed_names

        if given["classes"] is not None:
            given["classes"] = listed_names(given["classes"])
        settings = read_config(config, given)
        store = Cache(None if no_cache else cache or default_cache_folder())
        with _progress(quiet=quiet) as progress:
            built = build_site(settings, store, progress)
        if not quiet:
            _say(built)
            for warning in built.warnings:
                click.echo(_in_one_line(f"reportgen: warning: {warning}"), err=True)


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder with the four IDX files of Fashion-MNIST.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("trained"), show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True)
@click.option(
    "--siblings",
    type=click.IntRange(0),
    help="Train so many more, from other seeds.  [default: 0; 2 with --bundle]",
)
@click.option("--bundle", is_flag=True, help="Make it the bundled network of this clone.")
@_shared
def train(
    *, data: Path | None, out: Path, epochs: int, seed: int, siblings: int | None, bundle: bool, debug: bool
) -> None:
    """Train the default network on Fashion-MNIST."""
    with _errors_in_one_line(debug=debug):
        from reportgen import training

        more = siblings if siblings is not None else BUNDLED_SIBLINGS * bundle
        with _quiet_libraries(), _training_progress() as progress:
            outcome = training.train(data, out, epochs=epochs, seed=seed, siblings=more, progress=progress)
        if not outcome.finished:
            click.echo(f"Stopped. The best so far is in {out}; the same command goes on from here.", err=True)
            raise click.exceptions.Exit(INTERRUPTED)
        accuracy = outcome.record.test_accuracy
        click.echo(f"{outcome.network}: epoch {outcome.record.best_epoch}, test accuracy {accuracy:.4f}")
        for sibling in outcome.record.siblings:
            click.echo(f"sibling of seed {sibling.seed}: test accuracy {sibling.test_accuracy:.4f}")
        if bundle:
            training.bundle_assets(data, out, Path(__file__).parent / "assets" / "fashion_mnist")


@main.command()
@click.option("--site", "folder", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
@click.option("--single-file", type=click.Path(path_type=Path), help="Write one language as one .html.")
@click.option("--zip", "archive", type=click.Path(path_type=Path), help="Write the whole site as one .zip.")
@click.option("--language", default="en", show_default=True, help="Of the pages in one file.")
@_shared
def export(*, folder: Path, single_file: Path | None, archive: Path | None, language: str, debug: bool) -> None:
    """Put a built site into one file, to be sent."""
    with _errors_in_one_line(debug=debug):
        from reportgen import export as exports
        from reportgen import site

        _check_export(single_file, archive)
        with site.output_lock(folder):
            files = site.published_files(folder)
        if single_file is not None:
            _write_export(exports.single_file(files, language), single_file)
        if archive is not None:
            _write_export(exports.archive(files), archive)


def _check_export(single_file: Path | None, archive: Path | None) -> None:
    """Raise an InputError with every mistake in what an export is to write."""
    wanted = {"--single-file": (single_file, ".html"), "--zip": (archive, ".zip")}
    mistakes = [
        f"{option} {path} does not end in {ending}. Give it that name, so that others can open it."
        for option, (path, ending) in wanted.items()
        if path is not None and path.suffix.lower() != ending
    ]
    if single_file is archive is None:
        mistakes.append("Nothing to write. Give --single-file report.html, --zip report.zip, or both.")
    if mistakes:
        raise InputError(" ".join(mistakes))


def _write_export(data: bytes, path: Path) -> None:
    from reportgen.site import write_export

    write_export(data, path)
    click.echo(f"{path.resolve()}  {len(data) / 1e6:.1f} MB")


@main.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@_shared
def serve(*, out: Path, port: int, debug: bool) -> None:
    """Show a built site on this computer, for a browser."""
    with _errors_in_one_line(debug=debug):
        from functools import partial
        from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

        if not (out / "index.html").is_file():
            raise InputError(f"{out}: no site in there. Make one with 'reportgen build --out {out}'.")
        try:
            server = ThreadingHTTPServer(
                ("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=str(out))
            )
        except OSError as error:
            raise InputError(f"port {port} cannot be used ({error.strerror}). Give another --port.") from error
        click.echo(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends)")
        server.serve_forever()


@main.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
@click.option("--cache", type=click.Path(path_type=Path), help="Folder of the cache.  [default: per user]")
@_shared
def clean(*, out: Path, cache: Path | None, debug: bool) -> None:
    """Remove a built site and the cache; what is not of this program stays."""
    with _errors_in_one_line(debug=debug):
        from reportgen import site
        from reportgen.cache import Cache, default_cache_folder

        with site.output_lock(out):
            removed = site.remove(out)
        emptied = Cache(cache or default_cache_folder()).prune(0)
        click.echo(f"{removed} files of the site and {emptied} of the cache are gone.")


@contextmanager
def _errors_in_one_line(*, debug: bool) -> Iterator[None]:
    """Turn what can go wrong into one line and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        if debug:
            raise
        click.echo("Stopped. Nothing was changed.", err=True)
        sys.exit(INTERRUPTED)
    except ReportgenError as error:
        if debug:
            raise
        click.echo(_in_one_line(f"reportgen: {error}"), err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        click.echo(_in_one_line(f"reportgen: {where}{error.strerror or error}. --debug shows more."), err=True)
        sys.exit(OutputWriteError.exit_code)


def _in_one_line(text: str) -> str:
    """Return text that may hold names of files, without what could move a terminal's cursor."""
    seen = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in seen)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each stage, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    with _bars() as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


@contextmanager
def _bars() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield bars


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep what TensorFlow's own code writes to the terminal away from the bars; what Python writes is seen."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    terminal, unseen, ours = os.dup(2), os.open(os.devnull, os.O_WRONLY), sys.stderr
    os.dup2(unseen, 2)
    os.close(unseen)
    with os.fdopen(terminal, "w", encoding="utf-8", buffering=1) as seen:
        sys.stderr = seen
        try:
            yield
        finally:
            sys.stderr = ours
            os.dup2(terminal, 2)


@contextmanager
def _training_progress() -> "Iterator[_TrainingBars]":
    with _bars() as bars:
        yield _TrainingBars(bars)


class _TrainingBars:
    """A bar for each epoch, and a line when it has ended."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._batches = 0
        self._task: Any = None

    def started(self, epochs: int, batches: int, finished: int) -> None:
        """Say how far an earlier start had come."""
        self._batches = batches
        if finished:
            self._bars.console.print(f"Going on after epoch {finished} of at most {epochs}.")

    def sibling_began(self, number: int, siblings: int, seed: int) -> None:
        """Say which network comes next."""
        self._bars.console.print(f"Sibling {number} of {siblings}, from seed {seed}.")

    def epoch_began(self, epoch: int) -> None:
        """Show a new bar."""
        self._task = self._bars.add_task(f"Epoch {epoch}", total=self._batches)

    def batch_ended(self, batches: int) -> None:
        """Move the bar."""
        self._bars.update(self._task, completed=batches)

    def epoch_ended(self, result: "EpochResult") -> None:
        """Put the epoch's figures in the bar's place."""
        self._bars.remove_task(self._task)
        best = "  best so far" if result.best_so_far else ""
        self._bars.console.print(
            f"Epoch {result.epoch}: accuracy {result.accuracy:.4f}, "
            f"on pictures kept aside {result.validation_accuracy:.4f}{best}"
        )


def _say(built: "Built") -> None:
    """Print where the site is, and one line of figures."""
    click.echo(built.output.resolve() / "index.html")
    if not built.written and not built.drawn and not built.observed:
        how = "nothing had changed"
    else:
        network = "network looked into anew" if built.observed else "network from the cache"
        how = f"{network}, {built.pictures - built.drawn} pictures from the cache, {built.written} files written"
    size = f"{built.size / 1e6:.1f} MB"
    click.echo(f"{built.pages} pages, {built.pictures} pictures, {size}; {how}; {built.seconds:.1f} s")
