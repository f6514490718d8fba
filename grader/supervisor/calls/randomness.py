"""getrandom: chance comes from the schedule, so that the same one gives the same run again."""

from __future__ import annotations

import errno

from grader.supervisor.calls.base import Call

_MOST = 1 << 20
"""Bytes; who asks for more gets so many, as getrandom(2) allows."""


class GetRandom(Call):
    """Answered by the supervisor."""

    def enter(self) -> bool:
        size = min(self.registers.argument(1), _MOST)
        data = self.run.randomness.draw(self.process.number, size)
        try:
            self.process.memory.write(self.registers.argument(0), data)
        except OSError:
            self.answer(-errno.EFAULT)
            return False
        self.answer(size)
        return False
