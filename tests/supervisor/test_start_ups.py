"""What coming up may cost: measured on main, and no more than that for others."""

from __future__ import annotations

import pytest

from grader.supervisor import clock
from grader.supervisor.clock import CpuMeter, CpuUse
from grader.supervisor.start_ups import LONGEST, StartUps

MAIN, FIRST, SECOND, THIRD = 10, 11, 12, 13


class Machine:
    """Processes of which the test says what they have used."""

    def __init__(self, at_most: int = 2) -> None:
        self.used: dict[int, int] = {}
        self.meter = CpuMeter()
        self.start_ups = StartUps(self.meter, at_most)

    def born(self, *pids: int) -> None:
        for pid in pids:
            self.used[pid] = 0
            self.meter.add(pid)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(clock, "cpu_time", made.used.get)
    return made


def test_main_pays_from_its_first_line_on(machine: Machine) -> None:
    """What came before is its start-up, whatever it cost; the clock counts all."""
    machine.born(MAIN)
    machine.start_ups.begin_main(MAIN)
    machine.used[MAIN] = 700
    assert machine.meter.charged() == 0
    machine.start_ups.finish_main(MAIN)
    machine.used[MAIN] = 750
    assert (machine.meter.charged(), machine.meter.total()) == (50, 750)
    assert machine.meter.remove(MAIN) == CpuUse(50, 700)
    assert (machine.meter.charged(), machine.meter.total()) == (50, 750)


def test_main_comes_up_once(machine: Machine) -> None:
    """Whoever says so again later has nothing of it."""
    machine.born(MAIN)
    machine.start_ups.begin_main(MAIN)
    machine.used[MAIN] = 700
    machine.start_ups.finish_main(MAIN)
    machine.used[MAIN] = 5_000
    machine.start_ups.finish_main(MAIN)
    assert (machine.meter.charged(), machine.start_ups.of_main) == (4_300, 700)


def test_others_are_spared_twice_as_much_as_main(machine: Machine) -> None:
    """From when they begin until they have come up; what they used before is charged."""
    machine.start_ups.of_main = 100
    machine.born(FIRST, SECOND)
    machine.used[FIRST] = 30
    machine.start_ups.begin(FIRST)
    machine.used[FIRST] = 150
    machine.start_ups.finish(FIRST)
    machine.used[FIRST] = 160
    machine.start_ups.begin(SECOND)
    machine.used[SECOND] = 10_000
    assert machine.meter.remove(FIRST) == CpuUse(40, 120)
    assert machine.meter.remove(SECOND) == CpuUse(9_800, 200)


def test_only_so_many_are_spared(machine: Machine) -> None:
    """Whoever starts one after the other pays for those that are too many."""
    machine.start_ups.of_main = 100
    machine.born(FIRST, SECOND, THIRD)
    for pid in (FIRST, SECOND, THIRD):
        machine.start_ups.begin(pid)
        machine.used[pid] = 80
        machine.start_ups.finish(pid)
    assert machine.meter.charged() == 80


def test_one_that_executes_again_and_again(machine: Machine) -> None:
    """Each time counts as another one."""
    machine.start_ups.of_main = 100
    machine.born(FIRST)
    for used in (250, 500, 750):
        machine.start_ups.begin(FIRST)
        machine.used[FIRST] = used
    assert machine.meter.charged() == 750 - 2 * 200


def test_peers_may_begin_before_main_has_come_up(machine: Machine) -> None:
    """Then what it needs is not known yet; they are held to it afterwards."""
    machine.born(MAIN, FIRST)
    machine.start_ups.begin_main(MAIN)
    machine.start_ups.begin(FIRST)
    machine.used.update({MAIN: 100, FIRST: 5_000})
    assert machine.meter.charged() == 0
    machine.start_ups.finish_main(MAIN)
    assert machine.meter.charged() == 4_800


def test_main_must_come_up_some_day(machine: Machine) -> None:
    """There is a bound for it, too."""
    machine.born(MAIN)
    machine.start_ups.begin_main(MAIN)
    machine.used[MAIN] = LONGEST + 7
    assert machine.meter.charged() == 7
