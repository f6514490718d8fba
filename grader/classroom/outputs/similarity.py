"""Programs of a class that are alike, found by copydetect's fingerprints (winnowing).

Names, texts, comments and spaces do not count. What is common to the class does not either: it is
what the exercise asks for, and says nothing about two of its answers.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from typing import Any

from grader.classroom.model import Result
from grader.exit_status import ExitStatus, UserError
from grader.messages import say
from grader.submission import SourceFile

_SHORTEST = 25
"""Characters of a piece that is worth noticing, after names became single letters."""
_SURELY_FOUND = 35
"""So long a piece in common is never overlooked."""
_COMMON = 0.2
"""A piece in more than this share of the class's different programs is common."""
_COMMON_AT_LEAST = 3
_OWN_AT_LEAST = 80
"""Characters of a program that are its own: fewer say nothing."""

Slices = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that one or several handed in, the same but for names, texts, comments and
    spaces. ``text`` is that of the first.
    """

    results: tuple[Result, ...]
    text: str

    @property
    def is_one_file(self) -> bool:
        """Byte for byte."""
        return len({result.sha256 for result in self.results}) == 1


@dataclass(frozen=True, slots=True)
class Pair:
    """Two programs that are alike. ``shares`` are from 0 to 1: how much of what is its own each
    has in common with the other; ``marked`` where that stands in each text.
    """

    one: Program
    two: Program
    shares: tuple[float, float]
    marked: tuple[Slices, Slices]

    @property
    def share(self) -> float:
        """The larger one of the two shares."""
        return max(self.shares)


@dataclass(frozen=True)
class Alike:
    """What was found among the answers to one exercise."""

    exercise: str
    compared: int
    groups: tuple[Program, ...]
    pairs: tuple[Pair, ...]


def require_library() -> None:
    """Make sure that copydetect is there.

    Raises:
        UserError: it is not installed.
    """
    try:
        import_module("copydetect")
    except ImportError as error:
        problem = say("--similar needs a package: pip install 'grader[similarity]'")
        raise UserError(problem, ExitStatus.CANNOT_WORK) from error


def find_alike(results: Iterable[Result], threshold: float) -> tuple[Alike, ...]:
    """The programs of each exercise that are alike.

    Args:
        results: of the class.
        threshold: the least share, from 0 to 1.

    Raises:
        UserError: copydetect is not installed.
    """
    require_library()
    by_exercise: dict[str, list[Result]] = {}
    for result in results:
        by_exercise.setdefault(result.exercise, []).append(result)
    return tuple(_alike(name, mine, threshold) for name, mine in by_exercise.items())


def _alike(exercise: str, results: Sequence[Result], threshold: float) -> Alike:
    prints: dict[str, tuple[Any, list[Result]]] = {}
    for result in results:
        whole = "\n".join(_decoded(file) for file in result.submission.files)
        found = _fingerprint(whole.strip() + "\n")
        prints.setdefault(found.filtered_code, (found, []))[1].append(result)
    _forget_common([found for found, _ in prints.values()])
    programs = [
        (found, Program(tuple(mine), found.raw_code))
        for code, (found, mine) in prints.items()
        if code.strip()
    ]
    groups = [program for _, program in programs if len(program.results) > 1]
    return Alike(
        exercise,
        len(results),
        tuple(sorted(groups, key=lambda each: (not each.is_one_file, -len(each.results)))),
        tuple(sorted(_pairs(programs, threshold), key=lambda pair: -pair.share)),
    )


def _decoded(file: SourceFile) -> str:
    try:
        return file.text()
    except (SyntaxError, UnicodeError, LookupError):
        return file.content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _fingerprint(text: str) -> Any:
    from copydetect import CodeFingerprint

    window = _SURELY_FOUND - _SHORTEST + 1
    return CodeFingerprint("program.py", _SHORTEST, window, fp=io.StringIO(text), language="python")


def _forget_common(prints: Sequence[Any]) -> None:
    from copydetect.utils import get_token_coverage

    in_programs = Counter(piece for each in prints for piece in each.hashes)
    most = max(_COMMON_AT_LEAST, _COMMON * len(prints))
    for each in prints:
        each.hash_idx = {
            piece: places for piece, places in each.hash_idx.items() if in_programs[piece] <= most
        }
        each.hashes = set(each.hash_idx)
        each.token_coverage = get_token_coverage(each.hash_idx, each.k, len(each.filtered_code))


def _pairs(programs: Sequence[tuple[Any, Program]], threshold: float) -> Iterable[Pair]:
    from copydetect import compare_files

    own = [each for each in programs if each[0].token_coverage >= _OWN_AT_LEAST]
    for (one, program), (two, other) in combinations(own, 2):
        common = len(one.hashes & two.hashes)
        if common < threshold / 2 * min(len(one.hashes), len(two.hashes)):
            continue  # pieces overlap, so this is no sure bound, but a generous one
        _, (share, share_of_other), (marked, marked_in_other) = compare_files(one, two)
        shares = (min(1.0, float(share)), min(1.0, float(share_of_other)))
        if max(shares) >= threshold:
            yield Pair(program, other, shares, (_slices(marked), _slices(marked_in_other)))


def _slices(found: Any) -> Slices:
    """Where each marked piece begins and ends, in order, none inside another."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(zip(map(int, found[0]), map(int, found[1]), strict=True)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
