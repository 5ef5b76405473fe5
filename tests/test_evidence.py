"""What a unit's entry shows of it beside its filter and its map, over studies made by hand."""

import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import product

import numpy as np
import pytest
from PIL import Image as Pictures

from reportgen.analysis.charts import PhotoGrid
from reportgen.analysis.formation import FormationStudy
from reportgen.analysis.importance import importance_study
from reportgen.analysis.study import Analysis, LayerStudy, analyse
from reportgen.analysis.top_classes import TopClass
from reportgen.analysis.tuning import DIRECTIONS, SIDES, Caption, TuningStudy
from reportgen.build import subject_of
from reportgen.figures import LIGHT, draw
from reportgen.pages.context import Context
from reportgen.pages.evidence import (
    CURVE,
    Curve,
    Evidence,
    contact,
    evidence,
    made_in_words,
    patches_in_words,
    removal_in_words,
    tuning_in_words,
)
from reportgen.pages.gallery import Gallery, stacked_tiles
from reportgen.pages.words import LANGUAGES, Words
from reportgen.snapshot import Ablation, Extremes, Layer, Patches
from tests.factories import small_snapshot
from tests.sites import CONFIG

SEED = 42
FIRST, SECOND, FLATTEN, DENSE = 1, 3, 5, 6


@cache
def small_analysis() -> Analysis:
    """What is measured of the small network."""
    return analyse(small_snapshot())


def view(language: str = "en") -> Context:
    """One language's view of the small network."""
    return Context(small_analysis(), Words(language), Gallery(small_analysis()), subject_of(CONFIG))


def entry(study: LayerStudy, number: int = 0, language: str = "en") -> Evidence:
    """What is known of a unit, without the tile of its made picture."""
    return evidence(study, view(language), number, ())


def study_of(layer: int, **changed: object) -> LayerStudy:
    """The study of one of the small network's layers, with some of its parts replaced."""
    return replace(small_analysis().layer(layer), **changed)  # type: ignore[arg-type]  # fields of every type


def with_layer(layer: int, **changed: object) -> LayerStudy:
    """The study of a layer of which something else was seen."""
    study = small_analysis().layer(layer)
    return replace(study, layer=replace(study.layer, **changed))  # type: ignore[arg-type]  # fields of every type


def fact(found: Evidence, name: str) -> str | None:
    """The value of a fact; None where it is not told."""
    values = [each.value for each in (*found.facts, *found.needed) if each.name == name]
    assert len(values) < 2
    return values[0] if values else None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layer", [1, 2, 3, 4, 5, 6, 7])
def test_every_unit_has_its_entry(layer: int, language: str) -> None:
    """With all its words filled in; also in a layer that only hands on numbers."""
    study = small_analysis().layer(layer)
    assert study.layer.trained is not None
    for number in range(min(study.layer.trained.maps.shape[-1], 7)):
        found = entry(study, number, language)
        said = [found.caption, found.mix, found.made_text, *(each.value for each in (*found.facts, *found.needed))]
        assert not [text for text in said if "{" in text or "nan" in text]


def test_of_a_layer_that_was_only_looked_at_nothing_more_is_known() -> None:
    """All is empty, and the order by cost is that of the units."""
    plain = study_of(FLATTEN, top_classes=(), tuning=None, importance=None, formation=None, mixture=None)
    nothing = Evidence("", None, None, "", None, "", (), (), "0.00000")
    assert entry(replace(plain, layer=with_layer(FLATTEN, extremes=None, visualization=None).layer)) == nothing


# --- made pictures ---


def made(activation: list[float], best: list[float]) -> LayerStudy:
    """A first layer whose made pictures excite the units so much, and whose real ones do so much at most."""
    layer: Layer = small_analysis().layer(FIRST).layer
    assert layer.visualization is not None
    assert layer.trained is not None
    responses = replace(layer.trained.responses, maximum=np.array(best))
    return with_layer(
        FIRST,
        visualization=replace(layer.visualization, activation=np.array(activation)),
        trained=replace(layer.trained, responses=responses),
    )


def test_a_made_picture_that_loses_says_so() -> None:
    """To a better real one; and one that is just as good says that."""
    study = made([5.0, 2.0, 3.0, 0.0], [4.0, 4.0, 3.0, 0.0])
    said = [entry(study, number).made_text for number in range(4)]
    assert said == [
        "Made for it: answer 5.0. Best real picture: 4.0.",
        "Made for it: answer 2.0. It loses to the best real picture: 4.0.",
        "Made for it: answer 3.0, just as to the best real picture.",
        "Made for it: answer 0, just as to the best real picture.",
    ]


def test_the_layer_tells_how_many_made_pictures_win() -> None:
    """One of four; it is the same one that its entry calls a winner."""
    said = made_in_words(made([5.0, 2.0, 3.0, 0.0], [4.0, 4.0, 3.0, 0.0]), view())
    assert "For 1 of 4 units it beats" in said
    assert "from 2 random starts, in 48 steps" in said


def test_where_no_picture_was_made_none_is_told_of() -> None:
    """Of the layer, and of the units beyond those that got one."""
    study = with_layer(FIRST, visualization=None)
    assert (made_in_words(study, view()), entry(study).made_text) == ("", "")
    fewer = made([5.0, 2.0], [4.0, 4.0, 4.0, 4.0])
    assert entry(fewer, 1).made_text
    assert entry(fewer, 2).made_text == ""
    assert "For 1 of 2 units" in made_in_words(fewer, view())


def test_each_unit_shows_the_picture_made_for_it() -> None:
    """The tile of its number; none beyond the last."""
    context, study = view(), small_analysis().layer(FIRST)
    image = context.gallery.made(study)
    assert image is not None
    tiles = stacked_tiles(image, 4)[:3]
    assert [evidence(study, context, number, tiles).made for number in range(4)] == [*tiles, None]


# --- captions ---


def captioned(caption: Caption | None, layer: int = FIRST) -> LayerStudy:
    """A layer whose first unit has this caption, and whose others have none."""
    tuning = small_analysis().layer(layer).tuning
    assert tuning is not None
    captions = (caption, *[None] * (len(tuning.after.captions) - 1))
    return study_of(layer, tuning=replace(tuning, after=replace(tuning.after, captions=captions)))


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        (Caption("edge", "level", "above", 0), "Answers to level edges. Bright above."),
        (Caption("edge", "upright", None, 0), "Answers to upright edges."),
        (
            Caption("edge", "up_left", "above_right", 0),
            "Answers to edges running up to the left. Bright above on the right.",
        ),
        (Caption("bar", "up_right", None, 1), "Answers to lines running up to the right."),
        (Caption("bar", "upright", None, -1), "Answers to upright dark lines."),
    ],
)
def test_what_a_unit_answers_to_in_words(caption: Caption, text: str) -> None:
    """The thing, its direction, and the bright side of an edge."""
    assert entry(captioned(caption)).caption == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_caption_has_words_of_its_own(language: str) -> None:
    """All edges with all their sides, and bright and dark bars: no two say the same."""
    edges = [Caption("edge", *each, 0) for each in product(DIRECTIONS, (*SIDES, None))]
    bars = [Caption("bar", direction, None, contrast) for direction, contrast in product(DIRECTIONS, (1, -1))]
    said = [entry(captioned(each), language=language).caption for each in (*edges, *bars)]
    assert len(set(said)) == len(said) == 44
    assert all(said)


def test_units_without_a_caption_are_not_called_after_anything() -> None:
    """The others of a layer with one, and all of a layer that was shown nothing."""
    study = captioned(Caption("edge", "level", None, 0))
    assert [bool(entry(study, number).caption) for number in range(4)] == [True, False, False, False]
    assert entry(study_of(FIRST, tuning=None)).caption == ""


def test_only_units_that_are_tuned_are_called_after_a_direction() -> None:
    """In every layer of the small network, with some that are and some that are not."""
    found = []
    for study in small_analysis().layers:
        if study.tuning is not None:
            tuned = study.tuning.after.tuned
            found += [(bool(entry(study, number).caption), bool(tuned[number])) for number in range(len(tuned))]
    assert {tuned for _, tuned in found} == {True, False}
    assert all(tuned for caption, tuned in found if caption)


# --- tuning curves ---


def curved(after: list[float], before: list[float], draws: int = 199) -> LayerStudy:
    """A first layer whose units all answer so to edges, repeated to all 24 angles, after training and before."""
    tuning = small_analysis().layer(FIRST).tuning
    assert tuning is not None
    after_all, before_all = (
        replace(side, edges=np.tile(np.resize(answers, 24), (4, 1)).astype(np.float32))
        for side, answers in ((tuning.after, after), (tuning.before, before))
    )
    return study_of(FIRST, tuning=TuningStudy(after_all, before_all, draws))


def points(line: str) -> list[tuple[float, float]]:
    """The points of a line."""
    pairs = [each.split(",") for each in line.split()]
    return [(float(x), float(y)) for x, y in pairs]


def curve(study: LayerStudy) -> Curve:
    """The first unit's tuning curve."""
    found = entry(study).curve
    assert found is not None
    return found


def test_a_tuning_curve_goes_once_around_and_ends_where_it_began() -> None:
    """25 points over the whole width; the strongest answer of both states at the top, none at the bottom."""
    found = curve(curved([2.0, 0.0], [1.0, 4.0]))
    width, height = CURVE
    after, before = points(found.points), points(found.before)
    assert [x for x, _ in after] == [x for x, _ in before] == [width / 24 * place for place in range(25)]
    assert [y for _, y in after] == [height / 2, height] * 12 + [height / 2]
    assert [y for _, y in before] == [height * 3 / 4, 0] * 12 + [height * 3 / 4]
    assert found.label == "Answers to drawn edges of 24 directions, once around."


def test_answers_below_zero_lie_at_the_bottom_of_a_curve() -> None:
    """Nothing is drawn outside, and no answer is drawn higher than its size allows."""
    found = curve(curved([4.0, -2.0, 1.0], [0.0]))
    assert [y for _, y in points(found.points)][:3] == [0, CURVE[1], CURVE[1] * 3 / 4]


def test_a_unit_that_answers_to_no_edge_has_no_curve() -> None:
    """Neither after training nor before; nor one that was shown none."""
    assert entry(curved([0.0], [0.0])).curve is None
    assert entry(study_of(FIRST, tuning=None)).curve is None
    assert entry(curved([0.0], [1.0])).curve is not None


def test_how_many_units_mind_the_direction() -> None:
    """As many as are tuned; without shuffled filters that is not known."""
    study = curved([1.0], [1.0])
    assert study.tuning is not None
    after = replace(study.tuning.after, tuned=np.array([True, True, False, True]))
    before = replace(study.tuning.before, tuned=np.array([False, False, True, False]))
    said = tuning_in_words(replace(study, tuning=TuningStudy(after, before, 199)), view())
    assert "edges of 24 directions" in said
    assert "3 of 4 units mind the direction" in said
    assert "(1 before training)" in said
    plain = tuning_in_words(replace(study, tuning=TuningStudy(after, before, 0)), view())
    assert said.startswith(plain)
    assert "units mind" not in plain
    assert tuning_in_words(study_of(FIRST, tuning=None), view()) == ""


def test_the_orientation_index_is_told_beside_luck() -> None:
    """Not where it is no number, and not where nothing was shuffled."""
    study = curved([1.0], [1.0])
    assert study.tuning is not None
    after = replace(study.tuning.after, index=np.array([0.456, np.nan, 1, 1]), p=np.array([0.005, np.nan, 1, 1]))
    tuned = replace(study, tuning=replace(study.tuning, after=after))
    assert fact(entry(tuned, 0), "minds the direction") == "0.46 (by luck in 0.5% of cases)"
    assert fact(entry(tuned, 1), "minds the direction") is None
    assert fact(entry(replace(study, tuning=TuningStudy(after, after, 0))), "minds the direction") is None


# --- contact sheets ---


def looked(responses: tuple[list[float], list[float], list[float]], patches: int = 3) -> LayerStudy:
    """A first layer whose units answered so at their top, bottom and random places, with so many patches."""
    top, bottom, random = (
        Patches(*(np.zeros((2, len(answers)), np.int64),) * 3, np.tile(np.array(answers, np.float32), (2, 1)))
        for answers in responses
    )
    looks = np.random.default_rng(0).integers(0, 256, (2, 3, patches, 4, 5, 2)).astype(np.uint8)
    looks[..., -1] = np.where(looks[..., -1] > 99, 255, 0)
    return with_layer(FIRST, extremes=Extremes(60, top, bottom, random, looks))


def test_the_rows_of_a_contact_sheet_tell_their_answers() -> None:
    """From the largest to the smallest of those that are shown, and one number where all are alike."""
    study = looked(([9.25, 7, 5, 1], [-1, 0, 0.5, 8], [2, 2, 2, 9]))
    found = contact(study, view(), 0)
    assert found is not None
    assert [(each.name, each.value) for each in found.rows] == [
        ("strongest", "9.2 … 5.0"),
        ("weakest", "0.50 … −1.0"),
        ("at random", "2.0"),
    ]
    assert found.image.alt == "What unit 0 saw in 3 pictures a row: strongest, weakest, at random"


def test_a_contact_sheet_shows_the_patches_in_their_rows() -> None:
    """Strongest, weakest and random ones, byte for byte; what lies outside the picture is clear."""
    study, context = looked(([3, 2, 1], [0, 0, 0], [1, 1, 1])), view()
    assert study.layer.extremes is not None
    found = contact(study, context, 1)
    assert found is not None
    chart = context.gallery.shown[found.image.path]
    assert isinstance(chart, PhotoGrid)
    with Pictures.open(BytesIO(draw(chart, LIGHT))) as picture:
        assert picture.size == (found.image.width, found.image.height) == (3 * 6 - 1, 3 * 5 - 1)
        drawn = np.asarray(picture.convert("LA"))
    for row, column in product(range(3), range(3)):
        look = study.layer.extremes.looks[1, row, column]
        cell = drawn[5 * row : 5 * row + 4, 6 * column : 6 * column + 5]
        inside = look[..., -1] > 0
        assert np.array_equal(cell[..., 1], np.where(inside, 255, 0))
        assert np.array_equal(cell[inside][:, 0], look[inside][:, 0])


def test_a_unit_whose_patches_were_not_kept_has_no_contact_sheet() -> None:
    """Beyond the last, and in a layer that was not searched."""
    assert contact(looked(([1], [1], [1]), patches=1), view(), 2) is None
    assert contact(with_layer(FIRST, extremes=None), view(), 0) is None
    assert patches_in_words(with_layer(FIRST, extremes=None), view()) == ""


def test_patches_tell_how_many_pictures_were_searched() -> None:
    """All that were."""
    assert "60 pictures were searched" in patches_in_words(looked(([1], [1], [1]), patches=1), view())


# --- classes of the strongest pictures ---


def test_the_most_frequent_class_is_told_beside_chance() -> None:
    """With its name and the chance at most."""
    study = study_of(FIRST, top_classes=(TopClass(1, 7, 9, 0.0123), None))
    assert entry(study, 0).mix == (
        "Of its 9 strongest pictures, 7 are of one kind: standing. By luck that happens in at most 1.2% of cases."
    )
    assert [entry(study, number).mix for number in (1, 2)] == ["", ""]
    lucky = study_of(FIRST, top_classes=(TopClass(1, 3, 9, 0.21),))
    assert (
        entry(lucky, 0).mix
        == "Of its 9 strongest pictures, 3 are of one kind: standing. Luck alone could do that."
    )


# --- what a unit is needed for ---


def removed(lost: list[int], won: list[int]) -> LayerStudy:
    """A dense layer whose units cost and win so many of 200 pictures."""
    ablation = Ablation(200, 150, np.array(lost), np.array(won))
    return study_of(DENSE, importance=importance_study(ablation, np.ones(len(lost), np.bool_), SEED))


def test_units_are_put_in_the_order_of_what_they_cost() -> None:
    """By the keys alone, the costliest first; a unit that does harm comes last."""
    lost, won = [3, 40, 0, 9, 5], [0, 4, 0, 30, 4]
    study = removed(lost, won)
    keys = [entry(study, number).cost for number in range(5)]
    by_key = sorted(range(5), key=lambda number: -float(keys[number]))
    by_cost = sorted(range(5), key=lambda number: -(lost[number] - won[number]))
    assert by_key == by_cost == [1, 0, 4, 2, 3]
    assert all(re.fullmatch(r"-?[0-9]+\.[0-9]+", key) for key in keys)
    assert keys[2] == "0.00000"


def test_one_picture_among_many_still_tells_units_apart() -> None:
    """Of ten thousand."""
    ablation = Ablation(10_000, 9000, np.array([0, 1, 2]), np.zeros(3, np.int64))
    study = study_of(DENSE, importance=importance_study(ablation, np.ones(3, np.bool_), SEED))
    keys = [float(entry(study, number).cost) for number in range(3)]
    assert keys == sorted(set(keys))


def test_the_cost_is_told_as_a_change_of_right_answers() -> None:
    """In points, with the interval; none for units that were not tried."""
    study = removed([40, 0, 0], [0, 0, 30])
    assert study.importance is not None
    texts = [fact(entry(study, number), "right answers without it") for number in range(4)]
    low, high = (f"{100 * abs(each[0]):.1f}" for each in (study.importance.low, study.importance.high))
    assert texts[0] == f"−20.0 points (−{low} to −{high})"
    assert texts[1] == "0.0 points (0.0 to 0.0)"
    assert (texts[2] or "").startswith("+15.0 points (+")
    assert texts[3] is None


def test_the_layer_tells_how_many_units_matter_and_which_costs_most() -> None:
    """Two of five, for better or worse; unit 1 costs forty of two hundred."""
    said = removal_in_words(removed([1, 40, 0, 0, 1], [0, 0, 0, 30, 1]), view())
    assert "while 200 pictures went" in said
    assert "For 2 of 5 units" in said
    assert said.endswith("The most costly is unit 1: −20.0 points.")
    assert removal_in_words(study_of(DENSE, importance=None), view()) == ""


# --- when it took shape, and what it listens to ---


def formed(epochs: list[float], cosine_in_the_end: float = 1.0) -> LayerStudy:
    """A first layer whose filters took shape after so many epochs."""
    formation = small_analysis().layer(FIRST).formation
    assert isinstance(formation, FormationStudy)
    cosine = np.full((3, len(epochs)), cosine_in_the_end)
    return study_of(FIRST, formation=replace(formation, epochs=np.array(epochs), cosine=cosine))


def test_when_a_filter_took_shape() -> None:
    """A whole epoch, a part of one, the first moment, or never before the end."""
    study = formed([3.0, 0.25, 0.0, np.nan])
    assert [fact(entry(study, number), "took shape") for number in range(4)] == [
        *("after epoch 3", "after epoch 0.25", "looked like this before training", "only at the end")
    ]


def test_a_filter_that_is_zero_in_the_end_has_no_shape() -> None:
    """Nor has one without a record."""
    assert fact(entry(formed([3.0] * 4, np.nan)), "took shape") is None
    assert fact(entry(study_of(FIRST, formation=None)), "took shape") is None


def test_a_filter_tells_its_three_strongest_inputs() -> None:
    """With their shares, the strongest first; a layer that reads one channel has none."""
    study = small_analysis().layer(SECOND)
    assert study.mixture is not None
    strongest, share = study.mixture.strongest.copy(), study.mixture.share.copy()
    strongest[0, :4], share[0, :4] = (2, 0, 3, 1), (0.5, 0.25, 0.2, 0.05)
    mixed = replace(study, mixture=replace(study.mixture, strongest=strongest, share=share))
    assert fact(entry(mixed), "listens most to unit") == "2 (50%), 0 (25%), 3 (20%)"
    assert fact(entry(small_analysis().layer(FIRST)), "listens most to unit") is None
