"""Builds, trains and saves the default network together with its record, and packs what comes with the program.

The network and its settings are those of a textbook: two convolutions, two poolings, two dense layers, trained on
Fashion-MNIST. Its siblings are the same network from other seeds, on the same split; of them only what they ended
with is kept. It knows nothing of reports, and it never writes to the screen: who wants to show how far the
training is hands in a `TrainingProgress`.
"""

import io
import json
import math
import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError, OutputWriteError
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
    network_digest,
    read_only,
    to_bytes,
)

if TYPE_CHECKING:
    import keras

NETWORK_FILE = "network.keras"
RECORD_FILE = "record.npz"
RESUME_FOLDER = "resume"
_BEST_FILE = "best.npz"

ENGLISH_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
KOREAN_CLASSES = ("티셔츠", "바지", "스웨터", "드레스", "코트", "샌달", "셔츠", "스니커즈", "가방", "앵클 부츠")

SURVEY_PER_CLASS = 400
"""Pictures of each class that come with the program: enough for intervals of ±1.5 points."""

_BATCH_SIZE = 32
_PATIENCE = 2
"""Epochs without a lower validation loss after which training stops."""
_VALIDATION_SHARE = 0.2
_PREDICTION_BATCH = 1000
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
class Split:
    """Pixels from 0 to 255, (n, 28, 28, 1), and labels, (n,)."""

    pixels: NDArray[np.uint8]
    labels: Integers
    validation_pixels: NDArray[np.uint8]
    validation_labels: Integers

    @property
    def batches(self) -> int:
        """Batches of an epoch; the last one may be smaller."""
        return -(-len(self.labels) // _BATCH_SIZE)


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
        return self.epochs >= plan.epochs or self.epochs - self.best_epoch >= _PATIENCE


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


def download() -> tuple[NDArray[np.uint8], ...]:
    """Return the pictures and labels of Fashion-MNIST, training and test, through Keras' downloader.

    Raises:
        InputError: the download failed.
    """
    from keras.datasets import fashion_mnist

    try:
        # The downloader shows a bar of its own.
        with redirect_stdout(io.StringIO()):
            training, test = fashion_mnist.load_data()
    except Exception as error:  # Keras raises the bare class
        raise InputError(
            f"Fashion-MNIST: the download failed ({error}). Install dataset-fashion-mnist or give --data DIR."
        ) from error
    return (*training, *test)


def build_network() -> "keras.Model":
    """Return the textbook's network for pictures of 28×28 grey pixels and ten classes, untrained."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="pictures"),
            layers.Conv2D(32, 3, activation="relu", padding="same", name="convolution_1"),
            layers.MaxPooling2D(2, name="pooling_1"),
            layers.Conv2D(64, 3, activation="relu", padding="same", name="convolution_2"),
            layers.MaxPooling2D(2, name="pooling_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(100, activation="relu", name="dense"),
            layers.Dropout(0.4, name="dropout"),
            layers.Dense(10, activation="softmax", name="output"),
        ],
        name="fashion_mnist",
    )


def validation_split(pictures: FashionMnist, seed: int) -> Split:
    """Return the training pictures parted into 80 % to learn from and 20 % to choose the best epoch by.

    The textbook shuffles with scikit-learn's `train_test_split`, which is NumPy's older generator, permuted once,
    the first part kept for validation; the same steps here give the same parts.
    """
    count = len(pictures.training_labels)
    order = np.random.RandomState(seed).permutation(count)
    aside = math.ceil(count * _VALIDATION_SHARE)
    validation, training = order[:aside], order[aside:]
    return Split(
        pictures.training_pixels[training],
        pictures.training_labels[training],
        pictures.training_pixels[validation],
        pictures.training_labels[validation],
    )


def bundle_assets(data_folder: Path | None, trained: Path, assets: Path) -> None:
    """Write all that comes with the program: a trained network with its record, pictures and class names.

    Raises:
        InputError: the folder `trained` holds no finished training.
        OutputWriteError: the folder `assets` cannot be written.
    """
    for name in (NETWORK_FILE, RECORD_FILE):
        if not (trained / name).is_file():
            raise InputError(f"{trained}: no {name}. Give a folder that 'reportgen train' has filled.")
    pictures = read_fashion_mnist(data_folder, download)
    with _writing(assets):
        assets.mkdir(parents=True, exist_ok=True)
        for name in (NETWORK_FILE, RECORD_FILE):
            _write(assets / name, (trained / name).read_bytes())
        _write(assets / "network.json", _names())
        _write(assets / "pictures.npz", _packed(bundled_arrays(pictures, SURVEY_PER_CLASS)))


def _check(plan: Plan) -> None:
    if plan.epochs < 1:
        raise InputError(f"--epochs {plan.epochs}: training needs at least one epoch.")
    if plan.siblings < 0:
        raise InputError(f"--siblings {plan.siblings}: give 0 or more.")
    if not 0 <= plan.seed <= _LARGEST_SEED - plan.siblings:
        raise InputError(f"--seed {plan.seed}: give a number from 0 to {_LARGEST_SEED - plan.siblings}.")


def _mark_unfinished(output: Path, plan: Plan) -> None:
    """Make the folder that is there until the training is finished; a full disk shows now, not after an epoch."""
    with _writing(output):
        (output / RESUME_FOLDER).mkdir(parents=True, exist_ok=True)
        note = f"This training is not finished. It goes on with: {plan.command}\n"
        _write(output / RESUME_FOLDER / "unfinished.txt", note.encode())


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
    first = _weights(model)
    start = (Checkpoint(0.0, _kernels(model)),)
    return model, Course(np.zeros((0, 4)), start, first, first, 0.0)


def _sibling(course: Course, seed: int, pictures: FashionMnist) -> Sibling:
    model = _best_network(course)
    return Sibling(seed, _accuracy(_confusion(model, pictures)), _kernels(model))


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
    moments.append(Checkpoint(course.epochs + 1.0, _kernels(model)))
    later = replace(
        course,
        history=np.vstack([course.history, losses]),
        checkpoints=(*course.checkpoints, *moments),
        seconds=course.seconds + time.monotonic() - began,
    )
    return replace(later, best_weights=_weights(model)) if later.best_epoch == later.epochs else later


def _fit_epoch(
    model: "keras.Model", split: Split, seed: int, finished: int, watch: Callable[[int], None]
) -> Doubles:
    """Train for one epoch; its random choices depend on the seed and its number, not on what ran before."""
    import keras

    order = np.random.default_rng([seed, finished]).permutation(len(split.labels))
    model.get_layer("dropout").seed_generator.state.assign(np.array([seed, finished * split.batches]))
    history = model.fit(
        _scaled(split.pixels[order]),
        split.labels[order],
        batch_size=_BATCH_SIZE,
        shuffle=False,
        verbose=0,
        validation_data=(_scaled(split.validation_pixels), split.validation_labels),
        validation_batch_size=_PREDICTION_BATCH,
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
            moments.append(Checkpoint((batch + 1) / split.batches, _kernels(model)))
        progress.batch_ended(batch + 1)

    return watch


def _scaled(pixels: NDArray[np.uint8]) -> Floats:
    return pixels.astype(np.float32) / np.float32(255)


def _weights(model: "keras.Model") -> tuple[Floats, ...]:
    return tuple(read_only(np.asarray(array, np.float32).copy()) for array in model.get_weights())


def _kernels(model: "keras.Model") -> tuple[Floats, ...]:
    convolutions = (model.get_layer(name) for name in ("convolution_1", "convolution_2"))
    return tuple(read_only(np.array(layer.get_weights()[0], np.float32)) for layer in convolutions)


def _last_result(course: Course) -> EpochResult:
    loss, accuracy, validation_loss, validation_accuracy = (float(number) for number in course.history[-1])
    best = course.best_epoch == course.epochs
    return EpochResult(course.epochs, loss, accuracy, validation_loss, validation_accuracy, best)


def _keep(state: Path, model: "keras.Model", course: Course, seed: int, lessons: Lessons) -> None:
    """Put this epoch's state in place as one folder, then drop all others: at no moment is there none."""
    place = state / f"epoch-{course.epochs:06d}"
    beside = place.with_suffix(".partial")
    with _writing(state):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        model.save(beside / NETWORK_FILE)
        np.savez(beside / _BEST_FILE, *course.best_weights, allow_pickle=False)
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
        with (kept[-1] / _BEST_FILE).open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
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
    record = _record(course, plan, plan.seed, lessons.pictures, _confusion(model, lessons.pictures))
    record = replace(record, siblings=reached.siblings)
    file = RecordFile(digest_of(model), record, course.initial_weights)
    with _writing(output):
        _write_through(output / NETWORK_FILE, model.save)
        _write(output / RECORD_FILE, to_bytes(file))
        if finished:
            shutil.rmtree(output / RESUME_FOLDER, ignore_errors=True)
    return TrainingOutcome(output / NETWORK_FILE, record, finished)


def digest_of(model: "keras.Model") -> str:
    """Return the SHA-256 of a network's configuration and weights, the same before and after saving."""
    configuration = json.dumps(json.loads(model.to_json())["config"])
    return network_digest(configuration, model.get_weights())


def _confusion(model: "keras.Model", pictures: FashionMnist) -> Integers:
    answers = model.predict(_scaled(pictures.test_pixels), batch_size=_PREDICTION_BATCH, verbose=0)
    classes = answers.shape[1]
    cells = pictures.test_labels * classes + answers.argmax(axis=1)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def _accuracy(confusion: Integers) -> float:
    return float(np.trace(confusion) / max(1, confusion.sum()))


def _record(course: Course, plan: Plan, seed: int, pictures: FashionMnist, confusion: Integers) -> TrainingRecord:
    loss, accuracy, validation_loss, validation_accuracy = (read_only(row) for row in course.history.T.copy())
    return TrainingRecord(
        epochs=course.epochs,
        best_epoch=course.best_epoch,
        loss=loss,
        accuracy=accuracy,
        validation_loss=validation_loss,
        validation_accuracy=validation_accuracy,
        test_accuracy=_accuracy(confusion),
        confusion=read_only(confusion),
        checkpoints=course.checkpoints,
        seed=seed,
        threads=_threads(),
        batch_size=_BATCH_SIZE,
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


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputWriteError(
            f"{folder}: cannot be written ({error.strerror or error}). Free some space or give another folder."
        ) from error


def _write(path: Path, content: bytes) -> None:
    _write_through(path, lambda beside: beside.write_bytes(content))


def _write_through(path: Path, write: Callable[[Path], object]) -> None:
    """Let a file be written beside its place and put it there when it is whole."""
    beside = path.with_name(f".partial-{path.name}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _names() -> bytes:
    facts = {
        "name": "Fashion-MNIST",
        "classes": {"en": ENGLISH_CLASSES, "ko": KOREAN_CLASSES},
        "data": "https://github.com/zalandoresearch/fashion-mnist",
        "licence": "MIT, © 2017 Zalando SE",
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()


def bundled_arrays(pictures: FashionMnist, per_class: int) -> dict[str, NDArray[np.generic]]:
    """Return the pictures that come with the program, chosen by rule.

    The survey is the first so many test pictures of each class, in the test set's order; the showcase is the first
    test picture of each class and the first training picture.
    """
    labels = pictures.test_labels
    places = [np.flatnonzero(labels == label)[:per_class] for label in range(len(ENGLISH_CLASSES))]
    survey = np.sort(np.concatenate(places))
    firsts = np.array([place[0] for place in places])
    return {
        "survey_pixels": pictures.test_pixels[survey],
        "survey_labels": labels[survey],
        "survey_numbers": survey,
        "showcase_pixels": np.concatenate([pictures.test_pixels[firsts], pictures.training_pixels[:1]]),
        "showcase_labels": np.append(labels[firsts], pictures.training_labels[:1]),
        "showcase_numbers": np.append(firsts, 0),
        "showcase_sources": np.array(["test"] * len(firsts) + ["training"]),
        "classes": np.array(ENGLISH_CLASSES),
    }


def _packed(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()
