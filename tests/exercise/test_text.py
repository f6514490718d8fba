"""When two printed texts are the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise import normalized


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("子进程id：12", "子进程id: 12"),
        ("主进程id:  7", "主进程id:7"),
        ("ｈｅｌｌｏ　ｗｏｒｌｄ", "hello world"),
        ("他说：“好。”", '他说:"好."'),
        ("一、二，三；（四）！？", "一,二,三;(四)!?"),
        ("【开始】——《结束》", "[开始]--<结束>"),
        ("第 5 个", "第5个"),
        ("hello \t  world ", "hello world"),
        ("a - b", "a-b"),
        ("\ufeffdone\u200b", "done"),
        ("cafe\u0301", "café"),
        ("wait…", "wait..."),
    ],
)
def test_texts_that_a_reader_calls_the_same_are_the_same(one: str, other: str) -> None:
    """Width, Chinese punctuation and white space beside it make no difference."""
    assert normalized(one) == normalized(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hello", "hello"), ("hello world", "helloworld"), ("1 2", "12"), ("子", "予"), ("-1", "1")],
)
def test_texts_that_a_reader_tells_apart_are_told_apart(one: str, other: str) -> None:
    """Case, letters, signs and the spaces between words and numbers count."""
    assert normalized(one) != normalized(other)


@given(st.text())
def test_the_normal_form_is_normal(text: str) -> None:
    """Normalizing twice changes nothing."""
    assert normalized(normalized(text)) == normalized(text)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"])))
def test_words_and_numbers_stay_as_they_are(text: str) -> None:
    """A text of ASCII letters and digits is its own normal form."""
    assert normalized(text) == text


def test_a_megabyte_of_combining_marks_takes_linear_time() -> None:
    """Marks in the worst order are sorted in pieces (at once it would take minutes)."""
    hostile = "\u0315\u0300" * 250_000
    assert len(normalized(hostile)) == len(hostile)


def test_pieces_are_cut_where_nothing_composes() -> None:
    """A long accented text comes out as if it had been normalized at once."""
    text = "e\u0301a\u0300 " * 2_000 + "가각" * 2_000 + "語" * 2_000
    expected = unicodedata.normalize("NFKC", text)
    assert normalized(text) == normalized(expected)
