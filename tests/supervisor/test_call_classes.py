"""What the class of a trapped call declares, and what follows from that alone."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.supervisor.architecture import AARCH64, X86_64
from grader.supervisor.bpf import ALLOW, BpfProgram
from grader.supervisor.calls import by_number, call_classes, call_types
from grader.supervisor.calls.base import Call, always
from grader.supervisor.calls.signals import SendSignal
from grader.supervisor.seccomp import REFUSED, build_filter

from .test_seccomp import TRACE, decide

NEW_CALL = """
from grader.supervisor.calls.base import Call, always


class GetPriority(Call, trapped=always("getpriority"), visible=True):
    def enter(self) -> bool:
        self.answer(25)  # that is, -5: getpriority(2)
        return False
"""
WHAT_FOLLOWS = """
import os, sys
import grader.supervisor.calls as calls
calls.__path__.append(sys.argv[1])
from pathlib import Path
from grader.limits import Limits
from grader.schedules import parse_schedule
from grader.submission import read_submission
from grader.supervisor import Plan, run
from grader.trace import Printed
submission = read_submission(Path(sys.argv[2]))
for schedule in ("natural", "child-first"):
    trace = run(Plan(submission, Limits(), schedule=parse_schedule(schedule)))
    print([event.text for event in trace.events if isinstance(event, Printed)], trace.steps)
"""


def test_a_new_system_call_is_one_class_in_one_file(tmp_path: Path):
    """The call stops, is answered, and is an event of a schedule: nothing else has to name it."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "priorities.py").write_text(NEW_CALL)
    (tmp_path / "empty").mkdir()
    script = tmp_path / "script.py"
    script.write_text("import os\nprint(os.getpriority(os.PRIO_PROCESS, 0))\n")

    def printed(folder: str) -> list[list[str]]:
        command = [sys.executable, "-c", WHAT_FOLLOWS, str(tmp_path / folder), str(script)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [line.rsplit(maxsplit=1) for line in said.splitlines()]

    without, with_it = printed("empty"), printed("new")
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert [text for text, _ in without] == [f"['{mine}']"] * 2
    assert [text for text, _ in with_it] == ["['-5']"] * 2
    assert [int(steps) for _, steps in with_it] == [int(steps) + 1 for _, steps in without]


def test_a_class_that_nothing_traps_cannot_be_made():
    """Neither without a system call, nor with a rule that always lets it pass."""
    with pytest.raises(TypeError, match="Nothing: name at least one system call"):

        class Nothing(Call, trapped={}, visible=True):
            pass

    def allow(program: BpfProgram) -> None:
        program.answer(ALLOW)

    with pytest.raises(TypeError, match="Passed: the rule for read never traps it"):

        class Passed(Call, trapped={"read": allow}, visible=True):
            pass

    with pytest.raises(TypeError, match="Misspelt: Linux has no system call raed"):

        class Misspelt(Call, trapped=always("raed"), visible=True):
            pass


def test_no_two_classes_are_for_the_same_call():
    """Which of them is asked would be chance."""
    with pytest.raises(TypeError, match="SendSignal and SendSignal both trap"):
        by_number((SendSignal, SendSignal), X86_64)


def test_what_concerns_only_its_caller_is_no_event():
    """Nobody else can notice that a process looked at a clock, a timer or its processors. That it
    makes a child is noticed by the child's birth, and not by the call.
    """
    unseen = {name for each in call_classes() if not each.visible for name in each.trapped}
    assert unseen == {
        *("clock_gettime", "gettimeofday", "time", "times", "getrandom"),
        *("sched_getaffinity", "sched_setaffinity"),
        *("pidfd_open", "rt_sigaction", "pause", "rt_sigsuspend"),
        *("clone", "fork", "vfork"),
        *("sendto", "sendmsg", "sendmmsg"),
        *("pipe", "pipe2", "mknod", "mknodat", "epoll_ctl"),
        *("alarm", "setitimer", "getitimer", "timerfd_settime", "timerfd_gettime"),
        *("open", "openat", "creat", "link", "linkat", "unlink", "unlinkat"),
        *("rename", "renameat", "renameat2"),
        *("chmod", "fchmod", "fchmodat", "truncate"),
        *("utime", "utimes", "futimesat", "utimensat"),
        *("setsockopt", "getsockopt"),
    }


def test_filter_and_dispatch_agree():
    """With the virtual clock, moved shared memory and peers whatever has a class may stop, and
    nothing else does.
    """
    for machine in (X86_64, AARCH64):
        program = build_filter(machine, virtual_clock=True, shares_files=True, has_peers=True)
        arguments = [(0,) * 6, (0, 0, 0, 1), (0, os.O_RDWR), (0, 0, os.O_RDWR), (0, 0, 0, 0, 1)]
        arguments += [(0, stat.S_IFIFO), (0, 0, stat.S_IFIFO)]
        arguments += [(signal.SIGCHLD,), (0, socket.SOL_SOCKET, socket.SO_RCVTIMEO)]
        stops = {
            number
            for number in machine.numbers.values()
            if TRACE in {decide(program, number, machine.audit, each) for each in arguments}
        }
        assert stops == call_types(machine).keys()


def test_no_class_lifts_a_refusal() -> None:
    """The first rule for a call counts, and those of the classes come first."""
    assert {name for each in call_classes() for name in each.trapped}.isdisjoint(REFUSED)
