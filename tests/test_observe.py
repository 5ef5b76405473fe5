"""What is seen of a network, held against Keras' own answers; and the process in which it is looked at."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reportgen.analysis.representations import Targets, halves, space
from reportgen.errors import InputError, ModelError
from reportgen.observe import child, layers, observation
from reportgen.observe.activations import (
    Plan,
    Tapped,
    fitting_batch_size,
    maps,
    probabilities_of,
    survey,
    tapped,
)
from reportgen.observe.layers import Step, input_shape, picture_shape, steps, weights_of
from reportgen.observe.models import (
    digest_of,
    drawn_anew,
    open_network,
    read_record,
    twin_of,
)
from reportgen.observe.network import laid_open
from reportgen.observe.observation import ASSETS, SIDE, take_snapshot
from reportgen.observe.request import Request
from reportgen.observe.showcase import showcase_with_mistakes, surest_mistakes
from reportgen.pictures import PictureSet
from reportgen.snapshot import Extremes, Floats, Integers, RecordFile, Snapshot, Window, from_bytes, to_bytes
from reportgen.statistics.extremes import KEPT
from reportgen.statistics.samples import MOST_MIXED, sketch
from tests.factories import initial_weights, training_record
from tests.opened import opened

if TYPE_CHECKING:
    import keras

pytestmark = [
    pytest.mark.slow,
    # Keras converts TensorFlow's variables in a way that numpy 2 warns of; nothing of ours is concerned.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

PICTURES = 23
"""No multiple of the batch size, so that the last batch must be filled up."""
BATCH = 10
NO_LABELS = np.zeros(0, np.int64)


@pytest.fixture(scope="module")
def network() -> "keras.Model":
    """The small network of the factories, built in Keras."""
    import keras

    keras.utils.set_random_seed(3)
    make = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            make.Conv2D(4, 3, padding="same", activation="relu", name="first"),
            make.MaxPooling2D(2, name="pooling"),
            make.Conv2D(6, 3, padding="same", activation="relu", name="second"),
            make.MaxPooling2D(2, name="pooling_again"),
            make.Flatten(name="flatten"),
            make.Dense(5, activation="relu", name="dense"),
            make.Dense(3, activation="softmax", name="output"),
        ]
    )


@pytest.fixture(scope="module")
def saved(network: "keras.Model", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the small network."""
    path = tmp_path_factory.mktemp("network") / "small.keras"
    network.save(path)
    return path


@pytest.fixture(scope="module")
def pixels() -> Floats:
    """Random pictures, (23, 12, 12, 1) in 0 … 1."""
    return np.random.default_rng(1).random((PICTURES, 12, 12, 1), dtype=np.float32)


@pytest.fixture(scope="module")
def labels() -> "np.typing.NDArray[np.int64]":
    """The pictures' classes."""
    return np.arange(PICTURES, dtype=np.int64) % 3


def separately(network: "keras.Model", pixels: Floats) -> list[Floats]:
    """Every layer's output by Keras' own `predict`, one network a layer."""
    import keras

    parts = (keras.Model(network.inputs[0], layer.output) for layer in network.layers)
    return [part.predict(pixels, verbose=0) for part in parts]


def tap(network: "keras.Model", batch_size: int = BATCH) -> Tapped:
    """The network with all its layers tapped."""
    return tapped(opened(network), steps(opened(network)), batch_size, "0..1")


def plan_of(network: "keras.Model", labels: Integers, classes: int, fresh: tuple[bool, ...] | None = None) -> Plan:
    """What to gather of the pictures: copies of every third one, of at most twenty numbers."""
    copied = np.arange(PICTURES) % 3 == 0
    return Plan(labels, classes, copied, 20, fresh or (True,) * len(steps(opened(network))), 42)


def ignore(*_: object) -> None:
    """Take any progress and do nothing."""


def by_name(network: "keras.Model") -> dict[str, Step]:
    """The network's layers by their names."""
    return {step.name: step for step in steps(opened(network))}


def record_of(network: "keras.Model") -> RecordFile:
    """A training record that belongs to the small network."""
    first = initial_weights(np.random.default_rng(7))
    trained = [np.asarray(array, np.float32) for array in network.get_weights()]
    return RecordFile(digest_of(network), training_record(trained, first), first)


# --- the layers ---


def test_layers_stand_in_the_networks_order(network: "keras.Model") -> None:
    """Counted from one, because zero is the input, and each reads the one before."""
    found = steps(opened(network))
    assert [step.index for step in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [step.name for step in found] == [layer.name for layer in network.layers]
    assert [step.inputs for step in found] == [(0,), (1,), (2,), (3,), (4,), (5,), (6,)]


def test_facts_of_a_convolution(network: "keras.Model") -> None:
    """Kind, sizes, activation and window are those that it was built with."""
    second = by_name(network)["second"]
    assert (second.kind, second.output_shape, second.activation) == ("Conv2D", (6, 6, 6), "relu")
    assert second.parameters == 3 * 3 * 4 * 6 + 6
    assert second.window == Window((3, 3), (1, 1), (1, 1), "same")


def test_facts_of_a_pooling(network: "keras.Model") -> None:
    """A pooling slides as well, and has neither weights nor an activation."""
    pooling = by_name(network)["pooling"]
    assert pooling.window == Window((2, 2), (2, 2), (1, 1), "valid")
    assert (pooling.activation, pooling.parameters, pooling.weights) == (None, 0, ())


def test_weights_have_their_names_and_first_values(network: "keras.Model") -> None:
    """A layer's weights come by name, with what stands at the same place in the twin."""
    trained = network.get_weights()
    initial = [array + 1 for array in trained]
    kernel, bias = weights_of(by_name(network)["dense"], trained, initial)
    assert (kernel.name, bias.name) == ("kernel", "bias")
    np.testing.assert_array_equal(kernel.values, network.get_layer("dense").get_weights()[0])
    np.testing.assert_array_equal(kernel.initial, kernel.values + 1)


def test_branches_name_all_that_they_read() -> None:
    """A sum reads both of its branches, and an operation without a layer class is a step as well."""
    import keras

    start = keras.Input((8, 8, 1))
    stem = keras.layers.Conv2D(2, 3, padding="same", name="stem")(start)
    side = keras.layers.ReLU(name="side")(stem)
    found = by_name(keras.Model(start, keras.layers.Add(name="sum")([stem, side]) + 1.0))
    assert found["sum"].inputs == (found["stem"].index, found["side"].index)
    assert len(found) == 4


def test_a_use_outside_the_network_is_not_counted() -> None:
    """A layer shared with another network is used once in this one."""
    import keras

    start = keras.Input((8, 8, 1))
    shared = keras.layers.Conv2D(1, 3, padding="same", name="shared")
    shared(keras.Input((8, 8, 1)))
    assert by_name(keras.Model(start, shared(start)))["shared"].shared_with is None


def test_an_output_of_too_many_axes_says_so() -> None:
    """Nothing of five axes can be laid out as maps; what stands behind it is shown."""
    import keras

    make = keras.layers
    row = [make.Reshape((2, 2, 2, 4, 2), name="blocks"), make.Flatten(name="flat")]
    found = by_name(keras.Sequential([keras.Input((8, 8, 1)), *row]))
    assert (found["blocks"].not_shown, found["blocks"].output) == (layers.OTHER_OUTPUT, None)
    assert found["flat"].not_shown is None


def test_a_layer_of_several_outputs_says_so() -> None:
    """Which of them would be shown?"""
    import keras

    start = keras.Input((6, 2))
    output, *_ = keras.layers.LSTM(3, return_state=True, name="memory")(start)
    assert by_name(keras.Model(start, output))["memory"].not_shown == layers.SEVERAL_OUTPUTS


# --- one pass for all layers ---


def test_one_pass_gives_what_separate_networks_give(network: "keras.Model", pixels: Floats) -> None:
    """Every layer's output is that of Keras' own `predict` of a network that ends there."""
    output, seen = maps(tap(network), pixels)
    wanted = separately(network, pixels)
    np.testing.assert_allclose(output, wanted[-1], rtol=1e-4, atol=1e-6)
    for layer, expected in zip(seen, wanted, strict=True):
        assert layer.shape == expected.shape
        np.testing.assert_allclose(layer, expected, rtol=1e-4, atol=1e-6)


def test_statistics_are_those_of_the_whole_arrays(
    network: "keras.Model", pixels: Floats, labels: "np.typing.NDArray[np.int64]"
) -> None:
    """Means, extremes and class means of the pass equal numpy's over all outputs at once."""
    surveyed = survey(tap(network), pixels, plan_of(network, labels, 3), ignore)
    for gathered, output in zip(surveyed.layers, separately(network, pixels), strict=True):
        responses = gathered.responses
        values = output.reshape(PICTURES, -1, output.shape[-1]).astype(np.float64)
        by_picture = values.mean(axis=1)
        np.testing.assert_allclose(responses.mean, values.mean(axis=(0, 1)), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(responses.std, values.std(axis=(0, 1)), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(responses.maximum, values.max(axis=(0, 1)), rtol=1e-4, atol=1e-6)
        for label in range(3):
            wanted = by_picture[labels == label].mean(axis=0)
            np.testing.assert_allclose(responses.class_means[label], wanted, rtol=1e-4, atol=1e-6)


def test_zeros_are_counted_over_all_pictures(network: "keras.Model", pixels: Floats) -> None:
    """The copies that fill up the last batch are not counted."""
    surveyed = survey(tap(network), pixels, plan_of(network, NO_LABELS, 0), ignore)
    first, responses = separately(network, pixels)[0], surveyed.layers[0].responses
    assert responses.pictures == PICTURES
    np.testing.assert_array_equal(responses.zeros, (first == 0).sum(axis=(0, 1, 2)))
    np.testing.assert_allclose(responses.zero_share, (first == 0).mean(axis=(1, 2, 3)), rtol=1e-6)


def test_copies_are_of_the_chosen_pictures(network: "keras.Model", pixels: Floats) -> None:
    """Small layers as they are, large ones mixed into the width; the mean is over all pictures."""
    surveyed = survey(tap(network), pixels, plan_of(network, NO_LABELS, 0), ignore)
    for gathered, output in zip(surveyed.layers, separately(network, pixels), strict=True):
        flat = output.reshape(PICTURES, -1)
        sample = gathered.sample
        assert sample is not None
        np.testing.assert_allclose(sample.copies, sketch(flat[::3], 20), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(sample.mean, flat.mean(axis=0), rtol=1e-4, atol=1e-6)


def test_extremes_are_searched_over_all_pictures(network: "keras.Model", pixels: Floats) -> None:
    """Across batches, and the copies that fill up the last one are not among them."""
    surveyed = survey(tap(network), pixels, plan_of(network, NO_LABELS, 0), ignore)
    for name in ("second", "output"):
        place = by_name(network)[name].index - 1
        output, summary = separately(network, pixels)[place], surveyed.layers[place].extremes
        strongest = np.sort(output.reshape(PICTURES, -1, output.shape[-1]).max(axis=1), axis=0)
        assert summary is not None
        assert summary.searched == PICTURES
        assert summary.random.picture.max() < PICTURES
        np.testing.assert_allclose(summary.top.response, strongest[: -KEPT - 1 : -1].T, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(summary.bottom.response, strongest[:KEPT].T, rtol=1e-4, atol=1e-6)


def test_of_layers_that_hand_on_numbers_no_copies_are_kept(network: "keras.Model", pixels: Floats) -> None:
    """They are counted all the same."""
    fresh = (True,) * 4 + (False,) + (True,) * 2
    surveyed = survey(tap(network), pixels, plan_of(network, NO_LABELS, 0, fresh), ignore)
    assert tuple(each.sample is not None for each in surveyed.layers) == fresh
    assert tuple(each.extremes is not None for each in surveyed.layers) == fresh
    assert surveyed.layers[4].responses.pictures == PICTURES


def test_a_picture_has_the_same_bits_alone_and_among_others(network: "keras.Model", pixels: Floats) -> None:
    """Because every batch has one size, however few pictures there are."""
    _, together = maps(tap(network), pixels[:BATCH])
    _, alone = maps(tap(network), pixels[:1])
    for many, one in zip(together, alone, strict=True):
        np.testing.assert_array_equal(many[0], one[0])


def test_progress_counts_pictures(network: "keras.Model", pixels: Floats) -> None:
    """Called after each batch, up to the last picture."""
    seen: list[int] = []
    survey(tap(network), pixels, plan_of(network, NO_LABELS, 0), seen.append)
    assert seen == [10, 20, 23]


def test_large_networks_get_fewer_pictures_at_a_time() -> None:
    """64 million numbers of four bytes fill the room for one batch; nothing gets less than one picture."""
    assert fitting_batch_size([(1000,)], 250) == 250
    assert fitting_batch_size([(1024, 1024, 16)], 250) == 4
    assert fitting_batch_size([(10_000, 10_000, 16)], 250) == 1


def test_scores_are_no_probabilities() -> None:
    """A row that does not sum to one leaves no probabilities for any picture."""
    rows = np.array([[0.25, 0.75], [0.5, 1.5]], np.float32)
    assert probabilities_of(rows[:1]).tolist() == [[0.25, 0.75]]
    assert probabilities_of(rows).shape == (2, 0)


def test_surest_mistakes_come_first() -> None:
    """Right answers are none; of equally sure mistakes the earlier comes first."""
    rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.8, 0.2], [0.6, 0.4]], np.float32)
    assert surest_mistakes(rows, np.array([0, 0, 0, 1, 1])) == [2, 3, 1, 4]


# --- opening a network, and its twin ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.keras", None),
        ("text.txt", b"hello"),
        ("broken.keras", b"hello"),
        ("broken.h5", b"hello"),
        ("small.weights.h5", b"hello"),
    ],
)
def test_what_is_no_network_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes | None) -> None:
    """The sentence names the file and says what to give."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"Give a \.keras") as caught:
        open_network(tmp_path / name)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_no_network(tmp_path: Path) -> None:
    """Not even one that is named like a file."""
    with pytest.raises(ModelError, match="a folder"):
        open_network(tmp_path)


def test_code_inside_a_file_is_not_run(tmp_path: Path) -> None:
    """A Lambda layer brings its own code along; the file is refused."""
    import keras

    path = tmp_path / "code.keras"
    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)]).save(path)
    with pytest.raises(ModelError, match="Lambda") as caught:
        open_network(path)
    assert "\n" not in str(caught.value)


def test_digest_is_of_the_network_not_of_the_file(network: "keras.Model", saved: Path) -> None:
    """Saving and opening changes nothing; another weight does."""
    again = open_network(saved)
    assert digest_of(again) == digest_of(network)
    again.get_layer("output").bias.assign([1.0, 0.0, 0.0])
    assert digest_of(again) != digest_of(network)


def test_a_recorded_twin_has_the_recorded_weights(network: "keras.Model") -> None:
    """The network's own beginning, and the network itself stays as it is."""
    before = [array.copy() for array in network.get_weights()]
    record = record_of(network)
    twin = twin_of(opened(network), record, seed=1)
    assert (twin.origin, twin.seed, twin.others) == ("recorded", record.record.seed, ())
    assert twin.networks == (twin.network,)
    for seen, wanted in zip(twin.network.model.get_weights(), record.initial_weights, strict=True):
        np.testing.assert_array_equal(seen, wanted)
    for seen, wanted in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(seen, wanted)


def test_a_reinitialised_twin_is_drawn_by_the_networks_own_rule(network: "keras.Model") -> None:
    """Glorot's limit holds for the kernel, the bias is zero, and the values are not the trained ones."""
    twin = twin_of(opened(network), None, seed=1)
    kernel, bias = twin.network.model.get_layer("second").get_weights()
    assert (twin.origin, twin.seed) == ("reinitialised", 1)
    assert np.abs(kernel).max() <= np.sqrt(6 / (9 * (4 + 6)))
    assert not bias.any()
    assert not np.array_equal(kernel, network.get_layer("second").get_weights()[0])


def test_the_same_seed_draws_the_same_twin(network: "keras.Model") -> None:
    """Another seed draws another."""
    one, same, other = (twin_of(opened(network), None, seed).network.model.get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_without_a_record_two_more_twins_are_drawn(network: "keras.Model") -> None:
    """From the seeds that follow, after the largest from the smallest; all three differ."""
    twin = twin_of(opened(network), None, 2**32 - 1)
    kernels = [each.model.get_weights()[0] for each in twin.networks]
    assert len({kernel.tobytes() for kernel in kernels}) == len(twin.networks) == 3
    for other, seed in zip(twin.others, (0, 1), strict=True):
        alone = drawn_anew(network, seed).get_weights()
        for seen, wanted in zip(other.model.get_weights(), alone, strict=True):
            np.testing.assert_array_equal(seen, wanted)


def test_a_record_is_read_for_its_own_network(network: "keras.Model", tmp_path: Path) -> None:
    """The digest in the file is that of the network."""
    path = tmp_path / "record.npz"
    path.write_bytes(to_bytes(record_of(network)))
    assert read_record(path, digest_of(network)).record.best_epoch == 2


@pytest.mark.parametrize("content", [None, b"hello", b""])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Missing or foreign, it is named."""
    if content is not None:
        (tmp_path / "record.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"record.npz: .* Give the"):
        read_record(tmp_path / "record.npz", "0" * 64)


def test_the_record_of_another_network_is_refused(network: "keras.Model", tmp_path: Path) -> None:
    """Its first weights would be no beginning of this network."""
    path = tmp_path / "record.npz"
    path.write_bytes(to_bytes(record_of(network)))
    with pytest.raises(InputError, match="another network"):
        read_record(path, "0" * 64)


def test_first_weights_that_do_not_fit_are_refused(network: "keras.Model") -> None:
    """A record can be wrong in spite of its digest."""
    record = replace(record_of(network), initial_weights=(np.zeros((2, 2), np.float32),))
    with pytest.raises(InputError, match="do not fit"):
        twin_of(opened(network), record, seed=1)


def test_an_open_input_takes_the_size_of_the_pictures() -> None:
    """The network is the same, with every size known."""
    import keras

    make = keras.layers
    model = keras.Sequential([keras.Input((None, None, 1)), make.Conv2D(2, 3), make.GlobalMaxPooling2D()])
    sized = laid_open(model, (9, 7, 1))
    assert input_shape(sized) == (None, None, 1)
    assert picture_shape(sized) == (9, 7, 1)
    assert steps(sized)[0].output_shape == (7, 5, 2)
    assert sized.model is model


# --- the whole ---


@pytest.fixture(scope="module")
def pictures_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures of bytes with labels, most of which the untrained network must get wrong."""
    path = tmp_path_factory.mktemp("pictures") / "pictures.npz"
    pixels = np.random.default_rng(5).integers(0, 256, (40, 12, 12, 1), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.arange(40) % 3, allow_pickle=False)
    return path


@pytest.fixture(scope="module")
def seen(
    network: "keras.Model", saved: Path, pictures_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    """The snapshot of the small network with a record and forty pictures."""
    record = tmp_path_factory.mktemp("record") / "record.npz"
    record.write_bytes(to_bytes(record_of(network)))
    return take_snapshot(Request(str(saved), str(record), str(pictures_file), batch_size=BATCH), ignore)


def scaled_pictures(pictures_file: Path) -> Floats:
    """The forty pictures as the network gets them."""
    with np.load(pictures_file) as file:
        return np.asarray(file["images"] / 255, np.float32)


def test_the_survey_holds_the_networks_answers(
    network: "keras.Model", seen: Snapshot, pictures_file: Path
) -> None:
    """Probabilities and labels of all pictures, in their order."""
    answers = network.predict(scaled_pictures(pictures_file), verbose=0)
    np.testing.assert_allclose(seen.survey.probabilities, answers, rtol=1e-4, atol=1e-6)
    assert seen.survey.labels.tolist() == [place % 3 for place in range(40)]
    assert seen.survey.pictures == 40


def test_the_showcase_ends_in_the_surest_mistakes(
    network: "keras.Model", seen: Snapshot, pictures_file: Path
) -> None:
    """The first picture of each class, then three wrong answers that are not among these, surest first."""
    answers = network.predict(scaled_pictures(pictures_file), verbose=0)
    wrong = [n for n in range(3, 40) if answers[n].argmax() != n % 3]
    surest = sorted(wrong, key=lambda n: -answers[n].max())[:3]
    assert [picture.number for picture in seen.showcase] == [0, 1, 2, *surest]
    assert [picture.source for picture in seen.showcase] == ["given"] * 3 + ["mistake"] * 3
    assert [picture.name for picture in seen.showcase[3:]] == ["mistake-1", "mistake-2", "mistake-3"]
    assert [picture.label for picture in seen.showcase[3:]] == [number % 3 for number in surest]


def test_maps_are_those_of_the_showcase(network: "keras.Model", seen: Snapshot) -> None:
    """Every layer's maps belong to the pictures that stand in the snapshot, after training and before."""
    pictures = np.stack([picture.pixels for picture in seen.showcase])
    twin = twin_of(opened(network), record_of(network), 42).network.model
    for layer, after, before in zip(
        seen.layers, separately(network, pictures), separately(twin, pictures), strict=True
    ):
        assert layer.trained is not None
        assert layer.untrained is not None
        np.testing.assert_allclose(layer.trained.maps, after, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.untrained.maps, before, rtol=1e-4, atol=1e-6)


def test_the_record_comes_along(network: "keras.Model", seen: Snapshot) -> None:
    """With the first weights that it holds."""
    assert seen.twin_origin == "recorded"
    assert seen.record is not None
    np.testing.assert_array_equal(seen.layers[0].weights[0].initial, record_of(network).initial_weights[0])


# --- the whole: spaces, twins and extremes ---


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a network that takes little time; one of its layers stands behind the flattening."""
    import keras

    make, path = keras.layers, tmp_path_factory.mktemp("network") / "tiny.keras"
    row = [make.Conv2D(2, 3, name="first"), make.Flatten(), make.BatchNormalization(name="after"), make.Dense(3)]
    keras.Sequential([keras.Input((12, 12, 1)), *row]).save(path)
    return path


@pytest.fixture(scope="module")
def unrecorded(saved: Path, pictures_file: Path) -> Snapshot:
    """The snapshot of the small network without a record, and with another scale."""
    return take_snapshot(Request(str(saved), None, str(pictures_file), batch_size=BATCH, scale="-1..1"), ignore)


def test_with_a_record_there_is_one_twin(seen: Snapshot) -> None:
    """Its own beginning needs no other for company."""
    for layer in seen.layers:
        assert layer.other_twins == ()
        assert len(layer.twin_spaces) == 1


def test_without_a_record_there_are_three_twins(
    network: "keras.Model", unrecorded: Snapshot, pictures_file: Path
) -> None:
    """The answers of the second and the third are those of the networks that are drawn from the next two seeds."""
    pixels = scaled_pictures(pictures_file) * 2 - 1
    outputs = [separately(drawn_anew(network, seed), pixels) for seed in (42, 43, 44)]
    for place, layer in enumerate(unrecorded.layers):
        assert layer.untrained is not None
        assert len(layer.twin_spaces) == 3
        for responses, output in zip(
            (layer.untrained.responses, *layer.other_twins), (each[place] for each in outputs), strict=True
        ):
            wanted = output.reshape(-1, output.shape[-1]).mean(axis=0)
            np.testing.assert_allclose(responses.mean, wanted, rtol=1e-3, atol=1e-5)


def test_every_layer_has_a_space(seen: Snapshot) -> None:
    """Over forty pictures half are tested; the sizes are those of the layers."""
    sizes = [layer.space.size for layer in seen.layers if layer.space]
    assert sizes == [12 * 12 * 4, 6 * 6 * 4, 6 * 6 * 6, 3 * 3 * 6, 3 * 3 * 6, 5, 3]
    for layer in seen.layers:
        for each in (layer.space, *layer.twin_spaces):
            assert each is not None
            assert (each.probe_right.shape, each.rebuild_error.shape, each.scatter.shape) == (
                (20,),
                (20,),
                (20, 2),
            )
            assert each.likeness.shape == (5, 40)


def test_a_space_is_that_of_the_layers_outputs(
    network: "keras.Model", seen: Snapshot, pictures_file: Path
) -> None:
    """Of the trained network and of its twin, each from Keras' own `predict`."""
    pixels = scaled_pictures(pictures_file)
    targets = Targets(pixels.reshape(40, -1), np.arange(40) % 3, 3)
    twin = twin_of(opened(network), record_of(network), 42).network.model
    layer = seen.layers[5]
    for own, model in zip((layer.space, *layer.twin_spaces), (network, twin), strict=True):
        assert own is not None
        wanted = space(separately(model, pixels)[5], 5, targets, own.likeness)
        np.testing.assert_array_equal(own.probe_right, wanted.probe_right)
        np.testing.assert_allclose(own.rebuild_error, wanted.rebuild_error, rtol=1e-3)


def test_a_layer_that_hands_on_numbers_has_the_space_that_it_reads(seen: Snapshot) -> None:
    """Flatten lays out the pictures as the pooling before it does, and has no extremes of its own."""
    pooling, flatten = seen.layers[3], seen.layers[4]
    assert flatten.space is pooling.space
    assert flatten.twin_spaces == pooling.twin_spaces
    assert flatten.extremes is None
    assert seen.representations is not None
    assert seen.representations.layers == (0, 1, 2, 3, 4, 6, 7)


def test_a_snapshot_tells_what_was_compared(seen: Snapshot) -> None:
    """Half of the pictures each, and nothing was mixed as far as there was room."""
    found = seen.representations
    assert found is not None
    assert (found.fitted, found.tested, found.mixed) == (20, 20, MOST_MIXED)
    assert found.scattered.tolist() == halves(40)[1].tolist()
    assert found.pixels.size == 144
    assert np.diag(found.alignment) == pytest.approx(1)


def extremes_of(snapshot: Snapshot, name: str) -> Extremes:
    """The extremes of the layer of this name."""
    found = next(layer.extremes for layer in snapshot.layers if layer.name == name)
    assert found is not None
    return found


def test_looks_are_cut_from_the_pictures_where_the_unit_answered(seen: Snapshot, pictures_file: Path) -> None:
    """A unit of the second convolution sees 8×8 pixels, which begin three before twice its place."""
    with np.load(pictures_file) as file:
        padded = np.pad(file["images"][..., 0], ((0, 0), (9, 9), (9, 9)))
    found = extremes_of(seen, "second")
    assert found.searched == 40
    assert found.looks.shape == (6, 3, 6, 8, 8, 2)
    for kind, patches in enumerate((found.top, found.bottom, found.random)):
        for unit, shown in ((0, 0), (5, 5)):
            number, row, column = (each[unit, shown] for each in (patches.picture, patches.row, patches.column))
            top, left = 9 + 2 * row - 3, 9 + 2 * column - 3
            wanted = padded[number, top : top + 8, left : left + 8]
            np.testing.assert_array_equal(found.looks[unit, kind, shown, ..., 0], wanted)


def test_looks_of_units_without_places_are_whole_pictures(seen: Snapshot, pictures_file: Path) -> None:
    """A dense unit sees all."""
    with np.load(pictures_file) as file:
        images = file["images"]
    found = extremes_of(seen, "dense")
    np.testing.assert_array_equal(found.looks[:, 0, :, ..., :1], images[found.top.picture[:, :6]])


def test_looks_of_flattened_units_are_whole_pictures(tiny: Path, pictures_file: Path) -> None:
    """From which place of the map a flattened unit came is not known, so that no corner is shown for it."""
    snapshot = take_snapshot(Request(str(tiny), pictures=str(pictures_file), batch_size=40), ignore)
    assert extremes_of(snapshot, "after").looks.shape == (200, 3, 6, 12, 12, 2)


def test_class_pictures_are_means(seen: Snapshot, unrecorded: Snapshot, pictures_file: Path) -> None:
    """As the network gets the pixels."""
    pixels = scaled_pictures(pictures_file)
    wanted = np.stack([pixels[label::3].mean(axis=0) for label in range(3)])
    np.testing.assert_allclose(seen.survey.class_pictures, wanted, atol=1e-6)
    np.testing.assert_allclose(unrecorded.survey.class_pictures, wanted * 2 - 1, atol=1e-6)


def test_the_pixel_range_is_that_of_the_scale(seen: Snapshot, unrecorded: Snapshot) -> None:
    """For bytes, whatever the pictures are."""
    assert seen.pixel_range == (0.0, 1.0)
    assert unrecorded.pixel_range == (-1.0, 1.0)


@pytest.mark.parametrize(("ends", "wanted"), [((0.2, 0.9), (0.0, 1.0)), ((-2.0, 3.0), (-2.0, 3.0))])
def test_the_pixel_range_of_floats(
    tiny: Path, tmp_path: Path, ends: tuple[float, float], wanted: tuple[float, float]
) -> None:
    """From 0 to 1 where they lie in there, else from the darkest to the brightest; without labels, no classes."""
    path = tmp_path / "pictures.npz"
    pixels = np.linspace(*ends, 9 * 144, dtype=np.float32).reshape(9, 12, 12, 1)
    np.savez(path, images=pixels, allow_pickle=False)
    snapshot = take_snapshot(Request(str(tiny), pictures=str(path), batch_size=9), ignore)
    assert snapshot.pixel_range == wanted
    assert snapshot.survey.class_pictures.shape == (0, 12, 12, 1)
    assert all(layer.space and not layer.space.probe_right.size for layer in snapshot.layers)


@pytest.mark.parametrize("pictures", [1, 5])
def test_few_pictures_are_enough(tiny: Path, tmp_path: Path, pictures: int) -> None:
    """What cannot be measured is not a number, or empty; a class without pictures has no mean."""
    path = tmp_path / "pictures.npz"
    pixels = np.random.default_rng(0).integers(0, 256, (pictures, 12, 12, 1), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.zeros(pictures, np.int64), allow_pickle=False)
    snapshot = take_snapshot(Request(str(tiny), pictures=str(path), batch_size=5), ignore)
    assert snapshot.representations is not None
    assert np.isnan(snapshot.representations.alignment).all()
    assert np.isnan(snapshot.survey.class_pictures).any(axis=(1, 2, 3)).tolist() == [False, True, True]
    assert extremes_of(snapshot, "first").top.picture.shape == (2, pictures)


def test_the_same_request_gives_the_same_bytes(saved: Path, pictures_file: Path, unrecorded: Snapshot) -> None:
    """Twins, mixtures and samples are drawn from the seed alone."""
    request = Request(str(saved), None, str(pictures_file), batch_size=BATCH, scale="-1..1")
    assert to_bytes(take_snapshot(request, ignore)) == to_bytes(unrecorded)


def test_a_snapshot_survives_its_file(seen: Snapshot) -> None:
    """What is written is read again, byte for byte."""
    data = to_bytes(seen)
    assert to_bytes(from_bytes(Snapshot, data)) == data


def test_labels_beyond_the_networks_classes_are_refused(saved: Path, tmp_path: Path) -> None:
    """A fourth class for a network of three."""
    path = tmp_path / "pictures.npz"
    np.savez(path, images=np.zeros((4, 12, 12, 1), np.uint8), labels=np.arange(4), allow_pickle=False)
    with pytest.raises(InputError, match="of 4 classes, but the network knows 3"):
        take_snapshot(Request(str(saved), pictures=str(path)), ignore)


def test_an_unknown_scale_is_refused(saved: Path) -> None:
    """With the scales that there are."""
    with pytest.raises(InputError, match=r"0\.\.1, -1\.\.1, 0\.\.255"):
        take_snapshot(Request(str(saved), scale="twice"), ignore)


def test_mistakes_never_take_a_pictures_name() -> None:
    """A picture of the user's may be called a mistake already."""
    pixels = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)
    pictures = PictureSet(pixels, np.array([0, 1, 1]), ("mistake-1", "b", "c"), ("given",) * 3, np.arange(3))
    answers = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    chosen = showcase_with_mistakes(pictures.at([0]), pictures, answers, "0..1")
    assert chosen.names == ("mistake-1", "mistake-2")


def test_a_mistake_in_the_showcase_is_not_shown_twice() -> None:
    """The picture stands there already."""
    pictures = PictureSet(
        np.zeros((1, 2, 2, 1), np.uint8), np.array([1]), ("a",), ("given",), np.arange(1, dtype=np.int64)
    )
    chosen = showcase_with_mistakes(pictures, pictures, np.array([[0.9, 0.1]], np.float32), "0..1")
    assert chosen.names == ("a",)


def test_the_bundled_record_is_that_of_the_bundled_network() -> None:
    """They were saved together and still belong together."""
    model = open_network(ASSETS / "network.keras")
    record = read_record(ASSETS / "record.npz", digest_of(model))
    assert [array.shape for array in record.initial_weights] == [array.shape for array in model.get_weights()]


# --- the process ---


def in_place_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a shell script run where the child's interpreter would."""
    path = tmp_path / "interpreter"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


def test_a_request_survives_the_way_to_the_child() -> None:
    """What is sent is what arrives."""
    request = Request(model="a b.keras", classes=("a", "b"), seed=7)
    assert Request.from_json(request.to_json()) == request


def test_without_pictures_the_weights_are_seen(network: "keras.Model", saved: Path) -> None:
    """Every layer says why it has no outputs; weights and facts come through the process as they are."""
    stages: list[str] = []
    data = child.observe(Request(model=str(saved)), lambda stage, *_: stages.append(stage))
    snapshot = from_bytes(Snapshot, data)
    assert list(dict.fromkeys(stages)) == ["start", "open", "visualization"]
    assert (snapshot.name, snapshot.digest) == ("small", digest_of(network))
    assert {layer.not_shown for layer in snapshot.layers} == {layers.NO_PICTURES}
    assert (snapshot.survey.pictures, snapshot.showcase, snapshot.record) == (0, (), None)
    assert (snapshot.representations, snapshot.pixel_range) == (None, (0.0, 1.0))
    assert {(layer.space, layer.extremes, layer.other_twins) for layer in snapshot.layers} == {(None, None, ())}
    np.testing.assert_array_equal(snapshot.layers[0].weights[0].values, network.get_weights()[0])


def test_without_pictures_some_are_made_for_the_units(saved: Path) -> None:
    """For all layers but the one that hands on numbers, of dots from 0 to 1."""
    made = {each.name: each.visualization for each in take_snapshot(Request(str(saved)), ignore).layers}
    assert [name for name, each in made.items() if each is None] == ["flatten"]
    dots = np.concatenate([each.images.ravel() for each in made.values() if each is not None])
    assert dots.min() >= 0
    assert dots.max() <= 1


def test_sides_left_open_are_told_as_those_of_the_pictures(tmp_path: Path) -> None:
    """What a unit sees is a share of a picture of that size."""
    import keras

    make, path = keras.layers, tmp_path / "open.keras"
    row = [make.Conv2D(2, 3, name="first"), make.GlobalMaxPooling2D(), make.Dense(2, name="last")]
    keras.Sequential([keras.Input((None, None, 1)), *row]).save(path)
    pictures = tmp_path / "pictures.npy"
    np.save(pictures, np.random.default_rng(0).random((4, 9, 7, 1), dtype=np.float32))
    snapshot = take_snapshot(Request(str(path), pictures=str(pictures)), ignore)
    assert snapshot.input_shape == (9, 7, 1)
    assert snapshot.layers[0].output_shape == (7, 5, 2)


def test_without_pictures_sides_left_open_get_some_dots(tmp_path: Path) -> None:
    """The picture for a unit that sees all of it is of that size; the snapshot tells that the size is open."""
    import keras

    make, path = keras.layers, tmp_path / "open.keras"
    row = [make.Conv2D(2, 3, name="first"), make.GlobalMaxPooling2D(), make.Dense(2, name="last")]
    keras.Sequential([keras.Input((None, None, 1)), *row]).save(path)
    snapshot = take_snapshot(Request(str(path)), ignore)
    made = snapshot.layers[2].visualization
    assert snapshot.input_shape == (None, None, 1)
    assert made is not None
    assert made.images.shape == (2, SIDE, SIDE, 1)


def test_a_network_that_cannot_be_run_still_shows_its_weights(saved: Path, pictures_file: Path) -> None:
    """Every layer says so; there is neither a survey nor a showcase."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observation, "look", cannot_run)
        snapshot = take_snapshot(Request(str(saved), pictures=str(pictures_file)), ignore)
    assert {layer.not_shown for layer in snapshot.layers} == {layers.CANNOT_RUN}
    assert (snapshot.survey.pictures, snapshot.showcase) == (0, ())
    assert snapshot.layers[0].weights[0].values.any()


def test_the_bundled_network_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in it is one of the program's own."""
    monkeypatch.setattr(observation, "look", cannot_run)
    with pytest.raises(ModelError, match="cannot be run"):
        take_snapshot(Request(), ignore)


def cannot_run(*_: object) -> None:
    """Fail in place of a look."""
    raise ModelError("small: the network cannot be run (MemoryError). Give smaller pictures, or another network.")


def test_the_childs_error_arrives_as_the_same_error(tmp_path: Path) -> None:
    """The sentence and the kind cross from one process into the other."""
    with pytest.raises(ModelError, match=r"^none.keras: no such file. Give a .keras"):
        child.observe(Request(model=str(tmp_path / "none.keras")), ignore)


def test_the_wrong_number_of_class_names_is_refused(saved: Path) -> None:
    """Two names for three answers."""
    with pytest.raises(InputError, match="2 class names were given, but the network answers with 3"):
        child.observe(Request(model=str(saved), classes=("a", "b")), ignore)


def test_a_killed_child_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory looks like this."""
    in_place_of_python(tmp_path, monkeypatch, "kill -KILL $$")
    with pytest.raises(ModelError, match=r"boots.keras: .* was ended by SIGKILL\. Give it more memory") as caught:
        child.observe(Request(model="boots.keras"), ignore)
    assert "\n" not in str(caught.value)


def test_a_crashed_child_is_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of what it said is kept for those who want to see all."""
    in_place_of_python(tmp_path, monkeypatch, "echo much noise >&2; echo the reason >&2; exit 1")
    with pytest.raises(ModelError, match="failed: the reason") as caught:
        child.observe(Request(), ignore)
    assert "noise" not in str(caught.value)
    assert "much noise" in caught.value.__notes__[0]


def test_stopping_the_parent_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C no process is left behind."""
    script = """echo '{"stage": "trained", "done": '$$', "total": 0}'; exec sleep 60"""
    in_place_of_python(tmp_path, monkeypatch, script)
    started: list[int] = []

    def stop(stage: str, done: int, total: int) -> None:
        del total
        if stage == "trained":
            started.append(done)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.observe(Request(), stop)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], signal.SIG_DFL)


def test_the_parent_imports_no_keras(saved: Path) -> None:
    """Looking at a network leaves neither Keras nor TensorFlow in the process that asked for it."""
    program = (
        "import json, sys\n"
        "from reportgen.observe.child import observe\n"
        "from reportgen.observe.request import Request\n"
        f"observe(Request(model={str(saved)!r}), lambda *_: None)\n"
        "json.dump(sorted({name.split('.')[0] for name in sys.modules}), sys.stdout)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"keras", "tensorflow", "h5py"} & set(json.loads(done.stdout))
    assert done.stderr == ""


def preparing(folder: Path, kind: str) -> Path:
    """A network of one convolution in colours, behind a layer that prepares pixels, or behind none."""
    import keras

    first = {"Rescaling": [keras.layers.Rescaling(1 / 255)], "none": []}[kind]
    convolution = keras.layers.Conv2D(2, 3, name="look")
    network = keras.Sequential([keras.Input((6, 6, 3)), *first, convolution], name="my" if first else "vgg16")
    network.save(folder / "network.keras")
    return folder / "network.keras"


@pytest.mark.parametrize(
    ("kind", "scale", "origin", "sees"),
    [
        ("Rescaling", None, ("0..255", "layers"), [10, 20, 30]),
        ("none", None, ("imagenet-caffe", "name"), [30 - 103.939, 20 - 116.779, 10 - 123.68]),
        ("none", "0..255", ("0..255", "given"), [10, 20, 30]),
    ],
)
def test_pixels_reach_a_network_on_its_own_scale(
    tmp_path: Path, kind: str, scale: str | None, origin: tuple[str, str], sees: list[float]
) -> None:
    """Guessed from its first layer or its name, unless the user knows it; the snapshot tells which it was."""
    np.save(tmp_path / "a.npy", np.tile(np.array([10, 20, 30], np.uint8), (3, 6, 6, 1)))
    request = Request(str(preparing(tmp_path, kind)), pictures=str(tmp_path / "a.npy"), scale=scale)
    snapshot = take_snapshot(request, ignore)
    assert (snapshot.scale, snapshot.scale_origin) == origin
    np.testing.assert_allclose(snapshot.showcase[0].pixels[0, 0], sees, rtol=1e-5)
