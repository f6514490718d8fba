import time
from multiprocessing import Process


def say(word, seconds):
    time.sleep(seconds)
    print(word)


if __name__ == "__main__":
    Process(target=say, args=("first", 0.1)).start()
    Process(target=say, args=("second", 0.2)).start()
