"""The submission's terminal: a pseudo-terminal that outlives its main process."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import struct
import termios

_ROWS, _COLUMNS = 24, 80
_OUTPUT_FLAGS, _LOCAL_FLAGS, _INPUT_FLAGS = 1, 3, 0
_END_OF_INPUT = b"\x04"
_DEV_TTY = os.makedev(5, 0)

Device = tuple[int, int]
"""The file system that a device is in, and its number there: each mount of /dev/pts counts its
own. The terminal of whoever asks, /dev/tty, is the same in all: its file system is 0.
"""


def device(status: os.stat_result) -> Device:
    """Which character device a file is."""
    return (0 if status.st_rdev == _DEV_TTY else status.st_dev, status.st_rdev)


class NoTerminalError(OSError):
    """No pseudo-terminal is to be had."""


class Terminal:
    """A pseudo-terminal. The submission has the ``slave``; what it writes is read here.

    Bytes come out as they went in: no newline translation, no echo, no flow control. With
    ``controlling`` the caller must be a session leader without a controlling terminal: this one
    becomes it, and does not hang up when the submission's main process ends.

    Raises:
        NoTerminalError: it is not to be had.
        OSError: there is no room for its descriptors.
    """

    def __init__(self, *, controlling: bool = True) -> None:
        self._controlling = controlling
        try:
            self._master, self.slave = os.openpty()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                raise
            raise NoTerminalError(*error.args) from error
        os.set_blocking(self._master, False)
        settings = termios.tcgetattr(self.slave)
        settings[_OUTPUT_FLAGS] &= ~termios.OPOST
        settings[_LOCAL_FLAGS] &= ~termios.ECHO
        settings[_INPUT_FLAGS] &= ~(termios.IXON | termios.IXOFF)
        termios.tcsetattr(self.slave, termios.TCSANOW, settings)
        size = struct.pack("=HHHH", _ROWS, _COLUMNS, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)
        if controlling:
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    @property
    def devices(self) -> frozenset[Device]:
        """The devices by which it is written to: its own and perhaps /dev/tty."""
        own = device(os.fstat(self.slave))
        return frozenset({own, (0, _DEV_TTY)}) if self._controlling else frozenset({own})

    def type(self, keys: bytes) -> None:
        """Press these keys; control characters act as at any terminal (termios(3)).

        They have arrived when this returns: whoever waits for them has been woken.
        """
        os.write(self._master, keys)
        # The kernel leaves them to a worker thread, which a busy machine keeps waiting; a poll
        # of the other side does that worker's work first.
        select.select([self.slave], [], [], 0)

    def put_in_foreground(self, process_group: int) -> None:
        """Keys that send a signal send it to this process group from now on."""
        os.tcsetpgrp(self.slave, process_group)

    def read(self) -> bytes:
        """What has come out since the last call; empty if nothing has."""
        try:
            return os.read(self._master, 1 << 16)
        except BlockingIOError:
            return b""

    def hang_up(self) -> None:
        """Close the window: the foreground is sent SIGHUP, and reads find the end."""
        os.killpg(os.tcgetpgrp(self.slave), signal.SIGHUP)
        self.type(_END_OF_INPUT)

    def fileno(self) -> int:
        """The descriptor on which what comes out is read."""
        return self._master

    def close(self) -> None:
        """Afterwards the caller may have another controlling terminal."""
        if self._controlling:
            fcntl.ioctl(self.slave, termios.TIOCNOTTY)
        os.close(self._master)
        os.close(self.slave)
