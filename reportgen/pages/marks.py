"""Where the network looked for its decision: the pixels that two methods mark; it does not know how they do."""

from dataclasses import dataclass

import numpy as np

from reportgen.pages.checks import Check, checks
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Image, Scale, Tile
from reportgen.snapshot import Attribution, Floats, MarkedPixels, Picture

FAINT = 0.5
"""Marks that reach less than this share of the common scale are shown once more, on a scale of their own."""


FLAT = 0.05
"""Marks that reach less than this share of the common scale cannot be seen on it, and are not shown there."""


@dataclass(frozen=True)
class Specimen:
    """One small picture with what it is."""

    tile: Tile
    caption: str


@dataclass(frozen=True)
class Method:
    """What one method marks in one picture."""

    title: str
    text: str
    specimens: tuple[Specimen, ...]
    """The picture, the marks, those of random weights on the same scale, and the weaker of both on its own.

    A panel on which nothing could be seen is left out; `comparison` says so.
    """
    scales: tuple[Scale, ...]
    comparison: str
    warning: str
    """That the method fails a check of its own; empty where it fails none."""
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class DecisionPart:
    """Where the network looked for its decision about one picture."""

    text: str
    methods: tuple[Method, ...]
    missing: str
    """Why a method is not there; empty where both are."""


def decision_part(number: int, context: Context) -> DecisionPart:
    """Return what both methods mark in a picture of the showcase, or the sentence why there are no marks."""
    _, found = context.words.gettext, context.analysis.snapshot.attribution
    if found is None:
        return DecisionPart(no_marks_in_words(context), (), "")
    used = [each for each in (found.grad_cam, found.integrated) if each is not None]
    missing = _("Grad-CAM needs a convolution, and this network has none.") if found.grad_cam is None else ""
    return DecisionPart(
        text=_introduction(context.analysis.snapshot.showcase[number], context),
        methods=tuple(_method(marked, number, found, context) for marked in used),
        missing=missing,
    )


def no_marks_in_words(context: Context) -> str:
    """Return why a network's decisions could not be traced back to pixels."""
    return context.words.gettext(
        "For this network it cannot be worked out. Both methods need one picture that goes in, one row of numbers "
        "that comes out, and a calculation in between that can be followed backwards (gradients)."
    )


def _introduction(picture: Picture, context: Context) -> str:
    _ = context.words.gettext
    text = _(
        "Two methods mark the dots that an answer came from. Their marks are a guess about the network, not its "
        "own word, so each method was put to two checks. Beside each stands the same network with random "
        "weights: what is marked there as well lies in the picture and not in what was learned."
    )
    if not picture.probabilities.size:
        return text
    answer = context.class_name(int(picture.probabilities.argmax()))
    return _("What in this picture spoke for “{answer}”?").format(answer=answer) + " " + text


def _method(marked: MarkedPixels, number: int, found: Attribution, context: Context) -> Method:
    picture = context.analysis.snapshot.showcase[number]
    shown = _Shown(picture, marked, (marked.maps[number], marked.maps_randomised[number]), context)
    tests = checks(marked.method, context)
    return Method(
        title=_name(marked, context),
        text=_how(marked, number, found, context),
        specimens=(_photograph(picture, context), *shown.specimens()),
        scales=shown.scales(),
        comparison=shown.comparison(),
        warning=_warning(tests, context),
        checks=tests,
    )


def _warning(tests: tuple[Check, ...], context: Context) -> str:
    """Return that the marks are not to be trusted, where a check says so."""
    words, failed = context.words, sum(each.verdict == "no" for each in tests)
    if not failed:
        return ""
    return words.gettext(
        "This method fails {count} of its {all} checks below: read its marks with distrust."
    ).format(count=words.count(failed), all=words.count(len(tests)))


@dataclass(frozen=True, eq=False)
class _Shown:
    """The marks of one method in one picture, those of this network beside those of random weights."""

    picture: Picture
    marked: MarkedPixels
    maps: tuple[Floats, Floats]
    """Of this network and of random weights, (height, width) each."""
    context: Context

    @property
    def _sizes(self) -> tuple[float, float]:
        return _largest(self.maps[0]), _largest(self.maps[1])

    @property
    def _limit(self) -> float:
        """The end of the scale that both networks share."""
        return max(self._sizes) or 1.0

    @property
    def _weaker(self) -> int:
        return int(self._sizes[1] <= self._sizes[0])

    @property
    def _is_twice_shown(self) -> bool:
        return 0 < self._sizes[self._weaker] < FAINT * self._limit

    @property
    def _is_flat(self) -> bool:
        """Whether the weaker marks could not be seen on the common scale."""
        return self._sizes[self._weaker] < FLAT * self._limit

    def specimens(self) -> tuple[Specimen, ...]:
        """Return the marks: those seen on the common scale, from one image, and the weaker ones on their own."""
        _ = self.context.words.gettext
        if not max(self._sizes):
            return ()
        slug = self.marked.method.replace("_", "-")
        image = self._image(slug, np.concatenate(self.maps), self._limit)
        captions = (_("This network"), _("Random weights"))
        shown = list(zip(stacked_tiles(image, 2), captions, self.maps, strict=True))
        if self._is_flat:
            shown.pop(self._weaker)
        if self._is_twice_shown:
            weaker = self.maps[self._weaker]
            (tile,) = stacked_tiles(self._image(f"{slug}-own", weaker, self._sizes[self._weaker]), 1)
            own = (_("This network, turned up"), _("Random weights, turned up"))
            shown.append((tile, own[self._weaker], weaker))
        return tuple(Specimen(self._labelled(tile, caption, marks), caption) for tile, caption, marks in shown)

    def scales(self) -> tuple[Scale, ...]:
        """Return the legend of the common scale, and that of the picture that is turned up."""
        _ = self.context.words.gettext
        if not max(self._sizes):
            return ()
        whose = _("one scale for both networks")
        if self._is_flat:
            whose = (_("the scale of random weights"), _("the scale of this network"))[self._weaker]
        common = self._scale(np.concatenate(self.maps), self._limit, whose)
        if not self._is_twice_shown:
            return (common,)
        weaker = self._weaker
        return common, self._scale(self.maps[weaker], self._sizes[weaker], _("turned up, the last picture alone"))

    def comparison(self) -> str:
        """Return how strong the marks of random weights are beside the network's."""
        words, _ = self.context.words, self.context.words.gettext
        trained, random = self._sizes
        if not max(trained, random):
            return _("Neither this network nor one with random weights marks anything at all in this picture.")
        if not trained:
            return _("This network marks nothing at all in this picture.")
        if not random:
            return _("With random weights, nothing at all is marked in this picture.")
        text = _("The strongest mark of this network is {times} times as strong as that of random weights.")
        if random > trained:
            text = _("The strongest mark of random weights is {times} times as strong as that of this network.")
        text = text.format(times=words.number(max(self._sizes) / min(self._sizes), 2))
        if not self._is_twice_shown:
            return text
        if self._is_flat:
            return (
                text
                + " "
                + _(
                    "On the same scale nothing of the weaker marks could be seen, so they have a scale of their "
                    "own: compare where they lie."
                )
            )
        return text + " " + _("So the last picture shows the weaker marks once more: compare where they lie.")

    def _image(self, name: str, marks: Floats, limit: float) -> Image:
        return self.context.gallery.marks(self.picture, name, marks, limit, "")

    def _labelled(self, tile: Tile, caption: str, marks: Floats) -> Tile:
        words = self.context.words
        label = words.gettext("{method}: {network}. Strongest mark: {strongest}.").format(
            method=_name(self.marked, self.context), network=caption, strongest=words.number(_largest(marks), 2)
        )
        return Tile(tile.image, tile.x, tile.y, tile.width, tile.height, label)

    def _scale(self, marks: Floats, limit: float, which: str) -> Scale:
        """Return a legend that goes with the colours of `Gallery.marks`."""
        words, _ = self.context.words, self.context.words.gettext
        end, signed = words.number(limit, 2), bool((marks < 0).any())
        image = self.context.gallery.colour_scale("diverging" if signed else "sequential")
        note = _("red speaks for it, blue against it; {which}") if signed else _("bright speaks for it; {which}")
        return Scale(image, f"−{end}" if signed else "0", f"+{end}" if signed else end, note.format(which=which))


def _largest(marks: Floats) -> float:
    sizes = np.abs(marks)
    return float(sizes.max(initial=0.0, where=np.isfinite(sizes)))


def _photograph(picture: Picture, context: Context) -> Specimen:
    image = context.gallery.photograph(picture)
    caption = context.words.gettext("The picture")
    plain = Image(image.path, image.width, image.height)
    return Specimen(Tile(plain, 0, 0, image.width, image.height, caption), caption)


def _name(marked: MarkedPixels, context: Context) -> str:
    _ = context.words.gettext
    return _("Grad-CAM") if marked.method == "grad_cam" else _("Integrated gradients")


def _how(marked: MarkedPixels, number: int, found: Attribution, context: Context) -> str:
    """Return in plain words what a method does; of integrated gradients also how close its marks add up."""
    words, _ = context.words, context.words.gettext
    if marked.method != "grad_cam":
        return _(
            "This method turns the picture up from empty, little by little, and adds up how much every dot moves "
            "the answer on the way. All marks together must make up the whole change of the answer; here they "
            "miss it by {missed}."
        ).format(missed=words.percent(float(found.completeness[number]), 2))
    study = context.analysis.layer(found.grad_cam_layer)
    return _(
        "This method asks the last convolution ({layer}): at which of its {places} places did what it found push "
        "the answer up? Its marks are that coarse, and are spread over the picture."
    ).format(layer=context.layer_title(study), places=words.size(study.layer.output_shape[:2]))
