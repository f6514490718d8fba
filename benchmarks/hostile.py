"""Grades the corpus of hostile scripts again and again, many at once, and counts what is left.

    python benchmarks/hostile.py [--rounds N] [--at-once N] [--isolation NAME] [SCRIPT...]

Prints Markdown: a table by family; the longest time by the wall that each script took, with that
of a right answer after it; what it came to, where that was not the same in all rounds; whatever
was not as tests/hostile/table.yaml has it; and whether a census of processes, files, their modes,
shared memory and mounts is the same after as before. With a SCRIPT (bombs/fork.py, or bombs for
all of the family) only those are graded. With --keep FILE the gradings are added to those that the
file holds, and the tables are of all of them: so rounds can be added, and settings put side by
side. As which user it grades is for its caller to decide. Control-C ends it early, with the tables
of what was done. Exit status 1 if anything was not as expected.
"""

from __future__ import annotations

import argparse
import ctypes
import getpass
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the corpus belongs to the tests

from measure import machine

from grader.sandbox import IsolationName
from tests.hostile.corpus import ISOLATIONS, Row, examine_row, faults, read_table
from tests.hostile.examining import MARK

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Graded:
    """One grading. ``faults``: what was not as expected; ``peak``: bytes that the grader took;
    ``seconds``: how long it took by the wall, with that of a right answer after it.
    """

    script: str
    isolation: str
    user: str
    at_once: int
    outcome: str
    score: float | None
    faults: tuple[str, ...]
    peak: int
    seconds: float


def grade_once(row: Row, isolation: IsolationName, at_once: int) -> Graded:
    """Examine a script in a folder of its own, which is empty again afterwards."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        examined = examine_row(row, Path(folder), isolation)
        wrong = faults(row, isolation, examined)
    return Graded(
        row.id,
        isolation,
        getpass.getuser(),
        at_once,
        str(examined.result.get("outcome")),
        examined.result.get("score"),
        tuple(wrong),
        examined.peak,
        round(time.monotonic() - began, 1),
    )


def grade_all(
    rows: Sequence[Row], rounds: int, at_once: int, isolation: IsolationName
) -> list[Graded]:
    """Round by round, so that those graded at once are of many kinds."""
    done: list[Graded] = []
    with ProcessPoolExecutor(at_once, get_context("fork")) as pool:
        running = [
            pool.submit(grade_once, row, isolation, at_once) for _ in range(rounds) for row in rows
        ]
        try:
            for each in as_completed(running):
                graded = each.result()
                done.append(graded)
                for fault in graded.faults:
                    print(f"{graded.script}: {fault}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    return done


Census = dict[str, frozenset[str]]
"""What there is, by kind."""


def census(scratch: Path) -> Census:
    """All that a submission could have left.

    Every orphan comes home to this process, so those that are left are among those below it.
    """
    return {
        "processes": frozenset(_entries_below(os.getpid())),
        "temporary files": frozenset(map(str, scratch.iterdir())),
        "files elsewhere": frozenset(_files_elsewhere()),
        "modes": frozenset(_modes()),
        "System V IPC": frozenset(
            line for kind in ("shm", "sem", "msg") for line in _ids(Path(f"/proc/sysvipc/{kind}"))
        ),
        "mounts": frozenset(line.split(" - ")[0] for line in _lines(Path("/proc/self/mountinfo"))),
        "kept namespaces": frozenset(
            line for line in _lines(Path("/proc/self/mountinfo")) if " - nsfs " in line
        ),
    }


def _entries_below(pid: int) -> list[str]:
    children = " ".join(
        path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")
    ).split()
    found = [f"{child} {Path(f'/proc/{child}/cmdline').read_bytes()!r}" for child in children]
    return found + [each for child in children for each in _entries_below(int(child))]


def _files_elsewhere() -> list[str]:
    """In memory all that are this user's; in places full of others', those with the mark."""
    own = os.getuid()
    found = []
    for place in ("/dev/shm", "/dev/mqueue", "/tmp", "/var/tmp", str(Path.home())):
        if not os.access(place, os.R_OK):
            continue
        for entry in os.scandir(place):
            if MARK in entry.name or (
                place.startswith("/dev/") and entry.stat(follow_symlinks=False).st_uid == own
            ):
                found.append(entry.path)
    return found


def _modes() -> list[str]:
    """Of the files beside the corpus and of the machine's settings, with their owners."""
    found = []
    for place in (Path(__file__).parent.parent / "tests", Path("/etc")):
        for folder, _, names in os.walk(place):
            for name in (*names, "."):
                status = os.stat(os.path.join(folder, name), follow_symlinks=False)
                found.append(f"{folder}/{name} {status.st_mode:o} {status.st_uid}")
    return found


def _ids(path: Path) -> list[str]:
    return [f"{path.name} {' '.join(line.split()[:2])}" for line in _lines(path)[1:]]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def differences(before: Census, after: Census) -> list[str]:
    """What is there and was not, or the other way round; empty: the census is equal."""
    return [
        f"{kind}: {sign} {each}"
        for kind in before
        for sign, some in (("+", after[kind] - before[kind]), ("-", before[kind] - after[kind]))
        for each in sorted(some)
    ]


def print_table(gradings: Sequence[Graded]) -> None:
    """A line a setting and family."""
    print(
        "| user | isolation | at once | family | scripts | gradings | as expected "
        "| grader's memory |"
    )
    print("|---|---|---|---|---|---|---|---|")
    lines: dict[tuple[str, str, int, str], list[Graded]] = {}
    for each in gradings:
        family = each.script.partition("/")[0]
        for name in (family, "**all**"):
            lines.setdefault((each.user, each.isolation, each.at_once, name), []).append(each)
    for key in sorted(lines):
        some = lines[key]
        scripts = len({each.script for each in some})
        well = sum(not each.faults for each in some)
        peak = max(each.peak for each in some) // 10**6
        shown = " | ".join(map(str, key))
        print(f"| {shown} | {scripts} | {len(some)} | {well} | {peak} MB |")


def print_longest(gradings: Sequence[Graded]) -> None:
    """A line a script, the slowest first: the longest time that it took in each setting."""
    settings = sorted({(each.user, each.isolation) for each in gradings})
    longest: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for each in gradings:
        times, setting = longest[each.script], (each.user, each.isolation)
        times[setting] = max(each.seconds, times.get(setting, 0.0))
    heads = " | ".join(f"{user}, {isolation}" for user, isolation in settings)
    print(f"\n| longest, in seconds | {heads} |\n|---|{'---|' * len(settings)}")
    for script, times in sorted(longest.items(), key=lambda item: -max(item[1].values())):
        shown = " | ".join(str(times.get(setting, "")) for setting in settings)
        print(f"| {script} | {shown} |")


def print_differences(gradings: Sequence[Graded]) -> None:
    """What a script came to, where it was not the same each time in one setting; and faults."""
    came_to: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for each in gradings:
        came_to[each.user, each.isolation, each.script][f"{each.outcome}, {each.score}"] += 1
    for (user, isolation, script), results in sorted(came_to.items()):
        if len(results) > 1:
            shown = "; ".join(f"{count} times {each}" for each, count in results.most_common())
            print(f"\n- not the same each time: {user}, {isolation}, {script}: {shown}")
    wrong = Counter(
        (each.user, each.isolation, each.script, fault)
        for each in gradings
        for fault in each.faults
    )
    for (user, isolation, script, fault), count in sorted(wrong.items()):
        print(f"\n- {user}, {isolation}, {script}, {count} times: {fault}")


def kept_gradings(path: Path | None, new: Sequence[Graded]) -> list[Graded]:
    """Those that the file holds, to which the new ones are added; only these without a file."""
    if path is None:
        return list(new)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(each)) + "\n" for each in new)
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Graded(**{**each, "faults": tuple(each["faults"])}) for each in records]


def chosen(names: Sequence[str]) -> list[Row]:
    """The rows that are meant; all of them if none is named."""
    return [row for row in read_table() if not names or {row.id, row.family} & set(names)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="families or scripts; all if none is named")
    parser.add_argument("--rounds", type=int, default=10, help="gradings of each script")
    parser.add_argument("--at-once", type=int, default=6, help="gradings at the same time")
    parser.add_argument("--isolation", choices=ISOLATIONS, default="bwrap")
    parser.add_argument("--keep", type=Path, help="a file (JSON lines) for all gradings so far")
    options = parser.parse_args()
    rows = chosen(options.names)
    if not rows:
        parser.error(f"there is no such script: {', '.join(options.names)}")
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        tempfile.tempdir = scratch
        before = census(Path(scratch))
        gradings = grade_all(rows, options.rounds, options.at_once, options.isolation)
        changed = differences(before, census(Path(scratch)))
    shown = kept_gradings(options.keep, gradings)
    print_table(shown)
    print_longest(shown)
    print_differences(shown)
    failed = sum(bool(each.faults) for each in gradings)
    told = "; ".join(changed) or "equal"
    print(
        f"\nOf {len(gradings)} gradings {failed} were not as expected. The census before and "
        f"after: {told}. {time.monotonic() - began:.0f} s, {machine()}."
    )
    return 1 if failed or changed else 0


if __name__ == "__main__":
    sys.exit(main())
