"""A network of its own for every run, or turns at the exercise's ports."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from pathlib import Path

import pytest

from grader.sandbox import (
    enter_private_network,
    has_private_networks,
    reserve_ports,
    show_memory,
)


def test_a_private_network_has_a_loopback_and_nobody_on_it():
    """Where the kernel gives one: the port of a server outside is not reachable inside."""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                if has_private_networks():
                    show_memory()  # gradings of other tests may have hidden it
                    enter_private_network()
                    with socket.create_server(("127.0.0.1", port)) as inside:
                        socket.create_connection(inside.getsockname()).close()
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(pid, 0)[1] == 0


def test_turns_are_kept_while_they_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nobody else gets a port's lock meanwhile, and afterwards anybody does."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def is_free(port: int) -> bool:
        with open(tmp_path / f"grader-port-{port}.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    with reserve_ports((8081, 8080, 8080)):
        assert not is_free(8080)
        assert not is_free(8081)
        assert is_free(8082)
    assert is_free(8080)


def test_the_lock_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It may be read, and no more, but that is enough."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "grader-port-8080.lock").touch()
    opened = os.open

    def open_to_read(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_ACCMODE != os.O_RDONLY:
            raise PermissionError
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", open_to_read)
    with (
        reserve_ports((8080,)),
        (tmp_path / "grader-port-8080.lock").open() as lock,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_no_ports_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An exercise without ports waits for nobody."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with reserve_ports(()):
        assert list(tmp_path.iterdir()) == []
