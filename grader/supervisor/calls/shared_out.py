"""What a user has only so much of: pipes, named ones, and descriptors that are watched."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat
import struct
import time
from functools import cache
from pathlib import Path

from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, JEQ, TRACE, BpfProgram, Rule, trap_if
from grader.supervisor.calls.base import Call, always
from grader.supervisor.descriptors import borrow_descriptor
from grader.supervisor.shares import OTHERS_WAIT_S, WAITS_FOR_OTHERS

_PAGES = 16
"""Of a new pipe (PIPE_DEF_BUFFERS, linux/pipe_fs_i.h)."""
_LARGEST = Path("/proc/sys/fs/pipe-max-size")
_BOTH_ENDS = struct.Struct("=ii")
_EPOLL_CTL_ADD = 1
_FILE_TYPE = 0o170000


class MakePipe(Call, trapped=always("pipe pipe2"), visible=False):
    """A pipe is made. It holds as much as if its user had no others."""

    ends_polling = False

    def enter(self) -> bool:
        """A run has only so many; beyond that the call fails as if the machine had no more."""
        if self.run.shares.pipes.take():
            return True
        self.answer(-errno.ENFILE)
        return False

    def leave(self, registers: Registers) -> None:
        """Where others of the user have so many that the kernel made a small one, wait until it may
        be as large as any. The bytes that a pipe holds decide who waits for whom.
        """
        if registers.result != 0 or self.run.pipes_stay_small:
            return
        try:
            _, end = _BOTH_ENDS.unpack(
                self.process.memory.read_exactly(self.registers.argument(0), _BOTH_ENDS.size)
            )
            ours = borrow_descriptor(self.process, end)
        except OSError:
            return  # closed by another thread
        try:
            if fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ) < _usual_size():
                self.run.pipes_stay_small = not _grows(ours, _usual_size())
        except OSError:
            return  # it was no pipe any more
        finally:
            os.close(ours)


@cache
def _usual_size() -> int:
    """Bytes that a new pipe holds.

    Raises:
        OSError: the kernel does not say what the most is.
    """
    return min(_PAGES * resource.getpagesize(), int(_LARGEST.read_text()))


def _grows(pipe: int, size: int) -> bool:
    """Whether the kernel lets a pipe hold so many bytes, within a while."""
    for _ in range(WAITS_FOR_OTHERS):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, size)
        except PermissionError:
            time.sleep(OTHERS_WAIT_S)
        else:
            return True
    return False


def _trap_fifos(argument: int) -> Rule:
    def rule(program: BpfProgram) -> None:
        """Stop only where the file is to be a FIFO."""
        other = program.fresh()
        program.load_low(argument)
        program.mask(_FILE_TYPE)
        program.jump(JEQ, stat.S_IFIFO, None, other)
        program.answer(TRACE)
        program.label(other)
        program.answer(ALLOW)

    return rule


class MakeFifo(Call, trapped={"mknod": _trap_fifos(1), "mknodat": _trap_fifos(2)}, visible=False):
    """A pipe with a name."""

    ends_polling = False

    def enter(self) -> bool:
        """A run makes only so many."""
        if not self.run.shares.fifos.take():
            self.answer(-errno.EDQUOT)
        return False


class Watch(Call, trapped={"epoll_ctl": trap_if(1, _EPOLL_CTL_ADD)}, visible=False):
    """An epoll is to watch one descriptor more."""

    ends_polling = False

    def enter(self) -> bool:
        """All epolls of a run watch only so many; beyond that the call fails as in the kernel."""
        if not self.run.shares.watches.take():
            self.answer(-errno.ENOSPC)
        return False
