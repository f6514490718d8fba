"""The class as JSON lines: an object a student and exercise (docs/class-outputs.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import CheckResult, ClassResults, Result, Unmatched
from grader.classroom.outputs import Output, OutputOptions
from grader.messages import Language, in_language
from grader.saving import write_whole

VERSION = 1


def json_lines(results: ClassResults, language: Language) -> str:
    """A line each: results, then what is missing, then the files that answer nothing.

    Lone surrogates and control codes are escaped; all else is UTF-8.
    """
    written = (json.dumps(each, ensure_ascii=True) for each in _objects(results, language))
    return "".join(f"{line}\n" for line in written)


def _objects(results: ClassResults, language: Language) -> Iterator[dict[str, object]]:
    for result in results.results:
        yield {"version": VERSION, "kind": "result", **_result(result, language)}
    for student, exercise in results.missing:
        who = {"student": student.name, "id": student.id, "email": student.email}
        yield {"version": VERSION, "kind": "missing", **who, "exercise": exercise.id}
    for unmatched in results.unmatched:
        yield {"version": VERSION, "kind": "unmatched", **_unmatched(unmatched, language)}


def _result(result: Result, language: Language) -> dict[str, object]:
    return {
        "student": result.student.name,
        "id": result.student.id,
        "email": result.student.email,
        "exercise": result.exercise,
        "file": result.file,
        "sha256": result.sha256,
        "score": result.mark,
        "found": result.score,
        "possible": result.possible,
        "unjudged": len(result.unjudged),
        "passed": result.passed,
        "outcome": result.outcome,
        "witness": result.witness,
        "attempt": result.attempt,
        "attempts": result.attempts,
        "submitted": result.submitted_at.isoformat() if result.submitted_at else None,
        "late": result.late,
        "reason": result.override.reason if result.override else None,
        "note": in_language(result.remark, language),
        "report": str(result.report) if result.report else None,
        "graded": result.graded_at.isoformat(),
        "checks": [_check(check, language) for check in result.checks],
    }


def _check(check: CheckResult, language: Language) -> dict[str, object]:
    return {
        "id": check.id,
        "status": check.status.value,
        "points": check.points,
        "possible": check.possible,
        "expected": in_language(check.expected, language),
        "happened": in_language(check.happened, language),
        "why": in_language(check.why, language),
        "next": in_language(check.next, language),
        "hint": in_language(check.hint, language),
        "line": check.line,
        "file": check.line_file,
        "cause": check.cause,
        "schedule": check.schedule,
        "mistake": check.mistake,
    }


def _unmatched(unmatched: Unmatched, language: Language) -> dict[str, object]:
    student = unmatched.student
    return {
        "file": unmatched.file,
        "student": student.name if student else None,
        "id": student.id if student else None,
        "reason": unmatched.reason.in_language(language),
    }


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    if config.json is None:
        return []
    write_whole(config.json, json_lines(results, config.language))
    return [config.json]


OUTPUT = Output(1, _write)
