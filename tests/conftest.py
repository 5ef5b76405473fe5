"""What tests of every kind share; factories have a file of their own."""

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import MISSING, find_browser, running_browser
from tests.checkers import AXE, NO_AXE, NO_CHECKER, find_checker
from tests.sites import BuiltSite, run_program

# As in the process that runs networks, and before TensorFlow is imported: see `observe.child`.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the large networks out unless they are asked for by their mark."""
    if "applications" in config.getoption("markexpr"):
        return
    large = [item for item in items if item.get_closest_marker("applications")]
    config.hook.pytest_deselected(items=large)
    items[:] = [item for item in items if item not in large]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser without a window, one for all tests."""
    path = find_browser()
    if path is None:
        _give_up(MISSING)
    else:
        with running_browser(path) as running:
            yield running


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds what keeps people out of a page."""
    if not AXE.is_file():
        _give_up(NO_AXE)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def nu_checker() -> list[str]:
    """The command of the Nu HTML checker."""
    return find_checker() or _give_up(NO_CHECKER)


@pytest.fixture(scope="session")
def default_site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """The site of the bundled network, built by the real command with a cache of its own; not to be changed."""
    place = tmp_path_factory.mktemp("default")
    folder, cache = place / "site", place / "cache"
    ended = run_program("build", "--out", folder, "--cache", cache, folder=place)
    assert ended.returncode == 0, ended.stderr
    return BuiltSite(folder, cache, ended.stdout)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page whose memory is its own."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield context.new_page()


def _give_up(missing: str) -> NoReturn:
    # The only skip of the suite: a laptop may lack what is not Python's, the machine that decides may not.
    if os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)
