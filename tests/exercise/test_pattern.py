"""Patterns for printed lines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise import PatternError, match, normalized, parse_pattern
from grader.exercise.pattern import refuse_named

CHARACTERS = 250_000


@pytest.mark.parametrize(
    ("pattern", "line", "values"),
    [
        ("主进程id:  {pid}", "主进程id: 42", (("pid", "42"),)),
        (
            "子进程id： {pid} 父进程id： {ppid}",
            "子进程id：43父进程id：42",
            (("pid", "43"), ("ppid", "42")),
        ),
        (
            "子进程id： {pid} 父进程id： {ppid}",
            "子进程id:  43   父进程id:  42",
            (("pid", "43"), ("ppid", "42")),
        ),
        ("hello *", "hello 小明", ()),
        ("hello *", "hello Tom Sawyer", ()),
        ("hello *", "hello", ()),
        ("*正在*", "陈松正在唱歌", ()),
        ("main-------", "main-------", ()),
        ("{name}: *", "greeter: 小明!", (("name", "greeter"),)),
        ("{pid} {ppid}", "43 42", (("pid", "43"), ("ppid", "42"))),
        ("x={int}", "x = -5", (("int", "-5"),)),
        ("x-{int}", "x-5", (("int", "5"),)),
        ("{float}s", "1.25 s", (("float", "1.25"),)),
        ("{float}", "1e-05", (("float", "1e-05"),)),
        ("{float}.", "2.", (("float", "2"),)),
        ("{int}.{int}.*", "127.0.0.1", (("int", "127"), ("int", "0"))),
        ("{word} works", "Tom works", (("word", "Tom"),)),
        ("*a{word}a*", "xxaya aba", (("word", "y"),)),
        ("hello {text}", "hello <小明>", (("text", "<小明>"),)),
        ("{{{int}}} {*}", "{5} *", (("int", "5"),)),
        ("{bool}", "False", (("bool", "False"),)),
        ("*{bool}*", "alive: True!", (("bool", "True"),)),
        ("*", "", ()),
    ],
)
def test_a_line_that_fits_gives_the_values_of_the_holes(
    pattern: str, line: str, values: tuple[tuple[str, str], ...]
) -> None:
    """Lines fit however the student spaced and punctuated them."""
    found = match(pattern, line)
    assert found is not None
    assert found.values == values


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("hello", "hello world"),
        ("hello *", "say hello"),
        ("Hello", "hello"),
        ("{pid}", "-5"),
        ("1{int}", "12"),
        ("{int}", "1.5"),
        ("{pid}{ppid}", "4342"),
        ("{word}", "two words"),
        ("hello {text}", "hello "),
        ("{bool}", "true"),
        ("*{bool}*", "Falsehood"),
        ("{name}", ""),
        ("a*b*c", "acb"),
        ("*ab", "ba"),
        ("a*a", "a"),
    ],
)
def test_a_line_that_does_not_fit_is_no_match(pattern: str, line: str) -> None:
    """The whole line must fit, and a number is never cut in two."""
    assert match(pattern, line) is None


@pytest.mark.parametrize(
    ("pattern", "truth", "line", "fits"),
    [
        ("id {pid}*", "12", "id 12", True),
        ("id {pid}*", "12", "id 012 x", True),
        ("id {pid}*", "12", "id 123", False),
        ("{name}*", "Process-1", "Process-1 works", True),
        ("{name}*", "Process-1", "Process-10 works", False),
        ("{name}正在*", "陈 松", "陈松正在唱歌", True),
        ("I am {name} !", "it: me", "I am it: me!", True),
    ],
)
def test_a_hole_that_is_filled_takes_the_truth_only(
    pattern: str, truth: str, line: str, fits: bool
) -> None:
    """A filled hole fits the true value as a whole, and nothing that only begins with it."""
    (hole,) = parse_pattern(pattern).holes
    assert (parse_pattern(pattern).filled({hole: truth}).match(line) is not None) is fits


def test_the_values_of_one_hole_can_be_asked_for() -> None:
    """`Match.of` gives the texts in the holes of one name, from left to right."""
    found = match("{int}/{int} by {word}", "3/5 by Tom")
    assert found is not None
    assert found.of("int") == ("3", "5")
    assert found.of("word") == ("Tom",)
    assert found.of("pid") == ()


@pytest.mark.parametrize(
    ("pattern", "line", "stars"),
    [
        ("*正在*", "小明...正在唱歌", ("小明...", "唱歌")),
        ("*正在*", "正在", ("", "")),
        ("hello *", "hello Tom", ("Tom",)),
        ("*{pid} is*it", "I, 43 is not it", ("I,", "not")),
        ("hello", "hello", ()),
    ],
)
def test_the_stars_stand_for_texts(pattern: str, line: str, stars: tuple[str, ...]) -> None:
    """Each star's text is known, as short as it can be from left to right."""
    found = match(pattern, line)
    assert found is not None
    assert found.stars == stars


@pytest.mark.parametrize(
    ("pattern", "message", "word", "offset"),
    [
        (
            "pid {pdi}",
            "'{pdi}' is no hole. Did you mean '{pid}'? Allowed: {pid} {ppid} {name} {int} {float} "
            "{word} {text} {bool}. A real brace is written {{",
            "{pdi}",
            4,
        ),
        (
            "{ NAME }",
            "'{ NAME }' is no hole. Did you mean '{name}'? Allowed: {pid} {ppid} {name} {int} "
            "{float} {word} {text} {bool}. A real brace is written {{",
            "{ NAME }",
            0,
        ),
        (
            "{}",
            "'{}' is no hole. Allowed: {pid} {ppid} {name} {int} {float} {word} {text} {bool}. "
            "A real brace is written {{",
            "{}",
            0,
        ),
        (
            "x {pid",
            "'{' opens a hole without end. Allowed: {pid} {ppid} {name} {int} {float} {word} "
            "{text} {bool}. A real brace is written {{",
            "{pid",
            2,
        ),
        ("x} y", "'}' closes no hole. A real brace is written }}", "}", 1),
        ("  ", "the pattern is empty: write a text, or '*' for any line", "", 0),
        ("a\nb", "a pattern is matched with one line: write it without a line break", "", 0),
    ],
)
def test_a_text_that_is_no_pattern_is_refused(
    pattern: str, message: str, word: str, offset: int
) -> None:
    """The error names the wrong word, its place, and what is allowed."""
    with pytest.raises(PatternError) as caught:
        refuse_named(parse_pattern(pattern))
    assert (str(caught.value), caught.value.word, caught.value.offset) == (message, word, offset)


_LITERAL = st.text(alphabet="ab 子:", min_size=0, max_size=4)
_PARTS = st.lists(st.one_of(_LITERAL, st.just("*")), min_size=1, max_size=6)


def _as_regex(pattern: str) -> re.Pattern[str]:
    pieces = (re.escape(normalized(piece)) for piece in pattern.split("*"))
    return re.compile(".*".join(pieces), re.S)


@given(parts=_PARTS, line=st.text(alphabet="ab子:", max_size=12))
def test_stars_mean_what_they_mean_in_a_regular_expression(parts: list[str], line: str) -> None:
    """Literals and stars agree with `re` on lines that are in normal form."""
    pattern = "".join(parts)
    if not normalized(pattern):
        return
    expected = _as_regex(pattern).fullmatch(normalized(line)) is not None
    assert (match(pattern, line) is not None) is expected


_HOLES = {
    "{pid}": st.integers(1, 99_999).map(str),
    "{int}": st.integers(-999, 999).map(str),
    "{float}": st.floats(-1e6, 1e6, allow_nan=False).map(str),
    "{word}": st.from_regex(r"[a-z]{1,5}", fullmatch=True),
}


@given(st.data())
def test_a_line_written_by_a_pattern_fits_it(data: st.DataObject) -> None:
    """Values put into the holes, between words, are found there again."""
    holes = data.draw(st.lists(st.sampled_from(sorted(_HOLES)), max_size=4))
    values = [data.draw(_HOLES[hole]) for hole in holes]
    pattern = "begin " + "".join(f" <{hole}> 和" for hole in holes)
    line = "begin" + "".join(f" < {value}> 和 " for value in values)
    found = match(pattern, line)
    assert found is not None
    assert [text for _, text in found.values] == values


@pytest.mark.parametrize("unit", ["a", "1", "a ", "a1", "- ", "１a", "\u0315\u0300"])
@pytest.mark.parametrize("pattern", ["*a*a*a*a*b", "{name}{name}{int}b", "*{word}a{word}a{word}b"])
def test_a_hostile_line_is_matched_in_linear_time(unit: str, pattern: str) -> None:
    """No line hangs the matcher; a backtracking one would not return from any of these."""
    line = unit * (CHARACTERS // len(unit))
    assert match(pattern, line) is None
