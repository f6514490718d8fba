"""Folders of submissions to try things on."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.classroom.course import Course, load_course
from grader.classroom.discover import Found, find_hand_ins, place_of

EXERCISE = """
id: {id}
title: Anything
task: Anything that ends well.
checks:
  - {{id: clean, expect: The program ends without an error, clean: true}}
"""
SCRIPT = "print('hello')\n"


def course_of(folder: Path, *ids: str) -> Course:
    """A course of exercises with these ids; one of them alone is that exercise."""
    folder.mkdir(exist_ok=True)
    for each in ids:
        (folder / f"{each}.yaml").write_text(EXERCISE.format(id=each))
    return load_course(folder if len(ids) > 1 else folder / f"{ids[0]}.yaml")


def write(folder: Path, files: Mapping[str, str | bytes] | Sequence[str]) -> Path:
    """Write files below a folder; a name without content is a small script."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, SCRIPT)
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def zipped(path: Path, files: Mapping[str, str | bytes] | Sequence[str]) -> Path:
    """Write a zip file with these members."""
    contents = files if isinstance(files, Mapping) else dict.fromkeys(files, SCRIPT)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def found(course: Course, *given: Path, students: str | None = None) -> Found:
    return find_hand_ins(place_of(given), course, students=students)


def who(result: Found) -> dict[str, str]:
    """Each answer as ``id name exercise`` and its file."""
    return {
        f"{one.student.id} {one.student.name} {one.exercise}": one.file for one in result.hand_ins
    }


def left(result: Found) -> dict[str, str]:
    """What answers nothing, and why."""
    return {one.file: one.reason.in_language("en") for one in result.unmatched}
