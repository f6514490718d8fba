"""Which exercise a name means: `join.py`, `03-join.py`, `join_zhang.py`, `joinAll.py`, ..."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from grader.classroom.discover.platform import NOTHING, Claim, Meant

_SEPARATORS = r"[-_. ]*"
_ATTEMPT = re.compile(r"(?:\s*\((?P<copy>\d{1,3})\)|[-_ ]v(?P<version>\d{1,3}))$", re.IGNORECASE)
_CANVAS_ATTEMPT = re.compile(r"-(?P<copy>\d{1,2})$")


class ExerciseNames:
    """The names of the exercises of a course, and of others beside them.

    Args:
        spellings: all names of each exercise that is graded, by its id.
        patterns: file names that mean an exercise whatever else they look like, by its id.
        others: names of exercises that are not graded now.
    """

    def __init__(
        self,
        spellings: Mapping[str, Iterable[str]],
        patterns: Mapping[str, Sequence[str]],
        others: Iterable[str] = (),
    ) -> None:
        self._patterns = patterns
        self._shapes: list[tuple[str, re.Pattern[str]]] = []
        for exercise, names in (*spellings.items(), *((name, [name]) for name in others)):
            for spelling in names:
                # Its words are joined in any way, and no Latin letter is directly beside it.
                words = [re.escape(word) for word in re.split(r"[\W_]+", spelling) if word]
                bare = rf"(?<![A-Za-z]){_SEPARATORS.join(words)}(?![A-Za-z])"
                self._shapes.append((exercise, re.compile(bare, re.IGNORECASE)))

    def is_exercise(self, folder: str) -> bool:
        """Whether a folder's name is an exercise's, at most with a number before it."""
        return bool(self._exactly(re.sub(r"\.zip$", "", folder, flags=re.IGNORECASE)))

    def meant_by(self, claim: Claim) -> Meant:
        """What a file's name, else the nearest folder's around it, means."""
        path, name = str(claim.rest).lower(), claim.rest.name.lower()
        for exercise, patterns in self._patterns.items():
            for pattern in patterns:  # of the path, if there is a slash in it, else of the name
                if fnmatchcase(path if "/" in pattern else name, pattern.lower()):
                    return Meant((exercise,), 0)
        stem, _ = without_attempt(claim.rest.stem, claim.renamed)
        if exact := self._exactly(stem):
            return Meant(exact, 1)
        outer = (*claim.rest.parts[:-1][::-1], *claim.context)
        for distance, text in enumerate((stem, *outer), start=2):
            if found := self.found_in(text):
                return Meant(tuple(dict.fromkeys(exercise for exercise, _ in found)), distance)
        return NOTHING

    def found_in(self, text: str) -> list[tuple[str, tuple[int, int]]]:
        """The exercises named in a text and where; a name within a longer one is not meant."""
        found = [
            (exercise, match.span())
            for exercise, shape in self._shapes
            for match in shape.finditer(text)
        ]
        return [
            (exercise, (start, end))
            for exercise, (start, end) in found
            if not any(
                other_start <= start and end <= other_end and other_end - other_start > end - start
                for _, (other_start, other_end) in found
            )
        ]

    def without_exercise(self, stem: str) -> str:
        """What is left of a file's name when the exercise's is taken away: the student's."""
        found = self.found_in(stem)
        if len({exercise for exercise, _ in found}) != 1:
            return stem
        start, end = found[0][1]
        before = re.sub(r"(?:^|(?<=[-_. ]))\d{1,2}[-_. ]*$", "", stem[:start])
        left = [part.strip("-_. ") for part in (before, stem[end:])]
        return "_".join(part for part in left if part)

    def _exactly(self, text: str) -> tuple[str, ...]:
        bare = re.sub(r"^\d{1,3}[-_. ]*(?=[^\W\d])", "", text)
        return tuple(
            dict.fromkeys(exercise for exercise, shape in self._shapes if shape.fullmatch(bare))
        )


def without_attempt(stem: str, by_canvas: bool = False) -> tuple[str, int]:
    """A file's name without its number as a copy or version, and which attempt it is.

    Args:
        stem: as in ``join (1)``, ``join_v2``.
        by_canvas: Canvas puts ``-1`` after the name of what is handed in again.
    """
    for shape in (_ATTEMPT, _CANVAS_ATTEMPT) if by_canvas else (_ATTEMPT,):
        found = shape.search(stem)
        if found and found.start():
            groups = found.groupdict()
            copy = groups["copy"]
            number = int(copy) + 1 if copy is not None else int(groups["version"])
            return stem[: found.start()], max(1, number)
    return stem, 1
