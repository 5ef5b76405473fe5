"""`data/report.json` and the tables: true to the schema, to the network's file, and to each other."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, reduce
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

import reportgen
from reportgen.analysis.changes import CHANGES
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.data import report_data
from reportgen.pages.gallery import Gallery
from reportgen.pages.json_values import written
from reportgen.pages.words import LANGUAGES, Words
from reportgen.pictures import bundled_pictures
from reportgen.snapshot import Layer, Patches, Snapshot
from tests.factories import layer_at, observed, small_snapshot, with_layer
from tests.sites import CONFIG, VARIANTS, BuiltSite, Elements, WrittenSite, written_site
from tests.small_network import drawn_pictures, outputs

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
    "layers.units": "index dead silent_share mean max top bottom random class_selectivity ablation visualization "
    "tuning",
    "layers.units.top": "picture row column response",
    "layers.units.ablation": "accuracy_change low high p matters pictures",
    "layers.units.visualization": "activation best_picture beats",
    "layers.depth": "probe_accuracy zeros selectivity shift_similarity rebuilt untrained",
    "layers.depth.probe_accuracy": "value low high",
    "layers.depth.shift_similarity": "shift_1 shift_2 shift_4 rotation brightness",
    "layers.depth.untrained": "probe_accuracy zeros selectivity shift_similarity rebuilt",
    "pictures": "name label predicted probabilities page digest",
    "training": "epochs history test_accuracy confusion",
    "representations": "fitted tested mixed changes pixels layers alignment",
    "representations.alignment": "trained untrained between",
    "attribution": "methods grad_cam_layer completeness_max",
    "attribution.methods": "method checked likeness depends drop matters",
    "claims": "id layer value chance verdict pictures method",
    "claims.chance": "value low high",
    "not_shown": "what why how_much",
    "provenance": "command versions seed model_digest data_digests preparation",
}
"""The keys that every report has, by where they stand."""
MAY_BE_NULL = {
    "layers.units": "class_selectivity",
    "layers.units.ablation": "p",
    "claims": "value chance",
}
"""Those that are not defined for every unit, or cannot be told of some networks, however much is known."""
WITHOUT = {
    "space": [("layers.depth", "probe_accuracy rebuilt shift_similarity"), ("", "representations")],
    "extremes": [("layers.units", "top bottom random top_class")],
    "tuning": [("layers.units", "tuning")],
    "ablation": [("layers.units", "ablation")],
    "visualization": [("layers.units", "visualization")],
    "attribution": [("", "attribution")],
    "siblings": [("layers.filters", "agreement")],
}
"""What becomes null where a measure was not taken, by where it stands."""


@cache
def site_of(variant: str) -> WrittenSite:
    """The site of a network made by hand."""
    return written_site(VARIANTS[variant]())


def report_of(variant: str) -> Report:
    """The report of a network made by hand, a new one each time."""
    report: Report = json.loads(site_of(variant).texts["data/report.json"])
    return report


def report_without(measure: str) -> Report:
    """The report of a network that one measure was not taken of."""
    return told(small_snapshot(without={measure}))


def told(snapshot: Snapshot) -> Report:
    """The report of a snapshot, as it is read from its file."""
    analysis = analyse(snapshot)
    context = Context(analysis, Words(LANGUAGES[0]), Gallery(analysis), subject_of(CONFIG))
    report: Report = json.loads(json.dumps(report_data(context), allow_nan=False))
    return report


def small_layers() -> Iterator[tuple[Layer, Report]]:
    """Every layer of the small network with what the report says of it."""
    yield from zip(small_snapshot().layers, report_of("all")["layers"], strict=True)


def table_of(name: str, variant: str = "all") -> list[dict[str, str]]:
    """The rows of one of a site's tables."""
    return rows_of(site_of(variant).texts[f"data/{name}.csv"].decode())


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


def nulls(report: Report) -> list[str]:
    """The keys that readers rely on and that are null, but for those that may be."""
    return [
        f"{path}.{key}"
        for path, keys in SITE_KEYS.items()
        for holder in at(report, path)
        for key in keys.split()
        if holder[key] is None and key not in MAY_BE_NULL.get(path, "").split()
    ]


def test_a_complete_report_has_no_null() -> None:
    """Where all was measured, no key that readers rely on is null."""
    assert nulls(report_of("all")) == []


@pytest.mark.slow
def test_the_default_report_has_no_null(report: Report) -> None:
    """Nor in the report of the bundled network."""
    assert nulls(report) == []


@pytest.mark.parametrize("measure", WITHOUT)
def test_what_was_not_measured_is_null_with_a_reason(measure: str) -> None:
    """A report without one of the measures is as the schema says, and null where that measure stands."""
    report = report_without(measure)
    assert faults(report) == []
    for path, keys in WITHOUT[measure]:
        holders = list(at(report, path)) if path else [report]
        assert holders
        assert {each[key] for each in holders for key in keys.split()} == {None}


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
)


@given(JSON)
def test_what_is_written_is_read_again(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Whatever stands in the report, a reader gets it as it was."""
    assert json.loads(written(value)) == value


def test_what_is_not_finite_is_not_written() -> None:
    """There is no such number in JSON."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        written({"mean": float("nan")})


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
    sizes = [layer["receptive_field"]["size"] for layer in report["layers"] if layer["filters"]["total"]]
    assert sizes == [[3, 3], [8, 8]]


@pytest.mark.slow
def test_all_filters_and_maps_are_shown(report: Report) -> None:
    """32 of 32 and 64 of 64."""
    for part in ("filters", "maps"):
        found = [layer[part] for layer in report["layers"] if layer["filters"]["total"]]
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
    """The CSV behind a layer's histograms has the report's bins and counts."""
    site = site_of(variant)
    report = json.loads(site.texts["data/report.json"])
    for layer in report["layers"]:
        slug = Path(layer["page"]).stem
        listed = rows_of(site.texts[f"data/{slug}-weights.csv"].decode()) if layer["weights"] else []
        assert {row["array"] for row in listed} == {str(number) for number in range(len(layer["weights"]))}
        for number, weights in enumerate(layer["weights"]):
            rows = [row for row in listed if row["array"] == str(number)]
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


@pytest.mark.parametrize("kind", ["top", "bottom", "random"])
def test_a_place_is_where_the_unit_answered_so(kind: str) -> None:
    """The answer at a place of a picture is what the network, computed anew, gives there."""
    snapshot = small_snapshot()
    weights = [each.values for layer in snapshot.layers for each in layer.weights]
    answers = outputs(weights, drawn_pictures(60, np.random.default_rng(0))[0])
    for layer in report_of("all")["layers"]:
        for unit in layer["units"]:
            for place in unit[kind]:
                one = answers[layer["index"] - 1][place["picture"], ..., unit["index"]]
                found = one[place["row"], place["column"]] if one.ndim else one
                assert found == pytest.approx(place["response"], rel=1e-5, abs=1e-6)


def test_top_places_are_the_strongest() -> None:
    """Six of them, falling, and the first as strong as the unit ever was."""
    for layer in report_of("all")["layers"]:
        for unit in layer["units"]:
            found = [place["response"] for place in unit["top"]]
            assert len(found) == len(unit["bottom"]) == len(unit["random"]) == 6
            assert found == sorted(found, reverse=True)
            assert found[0] == pytest.approx(unit["max"])
            assert [each["response"] for each in unit["bottom"]] == sorted(e["response"] for e in unit["bottom"])


def test_the_top_class_is_counted_over_the_labels() -> None:
    """So many of the unit's top pictures are of the class named, and none is more frequent."""
    labels = small_snapshot().survey.labels
    for layer, said in small_layers():
        for unit in said["units"]:
            if unit["top_class"] is not None and layer.extremes is not None:
                counts = np.bincount(labels[layer.extremes.top.picture[unit["index"]]], minlength=3)
                assert unit["top_class"]["count"] == counts[unit["top_class"]["label"]] == counts.max()
                assert unit["top_class"]["of"] == counts.sum() == 20


def test_the_cost_of_a_unit_is_that_of_the_counts() -> None:
    """Pictures won less pictures lost, by all pictures, inside its interval."""
    for layer, said in small_layers():
        for unit in said["units"]:
            counts, cost = layer.ablation, unit["ablation"]
            assert counts is not None
            lost, won = int(counts.lost[unit["index"]]), int(counts.won[unit["index"]])
            assert cost["accuracy_change"] == pytest.approx((won - lost) / 60)
            assert cost["low"] <= cost["accuracy_change"] <= cost["high"]


def test_a_made_picture_beats_the_real_ones_or_not() -> None:
    """The flag follows the two numbers, and both cases are among the units."""
    found = [unit["visualization"] for layer in report_of("all")["layers"] for unit in layer["units"]]
    assert {each["beats"] for each in found} == {True, False}
    assert all(each["beats"] == (each["activation"] > each["best_picture"]) for each in found)


def test_the_filter_that_looks_for_an_edge_is_tuned() -> None:
    """It is named with its direction and its bright side; chance gives it less strength."""
    first = report_of("all")["layers"][0]["units"]
    assert [unit["tuning"]["tuned"] for unit in first] == [False, False, False, True]
    edge = first[3]["tuning"]
    assert edge["caption"] == {"family": "edge", "direction": "level", "side": "above", "contrast": 0}
    assert edge["chance"]["high"] < edge["strength"]


def test_units_without_shuffled_kernels_are_neither_tuned_nor_not() -> None:
    """Of a pooling layer no kernel can be shuffled: null, and the reason."""
    tuning = report_of("all")["layers"][1]["units"][0]["tuning"]
    assert (tuning["tuned"], tuning["p"], tuning["chance"], tuning["draws"]) == (None, None, None, 0)
    assert tuning["tuned_reason"] == tuning["chance_reason"]


def test_what_hands_on_numbers_has_no_units_of_its_own() -> None:
    """The list is empty, the reason says whose they are; what is read off is that of the layer before."""
    *_, pooling, flatten, _, _ = report_of("all")["layers"]
    assert flatten["units"] == []
    assert "layer before" in flatten["units_reason"]
    assert flatten["depth"]["probe_accuracy"] == pooling["depth"]["probe_accuracy"]


def test_probes_are_the_means_of_the_flags() -> None:
    """After training and before, layer by layer, and of the picture itself."""
    for layer, said in small_layers():
        assert layer.space is not None
        after, before = said["depth"]["probe_accuracy"], said["depth"]["untrained"]["probe_accuracy"]
        assert after["value"] == pytest.approx(layer.space.probe_right.mean())
        assert before["value"] == pytest.approx(layer.twin_spaces[0].probe_right.mean())
    pixels, found = report_of("all")["representations"]["pixels"], small_snapshot().representations
    assert found is not None
    assert pixels["probe_accuracy"]["value"] == pytest.approx(found.pixels.probe_right.mean())


def test_likeness_is_the_mean_over_the_changed_pictures() -> None:
    """For every change, in the order of the snapshot."""
    for layer, said in small_layers():
        assert layer.space is not None
        found = [each["value"] for each in said["depth"]["shift_similarity"].values()]
        keys = sorted(CHANGES)
        wanted = [float(layer.space.likeness[CHANGES.index(key)].mean()) for key in keys]
        assert found == pytest.approx(wanted, rel=1e-5)


def test_alignment_is_a_square_over_the_layers() -> None:
    """One row and one column a layer; every layer is like itself."""
    found = report_of("all")["representations"]
    for name in ("trained", "untrained"):
        matrix = np.array(found["alignment"][name], np.float64)
        assert matrix.shape == (len(found["layers"]),) * 2
        assert np.diag(matrix) == pytest.approx(1)
    assert found["alignment"]["between"][0][0] == pytest.approx(1)


def test_the_tests_of_marks_add_up() -> None:
    """What blanking marked pixels costs more is the difference of the two losses."""
    methods = report_of("all")["attribution"]["methods"]
    assert [each["method"] for each in methods] == ["grad_cam", "integrated_gradients"]
    for each in methods:
        assert each["drop"]["value"] == pytest.approx(each["drop_marked"] - each["drop_random"])


def test_formation_ends_before_the_epoch_that_was_kept() -> None:
    """The moments reach to the best epoch, the second, and each filter took shape at one of them, or at none."""
    formation = report_of("all")["layers"][0]["filters"]["formation"]
    assert formation["moments"] == [0, 0.1, 0.25, 1, 2]
    assert set(formation["epochs"]) <= {None, 0, 0.1, 0.25, 1}


def test_the_siblings_filters_are_matched_in_their_order() -> None:
    """The sibling's filters are this network's, moved on by one and by two places."""
    agreement = report_of("all")["layers"][0]["filters"]["agreement"]
    assert agreement["seeds"] == [43, 44]
    assert agreement["match"] == [[1, 2, 3, 0], [2, 3, 0, 1]]


def test_units_that_no_page_shows_are_left_out() -> None:
    """Of 300 units the first 256 are told of, each with its places."""
    snapshot = small_snapshot()
    layer = layer_at(snapshot, 6)
    many = observed(np.random.default_rng(0).random((60, 300)))
    extremes = layer.extremes
    assert extremes is not None
    top, bottom, rest = (
        Patches(*(np.resize(each, (300, 20)) for each in vars(kind).values()))
        for kind in (extremes.top, extremes.bottom, extremes.random)
    )
    grown = replace(extremes, top=top, bottom=bottom, random=rest)
    wide = replace(layer, trained=many, untrained=many, extremes=grown)
    report = told(with_layer(snapshot, wide))
    units = report["layers"][5]["units"]
    assert faults(report) == []
    assert [unit["top"] is None for unit in units] == [False] * 256
    assert [unit["ablation"] is None for unit in units] == [False] * 5 + [True] * 251


# --- tables ---


@pytest.mark.parametrize("name", ["probe", "rebuilt", "shift"])
def test_tables_of_spaces_are_those_of_the_report(name: str) -> None:
    """A row for the picture and for each layer that does more than hand on numbers, both networks side by side."""
    keys = {"probe": ["probe_accuracy"], "rebuilt": ["rebuilt"], "shift": ["shift_similarity", "shift_2"]}
    report = report_of("all")
    rows = table_of(name)
    assert [int(row["layer"]) for row in rows] == [0, 1, 2, 3, 4, 6, 7]
    for row in rows[1:]:
        depth = report["layers"][int(row["layer"]) - 1]["depth"]
        after, before = (reduce(dict.__getitem__, keys[name], each) for each in (depth, depth["untrained"]))
        found = [float(row[key]) for key in ("trained", "low", "high", "untrained", "untrained_low")]
        wanted = [after["value"], after["low"], after["high"], before["value"], before["low"]]
        assert found == pytest.approx(wanted, rel=1e-6)


def test_the_table_of_likeness_holds_every_change() -> None:
    """Seven layers, five changes, and the rows of the shift by two are those of its own table."""
    rows = table_of("likeness")
    assert len(rows) == 7 * 5
    own = [{key: row[key] for key in row if key != "change"} for row in rows if row["change"] == "shift_2"]
    assert own == table_of("shift")


def test_the_table_of_alignment_is_that_of_the_report() -> None:
    """Every pair of layers, three numbers each."""
    found = report_of("all")["representations"]
    for row in table_of("alignment"):
        place = [found["layers"].index(int(row[axis])) for axis in ("row", "column")]
        for name in ("trained", "untrained", "between"):
            assert float(row[name]) == pytest.approx(found["alignment"][name][place[0]][place[1]], rel=1e-6)


def test_the_table_of_the_maps_of_spaces_has_every_dot() -> None:
    """For each layer and each picture its place in both networks, and the picture's label."""
    snapshot = small_snapshot()
    rows = [row for row in table_of("scatter") if row["layer"] == "3"]
    space, found = layer_at(snapshot, 3).space, snapshot.representations
    assert space is not None
    assert found is not None
    assert [int(row["picture"]) for row in rows] == found.scattered.tolist()
    assert [int(row["label"]) for row in rows] == snapshot.survey.labels[found.scattered].tolist()
    assert [float(row["y"]) for row in rows] == pytest.approx(space.scatter[:, 1].tolist(), rel=1e-5)


def test_the_table_of_units_has_the_numbers_of_the_report() -> None:
    """What was tried out on each unit stands in both."""
    for row, unit in zip(table_of("01-convolution-1-units"), report_of("all")["layers"][0]["units"], strict=True):
        assert float(row["ablation_change"]) == pytest.approx(unit["ablation"]["accuracy_change"], rel=1e-6)
        assert float(row["made_activation"]) == pytest.approx(unit["visualization"]["activation"], rel=1e-6)
        assert float(row["orientation_index"]) == pytest.approx(unit["tuning"]["index"], rel=1e-6)
        assert row["orientation_family"] == unit["tuning"]["family"]
        assert bool(int(row["orientation_tuned"])) == unit["tuning"]["tuned"]
        top = unit["top_class"]
        assert row["top_class"] == ("" if top is None else str(top["label"]))


def test_the_table_of_patches_has_the_places_of_the_report() -> None:
    """Six of each kind and unit."""
    rows = table_of("03-convolution-2-patches")
    units = report_of("all")["layers"][2]["units"]
    wanted = [
        (unit["index"], kind, place["picture"], place["row"], place["column"])
        for unit in units
        for kind in ("top", "bottom", "random")
        for place in unit[kind]
    ]
    found = [(row["unit"], row["kind"], row["picture"], row["row"], row["column"]) for row in rows]
    assert found == [tuple(map(str, each)) for each in wanted]


def test_the_table_of_tuning_has_every_answer() -> None:
    """A row for each synthetic picture and network, a column for each unit."""
    tuning = layer_at(small_snapshot(), 1).tuning
    assert tuning is not None
    rows = table_of("01-convolution-1-tuning")
    for network, units in (("trained", tuning.trained), ("untrained", tuning.untrained)):
        found = [[float(row[f"unit_{unit}"]) for unit in range(4)] for row in rows if row["network"] == network]
        # Four figures: half a unit of the last one, of a number that begins with one.
        np.testing.assert_allclose(found, units.answers.T, rtol=6e-4)


def test_the_table_of_formation_ends_in_the_final_filters() -> None:
    """At the last moment each filter is its final self."""
    rows = table_of("03-convolution-2-formation")
    assert {row["epoch"] for row in rows} == {"0", "0.1", "0.25", "1", "2"}
    assert [float(row["cosine"]) for row in rows if row["epoch"] == "2"] == pytest.approx([1] * 6)


def test_the_table_of_weights_over_time_holds_every_weight() -> None:
    """At every moment all 216 weights of the second convolution."""
    counts: dict[str, int] = {}
    for row in table_of("03-convolution-2-weights-over-time"):
        counts[row["epoch"]] = counts.get(row["epoch"], 0) + int(row["weights"])
    assert set(counts.values()) == {3 * 3 * 4 * 6}


def test_the_table_of_marks_has_the_mean_of_the_report() -> None:
    """Picture by picture, for both methods."""
    rows = table_of("marks")
    for method in report_of("all")["attribution"]["methods"]:
        found = [float(row["likeness"]) for row in rows if row["method"] == method["method"]]
        assert len(found) == method["checked"]
        assert np.mean(found) == pytest.approx(method["likeness"]["value"], rel=1e-5)


def test_the_table_of_confusion_counts_every_picture() -> None:
    """As many as the matrix of the record."""
    assert [int(row["pictures"]) for row in table_of("confusion")] == [17, 2, 1, 3, 16, 1, 2, 3, 15]


def test_maps_after_a_pooling_of_an_activation_count_as_after_it() -> None:
    """Pooling and flattening carry on what the layer before them did."""
    maps = [layer["maps"] for layer in report_of("all")["layers"]]
    assert [each["pre_or_post_activation"] for each in maps] == ["post"] * 7


def test_what_a_layer_does_not_have_counts_zero() -> None:
    """A layer without filters has none of them, and one without places no maps: that is no gap in the report."""
    layers = report_of("all")["layers"]
    assert [layer["filters"]["total"] for layer in layers] == [4, 0, 6, 0, 0, 0, 0]
    assert [layer["maps"]["total"] for layer in layers] == [4, 4, 6, 6, 0, 0, 0]
    assert layers[4]["filters"]["limits"] == layers[4]["maps"]["limits"] == []
