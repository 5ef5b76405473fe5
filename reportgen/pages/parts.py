"""The parts that pages are made of, as data: pictures, scales, tables, claim cards."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """One picture file of the site."""

    path: str
    """From the root of the site."""
    width: int
    height: int
    alt: str = ""
    pattern: str = ""
    """The path with `{}` for the picture's name, where the reader's choice of a picture changes it."""


@dataclass(frozen=True)
class ThemedImage:
    """A chart, drawn once for light and once for dark pages."""

    light: str
    dark: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Tile:
    """A part cut out of an image, in the image's pixels."""

    image: Image
    x: int
    y: int
    width: int
    height: int
    label: str = ""
    href: str = ""
    boxes: tuple["Box", ...] = ()

    @property
    def size_class(self) -> str:
        """The class whose rule gives the tile a width that is a whole multiple of its pixels."""
        return f"w{self.width}"


@dataclass(frozen=True)
class Box:
    """A rectangle drawn on a picture, in its pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Scale:
    """The legend of a colour map."""

    image: Image
    low: str
    high: str
    note: str


@dataclass(frozen=True)
class Tick:
    """A number beside a chart, at a share of its width or height in percent."""

    at: str
    text: str


@dataclass(frozen=True)
class Dot:
    """A point of a chart's line and its number, at shares of the chart's width and height in percent."""

    across: str
    down: str
    role: str
    """That of its line."""
    side: str
    """`over` or `under` the point."""
    text: str


@dataclass(frozen=True)
class Plot:
    """A chart with the numbers that stand beside it as text."""

    image: ThemedImage
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]
    """Numbers that stand at the points; empty where there are too many points for that."""
    csv: str
    """Path of the file with its numbers."""
    keys: tuple[tuple[str, str], ...]
    """(role, words) of each line."""
    caption: str
    note: str


@dataclass(frozen=True)
class Row:
    """A row of a table of numbers."""

    head: str
    cells: tuple[str, ...]
    href: str = ""
    notes: tuple[str, ...] = ()
    """What stands small below each cell, as its interval; empty where there is nothing."""

    @property
    def noted_cells(self) -> tuple[tuple[str, str], ...]:
        """Each cell with its note."""
        return tuple(zip(self.cells, self.notes or ("",) * len(self.cells), strict=True))


@dataclass(frozen=True)
class Table:
    """A table of numbers."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Mark:
    """A word on a claim's tape: where, anchored how, saying what."""

    at: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Tape:
    """A claim's number on a line, beside what it is held against; positions are in percent."""

    start: str
    end: str
    band: tuple[str, str] | None
    """(from, width)"""
    reference: Mark
    whisker: tuple[str, str] | None
    value: Mark


@dataclass(frozen=True)
class ClaimCard:
    """One sentence that was put to the test."""

    id: str
    sentence: str
    figure: str
    unit: str
    """`%`, or empty."""
    unit_word: str
    """A unit that is a word; empty where there is none."""
    verdict: str
    """`yes`, `no` or `unknown`."""
    verdict_word: str
    reference: str
    """What the number is held against, in words; empty where it was not measured."""
    tape: Tape | None
    versus: str
    method: str
    technical: str


@dataclass(frozen=True)
class Fact:
    """A name and a value."""

    name: str
    value: str


@dataclass(frozen=True)
class Link:
    """A way to another page of the site."""

    path: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """What the network took a picture for."""

    top: tuple[tuple[str, str, str], ...]
    """(class, probability in words, width in percent), likeliest first."""
    truth: str

    @property
    def word(self) -> str:
        """The likeliest class."""
        return self.top[0][0]

    @property
    def packed(self) -> str:
        """The three likeliest, as one attribute for the script: JSON, because a class may be called anything."""
        return json.dumps(self.top, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Choice:
    """One picture in the chooser."""

    name: str
    image: Image
    page: str
    answer: Answer | None


@dataclass(frozen=True)
class Chooser:
    """The row of pictures that the reader can send through the network."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Term:
    """A word of the field, in two sentences."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class Head:
    """What every page has."""

    path: str
    """Of this page, from the root of the site."""
    title: str
    description: str
    section: str
    """Which entry of the navigation is the current one; may be empty."""
    name: str = ""
    """Path without the language's folder."""
    terms: tuple[Term, ...] = ()
    """The words of the field that the page uses."""
