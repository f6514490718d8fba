"""Measures how long the analysis of a source of 1 MB takes, beside `ast.parse` of the same.

    python benchmarks/analysis.py

Prints a Markdown table: CPU time of each and the ratio. The first source is what students write,
all answers of the tests; the others are what a hostile one may write. Aim: a ratio of at most 3.
"""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # what is asked of a source the tests say

from tests.source.test_work import SOURCES, analysed

ROOT = Path(__file__).parent.parent
_SIZE = 1_000_000


def students_code() -> str:
    """All answers of the tests, one after another, as often as they fit."""
    paths = sorted((ROOT / "tests/submissions").glob("*/*/*.py"))
    answers = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    answers = [each for each in answers if _is_python(each)]
    once = sum(map(len, answers))
    return "\n".join(islice(cycle(answers), len(answers) * _SIZE // once))


def _is_python(source: str) -> bool:
    try:
        compile(source, "answer", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def hostile_code(kind: str) -> str:
    """Such a source with chains of a thousand, as often as it fits."""
    once = SOURCES[kind](1000) + "\n"
    return once * (_SIZE // len(once))


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for it."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    print(f"Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}\n")
    print("| source of 1 MB | `ast.parse` | analysis | ratio |\n|---|---|---|---|")
    sources = {"what students write": students_code}
    for kind in SOURCES:
        sources[kind] = lambda kind=kind: hostile_code(kind)
    for name, make in sources.items():
        source = make()
        parse = cpu_seconds(lambda source=source: ast.parse(source))
        analysis = cpu_seconds(lambda source=source: analysed(source))
        print(f"| {name} | {parse:.2f} s | {analysis:.2f} s | {analysis / parse:.1f} |", flush=True)


if __name__ == "__main__":
    main()
