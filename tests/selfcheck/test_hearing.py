"""Reports as they are heard, and processes that are answered."""

from __future__ import annotations

import socket
from pathlib import Path

from grader.selfcheck.hearing import Reporters
from grader.selfcheck.reports import Report
from grader.selfcheck.system import Posix


def test_a_hello_is_answered_when_the_birth_before_it_is_known(tmp_path: Path) -> None:
    """Both may be heard at once, on a busy machine, and the answer depends on the birth."""
    seen: list[str] = []

    def answer(hello: Report) -> bytes:
        seen.append(f"answer to {hello.pid}")
        return b"0 1 0\n"

    reporters = Reporters(Posix().listen(tmp_path), answer)

    def hear(count: int) -> None:
        """So many reports."""
        while count:
            for report in reporters.hear(1):
                seen.append(f"{report.what} of {report.pid}")
                count -= 1

    with socket.socket(socket.AF_UNIX) as parent, socket.socket(socket.AF_UNIX) as child:
        parent.connect(str(tmp_path / "reports"))
        parent.sendall(b"('hello', 10, 1, {})\n")
        hear(1)
        child.connect(str(tmp_path / "reports"))
        child.sendall(b"('hello', 11, 3, {'parent': 10})\n")
        parent.sendall(b"('birth', 10, 2, {'token': 1})\n")
        hear(2)
    reporters.close()
    assert seen == ["answer to 10", "hello of 10", "birth of 10", "answer to 11", "hello of 11"]
