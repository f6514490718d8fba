"""One submission's grading as it goes to another process, and the result that comes back.

Both ways only plain data travel: the report is made where the grade is, because a grade with its
traces is large and its report is small.
"""

from __future__ import annotations

import traceback
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.classroom.model import CheckResult
from grader.exercise import Exercise, FamilyError
from grader.messages import LANGUAGES, Language, Localized, Message, Text
from grader.options import Options
from grader.submission import Submission

if TYPE_CHECKING:
    from grader.checks import Feedback
    from grader.grading import Grade, Judgement


_PACKED = 1
"""How hard zlib tries: at its best it takes several times as long, for a fifth less."""


@dataclass(frozen=True, slots=True)
class Job:
    """One submission to be graded. ``key`` is the fingerprint of its result."""

    key: str
    exercise: Exercise
    submission: Submission
    options: Options
    language: Language


@dataclass(frozen=True, slots=True)
class Judged:
    """What the grader found. ``score`` is None where it could not judge; ``witness`` is a
    `grader.trace.Witness`'s value, None where nothing was run.

    Where the script's own word can never decide some checks, ``score`` and ``possible`` are of the
    others, and ``passed`` is None where none of those failed.
    """

    score: float | None
    possible: float
    passed: bool | None
    outcome: str
    checks: tuple[CheckResult, ...]
    note: Localized | None
    witness: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Graded(Judged):
    """With its page: ``report``, compressed by zlib."""

    report: bytes


@dataclass(frozen=True, slots=True)
class NotRun:
    """Nothing could be run: no fault of the submission's. ``reason`` says what to do."""

    reason: Localized


@dataclass(frozen=True, slots=True)
class Crashed:
    """The grader itself failed on this submission. ``report`` is for its developers."""

    report: str


@dataclass(frozen=True, slots=True)
class WrongExercise:
    """The exercise asks for a check that cannot be used."""

    problem: str


JobResult = Graded | NotRun | Crashed | WrongExercise


def carry_out(job: Job) -> JobResult:
    """Grade one submission. Whatever happens, there is a result."""
    from grader.grading import grade  # loaded only where something is graded: that takes long
    from grader.plan import CannotSuperviseError

    try:
        return _graded(grade(job.exercise, job.submission, job.options), job.language)
    except CannotSuperviseError as error:
        return NotRun(in_all_languages(error.reason))
    except FamilyError as error:
        return WrongExercise(str(error))
    except Exception:
        return Crashed(traceback.format_exc())


def _graded(grade: Grade, language: Language) -> Graded:
    from grader.report import render_html

    score, possible, passed = grade.score, grade.possible, grade.passed
    if grade.is_settled:
        possible = grade.judged
        score = grade.points if possible or not grade.unjudged else None
    else:
        passed = passed is True
    return Graded(
        score,
        possible,
        passed,
        grade.outcome.value,
        results_of(grade),
        None if grade.note is None else in_all_languages(grade.note),
        zlib.compress(render_html(grade, language).encode("utf-8", "backslashreplace"), _PACKED),
        witness=None if grade.witness is None else grade.witness.value,
    )


def results_of(grade: Grade) -> tuple[CheckResult, ...]:
    """What each check of a grade found, without the runs that it rests on."""
    return tuple(map(_check, grade.judgements))


def _check(judgement: Judgement) -> CheckResult:
    finding, feedback = judgement.finding, judgement.finding.feedback
    return CheckResult(
        finding.check,
        finding.status,
        judgement.points,
        judgement.check.points,
        in_all_languages(finding.expected),
        _said(feedback.happened),
        _said(feedback.why),
        _said(feedback.next),
        feedback.line.line if feedback.line else None,
        feedback.line.file if feedback.line else None,
        finding.schedule,
        finding.cause,
        _mistake(feedback),
        _said(finding.hint),
        finding.mistake,
    )


def _said(text: Text | None) -> Localized | None:
    return None if text is None else in_all_languages(text)


def in_all_languages(text: Text) -> Localized:
    """The text with its holes filled, in every language that there is."""
    return Localized({language: text.in_language(language) for language in LANGUAGES})


def _mistake(feedback: Feedback) -> str:
    """What is said of a mistake, before names, lines and times are put into it."""
    texts = (feedback.happened, feedback.why) if feedback.why is not None else ()
    return " ".join(
        text.text if isinstance(text, Message) else text.in_language("en")
        for text in texts
        if text is not None
    )
