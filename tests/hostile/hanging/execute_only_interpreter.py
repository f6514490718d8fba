# Goes on as an interpreter that nobody may read.
import os
import shutil
import sys

shutil.copyfile(sys.executable, "unreadable")
os.chmod("unreadable", 0o111)
os.execv("./unreadable", ["python", "-c", "while True: pass"])
