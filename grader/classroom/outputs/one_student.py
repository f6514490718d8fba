"""The folder of a single student: which of its scripts answers which exercise, and the grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.course import Course, CourseExercise
from grader.classroom.discover import exercise_names
from grader.classroom.discover.answers import Answers, find_answers
from grader.classroom.discover.files import list_files
from grader.classroom.discover.platform import Claim
from grader.classroom.discover.platforms.github_classroom import PLATFORM, is_test
from grader.classroom.model import HandIn, Student
from grader.classroom.task import Answer, Task, carry_out
from grader.messages import Language, Text, say
from grader.options import Options


@dataclass(frozen=True, slots=True)
class Graded:
    """What a student has for an exercise: an answer of the grader, or why there is none."""

    exercise: CourseExercise
    hand_in: HandIn | None
    answer: Answer | Text


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


def graded_one(
    folder: Path, course: Course, options: Options, language: Language
) -> Iterator[Graded]:
    """Grade all that a student handed in, an exercise after the other.

    Raises:
        OSError: something cannot be read.
    """
    found = answers_of_one(folder, course)
    for exercise in course.exercises:
        yield grade_answer(exercise, found, options, language)


def grade_answer(
    exercise: CourseExercise, found: Answers, options: Options, language: Language
) -> Graded:
    """Grade the answer to one exercise, if there is one."""
    name = exercise.exercise.id
    hand_in = next((one for one in found.hand_ins if one.exercise == name), None)
    if hand_in is None:
        return Graded(exercise, None, _why_none(name, found))
    task = Task(0, exercise.exercise, hand_in.submission, options, language)
    return Graded(exercise, hand_in, carry_out(task))


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
