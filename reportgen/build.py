"""The pipeline, from a network to a published site, and the only module that knows every stage."""

import json
import shlex
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.resources import files as package_files
from io import BytesIO
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile

import numpy as np

from reportgen import figures, links, render, site
from reportgen.analysis.charts import (
    Chart,
    ClassColours,
    Matrix,
    Photograph,
    PhotoGrid,
    Scatter,
    TileGrid,
    is_themed,
    size_of,
)
from reportgen.analysis.study import Analysis, analyse
from reportgen.cache import Cache, Part, key_of, library_versions, source_digest
from reportgen.config import Config
from reportgen.errors import InputError, ReportgenError
from reportgen.observe.child import observe
from reportgen.observe.class_table import download_imagenet_classes
from reportgen.observe.request import Request
from reportgen.overriding import NOTHING_OWN, Own, read_own
from reportgen.pages.class_words import FASHION_MNIST
from reportgen.pages.compose import compose
from reportgen.pages.context import Context, Subject
from reportgen.pages.data import data_files
from reportgen.pages.gallery import FOLDER as PICTURES
from reportgen.pages.gallery import Gallery, style_of
from reportgen.pages.slugs import shown_name
from reportgen.pages.words import LOCALE, Words, languages_in
from reportgen.pictures import FITS, SCALES
from reportgen.pictures import source_digest as pictures_digest
from reportgen.pictures.class_names import IMAGENET, IMAGENET_TABLE, class_names
from reportgen.snapshot import Snapshot, from_bytes

Progress = Callable[[str, int, int], None]
"""Told a stage's name, how much of it is done, and how much there is."""

OBSERVING = (
    "reportgen.admission",
    "reportgen.axes",
    "reportgen.errors",
    "reportgen.snapshot",
    "reportgen.pictures",
    "reportgen.statistics",
    "reportgen.observe",
    "reportgen.analysis.attribution",
    "reportgen.analysis.changes",
    "reportgen.analysis.feature_maps",
    "reportgen.analysis.filters",
    "reportgen.analysis.intervals",
    "reportgen.analysis.patches",
    "reportgen.analysis.receptive_field",
    "reportgen.analysis.representations",
    "reportgen.analysis.stimuli",
    "reportgen.analysis.tuning",
)
"""What decides what is seen of a network; a test follows the imports."""
DRAWING = ("reportgen.snapshot", "reportgen.analysis.charts", "reportgen.figures")
CACHE_LIMIT = 1_000_000_000
"""Bytes that the cache may grow to."""
LONGEST_TITLE = 200
LONGEST_COMMAND = 1000


@dataclass(frozen=True)
class Built:
    """How a build went."""

    output: Path
    pages: int
    pictures: int
    size: int
    """Bytes of the whole site."""
    observed: bool
    """Whether Keras had to be started."""
    drawn: int
    """Pictures that were drawn; the others came from the cache."""
    written: int
    seconds: float
    warnings: tuple[str, ...] = ()
    """What may be wrong with the report, and what to do."""


def build(config: Config, cache: Cache, progress: Progress) -> Built:
    """Make the site of a network and publish it; nothing is written where nothing has changed.

    Raises:
        ReportgenError: one of its children, with what went wrong and what to do.
    """
    start = perf_counter()
    config, own = settled(config), read_own(config.templates)
    with site.output_lock(config.out):
        site.refuse_foreign_output(config.out, config.inputs)
        inputs = inputs_digest(config, own)
        if site.is_current(config.out, inputs):
            return _unchanged(config.out, start)
        _check_own(own)
        data, observed = observed_network(config, cache, progress, own)
        snapshot = from_bytes(Snapshot, data)
        analysis = analyse(snapshot)
        texts, charts = written_pages(config, analysis, progress, own)
        pictures, drawn = drawn_pictures(charts, cache, progress)
        files = {**texts, **pictures}
        _check(files, config)
        published = site.publish(files, config.out, inputs)
    cache.prune(CACHE_LIMIT)
    built = _built(config.out, files, observed, drawn, published.written, start)
    return replace(built, warnings=_warnings(snapshot))


def settled(config: Config) -> Config:
    """Return the settings with the names of the classes themselves, where a file or a folder was named for them.

    Raises:
        InputError: there are no names, or no such way to fit or to scale pictures.
    """
    for name, value, known in (("fit", config.fit, FITS), ("scale", config.scale, (None, *SCALES))):
        if value not in known:
            raise InputError(f"--{name} '{value}' is none of {', '.join(filter(None, known))}.")
    if config.classes == (IMAGENET,) and not IMAGENET_TABLE.expanduser().exists():
        download_imagenet_classes(IMAGENET_TABLE.expanduser())
    return replace(config, classes=class_names(config.classes))


def inputs_digest(config: Config, own: Own) -> str:
    """Return the digest of everything that decides what the site is."""
    return key_of(
        *_network_key(config),
        *_settings(config),
        source_digest("reportgen"),
        _folder_digest(render.templates_folder()),
        _folder_digest(LOCALE),
        own.digest,
        *_own_versions(),
    )


def observed_network(
    config: Config, cache: Cache, progress: Progress, own: Own = NOTHING_OWN
) -> tuple[bytes, bool]:
    """Return the snapshot of the network as bytes, and whether Keras had to be started for it."""
    key = key_of(
        *_network_key(config), source_digest(*OBSERVING), *library_versions("keras", "numpy", "tensorflow")
    )
    found = cache.read("snapshots", key)
    if found is not None and _is_snapshot(found):
        return found, False
    # While the other process starts Keras on one core, this one gets ready to draw and to write on another.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(figures.prepare)
        pool.submit(render.prepare, own)
        data = observe(_request(config), progress)
    cache.write("snapshots", key, data)
    return data, True


def written_pages(
    config: Config,
    analysis: Analysis,
    progress: Progress,
    own: Own = NOTHING_OWN,
    translations: Path = LOCALE,
) -> tuple[dict[str, bytes], dict[str, Chart]]:
    """Return all pages, data files, style and script, and the charts of all pictures that the pages show."""
    gallery, subject = Gallery(analysis), subject_of(config)
    languages = [Words(language, translations) for language in languages_in(translations)]
    contexts = [Context(analysis, words, gallery, subject) for words in languages]
    texts = data_files(contexts[0])
    listed = tuple(texts)
    pages = [(page, context.words) for context in contexts for page in compose(context, listed)]
    card = gallery.card(contexts[0].first_picture) if config.base_url else ""
    place = render.Place(config.base_path, config.base_url, card)
    for done, (page, words) in enumerate(pages):
        progress("write", done, len(pages))
        shared = render.site_for(page, words, title=subject.title, place=place, bundled=config.bundled, own=own)
        texts[page.head.path] = render.render(page, shared, words, own).encode()
    progress("write", len(pages), len(pages))
    texts |= render.assets(_widths(gallery.shown), own) | render.for_searchers(pages, place)
    return texts | {".nojekyll": b""}, gallery.shown


def drawn_pictures(charts: dict[str, Chart], cache: Cache, progress: Progress) -> tuple[dict[str, bytes], int]:
    """Return all pictures by path, and how many were not in the cache."""
    source = key_of(source_digest(*DRAWING), *library_versions("matplotlib", "numpy", "pillow"))
    grids = {path: chart for path, chart in charts.items() if not is_themed(chart)}
    pictures, drawn = _grids(grids, cache, source)
    for done, (path, chart) in enumerate((path, chart) for path, chart in charts.items() if path not in grids):
        progress("draw", len(grids) + done, len(charts))
        style = figures.DARK if style_of(path, chart) == "dark" else figures.LIGHT
        key = key_of(source, style.name, *_chart_parts(chart))
        data = cache.read("figures", key)
        if data is None:
            data = figures.draw(chart, style)
            cache.write("figures", key, data)
            drawn += 1
        pictures[path] = data
    progress("draw", len(charts), len(charts))
    return pictures, drawn


def _grids(charts: dict[str, Chart], cache: Cache, source: str) -> tuple[dict[str, bytes], int]:
    """Return all pictures that are grids of pixels, which lie in the cache together.

    Each by itself is made as fast as it is read, but for the library of the colours.
    """
    key = key_of(source, *(part for path, chart in charts.items() for part in (path, *_chart_parts(chart))))
    found = cache.read("grids", key)
    if found is not None:
        with ZipFile(BytesIO(found)) as archive:
            return {path: archive.read(path) for path in archive.namelist()}, 0
    pictures = {path: figures.draw(chart, figures.LIGHT) for path, chart in charts.items()}
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for path, data in pictures.items():
            archive.writestr(path, data)
    cache.write("grids", key, file.getvalue())
    return pictures, len(pictures)


def subject_of(config: Config) -> Subject:
    """Return what is known of the network beside its numbers."""
    if config.bundled:
        facts = json.loads(
            (package_files("reportgen") / "assets/fashion_mnist/network.json").read_text(encoding="utf-8")
        )
        title = shown_name(config.title or facts["name"], LONGEST_TITLE)
        return Subject(title, FASHION_MNIST, bundled=True, command=_command(config))
    title = shown_name(config.title or (config.model.stem if config.model else ""), LONGEST_TITLE)
    return Subject(title, config.classes, bundled=False, command=_command(config))


def _command(config: Config) -> str:
    """Return the command that makes the report again, with the names of files but not their places."""
    files = {"--images": config.images, "--record": config.record, "--custom": config.custom}
    words = ["reportgen", "build", *([config.model.name] if config.model else [])]
    for option, path in files.items():
        words += [option, path.name] if path else []
    words += ["--trust"] if config.trust else []
    words += ["--classes", ",".join(config.classes)] if config.classes else []
    words += ["--fit", config.fit] if config.fit != Config.fit else []
    words += ["--scale", config.scale] if config.scale else []
    words += ["--templates", config.templates.resolve().name] if config.templates else []
    words += ["--seed", str(config.seed)] if config.seed != Config.seed else []
    return shown_name(shlex.join(words), LONGEST_COMMAND)


def _request(config: Config) -> Request:
    return Request(
        model=str(config.model) if config.model else None,
        record=str(config.record) if config.record else None,
        pictures=str(config.images) if config.images else None,
        trust=config.trust,
        custom=str(config.custom) if config.custom else None,
        classes=config.classes,
        fit=config.fit,
        scale=config.scale,
        seed=config.seed,
    )


def _network_key(config: Config) -> tuple[Part, ...]:
    assets = Path(str(package_files("reportgen") / "assets/fashion_mnist"))
    model, record = (
        (assets / "network.keras", assets / "record.npz") if config.bundled else (config.model, config.record)
    )
    pictures = None if config.bundled else config.images
    return (
        _file_digest(model),
        _file_digest(record),
        config.trust,
        _file_digest(config.custom),
        pictures_digest(pictures) if config.bundled or pictures else None,
        config.classes,
        config.fit,
        config.scale,
        config.seed,
    )


def _settings(config: Config) -> tuple[Part, ...]:
    names = (path.resolve().name if path else None for path in (config.model, config.templates))
    return (config.classes, config.title, config.base_path, config.base_url, *names)


def _own_versions() -> tuple[str, ...]:
    return library_versions("babel", "jinja2", "keras", "matplotlib", "numpy", "pillow", "tensorflow")


def _folder_digest(folder: Path) -> str:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return key_of(*(part for path in paths for part in (path.relative_to(folder).as_posix(), path.read_bytes())))


def _file_digest(path: Path | None) -> str | None:
    """Return the digest of a file or a folder; a missing one is reported later, by whoever opens it."""
    if path is not None and path.is_dir():
        return pictures_digest(path)
    return key_of(path.read_bytes()) if path is not None and path.is_file() else None


def _is_snapshot(data: bytes) -> bool:
    try:
        from_bytes(Snapshot, data)
    except ValueError:
        return False
    return True


def _chart_parts(value: object) -> Iterator[Part]:
    """Yield a chart's type and fields, and those of the dataclasses within it."""
    if is_dataclass(value):
        yield type(value).__name__
        for each in fields(value):
            yield from _chart_parts(getattr(value, each.name))
    elif isinstance(value, tuple):
        yield len(value)
        for item in value:
            yield from _chart_parts(item)
    elif value is None or isinstance(value, str | int | float | np.ndarray):
        yield value
    else:
        raise TypeError(f"a chart holds a {type(value).__name__}")


def _widths(charts: dict[str, Chart]) -> Iterator[int]:
    for chart in charts.values():
        if isinstance(chart, TileGrid):
            yield chart.tiles.shape[2]
        if isinstance(chart, PhotoGrid):
            yield from (chart.photos.shape[2], size_of(chart)[0])
        if isinstance(chart, Scatter | ClassColours):
            yield size_of(chart)[0]
        if isinstance(chart, Photograph):
            yield chart.pixels.shape[1]
        if isinstance(chart, Matrix):
            yield chart.values.shape[1]


def _warnings(snapshot: Snapshot) -> tuple[str, ...]:
    found = []
    if snapshot.scale_origin == "nothing" and snapshot.survey.pictures:
        found.append(
            "nothing in the network tells how it wants its pixels. 0..1 was taken; if it was trained on others, "
            f"every number is wrong. Give one of {', '.join(SCALES)} with --scale."
        )
    if snapshot.survey.labelled_by == "place":
        found.append(
            "no class folder is called like a class. They were numbered in the order of their names; "
            "if that is not the order of the network's outputs, give the names of the classes with --classes."
        )
    return tuple(found)


def _check_own(own: Own) -> None:
    try:
        site.check_paths(render.assets((), own))
    except ValueError as error:
        raise InputError(f"{own.folder}: {error}. Give it another name.") from error
    render.check(own)


def _check(files: dict[str, bytes], config: Config) -> None:
    path = config.base_path or ("/" if config.base_url else "")
    broken = links.check_links(files, base_path=path, base_url=config.base_url)
    faults = (*broken, *links.check_budgets(files))
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        if config.templates is not None:
            raise InputError(
                f"With {config.templates} the site has a fault, so the old one stays: {faults[0]}{more}"
            )
        raise ReportgenError(
            f"The finished site has a fault, so the old one stays: {faults[0]}{more} Please report it."
        )


def _unchanged(output: Path, start: float) -> Built:
    paths = site.published_paths(output)
    size = sum((output / path).stat().st_size for path in paths)
    pages, pictures = _counted(paths)
    return Built(output, pages, pictures, size, observed=False, drawn=0, written=0, seconds=perf_counter() - start)


def _built(output: Path, files: dict[str, bytes], observed: bool, drawn: int, written: int, start: float) -> Built:  # noqa: FBT001 - private, one caller
    pages, pictures = _counted(tuple(files))
    size = sum(len(data) for data in files.values())
    return Built(output, pages, pictures, size, observed, drawn, written, perf_counter() - start)


def _counted(paths: tuple[str, ...]) -> tuple[int, int]:
    pages = sum(path.endswith(".html") for path in paths)
    return pages, sum(path.startswith(f"{PICTURES}/") for path in paths)
