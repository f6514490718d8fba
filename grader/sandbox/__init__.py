"""Where a submission runs: its folder, its terminal, its limits and its environment."""

from grader.sandbox.folder import private_folder
from grader.sandbox.start import Program, environment, start
from grader.sandbox.terminal import Terminal

__all__ = ["Program", "Terminal", "environment", "private_folder", "start"]
