"""``same-lines``: the runs under all start methods are compared line by line."""

from __future__ import annotations

from dataclasses import replace

from grader.checks import Finding, Status
from grader.schedules import parse_schedule
from grader.trace import MAIN, StartMethod, Trace
from tests.building import FIRST_PID, Story, s
from tests.checks.stage import findings

CHECK = {"same-lines": True}


def run(method: StartMethod, main: tuple[str, ...], child: tuple[str, ...]) -> Trace:
    """Main and one child print these lines."""
    story = Story(method)
    worker = story.start(at=s(0.1), variable="p")
    for number, text in enumerate(child):
        story.prints(worker, text, at=s(0.2 + number / 100))
    story.ends(worker, at=s(0.4))
    for number, text in enumerate(main):
        story.prints(MAIN, text, at=s(0.5 + number / 100))
    story.ends(MAIN, at=s(0.9))
    return story.trace()


def found(forked: Trace, spawned: Trace) -> Finding:
    return findings([forked, spawned], CHECK)["check-1"]


def told(finding: Finding) -> str:
    assert finding.feedback.happened is not None
    return finding.feedback.happened.in_language("en")


def test_the_same_lines_pass_in_any_order():
    """Which line comes first is no matter of the start method."""
    forked = run(StartMethod.FORK, ("a", "b"), ("c",))
    spawned = run(StartMethod.SPAWN, ("b", "a"), ("c",))
    assert found(forked, spawned).status is Status.PASSED


def test_pids_times_and_the_name_of_the_method_may_differ():
    """They are no more the same in two runs of one method."""
    mains, childs = FIRST_PID, FIRST_PID + 3
    forked = run(StartMethod.FORK, ("fork 1.002 s",), (f"pid {mains} at 1763980000, 12:30:01",))
    spawned = run(StartMethod.SPAWN, ("spawn 1.01 s",), (f"pid {childs} at 1763980099, 12:31",))
    assert found(forked, spawned).status is Status.PASSED


def test_other_numbers_may_not():
    """They say what the program computed."""
    finding = found(run(StartMethod.FORK, (), ("x = 100",)), run(StartMethod.SPAWN, (), ("x = 0",)))
    assert finding.status is Status.FAILED
    assert told(finding) == (
        "With the start method spawn: p printed “x = 0”, and with fork it was “x = 100”."
    )


def test_what_an_import_repeats_is_told():
    """A line at the top level of the script is main's and the child's."""
    finding = found(
        run(StartMethod.FORK, ("top", "done"), ("hello",)),
        run(StartMethod.SPAWN, ("top", "done"), ("top", "hello")),
    )
    assert told(finding) == (
        "With the start method spawn: Main and p both printed “top”. With fork it was printed once."
    )
    (relation,) = finding.relations
    assert (relation.start.process, relation.end.process) == (MAIN, 1)
    assert not relation.holds


def test_a_line_that_is_missing_is_told():
    """Nothing came in its place."""
    finding = found(run(StartMethod.FORK, (), ("a", "b")), run(StartMethod.SPAWN, (), ("a",)))
    assert told(finding) == "With the start method spawn: “b” was not printed. With fork it was."


def test_a_line_too_many_is_told():
    """Where it is only the child's."""
    finding = found(run(StartMethod.FORK, (), ("a",)), run(StartMethod.SPAWN, (), ("a", "a")))
    assert told(finding) == (
        "With the start method spawn: p printed “a”, and with fork that was not printed so often."
    )


def test_the_finding_says_which_run_it_is_about():
    """The first one is what the others are compared with."""
    forked, spawned = (run(method, (), (method.value[0],)) for method in _BOTH)
    assert found(forked, spawned).run is spawned
    assert found(forked, forked).run is forked


def test_other_event_orders_decide_nothing():
    """They are run under one start method only."""
    forked, spawned = (run(method, (), ("a",)) for method in _BOTH)
    late = replace(run(StartMethod.FORK, (), ("b",)), schedule=parse_schedule("child-first"))
    assert findings([forked, spawned, late], CHECK)["check-1"].status is Status.PASSED


_BOTH = (StartMethod.FORK, StartMethod.SPAWN)
