"""The deadline on the real clock: whatever a supervisor is stuck in, its grader gets an answer."""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from grader.checks import JudgeContext, Status
from grader.exercise import load_exercise, shipped_exercises
from grader.grading.judged import JudgedRun
from grader.limits import Limits
from grader.source import code_of
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, deadline, run
from grader.supervisor import supervisor_process as processes
from grader.supervisor.launch import _trace_of_unseen
from grader.supervisor.reaping import Reaper
from grader.supervisor.supervisor import Supervisor
from grader.trace import MAIN, Outcome, Printed, Trace
from grader.trace.questions import every

from .reading import living_in

SECOND = 10**9
SCRIPT = """\
import os
import signal
print("begun", flush=True)
if os.fork() == 0:
    os.setsid()
    signal.pause()
print("two", flush=True)
signal.pause()
"""


HAND_OVER_S = 0.2
STUCK = mmap.mmap(-1, 1)
"""Shared with the supervisors, which say here that they are stuck."""


class DeadlineOfTheStuck(deadline.Deadline):
    """It passes when the supervisor is stuck, on however busy a machine."""

    def __init__(self, supervisor: int, seconds: float) -> None:
        super().__init__(supervisor, seconds)
        self._is_of_run = seconds > HAND_OVER_S

    def has_passed(self) -> bool:
        return STUCK[0] == 1 if self._is_of_run else super().has_passed()


@pytest.fixture(autouse=True)
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is stuck costs a test next to nothing."""
    STUCK[0] = 0
    monkeypatch.setattr(processes, "Deadline", DeadlineOfTheStuck)
    monkeypatch.setattr(processes, "HAND_OVER_S", HAND_OVER_S)
    monkeypatch.setattr(processes, "LOOK_EVERY_S", 0.05)


def plan_of(source: str) -> Plan:
    submission = Submission(Path("student.py"), (SourceFile("student.py", source.encode()),))
    return Plan(submission, Limits(time=10**18))


def printed(trace: Trace) -> list[str]:
    return [line.text for line in every(trace, Printed)]


def stuck_once_all_is_printed(stuck: Callable[[], NoReturn]) -> Callable[[Supervisor], None]:
    """A supervisor's turn, until both lines are out."""
    turn = Supervisor._turn

    def take_turn(supervisor: Supervisor) -> None:
        if supervisor._console.record.bytes_seen >= len("begun\ntwo\n"):
            stuck()
        turn(supervisor)

    return take_turn


def wait_for_ever() -> NoReturn:
    STUCK[0] = 1
    while True:
        signal.pause()


def hear_nothing() -> NoReturn:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    wait_for_ever()


def stand_still() -> NoReturn:
    STUCK[0] = 1
    os.kill(os.getpid(), signal.SIGSTOP)
    wait_for_ever()


def test_what_was_seen_is_judged(
    each_isolation: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A supervisor that waits for what never comes is interrupted: it hands over its trace."""
    monkeypatch.setattr(Supervisor, "_turn", stuck_once_all_is_printed(wait_for_ever))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trace = run(plan_of(SCRIPT))
    assert trace.outcome is Outcome.WALL_LIMIT
    assert trace.isolation == each_isolation
    assert printed(trace) == ["begun", "two"]
    assert len(trace.processes) == 2
    assert all(each.killed_by_grader for each in trace.processes)
    assert trace.doubts == ()
    assert living_in(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stuck", [hear_nothing, stand_still])
def test_a_supervisor_that_does_not_answer_is_killed(
    each_isolation: str,
    stuck: Callable[[], NoReturn],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The run is judged all the same, and nobody is left of it."""
    monkeypatch.setattr(Supervisor, "_turn", stuck_once_all_is_printed(stuck))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trace = run(plan_of(SCRIPT))
    assert trace.outcome is Outcome.WALL_LIMIT
    assert trace.isolation == each_isolation
    assert "network" in trace.isolated or not trace.isolated
    assert [each.number for each in trace.processes] == [MAIN]
    assert living_in(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_an_end_that_was_found_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut off when its processes are being killed had come to its end before."""
    monkeypatch.setattr(Reaper, "kill_all", lambda reaper: wait_for_ever())
    trace = run(plan_of("import time\nwhile True: time.sleep(3 * 10**8)"))
    assert trace.outcome is Outcome.TIME_LIMIT


def test_the_next_run_of_the_grading_is_a_run_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has a supervisor process of its own."""
    turn = Supervisor._turn
    plan = plan_of("print('hi')")
    with WarmRunner() as runner:
        monkeypatch.setattr(Supervisor, "_turn", stuck_once_all_is_printed(hear_nothing))
        assert runner([plan_of(SCRIPT)])[0].outcome is Outcome.WALL_LIMIT
        monkeypatch.setattr(Supervisor, "_turn", turn)
        STUCK[0] = 0
        assert printed(runner([plan])[0]) == ["hi"]


def test_runs_that_are_cut_off_have_less_and_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grading whose every run is stuck ends soon, too."""
    given: list[float] = []
    send = processes.SupervisorProcess.send

    def note(self, plan, order, deadline_s):
        given.append(deadline_s)
        send(self, plan, order, deadline_s)

    monkeypatch.setattr(processes.SupervisorProcess, "send", note)
    monkeypatch.setattr(Supervisor, "_turn", stuck_once_all_is_printed(hear_nothing))
    with WarmRunner(copies=False) as runner:
        for _ in range(4):
            STUCK[0] = 0
            runner([plan_of(SCRIPT)])
    assert given == [25.0, 25.0, 5.0, 5.0]


def test_an_isolation_that_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the submission was run: that is the machine's matter."""
    monkeypatch.setattr(processes, "isolate", lambda *_, **__: wait_for_ever())
    with pytest.raises(CannotSuperviseError) as raised:
        run(plan_of("print('hi')"))
    assert str(raised.value) == (
        "The submission could not be set up: this machine did not get that far in 25 s. Grade it "
        "again when the machine is less busy."
    )


def test_an_interpreter_that_is_stuck_before_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """No instruction of the student's was executed: nobody is judged."""
    monkeypatch.setattr(Supervisor, "_turn", lambda supervisor: wait_for_ever())
    for copies in (True, False):
        STUCK[0] = 0
        with WarmRunner(copies=copies) as runner, pytest.raises(CannotSuperviseError) as raised:
            runner([plan_of("print('hi')")])
        assert "did not come to the submission" in str(raised.value)


def test_the_limits_of_an_exercise_give_more_time() -> None:
    """Whatever an exercise allows can be reached before the deadline."""
    assert Limits().deadline_s("virtual") == 25
    assert Limits(cpu=SECOND).deadline_s("virtual") == 25
    assert Limits(cpu=20 * SECOND, supervision=40 * SECOND).deadline_s("virtual") == 70
    assert Limits(time=40 * SECOND).deadline_s("real") == 65


def test_nothing_is_known_of_an_unseen_run_and_every_exercise_can_judge_it() -> None:
    """No check takes silence for success."""
    for path in shipped_exercises().values():
        exercise = load_exercise(path)
        plan = plan_of("print('hi')")
        trace = _trace_of_unseen(plan, "basic", ["files"], ())
        context = JudgeContext(exercise, trace, plan.submission, code_of(plan.submission))
        findings = JudgedRun(context).findings()
        assert any(finding.status is not Status.PASSED for finding in findings.values())


class Clock:
    """A real clock, and a family of which something is known at each look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self._now = 1000.0
        self._used: dict[int, tuple[int, int]] = {1: (0, 0)}
        monkeypatch.setattr("time.monotonic", lambda: self._now)
        monkeypatch.setattr(deadline, "_used_by_family", lambda pid: dict(self._used))
        self._deadline = deadline.Deadline(1, seconds)
        self._deadline.has_passed()

    def passes(self, seconds: float, *, computing: float = 0, waiting: float = 0) -> bool:
        """Whether the deadline has passed after so many seconds, of which each of its threads
        computed and waited for a processor so long.
        """
        self._now += seconds
        self._used = {
            tid: (used[0] + round(computing * SECOND), used[1] + round(waiting * SECOND))
            for tid, used in self._used.items()
        }
        return self._deadline.has_passed()


def test_time_counts_in_which_nobody_is_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are asleep, or it computes: that is its own time."""
    clock = Clock(monkeypatch, 2.0)
    assert not clock.passes(0.5)
    assert not clock.passes(0.5, computing=0.5)
    assert not clock.passes(0.5, computing=0.2)
    assert clock.passes(0.51)


def test_a_busy_machine_is_no_fault_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """While others have the processor it would need, no time counts but what it computes."""
    clock = Clock(monkeypatch, 1.0)
    for _ in range(9):
        assert not clock.passes(0.5, computing=0.1, waiting=0.4)
    assert clock.passes(0.5, computing=0.11, waiting=0.4)


def test_a_grader_that_was_stopped_does_not_count_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by Control-Z: what it did not look at may have got on."""
    clock = Clock(monkeypatch, 2.0)
    assert not clock.passes(1000)
    assert clock.passes(1000)


def test_all_that_descends_from_a_supervisor_is_known() -> None:
    """Each before its own children, those of all threads."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        grandchild = os.fork()
        os.write(write_end, b".")
        signal.pause()
        os._exit(grandchild)
    os.read(read_end, 2)
    try:
        found = list(deadline.descendants(os.getpid()))
        index = found.index(child)
        (grandchild,) = deadline.descendants(child)
        assert grandchild in found[index + 1 :]
    finally:
        deadline.end_family(child)
        os.waitpid(child, 0)
    try:
        state = Path(f"/proc/{grandchild}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return  # whoever took it over has collected it
    assert state in "ZX"
