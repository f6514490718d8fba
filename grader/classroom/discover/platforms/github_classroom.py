"""GitHub Classroom, which was closed in August 2026: ``week-3-submissions/week-3-ada/``.

Its downloads are still read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.classroom.discover.files import File
from grader.classroom.discover.platform import Claim, Export, Platform, Reader
from grader.classroom.model import Student


def _reader(export: Export) -> Reader | None:
    name = export.name.removesuffix(".zip")
    slug = name.removesuffix("-submissions")
    if slug == name:
        return None
    context = (slug, *export.context[1:])

    def read(file: File) -> Sequence[Claim] | None:
        """Whose a file is: the folder is called by the assignment and the user."""
        folder, inside = export.entry(file), export.inside(file)
        user = folder.removeprefix(f"{slug}-")
        if not inside or not user or user == folder:
            return None
        return [Claim(file, Student(user, user), folder, PurePosixPath(*inside), context)]

    return read


def is_test(name: PurePosixPath) -> bool:
    """What a teacher's template brings along, not the student's answer."""
    return (
        name.name in ("conftest.py", "setup.py")
        or name.name.startswith("test_")
        or name.stem.endswith("_test")
        or "tests" in name.parts[:-1]
    )


PLATFORM = Platform("github-classroom", _reader, is_template=is_test)
