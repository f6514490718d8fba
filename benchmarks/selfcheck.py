"""Grades right and wrong answers on the script's own word, and compares with what the kernel says.

    python benchmarks/selfcheck.py                     all answers, in all orders; Markdown
    python benchmarks/selfcheck.py --natural join ...  these exercises, in the natural order only
    python benchmarks/selfcheck.py --lessons           only the exercises of the course
    python benchmarks/selfcheck.py --times 5           how much longer than the script it takes

What the kernel's witness says of each answer stands in tests/submissions: a right one loses
nothing, and a wrong one the points that its samples.yaml names. On the script's word no right
answer may be accused, and nine wrong ones in ten must lose a point.

With --times each solution of the course that needs nobody beside it is run alone and checked by the
command in the natural order, by turns, so many times; of each the shortest counts. The check may
take two seconds more than the script.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.checks import Status
from grader.exercise import Exercise, load_exercise, shipped_exercises
from grader.grading import Grade, Options, grade
from grader.submission import read_submission

ROOT = Path(__file__).parent.parent
SUBMISSIONS = ROOT / "tests" / "submissions"
CAUGHT_OF_A_HUNDRED = 90
MOST_MORE_S = 2.0
ACCUSING = (Status.FAILED, Status.LUCKY)


@dataclass(frozen=True)
class Answer:
    """A script, and whether it is right."""

    exercise: str
    script: Path
    is_right: bool


@dataclass(frozen=True)
class Told:
    """What came of one answer: the checks that it lost, ``unjudged`` of so many points, the time
    that it took. ``crash``: the traceback, if the grader crashed.
    """

    answer: Answer
    lost: tuple[str, ...] = ()
    unjudged: float = 0
    possible: float = 0
    seconds: float = 0
    crash: str = ""

    @property
    def is_fine(self) -> bool:
        """A right answer was not accused; a wrong one was caught."""
        return not self.crash and bool(self.lost) != self.answer.is_right


def answers(names: Sequence[str], only_lessons: bool) -> Iterator[Answer]:
    """Those of the tests, by exercise."""
    lessons = set(shipped_exercises())
    for folder in sorted(SUBMISSIONS.iterdir()):
        name = folder.name
        if not folder.is_dir() or (names and name not in names):
            continue
        if only_lessons and name not in lessons:
            continue
        solution = ROOT / "solutions" / f"{name}.py"
        if solution.is_file():
            yield Answer(name, solution, is_right=True)
        for kind in ("right", "wrong"):
            for script in sorted((folder / kind).glob("*.py")):
                yield Answer(name, script, kind == "right")


def exercise_of(name: str) -> Exercise:
    """One of the course, or of the tests."""
    shipped = ROOT / "exercises" / f"{name}.yaml"
    return load_exercise(
        shipped if shipped.is_file() else ROOT / "tests" / "exercises" / f"{name}.yaml"
    )


def told(answer: Answer, options: Options) -> Told:
    """Grade one answer."""
    began = time.monotonic()
    try:
        result = grade(exercise_of(answer.exercise), read_submission(answer.script), options)
    except Exception:
        return Told(answer, crash=traceback.format_exc())
    return Told(
        answer,
        lost(result),
        sum(each.check.points for each in result.judgements if is_unjudged(each.finding.status)),
        result.possible,
        time.monotonic() - began,
    )


def lost(result: Grade) -> tuple[str, ...]:
    """The checks with points that failed, or held by luck."""
    return tuple(
        each.check.id
        for each in result.judgements
        if each.finding.status in ACCUSING and not each.is_advice
    )


def is_unjudged(status: Status) -> bool:
    """Whether nothing was found out about the check."""
    return status is Status.INCONCLUSIVE


def row(name: str, found: Sequence[Told]) -> str:
    """A line of the table: an exercise, or all of them."""
    right = [each for each in found if each.answer.is_right]
    wrong = [each for each in found if not each.answer.is_right]
    caught = sum(bool(each.lost) for each in wrong)
    points = max((each.unjudged / each.possible for each in right if each.possible), default=0)
    cells = (
        name,
        f"{sum(bool(each.lost) for each in right)} of {len(right)}",
        f"{caught} of {len(wrong)}",
        f"{points:.0%}",
        str(sum(bool(each.crash) for each in found)),
        f"{max((each.seconds for each in found), default=0):.1f} s",
    )
    return f"| {' | '.join(cells)} |"


def seconds_of(command: Sequence[str | Path]) -> tuple[float, float]:
    """How long a command takes, and how much CPU time it and its processes use."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu


def compare_times(times: int) -> int:
    """Say how long each lesson's script takes, alone and checked. 1 if one takes too long."""
    print("| exercise | the script alone | its self-check, natural order | more | more CPU time |")
    print("|---|---|---|---|---|")
    worst = 0.0
    for name in shipped_exercises():
        run = exercise_of(name).run
        script = ROOT / "solutions" / f"{name}.py"
        if run.peers or run.dialogue or not script.is_file():
            continue
        check = [sys.executable, "-m", "grader", name, script, "--witness", "script"]
        with tempfile.TemporaryDirectory() as folder:
            check += ["--schedules", "1", "-o", f"{folder}/report.html"]
            both = [(seconds_of([sys.executable, script]), seconds_of(check)) for _ in range(times)]
        alone, checked = map(min, zip(*both, strict=True))
        cpu = min(each[1][1] for each in both) - min(each[0][1] for each in both)
        more = checked[0] - alone[0] * len(run.start_method)
        worst = max(worst, more)
        cells = (name, *(f"{each:.2f} s" for each in (alone[0], checked[0], more, cpu)))
        print(f"| {' | '.join(cells)} |", flush=True)
    return int(worst > MOST_MORE_S)


def main() -> int:
    """Grade them all. 1 if too much goes wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE")
    parser.add_argument("--natural", action="store_true", help="only the natural order")
    parser.add_argument("--lessons", action="store_true", help="only the exercises of the course")
    parser.add_argument("--times", type=int, metavar="N", help="compare times, N of each")
    wish = parser.parse_args()
    if wish.times:
        return compare_times(wish.times)
    options = Options(witness="script", schedules=1 if wish.natural else None)
    found = []
    for answer in answers(wish.exercises, wish.lessons):
        one = told(answer, options)
        found.append(one)
        if not one.is_fine:
            kind = "right" if answer.is_right else "wrong"
            said = one.crash or ", ".join(one.lost) or "nothing was said"
            print(f"{answer.exercise}, {kind}: {answer.script.name}: {said}", file=sys.stderr)
    print("| exercise | right accused | wrong caught | points not judged | crashes | longest |")
    print("|---|---|---|---|---|---|")
    for name in dict.fromkeys(each.answer.exercise for each in found):
        print(row(name, [each for each in found if each.answer.exercise == name]), flush=True)
    print(row("all", found))
    right = [each for each in found if each.answer.is_right]
    wrong = [each for each in found if not each.answer.is_right]
    caught = 100 * sum(bool(each.lost) for each in wrong)
    return int(
        any(each.lost for each in right)
        or caught < CAUGHT_OF_A_HUNDRED * len(wrong)
        or any(each.crash for each in found)
    )


if __name__ == "__main__":
    sys.exit(main())
