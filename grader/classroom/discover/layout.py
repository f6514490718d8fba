"""Whose each file is: from which platform a folder of submissions comes, read as that says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.classroom.discover.files import File
from grader.classroom.discover.plain import Plain
from grader.classroom.discover.platform import Claim, Export, Platform, Reader
from grader.classroom.discover.platforms import platforms
from grader.classroom.model import Student
from grader.classroom.times import time_of

_DEEPEST = 4
"""So many folders may be around a download."""
_STRAYS = 1
"""So many things in a download may be no student's, such as the teacher's solution."""
_LARGEST_ATTEMPT = 9
"""Digits of a number of attempts."""
REGEX = Platform("regex", lambda export: None, is_collected=False)
"""Any other layout, read by the teacher's own expression."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The names of a folder, read. ``unread`` are files about which they say nothing."""

    platform: Platform
    claims: tuple[Claim, ...]
    unread: tuple[File, ...]


def read_names(files: Sequence[File], outer: str, is_exercise: Callable[[str], bool]) -> Reading:
    """Find out where the files come from, and read their names by that.

    Args:
        files: everything in the folder of submissions.
        outer: the name of the folder or zip file itself, which may belong to the layout.
        is_exercise: whether a folder's name is that of an exercise, and so no student's own.
    """
    found = _exports(Export(outer, (), tuple(files)))
    if found is None:
        plain = Plain(files, is_exercise)
        return _read_by(plain.platform, [(files, plain.read)])
    platform, exports = found
    return _read_by(platform, [(export.files, reader) for export, reader in exports])


def _read_by(platform: Platform, readers: Sequence[tuple[Sequence[File], Reader]]) -> Reading:
    """Read the names of the files of each export by its reader."""
    claims: list[Claim] = []
    unread: list[File] = []
    for files, read in readers:
        for file in files:
            said = read(file)
            if said is None:
                unread.append(file)
            else:
                claims += said
    return Reading(platform, tuple(platform.together(claims)), tuple(unread))


_Exports = tuple[Platform, list[tuple[Export, Reader]]]


def _exports(outer: Export) -> _Exports | None:
    """The platform, and its downloads: all that is there, or what lies in each of the folders and
    zip files in it. Then each of them is one, so that no student's own folder decides for others.
    """
    found = _platform_of(outer)
    if found is not None:
        platform, reader = found
        return platform, [(outer, reader)]
    containers = _containers(outer)
    if not containers or len(outer.context) == _DEEPEST:
        return None
    inside = [_exports(container) for container in containers]
    known = [each for each in inside if each is not None]
    if len(known) < len(inside) or len({platform.name for platform, _ in known}) > 1:
        return None
    return known[0][0], [export for _, exports in known for export in exports]


def _containers(outer: Export) -> list[Export]:
    """The folders and zip files in it; none if there are scripts beside them."""
    inside: dict[str, list[File]] = {}
    for file in outer.files:
        if outer.inside(file):
            inside.setdefault(outer.entry(file), []).append(file)
        elif file.is_named_script:
            return []
    return [Export(name, (name, *outer.context), tuple(files)) for name, files in inside.items()]


def _platform_of(export: Export) -> tuple[Platform, Reader] | None:
    """The platform that understands most of the entries, and all but `_STRAYS` of those that could
    be submissions: a student who names files as another platform does cannot change it.
    """
    candidates = {
        export.entry(file) for file in export.files if export.inside(file) or file.is_named_script
    }
    best, most = None, 0
    for platform in platforms():
        reader = platform.reader(export)
        if reader is None:
            continue
        understood = {export.entry(file) for file in export.files if reader(file) is not None}
        strays = len(candidates - understood)
        if len(understood) > most and strays <= _STRAYS and 2 * strays < len(candidates):
            best, most = (platform, reader), len(understood)
    return best


def read_by_expression(files: Sequence[File], expression: re.Pattern[str]) -> Reading:
    """Read the names by an expression that is searched in each file's whole name.

    Its named groups are those of nbgrader (``student_id``, ``file_id``, ``timestamp``,
    ``first_name``, ``last_name``, ``email``) and ``name``, ``exercise``, ``attempt``, ``late``.
    """

    def read(file: File) -> Sequence[Claim] | None:
        """The claim that the expression finds in the file's name."""
        found = expression.search(str(file.name))
        return [_claim(file, found.groupdict())] if found and found["student_id"] else None

    return _read_by(REGEX, [(files, read)])


def _claim(file: File, groups: dict[str, str | None]) -> Claim:
    full = " ".join(filter(None, (groups.get("first_name"), groups.get("last_name"))))
    student_id = groups["student_id"] or ""
    attempt = groups.get("attempt") or ""
    is_number = attempt.isdecimal() and len(attempt) <= _LARGEST_ATTEMPT
    return Claim(
        file,
        Student(student_id, groups.get("name") or full or student_id, groups.get("email") or ""),
        student_id,
        PurePosixPath(groups.get("file_id") or file.name.name),
        (*filter(None, [groups.get("exercise")]), *file.name.parts[:-1][::-1]),
        attempt=int(attempt) if is_number else None,
        submitted_at=time_of(groups.get("timestamp")),
        late=groups.get("late") is not None if "late" in groups else None,
    )
