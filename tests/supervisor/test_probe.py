"""What the probe tells of the student's own words, and that nobody notices it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.start import peer_environment
from grader.trace import Outcome, Printed, StartMethod
from grader.trace.questions import calls_of, children_of, code_end, process

from .conftest import Supervise
from .reading import child, output

NAMED = """
    from multiprocessing import Process

    class Worker(Process):
        def run(self):
            print("run")

    def work():
        print("work")

    if __name__ == "__main__":
        first = Process(target=work, name="Anna")
        second = Worker(name="陈松")
        first.daemon = True
        first.start()
        second.start()
        first.join()
        second.join()
"""


def test_names_variables_classes_and_daemons(
    supervise: Supervise, python: Path, start_method: StartMethod
):
    """A child is told by the student's own names, under every start method and interpreter."""
    trace = supervise(NAMED, python=python, start_method=start_method)
    assert trace.outcome is Outcome.FINISHED, output(trace)
    first, second = children_of(trace, 0)
    assert (first.name, first.variable, first.class_name, first.daemon) == (
        "Anna",
        "first",
        "Process",
        True,
    )
    assert (second.name, second.variable, second.class_name, second.daemon) == (
        "陈松",
        "second",
        "Worker",
        False,
    )
    lines = [each.started_at.line for each in (first, second) if each.started_at is not None]
    assert lines == [15, 16]
    assert [call.line.line for call in calls_of(trace, "join", by=0) if call.line] == [17, 18]


def test_calls_before_the_start(supervise: Supervise):
    """run() in place of start() is a call without a process."""
    trace = supervise(
        """
        from multiprocessing import Process
        p = Process(target=print, args=("hi",))
        p.run()
        """
    )
    (call,) = calls_of(trace, "run")
    assert (call.by, call.target, call.name) == (0, None, "Process-1")
    assert len(trace.processes) == 1


def test_the_end_of_the_code(supervise: Supervise, python: Path, start_method: StartMethod):
    """The code of main and of each child ends before its shutdown begins."""
    trace = supervise(NAMED, python=python, start_method=start_method)
    for number in (0, *(each.number for each in children_of(trace, 0))):
        over = code_end(trace, number)
        assert over is not None
        ended = process(trace, number).ended
        assert ended is not None
        assert over.at <= ended


def test_exit_functions_run_in_the_order_of_plain_python(supervise: Supervise):
    """The last one registered is the first: multiprocessing's own comes when it is first needed.
    What was registered after it belongs to the code, and what runs after it does not.
    """
    trace = supervise(
        """
        import atexit
        atexit.register(print, "last")
        from multiprocessing import Process
        atexit.register(print, "before multiprocessing's shutdown was registered")
        Process(target=print, args=("child",)).start()
        atexit.register(print, "first")
        """
    )
    over = code_end(trace, 0)
    assert over is not None
    said = [each for each in trace.events if isinstance(each, Printed) and each.by == 0]
    assert [each.text for each in said if each.at < over.at] == ["first"]
    assert [each.text for each in said if each.at > over.at] == [
        "before multiprocessing's shutdown was registered",
        "last",
    ]


def test_the_version_of_the_interpreter(supervise: Supervise, python: Path):
    """The trace says which Python it was."""
    trace = supervise("import sys; print('.'.join(map(str, sys.version_info[:3])))", python=python)
    assert [trace.python] == output(trace)


@pytest.mark.parametrize(
    "mistake",
    [
        "p.join()",
        "p.start(); p.start()",
        "p.terminate()",
        "Process(work)",
        "p.daemon = 1; p.is_alive()",
    ],
)
def test_tracebacks_hold_no_frame_of_ours(supervise: Supervise, python: Path, mistake: str):
    """What a student reads is what Python says without the grader."""
    source = f"""
        from multiprocessing import Process
        def work(): pass
        p = Process(target=work)
        {mistake}
        print("end")
    """
    trace = supervise(source, python=python)
    assert not any("sitecustomize" in text or "probe" in text for text in output(trace))


def test_a_childs_traceback_holds_none_either(supervise: Supervise, start_method: StartMethod):
    """Nor does a traceback of run(), of whichever process."""
    trace = supervise(
        """
        from multiprocessing import Process
        class Worker(Process):
            def run(self):
                raise ValueError("x")
        if __name__ == "__main__":
            w = Worker()
            w.start()
            w.join()
        """,
        start_method=start_method,
    )
    text = "\n".join(output(trace))
    assert "ValueError: x" in text
    assert "sitecustomize" not in text
    assert "grader" not in text


LOOKS_AROUND = """
    import os, sys
    import multiprocessing as mp

    def look():
        print(sorted(sys.modules))
        print(sys.path, sys.flags, sys.argv, [type(each) for each in sys.meta_path])
        print(sorted(os.environ.items()))
        print([name for name in sorted(os.listdir()) if not name.startswith("pymp-")])

    if __name__ == "__main__":
        look()
        for method in ("fork", "spawn", "forkserver"):
            p = mp.get_context(method).Process(target=look)
            p.start()
            p.join()
"""


def plain_run(python: Path, script: Path) -> list[str]:
    """The lines that a script prints where nobody watches it."""
    answer = subprocess.run(
        [python, script.name],
        cwd=script.parent,
        env=peer_environment(str(script.parent)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return answer.stdout.splitlines()


def test_a_script_finds_what_it_finds_without_the_grader(
    supervise: Supervise, python: Path, tmp_path: Path
):
    """Modules, module path, flags, environment and folder: main and its children, under every
    start method, see what ``python student.py`` shows them.
    """
    seen = output(supervise(LOOKS_AROUND, python=python))
    folder = ast.literal_eval(seen[1].partition("]")[0] + "]")[0]
    plain = plain_run(python, tmp_path / "student.py")
    assert seen == [line.replace(str(tmp_path), folder) for line in plain]


@pytest.mark.parametrize("name", ["math", "signal", "array", "queue", "abc", "__future__"])
def test_a_module_called_like_one_of_the_librarys(
    supervise: Supervise, python: Path, tmp_path: Path, name: str
):
    """One beside the script is found wherever Python finds it, and the library's where not."""
    trace = supervise(
        f"""
        from multiprocessing import Process
        import {name}
        print(getattr({name}, "mine", None))
        """,
        beside={f"{name}.py": "mine = 'mine'"},
        python=python,
    )
    assert output(trace) == plain_run(python, tmp_path / "student.py")


@pytest.mark.parametrize("name", ["socket", "multiprocessing", "random", "threading"])
def test_a_script_called_like_a_module_of_the_librarys(
    supervise: Supervise, python: Path, tmp_path: Path, name: str
):
    """The library imports the script in place of its own module, as it does everywhere."""
    source = """
        import random
        from multiprocessing import Process

        if __name__ == "__main__":
            p = Process(target=print, args=("child",))
            p.start()
            p.join()
    """
    trace = supervise(source, script=f"{name}.py", python=python)
    assert output(trace)[-1] == plain_run(python, tmp_path / f"{name}.py")[-1].replace(
        f"{tmp_path}/", ""
    )


def test_no_variable_of_the_graders_own_is_passed_on(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch
):
    """What the grader was started with stays with it."""
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    trace = supervise("import os; print('SECRET' in os.environ, 'PYTHONUNBUFFERED' in os.environ)")
    assert output(trace) == ["False False"]


def test_the_submissions_folder_holds_its_own_files_only(supervise: Supervise):
    """The script and the modules that it imports; no file is left open for it."""
    trace = supervise(
        """
        import os, beside
        print(sorted(os.listdir()), beside.__file__)
        try: print(sorted(os.listdir("..")))
        except PermissionError: print("closed")
        print(sorted(map(int, os.listdir("/proc/self/fd")))[:3])
        """,
        beside={"beside.py": "", "other.py": "", "notes.txt": "x"},
    )
    own = "['__pycache__', 'beside.py', 'student.py']"
    files, around, descriptors = output(trace)
    assert files == f"{own} beside.py"
    assert around in ("['submission']", "closed")
    assert descriptors == "[0, 1, 2]"


def test_a_submission_that_has_a_sitecustomize(supervise: Supervise):
    """One beside the script is no sitecustomize to Python, and stays the module that it is."""
    trace = supervise(
        """
        import sitecustomize
        print(sitecustomize.__name__)
        """,
        beside={"sitecustomize.py": "print('mine')"},
    )
    assert output(trace)[-1] == "sitecustomize"


def test_a_shadowed_sitecustomize_is_run(
    supervise: Supervise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An interpreter's own sitecustomize runs as it would without the probe. (Debian's own comes
    before that of a virtual environment.)
    """
    import venv

    place = tmp_path / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (place / "lib" / version / "site-packages" / "sitecustomize.py").write_text("print('site')")
    python = place / "bin" / "python"
    plain = subprocess.run([python, "-c", "print('script')"], capture_output=True, text=True)
    assert output(supervise("print('script')", python=python)) == plain.stdout.split()


@pytest.mark.parametrize(
    "deed",
    [
        "os.closerange(3, 65536)",
        "[os.close(fd) for fd in range(3, 100) if os.path.exists(f'/proc/self/fd/{fd}')]",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))",
        "os.chdir('/')",
        "os.environ.clear()",
        "sys.modules.pop('sitecustomize', None)",
        "importlib.reload(sys)",
    ],
)
def test_nothing_that_a_student_does_breaks_it(supervise: Supervise, deed: str):
    """Closing, clearing and moving leave the probe at work."""
    trace = supervise(
        f"""
        import importlib, os, resource, sys
        from multiprocessing import Process
        {deed}
        p = Process(target=os.getpid, name="still seen")
        p.start()
        p.join()
        """
    )
    assert trace.outcome is Outcome.FINISHED, output(trace)
    assert child(trace).name == "still seen"


def test_a_student_sets_the_start_method(supervise: Supervise):
    """The exercise's start method is a default, not an order."""
    trace = supervise(
        """
        import multiprocessing as mp
        if __name__ == "__main__":
            print(mp.get_start_method(allow_none=True))
            mp.set_start_method("spawn")
            p = mp.Process(target=print, args=("hi",))
            p.start()
            p.join()
        """,
        start_method=StartMethod.FORKSERVER,
    )
    assert child(trace).start_method is StartMethod.SPAWN
    assert output(trace, child(trace).number) == ["hi"]


def test_the_exercises_start_method_is_the_default(
    supervise: Supervise, python: Path, start_method: StartMethod
):
    """Also forkserver, which is the default from 3.14, on older interpreters."""
    trace = supervise(
        """
        import multiprocessing as mp
        if __name__ == "__main__":
            print(mp.get_start_method(), mp.get_context().get_start_method())
        """,
        python=python,
        start_method=start_method,
    )
    assert output(trace) == [f"{start_method.value} {start_method.value}"]


def test_a_context_of_ones_own(supervise: Supervise):
    """get_context() works whatever the default."""
    trace = supervise(
        """
        import multiprocessing as mp
        if __name__ == "__main__":
            for method in ("fork", "spawn", "forkserver"):
                p = mp.get_context(method).Process(target=abs, args=(1,), name=method)
                p.start()
                p.join()
        """
    )
    assert [(each.name, each.start_method) for each in children_of(trace, 0)] == [
        ("fork", StartMethod.FORK),
        ("spawn", StartMethod.SPAWN),
        ("forkserver", StartMethod.FORKSERVER),
    ]


def test_a_liar_changes_hints_only(supervise: Supervise):
    """Forged reports cannot change who there was, how they ended or what they printed."""
    trace = supervise(
        r"""
        import os, time
        def lie(**fields):
            parts = ["grader-probe", *(f"{k}={v}" for k, v in fields.items())]
            try: os.write(0x7FFFFFFF, "\x1f".join(parts).encode())
            except OSError: pass
        pid = os.fork()
        if pid == 0:
            time.sleep(1)
            os._exit(4)
        for function in ("start", "join", "terminate", "kill", "ready", "code-ended", "nonsense"):
            lie(function=function, pid=pid, name="Anna", file="student.py", line=3, python="9.9.9")
            lie(function=function, pid=999999, sentinel=0, line="x", daemon=7, opcodes="many")
        os.wait()
        print("main")
        """
    )
    assert trace.processes[0].pid != 999999
    assert len(trace.processes) == 2
    assert (process(trace, 1).exit_status, process(trace, 1).signal) == (4, None)
    assert output(trace) == ["main"]
    assert trace.python == ".".join(map(str, sys.version_info[:3]))


def test_garbage_on_the_probes_descriptor_is_ignored(supervise: Supervise):
    """Whatever is written there fails harmlessly, as a write to a closed descriptor does."""
    trace = supervise(
        """
        import ctypes, os
        magic = b"grader-probe"
        for data in (b"", b"x", bytes(5000), magic, (magic + b"\\x1f") * 9, b"\\xff" * 99):
            try: os.write(0x7FFFFFFF, data)
            except OSError as error: print(error.errno, end=" ")
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.write(0x7FFFFFFF, ctypes.c_void_p(8), 100), ctypes.get_errno())
        """
    )
    assert output(trace) == ["9 9 9 9 9 9 -1 9"]


def test_without_a_supervisor_the_probe_does_nothing(tmp_path: Path):
    """Its folder on the path of an ordinary interpreter changes nothing that is seen."""
    from grader.supervisor.programs import PROBE

    script = tmp_path / "student.py"
    script.write_text(
        "from multiprocessing import Process\n"
        "if __name__ == '__main__':\n"
        "    p = Process(target=print, args=('child',))\n"
        "    p.start()\n    p.join()\n    print('main')\n"
    )
    answer = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(PROBE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "child\nmain\n", "")
