"""What a run tells of the threads that the student's code starts, where it is asked for them."""

from __future__ import annotations

from pathlib import Path

from grader.trace import ThreadStep

from .conftest import Supervise

SCRIPT = """
    import threading, time

    class Job(threading.Thread):
        def run(self):
            time.sleep(1)

    def outer():
        inner = threading.Thread(target=time.sleep, args=(0.5,), name="inner")
        inner.start()
        inner.join()

    first, second = Job(name="first"), threading.Thread(target=outer, name="second", daemon=True)
    first.start()
    first.join(0.1)
    second.start()
    while second.is_alive():
        time.sleep(0.2)
    first.join()
    """


def test_threads_are_started_end_and_are_waited_for(supervise: Supervise, python: Path) -> None:
    """A join that is over by its time-out has not waited, and a subclass counts."""
    trace = supervise(SCRIPT, python=python, reports=("threads",))
    names = {each.number: each.name for each in trace.threads}
    steps = [
        (
            names[each.thread],
            each.what,
            each.other and names[each.other],
            each.line and each.line.line,
        )
        for each in trace.of_kind(ThreadStep)
    ]
    assert steps == [
        ("first", "started", None, 14),
        ("second", "started", None, 16),
        ("inner", "started", "second", 10),
        ("inner", "ended", None, None),
        ("inner", "joined", "second", 11),
        ("second", "ended", None, None),
        ("second", "asked", None, 17),
        ("first", "ended", None, None),
        ("first", "joined", None, 19),
    ]
    assert [each.daemon for each in trace.threads] == [False, True, True]


def test_nothing_is_told_where_nobody_asks(supervise: Supervise) -> None:
    """Other runs have no such events."""
    assert not supervise(SCRIPT).of_kind(ThreadStep)


def test_no_frame_of_ours_is_in_a_traceback(supervise: Supervise) -> None:
    """An error of join looks as it does anywhere."""
    trace = supervise("import threading\nthreading.current_thread().join()\n", reports=("threads",))
    lines = [event.text for event in trace.events if hasattr(event, "text")]
    assert "RuntimeError: cannot join current thread" in lines
    assert not any("/probe/" in line for line in lines)
