"""Trains the default network, keeps what it has reached after each epoch, and writes down how it went.

Its siblings are the same network from other seeds, on the same split; of them only what they ended with is kept.
"""

import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reportgen.errors import InputError
from reportgen.pictures import FashionMnist, read_fashion_mnist
from reportgen.snapshot import (
    Checkpoint,
    Doubles,
    Floats,
    Integers,
    RecordFile,
    Sibling,
    TrainingRecord,
    from_bytes,
    read_only,
    to_bytes,
)
from reportgen.training.data import BATCH_SIZE, Split, download, scaled, validation_split
from reportgen.training.files import (
    BEST_FILE,
    NETWORK_FILE,
    RECORD_FILE,
    RESUME_FOLDER,
    write,
    write_through,
    writing,
)
from reportgen.training.network import (
    PREDICTION_BATCH,
    accuracy_of,
    build_network,
    confusion_of,
    digest_of,
    kernels_of,
    weights_of,
)

if TYPE_CHECKING:
    import keras

PATIENCE = 2
"""Epochs without a lower validation loss after which training stops."""
_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class EpochResult:
    """How one epoch ended; accuracies are shares from 0 to 1."""

    epoch: int
    """Counted from one."""
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    best_so_far: bool


class TrainingProgress(Protocol):
    """Who wants to know how far the training is."""

    def started(self, epochs: int, batches: int, finished: int) -> None:
        """A network begins: at most so many epochs of so many batches, of which some are finished already."""

    def sibling_began(self, number: int, siblings: int, seed: int) -> None:
        """The network is done, and one of its siblings comes next, counted from one; `started` follows."""

    def epoch_began(self, epoch: int) -> None:
        """An epoch begins, counted from one."""

    def batch_ended(self, batches: int) -> None:
        """So many batches of the epoch are done."""

    def epoch_ended(self, result: EpochResult) -> None:
        """An epoch has ended and is kept: a later start resumes behind it."""


class NoProgress:
    """A `TrainingProgress` that nobody looks at."""

    def started(self, epochs: int, batches: int, finished: int) -> None:
        """Do nothing."""

    def sibling_began(self, number: int, siblings: int, seed: int) -> None:
        """Do nothing."""

    def epoch_began(self, epoch: int) -> None:
        """Do nothing."""

    def batch_ended(self, batches: int) -> None:
        """Do nothing."""

    def epoch_ended(self, result: EpochResult) -> None:
        """Do nothing."""


@dataclass(frozen=True, eq=False)
class TrainingOutcome:
    """What a training has left behind."""

    network: Path
    record: TrainingRecord
    finished: bool
    """False where the user stopped it: the same command resumes."""


@dataclass(frozen=True)
class Plan:
    """The settings that decide what a training gives."""

    epochs: int
    """At most, of each network."""
    seed: int
    siblings: int = 0
    """Further networks, from the seeds that follow."""

    @property
    def command(self) -> str:
        """The command that gives this training, without the places that only this machine knows."""
        siblings = f" --siblings {self.siblings}" if self.siblings else ""
        return f"reportgen train --epochs {self.epochs} --seed {self.seed}{siblings}"

    @property
    def sibling_seeds(self) -> range:
        """The seeds of the siblings, in the order in which they are trained."""
        return range(self.seed + 1, self.seed + 1 + self.siblings)

    @property
    def alone(self) -> "Plan":
        """The same without siblings: no network depends on how many there are."""
        return replace(self, siblings=0)


@dataclass(frozen=True, eq=False)
class Lessons:
    """What the network and all its siblings have in common."""

    pictures: FashionMnist
    split: Split
    plan: Plan
    progress: TrainingProgress


@dataclass(frozen=True, eq=False)
class Course:
    """A training as far as it has come, after a whole number of epochs."""

    history: Doubles
    """(epochs, 4): loss, accuracy, validation loss, validation accuracy."""
    checkpoints: tuple[Checkpoint, ...]
    initial_weights: tuple[Floats, ...]
    best_weights: tuple[Floats, ...]
    seconds: float

    @property
    def epochs(self) -> int:
        """Epochs that were run."""
        return len(self.history)

    @property
    def best_epoch(self) -> int:
        """The first epoch with the lowest validation loss, counted from one."""
        return int(np.argmin(self.history[:, 2])) + 1

    def is_over(self, plan: Plan) -> bool:
        """Return whether all epochs are run, or two in a row have not lowered the validation loss."""
        if self.epochs == 0:
            return False
        return self.epochs >= plan.epochs or self.epochs - self.best_epoch >= PATIENCE


@dataclass(frozen=True, eq=False)
class Reached:
    """What there is when a training stops: the network, and those siblings that are finished."""

    course: Course
    siblings: tuple[Sibling, ...] = ()


def train(
    data_folder: Path | None,
    output: Path,
    *,
    epochs: int = 20,
    seed: int = 42,
    siblings: int = 0,
    progress: TrainingProgress | None = None,
) -> TrainingOutcome:
    """Train the default network on Fashion-MNIST and leave `network.keras` and `record.npz` in a folder.

    The siblings' accuracies and kernels go into the record. Whoever stops it can go on with the same settings, or
    with another number of siblings.

    Raises:
        InputError: the settings or the data cannot be used.
        OutputWriteError: the folder cannot be written.
        KeyboardInterrupt: stopped before the end of the first epoch, so that there is nothing to keep.
    """
    pictures = read_fashion_mnist(data_folder, download)
    return train_on(pictures, output, Plan(epochs, seed, siblings), progress or NoProgress())


def train_on(pictures: FashionMnist, output: Path, plan: Plan, progress: TrainingProgress) -> TrainingOutcome:
    """Train the default network on these pictures; see `train`."""
    _check(plan)
    _mark_unfinished(output, plan)
    lessons = Lessons(pictures, validation_split(pictures, plan.seed), plan, progress)
    reached, finished = _as_far_as_wanted(lessons, output / RESUME_FOLDER)
    if reached is None or not reached.course.epochs:
        _leave_nothing(output)
        raise KeyboardInterrupt
    return _finish(output, reached, lessons, finished=finished)


def _check(plan: Plan) -> None:
    if plan.epochs < 1:
        raise InputError(f"--epochs {plan.epochs}: training needs at least one epoch.")
    if plan.siblings < 0:
        raise InputError(f"--siblings {plan.siblings}: give 0 or more.")
    if not 0 <= plan.seed <= _LARGEST_SEED - plan.siblings:
        raise InputError(f"--seed {plan.seed}: give a number from 0 to {_LARGEST_SEED - plan.siblings}.")


def _mark_unfinished(output: Path, plan: Plan) -> None:
    """Make the folder that is there until the training is finished; a full disk shows now, not after an epoch."""
    with writing(output):
        (output / RESUME_FOLDER).mkdir(parents=True, exist_ok=True)
        note = f"This training is not finished. It goes on with: {plan.command}\n"
        write(output / RESUME_FOLDER / "unfinished.txt", note.encode())


def _leave_nothing(output: Path) -> None:
    """Take the mark away again, unless an earlier start has kept something."""
    if not _kept(output / RESUME_FOLDER):
        shutil.rmtree(output / RESUME_FOLDER, ignore_errors=True)


def _as_far_as_wanted(lessons: Lessons, state: Path) -> tuple[Reached | None, bool]:
    """Train until all is done or the user stops it; return what there is then, and whether it is all."""
    reached = None
    try:
        for step in _steps(lessons, state):
            reached = step
    except KeyboardInterrupt:
        return reached, False
    return reached, True


def _steps(lessons: Lessons, state: Path) -> Iterator[Reached]:
    """Train the network, then its siblings, and yield what there is at the start and after each step."""
    plan = lessons.plan
    for course in _courses(lessons, plan.seed, state):
        reached = Reached(course)
        yield reached
    for number, seed in enumerate(plan.sibling_seeds, start=1):
        lessons.progress.sibling_began(number, plan.siblings, seed)
        *_, course = _courses(lessons, seed, state / f"sibling-{seed}")
        reached = replace(reached, siblings=(*reached.siblings, _sibling(course, seed, lessons.pictures)))
        yield reached


def _courses(lessons: Lessons, seed: int, state: Path) -> Iterator[Course]:
    """Train one network to its end, and yield how far it is at the start and after each epoch."""
    model, course = _resumed(state, lessons, seed) or _begun(seed)
    lessons.progress.started(lessons.plan.epochs, lessons.split.batches, course.epochs)
    yield course
    while not course.is_over(lessons.plan):
        course = _after_epoch(model, course, seed, lessons)
        _keep(state, model, course, seed, lessons)
        lessons.progress.epoch_ended(_last_result(course))
        yield course


def _begun(seed: int) -> tuple["keras.Model", Course]:
    import keras

    keras.utils.set_random_seed(seed)
    model = build_network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    first = weights_of(model)
    start = (Checkpoint(0.0, kernels_of(model)),)
    return model, Course(np.zeros((0, 4)), start, first, first, 0.0)


def _sibling(course: Course, seed: int, pictures: FashionMnist) -> Sibling:
    model = _best_network(course)
    return Sibling(seed, accuracy_of(confusion_of(model, pictures)), kernels_of(model))


def _best_network(course: Course) -> "keras.Model":
    model = build_network()
    model.set_weights(course.best_weights)
    return model


def _after_epoch(model: "keras.Model", course: Course, seed: int, lessons: Lessons) -> Course:
    began = time.monotonic()
    lessons.progress.epoch_began(course.epochs + 1)
    moments: list[Checkpoint] = []
    watch = _batch_watcher(model, course, lessons.split, moments, lessons.progress)
    losses = _fit_epoch(model, lessons.split, seed, course.epochs, watch)
    moments.append(Checkpoint(course.epochs + 1.0, kernels_of(model)))
    later = replace(
        course,
        history=np.vstack([course.history, losses]),
        checkpoints=(*course.checkpoints, *moments),
        seconds=course.seconds + time.monotonic() - began,
    )
    return replace(later, best_weights=weights_of(model)) if later.best_epoch == later.epochs else later


def _fit_epoch(
    model: "keras.Model", split: Split, seed: int, finished: int, watch: Callable[[int], None]
) -> Doubles:
    """Train for one epoch; its random choices depend on the seed and its number, not on what ran before."""
    import keras

    order = np.random.default_rng([seed, finished]).permutation(len(split.labels))
    model.get_layer("dropout").seed_generator.state.assign(np.array([seed, finished * split.batches]))
    history = model.fit(
        scaled(split.pixels[order]),
        split.labels[order],
        batch_size=BATCH_SIZE,
        shuffle=False,
        verbose=0,
        validation_data=(scaled(split.validation_pixels), split.validation_labels),
        validation_batch_size=PREDICTION_BATCH,
        callbacks=[keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, **_: watch(batch))],
    ).history
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    return np.array([history[name][0] for name in names], np.float64)


def _batch_watcher(
    model: "keras.Model",
    course: Course,
    split: Split,
    moments: list[Checkpoint],
    progress: TrainingProgress,
) -> Callable[[int], None]:
    """Return what to do after each batch: report it, and in the first epoch note two early moments."""
    early = {1, max(1, split.batches // 4)} if course.epochs == 0 else set()

    def watch(batch: int) -> None:
        if batch + 1 in early:
            moments.append(Checkpoint((batch + 1) / split.batches, kernels_of(model)))
        progress.batch_ended(batch + 1)

    return watch


def _last_result(course: Course) -> EpochResult:
    loss, accuracy, validation_loss, validation_accuracy = (float(number) for number in course.history[-1])
    best = course.best_epoch == course.epochs
    return EpochResult(course.epochs, loss, accuracy, validation_loss, validation_accuracy, best)


def _keep(state: Path, model: "keras.Model", course: Course, seed: int, lessons: Lessons) -> None:
    """Put this epoch's state in place as one folder, then drop all others: at no moment is there none."""
    place = state / f"epoch-{course.epochs:06d}"
    beside = place.with_suffix(".partial")
    with writing(state):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        model.save(beside / NETWORK_FILE)
        np.savez(beside / BEST_FILE, *course.best_weights, allow_pickle=False)
        record = _record(course, lessons.plan.alone, seed, lessons.pictures, np.zeros((0, 0), np.int64))
        (beside / RECORD_FILE).write_bytes(to_bytes(RecordFile("", record, course.initial_weights)))
        shutil.rmtree(place, ignore_errors=True)
        beside.replace(place)
        _drop_others(state, place)


def _drop_others(state: Path, place: Path) -> None:
    """Drop earlier epochs, and later ones of other settings, which would be taken for the newest."""
    for other in _kept(state):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)


def _kept(state: Path) -> list[Path]:
    return sorted(state.glob("epoch-??????"))


def _resumed(state: Path, lessons: Lessons, seed: int) -> tuple["keras.Model", Course] | None:
    """Return the state that an earlier start has kept; None where it is broken or was made otherwise."""
    import keras

    kept = _kept(state)
    if not kept:
        return None
    try:
        file = from_bytes(RecordFile, (kept[-1] / RECORD_FILE).read_bytes())
        if not _same_settings(file.record, lessons, seed):
            return None
        with (kept[-1] / BEST_FILE).open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            best = tuple(read_only(arrays[name]) for name in arrays.files)
        return keras.models.load_model(kept[-1] / NETWORK_FILE), _course(file, best)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def _same_settings(record: TrainingRecord, lessons: Lessons, seed: int) -> bool:
    now = (lessons.plan.alone.command, seed, _versions(), lessons.pictures.digests)
    return (record.command, record.seed, record.versions, record.data_digests) == now


def _course(state: RecordFile, best: tuple[Floats, ...]) -> Course:
    record = state.record
    columns = (record.loss, record.accuracy, record.validation_loss, record.validation_accuracy)
    return Course(np.stack(columns, axis=1), record.checkpoints, state.initial_weights, best, record.seconds)


def _finish(output: Path, reached: Reached, lessons: Lessons, *, finished: bool) -> TrainingOutcome:
    """Write the best network with its record; what a resume needs goes only when nothing is left to do."""
    course, plan = reached.course, lessons.plan
    model = _best_network(course)
    record = _record(course, plan, plan.seed, lessons.pictures, confusion_of(model, lessons.pictures))
    record = replace(record, siblings=reached.siblings)
    file = RecordFile(digest_of(model), record, course.initial_weights)
    with writing(output):
        write_through(output / NETWORK_FILE, model.save)
        write(output / RECORD_FILE, to_bytes(file))
        if finished:
            shutil.rmtree(output / RESUME_FOLDER, ignore_errors=True)
    return TrainingOutcome(output / NETWORK_FILE, record, finished)


def _record(course: Course, plan: Plan, seed: int, pictures: FashionMnist, confusion: Integers) -> TrainingRecord:
    loss, accuracy, validation_loss, validation_accuracy = (read_only(row) for row in course.history.T.copy())
    return TrainingRecord(
        epochs=course.epochs,
        best_epoch=course.best_epoch,
        loss=loss,
        accuracy=accuracy,
        validation_loss=validation_loss,
        validation_accuracy=validation_accuracy,
        test_accuracy=accuracy_of(confusion),
        confusion=read_only(confusion),
        checkpoints=course.checkpoints,
        seed=seed,
        threads=_threads(),
        batch_size=BATCH_SIZE,
        seconds=round(course.seconds, 1),
        command=plan.command,
        versions=_versions(),
        data_digests=pictures.digests,
    )


def _threads() -> int:
    """Return how many threads TensorFlow computes with: as many as set, else as this process may use."""
    import tensorflow as tf

    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return tf.config.threading.get_intra_op_parallelism_threads() or allowed or 1


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
