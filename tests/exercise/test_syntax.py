"""What is said about a file that is not even YAML, and about what YAML makes of a text."""

from __future__ import annotations

import pytest

from tests.exercise.writing import GOOD, HEAD, told

QUOTE = "a text that contains any of {} [ ] : # * & ! | > % @ ` must be in 'quotes'"
TOO_MANY = (
    "a ':' too many, or a line that is indented differently from the line before it. "
    "A text that contains ': ' must be in 'quotes'"
)
BRACES = (
    "between { and } stand keys with values and commas between them, such as "
    f"{{text: 'hello', by: main}}: a comma or the }} is missing, or quotes are: {QUOTE}"
)
QUESTION = "between brackets a '?' ends a text: put the text in 'quotes', as {en: 'Who waits?'}"
CUT = "' #' begins a comment, and the rest of this line is lost: put the text in 'quotes'"
BRACKETS = (
    "between [ and ] stand values with commas between them: a comma or the ] is missing, "
    f"or quotes are: {QUOTE}"
)
SIMPLE_KEY = (
    "a key needs ': ' after it, and a text that goes on in the next line must be in 'quotes'"
)
TAB = "a tab stands here: YAML is indented with spaces only"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("    prints: {text: hello {pid}, by: main}", f"7:26: {BRACES}"),
        ("    prints: {text: a b: c}", f"7:23: {BRACES}"),
        ("    prints: {text: a", f"7:13: {BRACES}"),
        ("    needs: [a, b", f"7:12: {BRACKETS}"),
        ("    hint: {en: Who waits?, zh: x}", f"7:25: {QUESTION}"),
        ("    hint: {en: Is it #1, zh: x}", f"7:22: {CUT}"),
        ("    prints: {text: * hello}", f"7:21: YAML takes * for a reference: {QUOTE}"),
        ("    hint: *在", f"7:12: YAML takes * for a reference: {QUOTE}"),
        ("    hint: &在", f"7:12: YAML takes & for a mark: {QUOTE}"),
        ("    hint: !<x", f"7:14: YAML takes ! for a type: {QUOTE}"),
        ("    hint: !x!y z", f"7:11: YAML takes ! for a type: {QUOTE}"),
        ("    hint: | x", f"7:13: YAML takes | and > for the start of a long text: {QUOTE}"),
        ("    hint: @x", f"7:11: no text can begin with this character: {QUOTE}"),
        ("    hint: %x", f"7:11: no text can begin with this character: {QUOTE}"),
        ("    hint: `x`", f"7:11: no text can begin with this character: {QUOTE}"),
        ("    hint: a: b", f"7:12: {TOO_MANY}"),
        ("    clean: true\n      points: 2", f"8:13: {TOO_MANY}"),
        ("\tclean: true", f"7:1: {TAB}"),
        (
            "    clean: true\n\tpoints: 1",
            f"8:1: {TAB}",
        ),
        (
            "   clean: true",
            "7:4: this line does not belong to the list above it: "
            "all '- ' of one list are indented alike",
        ),
        (
            " clean: true",
            "7:2: this line does not belong to the keys above it: "
            "all keys of one thing are indented alike",
        ),
        ("    clean true", f"7:5: {SIMPLE_KEY}"),
        ("    clean:true", f"7:5: {SIMPLE_KEY}"),
        ("    hint: 'abc", "7:11: this quote is not closed"),
        (
            '    hint: "a\\d"',
            "7:14: a backslash in \"double quotes\" is special: write the text in 'single quotes'",
        ),
        (
            '    hint: "a\\u12"',
            "7:15: this escape sequence is cut off: use 'single quotes'",
        ),
        (
            '    hint: "a" b',
            "7:15: the value was over, and here more text follows: put all of it inside the quotes",
        ),
        (
            "    needs: - a",
            "7:12: a list cannot begin here: give each '- ' a line of its own below its key",
        ),
        ("---\nid: b", "7:1: a second document begins here: a file is one exercise"),
    ],
)
def test_a_syntax_error_says_what_the_teacher_should_write(line: str, message: str) -> None:
    """YAML's own words never appear; the place is where the teacher has to look."""
    assert told(f"{HEAD}checks:\n  - id: b\n    expect: e\n{line}\n") == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "1:21: nested too deeply for an exercise"),
        ("{a: " * 10_000, "1:78: nested too deeply for an exercise"),
        ("- " * 10_000, "1:41: nested too deeply for an exercise"),
        ("%YAML 9\n", f"1:8: YAML takes % for a command: {QUOTE}"),
        ("[a]\n[b]\n", "2:1: a second value begins here: an exercise is keys with values"),
    ],
)
def test_a_file_that_is_no_exercise_at_all_is_refused(text: str, message: str) -> None:
    """Deep nesting is refused at once, without running out of stack or of time."""
    assert told(text)[0] == message


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    """Anchors and aliases are no part of the language, so nothing is ever multiplied."""
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    messages = told(bomb)
    assert "1:5: YAML reads &a0 as a mark for references: put the text in quotes" in messages
    assert (
        "2:10: YAML reads *a0 as a reference to something else: put the text in quotes" in messages
    )


def test_a_merge_key_is_an_unknown_key() -> None:
    """YAML's `<<` means nothing here."""
    assert told(GOOD + "<<: {a: b}\n") == [
        "6:1: unknown key '<<' in an exercise. Allowed here: id, title, task, run, cast, checks"
    ]
