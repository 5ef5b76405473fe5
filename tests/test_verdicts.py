"""The verdicts on networks whose weights were set by hand: the whole way from a saved network to its cards."""

from math import comb

import numpy as np
import pytest

from reportgen.analysis.claims import Claim, Verdict
from reportgen.analysis.claims_of_decisions import lookalikes
from reportgen.analysis.results import Results
from reportgen.analysis.study import Analysis
from reportgen.analysis.tuning import Caption
from reportgen.pages.cards import claim_card
from reportgen.pages.context import Context, Subject
from reportgen.pages.gallery import Gallery
from reportgen.pages.words import Words
from reportgen.snapshot import Doubles, Floats, Integers
from tests.factories import bare_layer
from tests.networks import (
    BACKGROUND_UNITS,
    BRIGHT_UNIT,
    DEAD_UNITS,
    DEPTH,
    GAIN,
    GLYPHS,
    HALF,
    copy_network,
    corner_network,
    corner_pictures,
    gabor,
    gabor_network,
    glyph_network,
    glyph_pictures,
    looked_at,
    random_network,
    untrained_record,
)

slow = pytest.mark.slow

CARD = {
    Verdict.SUPPORTED: ("yes", "Supported"),
    Verdict.NOT_SUPPORTED: ("no", "Not supported"),
    Verdict.CANNOT_TELL: ("unknown", "Cannot tell"),
}
EVEN = (20,) * len(GLYPHS)
UNEVEN = (21, 50, 22, 23, 24)
"""Pictures of each class, no two alike: a number of pictures lost tells the class."""
FIRST, SECOND = 1, 2
"""The convolutions of the copy network; the first layer is a convolution in all of the networks."""
HIDDEN = 3
"""The dense layer of the glyph network before its output."""
ORIENTED = {
    Caption("edge", "level", "above", 0): gabor(0, 6, is_edge=True),
    Caption("edge", "upright", "left", 0): gabor(90, 6, is_edge=True),
    Caption("edge", "up_right", "below_right", 0): gabor(225, 6, is_edge=True),
    Caption("edge", "up_left", "above_right", 0): gabor(315, 6, is_edge=True),
    Caption("bar", "level", None, -1): gabor(0, 4, is_edge=False, contrast=-1),
    Caption("bar", "up_right", None, 1): gabor(45, 4, is_edge=False),
    Caption("bar", "upright", None, 1): gabor(90, 4, is_edge=False),
    Caption("bar", "up_left", None, -1): gabor(135, 4, is_edge=False, contrast=-1),
}
"""What each filter of the Gabor network has to be called, and its kernel."""


@pytest.fixture(scope="module")
def oriented(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of filters that are edges and bars, in a network that answers the same to every picture."""
    network = gabor_network(list(ORIENTED.values()))
    return looked_at(network, glyph_pictures(EVEN), tmp_path_factory.mktemp("oriented"))


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of random weights, which the record gives for the first ones as well: the network is its own twin."""
    network = random_network(7)
    folder = tmp_path_factory.mktemp("untrained")
    return looked_at(network, glyph_pictures(EVEN), folder, untrained_record(network))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of random weights without a record: the twins are drawn anew, as the network was."""
    return looked_at(random_network(7), glyph_pictures(EVEN), tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def glyphs(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of a filter for every class, one for all pictures, and dead ones."""
    return looked_at(glyph_network(), glyph_pictures(UNEVEN), tmp_path_factory.mktemp("glyphs"))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of two convolutions, of which the second does nothing."""
    return looked_at(copy_network(), glyph_pictures(EVEN), tmp_path_factory.mktemp("copied"))


@pytest.fixture(scope="module")
def corner(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Of a network that looks into one corner alone."""
    return looked_at(corner_network(), corner_pictures(60), tmp_path_factory.mktemp("corner"))


def judged(analysis: Analysis, kind: str, layer: int, verdict: Verdict) -> Claim:
    """The one claim of a kind about a layer, after a look at its verdict and at that of its card."""
    (claim,) = analysis.claims_of(kind, layer)
    subject = Subject("made", (), bundled=False, command="")
    card = claim_card(claim, Context(analysis, Words("en"), Gallery(analysis), subject))
    assert claim.verdict is verdict
    assert (card.verdict, card.verdict_word) == CARD[verdict]
    return claim


def verdicts(analysis: Analysis, kind: str) -> set[Verdict]:
    """All verdicts on a kind of sentence, of which there must be some."""
    claims = analysis.claims_of(kind)
    assert claims
    return {claim.verdict for claim in claims}


# --- filters that are edges and bars ---


@slow
def test_gabor_filters_hold_straight_edges(oriented: Analysis) -> None:
    """Half of them are edges; those of the twin hold no more than their shuffles might."""
    claim = judged(oriented, "straight_edges", FIRST, Verdict.SUPPORTED)
    assert claim.reference is not None
    assert claim.details["filters"] == len(ORIENTED)
    assert claim.details["untrained"] < claim.reference.high


@slow
def test_gabor_filters_are_oriented(oriented: Analysis) -> None:
    """Every one of them, and more than in the twin."""
    claim = judged(oriented, "oriented", FIRST, Verdict.SUPPORTED)
    assert (claim.value, claim.details["tuned"]) == (1, len(ORIENTED))


@slow
def test_gabor_filters_are_called_after_their_direction(oriented: Analysis) -> None:
    """Edges after their bright side too, and bars after their brightness."""
    tuning = oriented.layer(FIRST).tuning
    assert tuning is not None
    assert tuning.after.captions == tuple(ORIENTED)


@slow
def test_marks_on_a_network_that_always_answers_the_same_do_not_matter(oriented: Analysis) -> None:
    """There is nothing to mark and nothing to lose, and no order of marks that could depend on anything."""
    (claim,) = oriented.claims_of("integrated_gradients_matters")
    assert judged(oriented, claim.kind, claim.layer, Verdict.NOT_SUPPORTED).value == 0
    assert verdicts(oriented, "integrated_gradients_depends") == {Verdict.CANNOT_TELL}


# --- weights that chance drew ---


@slow
def test_random_filters_hold_no_more_edge_than_their_shuffles(untrained: Analysis) -> None:
    """Neither those of the first convolution nor those of the last."""
    judged(untrained, "straight_edges", FIRST, Verdict.NOT_SUPPORTED)
    assert verdicts(untrained, "edge_slices") == {Verdict.NOT_SUPPORTED}


@slow
def test_random_filters_are_not_oriented(drawn: Analysis) -> None:
    """Not against twins that were drawn in the same way."""
    assert verdicts(drawn, "oriented") == {Verdict.NOT_SUPPORTED}


@slow
def test_weights_that_are_the_first_ones_on_record_have_not_moved(untrained: Analysis) -> None:
    """Not one of them, in any layer."""
    assert untrained.snapshot.twin_origin == "recorded"
    claims = untrained.claims_of("weights_moved")
    assert [claim.value for claim in claims] == [0] * 4
    assert verdicts(untrained, "weights_moved") == {Verdict.NOT_SUPPORTED}


@slow
def test_weights_beside_another_draw_of_the_same_kind_have_not_moved(drawn: Analysis) -> None:
    """Some lie beyond the range of the others, but no more than chance puts there."""
    claims = drawn.claims_of("weights_moved")
    assert any(claim.value for claim in claims)
    assert verdicts(drawn, "weights_moved") == {Verdict.NOT_SUPPORTED}


@slow
def test_random_layers_do_not_learn_to_separate_classes(untrained: Analysis, drawn: Analysis) -> None:
    """Whatever they give a probe to read, an untrained network gives."""
    assert verdicts(untrained, "separable") == {Verdict.NOT_SUPPORTED}
    assert Verdict.SUPPORTED not in verdicts(drawn, "separable")


@slow
def test_a_network_that_is_its_own_twin_has_learned_nothing(untrained: Analysis) -> None:
    """Of all that is held against the twin nothing is supported, because no number differs."""
    learned = [claim for claim in untrained.claims if claim.against == "twin"]
    assert {claim.kind for claim in learned} >= {
        "background", "choosier", "favourite_class", "learned_tolerance", "loses_detail", "more_zeros", "oriented",
        "separable", "steadier",
    }  # fmt: skip
    assert {claim.verdict for claim in learned} == {Verdict.NOT_SUPPORTED}
    assert all(claim.reference and claim.value == claim.reference.value for claim in learned)


@slow
def test_marks_of_a_network_that_is_its_own_twin_do_not_depend_on_learning(untrained: Analysis) -> None:
    """They are the very same."""
    for kind in ("grad_cam_depends", "integrated_gradients_depends"):
        (claim,) = untrained.claims_of(kind)
        assert judged(untrained, kind, claim.layer, Verdict.NOT_SUPPORTED).value == pytest.approx(1)


@slow
def test_filters_that_never_changed_did_not_settle_early(untrained: Analysis) -> None:
    """Both layers were finished before the first batch."""
    assert judged(untrained, "settles_first", FIRST, Verdict.NOT_SUPPORTED).value == 0


# --- units that do nothing ---


@slow
def test_a_unit_far_below_zero_is_dead_and_costs_nothing(glyphs: Analysis) -> None:
    """Without it, no picture is lost and none is won."""
    study = glyphs.layer(FIRST)
    assert study.maps is not None
    assert study.importance is not None
    assert study.layer.ablation is not None
    dead = np.arange(BRIGHT_UNIT + 1 + DEAD_UNITS) > BRIGHT_UNIT
    np.testing.assert_array_equal(study.maps.states.dead, dead)
    assert not study.layer.ablation.lost[dead].any()
    assert not study.layer.ablation.won.any()
    assert not study.importance.matters[dead].any()
    assert np.isnan(study.importance.p[dead]).all()


@slow
def test_a_unit_that_is_not_read_costs_nothing_either(glyphs: Analysis) -> None:
    """It answers to every picture, and yet the chance of such a count is one."""
    importance, ablation = glyphs.layer(FIRST).importance, glyphs.layer(FIRST).layer.ablation
    assert importance is not None
    assert ablation is not None
    assert (ablation.lost[BRIGHT_UNIT], importance.p[BRIGHT_UNIT]) == (0, 1)
    assert not importance.matters[BRIGHT_UNIT]


@slow
def test_dead_units_have_no_favourite_class(glyphs: Analysis) -> None:
    """The mean is taken over the living, and the card says how many these are."""
    claim = judged(glyphs, "favourite_class", FIRST, Verdict.SUPPORTED)
    maps = glyphs.layer(FIRST).maps
    assert maps is not None
    assert (claim.details["units"], claim.details["all_units"]) == (BRIGHT_UNIT + 1, BRIGHT_UNIT + 1 + DEAD_UNITS)
    assert np.isnan(maps.selectivity[BRIGHT_UNIT + 1 :]).all()
    assert claim.value == pytest.approx((len(GLYPHS) + maps.selectivity[BRIGHT_UNIT]) / (len(GLYPHS) + 1))


@slow
def test_chance_hands_out_losses_to_the_living_alone(glyphs: Analysis) -> None:
    """A tenth of six living units is one; of all eleven it would be two, and another share."""
    claim = judged(glyphs, "few_matter", FIRST, Verdict.SUPPORTED)
    lost = sum(UNEVEN[1:])
    assert (claim.details["lost"], claim.details["costliest"], claim.details["needed"]) == (lost, 1, 4)
    assert claim.value == pytest.approx(max(UNEVEN) / lost)
    assert claim.reference is not None
    assert claim.reference.value == pytest.approx(costliest(lost, BRIGHT_UNIT + 1, 1), abs=0.004)
    assert costliest(lost, BRIGHT_UNIT + 1 + DEAD_UNITS, 2) > costliest(lost, BRIGHT_UNIT + 1, 1) + 0.02


def costliest(losses: int, units: int, kept: int) -> float:
    """Mean share of the losses that falls on the so many most hit of units, when each loss picks one of them."""
    random = np.random.default_rng(1)
    hits = [np.bincount(random.integers(units, size=losses), minlength=units) for _ in range(5000)]
    return float(np.sort(hits, axis=1)[:, -kept:].sum(axis=1).mean()) / losses


# --- units of one class ---


@slow
def test_a_unit_that_answers_to_one_class_alone_has_a_selectivity_of_one(glyphs: Analysis) -> None:
    """In both layers; the unit that answers to everything has little."""
    filters, hidden = glyphs.layer(FIRST).maps, glyphs.layer(HIDDEN).maps
    assert filters is not None
    assert hidden is not None
    assert (filters.selectivity[: len(GLYPHS)] == 1).all()
    assert filters.selectivity[BRIGHT_UNIT] < 0.3
    assert (hidden.selectivity == 1).all()
    judged(glyphs, "favourite_class", HIDDEN, Verdict.SUPPORTED)


@slow
def test_the_top_pictures_of_such_a_unit_are_of_its_class(glyphs: Analysis) -> None:
    """All twenty; the chance of that is the share of the hands of twenty that are of one class."""
    found = glyphs.layer(FIRST).top_classes
    chance = sum(comb(size, 20) for size in UNEVEN) / comb(sum(UNEVEN), 20)
    assert chance < 1e-9
    for unit in range(len(GLYPHS)):
        top = found[unit]
        assert top is not None
        assert (top.label, top.count, top.of) == (unit, 20, 20)
        assert top.chance == pytest.approx(chance)
    assert found[BRIGHT_UNIT + 1 :] == (None,) * DEAD_UNITS


@slow
def test_a_unit_that_the_network_relies_on_alone_costs_its_class(glyphs: Analysis) -> None:
    """All pictures of it and no other; but for class 0, which the network says where no unit answers."""
    importance, ablation = glyphs.layer(FIRST).importance, glyphs.layer(FIRST).layer.ablation
    assert importance is not None
    assert ablation is not None
    assert (ablation.pictures, ablation.right) == (sum(UNEVEN), sum(UNEVEN))
    np.testing.assert_array_equal(ablation.lost[: len(GLYPHS)], (0, *UNEVEN[1:]))
    np.testing.assert_array_equal(importance.matters[: len(GLYPHS)], (False, True, True, True, True))
    assert importance.p[2] == 2 * 0.5 ** UNEVEN[2]


@slow
def test_a_unit_with_a_double_costs_nothing(glyphs: Analysis) -> None:
    """No picture is lost by any one unit of the dense layer, so that nobody can say which of them matter."""
    ablation = glyphs.layer(HIDDEN).layer.ablation
    assert ablation is not None
    assert not ablation.lost.any()
    judged(glyphs, "few_matter", HIDDEN, Verdict.CANNOT_TELL)


@slow
def test_units_that_know_the_classes_separate_them(glyphs: Analysis) -> None:
    """A probe reads all classes off the dense layer, and hardly any off the pixels."""
    claim = judged(glyphs, "separable", HIDDEN, Verdict.SUPPORTED)
    space = glyphs.layer(HIDDEN).layer.space
    assert space is not None
    assert space.probe_right.all()
    assert claim.pictures == sum(UNEVEN) // 2


@slow
def test_a_network_without_mistakes_takes_no_classes_for_each_other(glyphs: Analysis) -> None:
    """There are no mistakes that could fall on lookalikes."""
    assert glyphs.results is not None
    assert glyphs.results.accuracy == 1
    assert verdicts(glyphs, "lookalikes") == {Verdict.CANNOT_TELL}


# --- a layer that copies ---


@slow
@pytest.mark.parametrize("kind", ["sees_more", "more_zeros", "loses_detail", "steadier", "choosier"])
def test_nothing_grows_in_a_layer_that_copies_the_first(copied: Analysis, kind: str) -> None:
    """Every growth is exactly nothing, and what it sees is exactly as much."""
    claim = judged(copied, kind, SECOND, Verdict.NOT_SUPPORTED)
    assert claim.reference is not None
    assert claim.value == (claim.reference.value if kind == "sees_more" else 0)


@slow
def test_a_layer_sees_the_pictures_as_its_copy_does(copied: Analysis) -> None:
    """The alignment of the two is one, and both are as near to every other layer; the twin copies nothing."""
    found = copied.snapshot.representations
    assert found is not None
    first, second = (found.layers.index(layer) for layer in (FIRST, SECOND))
    assert found.alignment[first, second] == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found.alignment[first], found.alignment[second])
    assert found.alignment_untrained[first, second] < 0.999


@slow
def test_a_unit_costs_as_much_as_its_copy(copied: Analysis) -> None:
    """And where all classes are as large, none of the needed units stands out."""
    for layer in (FIRST, SECOND):
        ablation = copied.layer(layer).layer.ablation
        assert ablation is not None
        np.testing.assert_array_equal(ablation.lost, (0, *EVEN[1:], 0))
        assert judged(copied, "few_matter", layer, Verdict.NOT_SUPPORTED).value == 1 / 4


@slow
def test_a_wide_kernel_sees_more_even_where_it_copies(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The sentence is about the places that reach a unit, whatever their weights."""
    analysis = looked_at(copy_network(3), None, tmp_path_factory.mktemp("wide"))
    claim = judged(analysis, "sees_more", SECOND, Verdict.SUPPORTED)
    assert [claim.details[side] for side in ("height", "width", "first_height", "first_width")] == [5, 5, 3, 3]


# --- a corner that decides ---


@slow
def test_marks_lie_where_the_network_looks(corner: Analysis) -> None:
    """By integrated gradients: every pixel of the class's block with what it adds to the logit, no other."""
    marked, showcase = corner.snapshot.attribution, corner.snapshot.showcase
    assert marked is not None
    assert [picture.label for picture in showcase] == [0, 1]
    for label, picture in enumerate(showcase):
        expected = np.zeros_like(picture.pixels[..., 0])
        block = slice(DEPTH), slice(label * HALF, (label + 1) * HALF)
        expected[block] = GAIN * picture.pixels[..., 0][block]
        np.testing.assert_allclose(marked.integrated.maps[label], expected, rtol=1e-4)
        assert marked.completeness[label] < 1e-3


@slow
def test_marks_where_the_network_looks_matter(corner: Analysis) -> None:
    """Blanking them costs what the logits say, and random pixels hardly ever lie in the corner."""
    (claim,) = corner.claims_of("integrated_gradients_matters")
    judged(corner, claim.kind, claim.layer, Verdict.SUPPORTED)
    assert claim.details["marked"] == pytest.approx(loss_without_the_bright_block(), abs=0.02)
    assert claim.details["random"] < 0.05


def loss_without_the_bright_block() -> float:
    """What the twenty pictures that are tested lose of their class's probability, on average."""
    given = corner_pictures(60)
    blocks = given.pixels[:20, :DEPTH, : 2 * HALF, 0].reshape(20, DEPTH, 2, HALF).sum(axis=(1, 3))
    bright, dark = blocks.max(axis=1).astype(np.float64), blocks.min(axis=1).astype(np.float64)
    np.testing.assert_array_equal(blocks.argmax(axis=1), given.labels[:20])
    return float(np.mean(1 / (1 + np.exp(GAIN * (dark - bright))) - 1 / (1 + np.exp(GAIN * dark))))


@slow
def test_marks_in_a_corner_depend_on_the_network(corner: Analysis) -> None:
    """Its twin looks everywhere."""
    assert verdicts(corner, "integrated_gradients_depends") == {Verdict.SUPPORTED}


@slow
def test_filters_with_a_positive_bias_answer_to_nothing(corner: Analysis) -> None:
    """Four of six; none in the twin, whose biases are zero."""
    claim = judged(corner, "background", FIRST, Verdict.SUPPORTED)
    assert claim.reference is not None
    assert (claim.value, claim.reference.value) == (BACKGROUND_UNITS / 6, 0)
    assert claim.details["answering"] == BACKGROUND_UNITS


@slow
def test_filters_without_a_bias_do_not_answer_to_nothing(oriented: Analysis) -> None:
    """What they add up is zero."""
    assert judged(oriented, "background", FIRST, Verdict.NOT_SUPPORTED).value == 0


# --- classes that look alike ---

LADDER = np.arange(6)
"""Classes whose mean pictures are ever brighter: neighbours look alike."""


def confused(classes: Integers) -> Claim:
    """The claim about a network that takes each class for its neighbours, in this order of the classes."""
    apart = np.abs(np.subtract.outer(classes, classes))
    confusion = np.select([apart == 0, apart == 1, apart == 2], [40, 10, 2], 0)
    return lookalikes(bare_layer(3, "Dense", (6,)), results_of(confusion), ladder_pictures(), 42)


def ladder_pictures() -> Floats:
    """The mean pictures of the classes, (6, 12, 12, 1)."""
    steps: Doubles = LADDER / 10 + LADDER**2 / 100
    return np.broadcast_to(steps[:, None, None, None], (6, 12, 12, 1)).astype(np.float32)


def results_of(confusion: Integers) -> Results:
    """Results of which nothing but the confusion is asked."""
    pictures, right = int(confusion.sum()), int(np.trace(confusion))
    return Results("survey", confusion, pictures, right, (), pictures, pictures - right, 0, None, 0)


def test_mistakes_between_classes_that_look_alike_are_found() -> None:
    """Neighbours are taken for each other, and no others."""
    claim = confused(LADDER)
    assert claim.verdict is Verdict.SUPPORTED
    assert claim.value is not None
    assert claim.value > 0.8
    assert claim.details["pairs"] == 15


def test_mistakes_between_classes_that_look_unlike_speak_against() -> None:
    """The darkest are taken for the brightest, and none for its neighbour."""
    claim = confused(np.array([0, 3, 5, 1, 4, 2]))
    assert claim.verdict is Verdict.NOT_SUPPORTED
    assert claim.value is not None
    assert claim.value < 0


def test_mistakes_that_are_equally_frequent_tell_nothing() -> None:
    """They have no order that could follow that of the pictures."""
    confusion = np.where(np.eye(6, dtype=np.bool_), 40, 2)
    claim = lookalikes(bare_layer(3, "Dense", (6,)), results_of(confusion), ladder_pictures(), 42)
    assert claim.verdict is Verdict.CANNOT_TELL
