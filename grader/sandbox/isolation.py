"""How a run is shut off from the machine, and which way is open here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import Literal

from grader.sandbox.bubblewrap import Bubblewrap, NoBubblewrapError
from grader.sandbox.landlock import landlock_version, restrict_files
from grader.sandbox.network import enter_private_network, has_private_networks, turn_at
from grader.sandbox.privileges import hide_memory, show_memory
from grader.sandbox.view import View, look_around, view_of

IsolationName = Literal["bwrap", "basic"]
"""``bwrap``: in namespaces that bubblewrap makes. ``basic``: by what the kernel lets any process
do to itself.
"""
IsolationWish = Literal["auto", "bwrap", "basic"]
"""``auto``: bwrap where it works, else basic."""


class CannotIsolateError(Exception):
    """bwrap was asked for and does not work here. The text says why, in one line."""


class Isolation:
    """What the programs of a run are moved into. ``isolated`` says what is their own, or closed
    to them: ``files``, ``network``, ``processes``, ``ipc``, ``hostname``, ``users``.
    """

    def __init__(self, isolated: tuple[str, ...], house: Bubblewrap | None = None) -> None:
        self.isolated = isolated
        self._house = house

    @property
    def name(self) -> IsolationName:
        return "basic" if self._house is None else "bwrap"

    @property
    def parent_pid(self) -> int:
        """What a program that is started here is told its parent is: 0 says, none of ours."""
        return os.getpid() if self._house is None else 0

    @property
    def orphanage(self) -> int:
        """The pid of the process that orphans are given to."""
        return os.getpid() if self._house is None else self._house.init

    @property
    def builder(self) -> int | None:
        """The pid of a child of this process that is none of the run's."""
        return None if self._house is None else self._house.builder

    def enter(self, view: View) -> None:
        """Called in a new process, with the terminal as its standard input, just before it
        executes its program.

        Raises:
            OSError: the kernel does not do it.
        """
        if self._house is None:
            restrict_files(view, terminal=0)
        else:
            self._house.enter()

    def enter_beside(self, view: View) -> None:
        """The same for a program of the exercise's own, which the submission is not to look into.

        Raises:
            OSError: the kernel does not do it.
        """
        restrict_files(view, terminal=0)

    def tidy(self) -> None:
        """Between two runs in the same isolation.

        Raises:
            OSError: something that was left cannot be removed.
        """
        if self._house is not None:
            self._house.tidy()


def choose_isolation(wish: IsolationWish, interpreter: str) -> IsolationName:
    """The way that is open here. Found out once, for this process and those forked from it.

    Raises:
        CannotIsolateError: bwrap is wished for and does not work.
    """
    has_private_networks()
    landlock_version()
    look_around(interpreter)
    obstacle = None if wish == "basic" else bwrap_obstacle()
    if wish == "bwrap" and obstacle is not None:
        raise CannotIsolateError(obstacle)
    return "basic" if wish == "basic" or obstacle is not None else "bwrap"


def isolate(held: ExitStack, name: IsolationName, view: View, ports: tuple[int, ...]) -> Isolation:
    """Make the isolation for programs that this process will start. ``held`` keeps what must be
    kept meanwhile; ``view`` is the submission's.

    Raises:
        CannotIsolateError: bwrap does not work any more.
        OSError: a lock file cannot be made.
    """
    isolated = ["files"] if name == "bwrap" or landlock_version() else []
    show_memory()  # or a user namespace could not be set up
    if has_private_networks():
        enter_private_network()
        isolated.append("network")
    else:
        held.enter_context(turn_at(ports))
    hide_memory()
    if name == "basic":
        return Isolation(tuple(isolated))
    try:
        house = Bubblewrap(view)
    except NoBubblewrapError as error:
        raise CannotIsolateError(str(error)) from error
    held.callback(house.close)
    return Isolation((*isolated, "processes", "ipc", "hostname", "users"), house)


@cache
def bwrap_obstacle() -> str | None:
    """Why bubblewrap cannot be used here, in one line; None: it can. Tried in a child."""
    if not has_private_networks():
        return "the machine or the container allows no namespaces"
    return _failure_of(_move_into_a_house)


def _move_into_a_house() -> None:
    """
    Raises:
        CannotIsolateError: it cannot be built, or not entered.
    """
    with ExitStack() as held:
        view = view_of("/bin/true", tempfile.gettempdir())
        isolation = isolate(held, "bwrap", view, ())
        failure = _failure_of(lambda: isolation.enter(view))
        if failure is not None:
            raise CannotIsolateError(failure)


def _failure_of(work: Callable[[], None]) -> str | None:
    """What goes wrong when a child does this; None: nothing."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            os.write(write_end, str(error).encode() or b"?")
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, "rb") as answer:
        failure = answer.read().decode()
    os.waitpid(pid, 0)
    return failure or None
