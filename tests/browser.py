"""A real browser for the tests: where it is, and how it is started. Knows nothing of what is looked at.

`python -m tests.browser` writes the browser's path, or fails with what to do.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 360, "height": 740}

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
MAC_APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = "no Chromium or Chrome on this machine. Run 'make test', install one, or name it with CHROMIUM=."


def find_browser() -> Path | None:
    """Return the browser named by CHROMIUM, else one that is installed, else Playwright's own; None without."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named) if Path(named).is_file() else None
    return next((path for path in _installed() if path.is_file() and not _is_snap(path)), None)


@contextmanager
def running_browser(path: Path) -> Iterator[Browser]:
    """Run the browser without a window until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _installed() -> Iterator[Path]:
    for name in NAMES:
        if found := shutil.which(name):
            yield Path(found)
    for application in MAC_APPLICATIONS:
        yield Path("/Applications") / application
    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _is_snap(path: Path) -> bool:
    # Ubuntu's snap cannot see /tmp, where the tests build their sites.
    if path.resolve().name == "snap":
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start


if __name__ == "__main__":
    chosen = find_browser()
    sys.stdout.write(f"{chosen or MISSING}\n")
    sys.exit(chosen is None)
