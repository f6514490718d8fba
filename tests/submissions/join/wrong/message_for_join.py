import time
from multiprocessing import Process, Queue


def work(name, queue):
    print("hello", name)
    time.sleep(1)
    print("子进程")
    queue.put("done")
    time.sleep(0.1)


if __name__ == "__main__":
    queue = Queue()
    p = Process(target=work, args=("小明", queue))
    p.start()
    queue.get()
    print("主程序")
