"""The mistakes that beginners make: one finding tells each, and the others are silent.

The exercise is a play of two: main starts ``p``, waits for it, and says ``done``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks import Finding, Status, note_on
from grader.trace import MAIN, Location, Outcome, StartedThread, WaitReason
from tests.building import SCRIPT, Story, s
from tests.checks.stage import context, findings, happened, said

CAST = {"child": {"children-of": "main", "count": 1}}
CHECKS: list[dict[str, Any]] = [
    {"id": "one-child", "count": {"who": "child", "is": 1}},
    {"id": "greets", "needs": ["one-child"], "prints": {"text": "hello *", "by": "child"}},
    {"id": "says-done", "prints": {"text": "done", "by": "main"}},
    {
        "id": "waits",
        "needs": ["one-child", "says-done"],
        "waited": {"for": "child", "before": {"prints": "done", "by": "main"}},
    },
    {
        "id": "done-last",
        "needs": ["one-child", "says-done"],
        "order": [{"ends": "child"}, {"prints": "done", "by": "main"}],
    },
    {
        "id": "one-second",
        "needs": ["waits"],
        "time": {
            "from": {"starts": "child"},
            "to": {"prints": "done", "by": "main"},
            "at-least": "0.95s",
        },
    },
    {"id": "clean", "clean": True},
]
HEAD = """\
import time
from multiprocessing import Process
def f(name):
    print("hello", name)
    time.sleep(1)
if __name__ == "__main__":
"""
"""Six lines; a script's own ones begin with line 7."""


def told(story: Story, *lines: str) -> tuple[Finding, set[str], set[str]]:
    """The one failed finding, what was skipped because of it, and what passed."""
    code = HEAD + "".join(f"    {line}\n" for line in lines)
    found = findings(story, *CHECKS, cast=CAST, code=code)
    (failed,) = [each for each in found.values() if each.status is Status.FAILED]
    skipped = {each.check for each in found.values() if each.status is Status.SKIPPED}
    assert {found[check].cause for check in skipped} <= {failed.check}
    return failed, skipped, set(found) - skipped - {failed.check}


def child(story: Story, *, until: float = 1.01, says: str | None = "hello Li") -> int:
    number = story.start(at=s(0.01), variable="p", line=8)
    if says is not None:
        story.prints(number, says, at=s(0.02))
    story.ends(number, at=s(until))
    return number


def finish(story: Story, *, done: float, end: float = 1.1) -> None:
    story.prints(MAIN, "done", at=s(done))
    story.code_ends(MAIN, at=s(done))
    story.ends(MAIN, at=s(max(done, end)))


def crash(story: Story, error: str, *, at: float = 0.02, line: int = 8) -> None:
    report = f'Traceback (most recent call last):\n  File "student.py", line {line}, in <module>\n'
    story.raises(MAIN, report + error, at=s(at))


def test_right() -> None:
    """The right answer passes."""
    story = Story()
    number = child(story)
    story.waits(MAIN, number, began=s(0.02), at=s(1.01))
    finish(story, done=1.02)
    found = findings(story, *CHECKS, cast=CAST, code=HEAD)
    assert {each.status for each in found.values()} == {Status.PASSED}


def test_target_called() -> None:
    """Row 1: ``target=f()``."""
    story = Story()
    story.prints(MAIN, "hello Li", at=s(0.001))
    number = story.start(at=s(1.01), variable="p", line=8)
    story.ends(number, at=s(1.02))
    story.waits(MAIN, number, at=s(1.02))
    finish(story, done=1.03)
    failed, skipped, passed = told(story, "p = Process(target=f('Li'))", "p.start()", "p.join()")
    assert failed.check == "greets"
    assert said(failed) == [
        "Line 7 calls `f` itself: main does that work, before there is any child.",
        "`target` is then only what the call returned, and nothing is left for the child to do.",
        "What do the parentheses after `f` do, and when?",
    ]
    assert failed.feedback.line is not None
    assert failed.feedback.line.line == 7
    assert skipped == {"one-second"}
    assert passed == {"one-child", "says-done", "waits", "done-last", "clean"}


def test_run_called() -> None:
    """Row 2: ``p.run()``."""
    story = Story()
    story.calls(MAIN, "run", at=s(0.001), line=8)
    story.prints(MAIN, "hello Li", at=s(0.002))
    finish(story, done=1.02)
    failed, skipped, _ = told(story, "p = Process(target=f, args=('Li',))", "p.run()")
    assert failed.check == "one-child"
    assert said(failed) == [
        "Line 8 calls `run` directly. Main did the work itself, and no process was started.",
        "`run` is the work. Called like any other method, it is executed by the process that "
        "calls it.",
        "Which method makes a new process that then does `run`?",
    ]
    assert skipped == {"greets", "waits", "done-last", "one-second"}


def test_start_named() -> None:
    """Row 3: ``p.start`` without its parentheses, and the error that follows from it."""
    story = Story()
    crash(story, "AssertionError: can only join a started process", line=9)
    failed, skipped, _ = told(
        story, "p = Process(target=f, args=('Li',))", "p.start", "p.join()", "print('done')"
    )
    assert failed.check == "one-child"
    assert said(failed) == [
        "Line 8 names `p.start` but does not call it.",
        "The name of a method alone does nothing, and Python does not complain.",
        "What is the difference between naming a function and calling it?",
    ]
    assert len(skipped) == len(CHECKS) - 1


def test_start_overridden() -> None:
    """Row 4: the work stands in ``start`` and not in ``run``."""
    story = Story()
    story.prints(MAIN, "hello Li", at=s(0.001))
    crash(story, "AssertionError: can only join a started process", at=1.01, line=12)
    failed, _, _ = told(
        story, "pass", "class Worker(Process):", "    def start(self):", "        f('Li')"
    )
    assert failed.check == "one-child"
    assert said(failed) == [
        "The class `Worker` (line 8) has a `start` of its own. Main executed it like any other "
        "method, and no process was started.",
        "`start` is what creates the process. A class that overrides it replaces that, too.",
        "Which method of `Process` is there for the work of the child?",
    ]


def test_args_that_are_no_tuple() -> None:
    """Row 5: ``args=('Li')``."""
    story = Story()
    number = story.start(at=s(0.01), variable="p", line=8)
    story.raises(
        number,
        "Process Process-1:\nTraceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/multiprocessing/process.py", line 108, in run\n'
        "TypeError: f() takes 1 positional argument but 2 were given",
        at=s(0.02),
    )
    story.waits(MAIN, number, at=s(0.02))
    finish(story, done=0.03)
    failed, skipped, passed = told(
        story, "p = Process(target=f, args=('Li'))", "p.start()", "p.join()"
    )
    assert failed.check == "greets"
    assert said(failed) == [
        "In line 7 `args` is `'Li'`, which is not a tuple. It ended in an error: `TypeError: f() "
        "takes 1 positional argument but 2 were given`.",
        "Parentheses around a single value are only parentheses. A text is then taken apart into "
        "its letters, one argument each.",
        "What makes a tuple of a single value?",
    ]
    assert skipped == {"one-second", "clean"}
    assert "waits" in passed


@pytest.mark.parametrize(
    ("error", "check", "sentences"),
    [
        (
            "AssertionError: group argument must be None for now",
            "one-child",
            [
                "The first positional argument of `Process` is `group`, which is never used. So "
                "what is given first is not taken for what it is meant to be.",
                "Which parameter of `Process` is meant there, and how is it given by its name?",
            ],
        ),
        (
            "AssertionError: can only join a started process",
            "waits",
            [
                "Waiting for the end of a process makes sense only when it was started before.",
                "In which order do your lines create, start and wait for the process?",
            ],
        ),
        (
            "NameError: name 'Proces' is not defined. Did you mean: 'Process'?",
            "one-child",
            [
                "There is no `Proces` at this place. It may be misspelled, not imported, or "
                "defined further down.",
                "Where does `Proces` get its value?",
            ],
        ),
        (
            "ModuleNotFoundError: No module named 'multiprocesing'",
            "one-child",
            [
                "There is no module called `multiprocesing` here: it is misspelled, or it is not "
                "part of Python.",
                "Which module did you mean?",
            ],
        ),
        (
            "ZeroDivisionError: division by zero",
            "one-child",
            [
                "An uncaught exception ends its process on the spot: the lines after it are not "
                "executed.",
                "What was the value of each name in that line just then?",
            ],
        ),
    ],
)
def test_main_crashes(error: str, check: str, sentences: list[str]) -> None:
    """Rows 6, 18 and others: an error in main is told once, and in plain words."""
    story = Story()
    crash(story, error)
    failed, skipped, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == check
    assert said(failed) == [f"Main stopped with an error at line 8: `{error}`.", *sentences]
    assert len(skipped) == len(CHECKS) - 1


def test_started_twice() -> None:
    """Row 7: what had been right before the error still is."""
    story = Story()
    number = child(story)
    story.waits(MAIN, number, at=s(1.01))
    crash(story, "AssertionError: cannot start a process twice", at=1.02, line=10)
    failed, skipped, passed = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert said(failed)[0] == (
        "Main stopped with an error at line 10: `AssertionError: cannot start a process twice`."
    )
    assert passed == {"one-child", "greets"}
    assert skipped == {"waits", "done-last", "one-second", "clean"}


def test_deadlock() -> None:
    """Who waits for whom, whatever it is that they wait for."""
    story = Story()
    number = story.start(at=s(0.01), variable="p", line=8)
    story.prints(number, "hello Li", at=s(0.02))
    story.blocks(MAIN, WaitReason.LOCK, number, line=9)
    story.blocks(number, WaitReason.LOCK)
    story.outcome(Outcome.DEADLOCK)
    failed, _, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert said(failed) == [
        "The program stands still forever: main (line 9) waits for a lock that p holds and p "
        "waits for a lock, an event or a queue, and no process wakes it.",
        "Each of them waits for something that only another of them could do, and that one "
        "waits, too.",
        "Which of them would have to go first, so that the others can go on?",
    ]


def test_a_deadlock_of_threads() -> None:
    """Main does not wait for a lock of the student's but for a thread's end."""
    story = Story()
    story.blocks(MAIN, WaitReason.LOCK, line=3)
    story.outcome(Outcome.DEADLOCK)
    code = "t = Thread(target=f)\nt.start()\nt.join()\n"
    trace = replace(story.trace(), threads=(StartedThread(MAIN, 1, 1),))
    failed = findings(trace, {"clean": True}, code=code)["check-1"]
    assert happened(failed) == (
        "The program stands still forever: main (line 3) waits for the end of a thread."
    )


def test_a_crash_makes_no_child_fewer() -> None:
    """How many main started is its own matter, whatever becomes of them."""
    story = Story()
    number = child(story)
    story.raises(
        number,
        'Traceback (most recent call last):\n  File "student.py", line 4, in f\nKeyError: 1',
        at=s(0.02),
    )
    story.ends(MAIN, at=s(2))
    count = {"id": "two", "count": {"who": "child", "is": 2}}
    found = findings(story, count, cast={"child": {"children-of": "main"}}, code=HEAD)["two"]
    assert found.mistake is None
    assert said(found)[0] == "Main started 1 process. There should be 2."


def test_the_child_crashes() -> None:
    """Row 11: main ends well, and the child did not."""
    story = Story()
    number = story.start(at=s(0.01), variable="p", line=8)
    story.raises(
        number,
        "Process Process-1:\nTraceback (most recent call last):\n"
        '  File "student.py", line 4, in f\n'
        "KeyError: 'x'",
        at=s(0.02),
    )
    story.waits(MAIN, number, at=s(0.02))
    finish(story, done=0.03)
    failed, skipped, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == "greets"
    assert said(failed) == [
        "p stopped with an error at line 4: `KeyError: 'x'`.",
        "What was asked for is not in there.",
        "Which value was looked up, and what does the container hold?",
    ]
    assert skipped == {"one-second", "clean"}


def test_no_join() -> None:
    """Row 13: main spoke while the child was at work."""
    story = Story()
    child(story)
    finish(story, done=0.02)
    failed, skipped, passed = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == "waits"
    assert said(failed) == [
        "Main did not wait for p before its line “done” at 0.02 s. p was at work until 1.01 s.",
        "`start()` does not wait: it comes back at once, while the child works.",
        "What, in your script, makes main stop until p has ended?",
    ]
    assert skipped == {"done-last", "one-second"}
    assert passed == {"one-child", "greets", "says-done", "clean"}


def test_join_named() -> None:
    """Row 15: ``p.join`` without its parentheses."""
    story = Story()
    child(story)
    story.calls(MAIN, "join", at=s(0.015), target=1, line=9)
    finish(story, done=0.02)
    failed, skipped, _ = told(
        story, "p = Process(target=f, args=('Li',))", "p.start()", "p.join", "print('done')"
    )
    assert failed.check == "waits"
    assert said(failed) == [
        "Line 9 names `p.join` but does not call it. So main did not wait for p.",
        "The name of a method alone does nothing, and Python does not complain.",
        "What is the difference between naming a function and calling it?",
    ]
    assert skipped == {"done-last", "one-second"}


def test_is_alive_named() -> None:
    """Row 34: ``if not p.is_alive:`` never holds."""
    story = Story()
    child(story)
    finish(story, done=0.02)
    failed, _, _ = told(
        story, "p = Process(target=f)", "p.start()", "if not p.is_alive:", "    p.join()"
    )
    assert said(failed)[:2] == [
        "Line 9 names `p.is_alive` but does not call it. So main did not wait for p.",
        "The name of a method alone always counts as true, whatever the process is doing.",
    ]


def test_sleep_in_place_of_join() -> None:
    """Row 16: the order held, and it was luck."""
    story = Story()
    child(story)
    story.sleeps(MAIN, at=s(0.02), until=s(1.22))
    finish(story, done=1.22)
    failed, skipped, passed = told(story, "p.start()", "time.sleep(1.2)")
    assert failed.check == "waits"
    assert failed.feedback.line == Location("student.py", 8)
    assert said(failed) == [
        "Main did not wait for p: it slept from 0.02 s to 1.22 s. p happened to be done at 1.01 s.",
        "It worked because the child was quick. Nobody knows beforehand how long a child takes, "
        "and on a busy machine it takes longer.",
        "How long would main have to sleep if p took 4 times as long?",
    ]
    assert skipped == {"one-second"}
    assert "done-last" in passed


def test_a_sleep_that_is_too_short() -> None:
    """Row 16, and it did not even look right."""
    story = Story()
    child(story)
    story.sleeps(MAIN, at=s(0.02), until=s(0.52))
    finish(story, done=0.53)
    failed, skipped, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert said(failed) == [
        "Main did not wait for p: it slept from 0.02 s to 0.52 s. p was at work until 1.01 s.",
        "A pause does not look at the child. Nobody knows beforehand how long a child takes.",
        "How long would main have to sleep if p took 4 times as long?",
    ]
    assert skipped == {"done-last", "one-second"}


def test_join_with_a_timeout() -> None:
    """Row 17: the time-out ended the waiting and not the child."""
    story = Story()
    number = child(story)
    story.gives_up_waiting(MAIN, number, began=s(0.02), at=s(1.007), line=9)
    finish(story, done=1.008)
    failed, _, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == "waits"
    assert failed.feedback.line is not None
    assert failed.feedback.line.line == 9
    assert said(failed) == [
        "Main gave up waiting for p at 1.007 s. p was at work until 1.010 s.",
        "A time-out ends the waiting, not the child. Afterwards the child may still be at work.",
        "How can main know, after a time-out, whether p has ended?",
    ]


def test_never_started() -> None:
    """An object is made and nobody starts it."""
    story = Story()
    finish(story, done=0.02)
    failed, _, passed = told(story, "p = Process(target=f, args=('Li',))", "print('done')")
    assert failed.check == "one-child"
    assert said(failed) == [
        "Line 7 makes a process object, and no line of the script starts it.",
        "The object is only the plan of a process. Making it starts nothing.",
        "Which of its methods turns the plan into a process?",
    ]
    assert passed == {"says-done", "clean"}


def test_a_guard_that_never_holds() -> None:
    """The name of main is misspelled."""
    story = Story()
    story.ends(MAIN, at=s(0.02))
    code = HEAD.replace("__main__", "__mian__") + "    p = Process(target=f)\n    p.start()\n"
    found = findings(story, *CHECKS, cast=CAST, code=code)
    assert said(found["one-child"]) == [
        "Line 6 asks whether `__name__` is “__mian__”, and it never is.",
        "In a script that is run, `__name__` has one certain value. What stands under any other "
        "is left out.",
        "What exactly is `__name__` in the file that is run?",
    ]
    assert found["says-done"].cause == "one-child"


def test_a_function_that_is_never_called() -> None:
    """The line that starts is there, and nothing leads to it."""
    story = Story()
    story.ends(MAIN, at=s(0.02))
    code = "from multiprocessing import Process\ndef main():\n    p = Process()\n    p.start()\n"
    found = findings(story, *CHECKS, cast=CAST, code=code)
    assert said(found["one-child"]) == [
        "Line 4 would start a process, but it is never executed.",
        "A function does nothing until it is called, and what stands under an `if` is left out "
        "when its condition does not hold.",
        "Which line should lead to line 4?",
    ]


def test_a_thread() -> None:
    """Something else than a process was started."""
    story = Story()
    story.prints(MAIN, "hello Li", at=s(0.02))
    finish(story, done=1.02)
    code = "from threading import Thread\nt = Thread(target=print)\nt.start()\n"
    found = findings(story, *CHECKS, cast=CAST, code=code)
    assert said(found["one-child"]) == [
        "Line 2 calls `threading.Thread`, and no process of `multiprocessing` was started.",
        "A thread is not a process: it lives in main and has main's pid.",
        "Which class does the task ask for?",
    ]


@pytest.mark.parametrize(
    "source",
    [{"calls": "threading.Thread"}, {"avoids": "multiprocessing.Process"}],
    ids=["asked for", "no process"],
)
def test_a_thread_where_the_task_is_about_threads(source: dict[str, str]) -> None:
    """Whoever is asked for threads, or for no process, is not asked which class the task means."""
    story = Story()
    finish(story, done=1.02)
    code = "from threading import Thread\nt = Thread(target=print)\nt.start()\n"
    checks = [{"id": "code", "source": source}, *CHECKS]
    found = findings(story, *checks, cast=CAST, code=code)
    assert "`multiprocessing` was started" not in str(said(found["one-child"]))


def test_what_threads_print_needs_no_process() -> None:
    """Where a name of the cast stands for nobody, as it should, what main prints wrong is told as
    it is, and that a thread was started explains nothing of it.
    """
    story = Story()
    story.prints(MAIN, "total 1999", at=s(0.02))
    finish(story, done=1.02)
    code = "from threading import Thread\nt = Thread(target=print)\nt.start()\n"
    found = findings(
        story,
        {"id": "none", "count": {"who": "child", "is": 0}},
        {"id": "total", "prints": {"text": "total 2000", "by": "main"}},
        cast={"child": {"children-of": "main"}},
        code=code,
    )
    assert found["none"].status is Status.PASSED
    assert "total 1999" in said(found["total"])[0]
    assert "no process" not in str(said(found["total"]))


def test_full_queue() -> None:
    """Row 19: join before the queue is read."""
    story = Story()
    number = story.start(at=s(0.01), variable="p", line=8)
    story.prints(number, "hello Li", at=s(0.02))
    story.blocks(MAIN, WaitReason.CHILD, number, line=9)
    story.blocks(number, WaitReason.PIPE, writing=True)
    story.outcome(Outcome.DEADLOCK)
    failed, skipped, passed = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == "clean"
    assert said(failed) == [
        "Main waits for the end of p (line 9), and p waits until what it has put into its queue "
        "is read. Both stand still from 0.02 s on.",
        "Only a little fits between two processes. A process that has put more into a queue "
        "cannot end before it is read. With little data it works, and that is luck.",
        "What does main do after its wait that p needs before?",
    ]
    assert passed == {"one-child", "greets"}
    assert skipped == {"says-done", "waits", "done-last", "one-second"}


def test_waiting_for_input() -> None:
    """Nobody types."""
    story = Story()
    story.asks(MAIN, "name? ", at=s(0.01))
    story.outcome(Outcome.WAITING_FOR_INPUT)
    failed, _, _ = told(story, "name = input('name? ')")
    assert failed.check == "clean"
    assert said(failed) == [
        "Main asks “name? ” and waits for someone to type.",
        "Nobody sits at the keyboard when a script is graded, and this task asks for no input.",
        "Which line asks, and could the value stand in the script instead?",
    ]


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.TIME_LIMIT, "After 1.01 s the program was still running, and it was stopped."),
        (
            Outcome.CPU_LIMIT,
            "The program used up its processor time, 5.00 s, and it was stopped.",
        ),
        (
            Outcome.PROCESS_LIMIT,
            "The program started more and more processes, and it was stopped.",
        ),
        (Outcome.MEMORY_LIMIT, "The program took more and more memory, and it was stopped."),
        (Outcome.OUTPUT_LIMIT, "The program printed more and more, and it was stopped."),
        (
            Outcome.DISK_LIMIT,
            "The program wrote more and more into files, and it was stopped.",
        ),
        (
            Outcome.EVENT_LIMIT,
            "The program printed lines, sent signals, waited or started processes far too often, "
            "and it was stopped.",
        ),
        (
            Outcome.WALL_LIMIT,
            "The program came to no end in the time that the grader gives any program.",
        ),
    ],
)
def test_limits(outcome: Outcome, sentence: str) -> None:
    """What was seen up to the limit is judged; the rest follows from it."""
    story = Story()
    child(story)
    story.outcome(outcome)
    failed, _, passed = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert failed.check == "clean"
    assert said(failed)[0] == sentence
    assert passed == {"one-child", "greets"}


@pytest.mark.parametrize(
    ("outcome", "question"),
    [
        (Outcome.TIME_LIMIT, "What must become true for the program to end?"),
        (Outcome.CPU_LIMIT, "Which loop is that, and what should end it?"),
        (Outcome.PROCESS_LIMIT, "Which processes execute the line that starts one?"),
        (Outcome.MEMORY_LIMIT, "What grows in your script, and when should that stop?"),
        (Outcome.OUTPUT_LIMIT, "Which loop prints, and what should end it?"),
        (Outcome.DISK_LIMIT, "Which loop writes, and what should end it?"),
        (Outcome.EVENT_LIMIT, "Which loop is that, and how often should it go round?"),
        (
            Outcome.WALL_LIMIT,
            "Which of its calls could take so long, and what would have to happen first?",
        ),
    ],
)
def test_what_a_limit_asks(outcome: Outcome, question: str) -> None:
    """The question is about what was used up."""
    story = Story()
    child(story)
    story.outcome(outcome)
    failed, _, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert said(failed)[2] == question


def test_a_sleep_beyond_the_limit() -> None:
    """On a real clock the run is stopped at once, and nothing is said of a time that passed."""
    story = Story()
    child(story)
    story.blocks(MAIN, WaitReason.SLEEP)
    story.outcome(Outcome.TIME_LIMIT)
    failed, _, _ = told(story, "import time", "time.sleep(100000)")
    assert said(failed) == [
        "Main was asleep and would have slept past the 60.00 s that the program may take. It was "
        "stopped.",
        "A loop that never ends, or a sleep that is far too long, keeps it going.",
        "What must become true for the program to end?",
    ]
    assert failed.feedback.line == Location(SCRIPT, 8)


def test_a_sleep_to_the_limit() -> None:
    """On the virtual clock the time has passed, and that is what is said."""
    story = Story()
    child(story)
    story.sleeps(MAIN, at=s(2), until=s(60))
    story.prints(MAIN, "late", at=s(60))
    story.blocks(MAIN, WaitReason.SLEEP)
    story.outcome(Outcome.TIME_LIMIT)
    failed, _, _ = told(story, "import time", "while True: time.sleep(1)")
    assert said(failed)[0] == "After 60.00 s the program was still running, and it was stopped."
    assert failed.feedback.line is None


def test_a_fork_bomb_is_one_mistake() -> None:
    """How many processes there were when it was stopped is told no second time."""
    story = Story()
    for at in (0.01, 0.02, 0.03):
        story.start(at=s(at))
    story.outcome(Outcome.PROCESS_LIMIT)
    found = findings(
        story,
        {"count": {"who": "child", "is": 1}},
        {"clean": True},
        cast=CAST,
        code="import os\nwhile True:\n    os.fork()\n",
    )
    assert found["check-1"].status is Status.SKIPPED
    assert found["check-1"].cause == "check-2"
    assert happened(found["check-2"]) == (
        "The program started more and more processes, and it was stopped."
    )


def test_main_ends_early() -> None:
    """``os._exit`` in main, or a signal."""
    story = Story()
    child(story)
    story.ends(MAIN, at=s(0.02), exit_status=3)
    failed, _, _ = told(story, "p = Process(target=f, args=('Li',))", "p.start()")
    assert said(failed) == [
        "Main ended by itself at 0.02 s, with exit status 3.",
        "Main ended the program itself, and with an exit status that means an error.",
        "Which line ends main, and should it?",
    ]
    story = Story()
    story.ends(MAIN, at=s(0.02), signal=9)
    assert said(told(story)[0])[:1] == ["Main was ended by the system at 0.02 s (SIGKILL)."]


def test_a_target_that_is_called_with_too_little() -> None:
    """No line of the script raised it: the one that makes the process object is shown."""
    story = Story()
    number = story.start(at=s(0.01), variable="p", line=8)
    story.raises(
        number,
        "Process Process-1:\nTraceback (most recent call last):\n"
        '  File "/usr/lib/python3.11/multiprocessing/process.py", line 108, in run\n'
        "TypeError: f() missing 1 required positional argument: 'name'",
        at=s(0.02),
    )
    story.waits(MAIN, number, at=s(0.02))
    finish(story, done=1.02)
    failed, _, _ = told(story, "p = Process(target=f)", "p.start()", "p.join()")
    assert said(failed)[:2] == [
        "p stopped with an error: `TypeError: f() missing 1 required positional argument: 'name'`.",
        "The function expects something for `name`, and the call gives it nothing.",
    ]
    assert failed.feedback.line is not None
    assert failed.feedback.line.line == 7


def test_what_is_said_of_the_run_as_a_whole() -> None:
    """A full queue is told in the same words, and not once more as any standstill."""
    story = Story()
    number = child(story)
    story.blocks(MAIN, WaitReason.CHILD, number, line=9)
    story.blocks(number, WaitReason.PIPE, writing=True, made=7, line=4)
    story.outcome(Outcome.DEADLOCK)
    note = note_on(context(story))
    assert note is not None
    assert note.in_language("en").startswith("Main waits for the end of p (line 9), and p waits")
