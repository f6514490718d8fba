"""Measures the grader against plainly running a script, side by side in one run.

    python benchmarks/measure.py            prints a Markdown table
    python benchmarks/measure.py --quick    fewer repetitions and a smaller load
    python benchmarks/measure.py --readme   puts the table into the README as well

Each figure of the grader is taken in turn with what it is compared to, so that a machine that
gets busier or slower meanwhile does so for both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.limits import Limits
from grader.submission import read_submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, run

ROOT = Path(__file__).parent.parent
EXERCISE = ROOT / "exercises" / "join-all.yaml"
SOLUTION = ROOT / "solutions" / "join-all.py"
GRADE = [sys.executable, "-m", "grader"]
RUNS_OF_A_GRADING = 12
BOUNDS_S = (0.95, 1.5)
"""Between these the five children of the solution are through: the exercise's own bounds."""

PLACE = ("<!-- measured -->", "<!-- /measured -->")
"""What stands around the table in the README."""

SLEEPER = "import time\ntime.sleep({seconds})\n"
OBSERVER = """
import time
before = time.monotonic()
time.sleep(1)
print('elapsed', time.monotonic() - before)
"""
ENDS_WELL = """
id: ends-well
title: Ends well
task: End well.
run: {limits: {time: 60min}}
checks: [{id: clean, expect: The program ends without an error, clean: true}]
"""


@dataclass(frozen=True)
class Row:
    """One line of the table. ``aim`` is what the figure has to reach."""

    what: str
    plain: str
    grader: str
    figure: str
    aim: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A row that this machine cannot have, and why, in one line."""

    what: str
    why: str


@dataclass(frozen=True)
class Effort:
    """How often each thing is done, and how many at once."""

    repetitions: int
    loads: tuple[int, ...]
    gradings: int


def quietly(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it says."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


def grade(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the whole `grade` command, as a student would."""
    return quietly(*GRADE, *arguments)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for reports and scripts, and the current one meanwhile."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def wall_s(act: Callable[[], object]) -> float:
    """How long ``act`` takes, in seconds."""
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def cpu_s(act: Callable[[], object]) -> float:
    """The CPU time that ``act`` and all processes that it starts use, in seconds."""

    def used() -> float:
        both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(sum(resource.getrusage(who)[:2]) for who in both)

    before = used()
    act()
    return used() - before


def in_turn(
    measure: Callable[[Callable[[], object]], float],
    first: Callable[[], object],
    second: Callable[[], object],
    repetitions: int,
) -> tuple[float, float]:
    """The medians of two things that are measured in turn, after one of each for the caches."""
    first(), second()
    pairs = [(measure(first), measure(second)) for _ in range(repetitions)]
    return statistics.median(one for one, _ in pairs), statistics.median(two for _, two in pairs)


def whole_command(effort: Effort) -> Iterator[Row]:
    """(a) The whole `grade` command against the script, on the clock on the wall."""
    for schedules, aim in (([], "at most 0.8"), (["--schedules", "1"], "")):
        plain, graded = in_turn(
            wall_s,
            partial(quietly, sys.executable, SOLUTION),
            partial(grade, EXERCISE, SOLUTION, *schedules),
            effort.repetitions,
        )
        orders = "natural order only" if schedules else "all its event orders"
        yield Row(
            f"wall time of the whole `grade` of join-all, {orders}",
            f"{plain:.2f} s",
            f"{graded:.2f} s",
            f"{graded / plain:.2f}",
            aim,
        )


def supervision(effort: Effort) -> Iterator[Row | LeftOut]:
    """(b) One supervised run against a bare one, in CPU time of all processes together.

    A way of shutting the script off that this machine does not have is left out.
    """
    plan = Plan(read_submission(SOLUTION), Limits())
    ways: list[tuple[str, Callable[[], object], int, str]] = [
        ("shut off by Landlock", lambda: run(replace(plan, isolation="basic")), 1, "at most 1.5"),
        ("shut off by bubblewrap", lambda: run(replace(plan, isolation="bwrap")), 1, ""),
        (
            f"of {RUNS_OF_A_GRADING} in one grading, on average",
            lambda: several(plan),
            RUNS_OF_A_GRADING,
            "",
        ),
    ]
    for way, act, runs, aim in ways:
        what = f"CPU time of one supervised run of join-all, {way}"
        try:
            plain, supervised = in_turn(
                cpu_s, lambda: quietly(sys.executable, SOLUTION), act, 2 * effort.repetitions
            )
        except CannotSuperviseError as error:
            yield LeftOut(what, str(error).splitlines()[0])
            continue
        yield Row(
            what,
            f"{plain * 1000:.0f} ms",
            f"{supervised / runs * 1000:.0f} ms",
            f"{supervised / runs / plain:.2f}",
            aim,
        )


def several(plan: Plan) -> None:
    """As many runs as a grading makes with the default orders, from one start of Python."""
    with WarmRunner() as runner:
        for _ in range(RUNS_OF_A_GRADING):
            runner([plan])


def sleeping(effort: Effort) -> Iterator[Row]:
    """(c) A script that sleeps 1 s against one that sleeps 1,000 s."""
    with scratch() as folder:
        (folder / "ends-well.yaml").write_text(ENDS_WELL)
        for seconds in (1, 1000):
            (folder / f"sleep{seconds}.py").write_text(SLEEPER.format(seconds=seconds))
        short, long = in_turn(
            wall_s,
            lambda: grade("ends-well.yaml", "sleep1.py"),
            lambda: grade("ends-well.yaml", "sleep1000.py"),
            effort.repetitions,
        )
    yield Row(
        "wall time of `grade` for a script that sleeps 1,000 s, against 1 s",
        f"{short:.2f} s (1 s)",
        f"{long:.2f} s (1,000 s)",
        f"{long / short:.2f}",
        "at most 1.1",
    )


def naive_verdict() -> bool:
    """What a grader with a subprocess and a stop-watch says of the solution."""
    started = time.perf_counter()
    done = quietly(sys.executable, SOLUTION)
    elapsed = time.perf_counter() - started
    lines = done.stdout.split("\n")
    said = done.returncode == 0 and lines[-2] == "主进程" and len(lines) == 7
    return said and BOUNDS_S[0] <= elapsed <= BOUNDS_S[1]


def at_once(act: Callable[[int], bool], number: int) -> int:
    """How often ``act`` says yes when it is done so many times at the same time."""
    with ThreadPoolExecutor(number) as pool:
        return sum(pool.map(act, range(number)))


def under_load(effort: Effort) -> Iterator[Row]:
    """(d) Right verdicts on a right script with bounds on its time, many gradings at once."""
    for number in effort.loads:
        with scratch():
            naive = at_once(lambda _: naive_verdict(), number)
            right = at_once(
                lambda each: grade(EXERCISE, SOLUTION, "-q", "-o", f"{each}.html").returncode == 0,
                number,
            )
        yield Row(
            f"right verdicts, {number} gradings of join-all at once",
            f"{naive} of {number} (stop-watch)",
            f"{right} of {number}",
            f"{right / number:.0%}",
            "all",
        )


def rate(effort: Effort) -> Iterator[Row]:
    """(e) Gradings a second with a worker for each core."""
    workers = len(os.sched_getaffinity(0))
    for options, orders in (([], "all its event orders"), (["--schedules", "1"], "natural order")):
        with scratch(), ThreadPoolExecutor(workers) as pool:

            def one(each: int, options: Sequence[str] = options) -> None:
                grade(EXERCISE, SOLUTION, "-q", "-o", f"{each}.html", *options)

            elapsed = wall_s(lambda: list(pool.map(one, range(effort.gradings))))
        yield Row(
            f"gradings of join-all a second on {workers} cores, whole command, {orders}",
            "",
            f"{effort.gradings / elapsed:.1f} a second",
            "",
        )


def elapsed_seen(effort: Effort) -> Iterator[Row]:
    """(f) How long ``sleep(1)`` takes in the eyes of a script under load."""
    number = max(effort.loads)
    with scratch() as folder:
        (folder / "ends-well.yaml").write_text(ENDS_WELL)
        (folder / "observer.py").write_text(OBSERVER)

        def plain(_: int) -> float:
            return float(quietly(sys.executable, "observer.py").stdout.split()[1])

        def supervised(each: int) -> float:
            grade("ends-well.yaml", "observer.py", "-o", f"{each}.html", "--json", f"{each}.json")
            events = json.loads((folder / f"{each}.json").read_text())["events"]
            lines = [event["text"] for event in events if event["kind"] == "printed"]
            return float(lines[0].split()[1])

        with ThreadPoolExecutor(number) as pool:
            bare = list(pool.map(plain, range(number)))
            seen = list(pool.map(supervised, range(number)))
    yield Row(
        f"elapsed time that a script sees for `sleep(1)`, {number} at once",
        f"{min(bare):.3f} to {max(bare):.3f} s",
        f"{min(seen):.3f} to {max(seen):.3f} s",
        "",
        "1.00 to 1.06 s",
    )


def memory(effort: Effort) -> Iterator[Row]:
    """(g) The most memory of the grader's own processes during one grading.

    The proportional set size: what forked processes share is counted once.
    """
    peaks = [_peak_of_one_grading() for _ in range(effort.repetitions)]
    yield Row(
        "memory of a grading besides the submission",
        "",
        f"{statistics.median(peaks) / 1e6:.0f} MB",
        "",
        "at most 120 MB",
    )


def _peak_of_one_grading() -> int:
    with scratch():
        command = [*GRADE, str(EXERCISE), str(SOLUTION), "-q"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            peak = 0
            while process.poll() is None:
                peak = max(peak, _own_memory(process.pid))
    return peak


def _own_memory(pid: int) -> int:
    """Bytes of a process and of those below it with its own command line: what it forked."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        total = _proportional(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                if Path(f"/proc/{child}/cmdline").read_bytes() == command:
                    total += _own_memory(child)
    except OSError:  # it has ended meanwhile
        return 0
    return total


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def machine() -> str:
    """What the figures were taken on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{model}, {cores} cores, {memory_gb:.0f} GB, Linux {platform.release().split('-')[0]} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )


def into_readme(table: str) -> None:
    """Put the table in the place of the one that the README has.

    Raises:
        ValueError: the README has no place for it.
    """
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(PLACE[0])
    _, end, after = rest.partition(PLACE[1])
    if not begin or not end:
        raise ValueError(f"{readme.name} has no {' ... '.join(PLACE)}")
    readme.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, a smaller load")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    chosen = parser.parse_args()
    # As on a user's machine: what was compiled once is not compiled again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    effort = Effort(3, (8,), 6) if chosen.quick else Effort(9, (32, 64), 24)
    table = [
        f"Taken on {machine()}.",
        "",
        "| what | plain | grader | ratio | aim |",
        "|---|---|---|---|---|",
    ]
    print("\n".join(table))
    left_out: list[str] = []
    parts: list[Callable[[Effort], Iterator[Row | LeftOut]]] = [
        *(whole_command, supervision, sleeping, under_load, rate, elapsed_seen, memory)
    ]
    for part in parts:
        for row in part(effort):
            if isinstance(row, LeftOut):
                left_out.append(f"Left out: {row.what}. {row.why}")
                continue
            cells = (row.what, row.plain, row.grader, row.figure, row.aim)
            table.append(f"| {' | '.join(cells)} |")
            print(table[-1], flush=True)
    for reason in left_out:
        table += ["", reason]
        print(f"\n{reason}")
    if chosen.readme:
        into_readme("\n".join(table))


if __name__ == "__main__":
    main()
