"""What a Chinese keyboard and a decimal comma leave in a file: each is told where it stands."""

from __future__ import annotations

import pytest

from tests.exercise.writing import GOOD, HEAD, told, told_of_check

BEGUN = f"{HEAD}checks:\n  - id: b\n    expect: e\n"
"""Six lines, to which keys of a check belong."""


def stands(char: str, code: str, meant: str) -> str:
    """What is said of a character that means nothing to YAML."""
    return (
        f"'{char}' (U+{code}) stands here, which means nothing to YAML: write {meant}, with the "
        "keyboard set to English"
    )


COLON = stands("：", "FF1A", "':' and a space after it")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("    clean：true", f"7:10: {COLON}"),
        ("    points：1\n    clean: true", f"7:11: {COLON}"),
        ("    prints: {text：hello, by: main}", f"7:18: {COLON}"),
        (
            "    prints: {text: hello， by: main}",
            f"7:25: {stands('，', 'FF0C', repr(',') + ' and a space after it')}",
        ),
        (
            "    prints: {text: “hello: *”, by: main}",
            f"""7:20: {stands("“", "201C", "'" + '"' + "'")}""",
        ),
        ("    prints: ｛text: a: *｝", f"7:13: {stands('｛', 'FF5B', repr('{'))}"),
        (
            "  － id: c\n    clean: true",
            f"7:3: {stands('－', 'FF0D', repr('-') + ' and a space after it')}",
        ),
        (
            "　　points: 2\n    clean: true",
            "7:1: a special space (U+3000) stands here: YAML is indented with plain spaces",
        ),
    ],
)
def test_a_full_width_character(line: str, message: str) -> None:
    """It is told at its place, and not what YAML makes of it somewhere near."""
    assert told(f"{BEGUN}{line}\n")[0] == message


def test_a_file_with_full_width_colons_only() -> None:
    """YAML takes it for a text: no key is seen at all."""
    assert told("id：a\ntitle：t\n") == [f"1:3: {COLON}"]


@pytest.mark.parametrize("text", ["你好：世界，“再见”", "（一）－ 二", "'name：*'"])
def test_such_characters_in_a_text_are_no_mistake(text: str) -> None:
    """Another mistake beside such a text is told as it is."""
    wrong = f"{HEAD}checks:\n  - id: b\n    expect: {{}}\n    never: true\n"
    assert told(wrong.format(text)) == told(wrong.format("e"))
    assert told(f"title: {text}\n{GOOD}") == [
        "3:1: 'title' stands here twice: the first is in line 1"
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1,5s", "1.5s, with a point"), ("１．５ｓ", "1.5s, with plain digits and letters"),
     ("1。5s", "1.5s, with plain digits and letters")],
)  # fmt: skip
def test_a_duration_in_other_characters(written: str, meant: str) -> None:
    """What is meant is told."""
    time = "    time:\n      from: {begins: main}\n      to: {ends: main}\n"
    assert told(f"{BEGUN}{time}      at-most: {written}\n") == [
        "10:16: write a duration such as 200ms, with one of the units ns, us, ms, s, min, not "
        f"'{written}'. Did you mean {meant}?"
    ]


def test_a_decimal_comma_between_braces() -> None:
    """YAML takes it for the end of the value; that is told instead of what comes of it."""
    check = "time: {from: {starts: p}, to: {ends: p}, at-most: 1,5s}}"
    assert told_of_check(check[:-1]) == (
        "9:55: between { and } a comma ends the value: write 1.5s, with a point"
    )


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("1,5", "write a number such as 2 or 0.5, not '1,5'. Did you mean 1.5, with a point?"),
        (
            "２",
            "write a number such as 2 or 0.5, not '２'. Did you mean 2, with plain digits and "
            "letters?",
        ),
        ("often", "write a number such as 2 or 0.5, not 'often'"),
    ],
)
def test_a_number_in_other_characters(points: str, message: str) -> None:
    """What is meant is told, where a number is meant."""
    assert told(f"{BEGUN}    points: {points}\n    clean: true\n") == [f"7:13: {message}"]


def test_a_fraction_where_a_whole_number_is_meant() -> None:
    """A fraction is not suggested."""
    cast = "cast:\n  p: {children-of: main, count: '1,5'}\n"
    (problem,) = told(f"{HEAD}{cast}checks:\n  - {{id: b, expect: e, clean: true}}\n")
    assert problem == "5:33: write a whole number such as 3, not '1,5'"
