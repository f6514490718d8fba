"""What a submission may not do: reach out of its run, or out of the supervisor's sight."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from grader.trace import Outcome

from .conftest import Supervise
from .reading import output

CALL = """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    def call(function, *arguments):
        ctypes.set_errno(0)
        result = function(*arguments)
        print(result if result >= 0 else os.strerror(ctypes.get_errno()))
"""

REFUSED = {
    "ptrace": "libc.ptrace, 0, 0, 0, 0",
    "ptrace of itself by number": "libc.syscall, 101, 16, os.getpid(), 0, 0",
    "unshare": "libc.unshare, 0x10000000",
    "setns": "libc.setns, 0, 0",
    "mount": "libc.mount, b'none', b'/', None, 0, None",
    "personality": "libc.personality, 0x0040000",
    "settimeofday": "libc.settimeofday, (ctypes.c_long * 2)(0, 0), None",
    "clock_settime": "libc.clock_settime, 0, (ctypes.c_long * 2)(0, 0)",
    "a timer behind the clock's back": "libc.timer_create, 1, None, (ctypes.c_int * 1)()",
    "sethostname": "libc.sethostname, b'x', 1",
    "another's memory": "libc.process_vm_readv, os.getppid(), None, 0, None, 0, 0",
    "kernel modules": "libc.init_module, None, 0, b''",
    "signals of descriptors": "libc.fcntl, 0, 8, os.getppid()",
    "a filter of one's own": "libc.prctl, 22, 1, 0, 0, 0",
    "a tracer of one's own": "libc.prctl, 0x59616d61, -1, 0, 0, 0",
    "reboot": "libc.reboot, 0",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(supervise: Supervise, kind: str):
    """The call fails with EPERM, and the run goes on."""
    trace = supervise(f"{CALL}    call({REFUSED[kind]})\n    print('goes on')")
    assert output(trace) == ["Operation not permitted", "goes on"]
    assert trace.outcome is Outcome.FINISHED


@pytest.mark.parametrize(
    ("name", "number"), [("clone3", 435), ("io_uring_setup", 425), ("seccomp", 317)]
)
def test_absent(supervise: Supervise, name: str, number: int):
    """Calls that a filter cannot look into do not exist: the C library does without."""
    trace = supervise(f"{CALL}    call(libc.syscall, {number}, 0, 0, 0)")
    assert output(trace) == ["Function not implemented"]


def test_an_untraced_clone_is_refused(supervise: Supervise):
    """CLONE_UNTRACED and new namespaces would hide a process."""
    trace = supervise(
        f"{CALL}    for flags in (0x00800000, 0x20000000, 0x10000000, 0x40000000):\n"
        "        call(libc.syscall, 56, flags | 17, 0, 0, 0, 0)"
    )
    assert output(trace) == ["Operation not permitted"] * 4
    assert len(trace.processes) == 1


def test_being_undumpable_changes_nothing(supervise: Supervise):
    """PR_SET_DUMPABLE seems to work, and the supervisor still sees everything."""
    trace = supervise(
        f"{CALL}    call(libc.prctl, 4, 0, 0, 0, 0)\n"
        "    import time\n    time.sleep(1)\n    print('seen')"
    )
    assert output(trace) == ["0", "seen"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, 0])
def test_the_grader_cannot_be_signalled(supervise: Supervise, number: int):
    """Main's parent is the supervisor, and out of reach (in a house of its own, not there)."""
    trace = supervise(
        f"""
        import os
        try: os.kill(os.getppid(), {int(number)})
        except OSError as error: print(error)
        """,
        isolation="basic",
    )
    assert output(trace) == ["[Errno 1] Operation not permitted"]
    assert trace.outcome is Outcome.FINISHED


def test_nobody_outside_can_be_signalled(supervise: Supervise):
    """Neither by pid, nor by thread, nor by a descriptor, nor by a group."""
    bystander = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    try:
        trace = supervise(
            f"""
            import ctypes, os, signal
            libc = ctypes.CDLL(None, use_errno=True)
            pid = {bystander.pid}
            for deed in (
                lambda: os.kill(pid, 9),
                lambda: os.killpg(pid, 9),
                lambda: os.kill(-pid, 9),
                lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 9),
                lambda: os.kill(1, 9),
            ):
                try: deed()
                except OSError as error: print(error.strerror)
            for arguments in ((234, pid, pid, 9), (200, pid, 9)):
                print(libc.syscall(*arguments), os.strerror(ctypes.get_errno()))
            """
        )
        assert len(output(trace)) == 7
        assert set(output(trace)[:5]) <= {"Operation not permitted", "No such process"}
        assert output(trace)[5:] == ["-1 No such process"] * 2
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_pid_that_was_used_once_is_nobody(supervise: Supervise):
    """A child that was collected cannot be signalled any more, whoever has its pid now."""
    trace = supervise(
        """
        import os
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
        try: os.kill(pid, 0)
        except OSError as error: print(error)
        """
    )
    assert output(trace) == ["[Errno 3] No such process"]


def test_privileges_cannot_be_gained(supervise: Supervise):
    """Programs that run as their owner do not (PR_SET_NO_NEW_PRIVS)."""
    trace = supervise(
        """
        print(next(line for line in open("/proc/self/status") if line.startswith("NoNewPrivs")))
        """
    )
    assert output(trace)[0] == "NoNewPrivs:\t1"


def test_there_is_no_network(supervise: Supervise):
    """What leads out of the machine is not there; its own loopback is."""
    from grader.sandbox import has_private_networks

    trace = supervise(
        """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(server.getsockname())
        print("loopback")
        try: socket.create_connection(("192.0.2.1", 80), timeout=1)
        except OSError as error: print(type(error).__name__)
        """
    )
    assert output(trace)[0] == "loopback"
    assert ("network" in trace.isolated) == has_private_networks()


def test_a_port_of_the_machine_is_free_for_a_submission(supervise: Supervise):
    """Two runs that serve the same port do not meet, where networks are private."""
    from grader.sandbox import has_private_networks

    if not has_private_networks():
        source = "print('bound')"  # they take turns at the exercise's ports instead
        assert output(supervise(source)) == ["bound"]
        return
    import socket

    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        trace = supervise(
            f"import socket; socket.create_server(('127.0.0.1', {port})); print('bound')"
        )
    assert output(trace) == ["bound"]


def test_processors_look_as_they_are(supervise: Supervise):
    """The submission is told of every processor, and stays where it is pinned."""
    trace = supervise(
        """
        import os
        print(len(os.sched_getaffinity(0)))
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print(open("/proc/self/status").read().split("Cpus_allowed_list:")[1].split()[0])
        """
    )
    told, pinned = output(trace)
    assert int(told) == len(os.sched_getaffinity(0))
    assert pinned.isdigit()


def test_the_graders_own_folders_are_not_shown(supervise: Supervise):
    """Nothing of the grader is in the submission's command line or folder."""
    trace = supervise(
        """
        print(open("/proc/self/cmdline").read().split("\\0")[1:])
        """
    )
    assert output(trace) == ["['student.py', '']"]
    assert trace.processes[0].command[1:] == ("student.py",)
    assert Path(trace.processes[0].command[0]).name.startswith("python")
