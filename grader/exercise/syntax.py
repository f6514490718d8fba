"""YAML's own syntax errors, in a teacher's words."""

from __future__ import annotations

import re

import yaml

_QUOTE = "a text that contains any of {} [ ] : # * & ! | > % @ ` must be in 'quotes'"

_QUESTION = "between brackets a '?' ends a text: put the text in 'quotes', as {en: 'Who waits?'}"
_CUT = "' #' begins a comment, and the rest of this line is lost: put the text in 'quotes'"
_COMMENT = re.compile(r"[^\n#'\"]*[ \t](?P<comment>#)[^\n]*[}\]]")
"""A comment in which a bracket closes, in the line of the bracket that opens: no comment."""

_EXPLANATIONS: tuple[tuple[str, str], ...] = (
    # (a part of YAML's problem or context, what to say); the first that fits is used
    ("too deep", "nested too deeply for an exercise"),
    (
        "found character '\\t' that cannot start any token",
        "a tab stands here: YAML is indented with spaces only",
    ),
    ("that cannot start any token", f"no text can begin with this character: {_QUOTE}"),
    ("while scanning an alias", f"YAML takes * for a reference: {_QUOTE}"),
    ("while scanning an anchor", f"YAML takes & for a mark: {_QUOTE}"),
    ("while scanning a tag", f"YAML takes ! for a type: {_QUOTE}"),
    ("while parsing a tag", f"YAML takes ! for a type: {_QUOTE}"),
    ("while parsing a node", f"YAML takes ! for a type: {_QUOTE}"),
    ("while scanning a directive", f"YAML takes % for a command: {_QUOTE}"),
    ("while scanning a block scalar", f"YAML takes | and > for the start of a long text: {_QUOTE}"),
    (
        "mapping values are not allowed here",
        "a ':' too many, or a line that is indented differently from the line before it. "
        "A text that contains ': ' must be in 'quotes'",
    ),
    (
        "sequence entries are not allowed here",
        "a list cannot begin here: give each '- ' a line of its own below its key",
    ),
    (
        "unknown escape character",
        "a backslash in \"double quotes\" is special: write the text in 'single quotes'",
    ),
    ("expected escape sequence of", "this escape sequence is cut off: use 'single quotes'"),
    ("while scanning a quoted scalar", "this quote is not closed"),
    (
        "while scanning a simple key",
        "a key needs ': ' after it, and a text that goes on in the next line must be in 'quotes'",
    ),
    (
        "while parsing a flow mapping",
        "between { and } stand keys with values and commas between them, such as "
        f"{{text: 'hello', by: main}}: a comma or the }} is missing, or quotes are: {_QUOTE}",
    ),
    (
        "while parsing a flow sequence",
        "between [ and ] stand values with commas between them: a comma or the ] is missing, "
        f"or quotes are: {_QUOTE}",
    ),
    (
        "but found '<scalar>'",
        "the value was over, and here more text follows: put all of it inside the quotes",
    ),
    (
        "while parsing a block mapping",
        "this line does not belong to the keys above it: all keys of one thing are indented alike",
    ),
    (
        "while parsing a block collection",
        "this line does not belong to the list above it: all '- ' of one list are indented alike",
    ),
    ("but found another document", "a second document begins here: a file is one exercise"),
    ("expected '<document start>'", "a second value begins here: an exercise is keys with values"),
)

_AT_THE_BEGINNING = ("while scanning a simple key", "while scanning a quoted scalar")
"""Contexts whose beginning says more than the place where YAML noticed."""

_BRACKETS = ("while parsing a flow mapping", "while parsing a flow sequence")
"""The same, where YAML noticed in another line only."""


def _where(error: yaml.MarkedYAMLError, noticed: yaml.Mark) -> yaml.Mark:
    begun, context = error.context_mark, error.context or ""
    if begun is None or "escape" in (error.problem or ""):
        return noticed
    if context in _AT_THE_BEGINNING:
        return begun
    return begun if context in _BRACKETS and begun.line != noticed.line else noticed


def explained(error: yaml.MarkedYAMLError, text: str = "") -> tuple[str, yaml.Mark]:
    """What to say about a syntax error in a file with this text, and the place to point at."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    assert mark is not None, "PyYAML's syntax errors have a mark"
    if context in _BRACKETS and text[mark.index : mark.index + 1] == "?":
        return _QUESTION, mark
    cut = _COMMENT.match(text, error.context_mark.index) if error.context_mark else None
    if cut is not None and context in _BRACKETS and mark.line > (error.context_mark or mark).line:
        before = text[: cut.start("comment")].splitlines() or [""]
        place = (len(before) - 1, len(before[-1]))
        return _CUT, yaml.Mark("", cut.start("comment"), *place, "", 0)
    whole = f"{context}: {problem}"
    for part, words in _EXPLANATIONS:
        if part in whole:
            return words, _where(error, mark)
    return f"this is not YAML: {problem}", mark
