"""What time it is for a submission: all its clocks, in all its processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.supervisor import vdso
from grader.trace import Outcome

from .conftest import Supervise
from .reading import SECOND, just_past, numbers, output

CLOCKS = (
    "CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_BOOTTIME CLOCK_MONOTONIC_RAW CLOCK_TAI "
    "CLOCK_REALTIME_COARSE CLOCK_MONOTONIC_COARSE"
)

ALL_CLOCKS = f"""
    import ctypes, os, time

    numbers = {{"CLOCK_REALTIME_COARSE": 5, "CLOCK_MONOTONIC_COARSE": 6}}
    names = "{CLOCKS}".split()
    libc = ctypes.CDLL(None)

    def gettimeofday():
        value = (ctypes.c_long * 2)()
        libc.gettimeofday(value, None)
        return value[0] + value[1] / 1e6

    def read():
        return [
            *(time.clock_gettime(numbers.get(name) or getattr(time, name)) for name in names),
            time.time(), time.monotonic(), time.perf_counter(), gettimeofday(),
        ]

    before = read()
    ticks, seconds = os.times().elapsed, libc.time(None)
    time.sleep(3)
    print(*(b - a for a, b in zip(before, read())))
    print(os.times().elapsed - ticks, libc.time(None) - seconds)
"""


def check_all_clocks(supervise: Supervise) -> None:
    trace = supervise(ALL_CLOCKS)
    fine, coarse = output(trace)
    assert all(just_past(float(value), 2.9999, slack=0.06) for value in fine.split())
    assert len(fine.split()) == 11
    assert all(2.98 <= float(value) <= 4 for value in coarse.split())


def test_all_clocks_move_together(supervise: Supervise):
    """A sleep of three seconds is three seconds on every clock that counts real time."""
    check_all_clocks(supervise)


def test_where_the_vdso_cannot_be_replaced_it_is_hidden(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
):
    """Then every clock read is a trapped call, and the times are the same."""
    monkeypatch.setattr(vdso, "_replaceable", lambda symbols: False)
    check_all_clocks(supervise)
    trace = supervise(
        """
        import time
        began = time.time()
        while time.time() - began < 3: pass
        print(time.time() - began)
        """
    )
    assert just_past(numbers(trace)[0], 3)


def test_cpu_clocks_are_left_alone(supervise: Supervise):
    """A sleep adds nothing to the CPU clocks."""
    trace = supervise(
        """
        import time
        before = time.process_time(), time.thread_time()
        time.sleep(30)
        print(time.process_time() - before[0], time.thread_time() - before[1])
        """
    )
    assert all(0 <= value < 0.5 for value in numbers(trace))


def test_computing_takes_time(supervise: Supervise):
    """What a process computes passes as time, for itself and for others."""
    trace = supervise(
        """
        import time
        began, used = time.monotonic(), time.process_time()
        while time.process_time() - used < 0.2: pass
        print(time.monotonic() - began)
        """
    )
    assert 0.2 <= numbers(trace)[0] < 0.6


def test_the_calendar_is_the_machines(supervise: Supervise):
    """A submission begins now, not in 1970: real time within the hour."""
    import time

    trace = supervise("import time; print(time.time())")
    assert abs(numbers(trace)[0] - time.time()) < 3600


def test_time_never_goes_backwards(supervise: Supervise):
    """Neither within a process nor from a message's sender to its receiver, across long jumps
    and long computations.
    """
    trace = supervise(
        """
        import time
        from multiprocessing import Pipe, Process

        def work(end):
            while True:
                sent = end.recv()
                received = time.monotonic()
                if received < sent: print("backwards", sent - received, flush=True)
                time.sleep(0.001)
                for _ in range(20_000): pass
                end.send(time.monotonic())

        if __name__ == "__main__":
            ours, theirs = Pipe()
            Process(target=work, args=(theirs,), daemon=True).start()
            last = 0
            for round in range(100):
                if round % 10 == 0: time.sleep(5)
                used = time.process_time()
                while time.process_time() - used < 0.004: pass
                now = time.monotonic()
                if now < last: print("backwards within", last - now, flush=True)
                ours.send(now)
                last = ours.recv()
                now = time.monotonic()
                if now < last: print("backwards", last - now, flush=True)
                last = now
            print("done")
        """
    )
    assert output(trace) == ["done"]


def test_a_process_that_slept_in_an_untimed_call_knows_the_time(supervise: Supervise):
    """Who waits for a message without a time-out wakes into the present."""
    trace = supervise(
        """
        import os, time
        r, w = os.pipe()
        began = time.monotonic()
        if os.fork() == 0:
            time.sleep(7)
            os.write(w, b"x")
            os._exit(0)
        os.read(r, 1)
        print(time.monotonic() - began)
        """
    )
    assert just_past(numbers(trace)[0], 7)


def test_a_receiver_knows_what_its_sender_computed(supervise: Supervise):
    """CPU time that another process used before it sent the message has passed for both."""
    trace = supervise(
        """
        import os, time
        r, w = os.pipe()
        began = time.monotonic()
        if os.fork() == 0:
            used = time.process_time()
            while time.process_time() - used < 0.1: pass
            os.write(w, b"x")
            os._exit(0)
        os.read(r, 1)
        print(time.monotonic() - began)
        """
    )
    assert 0.1 <= numbers(trace)[0] < 0.4


def test_a_new_program_has_the_same_clock(supervise: Supervise):
    """Exec does not take a process out of the run's time."""
    trace = supervise(
        """
        import subprocess, sys, time
        before = time.time()
        time.sleep(30)
        code = "import time; print(time.time())"
        after = float(subprocess.check_output([sys.executable, "-c", code]))
        print(after - before)
        """
    )
    assert just_past(numbers(trace)[0], 30, slack=1)


def test_other_programs_sleep_on_it_too(supervise: Supervise):
    """Date and sleep of the shell go by the run's clock."""
    trace = supervise(
        """
        import subprocess
        print(subprocess.check_output(["sh", "-c", "date +%s; sleep 30; date +%s"]).decode())
        """
    )
    before, after = (int(text) for text in output(trace) if text)
    assert 30 <= after - before <= 31


BUSY_WAITS = {
    "time": "while time.time() - t < 2: pass",
    "monotonic": "while time.monotonic() - t < 2: pass",
    "perf_counter_ns": "while time.perf_counter_ns() - t < 2e9: pass",
    "with work": "while time.time() - t < 2: sum(range(100))",
}


@pytest.mark.parametrize("kind", BUSY_WAITS)
def test_a_busy_wait_on_the_clock_ends_when_it_should(supervise: Supervise, kind: str):
    """Two seconds of looking at the clock are two seconds, and cost a fraction of that."""
    clock = kind if kind != "with work" else "time"
    trace = supervise(
        f"""
        import time
        began = time.monotonic()
        t = time.{clock}()
        {BUSY_WAITS[kind]}
        print(time.monotonic() - began)
        """
    )
    assert just_past(numbers(trace)[0], 2)
    assert trace.cpu < 1.5 * SECOND


def test_a_busy_wait_does_not_stretch_what_others_compute(supervise: Supervise):
    """While a child works, time passes for main no faster than for the child."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work():
            used = time.process_time()
            while time.process_time() - used < 0.2: pass

        if __name__ == "__main__":
            for busy in ("p.is_alive()", "time.time() < began + 60 and p.is_alive()"):
                p = Process(target=work)
                began = time.time()
                p.start()
                while eval(busy): pass
                print(time.time() - began)
        """
    )
    assert all(0.2 <= value < 2 for value in numbers(trace))
    assert len(numbers(trace)) == 2


POLLS = {
    "is_alive": "while p.is_alive(): pass",
    "exitcode": "while p.exitcode is None: pass",
    "join(0)": "while p.exitcode is None: p.join(0)",
    "waitpid": "import os\n            while os.waitpid(p.pid, os.WNOHANG) == (0, 0): pass",
    "queue": "while q.empty(): pass",
}


@pytest.mark.parametrize("kind", POLLS)
def test_a_busy_wait_for_a_child_ends_when_it_does(supervise: Supervise, kind: str):
    """Asking again and again is as long as the child's sleep, and cheaper."""
    trace = supervise(
        f"""
        import time
        from multiprocessing import Process, SimpleQueue

        def work(q):
            time.sleep(3)
            q.put(1)

        if __name__ == "__main__":
            q = SimpleQueue()
            p = Process(target=work, args=(q,))
            began = time.time()
            p.start()
            {POLLS[kind]}
            print(time.time() - began)
        """
    )
    assert just_past(numbers(trace)[0], 3, slack=0.15)
    assert trace.cpu < 1.5 * SECOND


def test_a_spin_on_a_variable_ends(supervise: Supervise):
    """A thread's timer fires while another thread spins without any call."""
    trace = supervise(
        """
        import threading, time
        seen = []
        threading.Timer(0.2, lambda: seen.append(1)).start()
        began = time.time()
        while not seen: pass
        print(time.time() - began)
        """
    )
    assert just_past(numbers(trace)[0], 0.2, slack=0.2)


def test_a_condition_that_wants_to_be_past_the_deadline_is_met(supervise: Supervise):
    """Code that waits again until now > deadline, strictly, gets out."""
    trace = supervise(
        """
        import select, time
        rounds = 0
        deadline = time.monotonic() + 1
        while not time.monotonic() > deadline:
            select.select([], [], [], max(0, deadline - time.monotonic()))
            rounds += 1
        print(rounds)
        """
    )
    assert numbers(trace)[0] <= 2


def test_the_real_clock(supervise: Supervise):
    """`clock: real` is the machine's: sleeps, waits and time-outs as anywhere."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process, Event

        if __name__ == "__main__":
            began = time.monotonic()
            p = Process(target=time.sleep, args=(1000,))
            p.start()
            p.join(0.2)
            print(p.is_alive(), flush=True)
            p.terminate()
            p.join()
            Event().wait(0.1)
            print(time.monotonic() - began)
        """,
        clock="real",
    )
    assert trace.outcome is Outcome.FINISHED
    assert trace.clock == "real"
    alive, seen = output(trace)
    assert alive == "True"
    assert float(seen) >= 0.3


def test_both_clocks_at_once_is_not_mixed(supervise: Supervise):
    """A run on the virtual clock says so."""
    assert supervise("pass").clock == "virtual"


def test_interpreters(supervise: Supervise, python: Path):
    """A second is a second under every interpreter, on all clocks at once."""
    trace = supervise(
        """
        import time
        began = time.time(), time.monotonic(), time.perf_counter()
        time.sleep(1)
        print(*(b - a for a, b in zip(began, (time.time(), time.monotonic(), time.perf_counter()))))
        """,
        python=python,
    )
    assert all(just_past(value, 1) for value in numbers(trace))


FORGED_CHARGE = """
    import ctypes, select, struct, time

    def clock_pages():
        maps = []
        for line in open("/proc/self/maps"):
            span, rights, _, _, _, *path = line.split()
            maps.append((*(int(part, 16) for part in span.split("-")), rights, path))
        begin, end = next(each[:2] for each in maps if each[3] == ["[vdso]"])
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(begin)
            code = memory.read(end - begin)
        words = {struct.unpack_from("=Q", code, place)[0] for place in range(len(code) - 7)}
        return [
            word for word in words if word % 4096 == 0
            and any(b <= word < e and "rw" in r and not p for b, e, r, p in maps)
        ]

    def charge(nanoseconds):
        for page in clock_pages():
            ctypes.memmove(page + 56, struct.pack("=q", nanoseconds), 8)
"""


def test_time_cannot_be_given_back(supervise: Supervise):
    """The page from which the time is read is the process's own; what it says is not believed."""
    trace = supervise(
        f"""{FORGED_CHARGE}
    given_back = 0
    while True:
        given_back += 10**9
        charge(-given_back)
        select.select([], [], [], 1)
        """,
        limits={"time": 10 * SECOND},
    )
    assert trace.outcome is Outcome.TIME_LIMIT


def test_time_cannot_be_forged(supervise: Supervise):
    """A second that nobody worked or slept does not pass; nonsense harms nobody."""
    trace = supervise(
        f"""{FORGED_CHARGE}
    for nonsense in (10**9, 2**63 - 1, -2**63):
        charge(nonsense)
        time.sleep(0)
    print("still here")
        """
    )
    assert output(trace) == ["still here"]
    assert trace.duration < SECOND
