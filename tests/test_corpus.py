"""Every network of the corpus gives a good site: whole, true to the schema, and true to the network's file."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from jsonschema import Draft202012Validator

import reportgen
from reportgen.analysis.study import analyse
from reportgen.build import drawn_pictures, written_pages
from reportgen.cache import Cache
from reportgen.config import Config
from reportgen.errors import ReportgenError
from reportgen.links import check_budgets, check_links
from reportgen.observe import visualization
from reportgen.observe.observation import take_snapshot
from reportgen.observe.request import Request
from reportgen.pages.gallery import style_of
from reportgen.snapshot import Doubles
from tests.corpus import CORPUS, Entry
from tests.corpus_inputs import write_inputs
from tests.sites import run_program

if TYPE_CHECKING:
    from keras import Model

pytestmark = [
    pytest.mark.slow,
    # What Keras says of old files and of running eagerly, which in a build its own process keeps to itself.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

SCHEMA = Path(reportgen.__file__).parent / "report.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
SITES = {name: entry for name, entry in CORPUS.items() if not entry.refused}
REFUSED = {name: entry for name, entry in CORPUS.items() if entry.refused}
UNKNOWN_SHAPE = (12, 12, 1)
"""Of the input of networks that cannot be asked for it."""
TOLERANCE = 1e-4

Report = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Site:
    """The site of one network, in memory, and what it was made from."""

    entry: Entry
    network: "Model | None"
    """None where only its file is known."""
    model: Path
    given: Path | None
    files: dict[str, bytes]

    @property
    def report(self) -> Report:
        """The numbers of the site."""
        found: Report = json.loads(self.files["data/report.json"])
        return found

    def layers(self) -> dict[str, Report]:
        """Every layer by its name; of one that is used more than once, its first use."""
        found: dict[str, Report] = {}
        for each in self.report["layers"]:
            found.setdefault(each["name"], each)
        return found


# --- the way from a network to its site ---


def request_of(entry: Entry, model: Path, given: Path | None) -> Request:
    """What the command would ask the other process for."""
    own: dict[str, Any] = {"custom": str(model.parent / "own.py"), "trust": True} if entry.custom else {}
    pictures = str(given) if given else None
    return Request(model=str(model), pictures=pictures, scale=entry.scale, batch_size=16, **own)


def settings_of(model: Path) -> Config:
    """What the command would make pages with."""
    return Config(model=model)


def built(name: str, folder: Path) -> Site:
    """Make a network's file, what to send through it, and its site."""
    entry = CORPUS[name]
    network = entry.made(folder) if entry.build else None
    model = entry.write(name, folder, network)
    given = inputs_of(entry, network, folder)
    snapshot = take_snapshot(request_of(entry, model, given), lambda *_: None)
    texts, charts = written_pages(settings_of(model), analyse(snapshot), lambda *_: None)
    # Once in light colours is enough: the dark ones are drawn of the same numbers.
    light = {path: chart for path, chart in charts.items() if style_of(path, chart) != "dark"}
    pictures, _ = drawn_pictures(light, Cache(folder / "cache"), lambda *_: None)
    return Site(entry, network, model, given, {**dict.fromkeys(charts, b""), **texts, **pictures})


def inputs_of(entry: Entry, network: "Model | None", folder: Path) -> Path | None:
    """Make what is sent through a network, fitted to its first input and its last output."""
    if not entry.given:
        return None
    if network is None:
        return write_inputs(entry.given, UNKNOWN_SHAPE, folder, 4)
    inputs = getattr(network, "inputs", None) if network.built else None
    shape = tuple(inputs[0].shape[1:]) if inputs else UNKNOWN_SHAPE
    return write_inputs(entry.given, shape, folder, classes_of(network))


def classes_of(network: "Model") -> int | None:
    """How many kinds a network tells apart; None where its answer is no row of them."""
    outputs = getattr(network, "outputs", None) or ()
    # The networks of a user's own have no outputs to be asked for, and tell four kinds apart.
    shapes = [tuple(each.shape) for each in outputs] or [(None, 4)]
    return shapes[0][1] if len(shapes) == 1 and len(shapes[0]) == 2 else None


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Run eagerly, and make pictures for units in two steps: to build graphs takes longer than to run them.

    Those that go through the command are run as they are by users.
    """
    import tensorflow as tf

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visualization, "TRIED", 1)
        patch.setattr(visualization, "STEPS", 2)
        tf.config.run_functions_eagerly(run_eagerly=True)
        yield
        tf.config.run_functions_eagerly(run_eagerly=False)


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of each network, made once."""
    return built(request.param, tmp_path_factory.mktemp(request.param))


# --- the product ---


def test_the_site_is_whole(site: Site) -> None:
    """Every link and picture leads somewhere, and no page is too large."""
    assert check_links(site.files) == ()
    assert check_budgets(site.files) == ()


def test_the_report_keeps_its_schema(site: Site) -> None:
    """The numbers are JSON as everybody reads it, without NaN, and as the schema says."""
    assert [f"{each.json_path}: {each.message}" for each in VALIDATOR.iter_errors(site.report)] == []
    json.loads(site.files["data/report.json"], parse_constant=pytest.fail)


def test_no_page_shows_what_python_calls_nothing(site: Site) -> None:
    """What cannot be told is said in words."""
    for path, text in site.files.items():
        words = set(text.decode().replace("<", " ").replace(">", " ").split()) if path.endswith(".html") else set()
        assert not {"None", "nan", "NaN", "inf", "-inf", "Undefined"} & words, path


def test_every_layer_is_listed(site: Site) -> None:
    """Those of nested networks too, by their paths; each with a page of its own, if only for its name.

    Of an exported folder only the layers with weights are known.
    """
    listed = () if site.model.is_dir() else paths_in(site.network)
    missing = set(site.entry.layers) | set(listed) - {""}
    assert sorted(missing - site.layers().keys()) == []
    assert {each["page"] for each in site.report["layers"]} <= site.files.keys()


def test_layers_that_can_be_shown_are_shown(site: Site) -> None:
    """Whatever is wrong with one layer costs its own card and nothing else."""
    hidden = {
        each: site.layers()[each]["maps_reason"] for each in site.entry.maps if not site.layers()[each]["maps"]
    }
    assert hidden == {}


def test_what_is_not_shown_has_its_reason(site: Site) -> None:
    """A layer without pictures says why, in its own place and in the list of all that is missing."""
    report = site.report
    hidden = [each for each in report["layers"] if not each["maps"]]
    assert all(each["maps_reason"] for each in hidden)
    assert all(each["what"] and each["why"] for each in report["not_shown"])
    assert len(report["not_shown"]) >= len(hidden)


# --- numbers against the file ---


def test_the_weights_are_those_of_the_file(site: Site) -> None:
    """Every array in the file stands in the report with its numbers, and no other does."""
    if not site.entry.as_stored:
        return
    told, stored = weights_told(site.report), [numbers_of(each) for each in arrays_in(site.model)]
    assert sorted(each[0] for each in told) == sorted(each[0] for each in stored)
    for left, right in zip(sorted(told), sorted(stored), strict=True):
        assert left[1] == pytest.approx(right[1], rel=TOLERANCE, abs=1e-6), left[0]


def test_the_answers_are_those_of_the_network(site: Site) -> None:
    """The mean of every unit, over all pictures and places, is what Keras gives for the layer alone."""
    network = site.network
    pixels = pixels_of(site)
    if network is None or pixels is None or len(getattr(network, "inputs", None) or ()) != 1:
        return
    if site.entry.channels_first:
        # A processor runs such a network only once it is compiled, so that there is nothing to hold it against.
        return
    for name, means in means_of(network, pixels).items():
        units = site.layers()[name]["units"] or []
        told = [each["mean"] for each in sorted(units, key=lambda each: int(each["index"]))]
        expected = [each if np.isfinite(each) else None for each in means[: len(told)]]
        assert [each is None for each in told] == [each is None for each in expected], name
        known = [(each, other) for each, other in zip(told, expected, strict=True) if other is not None]
        assert [each for each, _ in known] == pytest.approx([each for _, each in known], rel=5e-3, abs=5e-3), name


# --- what cannot be ---


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    """The reason stands in the error, which names the file."""
    with pytest.raises(ReportgenError, match=CORPUS[name].refused) as caught:
        built(name, tmp_path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nested_sequential", "legacy_depthwise"])
def test_the_command_makes_the_same_site(name: str, tmp_path: Path) -> None:
    """What was tried within the tests is what a user gets."""
    entry = CORPUS[name]
    model = entry.write(name, tmp_path)
    given = write_inputs("pictures", UNKNOWN_SHAPE, tmp_path, 4)
    out = tmp_path / "site"
    options = ("--images", given, "--out", out, "--cache", tmp_path / "cache")
    ended = run_program("build", model, *options, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    names = {each["name"] for each in json.loads((out / "data/report.json").read_bytes())["layers"]}
    assert set(entry.layers) <= names


def test_a_network_of_a_users_own_needs_the_users_module(tmp_path: Path) -> None:
    """Its code is not in the file, and what is beside it runs only if the user says so."""
    model = CORPUS["own_layer"].write("own_layer", tmp_path)
    options = ("--out", tmp_path / "site", "--cache", tmp_path / "cache")
    ended = run_program("build", model, *options, folder=tmp_path)
    assert ended.returncode == 3
    own = ("--trust", "--custom", tmp_path / "own.py")
    assert run_program("build", model, *own, *options, folder=tmp_path).returncode == 0


def test_the_corpus_is_large() -> None:
    """There are networks of at least seventy kinds."""
    assert len(CORPUS) >= 70


# --- what is read without the program ---


Told = tuple[tuple[int, ...], tuple[float, ...]]
"""The shape of an array, and its mean, spread, least and largest; no numbers where not all are finite."""


def weights_told(report: Report) -> list[Told]:
    """What the report says of each array of the network, once."""
    first = [each for each in report["layers"] if min(each["shared_with"], default=each["index"]) >= each["index"]]
    weights = [weight for layer in first for weight in layer["weights"]]
    keys = ("mean", "std", "min", "max")
    return [
        (tuple(each["shape"]), () if each["not_finite"] else tuple(each[key] for key in keys)) for each in weights
    ]


def numbers_of(array: Doubles) -> Told:
    """The same of an array."""
    if not np.isfinite(array).all():
        return array.shape, ()
    return array.shape, (float(array.mean()), float(array.std()), float(array.min()), float(array.max()))


def arrays_in(model: Path) -> Iterator[Doubles]:
    """Every array of numbers in a network's file, read without Keras."""
    if model.is_dir():
        yield from _exported(model)
    elif model.suffix == ".keras":
        with zipfile.ZipFile(model) as archive:
            yield from _stored(io.BytesIO(archive.read("model.weights.h5")))
    else:
        yield from _stored(model)


def _stored(file: Path | io.BytesIO) -> Iterator[Doubles]:
    found: list[Doubles] = []

    def note(path: str, each: object) -> None:
        # Layers that draw at random keep where they are in their row of random numbers, which is no weight.
        if isinstance(each, h5py.Dataset) and "seed_generator" not in path:
            found.append(np.asarray(each, np.float64))

    with h5py.File(file) as opened:
        opened.visititems(note)
    yield from found


def _exported(folder: Path) -> Iterator[Doubles]:
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
    for name, kind in sorted(reader.get_variable_to_dtype_map().items()):
        # The folder lists every variable twice.
        if kind.is_floating and name.startswith("_all_variables"):
            yield np.asarray(reader.get_tensor(name), np.float64)


# --- what Keras says ---


def paths_in(network: "Model | None", before: str = "") -> Iterator[str]:
    """The paths of all layers that hold no network, but for inputs."""
    for layer in network.layers if network is not None else ():
        if hasattr(layer, "layers"):
            yield from paths_in(layer, f"{before}{layer.name}/")
        elif type(layer).__name__ != "InputLayer":
            yield f"{before}{layer.name}"


def pixels_of(site: Site) -> Doubles | None:
    """What was sent through a network, as it got it; None where that was a folder or nothing."""
    if site.given is None or site.given.is_dir():
        return None
    loaded = np.load(site.given)
    values = loaded["images"] if site.given.suffix == ".npz" else loaded
    is_bytes = values.dtype == np.uint8
    return np.asarray(values, np.float64) / (255 if is_bytes and site.entry.scale == "0..1" else 1)


def means_of(network: "Model", pixels: Doubles) -> dict[str, list[float]]:
    """The mean of each unit of every layer that is used once, in the order of units, the last axis."""
    import keras

    once = [
        each for each in network.layers if type(each).__name__ != "InputLayer" and len(each._inbound_nodes) == 1
    ]
    plain = [each for each in once if not hasattr(each, "layers") and not isinstance(each.output, list | dict)]
    found = keras.Model(network.inputs, [each.output for each in plain])
    given = pixels.reshape(
        len(pixels), *(size or pixels.shape[1 + axis] for axis, size in enumerate(network.inputs[0].shape[1:]))
    )
    answers = _run(found, given.astype(network.inputs[0].dtype))
    return {
        layer.name: [
            float(each) for each in np.asarray(answer, np.float64).reshape(-1, answer.shape[-1]).mean(axis=0)
        ]
        for layer, answer in zip(plain, answers, strict=True)
    }


def _run(network: "Model", given: Doubles) -> list[Doubles]:
    """What a network answers, as many at a time as it takes."""
    size = network.inputs[0].shape[0] or len(given)
    found = [network(given[start : start + size], training=False) for start in range(0, len(given), size)]
    parts = [each if isinstance(each, list) else [each] for each in found]
    return [
        np.concatenate([np.asarray(each, np.float64) for each in together])
        for together in zip(*parts, strict=True)
    ]
