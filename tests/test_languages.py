"""Every message of the program has a translation that says as much as the message does."""

import ast
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from playwright.sync_api import Browser

from reportgen.analysis.study import analyse
from reportgen.build import drawn_pictures, inputs_digest, subject_of
from reportgen.cache import Cache
from reportgen.config import Config
from reportgen.links import check_links
from reportgen.overriding import NOTHING_OWN
from reportgen.pages.class_words import FASHION_MNIST
from reportgen.pages.context import Context
from reportgen.pages.gallery import Gallery
from reportgen.pages.skipped import REASONS, skipped_in_words
from reportgen.pages.words import LANGUAGES, LOCALE, WORD_JOINER, Words, languages_in
from reportgen.render import _environment as environment_of
from reportgen.training.bundle import ENGLISH_CLASSES
from tests.factories import LAYER_NAMES, small_snapshot
from tests.pseudo import LANGUAGE, LONGER, pseudo, pseudo_locale
from tests.sites import CONFIG, VARIANTS, Elements, WrittenSite, written_site
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


# --- a language is a folder ---


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of translations with a made-up language beside Korean, and files that are no language."""
    folder = pseudo_locale(tmp_path_factory.mktemp("locale"))
    shutil.copytree(LOCALE / "ko", folder / "ko")
    (folder / "reportgen.pot").write_text("", encoding="utf-8")
    (folder / "de").mkdir()
    return folder


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest, three: Path) -> WrittenSite:
    """A site in three languages."""
    return written_site(VARIANTS[request.param](), translations=three)


def folder_with(place: Path, *languages: str) -> Path:
    """A folder of languages without any message."""
    for language in languages:
        (place / language / "LC_MESSAGES").mkdir(parents=True)
        (place / language / "LC_MESSAGES" / "reportgen.po").write_text("", encoding="utf-8")
    return place


def test_languages_are_found_by_their_folders(three: Path, tmp_path: Path) -> None:
    """The language of the messages is first, the others follow in order; what has no translations is none."""
    assert languages_in(three) == ("en", "ko", LANGUAGE)
    assert languages_in(folder_with(tmp_path, "tr", "de", "en", "pt_BR")) == ("en", "de", "pt_BR", "tr")
    assert languages_in(LOCALE) == LANGUAGES


@pytest.mark.parametrize(
    ("code", "name", "tag", "direction"),
    [
        ("ko", "한국어", "ko", "ltr"),
        ("de", "Deutsch", "de", "ltr"),
        ("pt_BR", "português (Brasil)", "pt-BR", "ltr"),
        ("he", "עברית", "he", "rtl"),
    ],
)
def test_a_language_names_itself(tmp_path: Path, code: str, name: str, tag: str, direction: str) -> None:
    """Its name, its place and its direction come from what is known of it."""
    words = Words(code, folder_with(tmp_path, code))
    assert (words.own_name, words.tag, words.direction, words.folder) == (name, tag, direction, f"{tag}/")


def test_a_page_says_its_direction(tmp_path: Path) -> None:
    """A language that is read from the right is laid out from there; nobody else hears of it."""
    pages = written_site(small_snapshot(), translations=folder_with(tmp_path, "he")).pages
    assert '<html lang="he" dir="rtl">' in pages["he/index.html"]
    assert '<html lang="en">' in pages["index.html"]


def test_every_page_exists_in_every_language(variant: WrittenSite) -> None:
    """With the same structure, and every link leads somewhere."""
    pages = variant.pages
    english = {path for path in pages if not path.startswith(("ko/", f"{LANGUAGE}/"))}
    assert pages.keys() == {f"{folder}{path}" for folder in ("", "ko/", f"{LANGUAGE}/") for path in english}
    for path in english:
        assert len(Elements(pages[path]).started) - len(Elements(pages[f"{LANGUAGE}/{path}"]).started) in (0, 2)
    assert check_links(variant.files) == ()


def test_pages_lead_to_all_their_languages(variant: WrittenSite) -> None:
    """A link to each of the others, by the names that they give themselves; the head has whole addresses only."""
    for path, page in variant.pages.items():
        started = Elements(page).started
        heads = [each["hreflang"] for tag, each in started if tag == "link" and "hreflang" in each]
        links = [each["hreflang"] for tag, each in started if tag == "a" and "hreflang" in each]
        (language,) = [each["lang"] for tag, each in started if tag == "html"]
        assert heads == []
        assert links == [each for each in ("en", "ko", LANGUAGE) if each != language], path
    assert "polski" in variant.pages["index.html"]


SAID_IN_NO_LANGUAGE = re.compile(
    r"reportgen (build|train)[^\n]*|\b[\w.-]+\.(csv|json|txt)\b|\b[0-9a-f]{64}\b|\bt(rain|10k)-\w+\b|"
    r"\b(keras|numpy|python|tensorflow) [\d.]+"
)
"""Commands, files, digests, parts of data sets and versions."""
NAMES = {*LAYER_NAMES, *CONFIG.classes, CONFIG.title, "English", "relu", "softmax", "Conv2D", "MaxPooling2D"}
NAMES |= {"Dense", "Flatten"}
"""Names that somebody gave, of languages, and of what Keras has."""
SPOKEN = ("alt", "aria-label", "title", "data-dark", "data-light")


def english_in(page: str) -> set[str]:
    """The words of a page of the made-up language that nobody accented: those that went past the catalogue."""
    found = Elements(page)
    texts = [*found.words, *(each[name] for _, each in found.started for name in SPOKEN if name in each)]
    texts += [each["content"] for _, each in found.started if each.get("name") == "description"]
    plain = {text: SAID_IN_NO_LANGUAGE.sub(" ", text) for text in texts}
    words = {word for text in plain.values() for word in re.findall(r"[^\W\d_]\w*", text) if word.isascii()}
    return {word for word in words if len(word) > 1} - NAMES


def test_no_english_is_left(variant: WrittenSite) -> None:
    """Every word of every page, and of what is read aloud, is accented but for names."""
    pages = {path: page for path, page in variant.pages.items() if path.startswith(f"{LANGUAGE}/")}
    assert len(pages) > 15
    assert {path: found for path, page in pages.items() if (found := english_in(page))} == {}


def test_english_that_is_left_is_seen() -> None:
    """The test above can fail: in a text, in what is read aloud, and inside of a translated sentence."""
    assert english_in("<p>[Ţĥé] picture</p>") == {"picture"}
    assert english_in('<img alt="A map">[ţŵö]') == {"map"}
    assert english_in(f"<p>{pseudo('The layer {kind} is here.')}</p>".format(kind="pooled")) == {"pooled"}
    assert english_in("<p>Conv2D, Small: reportgen build x --seed 1</p>") == set()


def test_the_bundled_classes_are_translated(three: Path) -> None:
    """The classes of the network that comes along are messages, those of others are names."""
    analysis = analyse(small_snapshot())
    for config, expected in ((Config(), tuple(map(pseudo, FASHION_MNIST))), (CONFIG, CONFIG.classes)):
        context = Context(analysis, Words(LANGUAGE, three), Gallery(analysis), subject_of(config))
        assert context.class_names == expected
    assert ENGLISH_CLASSES == FASHION_MNIST


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 11, 12, 21, 22, 25, 101, 102, 112])
def test_plurals_follow_the_language(three: Path, count: int) -> None:
    """Of three forms each number gets its own: one; two to four, but not in the teens; all others."""
    words = Words(LANGUAGE, three)
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    form = 0 if count == 1 else 1 if few else 2
    messages = [message for message in messages_now() if len(message) == 2]
    assert len(messages) > 3
    for singular, plural in messages:
        expected = pseudo(plural if form else singular, form)
        assert words.ngettext(singular, plural, count) == expected


def test_our_plurals_are_as_many_as_the_language_has() -> None:
    """A catalogue has a text for each plural form of its language."""
    for language in TRANSLATED:
        wanted = get_plural(language).num_plurals
        several = [entry for message, entry in entries(read_catalogue(language)).items() if len(message) == 2]
        assert {len(forms(entry.string)) for entry in several} == {wanted}


@pytest.mark.parametrize(
    ("language", "percent", "small", "number", "listed"),
    [
        ("en", "25%", "1.5%", "1,234,568", "a, b, and c"),
        ("de", "25\u00a0%", "1,5\u00a0%", "1.234.568", "a, b und c"),
        ("tr", "%25", "%1,5", "1.234.568", "a, b ve c"),
        ("hi", "25%", "1.5%", "12,34,568", "a, b, और c"),
        ("ko", f"25%{WORD_JOINER}", f"1.5%{WORD_JOINER}", "1,234,568", "a, b, c"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    tmp_path: Path, language: str, percent: str, small: str, number: str, listed: str
) -> None:
    """Signs, their places, and how digits are grouped are Babel's."""
    words = Words(language, folder_with(tmp_path, language))
    assert (words.percent(0.25), words.percent(0.015)) == (percent, small)
    assert (words.count(1234568), words.number(1234568.0), words.fixed(1234568.0, 0)) == (number,) * 3
    assert words.listed(["a", "b", "c"]) == listed


@pytest.mark.parametrize(
    ("items", "listed"),
    [
        (["티셔츠", "셔츠"], "티셔츠와 셔츠"),
        (["가방", "코트"], "가방과 코트"),
        ([f"91.7%{WORD_JOINER}", "91.6%"], f"91.7%{WORD_JOINER}와 91.6%"),
        (["6번(80%)", "13번(79%)"], "6번(80%)과 13번(79%)"),
        (["12", "13"], "12와 13"),
        (["10", "13"], "10과 13"),
        (["Bag", "Coat"], "Bag, Coat"),
        (["(%)", "?"], "(%), ?"),
        (["가방", "코트", "셔츠"], "가방, 코트, 셔츠"),
        (["가방"], "가방"),
        ([], ""),
    ],
)
def test_korean_lists_of_two_have_the_particle_that_is_spoken(items: list[str], listed: str) -> None:
    """After a vowel the one, after a consonant the other; where nothing tells, and in longer lists, none."""
    assert Words("ko").listed(items) == listed


def test_nouns_inside_a_name(tmp_path: Path) -> None:
    """Second convolution, but zweite Faltung."""
    assert Words("en").inside("Convolution") == "convolution"
    assert Words("de", folder_with(tmp_path, "de")).inside("Faltung") == "Faltung"


def test_nothing_said_is_never_translated(three: Path) -> None:
    """An empty text is no message: a catalogue keeps its own head under it."""
    assert Words(LANGUAGE, three).gettext("") == ""


ASKING = {"_", "N_", "gettext", "ngettext"}


def test_every_message_in_the_sources_can_be_translated() -> None:
    """Wherever a message is asked for, also inside of another text, translators are given it."""
    asked = {
        str(call.args[0].value)
        for path in sorted((ROOT / "reportgen").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in ASKING
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert len(asked) > 500
    assert sorted(asked - {message[0] for message in messages_now()}) == []


def test_files_left_out_are_told_in_the_readers_language(three: Path) -> None:
    """Every reason that the pictures' modules give is known; what is broken is told as the library says it."""
    folder = ROOT / "reportgen" / "pictures"
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    given = re.findall(r"(?:NotReadableError\(|_set_aside\(\w+,|file\.name,)\s*f?\"([^\"]+)\"", sources)
    filled = {"{LARGEST_PICTURE // 10**6}": "25", "{WHAT_IS_READ}": "PNG, JPEG, WebP, TIFF, GIF or BMP"}
    texts = set(given)
    for name, value in filled.items():
        texts = {text.replace(name, value) for text in texts}
    assert texts - {"broken: {reason(error)}"} == set(REASONS)
    words = Words(LANGUAGE, three)
    assert skipped_in_words("a: b.txt: not a file", words) == f"a: b.txt: {pseudo('not a file')}"
    assert skipped_in_words("a.png: broken: cut", words) == "a.png: " + pseudo("broken: {why}").format(why="cut")
    assert skipped_in_words("a.png: who knows", words) == "a.png: who knows"


def test_a_changed_translation_makes_another_site(monkeypatch: pytest.MonkeyPatch, three: Path) -> None:
    """The catalogues count among what decides what a site is."""
    before = inputs_digest(Config(), NOTHING_OWN)
    monkeypatch.setattr("reportgen.build.LOCALE", three)
    assert inputs_digest(Config(), NOTHING_OWN) != before


# --- longer texts in a window ---

TOO_WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_longer_texts_do_not_scroll_the_page_sideways(
    three: Path, browser: Browser, tmp_path: Path, width: int
) -> None:
    """Two fifths longer than English, every page still fits into a phone and a desktop window."""
    snapshot = small_snapshot()
    texts, charts = written_site(snapshot, translations=three).texts, written_site(snapshot).charts
    pictures, _ = drawn_pictures(dict(charts), Cache(None), lambda *_: None)
    for path, data in {**texts, **pictures}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    pages = sorted(path for path in texts if path.startswith(f"{LANGUAGE}/") and path.endswith(".html"))
    assert len(pages) > 15
    with browser.new_context(viewport={"width": width, "height": 740}) as context:
        page = context.new_page()
        wide = {}
        for path in pages:
            page.goto((tmp_path / path).as_uri())
            wide[path] = page.evaluate(TOO_WIDE)
    assert {path: pixels for path, pixels in wide.items() if pixels > 0} == {}


def test_the_made_up_language_is_longer() -> None:
    """By two fifths and more, with all that has to stay."""
    text = "<b>{count}</b> maps of %(layer)s are shown."
    assert len(pseudo(text)) >= LONGER * len(text) - 20
    assert placeholders("<b>{count}</b> maps") == placeholders(pseudo("<b>{count}</b> maps"))
    assert tags(text) == tags(pseudo(text))
