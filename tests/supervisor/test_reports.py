"""What is a report of the probe, and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.supervisor.reports import MAXIMUM, ProbeReport, parse_report
from grader.trace import Location

FOLDER = "/somewhere/submission"


def report(*parts: str) -> bytes:
    return "\x1f".join(("grader-probe", *parts)).encode()


def test_a_whole_report():
    """Every field that the probe sends."""
    data = report(
        "function=join", "pid=12", "sentinel=5", "name=Anna", "variable=p", "class=Worker",
        "daemon=1", f"file={FOLDER}/a/student.py", "line=7", "python=3.13.0",
    )  # fmt: skip
    assert parse_report(data, FOLDER) == ProbeReport(
        function="join",
        pid=12,
        sentinel=5,
        name="Anna",
        variable="p",
        class_name="Worker",
        daemon=True,
        line=Location("a/student.py", 7),
        python="3.13.0",
    )


def test_lines_of_other_files_are_dropped():
    """Only the student's own files have lines."""
    data = report("function=join", "file=/usr/lib/python3/x.py", "line=7")
    assert parse_report(data, FOLDER) == ProbeReport("join")


def test_a_relative_file_is_the_submissions():
    """An interpreter before 3.9 names the script as it was called."""
    data = report("function=join", "file=student.py", "line=7")
    parsed = parse_report(data, FOLDER)
    assert parsed is not None
    assert parsed.line == Location("student.py", 7)


def test_what_is_no_report():
    """Another magic, no function, or too long."""
    for data in (b"", b"hello", report(), report("name=x"), b"Grader-probe\x1ffunction=x"):
        assert parse_report(data, FOLDER) is None
    assert parse_report(report("function=x", "name=" + "y" * MAXIMUM), FOLDER) is None


def test_numbers_that_are_none_are_dropped():
    """A negative pid, words and other scripts' digits say nothing."""
    for word in ("-1", "x", "", "1.5", "٣", "²", "1" * 20):
        parsed = parse_report(report("function=x", f"pid={word}", "daemon=maybe"), FOLDER)
        assert parsed is not None
        assert parsed.daemon is None
        assert parsed.pid == (int(word) if word == "1" * 20 else None)


@given(st.binary(max_size=2 * MAXIMUM))
def test_arbitrary_bytes_never_raise(data: bytes):
    """A liar can write anything there."""
    parse_report(data, FOLDER)


@given(st.lists(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")), max_size=20))
def test_arbitrary_fields_never_raise(parts: list[str]):
    """Nor can fields that look like a report's."""
    names = "function pid sentinel name variable class daemon file line python".split()
    named = [f"{name}={part}" for name, part in zip(names, parts, strict=False)]
    data = "\x1f".join(("grader-probe", "function=x", *named)).encode("utf-8", "surrogatepass")
    parse_report(data, FOLDER)
