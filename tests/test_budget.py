"""How much of a large network is shown: worked out by hand, and as properties of any network."""

import json
from collections import Counter
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reportgen.analysis.budget import (
    LAYERS,
    SHEETS,
    SHEETS_A_PICTURE,
    SIDE,
    TABLED_WEIGHTS,
    UNITS,
    UNITS_A_LAYER,
    UNITS_A_PAGE,
    evenly,
    step_of,
    units_shown,
    weights_tabled,
)
from reportgen.analysis.missing import not_shown
from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.links import check_budgets, check_links
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.route import parameter_shares
from reportgen.pages.spaces import alignment, maps_of_spaces
from reportgen.pages.words import Words
from reportgen.snapshot import Snapshot
from tests.factories import layer_at, observed, small_snapshot, with_layer
from tests.sites import CONFIG, WrittenSite, written_site


def wide_snapshot(units: int) -> Snapshot:
    """The network made by hand, with so many units in its dense layer."""
    snapshot = small_snapshot()
    many = observed(np.random.default_rng(0).random((60, units)))
    bare = replace(
        layer_at(snapshot, 6), weights=(), extremes=None, ablation=None, visualization=None, tuning=None
    )
    return with_layer(snapshot, replace(bare, trained=many, untrained=many, output_shape=(units,)))


def entries_of(site: WrittenSite, path: str) -> int:
    """How many units a page has entries of."""
    return site.files[path].count(b'<li class="unit')


# --- the rule ---


def test_a_small_network_is_shown_whole() -> None:
    """Nothing is left out where everything fits."""
    assert units_shown({1: 32, 3: 64, 6: 100, 8: 10}, 12) == {1: 32, 3: 64, 6: 100, 8: 10}


def test_a_layer_has_a_most() -> None:
    """Of 4,096 units of a single layer, 256 have an entry."""
    assert units_shown({1: 4096}, 3) == {1: UNITS_A_LAYER}


def test_what_narrow_layers_leave_is_there_for_the_wide_ones() -> None:
    """Layers of 8, 8 and eight of 200: (1,024 − 16) / 8 = 126 for each of the wide ones."""
    wide = dict.fromkeys(range(3, 11), 200)
    assert units_shown({1: 8, 2: 8} | wide, 3) == {1: 8, 2: 8} | dict.fromkeys(wide, 126)


def test_the_ends_get_a_page_of_their_own() -> None:
    """Of 100 layers of 128 units the ends have 64 and the share of (1,024 − 128) / 100, which is 8."""
    found = units_shown(dict.fromkeys(range(1, 101), 128), 3, {1, 100})
    assert (found[1], found[2], found[100]) == (UNITS_A_PAGE + 8, 8, UNITS_A_PAGE + 8)


def test_so_many_layers_have_maps_as_there_may_be_sheets() -> None:
    """Of 430 layers and 30 pictures 13 layers: 150 sheets each, and at most 2,000 in all."""
    found = units_shown(dict.fromkeys(range(1, 431), 64), 30)
    shown = [index for index, units in found.items() if units]
    assert (len(shown), shown[0], shown[-1]) == (13, 1, 430)


@given(st.dictionaries(st.integers(1, 600), st.integers(1, 3000), min_size=1, max_size=500), st.integers(0, 40))
def test_no_network_goes_beyond_the_budget(units: dict[int, int], pictures: int) -> None:
    """Units, layers and sheets stay within their limits, and no layer shows more than it has."""
    found = units_shown(units, pictures)
    layers = sum(count > 0 for count in found.values())
    assert sum(found.values()) <= UNITS
    assert all(found[index] <= min(units[index], UNITS_A_LAYER) for index in units)
    assert layers <= LAYERS
    assert layers * pictures * SHEETS_A_PICTURE <= SHEETS


def test_chosen_items_lie_at_equal_distances() -> None:
    """Five of 0 … 8 are every second."""
    assert evenly(tuple(range(9)), 5) == (0, 2, 4, 6, 8)


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_no_map_is_drawn_larger_than_its_most(height: int, width: int) -> None:
    """Every so many-th pixel of any map makes 64 at most, and all of it where that fits."""
    step = step_of(height, width)
    assert -(-max(height, width) // step) <= SIDE
    assert step == 1 or -(-max(height, width) // (step - 1)) > SIDE


def test_weights_are_tabled_as_long_as_there_is_room() -> None:
    """A kernel too large for what is left is passed over, and a later smaller one is not."""
    assert weights_tabled({1: 10, 2: TABLED_WEIGHTS, 3: TABLED_WEIGHTS - 10}) == {1, 3}


# --- the site ---


def test_units_beyond_the_first_page_stand_on_further_ones() -> None:
    """150 units: 64 on the layer's page, 64 and 22 on the next two, and every link leads somewhere."""
    site = written_site(wide_snapshot(150))
    pages = sorted(path for path in site.files if path.startswith("layers/06-") and path.endswith(".html"))
    assert Counter(entries_of(site, path) for path in pages) == Counter((64, 64, 22))
    assert check_links(site.files) == ()
    assert check_budgets(site.files) == ()


def test_a_unit_stands_where_its_number_says() -> None:
    """Unit 70 is on the second page, and on no other."""
    site = written_site(wide_snapshot(150))
    found = [path for path, data in site.files.items() if b'id="unit-70"' in data and path.startswith("layers/06")]
    assert len(found) == 1
    assert found[0].endswith("-2.html")


def test_units_left_out_are_counted() -> None:
    """Of 1,000 units 256 are shown; the others are listed among what is not."""
    found = [each for each in not_shown(analyse(wide_snapshot(1000))) if each.kind == "units"]
    assert [(each.layer, each.count, each.shown) for each in found] == [(6, 744, 256)]


# --- long networks ---


def long_snapshot(layers: int) -> Snapshot:
    """The network made by hand with copies of its last layer behind it, so many layers in all."""
    snapshot = small_snapshot()
    last = replace(snapshot.layers[-1], space=None, twin_spaces=(), tuning=None, ablation=None, visualization=None)
    first = last.index + 1
    more = (
        replace(last, index=index, name=f"more_{index}", inputs=(index - 1,)) for index in range(first, layers + 1)
    )
    return replace(snapshot, layers=(*snapshot.layers, *more))


def test_the_front_page_of_a_very_long_network_shows_a_part_of_the_route() -> None:
    """Of 65 layers 24 and the picture, the first and the last layer among them, and the way to all."""
    page = written_site(long_snapshot(65)).files["index.html"]
    stops = page.partition(b'<ol class="route">')[2].partition(b"</ol>")[0]
    assert stops.count(b"<li") == 25
    assert b"layers/01-" in stops
    assert b"layers/65-" in stops
    assert b'<a href="layers/index.html">' in page


def test_the_shares_of_many_layers_add_up() -> None:
    """Of twenty layers with weights twelve are named, and the others are told of together."""
    snapshot = long_snapshot(30)
    layers = tuple(replace(each, parameters=10 * each.index if each.index > 10 else 0) for each in snapshot.layers)
    total = sum(each.parameters for each in layers)
    found = analyse(replace(snapshot, layers=layers, parameters=total))
    shares = parameter_shares(Context(found, Words("en"), Gallery(found), subject_of(CONFIG)))
    named = [each for each in shares.parts if each.title]
    assert [each.count for each in named] == [str(10 * index) for index in range(19, 31)]
    assert shares.others == "8 smaller layers together: 1,160"
    assert sum(float(each.width.rstrip("%")) for each in shares.parts) == pytest.approx(100, abs=0.01)


def test_a_layer_whose_units_are_not_listed_says_so_in_the_data() -> None:
    """Of 500 layers, 300 have no units, and the schema asks for the reason."""
    schema = json.loads((files("reportgen") / "report.schema.json").read_bytes())
    report = json.loads(written_site(long_snapshot(500)).files["data/report.json"])
    assert sum(layer["units"] == [] for layer in report["layers"]) >= 300
    assert list(Draft202012Validator(schema).iter_errors(report)) == []


def test_too_few_pictures_have_no_map_of_spaces() -> None:
    """Below five tested pictures nothing is drawn, and that is said."""
    snapshot = small_snapshot()
    assert snapshot.representations is not None
    few = replace(snapshot.representations, tested=4, scattered=snapshot.representations.scattered[:4])
    found = analyse(replace(snapshot, representations=few))
    context = Context(found, Words("en"), Gallery(found), subject_of(CONFIG))
    assert (maps_of_spaces(context), alignment(context)) == (None, None)
    assert [each.shown for each in not_shown(found) if each.kind == "few_tested"] == [5]


def test_a_layer_of_a_long_network_stands_among_its_neighbours() -> None:
    """Layer 20 of 60 shows layers 16 to 24 and the way to all; the front page has the picture and all of them."""
    site = written_site(long_snapshot(60))
    page = next(data for path, data in site.files.items() if path.startswith("layers/20-"))
    stops = page.partition(b'<ol class="route">')[2].partition(b"</ol>")[0]
    assert stops.count(b"<li") == 9
    assert b'<li class="here"' in stops
    assert site.files["index.html"].partition(b'<ol class="route">')[2].partition(b"</ol>")[0].count(b"<li") == 61
    assert check_links(site.files) == ()
