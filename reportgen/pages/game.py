"""A game for the reader, on the filters of the first convolution: which of these was trained?"""

import json
from dataclasses import dataclass, replace

from reportgen.analysis.game import Game, game
from reportgen.pages.context import Context
from reportgen.pages.gallery import stacked_tiles
from reportgen.pages.parts import Tile


@dataclass(frozen=True)
class Round:
    """Two filters, of which one was trained."""

    left: Tile
    right: Tile
    trained_first: bool
    answer: str


@dataclass(frozen=True)
class GamePart:
    """The game, what a simple rule makes of it, and the words of the score."""

    text: str
    rounds: tuple[Round, ...]
    rule: str
    score: str
    """With `{right}` and `{done}` for the script."""
    luck: str
    """With `{luck}` for the script."""
    lucks: str
    """JSON: by the number of pairs found, how likely so many or more are by luck, in words."""


def game_part(context: Context) -> GamePart | None:
    """Return the game; None without enough filters that were trained and have an untrained twin."""
    study = next(iter(context.analysis.convolutions), None)
    if study is None or study.filters is None or context.analysis.snapshot.twin_origin == "none":
        return None
    found = game(study.filters, context.analysis.seed)
    if found is None:
        return None
    words, _ = context.words, context.words.gettext
    image = context.gallery.pairs(study, found.pairs)
    tiles = stacked_tiles(image, 2 * len(found.pairs))
    return GamePart(
        text=_(
            "Here are {count} pairs of filters of this network’s first convolution. One of each pair was trained, "
            "the other is of its untrained twin. Each has a scale of its own, so that strength gives "
            "nothing away. Can you tell them apart?"
        ).format(count=words.count(len(found.pairs))),
        rounds=tuple(_round(number, tiles, found, context) for number in range(len(found.pairs))),
        rule=_rule(found, context),
        score=_("You found {right} of {done}.").format(right="{right}", done="{done}"),
        luck=_("By guessing alone, so many or more are found in {luck} of games."),
        lucks=json.dumps([words.percent(each) for each in found.luck], ensure_ascii=False),
    )


def _round(number: int, tiles: tuple[Tile, ...], found: Game, context: Context) -> Round:
    words, _ = context.words, context.words.gettext
    sides = _("Pair {number}, left"), _("Pair {number}, right")
    left, right = (
        replace(tiles[2 * number + side], label=sides[side].format(number=words.count(number + 1)))
        for side in (0, 1)
    )
    first = found.pairs[number].trained_first
    return Round(left, right, first, _("left") if first else _("right"))


def _rule(found: Game, context: Context) -> str:
    words, _, half = context.words, context.words.gettext, len(found.pairs) / 2
    text = _(
        "Guessing finds {half} on average. A simple rule, to take the filter that holds more of a straight edge, "
        "finds {rule} of these {count}, and is right for {share} of all {pairs} possible pairs."
    ).format(
        half=words.count(int(half)) if half.is_integer() else words.fixed(half, 1),
        rule=words.count(found.rule_right),
        count=words.count(len(found.pairs)),
        share=words.percent(found.rule_share),
        pairs=words.count(found.all_pairs),
    )
    if found.rule_right <= half:
        return text + " " + _("On the pairs shown here it does no better than guessing.")
    luck = _("By guessing alone, so many or more of the pairs shown here are found in {luck} of games.")
    return f"{text} {luck.format(luck=words.percent(found.luck[found.rule_right]))}"
