"""``daemon``, ``named``, ``started-by``, ``count``, ``start-method``: what a process is."""

import pytest

from grader.checks import Status
from grader.checks.judging import judge_check
from grader.trace import Outcome, StartMethod
from tests.building import Story, s
from tests.checks.stage import (
    ONE_CHILD,
    WORKERS,
    context,
    happened,
    judgements,
    said,
    verdict,
)

IS_DAEMON = {"daemon": {"who": "child", "is": True}}
NO_DAEMON = {"daemon": {"who": "child", "is": False}}


def child(daemon: bool | None = False, name: str | None = "") -> Story:
    story = Story()
    story.start(at=s(0.01), variable="p", daemon=daemon, line=9, name=name)
    return story


def test_daemon() -> None:
    """The flag is as it should be."""
    assert verdict(child(daemon=True), IS_DAEMON, ONE_CHILD).status is Status.PASSED
    assert verdict(child(daemon=False), NO_DAEMON, ONE_CHILD).status is Status.PASSED


def test_no_daemon() -> None:
    """It should be one."""
    code = "p.daemon = flag\np.start()\n"
    found = verdict(child(daemon=False), IS_DAEMON, ONE_CHILD, code=code)
    assert said(found) == [
        "p was not a daemon when it started (line 9).",
        "When main's own code is over, its daemons are ended at once, wherever they are; for its "
        "other children main waits.",
        "Which line says, before p starts, whether it is a daemon?",
    ]
    assert found.feedback.line is not None


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("p.start()\n", "No line of the script makes a process a daemon. Which line"),
        ("p.daemon = q.daemon = False\np.start()\n", "Line 1 sets `daemon` to False."),
        ("p = Process(daemon=False)\n", "Line 1 sets `daemon` to False."),
        (
            "p.deamon = True\np.start()\n",
            "Which line says, before p starts, whether it is a daemon, and",
        ),
        (
            "p.daemon = False\np.daemon = flag\n",
            "Which line says, before p starts, whether it is a daemon?",
        ),
        ("p = Process(**flags)\n", "Which line says, before p starts, whether it is a daemon?"),
        ("setattr(p, 'daemon', 0)\n", "Which line says, before p starts, whether it is a daemon?"),
    ],
)
def test_what_the_script_says_of_daemons(code: str, asked: str) -> None:
    """No spelling is asked about where there is no such word, and a False is shown."""
    found = verdict(child(daemon=False), IS_DAEMON, ONE_CHILD, code=code)
    assert said(found)[2].startswith(asked)


def test_a_daemon_that_should_be_none() -> None:
    """The other way round."""
    found = verdict(child(daemon=True), NO_DAEMON, ONE_CHILD)
    assert happened(found) == "p was a daemon when it started (line 9)."


def test_daemon_unseen() -> None:
    """Without the probe's word it is not judged."""
    found = verdict(child(daemon=None), IS_DAEMON, ONE_CHILD)
    assert found.status is Status.INCONCLUSIVE
    assert happened(found) == "The grader could not see whether p was a daemon."


def test_named() -> None:
    """The multiprocessing name, not the variable."""
    check = {"named": {"who": "child", "is": "greet*"}}
    assert verdict(child(name="greeter"), check, ONE_CHILD).status is Status.PASSED
    assert said(verdict(child(), check, ONE_CHILD)) == [
        "p has the process name “Process-1”; the task asks for “greet…”.",
        "A process that is given no name gets one such as `Process-1`. A variable of your script "
        "is not its name.",
        "Where is the process told its name, and does anything set it afterwards?",
    ]
    assert verdict(child(name=None), check, ONE_CHILD).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("code", "late"),
    [
        ("p = Process()\np.start()\np.name = 'x'\n", True),
        ("p = Process()\np.start()\nif p:\n    p.name = 'x'\n", False),
        ("p.name = 'x'\np.start()\n", False),
        ("p = Process()\np.start()\nq.name = 'x'\n", False),
    ],
)
def test_named_after_its_start(code: str, late: bool) -> None:
    """The line that sets the name of an object whose process runs already is shown."""
    story = Story()
    story.start(at=s(0.01), variable="p", line=2)
    found = verdict(story, {"named": {"who": "child", "is": "x"}}, ONE_CHILD, code=code)
    assert (found.feedback.line is not None and found.feedback.line.line == 3) is late
    assert ("started already" in happened(found)) is late


SERVED = (
    {"count": {"who": "workers", "is": 3}},
    {"one-connection-each": "workers"},
)
CLIENTS = {"peers": [{"name": name, "program": "stage.py"} for name in ("ann", "ben", "cai")]}


@pytest.mark.parametrize(("second_client", "beforehand"), [(0.5, True), (0.015, False)])
def test_servants_made_beforehand(second_client: float, beforehand: bool) -> None:
    """How many there should be is the exercise's own number; that none is made later is said."""
    story = Story()
    clients = [story.peer(at=s(0.001), name=name) for name in ("ann", "ben", "cai")]
    for client, at in zip(clients, (0.005, second_client, 0.6), strict=True):
        story.connects(client, 8080, at=s(at))
    for at in (0.01, 0.02):
        story.start(at=s(at), line=9)
    played = context(story, *SERVED, cast=WORKERS, run=CLIENTS)
    found = judge_check(played.exercise.checks[0], played)
    assert found.status is Status.FAILED
    assert ("before the second client connected" in happened(found)) is beforehand
    assert ("There should be" in happened(found)) is not beforehand


def test_started_by() -> None:
    """Who created it, under every start method."""
    story = child()
    story.start(1, at=s(0.02))
    cast = {**ONE_CHILD, "grandchild": {"children-of": "child", "count": 1}}
    right = {"started-by": {"who": "grandchild", "is": "child"}}
    wrong = {"started-by": {"who": "grandchild", "is": "main"}}
    assert verdict(story, right, cast).status is Status.PASSED
    assert happened(verdict(story, wrong, cast)) == ("Process-1:1 was started by p, not by main.")


def test_count() -> None:
    """How many the name stands for."""
    check = {"count": {"who": "workers", "is": 1}}
    assert verdict(child(), check, WORKERS).status is Status.PASSED
    assert said(verdict(Story(), check, WORKERS)) == [
        "Main started no process. There should be 1.",
        "Without another process, main does all the work itself, line by line.",
        "Which class of `multiprocessing` stands for a process, and where do you use it?",
    ]
    made = "from multiprocessing import Process\nProcess(target=print)\n"
    assert said(verdict(Story(), check, WORKERS, made)) == [
        "Main started no process. There should be 1.",
        "Making a `Process` object does not start anything yet.",
        "Which line of your script starts a process, and how often does it run?",
    ]
    story = child()
    story.start(at=s(0.02))
    assert said(verdict(story, check, WORKERS))[:2] == [
        "Main started 2 processes. There should be 1.",
        "Each time that a line which starts a process is executed, there is one more.",
    ]


@pytest.mark.parametrize(
    ("outcome", "started"), [(Outcome.PROCESS_LIMIT, 8), (Outcome.EVENT_LIMIT, 130)]
)
def test_a_count_that_only_a_limit_has_ended(outcome: Outcome, started: int) -> None:
    """How far a fork bomb comes is the machine's affair, and so no number is told."""
    story = Story()
    for number in range(started):
        story.start(at=s(0.01 + number / 1000))
    story.outcome(outcome)
    found = verdict(story, {"count": {"who": "workers", "is": 5}}, WORKERS)
    assert found.status is Status.FAILED
    assert happened(found) == "More and more processes were started. There should be 5."


def test_a_count_that_another_limit_has_ended() -> None:
    """A program that starts one too many and then computes for ever has a number."""
    story = child()
    story.start(at=s(0.02))
    story.outcome(Outcome.CPU_LIMIT)
    found = verdict(story, {"count": {"who": "workers", "is": 1}}, WORKERS)
    assert happened(found) == "Main started 2 processes. There should be 1."


def test_none_is_a_count() -> None:
    """There may have to be nobody."""
    check = {"count": {"who": "grandchildren", "is": 0}}
    cast = {**ONE_CHILD, "grandchildren": {"children-of": "child"}}
    assert verdict(child(), check, cast).status is Status.PASSED


def test_start_method() -> None:
    """Every child was created in that way; other programs do not count."""
    story = Story(StartMethod.SPAWN)
    story.start(at=s(0.01), variable="p")
    story.start(at=s(0.02), method=StartMethod.SUBPROCESS)
    assert verdict(story, {"start-method": "spawn"}).status is Status.PASSED
    assert happened(verdict(story, {"start-method": "fork"})) == (
        "p was created by spawn; the task asks for fork."
    )


def test_an_unresolved_role_fails_what_is_asked_of_it() -> None:
    """Whatever is asked of a name that fits nobody fails for that reason."""
    for check in (
        IS_DAEMON,
        {"named": {"who": "child", "is": "x"}},
        {"started-by": {"who": "child", "is": "main"}},
        {"ended": {"who": "child", "exit": 0}},
        {"waited": {"for": "child"}},
        {"prints": {"text": "x", "by": "child", "never": True}},
        {"raises": {"text": "x", "in": "child"}},
        {"order": [{"starts": "child"}, {"ends": "child"}]},
    ):
        found = verdict(Story(), check, ONE_CHILD)
        assert happened(found) == "Main started no process. There should be 1."
        assert found.missing


def test_a_hint_about_objects_that_nobody_makes() -> None:
    """Where the code makes no process object, a hint on what to do with one is not given."""
    check = {"count": {"who": "workers", "is": 1}, "hint": "Which method of it starts one?"}
    (judged,) = judgements(Story(), check, cast=WORKERS)
    assert judged.finding.hint is None


RELAY = {
    "one": {"children-of": "main", "count": 1},
    "two": {"children-of": "any", "prints": "two", "count": 1},
    "three": {"children-of": "any", "prints": "three", "count": 1},
}
BY_TWO = {"started-by": {"who": "three", "is": "two"}, "hint": "In which function?"}


def relay(second_says: str) -> Story:
    story = Story()
    first = story.start(at=s(0.01), variable="p1")
    second = story.start(first, at=s(0.02), variable="p2")
    for text in second_says.split():
        story.prints(second, text, at=s(0.03))
    story.ends(second, at=s(0.04))
    return story


def test_who_does_the_work_of_another_itself() -> None:
    """One process plays the part of two: it was to start the other one."""
    found = judgements(relay("two three"), BY_TWO, cast=RELAY)[0].finding
    assert said(found) == [
        "p2 itself does the work of the process that it should have started.",
        "A function is executed by the process that calls it. Only `start()` makes another "
        "process for it.",
        "Which line of p2 should start a process?",
    ]
    assert found.hint is None


def test_a_hint_where_too_many_were_started() -> None:
    """It is about something else than the number of processes, and would lead away."""
    story = relay("two")
    story.start(1, at=s(0.03), variable="p3")
    cast = RELAY | {"two": {"children-of": "one", "count": 1}}
    waits = {"waited": {"for": "two", "by": "one"}, "hint": "Which method waits?"}
    found = judgements(story, waits, cast=cast)[0].finding
    assert happened(found) == "p1 started 2 processes. There should be 1."
    assert found.hint is None


def test_a_process_that_is_missing_for_an_error_in_another() -> None:
    """That is one mistake, and told once."""
    story = relay("two")
    third = story.start(1, at=s(0.05), variable="p3")
    story.raises(
        third,
        "Process Process-1:2:\nTraceback (most recent call last):\n"
        '  File "student.py", line 9, in two\n'
        "AssertionError: daemonic processes are not allowed to have children",
        at=s(0.06),
    )
    told = [each.finding for each in judgements(story, BY_TWO, {"clean": True}, cast=RELAY)]
    assert [each.status for each in told] == [Status.FAILED, Status.SKIPPED]
    assert happened(told[0]).startswith("p3 stopped with an error at line 9")
