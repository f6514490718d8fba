"""Where a submission runs: its folder, its terminal, its limits and its environment."""

from grader.sandbox.folder import private_folder, refill, shared_memory_beside
from grader.sandbox.isolation import (
    CannotIsolateError,
    Isolation,
    IsolationName,
    IsolationWish,
    TooOpenError,
    bwrap_obstacle,
    bwrap_worked,
    choose_isolation,
    go_without_bwrap,
    isolate,
    services_are_open,
    shares_files,
)
from grader.sandbox.mounts import has_private_mounts
from grader.sandbox.network import enter_private_network, has_private_networks, reserve_ports
from grader.sandbox.privileges import hide_memory, show_memory
from grader.sandbox.start import (
    NotStartedError,
    Program,
    Starting,
    environment,
    peer_environment,
    start,
)
from grader.sandbox.terminal import Device, NoTerminalError, Terminal, device
from grader.sandbox.view import (
    SHARED_MEMORY,
    View,
    lies_in,
    view_of,
)

__all__ = [
    "SHARED_MEMORY",
    "CannotIsolateError",
    "Device",
    "Isolation",
    "IsolationName",
    "IsolationWish",
    "NoTerminalError",
    "NotStartedError",
    "Program",
    "Starting",
    "Terminal",
    "TooOpenError",
    "View",
    "bwrap_obstacle",
    "bwrap_worked",
    "choose_isolation",
    "device",
    "enter_private_network",
    "environment",
    "go_without_bwrap",
    "has_private_mounts",
    "has_private_networks",
    "hide_memory",
    "isolate",
    "lies_in",
    "peer_environment",
    "private_folder",
    "refill",
    "reserve_ports",
    "services_are_open",
    "shared_memory_beside",
    "shares_files",
    "show_memory",
    "start",
    "view_of",
]
