"""Runs programs under the same schedule again and again, and counts how many different runs come.

    python benchmarks/determinism.py                      prints a Markdown table
    python benchmarks/determinism.py --repetitions 10     less patiently
    python benchmarks/determinism.py --isolation basic    without bubblewrap
    python benchmarks/determinism.py --program pool       one of the programs only

The programs are those of tests/alike; runs are compared in their canonical form, as JSON, byte for
byte. Processes that compute without a rest keep the machine busy meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

from lucky import busy
from measure import machine

from grader.limits import Limits
from grader.sandbox import IsolationWish
from grader.schedules import parse_schedule
from grader.submission import read_submission
from grader.supervisor import Plan, run
from grader.trace import StartMethod
from grader.trace.canonical import canonical
from grader.trace.serialization import to_json

PROGRAMS = Path(__file__).parent.parent / "tests" / "alike"
CASES = (
    ("threads", "fork"),
    ("chance", "fork"),
    ("temporary", "fork"),
    ("pool", "fork"),
    ("feeders", "fork"),
    ("method", "spawn"),
    ("method", "forkserver"),
)
SCHEDULES = ("child-first", "random:3/3@64", "late:worker-1+200ms,ties-reversed")


@dataclass(frozen=True)
class Surroundings:
    """What the runs have in common."""

    isolation: IsolationWish
    python: Path | None


def one_run(program: str, method: str, schedule: str, surroundings: Surroundings) -> str:
    """A digest of what was seen."""
    submission = read_submission(PROGRAMS / f"{program}.py")
    plan = Plan(
        submission,
        Limits(),
        start_method=StartMethod(method),
        schedule=parse_schedule(schedule),
        isolation=surroundings.isolation,
        python=surroundings.python,
    )
    return hashlib.sha256(to_json(canonical(run(plan)))).hexdigest()


def rows(
    surroundings: Surroundings, program: str | None, repetitions: int, at_once: int
) -> Iterator[tuple[str, str, str, list[str]]]:
    """The program, or each of them, under each schedule, so often."""
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        asked = {
            (*case, schedule): [
                pool.submit(one_run, *case, schedule, surroundings) for _ in range(repetitions)
            ]
            for case in CASES
            if program in (case[0], None)
            for schedule in SCHEDULES
        }
        for case, runs in asked.items():
            yield (*case, [each.result() for each in runs])


def main() -> None:
    """Repeat all of them and print the table."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--program", choices=sorted({program for program, _ in CASES}))
    parser.add_argument("--repetitions", type=int, default=100, metavar="N")
    parser.add_argument("--at-once", type=int, default=2 * cores, metavar="N")
    parser.add_argument("--spinners", type=int, default=2 * cores, metavar="N")
    parser.add_argument("--isolation", choices=get_args(IsolationWish), default="auto")
    parser.add_argument("--python", type=Path, metavar="PATH", help="the submission's interpreter")
    chosen = parser.parse_args()
    surroundings = Surroundings(chosen.isolation, chosen.python)
    print(
        f"Taken on {machine()}, with {chosen.at_once} runs at once beside {chosen.spinners} "
        f"processes that compute without a rest; load at the beginning {os.getloadavg()[0]:.0f}.\n"
    )
    print("| program | start method | schedule | runs | different |")
    print("|---|---|---|---|---|")
    with busy(chosen.spinners):
        for program, method, schedule, digests in rows(
            surroundings, chosen.program, chosen.repetitions, chosen.at_once
        ):
            different = len(set(digests))
            print(
                f"| {program} | {method} | `{schedule}` | {len(digests)} | {different} |",
                flush=True,
            )
    print(f"\nLoad at the end: {os.getloadavg()[0]:.0f}.")


if __name__ == "__main__":
    main()
