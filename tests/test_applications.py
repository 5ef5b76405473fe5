"""Whole sites of the networks that Keras ships, with random weights and three photographs: linked and bounded.

The seven large ones take minutes each and are left out unless they are asked for: `make test-applications`.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from reportgen.analysis.budget import CLAIMS, UNITS, UNITS_A_PAGE
from reportgen.build import Built, build
from reportgen.cache import Cache
from reportgen.config import Config
from reportgen.links import LARGEST_PAGE, check_links

SIDES = {
    "ResNet50": 224,
    "VGG16": 224,
    "MobileNetV2": 224,
    "EfficientNetB0": 224,
    "DenseNet121": 224,
    "InceptionV3": 299,
    "ConvNeXtTiny": 224,
}
"""Pixels down and across that each network takes."""
MOST_FILES, MOST_BYTES = 6_000, 70_000_000
"""Of a whole site."""
LARGEST_REPORT = 20_000_000
"""Bytes of `report.json`."""


@dataclass(frozen=True)
class Site:
    """A built site."""

    built: Built
    files: dict[str, bytes]

    @property
    def report(self) -> dict[str, Any]:
        """`report.json`."""
        found: dict[str, Any] = json.loads(self.files["data/report.json"])
        return found


def photographs(folder: Path, side: int) -> Path:
    """Three photographs of this size: the one that matplotlib ships, its upper and its lower half."""
    import matplotlib as mpl

    folder.mkdir()
    with Image.open(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg") as found:
        whole = found.convert("RGB")
    width, height = whole.size
    half = height // 2
    cuts = {"whole": (0, 0, width, height), "upper": (0, 0, width, half), "lower": (0, half, width, height)}
    for name, cut in cuts.items():
        whole.crop(cut).resize((side, side)).save(folder / f"{name}.png")
    return folder


def site_of(folder: Path, name: str, side: int, **settings: object) -> Site:
    """The site of an application with random weights, and three photographs."""
    import keras

    keras.utils.set_random_seed(0)
    getattr(keras.applications, name)(weights=None, **settings).save(folder / f"{name}.keras")
    out = folder / "site"
    config = Config(model=folder / f"{name}.keras", images=photographs(folder / "photographs", side), out=out)
    built = build(config, Cache(None), lambda *_: None)
    written = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    return Site(built, {path: data for path, data in written.items() if path != ".reportgen.json"})


def check_site(site: Site, layers: int) -> None:
    """Fail unless a site is complete, whole, and within its bounds."""
    report = site.report
    pages = {path: data for path, data in site.files.items() if path.endswith(".html")}
    assert check_links(site.files) == ()
    assert max(map(len, pages.values())) <= LARGEST_PAGE
    assert len(site.files) <= MOST_FILES
    assert sum(map(len, site.files.values())) <= MOST_BYTES
    assert len(site.files["data/report.json"]) <= LARGEST_REPORT
    assert all(layer["page"] in pages for layer in report["layers"])
    assert len(report["layers"]) == layers
    assert len(report["pictures"]) == 3
    assert all(data.count(b'<li class="unit') <= UNITS_A_PAGE for data in pages.values())
    assert sum(len(layer["units"]) for layer in report["layers"]) <= UNITS
    kinds = len({claim["id"].rstrip("0123456789") for claim in report["claims"]})
    assert all(data.count(b" data-verdict=") <= CLAIMS * kinds for data in pages.values())
    assert list(Draft202012Validator(schema()).iter_errors(report)) == []


@cache
def schema() -> dict[str, Any]:
    """The schema of `report.json`."""
    found: dict[str, Any] = json.loads((files("reportgen") / "report.schema.json").read_bytes())
    return found


@pytest.mark.slow
def test_a_narrow_application_gives_a_whole_site(tmp_path: Path) -> None:
    """MobileNetV2 at a third of its width for pictures of 32 × 32: 154 layers behind its input."""
    site = site_of(tmp_path, "MobileNetV2", 32, alpha=0.35, input_shape=(32, 32, 3), classes=10)
    check_site(site, 155)


@pytest.mark.slow
@pytest.mark.applications
@pytest.mark.parametrize("name", SIDES)
def test_an_application_gives_a_whole_site(name: str, tmp_path: Path) -> None:
    """A photograph’s size, a thousand classes, up to 429 layers and 138 million weights."""
    site = site_of(tmp_path, name, SIDES[name])
    check_site(site, len(site.report["layers"]))
    assert site.report["model"]["parameters"] > 3_000_000
