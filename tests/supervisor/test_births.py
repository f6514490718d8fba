"""Who created whom, under every start method."""

from __future__ import annotations

import pytest

from grader.supervisor.stops import multiprocessing_program
from grader.trace import Began, Outcome, Role, Started, StartMethod, Trace
from grader.trace.questions import children_of, process

from .conftest import Supervise
from .reading import child, having, only, output

pytestmark = pytest.mark.usefixtures("any_isolation")

FAMILY = """
    import os
    from multiprocessing import Process

    def work(depth):
        print(depth, os.getpid(), os.getppid(), flush=True)
        if depth < 2:
            p = Process(target=work, args=(depth + 1,))
            p.start()
            p.join()

    if __name__ == "__main__":
        print("main", os.getpid(), flush=True)
        work(1)
"""


def pids(trace: Trace) -> dict[str, list[int]]:
    """First word of each line -> the numbers after it."""
    return {
        first: [int(word) for word in rest]
        for first, *rest in (text.split() for text in output(trace))
    }


def test_processes_carry_the_pids_that_they_print(supervise: Supervise, start_method: StartMethod):
    """A process has the pid, and its parent's, that it prints itself."""
    trace = supervise(FAMILY, start_method=start_method)
    said = pids(trace)
    assert said["main"] == [trace.processes[0].pid]
    assert said["2"] == [child(trace).pid, child(trace).parent_pid]


def test_the_pid_of_a_child_cannot_be_worked_out(supervise: Supervise):
    """Pids are skipped before each process: none is that of another one plus one."""
    trace = supervise(
        """
        import os

        for _ in range(4):
            if os.fork() == 0:
                os._exit(0)
            os.wait()
        """
    )
    numbers = [each.pid for each in trace.processes if each.role is not Role.HELPER]
    assert len(numbers) == 5
    assert all(number + 1 not in numbers for number in numbers)


def test_a_child_is_that_of_the_process_which_asked_for_it(
    supervise: Supervise, start_method: StartMethod
):
    """Under every start method the creator is who called start()."""
    trace = supervise(
        """
        from multiprocessing import Process

        def inner():
            print("inner", flush=True)

        def outer():
            p = Process(target=inner)
            p.start()
            p.join()

        if __name__ == "__main__":
            p = Process(target=outer)
            p.start()
            p.join()
        """,
        start_method=start_method,
    )
    (outer,) = children_of(trace, 0)
    (inner,) = children_of(trace, outer.number)
    assert [each.start_method for each in (outer, inner)] == [start_method] * 2
    assert output(trace, inner.number) == ["inner"]


def test_under_fork_the_kernel_parent_is_the_creator(supervise: Supervise):
    """fork: the kernel's parent and the creator are the same."""
    trace = supervise(FAMILY, start_method=StartMethod.FORK)
    assert child(trace).kernel_parent == 0
    assert child(trace).parent_pid == trace.processes[0].pid
    assert all(each.role is not Role.HELPER for each in trace.processes)


def test_under_forkserver_the_kernel_parent_is_the_server(supervise: Supervise):
    """forkserver: the server is the kernel's parent, and nobody's child itself."""
    trace = supervise(FAMILY, start_method=StartMethod.FORKSERVER)
    assert child(trace).kernel_parent is not None
    server = process(trace, child(trace).kernel_parent)
    assert (server.role, server.creator) == (Role.HELPER, None)
    assert "multiprocessing.forkserver" in " ".join(server.command)
    assert child(trace).parent_pid == server.pid


@pytest.mark.parametrize("method", [StartMethod.SPAWN, StartMethod.FORKSERVER])
def test_helpers_are_marked_and_nobody_started_them(supervise: Supervise, method: StartMethod):
    """The resource tracker is a helper: no start, no creator, no name."""
    trace = supervise(FAMILY, start_method=method)
    helpers = [each for each in trace.processes if each.role is Role.HELPER]
    assert any("resource_tracker" in " ".join(each.command) for each in helpers)
    for helper in helpers:
        assert (helper.creator, helper.name, helper.start_method) == (None, None, None)
        assert having(trace, Started, child=helper.number) == ()


def test_two_processes_that_ask_the_fork_server_each_get_their_own(supervise: Supervise):
    """Requests that reach one fork server from several processes are told apart."""
    trace = supervise(
        """
        import os
        from multiprocessing import Process

        def leaf(parent):
            print("leaf of", parent, flush=True)

        def branch():
            p = Process(target=leaf, args=(os.getpid(),))
            p.start()
            p.join()

        if __name__ == "__main__":
            branches = [Process(target=branch) for _ in range(3)]
            for p in branches:
                p.start()
            for p in branches:
                p.join()
        """,
        start_method=StartMethod.FORKSERVER,
    )
    branches = children_of(trace, 0)
    assert len(branches) == 3
    for branch in branches:
        (leaf,) = children_of(trace, branch.number)
        assert output(trace, leaf.number) == [f"leaf of {branch.pid}"]


def test_processes_are_numbered_in_the_order_of_their_birth(supervise: Supervise):
    """Main is 0; the children follow as they were started."""
    trace = supervise(
        """
        from multiprocessing import Process

        if __name__ == "__main__":
            for name in "abc":
                Process(target=print, args=(name,), name=name).start()
        """
    )
    assert [each.number for each in trace.processes] == [0, 1, 2, 3]
    assert [each.name for each in children_of(trace, 0)] == ["a", "b", "c"]
    starts = [each.started for each in trace.processes]
    assert starts == sorted(starts)


def test_a_birth_comes_before_the_first_instruction(supervise: Supervise):
    """`started` is the creator's call, `began` the child's first instruction."""
    trace = supervise(FAMILY)
    started = only(trace, Started, child=1)
    began = only(trace, Began, by=1)
    assert trace.events.index(started) < trace.events.index(began)
    assert child(trace).started == started.at
    assert child(trace).began == began.at


def test_a_bare_fork_makes_a_child(supervise: Supervise):
    """os.fork() without multiprocessing is a birth as well."""
    trace = supervise(
        """
        import os
        if os.fork() == 0:
            print("child", flush=True)
            os._exit(7)
        os.wait()
        """
    )
    assert (child(trace).start_method, child(trace).exit_status) == (StartMethod.FORK, 7)
    assert child(trace).name is None


def test_another_program_is_a_subprocess(supervise: Supervise):
    """Fork and exec of anything else is told apart from a Process."""
    trace = supervise(
        """
        import subprocess
        subprocess.run(["sh", "-c", "true"])
        """
    )
    assert child(trace).start_method is StartMethod.SUBPROCESS
    assert child(trace).command == ("sh", "-c", "true")
    assert children_of(trace, 0) == ()


def test_the_workers_of_a_pool_are_its_makers_children(
    supervise: Supervise, start_method: StartMethod
):
    """Pool starts its workers in main, from a thread of its own where one is replaced."""
    trace = supervise(
        """
        from multiprocessing import Pool

        def square(x):
            return x * x

        if __name__ == "__main__":
            with Pool(2, maxtasksperchild=1) as pool:
                print(pool.map(square, range(4), chunksize=1))
        """,
        start_method=start_method,
    )
    assert output(trace) == ["[0, 1, 4, 9]"]
    workers = children_of(trace, 0)
    assert len(workers) >= 4
    assert {each.start_method for each in workers} == {start_method}


def test_a_child_started_in_a_thread_is_the_processs(supervise: Supervise):
    """Threads have no children: their process has."""
    trace = supervise(
        """
        import threading
        from multiprocessing import Process

        def start():
            p = Process(target=print, args=("hi",))
            p.start()
            p.join()

        if __name__ == "__main__":
            t = threading.Thread(target=start)
            t.start()
            t.join()
        """
    )
    assert [each.creator for each in trace.processes] == [None, 0]
    assert output(trace, 1) == ["hi"]


def test_an_orphan_keeps_its_creator(supervise: Supervise):
    """Whoever created a process did so, even when dead before the child's first word."""
    trace = supervise(
        """
        import os, time
        if os.fork() == 0:
            if os.fork() == 0:
                time.sleep(1)
                print("orphan", flush=True)
            os._exit(0)
        os.wait()
        time.sleep(2)
        """
    )
    assert [each.creator for each in trace.processes] == [None, 0, 1]
    assert output(trace, 2) == ["orphan"]


def test_a_child_of_vfork_is_a_child(supervise: Supervise):
    """Subprocess vforks where it can: the parent stands still until the exec, and nothing hangs."""
    trace = supervise(
        """
        import subprocess
        for word in ("one", "two"):
            print(subprocess.check_output(["echo", word], close_fds=False).decode().strip())
        """
    )
    assert output(trace) == ["one", "two"]
    assert [each.command for each in trace.processes[1:]] == [("echo", "one"), ("echo", "two")]


@pytest.mark.parametrize(
    ("code", "program"),
    [
        ("from multiprocessing.forkserver import main; main(5, 6, [], **{})", "forkserver"),
        (
            "import sys; from multiprocessing.forkserver import main; "
            "main(5, 6, ['__main__'], sys_argv=sys.argv[1:], **{'authkey_r': 8})",
            "forkserver",
        ),
        ("from multiprocessing.resource_tracker import main;main(4)", "resource_tracker"),
        ("from multiprocessing.spawn import spawn_main; spawn_main(pipe_handle=7)", "spawn"),
        ("import sys; print('from multiprocessing.forkserver import main')", None),
        ("from multiprocessing.forkserver import ensure_running; main = 1", None),
    ],
)
def test_the_programs_of_multiprocessing_are_known_by_their_beginning(
    code: str, program: str | None
) -> None:
    """The fork server's begins differently from Python 3.14.8 on."""
    assert multiprocessing_program(["python", "-I", "-c", code]) == program


AMID_BIRTHS = {
    "killed": "churn()",
    "by itself": "time.sleep(0.001); os._exit(0)",
    "by another program": "time.sleep(0.001); os.execv('/bin/true', ['true'])",
}


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(how, marks=[pytest.mark.exhaustive] if how != "killed" else [])
        for how in AMID_BIRTHS
    ],
)
def test_a_process_that_ends_amid_births_of_threads(supervise: Supervise, how: str):
    """It ends at once, also with threads of which it could not tell any more."""
    trace = supervise(
        f"""
        import _thread, os, signal, time

        def churn():
            while True:
                try: _thread.start_new_thread(int, ())
                except RuntimeError: pass

        for round in range(10):
            pid = os.fork()
            if pid == 0:
                for _ in range(3): _thread.start_new_thread(churn, ())
                {AMID_BIRTHS[how]}
            if {how == "killed"}:
                time.sleep(round / 3000)
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        """
    )
    assert trace.outcome is Outcome.FINISHED
    assert trace.doubts == ()
    assert len(trace.processes) == 11
