"""Sites of networks of every kind, held against what each kind of layer is, and against what must not be said."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.analysis.connections import connection_study
from reportgen.analysis.feature_maps import folded
from reportgen.analysis.filters import oriented
from reportgen.analysis.receptive_field import receptive_fields
from reportgen.figures import LIGHT, draw
from reportgen.pages.words import Words
from reportgen.snapshot import Floats, Snapshot
from tests.kinds import Kind, network, window
from tests.sites import WrittenSite, written_site

CONV = ("kernel", (3, 3, 1, 4)), ("bias", (4,))


def pair(kernel: tuple[int, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """A kernel and its bias."""
    return ("kernel", kernel), ("bias", kernel[-1:])


def picture_network(*kinds: Kind, channels: int = 1, classes: int = 3) -> Snapshot:
    """A network for pictures of 8 × 8."""
    return network((8, 8, channels), *kinds, classes=classes)


NETWORKS: Mapping[str, Callable[[], Snapshot]] = {
    "sequence": lambda: network(
        (16, 3),
        Kind("Conv1D", (16, 5), pair((3, 3, 5)), window(3), "relu"),
        Kind("MaxPooling1D", (8, 5), (), window(2, stride=2, padding="valid")),
        Kind("Conv1D", (8, 4), pair((3, 5, 4)), window(3, padding="causal"), "relu"),
        Kind("GlobalAveragePooling1D", (4,)),
        Kind("Dense", (2,), pair((4, 2)), activation="softmax"),
        classes=2,
    ),
    "volume": lambda: network(
        (4, 6, 6, 1),
        Kind("Conv3D", (4, 6, 6, 3), pair((3, 3, 3, 1, 3)), None, "relu"),
        Kind("MaxPooling3D", (2, 3, 3, 3)),
        Kind("Conv3DTranspose", (4, 6, 6, 2), pair((2, 2, 2, 2, 3))[:1]),
        Kind("Flatten", (288,)),
        Kind("Dense", (2,), pair((288, 2)), activation="softmax"),
        classes=2,
    ),
    "depthwise": lambda: picture_network(
        Kind("Rescaling", (8, 8, 3)),
        Kind("Conv2D", (8, 8, 6), pair((3, 3, 3, 6)), window(3, 3), "relu", inputs=(1,)),
        Kind("DepthwiseConv2D", (8, 8, 12), (("kernel", (3, 3, 6, 2)), ("bias", (12,))), window(3, 3)),
        Kind(
            "BatchNormalization",
            (8, 8, 12),
            tuple((n, (12,)) for n in ("gamma", "beta", "moving_mean", "moving_variance")),
        ),
        Kind("ReLU", (8, 8, 12)),
        Kind("Conv2D", (8, 8, 5), pair((1, 1, 12, 5))[:1], window(1, 1)),
        Kind(
            "SeparableConv2D",
            (8, 8, 5),
            (("depthwise_kernel", (3, 3, 5, 1)), ("pointwise_kernel", (1, 1, 5, 5)), ("bias", (5,))),
            window(3, 3),
        ),
        Kind("Add", (8, 8, 5), inputs=(6, 7)),
        Kind(
            "SeparableConv2D",
            (8, 8, 4),
            (("depthwise_kernel", (3, 3, 5, 2)), ("pointwise_kernel", (1, 1, 10, 4))),
            window(3, 3),
        ),
        Kind("Conv2D", (8, 8, 4), pair((3, 3, 2, 4)), window(3, 3)),
        Kind("GlobalAveragePooling2D", (4,)),
        Kind("Dense", (3,), pair((4, 3)), activation="softmax"),
        channels=3,
    ),
    "dense": lambda: network(
        (20,),
        Kind("Dense", (8,), pair((20, 8)), activation="relu"),
        Kind("Dense", (3,), pair((8, 3)), activation="softmax"),
        classes=3,
    ),
    "dense on pictures": lambda: picture_network(
        Kind("Flatten", (64,)),
        Kind("Dense", (8,), pair((64, 8)), activation="relu"),
        Kind("Dense", (3,), pair((8, 3)), activation="softmax"),
    ),
    "one layer": lambda: network((6,), Kind("Dense", (1,), pair((6, 1)), activation="sigmoid")),
    "one pooling": lambda: picture_network(Kind("MaxPooling2D", (4, 4, 1), (), window(2, 2, stride=2)), classes=0),
    "autoencoder": lambda: picture_network(
        Kind("Conv2D", (4, 4, 5), pair((3, 3, 1, 5)), window(3, 3, stride=2), "relu"),
        Kind(
            "Conv2DTranspose",
            (8, 8, 3),
            (("kernel", (3, 3, 3, 5)), ("bias", (3,))),
            window(3, 3, stride=2),
            "relu",
        ),
        Kind("UpSampling2D", (16, 16, 3)),
        Kind("ZeroPadding2D", (18, 18, 3)),
        Kind("Cropping2D", (8, 8, 3)),
        Kind("Conv2D", (8, 8, 1), pair((3, 3, 3, 1)), window(3, 3), "sigmoid"),
        classes=0,
    ),
    "recurrent": lambda: network(
        (12,),
        Kind("Embedding", (12, 6), (("embeddings", (30, 6)),)),
        Kind(
            "LSTM",
            (12, 4),
            (("kernel", (6, 16)), ("recurrent_kernel", (4, 16)), ("bias", (16,))),
            activation="tanh",
        ),
        Kind("MultiHeadAttention", (12, 4), (("query/kernel", (4, 2, 3)), ("attention_output/kernel", (2, 3, 4)))),
        Kind("LayerNormalization", (12, 4), (("gamma", (4,)), ("beta", (4,)))),
        Kind("GRU", (4,), (("kernel", (4, 12)), ("recurrent_kernel", (4, 12)))),
        Kind("Dense", (1,), pair((4, 1)), activation="sigmoid"),
    ),
    "shared": lambda: picture_network(
        Kind("Conv2D", (8, 8, 1), pair((3, 3, 1, 1)), window(3, 3), "relu"),
        Kind("Conv2D", (8, 8, 1), (), window(3, 3), "relu", shared_with=1),
        Kind("GetItem", (8, 1)),
        classes=0,
    ),
    "long sequence": lambda: network(
        (2000, 1), Kind("Conv1D", (2000, 3), pair((9, 1, 3)), window(9)), Kind("GlobalMaxPooling1D", (3,))
    ),
    "no pictures": lambda: network(
        (8, 8, 3), Kind("Conv2D", (8, 8, 4), pair((3, 3, 3, 4)), window(3, 3)), pictures=0
    ),
    "variables": lambda: network((), Kind("Variables", (), pair((3, 3, 2, 4))), pictures=0),
    "scalars": lambda: network((4,), Kind("Own", (4,), (("step", ()), ("none", (0,)), ("flat", (0, 3))))),
}


@pytest.fixture(scope="module", params=NETWORKS, ids=str)
def site(request: pytest.FixtureRequest) -> WrittenSite:
    """The site of each network."""
    return written_site(NETWORKS[request.param]())


def test_the_site_of_each_kind_is_whole(site: WrittenSite) -> None:
    """Its pictures can be drawn, its numbers are JSON of the schema, its sentences have no holes."""
    whole(site)


def whole(site: WrittenSite) -> None:
    """Hold a site against what every site is."""
    for path, chart in site.charts.items():
        assert draw(chart, LIGHT), path
    report = json.loads(site.texts["data/report.json"], parse_constant=refused)
    jsonschema.validate(report, json.loads(site.texts["data/report.schema.json"]))
    for path, page in site.pages.items():
        text = re.sub(r"<[^>]+>", " ", page)
        assert not re.search(r"\bNone\b|\bnan\b|\binf\b|\{\w+\}|\(\)", text), path


def refused(token: str) -> None:
    """Raise for a token that is no JSON."""
    raise AssertionError(token)


# --- numbers that are no numbers ---

ODD: Mapping[str, Sequence[float]] = {
    "not a number": (np.nan,),
    "infinite": (np.inf, -np.inf),
    "mixed": (np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0),
    "some": (np.nan, 1.0, 2.0, 3.0, 0.5, -0.5),
    "zero": (0.0,),
    "constant": (0.25,),
    "huge": (3e38, -3e38, 1e30),
    "tiny": (1e-40, -1e-40, 1e-45),
    "both": (3e38, -3e38, 1e-40, np.inf),
}


def drawn_from(values: Sequence[float], seed: int = 0) -> Callable[[tuple[int, ...]], Floats]:
    """A draw of these values alone."""
    random = np.random.default_rng(seed)
    return lambda shape: random.choice(np.array(values, np.float32), shape)


def odd_network(weights: Sequence[float], answers: Sequence[float]) -> Snapshot:
    """A convolution and two dense layers with such numbers only."""
    return network(
        (6, 6, 3),
        Kind("Conv2D", (6, 6, 4), pair((3, 3, 3, 4)), window(3, 3), "relu"),
        Kind("Conv2D", (6, 6, 3), pair((3, 3, 4, 3)), window(3, 3)),
        Kind("Flatten", (108,)),
        Kind("Dense", (3,), pair((108, 3)), activation="relu"),
        Kind("Dense", (2,), pair((3, 2)), activation="softmax"),
        classes=2,
        weight=drawn_from(weights),
        answer=drawn_from(answers, 1),
    )


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
def test_a_site_of_odd_numbers_is_whole(values: Sequence[float]) -> None:
    """Weights and answers alike: its pictures can be drawn, its numbers are JSON, its sentences have no holes."""
    whole(written_site(odd_network(values, values)))


@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@given(*(st.lists(st.floats(width=32), min_size=1, max_size=4) for _ in range(2)))
def test_any_numbers_make_a_whole_site(weights: list[float], answers: list[float]) -> None:
    """Whatever the weights and the answers are."""
    whole(written_site(odd_network(weights, answers)))


# --- what single kinds are ---


def test_a_kernel_along_steps_is_a_strip() -> None:
    """(steps, inputs, filters) becomes one row, number by number."""
    kernel = np.arange(24, dtype=np.float32).reshape(3, 2, 4)
    assert oriented("Conv1D", kernel).shape == (1, 3, 2, 4)
    assert oriented("Conv1D", kernel)[0, 2, 1, 3] == kernel[2, 1, 3]


def test_a_kernel_through_a_volume_is_its_slices_side_by_side() -> None:
    """Slice 1 begins where slice 0 ends."""
    kernel = np.arange(2 * 3 * 4 * 5 * 6, dtype=np.float32).reshape(2, 3, 4, 5, 6)
    assert oriented("Conv3D", kernel).shape == (3, 8, 5, 6)
    assert oriented("Conv3D", kernel)[2, 4 + 1, 3, 5] == kernel[1, 2, 1, 3, 5]


def test_a_transposed_kernel_has_its_inputs_before_its_filters() -> None:
    """Keras keeps (…, filters, inputs)."""
    kernel = np.zeros((3, 7, 2), np.float32)
    assert oriented("Conv1DTranspose", kernel).shape == (1, 3, 2, 7)


def test_very_large_and_small_numbers_have_a_power_of_ten() -> None:
    """And infinite ones their sign."""
    words = Words("en")
    assert words.number(3.4e38, 2) == "3.4\u00a0×\u00a010³⁸"
    assert words.number(-1e-40, 1) == "−1\u00a0×\u00a010⁻⁴⁰"
    assert (words.fixed(np.inf), words.percent(-np.inf)) == ("∞", "−∞%")


def test_a_long_strip_is_folded_and_its_end_is_missing() -> None:
    """Seventy steps are a row of 64 and one of 6."""
    rows = folded(np.arange(70, dtype=np.float32).reshape(1, 1, 70))
    assert rows.shape == (1, 2, 64)
    assert rows[0, 1, :6].tolist() == [64, 65, 66, 67, 68, 69]
    assert np.isnan(rows[0, 1, 6:]).all()


def test_a_causal_convolution_sees_only_what_was_before() -> None:
    """Its first unit's field ends at the first step."""
    field = receptive_fields(
        (8, 1), [*network((8, 1), Kind("Conv1D", (8, 2), (), window(3, padding="causal"))).layers]
    )
    assert (field[1].size, field[1].start) == ((1, 3), (0, -2))


def test_connections_behind_a_flattened_sequence_have_their_step() -> None:
    """The weight on step 2, unit 1 of (4 steps, 3 units) is the eighth of a column."""
    kernel = np.zeros((12, 1), np.float32)
    kernel[2 * 3 + 1] = 5
    snapshot = network((12,), Kind("Own", (4, 3)), Kind("Flatten", (12,)), Kind("Dense", (1,), pair((12, 1))[:1]))
    dense = snapshot.layers[2]
    dense = replace(dense, weights=(replace(dense.weights[0], values=kernel),))
    study = connection_study(dense, (*snapshot.layers[:2], dense))
    assert study is not None
    assert (study.strongest[0][0].unit, study.strongest[0][0].place) == (1, (0, 2))
