"""Scores of the built site on a phone, by Lighthouse: `make lighthouse`.

`python -m tests.lighthouse [FOLDER]` writes them as a table and fails where one is too low. The site is served
from this machine without compression; the phone and its slow network are Lighthouse's own simulation.
Knows nothing of how the site was made.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median_low

from tests.browser import MISSING, find_browser
from tests.sites import served

LIGHTHOUSE = Path(__file__).parent / "tools" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
NO_LIGHTHOUSE = "no Lighthouse in tests/tools/lighthouse. Run 'make lighthouse', with npm and a network."
NO_SITE = "no site there. Run 'make report'."

PAGES = ("index.html", "layers/01-convolution-1.html", "depth.html")
LOWEST = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 95}
LEFT_OUT = "robots-txt"
"""Lighthouse asks for robots.txt from inside the page, whose content policy lets nothing be asked for."""

RUNS = 3
"""Of each page, because a machine that has other things to do makes a page slow; the middle score counts."""

Scores = Mapping[str, int]
"""The score of a page in each category, of 100."""


def scores_of(report: str) -> Scores:
    """Return the scores out of Lighthouse's report; 0 for a category that it could not measure."""
    categories = json.loads(report)["categories"]
    return {name: round(100 * (categories[name]["score"] or 0)) for name in LOWEST}


def table(scores: Mapping[str, Scores]) -> str:
    """Return the scores of pages as a table in Markdown."""
    heads = ["page", *(name.replace("-", " ") for name in LOWEST)]
    rows = [[f"`{page}`", *(str(found[name]) for name in LOWEST)] for page, found in scores.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows])


def too_low(scores: Mapping[str, Scores]) -> list[str]:
    """Return a sentence for each score below what is asked for."""
    return [
        f"{page}: {name} is {found[name]}, less than {least}."
        for page, found in scores.items()
        for name, least in LOWEST.items()
        if found[name] < least
    ]


def measured(address: str, browser: Path) -> Scores:
    """Run Lighthouse on a page and return its scores."""
    options = ["--output=json", "--quiet", f"--skip-audits={LEFT_OUT}", "--chrome-flags=--headless --no-sandbox"]
    command = [shutil.which("node") or "node", str(LIGHTHOUSE), address, *options]
    environment = {**os.environ, "CHROME_PATH": str(browser)}
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return scores_of(ended.stdout)


def middle(runs: Sequence[Scores]) -> Scores:
    """Return the median of each score over several runs."""
    return {name: median_low(run[name] for run in runs) for name in LOWEST}


def main(folder: Path) -> int:
    """Measure the pages of a site, write what came out, and return the exit code."""
    browser = find_browser()
    missing = _missing(folder, browser)
    if missing or browser is None:
        sys.stderr.write(f"{missing}\n")
        return 1
    with served(folder) as home:
        scores = {page: middle([measured(home + page, browser) for _ in range(RUNS)]) for page in PAGES}
    sys.stdout.write(f"{table(scores)}\n")
    sys.stderr.writelines(f"{sentence}\n" for sentence in too_low(scores))
    return int(bool(too_low(scores)))


def _missing(folder: Path, browser: Path | None) -> str:
    if not (folder / PAGES[0]).is_file():
        return f"{folder}: {NO_SITE}"
    if not LIGHTHOUSE.is_file():
        return NO_LIGHTHOUSE
    return "" if browser else MISSING


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2] or ["site"])))
