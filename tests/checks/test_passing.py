"""What looks right and is not: each is a kind of wrong answer that a check must not let through."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from grader.checks import Status
from grader.trace import MAIN, Outcome, ProcessNumber, StartMethod
from tests.building import Story, s
from tests.checks.stage import (
    ONE_CHILD,
    WORKERS,
    findings,
    happened,
    judgements,
    play,
    said,
    verdict,
)

DONE = {"id": "done", "prints": {"text": "done", "by": "main", "only": True}}
LAST = {
    "id": "last",
    "order": [{"ends": "workers"}, {"prints": "done", "by": "main"}],
}
EACH_WORKS = {
    "time": {
        "each": "workers",
        "from": {"starts": "workers"},
        "to": {"ends": "workers"},
        "at-least": "0.95s",
    }
}


def ended(*, status: int | None = 0, signal: int | None = None, killed_by: int | None = None):
    """A child that ends in this way, and main, which waits for it and ends well."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    if killed_by is not None:
        by = MAIN if killed_by == MAIN else child
        story.signals(by, target=child, signal=signal or 15, at=s(0.9))
    story.ends(child, at=s(1), exit_status=status, signal=signal, sender=killed_by)
    story.waits(MAIN, child, at=s(1))
    story.ends(MAIN, at=s(1.1))
    return story


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, Status.PASSED),
        ({"status": 1}, Status.FAILED),
        ({"status": None, "signal": 11}, Status.FAILED),
        ({"status": None, "signal": 9, "killed_by": 1}, Status.FAILED),
        ({"status": None, "signal": 15, "killed_by": MAIN}, Status.PASSED),
        ({"status": 3, "killed_by": MAIN}, Status.PASSED),
    ],
    ids=["well", "sys.exit(1)", "crashed", "killed itself", "terminated", "tidied up"],
)
def test_every_process_ends_well(how: dict[str, Any], status: Status) -> None:
    """An exit status, a fault and a signal of its own say otherwise; main's terminate() not."""
    assert verdict(ended(**how), {"clean": True}).status is status


def test_a_program_that_was_run_may_end_as_it_likes() -> None:
    """`grep` that finds nothing is no error of the script's."""
    story = Story()
    found = story.start(at=s(0.01), method=StartMethod.SUBPROCESS, class_name=None, name=None)
    story.ends(found, at=s(0.02), exit_status=1)
    story.ends(MAIN, at=s(0.1))
    assert verdict(story, {"clean": True}).status is Status.PASSED


def test_a_line_that_only_one_is_to_print() -> None:
    """That another process prints it as well is not right."""
    story = play("done")
    story.prints(MAIN, "done", at=s(1.05))
    found = verdict(story, DONE, WORKERS)
    assert found.status is Status.FAILED
    assert happened(found) == "“done” was printed by Process-1, too, and not only by main."


def test_each_works_for_as_long() -> None:
    """One that works for all is not enough."""
    story = Story()
    for length in (1, 0.2, 1):
        worker = story.start(at=s(0.01))
        story.ends(worker, at=s(0.01 + length))
    found = verdict(story, EACH_WORKS, WORKERS)
    assert found.status is Status.FAILED
    assert "the end of Process-2" in happened(found)
    assert verdict(play(workers=3), EACH_WORKS, WORKERS).status is Status.PASSED


@pytest.mark.parametrize("relation", ["together", "one-at-a-time"])
def test_one_alone_is_neither_together_nor_apart(relation: str) -> None:
    """It fails with the number of processes, which tells of it."""
    count = {"id": "five", "count": {"who": "workers", "is": 5}}
    found = findings(play(), count, {"id": "how", relation: "workers"}, cast=WORKERS)
    assert [found[each].status for each in ("five", "how")] == [Status.FAILED, Status.SKIPPED]


def test_at_least_so_many() -> None:
    """One too many is none too few."""
    some = {"count": {"who": "workers", "at-least": 2}}
    statuses = [verdict(play(workers=number), some, WORKERS).status for number in (1, 2, 3)]
    assert statuses == [Status.FAILED, Status.PASSED, Status.PASSED]


@pytest.mark.parametrize(
    ("default", "used", "status"),
    [
        (StartMethod.FORK, StartMethod.FORK, Status.PASSED),
        (StartMethod.FORK, StartMethod.SPAWN, Status.PASSED),
        (StartMethod.SPAWN, StartMethod.SPAWN, Status.PASSED),
        (StartMethod.SPAWN, StartMethod.FORK, Status.FAILED),
        (StartMethod.SPAWN, StartMethod.FORKSERVER, Status.FAILED),
    ],
)
def test_a_portable_start_method(default: StartMethod, used: StartMethod, status: Status) -> None:
    """Where processes are spawned there is no other way."""
    story = Story(default)
    story.start(at=s(0.01), method=used)
    assert verdict(story, {"start-method": "portable"}).status is status


def test_a_check_under_one_start_method() -> None:
    """Runs under another one do not count."""
    forked = {"id": "forked", "under": "fork", "count": {"who": "workers", "is": 1}}
    spawned = {**forked, "id": "spawned", "under": "spawn"}
    traces = [play().trace(), play(workers=2, method=StartMethod.SPAWN).trace()]
    found = findings(traces, forked, spawned, cast=WORKERS)
    assert [found[each].status for each in ("forked", "spawned")] == [Status.PASSED, Status.FAILED]


def test_a_process_object_of_somebody_else() -> None:
    """Its `start` raises another error than that of a daemon's own child."""
    own = {"called": {"method": "start", "by": "child", "own": True}}
    for maker, status in ((MAIN, Status.FAILED), (1, Status.PASSED)):
        story = Story()
        child = story.start(at=s(0.01), variable="p")
        story.calls(child, "start", at=s(0.02), line=7, maker=maker)
        found = verdict(story, own, ONE_CHILD)
        assert found.status is status
    assert happened(verdict(_of_mains(), own, ONE_CHILD)) == (
        "p called `start` of a process object that main had made."
    )


def _of_mains() -> Story:
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.calls(child, "start", at=s(0.02), line=7, maker=MAIN)
    return story


@pytest.mark.parametrize(("asked", "status"), [(0.4, Status.FAILED), (0.6, Status.PASSED)])
def test_the_last_call_of_a_method(asked: float, status: Status) -> None:
    """Only an answer of after the end says that it has ended; the calls before do not count."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.calls(MAIN, "is_alive", at=s(0.1), target=child, line=5)
    story.ends(child, at=s(0.5))
    story.calls(MAIN, "is_alive", at=s(asked), target=child, line=9)
    story.ends(MAIN, at=s(0.7))
    gone = {"order": [{"ends": "child"}, {"last-call": "is_alive", "by": "main"}]}
    assert verdict(story, gone, ONE_CHILD).status is status


def _asked_just_before_its_end(story: Story) -> ProcessNumber:
    child = story.start(at=s(0.01), variable="p")
    story.calls(MAIN, "is_alive", at=s(0.4), target=child, line=9)
    story.ends(child, at=s(0.5))
    return child


GONE = {"order": [{"ends": "child"}, {"last-call": "is_alive", "by": "main"}]}


@pytest.mark.parametrize("how", ["poll", "sentinel"])
def test_a_last_call_that_is_answered_after_the_end(how: Literal["poll", "sentinel"]) -> None:
    """A process that ends while somebody asks for it is gone when the answer comes."""
    story = Story()
    child = _asked_just_before_its_end(story)
    story.waits(MAIN, child, at=s(0.6), how=how, polls=7, line=9)
    story.ends(MAIN, at=s(0.7))
    assert verdict(story, GONE, ONE_CHILD).status is Status.PASSED


def test_an_end_that_is_learned_of_after_the_last_call() -> None:
    """Its answer was printed by then: the end is found in another way."""
    story = Story()
    child = _asked_just_before_its_end(story)
    story.prints(MAIN, "True", at=s(0.6))
    story.waits(MAIN, child, at=s(0.61), how="poll", line=9)
    story.ends(MAIN, at=s(0.7))
    assert verdict(story, GONE, ONE_CHILD).status is Status.FAILED


@pytest.mark.parametrize("in_shutdown", [False, True])
def test_a_wait_after_the_last_call(in_shutdown: bool) -> None:
    """Who waits after the last question was told that the process was alive."""
    story = Story()
    child = _asked_just_before_its_end(story)
    how: Literal["wait", "poll"] = "poll" if in_shutdown else "wait"
    story.waits(MAIN, child, at=s(0.6), how=how, in_shutdown=in_shutdown, line=9)
    story.ends(MAIN, at=s(0.7))
    assert verdict(story, GONE, ONE_CHILD).status is Status.FAILED


def test_a_method_that_was_never_called() -> None:
    """There is no last time."""
    gone = {"order": [{"ends": "child"}, {"last-call": "is_alive", "by": "main"}]}
    story = Story()
    story.ends(story.start(at=s(0.01)), at=s(0.5))
    assert happened(verdict(story, gone, ONE_CHILD)) == "Main never called `is_alive`."


PEERS = {"peers": [{"name": "server", "program": "stage.py"}]}
RELAYS = {
    "prints": {"text": "*", "by": "main", "relays": {"prints": "answers: *", "by": "server"}},
}


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("HELLO 4711", Status.PASSED),
        ("server: HELLO 4711", Status.PASSED),
        ("HELLO 4712", Status.FAILED),
        ("bye", Status.FAILED),
    ],
)
def test_a_line_that_hands_on_what_another_program_said(line: str, status: Status) -> None:
    """Nobody can know it who has not received it."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.prints(server, "answers: HELLO 4711", at=s(0.1))
    story.prints(MAIN, line, at=s(0.2))
    story.ends(MAIN, at=s(0.3))
    assert verdict(story, RELAYS, run=PEERS).status is status


def test_the_spaces_of_what_was_to_be_handed_on() -> None:
    """Where they count, they are shown in both lines."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.prints(server, "answers:   HELLO   4711", at=s(0.1))
    story.prints(MAIN, "  HELLO", at=s(0.2))
    story.ends(MAIN, at=s(0.3))
    assert happened(verdict(story, RELAYS, run=PEERS)) == (
        "Main printed “␣␣HELLO”, and “␣␣HELLO␣␣␣4711”, which it had been sent, is not in it "
        "(␣ is a space)."
    )


def test_a_line_that_was_there_before_is_not_handed_on() -> None:
    """It comes after the other program's."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.prints(MAIN, "HELLO 4711", at=s(0.05))
    story.prints(server, "answers: HELLO 4711", at=s(0.1))
    story.ends(MAIN, at=s(0.3))
    assert happened(verdict(story, RELAYS, run=PEERS)) == (
        "Main did not print “HELLO 4711”, which it had been sent."
    )


@pytest.mark.parametrize(
    ("prompts", "status"),
    [
        ([">>: ", ">>:"], Status.PASSED),
        ([">> "], Status.FAILED),
        ([">>: ", ""], Status.FAILED),
        ([], Status.FAILED),
    ],
)
def test_a_prompt_each_time(prompts: list[str], status: Status) -> None:
    """Not only the first time."""
    story = Story()
    for number, prompt in enumerate(prompts, 1):
        story.asks(MAIN, prompt, at=s(number / 10))
    story.ends(MAIN, at=s(1))
    dialogue = {"dialogue": [{"send": "hello"}]}
    assert verdict(story, {"prompt": {"text": ">>:"}}, run=dialogue).status is status


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [(">>: ", None), (">>:", "“>>:”"), (">>:  ", "“>>:␣␣”"), ("请输入: ", "“请输入:”")],
)
def test_spaces_at_the_end_of_a_prompt(prompt: str, shown: str | None) -> None:
    """They count where the task's prompt has some, and are seen where they are the difference."""
    story = Story()
    story.asks(MAIN, prompt, at=s(0.1))
    story.ends(MAIN, at=s(1))
    dialogue = {"dialogue": [{"send": "hello"}]}
    found = verdict(story, {"prompt": {"text": ">>: "}}, run=dialogue)
    assert found.status is (Status.PASSED if shown is None else Status.FAILED)
    if shown is not None:
        assert found.feedback.happened is not None
        assert shown in found.feedback.happened.in_language("en")


def test_a_prompt_that_looks_alike_is_quoted_as_the_task_has_it() -> None:
    """A full-width colon is accepted, but it is not what is expected."""
    story = Story()
    story.asks(MAIN, ">>：", at=s(0.1))
    story.ends(MAIN, at=s(1))
    dialogue = {"dialogue": [{"send": "hello"}]}
    found = verdict(story, {"prompt": {"text": ">>: "}}, run=dialogue)
    assert happened(found) == (
        "The program should have asked with “>>:␣”, but asks with “>>：” (␣ is a space)."
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("args=('小明', 3), kwargs={'mark': '!'}", Status.PASSED),
        ("args=[3, '小明'], kwargs=dict(sign='！')", Status.PASSED),
        ("args=('小明', '3'), kwargs={'mark': mark}", Status.PASSED),
        ("args=values, kwargs=marks", Status.PASSED),
        ("args=('x', '小明', 3), kwargs={'mark': '!'}", Status.PASSED),
        ("args=(*names, 3), **more", Status.PASSED),
        ("args=('小明', 30), kwargs={'mark': '!'}", Status.FAILED),
        ("args=('小明', 3), kwargs={'mark': '?'}", Status.FAILED),
        ("args=(who, 1), kwargs={'mark': '!'}", Status.FAILED),
        ("args=(who,), kwargs={'mark': '!'}", Status.FAILED),
        ("args=('!',), kwargs={'who': '小明', 'times': 3}", Status.FAILED),
    ],
)
def test_which_values_are_handed_over(given: str, status: Status) -> None:
    """In any order, under any name, with others; what only a run shows may be right."""
    code = f"from multiprocessing import Process\nProcess(target=f, {given})\n"
    check = {"source": {"with-args": "('小明', 3)", "with-kwargs": "{'mark': '!'}"}}
    assert verdict(Story(), check, code=code).status is status


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ("Process(target=f, args=(1,), kwargs={'a': 2})", Status.PASSED),
        ("Process(None, f, 'name', (1,), {'a': 2})", Status.PASSED),
        ("Process(target=f, **values)", Status.PASSED),
        ("Process(target=f, args=(1,))", Status.FAILED),
        ("Process(target=f, args=(1,), kwargs={})", Status.FAILED),
        ("Process(target=lambda: f(1, a=2))", Status.FAILED),
    ],
)
def test_values_that_are_handed_over(call: str, status: Status) -> None:
    """By name, by place or by a dictionary; nothing in them is nothing."""
    code = f"from multiprocessing import Process\np = {call}\n"
    asked = {"source": {"passes": ["args", "kwargs"]}}
    assert verdict(play(), asked, code=code).status is status


def test_a_class_of_its_own_takes_what_it_likes() -> None:
    """Its `__init__` is the place where values are handed over."""
    code = (
        "from multiprocessing import Process\nclass Greeter(Process): pass\np = Greeter('a', 3)\n"
    )
    asked = {"source": {"passes": ["args", "kwargs"]}}
    assert verdict(play(), asked, code=code).status is Status.PASSED


ABOUT = {"prints": {"text": "*{pid}*", "by": "main", "about": "child"}}


@pytest.mark.parametrize(
    ("line", "status"), [("{}", Status.PASSED), ("{} of 3 in 2026", Status.PASSED)]
)
def test_a_pid_that_was_asked_for(line: str, status: Status) -> None:
    """Other numbers may stand beside it."""
    assert _with_pid(line.format(_pid())) is status


def test_a_pid_among_many_guesses() -> None:
    """Numbers in a row with the right one among them say nothing."""
    numbers = " ".join(str(_pid() + offset) for offset in range(-3, 4))
    assert _with_pid(numbers) is Status.FAILED


def _pid() -> int:
    story = Story()
    return story.pid(story.start(at=s(0.01)))


def _with_pid(line: str) -> Status:
    story = Story()
    child = story.start(at=s(0.01))
    story.prints(MAIN, line, at=s(0.1))
    story.ends(child, at=s(0.2))
    story.ends(MAIN, at=s(0.3))
    return verdict(story, ABOUT, ONE_CHILD).status


@pytest.mark.parametrize("line", ["done!", "all is done", "Done", "something else"])
def test_a_misspelt_line_costs_once(line: str) -> None:
    """It has its time all the same, where it is clear which line is meant."""
    story = play()
    story.prints(MAIN, line, at=s(1.05))
    found = findings(story, DONE, LAST, cast=WORKERS)
    assert [found[each].status for each in ("done", "last")] == [Status.FAILED, Status.PASSED]


def test_a_misspelt_line_that_comes_too_early() -> None:
    """These are two mistakes."""
    story = play()
    story.prints(MAIN, "done!", at=s(0.2))
    found = findings(story, DONE, LAST, cast=WORKERS)
    assert [found[each].status for each in ("done", "last")] == [Status.FAILED, Status.FAILED]


def test_a_line_that_never_comes_is_told_once() -> None:
    """By the check that asks for the line."""
    found = findings(play(), LAST, DONE, cast=WORKERS)
    assert [found[each].status for each in ("last", "done")] == [Status.SKIPPED, Status.FAILED]
    assert found["last"].cause == "done"


def test_among_several_lines_none_is_taken_for_another() -> None:
    """What it is meant for is not clear."""
    story = play()
    story.prints(MAIN, "something", at=s(1.05))
    story.prints(MAIN, "something else", at=s(1.06))
    assert findings(story, DONE, LAST, cast=WORKERS)["last"].status is Status.SKIPPED


def test_a_run_that_was_stopped_shows_no_last_line() -> None:
    """The line may have been still to come."""
    story = play()
    story.prints(MAIN, "something", at=s(1.05))
    story.outcome(Outcome.TIME_LIMIT)
    assert findings(story, DONE, LAST, cast=WORKERS)["last"].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("主", "主进程结束"),
        ("主进程", "主程序"),
        ("主程序", "我是主程序。"),
        ("main-------", "main------"),
        ("*: 小明!", "greeter: 小明"),
        ("hello {text}", "Hello 小明"),
    ],
)
def test_near_misses(wanted: str, line: str) -> None:
    """Longer, shorter, other letters: the student sees both side by side."""
    story = Story()
    story.prints(MAIN, line, at=s(0.1))
    story.ends(MAIN, at=s(0.2))
    said = happened(verdict(story, {"prints": {"text": wanted, "by": "main"}}))
    assert said.startswith(f"Main printed “{line}”"), said


def test_what_is_needed_and_breaks_elsewhere_is_needed_all_the_same() -> None:
    """A check is skipped while one that it needs is lucky, though it holds itself."""
    ended_by_then = {"id": "early", "ended": {"who": "workers", "before": {"ends": "main"}}}
    needing = {"id": "needing", "needs": ["early"], "prints": {"text": "hello", "by": "workers"}}
    late = Story()
    worker = late.start(at=s(0.01))
    late.prints(worker, "hello", at=s(0.5))
    late.ends(MAIN, at=s(0.8))
    late.ends(worker, at=s(1))
    traces = [play("hello").trace(), late.trace(schedule="child-first")]
    found = {
        each.check.id: each.finding
        for each in judgements(traces, ended_by_then, needing, cast=WORKERS)
    }
    assert found["early"].status is Status.LUCKY
    assert (found["needing"].status, found["needing"].cause) == (Status.SKIPPED, "early")


def test_a_pid_that_its_own_process_printed() -> None:
    """Main should have printed it, and the child did."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.prints(child, str(_pid()), at=s(0.1))
    story.ends(MAIN, at=s(0.3))
    found = verdict(story, ABOUT, {"child": {"children-of": "main", "count": 1}})
    assert happened(found) == f"“{_pid()}” was printed by p, not by main."


def test_an_answer_that_is_longer_than_what_is_received() -> None:
    """Nobody is accused of working it out: the line that takes too little is named."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.prints(server, "answers: 你好 4711", at=s(0.1))
    story.prints(MAIN, "你好 ", at=s(0.2))
    story.ends(MAIN, at=s(0.3))
    found = verdict(story, RELAYS, run=PEERS, code="print(s.recv(7).decode())\n")
    assert happened(found) == "Main printed “你好 ”, and the answer goes on with “4711”."
    assert said(found)[1].startswith("Line 1 takes 7 bytes at most")
    enough = verdict(story, RELAYS, run=PEERS, code="print(s.recv(99).decode())\n")
    assert "goes on with" not in happened(enough)


def test_white_space_counts_in_what_is_received() -> None:
    """A line is compared without it, and its bytes are all received."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.prints(server, "answers:   HELLO   8170", at=s(0.1))
    story.prints(MAIN, "  HELLO   81", at=s(0.2))
    story.ends(MAIN, at=s(0.3))
    found = verdict(story, RELAYS, run=PEERS, code="print(s.recv(12).decode())\n")
    assert happened(found) == "Main printed “  HELLO   81”, and the answer goes on with “70”."


def test_what_reached_the_server_is_not_utf_8() -> None:
    """The words of the exercise's own program are not asked of a student."""
    story = Story()
    server = story.peer(at=s(0.01), name="server")
    story.listens(server, 8080, at=s(0.02))
    story.prints(server, "got: \ufffd\ufffd", at=s(0.1))
    story.ends(MAIN, at=s(0.3))
    peers = {"peers": [{**PEERS["peers"][0], "receives": "got: *"}]}
    code = "s.send(msg.encode('utf-8'))\ns.send(msg.encode('gbk'))\n"
    found = verdict(story, RELAYS, run=peers, code=code)
    assert happened(found) == "The server received “\ufffd\ufffd”: that is not UTF-8."
    assert found.feedback.line is not None
    assert found.feedback.line.line == 2


def test_all_values_in_args() -> None:
    """It is not said of them that they come from elsewhere."""
    code = (
        "from multiprocessing import Process\ndef greet(who, mark): pass\n"
        "p = Process(target=greet, args=('a', '!'))\n"
    )
    found = verdict(play(), {"source": {"passes": ["args", "kwargs"]}}, code=code)
    assert said(found)[0] == "Line 3 passes all the values by `args`, and none by `kwargs`."
    found = verdict(
        play(), {"source": {"passes": ["args", "kwargs"]}}, code=code.replace(", '!'", ",")
    )
    assert said(found)[0] == "Line 3 makes a `Process` without `kwargs`."
