"""The console script, which is ``python -m grader`` as well.

Control-C while the command is still being loaded ends it as it does later on.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Carry out the call of this process."""
    try:
        from grader.interrupts import end_when_hung_up

        end_when_hung_up()
        from grader import cli

        status = cli.main()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it was heard
        from grader import cli

        status = cli.stopped(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing left to be stopped
    sys.exit(status)


if __name__ == "__main__":
    main()
