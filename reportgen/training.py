"""Builds, trains and saves the default network together with its record, and packs what comes with the program.

The network and its settings are those of a textbook: two convolutions, two poolings, two dense layers, trained on
Fashion-MNIST. It knows nothing of reports, and it never writes to the screen: who wants to show how far the
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
        """Training begins: at most so many epochs of so many batches, of which some are finished already."""

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
    """At most."""
    seed: int

    @property
    def command(self) -> str:
        """The command that gives this training, without the places that only this machine knows."""
        return f"reportgen train --epochs {self.epochs} --seed {self.seed}"


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


def train(
    data_folder: Path | None,
    output: Path,
    *,
    epochs: int = 20,
    seed: int = 42,
    progress: TrainingProgress | None = None,
) -> TrainingOutcome:
    """Train the default network on Fashion-MNIST and leave `network.keras` and `record.npz` in a folder.

    Raises:
        InputError: the settings or the data cannot be used.
        OutputWriteError: the folder cannot be written.
        KeyboardInterrupt: stopped before the end of the first epoch, so that there is nothing to keep.
    """
    pictures = read_fashion_mnist(data_folder, download)
    return train_on(pictures, output, Plan(epochs, seed), progress or NoProgress())


def train_on(pictures: FashionMnist, output: Path, plan: Plan, progress: TrainingProgress) -> TrainingOutcome:
    """Train the default network on these pictures; see `train`."""
    _check(plan)
    _mark_unfinished(output, plan)
    split = validation_split(pictures, plan.seed)
    model, course = _resumed(output, plan, pictures) or _begun(plan)
    progress.started(plan.epochs, split.batches, course.epochs)
    finished = True
    try:
        while not course.is_over(plan):
            course = _after_epoch(model, course, split, plan, progress)
            _keep(output, model, course, plan, pictures)
            progress.epoch_ended(_last_result(course))
    except KeyboardInterrupt:
        if course.epochs == 0:
            shutil.rmtree(output / RESUME_FOLDER, ignore_errors=True)
            raise
        finished = False
    return _finish(output, course, plan, pictures, finished=finished)


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
    if not 0 <= plan.seed <= _LARGEST_SEED:
        raise InputError(f"--seed {plan.seed}: give a number from 0 to {_LARGEST_SEED}.")


def _mark_unfinished(output: Path, plan: Plan) -> None:
    """Make the folder that is there until the training is finished; a full disk shows now, not after an epoch."""
    with _writing(output):
        (output / RESUME_FOLDER).mkdir(parents=True, exist_ok=True)
        note = f"This training is not finished. It goes on with: {plan.command}\n"
        _write(output / RESUME_FOLDER / "unfinished.txt", note.encode())


def _begun(plan: Plan) -> tuple["keras.Model", Course]:
    import keras

    keras.utils.set_random_seed(plan.seed)
    model = build_network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    first = _weights(model)
    start = (Checkpoint(0.0, _kernels(model)),)
    return model, Course(np.zeros((0, 4)), start, first, first, 0.0)


def _after_epoch(
    model: "keras.Model", course: Course, split: Split, plan: Plan, progress: TrainingProgress
) -> Course:
    began = time.monotonic()
    progress.epoch_began(course.epochs + 1)
    moments: list[Checkpoint] = []
    losses = _fit_epoch(
        model, split, plan.seed, course.epochs, _batch_watcher(model, course, split, moments, progress)
    )
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


def _keep(output: Path, model: "keras.Model", course: Course, plan: Plan, pictures: FashionMnist) -> None:
    """Put this epoch's state in place as one folder, then drop the one before: at no moment is there none."""
    place = output / RESUME_FOLDER / f"epoch-{course.epochs:06d}"
    beside = place.with_suffix(".partial")
    with _writing(output):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        model.save(beside / NETWORK_FILE)
        np.savez(beside / _BEST_FILE, *course.best_weights, allow_pickle=False)
        record = _record(course, plan, pictures, np.zeros((0, 0), np.int64))
        (beside / RECORD_FILE).write_bytes(to_bytes(RecordFile("", record, course.initial_weights)))
        shutil.rmtree(place, ignore_errors=True)
        beside.replace(place)
        for older in _kept(output)[:-1]:
            shutil.rmtree(older, ignore_errors=True)


def _kept(output: Path) -> list[Path]:
    return sorted((output / RESUME_FOLDER).glob("epoch-??????"))


def _resumed(output: Path, plan: Plan, pictures: FashionMnist) -> tuple["keras.Model", Course] | None:
    """Return the state that an earlier start has kept; None where it is broken or was made otherwise."""
    import keras

    kept = _kept(output)
    if not kept:
        return None
    try:
        state = from_bytes(RecordFile, (kept[-1] / RECORD_FILE).read_bytes())
        if not _same_settings(state.record, plan, pictures):
            return None
        with (kept[-1] / _BEST_FILE).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            best = tuple(read_only(file[name]) for name in file.files)
        return keras.models.load_model(kept[-1] / NETWORK_FILE), _course(state, best)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def _same_settings(record: TrainingRecord, plan: Plan, pictures: FashionMnist) -> bool:
    now = (plan.command, _versions(), pictures.digests)
    return (record.command, record.versions, record.data_digests) == now


def _course(state: RecordFile, best: tuple[Floats, ...]) -> Course:
    record = state.record
    columns = (record.loss, record.accuracy, record.validation_loss, record.validation_accuracy)
    return Course(np.stack(columns, axis=1), record.checkpoints, state.initial_weights, best, record.seconds)


def _finish(
    output: Path, course: Course, plan: Plan, pictures: FashionMnist, *, finished: bool
) -> TrainingOutcome:
    """Write the best network with its record; what a resume needs goes only when nothing is left to do."""
    model = build_network()
    model.set_weights(course.best_weights)
    record = _record(course, plan, pictures, _confusion(model, pictures))
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


def _record(course: Course, plan: Plan, pictures: FashionMnist, confusion: Integers) -> TrainingRecord:
    loss, accuracy, validation_loss, validation_accuracy = (read_only(row) for row in course.history.T.copy())
    return TrainingRecord(
        epochs=course.epochs,
        best_epoch=course.best_epoch,
        loss=loss,
        accuracy=accuracy,
        validation_loss=validation_loss,
        validation_accuracy=validation_accuracy,
        test_accuracy=float(np.trace(confusion) / max(1, confusion.sum())),
        confusion=read_only(confusion),
        checkpoints=course.checkpoints,
        seed=plan.seed,
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
