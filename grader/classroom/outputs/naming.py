"""What students are called on a page: by their names, or by numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import sha256

from grader.classroom.model import Student
from grader.messages import Language, say

_LEFT_OUT = "···"
_SHORTEST_NUMBER = 5
"""Digits of a student's number: shorter ones are pids, lines and seconds as well."""


class Naming:
    """The names of a class as a page shows them.

    Args:
        students: all of the class.
        language: of the page.
        anonymous: whether they are numbered in an order that has nothing to do with their names.
    """

    def __init__(
        self, students: Iterable[Student], language: Language, *, anonymous: bool = False
    ) -> None:
        self.anonymous = anonymous
        everybody = list(students)
        if not anonymous:
            # GB 2312 has the frequent characters, of which nearly all names are made, by pinyin;
            # GB 18030 keeps their places. Rarer ones follow, by radical.
            collated = partial(str.encode, encoding="gb18030", errors="backslashreplace")
            self._order = sorted(everybody, key=lambda one: (collated(one.name.casefold()), one.id))
            self._names = {each.id: each.name for each in everybody}
            return
        self._order = sorted(
            everybody, key=lambda each: sha256(each.id.encode("utf-8", "replace")).digest()
        )
        width = len(str(len(everybody)))
        self._names = {
            each.id: say("Student {number}", number=f"{number:0{width}}").in_language(language)
            for number, each in enumerate(self._order, start=1)
        }
        words = {word for each in everybody for word in _words(each)}
        any_of_them = "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"
        self._known = re.compile(rf"(?<![A-Za-z0-9])(?:{any_of_them})(?![A-Za-z0-9])", re.I)

    @property
    def order(self) -> tuple[Student, ...]:
        """All students, in the order of the page."""
        return tuple(self._order)

    def name(self, student: Student) -> str:
        """What the page calls a student."""
        return self._names[student.id]

    def number(self, student: Student) -> str:
        """The id, where it says more than the name and may be shown."""
        return "" if self.anonymous or student.id == student.name else student.id

    def without_names(self, text: str) -> str:
        """A text that names no student of the class, if the page is anonymous."""
        return self._known.sub(_LEFT_OUT, text) if self.anonymous else text


def _words(student: Student) -> Iterator[str]:
    """By what a student is known: all of the name, its longer parts, the number, the address."""
    for text in (student.name, student.id, student.email):
        if len(text) > 1 and not (text.isdecimal() and len(text) < _SHORTEST_NUMBER):
            yield text
    yield from (part for part in re.split(r"[\W_\d]+", student.name) if len(part) > 2)
    yield from re.findall("[\u3400-\u9fff]{2,}", student.name)
