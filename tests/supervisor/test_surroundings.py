"""Machines and containers that do not allow what grading needs, and hands from outside."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from grader.limits import Limits
from grader.plan import KernelRefusedError
from grader.sandbox import has_private_mounts, has_private_networks
from grader.sandbox import isolation as choosing
from grader.sandbox.privileges import show_memory
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, run
from grader.supervisor.architecture import this_machine
from grader.supervisor.seccomp import install_filter
from grader.trace import Outcome

from .conftest import Supervise
from .reading import just_past, living_in, numbers, output

CANNOT, REFUSED = CannotSuperviseError.__name__, KernelRefusedError.__name__


def plan_of(source: str, **plan: object) -> Plan:
    content = dedent(source).encode()
    submission = Submission(Path("student.py"), (SourceFile("student.py", content),))
    return Plan(submission, Limits(), **plan)


def in_a_child(work: Callable[[], str]) -> str:
    """What ``work`` says in a process of its own, whose surroundings it may spoil."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            try:
                answer = work()
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(write_end, answer.encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, "rb") as answers:
        answer = answers.read().decode()
    os.waitpid(pid, 0)
    return answer


def forbid(call: str, error: int) -> None:
    """Make a system call fail for this process and all that come of it."""
    machine = this_machine()
    assert machine is not None
    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    program = b"".join(
        struct.pack("=HBBI", *instruction)
        for instruction in (
            (load, 0, 0, 0),
            (jump_if_equal, 0, 1, machine.numbers[call]),
            (answer, 0, 0, 0x00050000 | error),
            (answer, 0, 0, 0x7FFF0000),
        )
    )
    install_filter(program, machine)


@pytest.mark.parametrize("runner", ["once", "warm"])
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("call", ["ptrace", "seccomp"])
def test_without_ptrace_or_seccomp(call: str, error: int, runner: str):
    """A container that forbids one of them: a sentence that says what to do, and no hang."""

    def work() -> str:
        forbid(call, error)
        plan = plan_of("print('hi')")
        if runner == "once":
            run(plan)
        else:
            with WarmRunner() as warm:
                warm([plan])
        return "it ran"

    answer = in_a_child(work)
    assert answer.startswith(
        f"{REFUSED}: The kernel or the container does not allow ptrace or seccomp here ("
    )
    assert os.strerror(error) in answer
    assert answer.endswith(
        "In Docker, start the container with --cap-add=SYS_PTRACE; "
        "on a hardened machine, set kernel.yama.ptrace_scope to 1 or less. "
        "Without them there is --witness script: the script says itself what it does, "
        "a self-check with nothing shut off from it."
    )


def test_without_a_terminal(monkeypatch: pytest.MonkeyPatch):
    """A container without /dev/pts."""

    def none() -> tuple[int, int]:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os, "openpty", none)
    with pytest.raises(CannotSuperviseError) as raised:
        run(plan_of("print('hi')"))
    assert str(raised.value) == (
        "No pseudo-terminal is available here ([Errno 2] No such file or directory). A container "
        "needs /dev/pts: mount -t devpts devpts /dev/pts"
    )


def test_without_a_temporary_folder(monkeypatch: pytest.MonkeyPatch):
    """Nowhere to put the submission."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    for call in (run, lambda plan: WarmRunner()([plan])):
        with pytest.raises(CannotSuperviseError, match="The submission could not be set up: "):
            call(plan_of("print('hi')"))


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No room for the submission's files; what was made of the folder is gone again."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def work() -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        try:
            run(plan_of("print('hi')"))
        except CannotSuperviseError as error:
            return f"{error} {os.listdir(tmp_path)}"
        return "it ran"

    assert in_a_child(work) == ("The submission could not be set up: [Errno 27] File too large []")


def test_nothing_is_left_where_bubblewrap_must_work_and_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The folder that was made is gone when it is told, not when the exception is forgotten."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(choosing, "bwrap_obstacle", lambda: "there is none")
    for call in (run, lambda plan: WarmRunner()([plan])):
        with pytest.raises(CannotSuperviseError, match=r"\(there is none\)") as raised:
            call(plan_of("print('hi')", isolation="bwrap"))
        assert os.listdir(tmp_path) == [], raised.value


def test_no_more_open_files():
    """A limit on descriptors that leaves no room."""

    def work() -> str:
        opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(opened) + 3, max(opened) + 3))
        run(plan_of("print('hi')"))
        return "it ran"

    answer = in_a_child(work)
    assert answer.startswith(f"{CANNOT}: ")
    assert "[Errno 24] " in answer


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"nothing that can be executed",
            "The Python interpreter {path} could not be started: [Errno 8] Exec format error. "
            "Name another one with --python.",
        ),
        (
            b"#!/no/such/interpreter\n",
            "The Python interpreter {path} could not be started: "
            "[Errno 2] No such file or directory. Name another one with --python.",
        ),
        (
            b"#!/bin/sh\nexit 0\n",
            "{path} does not seem to be a Python: it does not tell its version. Name CPython "
            "3.10 or later with --python.",
        ),
        (
            b"#!/bin/sh\necho no Python here\nexit 1\n",
            "{path} does not seem to be a Python: it does not tell its version. Name CPython "
            "3.10 or later with --python. Given the script, it said: no Python here",
        ),
        (
            b'#!/bin/sh\n[ "$2" = -c ] && echo 3.12.1\n',
            "The Python interpreter {path} did not come to the submission. It must be "
            "CPython 3.10 or later: name another one with --python.",
        ),
        (
            b"#!/bin/sh\necho 3.12.1\n",
            "The Python interpreter {path} did not come to the submission. It must be "
            "CPython 3.10 or later: name another one with --python. It said: 3.12.1",
        ),
        (
            b"#!/bin/sh\necho 3.9.18\n",
            "{path} is Python 3.9.18, and that is too old. It must be CPython 3.10 or later: "
            "name another one with --python.",
        ),
    ],
)
def test_an_interpreter_that_is_none(tmp_path: Path, content: bytes, sentence: str):
    """Never the submission's fault."""
    path = tmp_path / "python"
    path.write_bytes(content)
    path.chmod(0o755)
    for call in (run, lambda plan: WarmRunner()([plan])):
        with pytest.raises(CannotSuperviseError) as raised:
            call(plan_of("print('hi')", python=path))
        assert str(raised.value) == sentence.format(path=path)


@pytest.mark.parametrize("name", ["missing", "folder", "not-executable"])
def test_an_interpreter_that_cannot_be_executed(tmp_path: Path, name: str):
    """It is told before anything is started."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "not-executable").write_text("")
    path = tmp_path / name
    with pytest.raises(CannotSuperviseError) as raised:
        run(plan_of("print('hi')", python=path))
    expected = "The Python interpreter {path} c"
    assert str(raised.value).startswith(expected.format(path=path))
    assert str(raised.value).endswith("Name another one with --python.")


def without_privileges() -> None:
    """Be an ordinary user as far as the kernel's checks go (capabilities(7))."""
    libc = ctypes.CDLL(None, use_errno=True)
    no_root_and_locked = 0b1111
    libc.prctl(28, no_root_and_locked, 0, 0, 0)  # PR_SET_SECUREBITS
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    assert libc.capset(header, bytes(24)) == 0
    show_memory()
    has_private_networks.cache_clear()
    has_private_mounts.cache_clear()
    choosing._bwrap_history = choosing._BwrapHistory()


SECOND_OF_FIVE = """
    import time
    from multiprocessing import Process

    if __name__ == "__main__":
        began = time.monotonic()
        ps = [Process(target=time.sleep, args=(1,)) for _ in range(5)]
        for p in ps: p.start()
        for p in ps: p.join()
        print(time.monotonic() - began)
"""


def test_no_privilege_is_needed():
    """An ordinary user grades like root. (This one has no namespaces, and names what is left.)"""

    def work() -> str:
        without_privileges()
        trace = run(plan_of(SECOND_OF_FIVE, isolation="basic"))
        return f"{trace.outcome.value} {trace.doubts} {len(trace.processes)} {output(trace)[0]}"

    answer = in_a_child(work)
    assert len(answer.split()) == 4, answer
    outcome, doubts, processes, seen = answer.split()
    assert (outcome, doubts, processes) == ("finished", "()", "6")
    assert just_past(float(seen), 1, slack=0.2)


def test_a_program_that_nobody_may_read():
    """The kernel shows an ordinary user nothing of such a process: it is killed before its first
    instruction, and the run is judged.
    """
    source = """
        import os, shutil, subprocess
        shutil.copyfile("/bin/true", "unreadable")
        os.chmod("unreadable", 0o111)
        print(subprocess.run(["./unreadable"]).returncode)
    """

    def work() -> str:
        without_privileges()
        trace = run(plan_of(source, isolation="basic"))
        killed = trace.processes[1]
        return (
            f"{trace.outcome.value} {trace.doubts} {killed.command} {killed.signal} {output(trace)}"
        )

    assert in_a_child(work) == "finished () ('./unreadable',) 9 ['-9']"


def test_one_processor(supervise: Supervise):
    """A machine with a single processor is enough."""

    def work() -> str:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        trace = run(plan_of(SECOND_OF_FIVE))
        return f"{trace.outcome.value} {output(trace)[0]}"

    outcome, seen = in_a_child(work).split()
    assert outcome == "finished"
    assert just_past(float(seen), 1, slack=0.2)


def test_folders_with_spaces_and_chinese_letters(
    supervise: Supervise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The temporary folder may be called anything."""
    place = tmp_path / "学生 作业 (1)"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    trace = supervise("import os; print(os.getcwd()); open('名 字', 'w').close()")
    assert output(trace)[0].startswith(str(place))
    assert list(place.iterdir()) == []


def parents() -> dict[int, int]:
    """Pid -> pid of the parent, of every process; proc(5) says that `children` can miss some."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            found[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def until_it_runs(grader: int) -> tuple[int, int, str]:
    """The supervisor, main, and the folder of a grader's run, as soon as main runs in it."""
    seen: object = None
    while os.waitid(os.P_PID, grader, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        known = parents()
        for main, supervisor in known.items():
            if known.get(supervisor) != grader:
                continue
            try:
                folder = str(Path(f"/proc/{main}/cwd").readlink())
                command = Path(f"/proc/{main}/cmdline").read_bytes()
            except OSError as error:
                seen = error
                continue
            seen = folder, command
            if folder.endswith("/submission") and b"student.py" in command:
                return supervisor, main, folder
        os.sched_yield()
    raise AssertionError(f"it has ended, and main was never seen to run; last seen: {seen}")


def grading(source: str, **plan: object) -> tuple[int, int]:
    """A process that grades, and a descriptor on which it says what came of it."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            trace = run(plan_of(source, **plan))
            answer = f"{trace.outcome.value} {output(trace)} {trace.doubts}"
        except CannotSuperviseError as error:
            answer = f"{type(error).__name__}: {error}"
        finally:
            os.write(write_end, answer.encode())
            os._exit(0)
    os.close(write_end)
    return pid, read_end


def said_by(pid: int, answers: int) -> str:
    with open(answers, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer


def until_nobody_lives_in(folder: str) -> None:
    """The kernel kills them one by one: this ends when it has, or the test never does."""
    while living_in(folder):
        os.sched_yield()


# One sleep past the limit would not do: that the run ends by the limit is known as it begins.
FOREVER = """
    import time
    while True:
        time.sleep(0.1)
"""
FOUR_FOREVER = """
    import os, time
    for _ in range(3):
        if os.fork() == 0: break
    while True:
        time.sleep(0.1)
"""


def test_a_supervisor_that_is_killed():
    """SIGKILL in mid-run: a sentence, and nobody of the submission lives on."""
    grader, answers = grading(FOUR_FOREVER, clock="real")
    supervisor, _, folder = until_it_runs(grader)
    os.kill(supervisor, signal.SIGKILL)
    assert said_by(grader, answers) == (
        f"{CANNOT}: The supervisor of the run was ended from outside (wait status 9). "
        "Nothing is known about the submission: grade it again."
    )
    until_nobody_lives_in(folder)
    assert not os.path.exists(folder)


def test_a_grader_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its supervisors go with it, and with them the submission. Its folder nobody can remove."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    grader, answers = grading(FOUR_FOREVER, clock="real")
    _, _, folder = until_it_runs(grader)
    os.kill(grader, signal.SIGKILL)
    said_by(grader, answers)
    until_nobody_lives_in(folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_submission_that_is_killed_from_outside(number: int):
    """As when the machine runs out of memory: the trace has a doubt, and decides nothing."""
    grader, answers = grading(FOREVER, clock="real")
    _, main, folder = until_it_runs(grader)
    os.kill(main, number)
    answer = said_by(grader, answers)
    told = (
        f"a process was killed from outside the run (signal {int(number)}), "
        "perhaps because the machine ran out of memory"
    )
    assert told in answer or "did not come to the submission" in answer
    assert living_in(folder) == []


def test_a_submission_that_is_stopped_and_continued_from_outside():
    """SIGSTOP and SIGCONT from outside hold it up, and change nothing."""
    grader, answers = grading("import time; time.sleep(0.2); print('done')", clock="real")
    _, main, _ = until_it_runs(grader)
    os.kill(main, signal.SIGSTOP)
    os.kill(main, signal.SIGCONT)
    assert said_by(grader, answers) == "finished ['done'] ()"


def test_many_gradings_at_once(exhaustive: bool):
    """Six at the same time, exhaustively sixteen, on however many processors: each sees its own
    second.
    """
    running = [grading(SECOND_OF_FIVE) for _ in range(16 if exhaustive else 6)]
    for answer in (said_by(*each) for each in running):
        outcome, seen, doubts = answer.split(" ", 2)
        assert (outcome, doubts) == ("finished", "()")
        assert just_past(float(seen.strip("[']")), 1, slack=0.25)


@pytest.mark.parametrize("kind", ["once", "warm"])
def test_a_runner_can_be_used_again(kind: str):
    """One run after another, each from a clean folder and a fresh clock."""
    source = """
        import os, time
        print(sorted(os.listdir()))
        open("left behind", "w").close()
        began = time.time()
        time.sleep(3)
        print(time.time() - began)
        """
    with WarmRunner() as warm:
        for _ in range(3):
            trace = run(plan_of(source)) if kind == "once" else warm([plan_of(source)])[0]
            assert trace.outcome is Outcome.FINISHED
            files, seen = output(trace)
            assert files == "['student.py']"
            assert just_past(float(seen), 3)


def test_a_warm_run_is_like_any_other(supervise: Supervise):
    """The same submission, from its beginning and as a copy of a template: the same story."""
    plan = plan_of(
        """
        import os, sys, threading, time
        from multiprocessing import Process, Queue

        def work(q):
            print("child", os.getppid(), threading.main_thread().ident == threading.get_ident())
            time.sleep(1)
            q.put(os.getpid())

        if __name__ == "__main__":
            print(os.getpid(), sys.argv, __name__, threading.active_count())
            q = Queue()
            p = Process(target=work, args=(q,), name="Anna")
            p.start()
            assert q.get() == p.pid
            p.join()
            print(time.process_time() < 5)
        """
    )
    cold = run(plan)
    with WarmRunner() as warm:
        copies = [*warm([plan, plan]), *warm([plan])]
    for trace in copies:
        kinds, cold_kinds = (sorted(event.kind for event in each.events) for each in (trace, cold))
        assert kinds == cold_kinds
        main, child = trace.processes
        assert output(trace) == [
            f"{main.pid} ['student.py'] __main__ 1",
            f"child {main.pid} True",
            "True",
        ]
        assert (child.name, child.variable, child.kernel_parent) == ("Anna", "p", 0)
        assert trace.doubts == ()


def test_numbers_seen_on_the_real_clock_are_real():
    """A sleep on the real clock is at least as long as it says."""
    trace = run(
        plan_of(
            "import time; t = time.time(); time.sleep(0.1); print(time.time() - t)", clock="real"
        )
    )
    assert numbers(trace)[0] >= 0.1
