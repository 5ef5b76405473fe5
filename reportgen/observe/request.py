"""What is to be observed, in a form that crosses from one process into another; knows no Keras."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class Request:
    """What is to be observed: files are given as text, and None stands for those that come with the program."""

    model: str | None = None
    record: str | None = None
    """The training record; a network that was given without one has none."""
    pictures: str | None = None
    """A network that was given without pictures is looked at for its weights only."""
    classes: tuple[str, ...] = ()
    """Names of the classes that the user gave."""
    trust: bool = False
    """Whether layers that are not Keras' own are let in; none that brings code along runs even then."""
    custom: str | None = None
    """A Python module with the user's own layers."""
    seed: int = 42
    """Of the untrained twin, where its first weights are not on record."""
    batch_size: int = 250
    """Pictures that the network gets at a time, at most."""
    scale: str | None = None
    """What pixels of 0 … 255 become before the network gets them, one of `pictures.SCALES`; None is a guess."""
    fit: str = "crop"
    """How pictures of another size are brought to that of the network."""

    @property
    def is_bundled(self) -> bool:
        """Whether the network is the one that comes with the program."""
        return self.model is None

    @property
    def pixel_scale(self) -> str:
        """The scale, of which something is known by the time that pictures are looked at."""
        return self.scale or "0..1"

    def to_json(self) -> str:
        """Return the request as one line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the request that `to_json` wrote."""
        values = json.loads(text)
        return cls(**values | {"classes": tuple(values["classes"])})
