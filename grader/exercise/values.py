"""The plain values of the language: texts, numbers, durations, sizes, choices and patterns.

Each is a type for a field of a model. Its validator takes a `Written` scalar or the Python
value itself, and says in its error what to write instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from grader.exercise.pattern import (
    HOLES,
    HoleName,
    PatternError,
    parse_pattern,
    refuse_named,
)
from grader.exercise.scalar import Written, meant_number
from grader.exercise.wording import Takes, did_you_mean, listed
from grader.messages import LANGUAGES, Localized
from grader.trace import Nanoseconds, StartMethod


class NotTextError(ValueError):
    """A mapping or a list stands where a text is meant."""


def one_or_several(value: object) -> object:
    """A list, where a single value may stand for a list of one."""
    return value if isinstance(value, (list, tuple)) else (value,)


def plain_text(value: object) -> str:
    """What stands in a file as a text.

    Raises:
        ValueError: it is none, or YAML takes it for something else.
    """
    if isinstance(value, Written):
        if value.kind in ("true", "false"):
            raise ValueError(
                f"YAML reads {value} as {value.kind}: write '{value}' in quotes to mean the word"
            )
        if value.kind == "nothing":
            raise ValueError(
                f"YAML reads {value} as no value: write '{value}' in quotes to mean the word"
                if value
                else "write a text"
            )
        return str(value)
    if isinstance(value, str):
        return value
    raise NotTextError("write a text")


TEXT_SCHEMA = {"type": ["string", "number"]}
"""A number is taken as the text that stands there."""

Text = Annotated[
    str,
    BeforeValidator(plain_text),
    Takes("a text", TEXT_SCHEMA),
]


def _flag(value: object) -> object:
    if isinstance(value, Written):
        if value.kind in ("true", "false"):
            return value.kind == "true"
        if value.lower() in ("true", "false"):
            raise ValueError(f"'{value}' in quotes is a text: write {value.lower()} without quotes")
    if isinstance(value, bool):
        return value
    raise ValueError(f"write true or false{_not_what_stands(value)}")


Flag = Annotated[bool, BeforeValidator(_flag), Takes("true or false", {"type": "boolean"})]

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")


def _number(shape: re.Pattern[str], words: str) -> Callable[[object], object]:
    def parse(value: object) -> object:
        """The number as Python has it."""
        if isinstance(value, Written):
            if shape.fullmatch(value):
                if value.kind == "number":
                    return Decimal(value)
                raise ValueError(f"'{value}' in quotes is a text: write {value} without quotes")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        raise ValueError(f"write {words}{_not_what_stands(value)}{_meant(value, shape)}")

    return parse


Whole = Annotated[
    int,
    BeforeValidator(_number(_WHOLE, "a whole number such as 3")),
    Takes("a whole number", {"type": "integer"}),
]
Port = Annotated[Whole, Field(ge=1, le=65535)]
LAST = -1
"""The place of the last one, as `Ordinal` has it."""


def _ordinal(value: object) -> object:
    if value == "last" or value is LAST:
        return LAST
    number = _number(_WHOLE, "a whole number such as 3, or last")(value)
    if isinstance(number, (int, Decimal)) and number < 1:
        raise ValueError(f"'{value}' is out of bounds: write at least 1, or last")
    return number


Ordinal = Annotated[
    int,
    BeforeValidator(_ordinal),
    Takes(
        "a whole number, or `last`",
        {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "last"}]},
    ),
]
"""Which one of a row, from 1 on; `LAST`: the last one."""
Number = Annotated[
    float,
    BeforeValidator(_number(_DECIMAL, "a number such as 2 or 0.5")),
    Takes("a number", {"type": "number"}),
]


def _not_what_stands(value: object) -> str:
    """``, not 'often'`` where one can say what stands there."""
    return f", not '{value}'" if isinstance(value, str) and value else ""


def _meant(value: object, shape: re.Pattern[str]) -> str:
    """The number that a decimal comma or full-width digits stand for, if it is of that shape."""
    meant = meant_number(value) if isinstance(value, str) else None
    if meant is None or not shape.fullmatch(meant):
        return ""
    comma = "," in str(value)
    return f". Did you mean {meant}, with {'a point' if comma else 'plain digits and letters'}?"


_UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}
_UNITS_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_OTHER_SPELLINGS = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("m", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("byte", "bytes"), "B"),
    **dict.fromkeys(("k", "kb", "kib"), "KB"),
    **dict.fromkeys(("mb", "mib", "megabyte", "megabytes"), "MB"),
    **dict.fromkeys(("g", "gb", "gib"), "GB"),
}


_QUANTITY = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([^\W\d]*)\s*")


def _quantity(units: dict[str, int], words: str) -> Callable[[object], object]:
    """A parser of numbers with a unit. A Python int is in the smallest of ``units`` already."""

    def parse(value: object) -> object:
        """The quantity in the smallest unit."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        allowed = f"write {words}, with one of the units {listed(units)}"
        if not isinstance(value, str):
            raise ValueError(allowed)
        written = _QUANTITY.fullmatch(value)
        if written is None:
            raise ValueError(allowed + _not_what_stands(value) + _meant(value, _QUANTITY))
        number, unit = written.groups()
        if unit in units:
            return round(Decimal(number) * units[unit])
        if not unit:
            raise ValueError(f"'{value}' has no unit: {allowed}")
        meant = _OTHER_SPELLINGS.get(unit.lower(), "")
        hint = f" Did you mean '{number}{meant}'?" if meant in units else ""
        raise ValueError(f"'{unit}' is no unit here.{hint} {allowed[0].upper()}{allowed[1:]}")

    return parse


def _quantity_schema(units: dict[str, int]) -> dict[str, object]:
    return {"type": "string", "pattern": f"^[0-9]+(\\.[0-9]+)? ?({'|'.join(units)})$"}


Duration = Annotated[
    Nanoseconds,
    BeforeValidator(_quantity(_UNITS_NS, "a duration such as 200ms")),
    Takes("a duration, such as `200ms` or `1.5s`", _quantity_schema(_UNITS_NS), _UNITS_NS),
]
Size = Annotated[
    int,
    BeforeValidator(_quantity(_UNITS_BYTES, "a size such as 512MB")),
    Takes("a size, such as `512MB`", _quantity_schema(_UNITS_BYTES), _UNITS_BYTES),
]


def _localized(value: object) -> Localized:
    if isinstance(value, Localized):
        return value
    if not isinstance(value, dict):
        return Localized({"en": _filled(plain_text(value))})
    if not value:
        raise NotTextError("write a text")
    return Localized(_BY_LANGUAGE.validate_python(value))


def _language(word: str) -> str:
    if word not in LANGUAGES:
        raise ValueError(
            f"unknown language '{word}'.{did_you_mean(word, LANGUAGES)} "
            f"Write one text, or one each for {listed(LANGUAGES, 'and')}"
        )
    return word


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty")
    return text


_BY_LANGUAGE = TypeAdapter(
    dict[Annotated[str, AfterValidator(_language)], Annotated[Text, AfterValidator(_filled)]]
)

LocalizedText = Annotated[
    Localized,
    BeforeValidator(_localized),
    Takes(
        "a text, or `{en: ..., zh: ...}`",
        {
            "anyOf": [
                TEXT_SCHEMA,
                {
                    "type": "object",
                    "properties": dict.fromkeys(LANGUAGES, TEXT_SCHEMA),
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        },
    ),
]


def choice(*allowed: str) -> Callable[[object], str]:
    """A validator that lets these words through and suggests the closest for any other."""

    def choose(value: object) -> str:
        """The allowed word that stands there."""
        for word in allowed:
            if value == word:
                return word
        shown = (
            f"'{value}' is not allowed here." if isinstance(value, str) else "write one of these."
        )
        raise ValueError(f"{shown}{did_you_mean(str(value), allowed)} Allowed: {listed(allowed)}")

    return choose


_WHICH = ("first", "last")
Which = Annotated[
    Literal["first", "last"],
    BeforeValidator(choice(*_WHICH)),
    Takes("`first` or `last`", {"enum": _WHICH}),
]

_MULTIPROCESSING = ("fork", "spawn", "forkserver")
DefaultStartMethod = Annotated[
    StartMethod,
    BeforeValidator(choice(*_MULTIPROCESSING)),
    Takes("fork, spawn or forkserver", {"enum": _MULTIPROCESSING}),
]
START_METHODS_SCHEMA = {
    "anyOf": [
        {"enum": _MULTIPROCESSING},
        {"type": "array", "items": {"enum": _MULTIPROCESSING}, "minItems": 1},
    ]
}
PORTABLE = "portable"
"""A start method that there is wherever that of the run is the default."""
_SEEN = (*_MULTIPROCESSING, "subprocess", PORTABLE)
SeenStartMethod = Annotated[
    str,
    BeforeValidator(choice(*_SEEN)),
    Takes(listed(_SEEN, "or"), {"enum": _SEEN}),
]
Clock = Annotated[
    Literal["virtual", "real"],
    BeforeValidator(choice("virtual", "real")),
    Takes("virtual or real", {"enum": ("virtual", "real")}),
]

Until = Annotated[
    Literal["covered"],
    BeforeValidator(choice("covered")),
    Takes("`covered`", {"const": "covered"}),
]

_KEYS = ("end-of-input", "interrupt", "hang-up")
Key = Annotated[
    Literal["end-of-input", "interrupt", "hang-up"],
    BeforeValidator(choice(*_KEYS)),
    Takes(listed(_KEYS, "or"), {"enum": _KEYS}),
]

_SIGNALS = (
    *("SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE"),
    *("SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT"),
    *("SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGSYS"),
)
SignalName = Annotated[
    str,
    BeforeValidator(choice(*_SIGNALS)),
    Takes("the name of a signal that ends processes, such as `SIGTERM`", {"enum": _SIGNALS}),
]


_SENT = (*_SIGNALS, "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGCHLD", "SIGWINCH", "SIGURG")
SentSignal = Annotated[
    str,
    BeforeValidator(choice(*_SENT)),
    Takes("the name of a signal, such as `SIGUSR1`", {"enum": _SENT}),
]


def _pattern(holes: Sequence[HoleName], named: bool = False) -> Callable[[str], str]:
    def check(text: str) -> str:
        """The text, if it is a pattern with no other holes."""
        pattern = parse_pattern(text)
        if not named:
            refuse_named(pattern)
        for hole in pattern.holes:
            if hole not in holes:
                raise PatternError(
                    f"'{{{hole}}}' has no meaning here: it is for lines that a process prints. "
                    f"Allowed: * {' '.join(f'{{{name}}}' for name in holes)}",
                    f"{{{hole}}}",
                    text.index(f"{{{hole}}}"),
                )
        return text

    return check


@dataclass(frozen=True)
class MayName:
    """A part of the type of every pattern whose holes may have names of the teacher's own."""


LinePattern = Annotated[
    Text,
    AfterValidator(_pattern(HOLES, named=True)),
    MayName(),
    Takes("a [pattern](#patterns)", TEXT_SCHEMA),
]
"""A pattern for a printed line, in a check."""
OwnLinePattern = Annotated[
    Text, AfterValidator(_pattern(HOLES)), Takes("a [pattern](#patterns)", TEXT_SCHEMA)
]
"""A pattern for a printed line, by itself."""
PlainPattern = Annotated[
    Text,
    AfterValidator(_pattern(("int", "float", "word", "text", "bool"))),
    Takes("a [pattern](#patterns) without `{pid}`, `{ppid}` and `{name}`", TEXT_SCHEMA),
]
"""A pattern for a text that no process prints about itself."""

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def _dotted(text: str) -> str:
    if not _DOTTED.fullmatch(text):
        raise ValueError(
            f"'{text}' is no name of Python's: write one such as time.sleep, without parentheses"
        )
    return text


DottedName = Annotated[
    Text,
    AfterValidator(_dotted),
    Takes("a name of Python's, such as `time.sleep`", {"type": "string"}),
]

MethodName = Annotated[
    Text,
    AfterValidator(_dotted),
    Takes("the name of a method, such as `run`", {"type": "string"}),
]
PROCESS_METHODS = ("start", "join", "terminate", "kill", "is_alive", "run", "exitcode")
ProcessMethod = Annotated[
    Text,
    AfterValidator(choice(*PROCESS_METHODS)),
    Takes(listed(PROCESS_METHODS, "or"), {"enum": PROCESS_METHODS}),
]


_PROCESS_KEYWORDS = ("args", "kwargs", "name", "target")
ProcessKeyword = Annotated[
    Text,
    AfterValidator(choice(*_PROCESS_KEYWORDS)),
    Takes(listed(_PROCESS_KEYWORDS, "or"), {"enum": _PROCESS_KEYWORDS}),
]


def _literal(text: str) -> str:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    if not isinstance(value, (tuple, dict)) or not value:
        raise ValueError("write a Python tuple or dictionary: ('Ann', 3) or {'mark': '!'}")
    return text


PythonLiteral = Annotated[
    Text,
    AfterValidator(_literal),
    Takes("a tuple or a dictionary of Python's, such as `('Ann', 3)`", {"type": "string"}),
]
"""The Python text of a tuple or a dictionary of constants."""


def _only_true(value: object) -> object:
    if value is not True and getattr(value, "kind", None) != "true":
        raise ValueError("write true, or leave the check out")
    return True


OnlyTrue = Annotated[Literal[True], BeforeValidator(_only_true), Takes("true", {"const": True})]

IDENTIFIER = re.compile(r"[a-z][a-z0-9-]*")


IDENTIFIER_SCHEMA = {"type": "string", "pattern": f"^{IDENTIFIER.pattern}$"}


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        raise ValueError(
            f"'{text}' is no id: it has small letters a to z, digits and '-', and begins with a "
            "letter, such as starts-five"
        )
    return text


Identifier = Annotated[
    Text,
    AfterValidator(_identifier),
    Takes("an id: small letters, digits and `-`", IDENTIFIER_SCHEMA),
]
