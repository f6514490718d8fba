"""Runs a plan under ptrace on the virtual clock in one event order: a Trace comes out."""

from grader.plan import CannotSuperviseError, Plan
from grader.supervisor.launch import WarmRunner, run

__all__ = [
    "CannotSuperviseError",
    "Plan",
    "WarmRunner",
    "run",
]
