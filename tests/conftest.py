"""What holds for every test: properties are tried on the same examples each time, and no machine
is too slow for them; what the machine lacks is left out and told; what only repeats is left to
``--exhaustive``. And what several rooms share: each way of isolation, and a browser.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Playwright

from grader.sandbox import IsolationName
from grader.sandbox import isolation as choosing
from tests import machine
from tests.browser import launched
from tests.messages.catalogues import compile_what_is_stale

STEADY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exhaustive", STEADY)
settings.register_profile("quick", STEADY, max_examples=30)

# Where this is set, as in many containers, each command that a test calls would compile the whole
# grader again, and each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell starts what runs in the background with Control-C ignored, and nohup(1) ignores the end of
# the terminal: so would be what the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
_OWN_PID = os.getpid()


def _end_tidily(number: int, frame: FrameType | None) -> None:
    """`timeout` and a closed terminal end the tests as Control-C does: what they made is removed.
    What a test has forked dies of the signal.
    """
    if os.getpid() != _OWN_PID:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    raise KeyboardInterrupt


signal.signal(signal.SIGHUP, _end_tidily)
signal.signal(signal.SIGTERM, _end_tidily)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of the CI script."""
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="also run what only repeats a claim: in each isolation, under every event order",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: while a test waits for a program, another one works."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_configure(config: pytest.Config) -> None:
    """How many examples a property is tried on. And an editable package that was updated without
    being installed again has old translations.
    """
    settings.load_profile("exhaustive" if config.getoption("--exhaustive") else "quick")
    if not hasattr(config, "workerinput"):
        compile_what_is_stale()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What runs in each isolation runs in both, here and now."""
    if "each_isolation" in metafunc.fixturenames:
        needs = pytest.mark.needs("bwrap")
        names = [pytest.param("bwrap", marks=needs), "basic"]
        metafunc.parametrize("each_isolation", names, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked ``exhaustive`` to those who ask for it. What would repeat a claim in two
    ways at once, as in another isolation and under another start method, nobody needs.
    """
    most = 1 if config.getoption("--exhaustive") else 0
    ways = {item: sum(1 for _ in item.iter_markers("exhaustive")) for item in items}
    left_out = [item for item in items if ways[item] > most]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if ways[item] <= most]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before anything is set up for a test that cannot run here."""
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            machine.require(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what was left out, and how to have it."""
    skipped = terminalreporter.getreports("skipped")
    lines = machine.summary(report.longrepr[2] for report in skipped)
    if lines:
        terminalreporter.section("left out on this machine")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", name="exhaustive")
def is_exhaustive(request: pytest.FixtureRequest) -> bool:
    """Whether to repeat a claim as often as one can wish."""
    wanted: bool = request.config.getoption("--exhaustive")
    return wanted


@pytest.fixture
def each_isolation(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> IsolationName:
    """What ``auto`` comes to: once bubblewrap, if it works here, and once without it."""
    name: IsolationName = request.param
    obstacle = None if name == "bwrap" else "the test wants it without"
    monkeypatch.setattr(choosing, "bwrap_obstacle", lambda: obstacle)
    return name


@pytest.fixture
def any_isolation() -> IsolationName:
    """What ``auto`` comes to here: on a machine without bubblewrap, the other."""
    return "bwrap" if machine.obstacle("bwrap") is None else "basic"


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Debian's Chromium, for all tests of pages."""
    machine.require("chromium")
    playwright: Playwright = request.getfixturevalue("playwright")
    browser = launched(playwright)
    yield browser
    browser.close()
