import threading

total = 0


def add():
    global total
    for _ in range(5):
        total += 1


threads = [threading.Thread(target=add) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
