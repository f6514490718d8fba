import threading
import time

total = 0
lock = threading.Lock()


def add(name):
    global total
    for _ in range(3):
        with lock:
            total += 1
            print(name, total)
        time.sleep(0.001)


threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("sum", total)
