"""Where a submission runs: its folder, its terminal, its limits and its environment."""

from grader.sandbox.folder import private_folder, refill
from grader.sandbox.network import enter_private_network, has_private_networks, turn_at
from grader.sandbox.privileges import hide_memory, show_memory
from grader.sandbox.start import (
    NotStartedError,
    Program,
    Starting,
    environment,
    peer_environment,
    start,
)
from grader.sandbox.terminal import NoTerminalError, Terminal

__all__ = [
    "NoTerminalError",
    "NotStartedError",
    "Program",
    "Starting",
    "Terminal",
    "enter_private_network",
    "environment",
    "has_private_networks",
    "hide_memory",
    "peer_environment",
    "private_folder",
    "refill",
    "show_memory",
    "start",
    "turn_at",
]
