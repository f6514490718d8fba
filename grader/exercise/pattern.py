"""Patterns for printed lines: literal text, ``*`` for any text, and typed holes.

A pattern is parsed into parts, and a line is matched against them by carrying forward the set
of positions that can be reached, so a match takes time linear in the line whatever the line
is: a regular expression could be driven into hours by a hostile submission.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, Union, get_args

from grader.exercise.shown import readings
from grader.exercise.text import normalized

HoleName = Literal["pid", "ppid", "name", "int", "float", "word", "text", "bool"]
HOLES: tuple[HoleName, ...] = get_args(HoleName)

_OPEN = ("int", "float", "word", "text")
_NUMBERS = {
    "pid": re.compile(r"([0-9]+)"),
    "ppid": re.compile(r"([0-9]+)"),
    "int": re.compile(r"[+-]?([0-9]+)"),
    "float": re.compile(r"[+-]?((?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"),
}
_NAMED = re.compile(r"[^\W\d][\w-]*")
_WORD = re.compile(r"\w+")
_BOOLEAN = re.compile(r"(?<![A-Za-z0-9_])(?:True|False)(?![A-Za-z0-9_])")
_DIGITS = re.compile(r"[0-9]{2}")
_Step = tuple[int, int, int]
"""A way over one part of a pattern: where it begins, and the first and last place of its end."""


class PatternError(ValueError):
    """A text that is no pattern: the ``word`` that is wrong, ``offset`` characters into it."""

    def __init__(self, message: str, word: str = "", offset: int = 0) -> None:
        super().__init__(message)
        self.word = word
        self.offset = offset


@dataclass(frozen=True)
class Words:
    """Literal text, in normal form."""

    text: str


@dataclass(frozen=True)
class AnyText:
    """``*``: any text, also none."""


@dataclass(frozen=True)
class Hole:
    """A value of some kind, white space around it or not. ``value``: this one and no other.

    ``name`` is one of `HOLES`, or a name of the teacher's own: then it is any text, the same
    wherever the name stands in a check.
    """

    name: HoleName | str
    value: str | None = None


Part = Union[Words, AnyText, Hole]


@dataclass(frozen=True)
class Match:
    """A line that fits: each hole with the text that stands in it, from left to right.

    ``stars`` are the texts that the stars stand for, from left to right.
    """

    values: tuple[tuple[HoleName, str], ...]
    stars: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    """The same for the holes with names of the teacher's own."""

    def of(self, hole: HoleName) -> tuple[str, ...]:
        """The texts in the holes of that name."""
        return tuple(text for name, text in self.values if name == hole)


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern. ``source`` is how the teacher wrote it."""

    source: str
    parts: tuple[Part, ...]

    @property
    def holes(self) -> tuple[HoleName, ...]:
        """Its holes from left to right, each as often as it stands there; none of the teacher's
        own.
        """
        names = [part.name for part in self.parts if isinstance(part, Hole)]
        return tuple(known for name in names for known in HOLES if known == name)

    @property
    def named_holes(self) -> tuple[str, ...]:
        """Its holes that have a name of the teacher's own, from left to right."""
        names = [part.name for part in self.parts if isinstance(part, Hole)]
        return tuple(name for name in names if name not in HOLES)

    @property
    def has_star(self) -> bool:
        """Whether some of it is any text."""
        return any(isinstance(part, AnyText) for part in self.parts)

    @property
    def open_parts(self) -> tuple[AnyText | Hole, ...]:
        """Its stars, and the holes that nothing but the line itself decides."""
        return tuple(
            part
            for part in self.parts
            if isinstance(part, AnyText) or (isinstance(part, Hole) and part.name in _OPEN)
        )

    @property
    def only_text(self) -> str | None:
        """The one text that fits, in normal form; None where several do."""
        pieces: list[str] = []
        for part in self.parts:
            text = part.text if isinstance(part, Words) else None
            if isinstance(part, Hole):
                text = part.value
            if text is None:
                return None
            pieces.append(text)
        return "".join(pieces)

    def filled(self, truth: Mapping[HoleName, str]) -> Pattern:
        """The same pattern, with only these values allowed in the holes that they name."""
        values = {str(name): normalized(value) for name, value in truth.items()}
        return replace(
            self,
            parts=tuple(
                replace(part, value=values[part.name])
                if isinstance(part, Hole) and part.name in values
                else part
                for part in self.parts
            ),
        )

    def match(self, line: str) -> Match | None:
        """The values of the holes if the whole ``line`` fits, else None."""
        found = (_match(self.parts, normalized(text)) for text in readings(line))
        return next((match for match in found if match is not None), None)


def match(pattern: str, line: str) -> Match | None:
    """Match a whole ``line`` against a ``pattern`` as a teacher writes it.

    Raises:
        PatternError: the pattern is none.
    """
    return parse_pattern(pattern).match(line)


_TOKEN = re.compile(r"\{\{|\}\}|\{\*\}|\*|\{[^{}]*\}?|\}|[^*{}]+", re.S)


@lru_cache(maxsize=1024)
def parse_pattern(source: str) -> Pattern:
    """Parse a pattern. ``{{``, ``}}`` and ``{*}`` stand for a real brace and a real star.

    Raises:
        PatternError: a hole without a name, a brace that opens or closes none, more than one
            line, or nothing at all.
    """
    if "\n" in source.strip():
        raise PatternError("a pattern is matched with one line: write it without a line break")
    parts: list[Part] = []
    text = ""
    for token in _TOKEN.finditer(source):
        written = token[0]
        if written == "*" or (written[0] == "{" and written not in ("{{", "{*}")):
            part = AnyText() if written == "*" else _hole(written, token.start())
            parts += [Words(normalized(text)), part]
            text = ""
        elif written == "}":
            raise PatternError("'}' closes no hole. A real brace is written }}", "}", token.start())
        else:
            text += {"{{": "{", "}}": "}", "{*}": "*"}.get(written, written)
    parts.append(Words(normalized(text)))
    kept = tuple(part for part in parts if part != Words(""))
    if not kept:
        raise PatternError("the pattern is empty: write a text, or '*' for any line")
    return Pattern(source, kept)


def _hole(written: str, offset: int) -> Hole:
    inside = written[1:-1] if written.endswith("}") else ""
    if _NAMED.fullmatch(inside):
        return Hole(inside)
    raise _no_hole(written, offset)


def _no_hole(written: str, offset: int, others: Sequence[str] = ()) -> PatternError:
    """``others``: names of the teacher's own that stand beside it."""
    inside = written.removeprefix("{").removesuffix("}")
    close = get_close_matches(inside.strip().lower(), [*HOLES, *others], 1, 0.5)
    hint = f" Did you mean '{{{close[0]}}}'?" if close and written.endswith("}") else ""
    what = f"'{written}' is no hole." if written.endswith("}") else "'{' opens a hole without end."
    return PatternError(
        f"{what}{hint} Allowed: {' '.join(f'{{{name}}}' for name in (*HOLES, *others))}. "
        "A real brace is written {{",
        written,
        offset,
    )


def refuse_named(
    pattern: Pattern, known: Collection[str] = (), beside: Collection[str] = ()
) -> None:
    """Refuse holes with names of the teacher's own that are not ``known``. ``beside``: those that
    stand in the same check.

    Raises:
        PatternError: it has one.
    """
    for name in pattern.named_holes:
        written = f"{{{name}}}"
        if name not in known:
            others = sorted({*beside} - {name})
            raise _no_hole(written, pattern.source.index(written), others)
        if pattern.named_holes.count(name) > 1:
            raise PatternError(
                f"'{written}' stands twice in one pattern: give one of the two another name",
                written,
                pattern.source.rindex(written),
            )


def _match(parts: tuple[Part, ...], line: str) -> Match | None:
    """Match part after part between the stars, each stretch as early as it fits.

    After a star only the earliest position counts, for whatever can follow a later one can
    follow it too. So the stretches are taken one by one, and none is ever taken back.
    """
    stretches: list[list[Words | Hole]] = [[]]
    for part in parts:
        if isinstance(part, AnyText):
            stretches.append([])
        else:
            stretches[-1].append(part)
    values: list[tuple[str, str]] = []
    stars: list[str] = []
    position = 0
    for index, stretch in enumerate(stretches):
        free_start, last = index > 0, index == len(stretches) - 1
        if free_start and not last and len(stretch) == 1 and isinstance(stretch[0], Words):
            found = line.find(stretch[0].text, position)  # the common case, and the fastest
            if found < 0:
                return None
            stars.append(line[position:found].strip())
            position = found + len(stretch[0].text)
            continue
        reached = [_Positions(line, position, free_start)]
        for part in stretch:
            reached.append(reached[-1].after(part))
        end = len(line) if last else reached[-1].first()
        if end < 0 or not reached[-1].has(end):
            return None
        start, found_values = _values(stretch, reached, end)
        if free_start:
            stars.append(line[position:start].strip())
        values += found_values
        position = end
    known = tuple((hole, text) for name, text in values for hole in HOLES if hole == name)
    named = tuple((name, text) for name, text in values if name not in HOLES)
    return Match(known, tuple(stars), named)


def _values(
    stretch: list[Words | Hole], reached: list[_Positions], end: int
) -> tuple[int, list[tuple[str, str]]]:
    """Where a stretch begins that ends at ``end``, and which text stood in each of its holes;
    read backwards.
    """
    values: list[tuple[str, str]] = []
    for part, before in zip(reversed(stretch), reversed(reached[:-1]), strict=True):
        start = before.start_of(part, end)
        if isinstance(part, Hole):
            values.append((part.name, before.line[start:end].strip()))
        end = start
    return end, values[::-1]


class _Positions:
    """A set of positions in a line: one byte for each, so that a megabyte stays cheap."""

    def __init__(self, line: str, start: int | None = None, onwards: bool = False) -> None:
        self.line = line
        self._flags = bytearray(len(line) + 1)
        if start is not None:
            self._add(start, len(line) if onwards else start)

    def has(self, position: int) -> bool:
        """Whether it is one of them."""
        return bool(self._flags[position])

    def first(self) -> int:
        """The first position, or -1 if there is none."""
        return self._flags.find(1)

    def after(self, part: Words | Hole) -> _Positions:
        """Where one can be after ``part``, coming from one of these."""
        ends = _Positions(self.line)
        for _, first_end, last_end in self._steps(part):
            ends._add(first_end, last_end)
        return ends

    def start_of(self, part: Words | Hole, end: int) -> int:
        """From which of these ``part`` leads to ``end``: the first, for the longest value."""
        return min(start for start, first, last in self._steps(part) if first <= end <= last)

    def _add(self, first: int, last: int) -> None:
        self._flags[first : last + 1] = b"\x01" * (last + 1 - first)

    def _steps(self, part: Words | Hole) -> Iterator[_Step]:
        """Every way over ``part`` that begins at one of these positions."""
        if isinstance(part, Words):
            return self._over_text(part.text)
        if part.name in _NUMBERS:
            return self._over_numbers(_NUMBERS[part.name], part.value)
        if part.value is not None:
            return self._over_value(part.value)
        if part.name == "word":
            return self._over_words()
        if part.name == "bool":
            found = _BOOLEAN.finditer(self.line)
            return (step for each in found for step in self._over_span(*each.span()))
        return self._over_anything()

    def _over_text(self, text: str) -> Iterator[_Step]:
        at, last = self.first(), self._flags.rfind(1)
        while at >= 0:
            at = self.line.find(text, at, last + len(text))
            if at < 0:
                return
            if self.has(at):
                yield at, at + len(text), at + len(text)
            at = self._flags.find(1, at + 1)

    def _over_numbers(self, number: re.Pattern[str], value: str | None) -> Iterator[_Step]:
        """Whole numbers only, never some of their digits; a sign may be text before it."""
        for run in number.finditer(self.line):
            if value is None or run[0].lstrip("0") == value.lstrip("0"):
                yield from self._over_span(run.start(), run.end())
                if run.start(1) != run.start():
                    yield from self._over_span(run.start(1), run.end())

    def _over_value(self, value: str) -> Iterator[_Step]:
        """Exactly ``value``, and not ``Process-1`` in ``Process-10``."""
        line, at = self.line, self.line.find(value)
        while at >= 0:
            end = at + len(value)
            before, after = line[max(at - 1, 0) : at + 1], line[end - 1 : end + 1]
            if not (_DIGITS.fullmatch(before) or _DIGITS.fullmatch(after)):
                yield from self._over_span(at, end)
            at = line.find(value, at + 1)

    def _over_words(self) -> Iterator[_Step]:
        for run in _WORD.finditer(self.line):
            start = self._flags.find(1, run.start(), run.end())
            if start >= 0:
                yield start, start + 1, self._past_space(run.end())
            if self._flags[run.start() - 1] and self.line[run.start() - 1 : run.start()] == " ":
                yield run.start() - 1, run.start() + 1, self._past_space(run.end())

    def _over_anything(self) -> Iterator[_Step]:
        start = self.first()
        if 0 <= start < len(self.line):
            yield start, start + (2 if self.line[start] == " " else 1), len(self.line)

    def _over_span(self, start: int, end: int) -> Iterator[_Step]:
        """The value in ``[start, end)``, with the spaces beside it or without."""
        if self.has(start):
            yield start, end, self._past_space(end)
        if start > 0 and self.line[start - 1] == " " and self.has(start - 1):
            yield start - 1, end, self._past_space(end)

    def _past_space(self, end: int) -> int:
        return end + 1 if self.line[end : end + 1] == " " else end
