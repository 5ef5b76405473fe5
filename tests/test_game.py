"""The pairs of the game, and what luck and a simple rule make of them."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analysis.filters import FilterStudy, edge_shares
from reportgen.analysis.game import PAIRS, at_least, game
from reportgen.analysis.study import Analysis, analyse
from reportgen.build import subject_of
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.game import game_part
from reportgen.pages.words import Words
from reportgen.snapshot import Floats
from tests.factories import small_snapshot
from tests.sites import CONFIG


def study(trained: Floats, untrained: Floats) -> FilterStudy:
    """Filters over one channel, (filters, height, width), after and before training."""
    kernel, initial = (each.transpose(1, 2, 0)[:, :, None, :] for each in (trained, untrained))
    return FilterStudy(
        kernel, initial, 1.0, 0, 0, trained, untrained, np.ones(len(trained)),
        edge_shares(kernel), edge_shares(initial), np.zeros(1),
    )  # fmt: skip


def edges(count: int) -> Floats:
    """Straight edges, each of its own strength."""
    plain = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], np.float32)
    return np.stack([plain * (n + 1) for n in range(count)])


def dots(count: int) -> Floats:
    """Single dots, which hold as little of an edge as a filter can."""
    plain = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32)
    return np.stack([plain * (n + 1) for n in range(count)])


def test_the_rule_is_always_right_where_it_must_be() -> None:
    """Trained edges against untrained dots."""
    found = game(study(edges(12), dots(12)), 0)
    assert found is not None
    assert (found.rule_right, found.rule_share, found.all_pairs) == (PAIRS, 1.0, 144)


def test_the_rule_is_always_wrong_the_other_way_round() -> None:
    """Trained dots against untrained edges: the number is no praise of the network."""
    found = game(study(dots(12), edges(12)), 0)
    assert found is not None
    assert (found.rule_right, found.rule_share) == (0, 0.0)


def test_a_draw_counts_as_half() -> None:
    """The same filters on both sides."""
    found = game(study(edges(8), edges(8)), 0)
    assert found is not None
    assert found.rule_share == pytest.approx(0.5)


def test_no_filter_stands_in_two_pairs() -> None:
    """Nothing can be learned from one pair for the next."""
    found = game(study(edges(30), dots(30)), 3)
    assert found is not None
    assert len({pair.trained for pair in found.pairs}) == len({pair.untrained for pair in found.pairs}) == PAIRS


def test_sides_are_even() -> None:
    """Over many seeds, the trained one stands on the left in about half of the pairs."""
    found = [game(study(edges(10), dots(10)), seed) for seed in range(100)]
    left = sum(pair.trained_first for each in found if each for pair in each.pairs)
    assert 400 < left < 600


def test_luck_is_that_of_a_fair_coin() -> None:
    """Eight or more of ten: 56 of 1,024 ways."""
    assert at_least(8, 10) == pytest.approx(56 / 1024)
    assert at_least(0, 10) == 1


@pytest.mark.parametrize("broken", ["few", "flat", "one place", "not finite"])
def test_there_is_no_game_without_something_to_see(broken: str) -> None:
    """Too few filters, filters of one value, of one place, or of no number."""
    trained, untrained = edges(12), dots(12)
    if broken == "few":
        trained, untrained = trained[:4], untrained[:4]
    if broken == "flat":
        trained = np.ones_like(trained)
    if broken == "not finite":
        untrained = np.full_like(untrained, np.nan)
    found = study(trained, untrained)
    if broken == "one place":
        found = replace(found, kernel=found.kernel[:1, :1])
    assert game(found, 0) is None


def rule_of(trained: Floats, untrained: Floats) -> str:
    """What the page says of the rule on these filters."""
    analysis = analyse(small_snapshot())
    first = replace(analysis.convolutions[0], filters=study(trained, untrained))
    told = replace(analysis, layers=tuple(first if each.layer.index == 1 else each for each in analysis.layers))
    assert isinstance(told, Analysis)
    part = game_part(Context(told, Words("en"), Gallery(told), subject_of(CONFIG)))
    assert part is not None
    return part.rule


def test_a_rule_no_better_than_guessing_says_so() -> None:
    """None of ten, where five are found by guessing."""
    assert "it does no better than guessing" in rule_of(dots(12), edges(12))


def test_a_rule_that_finds_more_stands_beside_luck() -> None:
    """Ten of ten are found by guessing in one of 1,024 games."""
    rule = rule_of(edges(12), dots(12))
    assert "finds 10 of these 10" in rule
    assert rule.endswith("found in 0.1% of games.")
