"""What Landlock itself keeps a process from, with nothing else in its way."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox.landlock import restrict_files
from grader.sandbox.view import View


def restricted(folder: Path, deed: Callable[[], object]) -> int:
    """The errno with which something fails in a process that is shut off; 0: it can be done."""
    view = View(str(folder), str(folder), (), (), (), (), ())
    pid = os.fork()
    if pid == 0:
        status = 255
        try:
            restrict_files(view, os.open(os.devnull, os.O_RDWR))
            status = 0
            deed()
        except OSError as error:
            status = error.errno or status
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kill_child() -> None:
    """Signal a process of its own."""
    child = os.fork()
    if child == 0:
        os.read(os.pipe()[0], 1)
    os.kill(child, 9)
    os.waitpid(child, 0)


@pytest.mark.needs("landlock")
def test_files_that_were_not_named(tmp_path: Path) -> None:
    """They cannot be opened, and those of its own folder can."""
    (tmp_path / "own").touch()
    assert restricted(tmp_path, (tmp_path / "own").read_bytes) == 0
    assert restricted(tmp_path, Path("/etc/passwd").read_bytes) == errno.EACCES


@pytest.mark.needs("landlock-scopes")
def test_signals_reach_its_own_only(tmp_path: Path) -> None:
    """Whoever started it cannot be signalled; what it started itself can."""
    grader = os.getpid()
    assert restricted(tmp_path, lambda: os.kill(grader, 0)) == errno.EPERM
    assert restricted(tmp_path, kill_child) == 0


@pytest.mark.needs("landlock-scopes")
def test_abstract_sockets_of_others(tmp_path: Path) -> None:
    """They have no place among the files, and cannot be connected to, either."""
    with socket.socket(socket.AF_UNIX) as service, socket.socket(socket.AF_UNIX) as client:
        service.bind(f"\0{tmp_path}")
        service.listen()
        address = service.getsockname()
        assert restricted(tmp_path, lambda: client.connect(address)) == errno.EPERM
        client.connect(address)
