"""``file`` and ``shares``: what is left when the program is over."""

from __future__ import annotations

import ast
import json

from grader.checks.context import JudgeContext
from grader.checks.registry import Concern, judges
from grader.checks.verdict import Verdict, failed, inconclusive, passed
from grader.checks.words import code, quoted
from grader.exercise import parse_pattern
from grader.exercise.relations.remains import FileHolds, Shares
from grader.messages import Text, say
from grader.trace import MAIN, LeftFile, SharedValue
from grader.trace.naming import several
from grader.trace.questions import process

_KEPT = say("What stands in a file is what was written to it last, by whichever process.")


@judges(FileHolds, Concern.BEHAVIOUR)
def judge_file(wanted: FileHolds, context: JudgeContext) -> Verdict:
    """Whether the file is there, or is not, and holds what it should."""
    file = next((each for each in context.trace.files if each.name == wanted.name), None)
    if file is None:
        return inconclusive(say("The grader did not look at {file}.", file=code(wanted.name)))
    if wanted.exists is not None or file.text is None:
        should_exist = wanted.exists is not False
        return passed() if (file.text is not None) is should_exist else _there_or_not(file, context)
    if not file.is_whole:
        return inconclusive(
            say("{file} is too long for the grader to read it.", file=code(file.name))
        )
    if wanted.json_ is not None:
        return _judge_json(file.name, file.text, json.loads(wanted.json_), context)
    pattern = parse_pattern(wanted.text or "")
    lines = [line for line in file.text.splitlines() if line.strip()]
    if any(pattern.match(line) for line in lines):
        return passed()
    return failed(
        say(
            "No line of {file} is {line}; its last line is {other}.",
            file=code(file.name),
            line=context.like(wanted.text or ""),
            other=quoted(lines[-1]),
        )
        if lines
        else say("{file} is empty.", file=code(file.name)),
        why=_KEPT,
        next=say("Which line of your script should write it, and is the file closed after that?"),
        about=context.own,
        missing=bool(context.tracebacks),
    )


def _there_or_not(file: LeftFile, context: JudgeContext) -> Verdict:
    if file.text is not None:
        return failed(
            say("{file} is still there when the program is over.", file=code(file.name)),
            why=say("A file stays until it is removed, however its program ends."),
            next=say("Which line of your script should remove it, and is that line reached?"),
            about=context.own,
        )
    given = [each.name for each in context.exercise.run.files]
    return failed(
        say(
            "{file} lay beside the script at the beginning, and is gone when the program is over.",
            file=code(file.name),
        )
        if file.name in given
        else say(
            "There is no file {file} beside the script when the program is over.",
            file=code(file.name),
        ),
        why=say("Only a file of exactly this name counts, in the folder of the script."),
        next=say("Which line of your script writes it, and by which name?"),
        about=context.own,
        missing=True,
    )


def _judge_json(name: str, text: str, wanted: object, context: JudgeContext) -> Verdict:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return failed(
            say("{file} holds no JSON: {error}.", file=code(name), error=code(str(error))),
            why=say(
                "What two processes write to one file at the same time is mixed up, and what is "
                "not written to its end is not whole."
            ),
            next=say("Which processes write the file, and what keeps them apart?"),
            about=context.own,
        )
    differing = _difference(found, wanted)
    if differing is None:
        return passed()
    path, held, asked = differing
    held_text: Text = say("nothing") if held is _NOTHING else code(_as_json(held))
    values = {"file": code(name), "found": held_text, "wanted": code(_as_json(asked))}
    return failed(
        say("In {file} stands {found}; the task asks for {wanted}.", **values)
        if not path
        else say(
            "In {file} {key} is {found}; the task asks for {wanted}.", key=code(path), **values
        ),
        why=_KEPT,
        missing=bool(context.tracebacks),
        next=say(
            "What can another process do to the file between the reading and the writing of it?"
        ),
        about=context.own,
    )


_NOTHING = object()


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _difference(found: object, wanted: object, path: str = "") -> tuple[str, object, object] | None:
    """The first place where what is found differs, with both values; None where it does not."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            below = f"{path}.{key}" if path else key
            different = _difference(found.get(key, _NOTHING), value, below)
            if different is not None:
                return different
        return None
    return None if _is_same(found, wanted) else (path, found, wanted)


def _is_same(found: object, wanted: object) -> bool:
    """As JSON has it: 1 is 1.0, and true is not 1."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_is_same, found, wanted))
    return found == wanted


@judges(Shares, Concern.BEHAVIOUR)
def judge_shares(wanted: Shares, context: JudgeContext) -> Verdict:
    """Whether the shared memory of that name holds what it should."""
    shared = context.trace.shared
    if not shared:
        return _nothing_shared(context)
    named = [
        each for each in shared if wanted.value is None or wanted.value in _names(each, context)
    ]
    if not named:
        names = list(dict.fromkeys(name for each in shared for name in _names(each, context)))
        return failed(
            say(
                "No shared memory that main makes is called {name}; there is {names}.",
                name=code(wanted.value or ""),
                names=several([code(name) for name in names]),
            )
            if names
            else say(
                "No shared memory that main makes is called {name}.", name=code(wanted.value or "")
            ),
            why=say("It is known by the variable to which main's code gives it."),
            next=say("Which line makes the `Value` or the `Array`, and what is it called there?"),
            about=[MAIN],
            missing=True,
        )
    asked = json.loads(wanted.ends_at)
    wrong = [each for each in named if not _is_same(_value(each), asked)]
    if not wrong or (wanted.value is None and len(wrong) < len(named)):
        return passed()
    worst = wrong[-1]
    its_names = _names(worst, context)
    return failed(
        say(
            "{name} holds {found} when main and its children are done; the task asks for {wanted}.",
            name=code(wanted.value or (its_names[0] if its_names else "Value")),
            found=code(worst.held),
            wanted=code(_as_json(asked)),
        ),
        why=say("This is read from the shared memory itself, whatever is printed."),
        next=say("Which lines change it, and what if two processes execute them at the same time?"),
        line=worst.line,
        about=context.own,
        missing=bool(context.tracebacks),
    )


def _nothing_shared(context: JudgeContext) -> Verdict:
    main = process(context.trace, MAIN)
    if main.exit_status is None or main.killed_by_grader:
        happened = say(
            "Main did not come to its end, where the grader reads what its shared memory holds."
        )
    else:
        happened = say("Main made no `Value` and no `Array` of multiprocessing's.")
    return failed(
        happened,
        why=say(
            "A variable of its own is all that a process has, if nothing else is said: shared "
            "memory is what `multiprocessing.Value` and `multiprocessing.Array` make."
        ),
        next=say("Which line of main makes the memory that all processes share?"),
        about=[MAIN],
        missing=True,
    )


def _names(shared: SharedValue, context: JudgeContext) -> tuple[str, ...]:
    own = () if shared.variable is None else (shared.variable,)
    return own + (() if shared.line is None else context.code.variables_at(shared.line))


def _value(shared: SharedValue) -> object:
    """As JSON would have it."""
    try:
        value = ast.literal_eval(shared.held)
    except (ValueError, SyntaxError):
        return shared.held  # such as inf
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
