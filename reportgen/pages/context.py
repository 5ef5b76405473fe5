"""What every page needs to know to be written: the analysis, the words, the gallery, and where pages stand."""

from dataclasses import dataclass, field

from reportgen.analysis.budget import UNITS_A_PAGE
from reportgen.analysis.study import Analysis, LayerStudy
from reportgen.pages.gallery import Gallery
from reportgen.pages.kind_words import group_of, kind_words, short_kind_words
from reportgen.pages.parts import Answer, Head
from reportgen.pages.slugs import layer_slugs, shown_name
from reportgen.pages.words import Words
from reportgen.snapshot import Picture


@dataclass(frozen=True)
class Subject:
    """What is known of the network beside its numbers, from its makers or its user."""

    title: str
    classes: tuple[str, ...]
    """Class names as they were given; empty where there are none."""
    bundled: bool
    """Whether this is the network that comes with the program."""
    command: str
    """The command that makes this report again, without paths of a machine."""


@dataclass(frozen=True, eq=False)
class Context:
    """One language's view of one report."""

    analysis: Analysis
    words: Words
    gallery: Gallery
    subject: Subject
    slugs: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        """Give every layer its file name."""
        layers = tuple(study.layer for study in self.analysis.layers)
        object.__setattr__(self, "slugs", layer_slugs(layers))

    def path(self, name: str) -> str:
        """Return where a page of this language stands, from the root of the site."""
        return self.words.folder + name

    def layer_path(self, study: LayerStudy) -> str:
        """Return where a layer's page stands."""
        return self.path(f"layers/{self.slugs[study.layer.index]}.html")

    def unit_path(self, study: LayerStudy, number: int) -> str:
        """Return where a unit's entry stands; empty where it has none."""
        if study.maps is None or number >= self.analysis.units_shown(study):
            return ""
        return f"{self.units_path(study, number // UNITS_A_PAGE)}#unit-{number}"

    def units_path(self, study: LayerStudy, page: int) -> str:
        """Return where the units of a layer stand: page 0 is the layer's own."""
        name = self.slugs[study.layer.index]
        return self.path(f"layers/{name}-{page + 1}.html") if page else self.layer_path(study)

    def picture_path(self, picture: Picture) -> str:
        """Return where a picture's page stands."""
        return self.path(f"pictures/{picture.name}.html")

    def head(self, name: str, title: str, description: str, section: str) -> Head:
        """Return what every page has."""
        return Head(self.path(name), title, description, section, name)

    def class_name(self, index: int | None) -> str:
        """Return what a class is called in this language; its number where it has no name."""
        names = self.class_names
        if index is None:
            return "–"
        return names[index] if index < len(names) else self.words.gettext("class {number}").format(number=index)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of all classes; those of the network that comes with the program in this language."""
        names = self.subject.classes or self.analysis.snapshot.survey.classes
        told = map(self.words.gettext, names) if self.subject.bundled else names
        return tuple(shown_name(name) for name in told)

    def answer(self, picture: Picture) -> Answer | None:
        """Return what the network took a picture for, None where it gives no probabilities."""
        if not picture.probabilities.size:
            return None
        likeliest = (-picture.probabilities).argsort(kind="stable")[:3]
        top = tuple(self._likely(int(index), float(picture.probabilities[index])) for index in likeliest)
        return Answer(top, self.truth(picture))

    def truth(self, picture: Picture) -> str:
        """Return the sentence that compares the answer with the label."""
        _ = self.words.gettext
        if picture.label is None:
            return _("This picture has no label.")
        label = self.class_name(picture.label)
        right = int(picture.probabilities.argmax()) == picture.label
        text = _("Correct. The label says: {label}.") if right else _("Wrong. The label says: {label}.")
        if picture.source == "training":
            text += " " + _("The network was trained with pictures of this set.")
        return text.format(label=label)

    def _likely(self, index: int, probability: float) -> tuple[str, str, str]:
        width = f"{max(100 * probability, 0.4):.2f}%"
        return self.class_name(index), self.words.probability(probability), width

    @property
    def first_picture(self) -> int:
        """The showcase picture that pages show first: the first from the training set, else the first."""
        showcase = self.analysis.snapshot.showcase
        training = [number for number, each in enumerate(showcase) if each.source == "training"]
        return training[0] if training else 0

    def layer_title(self, study: LayerStudy) -> str:
        """Return what a layer is called in plain words, with its number among those of its kind."""
        same = [each for each in self.analysis.layers if kind_key(each, self) == kind_key(study, self)]
        word = self.kind_word(study)
        if len(same) == 1:
            return word
        return ordinal(self.words, word, same.index(study) + 1)

    def short_title(self, study: LayerStudy) -> str:
        """Return a layer's name in few letters, for the axis of a chart."""
        key = kind_key(study, self)
        same = [each for each in self.analysis.layers if kind_key(each, self) == key]
        word = short_kind_words(self.words).get(key, shown_name(study.layer.kind, 8))
        return word if len(same) == 1 else f"{word} {same.index(study) + 1}"

    def kind_word(self, study: LayerStudy) -> str:
        """Return the plain word for a layer's kind; Keras' own name where there is none."""
        key = kind_key(study, self)
        words = kind_words(self.words)
        return words.get(key, shown_name(study.layer.kind))

    def caption_of(self, picture: Picture) -> str:
        """Return in a few words what a picture is and where it comes from."""
        surveyed = self.analysis.snapshot.survey.pictures
        return picture_source(self.words, picture, self.class_name(picture.label), surveyed)


def kind_key(study: LayerStudy, context: Context) -> str:
    """Return the key of a layer's plain word."""
    last = context.analysis.layers[-1]
    if study.layer.index == last.layer.index and study.layer.kind == "Dense":
        return "output"
    return group_of(study.layer.kind)


def ordinal(words: Words, word: str, number: int) -> str:
    """Return a layer's name with its place among those of its kind, as `First convolution`."""
    _ = words.gettext
    named = {
        1: _("First {kind}"),
        2: _("Second {kind}"),
        3: _("Third {kind}"),
        4: _("Fourth {kind}"),
        5: _("Fifth {kind}"),
    }
    text = named.get(number, _("{kind} {number}"))
    kind = words.inside(word) if number in named else word
    return text.format(kind=kind, number=number)


def picture_source(words: Words, picture: Picture, label: str, surveyed: int) -> str:
    """Return where a picture comes from, in the words of the rule that chose it."""
    _ = words.gettext
    sentences = {
        "training": _("{label}: number {number} of the training set, counted from 0"),
        "test": _("{label}: the first of its kind in the test set (number {number}, counted from 0)"),
        "mistake": _("{label}: one of the network’s surest mistakes (picture {place} of the {all})"),
    }
    text = sentences.get(picture.source, _("{label}: number {number} of the pictures given, counted from 0"))
    return text.format(
        label=label,
        number=words.count(picture.number),
        place=words.count(picture.number + 1),
        all=words.count(surveyed),
    )


def reason_in_words(words: Words, key: str) -> str:
    """Return why a layer's output is not shown; the key itself where it is none of those known."""
    _ = words.gettext
    reasons = {
        "no_pictures": _("no pictures were given"),
        "several_outputs": _("the layer gives several outputs"),
        "other_output": _("the layer's output is neither maps nor single numbers"),
        "cannot_run": _("the network could not be run with these pictures"),
        "no_twin": _("the network cannot be built a second time, so there is nothing to hold it against"),
        "weights_only": _("the file holds the weights and their names, but not how the layers hang together"),
        "no_graph": _("the network is a class of its own, so that its layers cannot be tapped"),
    }
    return reasons.get(key, key)
