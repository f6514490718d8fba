"""The system-call filter, run by an interpreter of BPF of some forty lines."""

from __future__ import annotations

import errno
import os
import signal
import struct

import pytest

from grader.supervisor.architecture import AARCH64, X86_64, Architecture
from grader.supervisor.seccomp import build_filter

ALLOW, TRACE, ERRNO, KILL = 0x7FFF0000, 0x7FF00000, 0x00050000, 0x80000000
REFUSED, ABSENT = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS


def decide(program: bytes, number: int, audit: int, arguments: tuple[int, ...] = ()) -> int:
    """What the filter answers to a call (linux/filter.h, linux/seccomp.h)."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0, *(each % 2**64 for each in padded))
    code = list(struct.iter_unpack("=HBBI", program))
    accumulator = at = 0
    while True:
        operation, true, false, constant = code[at]
        at += 1
        if operation == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            assert constant % 4 == 0
            (accumulator,) = struct.unpack_from("=I", data, constant)
        elif operation == 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
            at += true if accumulator == constant else false
        elif operation == 0x35:  # BPF_JMP | BPF_JGE | BPF_K
            at += true if accumulator >= constant else false
        elif operation == 0x45:  # BPF_JMP | BPF_JSET | BPF_K
            at += true if accumulator & constant else false
        elif operation == 0x54:  # BPF_ALU | BPF_AND | BPF_K
            accumulator &= constant
        elif operation == 0x06:  # BPF_RET | BPF_K
            return constant
        else:
            raise AssertionError(f"unknown instruction {operation:#x}")


@pytest.fixture(params=[X86_64, AARCH64], ids=lambda each: each.name)
def machine(request: pytest.FixtureRequest) -> Architecture:
    return request.param


class Filter:
    """The filter of one machine, asked by the names of calls."""

    def __init__(self, machine: Architecture, *, virtual_clock: bool = True) -> None:
        self._machine = machine
        self.program = build_filter(machine, virtual_clock=virtual_clock)

    def has(self, name: str) -> bool:
        return name in self._machine.numbers

    def __call__(self, name: str, *arguments: int) -> int:
        return decide(self.program, self._machine.numbers[name], self._machine.audit, arguments)


@pytest.fixture
def asked(machine: Architecture) -> Filter:
    return Filter(machine)


def test_the_program_is_one_that_the_kernel_takes(machine: Architecture):
    """At most 4096 instructions, jumps that stay inside, and an answer at the end."""
    program = build_filter(machine, virtual_clock=True)
    code = list(struct.iter_unpack("=HBBI", program))
    assert 0 < len(code) <= 4096
    for at, (operation, true, false, _) in enumerate(code):
        if operation & 0x07 == 0x05:
            assert at + 1 + max(true, false) < len(code)
    assert code[-1][0] == 0x06


def test_another_architecture_is_the_end(machine: Architecture):
    """The numbers of 32-bit calls mean something else: no such call is let through."""
    program = build_filter(machine, virtual_clock=True)
    for audit in (0x40000003, 0x40000028, 0):
        assert decide(program, 1, audit) == KILL


def test_calls_of_x32_do_not_exist():
    """The third set of calls of x86-64 has a bit of its own."""
    program = build_filter(X86_64, virtual_clock=True)
    assert decide(program, 0x40000000 | 1, X86_64.audit) == ABSENT


@pytest.mark.parametrize("name", "read close openat mmap brk fstat getpid sched_yield".split())
def test_what_is_not_named_runs_at_full_speed(machine: Architecture, name: str):
    """Nothing but the calls that matter stops."""
    numbers = {
        "x86_64": {"read": 0, "close": 3, "openat": 257, "mmap": 9, "brk": 12, "fstat": 5,
                   "getpid": 39, "sched_yield": 24},
        "aarch64": {"read": 63, "close": 57, "openat": 56, "mmap": 222, "brk": 214, "fstat": 80,
                    "getpid": 172, "sched_yield": 124},
    }  # fmt: skip
    program = build_filter(machine, virtual_clock=True)
    assert decide(program, numbers[machine.name][name], machine.audit) == ALLOW


@pytest.mark.parametrize(
    "name",
    (
        "write writev pwrite64 sendfile splice wait4 waitid kill tkill tgkill rt_sigqueueinfo "
        "pidfd_send_signal nanosleep clock_nanosleep pselect6 ppoll rt_sigtimedwait semtimedop "
        "mq_timedsend epoll_pwait2 futex_waitv setitimer getitimer timerfd_settime "
        "timerfd_gettime times sched_getaffinity sched_setaffinity listen connect"
    ).split(),
)
def test_calls_that_stop(asked: Filter, name: str):
    """Whatever prints, waits, signals, sleeps or counts processors."""
    assert asked(name, 1, 2, 3, 4, 5, 6) == TRACE


@pytest.mark.parametrize("name", "poll select alarm time".split())
def test_calls_that_only_x86_64_has(name: str):
    """The older calls stop where they exist."""
    assert Filter(X86_64)(name, 1, 2, 3, 4, 5, 6) == TRACE
    assert name not in AARCH64.numbers


@pytest.mark.parametrize(
    "name",
    (
        "ptrace process_vm_readv process_vm_writev pidfd_getfd mount umount2 pivot_root setns "
        "unshare keyctl bpf userfaultfd perf_event_open kexec_load init_module reboot "
        "settimeofday clock_settime clock_adjtime sethostname timer_create personality"
    ).split(),
)
def test_calls_that_are_refused(asked: Filter, name: str):
    """What reaches out of the run, or behind the clock's back."""
    assert asked(name) == REFUSED


@pytest.mark.parametrize(
    "name",
    (
        "clone3 io_uring_setup io_uring_enter seccomp io_setup io_submit io_getevents "
        "memfd_create memfd_secret shmget shmat semget semctl msgget msgrcv mq_open mq_unlink "
        "openat2 fchmodat2 setxattrat open_tree_attr file_setattr inotify_init1 inotify_add_watch "
        "fanotify_mark landlock_create_ruleset move_pages migrate_pages process_mrelease"
    ).split(),
)
def test_calls_that_do_not_exist(asked: Filter, name: str):
    """What a filter cannot look into, memory that belongs to no process, who looks at whose files,
    and whatever no program in Python needs.
    """
    assert asked(name) == ABSENT


def test_calls_of_kernels_to_come_do_not_exist(machine: Architecture):
    """Nobody can say what a call does that has no number yet: it never reaches the kernel."""
    program = build_filter(machine, virtual_clock=True)
    known = set(machine.numbers.values())
    unknown = {*range(1024), 0x3FFF_FFFF, 0x7FFF_FFFF} - known
    assert max(known) == machine.numbers["listns"] == 470
    assert {decide(program, number, machine.audit) for number in unknown} == {ABSENT}


def test_sockets(asked: Filter):
    """Those of the machine, of the Internet, and what the C library asks about addresses."""
    local, internet, internet6, netlink, packet, vsock, smc = 1, 2, 10, 16, 17, 40, 43
    for family in (local, internet, internet6, netlink):
        assert asked("socket", family, 1, 0) == ALLOW
    assert asked("socketpair", local, 1, 0) == ALLOW
    other_family = ERRNO | errno.EAFNOSUPPORT
    known = {local, internet, internet6, netlink}
    for family in {*range(64), packet, vsock, smc, 2**31} - known:
        assert asked("socket", family, 1, 0) == other_family
        assert asked("socketpair", family, 1, 0) == other_family
    for protocol in (4, 9, 12, 15):  # diagnosis of sockets, audit, netfilter, events of devices
        assert asked("socket", netlink, 3, protocol) == other_family


def test_modes_and_owners(asked: Filter):
    """Files keep their owner, and no program becomes one that runs as its owner."""
    for name, argument in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2)):
        if asked.has(name):
            for mode in (0o600, 0o1777):
                assert asked(name, *(0,) * argument, mode) == ALLOW
            for mode in (0o4755, 0o2755, 0o6000):
                assert asked(name, *(0,) * argument, mode) == REFUSED
    assert asked("fchown") == asked("fchownat") == REFUSED
    without_xattrs = ERRNO | errno.EOPNOTSUPP
    for name in ("setxattr", "lsetxattr", "fsetxattr", "removexattr"):
        assert asked(name) == without_xattrs
    assert asked("getxattr") == ALLOW
    for attributes in (0x40086602, 0x401C5820, 0x40806685):
        assert asked("ioctl", 3, attributes) == REFUSED


def test_nobody_else_is_kept_waiting(asked: Filter):
    """Neither by a lease of a file that others want, nor by writing out all that they wrote."""
    set_lease = 1024
    assert asked("fcntl", 3, set_lease, 0) == REFUSED
    assert asked("sync") == asked("syncfs", 3) == ERRNO | 0


def test_clone(asked: Filter):
    """Processes and threads yes; out of the supervisor's sight or into a namespace no."""
    thread, fork = 0x3D0F00, 17
    assert asked("clone", thread) == ALLOW
    assert asked("clone", fork) == TRACE
    for flag in (0x00800000, 0x20000000, 0x40000000, 0x10000000, 0x00020000, 0x04000000, 0x80):
        assert asked("clone", fork | flag) == REFUSED


def test_the_signal_of_a_childs_end(asked: Filter):
    """It is fork's, or none: no other that the kernel would send to the parent."""
    for number in range(1, 65):
        assert asked("clone", number) == (TRACE if number == signal.SIGCHLD else REFUSED)
        assert asked("clone", 0x4000 | 0x100 | number) == asked("clone", number)


def test_clock_gettime(asked: Filter):
    """Real time is the supervisor's, CPU time the kernel's."""
    for clock in (0, 1, 4, 5, 6, 7, 8, 9, 11):
        assert asked("clock_gettime", clock) == TRACE
    for clock in (2, 3, -2, ~1234 << 3 | 2):
        assert asked("clock_gettime", clock % 2**32) == ALLOW


def test_with_the_real_clock_its_reads_are_free(machine: Architecture):
    """Nothing about clocks stops then."""
    real = Filter(machine, virtual_clock=False)
    assert real("clock_gettime", 0) == real("gettimeofday") == ALLOW


def test_futex(asked: Filter):
    """A wait with a time-out stops; a wait without one and a waking do not."""
    wait, wake, wait_bitset, lock_pi, private, realtime = 0, 1, 9, 6, 128, 256
    for operation in (wait, wait_bitset, lock_pi):
        for flags in (0, private, private | realtime):
            assert asked("futex", 0, operation | flags, 0, 0x7FFF_0000_1000) == TRACE
            assert asked("futex", 0, operation | flags, 0, 0x7FFF_0000_0000_0000) == TRACE
            assert asked("futex", 0, operation | flags, 0, 1 << 32) == TRACE
            assert asked("futex", 0, operation | flags, 0, 0) == ALLOW
    assert asked("futex", 0, wake | private, 1, 0x7FFF_0000_1000) == ALLOW
    requeue, requeue_count = 3, 2**31 - 1
    assert asked("futex", 0, requeue | private, 1, requeue_count) == ALLOW


def test_epoll(asked: Filter):
    """Looking without waiting, as event loops do all the time, is free."""
    assert asked("epoll_pwait", 3, 0, 10, 0) == ALLOW
    assert asked("epoll_pwait", 3, 0, 10, 100) == TRACE
    assert asked("epoll_pwait", 3, 0, 10, 2**32 - 1) == TRACE


def test_prctl(asked: Filter):
    """A process stays dumpable whatever it says, and gets no filter or tracer of its own."""
    assert asked("prctl", 4, 0) == ERRNO | 0
    assert asked("prctl", 22, 1) == REFUSED
    assert asked("prctl", 0x59616D61, 1) == REFUSED
    assert asked("prctl", 1, 9) == REFUSED  # PR_SET_PDEATHSIG: a signal that nobody has sent
    assert asked("prctl", 15, 1) == ALLOW  # PR_SET_NAME


def test_ioctl(asked: Filter):
    """The terminal's settings seem to change; nothing can be typed; the rest is let be."""
    set_settings, fake_input, get_settings, window_size = 0x5402, 0x5412, 0x5401, 0x5413
    assert asked("ioctl", 1, set_settings) == ERRNO | 0
    assert asked("ioctl", 1, fake_input) == REFUSED
    for set_owner in (0x8901, 0x8902):
        assert asked("ioctl", 1, set_owner) == REFUSED
    assert asked("ioctl", 1, get_settings) == asked("ioctl", 1, window_size) == ALLOW


def test_fcntl(asked: Filter):
    """Signals from descriptors are refused."""
    set_owner, set_signal, get_flags, lock = 8, 10, 3, 6
    assert asked("fcntl", 1, set_owner) == asked("fcntl", 1, set_signal) == REFUSED
    assert asked("fcntl", 1, get_flags) == asked("fcntl", 1, lock) == ALLOW


def test_limits(asked: Filter):
    """Nobody else's may be set; of one's own not that of CPU time, at which the kernel kills."""
    cpu, files, real_time, somebody, new = 0, 7, 15, 4711, 0x7FFF_0000_0000_0000
    assert asked("prlimit64", 0, files, new, 0) == ALLOW
    assert asked("prlimit64", somebody, files, new, 0) == REFUSED
    assert asked("prlimit64", somebody, files, 1, 0) == REFUSED
    assert asked("prlimit64", somebody, files, 0, new) == ALLOW
    assert asked("setrlimit", files, new) == ALLOW
    for limit in (cpu, real_time):
        assert asked("prlimit64", 0, limit, new, 0) == REFUSED
        assert asked("prlimit64", 0, limit, 0, new) == ALLOW
        assert asked("setrlimit", limit, new) == REFUSED


def test_priorities(asked: Filter):
    """A process may make way for others, but nobody else is slowed down."""
    process, group, user, somebody = 0, 1, 2, 4711
    assert asked("setpriority", process, 0, 19) == asked("setpriority", group, 0, 19) == ALLOW
    assert asked("setpriority", process, somebody, 19) == REFUSED
    assert asked("setpriority", user, 0, 19) == REFUSED
    assert asked("ioprio_set", 1, 0, 0) == ALLOW
    assert asked("ioprio_set", 1, somebody, 0) == asked("ioprio_set", 3, 0, 0) == REFUSED
    for name in ("sched_setscheduler", "sched_setparam", "sched_setattr"):
        assert asked(name, 0) == ALLOW
        assert asked(name, somebody) == REFUSED


NAMING = "openat link linkat unlink unlinkat rename renameat renameat2".split()


def test_shared_memory_is_moved_only_where_asked_for(machine: Architecture) -> None:
    """Where the run has its own, names of files concern nobody."""
    free = build_filter(machine, virtual_clock=True)
    moved = build_filter(machine, virtual_clock=True, shares_files=True)
    for name in NAMING:
        if name in machine.numbers:
            arguments = (0, 0, os.O_RDWR, 0, 0)
            number = machine.numbers[name]
            assert decide(free, number, machine.audit, arguments) == ALLOW
            assert decide(moved, number, machine.audit, arguments) == TRACE


@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        (os.O_RDONLY | os.O_CLOEXEC, ALLOW),
        (os.O_RDONLY | os.O_DIRECTORY, ALLOW),
        (os.O_WRONLY, TRACE),
        (os.O_RDWR, TRACE),
        (os.O_RDONLY | os.O_CREAT, TRACE),
    ],
)
def test_files_that_are_only_read_do_not_stop(
    machine: Architecture, flags: int, answer: int
) -> None:
    """An interpreter that starts reads hundreds of them."""
    program = build_filter(machine, virtual_clock=True, shares_files=True)
    assert decide(program, machine.numbers["openat"], machine.audit, (0, 0, flags)) == answer
