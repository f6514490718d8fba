"""What a hostile script finds out and reaches, under each isolation. Nothing is played here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from textwrap import dedent

import pytest

import grader
from grader.cli import run as call
from grader.exit_status import ExitStatus
from grader.limits import Limits
from grader.sandbox import (
    CannotIsolateError,
    IsolationName,
    bubblewrap,
    bwrap_obstacle,
    choose_isolation,
    has_private_mounts,
    has_private_networks,
    isolate,
    view_of,
)
from grader.sandbox import isolation as choosing
from grader.sandbox.landlock import landlock_version
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, run
from grader.supervisor.procfs import children_of
from grader.supervisor.programs import PROBE
from grader.trace import Printed, Trace
from tests import machine
from tests.supervisor.reading import living_in

PROJECT = Path(__file__).parents[2]

TRY_TO_READ = """
    import os, sys
    for path in {paths!r}:
        try:
            places = [path]
            if os.path.isdir(path):
                places = [os.path.join(path, name) for name in os.listdir(path)]
            for place in filter(os.path.isfile, places):
                if b"raise ModuleNotFoundError" not in open(place, "rb").read():
                    print("read", place)
        except OSError as error:
            print(type(error).__name__, path)
"""


def plan_of(source: str, **plan: object) -> Plan:
    content = dedent(source).encode()
    submission = Submission(Path("student.py"), (SourceFile("student.py", content),))
    return Plan(submission, Limits(), **plan)


def said(trace: Trace) -> list[str]:
    return [event.text for event in trace.events if isinstance(event, Printed)]


def what_is_known_of(pid: str) -> str:
    """Its name, state and parent, if there is still such a process."""
    try:
        return Path("/proc", pid, "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "nothing"


def needs_closed_files(isolation: IsolationName) -> None:
    if isolation == "basic":
        machine.require("landlock")


def test_the_trace_says_which_it_was(each_isolation: IsolationName):
    """And what was shut off by it."""
    trace = run(plan_of("print('hi')"))
    assert trace.isolation == each_isolation
    if each_isolation == "bwrap":
        expected = ("files", "services", "network", "processes", "ipc", "hostname", "users")
    else:
        files = landlock_version() > 0
        expected = (
            *("files",) * files,
            *("services",) * (files and has_private_mounts()),
            *("network",) * has_private_networks(),
            *("ipc",) * has_private_mounts(),
        )
    assert trace.isolated == expected


def test_what_it_may_not_read(each_isolation: IsolationName, tmp_path: Path):
    """Exercises, solutions, other submissions, the grader, homes, secrets of the system."""
    needs_closed_files(each_isolation)
    other = tmp_path / "other_student.py"
    other.write_text("print('secret')")
    paths = [
        *(str(PROJECT / name) for name in ("exercises", "solutions", "tests", "grader")),
        *(str(PROJECT / name) for name in ("exercises/join.yaml", "solutions/join.py")),
        str(Path(grader.__file__)),
        *(str(other), str(tmp_path), os.path.expanduser("~/.bashrc"), os.path.expanduser("~")),
        *("/etc/shadow", "/etc/ssh", "/var/log", "/var/tmp", "/home", "/mnt", "/boot", "/run"),
    ]
    wanted = [path for path in paths if os.path.exists(path)]
    trace = run(plan_of(TRY_TO_READ.format(paths=wanted)))
    assert [line for line in said(trace) if line.startswith("read")] == []
    assert trace.processes[0].exit_status == 0


def test_a_copy_of_the_grader_beside_the_interpreter(each_isolation: IsolationName):
    """Where the grader is installed in the environment of the student's Python: not to be
    imported, nor its exercises to be read.
    """
    needs_closed_files(each_isolation)
    trace = run(
        plan_of(
            """
            import glob, os, site, sys
            for folder in sys.path + site.getsitepackages():
                for path in glob.glob(folder + "/grader/**/*", recursive=True):
                    if os.path.isfile(path) and "/supervisor/probe/" not in path:
                        try: text = open(path).read()
                        except PermissionError: continue
                        if "raise ModuleNotFoundError" not in text: print(path)
            try: import grader.checks
            except ImportError: print("no such package")
            """
        )
    )
    assert said(trace) == ["no such package"]


def test_the_grader_is_no_module_of_the_submissions(each_isolation: IsolationName):
    """Not even an empty one, nor the way to the probe, where it has a file system of its own; a
    module of that name beside the script is found as any other.
    """
    hidden = ("grader", "grader.supervisor.probe.sitecustomize")
    for module in hidden if each_isolation == "bwrap" or has_private_mounts() else ():
        trace = run(plan_of(f"import {module}"))
        assert said(trace)[-1] == "ModuleNotFoundError: No module named 'grader'"
    script = SourceFile("student.py", b"import grader; print(grader.name)")
    beside = SourceFile("grader.py", b"name = 'mine'")
    trace = run(Plan(Submission(Path("student.py"), (script, beside)), Limits()))
    assert said(trace) == ["mine"]


def test_what_it_may_not_change(each_isolation: IsolationName):
    """Its interpreter, the probe, the system, and every folder but its own."""
    trace = run(
        plan_of(
            f"""
            import os, sys
            probe = {str(PROBE)!r}
            for folder in (sys.base_prefix + "/bin", os.path.dirname(os.__file__), probe,
                           "/usr/bin", "/etc", "/var/tmp", "/root", "/"):
                try:
                    open(folder + "/made by the submission", "w")
                    print("wrote", folder)
                except OSError: pass
            for file in (os.__file__, probe + "/sitecustomize.py", "/etc/passwd",
                         "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"):
                try:
                    open(file, "a")
                    print("opened", file)
                except OSError: pass
            open("made", "w").write("x")
            print(open("made").read())
            """
        )
    )
    if "files" in trace.isolated:
        assert said(trace) == ["x"]


def test_whom_it_may_not_signal_or_look_into(each_isolation: IsolationName):
    """kill(-1), its parent, a bystander: nobody but its own is hit, and no memory is read."""
    secret = {"SECRET": "of the bystander", "PATH": os.environ["PATH"]}
    with subprocess.Popen(["sleep", "1000"], env=secret, start_new_session=True) as bystander:
        trace = run(
            plan_of(
                f"""
                import os, signal, time
                child = os.fork()
                if child == 0:
                    time.sleep(1000)
                for deed in (
                    lambda: os.kill({bystander.pid}, 9),
                    lambda: os.killpg({bystander.pid}, 9),
                    lambda: open("/proc/{bystander.pid}/environ").read(),
                    lambda: open("/proc/{bystander.pid}/mem"),
                    lambda: os.listdir("/proc/{bystander.pid}/root"),
                ):
                    try: print("done", deed())
                    except OSError: pass
                os.kill(-1, signal.SIGKILL)
                print(os.waitpid(child, 0)[1])
                """
            )
        )
        assert bystander.poll() is None
        bystander.kill()
    expected = ["9"]
    if each_isolation == "basic" and "files" not in trace.isolated:
        expected = [line for line in said(trace) if "SECRET" in line] + expected
    assert said(trace) == expected


def test_whom_it_sees(each_isolation: IsolationName):
    """In a house of its own: its own processes, and the two that keep the house."""
    trace = run(
        plan_of(
            """
            import os, time
            if os.fork() == 0:
                time.sleep(1)
                os._exit(0)
            seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
            print(len(seen), os.getpid() in seen)
            print(open("/proc/1/cmdline").read().split("\\0")[0])
            """
        )
    )
    if each_isolation == "bwrap":
        assert said(trace) == ["4 True", "bwrap"]


@pytest.mark.needs("private-networks")
def test_whom_it_may_not_call(each_isolation: IsolationName):
    """The port of a server on this machine, and addresses beyond it, where networks are its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        trace = run(
            plan_of(
                f"""
                import socket
                for address in (("127.0.0.1", {port}), ("192.0.2.1", 80), ("::1", {port})):
                    try: print("reached", socket.create_connection(address, timeout=1))
                    except OSError as error: pass
                mine = socket.create_server(("127.0.0.1", {port}))
                socket.create_connection(("127.0.0.1", {port}))
                print("its own")
                """
            )
        )
    assert said(trace) == ["its own"]


def test_an_interpreter_by_a_detour(each_isolation: IsolationName, tmp_path: Path):
    """Its path may lead through a folder that the submission does not see."""
    python = tmp_path / os.path.relpath(sys.executable, tmp_path.resolve())
    trace = run(plan_of("import sys; print(sys.prefix)", python=python))
    assert said(trace) == [sys.prefix]


def test_what_its_environment_holds(each_isolation: IsolationName, monkeypatch):
    """Only what is named."""
    monkeypatch.setenv("SECRET", "of the teacher")
    trace = run(plan_of("import os; print(sorted(os.environ))"))
    named = ["HOME", "LANG", "LC_ALL", "MALLOC_ARENA_MAX", "PATH", "TERM", "TMPDIR"]
    assert said(trace) == [str(named)]


def test_the_numbers_of_processes_are_its_own_view(each_isolation: IsolationName):
    """What main, a child and an orphan print of themselves is what the trace says of them."""
    trace = run(
        plan_of(
            """
            import os
            from multiprocessing import Process
            def tell(): print(os.getpid(), os.getppid())
            if __name__ == "__main__":
                tell()
                p = Process(target=tell)
                p.start()
                p.join()
                print(p.pid)
            """
        )
    )
    main, child = trace.processes
    assert said(trace) == [
        f"{main.pid} {main.parent_pid}",
        f"{child.pid} {main.pid}",
        f"{child.pid}",
    ]
    assert (child.parent_pid, trace.doubts) == (main.pid, ())


def test_a_group_is_killed_by_its_own_number(each_isolation: IsolationName):
    """killpg() of a group that the submission made reaches its members, and is told."""
    trace = run(
        plan_of(
            """
            import os, signal, time
            child = os.fork()
            if child == 0:
                os.setpgid(0, 0)
                time.sleep(1000)
            time.sleep(1)
            os.killpg(child, signal.SIGTERM)
            print(os.waitpid(child, 0)[1], os.getpgid(0) == os.getpid())
            """
        )
    )
    assert said(trace) == ["15 True"]
    (signalled,) = (event for event in trace.events if event.kind == "signalled")
    assert (signalled.by, signalled.target, signalled.signal) == (0, 1, 15)


def test_semaphores_and_shared_memory_work(each_isolation: IsolationName):
    """What multiprocessing makes in /dev/shm is there."""
    trace = run(
        plan_of(
            """
            from multiprocessing import Lock, Process, Queue, shared_memory
            def work(lock, queue, name):
                with lock:
                    block = shared_memory.SharedMemory(name)
                    queue.put(bytes(block.buf[:2]))
                    block.close()
            if __name__ == "__main__":
                lock, queue = Lock(), Queue()
                block = shared_memory.SharedMemory(create=True, size=10)
                block.buf[:2] = b"hi"
                p = Process(target=work, args=(lock, queue, block.name))
                p.start()
                print(queue.get())
                p.join()
                block.close()
                block.unlink()
            """
        )
    )
    assert said(trace) == ["b'hi'"]


def test_nobody_is_left(
    each_isolation: IsolationName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """No process of the submission, though it tried, and no file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = """
        import os, signal, time
        for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: time.sleep(100000)
                os._exit(0)
        """
    trace = run(plan_of(source))
    assert len(trace.processes) == 7
    assert living_in(str(tmp_path)) == []
    with WarmRunner() as warm:
        warm([plan_of(source)])
        warm([plan_of(source)])
    assert list(tmp_path.iterdir()) == []
    while living_in(str(tmp_path)):  # its template was killed, and is gone as soon as it can be
        os.sched_yield()


def test_who_insists_on_bubblewrap_is_told(monkeypatch, tmp_path: Path, capsys):
    """Where it does not work: status 3 and one sentence, and nothing is graded."""
    monkeypatch.setattr(choosing, "bwrap_obstacle", lambda: "there is no program bwrap")
    monkeypatch.chdir(tmp_path)
    sentence = (
        "Bubblewrap cannot isolate the submission here (there is no program bwrap). Install it "
        "(package bubblewrap) and allow user namespaces, or choose --isolation basic."
    )
    for runner in (run, lambda plan: WarmRunner()([plan])):
        with pytest.raises(CannotSuperviseError) as raised:
            runner(plan_of("print('hi')", isolation="bwrap"))
        assert str(raised.value) == sentence
    Path("student.py").write_text("print('hi')")
    assert (
        call(["join", "student.py", "--isolation", "bwrap", "--lang", "en"])
        == ExitStatus.CANNOT_WORK
    )
    assert capsys.readouterr().err == f"grade: {sentence}\n"
    assert run(plan_of("print('hi')")).isolation == "basic"


@pytest.mark.needs("private-networks")
@pytest.mark.parametrize(
    ("program", "obstacle"),
    [
        (None, "there is no program bwrap"),
        ("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n", "bwrap: No permissions"),
        ("#!/bin/sh\nexit 7\n", "bwrap ended with status 7"),
    ],
)
def test_why_bubblewrap_does_not_work(
    monkeypatch, tmp_path: Path, program: str | None, obstacle: str
):
    """It is tried in earnest, and what it says is the reason."""
    if program is not None:
        (tmp_path / "bwrap").write_text(program)
        (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr("grader.sandbox.bubblewrap._PATH", f"{tmp_path}:/nowhere")
    for runner in (run, lambda plan: WarmRunner()([plan])[0]):
        monkeypatch.setattr(choosing, "_bwrap_history", choosing._BwrapHistory())
        with pytest.raises(CannotSuperviseError) as raised:
            runner(plan_of("print('hi')", isolation="bwrap"))
        assert f"({obstacle})" in str(raised.value)
        assert runner(plan_of("print('hi')")).isolation == "basic"
        assert bwrap_obstacle() == obstacle
        with pytest.raises(CannotIsolateError, match=obstacle):
            choose_isolation("bwrap", sys.executable)


@pytest.mark.needs("bwrap")
def test_what_is_built_and_cannot_be_entered(monkeypatch):
    """The house that stands is tried too, before anybody is to live in it."""
    monkeypatch.setattr(choosing, "_bwrap_history", choosing._BwrapHistory())
    monkeypatch.setattr(bubblewrap, "_ENTERED_IN_ORDER", ("pid", "user", "user"))
    assert run(plan_of("print('hi')")).isolation == "basic"
    assert str(bwrap_obstacle()).startswith("what it builds cannot be entered: ")


@pytest.mark.needs("bwrap")
def test_runs_of_a_grading_are_alike(monkeypatch):
    """Who has run once under bubblewrap does not go on without it, should it fail later."""
    monkeypatch.setattr(choosing, "_bwrap_history", choosing._BwrapHistory())
    assert run(plan_of("print('hi')")).isolation == "bwrap"
    monkeypatch.setattr("grader.sandbox.bubblewrap._PATH", "/nowhere")
    for runner in (run, lambda plan: WarmRunner()([plan])):
        with pytest.raises(CannotSuperviseError, match="there is no program bwrap"):
            runner(plan_of("print('hi')"))


@pytest.mark.needs("bwrap")
def test_a_house_is_torn_down(tmp_path: Path):
    """Neither bwrap nor its init lives on."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with ExitStack() as held:
                view = view_of(sys.executable, str(tmp_path))
                isolation = isolate(held, "bwrap", view, ())
                os.write(write_end, f"{isolation.reaper_pid} ".encode())
            own = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
            os.write(write_end, f"children: {own}".encode())
        except BaseException as error:
            os.write(write_end, f" {error!r}".encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end) as answer:
        init, left = answer.read().split(" ", 1)
    os.waitpid(pid, 0)
    assert left == "children: "
    assert what_is_known_of(init) == "nothing"


@pytest.mark.needs("bwrap")
def test_a_house_does_not_outlive_its_grading():
    """It is ended by the grader, whether or not what waits in it is still able to notice. (Else
    this never ends.)
    """
    others = set(children_of(os.getpid()))
    with WarmRunner() as warm:
        warm([plan_of("print('hi')", isolation="bwrap")])
        (supervisor,) = set(children_of(os.getpid())) - others
        (waiting,) = [pid for pid in in_session(supervisor) if name_of(pid) == "cat"]
        os.kill(int(waiting), signal.SIGSTOP)
    while in_session(supervisor):
        os.sched_yield()


def name_of(pid: str) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


@pytest.mark.needs("bwrap")
def test_who_builds_a_house_is_killed(tmp_path: Path):
    """Whenever that happens, all of it ends, however far it has been built. (Else this never does:
    it waits for the last process in the session.)
    """
    view = view_of(sys.executable, str(tmp_path))
    for looks in range(40):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            with ExitStack() as held:
                isolate(held, "bwrap", view, ())
                signal.pause()
        while not children_of(pid):
            os.sched_yield()
        for _ in range(looks):
            children_of(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while in_session(pid):
            os.sched_yield()


def in_session(leader: int) -> list[str]:
    """The processes of a session that are not zombies."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            if fields[3] == str(leader) and fields[0] != "Z":
                found.append(path.parent.name)
    return found
