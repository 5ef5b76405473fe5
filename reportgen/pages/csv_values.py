"""Rows as CSV: numbers with seven significant figures, nothing where a number is not known."""

import csv
import io
from collections.abc import Iterable, Sequence
from math import isnan

Cell = float | int | str | None


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as the bytes of a CSV file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_text(each) for each in row] for row in rows)
    return file.getvalue().encode()


def _text(cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return "" if isnan(cell) else f"{cell:.7g}"
