"""Which class makes sense of which call."""

from __future__ import annotations

from grader.supervisor.architecture import Architecture
from grader.supervisor.calls.base import Call
from grader.supervisor.calls.clocks import ClockRead, GetAffinity, SetAffinity, Times
from grader.supervisor.calls.randomness import GetRandom
from grader.supervisor.calls.shared_memory import NamedFile
from grader.supervisor.calls.signals import SendSignal
from grader.supervisor.calls.sockets import Connect, Listen
from grader.supervisor.calls.timed import TIMED_CALLS, TimedWait
from grader.supervisor.calls.timers import GetAlarm, GetFileTimer, SetAlarm, SetFileTimer
from grader.supervisor.calls.waits import ChildWait
from grader.supervisor.calls.writes import Write, WriteElsewhere

_TYPES: dict[type[Call], str] = {
    Write: "write writev pwrite64 pwritev pwritev2 sendfile",
    WriteElsewhere: "splice",
    ChildWait: "wait4 waitid",
    SendSignal: ("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"),
    TimedWait: " ".join(TIMED_CALLS),
    ClockRead: "clock_gettime gettimeofday time",
    Times: "times",
    GetRandom: "getrandom",
    GetAffinity: "sched_getaffinity",
    SetAffinity: "sched_setaffinity",
    SetAlarm: "alarm setitimer",
    GetAlarm: "getitimer",
    SetFileTimer: "timerfd_settime",
    GetFileTimer: "timerfd_gettime",
    Listen: "listen",
    Connect: "connect",
    NamedFile: "open openat creat link linkat unlink unlinkat rename renameat renameat2",
}


def call_types(architecture: Architecture) -> dict[int, type[Call]]:
    """Call number -> the class for it, for every call that this machine has."""
    return {
        architecture.numbers[name]: call
        for call, names in _TYPES.items()
        for name in names.split()
        if name in architecture.numbers
    }
