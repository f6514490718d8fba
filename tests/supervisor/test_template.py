"""Copies of one started interpreter do what a freshly started one does."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grader.limits import Limits
from grader.schedules import parse_schedule
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, run
from grader.trace import Outcome, Printed, StartMethod, Trace

pytestmark = pytest.mark.usefixtures("any_isolation")

FIVE = b"""
import os, time
from multiprocessing import Process

def work(n):
    print("hello", n)
    time.sleep(1)

if __name__ == "__main__":
    children = [Process(target=work, args=(n,)) for n in range(5)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    with open("/proc/self/stat") as status:
        parent = int(status.read().split()[3])
    print("main", os.getppid() == parent, os.listdir())
    open("left", "w").close()
"""


def plan(source: bytes, **settings: object) -> Plan:
    submission = Submission(Path("student.py"), (SourceFile("student.py", source),))
    return Plan(submission, Limits(), **settings)  # type: ignore[arg-type]


def story(trace: Trace) -> list[object]:
    """Everything but the pids."""
    return [
        (event.at, event.by, event.kind, getattr(event, "text", None)) for event in trace.events
    ]


@pytest.mark.parametrize("order", ["child-first", "late:worker-2+200ms", "random:5/3@64"])
def test_a_copy_repeats_a_cold_run_to_the_nanosecond(order: str) -> None:
    """The same order of events gives the same trace, however the interpreter was started."""
    wanted = plan(FIVE, schedule=parse_schedule(order))
    cold = run(wanted)
    with WarmRunner() as warm:
        (first,) = warm([wanted])
        (second,) = warm([wanted])
    assert story(first) == story(second) == story(cold)


def test_every_copy_finds_the_folder_as_it_was() -> None:
    """What one run left behind is gone in the next."""
    with WarmRunner() as warm:
        runs = [warm([plan(FIVE)])[0] for _ in range(3)]
    for trace in runs:
        last = [event.text for event in trace.events if isinstance(event, Printed)][-1]
        assert last == "main True ['student.py']"


def test_what_was_prepared_repeats_a_cold_run() -> None:
    """An interpreter that was started before there was a plan is as good as another."""
    wanted = plan(FIVE, schedule=parse_schedule("child-first"))
    with WarmRunner() as warm:
        warm.prepare(wanted.submission, None, "auto", 2)
        prepared = warm([wanted, wanted])
    assert [story(trace) for trace in prepared] == [story(run(wanted))] * 2


SEEN_BY_A_COPY = b"""
import multiprocessing, os, resource
print(multiprocessing.get_start_method(), resource.getrlimit(resource.RLIMIT_FSIZE)[0])
print(os.isatty(1), os.getpgrp() == os.tcgetpgrp(0), os.listdir())
open("left", "w").close()
"""


def test_plans_of_another_beginning_than_was_prepared() -> None:
    """Start methods and limits are those of the plan, whatever was expected."""
    plans = [
        replace(plan(SEEN_BY_A_COPY, start_method=method), limits=Limits(disk=disk))
        for method, disk in ((StartMethod.SPAWN, 10**6), (StartMethod.FORK, 2 * 10**6))
    ]
    with WarmRunner() as warm:
        warm.prepare(plans[0].submission, None, "auto", 1)
        traces = [warm([each])[0] for each in (*plans, *plans)]
    seen = [[event.text for event in each.events if event.kind == "printed"] for each in traces]
    last = "True True ['student.py']"
    assert seen == [["spawn 1000000", last], ["fork 2000000", last]] * 2


@pytest.mark.parametrize("python", ["missing", "no-python"])
def test_what_cannot_be_prepared(tmp_path: Path, python: str) -> None:
    """It is told when there is a plan, as it would have been without."""
    path = tmp_path / python
    if python == "no-python":
        path.symlink_to("/bin/true")
    wanted = plan(FIVE, python=path)
    told = []
    for prepares in (True, False):
        with WarmRunner() as warm:
            if prepares:
                warm.prepare(wanted.submission, path, "auto", 2)
            with pytest.raises(CannotSuperviseError) as raised:
                warm([wanted])
        told.append(str(raised.value))
    assert told[0] == told[1]


def test_what_was_prepared_for_nothing_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half-built house is left behind, with somebody in it: it ends as soon as it can."""
    monkeypatch.chdir(tmp_path)
    for _ in range(10):
        with WarmRunner() as warm:
            warm.prepare(plan(FIVE).submission, None, "auto", 2)
    while _others_in(tmp_path):
        os.sched_yield()


def _others_in(folder: Path) -> list[str]:
    """The processes besides this one that were started in the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(path / "cwd") == str(folder) and path.name != str(os.getpid()):
                found.append(path.name)
    return found


def test_several_copies_run_at_the_same_time() -> None:
    """Each in a supervisor process of its own."""
    with WarmRunner() as warm:
        traces = warm([plan(FIVE)] * 3)
    assert [trace.outcome for trace in traces] == [Outcome.FINISHED] * 3
    assert all(len(trace.processes) == 6 for trace in traces)


@pytest.mark.parametrize("method", [StartMethod.SPAWN, StartMethod.FORKSERVER])
def test_copies_start_children_in_every_way(method: StartMethod) -> None:
    """Each copy starts multiprocessing's own helpers anew."""
    with WarmRunner() as warm:
        traces = [warm([plan(FIVE, start_method=method)])[0] for _ in range(2)]
    for trace in traces:
        assert {each.start_method for each in trace.processes if each.creator == 0} == {method}


def test_a_copy_that_kills_its_group_spares_the_template() -> None:
    """Every copy has a process group of its own."""
    suicide = b"import os, signal; print('hi'); os.kill(0, signal.SIGKILL)"
    with WarmRunner() as warm:
        traces = [warm([plan(suicide)])[0] for _ in range(2)]
    assert [trace.outcome for trace in traces] == [Outcome.CRASHED] * 2
    assert [trace.processes[0].signal for trace in traces] == [9, 9]


def test_a_copy_that_is_killed_at_a_limit_leaves_nobody() -> None:
    """And the next one runs as if nothing had been."""
    bomb = b"import os\nwhile True: os.fork()"
    with WarmRunner() as warm:
        traces = [warm([plan(bomb)])[0] for _ in range(2)]
    assert [trace.outcome for trace in traces] == [Outcome.PROCESS_LIMIT] * 2
