"""How long a report takes, beside the bare import of Keras in the same run; knows the program by its command only.

`python -m tests.bench [ROUNDS]` writes a table with the middle of the rounds: seconds mean little from one machine
to the next, the ratios more.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

IMPORT_KERAS = (sys.executable, "-c", "import keras")
BUILD = (sys.executable, "-m", "reportgen", "build", "--out", "site")
MEASURES = {
    "import keras": "the floor under whatever runs a network",
    "cold": "no cache, no site",
    "warm": "all in the cache, no site",
    "unchanged": "the site is there and current",
}


def seconds(command: tuple[str, ...], folder: Path) -> float:
    """Return how long a command runs in a folder that holds its cache too."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    start = perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return perf_counter() - start


def one_round() -> dict[str, float]:
    """Return the seconds of each measure, all taken in one new folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        imported, cold = seconds(IMPORT_KERAS, folder), seconds(BUILD, folder)
        shutil.rmtree(folder / "site")
        return dict(zip(MEASURES, (imported, cold, seconds(BUILD, folder), seconds(BUILD, folder)), strict=True))


def table(rounds: list[dict[str, float]]) -> str:
    """Return the middle of the rounds, in seconds and as multiples of the import of Keras."""
    middle = {name: median(each[name] for each in rounds) for name in MEASURES}
    floor = middle["import keras"]
    lines = [
        f"{name:<14}{middle[name]:>8.2f} s{middle[name] / floor:>8.2f} ×  {note}"
        for name, note in MEASURES.items()
    ]
    return "\n".join([f"{'':<14}{'time':>10}{'÷ keras':>10}", *lines, ""])


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sys.stdout.write(table([one_round() for _ in range(count)]))
