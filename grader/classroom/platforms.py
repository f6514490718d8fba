"""The names that learning platforms give to what was handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from grader.classroom.claims import Claim, Reader
from grader.classroom.contents import FoundFile
from grader.classroom.gradescope import Handed, is_metadata, read_metadata
from grader.classroom.model import Layout, Student


def platforms(files: Sequence[FoundFile], outer: str) -> Iterator[tuple[Layout, Reader]]:
    """The readers of all platforms that these names could come from.

    Args:
        files: everything in the folder of submissions.
        outer: the name of the folder or zip file itself, which GitHub Classroom's names go on.
    """
    handed = {key: value for file in files for key, value in read_metadata(file).items()}
    if handed:
        yield Layout.GRADESCOPE, lambda file: _gradescope(file, handed)
    yield Layout.MOODLE, _moodle
    names = _names_in_receipts(files)
    yield Layout.BLACKBOARD, lambda file: _blackboard(file, names)
    yield Layout.GITHUB_CLASSROOM, lambda file: _github(file, outer)
    if _has_canvas_numbers(files):
        yield Layout.CANVAS, _canvas


def _split(
    file: FoundFile, shape: re.Pattern[str]
) -> tuple[re.Match[str], tuple[str, ...], tuple[str, ...]] | None:
    """The outermost part of a name that has a shape, the parts inside of it, and those around
    it, the nearest first.
    """
    for position, part in enumerate(file.name.parts):
        if found := shape.fullmatch(part):
            return found, file.name.parts[position + 1 :], file.name.parts[:position][::-1]
    return None


_MOODLE = re.compile(
    r"(?P<place>(?P<name>[^_]*)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext))"
    r"(?:_(?P<rest>.*)|\.html?)?",
    re.DOTALL,
)


_BLIND = ("", "Participant", "参与者")


def _moodle(file: FoundFile) -> Sequence[Claim] | None:
    split = _split(file, _MOODLE)
    if split is None:
        return None
    found, inside, context = split
    is_folder = bool(inside) and not found["rest"]
    name = " ".join(found["name"].split())
    if name in _BLIND:
        name = f"Participant {found['id']}"
    return [
        Claim(
            file,
            Student(found["id"], name),
            found[0] if is_folder else found["place"],
            _rest(found["rest"], inside, file),
            context,
            renamed=not is_folder,
        )
    ]


def _rest(first: str | None, inside: tuple[str, ...], file: FoundFile) -> PurePosixPath:
    parts = [*([first] if first else []), *inside]
    return PurePosixPath(*parts) if parts else PurePosixPath(file.name.name)


_CANVAS = re.compile(
    r"(?:(?P<late_anonymous>LATE_)?(?P<anonymous>anon)|(?P<name>[^\W_][\w-]*?)(?P<late>_LATE)?)"
    r"_(?P<id>\d+)_(?P<file>\d+)_(?P<rest>.+)",
    re.DOTALL,
)


def _canvas(file: FoundFile) -> Sequence[Claim] | None:
    split = _split(file, _CANVAS)
    if split is None:
        return None
    found, inside, context = split
    name = f"anon {found['id']}" if found["anonymous"] else found["name"]
    return [
        Claim(
            file,
            Student(found["id"], name),
            found[0][: found.start("rest")].rstrip("_"),
            _rest(found["rest"], inside, file),
            context,
            renamed=not inside,
            late=bool(found["late"] or found["late_anonymous"]),
        )
    ]


def _has_canvas_numbers(files: Sequence[FoundFile]) -> bool:
    """No file number stands at two files, and no user has two names: `lab_1_2_zhang.py` is none."""
    found = {split[0][0]: split[0] for file in files if (split := _split(file, _CANVAS))}
    numbers = {match["file"] for match in found.values()}
    users = {(match["id"], match["name"]) for match in found.values()}
    return len(numbers) == len(found) and len({user for user, _ in users}) == len(users)


_BLACKBOARD = re.compile(
    r"(?P<place>(?P<assignment>.+)_(?P<user>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5}))"
    r"(?:_(?P<rest>.+)|\.txt)",
    re.DOTALL,
)


def _blackboard(file: FoundFile, names: dict[str, str]) -> Sequence[Claim] | None:
    split = _split(file, _BLACKBOARD)
    if split is None:
        return None
    found, inside, context = split
    if found["rest"] is None:
        return []  # a receipt
    try:
        submitted = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S").astimezone()
    except ValueError:
        return None
    return [
        Claim(
            file,
            Student(found["user"], names.get(found["user"], found["user"])),
            found["place"],
            _rest(found["rest"], inside, file),
            (found["assignment"], *context),
            renamed=not inside,
            submitted_at=submitted,
        )
    ]


_NAME_IN_RECEIPT = re.compile(r"^\ufeff?Name:\s*(.+?)\s*\(([^()]+)\)\s*$", re.MULTILINE)


def _names_in_receipts(files: Iterable[FoundFile]) -> dict[str, str]:
    """Full names by user name."""
    names: dict[str, str] = {}
    for file in files:
        if file.path is None or file.name.suffix != ".txt" or not _split(file, _BLACKBOARD):
            continue
        if file.path.stat().st_size < 100_000:
            text = file.path.read_text(encoding="utf-8", errors="replace")
            names.update({user: name for name, user in _NAME_IN_RECEIPT.findall(text)})
    return names


def _github(file: FoundFile, outer: str) -> Sequence[Claim] | None:
    parts = (PurePosixPath(outer).name, *file.name.parts)
    for position in range(len(parts) - 2):
        slug = parts[position].removesuffix(".zip").removesuffix("-submissions")
        folder = parts[position + 1]
        if slug != parts[position].removesuffix(".zip") and folder.startswith(f"{slug}-"):
            user = folder[len(slug) + 1 :]
            rest = PurePosixPath(*parts[position + 2 :])
            context = (slug, *parts[1:position][::-1])
            return [Claim(file, Student(user, user), folder, rest, context)] if user else None
    return None


def _gradescope(file: FoundFile, handed: dict[str, Handed]) -> Sequence[Claim] | None:
    if is_metadata(file):
        return []
    for position, part in enumerate(file.name.parts[:-1]):
        if part in handed:
            entry = handed[part]
            rest = PurePosixPath(*file.name.parts[position + 1 :])
            context = file.name.parts[:position][::-1]
            claim = Claim(
                file,
                Student("", ""),
                part,
                rest,
                context,
                attempt=entry.attempt,
                submitted_at=entry.submitted_at,
            )
            return [replace(claim, student=student) for student in entry.students] or None
    return None


def students_by_name(claims: Sequence[Claim]) -> Iterator[Claim]:
    """Moodle numbers a student anew for each assignment: the same name in two downloads is one
    student, unless one of the downloads has that name twice.
    """
    numbers: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for claim in claims:
        downloads = numbers.setdefault(claim.student.name, {})
        downloads.setdefault(claim.context, set()).add(claim.student.id)
    for claim in claims:
        downloads = numbers[claim.student.name]
        if all(len(ids) == 1 for ids in downloads.values()):
            first = min(number for ids in downloads.values() for number in ids)
            claim = replace(claim, student=replace(claim.student, id=first))
        yield claim
