import threading
import time


def say(text, after):
    time.sleep(after)
    print(text)


a = threading.Thread(target=say, args=('a', 0))
b = threading.Thread(target=say, args=('b', 1))
c = threading.Thread(target=say, args=('c', 2))
a.start()
b.start()
c.start()
for thread in (a, b, c):
    thread.join()
print('end')
