"""Files that mean harm or are broken, each with fixed content, made without Keras; none may be opened."""

import json
import os
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np

Node = dict[str, object]
CANARY = "canary.h5"
"""A file beside the hostile one that its links lead to: a pipe, so that whoever opens it would wait for ever."""


def named(kind: str, name: str = "shady", module: str | None = "keras.layers", **config: object) -> Node:
    """A layer of a configuration."""
    found: Node = {"class_name": kind, "config": {"name": name, **config}, "registered_name": None, "name": name}
    return {**found, "module": module} if module else found


def sequential(*layers: Node) -> Node:
    """The configuration of a network of these layers, over eight numbers."""
    start = named("InputLayer", "input", batch_shape=[None, 8], dtype="float32")
    return named("Sequential", "network", "keras", layers=[start, *layers])


def dense(**more: object) -> Node:
    """An innocent layer, with other settings."""
    units, activation = more.pop("units", 3), more.pop("activation", "linear")
    return named("Dense", "shady", "keras.layers", units=units, activation=activation, **more)


def weights(change: Callable[[h5py.File], object] | None = None) -> bytes:
    """A weights file of one small layer, changed."""
    file = BytesIO()
    with h5py.File(file, "w") as opened:
        opened["layers/dense/vars/0"] = np.zeros((8, 3), np.float32)
        opened["layers/dense/vars/1"] = np.zeros(3, np.float32)
        if change:
            change(opened)
    return file.getvalue()


def keras_file(
    configuration: object = None,
    stored: bytes | None = None,
    members: tuple[tuple[str | zipfile.ZipInfo, bytes], ...] = (),
    packed: int = zipfile.ZIP_STORED,
) -> bytes:
    """A `.keras` file; a configuration of bytes is written as it is."""
    raw = configuration if isinstance(configuration, bytes) else json.dumps(configuration or sequential()).encode()
    file = BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        archive.writestr("config.json", raw)
        archive.writestr("model.weights.h5", weights() if stored is None else stored)
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def h5_file(configuration: object, change: Callable[[h5py.File], object] | None = None) -> bytes:
    """A legacy file of one small layer, changed."""
    file = BytesIO()
    with h5py.File(file, "w") as opened:
        opened.attrs["model_config"] = json.dumps(configuration)
        opened["model_weights/dense/kernel"] = np.zeros((8, 3), np.float32)
        if change:
            change(opened)
    return file.getvalue()


def _external(opened: h5py.File) -> None:
    opened["model_weights/far"] = h5py.ExternalLink(CANARY, "/x")


def _soft(opened: h5py.File) -> None:
    opened["model_weights/soft"] = h5py.SoftLink("/model_weights/dense")


def _circle(opened: h5py.File) -> None:
    opened["model_weights/dense/again"] = opened["model_weights"]


def _elsewhere(opened: h5py.File) -> None:
    opened.create_dataset("far", (8,), np.float32, external=[(CANARY, 0, 32)])


def _virtual(opened: h5py.File) -> None:
    layout = h5py.VirtualLayout((8,), np.float32)
    layout[:] = h5py.VirtualSource(CANARY, "x", (8,))
    opened.create_virtual_dataset("far", layout)


def _huge(opened: h5py.File) -> None:
    opened.create_dataset("huge", (10**6, 10**5), np.float32, chunks=(100, 100), compression="gzip")


def _deep(opened: h5py.File) -> None:
    opened.create_group("/".join("g" * 150))


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def _function(name: str, module: str = "builtins") -> Node:
    return {"class_name": "function", "config": name, "module": module, "registered_name": "function"}


def _lambda() -> Node:
    code = {"class_name": "__lambda__", "config": {"code": "4wEA", "defaults": None, "closure": None}}
    return named("Lambda", function=code)


def _step(kind: str, module: str, *given: object) -> Node:
    return {**named(kind, module=module), "inbound_nodes": [{"args": list(given), "kwargs": {}}]}


def _inside(node: object) -> dict[str, Node]:
    """A shady thing in every place where a layer may hold another."""
    return {
        "wrapper": named("TimeDistributed", "outer", layer=node),
        "both_ways": named("Bidirectional", "outer", layer=node),
        "network": named("Sequential", "inner", "keras", layers=[node]),
        "initializer": dense(kernel_initializer=node),
        "regularizer": dense(kernel_regularizer=node),
        "constraint": dense(kernel_constraint=node),
        "activation": dense(activation=node),
        "dtype": dense(dtype=node),
        "cell": named("RNN", "outer", cell=node),
    }


def _configurations() -> dict[str, Node]:
    foreign = {**named("Thing", module="os"), "registered_name": "pack>Thing"}
    return {
        "lambda": _lambda(),
        "tfsm": named("TFSMLayer", filepath="/etc"),
        "torch_module": named("TorchModuleWrapper", module="gASV"),
        "jax": named("JaxLayer"),
        "flax": named("FlaxLayer"),
        "module_os": named("system", module="os"),
        "module_of_keras": named("Dense", module="keras.src.utils.file_utils"),
        "no_layer_of_keras": named("get_file", module="keras.utils"),
        "registered": {**dense(), "registered_name": "pack>Dense"},
        "foreign": foreign,
        "function": dense(activation=_function("system", "os")),
        "function_of_keras": dense(activation=_function("save_img")),
        "typespec": dense(spec={"class_name": "__typespec__", "config": [], "module": "os", "spec_name": "x"}),
        "kind_is_a_list": {**dense(), "class_name": ["Dense"]},
        "wide_text": dense(value={"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "U1000000000"}}),
        "vocabulary": named("StringLookup", vocabulary="/etc/passwd"),
        "vocabulary_of_text": named("TextVectorization", vocabulary="file.txt"),
        "vocabulary_of_numbers": named("IntegerLookup", vocabulary="https://example.org/a.txt"),
        "map": _step("Map", "keras.src.ops.core", 1),
        "full": _step("Full", "keras.src.ops.numpy", [10**6, 10**6], 0),
        "tile_of_nothing": _step("Tile", "keras.src.ops.numpy", [1.0], [10**6]),
        "units": dense(units=10**9),
        "units_of_no_number": dense(units=float("nan")),
        "units_unstored": dense(units=5_000_000),
        "embedding": named("Embedding", input_dim=10**6, output_dim=10**5),
        "filters": named("Conv2D", filters=10**5, kernel_size=[1000, 1000]),
        "input": named("InputLayer", batch_shape=[None, 10**6, 10**6, 3]),
        "loops": named("SpectralNormalization", layer=dense(), power_iterations=10**6),
        **{f"lambda_in_{place}": node for place, node in _inside(_lambda()).items()},
        **{f"foreign_in_{place}": node for place, node in _inside(foreign).items()},
    }


def _archives() -> dict[str, bytes]:
    zeros = bytes(200 * 2**20)
    return {
        "bomb.keras": keras_file(members=(("assets/bomb", zeros),), packed=zipfile.ZIP_DEFLATED),
        "bomb_of_weights.keras": keras_file(stored=zeros, packed=zipfile.ZIP_DEFLATED),
        "deep.keras": keras_file(b"[" * 10_000 + b"]" * 10_000),
        "many_parts.keras": keras_file(b"[" + b"[]," * 2_000_000 + b"0]", packed=zipfile.ZIP_DEFLATED),
        "long.keras": keras_file(b'"' + b"a" * 2**25 + b'"', packed=zipfile.ZIP_DEFLATED),
        "up.keras": keras_file(members=(("../evil.txt", b"x"),)),
        "root.keras": keras_file(members=(("/var/evil.txt", b"x"),)),
        "backslash.keras": keras_file(members=((r"assets\..\evil.txt", b"x"),)),
        "symlink.keras": keras_file(members=((_link("assets/link"), b"/etc/passwd"),)),
        "case.keras": keras_file(members=(("CONFIG.json", b"{}"),)),
        "utf16.keras": keras_file(json.dumps(sequential()).encode("utf-16")),
        "latin.keras": keras_file(b'{"class_name": "\xff", "config": {}}'),
        "list.keras": keras_file(b"[]"),
        "text_for_config.keras": keras_file(b"hello"),
        "number.keras": keras_file(b'{"config": ' + b"9" * 5000 + b"}"),
        "no_weights.keras": keras_file(stored=b""),
        "weights_cut.keras": keras_file(stored=weights()[:600]),
        "weights_external.keras": keras_file(stored=weights(_external)),
        "weights_huge.keras": keras_file(stored=weights(_huge)),
        "keras2.keras": keras_file(members=(("metadata.json", b'{"keras_version": "2.15.0"}'),)),
        "cut.keras": keras_file()[:900],
        "torch.keras": keras_file(members=(("archive/data.pkl", b"\x80\x02."),)),
        "empty_archive.keras": b"PK\x05\x06" + bytes(18),
    }


def _others() -> dict[str, bytes]:
    plain = sequential(dense())
    changes = {
        "external": _external, "soft": _soft, "circle": _circle, "elsewhere": _elsewhere, "virtual": _virtual,
        "huge": _huge, "deep": _deep,
    }  # fmt: skip
    return {
        **{f"{name}.h5": h5_file(plain, change) for name, change in changes.items()},
        "cut.h5": h5_file(plain)[:1000],
        "no_config.h5": weights(),
        "small.weights.h5": weights(),
        "lambda.h5": h5_file(sequential({**_lambda(), "module": "keras.layers"})),
        "lambda_of_keras2.h5": h5_file(sequential(named("Lambda", module=None, function=["4wEA", None, None]))),
        "net.tflite": struct.pack("<I", 28) + b"TFL3" + bytes(20),
        "named_wrong.keras": struct.pack("<I", 28) + b"TFL3" + bytes(20),
        "net.onnx": b"\x08\x07\x12\x04test",
        "net.pkl": b"\x80\x04\x95.",
        "pickle.keras": b"\x80\x04\x95.",
        "net.index": b"checkpoint",
        "text.keras": b"hello",
        "empty.keras": b"",
        "\u202egnp.keras": b"hello",
        "a\nb.keras": b"hello",
        "n" * 240 + ".keras": b"hello",
    }


def write_all(folder: Path) -> list[Path]:
    """Write all hostile files, each into a folder of its own with a canary beside it, and return them."""
    contents = {f"{name}.keras": keras_file(sequential(node)) for name, node in _configurations().items()}
    contents |= {**_archives(), **_others()}
    found = []
    for number, (name, data) in enumerate(sorted(contents.items())):
        place = folder / str(number)
        place.mkdir()
        os.mkfifo(place / CANARY)
        (place / name).write_bytes(data)
        found.append(place / name)
    return found + _no_files(folder)


def _no_files(folder: Path) -> list[Path]:
    pipe, lost, plain = folder / "pipe.keras", folder / "lost.keras", folder / "folder.keras"
    os.mkfifo(pipe)
    lost.symlink_to(folder / "nowhere")
    plain.mkdir()
    return [pipe, lost, plain, folder / "none.keras"]
