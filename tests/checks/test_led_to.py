"""Errors that lead to others: the first one is told, on hand-written traces."""

from __future__ import annotations

from grader.checks import Finding, Status
from grader.trace import MAIN, Outcome, ProcessNumber, Stream, WaitReason
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, findings, said

DONE = {"id": "done", "prints": {"text": "done", "by": "main"}}
CLEAN = {"id": "clean", "clean": True}
CODE = (
    "from multiprocessing import Process, Queue\n"
    "def work(q): q.put(1 / 0)\n"
    "q = Queue()\n"
    "q.put(item)\n"
    "p = Process(target=work, args=(q,))\n"
    "p.start()\n"
    "if p.exitcode:\n"
    "    raise RuntimeError('a child failed')\n"
)


def report(error: str, line: int, *frames: str) -> str:
    """As Python reports an exception, after frames of the library."""
    library = "".join(f'  File "/usr/lib/python3.11/{frame}\n' for frame in frames)
    own = f'  File "student.py", line {line}, in work\n' if line else ""
    return f"Traceback (most recent call last):\n{own}{library}{error}\n"


def told(story: Story, code: str = CODE, **cast: object) -> Finding:
    """The one check that fails; the other is skipped."""
    found = findings(story, DONE, CLEAN, cast=cast or ONE_CHILD, code=code)
    (failed,) = [each for each in found.values() if each.status is Status.FAILED]
    return failed


def child_fails(story: Story) -> ProcessNumber:
    child = story.start(at=s(0.01), variable="p", line=5)
    story.raises(child, report("ZeroDivisionError: division by zero", 2), at=s(0.1))
    return child


def test_nothing_came() -> None:
    """Main's own error is a consequence of the child's."""
    story = Story()
    child_fails(story)
    story.raises(MAIN, report("_queue.Empty", 6), at=s(1))
    assert said(told(story))[0] == (
        "p stopped with an error at line 2: `ZeroDivisionError: division by zero`. Then main "
        "stopped at line 6, too: `Empty`."
    )


def test_main_asks_how_the_child_ended() -> None:
    """So is one that the script raises for the child's exit status."""
    story = Story()
    child_fails(story)
    story.raises(MAIN, report("RuntimeError: a child failed", 8), at=s(1))
    assert said(told(story))[0].startswith("p stopped with an error at line 2")


def test_an_error_of_its_own() -> None:
    """One that has nothing to do with the child is told as main's."""
    story = Story()
    child_fails(story)
    story.raises(MAIN, report("NameError: name 'x' is not defined", 6), at=s(1))
    assert said(told(story))[0].startswith("Main stopped with an error at line 6: `NameError")


def test_a_child_that_died_and_main_that_waits() -> None:
    """The standstill is a consequence as well."""
    story = Story()
    child_fails(story)
    story.blocks(MAIN, WaitReason.PIPE, line=6)
    story.outcome(Outcome.DEADLOCK)
    assert said(told(story))[0].startswith("p stopped with an error at line 2")


def test_what_could_not_be_sent() -> None:
    """The item is lost in the queue's own thread; the line is that of the put."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=5)
    lost = report("TypeError: cannot pickle 'function' object", 0, 'queues.py", line 244, in _feed')
    for line in lost.splitlines():
        story.prints(MAIN, line, at=s(0.02), stream=Stream.STDERR)
    story.raises(child, report("_queue.Empty", 2), at=s(1))
    story.ends(MAIN, at=s(2))
    finding = told(story, CODE.replace("item", "lambda: 1"))
    assert finding.mistake == "item-lost"
    assert said(finding)[0] == (
        "What main put into a queue at line 4 could not be sent, and was lost: `TypeError: cannot "
        "pickle 'function' object`."
    )


def test_what_was_lost_without_a_word() -> None:
    """A process that is about to end does not report it; the code shows that it cannot be sent."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p", line=5), at=s(0.1))
    story.blocks(MAIN, WaitReason.PIPE, line=6)
    story.outcome(Outcome.DEADLOCK)
    code = CODE.replace("item", "lambda: 1")
    assert said(told(story, code))[0] == (
        "Line 4 puts `lambda: 1` into a queue. That cannot be sent, and was lost."
    )


def test_an_error_that_a_worker_handed_on() -> None:
    """The line is that of the worker, not of the call that asked for the result."""
    story = Story()
    quotes = '"""'
    inner = report("ZeroDivisionError: division by zero", 2)
    cause = "The above exception was the direct cause of the following exception:"
    outer = report("ZeroDivisionError: division by zero", 6, 'pool.py", line 774, in get')
    text = (
        f"multiprocessing.pool.RemoteTraceback: \n{quotes}\n{inner}{quotes}\n\n{cause}\n\n{outer}"
    )
    story.raises(MAIN, text, at=s(1))
    finding = told(story)
    assert said(finding)[0] == (
        "Main stopped with an error at line 6: `ZeroDivisionError: division by zero`. It was "
        "raised in a worker of the pool, at line 2."
    )
    assert finding.feedback.line is not None
    assert finding.feedback.line.line == 2


def test_an_initializer_that_fails() -> None:
    """A pool that starts workers for ever is no loop of the script."""
    story = Story()
    for number in range(6):
        worker = story.start(at=s(number), name=f"ForkPoolWorker-{number + 1}")
        story.raises(worker, report("ValueError: no", 2), at=s(number + 0.5))
    story.outcome(Outcome.CPU_LIMIT)
    finding = told(story, **WORKERS)
    assert finding.mistake == "workers-die"
    assert said(finding)[0] == (
        "Each worker of the pool stopped with an error, the first one at line 2: `ValueError: no`. "
        "The pool started others in their place, and all was stopped."
    )


def test_an_exit_of_another_process() -> None:
    """Main ended as a line says that only the child comes to: that line did not do it."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p", line=3), at=s(0.1), exit_status=1)
    story.ends(MAIN, at=s(0.2), exit_status=1)
    code = (
        "import sys\nfrom multiprocessing import Process\n"
        "def work(): sys.exit(1)\np = Process(target=work)\nsys.exit(p.exitcode)\n"
    )
    assert said(told(story, code))[0] == "Main ended by itself at 0.20 s, with exit status 1."


def test_a_flood_of_lines() -> None:
    """Only what there was too much of is told, and which kind of line did it."""
    story = Story()
    for number in range(50):
        story.prints(MAIN, "x", at=s(number / 100))
    story.outcome(Outcome.EVENT_LIMIT)
    assert said(told(story))[:2] == [
        "The program printed line after line, 50 of them, and it was stopped.",
        "A line that prints is executed again and again without an end.",
    ]


def test_a_flood_of_signals() -> None:
    """The reason is about signals, not about all that could be too much."""
    story = Story()
    for number in range(50):
        story.signals(MAIN, MAIN, at=s(number / 100), signal=10)
    story.outcome(Outcome.EVENT_LIMIT)
    assert said(told(story))[:2] == [
        "The program sent signal after signal, 50 of them, and it was stopped.",
        "A line that sends a signal is executed again and again without an end.",
    ]


def test_a_forgotten_flag() -> None:
    """What should be a daemon and loops is told once: main waits for it."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=5)
    story.prints(MAIN, "done", at=s(1))
    story.code_ends(MAIN, at=s(1))
    story.left_alive(child)
    story.outcome(Outcome.TIME_LIMIT)
    flag = {"id": "flag", "daemon": {"who": "child", "is": True}}
    found = findings(story, flag, DONE, CLEAN, cast=ONE_CHILD, code=CODE)
    assert said(found["flag"])[0] == (
        "p was not a daemon when it started. Main's code was over at 1.00 s, main waited for p, "
        "and p was still at work when the time limit was reached."
    )
    assert found["clean"].cause == "flag"


def test_a_misspelt_flag() -> None:
    """That main waits for what is no daemon follows from the spelling, and costs nothing more."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=4)
    story.code_ends(MAIN, at=s(1))
    story.left_alive(child)
    story.outcome(Outcome.TIME_LIMIT)
    flag = {"id": "flag", "daemon": {"who": "child", "is": True}}
    code = "from multiprocessing import Process\np = Process(target=f)\np.deamon = 1\np.start()\n"
    found = findings(story, flag, CLEAN, cast=ONE_CHILD, code=code)
    assert found["flag"].status is Status.FAILED
    assert found["clean"].status is Status.SKIPPED


def test_a_misspelt_flag_beside_an_error() -> None:
    """What else goes wrong is told as well: the spelling did not lead to it."""
    story = Story()
    story.ends(child_fails(story), at=s(0.2), exit_status=1)
    story.ends(MAIN, at=s(1))
    flag = {"id": "flag", "daemon": {"who": "child", "is": True}}
    found = findings(story, flag, CLEAN, cast=ONE_CHILD, code=f"{CODE}p.deamon = True\n")
    assert {each.status for each in found.values()} == {Status.FAILED}
