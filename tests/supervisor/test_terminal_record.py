"""Lines are told apart by the kernel's count of each write, whenever the bytes come out."""

from __future__ import annotations

from grader.supervisor.output import Placed, TerminalRecord
from grader.trace import Printed, Stream


def _texts(placed: list[Placed]) -> list[tuple[int, str]]:
    return [(each.event.by, each.event.text) for each in placed if isinstance(each.event, Printed)]


def test_bytes_that_come_out_before_the_end_of_their_write_was_seen_are_kept() -> None:
    """The kernel may hand the bytes over before the writer's stop is handled."""
    record = TerminalRecord()
    assert record.came_out(b"456\n") == []
    assert _texts(record.wrote(2, Stream.STDOUT, 4, at=1, place=1)) == [(2, "456")]
    assert record.wrote(0, Stream.STDOUT, 5, at=2, place=2) == []
    assert _texts(record.came_out(b"main\n")) == [(0, "main")]


def test_one_piece_of_the_terminal_holds_the_lines_of_several_writers() -> None:
    """Whose a byte is depends on the counts alone, not on how the bytes come out."""
    record = TerminalRecord()
    record.wrote(1, Stream.STDOUT, 2, at=1, place=1)
    record.wrote(2, Stream.STDERR, 3, at=2, place=2)
    assert _texts(record.came_out(b"a\nb")) == [(1, "a")]
    assert _texts(record.came_out(b"c\n")) == [(2, "bc")]


def test_a_last_piece_without_a_newline_is_a_line_that_is_not_ended() -> None:
    """It was printed all the same."""
    record = TerminalRecord()
    record.wrote(1, Stream.STDOUT, 4, at=7, place=3)
    record.came_out(b"ask:")
    assert record.unended_line(1) == "ask:"
    assert [each.event for each in record.unended_lines({}, 5)] == [
        Printed(7, 1, "ask:", Stream.STDOUT, ended=False)
    ]
