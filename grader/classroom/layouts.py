"""Whose each file is: which layout a folder of submissions has, and its names read by that."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.claims import Claim, Reader
from grader.classroom.contents import FoundFile
from grader.classroom.model import Layout, Student
from grader.classroom.platforms import platforms, students_by_name


@dataclass(frozen=True, slots=True)
class Read:
    """The names of a folder, read. ``unread`` are files that the layout says nothing about."""

    layout: Layout
    claims: tuple[Claim, ...]
    unread: tuple[FoundFile, ...]


def read_names(files: Sequence[FoundFile], outer: str, is_exercise: Callable[[str], bool]) -> Read:
    """Find out which layout the names have, and read them by it.

    Args:
        files: everything in the folder of submissions.
        outer: the name of the folder or zip file itself, which may belong to the layout.
        is_exercise: whether a folder's name is that of an exercise, and so nobody's own.
    """
    layout, reader = _reader(files, outer, is_exercise)
    read = _read(layout, reader, files)
    if layout is Layout.MOODLE:
        read = replace(read, claims=tuple(students_by_name(read.claims)))
    return read


def read_by_expression(files: Sequence[FoundFile], expression: re.Pattern[str]) -> Read:
    """Read the names by an expression that is searched in each file's whole name.

    Its named groups are those of nbgrader (``student_id``, ``file_id``, ``timestamp``,
    ``first_name``, ``last_name``, ``email``) and ``name``, ``exercise``, ``attempt``, ``late``.
    """

    def reader(file: FoundFile) -> Sequence[Claim] | None:
        found = expression.search(str(file.name))
        return [_by_groups(file, found.groupdict())] if found and found["student_id"] else None

    return _read(Layout.REGEX, reader, files)


def _read(layout: Layout, reader: Reader, files: Iterable[FoundFile]) -> Read:
    claims: list[Claim] = []
    unread: list[FoundFile] = []
    for file in files:
        found = reader(file)
        if found is None:
            unread.append(file)
        else:
            claims += found
    return Read(layout, tuple(claims), tuple(unread))


def _reader(
    files: Sequence[FoundFile], outer: str, is_exercise: Callable[[str], bool]
) -> tuple[Layout, Reader]:
    """The layout by which most names can be read; what one student calls a file decides nothing."""
    for layout, reader in platforms(files, outer):
        if sum(reader(file) is not None for file in files) * 2 > len(files):
            return layout, reader
    skipped = _wrapping_folders(files, is_exercise)
    own = [_own(file, skipped, is_exercise)[1] for file in files]
    folders = {_without_zip(parts[0]) for parts in own if len(parts) > 1}
    named = student_named if not _are_numbered(folders) else _numbered_student
    layout = Layout.FOLDERS if folders else Layout.FILES
    return layout, lambda file: _plain(file, skipped, is_exercise, named)


def _wrapping_folders(files: Sequence[FoundFile], is_exercise: Callable[[str], bool]) -> int:
    """How many of the outermost folders are around the whole class, and so nobody's own.

    Those are a zip file, a folder of the same name in it, and a folder with nothing but several
    folders with scripts in it.
    """
    names = [file.name.parts for file in files if file.is_script]
    skipped = 0
    while names and all(len(name) > skipped + 1 for name in names):
        heads = {name[skipped] for name in names}
        if len(heads) > 1 or is_exercise(next(iter(heads))):
            break
        (head,) = heads
        before = names[0][skipped - 1] if skipped else ""
        below = {name[skipped + 1] for name in names if len(name) > skipped + 2}
        is_around = head.lower().endswith(".zip") or f"{head}.zip" == before
        only_folders = all(len(name) > skipped + 2 for name in names)
        if not is_around and (len(below) < 2 or not only_folders):
            break
        skipped += 1
    return skipped


def _own(
    file: FoundFile, skipped: int, is_exercise: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders around a student's own, the nearest first, and the rest of the name."""
    parts = file.name.parts
    while skipped < len(parts) - 1 and is_exercise(parts[skipped]):
        skipped += 1
    return parts[:skipped][::-1], parts[skipped:]


def _plain(
    file: FoundFile,
    skipped: int,
    is_exercise: Callable[[str], bool],
    named: Callable[[str], Student],
) -> Sequence[Claim] | None:
    if len(file.name.parts) <= skipped:
        return None
    context, own = _own(file, skipped, is_exercise)
    if len(own) > 1:
        student = named(_without_zip(own[0]))
        return [Claim(file, student, own[0], PurePosixPath(*own[1:]), context)]
    if not file.is_named_script:
        return None
    name = PurePosixPath(own[0]).stem
    rest = PurePosixPath(own[0])
    return [Claim(file, student_named(name), name, rest, context, by_file_name=True)]


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


def _numbered_student(text: str) -> Student:
    found = _NAME_AND_ANY_NUMBER.fullmatch(text)
    return Student(found["number"], found["name"].strip()) if found else student_named(text)


_NUMBER_AND_NAME = re.compile(r"(?P<number>[A-Za-z]?\d{5,})[-_ .]+(?P<name>[^\d].*)", re.DOTALL)
_NAME_AND_NUMBER = re.compile(r"(?P<name>[^\d].*?)[-_ .]+(?P<number>[A-Za-z]?\d{5,})", re.DOTALL)


def student_named(text: str) -> Student:
    """The student whom a name of a folder or file means: ``20230017_张三`` is number and name."""
    for shape in (_NUMBER_AND_NAME, _NAME_AND_NUMBER):
        if found := shape.fullmatch(text):
            return Student(found["number"], found["name"])
    return Student(text, text)


def _by_groups(file: FoundFile, groups: dict[str, str | None]) -> Claim:
    full = " ".join(filter(None, (groups.get("first_name"), groups.get("last_name"))))
    student_id = groups["student_id"] or ""
    student = Student(
        student_id, groups.get("name") or full or student_id, groups.get("email") or ""
    )
    attempt = groups.get("attempt")
    late = groups.get("late") is not None if "late" in groups else None
    return Claim(
        file,
        student,
        student_id,
        PurePosixPath(groups.get("file_id") or file.name.name),
        (*filter(None, [groups.get("exercise")]), *file.name.parts[:-1][::-1]),
        attempt=int(attempt) if attempt and attempt.isdecimal() else None,
        submitted_at=time_of(groups.get("timestamp")),
        late=late,
    )


def time_of(text: str | None) -> datetime | None:
    """A time in one of the usual spellings, in this machine's zone where it names none."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00")).astimezone()
    except ValueError:
        pass
    digits = re.sub(r"[^0-9]", "", text)[:14]
    if len(digits) not in (8, 12, 14):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S"[: len(digits) - 2]).astimezone()
    except ValueError:
        return None
