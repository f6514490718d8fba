# Asks for its alarm again and again.
import signal

while True:
    signal.getitimer(signal.ITIMER_REAL)
