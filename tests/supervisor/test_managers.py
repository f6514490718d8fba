"""The process of a manager is multiprocessing's own, as the resource tracker is."""

from __future__ import annotations

from grader.schedules import parse_schedule
from grader.trace import Outcome, Role, Signalled, StartMethod, WaitedFor
from grader.trace.questions import children_of

from .conftest import Supervise
from .reading import having, output

MANAGER = """
    import multiprocessing as mp
    from multiprocessing.managers import BaseManager

    class Counter:
        def up(self): return 1

    class Counters(BaseManager): pass
    Counters.register("Counter", Counter)

    def work(shared, counter):
        shared["work"] = counter.up()

    if __name__ == "__main__":
        counters = Counters()
        counters.start()
        with mp.Manager() as manager:
            shared, counter = manager.dict(), counters.Counter()
            p = mp.Process(target=work, args=(shared, counter))
            p.start()
            p.join()
            print(shared)
"""


def test_a_manager_is_nobodys_child(supervise: Supervise, start_method: StartMethod):
    """Main has the child that it started, waits for that one, and for no manager."""
    trace = supervise(MANAGER, start_method=start_method)
    assert (trace.outcome, output(trace)) == (Outcome.FINISHED, ["{'work': 1}"])
    (child,) = children_of(trace, 0)
    assert (child.variable, child.start_method) == ("p", start_method)
    helpers = {each.number for each in trace.processes if each.role is Role.HELPER}
    assert len(helpers) == {"fork": 2, "spawn": 3, "forkserver": 4}[start_method.value]
    assert {event.child for event in having(trace, WaitedFor)} == {child.number}
    assert having(trace, Signalled) == ()


def test_a_manager_is_no_worker_of_a_schedule(supervise: Supervise):
    """Workers are counted without it."""
    trace = supervise(MANAGER, schedule=parse_schedule("late:worker-1+200ms"))
    assert output(trace) == ["{'work': 1}"]
