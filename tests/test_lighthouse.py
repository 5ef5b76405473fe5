"""What `make lighthouse` makes of Lighthouse's reports."""

import json
from pathlib import Path

import pytest

from tests.lighthouse import LOWEST, NO_SITE, main, middle, scores_of, table, too_low

GOOD = {"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 95}


def test_scores_are_of_a_hundred() -> None:
    """Lighthouse counts to one, and says nothing of what it could not measure."""
    shares = {"performance": 0.974, "accessibility": 1, "best-practices": 0.96, "seo": None}
    report = json.dumps({"categories": {name: {"score": share} for name, share in shares.items()}})
    assert scores_of(report) == {"performance": 97, "accessibility": 100, "best-practices": 96, "seo": 0}


def test_the_middle_of_several_runs_counts() -> None:
    """Neither the best nor the worst."""
    runs = [{**GOOD, "performance": score} for score in (99, 60, 96)]
    assert middle(runs) == {**GOOD, "performance": 96}


def test_the_table_has_a_row_for_each_page() -> None:
    """And a column for each category."""
    heads, _, row = table({"index.html": GOOD}).splitlines()
    assert heads == "| page | performance | accessibility | best practices | seo |"
    assert row == "| `index.html` | 97 | 100 | 100 | 95 |"


@pytest.mark.parametrize("name", LOWEST)
def test_each_score_can_be_too_low(name: str) -> None:
    """One below what is asked for is named, and all that are high enough are not."""
    assert too_low({"index.html": {**GOOD, **LOWEST}}) == []
    bad = {**GOOD, name: LOWEST[name] - 1}
    assert too_low({"index.html": bad}) == [f"index.html: {name} is {bad[name]}, less than {LOWEST[name]}."]


def test_without_a_site_nothing_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what to do."""
    assert main(tmp_path) == 1
    assert capsys.readouterr().err == f"{tmp_path}: {NO_SITE}\n"
