"""The console script, which is ``python -m grader`` as well.

Control-C while the command is still being loaded ends it as it does later on.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import NoReturn

_GARBAGE_COLLECTED_EVERY = 50_000
"""New containers. At Python's 700 to 2,000 some 3 % of the time until a report is written goes
into looking through modules and classes, which are no garbage."""


def main() -> NoReturn:
    """Carry out the call of this process."""
    gc.set_threshold(_GARBAGE_COLLECTED_EVERY)
    try:
        from grader.interrupts import end_tidily

        asked_to_end = end_tidily()
        from grader import cli

        status: int = cli.main()
        status = asked_to_end() or status
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it was heard
        from grader import cli

        status = cli.stopped(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing left to be stopped
    # Once Control-C has come out of code that was a string, as dataclasses and namedtuples make
    # it, CPython ends by SIGINT in place of the exit status: until a string has been run again.
    exec("")
    sys.exit(status)


if __name__ == "__main__":
    main()
