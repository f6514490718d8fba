"""Real scripts that say themselves what they do. Nothing here depends on how fast they are."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.exercise import DialogueStep
from grader.limits import Limits
from grader.plan import Plan
from grader.schedules import parse_schedule
from grader.selfcheck import running
from grader.selfcheck.running import run
from grader.selfcheck.system import Posix, System, Windows
from grader.submission import read_submission
from grader.trace import (
    MAIN,
    Called,
    Outcome,
    Signalled,
    StartMethod,
    Trace,
    Witness,
)
from grader.trace.questions import (
    children_of,
    created,
    end_of,
    ended_by,
    every,
    process,
    waited_for,
)

from ..building import lines_of
from ..repeating import exhaustive

Observe = Callable[..., Trace]

HELLO = """
    import os
    from multiprocessing import Process, current_process

    def work(word):
        print(word, os.getpid(), os.getppid(), current_process().name, flush=True)

    if __name__ == "__main__":
        first = Process(target=work, args=("hello",), name="Anna")
        first.start()
        first.join()
        print("你好")
"""


@pytest.fixture
def observe(tmp_path: Path) -> Observe:
    """Runs a script, given as a text, by a plan with these fields."""

    def observe(source: str, system: System | None = None, **fields: Any) -> Trace:
        script = tmp_path / "student.py"
        script.write_text(textwrap.dedent(source), encoding="utf-8")
        limits = Limits(time=40 * 10**9)
        plan = Plan(**{"submission": read_submission(script), "limits": limits, **fields})
        return run(plan, system or Posix())

    return observe


def texts(trace: Trace, number: int | None = None) -> list[str]:
    return [line.text for line in lines_of(trace, number)]


@pytest.mark.parametrize(
    "method",
    [StartMethod.FORK, *exhaustive(StartMethod.SPAWN, StartMethod.FORKSERVER)],
)
def test_who_did_what_is_known(method: StartMethod, observe: Observe):
    """Parents, names, lines with their process, waits and ends."""
    trace = observe(HELLO, start_method=method)
    (child,) = children_of(trace, MAIN)
    assert (child.name, child.daemon, child.start_method) == ("Anna", False, method)
    assert (child.exit_status, child.started_at.line if child.started_at else None) == (0, 10)
    assert texts(trace, child.number) == [f"hello {child.pid} {child.parent_pid} Anna"]
    assert texts(trace, MAIN) == ["你好"]
    wait, end = waited_for(trace, child.number, MAIN), end_of(trace, child.number)
    assert wait is not None
    assert end is not None
    assert trace.events.index(end) < trace.events.index(wait)
    assert process(trace, MAIN).exit_status == 0
    assert (trace.outcome, trace.witness, trace.doubts) == (
        Outcome.FINISHED,
        Witness.SCRIPT,
        (),
    )
    assert not trace.unattributed_output


def test_where_there_is_no_terminal_and_no_fork_it_is_the_same(observe: Observe):
    """The ways of Windows, as far as they can be gone here: pipes, a port, spawn."""
    trace = observe(HELLO, Windows())
    (child,) = children_of(trace, MAIN)
    assert (child.start_method, trace.start_method) == (StartMethod.SPAWN, StartMethod.SPAWN)
    assert texts(trace, child.number) == [f"hello {child.pid} {child.parent_pid} Anna"]
    assert texts(trace, MAIN) == ["你好"]
    assert trace.outcome is Outcome.FINISHED
    assert process(trace, MAIN).exit_status == 0


def test_who_terminates_whom_is_known(observe: Observe):
    """Main by a line of its code; and at its end multiprocessing, of a daemon."""
    trace = observe("""
        import time
        from multiprocessing import Process

        if __name__ == "__main__":
            first = Process(target=time.sleep, args=(1000,))
            second = Process(target=time.sleep, args=(1000,), daemon=True)
            first.start()
            second.start()
            first.terminate()
            first.join()
    """)
    first, second = (each.number for each in children_of(trace, MAIN))
    assert (ended_by(trace, first), ended_by(trace, second)) == (MAIN, "shutdown")
    assert [each.function for each in every(trace, Called)] == [
        "start",
        "start",
        "terminate",
        "join",
    ]


def test_files_at_the_terminal_are_seen(observe: Observe):
    """However they are opened; others, and what is read, are none of them."""
    trace = observe("""
        import io, os, sys
        from pathlib import Path

        sys.stdout = open(sys.stdout.fileno(), "w", encoding="utf-8", buffering=1)
        print("again")
        with os.fdopen(1, "w", closefd=False) as again:
            print("by number", file=again)
        with open("/dev/stdout", "w") as named:
            print("by name", file=named)
        with open(os.dup(2), "wb", 0) as copy:
            copy.write(b"a copy\\n")
        with io.open(1, "ab", closefd=False) as more:
            more.write(b"bytes\\n")
        os.write(os.dup(1), b"written\\n")
        Path("file.txt").write_text("elsewhere")
        first, last = os.pipe()
        with open(last, "w") as pipe:
            print("in a pipe", file=pipe)
        print(open("file.txt").read(), open(first).read(), end="")

        class Student:
            opened = open

        Student().opened(1, "w", closefd=False).write("last")
    """)
    assert texts(trace) == [
        *("again", "by number", "by name", "a copy", "bytes", "written"),
        "elsewhere in a pipe",
        "last",
    ]
    assert (trace.outcome, trace.unattributed_output) == (Outcome.FINISHED, False)


def test_lines_of_programs_are_seen_to_be_nobodys(observe: Observe):
    """A shell's, say: who printed them is not known."""
    trace = observe("""
        import os

        print("mine")
        os.system("echo hello")
    """)
    assert texts(trace) == ["mine"]
    assert trace.unattributed_output


def test_an_exception_is_where_the_student_made_it(observe: Observe):
    """The probe's frames are in no traceback."""
    trace = observe("""
        import time
        time.sleep("long")
    """)
    assert texts(trace) == [
        "Traceback (most recent call last):",
        '  File "student.py", line 3, in <module>',
        '    time.sleep("long")',
        texts(trace)[-1],
    ]
    assert texts(trace)[-1].startswith("TypeError: ")
    assert trace.outcome is Outcome.CRASHED


def test_who_is_left_alive_is_ended(observe: Observe, monkeypatch: pytest.MonkeyPatch):
    """When main has ended without its children, they are found, and no more afterwards."""
    monkeypatch.setattr(running, "_AFTER_MAIN", 0)
    trace = observe(
        """
        import os, time
        from multiprocessing import Process

        if __name__ == "__main__":
            Process(target=time.sleep, args=(1000,)).start()
            os._exit(3)
        """
    )
    (child,) = created(trace)
    assert child.killed_by_grader
    assert process(trace, MAIN).exit_status == 3
    assert (
        not psutil.pid_exists(child.pid)
        or psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    )


def test_threads_that_feed_queues_end_no_deadlock(observe: Observe):
    """Main has one, for it has put something into a queue: nobody waits for it."""
    trace = observe("""
        from multiprocessing import Process, Queue

        def work(queue):
            while queue.get():
                pass

        if __name__ == "__main__":
            queue = Queue()
            child = Process(target=work, args=(queue,))
            child.start()
            queue.put("thing")
            child.join()
    """)
    assert trace.outcome is Outcome.DEADLOCK
    assert [each.line.line for each in trace.blocked if each.line] == [13, 5]


@pytest.mark.exhaustive
def test_a_deadlock_is_found(observe: Observe):
    """Each waits without a time-out, and nobody is left who could end it."""
    trace = observe("""
        from multiprocessing import Lock, Process

        def work(lock):
            lock.acquire()
            lock.acquire()

        if __name__ == "__main__":
            child = Process(target=work, args=(Lock(),))
            child.start()
            child.join()
    """)
    assert trace.outcome is Outcome.DEADLOCK
    assert [(each.process, each.line.line if each.line else None) for each in trace.blocked] == [
        (0, 11),
        (1, 6),
    ]


def test_a_worker_begins_late(observe: Observe):
    """As the schedule says, and the other one does not."""
    schedule = parse_schedule("late:worker-1+1s")
    trace = observe(
        """
        from multiprocessing import Process

        if __name__ == "__main__":
            children = [Process(target=print, args=(place,)) for place in (1, 2)]
            for child in children:
                child.start()
            for child in children:
                child.join()
        """,
        schedule=schedule,
    )
    late, _ = children_of(trace, MAIN)
    assert late.began is not None
    assert late.began - late.started >= 10**9
    assert trace.schedule == schedule


def test_a_worker_is_gone_late(observe: Observe):
    """A signal that was to end it does so a while later, in which it does nothing."""
    trace = observe(
        """
        import time
        from multiprocessing import Process

        if __name__ == "__main__":
            child = Process(target=time.sleep, args=(60,))
            child.start()
            child.terminate()
            print(child.is_alive())
            child.join()
            print(child.is_alive(), child.exitcode)
        """,
        schedule=parse_schedule("late-end:workers+1s"),
    )
    (child,) = children_of(trace, MAIN)
    (sent,) = every(trace, Signalled)
    assert texts(trace, MAIN) == ["True", "False -15"]
    assert child.ended is not None
    assert child.ended - sent.at >= 10**9
    assert ended_by(trace, child.number) == MAIN


@pytest.mark.exhaustive
def test_sleeps_take_longer(observe: Observe):
    """Those of the one that is to be slow."""
    source = """
        import time
        from multiprocessing import Process

        if __name__ == "__main__":
            child = Process(target=time.sleep, args=(0.3,))
            child.start()
            child.join()
        """
    child = children_of(observe(source, schedule=parse_schedule("slow:workersx4")), MAIN)[0]
    assert child.ended is not None
    assert child.ended - child.started >= 1.2 * 10**9


def test_it_is_typed_when_input_is_asked_for(observe: Observe):
    """A prompt is expected, a line sent; then the input ends."""
    steps = (
        DialogueStep(id="name", expect="Name: *"),
        DialogueStep(id="send", send="Anna"),
        DialogueStep(id="end", press="end-of-input"),
    )
    trace = observe(
        """
        name = input("Name: ")
        try:
            input(name + "? ")
        except EOFError:
            print("over")
        """,
        dialogue=steps,
    )
    assert [(each.step, each.after is not None) for each in trace.transcript] == [
        ("name", True),
        ("send", True),
        ("end", True),
    ]
    assert texts(trace) == ["Name: ", "Anna? ", "over"]
    assert (trace.outcome, trace.unattributed_output) == (Outcome.FINISHED, False)


def test_input_that_nobody_types_is_waited_for_in_vain(observe: Observe):
    """It is not waited for until the time is up."""
    assert observe("input()").outcome is Outcome.WAITING_FOR_INPUT


@pytest.mark.parametrize(
    ("source", "limits", "outcome"),
    [
        ("while True: print('x' * 99)", Limits(output=10_000), Outcome.OUTPUT_LIMIT),
        ("while True: pass", Limits(cpu=10**8), Outcome.CPU_LIMIT),
        *exhaustive(
            pytest.param("import time; time.sleep(99)", Limits(time=10**9), Outcome.TIME_LIMIT),
            pytest.param(
                "import os\nwhile True: os.kill(0, 0)", Limits(events=500), Outcome.EVENT_LIMIT
            ),
        ),
    ],
)
def test_limits_are_kept(source: str, limits: Limits, outcome: Outcome, observe: Observe):
    """The run ends there, and says at which."""
    trace = observe(source, limits=limits)
    assert trace.outcome is outcome
    assert process(trace, MAIN).killed_by_grader


def test_the_students_own_modules_come_first(observe: Observe, tmp_path: Path):
    """One that is called like a module of the library, which the probe must not have imported."""
    (tmp_path / "socket.py").write_text("print('mine')")
    (tmp_path / "queue.py").write_text("print('my queue')")
    assert texts(observe("import queue, socket")) == ["my queue", "mine"]
