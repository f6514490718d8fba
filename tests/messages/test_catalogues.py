"""The catalogues are complete and true to the source.

When one of these fails: ``python -m tests.messages.catalogues``, translate what it lists, and
run it again.
"""

from __future__ import annotations

import ast
import gettext
import io
from string import Formatter

import pytest
from babel.messages import Message

from grader.messages import Language, say
from tests.messages.catalogues import (
    SOURCE,
    TRANSLATED,
    as_text,
    compiled,
    extracted,
    is_translated,
    mo_file,
    po_file,
    translation,
)


def forms(texts: object) -> tuple[str, ...]:
    """The singular and the plural of a message, or its only form."""
    return tuple(map(str, texts)) if isinstance(texts, (tuple, list)) else (str(texts),)


def holes(texts: object) -> set[str]:
    return {
        hole
        for text in forms(texts)
        for _, hole, _, _ in Formatter().parse(text)
        if hole is not None
    }


def messages(language: Language) -> list[Message]:
    return [message for message in translation(language) if message.id]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: Language) -> None:
    """None is missing, none is left over, none was guessed."""
    source = {forms(message.id) for message in extracted() if message.id}
    assert len(source) > 300
    catalog = translation(language)
    assert {forms(message.id) for message in messages(language)} == source
    assert not catalog.obsolete
    assert [message.id for message in messages(language) if not is_translated(message)] == []
    assert [message.id for message in messages(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_same_holes(language: Language) -> None:
    """A hole more would be an error where the message is said, a hole less a fact untold."""
    different = [
        message.id for message in messages(language) if holes(message.id) != holes(message.string)
    ]
    assert different == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_code_is_not_translated(language: Language) -> None:
    """What stands in backticks is Python in every language."""
    for message in messages(language):
        source, translated = (
            {part for form in forms(texts) for part in form.split("`")[1::2]}
            for texts in (message.id, message.string)
        )
        assert source == translated, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_gettext_reads_is_what_the_translator_wrote(language: Language) -> None:
    """Nobody forgot to compile the catalogue, and it is kept in its normal form."""
    catalog = translation(language)
    assert po_file(language).read_bytes() == as_text(catalog)
    with mo_file(language).open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    written = gettext.GNUTranslations(io.BytesIO(compiled(catalog)))
    for message in messages(language):
        assert spoken(shipped, message) == spoken(written, message)
        assert spoken(shipped, message) <= set(forms(message.string))


def spoken(catalogue: gettext.GNUTranslations, message: Message) -> set[str]:
    """What a catalogue says for a message, for one and for many."""
    if isinstance(message.id, str):
        return {catalogue.gettext(message.id)}
    one, many = forms(message.id)
    return {catalogue.ngettext(one, many, count) for count in (1, 5)}


def test_the_catalogue_is_used() -> None:
    """A message of the grader's is said in Chinese."""
    assert say("main").in_language("zh") == "主进程"


def test_messages_are_literals() -> None:
    """What is not written out where it is said cannot be collected."""
    made_up = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            count = {"say": 1, "plural": 2}.get(node.func.id, 0)
            if not all(isinstance(text, ast.Constant) for text in node.args[:count]):
                made_up.append((path.name, node.lineno))
    assert made_up == []
