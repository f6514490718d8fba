"""Grades every right answer of the lesson many times on a busy machine: none may be accused.

    python benchmarks/right_answers.py [--repeats N] [--load N] [--jobs N] [NAME...]

Prints a Markdown table: each answer, how often it was accused, and of what. With a NAME only the
answers to that exercise are graded. Control-C ends it early, with the table of what was done.
Exit status 1 if any was accused.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from lucky import busy

from grader.checks import Status
from grader.exercise import load_exercise
from grader.grading import grade
from grader.submission import read_submission

ROOT = Path(__file__).parent.parent
QUIET = (Status.PASSED, Status.SKIPPED)


def right_answers(names: list[str]) -> list[tuple[str, Path]]:
    """Exercises and right answers to them; to all exercises if no names are given."""
    solutions = [(path.stem, path) for path in ROOT.glob("solutions/*.py")]
    others = [(path.parts[-3], path) for path in ROOT.glob("tests/submissions/*/right/*.py")]
    shipped = {path.stem for path in ROOT.glob("exercises/*.yaml")}
    wanted = set(names) or shipped
    return sorted(each for each in [*solutions, *others] if each[0] in wanted & shipped)


def accused_of(name: str, path: Path) -> str:
    """What the answer is accused of, or why it was not judged; empty for nothing."""
    result = grade(load_exercise(ROOT / "exercises" / f"{name}.yaml"), read_submission(path))
    findings = [each.finding for each in result.judgements if not each.is_advice]
    said = [
        f"{each.check} {each.status.value} ({each.schedule or 'natural'})"
        for each in findings
        if each.status not in QUIET
    ]
    if not said and result.score != result.possible:
        said = [f"score {result.score}"]
    return ", ".join(said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="exercises; all if none is named")
    parser.add_argument("--repeats", type=int, default=20, help="gradings of each answer")
    parser.add_argument("--load", type=int, default=6, help="busy programs beside them")
    parser.add_argument("--jobs", type=int, default=4, help="gradings at once")
    options = parser.parse_args()
    answers = right_answers(options.names)
    accusations: dict[Path, list[str]] = defaultdict(list)
    graded: Counter[Path] = Counter()
    loads = [os.getloadavg()[0]]
    began = time.monotonic()
    with busy(options.load), ProcessPoolExecutor(options.jobs) as pool:
        # Round by round, so that no two gradings at once are of the same answer for long.
        running = {
            pool.submit(accused_of, name, path): path
            for _ in range(options.repeats)
            for name, path in answers
        }
        try:
            for each in as_completed(running):
                said = each.result()
                graded[running[each]] += 1
                loads.append(os.getloadavg()[0])
                if said:
                    accusations[running[each]].append(said)
                    shown = running[each].relative_to(ROOT)
                    print(f"{shown}: {said}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    _print_table(answers, accusations, graded)
    count = sum(map(len, accusations.values()))
    print(
        f"\nIn {count} of {graded.total()} gradings a right answer was accused "
        f"({len(answers)} answers, {time.monotonic() - began:.0f} s, a load of {min(loads):.0f} "
        f"to {max(loads):.0f} on {os.cpu_count()} cores)."
    )
    return 1 if count else 0


def _print_table(
    answers: list[tuple[str, Path]], accusations: dict[Path, list[str]], graded: Counter[Path]
) -> None:
    print("| exercise | answer | accused | of what |\n|---|---|---|---|")
    for name, path in answers:
        said = accusations[path]
        shown = "solution" if path.parent.name == "solutions" else path.stem
        print(
            f"| {name} | {shown} | {len(said)} of {graded[path]} | {'; '.join(sorted(set(said)))} |"
        )


if __name__ == "__main__":
    sys.exit(main())
