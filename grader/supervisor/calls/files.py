"""What is told of a file (rights, times, length), where the machine's files are in sight.

Landlock does not cover it, or has not from its beginning. A name that was looked at could be
another one when the kernel reads it. So the supervisor reads it once, opens what it leads to, and
itself does to that file what was asked for, if it lies where the submission may write.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from grader.sandbox import lies_in
from grader.supervisor.bpf import trap, trap_ordinary_mode
from grader.supervisor.calls.base import Call, When

_AT_FDCWD, _AT_SYMLINK_NOFOLLOW = -100, 0x100
_LONGEST = 4096
_TIMES_SIZE = 32
"""Of two struct timespec, in bytes."""

_libc = ctypes.CDLL(None, use_errno=True)


class DescribeFile(
    Call,
    trapped={
        "chmod": trap_ordinary_mode(1),
        "fchmod": trap_ordinary_mode(1),
        "fchmodat": trap_ordinary_mode(2),
        **dict.fromkeys(("utime", "utimes", "futimesat", "utimensat", "truncate"), trap),
    },
    visible=False,
    when=When.SHARED_FILES,
):
    """Rights, times or length of a file are changed. The oldest calls for times, which no C
    library makes any more, are refused.
    """

    ends_polling = False

    def enter(self) -> bool:
        """Make the change in the submission's stead, and answer with the result."""
        try:
            self._change(self.run.architecture.names[self.number])
        except OSError as error:
            self.answer(-(error.errno or errno.EPERM))
        else:
            self.answer(0)
        return False

    def _change(self, call: str) -> None:
        """
        Raises:
            OSError: it is not to be changed, or the kernel does not allow it.
        """
        argument = self.registers.argument
        if call == "chmod":
            with self._named(_AT_FDCWD, argument(0)) as path:
                os.chmod(path, argument(1) & 0o1777)
        elif call == "fchmodat":
            with self._named(self.registers.int_argument(0), argument(1)) as path:
                os.chmod(path, argument(2) & 0o1777)
        elif call == "fchmod":
            with self._held(self.registers.int_argument(0)) as path:
                os.chmod(path, argument(1) & 0o1777)
        elif call == "truncate":
            with self._named(_AT_FDCWD, argument(0)) as path:
                os.truncate(path, argument(1))
        elif call == "utimensat":
            self._change_times()
        else:
            raise PermissionError(errno.EPERM, call)

    def _change_times(self) -> None:
        """
        Raises:
            OSError: they are not to be changed, or not to these.
        """
        directory, name, times, flags = map(self.registers.argument, range(4))
        wanted = self.process.memory.read_exactly(times, _TIMES_SIZE) if times else None
        directory = self.registers.int_argument(0)
        follows = not flags & _AT_SYMLINK_NOFOLLOW
        with (
            self._named(directory, name, follows=follows) if name else self._held(directory) as path
        ):
            if _libc.utimensat(_AT_FDCWD, path.encode(), wanted, 0) != 0:
                raise OSError(ctypes.get_errno(), "utimensat")

    @contextmanager
    def _named(self, directory: int, name: int, *, follows: bool = True) -> Iterator[str]:
        """A path of our own for the file with the name at that address.

        Raises:
            OSError: there is none, or it is not the submission's.
        """
        text, end, _ = self.process.memory.read(name, _LONGEST).partition(b"\0")
        if not end:
            raise OSError(errno.ENAMETOOLONG, "a name without an end")
        if not text:
            raise FileNotFoundError(errno.ENOENT, "an empty name")
        start = self._place("cwd" if directory == _AT_FDCWD else f"fd/{directory}")
        within = os.open(start, os.O_PATH | os.O_CLOEXEC)
        try:
            how = os.O_PATH | os.O_CLOEXEC | (0 if follows else os.O_NOFOLLOW)
            file = os.open(text, how, dir_fd=within)
        finally:
            os.close(within)
        with _own(file, self._writable()) as path:
            yield path

    @contextmanager
    def _held(self, descriptor: int) -> Iterator[str]:
        """A path of our own for the file that the submission has open.

        Raises:
            OSError: it has none, or it is not its own.
        """
        try:
            file = os.open(self._place(f"fd/{descriptor}"), os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise OSError(errno.EBADF, "not open") from error
        with _own(file, self._writable()) as path:
            yield path

    def _place(self, name: str) -> str:
        return f"/proc/{self.process.pid}/task/{self.thread.tid}/{name}"

    def _writable(self) -> tuple[str, ...]:
        shared_memory = self.run.shared_memory
        return (self.run.folder, *((shared_memory,) if shared_memory else ()))


@contextmanager
def _own(file: int, places: tuple[str, ...]) -> Iterator[str]:
    """A path that leads to a file which is open here, closed afterwards, and to no other.

    Raises:
        PermissionError: it lies in none of these places. Nothing can be moved or linked there from
            elsewhere: Landlock forbids it.
    """
    try:
        path = f"/proc/self/fd/{file}"
        if not lies_in(os.readlink(path), places):
            raise PermissionError(errno.EPERM, "not its own")
        yield path
    finally:
        os.close(file)
