"""Results of classes, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from grader.checks import Status
from grader.classroom.model import (
    CheckResult,
    ClassResults,
    ExerciseOfClass,
    Override,
    Result,
    Student,
    Unmatched,
)
from grader.messages import Localized
from grader.submission import SourceFile, Submission

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=timezone.utc)


def text(said: str) -> Localized:
    return Localized({"en": said, "zh": f"中：{said}"})


def exercise(
    name: str = "join", title: str = "Start and wait", possible: float = 4
) -> ExerciseOfClass:
    return ExerciseOfClass(name, text(title), possible, ("waits", "once", "polls"))


def check(
    name: str, status: Status, possible: float = 2, *, happened: str = "", mistake: str = ""
) -> CheckResult:
    passed = status is Status.PASSED
    return CheckResult(
        name,
        status,
        possible if passed else 0.0,
        possible,
        text(f"The claim of {name}"),
        text(happened or f"What {name} saw") if not passed else None,
        text(f"Why {name}") if not passed else None,
        text(f"Then {name}?") if not passed else None,
        None if passed else 7,
        None if passed else "join.py",
        "late:worker-2+200ms" if status is Status.LUCKY else None,
        "waits" if status is Status.SKIPPED else None,
        "" if passed else mistake or f"mistake of {name}",
        None if passed else text(f"Think of {name}"),
    )


CHECKS = {
    "right": (check("waits", Status.PASSED), check("once", Status.PASSED)),
    "wrong": (check("waits", Status.FAILED), check("once", Status.SKIPPED)),
    "lucky": (check("waits", Status.LUCKY), check("once", Status.PASSED)),
    "advised": (
        check("waits", Status.PASSED),
        check("once", Status.PASSED),
        check("polls", Status.FAILED, 0),
    ),
    "unseen": (check("waits", Status.INCONCLUSIVE), check("once", Status.PASSED)),
    "broken": (),
}


def result(
    name: str,
    how: str = "right",
    *,
    student_id: str | None = None,
    exercise: str = "join",
    place: str = "",
    file: str | None = None,
    mark: tuple[float, str] | None = None,
    report: Path | None = Path("reports/join/any.html"),
    checks: Sequence[CheckResult] | None = None,
) -> Result:
    """A result of 4 possible points. ``how`` is a key of `CHECKS`; ``mark`` is what the teacher
    gave instead, and why.
    """
    found = CHECKS[how] if checks is None else tuple(checks)
    judged = how not in ("unseen", "broken")
    return Result(
        student=Student(student_id or name, name),
        exercise=exercise,
        file=file or f"{name}/join.py",
        place=place or name,
        attempt=1,
        attempts=1,
        submitted_at=None,
        late=None,
        score=sum(one.points for one in found) if judged else None,
        possible=4.0,
        passed=how in ("right", "advised"),
        outcome="finished" if found else "not-graded",
        checks=found,
        note=None if found else text("The grader broke down."),
        report=report if found else None,
        submission=Submission(Path("nowhere.py"), (SourceFile("nowhere.py", b""),)),
        sha256="0" * 64,
        graded_at=NOON,
        override=None if mark is None else Override(*mark),
    )


def class_of(*results: Result, platform: str = "folders", **more: object) -> ClassResults:
    ids = dict.fromkeys(one.exercise for one in results)
    made = ClassResults(
        Path("class"), platform, tuple(exercise(each, f"Task {each}") for each in ids), results
    )
    return replace(made, **more)  # type: ignore[arg-type]


def nobodys(file: str, reason: str) -> Unmatched:
    return Unmatched(file, text(reason))
