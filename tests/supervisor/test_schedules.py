"""One thread at a time, in the order of a schedule: the same schedule gives the same run again.

The programs are those of ``tests/alike``; ``benchmarks/determinism.py`` runs each a hundred times
on a busy machine.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.limits import Limits
from grader.schedules import describe, parse_schedule
from grader.submission import read_submission
from grader.supervisor import Plan, WarmRunner, run
from grader.trace import Location, Outcome, Printed, Role, StartMethod, Trace
from grader.trace.canonical import canonical
from tests.supervisor.conftest import Supervise

PROGRAMS = Path(__file__).parent.parent / "alike"
CASES = [
    ("threads", "fork"),
    ("chance", "fork"),
    ("temporary", "fork"),
    ("method", "forkserver"),
    ("pool", "fork"),
    ("feeders", "fork"),
    ("method", "spawn"),
]
ORDERS = ["child-first", "random:3/3@64", "late:worker-1+200ms,ties-reversed"]


def conducted(program: str, schedule: str, method: str = "fork") -> Trace:
    plan = Plan(
        read_submission(PROGRAMS / f"{program}.py"),
        Limits(),
        start_method=StartMethod(method),
        schedule=parse_schedule(schedule),
    )
    return run(plan)


def lines(trace: Trace) -> list[str]:
    return [event.text for event in trace.events if isinstance(event, Printed)]


@pytest.mark.usefixtures("any_isolation")
@pytest.mark.parametrize(
    ("program", "method", "schedule"),
    [
        pytest.param(
            program,
            method,
            schedule,
            marks=[] if (place + turn) % len(ORDERS) == 0 else [pytest.mark.exhaustive],
        )
        for place, (program, method) in enumerate(CASES)
        for turn, schedule in enumerate(ORDERS)
    ],
)
def test_the_same_schedule_gives_the_same_trace(
    program: str, method: str, schedule: str, exhaustive: bool
) -> None:
    """Threads, chance, names of files, feeder threads, processes of every start method: all to the
    last byte. Each program has another order, exhaustively all of them.
    """
    traces = [conducted(program, schedule, method) for _ in range(3 if exhaustive else 2)]
    assert all(trace.exact and trace.outcome is Outcome.FINISHED for trace in traces)
    first, *others = map(canonical, traces)
    assert lines(first)
    assert others == [first] * len(others)


def test_runs_that_the_grader_ends_are_alike_too() -> None:
    """Those whom it kills die in an order of chance, which says nothing."""
    philosophers = PROGRAMS.parent / "lucky" / "philosophers" / "lucky.py"
    order = parse_schedule("pause:workers@2+1ms")
    plan = Plan(read_submission(philosophers), Limits(), schedule=order)
    with WarmRunner() as runner:
        first, *others = (canonical(runner([plan])[0]) for _ in range(5))
    assert first.outcome is Outcome.DEADLOCK
    assert others == [first] * len(others)


def test_chance_comes_from_the_seed() -> None:
    """Another seed, other random numbers; each process of a run has its own. Only the hash seed
    is that of all runs: they share the interpreter's start.
    """
    one, other = (lines(conducted("chance", f"random:{seed}")) for seed in (1, 2))
    assert len(one) == len(set(one)) + 2
    common = set(one) & set(other)
    assert len(common) == 1
    assert "[" in common.pop()


def test_a_spin_without_calls_is_preempted_and_told() -> None:
    """Nobody waits for ever for one who only looks at memory; but where exactly he was
    interrupted is chance, and the run says so.
    """
    trace = conducted("spin", "child-first")
    assert lines(trace) == ["raise", "seen"]
    assert not trace.exact


def test_work_takes_as_long_as_it_was_measured() -> None:
    """Five who compute at the same time do so in every order, and the natural run measures it."""
    measured = run(Plan(read_submission(PROGRAMS / "work.py"), Limits()))
    assert {step.process for step in measured.work} >= {1, 2, 3}
    plan = Plan(read_submission(PROGRAMS / "work.py"), Limits(), work=measured.work)
    trace = run(replace(plan, schedule=parse_schedule("child-first")))
    assert trace.exact
    assert lines(trace)[:3] == ["begin"] * 3


def test_work_is_done_where_it_was_measured(supervise: Supervise) -> None:
    """Between the same two calls: what the probe says and fruitless polls do not count."""
    source = """
        import time
        from multiprocessing import Process
        if __name__ == "__main__":
            p = Process(target=time.sleep, args=(0.001,))
            p.start()
            print(p.is_alive(), flush=True)
            print("before", flush=True)
            end = time.process_time() + 0.1
            while time.process_time() < end:
                pass
            print("after", flush=True)
            p.join()
    """
    measured = supervise(source)
    trace = supervise(source, work=measured.work, schedule=parse_schedule("parent-first"))
    at = {event.text: event.at for event in trace.events if isinstance(event, Printed)}
    assert 90e6 <= at["after"] - at["before"] <= 120e6


def test_a_late_process_begins_late(supervise: Supervise) -> None:
    """By as much as the schedule says, on the run's clock."""
    source = """
        from multiprocessing import Process
        p = Process(target=print, args=("hello",))
        p.start()
        p.join()
    """
    late, on_time = (
        supervise(source, schedule=parse_schedule(name))
        for name in ("late:worker-1+200ms", "parent-first")
    )
    assert 200e6 <= late.processes[1].began - late.processes[1].started < 201e6
    assert on_time.processes[1].began - on_time.processes[1].started < 1e6


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_late_process_keeps_nobody(supervise: Supervise, method: str) -> None:
    """Who starts it goes on meanwhile, and so do multiprocessing's own programs."""
    source = f"""
        import multiprocessing, time
        if __name__ == "__main__":
            multiprocessing.set_start_method("{method}")
            p = multiprocessing.Process(target=print, args=("hello",))
            before = time.monotonic()
            p.start()
            print("started", time.monotonic() - before < 0.2)
            p.join()
            print("joined", time.monotonic() - before >= 0.2)
    """
    trace = supervise(source, schedule=parse_schedule("late:worker-1+200ms"))
    assert lines(trace) == ["started True", "hello", "joined True"]


THREADS = """
    import threading, time
    from concurrent.futures import ThreadPoolExecutor

    def say(text):
        time.sleep(0.1)
        print(text)

    with ThreadPoolExecutor(1) as executor:
        executor.submit(say, "executor").result()
    a, b = (threading.Thread(target=say, args=(text,)) for text in "ab")
    begun = time.monotonic()
    a.start()
    print("started", time.monotonic() - begun < 0.1)
    b.start()
    a.join()
    b.join()
    print("end")
"""


def test_threads_that_the_script_starts_are_known(supervise: Supervise) -> None:
    """By their names, their lines and whether they sleep; those of an executor are its own."""
    trace = supervise(THREADS)
    assert [(each.name, each.started_at, each.has_slept) for each in trace.threads] == [
        ("Thread-1 (say)", Location("student.py", 13), True),
        ("Thread-2 (say)", Location("student.py", 15), True),
    ]
    by = {each.text: each.thread for each in trace.of_kind(Printed)}
    assert by == {"executor": None, "started True": None, "a": 1, "b": 2, "end": None}


@pytest.mark.parametrize("name", ["late:thread-1+200ms", "slow:thread-1x4"])
def test_a_thread_is_late_or_slow(supervise: Supervise, name: str) -> None:
    """It, and nobody else: who starts it goes on meanwhile, and so do other threads."""
    trace = supervise(THREADS, schedule=parse_schedule(name))
    assert lines(trace) == ["executor", "started True", "b", "a", "end"]


def test_a_thread_that_is_held_up_is_no_deadlock(supervise: Supervise) -> None:
    """Though all others wait for it; what they wait for in vain is one."""
    source = """
        import threading

        first, second = threading.Lock(), threading.Lock()

        def move(one, other):
            with one:
                with other:
                    print("moved")

        pairs = [(first, second), (second, first)]
        threads = [threading.Thread(target=move, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """
    late, paused = (
        supervise(source, schedule=parse_schedule(name))
        for name in ("late:threads+10s", "pause:threads@2+1ms")
    )
    assert late.outcome is Outcome.FINISHED
    assert paused.outcome is Outcome.DEADLOCK


def test_a_slow_process_sleeps_longer(supervise: Supervise) -> None:
    """As many times as long as it says; others as long as they say."""
    source = """
        import time
        from multiprocessing import Process
        p = Process(target=time.sleep, args=(1,))
        p.start()
        time.sleep(1)
        p.join()
    """
    trace = supervise(source, schedule=parse_schedule("slow:worker-1x4"))
    slept = {
        event.by: (event.until - event.at) / 1e9 for event in trace.events if event.kind == "slept"
    }
    assert slept == pytest.approx({0: 1, 1: 4}, abs=0.01)


def test_a_queue_bears_that_opcodes_are_counted(python: Path) -> None:
    """Its feeder thread begins while they are, and goes on afterwards: Python 3.12 crashed."""
    queue = PROGRAMS.parent / "lucky" / "daemon-queue" / "right.py"
    schedule = parse_schedule("random:2/3@64+20")
    trace = run(Plan(read_submission(queue), Limits(), python=python, schedule=schedule))
    assert (trace.outcome, lines(trace)) == (Outcome.FINISHED, ["6"])


def test_where_a_killed_child_came_to_is_known(supervise: Supervise) -> None:
    """It never says that its code is over; what it has counted stands in its memory."""
    source = """
        import time
        from multiprocessing import Event, Process, Value

        def work(total, done):
            total.value += 1
            done.set()
            total.value += 1
            time.sleep(60)

        total, done = Value("i", 0), Event()
        p = Process(target=work, args=(total, done))
        p.start()
        done.wait()
        p.kill()
        p.join()
    """
    order = parse_schedule("child-first")
    trace = supervise(source, schedule=order, counts_opcodes=True)
    assert trace.processes[1].signal == 9
    stores = {
        each.line
        for each in trace.preemption_points
        if (each.who, each.kind) == ("worker-1", "store")
    }
    assert stores == {6, 8}


def test_counting_opcodes_costs_the_submission_nothing(supervise: Supervise) -> None:
    """Each of the children computes a little, and would take more than all may if every opcode
    were looked at.
    """
    trace = supervise(
        """
        from multiprocessing import Process

        def work():
            total = 0
            for number in range(200_000):
                total += number * number
            print("done")

        if __name__ == "__main__":
            children = [Process(target=work) for _ in range(3)]
            for child in children: child.start()
            for child in children: child.join()
        """,
        schedule=parse_schedule("child-first"),
        counts_opcodes=True,
        limits={"cpu": 200_000_000},
    )
    assert trace.outcome is Outcome.FINISHED
    assert lines(trace) == ["done"] * 3


POLLED = """
    import time
    from multiprocessing import Process, Value

    def work(done):
        done.value = 1

    if __name__ == "__main__":
        done = Value("i", 0, lock=False)
        child = Process(target=work, args=(done,))
        child.start()
        while not done.value:
            time.sleep(0.01)
        print("done", flush=True)
"""


def test_a_child_can_be_held_up_after_its_last_write(
    supervise: Supervise, start_method: StartMethod
) -> None:
    """It has not ended yet when main finds what it wrote, and the order is told so."""
    counted = supervise(
        POLLED,
        schedule=parse_schedule("child-first"),
        counts_opcodes=True,
        start_method=start_method,
    )
    (end,) = (each for each in counted.preemption_points if each.kind == "end")
    order = parse_schedule(f"pause:worker-1@{end.last}+200ms")
    trace = supervise(POLLED, schedule=order, start_method=start_method)
    (printed,) = (each.at for each in trace.events if isinstance(each, Printed))
    child = next(each for each in trace.processes if each.role is Role.CHILD)
    assert child.ended is not None
    assert printed + 100e6 < child.ended
    assert [each.line for each in trace.preemptions] == [None]
    for seen in (trace, counted):
        sentence = describe(order, seen).in_language("en")
        assert sentence == "if child is held up for 0.2 s before it ends"


DAEMONS = """
import threading
import time

stop = threading.Event()

def tick(n):
    stop.wait()
    print("tock", n)

for n in range(6):
    threading.Thread(target=tick, args=(n,), daemon=True).start()
time.sleep(1)
stop.set()
"""


@pytest.mark.parametrize(
    "name", ["natural", "parent-first", "child-first", "slow:threadsx4", "random:5"]
)
def test_an_interpreter_does_not_end_while_its_threads_print(
    supervise: Supervise, name: str
) -> None:
    """Who prints has the lock of the buffer in its hands: the interpreter would abort."""
    trace = supervise(DAEMONS, schedule=parse_schedule(name))
    assert trace.outcome is Outcome.FINISHED
    assert trace.exact
    assert not trace.doubts


def test_a_daemon_thread_that_never_rests_keeps_no_interpreter(supervise: Supervise) -> None:
    """Main waits for it a little, and not up to the limit of CPU time."""
    source = """
        import threading

        def compute():
            while True:
                pass

        threading.Thread(target=compute, daemon=True).start()
    """
    assert supervise(source).outcome is Outcome.FINISHED
