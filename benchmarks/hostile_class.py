"""Measures what hostile students cost a class: 80 students alone, and the same and 20 hostile ones.

    python benchmarks/hostile_class.py [--exercise NAME] [--students N] [--hostile N] [OPTION...]

Prints Markdown: how long the class takes without and with them, the ratio (aim: at most 2), whether
everybody else has the same mark, and what each hostile script came to and took. The hostile ones
are the dearest of tests/hostile. Other OPTIONs are given to `grade`. Exit status 1 if a mark has
changed or somebody is missing; the ratio is for the reader, for it depends on the machine.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
DEAR = (
    "dear/in_other_orders.py",
    "dear/clocks.py",
    "dear/turns.py",
    "dear/births.py",
    "dear/connections.py",
    "endless/spinning_child.py",
    "endless/system_calls.py",
    "endless/regular_expression.py",
    "bombs/fork.py",
    "bombs/memory.py",
    "bombs/empty_lines.py",
    "bombs/signals.py",
    "bombs/threads.py",
    "bombs/processes.py",
    "bombs/socket_buffers.py",
    "hanging/spawn_into_fifo.py",
    "hanging/vfork_child_stops.py",
    "hanging/exit_among_threads.py",
    "parsers/finally.py",
    "parsers/huge_power.py",
    "vanishing/by_the_kernel.py",
    "vanishing/by_itself.py",
)


@dataclass(frozen=True)
class Graded:
    """A class that was graded: how long it took, and each student's row of the gradebook."""

    seconds: float
    rows: Mapping[str, Mapping[str, str]]


def honest(exercise: str) -> list[Path]:
    """Every answer of the tests, right and wrong, and the solution."""
    answers = TESTS / "submissions" / exercise
    return [ROOT / "solutions" / f"{exercise}.py", *sorted(answers.glob("*/*.py"))]


def hand_in(folder: Path, prefix: str, scripts: Sequence[Path], how_many: int) -> None:
    """One file a student, no two of them alike."""
    for number, script in enumerate(islice(cycle(scripts), how_many)):
        text = script.read_bytes().rstrip(b"\n")
        (folder / f"{prefix}{number:03}.py").write_bytes(text + b"\n# %d\n" % number)


def graded(folder: Path, exercise: str, options: Sequence[str]) -> Graded:
    """
    Raises:
        subprocess.CalledProcessError: the class could not be graded at all.
    """
    call = [sys.executable, "-m", "grader", exercise, "class", "-q", *options]
    begun = time.monotonic()
    done = subprocess.run(call, cwd=folder, check=False)
    seconds = time.monotonic() - begun
    (book,) = folder.glob("reports/**/gradebook.csv")
    if done.returncode not in (0, 3):
        raise subprocess.CalledProcessError(done.returncode, call)
    with book.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return Graded(seconds, rows)


def moved(alone: Graded, together: Graded) -> list[str]:
    """Whose mark is another than without the hostile ones."""
    return [
        f"{student}: {row['score']} of {row['possible']}, "
        f"with the others {together.rows.get(student, {}).get('score', 'missing')}"
        for student, row in alone.rows.items()
        if together.rows.get(student, {}).get("score") != row["score"]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exercise", default="join")
    parser.add_argument("--students", type=int, default=80)
    parser.add_argument("--hostile", type=int, default=20)
    arguments, options = parser.parse_known_args()
    exercise = str(ROOT / "exercises" / f"{arguments.exercise}.yaml")
    with tempfile.TemporaryDirectory(prefix="class-") as name:
        folders = [Path(name) / kind for kind in ("alone", "together")]
        for folder in folders:
            (folder / "class").mkdir(parents=True)
            hand_in(folder / "class", "s", honest(arguments.exercise), arguments.students)
        dear = [TESTS / "hostile" / each for each in DEAR]
        hand_in(folders[1] / "class", "h", dear, arguments.hostile)
        alone, together = (graded(folder, exercise, options) for folder in folders)
    changed = moved(alone, together)
    print(f"{len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f}\n")
    print("| class | gradings | wall time |\n|---|---|---|")
    print(f"| {arguments.students} alone | {len(alone.rows)} | {alone.seconds:.0f} s |")
    print(f"| and {arguments.hostile} hostile | {len(together.rows)} | {together.seconds:.0f} s |")
    print(f"\nRatio {together.seconds / alone.seconds:.2f} (aim: at most 2).")
    print(f"Marks of the {arguments.students} that moved: {'; '.join(changed) or 'none'}.\n")
    print("| hostile | outcome | points |\n|---|---|---|")
    for number, script in enumerate(islice(cycle(DEAR), arguments.hostile)):
        row = together.rows.get(f"h{number:03}", {})
        print(f"| {script} | {row.get('outcome', 'missing')} | {row.get('score', '')} |")
    missing = arguments.students + arguments.hostile - len(together.rows)
    return 1 if changed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
