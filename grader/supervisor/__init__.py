"""Runs a plan under ptrace on the virtual clock in one event order: a Trace comes out."""

from grader.supervisor.launch import WarmRunner, run
from grader.supervisor.plan import CannotSuperviseError, Plan

__all__ = [
    "CannotSuperviseError",
    "Plan",
    "WarmRunner",
    "run",
]
