"""What the code says of a process's ``daemon`` and ``name``, beside what the process is."""

from __future__ import annotations

import ast
from difflib import get_close_matches

from grader.checks.context import JudgeContext
from grader.checks.verdict import Verdict, failed
from grader.checks.words import code, quoted
from grader.messages import Text, say
from grader.source import Code, CodeFile
from grader.trace import Location, Process

_ALIKE = 0.7
"""How much a word must be like ``daemon`` to be a misspelling of it."""


def which_line(name: Text) -> Text:
    """The question of which line decides whether it is a daemon."""
    return say(
        "Which line says, before {name} starts, whether it is a daemon?",
        name=name,
    )


def why_no_daemon(name: Text, context: JudgeContext) -> tuple[Text, Location | None]:
    """What to ask about one that is no daemon, and the line that says so, if there is one."""
    alike = _words_like_daemon(context.code)
    if not alike:
        question = say(
            "No line of the script makes a process a daemon. Which line should do it for {name}, "
            "and before which one must it be executed?",
            name=name,
        )
        return question, None
    if "daemon" not in alike:
        question = say(
            "Which line says, before {name} starts, whether it is a daemon, and is every word in "
            "it spelled right?",
            name=name,
        )
        return question, None
    line = _only_false(context.code)
    if line is None:
        return which_line(name), None
    question = say(
        "{line} sets `daemon` to False. Which value makes {name} a daemon?",
        line=context.line_as_subject(line),
        name=name,
    )
    return question, line


def _words_like_daemon(source: Code) -> list[str]:
    """The attributes, keywords, assigned names and texts that are ``daemon``, or nearly so."""
    words: set[str] = set()
    for file in source.files:
        words.update(node.attr for node in file.nodes(ast.Attribute))
        words.update(node.arg or "daemon" for node in file.nodes(ast.keyword))  # **flags
        words.update(node.id for node in file.nodes(ast.Name) if isinstance(node.ctx, ast.Store))
        words.update(node.value for node in file.nodes(ast.Constant) if isinstance(node.value, str))
    return get_close_matches("daemon", [word.lower() for word in words], cutoff=_ALIKE)


def _only_false(source: Code) -> Location | None:
    """The only line that gives ``daemon`` a value, where that value is False."""
    found: list[tuple[Location, ast.expr]] = []
    for file in source.files:
        for node in file.nodes(ast.Assign):
            if any(
                isinstance(each, ast.Attribute) and each.attr == "daemon" for each in node.targets
            ):
                found.append((file.place(node), node.value))
        for call in file.calls:
            found += [
                (call.place, each.value) for each in call.node.keywords if each.arg == "daemon"
            ]
    if len(found) != 1:
        return None
    place, value = found[0]
    return place if isinstance(value, ast.Constant) and value.value is False else None


def named_too_late(who: Process, context: JudgeContext) -> Verdict | None:
    """Whether the statements after its ``start()`` set the name of main's object."""
    for file in context.code.files:
        found = _name_after_start(file, who.started_at)
        if found is None:
            continue
        owner, place = found
        return failed(
            say(
                "{line} sets the name of {owner} only when the process has started already, under "
                "the name {actual}.",
                line=context.line_as_subject(place),
                owner=code(owner),
                actual=quoted(who.name or ""),
            ),
            why=say(
                "A child gets its name when it starts. What is assigned later changes main's "
                "object alone, and the child never learns of it."
            ),
            next=say("Which of the two must come first, the name or the start?"),
            line=place,
            about=[who.number],
            suppress_hint=True,
        )
    return None


def _name_after_start(file: CodeFile, started_at: Location | None) -> tuple[str, Location] | None:
    """``p.start()`` at that line, and ``p.name = ...`` after it in the same block."""
    started = {
        call.node.func.value.id: file.parent(call.node)
        for call in file.calls
        if call.place == started_at
        and isinstance(call.node.func, ast.Attribute)
        and call.node.func.attr == "start"
        and isinstance(call.node.func.value, ast.Name)
    }
    for node in file.nodes(ast.Assign):
        for target in node.targets:
            if not (
                isinstance(target, ast.Attribute)
                and target.attr == "name"
                and isinstance(target.value, ast.Name)
            ):
                continue
            start = started.get(target.value.id)
            if (
                start is not None
                and file.parent(start) is file.parent(node)
                and isinstance(start, ast.Expr)
                and start.lineno < node.lineno
            ):
                return target.value.id, file.place(node)
    return None
