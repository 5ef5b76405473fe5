"""How good the network is and what it confuses, over the pictures surveyed and over the test set on record."""

from dataclasses import dataclass

import numpy as np

from reportgen.snapshot import Integers, Snapshot

SURE = 0.9
"""From this probability on, an answer counts as sure."""


@dataclass(frozen=True)
class ClassResult:
    """How one class fared."""

    index: int
    pictures: int
    right: int
    mistaken_for: int | None
    """The class that it is most often taken for; None without a mistake."""
    mistaken: int
    """How often."""


@dataclass(frozen=True, eq=False)
class Results:
    """Right answers and mistakes, counted over labelled pictures."""

    origin: str
    """`record`: over the whole test set, written down at training; `survey`: over the pictures of this report."""
    confusion: Integers
    """(classes, classes): rows are labels, columns the network's answers."""
    pictures: int
    right: int
    classes: tuple[ClassResult, ...]
    """Best first."""
    survey_pictures: int
    """Labelled pictures of this report with probabilities; the next two are counted over these."""
    survey_mistakes: int
    sure_mistakes: int
    """Mistakes made with a probability above 0.9."""
    likeliest_pair: tuple[int, int] | None
    """The two classes most often taken for each other, in either direction."""
    pair_mistakes: int

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return self.right / self.pictures


def results(snapshot: Snapshot) -> Results | None:
    """Return the network's results, None where no picture has a label or no answer is a class."""
    survey = snapshot.survey
    surveyed = survey_confusion(snapshot)
    confusion = snapshot.record.confusion if snapshot.record else surveyed
    if confusion is None or not confusion.sum():
        return None
    sure = survey.probabilities.max(axis=1, initial=0.0) > SURE
    wrong = (
        survey.probabilities.argmax(axis=1) != survey.labels
        if surveyed is not None
        else np.zeros(len(sure), np.bool_)
    )
    pair, count = _likeliest_pair(confusion)
    return Results(
        origin="record" if snapshot.record else "survey",
        confusion=confusion,
        pictures=int(confusion.sum()),
        right=int(np.trace(confusion)),
        classes=_class_results(confusion),
        survey_pictures=survey.pictures if surveyed is not None else 0,
        survey_mistakes=int(wrong.sum()),
        sure_mistakes=int((wrong & sure).sum()),
        likeliest_pair=pair,
        pair_mistakes=count,
    )


def survey_confusion(snapshot: Snapshot) -> Integers | None:
    """Return the confusion matrix over the surveyed pictures, None without labels or probabilities."""
    labels, probabilities = snapshot.survey.labels, snapshot.survey.probabilities
    if not labels.size or not probabilities.size:
        return None
    classes = probabilities.shape[1]
    pairs = labels * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)


def _class_results(confusion: Integers) -> tuple[ClassResult, ...]:
    rows = [_class_result(index, row) for index, row in enumerate(confusion) if row.sum()]
    return tuple(sorted(rows, key=lambda row: (-row.right / row.pictures, row.index)))


def _class_result(index: int, row: Integers) -> ClassResult:
    others = row.copy()
    others[index] = 0
    most = int(others.max())
    return ClassResult(index, int(row.sum()), int(row[index]), int(others.argmax()) if most else None, most)


def _likeliest_pair(confusion: Integers) -> tuple[tuple[int, int] | None, int]:
    both = np.triu(confusion + confusion.T, 1)
    first, second = np.unravel_index(both.argmax(), both.shape)
    count = int(both[first, second])
    return ((int(first), int(second)) if count else None), count
