"""Classroom 50: a student's grades as its ``result.json``.

    python -m grader.classroom.autograders.classroom50 EXERCISES [LANGUAGE]

is what an ``autograder.py`` calls in the student's checkout. The form of the file is that of
https://github.com/foundation50/classroom50/wiki/Advanced-Autograding and of
``schemas/result-v1.schema.json`` there, as of August 2026. Whose result it is, the runner of
Classroom 50 puts into it. Without a judgement nothing is written and the status is 3, which the
runner reports as an error of the grading: no student loses points.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from fractions import Fraction
from math import lcm
from pathlib import Path

from grader.checks import Status
from grader.classroom.autograders.one_student import Graded, feedback_lines, grade_folder
from grader.classroom.batch.job import Graded as Judged
from grader.classroom.course import load_course
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language
from grader.report.escaping import one_line, visible
from grader.saving import write_whole

SCHEMA = "classroom50/result/v1"
RESULT, RELEASE_BODY = Path("result.json"), Path("release-body.md")
"""Where the runner looks for the result, and for what the student reads, in the checkout."""
_SMALLEST_PART = 1000
"""Points are reported with this precision."""


def result_json(grades: Sequence[Graded], environment: Mapping[str, str]) -> str:
    """The document: a test a check, in the order of the exercises.

    Classroom 50 has whole points only: those of exercises with parts of a point are multiplied by
    the smallest number that makes all of them whole.

    Args:
        grades: one student's, for each exercise of the assignment.
        environment: what the runner says of the submission.

    Raises:
        UserError: something could not be judged.
        KeyError: this is not called by the runner of Classroom 50.
    """
    rows = list(_rows(grades))
    parts = [_exact(points) for row in rows for points in row[2:]]
    factor = lcm(*(part.denominator for part in parts))
    tests = [
        {
            "test-name": name,
            "passed": passed,
            "score": int(_exact(score) * factor),
            "max-score": int(_exact(possible) * factor),
        }
        for name, passed, score, possible in rows
    ]
    document = {
        "schema": SCHEMA,
        "classroom": environment["CLASSROOM"],
        "assignment": environment["ASSIGNMENT"],
        "submission": environment["SUBMISSION_TAG"],
        "commit": environment["COMMIT_URL"],
        "release": environment["RELEASE_URL"],
        "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
        "datetime": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(int(_exact(row[2]) * factor) for row in rows),
        "max-score": sum(int(_exact(row[3]) * factor) for row in rows),
        "tests": tests,
    }
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _exact(points: float) -> Fraction:
    return Fraction(points).limit_denominator(_SMALLEST_PART)


def _rows(grades: Sequence[Graded]) -> Iterator[tuple[str, bool, float, float]]:
    """Name, whether it passed, points and possible points of each check that has any.

    Raises:
        UserError: something could not be judged.
    """
    for graded in grades:
        exercise, answer = graded.exercise.exercise, graded.judged()
        if not isinstance(answer, Judged):
            yield exercise.id, False, 0, sum(check.points for check in exercise.checks)
            continue
        for check in answer.checks:
            if not check.is_advice:
                passed = check.status is Status.PASSED
                yield f"{exercise.id}: {check.id}", passed, check.points, check.possible


def release_body(grades: Sequence[Graded], language: Language) -> str:
    """What the student reads in the submission's release, as Markdown.

    What a program printed stands in blocks of code, which nothing in it can end.

    Raises:
        UserError: something could not be judged.
    """
    return "\n".join(line for graded in grades for line in _section(graded, language)) + "\n"


def _section(graded: Graded, language: Language) -> Iterator[str]:
    answer = graded.judged()
    title = one_line(graded.exercise.exercise.title.in_language(language))
    yield f"## {title}\n"
    if not isinstance(answer, Judged):
        yield from _block([visible(answer.in_language(language))])
        return
    yield f"**{answer.score:g} / {answer.possible:g}**\n"
    if answer.note is not None:
        yield from _block([visible(answer.note.in_language(language))])
    for check in answer.checks:
        claim = visible(check.expected.in_language(language))
        yield from _block([claim, *feedback_lines(check, language)])


def _block(lines: Sequence[str]) -> Iterator[str]:
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall("~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    yield f"{fence}text\n{text}\n{fence}\n"


def main(arguments: Sequence[str]) -> ExitStatus:
    """Grade the current folder as Classroom 50 wants it. Returns the exit status.

    Raises:
        ExerciseError: an exercise is wrong.
        OSError: something cannot be read or written.
        KeyError: this is not called by the runner of Classroom 50.
    """
    language: Language = "zh" if arguments[1:] == ["zh"] else "en"
    grades = grade_folder(Path.cwd(), load_course(Path(arguments[0])), language)
    try:
        result = result_json(grades, os.environ)
    except UserError as error:
        print(error.problem.in_language(language), file=sys.stderr)
        return error.status
    write_whole(RELEASE_BODY, release_body(grades, language))
    write_whole(RESULT, result)
    return ExitStatus.ALL_GRADED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
