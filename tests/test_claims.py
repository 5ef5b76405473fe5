"""Networks made so that a sentence is true, false or undecided, and the verdicts that their cards then carry."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from reportgen.analysis.claims import FEWEST, FEWEST_A_CLASS, Claim, Verdict
from reportgen.analysis.study import analyse
from reportgen.pages.cards import claim_card
from reportgen.pages.context import Context, Subject
from reportgen.pages.gallery import Gallery
from reportgen.pages.words import Words
from reportgen.snapshot import Doubles, Floats, Layer, Observed, Snapshot, Weight
from tests.factories import bare_layer, layer_at, observed, small_snapshot, with_kernel, with_layer

WORDS = {
    Verdict.SUPPORTED: ("yes", "Supported"),
    Verdict.NOT_SUPPORTED: ("no", "Not supported"),
    Verdict.CANNOT_TELL: ("unknown", "Cannot tell"),
}
SOBEL = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], np.float32)
FIRST, SECOND, DENSE = 1, 3, 6
"""The layers of the small network that have a ReLU."""
PICTURES = 60
OF_WEIGHTS = {"weights_moved", "straight_edges", "edge_slices", "fewer_patterns", "sees_more"}
OF_RECORD = {"settles_first", "same_filters", "lookalikes"}
OF_LABELS = {"separable", "not_separable_untrained", "choosier", "favourite_class", "few_matter", "lookalikes"}
AGAINST_TWIN = {
    *("more_zeros", "favourite_class", "separable", "choosier", "steadier", "learned_tolerance"),
    *("loses_detail", "oriented", "background"),
}
SILENT = small_snapshot(pictures=0)
"""The small network, looked at without pictures."""


def judged(snapshot: Snapshot, kind: str, layer: int, verdict: Verdict) -> Claim:
    """The one claim of a kind about a layer, after a look at its verdict and at that of its card."""
    analysis = analyse(snapshot)
    (claim,) = analysis.claims_of(kind, layer)
    subject = Subject("small", (), bundled=False, command="")
    card = claim_card(claim, Context(analysis, Words("en"), Gallery(analysis), subject))
    assert claim.verdict is verdict
    assert (card.verdict, card.verdict_word) == WORDS[verdict]
    return claim


# --- training moved the weights ---


def drawn(shape: tuple[int, ...], seed: int) -> Floats:
    """Weights drawn evenly between −1 and 1."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def moved(after: Floats, before: Floats, verdict: Verdict) -> Claim:
    """The claim about a first convolution with these weights."""
    return judged(with_kernel(SILENT, FIRST, after, before), "weights_moved", FIRST, verdict)


def test_weights_that_grew_have_moved() -> None:
    """Three times as large: two thirds of them lie outside."""
    before = drawn((3, 3, 1, 40), 0)
    claim = moved(before * 3, before, Verdict.SUPPORTED)
    assert claim.value == pytest.approx(2 / 3, abs=0.05)


def test_untouched_weights_have_not_moved() -> None:
    """None lies outside the range that they all began in."""
    before = drawn((3, 3, 1, 40), 0)
    assert moved(before, before, Verdict.NOT_SUPPORTED).value == 0


def test_weights_that_shrank_have_not_moved_beyond_their_beginning() -> None:
    """The sentence is about the range, and they stayed in it."""
    before = drawn((3, 3, 1, 40), 0)
    moved(before * np.float32(0.5), before, Verdict.NOT_SUPPORTED)


def test_another_random_draw_has_not_moved() -> None:
    """Of forty fresh draws, about one may look as if it had."""
    verdicts = []
    for seed in range(40):
        snapshot = with_kernel(SILENT, FIRST, drawn((3, 3, 1, 8), seed), drawn((3, 3, 1, 8), seed + 100))
        verdicts += [claim.verdict for claim in analyse(snapshot).claims_of("weights_moved", FIRST)]
    assert verdicts.count(Verdict.SUPPORTED) <= 4
    assert verdicts.count(Verdict.CANNOT_TELL) == 0


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_of_weights_that_began_alike_nothing_can_be_told(value: float) -> None:
    """There was no range to leave."""
    after = drawn((3, 3, 1, 4), 0)
    claim = moved(after, np.full_like(after, value), Verdict.CANNOT_TELL)
    assert (claim.value, claim.reference) == (None, None)


def test_of_weights_that_are_not_finite_nothing_can_be_told() -> None:
    """Whichever state they are in."""
    whole = drawn((3, 3, 1, 4), 0)
    broken = whole.copy()
    broken[1, 1, 0, 2] = np.inf
    moved(broken, whole, Verdict.CANNOT_TELL)
    moved(whole, broken, Verdict.CANNOT_TELL)


def test_every_layer_with_a_kernel_has_its_claim() -> None:
    """Both convolutions and both dense layers, but no pooling and no bias."""
    claims = analyse(small_snapshot()).claims_of("weights_moved")
    assert [claim.layer for claim in claims] == [1, 3, 6, 7]


# --- first-layer filters answer to edges ---


def edges(kernel: Floats, verdict: Verdict) -> Claim:
    """The claim about edges in a first convolution with this kernel."""
    return judged(with_kernel(SILENT, FIRST, kernel, kernel), "straight_edges", FIRST, verdict)


def sobel_filters() -> Floats:
    """Edges in four directions."""
    turned = (SOBEL, SOBEL.T, SOBEL + SOBEL.T, SOBEL - SOBEL.T)
    return np.stack(turned, axis=-1)[:, :, None]


def test_filters_that_are_edges_are_found() -> None:
    """Four directions of Sobel's kernel hold 97 of 100 parts of their energy in edges."""
    claim = edges(sobel_filters(), Verdict.SUPPORTED)
    assert claim.value == pytest.approx((2 + np.sqrt(2)) ** 2 / 12)
    assert claim.details["filters"] == 4


def test_edges_under_noise_are_found() -> None:
    """As trained filters have them."""
    kernel = np.repeat(sobel_filters(), 8, axis=3) + np.random.default_rng(0).normal(0, 1.5, (3, 3, 1, 32))
    edges(kernel.astype(np.float32), Verdict.SUPPORTED)


def test_edges_of_many_inputs_are_found() -> None:
    """Also where chance is computed and not played through."""
    kernel = np.repeat(np.repeat(sobel_filters(), 40, axis=2), 8, axis=3)
    edges(kernel * drawn((1, 1, 40, 32), 0), Verdict.SUPPORTED)


def test_random_filters_are_hardly_ever_taken_for_edges() -> None:
    """Of forty random layers, about one may look as if it had edges."""
    verdicts = []
    for seed in range(40):
        kernel = np.random.default_rng(seed).normal(0, 1, (3, 3, 1, 16)).astype(np.float32)
        verdicts += [
            each.verdict
            for each in analyse(with_kernel(SILENT, FIRST, kernel, kernel)).claims_of("straight_edges")
        ]
    assert verdicts.count(Verdict.SUPPORTED) <= 4
    assert verdicts.count(Verdict.SUPPORTED) + verdicts.count(Verdict.NOT_SUPPORTED) == 40


@pytest.mark.parametrize(
    "kernel",
    [
        np.ones((3, 3), np.float32),
        np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32),
        np.zeros((3, 3), np.float32),
        np.array([[1, 1], [-1, -1]], np.float32),
    ],
)
def test_filters_without_more_edges_than_their_order_allows(kernel: Floats) -> None:
    """Even ones, dots, zeros, and 2×2 kernels, of whose few orders most are edges."""
    edges(np.repeat(kernel[:, :, None, None], 4, axis=3), Verdict.NOT_SUPPORTED)


@pytest.mark.parametrize("shape", [(1, 1, 3, 4), (1, 5, 1, 4), (5, 1, 1, 4)])
def test_filters_of_one_row_have_no_direction(shape: tuple[int, ...]) -> None:
    """So that nothing can be told."""
    edges(drawn(shape, 0), Verdict.CANNOT_TELL)


def test_of_broken_filters_nothing_can_be_told_of_edges() -> None:
    """One weight that is no number is enough."""
    kernel = sobel_filters()
    kernel[0, 0, 0, 0] = np.nan
    edges(kernel, Verdict.CANNOT_TELL)


def test_only_the_first_convolution_is_asked_for_edges() -> None:
    """One card."""
    assert [claim.layer for claim in analyse(small_snapshot()).claims_of("straight_edges")] == [FIRST]


# --- deeper units see more of the picture ---


def chain(*layers: Layer, side: int = 12) -> Snapshot:
    """A network of these layers for pictures of this side, looked at without pictures."""
    return replace(SILENT, layers=layers, input_shape=(side, side, 1))


def convolution(index: int, size: int, inputs: int = 2) -> Layer:
    """A convolution of two filters that keeps the size of its maps."""
    kernel = drawn((size, size, inputs, 2), index)
    layer = bare_layer(index, "Conv2D", (12, 12, 2), Weight("kernel", kernel, kernel))
    assert layer.window is not None
    return replace(layer, window=replace(layer.window, size=(size, size)))


def test_a_second_convolution_sees_more() -> None:
    """After a pooling by two, 3×3 become 8×8 of 12×12."""
    claim = judged(small_snapshot(), "sees_more", SECOND, Verdict.SUPPORTED)
    assert (claim.details["height"], claim.details["first_height"]) == (8, 3)
    assert claim.value == pytest.approx(64 / 144)


def test_convolutions_of_one_pixel_never_see_more() -> None:
    """However deep the network is."""
    layers = [convolution(index, 1, 1 if index == 1 else 2) for index in range(1, 5)]
    judged(chain(*layers), "sees_more", 4, Verdict.NOT_SUPPORTED)


def test_what_lies_beyond_the_border_is_not_more_of_the_picture() -> None:
    """The first filter has the size of the picture already."""
    judged(chain(convolution(1, 12, 1), convolution(2, 3)), "sees_more", 2, Verdict.NOT_SUPPORTED)


def test_behind_an_unknown_layer_nothing_can_be_told_of_what_is_seen() -> None:
    """Nobody knows what it does with places."""
    layers = convolution(1, 3, 1), bare_layer(2, "Scrambling", (12, 12, 2)), convolution(3, 3)
    judged(chain(*layers), "sees_more", 3, Verdict.CANNOT_TELL)


def test_one_convolution_alone_is_not_compared() -> None:
    """There is no deeper one."""
    assert analyse(chain(convolution(1, 3, 1))).claims_of("sees_more") == ()


# --- sparsity grows with depth ---


def around(mean: float, pictures: int = PICTURES, spread: float = 0.05) -> Doubles:
    """Shares of zeros around a mean, picture by picture."""
    waves = np.linspace(-1, 1, pictures) * np.where(np.arange(pictures) % 2, 1, -1)
    return np.asarray(mean + spread * (waves - waves.mean()), np.float64)


def with_zeros(
    snapshot: Snapshot, first: Doubles, last: Doubles, first_twin: Doubles, last_twin: Doubles
) -> Snapshot:
    """The small snapshot with these shares of zeros at its two convolutions, trained and untrained."""
    for index, shares, twins in ((FIRST, first, first_twin), (SECOND, last, last_twin)):
        layer = layer_at(snapshot, index)
        trained, untrained = sharing(layer.trained, shares), sharing(layer.untrained, twins)
        snapshot = with_layer(snapshot, replace(layer, trained=trained, untrained=untrained))
    return snapshot


def sharing(seen: Observed | None, shares: Doubles) -> Observed:
    """What was observed, with other shares of zeros, one a picture."""
    assert seen is not None
    responses = replace(seen.responses, zero_share=shares.astype(np.float32), pictures=len(shares))
    return replace(seen, responses=responses)


def zeros(first: float, last: float, first_twin: float, last_twin: float, verdict: Verdict) -> Claim:
    """The claim about zeros for four mean shares."""
    shares = [around(mean) for mean in (first, last, first_twin, last_twin)]
    return judged(with_zeros(small_snapshot(), *shares), "more_zeros", SECOND, verdict)


def test_zeros_that_grow_in_the_trained_network_alone_were_learned() -> None:
    """From half to nine tenths, while the twin stays."""
    claim = zeros(0.5, 0.9, 0.5, 0.5, Verdict.SUPPORTED)
    assert claim.value == pytest.approx(0.4)
    assert claim.details["first"] == pytest.approx(0.5)
    assert claim.details["last_untrained"] == pytest.approx(0.5)
    assert claim.pictures == PICTURES


def test_zeros_beside_several_twins() -> None:
    """The mean of what three twins grow by; so are the shares that are told of them."""
    snapshot = with_zeros(small_snapshot(), *(around(mean, spread=0) for mean in (0.5, 0.9, 0.5, 0.5)))
    for index, means in ((FIRST, (0.4, 0.3)), (SECOND, (0.6, 0.7))):
        layer = layer_at(snapshot, index)
        others = (sharing(layer.untrained, around(mean, spread=0)).responses for mean in means)
        snapshot = with_layer(snapshot, replace(layer, other_twins=tuple(others)))
    claim = judged(snapshot, "more_zeros", SECOND, Verdict.CANNOT_TELL)
    assert claim.reference is not None
    # Growths of 0, 0.2 and 0.4 deviate by 0.2, and 4.303 · 0.2 · √(4/3) are 0.9937.
    assert (claim.reference.low, claim.reference.value, claim.reference.high) == pytest.approx(
        (0.2 - 0.9937, 0.2, 0.2 + 0.9937), abs=0.0001
    )
    assert claim.details["first_untrained"] == pytest.approx(0.4)
    assert claim.details["last_untrained"] == pytest.approx(0.6)


@pytest.mark.parametrize("twin", [0.9, 0.95])
def test_zeros_that_grow_in_the_twin_as_much_were_not_learned(twin: float) -> None:
    """Then it is how the network is built, whatever training did."""
    zeros(0.5, 0.9, 0.5, twin, Verdict.NOT_SUPPORTED)


def test_zeros_that_become_fewer_do_not_support_the_sentence() -> None:
    """Even where the twin loses more of them."""
    zeros(0.6, 0.5, 0.8, 0.1, Verdict.NOT_SUPPORTED)


def test_zeros_that_grow_a_little_more_than_the_twins_tell_nothing() -> None:
    """The intervals overlap."""
    noisy = [around(mean, spread=0.4) for mean in (0.5, 0.5, 0.5, 0.5)]
    noisy[1] = around(0.54, spread=0.2)
    noisy[3] = around(0.50, spread=0.2)
    claim = judged(with_zeros(small_snapshot(), *noisy), "more_zeros", SECOND, Verdict.CANNOT_TELL)
    assert claim.reference is not None
    assert claim.low is not None
    assert claim.low > 0
    assert claim.reference.value < claim.low < claim.reference.high


def test_a_growth_that_may_be_none_tells_nothing() -> None:
    """Above the twin's, but its own interval holds zero."""
    shares = around(0.5, spread=0.4), around(0.52, spread=0.1), around(0.8, spread=0.0), around(0.4, spread=0.0)
    claim = judged(with_zeros(small_snapshot(), *shares), "more_zeros", SECOND, Verdict.CANNOT_TELL)
    assert claim.low is not None
    assert claim.low < 0


@pytest.mark.parametrize("pictures", [1, 2, FEWEST - 1])
def test_a_few_pictures_tell_nothing_of_zeros(pictures: int) -> None:
    """However large the growth is."""
    shares = [around(mean, pictures, 0.01) for mean in (0.1, 0.9, 0.5, 0.5)]
    judged(with_zeros(small_snapshot(), *shares), "more_zeros", SECOND, Verdict.CANNOT_TELL)


def test_without_two_rectified_layers_of_maps_there_is_no_such_sentence() -> None:
    """Nothing gives exact zeros."""
    snapshot = small_snapshot()
    snapshot = with_layer(snapshot, replace(layer_at(snapshot, FIRST), activation=None))
    assert analyse(snapshot).claims_of("more_zeros") == ()


# --- units have a favourite class ---


def fond(strength: float, units: int = 12, pictures: int = PICTURES) -> Observed:
    """Units that answer with 1 to every picture, and with this much more to those of their class, under noise."""
    labels = np.arange(pictures) % 3
    noise = np.random.default_rng(units).uniform(0, 0.2, (pictures, units))
    answers = 1 + strength * (labels[:, None] == np.arange(units) % 3) * (1 + np.arange(units) / units) + noise
    return observed(answers, labels.tolist(), 3)


def favourites(trained: Observed, untrained: Observed, verdict: Verdict) -> Claim:
    """The claim about favourites in a dense layer with these answers."""
    snapshot = small_snapshot()
    layer = replace(layer_at(snapshot, DENSE), trained=trained, untrained=untrained, ablation=None)
    return judged(with_layer(snapshot, layer), "favourite_class", DENSE, verdict)


def test_units_that_came_to_favour_a_class_are_found() -> None:
    """Those of the twin take all alike."""
    claim = favourites(fond(5), fond(0), Verdict.SUPPORTED)
    assert claim.details["units"] == 12
    assert claim.pictures == PICTURES


@pytest.mark.parametrize("twin", [5, 8])
def test_favourites_that_the_twin_has_too_were_not_learned(twin: float) -> None:
    """As many, or more."""
    favourites(fond(5), fond(twin), Verdict.NOT_SUPPORTED)


def test_favourites_a_little_stronger_than_the_twins_tell_nothing() -> None:
    """The intervals overlap."""
    claim = favourites(fond(5.8), fond(5), Verdict.CANNOT_TELL)
    assert claim.reference is not None
    assert claim.low is not None
    assert claim.reference.value < claim.low < claim.reference.high


@pytest.mark.parametrize(("units", "twins"), [(FEWEST - 1, 12), (12, FEWEST - 1), (1, 1)])
def test_a_few_units_tell_nothing_of_favourites(units: int, twins: int) -> None:
    """In either network, down to a layer of a single one."""
    favourites(fond(5, units), fond(0, twins), Verdict.CANNOT_TELL)


def test_a_few_pictures_tell_nothing_of_favourites() -> None:
    """Among few pictures every unit has its favourite by accident."""
    pictures = 3 * FEWEST_A_CLASS - 1
    favourites(fond(5, pictures=pictures), fond(0, pictures=pictures), Verdict.CANNOT_TELL)
    favourites(fond(5, pictures=pictures + 1), fond(0, pictures=pictures + 1), Verdict.SUPPORTED)


def test_dead_units_count_neither_for_nor_against_favourites() -> None:
    """The mean is over the others."""
    answers = fond(5).maps.copy()
    answers[:, :3] = 0
    labels = [number % 3 for number in range(PICTURES)]
    assert favourites(observed(answers, labels, 3), fond(0), Verdict.SUPPORTED).details["units"] == 9


def test_without_labels_nothing_can_be_told_of_favourites() -> None:
    """Every rectified layer's card says so."""
    for layer in (FIRST, SECOND, DENSE):
        judged(small_snapshot(labelled=False), "favourite_class", layer, Verdict.CANNOT_TELL)


# --- all of them ---


def test_claims_have_names_of_their_own() -> None:
    """Fit for an address."""
    names = [claim.id for claim in analyse(small_snapshot()).claims]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_the_same_snapshot_gives_the_same_claims() -> None:
    """Twice the same numbers, to the last bit."""
    first, second = (analyse(small_snapshot()).claims for _ in range(2))
    assert first == second


def test_an_untrained_network_supports_no_sentence_about_training() -> None:
    """Where trained and twin are one and the same, nothing was learned."""
    snapshot = small_snapshot()
    for layer in snapshot.layers:
        weights = tuple(replace(each, values=each.before) for each in layer.weights)
        (twin,) = layer.twin_spaces
        tuning = replace(layer.tuning, trained=layer.tuning.untrained) if layer.tuning else None
        alike = replace(layer, weights=weights, trained=layer.untrained, space=twin, tuning=tuning)
        snapshot = with_layer(snapshot, alike)
    claims = [claim for claim in analyse(snapshot).claims if claim.against == "twin"]
    assert {claim.kind for claim in claims} == AGAINST_TWIN
    for claim in (*claims, *analyse(snapshot).claims_of("weights_moved")):
        assert claim.verdict in {Verdict.NOT_SUPPORTED, Verdict.CANNOT_TELL}


def test_without_pictures_the_claims_that_need_none_remain() -> None:
    """What is said of weights, of receptive fields, and of what training wrote down."""
    kinds = {claim.kind for claim in analyse(SILENT).claims}
    assert kinds == OF_WEIGHTS | OF_RECORD
    assert {claim.kind for claim in analyse(small_snapshot(pictures=0, recorded=False)).claims} == OF_WEIGHTS | {
        "same_filters"
    }


def test_each_claim_is_made_about_the_layers_that_it_is_about() -> None:
    """By their indices: convolutions 1 and 3, poolings 2 and 4, dense 6, output 7."""
    found: dict[str, list[int]] = {}
    for claim in analyse(small_snapshot()).claims:
        found.setdefault(claim.kind, []).append(claim.layer)
    assert found == {
        "straight_edges": [1],
        "edge_slices": [3],
        "oriented": [1, 3],
        "fewer_patterns": [3],
        "sees_more": [3],
        "more_zeros": [3],
        "separable": [6],
        "not_separable_untrained": [6],
        "loses_detail": [6],
        "choosier": [6],
        "steadier": [4],
        "learned_tolerance": [4],
        "favourite_class": [1, 3, 6],
        "background": [1],
        "few_matter": [1, 3, 6],
        "weights_moved": [1, 3, 6, 7],
        "settles_first": [1],
        "same_filters": [1],
        "grad_cam_depends": [3],
        "grad_cam_matters": [3],
        "integrated_gradients_depends": [7],
        "integrated_gradients_matters": [7],
        "lookalikes": [7],
    }


@pytest.mark.parametrize(
    ("snapshot", "gone"),
    [
        (small_snapshot(labelled=False, recorded=False), OF_LABELS - {"favourite_class"}),
        (small_snapshot(recorded=False), {"settles_first"}),
        (
            small_snapshot(without=["space"]),
            {"separable", "not_separable_untrained", "loses_detail", "choosier", "steadier", "learned_tolerance"},
        ),
        (small_snapshot(without=["tuning"]), {"oriented", "background"}),
        (small_snapshot(without=["ablation"]), {"few_matter"}),
        (
            small_snapshot(without=["attribution"]),
            {
                f"{method}_{test}"
                for method in ("grad_cam", "integrated_gradients")
                for test in ("depends", "matters")
            },
        ),
        (small_snapshot(without=["class_pictures", "siblings", "extremes", "visualization"]), set()),
    ],
    ids=["labels", "record", "space", "tuning", "ablation", "attribution", "others"],
)
def test_what_was_not_looked_at_leaves_no_claim(snapshot: Snapshot, gone: set[str]) -> None:
    """The others remain."""
    kinds = {claim.kind for claim in analyse(snapshot).claims}
    every = {claim.kind for claim in analyse(small_snapshot()).claims}
    if not snapshot.record:
        gone = gone | {"settles_first"}
    assert every - kinds == gone
    assert kinds <= every


def test_without_siblings_or_class_pictures_nothing_can_be_told_of_them() -> None:
    """The sentences stand, without a number."""
    found = analyse(small_snapshot(without=["class_pictures", "siblings"]))
    for kind in ("same_filters", "lookalikes"):
        (claim,) = found.claims_of(kind)
        assert (claim.verdict, claim.value) == (Verdict.CANNOT_TELL, None)


def test_a_network_of_one_layer_of_maps_is_not_compared_with_itself() -> None:
    """Of the first convolution alone, with the output behind it, nothing grows."""
    layers = [layer for layer in small_snapshot().layers if layer.index in (1, 7)]
    snapshot = replace(small_snapshot(), layers=(layers[0], replace(layers[1], inputs=(1,))), attribution=None)
    kinds = {claim.kind for claim in analyse(snapshot).claims}
    assert not kinds & {"loses_detail", "choosier", "steadier", "learned_tolerance", "sees_more", "edge_slices"}
    assert "separable" in kinds


def test_intervals_of_claims_hold_their_values() -> None:
    """Low, value, high, in this order, for the claim and what stands beside it."""
    for claim in analyse(small_snapshot()).claims:
        known = [each for each in (claim.low, claim.value, claim.high) if each is not None]
        beside = [claim.reference.low, claim.reference.value, claim.reference.high] if claim.reference else []
        assert all(low <= high for low, high in (*pairwise(known), *pairwise(beside)))
