# Script and markup wherever a report may show something of it.
import os
from multiprocessing import Process

EVIL = "</script></pre><script>alert(1)</script><img src=x onerror=alert(1)>"


class Evil(Process):
    def run(self):
        print("answer", os.getpid(), EVIL)


Evil.__name__ = EVIL
if __name__ == "__main__":
    print(EVIL + "'\"&lt;" + "\x1b]8;;http://example.org\x07link\x1b]8;;\x07")
    p = Evil(name=EVIL)
    p.start()
    p.join()
    print("x" * 50_000)
    raise ValueError(EVIL)
