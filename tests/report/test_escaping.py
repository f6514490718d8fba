"""Hostile text is made visible, and nothing in it acts."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.escaping import cells, one_line, shortened, shortened_inside, visible

ANYTHING = st.text(st.characters(), max_size=200)
CONTROLS = st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=50)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 主进程", "plain, 主进程"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("a\rb\x7f", "a␍b␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("\ufeff\u200b", "⟨U+FEFF⟩⟨U+200B⟩"),
        ("\ud800", "\ufffd"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("a\xa0b\u3000c", "a\xa0b\u3000c"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_what_acts_is_shown_instead(text: str, shown: str) -> None:
    """Control codes have pictures, invisible characters their code."""
    assert visible(text) == shown


def test_stacked_accents_are_cut() -> None:
    """Four accents on a letter are kept, five hundred would cover the lines around."""
    assert visible("e" + "\u0301" * 500 + "a") == "e" + "\u0301" * 4 + "a"


def test_one_line() -> None:
    """Where there is one line, there is no way out of it."""
    assert one_line("a\n✔ passed\tb") == "a␊✔ passed␉b"


def test_long_text_says_that_it_was_cut() -> None:
    """A line of five megabytes costs no more than what is shown of it."""
    assert one_line("x" * 5_000_000, 10) == "x" * 9 + "…"


@given(st.one_of(ANYTHING, CONTROLS))
def test_nothing_acts_any_more(text: str) -> None:
    """Whatever it was: no control code, no bidirectional mark, no surrogate is left."""
    left = {unicodedata.category(character) for character in visible(text).replace("\n", "")}
    shown = visible(text)
    assert not left & {"Cs", "Zl", "Zp"}
    assert all(
        character in "\n\t" or unicodedata.category(character) != "Cc" for character in shown
    )
    assert all(
        character in "\u200c\u200d" or unicodedata.category(character) != "Cf"
        for character in shown
    )
    shown.encode("utf-8")


@given(ANYTHING)
def test_making_visible_twice_changes_nothing(text: str) -> None:
    """What is visible stays as it is."""
    assert visible(visible(text)) == visible(text)


def test_cells() -> None:
    """Chinese characters are two columns wide, accents none."""
    assert cells("abc") == 3
    assert cells("主进程a") == 7
    assert cells("e\u0301") == 1


def test_the_end_of_a_name_stays() -> None:
    """Names that differ in their last characters still do."""
    assert shortened_inside("worker_with_a_long_name_11", 14) == "worker_w…me_11"
    assert shortened_inside("worker_11", 14) == "worker_11"


@given(ANYTHING, st.integers(1, 40))
def test_shortened_fits(text: str, room: int) -> None:
    """Never wider than allowed, and untouched where it fits."""
    short = shortened(text, room)
    assert cells(short) <= max(room, 1)
    assert short == text or short.endswith("…")


def test_a_character_is_shown_alike_in_every_text() -> None:
    """Also in one that has nothing to hide, and is not looked at letter by letter."""
    for code in range(0x10000):
        character = chr(code)
        assert visible(character) == visible(f"\0{character}")[1:]
