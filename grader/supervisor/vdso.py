"""The clock as the submission reads it: the vDSO's functions, replaced at each exec.

The kernel maps into every process a small library, the vDSO, that reads the clock without a
system call (vdso(7)). In a traced process its functions are overwritten with
``vdso_clock_x86_64.S``, which reads virtual time from a page that the supervisor writes and
makes the real, trapped call when the next deadline is reached. Where that is not possible (other
machines, an unknown layout, a kernel that refuses the write) the vDSO is hidden from the C
library, and every read of the clock is a trapped call: the same times, at a higher price.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from grader.supervisor import ptrace
from grader.supervisor.architecture import Architecture, Registers
from grader.supervisor.memory import Memory

_AT_NULL, _AT_IGNORE, _AT_RANDOM, _AT_SYSINFO_EHDR = 0, 1, 25, 33

_PAGE_PLACEHOLDER = struct.pack("=Q", 0x1122334455667788)

CLOCK_CODE_X86_64 = bytes.fromhex(
    "83ff0b773eb8f30800000fa3f873345756e8ba0000005e5f7229498b5020b9210800000fa3f97304"
    "498b50184801d031d2b900ca9a3b48f7f14889064889560831c0c3b8e40000000f05c30f1f440000"
    "4885ff74354885f675305756e86f0000005e5f72254903401831d2b900ca9a3b48f7f14889074889"
    "d031d2b9e803000048f7f14889470831c0c3b8600000000f05c366662e0f1f8400000000000f1f00"
    "57e82a0000005f72174903401831d2b900ca9a3b48f7f14885ff7403488907c3b8c90000000f05c3"
    "0f1f84000000000049b888776655443322114531c9498378300074284883ec184889e6bf02000000"
    "b8e40000000f054c690c2400ca9a3b4c034c24084883c4184d2b4828498b40084889c2f0490fc140"
    "384801d04c01c8490300493b4010f5c3"
)
"""``vdso_clock_x86_64.S``, assembled."""

_ENTRIES = {"__vdso_clock_gettime": 0x00, "__vdso_gettimeofday": 0x50, "__vdso_time": 0xA0}
"""Where each function begins in the code."""

_CORE = "__vdso_clock_gettime"
"""The function whose place all of the code takes; the others jump there."""

_RANDOM = "__vdso_getrandom"
_HAS_NO_RANDOM_X86_64 = bytes.fromhex("48c7c0daffffffc3")
"""mov $-ENOSYS, %rax; ret: the C library makes the real call, which is trapped."""

_SYSCALL_INSTRUCTION = b"\x0f\x05"
PAGE_SIZE = 4096


@dataclass(frozen=True)
class Symbol:
    """A function of the vDSO: its offset in the image and its size in bytes."""

    offset: int
    size: int


def read_symbols(image: bytes) -> dict[str, Symbol]:
    """The functions in the dynamic symbol table of a 64-bit ELF image (elf(5)).

    Raises:
        ValueError: the image is laid out in a way that is not understood.
    """
    try:
        if image[:5] != b"\x7fELF\x02":
            raise ValueError("not a 64-bit ELF image")
        (section_offset,) = struct.unpack_from("=Q", image, 0x28)
        size, count = struct.unpack_from("=HH", image, 0x3A)
        sections = [
            struct.unpack_from("=IIQQQQIIQQ", image, section_offset + index * size)
            for index in range(count)
        ]
        symbols: dict[str, Symbol] = {}
        for _, kind, _, _, offset, length, link, _, _, entry in sections:
            if kind != 11:  # SHT_DYNSYM
                continue
            names = sections[link][4]
            for at in range(offset, offset + length, entry):
                name, info, _, _, value, extent = struct.unpack_from("=IBBHQQ", image, at)
                if info & 0xF == 2:  # STT_FUNC
                    end = image.index(b"\0", names + name)
                    symbols[image[names + name : end].decode("ascii")] = Symbol(value, extent)
    except (struct.error, IndexError, OverflowError) as error:
        raise ValueError("an ELF image with a damaged symbol table") from error
    return symbols


def _auxiliary_vector(memory: Memory, stack_pointer: int) -> dict[int, tuple[int, int]]:
    """The entries that the kernel put on a new program's stack: key -> (value, its address)."""
    data = memory.read(stack_pointer, 1 << 17)
    (argument_count,) = struct.unpack_from("=Q", data)
    at = 8 * (argument_count + 2)
    while struct.unpack_from("=Q", data, at)[0]:
        at += 8
    at += 8
    entries: dict[int, tuple[int, int]] = {}
    while True:
        key, value = struct.unpack_from("=QQ", data, at)
        entries.setdefault(key, (value, stack_pointer + at))
        if key == _AT_NULL:
            return entries
        at += 16


class VdsoClock:
    """Puts the virtual clock into processes that have just executed a program."""

    def __init__(self, architecture: Architecture) -> None:
        self._architecture = architecture
        self._symbols: dict[str, Symbol] | None = None

    def install(self, tid: int, memory: Memory, random_bytes: bytes) -> int | None:
        """Replace or hide the vDSO of the program in which ``tid`` stands.

        It must be stopped at PTRACE_EVENT_EXEC, and afterwards is at the exit of its execve.
        ``random_bytes`` are the 16 that a new program gets for chance (AT_RANDOM). Returns the
        address of its clock page, or None when the vDSO is hidden instead.

        Raises:
            KilledError: it died meanwhile.
        """
        ptrace.resume_to_syscall_stop(tid)
        _expect_syscall_stop(tid)
        registers = Registers(tid, self._architecture)
        vector = _auxiliary_vector(memory, registers.stack_pointer)
        if _AT_RANDOM in vector:
            memory.write(vector[_AT_RANDOM][0], random_bytes)
        entry = vector.get(_AT_SYSINFO_EHDR)
        if entry is None or not entry[0]:
            return None
        base, address = entry
        symbols = self._known_symbols(memory, base)
        if self._architecture.name == "x86_64" and _replaceable(symbols):
            try:
                return self._replace(tid, memory, base, symbols, registers)
            except PermissionError:
                pass  # hide it instead
        ptrace.poke_word(tid, address, _AT_IGNORE)
        return None

    def _known_symbols(self, memory: Memory, base: int) -> dict[str, Symbol]:
        if self._symbols is None:
            try:
                self._symbols = read_symbols(memory.read(base, 4 * PAGE_SIZE))
            except ValueError:
                self._symbols = {}  # it cannot be replaced
        return self._symbols

    def _replace(
        self,
        tid: int,
        memory: Memory,
        base: int,
        symbols: dict[str, Symbol],
        registers: Registers,
    ) -> int | None:
        core = base + symbols[_CORE].offset
        memory.write(core, _SYSCALL_INSTRUCTION)
        page = self._map_page(tid, core, registers)
        code = CLOCK_CODE_X86_64.replace(_PAGE_PLACEHOLDER, struct.pack("=Q", page))
        memory.write(core, code)
        for name, offset in _ENTRIES.items():
            if name != _CORE and name in symbols:
                jump = b"\x48\xb8" + struct.pack("=Q", core + offset) + b"\xff\xe0"  # mov, jmp rax
                memory.write(base + symbols[name].offset, jump)
        if symbols.get(_RANDOM, Symbol(0, 0)).size >= len(_HAS_NO_RANDOM_X86_64):
            memory.write(base + symbols[_RANDOM].offset, _HAS_NO_RANDOM_X86_64)
        return page

    def _map_page(self, tid: int, syscall_instruction: int, registers: Registers) -> int:
        """Have the stopped thread map one private page, and put it back where it stood."""
        injected = registers.copy()
        injected.instruction_pointer = syscall_instruction
        injected.result = self._architecture.numbers["mmap"]
        read_write, private_anonymous = 0x3, 0x22
        for index, value in enumerate((0, PAGE_SIZE, read_write, private_anonymous, -1, 0)):
            injected.set_argument(index, value)
        injected.store()
        for _ in ("entry", "exit"):
            ptrace.resume_to_syscall_stop(tid)
            _expect_syscall_stop(tid)
        page = Registers(tid, self._architecture).result
        registers.store()
        if page < 0:
            raise PermissionError(-page, "mmap was refused")
        return page


def _replaceable(symbols: dict[str, Symbol]) -> bool:
    return _CORE in symbols and symbols[_CORE].size >= len(CLOCK_CODE_X86_64)


def _expect_syscall_stop(tid: int) -> None:
    """Wait until the thread stops at a system call's entry or exit.

    Raises:
        KilledError: it died instead.
    """
    while True:
        stop = ptrace.next_stop(block=True, tid=tid)
        assert stop is not None
        if stop.in_syscall:
            return
        if stop.exited or stop.event == ptrace.Event.EXIT:
            raise KilledError(stop)
        ptrace.resume_to_syscall_stop(tid, 0 if stop.event else stop.signal)


class KilledError(Exception):
    """The thread died while it was being prepared; ``stop`` is what waitpid said of it."""

    def __init__(self, stop: ptrace.Stop) -> None:
        super().__init__(f"thread {stop.tid} was killed")
        self.stop = stop
