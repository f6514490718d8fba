"""Every kind of wait with a time-out ends just past it, and costs nothing."""

from __future__ import annotations

import pytest

from grader.trace import Outcome, Slept
from grader.trace.questions import sleeps_of

from .conftest import Supervise
from .reading import SECOND, just_past, numbers, only, output

TIMED = """
    import time
    began = time.monotonic()

    def elapsed():
        print(time.monotonic() - began, flush=True)

"""


def script(body: str, preamble: str = "") -> str:
    """A script that can print the time since its beginning."""
    lines = [*preamble.splitlines(), *TIMED.splitlines(), *body.splitlines()]
    return "\n".join(line[4:] if line.startswith("    ") else line for line in lines)


WAITS = {
    "sleep": "    time.sleep(1.5)",
    "select": "    import select, os; r, w = os.pipe(); began = time.monotonic()\n"
    "    assert select.select([r], [], [], 1.5) == ([], [], [])",
    "select of nothing": "    import select; select.select([], [], [], 1.5)",
    "poll": "    import select, os; r, w = os.pipe(); p = select.poll(); p.register(r)\n"
    "    assert p.poll(1500) == []",
    "epoll": "    import select, os; r, w = os.pipe(); p = select.epoll(); p.register(r)\n"
    "    assert p.poll(1.5) == []",
    "event": "    import threading; assert threading.Event().wait(1.5) is False",
    "thread lock": "    import threading; lock = threading.Lock(); lock.acquire()\n"
    "    assert lock.acquire(timeout=1.5) is False",
    "condition": "    import threading; c = threading.Condition()\n"
    "    with c: assert c.wait(1.5) is False",
    "thread join": "    import threading\n"
    "    t = threading.Thread(target=time.sleep, args=(9,), daemon=True); t.start()\n"
    "    t.join(1.5); assert t.is_alive()",
    "queue": "    import queue\n"
    "    try: queue.Queue().get(timeout=1.5)\n"
    "    except queue.Empty: pass",
    "simple queue": "    import queue\n"
    "    try: queue.SimpleQueue().get(timeout=1.5)\n"
    "    except queue.Empty: pass",
    "future": "    import concurrent.futures as f\n"
    "    try: f.Future().result(1.5)\n"
    "    except f.TimeoutError: pass",
    "mp lock": "    import multiprocessing as mp; lock = mp.Lock(); lock.acquire()\n"
    "    assert lock.acquire(timeout=1.5) is False",
    "mp semaphore": "    import multiprocessing as mp\n"
    "    assert mp.Semaphore(0).acquire(True, 1.5) is False",
    "mp event": "    import multiprocessing as mp; assert mp.Event().wait(1.5) is False",
    "mp condition": "    import multiprocessing as mp; c = mp.Condition()\n"
    "    with c: assert c.wait(1.5) is False",
    "mp barrier": "    import multiprocessing as mp, threading\n"
    "    try: mp.Barrier(2).wait(1.5)\n"
    "    except threading.BrokenBarrierError: pass",
    "mp queue": "    import multiprocessing as mp, queue\n"
    "    try: mp.Queue().get(timeout=1.5)\n"
    "    except queue.Empty: pass",
    "mp pipe": "    import multiprocessing as mp; ends = mp.Pipe()\n"
    "    assert ends[0].poll(1.5) is False",
    "socket accept": "    import socket; s = socket.create_server(('127.0.0.1', 0))\n"
    "    s.settimeout(1.5)\n"
    "    try: s.accept()\n"
    "    except TimeoutError: pass",
    "socket recv": "    import socket; a, b = socket.socketpair(); a.settimeout(1.5)\n"
    "    try: a.recv(1)\n"
    "    except TimeoutError: pass",
    "socket send": "    import socket; a, b = socket.socketpair(); a.settimeout(1.5)\n"
    "    try: a.sendall(bytes(10**7))\n"
    "    except TimeoutError: pass",
    "asyncio sleep": "    import asyncio; asyncio.run(asyncio.sleep(1.5))",
    "asyncio wait_for": "    import asyncio\n"
    "    async def main():\n"
    "        try: await asyncio.wait_for(asyncio.sleep(9), 1.5)\n"
    "        except asyncio.TimeoutError: pass\n"
    "    asyncio.run(main())",
    "asyncio together": "    import asyncio\n"
    "    async def main(): await asyncio.gather(*[asyncio.sleep(1.5) for _ in range(20)])\n"
    "    asyncio.run(main())",
    "subprocess": "    import subprocess; subprocess.run(['sleep', '1.5'])",
    "subprocess timeout": "    import subprocess\n"
    "    try: subprocess.run(['sleep', '9'], timeout=1.5)\n"
    "    except subprocess.TimeoutExpired: pass",
    "subprocess pipe timeout": "    import subprocess\n"
    "    try: subprocess.run(['sleep', '9'], timeout=1.5, capture_output=True)\n"
    "    except subprocess.TimeoutExpired: pass",
    "sigtimedwait": "    import signal; assert signal.sigtimedwait([signal.SIGUSR1], 1.5) is None",
    "sched": "    import sched; s = sched.scheduler(); s.enter(1.5, 1, lambda: None); s.run()",
    "thread timer": "    import threading\n"
    "    t = threading.Timer(1.5, lambda: None); t.start(); t.join()",
    "parallel threads": "    import threading\n"
    "    ts = [threading.Thread(target=time.sleep, args=(1.5,)) for _ in range(5)]\n"
    "    [t.start() for t in ts]; [t.join() for t in ts]",
    "nested timeouts": "    import threading\n"
    "    e = threading.Event(); threading.Timer(1.5, e.set).start(); assert e.wait(9)",
    "mp lock held by another": "    import multiprocessing as mp\n"
    "    lock, held, go = mp.Lock(), mp.Event(), mp.Event()\n"
    "    def hold():\n"
    "        with lock: held.set(); go.wait(); time.sleep(1.5)\n"
    "    mp.Process(target=hold).start(); held.wait(); began = time.monotonic(); go.set()\n"
    "    lock.acquire()",
}


@pytest.mark.parametrize("kind", WAITS)
def test_a_wait_ends_just_past_its_time_out(supervise: Supervise, kind: str):
    """A second and a half is a second and a half, whatever it is that waits."""
    trace = supervise(script(f"{WAITS[kind]}\n    elapsed()"))
    assert trace.outcome is Outcome.FINISHED, output(trace)
    (seen,) = numbers(trace)
    assert just_past(seen, 1.5, slack=0.1)


BEATEN = {
    "select": "    import select, os; r, w = os.pipe(); later(lambda: os.write(w, b'x'))\n"
    "    assert select.select([r], [], [], 9) == ([r], [], [])",
    "poll": "    import select, os; r, w = os.pipe(); later(lambda: os.write(w, b'x'))\n"
    "    p = select.poll(); p.register(r); assert p.poll(9000) == [(r, select.POLLIN)]",
    "epoll": "    import select, os; r, w = os.pipe(); later(lambda: os.write(w, b'x'))\n"
    "    p = select.epoll(); p.register(r); assert p.poll(9) == [(r, select.POLLIN)]",
    "event": "    e = mp.Event(); later(e.set); assert e.wait(9) is True",
    "queue": "    q = mp.Queue(); later(lambda: q.put('x')); assert q.get(timeout=9) == 'x'",
    "large queue item": "    q = mp.Queue(); later(lambda: q.put('x' * 10**6))\n"
    "    assert len(q.get(timeout=9)) == 10**6",
    "lock": "    lock = mp.Lock(); lock.acquire(); later(lock.release)\n"
    "    assert lock.acquire(timeout=9) is True",
    "socket": "    import socket; a, b = socket.socketpair(); a.settimeout(9)\n"
    "    later(lambda: b.send(b'x')); assert a.recv(1) == b'x'",
    "signal": "    import signal, os; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
    "    main = os.getpid(); later(lambda: os.kill(main, signal.SIGUSR1))\n"
    "    assert signal.sigtimedwait([signal.SIGUSR1], 9).si_signo == signal.SIGUSR1",
    "subprocess": "    import subprocess; subprocess.run(['sleep', '0.5'], timeout=9)",
}


def test_the_longest_time_out_is_known(supervise: Supervise):
    """That of a wait for a message, rounded; a sleep is none."""
    body = """
    import multiprocessing
    q = multiprocessing.Queue()
    multiprocessing.Process(target=q.put, args=(1,)).start()
    print(q.get(timeout=60))
    time.sleep(100)
    """
    assert supervise(script(body)).longest_timeout == 60 * SECOND


@pytest.mark.parametrize("kind", BEATEN)
def test_an_event_in_time_ends_the_wait(supervise: Supervise, kind: str):
    """What comes before the time-out is delivered when it comes, and whole."""
    preamble = """    import multiprocessing as mp
    def later(what):
        def work():
            time.sleep(0.5)
            what()
        mp.Process(target=work).start()
"""
    trace = supervise(script(f"{BEATEN[kind]}\n    elapsed()", preamble))
    assert trace.outcome is Outcome.FINISHED, output(trace)
    (seen,) = numbers(trace)
    assert just_past(seen, 0.5, slack=0.1)


def test_a_pool_works_in_parallel(supervise: Supervise):
    """Four workers that sleep a second each are done after one."""
    trace = supervise(
        """
        import time
        from multiprocessing import Pool

        def work(x):
            time.sleep(1)
            return x

        if __name__ == "__main__":
            with Pool(4) as pool:
                began = time.monotonic()
                pool.map(work, range(4), chunksize=1)
                print(time.monotonic() - began)
        """
    )
    (seen,) = numbers(trace)
    assert just_past(seen, 1, slack=0.2)


def test_a_pool_works_off_its_queue(supervise: Supervise):
    """Six pieces of work of a second on two workers take three."""
    trace = supervise(
        """
        import time
        from concurrent.futures import ProcessPoolExecutor

        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool:
                began = time.monotonic()
                list(pool.map(time.sleep, [1] * 6))
                print(time.monotonic() - began)
        """
    )
    (seen,) = numbers(trace)
    assert just_past(seen, 3, slack=0.2)


def test_a_manager_serves(supervise: Supervise):
    """A Manager's dictionary is shared, and its server ends with main."""
    trace = supervise(
        """
        import time
        from multiprocessing import Manager, Process

        def work(shared):
            time.sleep(1)
            shared["x"] = 1

        if __name__ == "__main__":
            with Manager() as manager:
                shared = manager.dict()
                p = Process(target=work, args=(shared,))
                p.start()
                p.join()
                print(dict(shared))
        """
    )
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["{'x': 1}"]


def test_a_sleep_until_an_instant(supervise: Supervise):
    """clock_nanosleep with an absolute time, as Python's sleep uses from 3.11, on both clocks."""
    trace = supervise(
        """
        import ctypes, time
        libc = ctypes.CDLL(None)
        for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
            began = time.clock_gettime_ns(clock)
            until = began + 1_500_000_000
            spec = (ctypes.c_long * 2)(*divmod(until, 10**9))
            assert libc.clock_nanosleep(clock, 1, spec, None) == 0
            print((time.clock_gettime_ns(clock) - began) / 1e9)
        """
    )
    assert all(just_past(seen, 1.5) for seen in numbers(trace))
    assert len(numbers(trace)) == 2


def test_a_sleep_is_not_shortened_by_what_others_computed(supervise: Supervise):
    """Who asks for the time without the supervisor does not see what others have used since."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process, RawValue

        def work(asked, answered):
            time.sleep(0.1)  # its clock is right
            asked.value = 1
            while not answered.value:
                pass
            time.sleep(1.5)

        if __name__ == "__main__":
            asked, answered = RawValue("i"), RawValue("i")
            p = Process(target=work, args=(asked, answered))
            p.start()
            while not asked.value:
                pass
            used = time.process_time()
            while time.process_time() < used + 0.003:
                pass
            time.sleep(0)  # main's clock is right
            began = time.monotonic()
            answered.value = 1
            p.join()
            print(time.monotonic() - began)
        """
    )
    assert just_past(numbers(trace)[0], 1.5, slack=0.1)


def test_the_kernel_says_what_is_wrong_with_a_time_out(supervise: Supervise):
    """Time-outs that make no sense get the kernel's own answers."""
    trace = supervise(
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        def ask(call, *arguments):
            print(call(*arguments), os.strerror(ctypes.get_errno()))
        negative = (ctypes.c_long * 2)(-1, 0)
        too_many = (ctypes.c_long * 2)(0, 10**9)
        ask(libc.nanosleep, negative, None)
        ask(libc.nanosleep, too_many, None)
        ask(libc.nanosleep, ctypes.c_void_p(8), None)
        ask(libc.ppoll, None, 0, too_many, None)
        """
    )
    assert output(trace) == [
        "-1 Invalid argument",
        "-1 Invalid argument",
        "-1 Bad address",
        "-1 Invalid argument",
    ]


def test_a_sleep_that_a_signal_breaks_off_goes_on(supervise: Supervise):
    """Python sleeps the rest after its handler has run; with nothing done it is one pause."""
    trace = supervise(
        """
        import signal, time
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        began = time.monotonic()
        time.sleep(2)
        print(time.monotonic() - began)
        """
    )
    assert just_past(numbers(trace)[0], 2)
    (pause,) = sleeps_of(trace, 0)
    assert 1.99 < (pause.until - pause.at) / SECOND < 2.05


def test_a_sleep_during_which_a_child_ends_is_one(supervise: Supervise):
    """SIGCHLD interrupts it, and the kernel lets it go on: that is no second sleep."""
    trace = supervise(
        """
        import os, time
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        time.sleep(1.2)
        time.sleep(0.3)
        """
    )
    lengths = [pause.until - pause.at for pause in sleeps_of(trace, 0)]
    assert [round(length / SECOND, 2) for length in lengths] == [1.2, 0.3]


def test_what_is_left_of_an_interrupted_sleep_is_told(supervise: Supervise):
    """Nanosleep writes the rest into its second argument when a handler has run."""
    trace = supervise(
        """
        import ctypes, signal
        libc = ctypes.CDLL(None, use_errno=True)
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        left = (ctypes.c_long * 2)()
        print(libc.nanosleep((ctypes.c_long * 2)(2, 0), left), ctypes.get_errno())
        print(left[0] + left[1] / 1e9)
        """
    )
    result, left = output(trace)
    assert result == "-1 4"
    assert 1.45 < float(left) < 1.55


def test_a_sleep_is_told_as_one(supervise: Supervise):
    """A sleep is an event with its beginning and its end."""
    trace = supervise("import time; time.sleep(1.5)")
    pause = only(trace, Slept)
    assert pause.by == 0
    assert 1.49 < (pause.until - pause.at) / SECOND < 1.51


def test_what_waits_for_something_is_no_sleep(supervise: Supervise):
    """A select on a descriptor is no pause, however long it lasts."""
    trace = supervise("import select, os; select.select([os.pipe()[0]], [], [], 1)")
    assert sleeps_of(trace, 0) == ()


def test_many_sleepers_wake_in_order(supervise: Supervise):
    """Deadlines come one after another, whatever the order in which they were set."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work(n):
            time.sleep(n / 10)
            print(n, flush=True)

        if __name__ == "__main__":
            ps = [Process(target=work, args=(n,)) for n in (7, 3, 9, 1, 5, 8, 2, 6, 4)]
            for p in ps: p.start()
            for p in ps: p.join()
        """
    )
    assert output(trace) == list("123456789")


def test_a_long_sleep_costs_no_more_than_a_short_one(supervise: Supervise):
    """Fifty seconds of sleep use the same CPU time as none, and are over on the run's clock."""
    trace = supervise("import time; time.sleep(50); print('done')")
    assert output(trace) == ["done"]
    assert just_past(trace.duration / SECOND, 50)
    assert trace.cpu < SECOND
