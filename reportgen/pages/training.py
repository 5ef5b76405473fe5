"""How the network learned: its curves, and its filters at every moment that was recorded."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reportgen.analysis.charts import Series
from reportgen.analysis.study import LayerStudy
from reportgen.pages.cards import claim_card, claim_cards, few_of_each_kind, others_in_words
from reportgen.pages.context import Context
from reportgen.pages.formation import FormationPart, formation_part, moment_in_words
from reportgen.pages.game import GamePart, game_part
from reportgen.pages.parts import ClaimCard, Head, Image, Plot, Scale, Tile
from reportgen.pages.plots import curves_plot
from reportgen.pages.units import kernel_scale
from reportgen.snapshot import TrainingRecord


@dataclass(frozen=True)
class Frame:
    """The filters at one moment."""

    image: Image
    moment: str


@dataclass(frozen=True)
class Film:
    """One layer's filters through training, on one scale."""

    title: str
    text: str
    """What the slider runs through, and where it begins."""
    frames: tuple[Frame, ...]
    start: int
    """Number of the frame whose weights were kept."""
    tiles: tuple[Tile, ...]
    """The filters one by one, cut out of that frame."""
    scale: Scale
    formation: FormationPart | None


@dataclass(frozen=True)
class TrainingPage:
    """`training.html`."""

    template: ClassVar[str] = "training.html"

    head: Head
    standfirst: str
    siblings: str
    """How good other trainings of the same network came out; empty where there are none."""
    plots: tuple[Plot, ...]
    films: tuple[Film, ...]
    game: GamePart | None
    formed: tuple[ClaimCard, ...]
    """What is claimed of the way that the filters took."""
    moved: tuple[ClaimCard, ...]
    others: str
    """Where the sentences stand that there is no room for; empty where all are told."""


def training_page(context: Context) -> TrainingPage:
    """Return the page of the training; without a record it says that there is none."""
    _, record = context.words.gettext, context.analysis.snapshot.record
    moved = context.analysis.claims_of("weights_moved")
    return TrainingPage(
        head=context.head("training.html", _("How it learned"), _("The training, moment by moment."), "training"),
        standfirst=_standfirst(record, context),
        siblings=_siblings(record, context) if record else "",
        plots=_plots(record, context) if record else (),
        films=_films(record, context) if record else (),
        game=game_part(context),
        formed=claim_cards(context, "settles_first") + claim_cards(context, "same_filters") if record else (),
        moved=tuple(claim_card(each, context) for each in few_of_each_kind(moved)),
        others=others_in_words(context, moved),
    )


def _standfirst(record: TrainingRecord | None, context: Context) -> str:
    words, _ = context.words, context.words.gettext
    if record is None:
        return _(
            "There is no record of this network’s training, so only its beginning and its end can be compared."
        )
    return _(
        "In {epochs} rounds over the training pictures (epochs) the network changed its numbers a little after "
        "every {batch} pictures. The round with the smallest loss on the pictures kept aside was number {best}; "
        "its weights were kept."
    ).format(
        epochs=words.count(record.epochs),
        batch=words.count(record.batch_size),
        best=words.count(record.best_epoch),
    )


def _siblings(record: TrainingRecord, context: Context) -> str:
    """Return how good the same network became from other seeds."""
    if not record.siblings:
        return ""
    words, _ = context.words, context.words.gettext
    return _(
        "Was it luck? The same training was done again from other random beginnings. Those networks name "
        "{others} of the test pictures correctly, this one {own}."
    ).format(
        others=words.listed([words.percent(each.test_accuracy, 1) for each in record.siblings]),
        own=words.percent(record.test_accuracy, 1),
    )


def _plots(record: TrainingRecord, context: Context) -> tuple[Plot, ...]:
    words, _ = context.words, context.words.gettext
    labels = tuple(words.count(epoch + 1) for epoch in range(record.epochs))
    keys = (("trained", _("on the training pictures")), ("second", _("on pictures kept aside")))
    accuracy = curves_plot(
        context,
        "accuracy",
        (Series("second", record.validation_accuracy), Series("trained", record.accuracy)),
        labels,
        1.0,
        percent=True,
        bottom=_floor(np.concatenate([record.accuracy, record.validation_accuracy])),
        texts=(
            _("Share named correctly, by epoch"),
            _("Share named correctly."),
            _(
                "Where the first line still rises and the second does not, the network learns its training "
                "pictures by heart. The axis does not begin at zero."
            ),
        ),
        keys=keys,
    )
    loss = curves_plot(
        context,
        "loss",
        (Series("second", record.validation_loss), Series("trained", record.loss)),
        labels,
        float(max(record.loss.max(), record.validation_loss.max())) * 1.08,
        percent=False,
        texts=(
            _("Loss by epoch"),
            _("Loss: how wrong the answers were."),
            _("The round with the lowest second line was kept: number {best}.").format(best=record.best_epoch),
        ),
        keys=keys,
    )
    return accuracy, loss


def _floor(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    return max(float(np.floor(values.min() * 20) / 20) - 0.05, 0.0)


def _films(record: TrainingRecord, context: Context) -> tuple[Film, ...]:
    convolutions = context.analysis.convolutions
    return tuple(
        _film(study, number, record, context)
        for number, study in enumerate(convolutions)
        if record.checkpoints and number < len(record.checkpoints[0].kernels)
    )


def _frame_tiles(image: Image, study: LayerStudy, context: Context) -> tuple[Tile, ...]:
    """Return the filters of a frame, where they stand in one row with a pixel between them."""
    if study.filters is None:
        return ()
    count = study.filters.kernel.shape[3]
    width = (image.width + 1) // count - 1
    label = context.words.gettext("Filter {number}")
    return tuple(
        Tile(image, number * (width + 1), 0, width, image.height, label.format(number=number))
        for number in range(count)
    )


def _kept(record: TrainingRecord) -> int:
    """Return which checkpoint holds the weights that were kept, else the last one before them."""
    epochs = [each.epoch for each in record.checkpoints]
    return max((number for number, epoch in enumerate(epochs) if epoch <= record.best_epoch), default=0)


def _slider_in_words(start: int, record: TrainingRecord, context: Context) -> str:
    _ = context.words.gettext
    if record.checkpoints[start].epoch != record.best_epoch:
        return _("The slider runs through the recorded moments.")
    text = _("The slider runs through the recorded moments. It starts at the weights that were kept.")
    if start + 1 == len(record.checkpoints):
        return text
    return text + " " + _("What training made of them later was thrown away.")


def _film(study: LayerStudy, number: int, record: TrainingRecord, context: Context) -> Film:
    words, _ = context.words, context.words.gettext
    alt = _("{count} filters of this layer, {moment}")
    frames = []
    for index, checkpoint in enumerate(record.checkpoints):
        moment = moment_in_words(checkpoint.epoch, record, context)
        kernel = checkpoint.kernels[number]
        told = alt.format(count=words.count(kernel.shape[-1]), moment=moment)
        image = context.gallery.film(study, index, kernel, told)
        still = Image(image.path, image.width, image.height, told)
        frames.append(Frame(still, moment))
    start = _kept(record)
    return Film(
        title=context.layer_title(study),
        text=_slider_in_words(start, record, context),
        frames=tuple(frames),
        start=start,
        tiles=_frame_tiles(frames[start].image, study, context),
        scale=kernel_scale(study, context),
        formation=formation_part(study, record, context),
    )
