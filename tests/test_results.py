"""Right answers and mistakes, counted by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis.results import results, survey_confusion
from reportgen.snapshot import Snapshot, Survey
from tests.factories import small_snapshot

ANSWERS = [
    (0.8, 0.1, 0.1),
    (0.2, 0.7, 0.1),
    (0.05, 0.95, 0.0),
    (0.0, 0.08, 0.92),
    (0.1, 0.3, 0.6),
    (0.91, 0.09, 0),
]
"""Answers 0, 1, 1, 2, 2, 0."""
LABELS = [0, 0, 0, 1, 2, 2]


SMALL = small_snapshot(recorded=False)
RECORDED = small_snapshot()


def surveyed(answers: Sequence[tuple[float, ...]], labels: list[int], *, recorded: bool = False) -> Snapshot:
    """The small snapshot with these answers to its surveyed pictures."""
    probabilities = np.array(answers, np.float32).reshape(len(answers), len(answers[0]) if answers else 0)
    survey = Survey(len(answers), "", np.array(labels, np.int64), probabilities)
    return replace(RECORDED if recorded else SMALL, survey=survey)


def test_the_confusion_matrix_has_a_row_for_each_label() -> None:
    """Three pictures of class 0: one right, two taken for class 1; and so on."""
    confusion = survey_confusion(surveyed(ANSWERS, LABELS))
    assert confusion is not None
    assert confusion.tolist() == [[1, 2, 0], [0, 0, 1], [1, 0, 1]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_the_confusion_matrix_counts_every_picture_once(pairs: list[tuple[int, int]]) -> None:
    """As a plain loop does."""
    answers = [tuple(float(number == answer) for number in range(4)) for _, answer in pairs]
    confusion = survey_confusion(surveyed(answers, [label for label, _ in pairs]))
    assert confusion is not None
    for label in range(4):
        for answer in range(4):
            assert confusion[label, answer] == pairs.count((label, answer))


def test_results_over_the_surveyed_pictures() -> None:
    """Two right of six; four mistakes, three of them with more than 0.9."""
    found = results(surveyed(ANSWERS, LABELS))
    assert found is not None
    assert (found.origin, found.pictures, found.right, found.accuracy) == ("survey", 6, 2, 2 / 6)
    assert (found.survey_pictures, found.survey_mistakes, found.sure_mistakes) == (6, 4, 3)


def test_classes_come_best_first_with_what_they_are_taken_for() -> None:
    """Class 2 gets half right, class 0 a third, class 1 nothing."""
    found = results(surveyed(ANSWERS, LABELS))
    assert found is not None
    rows = [(each.index, each.pictures, each.right, each.mistaken_for, each.mistaken) for each in found.classes]
    assert rows == [(2, 2, 1, 0, 1), (0, 3, 1, 1, 2), (1, 1, 0, 2, 1)]


def test_the_likeliest_pair_counts_both_directions() -> None:
    """Classes 0 and 1 twice in one direction, 0 and 2 once in each and once more."""
    answers = [(0.0, 1.0, 0.0)] * 2 + [(0.0, 0.0, 1.0)] * 2 + [(1.0, 0.0, 0.0)]
    found = results(surveyed(answers, [0, 0, 0, 0, 2]))
    assert found is not None
    assert (found.likeliest_pair, found.pair_mistakes) == ((0, 2), 3)


def test_a_network_without_mistakes_confuses_nothing() -> None:
    """No class is taken for another."""
    found = results(surveyed([(1.0, 0.0), (0.0, 1.0)], [0, 1]))
    assert found is not None
    assert (found.accuracy, found.likeliest_pair, found.pair_mistakes, found.sure_mistakes) == (1.0, None, 0, 0)
    assert {each.mistaken_for for each in found.classes} == {None}


def test_a_class_without_pictures_has_no_row() -> None:
    """Nothing can be said of it."""
    found = results(surveyed(ANSWERS[:3], LABELS[:3]))
    assert found is not None
    assert [each.index for each in found.classes] == [0]


def test_a_record_speaks_of_the_whole_test_set() -> None:
    """Accuracy from the record's matrix, 48 of 60; mistakes by sureness still from the pictures at hand."""
    found = results(surveyed(ANSWERS, LABELS, recorded=True))
    assert found is not None
    assert (found.origin, found.pictures, found.right, found.accuracy) == ("record", 60, 48, 0.8)
    assert (found.survey_pictures, found.survey_mistakes) == (6, 4)
    assert (found.likeliest_pair, found.pair_mistakes) == ((0, 1), 5)


def test_a_record_is_enough_without_labels() -> None:
    """Then no picture at hand is counted."""
    found = results(surveyed(ANSWERS, [], recorded=True))
    assert found is not None
    assert (found.pictures, found.survey_pictures, found.survey_mistakes, found.sure_mistakes) == (60, 0, 0, 0)


@pytest.mark.parametrize(("answers", "labels"), [(ANSWERS, []), ([(), ()], [0, 1]), ([], [])])
def test_no_results_without_labels_or_probabilities(
    answers: Sequence[tuple[float, ...]], labels: list[int]
) -> None:
    """Nor over no pictures."""
    assert results(surveyed(answers, labels)) is None


def test_the_small_networks_own_mistakes() -> None:
    """Its output was fitted to give every tenth picture the next class: the others it mostly knows."""
    found = results(SMALL)
    assert found is not None
    right = (SMALL.survey.probabilities.argmax(axis=1) == SMALL.survey.labels).sum()
    assert (found.right, found.pictures) == (right, 60)
