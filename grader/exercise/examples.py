"""An example for every relation of the language, as the reference prints them.

Each is the ``cast`` and ``checks`` of an exercise. The tests load all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.exercise.model import Relation

EXAMPLES: Mapping[Relation, str] = {
    "prints": """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: true-numbers
    expect: Each worker prints its own number and its parent's
    prints: {text: 'worker {pid}, parent {ppid}', by: workers, each: true}
  - id: no-farewell
    expect: Nobody says goodbye
    prints: {text: 'goodbye*', never: true}
  - id: main-knows-their-numbers
    expect: Main prints the number of every worker
    prints: {text: '*{pid}*', by: main, about: workers}
  - id: own-names
    expect: Each worker says a name of its own
    prints: {text: 'I am *', by: workers, each: true, distinct: true}
""",
    "order": """\
cast:
  first: {children-of: main, prints: 'hello *', count: 1}
  second: {children-of: main, prints: 'welcome *', count: 1}
checks:
  - id: greetings-then-done
    expect: Both greet, in any order, and then main prints done
    any-duration: true
    order:
      - [{prints: 'hello *', by: first}, {prints: 'welcome *', by: second}]
      - {prints: done, by: main}
""",
    "time": """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: one-second
    expect: From its start to its end the child takes about one second
    time: {from: {starts: p}, to: {ends: p}, at-least: 950ms, at-most: 1.5s}
""",
    "together": """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: all-at-once
    expect: All five workers run at the same time
    together: workers
""",
    "one_at_a_time": """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: one-by-one
    expect: No two workers ever run at the same time
    any-duration: true
    one-at-a-time: workers
""",
    "waited": """\
cast:
  workers: {children-of: main, count: 5}
checks:
  - id: waits-for-all
    expect: Main waits for every worker before it prints done
    waited: {for: workers, before: {prints: done, by: main}}
  - id: does-not-wait
    points: 0
    expect: Main need not wait for them before it prints welcome
    waited: {for: workers, before: {prints: welcome, by: main}, never: true}
""",
    "ended": """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: terminated
    expect: Main ends the child with terminate()
    ended: {who: p, signal: SIGTERM, by: main, before: {prints: 'it is gone', by: main}}
""",
    "daemon": """\
cast:
  watcher: {children-of: main, prints: 'watching', count: 1}
checks:
  - id: watcher-is-a-daemon
    expect: The process that watches is a daemon
    daemon: {who: watcher, is: true}
""",
    "named": """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: called-greeter
    expect: The child's name is greeter
    named: {who: p, is: greeter}
""",
    "subclass": """\
cast:
  workers: {children-of: main, count: 3}
checks:
  - id: own-class
    expect: The workers' class is your own, with a run of its own
    subclass: {who: workers, overrides: run, inherits: start}
""",
    "called": """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: tries
    expect: The child tries to start a process
    called: {method: start, by: p}
  - id: asks-twice
    expect: Main asks twice whether it is alive
    called: {method: is_alive, by: main, at-least: 2}
""",
    "started_by": """\
cast:
  helper: {children-of: any, prints: 'helping', count: 1}
checks:
  - id: main-starts-the-helper
    expect: It is main that starts the helper
    started-by: {who: helper, is: main}
""",
    "count": """\
cast:
  p: {children-of: main, count: 1}
  grandchildren: {children-of: p}
checks:
  - id: no-grandchildren
    expect: The child starts no process of its own
    any-duration: true
    count: {who: grandchildren, is: 0}
""",
    "start_method": """\
run: {start-method: spawn}
checks:
  - id: spawned
    expect: Every child is spawned, not forked
    start-method: spawn
""",
    "raises": """\
cast:
  p: {children-of: main, count: 1}
checks:
  - id: child-fails
    expect: The child ends with a ValueError
    raises: {text: 'ValueError: *', in: p}
""",
    "clean": """\
checks:
  - id: ends-well
    expect: The program ends without an error and leaves nothing behind
    clean: true
""",
    "source": """\
checks:
  - id: guarded
    expect: 'Processes are started under if __name__ == "__main__"'
    source: {guarded: true}
  - id: own-run
    expect: The subclass of Process has a run method of its own
    source: {defines: Process.run}
""",
    "dialogue": """\
run:
  dialogue:
    - expect: 'Name: *'
    - send: 小明
    - {id: greets, expect: 'hello 小明'}
checks:
  - id: greeting
    expect: It greets whoever gives a name
    dialogue: greets
""",
    "keeps_open": """\
checks:
  - id: lets-go
    expect: Main closes its own copy of each connection
    keeps-open: {who: main, at-most: 0}
""",
    "same_lines": """\
run: {start-method: [fork, spawn]}
checks:
  - id: says-the-same
    expect: The same lines are printed, forked or spawned
    same-lines: true
""",
}
