"""Gradescope: a student's grades as its ``results.json``, and the zip file of its autograder.

    python -m grader.classroom.autograders.gradescope EXERCISES SUBMISSION RESULTS [LANGUAGE]

is what the zip file's ``run_autograder`` calls. Without a judgement nothing is written and the
status is 3: Gradescope shows the instructor what was said, and no student loses points.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import requires
from pathlib import Path

import grader
from grader import __version__
from grader.checks import Status
from grader.classroom.autograders.one_student import Graded, feedback_lines, grade_folder
from grader.classroom.batch.job import Graded as Answer
from grader.classroom.course import Course, load_course
from grader.classroom.model import CheckResult
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Localized
from grader.report.escaping import visible
from grader.saving import write_whole, write_zip


def results_json(grades: Sequence[Graded], language: Language) -> str:
    """The document: a test a check, in the order of the exercises.

    Args:
        grades: one student's, for each exercise of the assignment.
        language: of what students read.

    Raises:
        UserError: something could not be judged: there are no results, which is not the same as
            no points.
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
        UserError: the answer could not be judged.
    """
    exercise, answer = graded.exercise.exercise, graded.judged()
    title = exercise.title.in_language(language)
    if isinstance(answer, Answer):
        for place, check in enumerate(answer.checks, start=1):
            name = check.expected.in_language(language)
            yield {
                **_test(check, language),
                "name": visible(f"{title}: {name}" if is_course else name),
                "number": f"{number}.{place}" if is_course else str(place),
            }
        return
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
    test: dict[str, object] = {
        "status": "passed" if passed or check.is_advice else "failed",
        "output": "\n".join(feedback_lines(check, language)),
        "tags": [check.id, check.status.value],
        "visibility": "visible",
    }
    if not check.is_advice:
        test |= {"score": check.points, "max_score": check.possible}
    return test


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
exec /autograder/grader/bin/python3 -m grader.classroom.autograders.gradescope \\
  exercises /autograder/submission /autograder/results/results.json {language}
"""


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
    files = autograder_files(course, language)
    write_zip(path, files.items(), programs=("setup.sh", "run_autograder"))


def main(arguments: Sequence[str]) -> ExitStatus:
    """Grade a folder as Gradescope wants it. Returns the exit status.

    Raises:
        ExerciseError: an exercise is wrong.
        OSError: something cannot be read or written.
    """
    exercises, submission, results = (Path(each) for each in arguments[:3])
    language: Language = "zh" if arguments[3:] == ["zh"] else "en"
    grades = grade_folder(submission, load_course(exercises), language)
    try:
        written = results_json(grades, language)
    except UserError as error:
        print(error.problem.in_language(language), file=sys.stderr)
        return error.status
    write_whole(results, written)
    return ExitStatus.ALL_GRADED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
