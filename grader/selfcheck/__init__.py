"""Runs a plan where the kernel cannot be asked: the submission's own interpreters report.

The same Trace comes out, with the script for its witness, on the machine's own clock.
"""

from grader.plan import Plan
from grader.selfcheck.orders import check_schedule, longest_run, schedules
from grader.selfcheck.running import run
from grader.selfcheck.system import this_system
from grader.trace import Trace

__all__ = ["longest_run", "observe", "schedules"]


def observe(plan: Plan) -> Trace:
    """Run a submission once.

    Raises:
        CannotSuperviseError: this machine or interpreter does not let it be run.
        ValueError: the plan's schedule is none that can be kept here (see `schedules`).
    """
    check_schedule(plan.schedule)
    return run(plan, this_system())
