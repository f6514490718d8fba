"""All checks together: needs, doubts, and what always holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Feedback, JudgeContext, Status, Verdict, failed, passed
from grader.checks.mistakes.model import Detected, unfinished
from grader.checks.registry import Concern, judges
from grader.exercise import Family, FamilyError, Model
from grader.exercise.names import ProcessName
from grader.grading import Grade
from grader.grading.comparing import compare
from grader.messages import say
from grader.trace import MAIN, Trace
from tests.building import Story, s
from tests.checks.stage import (
    BYE,
    CHILD,
    HELLO,
    WORKERS,
    exercise,
    findings,
    happened,
    judged_runs,
    judgements,
    play,
    submission,
)

CODE = {"id": "code", "source": {"calls": "f"}}


def statuses(story: Story | list[Trace], *checks: dict[str, Any]) -> list[Status]:
    found = findings(story, *checks, cast=WORKERS)
    return [found[str(check["id"])].status for check in checks]


def test_what_was_expected_and_the_hint() -> None:
    """A finding carries the exercise's claim, and its hint where something is missing."""
    check = {**CHILD, "expect": "One child", "hint": "Look at start."}
    two = {**check, "count": {**CHILD["count"], "is": 2}}
    for workers, asked, hint in ((1, check, None), (1, two, "Look at start."), (2, check, None)):
        finding = findings(play(workers=workers), asked, cast=WORKERS)["child"]
        assert finding.expected.in_language("en") == "One child"
        assert (finding.hint and finding.hint.in_language("en")) == hint


def test_needs() -> None:
    """A check says nothing when one that it needs failed, be it right or wrong by itself."""
    found = findings(play("hello", workers=2), CHILD, HELLO, BYE, cast=WORKERS)
    assert [each.status for each in found.values()] == [
        Status.FAILED,
        Status.SKIPPED,
        Status.SKIPPED,
    ]
    assert [found["hello"].cause, found["bye"].cause] == ["child", "child"]
    assert found["hello"].feedback.happened is None


def test_needs_may_come_later_in_the_file() -> None:
    """The order of the checks is the teacher's."""
    assert statuses(play("hello", workers=2), HELLO, CHILD) == [Status.SKIPPED, Status.FAILED]


def test_a_mistake_of_its_own() -> None:
    """Checks that fail for different reasons each say so."""
    free = {"id": "free", "prints": {"text": "free"}}
    assert statuses(play(workers=2), CHILD, free) == [Status.FAILED, Status.FAILED]


def test_advice() -> None:
    """What is worth no points is shown and never counted."""
    advice = {"id": "advice", "points": 0, "prints": {"text": "free"}}
    judged = judgements(play("hello"), CHILD, HELLO, advice, cast=WORKERS)
    grade = Grade(exercise(CHILD, HELLO, advice, cast=WORKERS), submission(), judged, ())
    assert judged[2].finding.status is Status.FAILED
    assert (grade.score, grade.possible, grade.passed) == (2, 2, True)


def test_doubts_decide_nothing() -> None:
    """In a run that was not seen whole nothing fails, and nothing passes either."""
    story = play("hello", doubt="two events were lost.")
    found = findings(story, CHILD, HELLO, BYE, cast=WORKERS)
    assert {each.status for each in found.values()} == {Status.INCONCLUSIVE}
    assert happened(found["bye"]) == "The grader could not see everything: two events were lost."


def test_doubts_do_not_touch_the_code() -> None:
    """What the code says is so, whatever was seen of the run."""
    assert statuses(play(doubt="lost."), CODE) == [Status.FAILED]


def test_what_needs_the_inconclusive_is_inconclusive() -> None:
    """Nobody loses a point for what the grader could not see."""
    story = play("hello", doubt="lost.")
    no_fork = {"id": "no-fork", "needs": ["hello"], "source": {"avoids": "os.fork"}}
    found = findings(story, HELLO, no_fork, CHILD, cast=WORKERS)
    assert found["no-fork"].status is Status.INCONCLUSIVE
    assert found["no-fork"].cause == "hello"
    grade = Grade(
        exercise(HELLO, no_fork, CHILD, cast=WORKERS),
        submission(),
        judgements(story, HELLO, no_fork, CHILD, cast=WORKERS),
        (story.trace(),),
    )
    assert grade.unjudged
    assert grade.score is None


class Line(Model):
    """What the family of the test looks for."""

    text: str


def judge_line(parameters: Line, context: JudgeContext) -> Verdict:
    if any(line.text == parameters.text for line in context.spoken):
        return passed()
    return failed(say("No such line."), why=say("No process printed it."), next=say("Who should?"))


def bring_along(monkeypatch: pytest.MonkeyPatch, family: Family | None) -> None:
    monkeypatch.setattr("grader.exercise.model.find_family", lambda name: family)
    monkeypatch.setattr("grader.checks.registry.find_family", lambda name: family)


def test_a_family_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given its parameters and the context, and its verdict counts like any other."""
    bring_along(monkeypatch, Family("shouts", Line, judge_line))
    for line, status in (("hello", Status.PASSED), ("hullo", Status.FAILED)):
        check = {"id": "shouts", "shouts": {"text": "hello"}}
        assert statuses(play(line), check) == [status]


def test_a_new_relation_says_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """By that, and by no name, a mistake knows whether a failed check follows from it."""
    bring_along(monkeypatch, Family("shouts", Line, judge_line))
    (check,) = exercise({"id": "shouts", "shouts": {"text": "hello"}}).checks
    monkeypatch.setattr("grader.checks.registry._JUDGED", {})
    late = failed(say("Late."), why=say("It slept."), next=say("How long?"))
    explained = {}
    for concern in (Concern.DURATION, Concern.BEHAVIOUR):
        judges(Line, concern)(judge_line)
        explained[concern] = unfinished(check, late, Detected(Feedback()))
    assert explained == {Concern.DURATION: True, Concern.BEHAVIOUR: False}


def test_a_family_that_returns_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken package is told as such, and not as a mistake of the student's."""
    bring_along(monkeypatch, Family("shouts", Line, lambda parameters, context: True))
    check = {"id": "shouts", "shouts": {"text": "hello"}}
    with pytest.raises(FamilyError, match="'shouts' must return a Verdict and returned True"):
        findings(play(), check)


def test_a_family_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, if it was there when the exercise was read."""
    bring_along(monkeypatch, Family("shouts", Line, judge_line))
    read = exercise({"id": "shouts", "shouts": {"text": "hello"}})
    bring_along(monkeypatch, None)
    with pytest.raises(FamilyError, match="'shouts' was installed when the exercise was read"):
        compare(judged_runs(read, [play().trace()], submission()))


WAITS = {
    "id": "waits",
    "needs": ["child"],
    "waited": {"for": "workers", "before": {"prints": "done", "by": "main"}},
}
LAST = {"id": "last", "order": [{"ends": "workers"}, {"prints": "done", "by": "main"}]}
CLEAN = {"id": "clean", "clean": True}
EVERYTHING = (CHILD, HELLO, BYE, WAITS, LAST, CLEAN, CODE)


@st.composite
def stories(draw: st.DrawFn) -> Trace:
    """Runs of all kinds: workers that talk or crash, waits that are there or not, doubts."""
    story = Story()
    for number in range(draw(st.integers(0, 3))):
        worker = story.start(at=s((number + 1) / 100), daemon=draw(st.booleans()))
        for line in draw(st.lists(st.sampled_from(["hello", "bye", "done", "hullo"]))):
            story.prints(worker, line, at=s(0.5))
        if draw(st.booleans()):
            story.raises(worker, "Traceback (most recent call last):\nKeyError: 'x'", at=s(1))
        else:
            story.ends(worker, at=s(1))
        if draw(st.booleans()):
            story.waits(MAIN, worker, at=s(draw(st.integers(1, 3))))
    if draw(st.booleans()):
        story.prints(MAIN, "done", at=s(draw(st.integers(0, 3))))
    if draw(st.booleans()):
        story.doubts("something was lost.")
    if draw(st.booleans()):
        story.raises(MAIN, "Traceback (most recent call last):\nValueError: no", at=s(3))
    else:
        story.ends(MAIN, at=s(3))
    return story.trace()


@given(stories())
def test_what_always_holds(trace: Trace) -> None:
    """Scores add up, what is skipped has a cause that did not pass, what fails says why."""
    judged = judgements(trace, *EVERYTHING, cast=WORKERS)
    grade = Grade(exercise(*EVERYTHING, cast=WORKERS), submission(), judged, (trace,))
    found = {each.check.id: each.finding for each in judged}
    assert list(found) == [check["id"] for check in EVERYTHING]
    if grade.score is not None:
        assert grade.score == sum(each.status is Status.PASSED for each in found.values())
    assert grade.passed == all(each.status is Status.PASSED for each in found.values())
    for finding in found.values():
        if finding.status is Status.SKIPPED:
            assert finding.cause is not None
            assert found[finding.cause].status is Status.FAILED
        if finding.status is Status.FAILED:
            assert None not in (
                finding.feedback.happened,
                finding.feedback.why,
                finding.feedback.next,
            )
            assert finding.cause is None
        if finding.status is Status.PASSED:
            assert (finding.feedback.why, finding.feedback.next, finding.hint) == (None, None, None)


@given(stories())
def test_doubts_never_cost_a_point(trace: Trace) -> None:
    """With a doubt no check that looks at the run fails."""
    for judgement in judgements(trace, *EVERYTHING, cast=WORKERS):
        if trace.doubts and judgement.check.relation != "source":
            assert judgement.finding.status is not Status.FAILED


@given(stories())
def test_a_failure_is_told_in_at_most_160_words(trace: Trace) -> None:
    """And it ends with a question."""
    for judgement in judgements(trace, *EVERYTHING, cast=WORKERS):
        finding = judgement.finding
        if finding.status is Status.FAILED:
            texts = [
                finding.expected,
                finding.feedback.happened,
                finding.feedback.why,
                finding.feedback.next,
            ]
            words = " ".join(text.in_language("en") for text in texts if text is not None)
            assert len(words.split()) <= 160
            assert words.endswith("?")


@given(stories(), st.lists(st.sampled_from(["", "what", "hello hello"]), max_size=4))
def test_unrelated_lines_change_no_verdict(trace: Trace, lines: list[str]) -> None:
    """What main prints besides is nobody's business."""
    story = Story()
    for line in lines:
        story.prints(MAIN, line, at=s(0))
    extra = Trace(
        trace.processes,
        (*story.trace().events[1:], *trace.events),
        trace.outcome,
        trace.duration,
        doubts=trace.doubts,
    )
    before, after = (
        [each.finding.status for each in judgements(run, *EVERYTHING, cast=WORKERS)]
        for run in (trace, extra)
    )
    assert before == after


class Lines(Model):
    """What another family of the test looks for: lines of a process by its name."""

    who: ProcessName


def test_a_family_is_not_asked_about_a_role_that_is_unresolved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its judge takes the same path as what is built in: who is asked about is there."""
    asked: list[object] = []

    def judge_lines(parameters: Lines, context: JudgeContext) -> Verdict:
        asked.append(parameters)
        return passed()

    bring_along(monkeypatch, Family("lines", Lines, judge_lines))
    check = {"id": "lines", "lines": {"who": "child"}}
    cast = {"child": {"children-of": "main", "count": 1}}
    found = findings(play(workers=2), check, cast=cast)["lines"]
    assert happened(found) == "Main started 2 processes. There should be 1."
    assert asked == []
    assert findings(play(workers=1), check, cast=cast)["lines"].status is Status.PASSED
