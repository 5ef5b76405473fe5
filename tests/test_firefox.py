"""The site in Firefox, where there is one: nothing breaks, nothing is missing, and the script does its part."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.checkers import PACKAGES
from tests.sites import BuiltSite, address_of

DRIVER = Path(__file__).parent / "tools" / "firefox.mjs"
NO_FIREFOX = "no Firefox on the path, or no Node with puppeteer-core. Install Firefox and run 'make test'."
LAYER = "layers/01-convolution-1.html"
PAGES = (
    *("index.html", "depth.html", "training.html", "model.html", "layers/06-dense.html"),
    *("ko/index.html", "ko/depth.html", f"ko/{LAYER}", LAYER),
)


def find_firefox() -> str | None:
    """Return where Firefox is; None without it, or without what drives it."""
    if shutil.which("node") is None or not (PACKAGES / "puppeteer-core").is_dir():
        return None
    return shutil.which("firefox") or shutil.which("firefox-esr")


@cache
def seen_in_firefox(firefox: str, folder: Path) -> dict[str, Any]:
    """What became of the pages."""
    command = ["node", str(DRIVER), firefox, *(address_of(folder, page) for page in PAGES)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ), timeout=300)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture
def seen(default_site: BuiltSite) -> dict[str, Any]:
    """What became of the pages of the default site."""
    firefox = find_firefox()
    if firefox is None:
        pytest.skip(NO_FIREFOX)
    return seen_in_firefox(firefox, default_site.folder)


def test_pages_are_whole_in_firefox(seen: dict[str, Any]) -> None:
    """No message, no request outside, no broken picture, and no sideways scroll, on a phone and on a desktop."""
    assert len(seen["pages"]) == 2 * len(PAGES)
    for page in seen["pages"]:
        told = (page["address"], page["width"])
        assert (*told, page["messages"], page["outside"], page["broken"]) == (*told, [], [], 0)
        assert (*told, page["inner"], page["wide"]) == (*told, page["width"], 0)


def test_the_script_works_in_firefox(seen: dict[str, Any]) -> None:
    """Units are enlarged and turned with the keyboard, a picture is chosen, and the theme changes."""
    script = seen["script"]
    assert (script["first"], script["second"], script["address"]) == ("Unit 0", "Unit 1", "?unit=1")
    assert script["closed"]
    assert script["chosen"] in script["map"]
    assert script["chosen"] != "ankle-boot-training"
    assert script["theme"] in {"light", "dark"}
    assert script["messages"] == []
