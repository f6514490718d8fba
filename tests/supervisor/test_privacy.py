"""The grader and the submission belong to the same user, and cannot be mistaken for one another."""

from __future__ import annotations

import os

import pytest

from grader.sandbox import has_private_networks
from grader.trace import Printed
from tests.supervisor.conftest import Supervise


def _said(trace) -> list[str]:
    return [event.text for event in trace.events if isinstance(event, Printed)]


@pytest.mark.parametrize("file", ["mem", "environ", "maps"])
def test_nobody_looks_into_the_memory_of_the_grader(supervise: Supervise, file: str) -> None:
    """Not into the supervisor's, which is the parent, nor into its parent's. (In a house of its
    own the submission finds neither.)
    """
    trace = supervise(
        f"""
        import os
        above = os.getppid()
        with open(f"/proc/{{above}}/stat") as status:
            further = int(status.read().rpartition(")")[2].split()[1])
        for pid in (above, further):
            try:
                os.open(f"/proc/{{pid}}/{file}", os.O_RDONLY)
                print("open")
            except OSError as error:
                print(type(error).__name__)
        """,
        isolation="basic",
    )
    assert _said(trace) == ["PermissionError", "PermissionError"]


def test_the_submission_has_no_capabilities(supervise: Supervise) -> None:
    """Not even as root, and none that it could get by executing something. (Who has none, and may
    not make a namespace, cannot give up the last of these; no_new_privs makes it worth nothing.)
    """
    trace = supervise(
        """
        for line in open("/proc/self/status"):
            if line.startswith(("CapPrm", "CapEff", "CapAmb", "CapBnd")):
                print(int(line.split()[1], 16))
        """
    )
    permitted, effective, bounding, ambient = _said(trace)
    assert (permitted, effective, ambient) == ("0", "0", "0")
    if os.geteuid() == 0 or has_private_networks():
        assert bounding == "0"


def test_its_network_is_its_own_where_the_kernel_allows_it(supervise: Supervise) -> None:
    """A loopback that nobody else is on, and no other interface."""
    trace = supervise(
        """
        import socket
        print(sorted(name for _, name in socket.if_nameindex()))
        """
    )
    if "network" in trace.isolated:
        assert _said(trace) == ["['lo']"]
