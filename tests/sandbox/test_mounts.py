"""What Landlock does not cover: rights and times of files, local services, who opens what.

Each attack is on files and sockets that the test itself has made.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from grader.exercise import Peer
from grader.limits import Limits
from grader.sandbox import CannotIsolateError, TooOpenError, choose_isolation, mounts, view_of
from grader.sandbox import isolation as choosing
from grader.sandbox.layout import layout_of
from grader.submission import SourceFile, Submission
from grader.supervisor import CannotSuperviseError, Plan, WarmRunner, run
from grader.supervisor.programs import PROBE
from grader.trace import Outcome, Printed, Trace
from tests import machine


@pytest.fixture
def without_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that allows no mount namespaces."""
    monkeypatch.setattr(choosing, "has_private_mounts", lambda: False)


@pytest.fixture(params=["bwrap", "basic", "basic, without namespaces for mounts"])
def each_setting(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each isolation, and the one that is left where the machine's files stay in sight."""
    if request.param == "bwrap":
        machine.require("bwrap")
    elif request.param == "basic":
        machine.require("private-mounts")
    else:
        machine.require("landlock")
        request.getfixturevalue("without_mounts")
    return request.param


def plan_of(source: str, isolation: str) -> Plan:
    script = SourceFile("student.py", dedent(source).encode())
    name = "bwrap" if isolation == "bwrap" else "basic"
    return Plan(Submission(Path("student.py"), (script,)), Limits(), isolation=name)


def said(trace: Trace) -> list[str]:
    return [event.text for event in trace.events if isinstance(event, Printed)]


CHANGE = """
    import ctypes, os, sys
    libc = ctypes.CDLL(None, use_errno=True)
    target, folder = {target!r}, {folder!r}
    name = os.path.basename(target)
    def by_number(number, *arguments):
        if libc.syscall(number, *arguments) != 0:
            raise OSError(ctypes.get_errno(), "failed")
    def in_folder(deed):
        directory = os.open(folder, os.O_PATH)
        try: return deed(directory)
        finally: os.close(directory)
    def opened(deed):
        descriptor = os.open(target, os.O_RDONLY)
        try: return deed(descriptor)
        finally: os.close(descriptor)
    def linked(deed):
        os.symlink(target, "link")
        try: return deed("link")
        finally: os.unlink("link")
    raw = os.fsencode(target)
    deeds = dict(
        chmod=lambda: os.chmod(target, 0o777),
        setuid=lambda: os.chmod(target, 0o4755),
        link=lambda: linked(lambda path: os.chmod(path, 0o777)),
        fchmodat=lambda: in_folder(lambda at: os.chmod(name, 0o777, dir_fd=at)),
        fchmodat2=lambda: by_number(452, -100, raw, 0o777, 0),
        fchmod=lambda: opened(lambda fd: os.fchmod(fd, 0o777)),
        by_proc=lambda: opened(lambda fd: os.chmod(f"/proc/self/fd/{{fd}}", 0o777)),
        chown=lambda: os.chown(target, os.getuid(), os.getgid()),
        fchownat=lambda: in_folder(lambda at: os.chown(name, -1, os.getgid(), dir_fd=at)),
        utime=lambda: os.utime(target, (1, 1)),
        utimensat=lambda: in_folder(lambda at: os.utime(name, (1, 1), dir_fd=at)),
        futimens=lambda: opened(lambda fd: os.utime(fd, (1, 1))),
        old_utime=lambda: by_number(132, raw, 0),
        old_utimes=lambda: by_number(235, raw, 0),
        setxattr=lambda: os.setxattr(target, "user.mark", b"x"),
        setxattrat=lambda: by_number(463, -100, raw, 0, b"user.mark", 0, 0),
        file_setattr=lambda: by_number(469, -100, raw, 0, 0, 0),
        truncate=lambda: os.truncate(target, 0),
        remove=lambda: os.unlink(target),
        folder=lambda: os.chmod(folder, 0o777),
    )
    for deed, act in deeds.items():
        try: print("done:", deed, act())
        except OSError: pass
    print("tried", len(deeds))
"""


def test_the_metadata_of_other_files_stay(each_setting: str, tmp_path: Path):
    """Rights, owner, times, attributes, length: neither by name nor by descriptor, in a folder that
    the grader's user owns.
    """
    target = tmp_path / "kept"
    target.write_text("content")
    target.chmod(0o640)
    before = (target.stat(), tmp_path.stat())
    source = CHANGE.format(target=str(target), folder=str(tmp_path))
    assert said(run(plan_of(source, each_setting))) == ["tried 20"]
    assert (target.stat(), tmp_path.stat()) == before
    assert os.listxattr(target) == []


def test_the_metadata_of_what_it_can_read_stay(each_setting: str):
    """The probe can be opened, and still nobody changes its rights by that."""
    source = f"""
        import os
        probe = {str(PROBE / "sitecustomize.py")!r}
        descriptor = os.open(probe, os.O_RDONLY)
        for deed in (
            lambda: os.fchmod(descriptor, 0o600),
            lambda: os.chmod(probe, 0o600),
            lambda: os.utime(descriptor, (1, 1)),
            lambda: os.utime(probe, (1, 1)),
        ):
            try: print("done", deed())
            except OSError: print("refused")
        """
    assert said(run(plan_of(source, each_setting))) == ["refused"] * 4


def test_its_own_files_are_its_own(each_setting: str):
    """In its folder it changes rights, times and lengths, by name and by descriptor."""
    source = """
        import os, pathlib, shutil, stat
        def shown(path):
            status = os.stat(path)
            return oct(stat.S_IMODE(status.st_mode)), status.st_mtime_ns, status.st_size
        os.umask(0o22)
        open("mine", "w").write("content")
        os.utime("mine", ns=(5, 7))
        os.chmod("mine", 0o640)
        print(*shown("mine"))
        shutil.copy2("mine", "copy")
        print(*shown("copy"))
        with open("copy", "r+") as copy:
            os.fchmod(copy.fileno(), 0o600)
            os.utime(copy.fileno(), ns=(1, 2))
        os.truncate("copy", 3)
        os.utime("copy", ns=(3, 4))
        print(*shown(os.path.abspath("copy")))
        os.mkdir("inner")
        at = os.open("inner", os.O_RDONLY)
        os.chmod("../mine", 0o604, dir_fd=at)
        os.chdir("inner")
        os.chmod("../copy", 0o400)
        os.symlink("../mine", "link")
        os.chmod("link", os.stat("link").st_mode & 0o777 | 0o50)
        print(shown("../mine")[0], shown("../copy")[0])
        pathlib.Path("../mine").touch()
        print(shown("link")[1] > 7)
        for missing in ("nothing", ""):
            try: os.chmod(missing, 0o600)
            except FileNotFoundError: print("missing")
        try: os.chmod("link", 0o4755)
        except PermissionError: print("not set-user-ID")
        """
    assert said(run(plan_of(source, each_setting))) == [
        "0o640 7 7",
        "0o640 7 7",
        "0o600 4 3",
        "0o654 0o400",
        "True",
        *("missing", "missing"),
        "not set-user-ID",
    ]


def test_a_manager_and_a_fork_server_are_reached(each_setting: str):
    """Their sockets lie in the submission's own folder."""
    source = """
        from multiprocessing import Manager, get_context
        def add(numbers): numbers.append(1)
        if __name__ == "__main__":
            with Manager() as manager:
                numbers = manager.list()
                for method in ("fork", "forkserver"):
                    process = get_context(method).Process(target=add, args=(numbers,))
                    process.start()
                    process.join()
                print(list(numbers))
        """
    assert said(run(plan_of(source, each_setting))) == ["[1, 1]"]


def test_local_services_are_out_of_reach(each_setting: str, tmp_path: Path):
    """A socket by its path: the session bus, docker.sock, ssh-agent, tmux. Where the machine's
    files stay in sight nothing is promised, and that is said.
    """
    place = str(tmp_path / "service")
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(place)
        service.listen()
        trace = run(
            plan_of(
                f"""
                import socket
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                    with socket.socket(socket.AF_UNIX, kind) as client:
                        try: client.connect({place!r})
                        except FileNotFoundError: print("nobody there")
                        except OSError: print("refused")
                        else: print("reached")
                """,
                each_setting,
            )
        )
    if "services" in trace.isolated:
        assert said(trace) == ["nobody there"] * 3
    assert ("services" in trace.isolated) == (each_setting in ("bwrap", "basic"))


def test_who_opens_what_is_not_told(each_setting: str, tmp_path: Path):
    """Two submissions do not find one another by what happens in a folder."""
    source = f"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.inotify_init1(0), os.strerror(ctypes.get_errno()))
        try: print(os.listdir({str(tmp_path)!r}))
        except OSError: print("not there")
        """
    assert said(run(plan_of(source, each_setting))) == [
        "-1 Function not implemented",
        "not there",
    ]


def test_nobody_elses_root_leads_out(each_setting: str):
    """Peers of an exercise live among the machine's files, and /proc does not lead there."""
    source = """
        import os
        for pid in filter(str.isdigit, os.listdir("/proc")):
            for way in ("root", "cwd"):
                try: own = os.path.samefile(f"/proc/{pid}/{way}", "/")
                except OSError: continue
                if not own and int(pid) != os.getpid(): print("reached", way, pid)
        """
    program = SourceFile("peer.py", b"import time\ntime.sleep(1000)\n")
    peer = Peer(name="peer", program=program, args=(), begins=None)
    trace = run(replace(plan_of(source, each_setting), peers=(peer,)))
    assert said(trace) == []


@pytest.mark.needs("private-mounts")
@pytest.mark.parametrize("isolation", ["bwrap", "basic"])
def test_each_run_has_empty_folders_of_its_own(isolation: str):
    """/tmp and /dev/shm, whatever copies of the same interpreter have left there, and what is not
    its own is read-only.
    """
    if isolation == "bwrap":
        machine.require("bwrap")
    source = """
        import os
        print(os.listdir("/dev/shm"))
        for place in ("/tmp", "/dev/shm", "..", "/", "/dev", "/usr", "/proc/self", "/etc"):
            try:
                os.makedirs(place + "/left/over")
                os.symlink("/etc", place + "/left/link")
                os.chmod(place + "/left", 0)
                print("left", place)
            except OSError: pass
        for way in (os.path.dirname(os.getcwd()), os.getcwd()):
            try: os.rename(way, "/tmp/elsewhere")
            except OSError: pass
        """
    with WarmRunner() as warm:
        traces = [warm([plan_of(source, isolation)])[0] for _ in range(3)]
    assert [said(trace) for trace in traces] == [["[]", "left /tmp", "left /dev/shm"]] * 3
    assert not Path("/tmp/left").exists()


@pytest.mark.needs("private-mounts", "bwrap")
@pytest.mark.parametrize("isolation", ["bwrap", "basic"])
def test_what_is_written_in_its_folders_is_counted(isolation: str):
    """They are room on the disk, like the submission's own folder, even if they are in memory."""
    source = """
        for place in ("/tmp", "/dev/shm"):
            for number in range(7):
                with open(place + "/" + str(number), "wb") as file:
                    for _ in range(10): file.write(bytes(10**6))
        for _ in range(5 * 10**7): pass  # until somebody looks
        """
    assert run(plan_of(source, isolation)).outcome is Outcome.DISK_LIMIT


def test_the_layout_is_in_an_order_that_can_be_made(tmp_path: Path):
    """Each place lies in one that was made before it, and not in what is sealed by then."""
    layout = layout_of(view_of(sys.executable, str(tmp_path), [str(Path(__file__).parent)]))
    paths = [place.path for place in layout.places]
    assert len(set(paths)) == len(paths)
    assert layout.places[-1].kind == "writable"
    for number, place in enumerate(layout.places):
        assert all(not later.startswith(place.path + "/") for later in paths[:number])
    assert set(layout.sealed) <= set(paths)


def test_root_is_not_left_open_by_default(
    without_mounts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the machine's files stay in sight, root has to name it; an ordinary user has less to
    lose.
    """
    monkeypatch.setattr(choosing, "bwrap_obstacle", lambda: "there is no program bwrap")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(TooOpenError):
        choose_isolation("auto", sys.executable)
    with pytest.raises(CannotSuperviseError, match="You grade as root, and this machine gives"):
        run(Plan(plan_of("", "basic").submission, Limits()))
    assert choose_isolation("basic", sys.executable) == "basic"
    with pytest.raises(CannotIsolateError):
        choose_isolation("bwrap", sys.executable)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose_isolation("auto", sys.executable) == "basic"


def test_where_mounts_fail_it_is_found_out_before(monkeypatch: pytest.MonkeyPatch):
    """It is tried in earnest, once."""
    mounts.has_private_mounts.cache_clear()
    monkeypatch.setattr(mounts, "_MOUNT_SETATTR", 100_000)
    try:
        assert not mounts.has_private_mounts()
    finally:
        mounts.has_private_mounts.cache_clear()
