"""The values of `data/report.json`: finite numbers, and null with its reason beside it; knows no measure."""

import json
from collections.abc import Iterable
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis.intervals import Measured

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

DEEPEST = 4
"""Levels of a value that are laid out line by line; what lies below stands on one line each."""
NOT_FINITE = "the numbers that it is made of are not all finite"
NOT_MEASURED = "it was not measured on this network"
NO_LABELS = "the pictures have no labels"


def written(value: Json, depth: int = 0) -> str:
    """Return a value as JSON with sorted keys, its upper levels line by line."""
    indent = "\n" + " " * depth
    if depth < DEEPEST and isinstance(value, dict) and value:
        parts = [f"{_line(key)}: {written(each, depth + 1)}" for key, each in sorted(value.items())]
        return "{" + ",".join(f"{indent} {part}" for part in parts) + indent + "}"
    if depth < DEEPEST and isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return "[" + ",".join(f"{indent} {written(each, depth + 1)}" for each in value) + indent + "]"
    return _line(value)


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)


def or_reason(key: str, value: Json, reason: str) -> dict[str, Json]:
    """Return the value under its key; where it is null, the reason under the key's name with `_reason`."""
    return {key: value} if value is not None else {key: None, f"{key}_reason": reason}


def number(value: float) -> float | None:
    """Return a finite number, and null for any other; nine figures hold one of single precision exactly."""
    return float(f"{value:.9g}") if isfinite(value) else None


def numbers(values: Iterable[float]) -> list[Json]:
    """Return numbers in their order, null for those that are not finite."""
    return [number(each) for each in values]


def rows(values: NDArray[np.floating]) -> list[Json]:
    """Return a table of numbers, (rows, columns), row by row."""
    return [numbers(each) for each in values]


def number_or_reason(key: str, value: float, reason: str = NOT_FINITE) -> dict[str, Json]:
    """Return a number under its key, or null and the reason where it is not finite."""
    return or_reason(key, number(value), reason)


def measured(found: Measured | None) -> Json:
    """Return a number with the ends of its interval, null where there is none."""
    if found is None or not all(isfinite(each) for each in (found.value, found.low, found.high)):
        return None
    return {"value": found.value, "low": found.low, "high": found.high}
