"""Nothing that people read is forgotten: ours in English, our packages' in Korean."""

import importlib
import re
from pathlib import Path

import pytest
from django.utils import translation

from tests.language import catalogue, messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sdg]|%[sdg]|\{\w*\}")
# What is the same in every language, or means nothing by itself.
SAME = {":", ":?.!", "IPv4", "IPv6", "%(class_name)s %(instance)s", "{0}"}
PACKAGES = ("unfold", "django_filters", "rest_framework", "knox", "drf_spectacular")
PARTS_OF_DJANGO = ("contrib/admin", "contrib/auth", "core", "forms")
# Korean that is data or a command's own help, and is not translated: the file, and why.
UNTRANSLATED = {
    "farmq/gallery.py": "a sample among the blocks",
    "farmq/servers_file.py": "the name of the simulated server is a row",
    "farmq/management/commands/demo.py": "help of a command",
    "farmq/management/commands/token.py": "help of a command",
    "network/management/commands/headscale.py": "help of a command",
    "pharmacies/hangul.py": "letters, no words",
    "screens/api/views.py": "the description of the API is written once",
    "screens/components/button-primary/schema.py": "a default that is stored nowhere",
    "screens/demo.py": "sample rows",
}


def test_every_message_of_ours_has_an_english_text() -> None:
    english = catalogue.written("en")

    missing = {f"{one.path}: {one.text}" for one in messages.our_messages()} - {
        f"{one.path}: {one.text}" for one in messages.our_messages() if english.get(one.text)
    }

    assert not missing


def test_the_english_catalogue_says_nothing_that_nobody_asks_for() -> None:
    said = {one.text for one in messages.our_messages()}

    assert set(catalogue.written("en")) <= said


def test_english_is_english() -> None:
    korean = [text for text in catalogue.written("en").values() if messages.HANGUL.search(text)]

    assert not korean


def test_our_messages_are_korean_or_have_a_korean_text() -> None:
    korean = catalogue.written("ko")

    foreign = {
        one.text
        for one in messages.our_messages()
        if not messages.HANGUL.search(one.text)
        and one.text not in korean
        and re.search("[A-Za-z]{2}", PLACEHOLDER.sub("", one.text))
    }

    assert not foreign


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_translation_keeps_the_places_for_values(language: str) -> None:
    entries = catalogue.written(language)

    broken = [
        message
        for message, text in entries.items()
        if sorted(PLACEHOLDER.findall(message)) != sorted(PLACEHOLDER.findall(text))
    ]

    assert not broken


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    assert catalogue.compiled(language) == catalogue.written(language)


@pytest.mark.parametrize("name", [*PACKAGES, *(f"django/{part}" for part in PARTS_OF_DJANGO)])
def test_every_message_of_our_packages_has_a_korean_text(name: str) -> None:
    package = importlib.import_module(name.split("/", 1)[0])
    folder = Path(str(package.__file__)).parent / Path(*name.split("/")[1:])

    with translation.override("ko"):
        english = {
            one.text
            for one in messages.package_messages(folder)
            if one.text not in SAME
            and translation.gettext(one.text) == one.text
            and translation.ngettext(one.text, one.text, 1) == one.text
        }

    assert not english


def test_korean_text_is_translated_or_known_not_to_be() -> None:
    found = {
        str(path.relative_to(messages.ROOT))
        for room in messages.ROOMS
        for path in (messages.ROOT / room).rglob("*.py")
        if not set(messages.SILENT) & set(path.relative_to(messages.ROOT).parts)
        if any(messages.unmarked_hangul(path.read_text(encoding="utf-8")))
    }

    assert found <= set(UNTRANSLATED)


def test_extraction_sees_what_python_and_templates_mark() -> None:
    python = 'a = _("하나")\nb = ngettext_lazy("two", "twos", 2)\nsentence = "셋"\nc = "넷"\n'
    template = (
        '{% load i18n %}{% trans "다섯" %}{% blocktranslate %}여섯 {{ n }}{% endblocktranslate %}'
    )

    found = [*messages.in_python(python), *messages.in_template(template)]

    assert sorted(found) == sorted(["하나", "two", "셋", "다섯", "여섯 %(n)s"])
    assert list(messages.unmarked_hangul(python)) == [(4, "넷")]
