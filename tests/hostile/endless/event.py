# Waits for an event that nobody sets.
import threading

threading.Event().wait()
