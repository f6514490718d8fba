"""What Gradescope's ``run_autograder`` calls: one student's folder in, ``results.json`` out.

    python -m grader.classroom.outputs.autograder EXERCISES SUBMISSION RESULTS [LANGUAGE]

Without a judgement nothing is written and the status is 3: Gradescope shows the instructor what
was said, and nobody loses points.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.classroom.course import load_course
from grader.classroom.outputs.gradescope import NotJudgedError, results_json
from grader.classroom.outputs.one_student import graded_one
from grader.exit_status import ExitStatus
from grader.messages import Language
from grader.options import Options
from grader.saving import write_whole


def main(arguments: Sequence[str]) -> ExitStatus:
    """Grade a folder. Returns the exit status.

    Raises:
        ExerciseError: an exercise is wrong.
        OSError: something cannot be read or written.
    """
    exercises, submission, results = (Path(each) for each in arguments[:3])
    language: Language = "zh" if arguments[3:] == ["zh"] else "en"
    options = Options(at_once=len(os.sched_getaffinity(0)))
    grades = list(graded_one(submission, load_course(exercises), options, language))
    try:
        written = results_json(grades, language)
    except NotJudgedError as error:
        print(error.reason.in_language(language), file=sys.stderr)
        return ExitStatus.CANNOT_WORK
    write_whole(results, written)
    return ExitStatus.ALL_GRADED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
