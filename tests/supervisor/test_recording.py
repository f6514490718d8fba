"""The record of a run is in the order in which things happened."""

from __future__ import annotations

from grader.schedules import NATURAL
from grader.supervisor.clock import RealClock
from grader.supervisor.output import TerminalRecord
from grader.supervisor.recording import Recorder
from grader.trace import MAIN, Outcome, Printed, StartMethod, Stream


def test_lines_at_two_terminals_are_in_the_order_in_which_they_were_written() -> None:
    """Even if the later one came out first."""
    recorder = Recorder(RealClock())
    recorder.main_started(pid=10, parent_pid=1)
    recorder.peer_started(1, pid=11, parent_pid=1, name="server")
    mains, peers = TerminalRecord(), TerminalRecord()
    recorder.journal.wrote(peers, 1, Stream.STDOUT, 4)
    recorder.journal.wrote(mains, MAIN, Stream.STDOUT, 4)
    recorder.journal.terminal_said(mains, b"GOT\n")
    recorder.journal.terminal_said(peers, b"got\n")
    trace = recorder.finish(
        Outcome.FINISHED,
        [mains, peers],
        blocked=(),
        clock="real",
        isolation="basic",
        isolated=(),
        start_method=StartMethod.FORK,
        folder="/nowhere",
        schedule=NATURAL,
    )
    assert [each.text for each in trace.events if isinstance(each, Printed)] == ["got", "GOT"]
