"""What a submission may not do to the grader, though both belong to the same user.

A process may read and write the memory of another one of its user, unless that one is not
dumpable or has capabilities that it lacks (ptrace(2), "Ptrace access mode checking"). So the
grader hides its memory, and the submission has no capabilities, not even as root.
"""

from __future__ import annotations

import ctypes
import errno

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_libc = ctypes.CDLL(None, use_errno=True)


def hide_memory() -> None:
    """Nobody of the same user can look into this process from now on, nor into its /proc files."""
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def show_memory() -> None:
    """As it is by default. A child of a hidden process needs this to be traced."""
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def drop_capabilities() -> None:
    """The program that is executed next gets no capabilities, whoever its user is.

    By the bounding set (capabilities(7)). An ordinary user has none to lose.
    """
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            if ctypes.get_errno() == errno.EINVAL:
                return  # the kernel knows no more of them
            if ctypes.get_errno() == errno.EPERM:
                return  # there is nothing to drop
