"""What is said of an exception: why it comes, and what to ask oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.diagnosis.model import no_preference
from grader.checks.feedback import Feedback
from grader.exercise import Check, Relation
from grader.messages import Message
from grader.trace.tracebacks import Traceback

_READ_AT_MOST = 1000
"""Characters of a message: a submission can make one as long as it likes."""


@dataclass(frozen=True)
class Explanation:
    """``type`` and ``message`` are regular expressions; the named groups of ``message`` fill the
    holes of the two texts. ``told_by``: the relations whose check is best to tell it.
    ``in_library``: only where it was raised inside Python's own library.
    """

    type: str
    message: str
    why: Message
    next: Message
    told_by: tuple[Relation, ...] = ()
    best_told_by: Callable[[Check], bool] = no_preference
    in_library: bool = False

    def fits(self, report: Traceback) -> bool:
        if self.in_library and not report.raised_in_library:
            return False
        return re.fullmatch(self.type, report.type) is not None and self._match(report) is not None

    def feedback(self, report: Traceback) -> Feedback:
        """Why it comes and what to ask, with the student's own words in them."""
        match = self._match(report)
        values = {} if match is None else match.groupdict("")
        return Feedback(why=Message(self.why.text, values), next=Message(self.next.text, values))

    def _match(self, report: Traceback) -> re.Match[str] | None:
        return re.search(self.message, report.message[:_READ_AT_MOST], re.S)
