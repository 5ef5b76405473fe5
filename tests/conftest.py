"""What tests of every kind share; factories have a file of their own."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import MISSING, find_browser, running_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser without a window, one for all tests."""
    path = find_browser()
    if path is None:
        _give_up()
    else:
        with running_browser(path) as running:
            yield running


def _give_up() -> None:
    # The only skip of the suite: a laptop may lack a browser, the machine that decides may not.
    if os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)
