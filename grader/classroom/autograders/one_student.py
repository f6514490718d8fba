"""The folder of a single student: which of its scripts answers which exercise, and the grades."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.batch.job import (
    Crashed,
    Job,
    JobResult,
    NotRun,
    WrongExercise,
    carry_out,
)
from grader.classroom.batch.job import Graded as JudgedWithReport
from grader.classroom.course import Course, CourseExercise
from grader.classroom.discover import exercise_names
from grader.classroom.discover.answers import Answers, find_answers
from grader.classroom.discover.files import list_files
from grader.classroom.discover.platform import Claim
from grader.classroom.discover.platforms.github_classroom import PLATFORM, is_test
from grader.classroom.model import CheckResult, Student
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say
from grader.options import Options
from grader.report.escaping import visible
from grader.report.words import sign_of
from grader.sandbox import IsolationWish, has_private_mounts


@dataclass(frozen=True, slots=True)
class Graded:
    """What a student has for an exercise: an answer of the grader, or why there is none."""

    exercise: CourseExercise
    answer: JobResult | Text

    def judged(self) -> JudgedWithReport | Text:
        """The answer, if it was judged, or why there is none.

        Raises:
            UserError: it could not be judged, which is not the same as no points.
        """
        answer = self.answer
        if isinstance(answer, JudgedWithReport):
            if answer.score is None:
                reason = answer.note or say("A check could not be judged.")
                raise UserError(reason, ExitStatus.CANNOT_WORK)
            return answer
        if isinstance(answer, NotRun):
            raise UserError(answer.reason, ExitStatus.CANNOT_WORK)
        if isinstance(answer, (Crashed, WrongExercise)):
            report = answer.report if isinstance(answer, Crashed) else answer.problem
            problem = say("The grader failed: {report}", report=report)
            raise UserError(problem, ExitStatus.CANNOT_WORK)
        return answer


def course_of(courses: Iterable[Course]) -> Course:
    """Several courses, such as single exercises, as one."""
    exercises = {each.exercise.id: each for course in courses for each in course.exercises}
    return Course(tuple(exercises.values()))


def answers_of_one(folder: Path, course: Course) -> Answers:
    """Which scripts in a student's folder answer the exercises of a course.

    Exercise files and the programs beside them, tests and hidden files are no answers.

    Raises:
        OSError: something cannot be read.
    """
    folder = folder.resolve()
    student = Student(folder.name, folder.name)
    teachers = {each.file.resolve().parent for each in course.exercises} - {folder}
    claims = [
        Claim(file, student, folder.name, file.name)
        for file in list_files([folder], folder, teachers)
        if file.is_script and not is_test(file.name)
    ]
    graded = [each.exercise.id for each in course.exercises]
    return find_answers(claims, PLATFORM, folder.name, exercise_names(course), graded)


def grade_folder(folder: Path, course: Course, language: Language) -> list[Graded]:
    """Grade all that a student handed in, an exercise after the other, on all processors.

    Raises:
        OSError: something cannot be read.
    """
    # A platform grades as root, in a container that is thrown away after this one student.
    isolation: IsolationWish = "auto" if has_private_mounts() else "basic"
    at_once = len(os.sched_getaffinity(0))
    options = Options(at_once=at_once, isolation=isolation, witness="kernel")
    found = answers_of_one(folder, course)
    return [grade_answer(exercise, found, options, language) for exercise in course.exercises]


def grade_answer(
    exercise: CourseExercise, found: Answers, options: Options, language: Language
) -> Graded:
    """Grade the answer to one exercise, if there is one."""
    name = exercise.exercise.id
    hand_in = next((one for one in found.hand_ins if one.exercise == name), None)
    if hand_in is None:
        return Graded(exercise, _why_none(name, found))
    job = Job(name, exercise.exercise, hand_in.submission, options, language)
    return Graded(exercise, carry_out(job))


def _why_none(exercise: str, found: Answers) -> Text:
    """Why there is no answer: with the scripts that could have been one."""
    unread = next((one.reason for one in found.unmatched if one.exercise == exercise), None)
    if unread is not None:
        return unread
    others: Sequence[str] = [one.file for one in found.unmatched]
    if not others:
        return say(
            "Nothing was handed in for {exercise}: call it {exercise}.py.", exercise=exercise
        )
    return say(
        "Nothing was handed in for {exercise}: call it {exercise}.py. There are: {files}",
        exercise=exercise,
        files=", ".join(others),
    )


def feedback_lines(check: CheckResult, language: Language) -> Iterator[str]:
    """What a student reads of a check below its claim, a line each: nothing in them acts on what
    shows them.
    """
    sign = sign_of(check.status, check.is_advice)
    yield visible(f"{sign.icon} {sign.word.in_language(language)}")
    for text in check.explanation:
        yield visible(text.in_language(language))
    if check.line is not None:
        line = say("{file}, line {line}", file=check.line_file or "", line=check.line)
        yield visible(line.in_language(language))
