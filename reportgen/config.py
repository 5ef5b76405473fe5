"""The settings of a report: defaults, a file and the command line become one `Config`, or all mistakes at once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from reportgen.errors import InputError

FILE_NAME = "reportgen.toml"
RECORD_NAME = "record.npz"
_BASE_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*")
"""No step of it may lead up again."""
_BASE_URL = re.compile(rf"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{{1,5}})?(?P<path>{_BASE_PATH.pattern})")


@dataclass(frozen=True)
class Config:
    """What one report is made of; a path that is None stands for what comes with the program."""

    model: Path | None = None
    """The network, `.keras` or `.h5`."""
    images: Path | None = None
    """Pictures to send through it: a folder, a file, `.npy`, `.npz` or IDX."""
    record: Path | None = None
    """What `reportgen train` wrote beside the network."""
    trust: bool = False
    """Whether layers that are not Keras' own are let in; none that brings code along runs even then."""
    custom: Path | None = None
    """A Python module with the user's own layers."""
    classes: tuple[str, ...] = ()
    """Names of the classes, in the order of the network's outputs; or, alone, a file or a folder with them, or
    `imagenet`."""
    fit: str = "crop"
    """How pictures of another size are brought to that of the network: `crop`, `pad` or `stretch`."""
    scale: str | None = None
    """What bytes of pixels become before the network gets them; None is a guess."""
    title: str = ""
    """What the report calls the network."""
    templates: Path | None = None
    """A folder of the user's own templates and assets, which stand before ours."""
    out: Path = Path("site")
    base_path: str = ""
    """Where the site will stand on its server, as `/project`; the path of `base_url` where there is one."""
    base_url: str = ""
    """The whole address below which the site will stand, as `https://example.org/project`."""
    seed: int = 42
    """Of the untrained twin, where its first weights are not on record."""

    @property
    def bundled(self) -> bool:
        """Whether the report is about the network that comes with the program."""
        return self.model is None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files and folders that the report is made from."""
        named = (self.model, self.images, self.record, self.custom, self.templates)
        return tuple(path for path in named if path is not None)


def read_config(file: Path | None, given: Mapping[str, object]) -> Config:
    """Return the settings out of a file and the command line, which wins.

    Without a file named, `reportgen.toml` of the current folder is read where it exists. Paths in a file start
    from the file's folder.

    Raises:
        InputError: with every mistake, not only the first.
    """
    chosen = file or (Path(FILE_NAME) if Path(FILE_NAME).is_file() else None)
    from_file = _read(chosen) if chosen else {}
    mistakes = _unknown(from_file, chosen)
    settings = {**_typed(from_file, chosen, mistakes), **{k: v for k, v in given.items() if v is not None}}
    values: dict[str, Any] = {each.name: settings[each.name] for each in fields(Config) if each.name in settings}
    config = Config(**values)
    mistakes += _mistakes(config)
    if mistakes:
        raise InputError(" ".join(mistakes))
    return _with_record(_with_base(config))


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{file}: no such file. Give the settings on the command line, or another --config."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file}: cannot be read as TOML ({error}). Mend it, or leave it out.") from error


def _unknown(settings: Mapping[str, object], file: Path | None) -> list[str]:
    known = {each.name for each in fields(Config)}
    names = ", ".join(sorted(known))
    return [
        f"{file}: no setting is called '{name}'. There are: {names}." for name in settings if name not in known
    ]


def _typed(settings: Mapping[str, object], file: Path | None, mistakes: list[str]) -> dict[str, object]:
    folder = file.parent if file else Path()
    typed: dict[str, object] = {}
    for name, value in settings.items():
        if name in ("model", "images", "record", "custom", "templates", "out") and isinstance(value, str):
            typed[name] = folder / value
        elif name == "classes" and isinstance(value, list) and all(isinstance(each, str) for each in value):
            typed[name] = tuple(value)
        elif name == "classes" and isinstance(value, str):
            typed[name] = (value if value == "imagenet" else str(folder / value),)
        elif (
            (name in ("title", "base_path", "base_url", "fit", "scale") and isinstance(value, str))
            or (name == "seed" and type(value) is int)
            or (name == "trust" and type(value) is bool)
        ):
            typed[name] = value
        elif name in {each.name for each in fields(Config)}:
            mistakes.append(f"{file}: '{name}' has a value of the wrong kind: {value!r}.")
    return typed


def _mistakes(config: Config) -> list[str]:
    mistakes = []
    if config.model is None:
        names = [
            name for name in ("images", "record", "custom", "trust", "classes", "scale") if getattr(config, name)
        ]
        mistakes += [f"--{name} describes a network of your own. Name the network too." for name in names]
    if config.custom is not None and (config.custom.suffix != ".py" or not config.custom.is_file()):
        mistakes.append(f"--custom {config.custom} is no Python file. Give the .py file of your own layers.")
    if config.templates is not None and config.templates.resolve() in config.out.resolve().parents:
        mistakes.append(f"--out {config.out} lies in --templates {config.templates}. Give it another place.")
    if not _BASE_PATH.fullmatch(config.base_path):
        mistakes.append(f"--base-path {config.base_path!r} is no path like /project. Leave it out for a root.")
    mistakes += _mistakes_of_base_url(config)
    if not 0 <= config.seed < 2**32:
        mistakes.append(f"--seed {config.seed} is not between 0 and 4294967295.")
    if len(set(config.classes)) != len(config.classes):
        mistakes.append("--classes names a class twice.")
    return mistakes


def _mistakes_of_base_url(config: Config) -> list[str]:
    found = _BASE_URL.fullmatch(config.base_url.rstrip("/"))
    if config.base_url and found is None:
        return [f"--base-url {config.base_url!r} is no address like https://example.org/project."]
    if found is not None and config.base_path not in ("", found["path"]):
        return [f"--base-path {config.base_path!r} is not the path of --base-url. Leave --base-path out."]
    return []


def _with_base(config: Config) -> Config:
    """Return the settings with the whole address without a slash at its end, and with its path."""
    found = _BASE_URL.fullmatch(config.base_url.rstrip("/"))
    return config if found is None else replace(config, base_url=found[0], base_path=found["path"])


def _with_record(config: Config) -> Config:
    """Return the settings with the record that lies beside the network, if there is one and none was named."""
    if config.model is None or config.record is not None:
        return config
    beside = config.model.parent / RECORD_NAME
    return replace(config, record=beside) if beside.is_file() else config
