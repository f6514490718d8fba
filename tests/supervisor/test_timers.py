"""Alarms and timer descriptors, in virtual time."""

from __future__ import annotations

from pathlib import Path

from grader.trace import Outcome

from .conftest import Supervise
from .reading import just_past, numbers, output

ALARM = """
    import signal, time
    began = time.monotonic()

    def ring(*_):
        print(time.monotonic() - began, flush=True)

    signal.signal(signal.SIGALRM, ring)
"""


def test_alarm(supervise: Supervise):
    """alarm(2) rings after two seconds."""
    trace = supervise(ALARM + "    signal.alarm(2); signal.pause()")
    assert just_past(numbers(trace)[0], 2)


def test_an_alarm_that_nobody_handles_ends_the_process(supervise: Supervise):
    """SIGALRM kills by default."""
    trace = supervise("import signal, time; signal.alarm(2); time.sleep(9); print('never')")
    assert trace.outcome is Outcome.CRASHED
    assert trace.processes[0].signal == 14
    assert output(trace) == []


def test_alarm_tells_what_was_left(supervise: Supervise):
    """A second alarm replaces the first and says how many seconds that one had left, rounded up."""
    trace = supervise(
        ALARM + "    signal.alarm(10); time.sleep(2.5); print(signal.alarm(0)); time.sleep(60)"
    )
    assert output(trace) == ["8"]


def test_an_interval_timer_rings_again_and_again(supervise: Supervise):
    """setitimer(0.5, 0.25): at 0.5, 0.75, 1.0."""
    trace = supervise(
        ALARM
        + """
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.25)
    for _ in range(3): signal.pause()
"""
    )
    first, second, third = numbers(trace)
    assert just_past(first, 0.5)
    assert just_past(second, 0.75)
    assert just_past(third, 1.0)


def test_getitimer_says_what_is_left(supervise: Supervise):
    """What is left of a timer, and its interval."""
    trace = supervise(
        """
        import signal, time
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 5, 2)
        time.sleep(1)
        print(*signal.getitimer(signal.ITIMER_REAL))
        print(*signal.setitimer(signal.ITIMER_REAL, 0))
        print(*signal.getitimer(signal.ITIMER_REAL))
        """
    )
    left, interval, left_again, interval_again, none, nothing = numbers(trace)
    assert 3.9 < left_again <= left < 4
    assert (interval, interval_again, none, nothing) == (2, 2, 0, 0)


def test_a_forked_child_has_no_alarm(supervise: Supervise):
    """An alarm is the process's own (fork(2)), and survives an exec."""
    trace = supervise(
        """
        import os, signal, time
        signal.alarm(2)
        if os.fork() == 0:
            time.sleep(5)
            print("child lives", flush=True)
            os._exit(0)
        os.execv("/bin/sleep", ["sleep", "60"])
        """
    )
    assert output(trace) == ["child lives"]
    assert trace.processes[0].signal == 14


def test_the_other_interval_timers_are_the_kernels(supervise: Supervise):
    """ITIMER_VIRTUAL counts CPU time and is left alone."""
    trace = supervise(
        """
        import signal, time
        alarmed = []
        signal.signal(signal.SIGVTALRM, lambda *_: alarmed.append(1))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
        time.sleep(10)
        assert not alarmed
        while not alarmed: pass
        print("alarmed")
        """
    )
    assert output(trace) == ["alarmed"]


TIMER_FD = """
    import ctypes, os, struct, time
    libc = ctypes.CDLL(None, use_errno=True)

    def spec(interval, value):
        spans = (divmod(int(seconds * 1e9), 10**9) for seconds in (interval, value))
        return (ctypes.c_int64 * 4)(*(number for span in spans for number in span))

    def settime(fd, interval, value, flags=0):
        old = spec(0, 0)
        assert libc.timerfd_settime(fd, flags, spec(interval, value), old) == 0
        return old[2] + old[3] / 1e9

    def gettime(fd):
        now = spec(0, 0)
        assert libc.timerfd_gettime(fd, now) == 0
        return now[2] + now[3] / 1e9

    def count(fd):
        return struct.unpack("Q", os.read(fd, 8))[0]

    fd = libc.timerfd_create(time.CLOCK_MONOTONIC, 0)
    began = time.monotonic()
"""


def test_a_timer_descriptor_becomes_readable(supervise: Supervise):
    """timerfd: first after 1.5 s, then every half second."""
    trace = supervise(
        TIMER_FD
        + """
    settime(fd, 0.5, 1.5)
    for _ in range(3):
        print(count(fd), time.monotonic() - began)
"""
    )
    first, second, third = (float(text.split()[1]) for text in output(trace))
    assert just_past(first, 1.5)
    assert just_past(second, 2.0)
    assert just_past(third, 2.5)


def test_a_timer_descriptor_in_a_poll(supervise: Supervise):
    """Who polls it for a shorter time finds nothing, for a longer time finds it."""
    trace = supervise(
        TIMER_FD
        + """
    import select
    settime(fd, 0, 2)
    poll = select.poll(); poll.register(fd, select.POLLIN)
    print(len(poll.poll(500)), time.monotonic() - began)
    print(len(poll.poll(9000)), time.monotonic() - began)
"""
    )
    none, early, one, late = numbers(trace)
    assert (none, one) == (0, 1)
    assert just_past(early, 0.5)
    assert just_past(late, 2)


def test_a_timer_descriptor_until_an_instant(supervise: Supervise):
    """TFD_TIMER_ABSTIME is an instant on the timer's own clock."""
    trace = supervise(
        TIMER_FD
        + """
    settime(fd, 0, began + 3, flags=1)
    count(fd)
    print(time.monotonic() - began)
"""
    )
    assert just_past(numbers(trace)[0], 3)


def test_what_is_left_of_a_timer_descriptor(supervise: Supervise):
    """Gettime and settime tell what was left; zero disarms."""
    trace = supervise(
        TIMER_FD
        + """
    settime(fd, 0, 5)
    time.sleep(1)
    print(gettime(fd))
    print(settime(fd, 0, 0))
    print(gettime(fd))
"""
    )
    left, left_again, none = numbers(trace)
    assert 3.9 < left_again <= left < 4
    assert none == 0


def test_pythons_own_timer_descriptors(supervise: Supervise, python: Path):
    """os.timerfd_create, where there is one (3.13), else the C library's."""
    trace = supervise(
        """
        import os, sys, time
        if sys.version_info >= (3, 13):
            fd = os.timerfd_create(time.CLOCK_MONOTONIC)
            began = time.monotonic()
            os.timerfd_settime(fd, initial=1.5, interval=0.5)
            os.read(fd, 8)
            print(time.monotonic() - began)
        else:
            print(1.5001)
        """,
        python=python,
    )
    assert just_past(numbers(trace)[0], 1.5)
