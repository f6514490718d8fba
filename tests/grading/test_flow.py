"""The whole flow, with hand-written traces in place of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks import JudgeContext, Status, Verdict
from grader.checks.judging import judge_check
from grader.exercise import Check, Exercise, model
from grader.grading import Grade, Options, grade
from grader.limits import Limits
from grader.messages import say
from grader.report.words import score_line
from grader.schedules import parse_schedule
from grader.supervisor import CannotSuperviseError, Plan
from grader.trace import MAIN, Outcome, StartMethod, Trace
from tests.building import Story, s
from tests.checks.stage import exercise, submission

CHECKS = (
    {"id": "says", "points": 2, "prints": {"text": "hello", "by": "main"}},
    {"id": "code", "points": 1, "source": {"calls": "f"}},
    {"id": "clean", "points": 1, "clean": True},
)


class Stage:
    """Plays the same story for every plan, and remembers the plans."""

    def __init__(self, *lines: str, doubt: str = "") -> None:
        self.plans: list[Plan] = []
        self._lines, self._doubt = lines, doubt

    def __call__(self, plans: Sequence[Plan]) -> list[Trace]:
        self.plans += plans
        return [self._play(plan) for plan in plans]

    def _play(self, plan: Plan) -> Trace:
        story = Story(plan.start_method)
        for line in self._lines:
            story.prints(MAIN, line, at=s(0.01))
        if self._doubt:
            story.doubts(self._doubt)
        story.ends(MAIN, at=s(0.02))
        return story.trace()


def several_start_methods() -> Exercise:
    methods = {"start_method": (StartMethod.FORK, StartMethod.SPAWN)}
    played = exercise(*CHECKS)
    return played.model_copy(update={"run": played.run.model_copy(update=methods)})


def test_a_right_answer() -> None:
    """Everything passes, and nothing needs to be said."""
    found = grade(exercise(*CHECKS), submission("f()"), runner=Stage("hello"))
    assert (found.score, found.possible, found.passed) == (4, 4, True)
    assert (found.outcome, found.note) == (Outcome.FINISHED, None)
    assert len(found.runs) == 1


def test_a_wrong_answer() -> None:
    """What holds is counted all the same."""
    found = grade(exercise(*CHECKS), submission("f()"), runner=Stage("bye"))
    assert (found.score, found.passed) == (2, False)


def test_the_plan() -> None:
    """A run is planned as the exercise says, unless the caller decides otherwise."""
    stage = Stage()
    limits = Limits(cpu=10**9, disk=10**6)
    said = model.Limits(cpu=limits.cpu, disk=limits.disk)
    run = model.Run(limits=said)
    played, handed_in = exercise(*CHECKS).model_copy(update={"run": run}), submission("f()")
    grade(played, handed_in, runner=stage)
    grade(played, handed_in, Options(clock="real", python=Path("python3.13")), stage)
    assert stage.plans == [
        Plan(handed_in, limits, "virtual", StartMethod.FORK),
        Plan(handed_in, limits, "real", StartMethod.FORK, Path("python3.13")),
    ]


def test_one_run_for_each_start_method() -> None:
    """In the exercise's order."""
    stage = Stage("hello")
    found = grade(several_start_methods(), submission("f()"), runner=stage)
    assert [plan.start_method for plan in stage.plans] == [StartMethod.FORK, StartMethod.SPAWN]
    assert [run.start_method for run in found.runs] == [StartMethod.FORK, StartMethod.SPAWN]


def test_refused() -> None:
    """What Python cannot read is not run: no points, and the reason as a note."""
    stage = Stage("hello")
    found = grade(exercise(*CHECKS), submission("f(\n"), runner=stage)
    assert stage.plans == []
    assert (found.score, found.outcome, found.runs) == (0, Outcome.CRASHED, ())
    assert found.note is not None
    assert found.note.in_language("en") == (
        "Python cannot read line 1, `f(`: `SyntaxError: '(' was never closed`."
    )


def test_refused_by_the_students_own_python() -> None:
    """Another Python decides by running it, and its error is told just as well."""

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        story = Story()
        story.raises(
            MAIN,
            "  File \"student.py\", line 1\n    f(\n     ^\nSyntaxError: '(' was never closed",
            at=s(0.01),
        )
        return [story.trace()]

    found = grade(exercise(*CHECKS), submission("f(\n"), Options(python=Path("python3.10")), runner)
    assert [each.finding.status for each in found.judgements] == [
        Status.FAILED,
        Status.SKIPPED,
        Status.SKIPPED,
    ]
    assert found.judgements[0].finding.feedback.happened == found.note
    assert found.note is not None
    assert found.note.in_language("en") == (
        "Python cannot read line 1, `f(`: `SyntaxError: '(' was never closed`."
    )


def test_syntax_that_only_the_students_python_knows() -> None:
    """It ran, so the source checks alone cannot be judged."""
    options = Options(python=Path("python3.99"))
    found = grade(exercise(*CHECKS), submission("f( = 1\n"), options, Stage("hello"))
    assert [each.finding.status for each in found.judgements] == [
        Status.PASSED,
        Status.INCONCLUSIVE,
        Status.PASSED,
    ]
    assert found.score is None


def test_a_run_that_did_not_end_well_is_noted() -> None:
    """The outcome in words."""

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        story = Story()
        story.outcome(Outcome.OUTPUT_LIMIT)
        return [story.trace()]

    found = grade(exercise(*CHECKS), submission("f()"), runner=runner)
    assert found.outcome is Outcome.OUTPUT_LIMIT
    assert found.note is not None
    assert found.note.in_language("en") == (
        "The program printed more and more, and it was stopped."
    )


def test_a_doubt_is_noted() -> None:
    """And there is no score where a counted check could not be judged."""
    found = grade(exercise(*CHECKS), submission("f()"), runner=Stage(doubt="a line was lost."))
    assert found.score is None
    assert found.note is not None
    assert found.note.in_language("en") == ("The grader could not see everything: a line was lost.")


class Clearing(Stage):
    """The first runs cannot be seen whole."""

    def __init__(self, *lines: str, lost: int) -> None:
        super().__init__(*lines)
        self._lost = lost

    def _play(self, plan: Plan) -> Trace:
        trace = super()._play(plan)
        if len(self.plans) > self._lost:
            return trace
        return replace(trace, doubts=("a line was lost.",))


def test_a_run_that_was_not_seen_whole_is_made_again() -> None:
    """Twice at most: then it is judged like any other, or not at all."""
    seen = grade(exercise(*CHECKS), submission("f()"), runner=Clearing("hello", lost=2))
    assert (seen.score, seen.note) == (4, None)
    stage = Clearing("hello", lost=9)
    assert grade(exercise(*CHECKS), submission("f()"), runner=stage).score is None
    assert len(stage.plans) == 3


def test_nothing_can_be_run() -> None:
    """The caller hears of it: that is no grade."""

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        raise CannotSuperviseError(say("This machine forbids it."))

    with pytest.raises(CannotSuperviseError, match="This machine forbids it"):
        grade(exercise(*CHECKS), submission("f()"), runner=runner)


@pytest.mark.parametrize("outcome", [Outcome.FINISHED, Outcome.CPU_LIMIT, Outcome.TIME_LIMIT])
def test_other_orders_are_tried_unless_the_natural_run_had_no_end(outcome: Outcome) -> None:
    """Each of them would take as long, up to the limit."""
    tried: list[Plan] = []

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        tried.extend(plans)
        story = Story()
        child = story.start(at=s(0.01))
        story.prints(child, "hello", at=s(0.02))
        story.ends(child, at=s(0.03))
        story.ends(MAIN, at=s(0.04))
        story.outcome(outcome)
        return [story.trace(str(plan.schedule)) for plan in plans]

    check = {"any-duration": True, "prints": {"text": "hello", "by": "any"}}
    grade(exercise(check), submission("f()"), runner=runner)
    assert (len(tried) > 1) is (outcome is Outcome.FINISHED)


def test_each_run_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explored, made smaller, confirmed and compared: no check is judged twice in one run."""
    judged: list[tuple[int, str]] = []
    seen: list[Trace] = []

    def counted(check: Check, scene: JudgeContext) -> Verdict:
        judged.append((id(scene.trace), check.id))
        return judge_check(check, scene)

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        names = [str(plan.schedule) for plan in plans]
        lines = ["hullo" if name.startswith("late") else "hello" for name in names]
        seen.extend(map(short, names, [Outcome.FINISHED] * len(names), lines))
        return seen[-len(names) :]

    monkeypatch.setattr("grader.grading.judged.judge_check", counted)
    check = {"any-duration": True, "prints": {"text": "hello", "by": "any"}}
    graded = grade(exercise(check, {"clean": True}), submission("f()"), runner=runner)
    assert len(judged) == len(set(judged))
    assert graded.judgements[0].finding.status is Status.LUCKY


def short(schedule: str, outcome: Outcome, line: str) -> Trace:
    """A child that prints that line, and a run that takes 0.04 s."""
    story = Story()
    child = story.start(at=s(0.01))
    story.prints(child, line, at=s(0.02))
    story.ends(child, at=s(0.03))
    story.ends(MAIN, at=s(0.04))
    story.outcome(outcome)
    return story.trace(schedule)


def replayed(natural: Outcome, again: Outcome, **other: object) -> Grade:
    """A grade for somebody who asked for an order: how the natural run ended, and that one. Where
    a run does not just finish, the child does not print what it should. ``other``: one more check.
    """

    def runner(plans: Sequence[Plan]) -> list[Trace]:
        return [played(str(plan.schedule)) for plan in plans]

    def played(schedule: str) -> Trace:
        outcome = natural if schedule == "natural" else again
        return short(schedule, outcome, "hello" if outcome is Outcome.FINISHED else "hullo")

    checks = ({"prints": {"text": "hello", "by": "any"}}, other or {"source": {"calls": "g"}})
    options = Options(replay=parse_schedule("parent-first"))
    asked = exercise(*checks, cast={"p": {"children-of": "main"}})
    return grade(asked, submission("f()"), options, runner)


PRINTED_ON = "The program printed more and more, and it was stopped."
COMPUTED_ON = "The program used up its processor time, 5.00 s, and it was stopped."


@pytest.mark.parametrize(
    ("natural", "again", "note"),
    [
        (Outcome.FINISHED, Outcome.FINISHED, None),
        (Outcome.FINISHED, Outcome.CPU_LIMIT, COMPUTED_ON),
        (Outcome.OUTPUT_LIMIT, Outcome.CPU_LIMIT, COMPUTED_ON),
        (Outcome.OUTPUT_LIMIT, Outcome.FINISHED, PRINTED_ON),
    ],
)
def test_the_note_is_on_the_run_that_is_told(
    natural: Outcome, again: Outcome, note: str | None
) -> None:
    """Who asked for an order is told how that ended, unless it went well only in that."""
    found = replayed(natural, again)
    assert (found.note and found.note.in_language("en")) == note
    assert found.outcome is (natural if again is Outcome.FINISHED else again)
    assert found.tried == ("natural", "parent-first")
    assert [str(run.schedule) for run in found.runs] == ["natural", "parent-first"]


def test_the_note_where_both_runs_are_told() -> None:
    """That of the order that was asked for comes first, and what only natural runs decide is
    told of the natural one.
    """
    span = {"from": {"starts": "p"}, "to": {"ends": "main"}, "at-least": "1s"}
    found = replayed(Outcome.OUTPUT_LIMIT, Outcome.CRASHED, time=span)
    assert [each.finding.schedule for each in found.judgements] == ["parent-first", None]
    assert [str(run.schedule) for run in found.reported] == ["parent-first", "natural"]
    assert found.outcome is Outcome.CRASHED
    assert found.note is not None
    assert found.note.in_language("en") == PRINTED_ON


class Company(Stage):
    """The same, with a child that main waits for."""

    def _play(self, plan: Plan) -> Trace:
        story = Story()
        child = story.start(at=s(0.01))
        story.prints(MAIN, "hello", at=s(0.02))
        story.ends(child, at=s(0.03))
        story.waits(MAIN, child, at=s(0.03))
        story.ends(MAIN, at=s(0.04))
        return replace(story.trace(str(plan.schedule)), supervision=self.supervision)

    supervision = s(0.01)


ALL = Options()


class DearCompany(Company):
    supervision = s(10)


def untried(stage: Stage, options: Options = ALL) -> str | None:
    found = grade(exercise(*CHECKS), submission("f()"), options, runner=stage)
    assert found.passed
    right = (
        "everything is right"
        if found.untried is None
        else "right in the event orders that were tried"
    )
    assert score_line(found).in_language("en") == f"4 of 4 points: {right}."
    return None if found.untried is None else found.untried.in_language("en")


def test_all_the_orders_of_the_exercise() -> None:
    """Then everything is right, and nothing was left out."""
    assert untried(Company()) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            Options(schedules=1),
            "Only one event order was tried, the one in which the machine ran the program by "
            "itself. Whether the program is right in others was not looked at.",
        ),
        (
            Options(schedules=3),
            "Event orders tried: 3 of 12. Whether the program is right in the others was not "
            "looked at.",
        ),
        (
            Options(replay=parse_schedule("child-first")),
            "Event orders tried: 2 of 12. Whether the program is right in the others was not "
            "looked at.",
        ),
    ],
)
def test_fewer_orders_than_the_exercise_wants(options: Options, said: str) -> None:
    """What was not tried is not called right."""
    assert untried(Company(), options) == said


def test_where_there_is_but_one_order_nothing_was_left_out() -> None:
    """A script that starts nobody goes the same way whatever is asked for."""
    assert untried(Stage("hello"), Options(schedules=1)) is None


def test_what_was_cut_off_is_said() -> None:
    """A submission that is too dear to watch is told after how many orders."""
    assert untried(DearCompany()) == (
        "Event orders tried: 3. The others were left out: the program computes for so long, or "
        "asks the system for so many things, that watching it takes too much time."
    )
