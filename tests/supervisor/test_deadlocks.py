"""A run that can never go on is told at once, with who waits for whom."""

from __future__ import annotations

import pytest

from grader.supervisor.whereabouts import Inquiry
from grader.trace import Blocked, Location, Outcome, Role, StartMethod, Trace, WaitReason

from .conftest import Supervise
from .reading import SECOND, output


def blocked(trace: Trace) -> dict[int, Blocked]:
    return {each.process: each for each in trace.blocked}


def test_a_lock_that_is_never_released(supervise: Supervise):
    """Acquiring a lock twice blocks for ever; what was printed before is kept."""
    trace = supervise(
        """
        from multiprocessing import Lock
        lock = Lock()
        lock.acquire()
        print("before", flush=True)
        lock.acquire()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert output(trace) == ["before"]
    stuck = blocked(trace)[0]
    assert (stuck.obstacle, stuck.waiting_for) == (WaitReason.LOCK, (0,))
    assert stuck.made is not None
    assert stuck.made.line == 3
    assert trace.duration < SECOND


def test_two_locks_in_opposite_order(supervise: Supervise):
    """Each of two children holds what the other one wants; main waits for both."""
    trace = supervise(
        """
        import time
        from multiprocessing import Lock, Process

        def work(first, second):
            with first:
                time.sleep(1)
                with second:
                    print("never")

        if __name__ == "__main__":
            a, b = Lock(), Lock()
            p, q = Process(target=work, args=(a, b)), Process(target=work, args=(b, a))
            p.start(); q.start()
            p.join(); q.join()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert output(trace) == []
    stuck = blocked(trace)
    assert (stuck[0].obstacle, stuck[0].waiting_for) == (WaitReason.CHILD, (1,))
    assert stuck[1].obstacle is stuck[2].obstacle is WaitReason.LOCK
    assert (stuck[1].waiting_for, stuck[2].waiting_for) == ((2,), (1,))


def test_a_semaphore_that_was_passed_through(supervise: Supervise):
    """Nobody holds one that begins at zero: whoever passed it was let through."""
    trace = supervise(
        """
        from multiprocessing import Process, Semaphore
        def work(semaphore):
            semaphore.acquire()
            semaphore.acquire()
        if __name__ == "__main__":
            semaphore = Semaphore(0)
            p = Process(target=work, args=(semaphore,))
            p.start()
            semaphore.release()
            p.join()
        """
    )
    stuck = blocked(trace)[1]
    assert (stuck.obstacle, stuck.waiting_for) == (WaitReason.SEMAPHORE, ())


def test_a_lock_whose_holder_is_gone(supervise: Supervise):
    """Nobody holds it any more, and it is not free."""
    trace = supervise(
        """
        from multiprocessing import Lock, Process

        def work(lock):
            lock.acquire()

        if __name__ == "__main__":
            lock = Lock()
            p = Process(target=work, args=(lock,))
            p.start()
            p.join()
            lock.acquire()
        """
    )
    stuck = blocked(trace)[0]
    assert (stuck.obstacle, stuck.waiting_for) == (WaitReason.LOCK, ())
    assert stuck.made is not None
    assert stuck.made.line == 8


@pytest.mark.parametrize("made", ["Event()", "Condition()", "Barrier(3)", "Semaphore(0)"])
def test_nobody_wakes_it(supervise: Supervise, made: str):
    """What is waited at is a semaphore that nobody has taken."""
    trace = supervise(
        f"""
        from multiprocessing import Barrier, Condition, Event, Process, Semaphore

        def work(waking):
            if hasattr(waking, "wait_for"):
                with waking:
                    waking.wait()
            elif hasattr(waking, "wait"):
                waking.wait()
            else:
                waking.acquire()

        if __name__ == "__main__":
            waking = {made}
            p = Process(target=work, args=(waking,))
            p.start()
            p.join()
        """
    )
    stuck = blocked(trace)[1]
    assert (stuck.obstacle, stuck.waiting_for) == (WaitReason.SEMAPHORE, ())
    assert stuck.made is not None
    assert stuck.made.line == 14


def test_all_of_a_semaphore_is_taken(supervise: Supervise):
    """Who has taken it counts, however many may have it at once."""
    trace = supervise(
        """
        from multiprocessing import Process, Semaphore

        def work(both):
            both.acquire()
            both.acquire()

        if __name__ == "__main__":
            both = Semaphore(2)
            ps = [Process(target=work, args=(both,)) for _ in range(2)]
            both.acquire()
            for p in ps:
                p.start()
            for p in ps:
                p.join()
        """
    )
    stuck = blocked(trace)
    assert {stuck[1].obstacle, stuck[2].obstacle} == {WaitReason.SEMAPHORE}
    assert 0 in stuck[1].waiting_for
    assert len(set(stuck[1].waiting_for) & {1, 2}) == 1


def test_a_queue_that_is_not_drained_before_the_join(
    supervise: Supervise, start_method: StartMethod
):
    """The child cannot end before its data is read, and main does not read before it ends."""
    trace = supervise(
        """
        from multiprocessing import Process, Queue

        def work(q):
            q.put("x" * 1_000_000)

        if __name__ == "__main__":
            q = Queue()
            p = Process(target=work, args=(q,))
            p.start()
            p.join()
            q.get()
        """,
        start_method=start_method,
    )
    assert trace.outcome is Outcome.DEADLOCK
    (worker,) = [each.number for each in trace.processes if each.creator == 0]
    stuck = blocked(trace)
    assert (stuck[0].obstacle, stuck[0].waiting_for) == (WaitReason.CHILD, (worker,))
    assert (stuck[worker].obstacle, stuck[worker].writing) == (WaitReason.PIPE, True)
    assert 0 in stuck[worker].waiting_for


def test_a_queue_for_only_so_many_that_is_full(supervise: Supervise):
    """Who puts one more waits for room in the queue, and for no lock that somebody holds."""
    trace = supervise(
        """
        from multiprocessing import Process, Queue

        def work(queue):
            for number in range(4): queue.put(number)

        if __name__ == "__main__":
            queue = Queue(3)
            p = Process(target=work, args=(queue,))
            p.start()
            p.join()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    stuck = blocked(trace)[1]
    assert (stuck.obstacle, stuck.writing, stuck.waiting_for) == (WaitReason.PIPE, True, ())
    assert (stuck.made, stuck.line) == (Location("student.py", 8), Location("student.py", 5))


def test_an_empty_queue_that_nobody_fills(supervise: Supervise):
    """get() without a put() waits for ever."""
    trace = supervise("from multiprocessing import Queue; Queue().get()")
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].obstacle is WaitReason.PIPE


def test_a_pipe_whose_other_end_is_ones_own(supervise: Supervise):
    """Reading from a pipe while oneself holds its only writing end."""
    trace = supervise("import os; r, w = os.pipe(); os.read(r, 1)")
    assert trace.outcome is Outcome.DEADLOCK
    assert (blocked(trace)[0].obstacle, blocked(trace)[0].waiting_for) == (WaitReason.PIPE, ())


def test_two_that_read_from_each_other(supervise: Supervise):
    """Each waits for the other one's message, and both are named."""
    trace = supervise(
        """
        from multiprocessing import Pipe, Process

        if __name__ == "__main__":
            a_read, a_write = Pipe(duplex=False)
            b_read, b_write = Pipe(duplex=False)
            def child():
                a_read.recv()
                b_write.send(1)
            p = Process(target=child)
            p.start()
            b_read.recv()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    stuck = blocked(trace)
    assert (stuck[0].obstacle, stuck[0].waiting_for) == (WaitReason.PIPE, (1,))
    assert (stuck[1].obstacle, stuck[1].waiting_for) == (WaitReason.PIPE, (0,))


def test_a_join_on_a_child_that_waits_for_main(supervise: Supervise):
    """An event that main would set after the join."""
    trace = supervise(
        """
        from multiprocessing import Event, Process

        if __name__ == "__main__":
            e = Event()
            p = Process(target=e.wait)
            p.start()
            p.join()
            e.set()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].waiting_for == (1,)
    assert blocked(trace)[1].obstacle is WaitReason.SEMAPHORE


def test_a_barrier_that_one_does_not_reach(supervise: Supervise):
    """Three are expected and two come."""
    trace = supervise(
        """
        from multiprocessing import Barrier, Process

        if __name__ == "__main__":
            barrier = Barrier(3)
            ps = [Process(target=barrier.wait) for _ in range(2)]
            for p in ps: p.start()
            for p in ps: p.join()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK


def test_a_lock_whose_holder_was_killed(supervise: Supervise):
    """terminate() in the middle of `with lock`: nobody ever gets it."""
    trace = supervise(
        """
        import time
        from multiprocessing import Lock, Process

        def hold(lock):
            with lock: time.sleep(9)

        if __name__ == "__main__":
            lock = Lock()
            p = Process(target=hold, args=(lock,))
            p.start()
            time.sleep(1)
            p.terminate()
            p.join()
            lock.acquire()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK


def test_threads_can_deadlock_too(supervise: Supervise):
    """A thread that waits for itself to be joined."""
    trace = supervise(
        """
        import threading
        lock = threading.Lock()
        lock.acquire()
        t = threading.Thread(target=lock.acquire)
        t.start()
        t.join()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].obstacle is WaitReason.LOCK


def test_a_server_that_nobody_calls(supervise: Supervise):
    """accept() with no client in sight."""
    trace = supervise("import socket; s = socket.create_server(('127.0.0.1', 0)); s.accept()")
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].obstacle is WaitReason.CLIENT


def test_a_server_that_watches_and_that_nobody_calls(supervise: Supervise):
    """With the watcher of ``selectors``, which is epoll on Linux: it waits for a connection."""
    trace = supervise(
        """
        import selectors, socket
        server = socket.create_server(("127.0.0.1", 0))
        watcher = selectors.DefaultSelector()
        watcher.register(server, selectors.EVENT_READ)
        watcher.select()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].obstacle is WaitReason.CLIENT


@pytest.mark.parametrize("look", ["select.select([r], [], [])", "p.poll()", "e.poll()"])
def test_a_pipe_that_is_watched_and_not_yet_read(supervise: Supervise, look: str):
    """Who looks whether something has come waits for what it looks at."""
    trace = supervise(
        f"""
        import os, select
        r, w = os.pipe()
        p = select.poll()
        p.register(r, select.POLLIN)
        e = select.epoll()
        e.register(r, select.EPOLLIN)
        {look}
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert blocked(trace)[0].obstacle is WaitReason.PIPE


def test_a_stopped_process_is_stuck(supervise: Supervise):
    """Who stops itself is never continued."""
    trace = supervise("import os, signal; os.kill(os.getpid(), signal.SIGSTOP); print('never')")
    assert trace.outcome is Outcome.DEADLOCK
    assert output(trace) == []


def test_pause_without_a_signal(supervise: Supervise):
    """Waiting for a signal that nobody sends."""
    trace = supervise("import signal; signal.pause()")
    assert trace.outcome is Outcome.DEADLOCK


def test_the_line_on_which_main_waits(supervise: Supervise):
    """What is stuck in a join carries the student's line."""
    trace = supervise(
        """
        import signal
        from multiprocessing import Process
        p = Process(target=signal.pause)
        p.start()
        p.join()
        """
    )
    line = blocked(trace)[0].line
    assert line is not None
    assert (line.file, line.line) == ("student.py", 6)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize(
    ("made", "wait"),
    [
        ("Event()", "waking.wait()"),
        ("Barrier(3)", "waking.wait()"),
        ("Semaphore(0)", "waking.acquire()"),
        ("Queue()", "waking.get()"),
        ("Pipe()", "waking[0].recv()"),
    ],
)
def test_the_lines_on_which_they_wait(supervise: Supervise, method: str, made: str, wait: str):
    """Whatever they wait for, of children too, and not the line that was heard of last."""
    trace = supervise(
        f"""
        from multiprocessing import Barrier, Event, Pipe, Process, Queue, Semaphore

        def work(waking):
            print("hello")
            {wait}
            print("never")

        if __name__ == "__main__":
            waking = {made}
            p = Process(target=work, args=(waking,))
            p.start()
            print("started")
            {wait}
            p.join()
        """,
        start_method=StartMethod(method),
    )
    assert trace.outcome is Outcome.DEADLOCK
    assert sorted(output(trace)) == ["hello", "started"]
    lines = {trace.processes[each.process].role: each.line for each in trace.blocked}
    assert lines.pop(Role.HELPER, None) is None
    assert lines == {
        Role.MAIN: Location("student.py", 14),
        Role.CHILD: Location("student.py", 6),
    }


def test_what_is_asked_does_not_wake(supervise: Supervise):
    """Who pauses until any signal comes is told by its line, and does not go on."""
    trace = supervise(
        """
        import signal
        signal.pause()
        print("never", flush=True)
        """
    )
    assert output(trace) == []
    assert blocked(trace)[0].line == Location("student.py", 3)


@pytest.mark.parametrize(
    "before",
    [
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
        "signal.signal(64, signal.SIG_DFL)",
        "signal.signal(64, lambda *_: print('forged', flush=True))",
        "signal.signal(64, lambda *_: exec('while True: pass'))",
        "signal.signal(64, lambda *_: signal.pause())",
    ],
)
def test_who_does_not_answer(supervise: Supervise, before: str):
    """Is told without a line; what its own handler does is not of the run."""
    trace = supervise(f"import signal; {before}; signal.pause()")
    assert trace.outcome is Outcome.DEADLOCK
    assert output(trace) == []
    assert [each.line for each in trace.blocked] == [None]


def test_a_daemon_that_is_stuck_does_not_keep_main(supervise: Supervise):
    """When main ends, what still waits is cut off: no deadlock."""
    trace = supervise(
        """
        import signal
        from multiprocessing import Process
        Process(target=signal.pause, daemon=True).start()
        print("over")
        """
    )
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["over"]


def test_an_orphan_that_is_stuck_is_no_deadlock(supervise: Supervise):
    """Main has ended well; a left-over process that waits for ever is ended by the grader."""
    trace = supervise(
        """
        import os, signal
        if os.fork() == 0:
            signal.pause()
        os._exit(0)
        """
    )
    assert trace.outcome is Outcome.FINISHED
    assert trace.processes[1].killed_by_grader


NO_DEADLOCK = {
    "a lock that is passed on": """
        from multiprocessing import Lock, Process
        def work(lock, n):
            for _ in range(50):
                with lock: n += 1
        if __name__ == "__main__":
            lock = Lock()
            ps = [Process(target=work, args=(lock, 0)) for _ in range(6)]
            for p in ps: p.start()
            for p in ps: p.join()
        """,
    "ping and pong": """
        from multiprocessing import Pipe, Process
        def work(end):
            for _ in range(200): end.send(end.recv())
        if __name__ == "__main__":
            ours, theirs = Pipe()
            p = Process(target=work, args=(theirs,))
            p.start()
            for i in range(200):
                ours.send(i)
                assert ours.recv() == i
            p.join()
        """,
    "threads that hand over": """
        import queue, threading
        a, b = queue.Queue(), queue.Queue()
        def work():
            for _ in range(200): b.put(a.get())
        t = threading.Thread(target=work)
        t.start()
        for i in range(200):
            a.put(i)
            assert b.get() == i
        t.join()
        """,
    "a crowd at a barrier": """
        from multiprocessing import Barrier, Process
        def work(barrier):
            for _ in range(10): barrier.wait()
        if __name__ == "__main__":
            barrier = Barrier(5)
            ps = [Process(target=work, args=(barrier,)) for _ in range(5)]
            for p in ps: p.start()
            for p in ps: p.join()
        """,
    "a large item through a queue": """
        from multiprocessing import Process, Queue
        def work(q):
            for _ in range(5): q.put("x" * 300_000)
        if __name__ == "__main__":
            q = Queue()
            p = Process(target=work, args=(q,))
            p.start()
            for _ in range(5): assert len(q.get()) == 300_000
            p.join()
        """,
    "sockets": """
        import socket, threading
        s = socket.create_server(("127.0.0.1", 0))
        def serve():
            c, _ = s.accept()
            while data := c.recv(100): c.sendall(data)
        t = threading.Thread(target=serve)
        t.start()
        c = socket.create_connection(s.getsockname())
        for _ in range(100):
            c.sendall(b"x")
            assert c.recv(1) == b"x"
        c.close()
        t.join()
        """,
    "datagrams": """
        import os, socket
        a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); a.bind(("127.0.0.1", 0))
        b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); b.bind(("127.0.0.1", 0))
        if os.fork() == 0:
            for _ in range(100): b.sendto(b.recv(10), a.getsockname())
            os._exit(0)
        for _ in range(100):
            a.sendto(b"x", b.getsockname())
            assert a.recv(10) == b"x"
        os.wait()
        """,
    "signals": """
        import os, signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        parent = os.getpid()
        child = os.fork()
        for _ in range(50):
            if child == 0:
                os.kill(parent, signal.SIGUSR1)
                signal.sigwait([signal.SIGUSR1])
            else:
                signal.sigwait([signal.SIGUSR1])
                os.kill(child, signal.SIGUSR1)
        if child == 0: os._exit(0)
        os.wait()
        """,
    "a pool": """
        from multiprocessing import Pool
        if __name__ == "__main__":
            with Pool(3) as pool:
                assert pool.map(abs, range(-50, 0), chunksize=1) == list(range(50, 0, -1))
        """,
    "files": """
        import fcntl, os
        f = open("lock", "w")
        for _ in range(4):
            if os.fork() == 0:
                for _ in range(30):
                    with open("lock", "w") as mine:
                        fcntl.flock(mine, fcntl.LOCK_EX)
                os._exit(0)
        for _ in range(4): os.wait()
        """,
    "shells": """
        import subprocess
        for _ in range(5):
            subprocess.run("seq 1000 | sort -n | tail -1 | grep -q 1000", shell=True, check=True)
        """,
}


@pytest.mark.parametrize("kind", NO_DEADLOCK)
def test_no_deadlock(supervise: Supervise, kind: str):
    """Processes and threads that hand over to one another all the time are never called stuck."""
    trace = supervise(NO_DEADLOCK[kind])
    assert trace.outcome is Outcome.FINISHED, output(trace)


VFORK = """
    import ctypes, os, signal
    clone, vfork = {"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x4000
    if ctypes.CDLL(None).syscall(clone, vfork | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        CHILD
        os._exit(0)
"""
IN_VFORK = {
    "it is stopped": VFORK.replace("CHILD", "os.kill(os.getpid(), signal.SIGSTOP)"),
    "it waits": VFORK.replace("CHILD", "signal.pause()"),
    "it opens a FIFO": """
        import os
        os.mkfifo("fifo")
        opening = (os.POSIX_SPAWN_OPEN, 0, "fifo", os.O_RDONLY, 0)
        os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=[opening])
        """,
}


@pytest.mark.parametrize("child", IN_VFORK)
def test_a_parent_in_vfork_whose_child_is_stuck(supervise: Supervise, child: str):
    """The parent, which can do nothing before its child does, is blocked, too."""
    trace = supervise(IN_VFORK[child])
    assert trace.outcome is Outcome.DEADLOCK
    assert trace.doubts == ()
    assert set(blocked(trace)) == {0, 1}


def test_who_neither_sleeps_nor_computes_is_not_waited_for(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
):
    """A process that is stuck in the kernel does not answer where it stands."""
    monkeypatch.setattr(Inquiry, "_none_moves", lambda inquiry: False)
    monkeypatch.setattr(Inquiry, "_cpu_time", lambda inquiry: 0)
    trace = supervise(
        """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        signal.pause()
        """
    )
    assert trace.outcome is Outcome.DEADLOCK
