import os
import threading
import time


def work():
    me = threading.current_thread()
    print(f"{me.name}: pid {os.getpid()}")
    time.sleep(1)
    print(f"{me.name}: done")


threads = {name: threading.Thread(target=work, name=name, daemon=True) for name in ("right", "left")}
for thread in threads.values():
    thread.start()
while any(thread.is_alive() for thread in threads.values()):
    time.sleep(0.05)
print(f"main: pid {os.getpid()}")
