# Takes the probe out, and puts nothing in its place.
import importlib
import multiprocessing.process
import os
import sys

for module in [
    name for name in sys.modules if name.startswith(("multiprocessing", "sitecustomize"))
]:
    del sys.modules[module]
importlib.invalidate_caches()
os.write = None
print("answer", os.getpid())
