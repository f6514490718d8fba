"""The whole command on real scripts: what it prints, writes and answers."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path

import pytest

from grader.cli import run
from grader.exit_status import ExitStatus
from grader.saving import write_whole

ROOT = Path(__file__).parent.parent
SOLUTION = (ROOT / "solutions" / "start.py").read_text(encoding="utf-8")
FAST = ["--schedules", "1", "--lang", "en"]
ONLY_CLEAN = """
id: only-clean
title: Anything
task: Anything that ends well.
run: {limits: {time: 20s, cpu: 1s, processes: 12, output: 100KB}}
checks:
  - {id: clean, expect: The program ends without an error, clean: true}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a student's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "any.yaml").write_text(ONLY_CLEAN, encoding="utf-8")
    (tmp_path / "right.py").write_text(SOLUTION, encoding="utf-8")
    return tmp_path


def as_subprocess(*arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=env,
    )


def test_a_right_script(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0, a line a check, the score, and a report where it belongs."""
    assert run(["start", "right.py", *FAST]) == ExitStatus.PASSED
    told = capsys.readouterr()
    assert told.err == ""
    assert (
        "10 of 10 points: right in the event orders that were tried.\n"
        "Report: reports/start/right.html\n" in told.out
    )
    page = (folder / "reports" / "start" / "right.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert os.listdir(folder / "reports" / "start") == ["right.html"]


def test_json_to_standard_output(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json -` writes it there and nothing else; what a person reads goes to stderr."""
    assert run(["start", "right.py", *FAST, "--json", "-"]) == ExitStatus.PASSED
    told = capsys.readouterr()
    assert json.loads(told.out)["score"] == 10
    assert "\n10 of 10 points: " in told.err
    assert not (folder / "-").exists()


def test_a_wrong_script(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, and the mistake in the student's own words."""
    (folder / "wrong.py").write_text(SOLUTION.replace("child.start()", "child.start"), "utf-8")
    assert run(["start", "wrong.py", *FAST]) == ExitStatus.NOT_PASSED
    assert "Line 12 names `child.start` but does not call it." in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["-join.py"], ["--", "-join.py"]])
def test_a_script_whose_name_begins_with_a_dash(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is run, and what is said of it names it so."""
    (folder / "-join.py").write_text("print('hello')\nraise ValueError\n")
    assert run(["any.yaml", "-v", *FAST, *arguments]) == ExitStatus.NOT_PASSED
    told = capsys.readouterr().out
    assert told.startswith("Anything · -join.py · witness: kernel\n")
    assert "│ hello" in told
    assert "Line 2:  raise ValueError" in told
    assert "Report: reports/only-clean/-join.html" in told


@pytest.mark.parametrize("opened", [True, False])
def test_the_report_in_the_browser(
    opened: bool, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--open shows the report; without a browser that is said, and the grade stands."""
    asked_for: list[str] = []

    def browse(address: str) -> bool:
        asked_for.append(address)
        return opened

    monkeypatch.setattr(webbrowser, "open", browse)
    assert run(["start", "right.py", "--open", *FAST]) == ExitStatus.PASSED
    assert asked_for == [(folder / "reports" / "start" / "right.html").as_uri()]
    complaint = "grade: There is no browser to open reports/start/right.html with.\n"
    assert capsys.readouterr().err == ("" if opened else complaint)


def test_the_page_of_a_class_in_the_browser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--open shows a class's page, wherever it was written."""
    asked_for: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: asked_for.append(address) or True)
    call = ["class", "start", "right.py", "--open", "-o", "out", *FAST]
    assert run(call) == ExitStatus.ALL_GRADED
    assert asked_for == [(folder / "out" / "index.html").as_uri()]
    assert (folder / "out" / "index.html").is_file()


def test_in_chinese(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The result is told in the language that was asked for."""
    assert run(["start", "right.py", "--schedules", "1", "--lang", "zh"]) == ExitStatus.PASSED
    assert "主进程恰好启动一个子进程" in capsys.readouterr().out
    assert 'lang="zh' in (folder / "reports" / "start" / "right.html").read_text("utf-8")


def test_an_order_of_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """An event order about a process that there is not proves nothing, and is a wrong call."""
    call = ["start", "right.py", "--replay", "late:worker-9+2s", "--lang", "en"]
    assert run(call) == ExitStatus.WRONG_CALL
    assert "--replay: there is no process worker-9. This run has: main, worker-1." in (
        capsys.readouterr().err
    )


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """With -q only the score is said."""
    assert run(["start", "right.py", "-q", *FAST]) == ExitStatus.PASSED
    assert (
        capsys.readouterr().out.strip()
        == "10 of 10 points: right in the event orders that were tried."
    )


def test_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    """With -v it is also said who ran and who printed what."""
    assert run(["start", "right.py", "-v", *FAST]) == ExitStatus.PASSED
    assert "hello 小明" in capsys.readouterr().out


def test_other_places(folder: Path) -> None:
    """Report and JSON go where they are asked to go, and nowhere else."""
    assert (
        run(["start", "right.py", "-o", "a/b.html", "--json", "c/d.json", *FAST])
        == ExitStatus.PASSED
    )
    assert (folder / "a" / "b.html").is_file()
    assert not (folder / "reports").exists()
    result = json.loads((folder / "c" / "d.json").read_text(encoding="utf-8"))
    assert (result["version"], result["exercise"], result["score"]) == (1, "start", 10)
    assert result["submission"] == "right.py"


def test_a_report_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The result stands, with its own status where nobody asked for that report by name."""
    (folder / "reports").write_text("a file where a folder should be")
    assert run(["start", "right.py", *FAST]) == ExitStatus.PASSED
    told = capsys.readouterr()
    assert "10 of 10 points: right in the event orders that were tried.\n" in told.out
    assert "Report:" not in told.out
    assert told.err == (
        "grade: reports/start/right.html cannot be written: Not a directory. The result above "
        "stands; name another place with -o or --json.\n"
    )


@pytest.mark.parametrize("option", ["-o", "--json"])
def test_a_file_that_was_asked_for_and_cannot_be_written(
    option: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The result is shown all the same, and status 3 says that not all was done."""
    (folder / "there").write_text("a file where a folder should be")
    assert run(["start", "right.py", option, "there/a/x", *FAST]) == ExitStatus.CANNOT_WORK
    told = capsys.readouterr()
    assert "10 of 10 points: right in the event orders that were tried.\n" in told.out
    assert told.err == (
        "grade: there/a/x cannot be written: Not a directory. The result above stands; name "
        "another place with -o or --json.\n"
    )


def test_devices_and_links_stay_what_they_are(folder: Path) -> None:
    """A result that goes to a device or through a link does not replace it."""
    os.mkfifo(folder / "pipe")
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append((folder / "pipe").read_text()))
    reader.start()
    write_whole(folder / "pipe", "result")
    reader.join()
    assert received == ["result"]
    assert stat.S_ISFIFO((folder / "pipe").lstat().st_mode)
    (folder / "there").write_text("")
    (folder / "link").symlink_to("there")
    write_whole(folder / "link", "result")
    assert (folder / "link").is_symlink()
    assert (folder / "there").read_text() == "result"


@pytest.mark.parametrize(
    ("script", "note"),
    [
        (b"", "The script does nothing: there is no line in it that could be executed."),
        (b"# nothing yet\n", "The script does nothing: there is no line in it"),
        (b"print('a'\n", "SyntaxError"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "Python cannot read"),
        ("print('子进程')\n".encode("gbk"), "Python cannot read"),
        (b"import nowhere_to_be_found\n", "ModuleNotFoundError"),
        pytest.param(b"while True: pass\n", "CPU", marks=pytest.mark.exhaustive),
        (b"while True: print('spam' * 1000)\n", "it printed too much"),
        (b"import os\nwhile True: os.fork()\n", "processes"),
        (b"input('? ')\n", "waited for input that never came"),
        (b"import os\nos.kill(os.getpid(), 9)\n", "SIGKILL"),
        (b"import multiprocessing as m\nm.Queue().get()\n", "deadlock: everything waits"),
        (b"import os\nos.kill(1, 9)\n", "PermissionError"),
    ],
)
def test_scripts_that_do_not_end_well(
    script: bytes, note: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken script is judged, never refused: status 1, and what is the matter."""
    (folder / "broken.py").write_bytes(script)
    assert run(["any.yaml", "broken.py", *FAST]) == ExitStatus.NOT_PASSED
    told = capsys.readouterr()
    assert told.err == ""
    assert note in " ".join(told.out.split())


@pytest.mark.parametrize(
    "script",
    [
        "# -*- coding: gbk -*-\nprint('子进程')\n".encode("gbk"),
        b"\xef\xbb\xbfprint('bom')\r\n",
        b"import sys; sys.stdout.buffer.write(bytes(range(256)))\n",
        b"import os\nos._exit(0)\n",
    ],
)
def test_unusual_scripts_that_are_right(script: bytes, folder: Path) -> None:
    """Encodings, bytes that are no text and early exits are nobody's fault."""
    (folder / "unusual.py").write_bytes(script)
    assert run(["any.yaml", "unusual.py", *FAST]) == ExitStatus.PASSED


def test_another_python(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The script is run by the Python that was named."""
    script = folder / "python"
    script.symlink_to(sys.executable)
    (folder / "which.py").write_text("import sys\nprint('I am', sys.executable)\n")
    assert run(["any.yaml", "which.py", "-v", "--python", str(script), *FAST]) == ExitStatus.PASSED
    assert f"Iam{script}" in "".join(capsys.readouterr().out.split())


def test_one_order_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An order that the report names can be run again."""
    wrong = ROOT / "tests" / "submissions" / "join" / "wrong" / "sleep_for_join.py"
    assert (
        run(["join", str(wrong), "--replay", "slow:worker-1x4", "--lang", "en"])
        == ExitStatus.NOT_PASSED
    )
    assert "if p needs 4 times as long it breaks" in " ".join(capsys.readouterr().out.split())


def test_as_a_module() -> None:
    """``python -m grader`` is the same command, also where the terminal knows only ASCII."""
    # Since 3.11, .pth files (an editable package has one) are read in the encoding of the locale.
    locale = "C" if str(ROOT).isascii() else "C.UTF-8"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": locale}
    with as_subprocess("join", env=environment) as process:
        told, complaints = process.communicate()
    assert (process.returncode, complaints) == (ExitStatus.PASSED, "")
    assert "\\u4e3b\\u7a0b\\u5e8f" in told


def test_nobody_listens() -> None:
    """A reader that went away, as in ``grade | head``, is no reason for a traceback."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as closed:
        process = subprocess.run(
            [sys.executable, "-m", "grader"], stdout=closed, stderr=subprocess.PIPE, text=True
        )
    assert process.stderr == ""


def test_control_c(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control-C while a script runs ends it and the command; nothing stays behind."""
    monkeypatch.setenv("TMPDIR", str(folder))
    (folder / "endless.py").write_text("open('runs', 'w').close()\nwhile True: pass\n")
    with as_subprocess("any.yaml", "endless.py", "--clock", "real", *FAST) as process:
        while not list(folder.glob("grader-*/submission/runs")):
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        told, complaints = process.communicate()
    assert process.returncode == ExitStatus.INTERRUPTED, complaints
    assert (told, complaints) == ("", "\ngrade: Stopped. Nothing was graded.\n")
