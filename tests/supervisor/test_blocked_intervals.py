"""What processes wait for while time is skipped, where no call of theirs tells of it."""

from __future__ import annotations

import pytest

from grader.schedules import parse_schedule
from grader.trace import BlockedInterval, WaitReason

from .conftest import Supervise
from .reading import SECOND, having

pytestmark = pytest.mark.usefixtures("any_isolation")

THREE_THAT_WAIT = """
    import time
    from multiprocessing import Event, Lock, Process, Queue

    def locked(lock):
        with lock:
            print("locked")

    def queued(queue):
        print(queue.get())

    def woken(event):
        event.wait()

    if __name__ == "__main__":
        lock, queue, event = Lock(), Queue(), Event()
        ps = [
            Process(target=locked, args=(lock,)),
            Process(target=queued, args=(queue,)),
            Process(target=woken, args=(event,)),
        ]
        with lock:
            for p in ps:
                p.start()
            time.sleep(1)
        time.sleep(1)
        queue.put("item")
        time.sleep(1)
        event.set()
        for p in ps:
            p.join()
"""


@pytest.mark.parametrize("schedule", ["natural", "child-first"])
def test_who_waits_for_what_and_how_long(supervise: Supervise, schedule: str) -> None:
    """One span for each, however often time was skipped meanwhile."""
    trace = supervise(THREE_THAT_WAIT, schedule=parse_schedule(schedule))
    waits = [
        (blocked.by, blocked.obstacle, round((blocked.until - blocked.at) / SECOND))
        for blocked in sorted(having(trace, BlockedInterval), key=lambda each: each.by)
    ]
    assert waits == [
        (1, WaitReason.LOCK, 1),
        (2, WaitReason.PIPE, 2),
        (3, WaitReason.SEMAPHORE, 3),
    ]


def test_what_events_tell_is_not_told_twice(supervise: Supervise) -> None:
    """Sleeps, and waits for children, with a time-out or without."""
    trace = supervise("""
        import time
        from multiprocessing import Process
        from multiprocessing.connection import wait
        if __name__ == "__main__":
            p, q = (Process(target=time.sleep, args=(seconds,)) for seconds in (1, 2))
            p.start()
            q.start()
            p.join(0.5)
            p.join()
            wait([q.sentinel])
    """)
    assert not having(trace, BlockedInterval)


def test_a_server_that_accepts_and_a_client_that_listens(supervise: Supervise) -> None:
    """One waits for a client, the other for what comes through the connection."""
    trace = supervise("""
        import socket
        import time
        from multiprocessing import Process

        def ask(port):
            time.sleep(1)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.recv(10)

        if __name__ == "__main__":
            with socket.create_server(("127.0.0.1", 0)) as server:
                p = Process(target=ask, args=(server.getsockname()[1],))
                p.start()
                connection, _ = server.accept()
                with connection:
                    time.sleep(1)
                    connection.sendall(b"hello")
            p.join()
    """)
    waits = {(blocked.by, blocked.obstacle) for blocked in having(trace, BlockedInterval)}
    assert waits == {(0, WaitReason.CLIENT), (1, WaitReason.SOCKET)}
