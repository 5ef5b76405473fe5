"""The sentences about single filters and units, and how they came to be; each rule is fixed before the numbers.

Where many units are tested at once, the tests were corrected for that before they come here. The words of the
sentences are not known here.
"""

import numpy as np

from reportgen.analysis.agreement import AgreementStudy
from reportgen.analysis.claims import FEWEST, NOTHING, Claim, Verdict, above, cannot_tell, higher, judged
from reportgen.analysis.formation import FormationStudy, head_start
from reportgen.analysis.importance import ImportanceStudy
from reportgen.analysis.intervals import Measured, share_of
from reportgen.analysis.mixtures import MixtureStudy
from reportgen.analysis.stimuli import FLAT, Stimuli, columns_of
from reportgen.analysis.tuning import TuningStudy
from reportgen.snapshot import Doubles, Flags, Layer, TunedUnits


def oriented(layer: Layer, study: TuningStudy) -> Claim:
    """Return whether a layer's filters answer to lines of one direction, and learned to.

    The value is the share of the filters whose answers rise and fall with the angle more than those of the same
    filters with their places shuffled, at a false discovery rate of 5 % over the layer. Supported when its
    interval (Wilson's) lies above the untrained twin's; not supported when it is not above the twin's.
    """
    own, twin = (share_of(each) for each in (study.after.tuned, study.before.tuned))
    if own is None or twin is None or not study.draws or len(study.after.tuned) < FEWEST:
        return cannot_tell("oriented", layer, "twin")
    return judged(
        "oriented",
        layer,
        own,
        "twin",
        twin,
        higher(own, twin),
        details={"tuned": int(study.after.tuned.sum()), "units": len(study.after.tuned), "draws": study.draws},
    )


def background(layer: Layer, stimuli: Stimuli) -> Claim:
    """Return whether some of the first layer's filters answer to a picture in which there is nothing, by training.

    Supported when more filters answer to the darkest flat picture than in the untrained twin. It is counted, so
    that there is no interval.
    """
    if layer.tuning is None:
        return cannot_tell("background", layer, "twin")
    own, twin = (_answering_to_nothing(each, stimuli) for each in (layer.tuning.trained, layer.tuning.untrained))
    share, reference = float(own.mean()), float(twin.mean())
    verdict = Verdict.SUPPORTED if share > reference else Verdict.NOT_SUPPORTED
    details = {"units": len(own), "answering": int(own.sum())}
    return judged("background", layer, share, "twin", reference, verdict, details=details)


def few_matter(layer: Layer, study: ImportanceStudy) -> Claim:
    """Return whether a tenth of a layer's units carries more than its share of what the layer is needed for.

    The value is the share of all newly wrong answers that falls on the tenth of the units whose removal costs
    most. Supported when it lies above what chance gives in 97.5 of 100 draws if all working units were needed
    alike. It cannot be told where so few answers turned wrong, or so few units work, that chance alone may put all
    of the wrong answers there, nor where no single unit is needed by more than luck: similar pictures turn wrong
    together, which looks like concentration.
    """
    if layer.ablation is None or study.concentration is None or study.concentration_chance is None:
        return cannot_tell("few_matter", layer, "chance")
    needed = int((study.matters & (study.change < 0)).sum())
    chance, told = study.concentration_chance, study.concentration_chance.high < 1 and needed > 0
    return judged(
        "few_matter",
        layer,
        study.concentration,
        "chance",
        chance,
        above(study.concentration, chance) if told else Verdict.CANNOT_TELL,
        pictures=study.pictures,
        details={
            "units": len(study.change),
            "needed": needed,
            "lost": int(layer.ablation.lost.sum()),
            "costliest": study.concentrated_on,
        },
    )


def fewer_patterns(layer: Layer, study: MixtureStudy) -> Claim:
    """Return whether a layer mixes its filters out of fewer patterns than chance would.

    Supported when the effective rank of its kernel lies below that of the same weights in random order, in 97.5 of
    100 draws.
    """
    value, chance = study.rank / study.ranked, study.rank_shuffled
    reference = Measured(*(each / study.ranked for each in (chance.value, chance.low, chance.high)))
    return judged(
        "fewer_patterns",
        layer,
        value,
        "chance",
        reference,
        Verdict.SUPPORTED if value < reference.low else Verdict.NOT_SUPPORTED,
        details={"rank": study.rank, "filters": study.ranked, "untrained": study.rank_untrained},
    )


def same_filters(layer: Layer, study: AgreementStudy | None) -> Claim:
    """Return whether other trainings of the same network come upon the same filters.

    Supported when the mean best cosine to the filters of other seeds exceeds that to their shuffled filters in
    97.5 of 100 draws, and that of this network's own filters before training; it cannot be told without such
    trainings.
    """
    if study is None:
        return cannot_tell("same_filters", layer, "chance")
    learned = study.mean.value > study.untrained.value
    return judged(
        "same_filters",
        layer,
        study.mean,
        "chance",
        study.chance,
        above(study.mean.value, study.chance) if learned else Verdict.NOT_SUPPORTED,
        details={"seeds": len(study.seeds), "untrained": study.untrained.value, "draws": study.draws},
    )


def settles_first(
    first: Layer, last: Layer, studies: tuple[FormationStudy, FormationStudy] | None, seed: int
) -> Claim:
    """Return whether the filters of the first convolution took shape before those of the last.

    Supported when the difference of the mean epochs, with its interval over the filters, lies above zero; not
    supported when it is zero or less. It cannot be told without a record of the training.
    """
    ahead = head_start(*studies, seed) if studies else None
    early, late = (each.mean for each in studies) if studies else (None, None)
    if ahead is None or early is None or late is None:
        return cannot_tell("settles_first", first, "nothing")
    return judged(
        "settles_first",
        first,
        ahead,
        "nothing",
        0.0,
        higher(ahead, NOTHING),
        details={"first": early.value, "last": late.value, "last_layer": last.index} | _even_lead(studies),
    )


def _even_lead(studies: tuple[FormationStudy, FormationStudy] | None) -> dict[str, float]:
    """Return the lead, and its parts, if all filters had gone straight and evenly to their final weights."""
    means = [each.mean_even for each in studies] if studies else [None, None]
    early, late = (each.value if each else float("nan") for each in means)
    return {"even": late - early, "even_first": early, "even_last": late}


def _answering_to_nothing(units: TunedUnits, stimuli: Stimuli) -> Flags:
    flat = columns_of(stimuli, [FLAT])
    level: Doubles = stimuli.pixels[flat].reshape(len(flat), -1).max(axis=1).astype(np.float64)
    return np.asarray(units.answers[:, flat[level.argmin()]] > 0, np.bool_)
