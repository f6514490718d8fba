"""Names of processes and of checks, looked up among those that the file defines."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from grader.exercise.values import Identifier, Text, plain_text
from grader.exercise.wording import Takes, did_you_mean, listed
from grader.submission import LARGEST_DATA, SourceFile

MAIN_NAME = "main"
ANY_NAME = "any"
EACH_NAME = "each"
"""In a check with ``for-each``: the member that it is judged for."""
RESERVED = (MAIN_NAME, ANY_NAME, EACH_NAME, "itself", "shutdown")
"""Names with a meaning of their own, which a cast cannot give to others."""


_MEMBER = "each of "


def member_of(group: str) -> str:
    """What ``each`` becomes in a check with ``for-each``: the name of one member of the group."""
    return f"{_MEMBER}{group}"


def group_of(name: str) -> str:
    """The group of such a name; any other name as it is."""
    return name.removeprefix(_MEMBER)


@dataclass(frozen=True)
class Vocabulary:
    """The names that a file defines; the validators' context while it is loaded.

    ``cast`` maps names to how many processes each stands for (None: not said). Either is None
    where the file is so wrong that its names are not known; then no name is called unknown.
    """

    cast: Mapping[str, int | None] | None
    checks: frozenset[str] | None
    steps: frozenset[str] | None = None
    """The ids of the dialogue's steps."""
    folder: Path | None = None
    """Where the file is: programs are named from there."""
    threads: frozenset[str] = frozenset()
    """Those that stand for threads."""
    each: str | None = None
    """The group for whose members the check at hand is judged, one by one."""


def _cast_name(text: str) -> str:
    if text in RESERVED:
        raise ValueError(f"the name '{text}' has a meaning already. Choose another")
    if not re.fullmatch(r"[^\W\d][\w-]*", text):
        raise ValueError(
            f"'{text}' is no name: it has letters, digits, '-' and '_', and begins with a letter"
        )
    return text


CastName = Annotated[Text, AfterValidator(_cast_name)]


def _known(word: str, what: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    if word in names:
        return word
    there_are = f" Names here: {listed(names)}" if names else " There are none"
    raise ValueError(f"no {what} is called '{word}'.{did_you_mean(word, names)}{there_are}")


def _process(*builtin: str) -> AfterValidator:
    def look_up(name: str, info: ValidationInfo) -> str:
        """The name, if the cast has it."""
        vocabulary = info.context
        if not isinstance(vocabulary, Vocabulary):
            return name
        if name == EACH_NAME and vocabulary.each is not None:
            return member_of(vocabulary.each)
        if name == EACH_NAME:
            raise ValueError(
                "'each' is a process only in a check with 'for-each', which says of which group"
            )
        if vocabulary.cast is None:
            return name
        names = list(dict.fromkeys([*builtin, *vocabulary.cast]))
        if name == ANY_NAME and ANY_NAME not in names:
            raise ValueError(f"'any' is not definite enough here. Names here: {listed(names)}")
        return _known(name, "process", names)

    return AfterValidator(look_up)


@dataclass(frozen=True)
class NamesRole:
    """A part of the type of every field whose value stands for a process or a group."""


def _group(name: str, info: ValidationInfo) -> str:
    vocabulary = info.context
    if isinstance(vocabulary, Vocabulary) and vocabulary.cast is not None:
        cast = vocabulary.cast
        groups = [one for one, count in cast.items() if count != 1 and one not in RESERVED]
        if name in (MAIN_NAME, EACH_NAME) or cast.get(name) == 1:
            there_are = f" Groups here: {listed(groups)}" if groups else ""
            raise ValueError(f"'{name}' is a single process, and this needs a group.{there_are}")
        return _known(name, "group", groups)
    return name


def _check(name: str, info: ValidationInfo) -> str:
    vocabulary = info.context
    if isinstance(vocabulary, Vocabulary) and vocabulary.checks is not None:
        return _known(name, "check", sorted(vocabulary.checks))
    return name


_NAME_SCHEMA = {"type": "string"}

ProcessName = Annotated[
    Text,
    _process(MAIN_NAME),
    NamesRole(),
    Takes("a process or group: `main` or a name of the cast", _NAME_SCHEMA),
]
AnyProcess = Annotated[
    Text,
    _process(MAIN_NAME, ANY_NAME),
    NamesRole(),
    Takes("a process or group: `main`, `any` or a name of the cast", _NAME_SCHEMA),
]
GroupName = Annotated[
    Text, AfterValidator(_group), NamesRole(), Takes("a group: a name of the cast", _NAME_SCHEMA)
]
Ender = Annotated[
    Text,
    _process("itself", "shutdown", MAIN_NAME),
    NamesRole(),
    Takes("`itself`, `shutdown`, `main` or a name of the cast", _NAME_SCHEMA),
]


def _step(name: str, info: ValidationInfo) -> str:
    vocabulary = info.context
    if isinstance(vocabulary, Vocabulary) and vocabulary.steps is not None:
        return _known(name, "step of the dialogue", sorted(vocabulary.steps))
    return name


def _peer_file(value: object, info: ValidationInfo) -> SourceFile:
    if isinstance(value, SourceFile):
        return value
    name = plain_text(value)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".py":
        raise ValueError(
            f"'{name}' is no program of the exercise: write the path of a .py file below the "
            "folder of the exercise, such as peers/client.py"
        )
    vocabulary = info.context
    folder = vocabulary.folder if isinstance(vocabulary, Vocabulary) else None
    return SourceFile(name, b"") if folder is None else read_program(name, folder / path)


def read_program(name: str, file: Path) -> SourceFile:
    """A peer's program, called ``name`` in the exercise.

    Raises:
        ValueError: it is not there, cannot be read, or is no Python.
    """
    if not file.is_file():
        raise ValueError(f"there is no file '{name}' below the folder of the exercise")
    try:
        program = SourceFile(name, file.read_bytes())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program.tree()
    except OSError as error:
        raise ValueError(f"'{name}' cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        where = f" (its line {error.lineno})" if error.lineno else ""
        raise ValueError(f"'{name}' is no Python program: {error.msg}{where}") from None
    except ValueError as error:
        raise ValueError(f"'{name}' is no Python program: {error}") from None
    return program


def _given_file(value: object, info: ValidationInfo) -> SourceFile:
    """A file of the exercise, called as it will be beside the script."""
    if isinstance(value, SourceFile):
        return value
    name = plain_text(value)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.name:
        raise ValueError(
            f"'{name}' is no file of the exercise: write its path below the folder of the "
            "exercise, such as tickets.json"
        )
    vocabulary = info.context
    folder = vocabulary.folder if isinstance(vocabulary, Vocabulary) else None
    if folder is None:
        return SourceFile(path.name, b"")
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        raise ValueError(
            f"the file '{name}' below the folder of the exercise cannot be read: {error.strerror}"
        ) from None
    if len(content) > LARGEST_DATA:
        raise ValueError(f"'{name}' is larger than {LARGEST_DATA // 10**6} MB")
    return SourceFile(path.name, content)


GivenFile = Annotated[
    SourceFile,
    BeforeValidator(_given_file),
    Takes("the path of a file, from the folder of the exercise", {"type": "string"}),
]
PeerFile = Annotated[
    SourceFile,
    BeforeValidator(_peer_file),
    Takes("the path of a Python script, from the folder of the exercise", {"type": "string"}),
]
StepName = Annotated[
    Identifier,
    AfterValidator(_step),
    Takes("the id of a step of the dialogue", {"type": "string"}),
]
CheckName = Annotated[Identifier, AfterValidator(_check)]
