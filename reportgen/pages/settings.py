"""The program's settings in words, by the names that messages have for them: no message tells one by itself."""

from statistics import NormalDist

from reportgen.analysis import agreement, connections, filters, mixtures, representations, tuning
from reportgen.analysis.attribution import ALIKE
from reportgen.analysis.changes import ANGLE, DIMMED
from reportgen.analysis.claims import FEWEST, FEWEST_A_CLASS
from reportgen.analysis.claims_of_decisions import DRAWS as ORDERS
from reportgen.analysis.claims_of_depth import PIXELS
from reportgen.analysis.feature_maps import SILENT_BELOW, TINY_BELOW
from reportgen.analysis.formation import SETTLED
from reportgen.analysis.importance import COSTLIEST
from reportgen.analysis.intervals import DRAWS, ENDS, FALSE_RATE, MANY_VALUES
from reportgen.analysis.patches import SHOWN
from reportgen.analysis.stimuli import STEP
from reportgen.analysis.weights import FEWEST_BINS, MOST_BINS, NEAR_ZERO
from reportgen.pages.words import Words
from reportgen.statistics.extremes import KEPT


def settings(words: Words) -> dict[str, str]:
    """Return the settings that messages name in braces."""
    return {
        "agreement_draws": words.count(agreement.DRAWS),
        "alike": words.fixed(ALIKE, 1),
        "angle": words.number(ANGLE, 2),
        "block": words.count(representations.BLOCK),
        "clearly": words.count(tuning.CLEARLY),
        "copied": words.count(representations.MOST_PICTURES),
        "costliest": words.count(COSTLIEST),
        "deviates": words.fixed(NormalDist().inv_cdf(ENDS[1] / 100)),
        "dimmed": words.percent(DIMMED),
        "draws": words.count(DRAWS),
        "edge_draws": words.count(filters.DRAWS),
        "false_share": words.percent(FALSE_RATE, 0),
        "fewest": words.count(FEWEST),
        "fewest_a_class": words.count(FEWEST_A_CLASS),
        "fewest_bins": words.count(FEWEST_BINS),
        "inputs": words.count(mixtures.STRONGEST),
        "inside": words.percent((ENDS[1] - ENDS[0]) / 100),
        "kept": words.count(KEPT),
        "many": words.count(MANY_VALUES),
        "many_slices": words.count(filters.MANY_SLICES),
        "most_bins": words.count(MOST_BINS),
        "near_zero": words.percent(NEAR_ZERO, 0),
        "orders": words.count(ORDERS),
        "rank_draws": words.count(mixtures.DRAWS),
        "ranked": words.count(mixtures.MOST_FILTERS),
        "ridge": words.percent(representations.RIDGE),
        "scattered": words.count(representations.SCATTERED),
        "settled": words.fixed(SETTLED, 1),
        "shift": words.count(PIXELS),
        "shown": words.count(SHOWN),
        "silent": words.percent(SILENT_BELOW, 0),
        "step": words.count(STEP),
        "strongest": words.count(connections.STRONGEST),
        "tiny": words.percent(TINY_BELOW, 0),
        "upper": words.fixed(ENDS[1], 1),
        "within": words.fixed(ENDS[1] - ENDS[0], 0),
    }
