"""What the probe tells of the library's classes and functions, as far as it is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from grader.exercise.python_names import reported_call
from grader.trace import MAIN, Called, Outcome, StartMethod, Trace

from .conftest import Supervise
from .reading import output

SCRIPT = """
    import multiprocessing as mp
    import queue
    import threading
    from concurrent.futures import ThreadPoolExecutor, wait
    from multiprocessing import Lock, Value

    class Places(threading.BoundedSemaphore):
        pass

    def work(lock, items, total):
        for i in range(3):
            with lock:
                items.put(i)
        with total:
            total.value += 1

    def square(x):
        return x * x

    def in_thread(lock, again):
        lock.acquire()
        lock.release()
        again.acquire()
        again.release()

    if __name__ == "__main__":
        lock = Lock()
        items = mp.JoinableQueue()
        total = Value("i", 0)
        p = mp.Process(target=work, args=(lock, items, total))
        p.start()
        print(sorted(items.get() for _ in range(3)))
        p.join()
        here, there = mp.Pipe()
        here.send(1)
        there.recv()
        lock, again = threading.Lock(), threading.RLock()
        thread = threading.Thread(target=in_thread, args=(lock, again))
        thread.start()
        thread.join()
        with ThreadPoolExecutor(2) as executor:
            future = executor.submit(square, 3)
            wait([future])
            print(future.result())
        with mp.Pool(1) as pool:
            print(pool.map(square, [1, 2]))
        ready = mp.Event()
        ready.set()
        ready.wait()
        with mp.Manager() as manager:
            manager.dict()
        letters = queue.SimpleQueue()
        letters.put(1)
        with Places(2):
            pass
        mp.Barrier(1).wait()
    """
ONCE_BY_MAIN = (
    *("multiprocessing.Lock", "multiprocessing.Queue", "multiprocessing.Value"),
    *("multiprocessing.Pipe", "multiprocessing.Connection.send", "multiprocessing.Barrier.wait"),
    *("multiprocessing.Pool", "multiprocessing.Pool.map", "multiprocessing.Pool.terminate"),
    *("multiprocessing.Event.set", "multiprocessing.Event.wait", "multiprocessing.Manager"),
    *("multiprocessing.Manager.dict", "threading.Lock", "threading.Lock.acquire"),
    *("threading.RLock.release", "threading.Thread", "threading.Thread.start"),
    *("threading.Thread.join", "threading.Semaphore", "threading.Semaphore.acquire"),
    *("queue.SimpleQueue.put", "concurrent.futures.ThreadPoolExecutor", "concurrent.futures.wait"),
    *("concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.Future.result"),
    "concurrent.futures.ThreadPoolExecutor.shutdown",
)
BY_THE_CHILD = {
    "multiprocessing.Lock.acquire": 3,
    "multiprocessing.Lock.release": 3,
    "multiprocessing.Queue.put": 3,
    "multiprocessing.Value.acquire": 1,
}
NEVER = (
    *("multiprocessing.Semaphore", "multiprocessing.Event.clear", "multiprocessing.Pool.close"),
    *("threading.Event", "threading.Condition", "threading.Barrier.wait", "queue.Queue"),
    *("multiprocessing.Array", "concurrent.futures.ProcessPoolExecutor.submit"),
)


def asked(*names: str, most: int = 9) -> tuple[str, ...]:
    return (*map(reported_call, names), f"most={most}")


def used(trace: Trace) -> Counter[tuple[int, str]]:
    calls = [each for each in trace.of_kind(Called) if "." in each.function]
    return Counter((each.by, each.function) for each in calls)


def test_what_is_called_and_by_whom(
    supervise: Supervise, python: Path, start_method: StartMethod
) -> None:
    """Each call of the student's own lines, and none that the library makes for them."""
    names = (*ONCE_BY_MAIN, *BY_THE_CHILD, *NEVER)
    trace = supervise(SCRIPT, python=python, start_method=start_method, reports=asked(*names))
    assert trace.outcome is Outcome.FINISHED, output(trace)
    found = used(trace)
    child = next(number for number, _ in found if number != MAIN)
    expected = {(MAIN, name): 1 for name in ONCE_BY_MAIN}
    expected |= {(child, name): count for name, count in BY_THE_CHILD.items()}
    expected[MAIN, "threading.Semaphore"] = 1
    assert found == expected


def test_the_line_the_variable_and_the_thread(supervise: Supervise) -> None:
    """A call has them, as far as there are such."""
    trace = supervise(
        """
        import threading
        def work(box):
            box.wait()
        gate = threading.Event()
        thread = threading.Thread(target=work, args=(gate,))
        thread.start()
        gate.set()
        """,
        reports=asked("threading.Event.wait", "threading.Event.set"),
    )
    calls = [(each.function, each.name, each.thread, each.line) for each in trace.of_kind(Called)]
    assert [(*call[:3], call[3] and call[3].line) for call in sorted(calls)] == [
        ("threading.Event.set", "gate", None, 8),
        ("threading.Event.wait", "box", 1, 4),
    ]


def test_of_a_line_as_many_calls_as_are_asked_for(supervise: Supervise) -> None:
    """A loop that takes a lock a million times costs no more than one that takes it twice."""
    trace = supervise(
        """
        import multiprocessing
        lock = multiprocessing.Lock()
        for _ in range(1000):
            with lock:
                pass
        """,
        reports=asked("multiprocessing.Lock.acquire", most=2),
    )
    assert used(trace) == {(MAIN, "multiprocessing.Lock.acquire"): 2}


@pytest.mark.parametrize("call", ["threading.Lock(1)", "threading.Barrier()", "mp.Value('?')"])
def test_no_frame_of_ours_is_in_a_traceback(supervise: Supervise, call: str) -> None:
    """An error in such a call looks as it does anywhere."""
    trace = supervise(
        f"import threading, multiprocessing as mp\n{call}\n",
        reports=asked("threading.Lock.acquire", "threading.Barrier", "multiprocessing.Value"),
    )
    assert "usage.py" not in str(output(trace))
    assert "line 2" in str(output(trace))
