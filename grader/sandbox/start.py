"""Starts the submission's main process: its own group, terminal, limits and environment."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

from grader.sandbox.privileges import drop_capabilities, show_memory

_NOT_EXECUTED = 126
_ASK_PERSONALITY, _ADDR_NO_RANDOMIZE = 0xFFFFFFFF, 0x0040000
_REPORTS = 3
"""The descriptor on which the new process says why it could not execute its program."""


@dataclass(frozen=True)
class Program:
    """What is executed, in which folder. ``memory_bytes`` bounds the address space of a process."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    memory_bytes: int
    file_bytes: int
    open_files: int
    cpu_seconds: int


def environment(python_path: str, start_method: str, home: str) -> dict[str, str]:
    """All that the submission's environment holds.

    Nothing of the grader's own environment is passed on. ``PYTHONUNBUFFERED`` least of all: it
    tears lines.
    """
    return {
        **peer_environment(home),
        "PYTHONPATH": python_path,
        "GRADER_START_METHOD": start_method,
    }


def peer_environment(home: str) -> dict[str, str]:
    """All that the environment of a program of the exercise's own holds.

    ``MALLOC_ARENA_MAX`` (mallopt(3)): otherwise each thread may take 64 MB of the address space, up
    to eight threads for each processor of the machine.
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "MALLOC_ARENA_MAX": "2",
    }


Stage = Literal["prepare", "execute"]


class NotStartedError(OSError):
    """The program was never executed. ``stage``: what failed before it, or its execution."""

    def __init__(self, error: int, reason: str, stage: Stage) -> None:
        super().__init__(error, reason)
        self.stage = stage


@dataclass(frozen=True)
class Starting:
    """A process on its way to executing its program. It waits until `let_go` is called."""

    pid: int
    _gate: int
    _reports: int

    def let_go(self) -> None:
        """It may execute its program."""
        os.write(self._gate, b"g")
        os.close(self._gate)

    def check(self) -> None:
        """To be asked once, when the process has ended.

        Raises:
            NotStartedError: it never executed its program.
        """
        os.set_blocking(self._reports, False)
        with open(self._reports, "rb") as reports:
            report = reports.read()
        if report:
            error, stage, reason = json.loads(report)
            raise NotStartedError(error, reason, stage)


def start(
    program: Program, terminal: int, enter: Callable[[], None], last: Callable[[], None]
) -> Starting:
    """Fork the process. It waits, in a group of its own, until it is let go.
    Until then it can be traced.

    Then ``enter`` is called in it, with the terminal as its descriptors 0 to 2: it may leave the
    file system of the machine behind. After it ``last`` is called and the program executed.

    Raises:
        OSError: there can be no more processes.
    """
    gate_read, gate_write = os.pipe()
    ready_read, ready_write = os.pipe()
    report_read, report_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(gate_write)
        _run_child(program, terminal, gate_read, ready_write, report_write, enter, last)
    for ours in (gate_read, ready_write, report_write):
        os.close(ours)
    os.read(ready_read, 1)
    os.close(ready_read)
    return Starting(pid, gate_write, report_read)


def _run_child(
    program: Program,
    terminal: int,
    gate: int,
    ready: int,
    reports: int,
    enter: Callable[[], None],
    last: Callable[[], None],
) -> NoReturn:
    """The life of the new process up to its program. Does not return."""
    stage: Stage = "prepare"
    try:
        os.setpgid(0, 0)
        show_memory()
        os.write(ready, b"r")
        gate, terminal = (_moved(descriptor) for descriptor in (gate, terminal))
        os.dup2(_moved(reports), _REPORTS, inheritable=False)
        reports = _REPORTS
        _prepare(program, terminal, gate, enter)
        last()
        stage = "execute"
        os.execve(program.arguments[0], program.arguments, program.environment)
    except BaseException as error:
        number = error.errno if isinstance(error, OSError) else None
        report = (number, stage, os.strerror(number) if number else repr(error))
        os.write(reports, json.dumps(report).encode())
    finally:
        os._exit(_NOT_EXECUTED)


def _moved(descriptor: int) -> int:
    """The same, out of the way of those that the program is to have."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _REPORTS + 1)


def _prepare(program: Program, terminal: int, gate: int, enter: Callable[[], None]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGTTOU, signal.SIGINT, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    if not os.read(gate, 1):
        os._exit(_NOT_EXECUTED)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    most_descriptors = os.sysconf("SC_OPEN_MAX")
    os.closerange(_REPORTS + 1, most_descriptors if most_descriptors > 0 else 1 << 20)
    enter()
    os.chdir(program.folder)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, program.memory_bytes),
        (resource.RLIMIT_FSIZE, program.file_bytes),
        (resource.RLIMIT_NOFILE, program.open_files),
        (resource.RLIMIT_CPU, program.cpu_seconds),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))
    drop_capabilities()
    # Memory lies at the same addresses each time, or sets of objects would have an order of their
    # own in each run (personality(2)). Where a container does not allow it, they have.
    libc = ctypes.CDLL(None)
    libc.personality(libc.personality(_ASK_PERSONALITY) | _ADDR_NO_RANDOMIZE)
