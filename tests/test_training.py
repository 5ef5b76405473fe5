"""The default network, its training and what it leaves behind, on a data set of a few hundred pictures."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import reportgen
from reportgen import training
from reportgen.errors import InputError, OutputWriteError
from reportgen.pages.class_words import FASHION_MNIST
from reportgen.pages.words import Words
from reportgen.pictures import FashionMnist, bundled_pictures
from reportgen.snapshot import Checkpoint, RecordFile, Sibling, from_bytes
from reportgen.training import Course, EpochResult, NoProgress, Plan, TrainingOutcome

pytestmark = pytest.mark.slow

ASSETS = Path(reportgen.__file__).parent / "assets" / "fashion_mnist"
PLAN = Plan(epochs=3, seed=7)
FAMILY = Plan(epochs=2, seed=7, siblings=2)
BATCHES = 8
"""256 of the 320 training pictures, 32 at a time."""


@dataclass
class Watcher(NoProgress):
    """Notes all that it is told, and presses Ctrl-C at one batch of one epoch, of the network or of a sibling."""

    stop_at: tuple[int, int] | None = None
    stop_in_sibling: int = 0
    told: list[object] = field(default_factory=list)
    epoch: int = 0
    sibling: int = 0

    def started(self, epochs: int, batches: int, finished: int) -> None:
        """Note it."""
        self.told.append(("started", epochs, batches, finished))

    def sibling_began(self, number: int, siblings: int, seed: int) -> None:
        """Note it."""
        self.sibling = number
        self.told.append(("sibling", number, siblings, seed))

    def epoch_began(self, epoch: int) -> None:
        """Note it."""
        self.epoch = epoch
        self.told.append(("began", epoch))

    def batch_ended(self, batches: int) -> None:
        """Note it, or stop."""
        if (self.sibling, self.epoch, batches) == (self.stop_in_sibling, *(self.stop_at or ())):
            raise KeyboardInterrupt
        self.told.append(batches)

    def epoch_ended(self, result: EpochResult) -> None:
        """Note it."""
        self.told.append(result)


def striped(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of noise in which a bright bar stands where the class says."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % 10
    pixels = random.integers(0, 120, (count, 28, 28, 1), dtype=np.uint8)
    for picture, label in zip(pixels, labels, strict=True):
        picture[2 * label + 4 : 2 * label + 7] = 255
    return pixels, labels


@pytest.fixture(scope="module")
def pictures() -> FashionMnist:
    """A small data set of the same form."""
    return FashionMnist(*striped(320, 1), *striped(60, 2), {"train-images": "0" * 64})


@pytest.fixture(scope="module")
def straight(pictures: FashionMnist, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingOutcome, Watcher]:
    """A training that nobody stopped."""
    watcher = Watcher()
    return training.train_on(pictures, tmp_path_factory.mktemp("straight"), PLAN, watcher), watcher


@pytest.fixture(scope="module")
def stopped(pictures: FashionMnist, tmp_path_factory: pytest.TempPathFactory) -> TrainingOutcome:
    """A training that was stopped in its third epoch."""
    folder = tmp_path_factory.mktemp("stopped")
    return training.train_on(pictures, folder, PLAN, Watcher(stop_at=(3, 4)))


def record_beside(outcome: TrainingOutcome) -> RecordFile:
    """What stands in the record's file."""
    return from_bytes(RecordFile, (outcome.network.parent / training.RECORD_FILE).read_bytes())


def course_of(validation_losses: list[float]) -> Course:
    """A training with these validation losses."""
    history = np.zeros((len(validation_losses), 4))
    history[:, 2] = validation_losses
    return Course(history, (), (), (), 0.0)


# --- the network and the data ---


def test_the_network_is_the_textbooks() -> None:
    """Every layer has the shape and the number of parameters that the textbook prints."""
    model = training.build_network()
    assert [(layer.name, layer.output.shape[1:], layer.count_params()) for layer in model.layers] == [
        ("convolution_1", (28, 28, 32), 320),
        ("pooling_1", (14, 14, 32), 0),
        ("convolution_2", (14, 14, 64), 18_496),
        ("pooling_2", (7, 7, 64), 0),
        ("flatten", (3136,), 0),
        ("dense", (100,), 313_700),
        ("dropout", (100,), 0),
        ("output", (10,), 1_010),
    ]


def test_the_network_has_the_textbooks_settings() -> None:
    """The activations and the share of dropout are those of the textbook."""
    configurations = {layer.name: layer.get_config() for layer in training.build_network().layers}
    activations = {name: each["activation"] for name, each in configurations.items() if "activation" in each}
    assert activations == {
        "convolution_1": "relu",
        "convolution_2": "relu",
        "dense": "relu",
        "output": "softmax",
    }
    assert configurations["dropout"]["rate"] == 0.4


def test_the_split_is_that_of_scikit_learn(pictures: FashionMnist) -> None:
    """`train_test_split(range(10), test_size=0.2, random_state=42)` gives 5 0 7 2 9 4 3 6 and 8 1."""
    ten = replace(pictures, training_pixels=pictures.training_pixels[:10], training_labels=np.arange(10))
    split = training.validation_split(ten, 42)
    assert split.labels.tolist() == [5, 0, 7, 2, 9, 4, 3, 6]
    assert split.validation_labels.tolist() == [8, 1]


def test_the_split_keeps_labels_with_their_pictures(pictures: FashionMnist) -> None:
    """Each picture's bright bar still stands where its label says."""
    split = training.validation_split(pictures, 3)
    for pixels, labels in (
        (split.pixels, split.labels),
        (split.validation_pixels, split.validation_labels),
    ):
        bars = (pixels[..., 0] == 255).all(axis=2).argmax(axis=1)
        assert (bars == 2 * labels + 4).all()


@pytest.mark.parametrize(
    ("losses", "over", "best"),
    [
        ([0.5], False, 1),
        ([0.5, 0.6], False, 1),
        ([0.5, 0.6, 0.5], True, 1),
        ([0.5, 0.6, 0.4], False, 3),
        ([0.5, 0.4, 0.6, 0.7], True, 2),
        ([0.5, 0.4, 0.3, 0.2, 0.1], True, 5),
    ],
)
def test_training_stops_in_time(losses: list[float], over: bool, best: int) -> None:  # noqa: FBT001 - a table
    """It ends after five epochs here, or after two that were no better; the first best epoch counts."""
    course = course_of(losses)
    assert (course.is_over(Plan(5, 0)), course.best_epoch) == (over, best)


@pytest.mark.parametrize(
    "plan", [Plan(0, 42), Plan(20, -1), Plan(20, 2**32), Plan(20, 42, -1), Plan(20, 2**32 - 2, 2)]
)
def test_impossible_settings_are_refused(pictures: FashionMnist, tmp_path: Path, plan: Plan) -> None:
    """No epochs, or a seed that no generator takes, is a mistake in the settings."""
    with pytest.raises(InputError, match="--"):
        training.train_on(pictures, tmp_path, plan, NoProgress())


# --- what a training leaves behind ---


def test_it_tells_how_far_it_is(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """Whoever watches hears of the start, of every epoch, of every batch and of every result."""
    told = straight[1].told
    assert told[0] == ("started", 3, BATCHES, 0)
    assert told[1 : BATCHES + 2] == [("began", 1), *range(1, BATCHES + 1)]
    results = [each for each in told if isinstance(each, EpochResult)]
    assert [each.validation_loss for each in results] == straight[0].record.validation_loss.tolist()


def test_it_learns(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """Three epochs are enough to tell the bars apart better than by chance."""
    record = straight[0].record
    assert record.loss[-1] < record.loss[0]
    assert record.test_accuracy > 0.2


def test_the_record_file_says_what_the_outcome_says(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """The record is written as it is returned."""
    record = record_beside(straight[0]).record
    assert (record.epochs, record.seed, record.batch_size) == (3, 7, 32)
    assert record.command == "reportgen train --epochs 3 --seed 7"
    assert set(record.versions) == {"python", "tensorflow", "keras", "numpy"}
    assert record.data_digests == {"train-images": "0" * 64}
    assert record.threads >= 1


def test_the_initial_weights_are_those_of_a_fresh_network(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """Kernels lie inside their Glorot limit, and nearly reach it; biases are zero."""
    weights = record_beside(straight[0]).initial_weights
    assert [array.shape for array in weights[:2]] == [(3, 3, 1, 32), (32,)]
    for kernel, inputs_and_outputs in zip(weights[::2], (9 + 288, 288 + 576, 3236, 110), strict=True):
        limit = np.sqrt(6 / inputs_and_outputs)
        assert 0.9 * limit < np.abs(kernel).max() <= limit
    assert not any(bias.any() for bias in weights[1::2])


def test_the_kernels_are_kept_at_the_stated_moments(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """At the start, after the first batch, after a quarter of the first epoch, and after each epoch."""
    checkpoints = straight[0].record.checkpoints
    assert [each.epoch for each in checkpoints] == [0, 1 / BATCHES, 0.25, 1, 2, 3]
    assert all(_shapes(each) == [(3, 3, 1, 32), (3, 3, 32, 64)] for each in checkpoints)
    assert all((a.kernels[0] != b.kernels[0]).any() for a, b in pairwise(checkpoints))


def _shapes(checkpoint: Checkpoint) -> list[tuple[int, ...]]:
    return [kernel.shape for kernel in checkpoint.kernels]


def test_the_first_checkpoint_is_the_initial_network(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """What is kept at epoch 0 are the first kernels."""
    file = record_beside(straight[0])
    first = file.record.checkpoints[0].kernels
    assert all(np.array_equal(a, b) for a, b in zip(first, file.initial_weights[0:4:2], strict=True))


def test_the_saved_network_is_that_of_the_best_epoch(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """Its kernels are those of the checkpoint with the lowest validation loss."""
    import keras

    record = straight[0].record
    best = next(each for each in record.checkpoints if each.epoch == record.best_epoch)
    kernel = keras.models.load_model(straight[0].network).get_layer("convolution_2").get_weights()[0]
    assert record.best_epoch == int(np.argmin(record.validation_loss)) + 1
    assert np.array_equal(kernel, best.kernels[1])


def test_the_record_knows_its_network(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """The digest is the same after saving and loading."""
    import keras

    loaded = keras.models.load_model(straight[0].network)
    assert training.digest_of(loaded) == record_beside(straight[0]).network_digest


def test_the_saved_network_has_no_optimizer(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """The state of Adam would treble the file."""
    import keras

    assert getattr(keras.models.load_model(straight[0].network), "optimizer", None) is None


def test_the_confusion_is_that_of_the_saved_network(
    straight: tuple[TrainingOutcome, Watcher], pictures: FashionMnist
) -> None:
    """Rows are labels, columns answers, counted here one by one."""
    import keras

    answers = keras.models.load_model(straight[0].network)(pictures.test_pixels / np.float32(255)).numpy()
    counted = np.zeros((10, 10), np.int64)
    for label, answer in zip(pictures.test_labels, answers.argmax(axis=1), strict=True):
        counted[label, answer] += 1
    record = straight[0].record
    assert np.array_equal(record.confusion, counted)
    assert record.test_accuracy == pytest.approx(np.trace(counted) / 60)


def test_a_finished_training_leaves_two_files(straight: tuple[TrainingOutcome, Watcher]) -> None:
    """What a resume would need is gone."""
    assert straight[0].finished
    names = sorted(path.name for path in straight[0].network.parent.iterdir())
    assert names == [training.NETWORK_FILE, training.RECORD_FILE]


# --- stopped and resumed ---


def test_a_stopped_training_keeps_the_best_so_far(stopped: TrainingOutcome) -> None:
    """After two whole epochs there is a network with its record, and a note that it is not finished."""
    import keras

    assert (stopped.finished, stopped.record.epochs) == (False, 2)
    loaded = keras.models.load_model(stopped.network)
    assert training.digest_of(loaded) == record_beside(stopped).network_digest
    note = (stopped.network.parent / training.RESUME_FOLDER / "unfinished.txt").read_text()
    assert PLAN.command in note


def test_a_resumed_training_ends_as_if_never_stopped(
    stopped: TrainingOutcome, straight: tuple[TrainingOutcome, Watcher], pictures: FashionMnist
) -> None:
    """The order of the pictures, the dropout and the optimizer go on where they were: the same network."""
    watcher = Watcher()
    resumed = training.train_on(pictures, stopped.network.parent, PLAN, watcher)
    assert watcher.told[:2] == [("started", 3, BATCHES, 2), ("began", 3)]
    assert resumed.finished
    assert record_beside(resumed).network_digest == record_beside(straight[0]).network_digest
    assert np.array_equal(resumed.record.loss, straight[0].record.loss)
    assert [each.epoch for each in resumed.record.checkpoints] == [0, 1 / BATCHES, 0.25, 1, 2, 3]


def test_other_settings_begin_anew(pictures: FashionMnist, tmp_path: Path) -> None:
    """What another seed has left is not taken up."""
    training.train_on(pictures, tmp_path, Plan(2, 1), Watcher(stop_at=(2, 1)))
    watcher = Watcher(stop_at=(1, 1))
    with pytest.raises(KeyboardInterrupt):
        training.train_on(pictures, tmp_path, Plan(2, 2), watcher)
    assert watcher.told[0] == ("started", 2, BATCHES, 0)


@pytest.mark.parametrize("name", [training.NETWORK_FILE, training.RECORD_FILE, "best.npz"])
def test_a_broken_state_begins_anew(pictures: FashionMnist, tmp_path: Path, name: str) -> None:
    """A state of which one file is cut short is left aside."""
    training.train_on(pictures, tmp_path, Plan(2, 1), Watcher(stop_at=(2, 1)))
    (broken,) = (tmp_path / training.RESUME_FOLDER).glob(f"epoch-*/{name}")
    broken.write_bytes(broken.read_bytes()[:100])
    watcher = Watcher(stop_at=(1, 1))
    with pytest.raises(KeyboardInterrupt):
        training.train_on(pictures, tmp_path, Plan(2, 1), watcher)
    assert watcher.told[0] == ("started", 2, BATCHES, 0)


def test_stopped_in_the_first_epoch_there_is_nothing_to_keep(pictures: FashionMnist, tmp_path: Path) -> None:
    """The stop goes on to the caller, and the folder is left empty."""
    with pytest.raises(KeyboardInterrupt):
        training.train_on(pictures, tmp_path, PLAN, Watcher(stop_at=(1, 2)))
    assert list(tmp_path.iterdir()) == []


def test_what_other_settings_left_is_not_taken_for_newer(pictures: FashionMnist, tmp_path: Path) -> None:
    """A later epoch of another seed does not push out the first one of this."""
    training.train_on(pictures, tmp_path, Plan(3, 1), Watcher(stop_at=(3, 1)))
    training.train_on(pictures, tmp_path, Plan(3, 2), Watcher(stop_at=(2, 1)))
    watcher = Watcher(stop_at=(2, 1))
    training.train_on(pictures, tmp_path, Plan(3, 2), watcher)
    assert watcher.told[0] == ("started", 3, BATCHES, 1)


# --- siblings ---


@pytest.fixture(scope="module")
def family(pictures: FashionMnist, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingOutcome, Watcher]:
    """A network with two siblings, that nobody stopped."""
    watcher = Watcher()
    return training.train_on(pictures, tmp_path_factory.mktemp("family"), FAMILY, watcher), watcher


@pytest.fixture(scope="module")
def stopped_family(pictures: FashionMnist, tmp_path_factory: pytest.TempPathFactory) -> TrainingOutcome:
    """The same, stopped in the second epoch of the second sibling."""
    folder = tmp_path_factory.mktemp("stopped_family")
    return training.train_on(pictures, folder, FAMILY, Watcher(stop_at=(2, 4), stop_in_sibling=2))


def alike(one: Sibling, other: Sibling) -> bool:
    """Whether two siblings are the same to the last bit."""
    same = all(np.array_equal(a, b) for a, b in zip(one.kernels, other.kernels, strict=True))
    return same and (one.seed, one.test_accuracy) == (other.seed, other.test_accuracy)


def test_siblings_change_nothing_of_the_network(
    family: tuple[TrainingOutcome, Watcher], straight: tuple[TrainingOutcome, Watcher]
) -> None:
    """It has learned in two epochs what it learns without them; only its record says more."""
    alone, together = straight[0].record, family[0].record
    assert np.array_equal(alone.loss[:2], together.loss)
    for one, other in zip(alone.checkpoints[:-1], together.checkpoints, strict=True):
        assert np.array_equal(one.kernels[1], other.kernels[1])
    assert together.command == "reportgen train --epochs 2 --seed 7 --siblings 2"
    assert alone.siblings == ()


def test_siblings_come_from_the_seeds_that_follow(family: tuple[TrainingOutcome, Watcher]) -> None:
    """They stand in the file, each with its kernels, none with those of another."""
    siblings = record_beside(family[0]).record.siblings
    assert [each.seed for each in siblings] == [8, 9]
    shapes = [(3, 3, 1, 32), (3, 3, 32, 64)]
    assert all([kernel.shape for kernel in each.kernels] == shapes for each in siblings)
    assert (siblings[0].kernels[0] != siblings[1].kernels[0]).any()


def test_a_sibling_is_what_its_seed_gives_on_the_networks_split(
    family: tuple[TrainingOutcome, Watcher],
    pictures: FashionMnist,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A training of its own from the seed 8 on the split of the seed 7 has the same best kernels and accuracy."""
    split = training.validation_split(pictures, 7)
    monkeypatch.setattr("reportgen.training.course.validation_split", lambda _pictures, _seed: split)
    record = training.train_on(pictures, tmp_path, Plan(2, 8), NoProgress()).record
    best = next(each for each in record.checkpoints if each.epoch == record.best_epoch)
    assert alike(family[0].record.siblings[0], Sibling(8, record.test_accuracy, best.kernels))


def test_it_tells_of_each_sibling(family: tuple[TrainingOutcome, Watcher]) -> None:
    """Which one comes, and then the same as of the network."""
    told = [each for each in family[1].told if not isinstance(each, int | EpochResult)]
    one = [("started", 2, BATCHES, 0), ("began", 1), ("began", 2)]
    assert told == [*one, ("sibling", 1, 2, 8), *one, ("sibling", 2, 2, 9), *one]


def test_stopped_in_a_sibling_there_are_the_network_and_the_finished_ones(
    stopped_family: TrainingOutcome, family: tuple[TrainingOutcome, Watcher]
) -> None:
    """The first sibling is whole and kept; the second is not there yet."""
    assert (stopped_family.finished, stopped_family.record.epochs) == (False, 2)
    (only,) = record_beside(stopped_family).record.siblings
    assert alike(only, family[0].record.siblings[0])


def test_a_family_goes_on_where_it_was_stopped(
    stopped_family: TrainingOutcome, family: tuple[TrainingOutcome, Watcher], pictures: FashionMnist
) -> None:
    """Nothing that was whole is trained again, and the end is as if it had never been stopped."""
    watcher = Watcher()
    resumed = training.train_on(pictures, stopped_family.network.parent, FAMILY, watcher)
    assert [each for each in watcher.told if isinstance(each, tuple)] == [
        ("started", 2, BATCHES, 2),
        ("sibling", 1, 2, 8),
        ("started", 2, BATCHES, 2),
        ("sibling", 2, 2, 9),
        ("started", 2, BATCHES, 1),
        ("began", 2),
    ]
    assert resumed.finished
    both = zip(resumed.record.siblings, family[0].record.siblings, strict=True)
    assert all(alike(one, other) for one, other in both)
    assert sorted(path.name for path in resumed.network.parent.iterdir()) == ["network.keras", "record.npz"]


def test_one_who_is_stopped_can_ask_for_fewer_siblings(pictures: FashionMnist, tmp_path: Path) -> None:
    """The network's own state is the same however many follow."""
    training.train_on(pictures, tmp_path, Plan(2, 1, 3), Watcher(stop_at=(2, 1)))
    watcher = Watcher()
    outcome = training.train_on(pictures, tmp_path, Plan(2, 1), watcher)
    assert watcher.told[0] == ("started", 2, BATCHES, 1)
    assert (outcome.finished, outcome.record.siblings) == (True, ())


# --- a folder that cannot be written ---


def test_a_file_in_the_folders_place_is_an_error_before_training(pictures: FashionMnist, tmp_path: Path) -> None:
    """The user hears of it at once, in one line."""
    (tmp_path / "out").write_text("mine")
    watcher = Watcher()
    with pytest.raises(OutputWriteError, match=r"out: cannot be written .* another folder\.$"):
        training.train_on(pictures, tmp_path / "out", PLAN, watcher)
    assert watcher.told == []


def test_a_full_disk_leaves_the_old_network(
    pictures: FashionMnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written beside and put in place when they are whole."""
    (tmp_path / training.NETWORK_FILE).write_bytes(b"old network")
    (tmp_path / training.RECORD_FILE).write_bytes(b"old record")
    monkeypatch.setattr(Path, "write_bytes", _full_after(2, Path.write_bytes))
    with pytest.raises(OutputWriteError, match="No space left on device"):
        training.train_on(pictures, tmp_path, Plan(1, 1), NoProgress())
    assert (tmp_path / training.RECORD_FILE).read_bytes() == b"old record"
    assert not list(tmp_path.glob(".partial*"))


def _full_after(count: int, write: Callable[[Path, bytes], int]) -> Callable[[Path, bytes], int]:
    written: list[Path] = []

    def write_until_full(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) > count:
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    return write_until_full


# --- what comes with the program ---


def test_the_bundle_takes_the_first_of_each_class(pictures: FashionMnist) -> None:
    """The survey is in the test set's order; nobody chooses."""
    backwards = replace(pictures, test_pixels=pictures.test_pixels[::-1], test_labels=pictures.test_labels[::-1])
    arrays = training.bundled_arrays(backwards, 2)
    assert arrays["survey_numbers"].tolist() == list(range(20))
    assert arrays["showcase_numbers"].tolist() == [*range(9, -1, -1), 0]
    assert arrays["showcase_labels"].tolist() == [*range(10), 0]
    assert np.array_equal(arrays["showcase_pixels"][-1], pictures.training_pixels[0])
    assert arrays["showcase_sources"].tolist() == ["test"] * 10 + ["training"]


def test_a_folder_without_a_training_is_not_bundled(tmp_path: Path) -> None:
    """The error names what is missing and says how to get it."""
    with pytest.raises(InputError, match=r"no network\.keras\. .*'reportgen train'"):
        training.bundle_assets(None, tmp_path, tmp_path)


def test_the_bundled_network_is_good_enough() -> None:
    """Its record says 0.905 or more over all 10,000 test pictures."""
    record = from_bytes(RecordFile, (ASSETS / training.RECORD_FILE).read_bytes()).record
    assert record.confusion.sum(axis=1).tolist() == [1000] * 10
    assert record.test_accuracy == np.trace(record.confusion) / 10_000 >= 0.905


def test_the_bundled_record_belongs_to_the_bundled_network() -> None:
    """The digest in the record is that of the network beside it."""
    import keras

    file = from_bytes(RecordFile, (ASSETS / training.RECORD_FILE).read_bytes())
    loaded = keras.models.load_model(ASSETS / training.NETWORK_FILE)
    assert training.digest_of(loaded) == file.network_digest
    assert [array.shape for array in loaded.get_weights()] == [array.shape for array in file.initial_weights]


def test_the_bundled_network_does_on_the_survey_what_its_record_says() -> None:
    """Over 4,000 of the 10,000 test pictures the accuracy lies within two points of the recorded one."""
    import keras

    survey = bundled_pictures().survey
    answers = keras.models.load_model(ASSETS / training.NETWORK_FILE).predict(
        survey.pixels / np.float32(255), batch_size=500, verbose=0
    )
    record = from_bytes(RecordFile, (ASSETS / training.RECORD_FILE).read_bytes()).record
    accuracy = np.mean(answers.argmax(axis=1) == survey.labels)
    assert accuracy == pytest.approx(record.test_accuracy, abs=0.02)


def test_two_siblings_come_with_the_bundled_network() -> None:
    """They are about as good, and none is the network itself."""
    record = from_bytes(RecordFile, (ASSETS / training.RECORD_FILE).read_bytes()).record
    best = next(each for each in record.checkpoints if each.epoch == record.best_epoch)
    assert [each.seed for each in record.siblings] == [record.seed + 1, record.seed + 2]
    for sibling in record.siblings:
        assert sibling.test_accuracy == pytest.approx(record.test_accuracy, abs=0.015)
        assert [kernel.shape for kernel in sibling.kernels] == [kernel.shape for kernel in best.kernels]
        assert (sibling.kernels[0] != best.kernels[0]).any()


def test_the_classes_have_names_in_both_languages() -> None:
    """Ten names each, in the order of the labels."""
    assert (FASHION_MNIST[0], FASHION_MNIST[9], len(FASHION_MNIST)) == ("T-shirt/top", "Ankle boot", 10)
    korean = [Words("ko").gettext(name) for name in FASHION_MNIST]
    assert (korean[0], korean[9], len(set(korean))) == ("티셔츠", "앵클 부츠", 10)


def test_the_bundle_is_small() -> None:
    """All that comes with the program is at most 8 MB."""
    assert sum(path.stat().st_size for path in ASSETS.iterdir()) <= 8_000_000
