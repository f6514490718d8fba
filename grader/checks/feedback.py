"""What a student reads when something is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.messages import Text
from grader.trace import Location


@dataclass(frozen=True)
class Feedback:
    """The one record for everything that explains something to a student.

    ``happened`` says what was seen, with the student's names, lines and times; ``why`` explains
    it; ``next`` is the question that leads on; ``line`` is the line that it is about. A part that
    is None is not known here: the caller may know it, and a passed check has
    nothing to explain.
    """

    happened: Text | None = None
    why: Text | None = None
    next: Text | None = None
    line: Location | None = None

    def saying(self, happened: Text) -> Feedback:
        """The same explanation of something that ``happened``."""
        return replace(self, happened=happened)

    def over(self, other: Feedback) -> Feedback:
        """What it says, completed by what ``other`` saw and where."""
        return replace(self, happened=self.happened or other.happened, line=self.line or other.line)


NO_FEEDBACK = Feedback()
"""Nothing was seen that would have to be said."""
