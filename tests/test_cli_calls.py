"""How the command is called, and what a wrong call is told. Nothing is run here."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import pytest
from rich.cells import cell_len

from grader import __version__
from grader.classroom.batch.config import BatchConfig
from grader.classroom.outputs import OutputOptions
from grader.cli import run, script
from grader.cli.command import split
from grader.cli.language import language_of
from grader.cli.options import OPTIONS, taken_by
from grader.exercise import shipped_exercises
from grader.exit_status import ExitStatus
from grader.options import Options

SCRIPT = "print('hello')\n"
SEE_HELP = "grade: grade --help shows how to call it.\n"
EXERCISES = ", ".join(shipped_exercises())
HELP = """\
Usage: grade [EXERCISE] [SCRIPT] [OPTIONS]

Runs your script, watches what its processes really do, and says what is right,
what is not, and why.

  grade                  List the exercises.
  grade join             Show the task of the exercise “join”.
  grade join student.py  Grade student.py.
  grade class --help     How to grade a whole class.
  grade doctor           What this machine can do, and what it lacks.
  grade new --help       How to write exercises of your own.
  grade --help-all       Every option, and what the exit status means.

Options:
  --open          Open the report in the browser.
  --replay ORDER  Run one event order again; the report names it.
  --lang [en|zh]  The language. Else: that of your system.
  -v, --verbose   Also say which processes ran, and what they printed.
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a student's own, on an English system."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    (tmp_path / "student.py").write_text(SCRIPT)
    return tmp_path


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (["--jsn", "x"], "There is no option --jsn. Did you mean --json?"),
        (["--xyzzy"], "There is no option --xyzzy."),
        (["--clock", "sand"], "--clock takes one of virtual, real."),
        (["--isolation", "none"], "--isolation takes one of auto, bwrap, basic."),
        (["--lang", "fr"], "--lang takes one of en, zh."),
        (["--schedules", "0"], "--schedules takes a whole number from 1 to 1000."),
        (["--schedules", "many"], "--schedules takes a whole number from 1 to 1000."),
        (["--seed", "-1"], "--seed takes a whole number from 0 to 4294967295."),
        (["--json"], "--json needs a value."),
        (["--quiet=yes"], "--quiet takes no value."),
    ],
)
def test_options_that_there_are_not(
    call: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong option is named, with what is right, and where more stands."""
    assert run(call) == ExitStatus.WRONG_CALL
    assert capsys.readouterr() == ("", f"grade: {complaint}\n{SEE_HELP}")


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (
            ["student.py"],
            "student.py is a script. Name the exercise first: grade EXERCISE student.py",
        ),
        (["join", "a.py", "b.py"], "There is no file or folder a.py."),
        (["join", "nobody.py"], "There is no file nobody.py."),
        (["join", "folder"], "There is nothing to grade in folder."),
        (
            ["join", "folder", "--deadline", "soon"],
            "--deadline takes a day and time such as '2026-03-31 23:59', not soon.",
        ),
        (
            ["join", "student.py", "--fresh"],
            "--fresh is for a class: name a folder of submissions.",
        ),
        (["join", "student.py/x.py"], "student.py/x.py is a folder: name the script itself."),
        (["join", "/dev/null"], "/dev/null is not a regular file."),
        (["join", "large.py"], "large.py is larger than 1 MB, too large for a script."),
        (
            ["join", "student.py", "--python", "snake"],
            "There is no program snake for --python.",
        ),
        (
            ["join", "student.py", "--witness", "script", "--isolation", "bwrap"],
            "--witness script and --isolation bwrap cannot be had together: on its own word a "
            "script runs unwatched, and nothing is shut off from it. Leave one of them out.",
        ),
        (
            ["class", "join", "folder", "--witness", "script", "--clock", "virtual"],
            "--witness script and --clock virtual cannot be had together: only the kernel can "
            "give a script a clock of its own. Leave one of them out.",
        ),
        (
            ["join", "student.py", "--replay", "backwards"],
            "--replay: 'backwards' is no schedule. Schedules are: natural, child-first, "
            "parent-first, ties-reversed, late:WHO+200ms, late-end:WHO+200ms, slow:WHOx4, "
            "pause:WHO@5+200ms, random:SEED; "
            "WHO is main, workers, worker-1, worker-2, ..., threads, thread-1, "
            "worker-1/thread-1, ...",
        ),
    ],
)
def test_calls_that_cannot_be_meant(
    call: list[str], complaint: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be graded is told in one sentence, and nothing is written."""
    (folder / "folder").mkdir()
    (folder / "large.py").write_bytes(b"#" * 1_000_001)
    assert run(call) == ExitStatus.WRONG_CALL
    assert capsys.readouterr() == ("", f"grade: {complaint}\n")
    assert not (folder / "reports").exists()
    assert not list((folder / "folder").iterdir())


@pytest.mark.parametrize("call", [["jion", "student.py"], ["jion"], ["class", "jion", "."]])
def test_a_name_that_no_exercise_has(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The exercises that there are, and the one that was meant, are named, in the language that
    was asked for.
    """
    assert run(call) == ExitStatus.WRONG_CALL
    assert capsys.readouterr() == (
        "",
        f"grade: There is no exercise jion. Did you mean join? There are: {EXERCISES}.\n",
    )
    assert run([*call, "--lang", "zh"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr() == ("", f"grade: 没有练习 jion。是不是 join？现有：{EXERCISES}。\n")


def test_a_complaint_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There no word is broken at the edge; what goes into a file stays in one line."""
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["jion"]) == ExitStatus.WRONG_CALL
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "grade: There is no exercise jion. Did you mean"
    assert max(map(cell_len, lines)) <= 50
    assert len(lines) > 3


def test_an_exercise_file_with_errors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every error of an exercise file has its place."""
    (folder / "mine.yaml").write_text("id: mine\ntitle: A\ntask: B\nchekcs: []\n")
    assert run(["mine.yaml", "student.py"]) == ExitStatus.WRONG_CALL
    told = capsys.readouterr().err
    assert told.startswith("mine.yaml:")
    assert "mine.yaml:4:1: " in told
    assert "Did you mean 'checks'?" in told


def test_the_list_of_exercises(capsys: pytest.CaptureFixture[str]) -> None:
    """Called without anything, the command lists the exercises in the order of the course."""
    assert run([]) == ExitStatus.PASSED
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-2]] == list(shipped_exercises())
    assert lines[0].split(maxsplit=1) == ["start", "Start a child process"]
    assert lines[-1] == "grade NAME shows the task, grade NAME SCRIPT grades a script."


def test_the_task(capsys: pytest.CaptureFixture[str]) -> None:
    """Called with an exercise only, the command prints what it asks for."""
    assert run(["join"]) == ExitStatus.PASSED
    told = capsys.readouterr().out
    assert "Wait for a child process" in told
    assert "What is graded:" in told
    assert "主程序" in told
    assert "`multiprocessing.Process`" in told


def test_the_task_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """The task is told in the language that was asked for."""
    assert run(["join", "--lang", "zh"]) == ExitStatus.PASSED
    assert "评分内容" in capsys.readouterr().out


def test_a_chinese_task_breaks_where_lines_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clause begins a new line only where the line before is full; the file's own line ends
    leave no blanks.
    """
    monkeypatch.setenv("COLUMNS", "40")
    assert run(["chat-client", "--lang", "zh"]) == ExitStatus.PASSED
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in lines[1:7]] == [
        "写一个客户端，连接 `127.0.0.1` 的 8080",
        "端口上的大写服务器。对每条消息，服务器用",
        "大写的同一段文字加上一个它自己想出来的数",
        "来回答：对 `hello` 的回答可能是",
        "`HELLO 4711`。",
        "",
    ]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The command says which version it is."""
    assert run(["--version"]) == ExitStatus.PASSED
    assert capsys.readouterr().out == f"grade {__version__}\n"


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_help(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help is what a student needs, and where the rest stands."""
    assert run([flag]) == ExitStatus.PASSED
    told = capsys.readouterr().out
    assert told == HELP


def test_the_help_in_chinese(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a Chinese system the help is Chinese from its first word to its last."""
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run(["--help-all"]) == ExitStatus.PASSED
    told = capsys.readouterr().out
    assert told.startswith("用法：grade [EXERCISE] [SCRIPT] [选项]\n")
    assert "  grade join student.py  给 student.py 评分。\n" in told
    assert "  1    有检查没有通过。\n" in told
    for english in ("Usage", "Options", "Show", "exit", "status"):
        assert english not in told


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "page", [["--help"], ["--help-all"], ["class", "--help"], ["doctor", "--help"]]
)
@pytest.mark.parametrize("columns", [40, 72, 80])
def test_help_fits_the_terminal(
    language: str,
    page: list[str],
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No line is wider than the terminal, in Chinese neither."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run([*page, "--lang", language]) == ExitStatus.PASSED
    for line in capsys.readouterr().out.splitlines():
        assert cell_len(line) <= columns, line


def test_the_help_for_a_class(capsys: pytest.CaptureFixture[str]) -> None:
    """What is for a class stands under headings of its own, and its statuses have their meaning."""
    assert run(["class", "--help"]) == ExitStatus.PASSED
    told = capsys.readouterr().out
    assert told.startswith("Usage: grade class EXERCISE SUBMISSIONS... [OPTIONS]\n")
    headings = [line for line in told.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == [
        "What was handed in:",
        "Marks:",
        "Pages for the class:",
        "Machines and repetition:",
        "Options:",
        "Exit status:",
    ]
    assert "  0    All were graded, whatever came out.\n" in told


def test_every_option_is_in_the_long_help(capsys: pytest.CaptureFixture[str]) -> None:
    """With what the exit status means."""
    assert run(["--help-all"]) == ExitStatus.PASSED
    told = capsys.readouterr().out
    for option in taken_by("grade"):
        assert f"\n  {option.shown}" in told
    assert "  3    The grader could not work, or not everything could be judged.\n" in told


def test_each_value_has_a_field_to_go_to() -> None:
    """The table names fields that there are, and no field of a class's outputs is left out."""
    batch = {each.name for each in fields(BatchConfig)}
    for option in OPTIONS:
        if option.destination == "batch":
            assert option.field in batch
    outputs = {each.field for each in OPTIONS if each.destination == "outputs"}
    assert outputs == {each.name for each in fields(OutputOptions)}
    options = {each.field for each in OPTIONS if each.destination == "options"}
    assert options == {each.name for each in fields(Options)} - {"at_once"}


@pytest.mark.parametrize(
    ("arguments", "name", "rest"),
    [
        (["join", "a.py"], "grade", ["join", "a.py"]),
        (["class", "join", "a.py"], "class", ["join", "a.py"]),
        (["--lang", "zh", "class", "join"], "class", ["--lang", "zh", "join"]),
        (["join", "class"], "grade", ["join", "class"]),
        (["--json", "class", "join"], "grade", ["--json", "class", "join"]),
        (["./class", "a.py"], "grade", ["./class", "a.py"]),
        (["--", "class"], "grade", ["--", "class"]),
        (["join", "-join.py"], "grade", ["join", "./-join.py"]),
        (["join", "-nobody.py", "-q"], "grade", ["join", "./-nobody.py", "-q"]),
        (["join", "-q.py"], "grade", ["join", "./-q.py"]),
        (["join", "-o", "-x.html"], "grade", ["join", "-o", "-x.html"]),
        (["join", "-ox.html"], "grade", ["join", "-ox.html"]),
        (["join", "--", "-join.py", "-q"], "grade", ["join", "--", "-join.py", "-q"]),
        (["-qv", "join"], "grade", ["-qv", "join"]),
        (["--nonsense"], "grade", ["--nonsense"]),
        ([], "grade", []),
    ],
)
def test_which_command_is_called(
    arguments: list[str], name: str, rest: list[str], folder: Path
) -> None:
    """A command's name goes first; a file whose name begins with a dash is no option."""
    (folder / "-q.py").touch()
    assert split(arguments) == (name, rest)


def test_a_class_without_submissions(capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is named."""
    assert run(["class"]) == ExitStatus.WRONG_CALL
    assert run(["class", "join"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err == (
        "grade: Name an exercise: grade class EXERCISE FOLDER\n"
        "grade: Name the submissions, too: grade class EXERCISE FOLDER\n"
    )


@pytest.mark.parametrize(
    ("environment", "arguments", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, [], "zh"),
        ({"LANG": "de_DE.UTF-8"}, [], "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, [], "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, [], "zh"),
        ({"LANG": "zh_CN.UTF-8"}, ["--lang", "en"], "en"),
        ({"LANG": "C"}, ["--lang=zh"], "zh"),
        ({"LANG": "zh_CN"}, ["--lang", "fr"], "zh"),
        ({"LANG": ""}, ["--lang"], "en"),
    ],
)
def test_the_language(
    environment: dict[str, str],
    arguments: list[str],
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The option decides, then the locale as POSIX orders its variables, then English."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of(arguments) == language


def test_an_interruption(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control-C ends the command in one line."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(script, "read_script", interrupted)
    assert run(["join", "student.py"]) == ExitStatus.INTERRUPTED
    assert capsys.readouterr().err.splitlines()[-1] == "grade: Stopped. Nothing was graded."


@pytest.mark.parametrize(("flags", "traced"), [([], False), (["-v"], True), (["-qv"], True)])
def test_a_fault_of_the_graders_own(
    flags: list[str],
    traced: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What nobody foresaw is no student's fault; the traceback is for those who ask for it."""

    def broken(*arguments: object) -> None:
        raise RuntimeError("the moon is full\nand bright")

    monkeypatch.setattr(script, "read_script", broken)
    assert run(["join", "student.py", *flags]) == ExitStatus.CANNOT_WORK
    told = capsys.readouterr().err
    assert told.endswith(
        "grade: This is the grader's own fault, not the script's: RuntimeError: the moon is full. "
        "The script was not judged. Please report it; -v shows more.\n"
    )
    assert ("Traceback" in told) is traced


def test_a_module_that_is_a_link_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever hands in a link to the solution is not graded with it."""
    (tmp_path / "secret.py").write_text("print('solved')")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "student.py").write_text("import secret")
    (folder / "secret.py").symlink_to("../secret.py")
    script = str(folder / "student.py")
    assert run(["join", script, "--lang", "en"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err == (
        f"grade: The module secret.py beside {script} is a link to somewhere else: "
        "links are not followed.\n"
    )


def test_a_name_that_would_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What a file is called is shown and does nothing."""
    assert run(["join", "\x1b[2Jevil.py", "--lang", "en"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err == "grade: There is no file ␛[2Jevil.py.\n"


def test_a_python_that_may_not_be_executed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is there, and so it is not said that there is none."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n")
    script = tmp_path / "student.py"
    script.write_text("")
    assert (
        run(["join", str(script), "--python", str(python), "--lang", "en"]) == ExitStatus.WRONG_CALL
    )
    assert f"{python} for --python may not be executed" in capsys.readouterr().err
