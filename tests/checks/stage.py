"""Checks judged on hand-written traces, without a file and without a process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.checks import Feedback, Finding, JudgeContext, Verdict
from grader.checks.judging import judge_check
from grader.exercise import Exercise
from grader.grading import Judgement
from grader.grading.comparing import compare
from grader.grading.judged import JudgedRun
from grader.messages import Text
from grader.source import Code
from grader.submission import SourceFile, Submission
from grader.trace import MAIN, StartMethod, Trace
from tests.building import SCRIPT, Story, s

ONE_CHILD = {"child": {"children-of": "main", "count": 1}}
WORKERS = {"workers": {"children-of": "main"}}

CHILD = {"id": "child", "count": {"who": "workers", "is": 1}}
HELLO = {"id": "hello", "needs": ["child"], "prints": {"text": "hello", "by": "workers"}}
BYE = {"id": "bye", "needs": ["hello"], "prints": {"text": "bye", "by": "workers"}}


def play(
    *lines: str, workers: int = 1, method: StartMethod = StartMethod.FORK, doubt: str = ""
) -> Story:
    """Workers that print these lines, end, and are waited for."""
    story = Story(method)
    for number in range(workers):
        worker = story.start(at=s((number + 1) / 100))
        for line in lines:
            story.prints(worker, line, at=s(0.5))
        story.ends(worker, at=s(1))
        story.waits(MAIN, worker, at=s(1))
    if doubt:
        story.doubts(doubt)
    story.ends(MAIN, at=s(1.1))
    return story


def submission(code: str | bytes = "import multiprocessing\n", **beside: str) -> Submission:
    """A script of that content, and modules beside it by their names without ``.py``."""
    content = code.encode() if isinstance(code, str) else code
    others = [SourceFile(f"{name}.py", text.encode()) for name, text in beside.items()]
    return Submission(Path(SCRIPT), (SourceFile(SCRIPT, content), *others))


def exercise(
    *checks: dict[str, Any], cast: dict[str, Any] | None = None, run: dict[str, Any] | None = None
) -> Exercise:
    """An exercise with these checks, written as in a file; what is left out is filled in."""
    filled = [
        {"id": f"check-{number}", "expect": "It holds.", **check}
        for number, check in enumerate(checks, 1)
    ]
    return Exercise.model_validate(
        {
            "id": "play",
            "title": "A play",
            "task": "Play.",
            "run": run or {},
            "cast": cast or {},
            "checks": filled,
        }
    )


def context(
    story: Story | Trace,
    *checks: dict[str, Any],
    cast: dict[str, Any] | None = None,
    code: str | bytes = "import multiprocessing\n",
    run: dict[str, Any] | None = None,
) -> JudgeContext:
    """What checks are judged against."""
    trace = story.trace() if isinstance(story, Story) else story
    handed_in = submission(code)
    played = exercise(*(checks or ({"clean": True},)), cast=cast, run=run)
    return JudgeContext(played, trace, handed_in, Code(handed_in))


def verdict(
    story: Story,
    check: dict[str, Any],
    cast: dict[str, Any] | None = None,
    code: str = "pass",
    run: dict[str, Any] | None = None,
) -> Verdict:
    """What one check finds by itself."""
    played = context(story, check, cast=cast, code=code, run=run)
    return judge_check(played.exercise.checks[0], played)


def judged_runs(asked: Exercise, traces: Sequence[Trace], handed_in: Submission) -> list[JudgedRun]:
    """The runs of a submission as the whole flow judges them, the first one first."""
    first = JudgedRun(JudgeContext(asked, traces[0], handed_in, Code(handed_in)))
    return [first, *(first.another(trace) for trace in traces[1:])]


def judgements(
    story: Story | Trace | list[Trace],
    *checks: dict[str, Any],
    cast: dict[str, Any] | None = None,
    code: str = "import multiprocessing\n",
) -> tuple[Judgement, ...]:
    """The judgements of all checks together."""
    if isinstance(story, Story):
        story = story.trace()
    traces = story if isinstance(story, list) else [story]
    return compare(judged_runs(exercise(*checks, cast=cast), traces, submission(code)))


def findings(
    story: Story | Trace | list[Trace],
    *checks: dict[str, Any],
    cast: dict[str, Any] | None = None,
    code: str = "import multiprocessing\n",
) -> dict[str, Finding]:
    """The findings of all checks together, by the checks' ids."""
    judged = judgements(story, *checks, cast=cast, code=code)
    return {judgement.check.id: judgement.finding for judgement in judged}


def sentences(feedback: Feedback) -> list[str]:
    """What happened, why, and the next step, in English, as far as they are there."""
    texts: list[Text | None] = [feedback.happened, feedback.why, feedback.next]
    return [text.in_language("en") for text in texts if text is not None]


def said(found: Finding | Verdict) -> list[str]:
    """The sentences of a finding."""
    return sentences(found.feedback)


def happened(found: Finding | Verdict) -> str:
    """What happened, in English."""
    assert found.feedback.happened is not None
    return found.feedback.happened.in_language("en")
