"""What the pages say of marked pixels and of the filters' way, and that it turns when the numbers do."""

import re
from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.study import analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.marks import DecisionPart, decision_part
from reportgen.pages.pictures import picture_pages
from reportgen.pages.results import results_part
from reportgen.pages.training import Film, training_page
from reportgen.pages.words import Words
from reportgen.snapshot import Attribution, MarkedPixels, Snapshot
from tests.factories import small_snapshot
from tests.sites import CONFIG, with_mistake

ROW = np.arange(20.0) / 1000
"""Differences from picture to picture, so that intervals are not points."""


def context_of(snapshot: Snapshot) -> Context:
    """The English view of a snapshot."""
    analysis = analyse(snapshot)
    return Context(analysis, Words("en"), Gallery(analysis), subject_of(CONFIG))


def marked(method: str, **changed: object) -> MarkedPixels:
    """Marks of three pictures, a tenth as strong in the randomised network, with tests that fail."""
    maps = np.zeros((3, 12, 12), np.float32)
    maps[:, 2, 3] = 2
    fields: dict[str, object] = {
        "maps": maps,
        "maps_randomised": maps / 10,
        "checked": 20,
        "likeness": 0.9 + ROW,
        "drop_marked": ROW,
        "drop_random": 0.25 + ROW / 2,
        "blanked": 0.1,
    }
    return MarkedPixels(method=method, **(fields | changed))  # type: ignore[arg-type]  # of every kind


def decision(grad_cam: MarkedPixels | None, **changed: object) -> DecisionPart:
    """The part about the first picture."""
    found = Attribution(grad_cam, 3, marked("integrated_gradients", **changed), np.array([0.0123, 0, 0]))
    return decision_part(0, context_of(replace(small_snapshot(), attribution=found)))


def checks(**changed: object) -> list[tuple[str, str, str]]:
    """How the first method stands its checks, with the end of each text."""
    (method,) = decision(None, **changed).methods
    return [(each.verdict, each.verdict_word, each.text.split()[0]) for each in method.checks]


def test_failed_checks_are_shown_as_failed() -> None:
    """Marks as alike as can be to those of random weights, and that cost less than others, fail twice."""
    assert checks() == [("no", "Failed its check", "No:"), ("no", "Failed its check", "No:")]


def test_passed_checks_are_shown_as_passed() -> None:
    """Other marks than in the randomised network, whose dots cost more than others, pass twice."""
    found = checks(likeness=ROW, drop_marked=0.5 + ROW)
    assert found == [("yes", "Passed its check", "Yes:"), ("yes", "Passed its check", "Yes:")]


def test_uncertain_checks_say_so() -> None:
    """Numbers spread around the bounds of both rules allow no verdict."""
    likeness = np.tile([0.1, 0.9], 10)
    found = checks(likeness=likeness, drop_marked=np.tile([-1.0, 1.1], 10), drop_random=np.zeros(20))
    assert [verdict for verdict, _, _ in found] == ["unknown", "unknown"]


def test_the_numbers_of_a_check_stand_beside_it() -> None:
    """The likeness, the losses in points and the pictures are those of the tests, worked out by hand."""
    (method,) = decision(None).methods
    depends, matters = (each.text for each in method.checks)
    assert "0.91" in depends
    assert "20 pictures" in depends
    assert "10%" in matters
    assert "1.0 points" in matters
    assert "25.5" in matters


@pytest.mark.parametrize(
    ("marked_drop", "random_drop", "said"),
    [
        (0.127, 0.212, "costs the answer 12.7 points of its probability; blanking the same number of random dots"),
        (0.127, 0.212, "that are not empty costs more: 21.2."),
        (0.656, 0.212, "that are not empty costs less: 21.2."),
        (0.25, 0.25, "costs just as much."),
        (0.2501, 0.2502, "costs just as much."),
    ],
)
def test_a_check_says_which_dots_cost_more(marked_drop: float, random_drop: float, said: str) -> None:
    """Not only that those that are marked cost no less; what reads alike is not told as more."""
    (method,) = decision(None, drop_marked=np.full(20, marked_drop), drop_random=np.full(20, random_drop)).methods
    assert said in method.checks[1].text


def test_a_check_says_which_pictures_it_could_be_made_on() -> None:
    """Those without a likeness are no part of it, and why not is told."""
    likeness = np.where(np.arange(20) < 3, np.nan, 0.9)
    (method,) = decision(None, likeness=likeness).methods
    assert "on the 17 pictures in which both networks mark some dots more than others" in method.checks[0].text


def test_checks_lead_to_their_cards() -> None:
    """Each check names the card of its own claim."""
    methods = decision(marked("grad_cam")).methods
    assert [each.card for method in methods for each in method.checks] == [
        "depth.html#grad-cam-depends-03",
        "depth.html#grad-cam-matters-03",
        "depth.html#integrated-gradients-depends-07",
        "depth.html#integrated-gradients-matters-07",
    ]


def test_weak_marks_are_shown_once_more() -> None:
    """Marks a tenth as strong stand on the common scale and on their own; the sentence says how much weaker."""
    (method,) = decision(None).methods
    assert [each.caption for each in method.specimens][1:] == [
        "This network",
        "Random weights",
        "Random weights, turned up",
    ]
    assert [each.high for each in method.scales] == ["2.0", "0.20"]
    assert "10 times as strong" in method.comparison


def test_the_weaker_of_both_is_turned_up() -> None:
    """Where random weights mark more strongly, the network's own marks are those that are hard to see."""
    strong = np.full((3, 12, 12), 20, np.float32)
    (method,) = decision(None, maps_randomised=strong).methods
    assert method.specimens[-1].caption == "This network, turned up"
    assert method.comparison.startswith("The strongest mark of random weights")


def test_marks_that_could_not_be_seen_are_not_shown_flat() -> None:
    """A hundredth as strong: only on a scale of their own; the sentence and the legend say so."""
    faint = np.zeros((3, 12, 12), np.float32)
    faint[:, 2, 3] = 0.02
    (method,) = decision(None, maps_randomised=faint).methods
    assert [each.caption for each in method.specimens][1:] == ["This network", "Random weights, turned up"]
    assert "nothing of the weaker marks could be seen" in method.comparison
    assert method.scales[0].note.endswith("the scale of this network")


def test_a_network_that_marks_nothing_has_no_black_panel() -> None:
    """Of both nothing, there is only the picture, and no scale."""
    nothing = np.zeros((3, 12, 12), np.float32)
    (method,) = decision(None, maps=nothing).methods
    assert [each.caption for each in method.specimens][1:] == ["Random weights"]
    (method,) = decision(None, maps=nothing, maps_randomised=nothing).methods
    assert (len(method.specimens), method.scales) == (1, ())
    assert method.comparison.startswith("Neither")


def test_a_method_that_fails_says_so_beside_its_marks() -> None:
    """As many checks as it fails, and nothing where it fails none."""
    (method,) = decision(None).methods
    assert method.warning == "This method fails 2 of its 2 checks below: read its marks with distrust."
    (method,) = decision(None, likeness=ROW, drop_marked=0.5 + ROW).methods
    assert method.warning == ""


def test_marks_of_equal_strength_are_shown_once() -> None:
    """Two maps on one scale need no third."""
    (method,) = decision(None, maps_randomised=np.full((3, 12, 12), 1.5, np.float32)).methods
    assert (len(method.specimens), len(method.scales)) == (3, 1)


def test_marks_against_are_blue() -> None:
    """As soon as one mark speaks against the answer, in either network, both stand around zero."""
    against = np.full((3, 12, 12), -1.5, np.float32)
    (method,) = decision(None, maps_randomised=against).methods
    assert (method.scales[0].low, method.scales[0].high) == ("−2.0", "+2.0")
    assert "diverging" in method.scales[0].image.path


@pytest.mark.parametrize("empty", ["maps", "maps_randomised"])
def test_nothing_marked_is_a_sentence(empty: str) -> None:
    """A map of zeros divides nothing, and is named."""
    (method,) = decision(None, **{empty: np.zeros((3, 12, 12), np.float32)}).methods
    assert "nothing at all" in method.comparison


def test_the_marks_of_a_picture_add_up() -> None:
    """What is missing to the whole is that of the picture, as a percentage."""
    (method,) = decision(None).methods
    assert "1.23%" in method.text


def test_no_convolution_is_a_sentence() -> None:
    """Without Grad-CAM the page says why."""
    assert "needs a convolution" in decision(None).missing
    assert decision(marked("grad_cam")).missing == ""


def test_no_marks_are_a_sentence() -> None:
    """Without marks the part is one sentence."""
    part = decision_part(0, context_of(replace(small_snapshot(), attribution=None)))
    assert part.methods == ()
    assert "cannot be worked out" in part.text


def test_filters_are_counted_as_they_take_shape() -> None:
    """The rows count up to all filters, as many as the study says by each moment."""
    context = context_of(small_snapshot())
    study = context.analysis.convolutions[0].formation
    part = training_page(context).films[0].formation
    assert study is not None
    assert part is not None
    ended = np.where(np.isnan(study.epochs), study.moments[-1], study.epochs)
    expected = [sum(each <= moment for each in ended) for moment in study.moments]
    assert [int(row.count) for row in part.rows] == expected[: len(part.rows)]
    assert part.rows[-1].width == "100.00%"


def test_filters_that_took_shape_last_are_named() -> None:
    """They are those whose epoch is the latest, or that had none before the end, and lead to their entries."""
    context = context_of(small_snapshot())
    for film, layer in zip(training_page(context).films, context.analysis.convolutions, strict=True):
        study = layer.formation
        assert study is not None
        assert film.formation is not None
        ended = np.where(np.isnan(study.epochs), np.inf, study.epochs)
        last = np.flatnonzero(ended == ended.max())
        assert [each.path.partition("#")[2] for each in film.formation.last] == [f"unit-{each}" for each in last]


def test_without_a_record_nothing_is_said_of_the_way() -> None:
    """No record: no films, no claims about the way, but what was learned in all."""
    page = training_page(context_of(small_snapshot(recorded=False)))
    assert (page.films, page.formed, page.siblings, page.plots) == ((), (), "", ())
    assert page.moved


def film_of(snapshot: Snapshot) -> Film:
    """That of the first convolution."""
    return training_page(context_of(snapshot)).films[0]


def test_the_film_begins_at_the_weights_that_were_kept() -> None:
    """The second round was kept, the third thrown away; the filters are cut out of that frame."""
    film = film_of(small_snapshot())
    assert film.frames[film.start].moment == "after epoch 2 (kept)"
    assert {each.image.path for each in film.tiles} == {film.frames[film.start].image.path}
    assert film.text.endswith("thrown away.")


def test_the_film_says_only_what_was_recorded() -> None:
    """Kept in the end, nothing was thrown away; without a checkpoint of that round, none is called kept."""
    snapshot = small_snapshot()
    assert snapshot.record is not None
    moments = snapshot.record.checkpoints
    last = replace(snapshot.record, checkpoints=tuple(each for each in moments if each.epoch <= 2))
    assert film_of(replace(snapshot, record=last)).text.endswith("that were kept.")
    without = replace(snapshot.record, checkpoints=tuple(each for each in moments if each.epoch != 2))
    film = film_of(replace(snapshot, record=without))
    assert film.text == "The slider runs through the recorded moments."
    assert without.checkpoints[film.start].epoch == 1


def test_filters_that_were_there_before_training_are_told() -> None:
    """A record whose first moment has the final weights: all of them."""
    snapshot = small_snapshot()
    assert snapshot.record is not None
    kept = next(each for each in snapshot.record.checkpoints if each.epoch == 2)
    early = tuple(replace(kept, epoch=each.epoch) for each in snapshot.record.checkpoints)
    part = film_of(replace(snapshot, record=replace(snapshot.record, checkpoints=early))).formation
    assert part is not None
    assert "Already before training 4 filters looked like their final selves." in part.text
    assert part.last_text == "All of them looked like this before training:"
    assert part.rows[0].moment == "already before training"


def test_siblings_are_named_by_what_they_can() -> None:
    """The accuracies of the other trainings stand in the sentence, and that of this one."""
    snapshot = small_snapshot()
    assert snapshot.record is not None
    assert snapshot.record.siblings
    text = training_page(context_of(snapshot)).siblings
    assert all(f"{100 * each.test_accuracy:.1f}%" in text for each in snapshot.record.siblings)
    alone = replace(snapshot, record=replace(snapshot.record, siblings=()))
    assert training_page(context_of(alone)).siblings == ""


# --- what a picture's page says ---


def test_a_pooling_layer_does_not_repeat_what_was_said() -> None:
    """Its largest answers are those of the convolution before it."""
    stations = picture_pages(context_of(small_snapshot()))[0].stations
    texts = {each.link.title: each.text for each in stations}
    assert texts["First convolution"].startswith("Most taken with it")
    assert [title for title, text in texts.items() if not text] == ["First pooling", "Second pooling"]


def test_outputs_are_called_like_their_classes() -> None:
    """No number of a unit, and none that hardly answers."""
    page = picture_pages(context_of(small_snapshot()))[0]
    text = page.stations[-1].text
    assert "unit" not in text.partition(":")[2]
    assert any(name in text for name in CONFIG.classes)
    assert "<" not in text


def test_units_that_hardly_answer_are_not_named() -> None:
    """A picture that moves no unit to a hundredth of its strongest answer."""
    snapshot = small_snapshot()
    last = snapshot.layers[-1]
    assert last.trained is not None
    still = replace(last, trained=replace(last.trained, maps=np.zeros_like(last.trained.maps)))
    page = picture_pages(context_of(replace(snapshot, layers=(*snapshot.layers[:-1], still))))[0]
    assert page.stations[-1].text == "No unit here comes to 1% of its strongest answer to any picture."


@pytest.mark.parametrize(("sure", "said"), [(0.99997, "more than 99.99% sure"), (0.98, "was 98.00% sure")])
def test_certainty_is_said_in_words(sure: float, said: str) -> None:
    """A probability that would round to one is not written with a sign."""
    snapshot = with_mistake(small_snapshot())
    showcase = tuple(
        replace(each, probabilities=np.array([sure, 1 - sure, 0], np.float32)) for each in snapshot.showcase
    )
    part = results_part(context_of(replace(snapshot, showcase=showcase)))
    assert part is not None
    assert said in part.mistakes[0].text


def test_a_mistake_says_which_picture_it_is() -> None:
    """Counted from one, of all that were surveyed."""
    page = picture_pages(context_of(with_mistake(small_snapshot())))[-1]
    assert re.search(r"picture [\d,]+ of the 60", page.source)
