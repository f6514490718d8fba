# Swallows every exception and begins again, also at its end.
import time


class Again:
    def __del__(self):
        forever()


def forever():
    while True:
        try:
            time.sleep(1)
            raise SystemExit
        except BaseException:
            continue


again = Again()
forever()
