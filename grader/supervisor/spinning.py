"""Processes that do nothing but look at the clock, or ask for the same thing again and again.

Time passes ever faster for them, or their waiting would cost as much CPU time as it lasts. But it
does so only while nobody else is at work: what others compute must not seem to take longer
because somebody looks at the clock meanwhile.
"""

from __future__ import annotations

from grader.supervisor.run import Run
from grader.supervisor.tree import FREE_POLLS, READ_COST, TracedProcess
from grader.trace import Nanoseconds

SPINNING: Nanoseconds = 5_000_000
"""Under a schedule: who was charged so much for clock reads between two stops only spins."""

_SPIN_SHARE = 100
"""A fruitless poll is charged this fraction of the time that the polling has lasted."""
_MANY_READS = 100
_CPU_FOR_A_READ: Nanoseconds = 4_000
_CPU_FOR_A_TRAPPED_READ: Nanoseconds = 40_000
"""Who uses more CPU time than this for each of many reads does something else as well."""
_DEAREST_READ: Nanoseconds = 1_000_000
_READ_BESIDE_OTHERS: Nanoseconds = 250
"""What a read is charged in a spin while others work: it uses about as much CPU time itself."""


def note_fruitless_poll(run: Run, process: TracedProcess) -> None:
    """A non-blocking wait found nothing."""
    if process.fruitless_polls == 0:
        process.polling_since = run.clock.now()
    process.fruitless_polls += 1
    if process.fruitless_polls > FREE_POLLS and not _others_work(run, process):
        run.clock.charge((run.clock.now() - process.polling_since) // _SPIN_SHARE)


def note_clock_read(
    run: Run, process: TracedProcess, charged: Nanoseconds, used: Nanoseconds
) -> None:
    """A clock read has come to the supervisor: set what the next ones cost.

    ``charged`` is for those that the process made by itself since its last stop; ``used`` is the
    CPU time that it has used in all.
    """
    if not _only_reads(run, process, charged, used):
        process.read_step = READ_COST
    elif _others_work(run, process):
        process.read_step = _READ_BESIDE_OTHERS
    else:
        process.read_step = min(max(process.read_step, READ_COST) * 2, _DEAREST_READ)


def _only_reads(run: Run, process: TracedProcess, charged: Nanoseconds, used: Nanoseconds) -> bool:
    if run.is_scheduled:
        return charged >= SPINNING
    if process.page is None or not charged:  # it has none, or does not read the time there
        return _only_makes_trapped_reads(process, used)
    reads = charged // process.page.step
    return reads >= _MANY_READS and used - process.page.cpu < reads * _CPU_FOR_A_READ


def _only_makes_trapped_reads(process: TracedProcess, used: Nanoseconds) -> bool:
    process.reads_in_row += 1
    if process.reads_in_row == 1:
        process.reading_since = used
    spent = used - process.reading_since
    return (
        process.reads_in_row >= _MANY_READS
        and spent < process.reads_in_row * _CPU_FOR_A_TRAPPED_READ
    )


def _others_work(run: Run, process: TracedProcess) -> bool:
    """Whether a thread of any process but this one, and but those that spin as well, can run."""
    return not run.is_scheduled and any(
        thread.process is not process
        and not thread.process.spins
        and thread.files.state() in ("R", "t", "D")
        for thread in run.tree.threads.values()
    )
