"""POSIX semaphores and shared memory: files of the run's own, where it has no /dev/shm of its own.

All processes of a machine share the real one. Names there are chosen by chance, which under a
schedule is the same in every run: runs at the same time would get into each other's way, and
files that are left would be found by the next.
"""

from __future__ import annotations

import os

from grader.sandbox import SHARED_MEMORY
from grader.supervisor.architecture import Registers
from grader.supervisor.bpf import ALLOW, JSET, TRACE, BpfProgram, Rule, trap
from grader.supervisor.calls.base import STACK_RED_ZONE, Call, When

_NAMES: dict[str, tuple[int, ...]] = {
    "open": (0,),
    "openat": (1,),
    "creat": (0,),
    "unlink": (0,),
    "unlinkat": (1,),
    "link": (0, 1),
    "linkat": (1, 3),
    "rename": (0, 1),
    "renameat": (1, 3),
    "renameat2": (1, 3),
}
"""The arguments that point to a file's name."""
_LONGEST = 512
_SHARED = SHARED_MEMORY.encode() + b"/"


def _trap_writing(flags: int) -> Rule:
    """By the argument ``flags``: to open a file for reading only is free."""

    def rule(program: BpfProgram) -> None:
        """Stop where a file is opened for writing; let the rest pass."""
        writing = program.fresh()
        program.load_low(flags)
        program.jump(JSET, os.O_WRONLY | os.O_RDWR | os.O_CREAT, writing, None)
        program.answer(ALLOW)
        program.label(writing)
        program.answer(TRACE)

    return rule


class NamedFile(
    Call,
    trapped={**dict.fromkeys(_NAMES, trap), "open": _trap_writing(1), "openat": _trap_writing(2)},
    visible=False,
    when=When.SHARED_FILES,
):
    """A file is made, opened for writing, renamed or removed. If its name leads to /dev/shm, it
    is one in the run's own folder instead. Who changes the name meanwhile meets Landlock.
    """

    ends_polling = False

    def enter(self) -> bool:
        """Put names in the run's own folder below the stack, and let the arguments point there."""
        registers = self.registers.copy()
        place = registers.stack_pointer - STACK_RED_ZONE
        moved = False
        for argument in _NAMES[self.run.architecture.names[self.number]]:
            name = self._moved_name(argument)
            if name is not None:
                place = place - len(name) - 1 & ~0xF
                try:
                    self.process.memory.write(place, name + b"\0")
                except OSError:
                    return False  # no room on its stack: it is refused the real one
                registers.set_argument(argument, place)
                moved = True
        if moved:
            registers.store()
        return moved

    def _moved_name(self, argument: int) -> bytes | None:
        """Where the file is to lie instead, if it is shared memory."""
        own = self.run.shared_memory
        try:
            data = self.process.memory.read(self.registers.argument(argument), _LONGEST)
        except OSError:
            return None  # the kernel will say EFAULT
        name, end, _ = data.partition(b"\0")
        if own is None or not end or not name.startswith(_SHARED):
            return None
        return own.encode() + b"/" + name.removeprefix(_SHARED)

    def leave(self, registers: Registers) -> None:
        """Give the thread its arguments back."""
        registers.restore_call(self.registers)
        registers.store()
