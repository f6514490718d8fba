"""A Grade as JSON: docs/json.md says what each key means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from itertools import islice

from pydantic import TypeAdapter

from grader.grading import Grade, Judgement
from grader.messages import Language, in_language
from grader.source import code_of
from grader.source.places import Places
from grader.submission import Submission
from grader.trace import AskedForInput, BlockedInterval, Event, Printed, Process, Slept, Trace

VERSION = 1
_WITH_A_LINE = (AskedForInput, BlockedInterval, Printed, Slept)
"""Events of which the code says the line, and not the trace."""
_PIECES_AT_ONCE = 10_000
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""What JSON allows in a string but a terminal would act on, or UTF-8 cannot say: escaped too."""


def to_json(grade: Grade, language: Language) -> str:
    """The grade with everything that it rests on, as one JSON object, ending in a newline.

    Processes and events at its top are those of the first run. Texts are in ``language``.
    """
    first = grade.runs[0] if grade.runs else None
    return _written(
        {
            "version": VERSION,
            "witness": grade.witness.value if grade.witness else None,
            "exercise": grade.exercise.id,
            "submission": str(grade.submission.path),
            "sha256": grade.submission.sha256,
            "score": grade.score,
            "possible": grade.possible,
            "points": grade.points,
            "judged": grade.judged,
            "unjudged": len(grade.unjudged),
            "passed": grade.passed,
            "outcome": grade.outcome.value,
            "clock": first.clock if first else None,
            "isolation": first.isolation if first else None,
            "isolated": list(first.isolated) if first else [],
            "schedules": list(grade.tried),
            "places": asdict(grade.places) if grade.places else None,
            "untried": in_language(grade.untried, language),
            "unconfirmed": [asdict(each) for each in grade.unconfirmed],
            "note": in_language(grade.note, language),
            "checks": [_check(judgement, language) for judgement in grade.judgements],
            **_record(first, grade.submission),
            "further_runs": [
                {
                    "schedule": str(run.schedule),
                    "start_method": run.start_method.value,
                    "outcome": run.outcome.value,
                    **_record(run, grade.submission),
                }
                for run in grade.runs[1:]
            ],
        }
    )


def _written(grade: dict[str, object]) -> str:
    """Joined piece by piece: the pieces of a long run together are many times its text.

    ``iterencode``, unlike ``dumps``, asks lists for their members one after the other.
    """
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(grade)
    parts: list[str] = []
    while some := "".join(islice(pieces, _PIECES_AT_ONCE)):
        parts.append(_UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], some))
    return "".join(parts) + "\n"


class _EachAsked(list[object]):
    """Events as a list of objects, each of which is there only while it is written."""

    def __init__(self, run: Trace, submission: Submission) -> None:
        super().__init__()
        self._events = run.events
        self._places = Places(run, code_of(submission))

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[object]:
        dump, place_of = _event().dump_python, self._places.of
        for event in self._events:
            written = dump(event, mode="json")
            if isinstance(event, _WITH_A_LINE):
                place = place_of(event)
                written["line"] = asdict(place) if place else None
            yield written


def _record(run: Trace | None, submission: Submission) -> dict[str, object]:
    """Who ran, and what happened."""
    if run is None:
        return {"processes": [], "events": [], "dialogue": []}
    return {
        "processes": _processes().dump_python(run.processes, mode="json"),
        "events": _EachAsked(run, submission),
        "dialogue": [asdict(each) for each in run.transcript],
    }


@cache
def _processes() -> TypeAdapter[tuple[Process, ...]]:
    """Built at the first use, like the other one: most gradings write no JSON."""
    return TypeAdapter(tuple[Process, ...])


@cache
def _event() -> TypeAdapter[Event]:
    return TypeAdapter(Event)


def _check(judgement: Judgement, language: Language) -> dict[str, object]:
    finding, feedback = judgement.finding, judgement.finding.feedback
    return {
        "id": finding.check,
        "status": finding.status.value,
        "points": judgement.points,
        "possible": judgement.check.points,
        "expected": in_language(finding.expected, language),
        "happened": in_language(feedback.happened, language),
        "why": in_language(feedback.why, language),
        "next": in_language(feedback.next, language),
        "hint": in_language(finding.hint, language),
        "line": feedback.line.line if feedback.line else None,
        "file": feedback.line.file if feedback.line else None,
        "cause": finding.cause,
        "mistake": finding.mistake,
        "schedule": finding.schedule,
        "start_method": finding.run.start_method.value if finding.run else None,
    }
