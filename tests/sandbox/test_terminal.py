"""The pseudo-terminal: bytes come out as they went in."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox import Terminal


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(controlling=False)


def read_all(terminal: Terminal, size: int) -> bytes:
    data = b""
    while len(data) < size:
        select.select([terminal], [], [])
        data += terminal.read()
    return data


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=2000))
def test_what_is_written_comes_out(data: bytes):
    """Any bytes: no newline is translated, no byte is a command."""
    terminal = Terminal(controlling=False)
    os.write(terminal.slave, data)
    assert read_all(terminal, len(data)) == data
    terminal.close()


def test_nothing_is_there_before_something_is_written(terminal: Terminal):
    """Reading does not wait."""
    assert terminal.read() == b""


def test_what_is_typed_is_read_and_not_echoed(terminal: Terminal):
    """A line reaches the program; nothing of it comes out."""
    terminal.type("你好\n".encode())
    assert os.read(terminal.slave, 100) == "你好\n".encode()
    assert terminal.read() == b""


def test_what_is_typed_has_arrived(terminal: Terminal):
    """When typing returns it can be read, however busy the machine is."""
    arrived = []
    for _ in range(200):
        terminal.type(b"hello\n")
        answer = fcntl.ioctl(terminal.slave, termios.FIONREAD, bytes(4))
        arrived.append(struct.unpack("i", answer)[0])
        assert os.read(terminal.slave, 100) == b"hello\n"
    assert arrived == [6] * 200


def test_control_d_is_the_end_of_input(terminal: Terminal):
    """At the beginning of a line it reads as the end of a file."""
    terminal.type(b"\x04")
    assert os.read(terminal.slave, 100) == b""


def test_it_is_a_terminal_of_80_by_24(terminal: Terminal):
    """As a program sees it."""
    assert os.isatty(terminal.slave)
    assert os.get_terminal_size(terminal.slave) == (80, 24)
    assert not termios.tcgetattr(terminal.slave)[1] & termios.OPOST


def test_which_devices_lead_to_it(terminal: Terminal):
    """Its own; /dev/tty only where it is the controlling one."""
    status = os.fstat(terminal.slave)
    assert terminal.devices == {(status.st_dev, status.st_rdev)}


def test_a_controlling_terminal():
    """The session leader's: /dev/tty leads to it, and a group can be put in the foreground."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setsid()
            terminal = Terminal()
            with open("/dev/tty", "wb", buffering=0) as tty:
                tty.write(b"hello")
            right = read_all(terminal, 5) == b"hello" and len(terminal.devices) == 2
            terminal.put_in_foreground(os.getpgrp())
            right = right and os.tcgetpgrp(terminal.slave) == os.getpgrp()
            status = 0 if right else 2
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
