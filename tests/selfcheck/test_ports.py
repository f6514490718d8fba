"""Ports that runs of a self-check use one after the other, on the machine's own network."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from grader.limits import Limits
from grader.plan import Plan
from grader.selfcheck import observe
from grader.submission import SourceFile, Submission
from grader.trace import Outcome

SERVER = b"""\
import socket
server = socket.socket()
server.bind(("127.0.0.1", %d))
server.listen()
print(server.getsockname()[1])
"""


def port_that_is_being_forgotten() -> int:
    """A server in a self-check has closed a connection at this port: for a minute the kernel gives
    the port to nobody who does not ask for it in the same way.
    """
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port: int = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            accepted.close()
            client.recv(1)
    return port


@pytest.mark.exhaustive
def test_a_port_that_an_earlier_run_has_used() -> None:
    """A script is not told that the address is in use: an earlier run was no fault of its own."""
    port = port_that_is_being_forgotten()
    with socket.socket() as plain, pytest.raises(OSError, match="in use"):
        plain.bind(("127.0.0.1", port))
    script = SourceFile("server.py", SERVER % port)
    plan = Plan(Submission(Path(script.name), (script,)), Limits(), clock="real", ports=(port,))
    assert observe(plan).outcome is Outcome.FINISHED
