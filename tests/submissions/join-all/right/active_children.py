import multiprocessing as mp
import time


def greet(name):
    print("hello", name)
    time.sleep(1)
    print()


if __name__ == "__main__":
    for name in range(5):
        mp.Process(target=greet, args=(name,), daemon=True).start()
    for child in mp.active_children():
        child.join()
    print("主进程")
