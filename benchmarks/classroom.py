"""Measures the grading of a class: a generated one of right, wrong, lucky and hostile scripts.

    python benchmarks/classroom.py [--students N] [--small N]

Prints a Markdown table: gradings a second in the natural order and with the exercise's event
orders, the most memory that the grader itself took for a small class and for the whole one, and
how long a second run takes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXERCISE = ROOT / "exercises" / "join-all.yaml"
RIGHT = [
    ROOT / "solutions" / "join-all.py",
    *sorted((ROOT / "tests/submissions/join-all/right").iterdir()),
]
WRONG = sorted((ROOT / "tests/submissions/join-all/wrong").iterdir())
HOSTILE = (
    "while True: pass\n",
    "import os\nwhile True: os.fork()\n",
    "while True: print('spam' * 1000)\n",
    "import time\nwhile True: time.sleep(1)\n",
    "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
    "import multiprocessing\nmultiprocessing.Queue().get()\n",
    "x = []\nwhile True: x.append(' ' * 10**7)\n",
    "input()\n",
)
NATURAL = ("--schedules", "1")
HOSTILE_EVERY = 50
"""One script of so many is hostile; of the others every second is right."""


@dataclass(frozen=True)
class Measured:
    """One call of the command: how long it took, and the most memory of its first process."""

    seconds: float
    memory_mb: float


def make_class(folder: Path, students: int) -> None:
    """A file a student, no two of them alike."""
    folder.mkdir(parents=True)
    for number in range(students):
        if number % HOSTILE_EVERY == HOSTILE_EVERY - 1:
            text = HOSTILE[number // HOSTILE_EVERY % len(HOSTILE)]
        else:
            kind = RIGHT if number % 2 else WRONG
            text = kind[number // 2 % len(kind)].read_text(encoding="utf-8")
        (folder / f"s{number:04}.py").write_text(f"{text}# {number}\n", encoding="utf-8")


def measured(folder: Path, *options: str) -> Measured:
    """
    Raises:
        subprocess.CalledProcessError: the class could not be graded.
    """
    call = [sys.executable, "-m", "grader", str(EXERCISE), "class", "-q", *options]
    begun = time.monotonic()
    with subprocess.Popen(call, cwd=folder, stdout=subprocess.DEVNULL) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, _peak_mb(process.pid))
            time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, call)
    return Measured(time.monotonic() - begun, most)


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")
    return int(peak) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--small", type=int, default=100, help="the class whose memory is compared")
    arguments = parser.parse_args()
    students: int = arguments.students
    few: int = arguments.small
    with tempfile.TemporaryDirectory() as name:
        whole, small = Path(name) / "whole", Path(name) / "small"
        make_class(whole / "class", students)
        make_class(small / "class", few)
        small_natural = measured(small, *NATURAL)
        natural = measured(whole, *NATURAL)
        again = measured(whole, *NATURAL)
        small_orders = measured(small)
        orders = measured(whole)
    processors = len(os.sched_getaffinity(0))
    print(f"{students} submissions, {processors} processors, load {os.getloadavg()[0]:.1f}\n")
    print("| what | figure |\n|---|---|")
    print(f"| natural order | {students / natural.seconds:.1f} a second |")
    print(f"| default event orders | {students / orders.seconds:.1f} a second |")
    print(f"| again, nothing changed | {again.seconds:.2f} s |")
    for what, least, most in (
        ("natural order", small_natural, natural),
        ("default event orders", small_orders, orders),
    ):
        print(
            f"| memory of the grader itself, {what} | {most.memory_mb:.0f} MB, "
            f"{most.memory_mb - least.memory_mb:+.0f} MB from {few} to {students} |"
        )


if __name__ == "__main__":
    main()
