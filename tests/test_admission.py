"""What is let in, and what is not, before Keras has seen it."""

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from reportgen.admission import admit
from reportgen.errors import ModelError
from tests import hostile

if TYPE_CHECKING:
    import keras


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All hostile files."""
    return hostile.write_all(tmp_path_factory.mktemp("hostile"))


def written(folder: Path, layer: hostile.Node) -> Path:
    """The file of a network with one layer."""
    path = folder / "net.keras"
    path.write_bytes(hostile.keras_file(hostile.sequential(layer)))
    return path


def test_there_are_enough_hostile_files(corpus: list[Path]) -> None:
    """Many ways to mean harm, each once."""
    assert len(corpus) >= 40


def test_every_hostile_file_is_refused_in_one_short_line(corpus: list[Path]) -> None:
    """Each quickly, and in words that begin with the file's name."""
    wrong = []
    for path in corpus:
        start = perf_counter()
        try:
            admit(path)
            wrong.append(f"{path.name}: let in")
        except ModelError as error:
            text = str(error)
            if "\n" in text or len(text) > 500 or str(path.parent) in text or perf_counter() - start > 5:
                wrong.append(text)
    assert wrong == []


def test_the_command_refuses_every_hostile_file(corpus: list[Path], tmp_path: Path) -> None:
    """One line, exit code 3, within 10 seconds and 1 GiB in all, and no file of a site or beside it.

    All in one process, one after another, which is how their memory is measured: at its peak.
    """
    program = """
import io, json, os, resource, sys
from contextlib import redirect_stderr, redirect_stdout
from time import perf_counter
from reportgen.cli import main
found = []
for path in map(os.fsdecode, json.loads(sys.argv[1])):
    start, said, code = perf_counter(), io.StringIO(), 0
    with redirect_stderr(said), redirect_stdout(said):
        try:
            main(["build", path, "--out", "site", "--cache", "cache", "--quiet"])
        except SystemExit as end:
            code = end.code
    found.append([os.path.basename(path), code, said.getvalue(), perf_counter() - start])
print(json.dumps([found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "keras" in sys.modules]))
"""
    before = {path: path.stat().st_mtime_ns for path in corpus[0].parent.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([str(path) for path in corpus])],
        capture_output=True, text=True, check=True, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    found, peak, started = json.loads(done.stdout)
    kibibytes = peak if sys.platform != "darwin" else peak / 1024
    assert [each for each in found if each[1] != ModelError.exit_code] == []
    assert [each for each in found if each[2].count("\n") != 1 or "Traceback" in each[2]] == []
    assert [each for each in found if each[3] > 10] == []
    assert kibibytes < 1024**2
    assert not started
    assert [path for path in tmp_path.iterdir() if path.name != "cache"] == []
    assert {path: path.stat().st_mtime_ns for path in corpus[0].parent.iterdir()} == before


def test_a_refusal_names_the_layer(tmp_path: Path) -> None:
    """The sentence says which layer it is, why, and what to do."""
    path = written(tmp_path, hostile.named("Lambda"))
    with pytest.raises(ModelError, match=r"^net.keras: the layer 'shady' is a Lambda, which runs .* without it"):
        admit(path)


def test_trust_lets_foreign_names_in_but_no_harmful_container(tmp_path: Path) -> None:
    """The user vouches for the author's layers, not for sizes."""
    assert admit(written(tmp_path, hostile.named("Thing", module="pack")), trust=True).form == "keras"
    with pytest.raises(ModelError, match="asks for"):
        admit(written(tmp_path, hostile.dense(units=10**9)), trust=True)


def test_code_in_a_file_is_refused_whoever_is_trusted(tmp_path: Path) -> None:
    """Keras would not open it either, and the sentence does not offer what does not help."""
    code = hostile.named("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEA"}})
    with pytest.raises(ModelError, match="the layer 'shady' is a function that the file brings along") as refused:
        admit(written(tmp_path, code), trust=True)
    assert "--trust" not in str(refused.value)


def test_a_users_own_layers_are_let_in_by_name(tmp_path: Path) -> None:
    """And no other one."""
    path = written(tmp_path, {**hostile.named("Mine", module="my"), "registered_name": "pack>Mine"})
    assert admit(path, custom=frozenset({"Mine"})).form == "keras"
    with pytest.raises(ModelError, match="--custom"):
        admit(path, custom=frozenset({"Other"}))


def test_what_keras_2_wrote_is_mended_in_memory(tmp_path: Path) -> None:
    """`groups: 1` of a depthwise layer says nothing, and goes; the file stays as it is."""
    layer = hostile.named("DepthwiseConv2D", module=None, kernel_size=[3, 3], groups=1)
    path = tmp_path / "net.h5"
    path.write_bytes(before := hostile.h5_file(hostile.sequential(layer)))
    admitted = admit(path)
    assert "groups" not in json.dumps(admitted.configuration)
    assert admitted.mended == ("'groups' of DepthwiseConv2D",)
    assert path.read_bytes() == before


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    """A wrong ending does no harm."""
    path = tmp_path / "net.h5"
    path.write_bytes(hostile.keras_file(hostile.sequential(hostile.dense())))
    assert admit(path).form == "keras"


def test_nothing_runs_while_a_file_is_refused(corpus: list[Path]) -> None:
    """An audit hook sees no code, no import, no socket, no process and no file but the given one.

    What the HDF5 library opens by itself Python does not see: there the links lead to a pipe that nobody writes
    to, so that an opening of it would never come back.
    """
    program = """
import json, os, sys
from pathlib import Path
import encodings.cp437, encodings.utf_8, encodings.idna, zlib, lzma, bz2
import h5py
from reportgen.admission import admit
paths = [Path(os.fsdecode(each)) for each in json.loads(sys.argv[1])]
seen, given = [], [None]
BAD = ("exec", "compile", "import", "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn",
       "open", "os.remove", "os.rename", "os.mkdir", "ctypes.", "marshal.", "pickle.")
def hook(event, args):
    harmless = event == "open" and (str(args[0]) == given[0] or type(args[0]) is int)
    if given[0] and event.startswith(BAD) and not harmless:
        seen.append([given[0], event, str(args[:1])])
sys.addaudithook(hook)
for path in paths:
    given[0] = str(path)
    try:
        admit(path)
    except Exception as error:
        pass
    given[0] = None
print(json.dumps(seen))
"""
    names = json.dumps([str(path) for path in corpus])
    done = subprocess.run(
        [sys.executable, "-c", program, names], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


@pytest.mark.slow
def test_the_table_holds_keras_own_names_only() -> None:
    """Every class and function that a file may name exists in the Keras installed."""
    import importlib

    import keras

    from reportgen.admission import allowed

    homes = {
        "LAYERS": keras.layers, "INITIALIZERS": keras.initializers, "REGULARIZERS": keras.regularizers,
        "CONSTRAINTS": keras.constraints, "DTYPE_POLICIES": keras.dtype_policies, "QUANTIZERS": keras.quantizers,
        "FUNCTIONS": keras.activations, "OTHERS": keras.random,
    }  # fmt: skip
    lost = [
        place
        for place in allowed.ELSEWHERE
        if not hasattr(importlib.import_module(place.rpartition(".")[0]), place.rpartition(".")[2])
    ]
    lost += [name for table, home in homes.items() for name in getattr(allowed, table) if not hasattr(home, name)]
    for each in allowed.OPERATIONS:
        module, name = each.split(".")
        operation = getattr(importlib.import_module(allowed.OPERATIONS_HOME + module), name, None)
        lost += [] if operation and operation.__module__.startswith("keras.") else [each]
    assert lost == []


def _benign() -> "list[keras.Model]":
    import keras

    make, ops = keras.layers, keras.ops
    start = keras.Input((8, 8, 3))
    seen = make.SeparableConv2D(4, 3, padding="same", depthwise_regularizer="l2", activation="relu")(start)
    seen = make.BatchNormalization()(make.DepthwiseConv2D(3, padding="same")(seen) * 2.0 + ops.relu(seen))
    mean = ops.mean(seen[:, :, :, :2], axis=(1, 2))
    graph = keras.Model(start, make.Dense(3, dtype="mixed_float16", activation=make.LeakyReLU(0.1))(mean))
    plain = keras.Sequential([keras.Input((8, 8, 3)), make.Rescaling(1 / 255), graph, make.Activation("gelu")])
    words = keras.Sequential([keras.Input((7,)), make.Embedding(20, 4), make.Bidirectional(make.LSTM(3))])
    words.compile("adam", "mse")
    small = keras.Sequential([keras.Input((4,)), make.Dense(3)])
    small.quantize("int8")
    return [graph, plain, words, small]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_keras_saves_is_let_in_and_opens_with_the_same_weights(tmp_path: Path, suffix: str) -> None:
    """Steps, nested networks, wrappers, precision, and a network that was compiled."""
    import numpy as np

    from reportgen.observe.models import open_network

    for number, network in enumerate(_benign()):
        if suffix == ".h5" and number != 2:
            continue  # Keras itself does not open its legacy form of single steps and of what was quantised.
        path = tmp_path / f"{number}{suffix}"
        network.save(path)
        opened = open_network(path)
        assert admit(path).mended == ()
        for mine, theirs in zip(opened.get_weights(), network.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.slow
def test_a_network_that_asks_for_more_than_is_stored_is_stopped_in_keras(tmp_path: Path) -> None:
    """The sizes multiply only when the layers meet: a hundred million pixels times three."""
    from reportgen.observe.models import open_network

    start = hostile.named("InputLayer", "input", batch_shape=[None, 10_000, 10_000], dtype="float32")
    flat = hostile.named("Flatten", "flat", data_format="channels_last")
    configuration = hostile.named("Sequential", "net", "keras", layers=[start, flat, hostile.dense()])
    path = tmp_path / "net.keras"
    path.write_bytes(hostile.keras_file(configuration))
    with pytest.raises(ModelError, match="the layer 'shady' asks for more weights than the file holds"):
        open_network(path)
