"""The trapped system calls: what each means, and what the supervisor makes of it."""

from grader.supervisor.calls.base import NO_CALL, Call, Run
from grader.supervisor.calls.table import call_types
from grader.supervisor.calls.writes import Write, read_report

__all__ = ["NO_CALL", "Call", "Run", "Write", "call_types", "read_report"]
