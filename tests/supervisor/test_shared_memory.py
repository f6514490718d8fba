"""Semaphores and shared memory are files of the run's own, with bubblewrap and without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox import SHARED_MEMORY, IsolationName
from grader.schedules import parse_schedule
from grader.trace import Outcome, Printed, Trace
from grader.trace.canonical import canonical
from tests.supervisor.conftest import Supervise

pytestmark = pytest.mark.usefixtures("any_isolation")


def lines(trace: Trace) -> list[str]:
    return [event.text for event in trace.events if isinstance(event, Printed)]


def test_who_forgets_to_unlink_leaves_nothing(supervise: Supervise) -> None:
    """Shared memory outlives its processes, but not its run."""
    trace = supervise("""
        import os
        from multiprocessing import resource_tracker
        from multiprocessing.shared_memory import SharedMemory
        memory = SharedMemory("grader-test-left", create=True, size=100)
        resource_tracker.unregister(memory._name, "shared_memory")
        open("/dev/shm/grader-test-file", "w").close()
        print("made", flush=True)
        os._exit(0)
    """)
    assert lines(trace) == ["made"]
    assert not list(Path(SHARED_MEMORY).glob("*grader-test*"))


def test_what_others_have_there_is_neither_seen_nor_touched(supervise: Supervise) -> None:
    """A name that somebody else has taken is free in the run."""
    theirs = Path(SHARED_MEMORY, f"grader-test-theirs-{os.getpid()}")
    theirs.write_text("theirs")
    try:
        trace = supervise(f"""
            import os
            place = {str(theirs)!r}
            try:
                os.open(place, os.O_RDWR)
            except OSError as error:
                print(type(error).__name__)
            with open(place, "x+") as file:
                file.write("mine")
                file.seek(0)
                print(file.read())
            os.rename(place, place + "-2")
            os.link(place + "-2", place)
            os.unlink(place)
        """)
        assert lines(trace) == ["FileNotFoundError", "mine"]
        assert theirs.read_text() == "theirs"
    finally:
        theirs.unlink()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_meet_there_by_name(supervise: Supervise, method: str) -> None:
    """A semaphore is opened by its name in a process that was not forked."""
    trace = supervise(f"""
        import multiprocessing
        from multiprocessing.shared_memory import SharedMemory

        def work(lock, name):
            memory = SharedMemory(name)
            with lock:
                memory.buf[0] += 1
            memory.close()

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            memory = SharedMemory(create=True, size=1)
            lock = context.Lock()
            ps = [context.Process(target=work, args=(lock, memory.name)) for _ in range(2)]
            for p in ps:
                p.start()
            for p in ps:
                p.join()
            print(memory.buf[0])
            memory.close()
            memory.unlink()
    """)
    assert (trace.outcome, lines(trace)) == (Outcome.FINISHED, ["2"])


def test_the_same_chance_may_give_the_same_names(
    supervise: Supervise, any_isolation: IsolationName
) -> None:
    """What a run left behind is not in the way of the next, which draws the same names: to try
    once more would take time.
    """
    source = """
        import os
        from multiprocessing import Lock, resource_tracker
        from multiprocessing.shared_memory import SharedMemory
        lock = Lock()
        memory = SharedMemory(create=True, size=1)
        resource_tracker.unregister(memory._name, "shared_memory")
        print(memory.name, lock)
        os._exit(0)
    """
    schedule = parse_schedule("child-first")
    one, other = (canonical(supervise(source, schedule=schedule)) for _ in range(2))
    assert one == other
    assert one.isolation == any_isolation
    assert lines(one)
