"""Reaching a limit ends the run, with what was seen up to there; and nobody is ever left."""

from __future__ import annotations

import sys
import time
import venv
from pathlib import Path
from textwrap import dedent

import pytest

from grader.limits import Limits
from grader.schedules import parse_schedule
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, start_ups
from grader.supervisor.architecture import this_machine
from grader.supervisor.supervisor import Supervisor
from grader.trace import Location, Outcome, StartMethod, Trace, WaitReason
from grader.trace.questions import process

from ..repeating import exhaustive
from .conftest import Supervise
from .reading import SECOND, just_past, living_in, output

MB = 10**6


def test_the_time_limit(supervise: Supervise):
    """A submission that sleeps for ever is stopped before its limit, at once."""
    trace = supervise(
        """
        import time
        print("begun", flush=True)
        while True: time.sleep(1)
        """,
        limits={"time": 10 * SECOND},
    )
    assert trace.outcome is Outcome.TIME_LIMIT
    assert output(trace) == ["begun"]
    assert 9 * SECOND <= trace.duration <= 10.1 * SECOND
    assert process(trace, 0).killed_by_grader


def test_one_sleep_beyond_the_time_limit(supervise: Supervise):
    """A deadline that lies beyond the limit is not waited for."""
    trace = supervise("import time; time.sleep(10**6)", limits={"time": 10 * SECOND})
    assert trace.outcome is Outcome.TIME_LIMIT
    assert just_past(trace.duration / SECOND, 10)


def test_one_sleep_beyond_the_time_limit_of_a_real_clock(supervise: Supervise):
    """There, too, it is not waited for: the trace says who sleeps, and no time that passed."""
    trace = supervise("import time; time.sleep(10**6)", limits={"time": 30 * SECOND}, clock="real")
    assert trace.outcome is Outcome.TIME_LIMIT
    assert [(each.process, each.obstacle) for each in trace.blocked] == [(0, WaitReason.SLEEP)]
    assert trace.duration < 30 * SECOND


def test_a_busy_wait_reaches_the_time_limit(supervise: Supervise):
    """Looking at the clock for ever is no way around it."""
    trace = supervise("import time\nwhile True: time.time()", limits={"time": 20 * SECOND})
    assert trace.outcome is Outcome.TIME_LIMIT
    assert trace.cpu < 5 * SECOND


def test_a_busy_wait_past_the_c_library_reaches_the_time_limit(supervise: Supervise):
    """Nor is asking the kernel itself for the time, which is a stop each time."""
    machine = this_machine()
    assert machine is not None
    trace = supervise(
        f"""
        import ctypes
        ask, room = ctypes.CDLL(None).syscall, ctypes.create_string_buffer(16)
        while True: ask({machine.numbers["clock_gettime"]}, 1, room)
        """,
        limits={"time": 2 * SECOND},
    )
    assert trace.outcome is Outcome.TIME_LIMIT


def test_the_cpu_limit(supervise: Supervise):
    """An endless loop ends when it has used its CPU time."""
    trace = supervise("print('begun', flush=True)\nwhile True: pass", limits={"cpu": SECOND // 2})
    assert trace.outcome is Outcome.CPU_LIMIT
    assert output(trace) == ["begun"]
    assert just_past(trace.cpu / SECOND, 0.5, slack=0.3)


@pytest.fixture(scope="module")
def slow_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that needs 0.4 s of CPU time to come up, as on a slow machine."""
    place = tmp_path_factory.mktemp("slow") / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (place / "lib" / version / "site-packages" / "slow.pth").write_text(
        "import time; any(map((0.4).__le__, iter(time.process_time, None)))"
    )
    return place / "bin" / "python"


def test_what_the_interpreter_needs_to_come_up_is_not_charged(
    supervise: Supervise, slow_python: Path
):
    """It is more than the limit, and a script that computes next to nothing is not stopped."""
    trace = supervise("print('done')", python=slow_python, limits={"cpu": SECOND // 5})
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["done"]
    assert trace.cpu < SECOND // 5
    assert process(trace, 0).start_up > 0.3 * SECOND


def test_what_the_interpreters_of_children_need_is_not_charged(
    supervise: Supervise, slow_python: Path, start_method: StartMethod
):
    """Nor what multiprocessing's own programs need, if there are any."""
    trace = supervise(
        """
        from multiprocessing import Process

        def work(n):
            print("hello", n)

        if __name__ == "__main__":
            children = [Process(target=work, args=(n,)) for n in range(3)]
            for child in children: child.start()
            for child in children: child.join()
        """,
        python=slow_python,
        start_method=start_method,
        limits={"cpu": SECOND // 3},
    )
    assert trace.outcome is Outcome.FINISHED
    assert sorted(output(trace)) == ["hello 0", "hello 1", "hello 2"]
    exempt = [each.number for each in trace.processes if each.start_up > 0.3 * SECOND]
    executed = [each.number for each in trace.processes if each.command]
    assert exempt == executed


def test_a_copy_of_a_template_knows_what_coming_up_costs(slow_python: Path):
    """It was measured on the template; the copy's children are exempt as much."""
    source = b"""
from multiprocessing import Process

if __name__ == "__main__":
    for _ in range(2): Process(target=print, args=("hello",)).start()
"""
    submission = Submission(Path("student.py"), (SourceFile("student.py", source),))
    plan = Plan(
        submission,
        Limits(cpu=SECOND // 3),
        python=slow_python,
        start_method=StartMethod.SPAWN,
    )
    with WarmRunner() as warm:
        (trace,) = warm([plan])
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["hello"] * 2
    assert trace.cpu < SECOND // 3


def test_the_cpu_limit_of_a_slow_machine(supervise: Supervise, slow_python: Path):
    """From the script's first line on all counts, and no more is granted than before."""
    trace = supervise("while True: pass", python=slow_python, limits={"cpu": SECOND // 5})
    assert trace.outcome is Outcome.CPU_LIMIT
    assert just_past(trace.cpu / SECOND, 0.2, slack=0.1)


def test_who_never_comes_up_has_no_more_than_twice_mains_start(supervise: Supervise):
    """What calls itself multiprocessing's, and computes for ever, gains next to nothing."""
    trace = supervise(
        """
        import os, sys
        forged = "from multiprocessing.spawn import spawn_main\\nwhile True: pass"
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", forged])
        """,
        limits={"cpu": SECOND // 2},
    )
    assert trace.outcome is Outcome.CPU_LIMIT
    assert just_past(trace.cpu / SECOND, 0.5, slack=0.3)
    assert process(trace, 0).start_up < SECOND


def test_an_interpreter_that_never_comes_up_is_no_fault_of_the_scripts(
    supervise: Supervise, slow_python: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nobody is judged when the machine's own set-up computes without end."""
    monkeypatch.setattr(start_ups, "LONGEST", SECOND // 10)
    with pytest.raises(CannotSuperviseError):
        supervise("print('done')", python=slow_python, limits={"cpu": SECOND // 10})


@pytest.mark.parametrize(
    ("pause", "outcome", "schedule"),
    [
        ("time.sleep(0.1)", Outcome.TIME_LIMIT, "natural"),
        ("time.sleep(0.1)", Outcome.TIME_LIMIT, "random:1"),
        ("time.sleep(0.001)", Outcome.EVENT_LIMIT, "natural"),
        ("pass", Outcome.CPU_LIMIT, "natural"),
        ("pass", Outcome.CPU_LIMIT, "child-first"),
    ],
)
def test_the_line_at_which_it_went_round(
    supervise: Supervise, pause: str, outcome: Outcome, schedule: str
):
    """Whoever a limit ends in a loop is asked where it stands, also if it is at work."""
    trace = supervise(
        f"""
        import time
        from multiprocessing import Process, Value

        def work(flag):
            while not flag.value: {pause}

        if __name__ == "__main__":
            p = Process(target=work, args=(Value("b"),))
            p.start()
            p.join()
        """,
        limits={"time": 20 * SECOND, "cpu": SECOND, "events": 1000},
        schedule=parse_schedule(schedule),
    )
    assert trace.outcome is outcome
    main, child = trace.blocked
    assert (main.obstacle, main.line) == (WaitReason.CHILD, Location("student.py", 11))
    assert child.line == Location("student.py", 6)


def test_the_cpu_time_of_all_counts(supervise: Supervise):
    """Children that are alive, that were reaped and that were not: all together."""
    trace = supervise(
        """
        import os, time
        def burn(seconds):
            while time.process_time() < seconds: pass
        for _ in range(3):
            if os.fork() == 0:
                burn(0.2)
                os._exit(0)
        os.wait()
        burn(9)
        """,
        limits={"cpu": SECOND},
    )
    assert trace.outcome is Outcome.CPU_LIMIT
    assert just_past(trace.cpu / SECOND, 1, slack=0.3)


def test_a_limit_is_reached_while_somebody_is_held_at_his_end(supervise: Supervise):
    """Whoever has only to be let go is let go, and nobody waits for him for ever."""
    trace = supervise(
        """
        import os, time
        from multiprocessing import Process

        def work():
            for _ in range(2_000_000): pass
            os._exit(0)

        if __name__ == "__main__":
            Process(target=work).start()
            time.sleep(0.02)
            while True: pass
        """,
        limits={"cpu": SECOND},
        schedule=parse_schedule("child-first"),
    )
    assert trace.outcome is Outcome.CPU_LIMIT


def test_the_output_limit(supervise: Supervise):
    """Output without end is cut, and its beginning kept."""
    trace = supervise("while True: print('x' * 70)", limits={"output": 100_000})
    assert trace.outcome is Outcome.OUTPUT_LIMIT
    assert output(trace)[:3] == ["x" * 70] * 3
    assert 100_000 < trace.output_bytes < 200_000


def test_one_enormous_line(supervise: Supervise):
    """10 MB in one write are stopped in the middle of it."""
    trace = supervise("print('x' * 10_000_000)")
    assert trace.outcome is Outcome.OUTPUT_LIMIT
    assert trace.doubts == ()


def test_the_process_limit(supervise: Supervise):
    """A fork bomb is stopped at its limit."""
    trace = supervise("import os\nwhile True: os.fork()", limits={"processes": 20})
    assert trace.outcome is Outcome.PROCESS_LIMIT
    assert len(trace.processes) <= 25


@pytest.mark.parametrize("most", [20, Limits().threads, 600])
def test_the_thread_limit(supervise: Supervise, most: int):
    """A thread bomb, too, before it has no room for another stack. Threads are counted apart from
    processes.
    """
    trace = supervise(
        """
        import threading
        while True: threading.Thread(target=threading.Event().wait).start()
        """,
        limits={"processes": 1, "threads": most},
    )
    assert trace.outcome is Outcome.THREAD_LIMIT


def test_a_hundred_threads_at_once(supervise: Supervise):
    """That is a lesson's example, and no bomb."""
    trace = supervise(
        """
        import threading
        over = threading.Event()
        threads = [threading.Thread(target=over.wait) for _ in range(100)]
        for each in threads: each.start()
        over.set()
        for each in threads: each.join()
        """
    )
    assert trace.outcome is Outcome.FINISHED


def test_processes_one_after_another_are_no_bomb(supervise: Supervise):
    """Only those that are alive at the same time count."""
    trace = supervise(
        """
        import os
        for _ in range(60):
            if os.fork() == 0: os._exit(0)
            os.wait()
        """,
        limits={"processes": 5},
    )
    assert trace.outcome is Outcome.FINISHED


def test_the_memory_limit(supervise: Supervise):
    """A list that grows for ever."""
    trace = supervise("x = []\nwhile True: x.append(bytearray(10**6))", limits={"memory": 100 * MB})
    assert trace.outcome is Outcome.MEMORY_LIMIT


def test_the_memory_of_all_counts(supervise: Supervise):
    """Four children of 40 MB each are more than 100 MB."""
    trace = supervise(
        """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                x = bytearray(40_000_000)
                time.sleep(1)
                for _ in range(10**8): pass
                os._exit(0)
        for _ in range(4): os.wait()
        """,
        limits={"memory": 100 * MB},
    )
    assert trace.outcome is Outcome.MEMORY_LIMIT


def test_memory_that_children_share_counts_once(supervise: Supervise):
    """Forked children share their parent's pages until they write to them."""
    trace = supervise(
        """
        import os, time
        x = bytearray(40_000_000)
        for _ in range(4):
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
        for _ in range(4): os.wait()
        """,
        limits={"memory": 100 * MB},
    )
    assert trace.outcome is Outcome.FINISHED


def test_one_huge_allocation_is_an_error_of_its_own(supervise: Supervise):
    """A terabyte at once is a MemoryError, as Python says it."""
    trace = supervise("bytearray(10**12)")
    assert trace.outcome is Outcome.CRASHED
    assert output(trace)[-1] == "MemoryError"


def test_files_are_limited_as_well(supervise: Supervise):
    """A file that grows for ever is an error when it is too large."""
    trace = supervise(
        """
        import os
        with open("file", "wb") as f:
            try:
                while True: f.write(bytes(10**7))
            except OSError as error: print(error.strerror)
        """
    )
    assert output(trace) == ["File too large"]


STAYERS = {
    "a daemon of the old school": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: stay()
            os._exit(0)
        os.wait()
        """,
    "signals ignored": """
        if os.fork() == 0:
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            stay()
        """,
    "stopped": """
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        """,
    "stopped by its parent": """
        child = os.fork()
        if child == 0: stay()
        os.kill(child, signal.SIGSTOP)
        """,
    "many": """
        for _ in range(30):
            if os.fork() == 0: stay()
        """,
    "in the middle of a fork": """
        if os.fork() == 0:
            while True:
                if os.fork() == 0: os._exit(0)
                try: os.waitpid(-1, os.WNOHANG)
                except ChildProcessError: pass
        """,
    "another program": """
        subprocess.Popen(["sleep", "9999"], start_new_session=True)
        """,
    "a shell's background": """
        subprocess.run("(sleep 9999 &) ; (sleep 8888 &)", shell=True)
        """,
    "threads": """
        if os.fork() == 0:
            for _ in range(5): threading.Thread(target=stay).start()
        """,
    "a vfork that never executes": """
        if os.fork() == 0: os.execvp("sh", ["sh", "-c", "sleep 9999"])
        """,
    "spinning": """
        if os.fork() == 0:
            while True: pass
        """,
    "a group of its own": """
        if os.fork() == 0:
            os.setpgid(0, 0)
            stay()
        """,
}


@pytest.mark.parametrize("kind", STAYERS)
def test_nobody_is_left(supervise: Supervise, kind: str):
    """Whatever a process does to stay, it is gone when the trace is there."""
    trace: Trace = supervise(
        f"""
        import os, signal, subprocess, threading, time
        def stay():
            while True: time.sleep(1)
        print(os.getcwd(), flush=True)
        {STAYERS[kind]}
        os._exit(0)
        """,
        limits={"cpu": SECOND, "output": 10_000},
    )
    (folder,) = output(trace)[:1]
    assert folder.endswith("/submission")
    assert living_in(folder) == []


def test_nobody_is_left_of_a_bomb(supervise: Supervise):
    """Not even of one that forks as fast as it can."""
    trace = supervise("import os\nprint(os.getcwd(), flush=True)\nwhile True: os.fork()")
    assert trace.outcome is Outcome.PROCESS_LIMIT
    assert living_in(output(trace)[0]) == []


def test_nothing_is_left_of_the_folder(supervise: Supervise):
    """Whatever rights the submission took away from what it made."""
    import os

    trace = supervise(
        """
        import os
        os.makedirs("a/b/c")
        open("a/b/file", "w").close()
        os.symlink("/etc", "a/link")
        os.chmod("a/b/file", 0)
        os.chmod("a/b", 0)
        os.chmod("a", 0o500)
        os.chmod(".", 0o500)
        print(os.getcwd())
        """
    )
    (folder,) = output(trace)
    assert not os.path.exists(os.path.dirname(folder))
    assert os.path.exists("/etc/passwd")


def test_the_event_limit(supervise: Supervise):
    """All that happened is kept, judged and reported, so there is an end to it."""
    trace = supervise("import os\nwhile True: os.kill(os.getpid(), 0)", limits={"events": 500})
    assert trace.outcome is Outcome.EVENT_LIMIT
    assert 500 < len(trace.events) < 550


def test_lines_are_events(supervise: Supervise):
    """100,000 empty lines are little output, and yet too many."""
    trace = supervise("print('\\n' * 100_000)", limits={"events": 500})
    assert trace.outcome is Outcome.EVENT_LIMIT


def test_what_is_being_written_at_the_limit_is_seen_whole(supervise: Supervise):
    """A write that the end of the run breaks off has put a part of its bytes on the terminal."""
    trace = supervise("import os\nwhile True: os.write(1, b'\\n' * 50_000)", limits={"events": 500})
    assert trace.outcome is Outcome.EVENT_LIMIT
    assert trace.doubts == ()


DEAR_SCRIPTS = Path(__file__).parent.parent / "hostile" / "dear"
DEAR_IN_OTHER_ORDERS = "in_other_orders"
DEAR = sorted(
    (path.stem for path in DEAR_SCRIPTS.glob("*.py")),
    key=("births", "turns", DEAR_IN_OTHER_ORDERS).__contains__,
    reverse=True,
)
"""First those that differ most."""


@pytest.mark.parametrize("name", [*DEAR[:3], *exhaustive(*DEAR[3:])])
def test_what_a_run_costs_the_supervisor_is_limited(supervise: Supervise, name: str):
    """Calls that are cheap for the submission, make no event, and are dear to look at."""
    small = {
        "cpu": 60 * SECOND,
        "time": 10**9 * SECOND,
        "supervision": SECOND // 5,
        "events": 10**6,
    }
    order = parse_schedule("child-first" if name == DEAR_IN_OTHER_ORDERS else "natural")
    trace = supervise((DEAR_SCRIPTS / f"{name}.py").read_bytes(), limits=small, schedule=order)
    assert trace.outcome is Outcome.EVENT_LIMIT
    assert SECOND // 5 < trace.supervision < 2 * SECOND


def test_what_the_supervisor_waits_is_not_the_submissions_fault(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
):
    """On a busy machine it looks again and again whether somebody who computes has got on."""
    let_others_run = Supervisor._let_others_run

    def look_long(supervisor: Supervisor) -> None:
        if supervisor._yields:  # not the first time after a stop
            until = time.process_time_ns() + SECOND // 10
            while time.process_time_ns() < until:
                pass
        let_others_run(supervisor)

    monkeypatch.setattr(Supervisor, "_let_others_run", look_long)
    trace = supervise("sum(range(10**7))", limits={"supervision": SECOND // 2, "cpu": 60 * SECOND})
    assert trace.outcome is Outcome.FINISHED


def test_only_the_few_helpers_of_multiprocessing_are_not_counted(supervise: Supervise):
    """A process cannot hide from the limit by calling itself a resource tracker."""
    trace = supervise(
        """
        import os
        for _ in range(40):
            if os.fork() == 0:
                os.execv("/bin/sh", ["sh", "-c", "sleep 9; :",
                                     "from multiprocessing.resource_tracker import main"])
        import time
        time.sleep(5)
        """,
        limits={"processes": 20},
    )
    assert trace.outcome is Outcome.PROCESS_LIMIT


FILLERS = {
    "many files": """
        for number in range(10**6):
            with open(str(number), "w") as file: file.write("x" * 10_000)
        """,
    "empty files": """
        for number in range(10**6): open(str(number), "w").close()
        """,
    "files without a name": """
        kept = []
        for _ in range(100):
            file = open("file", "wb")
            os.unlink("file")
            file.write(bytes(900_000))
            kept.append(file)
        while True: pass
        """,
    "shared memory without a name": """
        kept = []
        for number in range(100):
            name = f"/dev/shm/grader-test-{os.getpid()}"
            file = open(name, "wb")
            os.unlink(name)
            file.write(bytes(900_000))
            kept.append(file)
        while True: pass
        """,
    "folders in folders": """
        for _ in range(100):
            os.mkdir("deeper")
            os.chdir("deeper")
        while True: pass
        """,
    "a folder that nobody may enter": """
        os.mkdir("closed")
        for number in range(20):
            with open(f"closed/{number}", "wb") as file: file.write(bytes(900_000))
        os.chmod("closed", 0)
        while True: pass
        """,
}


@pytest.mark.parametrize("kind", FILLERS)
def test_the_disk_limit(supervise: Supervise, kind: str):
    """All files together count, however they are hidden."""
    source = f"import os\n{dedent(FILLERS[kind])}"
    trace = supervise(source, limits={"disk": 10 * MB, "cpu": 20 * SECOND})
    assert trace.outcome is Outcome.DISK_LIMIT


def test_room_that_was_given_back_does_not_count(supervise: Supervise):
    """Only what is there at the same time."""
    trace = supervise(
        """
        import os
        for _ in range(100):
            with open("file", "wb") as file: file.write(bytes(900_000))
        """,
        limits={"disk": 10 * MB},
    )
    assert trace.outcome is Outcome.FINISHED


def test_room_cannot_be_reserved(supervise: Supervise):
    """Fallocate would fill a disk at once: the C library writes, and that takes its time."""
    trace = supervise(
        """
        import os
        for number in range(1000):
            with open(str(number), "wb") as file: os.posix_fallocate(file.fileno(), 0, 9_000_000)
        """,
        limits={"disk": 10 * MB},
    )
    assert trace.outcome is Outcome.DISK_LIMIT


def test_open_files_are_limited(supervise: Supervise):
    """A thousand are enough for everybody; one more is an error of its own."""
    trace = supervise(
        """
        kept = []
        try:
            while True: kept.append(open("/dev/null"))
        except OSError as error: print(len(kept) + 3, error.strerror)
        """
    )
    assert output(trace) == ["1024 Too many open files"]
