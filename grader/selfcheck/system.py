"""What differs between the systems: the terminal, the way to the grader, how a program is started.

Nothing of one system is imported on another.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from grader.limits import Limits
from grader.trace import StartMethod

Key = Literal["end-of-input", "interrupt", "hang-up"]

_SESSION = Path(__file__).with_name("session.py")
_SPARE_CPU_S = 60
"""The kernel's own limit of CPU time is a last resort, for when the grader does not look."""
_READ = 65_536
_ENDING_S, _NAP_S = 3.0, 0.002
"""So long the leader of a session has to end by itself."""
_PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS"),
)
"""Of the grader's own environment. ``PYTHONUNBUFFERED`` least of all: it tears lines."""


class Terminal(Protocol):
    """Where the submission reads and writes."""

    def read(self) -> bytes:
        """What has come out, without waiting; nothing where nothing has."""

    def type(self, line: str) -> None:
        """Type a line, and its end."""

    def press(self, key: Key) -> None:
        """Press a key, or close the window."""

    def exit_code(self) -> int | None:
        """That of the program, where the terminal knows it; else the session reports it."""

    def close(self) -> None:
        """The program has ended, and nothing more will be read."""


@dataclass(frozen=True)
class Listener:
    """Where interpreters report: they connect to ``address``, and say the ``secret`` first if there
    is one, for others on the machine may connect, too.
    """

    socket: socket.socket
    address: str
    secret: str = ""


class System(Protocol):
    """A system as the self-check needs it."""

    start_methods: frozenset[StartMethod]

    def listen(self, folder: Path) -> Listener:
        """Accept connections; ``folder`` is the run's own.

        Raises:
            OSError: the system does not allow it.
        """

    def open_terminal(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        listener: Listener,
    ) -> Terminal:
        """Run a program at a terminal of its own.

        Raises:
            OSError: the system does not allow it.
        """


class Posix:
    """Linux, macOS and their like: a pseudo-terminal, and sockets that are files."""

    start_methods = frozenset({StartMethod.FORK, StartMethod.SPAWN, StartMethod.FORKSERVER})

    def listen(self, folder: Path) -> Listener:
        """See `System.listen`."""
        place = folder / "reports"
        made = socket.socket(socket.AF_UNIX)
        made.bind(str(place))
        made.listen(socket.SOMAXCONN)
        return Listener(made, f"unix:{place}")

    def open_terminal(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        listener: Listener,
    ) -> Terminal:
        """See `System.open_terminal`. Main is not the leader of the terminal's session: its end
        would hang up on its children.
        """
        cpu_s = 2 * limits.cpu // 10**9 + _SPARE_CPU_S
        return _PosixTerminal(
            [
                *(sys.executable, "-I", "-S", str(_SESSION), listener.address.partition(":")[2]),
                *(str(folder), str(limits.disk), str(cpu_s), *command),
            ],
            environment,
        )


class _Child:
    """A program that pexpect has started, in one of its ways."""

    def __init__(self, child: Any) -> None:
        self._child = child

    def read(self) -> bytes:
        """See `Terminal.read`."""
        import pexpect  # takes a while

        if self._child.closed:
            return b""
        try:
            return bytes(self._child.read_nonblocking(_READ, timeout=0))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""


class _PosixTerminal(_Child):
    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        import pexpect

        try:
            child = pexpect.spawn(
                command[0],
                list(command[1:]),
                env=dict(environment),
                echo=False,
                timeout=None,
                use_poll=True,
            )
        except pexpect.ExceptionPexpect as error:
            raise OSError(str(error)) from error
        child.delaybeforesend = None
        super().__init__(child)

    def type(self, line: str) -> None:
        """See `Terminal.type`."""
        self._child.send(line.encode() + b"\n")

    def press(self, key: Key) -> None:
        """See `Terminal.press`."""
        if key == "hang-up":
            self._close_descriptor()
        elif key == "interrupt":
            self._child.sendintr()
        else:
            self._child.sendeof()

    def exit_code(self) -> None:
        """See `Terminal.exit_code`."""

    def close(self) -> None:
        """See `Terminal.close`. Its session's leader ends when the grader hears it no more, and
        must not wait until what stands in the terminal is read.
        """
        self._close_descriptor()
        until = time.monotonic() + _ENDING_S
        while self._child.ptyproc.isalive():
            if time.monotonic() > until:
                os.kill(self._child.ptyproc.pid, signal.SIGKILL)
            time.sleep(_NAP_S)

    def _close_descriptor(self) -> None:
        if not self._child.closed:
            self._child.ptyproc.fileobj.close()
            self._child.closed = self._child.ptyproc.closed = True


class Windows:
    """No terminal of its own but pipes, no copies of processes, and sockets at a port."""

    start_methods = frozenset({StartMethod.SPAWN})

    def listen(self, folder: Path) -> Listener:
        """See `System.listen`."""
        made = socket.create_server(("127.0.0.1", 0))
        secret = secrets.token_hex(16)
        return Listener(made, f"tcp:{made.getsockname()[1]}:{secret}", secret)

    def open_terminal(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        listener: Listener,
    ) -> Terminal:
        """See `System.open_terminal`."""
        return _Pipes(command, folder, environment)


class _Pipes(_Child):
    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        from pexpect.popen_spawn import PopenSpawn

        super().__init__(
            PopenSpawn(list(command), cwd=str(folder), env=dict(environment), timeout=None)
        )

    def type(self, line: str) -> None:
        """See `Terminal.type`."""
        self._child.send(line.encode() + os.linesep.encode())

    def press(self, key: Key) -> None:
        """See `Terminal.press`. There is no window to be closed: the program is ended."""
        if key == "end-of-input":
            self._child.sendeof()
        elif key == "interrupt":
            self._child.kill(getattr(signal, "CTRL_C_EVENT", signal.SIGINT))
        else:
            self._child.kill(signal.SIGTERM)

    def exit_code(self) -> int | None:
        """See `Terminal.exit_code`."""
        code = self._child.proc.poll()
        return code if code is None else int(code)

    def close(self) -> None:
        """See `Terminal.close`."""
        self._child.proc.stdin.close()
        self._child.proc.stdout.close()
        self._child.proc.wait()


def this_system() -> System:
    """The one that the grader runs on."""
    return Windows() if sys.platform == "win32" else Posix()


def environment_in(folder: Path) -> dict[str, str]:
    """All that the environment of a program holds, but for what the probe needs."""
    home = str(folder)
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **passed_on,
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "TERM": "dumb",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def start_peer(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Run a program beside the submission, at no terminal.

    Raises:
        OSError: the system does not allow it.
    """
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
