"""Tells lucky programs from right ones, again and again on a busy machine.

    python benchmarks/lucky.py                      prints a Markdown table
    python benchmarks/lucky.py --repetitions 5      less patiently
    python benchmarks/lucky.py lost-update ...      only these of tests/lucky

A lucky program has to be called lucky every time, by the check that its row in
tests/lucky/table.yaml names, and a right one has to get all points every time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import yaml
from measure import machine

from grader.checks import Status
from grader.exercise import load_exercise
from grader.grading import grade
from grader.submission import read_submission

PROGRAMS = Path(__file__).parent.parent / "tests" / "lucky"
BUSY = "while True: pass"
"""What keeps a core busy."""


@dataclass(frozen=True)
class Answer:
    """What one grading said: who was accused, and what was said of the first of them."""

    lucky: tuple[str, ...]
    failed: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Tally:
    """How a pair of programs fared. ``orders``: how many different orders were told."""

    found: int
    accused: int
    orders: int
    astray: Sequence[str]
    """What was said where it should not have been."""


def answer(name: str, variant: str) -> Answer:
    """Grade one program of tests/lucky."""
    folder = PROGRAMS / name
    result = grade(
        load_exercise(folder / f"{name}.yaml"), read_submission(folder / f"{variant}.py")
    )
    findings = [each.finding for each in result.judgements]
    told = next(
        (each.feedback.happened for each in findings if each.feedback.happened is not None), None
    )
    return Answer(
        tuple(each.check for each in findings if each.status is Status.LUCKY),
        tuple(
            each.check for each in findings if each.status in (Status.FAILED, Status.INCONCLUSIVE)
        ),
        "" if told is None else told.in_language("en"),
    )


def tally(check: str, lucky: Sequence[Answer], right: Sequence[Answer]) -> Tally:
    """Count the answers that were as they should be."""
    found = [each for each in lucky if each.lucky == (check,) and not each.failed]
    accused = [each for each in right if each.lucky or each.failed]
    missed = [f"lucky.py: {each.sentence or 'passed'}" for each in lucky if each not in found]
    orders = Counter(each.sentence for each in found)
    astray = [*missed, *(f"right.py: {each.sentence}" for each in accused)]
    return Tally(len(found), len(accused), len(orders), astray)


@contextmanager
def busy(spinners: int) -> Iterator[None]:
    """So many processes that compute without a rest."""
    started = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(spinners)]
    try:
        yield
    finally:
        for each in started:
            each.kill()
            each.wait()


def rows(names: Sequence[str], repetitions: int, at_once: int) -> Iterator[tuple[str, Tally]]:
    """Every pair of programs, as often as wanted, so many gradings at once."""
    table = yaml.safe_load((PROGRAMS / "table.yaml").read_text(encoding="utf-8"))
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        asked = {
            (name, variant): [pool.submit(answer, name, variant) for _ in range(repetitions)]
            for name in names
            for variant in ("lucky", "right")
        }
        for name in names:
            lucky = [each.result() for each in asked[name, "lucky"]]
            right = [each.result() for each in asked[name, "right"]]
            yield name, tally(table[name]["check"], lucky, right)


def main() -> None:
    """Repeat all of them and print the table."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help="folders of tests/lucky")
    parser.add_argument("--repetitions", type=int, default=20, metavar="N")
    parser.add_argument("--at-once", type=int, default=2 * cores, metavar="N")
    parser.add_argument("--spinners", type=int, default=2 * cores, metavar="N")
    chosen = parser.parse_args()
    names = chosen.names or sorted(path.parent.name for path in PROGRAMS.glob("*/lucky.py"))
    times = chosen.repetitions
    print(
        f"Taken on {machine()}, with {chosen.at_once} gradings at once beside {chosen.spinners} "
        f"processes that compute without a rest; load at the beginning {os.getloadavg()[0]:.0f}.\n"
    )
    print("| programs | lucky one called lucky | right one accused | orders told |")
    print("|---|---|---|---|")
    totals = [0, 0]
    with busy(chosen.spinners):
        for name, fared in rows(names, times, chosen.at_once):
            totals[0] += fared.found
            totals[1] += fared.accused
            print(
                f"| {name} | {fared.found} of {times} | {fared.accused} of {times} "
                f"| {fared.orders} |",
                flush=True,
            )
            for said, count in Counter(fared.astray).items():
                print(f"{name}, {count} times, {said}", file=sys.stderr, flush=True)
    every = times * len(names)
    print(f"| all {len(names)} | {totals[0]} of {every} | {totals[1]} of {every} | |")
    print(f"\nLoad at the end: {os.getloadavg()[0]:.0f}.")


if __name__ == "__main__":
    main()
