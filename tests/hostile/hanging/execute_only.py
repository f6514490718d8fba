# Runs a program that nobody may read: of such a process the kernel shows an ordinary user nothing.
import os
import shutil
import subprocess

shutil.copyfile("/bin/sleep", "unreadable")
os.chmod("unreadable", 0o111)
print("ended by", subprocess.run(["./unreadable", "infinity"]).returncode)
