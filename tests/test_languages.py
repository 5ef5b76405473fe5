"""Every message of the program has a translation that says as much as the message does."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from reportgen.pages.words import LANGUAGES
from reportgen.render import _environment as environment_of
from tests.translations import ROOT, TRANSLATED, is_current, messages_below, read_catalogue

Forms = tuple[str, ...]
"""A message or its translation: one text, or one for each grammatical number."""


def forms(text: str | Iterable[str] | None) -> Forms:
    """Return the text as a tuple of its forms; nothing has none."""
    return (text,) if isinstance(text, str) else tuple(text or ())


@cache
def messages_now() -> frozenset[Forms]:
    """Return every message that the program says now."""
    return frozenset(entries(messages_below(ROOT)))


def entries(catalog: Catalog) -> dict[Forms, Message]:
    """Return the entries of a catalogue, without its header, by their messages."""
    return {forms(message.id): message for message in catalog if message.id}


def is_translated(message: Message) -> bool:
    """Return whether every form of a translation is there, and nobody doubts it."""
    texts = forms(message.string)
    return bool(texts) and all(text.strip() for text in texts) and not message.fuzzy


def placeholders(text: str) -> Counter[str]:
    """Return the names that are filled into a text: `{name}`, whatever its format, or `%(name)s`."""
    if named := re.findall(r"%\((\w+)\)[a-z]", text):
        return Counter(named)
    return Counter(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def tags(text: str) -> Counter[str]:
    """Return the HTML tags of a text, with their attributes."""
    return Counter(re.findall(r"</?[a-z][^<>]*>", text))


def unlike(catalog: Catalog, parts: Callable[[str], Counter[str]]) -> list[Forms]:
    """Return the messages that have a translation whose parts are those of none of the message's forms."""
    return [
        message
        for message, entry in entries(catalog).items()
        if is_translated(entry)
        for text in forms(entry.string)
        if parts(text) not in [parts(form) for form in message]
    ]


def sample(translation: str) -> Catalog:
    """Return a catalogue of one message, `<b>{count}</b> maps`, with its translation."""
    catalog = Catalog(locale="ko")
    catalog.add("<b>{count}</b> maps", translation)
    return catalog


def test_the_list_of_messages_is_current() -> None:
    """Translators find what the program says now."""
    assert is_current(), "run 'make translations'"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str) -> None:
    """No reader of another language meets an English sentence."""
    known = {message for message, entry in entries(read_catalogue(language)).items() if is_translated(entry)}
    assert sorted(messages_now() - known) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: str) -> None:
    """A catalogue holds nothing that the program no longer says."""
    assert sorted(set(entries(read_catalogue(language))) - messages_now()) == []
    assert list(read_catalogue(language).obsolete) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_placeholders(language: str) -> None:
    """Every number of a sentence stands in its translation too."""
    assert unlike(read_catalogue(language), placeholders) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_tags(language: str) -> None:
    """Every link and emphasis of a sentence stands in its translation too."""
    assert unlike(read_catalogue(language), tags) == []


def test_messages_are_found_in_sources_and_templates(tmp_path: Path) -> None:
    """Messages count wherever they stand: called, marked for later, with two forms, or between template tags."""
    (tmp_path / "reportgen").mkdir()
    (tmp_path / "templates").mkdir()
    source = '_("a")\nN_("b")\nwords.ngettext("c", "cs", n)\nself.words.gettext("d")\nother("x")\n'
    (tmp_path / "reportgen" / "page.py").write_text(source)
    template = '{{ _("e") }}{% trans count=page.count %}f {{ count }}{% endtrans %}{{ other("x") }}'
    (tmp_path / "templates" / "page.html").write_text(template)
    assert set(entries(messages_below(tmp_path))) == {
        ("a",),
        ("b",),
        ("c", "cs"),
        ("d",),
        ("e",),
        ("f %(count)s",),
    }


def test_templates_are_read_as_they_are_rendered() -> None:
    """White space counts in a message: what translators are given is what a page asks for."""
    environment = environment_of(LANGUAGES[0])
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").rglob("*.html"))]
    rendered = {
        tuple(text for text in forms(message) if text is not None)
        for source in sources
        for _, _, message in environment.extract_translations(source)  # type: ignore[attr-defined]  # by the extension
    }
    assert rendered
    assert sorted(rendered - messages_now()) == []


def test_a_missing_or_doubtful_translation_is_seen() -> None:
    """An entry without a text, or one that awaits a second look, counts as not translated."""
    empty, full = sample(""), sample("맵 <b>{count}</b>개")
    assert [is_translated(entry) for entry in entries(empty).values()] == [False]
    assert [is_translated(entry) for entry in entries(full).values()] == [True]
    for entry in entries(full).values():
        entry.flags.add("fuzzy")
    assert [is_translated(entry) for entry in entries(full).values()] == [False]


@pytest.mark.parametrize("text", ["<b>여러</b> 맵", "맵 <b>{number}</b>개", "맵 <b>{count} {count}</b>개"])
def test_a_changed_placeholder_is_seen(text: str) -> None:
    """A translation that loses, renames or doubles a placeholder does not pass."""
    assert unlike(sample(text), placeholders)


@pytest.mark.parametrize("text", ["맵 {count}개", "맵 <i>{count}</i>개", '맵 <b class="x">{count}</b>개'])
def test_a_changed_tag_is_seen(text: str) -> None:
    """A translation that loses or changes a tag does not pass."""
    assert unlike(sample(text), tags)


def test_placeholders_of_templates_are_read() -> None:
    """Both ways of filling a text are known, and formats do not count."""
    assert placeholders("%(count)s of 100%%") == Counter(["count"])
    assert placeholders("{value:.2f} of {total}") == Counter(["value", "total"])
