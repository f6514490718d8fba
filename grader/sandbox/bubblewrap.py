"""A run in a house of its own, that bubblewrap builds: bwrap(1), namespaces(7).

bwrap makes the namespaces and the file system, with nobody in it but its own init and a program
that waits for the supervisor to go away. The programs of the run stay children of the supervisor,
which traces them, and move in on their way to being executed. So neither of bwrap's processes is
part of the story, and what the supervisor puts on the way (limits, the filter) comes last.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from grader.sandbox.layout import OWN_PLACES, Layout

_CLONE_NEWPID = 0x20000000
_ENTERED_IN_ORDER = ("cgroup", "ipc", "uts", "mnt", "user")
"""The user namespace comes last: where bwrap makes two, the inner has no rights over the others."""
_PATH = "/usr/local/bin:/usr/bin:/bin"
_ROOM_BYTES = 100 * 10**6
"""For each of the folders in memory."""
_OPTIONS = {
    "empty": "--tmpfs",
    "read-only": "--ro-bind",
    "writable": "--bind",
    "link": "--symlink",
}
_LAST_PID = Path("/proc/sys/kernel/ns_last_pid")
_FIRST_PIDS = (1_000, 30_000)
"""Between these the numbers of processes begin: small ones are too easily met by chance."""
_WALL = 0x40000000  # bits/waitflags.h
_NOT_ENTERED = 255


class BubblewrapError(Exception):
    """bwrap is not there, or cannot work here. The text is the reason, in one line."""


class Bubblewrap:
    """A house for all programs that this process starts from now on.

    Only for a process that may enter namespaces: root, or one in a user namespace of its own.
    To be closed before the process ends.
    """

    def __init__(self, layout: Layout) -> None:
        """
        Raises:
            BubblewrapError: it cannot be built.
            OSError: there can be no more processes or open files.
        """
        self._bwrap, self.init = _build(layout)
        self.bwrap_pid = self._bwrap.pid
        with open(f"/proc/{self.init}/ns/pid") as namespace:
            _enter_namespace(namespace.fileno(), _CLONE_NEWPID)
        self._check_entry()

    def enter(self) -> None:
        """Move this process, which was started since the house was built, into it.

        Raises:
            OSError: the kernel does not do it.
        """
        places = [Path(f"/proc/{self.init}/ns/{name}") for name in _ENTERED_IN_ORDER]
        doors = [os.open(place, os.O_RDONLY | os.O_CLOEXEC) for place in places if place.exists()]
        for door in doors:
            _enter_namespace(door)
            os.close(door)

    def _check_entry(self) -> None:
        """By a process that chooses where the numbers of those to come begin, where the kernel
        allows it (pid_namespaces(7)).

        Raises:
            BubblewrapError: it cannot be entered.
        """
        pid = os.fork()
        if pid == 0:
            status = _NOT_ENTERED
            try:
                with suppress(OSError):
                    least, most = _FIRST_PIDS
                    _LAST_PID.write_text(str(least + secrets.randbelow(most - least)))
                self.enter()
                status = 0
            except OSError as error:
                status = error.errno or status
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status != 0:
            self.close()
            reason = os.strerror(status) if 0 < status < _NOT_ENTERED else "it was killed"
            raise BubblewrapError(f"what it builds cannot be entered: {reason}")

    def behind(self, path: str) -> str:
        """By which path a place in it is seen from outside."""
        return f"/proc/{self.init}/root{path}"

    def close(self) -> None:
        """Nobody is left in it."""
        with suppress(ProcessLookupError):
            os.kill(self.init, signal.SIGKILL)
        pid = 0
        while pid != self._bwrap.pid:  # init ends when all that we trace in it were waited for
            pid, status = os.waitpid(-1, _WALL)
        self._bwrap.returncode = os.waitstatus_to_exitcode(status)
        if self._bwrap.stdin is not None:
            self._bwrap.stdin.close()


def _build(layout: Layout) -> tuple[subprocess.Popen[bytes], int]:
    """bwrap, and the pid of its init as it is seen here.

    If this process is killed, the program in the house sees the end of its input, and all of it
    ends, however far it has been built. It must not be ended from the outside before: of bwrap's
    two processes one waits for a word of the other, and would wait for ever. That is why it is not
    bound to the life of its parent, and no pipe that nobody reads any more is in its way.

    Raises:
        BubblewrapError: it cannot be built.
    """
    information = os.memfd_create("information")
    arguments = os.memfd_create("arguments")
    try:
        os.write(arguments, b"".join(os.fsencode(each) + b"\0" for each in _arguments(layout)))
        os.lseek(arguments, 0, os.SEEK_SET)
        builder = subprocess.Popen(
            ["bwrap", "--info-fd", str(information), "--args", str(arguments), "cat"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": _PATH},
            pass_fds=(information, arguments),
        )
        _await_that_it_stands(builder)
        size = os.fstat(information).st_size
        said = json.loads(os.pread(information, size, 0))
    except FileNotFoundError as error:
        raise BubblewrapError("there is no program bwrap") from error
    finally:
        os.close(information)
        os.close(arguments)
    return builder, int(said["child-pid"])


def _await_that_it_stands(builder: subprocess.Popen[bytes]) -> None:
    """Until the program in it answers.

    Raises:
        BubblewrapError: it never does.
    """
    assert builder.stdin is not None
    assert builder.stdout is not None
    assert builder.stderr is not None
    with builder.stdout, builder.stderr:
        with suppress(BrokenPipeError):
            builder.stdin.write(b"?")
        if builder.stdout.read(1):
            return
        words = builder.stderr.read().decode("utf-8", "replace").splitlines()
    builder.stdin.close()
    status = builder.wait()
    raise BubblewrapError(words[0] if words else f"bwrap ended with status {status}")


def _arguments(layout: Layout) -> Iterator[str]:
    for name in ("user", "pid", "ipc", "uts", "cgroup-try"):
        yield f"--unshare-{name}"
    yield from ("--hostname", "localhost", "--chdir", "/")
    yield from ("--proc", "/proc", "--dev", "/dev")
    # Of terminals the machine has only so many: what one run opened another could not.
    yield from ("--perms", "0555", "--tmpfs", "/dev/pts", "--remount-ro", "/dev/pts")
    for folder in OWN_PLACES:
        yield from ("--perms", "1777", "--size", str(_ROOM_BYTES), "--tmpfs", folder)
    for place in layout.places:
        yield _OPTIONS[place.kind]
        yield from (place.path,) if place.kind == "empty" else (place.source, place.path)
    for path in (*layout.sealed, "/proc", "/dev", "/"):  # of /proc, root owns too much
        yield from ("--remount-ro", path)


def _enter_namespace(descriptor: int, kind: int = 0) -> None:
    """setns(2).

    Raises:
        OSError: it is not allowed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, kind) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")
