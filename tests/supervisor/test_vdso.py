"""The clock code that takes the vDSO's place, and how the vDSO is read."""

from __future__ import annotations

import ctypes
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.supervisor import vdso
from grader.supervisor.vdso import CLOCK_CODE_X86_64, Symbol, read_symbols
from tests.machine import ASSEMBLER

SOURCE = Path(vdso.__file__).parent / "vdso_clock_x86_64.S"


def assembled(tmp_path: Path) -> bytes:
    """What GNU as makes of the source."""
    target = tmp_path / "clock.o"
    subprocess.run([ASSEMBLER, SOURCE, "-o", target], check=True)
    image = target.read_bytes()
    (sections,) = struct.unpack_from("=Q", image, 0x28)
    size, count, names = struct.unpack_from("=HHH", image, 0x3A)
    headers = [
        struct.unpack_from("=IIQQQQIIQQ", image, sections + index * size) for index in range(count)
    ]
    for header in headers:
        start = headers[names][4] + header[0]
        if image[start : image.index(b"\0", start)] == b".text":
            return image[header[4] : header[4] + header[5]]
    raise AssertionError("no .text")


@pytest.mark.needs("assembler")
def test_the_bytes_are_those_of_the_source(tmp_path: Path):
    """What is put into processes is what the commented source says."""
    assert assembled(tmp_path) == CLOCK_CODE_X86_64


def test_the_entries_lie_in_the_code():
    """What is jumped to is there."""
    assert all(offset < len(CLOCK_CODE_X86_64) for offset in vdso._ENTRIES.values())


def test_the_address_of_the_page_stands_in_one_place():
    """It is replaced once."""
    assert CLOCK_CODE_X86_64.count(vdso._PAGE_PLACEHOLDER) == 1


def own_vdso() -> bytes | None:
    """The image in this very process."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        if line.endswith("[vdso]"):
            start, end = (int(word, 16) for word in line.split()[0].split("-"))
            return ctypes.string_at(start, end - start)
    return None


def test_this_machines_vdso_is_understood():
    """Its functions are found by name, with offsets and sizes inside the image."""
    image = own_vdso()
    if image is None:
        assert read_symbols(minimal_image()) == {"__vdso_time": Symbol(0x123, 45)}
        return
    symbols = read_symbols(image)
    names = ("__vdso_clock_gettime", "__kernel_clock_gettime")
    found = next(symbols[name] for name in names if name in symbols)
    assert 0 < found.offset < found.offset + found.size <= len(image)


def minimal_image() -> bytes:
    """An ELF image with one function in its dynamic symbol table."""
    header = bytearray(64)
    header[:5] = b"\x7fELF\x02"
    names = b"\0__vdso_time\0data\0"
    symbols = struct.pack("=IBBHQQ", 0, 0, 0, 0, 0, 0)
    symbols += struct.pack("=IBBHQQ", 1, 0x12, 0, 1, 0x123, 45)
    symbols += struct.pack("=IBBHQQ", 13, 0x11, 0, 1, 0x200, 8)
    at_symbols, at_names = 64, 64 + len(symbols)
    sections = struct.pack("=IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    sections += struct.pack("=IIQQQQIIQQ", 0, 11, 0, 0, at_symbols, len(symbols), 2, 0, 0, 24)
    sections += struct.pack("=IIQQQQIIQQ", 0, 3, 0, 0, at_names, len(names), 0, 0, 0, 0)
    struct.pack_into("=Q", header, 0x28, at_names + len(names))
    struct.pack_into("=HH", header, 0x3A, 64, 3)
    return bytes(header) + symbols + names + sections


def test_functions_only():
    """Data symbols and the empty one are not functions."""
    assert read_symbols(minimal_image()) == {"__vdso_time": Symbol(0x123, 45)}


@pytest.mark.parametrize("image", [b"", b"\x7fELF\x01" + bytes(100), b"MZ" + bytes(100)])
def test_what_is_no_elf_image(image: bytes):
    """It is refused by name."""
    with pytest.raises(ValueError, match="ELF"):
        read_symbols(image)


@given(st.data())
def test_a_damaged_image_is_refused_or_read(data: st.DataObject):
    """Whatever bytes are wrong, the answer is a table or a ValueError."""
    image = bytearray(minimal_image())
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(5, len(image) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(image)))
    for damaged in (bytes(image), bytes(image[:cut])):
        try:
            assert isinstance(read_symbols(damaged), dict)
        except ValueError:
            continue
