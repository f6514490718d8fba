"""What two runs under the same schedule have in common.

Pids, addresses of memory, the numbers of ports that the kernel chose and the CPU time that was
used differ from run to run, in what is printed too. Each of them is replaced by the process or
thing that it stands for. All else is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.trace.events import (
    AskedForInput,
    Connected,
    Event,
    Listened,
    Pid,
    Printed,
)
from grader.trace.model import Trace
from grader.trace.processes import Process

_FIRST_EPHEMERAL_PORT = 32768
"""Where the kernel begins when it chooses (net.ipv4.ip_local_port_range); ports that a program
chooses itself stay below.
"""
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
"""RFC 9562, section 4. The seed makes it the same in each run, whatever its digits say."""
_NUMBER = re.compile(rf"{_UUID}|(?<![\w.])\d+(?![\w.]|\.\d)")
_OUTSIDE = "outside"
"""Main's parent."""


def canonical(trace: Trace) -> Trace:
    """The trace with all that is a run's own replaced by roles: equal for runs that went alike.

    A process's pid becomes its number, that of main's parent -1. In texts pids become
    ``<main>``, ``<process 1>``, ``<outside>``; addresses and ports are numbered in the order in
    which they appear.
    """
    roles = dict.fromkeys((each.parent_pid for each in trace.processes if each.parent_pid), -1)
    roles |= {process.pid: process.number for process in trace.processes}
    ports = _ports(trace)
    mask = _Masking(roles, ports)
    return replace(
        trace,
        processes=tuple(_without_pids(process, roles, mask) for process in trace.processes),
        events=tuple(_masked(event, mask, ports) for event in trace.events),
        transcript=tuple(
            replace(
                each,
                before=mask(each.before),
                after=None if each.after is None else mask(each.after),
            )
            for each in trace.transcript
        ),
        cpu=0,
        supervision=0,
        longest_timeout=0,
        output_bytes=0,
        doubts=tuple(map(mask, trace.doubts)),
    )


def _ports(trace: Trace) -> Mapping[int, int]:
    """Port that the kernel chose -> its number in the order in which they appear, from 1."""
    ports: dict[int, int] = {}
    for event in trace.events:
        if isinstance(event, (Listened, Connected)):
            port = event.port or 0
            if port >= _FIRST_EPHEMERAL_PORT:
                ports.setdefault(port, len(ports) + 1)
    return ports


class _Masking:
    """Replaces the numbers of one run in texts; addresses are numbered as they appear."""

    def __init__(self, roles: Mapping[Pid, int], ports: Mapping[int, int]) -> None:
        others = {-1: f"<{_OUTSIDE}>", 0: "<main>"}
        self._names = {str(port): f"<port {number}>" for port, number in ports.items()} | {
            str(pid): others.get(number, f"<process {number}>") for pid, number in roles.items()
        }
        self._addresses: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        known = self._addresses
        text = _ADDRESS.sub(
            lambda match: known.setdefault(match[0], f"<address {len(known) + 1}>"), text
        )
        return _NUMBER.sub(lambda match: self._names.get(match[0], match[0]), text)


def _without_pids(
    process: Process, roles: Mapping[Pid, int], mask: Callable[[str], str]
) -> Process:
    parent = process.parent_pid
    return replace(
        process,
        pid=process.number,
        parent_pid=roles.get(parent, -1) if parent is not None else None,
        command=tuple(map(mask, process.command)),
        cpu=0,
        start_up=0,
    )


def _masked(event: Event, mask: Callable[[str], str], ports: Mapping[int, int]) -> Event:
    if isinstance(event, Printed):
        return replace(event, text=mask(event.text))
    if isinstance(event, AskedForInput):
        return replace(event, prompt=mask(event.prompt))
    if isinstance(event, (Listened, Connected)) and event.port is not None:
        return replace(event, port=ports.get(event.port, event.port), address=mask(event.address))
    return event
