"""Reports as the probe would have made them, written by hand: a `Told` takes them one after
another, and makes the trace of them.
"""

from __future__ import annotations

from grader.selfcheck.recording import Ending, trace_of
from grader.selfcheck.reports import Report
from grader.trace import Trace

from ..building import s

MAIN_PID = 10
FOLDER = "/somewhere/submission"


class Told:
    """What the processes of a run have reported; ``at`` is in seconds of the machine's clock."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self._tokens = 0

    def says(self, pid: int, what: str, *, at: float, **fields: object) -> None:
        self.reports.append(Report(what, pid, s(at), fields))

    def main(self, *, at: float) -> None:
        self.says(MAIN_PID, "hello", at=at, how="main", parent=9, arguments=[], python="3.11.7")
        self.says(MAIN_PID, "began", at=at, cpu=0)

    def births(
        self,
        parent: int,
        child: int,
        *,
        at: float,
        method: str = "fork",
        comes: bool = True,
        **fields: object,
    ) -> None:
        """``parent`` starts a child, which begins 10 ms later."""
        self._tokens += 1
        self.says(parent, "birth", at=at, token=self._tokens, method=method, **fields)
        self.says(parent, "born", at=at + 0.02, token=self._tokens, child=child)
        if comes:
            how = "fork" if method == "fork" else "program"
            self.says(child, "hello", at=at + 0.01, how=how, parent=parent, arguments=[])
            self.says(child, "began", at=at + 0.01, cpu=0)

    def trace(self, **ending: object) -> Trace:
        return trace_of(self.reports, Ending(folder=FOLDER, **ending))  # type: ignore[arg-type]
