"""Threads, and programs that processes turn into."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.trace import Ended, Outcome, Printed, StartMethod
from grader.trace.questions import process

from .conftest import Supervise
from .reading import having, just_past, numbers, output


def test_exec_keeps_the_process(supervise: Supervise):
    """A process that executes a program stays who it is."""
    trace = supervise(
        """
        import os
        print(os.getpid(), flush=True)
        os.execv("/bin/sh", ["sh", "-c", "echo $$"])
        """
    )
    before, after = output(trace, 0)
    assert before == after
    assert len(trace.processes) == 1
    assert trace.processes[0].command == ("sh", "-c", "echo $$")


def test_exec_from_a_thread(supervise: Supervise):
    """A thread's exec takes the whole process over: its other threads are gone."""
    trace = supervise(
        """
        import os, threading, time
        def work():
            time.sleep(1)
            os.execv("/bin/sh", ["sh", "-c", "echo $$; sleep 1; echo end"])
        threading.Thread(target=work).start()
        print(os.getpid(), flush=True)
        time.sleep(60)
        """
    )
    before, after, end = output(trace, 0)
    assert before == after
    assert end == "end"
    assert just_past(trace.duration / 1e9, 2, slack=0.3)
    assert trace.outcome is Outcome.FINISHED


def test_exec_from_a_thread_of_a_child(supervise: Supervise):
    """The parent still waits for the same child."""
    trace = supervise(
        """
        import os, threading, time
        pid = os.fork()
        if pid == 0:
            threading.Thread(target=lambda: os.execv("/bin/sh", ["sh", "-c", "exit 5"])).start()
            time.sleep(60)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """
    )
    assert output(trace) == ["5"]
    assert process(trace, 1).exit_status == 5


def test_a_python_that_is_started_by_a_shell_that_python_started(supervise: Supervise):
    """The clock and the eyes of the supervisor go along through every exec."""
    trace = supervise(
        f"""
        import subprocess
        inner = "import os,time; t=time.time(); time.sleep(2); print(time.time()-t, os.getppid())"
        subprocess.run(["sh", "-c", f'"{sys.executable}" -c "{{inner}}"; true'])
        """
    )
    (line,) = having(trace, Printed)
    seen, parent = line.text.split()
    assert just_past(float(seen), 2)
    assert int(parent) == process(trace, 1).pid
    assert [each.creator for each in trace.processes] == [None, 0, 1]
    assert process(trace, 2).start_method is StartMethod.SUBPROCESS


def test_an_exec_that_fails(supervise: Supervise):
    """A program that is not there is an error as anywhere, also through vfork."""
    trace = supervise(
        """
        import os, subprocess
        try: os.execv("/no/such", ["x"])
        except OSError as error: print(error.strerror)
        try: subprocess.run(["/no/such"])
        except OSError as error: print(error.strerror)
        print("goes on")
        """
    )
    assert output(trace) == ["No such file or directory"] * 2 + ["goes on"]


def test_vfork_that_ends_without_an_exec(supervise: Supervise):
    """The parent goes on when the child ends."""
    trace = supervise(
        """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.system(b"exit 3")
        print("goes on")
        """
    )
    assert output(trace) == ["goes on"]


def test_os_system_and_popen(supervise: Supervise):
    """The old ways of running a program work."""
    trace = supervise(
        """
        import os
        print(os.waitstatus_to_exitcode(os.system("exit 3")))
        print(os.popen("echo hi").read().strip())
        print(os.waitstatus_to_exitcode(os.spawnlp(os.P_WAIT, "true", "true")))
        """
    )
    assert output(trace) == ["3", "hi", "0"]


def test_a_pipeline(supervise: Supervise):
    """Several programs joined by pipes, all of them seen."""
    trace = supervise("import os; os.system('seq 5 | sort -r | head -1')")
    assert output(trace) == ["5"]
    assert {each.command[0] for each in trace.processes[1:]} >= {"seq", "sort", "head"}


def test_threads_work_in_parallel(supervise: Supervise):
    """Twenty threads that sleep a second are done after one."""
    trace = supervise(
        """
        import threading, time
        began = time.monotonic()
        threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(20)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(time.monotonic() - began)
        """
    )
    assert just_past(numbers(trace)[0], 1, slack=0.15)
    assert len(trace.processes) == 1


def test_computing_threads_share_the_interpreter(supervise: Supervise):
    """Threads that hand the interpreter to one another get on, and others' sleeps end in time."""
    trace = supervise(
        """
        import threading, time
        def work():
            for _ in range(300_000): pass
        threads = [threading.Thread(target=work) for _ in range(4)]
        began = time.monotonic()
        for t in threads: t.start()
        time.sleep(1)
        print(time.monotonic() - began)
        for t in threads: t.join()
        """
    )
    assert just_past(numbers(trace)[0], 1, slack=0.2)


def test_a_thread_prints_as_its_process(supervise: Supervise):
    """Lines of threads are their process's."""
    trace = supervise(
        """
        import threading
        threads = [threading.Thread(target=print, args=(n,)) for n in range(5)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    assert sorted(output(trace, 0)) == list("01234")


def test_main_ends_while_a_thread_goes_on(supervise: Supervise):
    """Python waits for its threads, daemon threads are cut off."""
    trace = supervise(
        """
        import threading, time
        def work(name):
            time.sleep(2)
            print(name)
        threading.Thread(target=work, args=("thread",)).start()
        threading.Thread(target=work, args=("daemon",), daemon=True).start()
        print("main")
        """
    )
    assert output(trace)[:2] in (["main", "thread"], ["main", "daemon"])
    assert just_past(trace.duration / 1e9, 2, slack=0.2)


def test_the_first_thread_may_end_before_the_others(supervise: Supervise):
    """pthread_exit in the first thread leaves the process to its others."""
    trace = supervise(
        """
        import ctypes, os, threading, time
        def work():
            time.sleep(1)
            os.write(1, b"alone\\n")
            os._exit(6)
        threading.Thread(target=work).start()
        ctypes.CDLL(None).syscall(60, 0)
        """
    )
    assert output(trace) == ["alone"]
    assert process(trace, 0).exit_status == 6


def test_exits(supervise: Supervise):
    """Every way to end has its status."""
    trace = supervise(
        """
        import os, sys, signal
        def fork(work):
            if os.fork() == 0:
                work()
                os._exit(0)
            os.wait()
        fork(lambda: os._exit(255))
        fork(lambda: os._exit(256))
        fork(lambda: os.kill(os.getpid(), signal.SIGUSR1))
        fork(lambda: os.abort())
        sys.exit("last words")
        """
    )
    ends = [(each.exit_status, each.signal) for each in trace.processes]
    assert ends == [(1, None), (255, None), (0, None), (None, 10), (None, 6)]
    assert [(end.by, end.sender) for end in having(trace, Ended) if end.signal] == [(3, 3), (4, 4)]
    assert output(trace) == ["last words"]
    assert trace.outcome is Outcome.FINISHED


def test_what_is_a_crash(supervise: Supervise):
    """An uncaught exception, a syntax error, a missing import; an exit status of its own is not."""
    for source, outcome, last in (
        ("1 / 0", Outcome.CRASHED, "ZeroDivisionError: division by zero"),
        ("print('a'\nx=", Outcome.CRASHED, "SyntaxError: '(' was never closed"),
        ("import nosuch", Outcome.CRASHED, "ModuleNotFoundError: No module named 'nosuch'"),
        ("import sys; print('x'); sys.exit(3)", Outcome.FINISHED, "x"),
    ):
        trace = supervise(source)
        assert (trace.outcome, output(trace)[-1]) == (outcome, last)


def test_modules_beside_the_script(supervise: Supervise, start_method: StartMethod):
    """What the script imports comes along, into spawned children too."""
    trace = supervise(
        """
        from multiprocessing import Process
        from package.inner import work
        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            p.join()
        """,
        start_method=start_method,
        beside={},
    )
    assert "ModuleNotFoundError: No module named 'package'" in output(trace)
    trace = supervise(
        """
        from multiprocessing import Process
        from beside import work
        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            p.join()
        """,
        start_method=start_method,
        beside={"beside.py": "def work(): print('beside')"},
    )
    assert output(trace) == ["beside"]


def test_names_of_scripts(supervise: Supervise):
    """Spaces and Chinese letters in a script's name are letters like any other."""
    trace = supervise("import sys; print(sys.argv[0])", script="我的 script.py")
    assert output(trace) == ["我的 script.py"]


def test_every_interpreter_runs_everything(supervise: Supervise, python: Path):
    """A queue, an event, a pool, a manager and a subprocess, under each interpreter."""
    trace = supervise(
        """
        import queue, subprocess, time
        from multiprocessing import Event, Manager, Pool, Process, Queue

        def work(q, e):
            e.wait(5)
            time.sleep(1)
            q.put("x" * 100_000)

        def nap(x):
            time.sleep(1)
            return x

        if __name__ == "__main__":
            began = time.monotonic()
            q, e = Queue(), Event()
            p = Process(target=work, args=(q, e))
            p.start()
            e.set()
            print(len(q.get(timeout=10)))
            p.join()
            try: q.get(timeout=1)
            except queue.Empty: print("empty")
            with Pool(3) as pool: print(pool.map(nap, range(3), chunksize=1))
            with Manager() as manager: print(list(manager.list([1, 2])))
            print(subprocess.run(["sleep", "1"]).returncode)
            print(4 < time.monotonic() - began < 6)
        """,
        python=python,
    )
    assert output(trace) == ["100000", "empty", "[0, 1, 2]", "[1, 2]", "0", "True"]
    assert trace.outcome is Outcome.FINISHED
