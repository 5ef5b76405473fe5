"""Builds, trains and saves the default network together with its record, and packs what comes with the program.

The network and its settings are those of a textbook: two convolutions, two poolings, two dense layers, trained on
Fashion-MNIST. It knows nothing of reports, and it never writes to the screen: who wants to show how far the
training is hands in a `TrainingProgress`.
"""

from reportgen.training.bundle import bundle_assets, bundled_arrays
from reportgen.training.course import (
    Course,
    EpochResult,
    NoProgress,
    Plan,
    TrainingOutcome,
    TrainingProgress,
    train,
    train_on,
)
from reportgen.training.data import validation_split
from reportgen.training.files import NETWORK_FILE, RECORD_FILE, RESUME_FOLDER
from reportgen.training.network import build_network, digest_of

__all__ = [
    "NETWORK_FILE",
    "RECORD_FILE",
    "RESUME_FOLDER",
    "Course",
    "EpochResult",
    "NoProgress",
    "Plan",
    "TrainingOutcome",
    "TrainingProgress",
    "build_network",
    "bundle_assets",
    "bundled_arrays",
    "digest_of",
    "train",
    "train_on",
    "validation_split",
]
