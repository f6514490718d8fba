import time
from multiprocessing import Process


def work(word, seconds):
    print(word)
    time.sleep(seconds)
    print(f"end{word}")


if __name__ == "__main__":
    p1 = Process(target=work, args=("123", 1), daemon=True)
    p2 = Process(target=work, args=("456", 3))
    p1.start()
    p2.start()
    time.sleep(0.1)
    print("main-------")
    p1.terminate()
