"""How a run is shut off from the machine, and which way is open here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.sandbox.bubblewrap import Bubblewrap, BubblewrapError
from grader.sandbox.folder import clear, shared_memory_beside, temporary_beside
from grader.sandbox.landlock import landlock_version, readable_places, restrict_files
from grader.sandbox.layout import OWN_PLACES, Layout, layout_of
from grader.sandbox.mounts import enter_private_mounts, has_private_mounts
from grader.sandbox.network import enter_private_network, has_private_networks, reserve_ports
from grader.sandbox.privileges import hide_memory, show_memory
from grader.sandbox.view import SHARED_MEMORY, View, system_view

IsolationName = Literal["bwrap", "basic"]
"""``bwrap``: in namespaces that bubblewrap makes. ``basic``: by what the kernel lets any process
do to itself.
"""
IsolationWish = Literal["auto", "bwrap", "basic"]
"""``auto``: bwrap where it works, else basic."""


class CannotIsolateError(Exception):
    """bwrap was asked for and does not work here. The text says why, in one line."""


class TooOpenError(CannotIsolateError):
    """Nothing was asked for by name, and what is left here is too little for root."""


class Isolation:
    """What the programs of a run are moved into. ``isolated`` says what is their own, or closed
    to them: ``files``, ``services``, ``network``, ``processes``, ``ipc``, ``hostname``, ``users``.
    """

    def __init__(
        self, isolated: tuple[str, ...], layout: Layout | None, bwrap: Bubblewrap | None = None
    ) -> None:
        """``layout``: of the file system of their own, if they have one."""
        self.isolated = isolated
        self._layout = layout
        self._bwrap = bwrap

    @property
    def name(self) -> IsolationName:
        """Which of the two ways it is."""
        return "basic" if self._bwrap is None else "bwrap"

    @property
    def parent_pid(self) -> int:
        """What a program that is started here is told its parent is: 0 says, none of ours."""
        return os.getpid() if self._bwrap is None else 0

    @property
    def reaper_pid(self) -> int:
        """The pid of the process that orphans are given to."""
        return os.getpid() if self._bwrap is None else self._bwrap.init

    @property
    def bwrap_pid(self) -> int | None:
        """The pid of a child of this process that is none of the run's."""
        return None if self._bwrap is None else self._bwrap.bwrap_pid

    @property
    def pids_to_kill(self) -> tuple[int, ...]:
        """The pids of all that must be killed, in this order, if this process is."""
        return () if self._bwrap is None else (self._bwrap.init, self._bwrap.bwrap_pid)

    @property
    def shares_files(self) -> bool:
        """Whether names in /dev/shm must be changed, for it is the machine's."""
        return self._layout is None

    def own_places(self, folder: str) -> Mapping[str, str]:
        """Where else than in its folder a submission that runs there can write: the path that it
        knows, and the one by which it is seen from here.
        """
        if self._bwrap is not None:
            return {path: self._bwrap.behind(path) for path in OWN_PLACES}
        own = {SHARED_MEMORY: shared_memory_beside(folder)}
        return own if self._layout is None else {**own, "/tmp": temporary_beside(folder)}

    def enter(self, view: View) -> None:
        """Called in a new process, with the terminal as its standard input, just before it
        executes its program.

        Raises:
            OSError: the kernel does not do it.
        """
        if self._bwrap is not None:
            self._bwrap.enter()
            return
        if self._layout is not None:
            enter_private_mounts(self._layout, self.own_places(view.folder))
        restrict_files(view, terminal=0, sees_its_own=self._layout is not None)

    def enter_beside(self, view: View) -> None:
        """The same for a program of the exercise's own, which the submission is not to look into.

        Raises:
            OSError: the kernel does not do it.
        """
        restrict_files(view, terminal=0)

    def tidy(self, folder: str) -> None:
        """Remove what a run in this folder has left in its `own_places`, before another one.

        Raises:
            OSError: it cannot be removed.
        """
        kept = frozenset() if self._layout is None else self._layout.kept
        for path, behind in self.own_places(folder).items():
            # What something is mounted on in another namespace would take that with it.
            clear(Path(behind), keep={Path(behind, each.removeprefix(path + "/")) for each in kept})


def choose_isolation(wish: IsolationWish, interpreter: str) -> IsolationName:
    """The way that is open here as far as is known: with bwrap, `isolate` may find that it is not.

    What can be found out now is, once, for this process and those forked from it.

    Raises:
        CannotIsolateError: bwrap is wished for and does not work.
        TooOpenError: the grader runs as root, and a submission would have the machine's files and
            local services in sight, without anybody having chosen that.
    """
    has_private_networks()
    landlock_version()
    view = system_view(interpreter)
    obstacle = None if wish == "basic" else bwrap_obstacle()
    if (wish == "basic" or obstacle is not None) and not has_private_mounts():
        readable_places(view.readable, view.hidden)
    if wish == "bwrap" and obstacle is not None:
        raise CannotIsolateError(obstacle)
    if wish == "auto" and obstacle is not None and os.geteuid() == 0 and not has_private_mounts():
        raise TooOpenError(obstacle)
    return "basic" if wish == "basic" or obstacle is not None else "bwrap"


def services_are_open(wish: IsolationWish) -> bool:
    """Whether submissions will reach local services of the machine, as far as is known before any
    was run.
    """
    by_bwrap = wish == "bwrap" or (wish == "auto" and bwrap_obstacle() is None)
    return not (by_bwrap or has_private_mounts())


def shares_files(name: IsolationName) -> bool:
    """Whether names in /dev/shm must be changed in this isolation, for it is the machine's."""
    return name == "basic" and not has_private_mounts()


def isolate(held: ExitStack, name: IsolationName, view: View, ports: tuple[int, ...]) -> Isolation:
    """Make the isolation for programs that this process will start. ``held`` keeps what must be
    kept meanwhile; ``view`` is the submission's.

    Raises:
        CannotIsolateError: bwrap does not work.
        OSError: a lock file cannot be made.
    """
    private = name == "bwrap" or has_private_mounts()
    isolated = ["files"] if name == "bwrap" or landlock_version() else []
    # A process that could look into another of its user would find the machine's root there.
    isolated += ["services"] if private and isolated else []
    layout = layout_of(view) if private else None
    show_memory()  # or a user namespace could not be set up
    if has_private_networks():
        enter_private_network()
        isolated.append("network")
    else:
        held.enter_context(reserve_ports(ports))
    hide_memory()
    if layout is None or name == "basic":
        return Isolation((*isolated, *(["ipc"] if private else [])), layout)
    try:
        bwrap = Bubblewrap(layout)
    except (BubblewrapError, OSError) as error:
        raise CannotIsolateError(str(error)) from error
    held.callback(bwrap.close)
    return Isolation((*isolated, "processes", "ipc", "hostname", "users"), layout, bwrap)


def bwrap_obstacle() -> str | None:
    """Why bubblewrap cannot be used here, in one line; None: nothing is known against it.

    Whether it works is seen when a house is built: a trial would cost as much again.
    """
    if not has_private_networks():
        return "the machine or the container allows no namespaces"
    return _bwrap_history.obstacle


def bwrap_worked() -> None:
    """A run in a house of bubblewrap's was made: from now on all are."""
    _bwrap_history.stood = True


def go_without_bwrap(wish: IsolationWish, obstacle: str) -> bool:
    """Whether to make do without bubblewrap, for good, now that a house could not be built.

    Not where it is insisted upon, and not once a run was made in one: those of a grading are to
    be alike.
    """
    if wish != "auto" or _bwrap_history.stood:
        return False
    _bwrap_history.obstacle = obstacle
    return True


@dataclass
class _BwrapHistory:
    """What has come of bubblewrap in this process, and in those that it was forked from."""

    stood: bool = False
    obstacle: str | None = None


_bwrap_history = _BwrapHistory()
