"""What a layer does, in a sentence or two that are true by its construction; knows none of its numbers."""

from reportgen.analysis.study import LayerStudy
from reportgen.pages.context import Context, kind_key
from reportgen.pages.parts import Link
from reportgen.pages.slugs import shown_name
from reportgen.snapshot import Layer


def standfirst(study: LayerStudy, context: Context) -> str:
    """Return what a layer does, with the size of what it gives."""
    layer, _ = study.layer, context.words.gettext
    text = _filters_in_words(study, context) if study.filters is not None else _kind_in_words(study, context)
    if layer.shared_with is None:
        return text
    return f"{text} " + _("Its weights are those of a layer before it, which is used again here.")


def first_use(study: LayerStudy, context: Context) -> Link | None:
    """Return the way to the first use of the same layer; None for a layer that is used here first."""
    if study.layer.shared_with is None:
        return None
    first = context.analysis.layer(study.layer.shared_with)
    return Link(context.layer_path(first), context.layer_title(first))


UNKNOWN = ("no_graph", "weights_only")
"""Why a layer's output is not shown, where not even its size is known."""


def size_in_words(layer: Layer, context: Context) -> str:
    """Return the size of what a layer gives: of maps, of a sequence, of a volume, or how many numbers."""
    words, _ = context.words, context.words.gettext
    shape = layer.output_shape
    if layer.units_first and len(shape) > 1:
        shape = (*shape[1:], shape[0])
    units, sides = words.size(shape[-1:]), words.size(shape[:-1])
    if len(shape) == 2:
        return _("{steps} steps, {units} numbers each").format(steps=sides, units=units)
    if len(shape) in (3, 4):
        return _("{units} maps, {size}").format(units=units, size=sides)
    if not shape:
        return _("not known") if layer.not_shown in UNKNOWN else _("one number")
    return _("{units} numbers").format(units=words.size(shape))


def _filters_in_words(study: LayerStudy, context: Context) -> str:
    words, filters = context.words, study.filters
    if filters is None:
        return ""
    height, width, inputs, total = filters.kernel.shape
    coming = _coming_units(study, context)
    return _filter_sentence(study, coming, context).format(
        filters=words.count(total),
        weights=words.count(height * width * inputs),
        height=height,
        width=width,
        inputs=words.count(inputs),
        coming=words.count(coming or inputs),
        size=words.size((filters.slices, height, width // filters.slices) if filters.slices > 1 else (width,)),
        maps=size_in_words(study.layer, context),
    )


def _filter_sentence(study: LayerStudy, coming: int | None, context: Context) -> str:
    """Return the sentence on filters that slide over the picture, over maps, along steps, or through a volume."""
    _, filters = context.words.gettext, study.filters
    if filters is None or "Transpose" in study.layer.kind:
        return _(
            "{filters} filters, each of {weights} weights. Every number that comes in stamps a filter’s pattern, "
            "times itself, onto the map that comes out, and what overlaps is added up: {maps}."
        )
    inputs = filters.kernel.shape[2]
    if "Separable" in study.layer.kind:
        return _(
            "{filters} filters of {weights} weights each slide over one of the maps that come in. A second set of "
            "weights mixes their answers, place by place: {maps}."
        )
    if coming is not None and inputs < coming:
        return _(
            "{filters} filters slide over the {coming} maps that come in, but each reads only {inputs} of them. "
            "It has {weights} weights and makes one map."
        )
    if filters.axes == 1:
        return _(
            "{filters} filters slide along the steps. Each looks at {size} steps at a time, at {inputs} numbers "
            "of each, with {weights} weights, and makes one row of answers."
        )
    if filters.axes == 3:
        return _(
            "{filters} filters slide through the volume. Each is a block of {size} places with {weights} weights, "
            "and makes one volume of answers."
        )
    if study.layer.inputs == (0,):
        return _(
            "{filters} filters slide over the picture. Each is a square of {height} × {width} dots with {weights} "
            "weights, and makes one map."
        )
    return _(
        "{filters} filters slide over the {inputs} maps that come in. Each has a square of {height} × {width} "
        "weights for each of them, {weights} in all, and makes one map."
    )


def _coming_units(study: LayerStudy, context: Context) -> int | None:
    """Return how many channels a layer reads; None where that is not known."""
    if len(study.layer.inputs) != 1:
        return None
    index, snapshot = study.layer.inputs[0], context.analysis.snapshot
    shape = next((each.map_shape for each in snapshot.layers if each.index == index), snapshot.input_shape)
    return shape[-1] if shape else None


def _kind_in_words(study: LayerStudy, context: Context) -> str:
    layer, words, shape = study.layer, context.words, study.layer.output_shape
    key = kind_key(study, context)
    side = layer.map_shape[:2] if len(shape) == 3 else shape
    several = key not in ("add", "multiply", "join") or len(layer.inputs) > 1
    text = (_sentences(study, context).get(key) if several else None) or words.gettext(
        "A layer of the kind {kind}. Its output has the size {size}."
    )
    return text.format(size=words.size(side), kind=shown_name(layer.kind), whole=size_in_words(layer, context))


def _sentences(study: LayerStudy, context: Context) -> dict[str, str]:
    _ = context.words.gettext
    return {
        "pooling": _pooling(study, context),
        "dense": _dense(study, context),
        "output": _output(study, context),
        "flatten": _(
            "The maps are laid out as one long row of {size} numbers. Nothing is learned and nothing is lost."
        ),
        "dropout": _(
            "While training, a random part of the numbers is set to zero, so that no unit relies on a single "
            "other. In use it does nothing: {size} numbers go in and the same come out."
        ),
        "activation": _activation(study, context),
        "noise": _("While training, noise is mixed into the numbers. In use it does nothing: {whole}."),
        "batch_norm": _(
            "Each map is shifted and scaled by numbers of its own, which keep the answers of all maps alike in "
            "size: {whole}."
        ),
        "norm": _("The numbers are shifted and scaled, so that they stay alike in size: {whole}."),
        "add": _("What several layers give is added up, number by number: {whole}."),
        "multiply": _("What several layers give is multiplied, number by number: {whole}."),
        "join": _("What several layers give is put side by side: {whole}. Nothing is learned."),
        "pad": _("Empty places are put around what comes in: {whole}. Nothing is learned."),
        "crop": _("The edges are cut off: {whole}. Nothing is learned."),
        "enlarge": _("Every place is drawn larger: {whole}. Nothing is learned."),
        "reshape": _(
            "The same numbers in another order of rows: {whole}. Nothing is learned and nothing is lost."
        ),
        "random": _("While training, the input is changed at random. In use it does nothing: {whole}."),
        "embedding": _("Each whole number that comes in is looked up in a table of learned rows: {whole}."),
        "recurrent": _("It reads the steps one after the other and remembers what it has read: {whole}."),
        "attention": _("Every place looks at all the others and takes over what fits it: {whole}."),
        "variables": _(
            "A set of weights. The file does not say how they are connected, so only their numbers are shown."
        ),
    }


def _activation(study: LayerStudy, context: Context) -> str:
    _ = context.words.gettext
    if "softmax" in (study.layer.activation, study.layer.kind.lower()):
        return _("The numbers are turned into shares that add up to one: {whole}.")
    return _("Each number is bent by a curve, one by one: {whole}.")


def _pooling(study: LayerStudy, context: Context) -> str:
    _, kind = context.words.gettext, study.layer.kind
    if "Global" in kind and "Average" in kind:
        return _(
            "Of each map only one number is left, the average of all its places: {whole}. Nothing is learned."
        )
    if "Global" in kind:
        return _("Of each map only one number is left, the largest: {whole}. Nothing is learned.")
    if "Average" in kind:
        return _(
            "Each small window of a map becomes one value, its average: {whole}. There is nothing to learn here."
        )
    if len(study.layer.output_shape) != 3:
        return _("Of each small window only the largest value is kept: {whole}. There is nothing to learn here.")
    return _(
        "Of each small square of a map only one value is kept, so the maps shrink to {size}. There is "
        "nothing to learn here."
    )


def _dense(study: LayerStudy, context: Context) -> str:
    _ = context.words.gettext
    if len(study.layer.output_shape) > 1:
        return _(
            "At every place, each unit listens to all numbers that stand there, with a weight for each: {whole}."
        )
    return _("{size} units. Each listens to every number that comes in, with a weight for each.")


def _output(study: LayerStudy, context: Context) -> str:
    _, layer = context.words.gettext, study.layer
    if len(layer.output_shape) > 1:
        return _dense(study, context)
    if layer.output_shape == (1,) and layer.activation == "sigmoid":
        return _("One unit. Its value lies between 0 and 1: the network’s answer to a question of yes or no.")
    if layer.activation == "softmax":
        return _("{size} units, one for each kind of answer. Their values are the network’s probabilities.")
    return _("{whole}: the network’s answer.")
