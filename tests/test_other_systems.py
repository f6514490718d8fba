"""macOS and Windows, as far as Linux can play them: what they lack is not there."""

from __future__ import annotations

import json
import locale
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.language import language_of

SOLUTION = Path(__file__).parents[1] / "solutions" / "subclass.py"
FAKED = """
import importlib, importlib.abc, json, multiprocessing, os, signal, subprocess, sys, sysconfig
import click, jinja2, markdown_it, pexpect, psutil, pydantic, pygments.lexers.python, yaml
import rich.console, rich.live
import multiprocessing.managers, multiprocessing.pool  # on Windows these need its own _winapi

system = sys.argv[1]
LINUX_ONLY = ("grader.supervisor", "grader.sandbox", "grader.classroom.batch")
MODULES = {
    "darwin": {"_posixshmem", "spwd"},
    "win32": {"fcntl", "resource", "termios", "pty", "tty", "pwd", "grp", "readline", "syslog"},
}
SIGNALS = {
    "darwin": (),
    "win32": ("SIGKILL", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGUSR1"),
}
CALLS = {
    "darwin": ("sched_getaffinity", "memfd_create", "pidfd_open"),
    "win32": ("fork", "sched_getaffinity", "getuid", "geteuid", "killpg", "setsid", "waitid",
              "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "register_at_fork", "WNOHANG"),
}


class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MODULES[system] or name.startswith(LINUX_ONLY):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sysconfig.get_config_vars()
for name in MODULES[system]:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Missing())
for name in SIGNALS[system]:
    delattr(signal, name)
for name in CALLS[system]:
    if hasattr(os, name):
        delattr(os, name)
sys.platform = system

importlib.import_module("grader.__main__")
from grader import cli
from grader.exercise import load_exercise, shipped_exercises

for module in (
    "grader.checks.judging", "grader.cli.doctor", "grader.cli.progress", "grader.cli.script",
    "grader.grading", "grader.plan", "grader.pytest_plugin", "grader.report.page",
    "grader.report.terminal", "grader.report.as_json", "grader.schedules", "grader.selfcheck",
):
    importlib.import_module(module)
for path in shipped_exercises().values():
    load_exercise(path)
calls = [
    ["--help-all"], ["join"], ["class", "join", "folder"],
    ["join", "student.py", "--witness", "kernel"],
]
if system == "darwin":  # where a process is started and a terminal is used as on Linux
    calls.append(["subclass", *sys.argv[2:], "--schedules", "1", "-q", "-o", "report.html"])
print(json.dumps([int(cli.run([*call, "--lang", "en"])) for call in calls]))
"""


@pytest.mark.parametrize("system", ["win32", pytest.param("darwin", marks=pytest.mark.exhaustive)])
def test_nothing_that_only_linux_has_is_needed(system: str, tmp_path: Path) -> None:
    """Help, tasks, exercises, checks and reports are there, and on macOS a self-check is made; what
    needs the kernel says so.
    """
    process = subprocess.run(
        [sys.executable, "-c", FAKED, system, SOLUTION],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert process.returncode == 0, process.stderr
    statuses = json.loads(process.stdout.splitlines()[-1])
    assert statuses == ([0, 0, 3, 3] if system == "win32" else [0, 0, 3, 3, 0])
    told = f"Grading needs Linux, and this is {system}. A single script can be self-checked here:"
    assert process.stderr.count(told) == 2


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Chinese (Simplified)_China", "zh"),
        ("zh_CN", "zh"),
        ("English_United States", "en"),
        (None, "en"),
    ],
)
def test_the_language_of_windows(
    name: str | None, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no variables for it; Python says what the system is set to."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(locale, "getlocale", lambda: (name, "936"))
    assert language_of([]) == language
