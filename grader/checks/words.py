"""How checks quote what students print and write."""

from __future__ import annotations

import re

from grader.messages import LANGUAGES, Language, Localized, Text
from grader.trace.naming import verbatim

_QUOTED_AT_MOST = 60
_CODE_AT_MOST = 120
_SPECIAL = re.compile(r"\{\{|\}\}|\{\*\}|\*|\{\w+\}")
_WORD = re.compile(r"[\w`.()]{3,}")
_STEM = 4
_FUNCTION_WORDS = frozenset(
    "and are can does for from has have here how its that the their there these this those what "
    "when where which who why will with would your".split()
)
_HOLE = re.compile(r"(?<!\{)\{\w+\}(?!\})")
_HOLES_IN_CHINESE = {
    "text": "文字",
    "name": "进程名",
    "word": "单词",
    "int": "整数",
    "float": "小数",
    "ppid": "父进程的 pid",
    "bool": "True 或 False",
}
"""What the holes of a pattern are called; `pid` is so in every language."""
_READ_AS = {"{{": "{", "}}": "}", "{*}": "*", "*": "…"}
SPACE = "␣"
"""How a space is shown where it counts."""
_SPACES = re.compile("^ +| +$| {2,}")


def quoted(text: str) -> Localized:
    """A printed line or a name, short enough for a sentence."""
    return verbatim(f"“{_short(text, _QUOTED_AT_MOST)}”")


def spaces_shown(text: str) -> str:
    """Spaces at its ends, and several in a row, are shown as ␣: else nobody can count them."""
    return _SPACES.sub(lambda spaces: SPACE * len(spaces[0]), text)


def like(pattern: str, task: Text | None = None) -> Localized:
    """A pattern as a student reads it: ``<pid>`` for a hole, ``…`` for any text; where the ``task``
    spells such a line, as that does.
    """
    return Localized(
        {
            language: quoted(
                _spelled_by_task(pattern, "" if task is None else task.in_language(language))
                or _in_words(pattern, language)
            ).in_language("en")
            for language in LANGUAGES
        }
    )


def _in_words(pattern: str, language: Language) -> str:
    names = _HOLES_IN_CHINESE if language == "zh" else {}

    def read(piece: re.Match[str]) -> str:
        """What stands for a hole or a star."""
        hole = piece[0][1:-1]
        return _READ_AS.get(piece[0], f"<{names.get(hole, hole)}>")

    return _SPECIAL.sub(read, pattern)


def _spelled_by_task(pattern: str, task: str) -> str | None:
    """The line as the task spells it, with a name of its own for each hole; None where it does not,
    and for a pattern without a hole.
    """
    if _HOLE.search(pattern) is None:
        return None
    parts = re.split(r"(\*|\{\w+\})", pattern)
    spelled = "".join(
        re.escape(part) if place % 2 == 0 else "<[^<>`]+>" for place, part in enumerate(parts)
    )
    found = re.search(f"`({spelled})`", task)
    return None if found is None else found[1]


def code(text: str) -> Localized:
    """A piece of code, or what Python says about it."""
    return verbatim(f"`{_short(text, _CODE_AT_MOST)}`")


def repeats(hint: str, said: str) -> bool:
    """Whether a hint in English has no word of content that is not said already."""
    if hint == said:
        return True
    words = _content(hint)
    return bool(words) and words <= _content(said)


def _content(text: str) -> frozenset[str]:
    """The beginnings of the words that carry the meaning, so that endings do not count."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _FUNCTION_WORDS)
    return frozenset(word[:_STEM] for word in words)


def _short(text: str, at_most: int) -> str:
    """Control codes made visible, the end cut off."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown if len(shown) <= at_most else shown[: at_most - 1] + "…"
