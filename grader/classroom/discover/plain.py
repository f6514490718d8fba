"""No platform's layout: a folder, a zip file or a file a student."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import PurePosixPath

from grader.classroom.discover.files import File
from grader.classroom.discover.platform import Claim, Export, Platform, Reader
from grader.classroom.model import Student


def _nothing(export: Export) -> Reader | None:
    return None


FOLDERS = Platform("folders", _nothing, is_collected=False)
"""A folder (or a zip file) a student."""
FILES = Platform("files", _nothing, is_collected=False)
"""A file a student."""


class Plain:
    """What reads the names. Whose a file is, the outermost part of its name says, but for folders
    around the whole class and those that are called like an exercise.

    Args:
        files: everything in the folder of submissions.
        is_exercise: whether a folder's name is that of an exercise, and so no student's own.
    """

    def __init__(self, files: Sequence[File], is_exercise: Callable[[str], bool]) -> None:
        self._is_exercise = is_exercise
        self._skipped = _wrapping_folders(files, is_exercise)
        own = [self._own(file)[1] for file in files]
        folders = {_without_zip(parts[0]) for parts in own if len(parts) > 1}
        self._are_numbered = _are_numbered(folders)
        self.platform = FOLDERS if folders else FILES

    def read(self, file: File) -> Sequence[Claim] | None:
        """Whose a file is; None: its name does not say it."""
        if len(file.name.parts) <= self._skipped:
            return None
        context, own = self._own(file)
        if len(own) > 1:
            name = _without_zip(own[0])
            found = _NAME_AND_ANY_NUMBER.fullmatch(name) if self._are_numbered else None
            student = student_named(name)
            if found is not None:
                student = Student(found["number"], found["name"].strip())
            return [Claim(file, student, own[0], PurePosixPath(*own[1:]), context)]
        if not file.is_named_script:
            return None
        rest = PurePosixPath(own[0])
        student = student_named(rest.stem)
        return [Claim(file, student, rest.stem, rest, context, by_file_name=True)]

    def _own(self, file: File) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The folders around a student's own, the nearest first, and the rest of the name."""
        parts, around = file.name.parts, self._skipped
        while around < len(parts) - 1 and self._is_exercise(parts[around]):
            around += 1
        return parts[:around][::-1], parts[around:]


def _wrapping_folders(files: Sequence[File], is_exercise: Callable[[str], bool]) -> int:
    """How many of the outermost folders are around the whole class, and so no student's own.

    Those are a zip file, a folder of the same name in it, and a folder with nothing but several
    folders in it. Files that are no scripts may lie beside them.
    """
    skipped, around = 0, ""
    while True:
        inside: dict[str, set[str]] = {}
        has_scripts: set[str] = set()
        for name in (file.name.parts for file in files):
            if len(name) > skipped + 1:
                inside.setdefault(name[skipped], set())
                if len(name) > skipped + 2:
                    inside[name[skipped]].add(name[skipped + 1])
                elif name[-1].lower().endswith(".py"):
                    has_scripts.add(name[skipped])
            elif name[-1].lower().endswith(".py"):
                return skipped
        if len(inside) != 1:
            return skipped
        ((head, below),) = inside.items()
        is_around = head.lower().endswith(".zip") or f"{head}.zip" == around
        if is_exercise(head) or (not is_around and (len(below) < 2 or head in has_scripts)):
            return skipped
        skipped, around = skipped + 1, head


def _without_zip(name: str) -> str:
    return re.sub(r"\.zip$", "", name, flags=re.IGNORECASE)


_NAME_AND_ANY_NUMBER = re.compile(r"(?P<name>[^_]*[^\W\d][^_]*)_(?P<number>\d+)_?", re.DOTALL)


def _are_numbered(folders: Collection[str]) -> bool:
    """Whether all folders are called like ``张三_101``, each with a number of its own; the names
    of ``team_1`` and ``team_2`` are none without it.
    """
    found = [_NAME_AND_ANY_NUMBER.fullmatch(each) for each in folders]
    numbers = {each["number"] for each in found if each}
    names = {each["name"] for each in found if each}
    return len(folders) == len(numbers) and len(names) > 1


_NUMBER_AND_NAME = re.compile(r"(?P<number>[A-Za-z]?\d{5,})[-_ .]+(?P<name>[^\d].*)", re.DOTALL)
_NAME_AND_NUMBER = re.compile(r"(?P<name>[^\d].*?)[-_ .]+(?P<number>[A-Za-z]?\d{5,})", re.DOTALL)


def student_named(text: str) -> Student:
    """The student whom a name of a folder or file means: ``20230017_张三`` is number and name."""
    for shape in (_NUMBER_AND_NAME, _NAME_AND_NUMBER):
        if found := shape.fullmatch(text):
            return Student(found["number"], found["name"])
    return Student(text, text)
