"""What came out of the terminal, searched by pexpect for what a dialogue expects.

pexpect's own loop reads from a terminal and waits in real time. Here nothing is read and nothing
waits: its `Expecter` is fed what is known to have come out, line by line, so that the same output
meets the same steps however it happens to arrive.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NoReturn, cast

from pexpect.exceptions import EOF
from pexpect.expect import Expecter, searcher_re, searcher_string
from pexpect.spawnbase import SpawnBase

if TYPE_CHECKING:
    from grader.exercise.pattern import Pattern
    from grader.plan import Expected

    _Base = SpawnBase[str]
else:
    _Base = SpawnBase

WINDOW = 2048
"""So many characters at the end of the output are given to a regular expression, and no more (of
a longer line the whole): what it costs must not grow with what a submission prints."""
_MOST_CPU_S = 3.0
"""CPU time that all searches by regular expressions in one run may take: most are done in
microseconds, but some expressions take for ever over the right 30 characters."""


class _TooLongError(Exception):
    """The searches have taken too long."""


class Screen(_Base):
    """The text that no step of the dialogue has met yet."""

    if TYPE_CHECKING:
        _before: StringIO

    def __init__(self) -> None:
        super().__init__(timeout=None, encoding="utf-8", codec_errors="replace")
        self._expecter: Expecter[str] | None = None
        self._mark = 0
        self._left_s = _MOST_CPU_S
        self._is_regular = False
        self._searching = False
        self.gave_up = False
        """A regular expression took too long over what was printed, and nothing was found."""

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> NoReturn:
        """There is nothing to read from."""
        raise EOF("a screen is fed")

    def expect_one_of(self, expected: Sequence[Expected]) -> bool:
        """From now on look for these. Whether what is left of the last line has one already."""
        if self.buffer == "\n":  # the end of a line is no line
            self.buffer = ""
            self._before.seek(0)
            self._before.truncate()
            self._mark = 0
        self._is_regular = any(isinstance(each, re.Pattern) for each in expected)
        self._expecter = Expecter(self, _searcher(expected), None)
        if isinstance(self._expecter.searcher, searcher_re):
            self._expecter.searchwindowsize = max(WINDOW, self._before.tell())
        return self._search(self._expecter.existing_data)

    def feed(self, text: str) -> bool:
        """Take what has come out: a line with its end, or an unended one. Whether it is met."""
        expecter = self._expecter
        assert expecter is not None
        if isinstance(expecter.searcher, searcher_re):
            expecter.searchwindowsize = max(WINDOW, len(text))
        return self._search(lambda: expecter.new_data(text))

    def try_unended(self, text: str) -> bool:
        """The same, of what may yet go on: where it is not met it is as if it had not been."""
        length, window = self._before.tell(), self.buffer
        found = self.feed(text)
        if not found:
            self._before.seek(length)
            self._before.truncate()
            self.buffer = window
        return found

    def take_before(self) -> str:
        """What came before the text that was met, since the last step; its end, if it is long."""
        whole = cast(str, self.before)
        mark, self._mark = self._mark, 0
        return whole[mark if mark <= len(whole) else 0 :][-WINDOW:]

    def take_after(self) -> str:
        """The text that was met."""
        return cast(str, self.after).removesuffix("\n")[-WINDOW:]

    def mark(self) -> None:
        """A step is done that expected nothing: what has come so far came before it."""
        self._mark = self._before.tell()

    @property
    def unmet(self) -> str:
        """What has come since the last step and met none; its end, if it is long."""
        return self._before.getvalue()[self._mark :][-WINDOW:]

    def _search(self, search: Callable[[], int | None]) -> bool:
        """Python looks for signals within a search: the timer of CPU time gets it out of one."""
        if not self._is_regular or not hasattr(signal, "setitimer"):
            return search() is not None  # or the system has no such timer
        if self.gave_up:
            return False
        former = signal.signal(signal.SIGVTALRM, self._give_up)
        began = time.thread_time()
        self._searching = True
        signal.setitimer(signal.ITIMER_VIRTUAL, self._left_s)
        try:
            return search() is not None
        except _TooLongError:
            self.gave_up = True
            return False
        finally:
            self._searching = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, former)
            self._left_s = max(0.001, self._left_s - (time.thread_time() - began))

    def _give_up(self, number: int, frame: object) -> None:
        if self._searching:
            raise _TooLongError


def _searcher(expected: Sequence[Expected]) -> searcher_re[str] | searcher_string[str]:
    if all(isinstance(each, str) for each in expected):
        return searcher_string([each for each in expected if isinstance(each, str)])
    patterns = [
        re.compile(re.escape(each))
        if isinstance(each, str)
        else each
        if isinstance(each, re.Pattern)
        else cast("re.Pattern[str]", _LastLine(each))
        for each in expected
    ]
    return searcher_re(patterns)


class _LastLine:
    """A pattern of the language in the part of a compiled regular expression, for pexpect.

    It is no regular expression, since one with several ``*`` could be driven into hours by a long
    line; a pattern takes time linear in the line. The lines before the last have been looked at
    when each of them was the last.
    """

    def __init__(self, pattern: Pattern) -> None:
        self._matches = pattern.match
        self.pattern = pattern.source

    def search(self, text: str, start: int = 0) -> _Line | None:
        """The last line in ``text`` that begins at ``start`` or later, if it is like this."""
        end = len(text) - text.endswith("\n")
        begin = max(start, text.rfind("\n", 0, end) + 1)
        if not text or self._matches(text[begin:end]) is None:
            return None
        return _Line(begin, len(text))


class _Line:
    """Where the line stands, as a match says it."""

    def __init__(self, begin: int, end: int) -> None:
        self._begin, self._end = begin, end

    def start(self) -> int:
        """Where the match begins, as `re.Match.start`."""
        return self._begin

    def end(self) -> int:
        """Where the match ends, as `re.Match.end`."""
        return self._end
