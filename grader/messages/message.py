"""Messages that know how to be said in each language."""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal, Union, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_LOCALE = Path(__file__).parent / "locale"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("grader", _LOCALE, [language], fallback=language == "en")


@dataclass(frozen=True)
class Localized:
    """A text that its author wrote in one or more languages."""

    by_language: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.by_language:
            raise ValueError("a localized text needs at least one language")

    def in_language(self, language: Language) -> str:
        """The text in ``language``, else in English, else in the first that there is."""
        texts = self.by_language
        return texts.get(language) or texts.get("en") or next(iter(texts.values()))


@dataclass(frozen=True)
class Message:
    """An English sentence with ``{holes}``, the values for them, and its translations.

    Values are shown with ``str``, except texts, which are said in the same language first.
    ``many`` is the sentence for any count but one, ``count`` that count (also the hole
    ``{count}``).
    """

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)
    many: str | None = None
    count: int = 1
    of_threads: bool = False
    """What it says of processes is said of threads."""

    def in_language(self, language: Language) -> str:
        """The sentence in a language, with its holes filled."""
        catalogue = _catalogue(language)
        if self.many is None:
            sentence = catalogue.gettext(self.text)
        else:
            sentence = catalogue.ngettext(self.text, self.many, self.count)
        if self.of_threads:
            sentence = _PROCESSES.sub(_as_thread, sentence)
        shown = {
            name: value.in_language(language) if isinstance(value, (Message, Localized)) else value
            for name, value in self.values.items()
        }
        return sentence.format(**shown) if language == "en" else _spaced(sentence, shown)


_PROCESSES = re.compile(r"\{\w*\}|multiprocessing|[Pp]rocess(?:es)?|[Cc]hild(?:ren)?|子进程|进程")
"""The words that are other ones where a sentence is about threads; holes keep their names."""


def _as_thread(word: re.Match[str]) -> str:
    found = word[0]
    if found.startswith("{"):
        return found
    if found == "multiprocessing":
        return "threading"
    if found.endswith("进程"):
        return "线程"
    thread = "threads" if found.endswith(("es", "ren")) else "thread"
    return thread.capitalize() if found[0].isupper() else thread


def _spaced(sentence: str, shown: Mapping[str, object]) -> str:
    """The filled sentence, with a space where a hole brings Latin letters or digits beside
    Chinese: ``p1`` and 主进程 stand in the same hole, and print has a space at one of them only.
    """
    filled = ""
    for literal, hole, form, _ in Formatter().parse(sentence):
        for piece in (literal, "" if hole is None else format(shown[hole], form or "")):
            beside = filled[-1:] + piece[:1]
            filled += f" {piece}" if _UNLIKE.fullmatch(beside) else piece
    return filled


_UNLIKE = re.compile("[A-Za-z0-9`][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z0-9`]")

Text = Union[Message, Localized]
Value = Union[str, int, float, Message, Localized]


def say(text: str, **values: Value) -> Message:
    """A message. Babel extracts its first argument, which must be a literal."""
    return Message(text, values)


def plural(one: str, many: str, count: int, **values: Value) -> Message:
    """A message whose English depends on ``count``, which fills the hole ``{count}`` too."""
    return Message(one, {"count": count, **values}, many, count)


def in_language(text: Text | None, language: Language) -> str | None:
    """A text in a language, where there is one."""
    return None if text is None else text.in_language(language)
