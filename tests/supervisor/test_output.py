"""What reaches the terminal, and whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox import isolation as choosing
from grader.trace import Ended, Outcome, Printed, Stream
from grader.trace.questions import process

from ..building import lines_of
from .conftest import Supervise
from .reading import having, only, output

HOSTILE = Path(__file__).parent.parent / "hostile"


def test_every_line_is_its_printers(supervise: Supervise):
    """Ten processes print at the same time, and every line has the pid of who printed it."""
    trace = supervise(
        """
        import os
        from multiprocessing import Process

        def work():
            for i in range(20):
                print("line", i, "of", os.getpid())

        if __name__ == "__main__":
            ps = [Process(target=work) for _ in range(10)]
            for p in ps: p.start()
            for p in ps: p.join()
        """
    )
    assert len(lines_of(trace)) == 200
    for number in range(1, 11):
        pid = process(trace, number).pid
        assert output(trace, number) == [f"line {i} of {pid}" for i in range(20)]


def test_stdout_and_stderr_are_told_apart(supervise: Supervise):
    """Both lead to the one terminal; the order between them is kept."""
    trace = supervise(
        """
        import sys
        print("one")
        print("two", file=sys.stderr)
        print("three")
        """
    )
    assert [(line.text, line.stream) for line in lines_of(trace)] == [
        ("one", Stream.STDOUT),
        ("two", Stream.STDERR),
        ("three", Stream.STDOUT),
    ]


def test_stdout_is_line_buffered(supervise: Supervise):
    """A terminal is what the student sits at: a daemon that is killed has printed its lines."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work():
            print("seen")
            time.sleep(9)

        if __name__ == "__main__":
            Process(target=work, daemon=True).start()
            time.sleep(1)
        """
    )
    assert output(trace) == ["seen"]


def test_a_line_is_printed_when_it_is_written(supervise: Supervise):
    """Its time is that of its newline."""
    trace = supervise(
        """
        import os, time
        os.write(1, b"ha")
        time.sleep(1)
        os.write(1, b"lf\\n")
        """
    )
    line = only(trace, Printed)
    assert line.text == "half"
    assert line.at >= 10**9


def test_pieces_of_two_processes_do_not_mix(supervise: Supervise):
    """Each process's pieces make its own lines, however they were interleaved."""
    trace = supervise(
        """
        import os, time
        child = os.fork() == 0
        for piece in "abcdef":
            os.write(1, (piece if child else piece.upper()).encode())
            time.sleep(0.1)
        os.write(1, b"\\n")
        if child: os._exit(0)
        os.wait()
        """
    )
    assert output(trace, 0) == ["ABCDEF"]
    assert output(trace, 1) == ["abcdef"]


def test_several_lines_in_one_write(supervise: Supervise):
    """One write of three lines is three lines."""
    trace = supervise("import os; os.write(1, b'a\\nb\\n\\nc\\n')")
    assert output(trace) == ["a", "b", "", "c"]


def test_writev_is_a_write(supervise: Supervise):
    """Buffers that are gathered make one line."""
    trace = supervise("import os; os.writev(1, [b'gath', b'ered', b'\\n'])")
    assert output(trace) == ["gathered"]


@pytest.mark.parametrize(
    "way",
    [
        "os.write(os.dup(1), text)",
        "os.write(os.dup2(2, 77), text)",
        "open('/dev/tty', 'wb').write(text)",
        "open('/dev/stdout', 'wb').write(text)",
        "open('/proc/self/fd/1', 'wb').write(text)",
        "subprocess.run(['echo', 'by another way'])",
        "subprocess.run('echo by another way >&2', shell=True)",
        "f = open('x', 'w+b'); f.write(text); f.flush(); os.sendfile(1, f.fileno(), 0, 99)",
    ],
)
def test_whatever_way_it_takes_to_the_terminal(supervise: Supervise, way: str):
    """Duplicated descriptors, device files, other programs and sendfile all print."""
    trace = supervise(
        f"""
        import os, subprocess
        text = b"by another way\\n"
        {way}
        """
    )
    assert output(trace) == ["by another way"]
    assert trace.doubts == ()


def test_a_number_with_high_bits_is_the_same_call(supervise: Supervise):
    """Of the register that says which system call it is the kernel looks at the low half."""
    trace = supervise((HOSTILE / "escapes" / "high_numbers.py").read_bytes())
    assert output(trace) == ["forged", "written 7"]
    assert not trace.doubts


def test_the_terminal_by_its_name(supervise: Supervise, monkeypatch: pytest.MonkeyPatch):
    """Where it has one: in a file system of its own it is only /dev/tty."""
    monkeypatch.setattr(choosing, "has_private_mounts", lambda: False)
    source = "import os; open(os.ttyname(0), 'w').write('by name\\n')"
    assert output(supervise(source, isolation="basic")) == ["by name"]


def test_what_does_not_reach_the_terminal_is_not_printed(supervise: Supervise):
    """A captured program, a pipe, a file, /dev/null and a closed stdout print nothing."""
    trace = supervise(
        """
        import os, subprocess, sys
        subprocess.run(["echo", "captured"], capture_output=True)
        r, w = os.pipe()
        os.write(w, b"pipe\\n")
        open("file", "w").write("file\\n")
        open("/dev/null", "w").write("null\\n")
        os.dup2(w, 1)
        print("redirected", flush=True)
        os.write(2, b"only this\\n")
        """
    )
    assert output(trace) == ["only this"]


def test_a_write_that_fails_prints_nothing(supervise: Supervise):
    """Bad buffers and closed descriptors leave no line."""
    trace = supervise(
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        libc.write(1, ctypes.c_void_p(8), 10)
        libc.write(99, b"x", 1)
        libc.write(1, b"", 0)
        print("end")
        """
    )
    assert output(trace) == ["end"]


def test_bytes_that_are_no_text(supervise: Supervise):
    """What is not UTF-8 appears as U+FFFD; the rest of the line is kept."""
    trace = supervise(
        r"""
        import sys
        sys.stdout.buffer.write(b"\xff\xfe\x00abc\r\n\x1b[31mred\n" + "中文".encode()[:-1] + b"\n")
        """
    )
    assert output(trace) == ["\ufffd\ufffd\x00abc\r", "\x1b[31mred", "中\ufffd"]


def test_control_characters_change_nothing(supervise: Supervise):
    """No byte is taken for a key of the terminal: control-S does not stop it."""
    every_byte = bytes(byte for byte in range(256) if byte != 10)
    trace = supervise(
        """
        import sys
        sys.stdout.buffer.write(bytes(b for b in range(256) if b != 10) + b"\\nend\\n")
        """
    )
    assert output(trace) == [every_byte.decode("utf-8", "replace"), "end"]


def test_chinese_is_printed_whole(supervise: Supervise):
    """A multi-byte character that is written in two pieces is one character."""
    trace = supervise(
        """
        import os
        text = "子进程\\n".encode()
        os.write(1, text[:4])
        os.write(1, text[4:])
        """
    )
    assert output(trace) == ["子进程"]


def test_no_newline_at_the_end(supervise: Supervise):
    """A last line without its newline was printed, and is marked."""
    trace = supervise("print('unended', end='')")
    (line,) = lines_of(trace)
    assert (line.text, line.ended) == ("unended", False)


def test_an_unended_line_comes_before_its_printers_end(supervise: Supervise):
    """What a child left without a newline is told before the child's end."""
    trace = supervise(
        """
        import os
        if os.fork() == 0:
            os.write(1, b"child")
            os._exit(0)
        os.wait()
        print("main")
        """
    )
    assert output(trace) == ["child", "main"]
    unended = only(trace, Printed, text="child")
    assert trace.events.index(unended) < trace.events.index(only(trace, Ended, by=1))


def test_a_very_long_line(supervise: Supervise):
    """A line of half a megabyte comes out whole, though it takes many buffers of the terminal."""
    trace = supervise("print('x' * 500_000)")
    assert [len(text) for text in output(trace)] == [500_000]
    assert trace.doubts == ()


def test_long_lines_of_many_do_not_mix(supervise: Supervise):
    """One process at a time is let into the terminal."""
    trace = supervise(
        """
        from multiprocessing import Process

        def work(letter):
            for _ in range(3): print(letter * 20_000)

        if __name__ == "__main__":
            ps = [Process(target=work, args=(letter,)) for letter in "abcd"]
            for p in ps: p.start()
            for p in ps: p.join()
        """
    )
    for number, letter in enumerate("abcd", start=1):
        assert output(trace, number) == [letter * 20_000] * 3


def test_a_process_that_is_killed_in_the_middle_of_a_write(supervise: Supervise):
    """What came out of a write that never returned is the dead process's, and nobody else's."""
    trace = supervise(
        """
        import os, signal, time
        from multiprocessing import Process

        def flood():
            os.write(1, b"x" * 900_000)

        if __name__ == "__main__":
            p = Process(target=flood)
            p.start()
            time.sleep(0.001)
            p.kill()
            p.join()
            print("main goes on")
        """
    )
    assert output(trace, 0) == ["main goes on"]
    assert set("".join(output(trace, 1))) <= {"x"}
    assert trace.doubts == ()


def test_who_waits_for_the_terminal_can_be_killed(supervise: Supervise):
    """Killing every one of many that print at once loses nothing of the others."""
    trace = supervise(
        """
        import os, time
        from multiprocessing import Process

        def flood(letter):
            while True: os.write(1, letter.encode() * 100 + b"\\n")

        if __name__ == "__main__":
            ps = [Process(target=flood, args=(letter,)) for letter in "abcde"]
            for p in ps: p.start()
            time.sleep(0.005)
            for p in ps: p.kill()
            for p in ps: p.join()
            print("end")
        """,
        limits={"output": 10**8},
    )
    assert output(trace, 0) == ["end"]
    for number, letter in enumerate("abcde", start=1):
        assert set("".join(output(trace, number))) <= {letter}
    assert trace.doubts == ()


def test_terminal_settings_cannot_be_changed(supervise: Supervise):
    """Setting the terminal seems to work, and its output is as it was."""
    trace = supervise(
        """
        import os, termios, tty
        settings = termios.tcgetattr(1)
        settings[1] |= termios.OPOST | termios.ONLCR
        termios.tcsetattr(1, termios.TCSANOW, settings)
        tty.setraw(0)
        termios.tcflow(1, termios.TCOOFF)
        termios.tcflush(1, termios.TCIOFLUSH)
        print("as before")
        print(bool(termios.tcgetattr(1)[1] & termios.OPOST))
        """
    )
    assert output(trace) == ["as before", "False"]


def test_nothing_can_be_typed_by_the_submission(supervise: Supervise):
    """TIOCSTI, which fakes input, is refused."""
    trace = supervise(
        """
        import fcntl, termios
        try: fcntl.ioctl(0, termios.TIOCSTI, b"x")
        except OSError as error: print(error)
        """
    )
    assert output(trace) == ["[Errno 1] Operation not permitted"]


def test_the_terminal_does_not_hang_up_on_mains_children(supervise: Supervise):
    """A child that outlives main prints its line: no SIGHUP reaches it."""
    trace = supervise(
        """
        import os, time
        if os.fork() == 0:
            time.sleep(1)
            print("late", flush=True)
            os._exit(0)
        os._exit(0)
        """
    )
    assert output(trace) == ["late"]
    assert process(trace, 1).exit_status == 0


def test_the_terminal_is_one(supervise: Supervise):
    """All three descriptors are a terminal of 80 by 24."""
    trace = supervise(
        """
        import os
        print(*(os.isatty(fd) for fd in (0, 1, 2)), *os.get_terminal_size())
        """
    )
    assert output(trace) == ["True True True 80 24"]


def test_flushing_after_a_fork_doubles_what_was_buffered(supervise: Supervise):
    """The student's own classic: text in the buffer is printed by both."""
    trace = supervise(
        """
        import os
        print("twice", end=" ")
        if os.fork() == 0:
            print("child")
        else:
            os.wait()
            print("main")
        """
    )
    assert output(trace) == ["twice child", "twice main"]


def test_a_crash_is_printed_by_whom_it_happened_to(supervise: Supervise):
    """A child's traceback is the child's, on stderr."""
    trace = supervise(
        """
        from multiprocessing import Process

        def work():
            raise ValueError("x")

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            p.join()
        """
    )
    assert output(trace, 1, Stream.STDERR)[-1] == "ValueError: x"
    assert output(trace, 0) == []
    assert trace.outcome is Outcome.FINISHED


def test_the_folder_of_the_run_is_not_in_texts(supervise: Supervise):
    """A traceback names the script as the student knows it."""
    trace = supervise("import os; print(os.path.abspath('student.py')); 1 / 0")
    assert output(trace)[0] == "student.py"
    assert '  File "student.py", line 1, in <module>' in output(trace)


def test_how_much_was_written(supervise: Supervise):
    """The trace counts the bytes that were written to the terminal."""
    assert supervise("print('四')").output_bytes == 4


def test_output_under_every_start_method_and_interpreter(
    supervise: Supervise, python: Path, start_method: object
):
    """Lines are told apart by process wherever they come from."""
    trace = supervise(
        """
        import os
        from multiprocessing import Process

        def work():
            print("child", os.getpid())

        if __name__ == "__main__":
            print("main", os.getpid())
            ps = [Process(target=work) for _ in range(3)]
            for p in ps: p.start()
            for p in ps: p.join()
        """,
        python=python,
        start_method=start_method,
    )
    assert trace.doubts == ()
    for line in having(trace, Printed):
        assert line.text.split()[1] == str(process(trace, line.by).pid)
    assert len(having(trace, Printed)) == 4
