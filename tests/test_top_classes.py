"""The classes of the pictures that units answer to most, and chance, held against complete enumeration."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.analysis.top_classes import TopClass, chance_of_majority, top_classes
from reportgen.snapshot import Extremes, Integers, Layer, Patches
from tests.factories import bare_layer, layer_at, small_snapshot

groups = st.lists(st.integers(0, 4), min_size=2, max_size=4).filter(lambda sizes: sum(sizes) >= 2)


def counted_out(count: int, drawn: int, sizes: Sequence[int]) -> tuple[float, float]:
    """Over all draws: how often any class comes so often, and the sum over the classes of how often each does."""
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    hands = list(combinations(labels, drawn))
    each = [sum(hand.count(label) >= count for hand in hands) for label in range(len(sizes))]
    either = sum(any(hand.count(label) >= count for label in range(len(sizes))) for hand in hands)
    return either / len(hands), sum(each) / len(hands)


# --- chance ---


def test_chance_of_a_pair_by_hand() -> None:
    """Two of two from classes of two and three: one of ten pairs, and three of ten."""
    assert chance_of_majority(2, 2, (2, 3)) == pytest.approx(0.4)


@given(groups, st.data())
def test_chance_is_that_of_all_draws_counted_out(sizes: list[int], data: st.DataObject) -> None:
    """Exact for a majority; else the sum over the classes, which is at least the chance, and at most one."""
    drawn = data.draw(st.integers(1, sum(sizes)))
    count = data.draw(st.integers(1, drawn))
    either, summed = counted_out(count, drawn, sizes)
    found = chance_of_majority(count, drawn, tuple(sizes))
    assert found == pytest.approx(min(1.0, summed))
    assert found >= either - 1e-12
    if 2 * count > drawn:
        assert found == pytest.approx(either)


def test_chance_among_many_pictures_agrees_with_drawing() -> None:
    """Four or more of nine from ten classes of uneven sizes, drawn 40,000 times."""
    sizes = (200, 180, 20, 60, 40, 100, 100, 100, 100, 100)
    labels, random = np.repeat(np.arange(10), sizes), np.random.default_rng(0)
    # The nine smallest of random numbers, one for each picture, are nine pictures without returning them.
    hits = 0
    for _ in range(40):
        hands = labels[np.argpartition(random.random((1000, 1000)), 9, axis=1)[:, :9]]
        hits += int(np.sum((hands[:, :, np.newaxis] == np.arange(10)).sum(axis=1).max(axis=1) >= 4))
    assert chance_of_majority(4, 9, sizes) == pytest.approx(hits / 40_000, rel=0.05)


def test_no_class_can_give_more_pictures_than_it_has() -> None:
    """Five of one class where none has more than four."""
    assert chance_of_majority(5, 6, (4, 4, 4)) == 0


def test_something_always_comes_first() -> None:
    """One picture at least is of some class, and of two classes two of three are of one."""
    assert chance_of_majority(1, 3, (5, 5, 5)) == 1
    assert chance_of_majority(2, 3, (5, 5)) == pytest.approx(1)


def test_chance_among_sixty_thousand_pictures_is_found() -> None:
    """Numbers of many digits are divided exactly: of nine from ten even classes, nine of one."""
    sizes = (6000,) * 10
    assert chance_of_majority(9, 9, sizes) == pytest.approx(10 * comb(6000, 9) / comb(60_000, 9))


# --- the classes of units ---


def kept(pictures: Sequence[Sequence[int]], answers: Sequence[Sequence[float]]) -> Layer:
    """A layer whose units answered most to these pictures, with these answers."""
    numbers = np.array(pictures, np.int64)
    top = Patches(numbers, numbers * 0, numbers * 0, np.array(answers, np.float32))
    looks = np.zeros((len(numbers), 3, 1, 1, 1, 2), np.uint8)
    return replace(bare_layer(6, "Dense", (len(numbers),)), extremes=Extremes(9, top, top, top, looks))


LABELS: Integers = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])


def test_the_most_frequent_class_of_each_unit() -> None:
    """Two of three are of class 1, and all of the second unit are of class 2."""
    found = top_classes(kept([[3, 0, 4], [8, 7, 6]], [[3, 2, 1], [3, 2, 1]]), LABELS)
    # Of 84 draws, each of the three classes comes twice or more in 3 · 6 + 1, and three times in one.
    assert found == (TopClass(1, 2, 3, pytest.approx(57 / 84)), TopClass(2, 3, 3, pytest.approx(3 / 84)))  # type: ignore[arg-type]  # compares like a number


def test_of_equally_frequent_classes_the_first_is_named() -> None:
    """One picture each."""
    (found,) = top_classes(kept([[8, 4, 0]], [[3, 2, 1]]), LABELS)
    assert found is not None
    assert (found.label, found.count, found.chance) == (0, 1, 1)


@pytest.mark.parametrize("weakest", [0.0, -1.0])
def test_a_unit_that_hardly_answered_has_none(weakest: float) -> None:
    """Where it is silent, which pictures come next is arbitrary; the other unit keeps its class."""
    found = top_classes(kept([[3, 4, 5], [3, 4, 5]], [[3, 2, weakest], [3, 2, 0.1]]), LABELS)
    assert found[0] is None
    assert found[1] is not None
    assert found[1].count == 3


def test_without_labels_or_patches_there_are_no_classes() -> None:
    """Of no unit."""
    assert top_classes(kept([[3]], [[1]]), LABELS[:0]) == ()
    assert top_classes(bare_layer(6, "Dense", (2,)), LABELS) == ()


def test_of_a_class_without_pictures_chance_expects_none() -> None:
    """The sizes are counted among the pictures surveyed."""
    (found,) = top_classes(kept([[1, 2]], [[2, 1]]), np.array([0, 2, 2, 0]))
    assert found == TopClass(2, 2, 2, pytest.approx(2 / 6))  # type: ignore[arg-type]  # compares like a number


def test_units_of_the_small_network_have_the_classes_of_their_pictures() -> None:
    """Counted once more, in words of one picture."""
    snapshot = small_snapshot()
    layer, labels = layer_at(snapshot, 6), snapshot.survey.labels
    assert layer.extremes is not None
    for found, pictures in zip(top_classes(layer, labels), layer.extremes.top.picture, strict=True):
        if found is not None:
            names = [int(labels[picture]) for picture in pictures]
            assert found.count == max(names.count(name) for name in names) == names.count(found.label)
            assert found.of == len(names)
