# Takes back an alarm that it never set.
import signal

while True:
    signal.alarm(0)
