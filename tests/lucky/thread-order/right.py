import threading
import time


def say(text, after, mine, following):
    mine.wait()
    time.sleep(after)
    print(text)
    following.set()


turns = [threading.Event() for _ in range(4)]
turns[0].set()
threads = [
    threading.Thread(target=say, args=(text, after, turns[after], turns[after + 1]))
    for after, text in enumerate('abc')
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print('end')
