"""What is read when the program is over: files beside the script, and shared memory."""

from __future__ import annotations

from pathlib import Path

from grader.trace import LeftFile, Printed, StartMethod

from .conftest import Supervise


def test_shared_memory_is_read_at_the_end(
    supervise: Supervise, python: Path, start_method: StartMethod
) -> None:
    """Also that which only a function of main's knows, and of each the line that made it."""
    trace = supervise(
        """
        import ctypes, multiprocessing
        def work(total, squares):
            with total.get_lock():
                total.value += 1
            squares[1] = 4
            mine = multiprocessing.Value("i", 77)
        def main():
            total = multiprocessing.Value("i", 0)
            squares = multiprocessing.Array("d", [1, 0])
            children = [
                multiprocessing.Process(target=work, args=(total, squares)) for _ in range(2)
            ]
            for child in children:
                child.start()
            for child in children:
                child.join()
        if __name__ == "__main__":
            letter = multiprocessing.RawValue(ctypes.c_char, b"x")
            main()
        """,
        python=python,
        start_method=start_method,
        reports=("shares",),
    )
    found = [(each.variable, each.line and each.line.line, each.held) for each in trace.shared]
    assert found == [("letter", 19, "b'x'"), (None, 9, "2"), (None, 10, "[1.0, 4.0]")]


def test_looking_for_shared_memory_runs_no_code_of_the_script(supervise: Supervise) -> None:
    """A global variable is known by its type; none of them is asked for an attribute."""
    trace = supervise(
        """
        import multiprocessing
        class Curious:
            def __getattribute__(self, name):
                print("asked", name)
                raise KeyError(name)
        curious = Curious()
        total = multiprocessing.Value("i", 0)
        """,
        reports=("shares",),
    )
    assert [(each.variable, each.held) for each in trace.shared] == [("total", "0")]
    assert trace.of_kind(Printed) == ()


def test_files_are_read_at_the_end(supervise: Supervise) -> None:
    """Of those that are asked for, and through no link: where it leads is none of the script's."""
    trace = supervise(
        """
        import os
        open("written.txt", "w").write("陈松")
        os.symlink("/etc/passwd", "link.txt")
        os.mkfifo("pipe.txt")
        open("long.txt", "w").write("x" * 200_000)
        """,
        kept_files=("written.txt", "link.txt", "pipe.txt", "gone.txt", "long.txt"),
    )
    *found, long = trace.files
    assert found == [
        LeftFile("written.txt", "陈松"),
        LeftFile("link.txt", None),
        LeftFile("pipe.txt", None),
        LeftFile("gone.txt", None),
    ]
    assert not long.is_whole
