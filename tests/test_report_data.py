"""`data/report.json` and the tables: true to the schema, to the network's file, and to each other."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # it ships no types
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

import reportgen
from reportgen.pictures import bundled_pictures
from tests.sites import VARIANTS, BuiltSite, Elements, WrittenSite, written_site

ROOT = Path(reportgen.__file__).parent
ASSETS = ROOT / "assets" / "fashion_mnist"
SCHEMA = json.loads((ROOT / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
Report = dict[str, Any]

SITE_KEYS = {
    "model": "name parameters input_shape classes digest",
    "layers": "index name kind output_shape parameters page shared_with weights filters maps receptive_field "
    "units depth",
    "layers.weights": "name shape count mean std min max zeros histogram untrained",
    "layers.weights.histogram": "edges counts",
    "layers.weights.untrained": "mean std min max histogram origin",
    "layers.weights.untrained.histogram": "edges counts",
    "layers.filters": "total shown limits clipped",
    "layers.maps": "total shown limits pre_or_post_activation",
    "layers.receptive_field": "size stride share_of_picture global",
    "layers.units": "index dead silent_share mean max top bottom class_selectivity ablation visualization",
    "layers.depth": "probe_accuracy zeros selectivity shift_similarity untrained",
    "pictures": "name label predicted probabilities page digest",
    "training": "epochs history test_accuracy confusion",
    "claims": "id layer value chance verdict pictures method",
    "claims.chance": "value low high",
    "not_shown": "what why how_much",
    "provenance": "command versions seed model_digest data_digests",
}
"""The keys that every report has, by where they stand."""


@cache
def site_of(variant: str) -> WrittenSite:
    """The site of a network made by hand."""
    return written_site(VARIANTS[variant]())


def report_of(variant: str) -> Report:
    """The report of a network made by hand, a new one each time."""
    report: Report = json.loads(site_of(variant).texts["data/report.json"])
    return report


@pytest.fixture(scope="module")
def report(default_site: BuiltSite) -> Report:
    """The report of the bundled network."""
    found: Report = json.loads((default_site.folder / "data" / "report.json").read_text(encoding="utf-8"))
    return found


def faults(report: Report) -> list[str]:
    """Where a report breaks the schema."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(report)]


def at(value: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - any part of a JSON document
    """All that stands under a path of keys; lists are gone through, null is passed over."""
    if value is None:
        return
    if isinstance(value, list):
        for each in value:
            yield from at(each, path)
    elif not path:
        yield value
    else:
        key, _, rest = path.partition(".")
        yield from at(value[key], rest)


def weights_in(report: Report) -> Iterator[tuple[Report, Report]]:
    """Every array of weights with its layer."""
    for layer in report["layers"]:
        for weights in layer["weights"]:
            yield layer, weights


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a CSV, by the names of its columns."""
    return list(csv.DictReader(io.StringIO(table)))


@pytest.fixture(scope="module")
def stored() -> dict[tuple[str, str], NDArray[np.float32]]:
    """The arrays of the bundled network, read straight out of its file: by layer and kernel or bias."""
    with zipfile.ZipFile(ASSETS / "network.keras") as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    found: dict[tuple[str, str], NDArray[np.float32]] = {}
    with h5py.File(content, "r") as file:
        for group in file["layers"].values():
            arrays = group["vars"]
            for place, part in (("0", "kernel"), ("1", "bias")):
                if place in arrays:
                    found[arrays.attrs["name"], part] = arrays[place][...]
    return found


# --- the schema ---


def test_the_schema_is_one() -> None:
    """The schema keeps the rules of JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.slow
def test_the_default_report_keeps_the_schema(report: Report) -> None:
    """The bundled network's report is as the schema says."""
    assert faults(report) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_report_keeps_the_schema(variant: str) -> None:
    """Whatever is missing, the report is as the schema says."""
    assert faults(report_of(variant)) == []


@pytest.mark.parametrize("path", SITE_KEYS)
def test_every_key_is_there(path: str) -> None:
    """All keys that readers rely on are there in a complete report."""
    report = report_of("all")
    found = list(at(report, path))
    assert found
    assert [each for each in found if not set(SITE_KEYS[path].split()) <= set(each)] == []


@pytest.mark.parametrize("path", SITE_KEYS)
def test_the_schema_requires_every_key(path: str) -> None:
    """A report that lacks any of these keys breaks the schema."""
    for key in SITE_KEYS[path].split():
        report = report_of("all")
        del next(at(report, path))[key]
        assert faults(report), key


@pytest.mark.parametrize("place", ["", "model", "layers", "layers.weights", "layers.units", "claims"])
def test_the_schema_knows_no_other_keys(place: str) -> None:
    """A misspelt key is found out."""
    report = report_of("all")
    (next(at(report, place)) if place else report)["misspelt"] = 1
    assert faults(report)


@pytest.mark.parametrize(
    ("variant", "path", "key"),
    [("no record", "", "training"), ("no pictures", "layers", "maps"), ("no labels", "pictures", "label")],
)
@pytest.mark.parametrize("reason", [None, "", " ", 7])
def test_null_needs_a_reason(variant: str, path: str, key: str, reason: object) -> None:
    """A null without a sentence beside it breaks the schema."""
    report = report_of(variant)
    holder = next(each for each in (at(report, path) if path else [report]) if each[key] is None)
    del holder[f"{key}_reason"]
    if reason is not None:
        holder[f"{key}_reason"] = reason
    assert faults(report)


def test_a_value_needs_no_reason() -> None:
    """A reason beside a value that is known breaks the schema."""
    report = report_of("all")
    report["training_reason"] = "none"
    assert faults(report)


# --- true to the network ---


@pytest.mark.slow
def test_moments_are_those_of_the_file(report: Report, stored: dict[tuple[str, str], NDArray[np.float32]]) -> None:
    """Mean and spread of every array equal those computed from the network's file."""
    found = {
        (layer["name"], weights["name"]): (weights["mean"], weights["std"])
        for layer, weights in weights_in(report)
    }
    assert found.keys() == stored.keys()
    for name, values in stored.items():
        exact = values.astype(np.float64)
        assert found[name] == pytest.approx((exact.mean(), exact.std()), abs=1e-6)


@pytest.mark.slow
def test_counts_of_histograms_are_those_of_the_file(
    report: Report, stored: dict[tuple[str, str], NDArray[np.float32]]
) -> None:
    """Every bin holds as many weights as lie between its bounds, the last one with its upper bound."""
    for layer, weights in weights_in(report):
        values = np.sort(stored[layer["name"], weights["name"]].astype(np.float64).ravel())
        edges = weights["histogram"]["edges"]
        below = np.searchsorted(values, edges, side="left")
        below[-1] = np.searchsorted(values, edges[-1], side="right")
        assert weights["histogram"]["counts"] == np.diff(below).tolist()


@pytest.mark.slow
def test_parameters_add_up(report: Report) -> None:
    """The layers' parameters are all of the network's, and the sizes of their arrays."""
    assert sum(layer["parameters"] for layer in report["layers"]) == report["model"]["parameters"] == 333_526
    for layer in report["layers"]:
        assert layer["parameters"] == sum(int(np.prod(each["shape"])) for each in layer["weights"])


@pytest.mark.slow
def test_receptive_fields_of_the_bundled_network(report: Report) -> None:
    """A unit of the first convolution sees 3×3 pixels, one of the second 8×8."""
    sizes = [layer["receptive_field"]["size"] for layer in report["layers"] if layer["filters"]]
    assert sizes == [[3, 3], [8, 8]]


@pytest.mark.slow
def test_all_filters_and_maps_are_shown(report: Report) -> None:
    """32 of 32 and 64 of 64."""
    for part in ("filters", "maps"):
        found = [layer[part] for layer in report["layers"] if layer["filters"]]
        assert [(each["shown"], each["total"]) for each in found] == [(32, 32), (64, 64)]


@pytest.mark.slow
def test_answers_are_those_of_keras(report: Report) -> None:
    """Keras, asked anew about all bundled pictures, makes as many mistakes as the report counts."""
    import keras

    model = keras.models.load_model(ASSETS / "network.keras", compile=False)
    survey = bundled_pictures().survey
    answers = model.predict(survey.pixels.astype(np.float32) / 255, batch_size=500, verbose=0).argmax(axis=1)
    assert len(survey) == report["results"]["survey_pictures"] == 4000
    assert int((answers != survey.labels).sum()) == report["results"]["survey_mistakes"]


@pytest.mark.slow
def test_the_test_accuracy_is_that_of_the_confusion_matrix(report: Report) -> None:
    """Right answers stand on the diagonal, over the 10,000 pictures of the test set."""
    confusion = np.array(report["training"]["confusion"])
    assert confusion.sum(axis=1).tolist() == [1000] * 10
    assert report["training"]["test_accuracy"] == pytest.approx(np.trace(confusion) / confusion.sum(), abs=1e-9)
    assert report["results"]["accuracy"] == pytest.approx(np.trace(confusion) / 10_000)
    assert report["training"]["test_accuracy"] >= 0.905


# --- true to itself ---


@pytest.mark.parametrize("variant", VARIANTS)
def test_histograms_hold_every_weight(variant: str) -> None:
    """Counts sum to the size of the array, before and after training, on the same bins."""
    for _, weights in weights_in(report_of(variant)):
        after, before = weights["histogram"], weights["untrained"]["histogram"]
        assert sum(after["counts"]) == sum(before["counts"]) == weights["count"] == np.prod(weights["shape"])
        assert after["edges"] == before["edges"]
        assert len(after["edges"]) == len(after["counts"]) + 1


@pytest.mark.slow
def test_histograms_of_the_default_report_hold_every_weight(report: Report) -> None:
    """Counts sum to the size of the array for the bundled network too."""
    for _, weights in weights_in(report):
        for histogram in (weights["histogram"], weights["untrained"]["histogram"]):
            assert sum(histogram["counts"]) == weights["count"] == np.prod(weights["shape"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_probabilities_sum_to_one(variant: str) -> None:
    """A picture's probabilities sum to one, and its answer is the likeliest class."""
    for picture in report_of(variant)["pictures"]:
        assert sum(picture["probabilities"]) == pytest.approx(1, abs=1e-9)
        assert picture["predicted"] == int(np.argmax(picture["probabilities"]))


@pytest.mark.slow
def test_probabilities_of_the_default_report_sum_to_one(report: Report) -> None:
    """The bundled network's probabilities sum to one."""
    sums = [sum(picture["probabilities"]) for picture in report["pictures"]]
    assert sums == pytest.approx([1] * len(sums), abs=1e-9)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_address_leads_somewhere(variant: str) -> None:
    """Pages of layers and pictures exist, and every claim's method has its card."""
    site = site_of(variant)
    report = json.loads(site.texts["data/report.json"])
    assert {each["page"] for each in report["layers"] + report["pictures"]} <= site.pages.keys()
    for claim in report["claims"]:
        path, _, card = claim["method"].partition("#")
        assert f'id="{card}"' in site.pages[path]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_table_that_a_page_links_can_be_read(variant: str) -> None:
    """A linked CSV exists, has a head, and as many cells in each row."""
    site = site_of(variant)
    linked = {
        attributes["href"].rpartition("/")[2]
        for page in site.pages.values()
        for _, attributes in Elements(page).started
        if attributes.get("href", "").endswith(".csv")
    }
    assert linked
    for name in sorted(linked):
        head, *rows = csv.reader(io.StringIO(site.texts[f"data/{name}"].decode()))
        assert len(set(head)) == len(head)
        assert rows
        assert {len(row) for row in rows} == {len(head)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_table_is_left_unlinked(variant: str) -> None:
    """Every file of numbers can be found from the page that says how the report was made."""
    site = site_of(variant)
    linked = {attributes.get("href") for _, attributes in Elements(site.pages["about.html"]).started}
    assert {path for path in site.texts if path.startswith("data/")} <= linked


@pytest.mark.parametrize("variant", VARIANTS)
def test_tables_of_histograms_are_those_of_the_report(variant: str) -> None:
    """The CSV behind a histogram has the report's bins and counts."""
    site = site_of(variant)
    report = json.loads(site.texts["data/report.json"])
    for layer in report["layers"]:
        slug = Path(layer["page"]).stem
        for number, weights in enumerate(layer["weights"]):
            rows = rows_of(site.texts[f"data/{slug}-weights-{number}.csv"].decode())
            edges = weights["histogram"]["edges"]
            assert [int(row["trained"]) for row in rows] == weights["histogram"]["counts"]
            assert [int(row["untrained"]) for row in rows] == weights["untrained"]["histogram"]["counts"]
            assert [float(row["from"]) for row in rows] == pytest.approx(edges[:-1], rel=1e-6, abs=1e-9)
            assert [float(row["to"]) for row in rows] == pytest.approx(edges[1:], rel=1e-6, abs=1e-9)


def test_units_of_the_report_are_those_of_the_table() -> None:
    """The CSV of a layer's units and the report name the same dead units."""
    site = site_of("dead units")
    report = json.loads(site.texts["data/report.json"])
    dead = {}
    for layer in report["layers"]:
        table = site.texts.get(f"data/{Path(layer['page']).stem}-units.csv")
        if table is not None:
            rows = rows_of(table.decode())
            assert [row["dead"] == "1" for row in rows] == [unit["dead"] for unit in layer["units"]]
            dead[layer["index"]] = [unit["index"] for unit in layer["units"] if unit["dead"]]
    assert (dead[1], dead[3], dead[6]) == ([0], [1, 2], [0, 1, 2, 3, 4])


def test_maps_after_a_pooling_of_an_activation_count_as_after_it() -> None:
    """Pooling and flattening carry on what the layer before them did."""
    maps = [layer["maps"] for layer in report_of("all")["layers"] if layer["maps"]]
    assert [each["pre_or_post_activation"] for each in maps] == ["post"] * 4
