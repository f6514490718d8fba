"""The processes of a run: what each was, and in what those that were left at its end stood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from grader.trace.events import Location, Nanoseconds, Pid, ProcessNumber, WaitReason


class Role(str, Enum):
    """What a process is to the exercise."""

    MAIN = "main"
    CHILD = "child"
    """Created, directly or not, by the submission's own code."""
    PEER = "peer"
    """A program of the exercise's own beside the submission, or a child of one."""
    THREAD = "thread"
    """Of a process, where a check is about threads: `grader.checks.threads`."""
    HELPER = "helper"
    """multiprocessing's own: resource tracker, fork server, the process of a manager. No child of
    the student's code."""


class StartMethod(str, Enum):
    """How a child came to be. ``SUBPROCESS`` is another program, started by fork and exec."""

    FORK = "fork"
    SPAWN = "spawn"
    FORKSERVER = "forkserver"
    SUBPROCESS = "subprocess"


@dataclass(frozen=True)
class Connection:
    """A TCP connection that a peer made: the ``ordinal``-th of it, from 1."""

    client: ProcessNumber
    ordinal: int


@dataclass(frozen=True)
class Process:
    """One process of the run, from birth to death.

    ``creator`` is who asked for it, under every start method, and None for main and for
    helpers; ``kernel_parent`` is its parent in the kernel's eyes (under forkserver: the
    server). ``name``, ``variable`` (the student's own variable) and ``daemon`` come from the
    probe and are None where it said nothing.
    """

    number: ProcessNumber
    pid: Pid
    role: Role
    creator: ProcessNumber | None
    kernel_parent: ProcessNumber | None
    start_method: StartMethod | None
    started: Nanoseconds
    began: Nanoseconds | None = None
    ended: Nanoseconds | None = None
    exit_status: int | None = None
    """0 to 255, or None while alive or when a signal ended it."""
    signal: int | None = None
    """The signal that ended it, or None."""
    collected: Nanoseconds | None = None
    """When its parent reaped it; None if it did not while the run lasted."""
    parent_pid: Pid | None = None
    """What ``os.getppid()`` answers in it while its parent lives."""
    name: str | None = None
    variable: str | None = None
    class_name: str | None = None
    own_methods: tuple[str, ...] | None = None
    """Which methods of a process object its class does not have from multiprocessing; None where
    the probe said nothing."""
    daemon: bool | None = None
    started_at: Location | None = None
    """The student's line that started it."""
    command: tuple[str, ...] = ()
    cpu: Nanoseconds = 0
    """CPU time that it used, without its ``start_up``: what counts towards the limit."""
    start_up: Nanoseconds = 0
    """CPU time that its interpreter needed before the student's code could come. Main's was used
    before the run's time begins."""
    killed_by_grader: bool = False
    """It was still alive when the run was over and the grader ended it."""
    connections: int = 0
    """How many TCP connections it had open when the run was over; 0 of one that had ended."""
    hurried: bool = False
    """It is a peer, and a sleep of its was cut short: on the real clock that takes too long."""
    answered: tuple[Connection, ...] = ()
    """The connections to peers at which it sent something, in the order in which it first did."""

    @property
    def program_name(self) -> str | None:
        """Of another program that it runs, the last part of its path; None: it runs none."""
        if self.start_method is not StartMethod.SUBPROCESS or not self.command:
            return None
        return PurePosixPath(self.command[0]).name


@dataclass(frozen=True)
class Blocked:
    """A process that had not ended when the run did, and what it was waiting for, if anything.

    ``waiting_for`` are the processes that could end its waiting, where the kernel knows them; of
    a lock, those that hold it. ``writing``: it waits for room to write rather than for something
    to read. ``line`` is where its main thread stood in the student's code, ``made`` where that
    made the lock, or the queue that is full.
    """

    process: ProcessNumber
    obstacle: WaitReason
    waiting_for: tuple[ProcessNumber, ...] = ()
    writing: bool = False
    line: Location | None = None
    made: Location | None = None
