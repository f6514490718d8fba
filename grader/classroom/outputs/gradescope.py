"""Gradescope: a student's grades as its ``results.json``, and the zip file of its autograder."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import requires
from pathlib import Path

import grader
from grader import __version__
from grader.checks import Status
from grader.classroom.course import Course
from grader.classroom.model import CheckResult
from grader.classroom.outputs.one_student import Graded
from grader.classroom.task import Broke, Refused, WrongExercise
from grader.classroom.task import Graded as Answer
from grader.messages import Language, Localized, Text, say
from grader.report.escaping import visible
from grader.report.words import sign_of


class NotJudgedError(Exception):
    """An answer could not be judged: there are no results, which is not the same as no points."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.in_language("en"))
        self.reason = reason


def results_json(grades: Sequence[Graded], language: Language) -> str:
    """The document: a test a check, in the order of the exercises.

    Args:
        grades: one student's, for each exercise of the assignment.
        language: of what students read.

    Raises:
        NotJudgedError: something could not be judged.
    """
    tests = [
        test
        for number, graded in enumerate(grades, start=1)
        for test in _tests(graded, str(number), len(grades) > 1, language)
    ]
    document = {
        "output": "\n\n".join(_notes(grades, language)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"grader": __version__},
        "tests": tests,
    }
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _tests(
    graded: Graded, number: str, is_course: bool, language: Language
) -> Iterator[dict[str, object]]:
    """
    Raises:
        NotJudgedError: the answer could not be judged.
    """
    exercise, answer = graded.exercise.exercise, graded.answer
    title = exercise.title.in_language(language)
    if isinstance(answer, Answer):
        if answer.score is None:
            raise NotJudgedError(answer.note or say("A check could not be judged."))
        for place, check in enumerate(answer.checks, start=1):
            name = check.expected.in_language(language)
            yield {
                **_test(check, language),
                "name": visible(f"{title}: {name}" if is_course else name),
                "number": f"{number}.{place}" if is_course else str(place),
            }
        return
    if isinstance(answer, Refused):
        raise NotJudgedError(answer.reason)
    if isinstance(answer, (Broke, WrongExercise)):
        report = answer.report if isinstance(answer, Broke) else answer.problem
        raise NotJudgedError(say("The grader broke down: {report}", report=report))
    yield {
        "name": visible(title),
        "number": number,
        "score": 0,
        "max_score": sum(check.points for check in exercise.checks),
        "status": "failed",
        "output": visible(answer.in_language(language)),
        "visibility": "visible",
    }


def _test(check: CheckResult, language: Language) -> dict[str, object]:
    passed = check.status is Status.PASSED
    sign = sign_of(check.status, check.is_advice)
    test: dict[str, object] = {
        "status": "passed" if passed or check.is_advice else "failed",
        "output": visible("\n".join(_told(check, sign.word, sign.icon, language))),
        "tags": [check.id, check.status.value],
        "visibility": "visible",
    }
    if not check.is_advice:
        test |= {"score": check.points, "max_score": check.possible}
    return test


def _told(check: CheckResult, word: Text, icon: str, language: Language) -> Iterator[str]:
    yield f"{icon} {word.in_language(language)}"
    for text in check.told:
        yield text.in_language(language)
    if check.line is not None:
        line = say("{file}, line {line}", file=check.line_file or "", line=check.line)
        yield line.in_language(language)


def _notes(grades: Iterable[Graded], language: Language) -> Iterator[str]:
    for graded in grades:
        note: Localized | None = graded.answer.note if isinstance(graded.answer, Answer) else None
        if note is not None:
            yield visible(note.in_language(language))


# The autograder: what Gradescope builds its image from

_SETUP = """\
#!/usr/bin/env bash
# Prepares the image: Python, and what the grader needs.
set -euo pipefail
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y python3 python3-venv
python3 -m venv /autograder/grader
/autograder/grader/bin/pip install -r /autograder/source/requirements.txt
"""
_RUN = """\
#!/usr/bin/env bash
# Grades /autograder/submission. Without results Gradescope tells the instructor, and no points
# are lost.
set -euo pipefail
cd /autograder/source
exec /autograder/grader/bin/python3 -m grader.classroom.outputs.autograder \\
  exercises /autograder/submission /autograder/results/results.json {language}
"""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def autograder_files(course: Course, language: Language) -> dict[str, bytes]:
    """Everything in the zip file, by its name: scripts, this grader, and the exercises.

    Raises:
        OSError: something cannot be read.
    """
    package = Path(grader.__file__).parent
    files = {
        "setup.sh": _SETUP.encode(),
        "run_autograder": _RUN.format(language=language).encode(),
        "requirements.txt": "".join(f"{each}\n" for each in requirements()).encode(),
    }
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            files[f"grader/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    folder = (course.file or course.exercises[0].file).parent
    for path in _exercise_files(course):
        files[f"exercises/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return files


def _exercise_files(course: Course) -> Iterator[Path]:
    """Everything that the course is read from."""
    if course.file is not None:
        yield course.file
    for each in course.exercises:
        yield each.file
        peers = each.exercise.run.peers
        yield from (each.file.parent / peer.program.name for peer in peers)


def requirements() -> list[str]:
    """What the grader needs to run, without its extras."""
    return [each for each in requires("grader") or () if not re.search(r";.*\bextra\b", each)]


def write_autograder(path: Path, course: Course, language: Language) -> None:
    """Write the zip file that is uploaded to Gradescope.

    Raises:
        OSError: something cannot be read or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in autograder_files(course, language).items():
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                is_program = name in ("setup.sh", "run_autograder")
                entry.external_attr = (0o100755 if is_program else 0o100644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
