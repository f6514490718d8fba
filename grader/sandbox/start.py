"""Starts the submission's main process: its own group, terminal, limits and environment."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.sandbox.privileges import drop_capabilities, show_memory

_STOPPED_BY_PARENT = 126


@dataclass(frozen=True)
class Program:
    """What is executed, in which folder. ``memory_bytes`` bounds the address space of a process."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    memory_bytes: int
    file_bytes: int
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
    """All that the environment of a program of the exercise's own holds."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "PYTHON_COLORS": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def start(
    program: Program, terminal: int, last: Callable[[], None]
) -> tuple[int, Callable[[], None]]:
    """Fork the process. It waits, in a group of its own, until the returned function is called.
    Until then it can be traced.

    Then ``last`` is called in it and the program executed. Returns its pid and that function.

    Raises:
        OSError: there can be no more processes.
    """
    gate_read, gate_write = os.pipe()
    ready_read, ready_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(gate_write)
            os.setpgid(0, 0)
            show_memory()
            os.write(ready_write, b"r")
            _prepare(program, terminal, gate_read, last)
            os.execve(program.arguments[0], program.arguments, program.environment)
        except BaseException as error:  # the exec never happened: say so on the terminal
            os.write(2, f"grader: cannot start {program.arguments[0]}: {error}\n".encode())
        finally:
            os._exit(_STOPPED_BY_PARENT)
    os.close(gate_read)
    os.close(ready_write)
    os.read(ready_read, 1)
    os.close(ready_read)

    def let_go() -> None:
        os.write(gate_write, b"g")
        os.close(gate_write)

    return pid, let_go


def _prepare(program: Program, terminal: int, gate: int, last: Callable[[], None]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGTTOU, signal.SIGINT, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    os.chdir(program.folder)
    if not os.read(gate, 1):
        os._exit(_STOPPED_BY_PARENT)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    os.closerange(3, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") > 0 else 1 << 20)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, program.memory_bytes),
        (resource.RLIMIT_FSIZE, program.file_bytes),
        (resource.RLIMIT_CPU, program.cpu_seconds),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))
    drop_capabilities()
    last()
