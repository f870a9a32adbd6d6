"""Reads catalogues: the text file that people edit, and the compiled one that Django reads."""

import ast
import gettext
import re
from pathlib import Path

from tests.language.messages import ROOT

LOCALE = ROOT / "farmq" / "locale"
LINE = re.compile(r'^(?:(?P<field>msgid_plural|msgid|msgstr(?:\[\d+\])?) )?(?P<text>".*")$')


def written(language: str) -> dict[str, str]:
    """This will give message and translation as the .po file has them, without the header."""
    entries: dict[str, str] = {}
    fields: dict[str, str] = {}
    field = ""
    for line in (*source(language).read_text(encoding="utf-8").splitlines(), 'msgid ""'):
        found = LINE.match(line)
        if found is None:
            continue
        if found["field"] == "msgid":
            _keep(fields, entries)
            fields = {}
        field = found["field"] or field
        fields[field] = fields.get(field, "") + ast.literal_eval(found["text"])
    return entries


def compiled(language: str) -> dict[str, str]:
    """This will give the same as the .mo file has it."""
    with source(language).with_suffix(".mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # no face
    return {
        key[0] if isinstance(key, tuple) else key: text
        for key, text in catalogue.items()
        if key != ""
    }


def source(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _keep(fields: dict[str, str], entries: dict[str, str]) -> None:
    if fields.get("msgid"):
        entries[fields["msgid"]] = fields.get("msgstr", fields.get("msgstr[0]", ""))
