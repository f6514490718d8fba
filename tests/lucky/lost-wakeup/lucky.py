import time
from multiprocessing import Condition, Process, Value


def work(condition, flag):
    with condition:
        condition.wait()
    print('woken')


if __name__ == '__main__':
    condition, flag = Condition(), Value('i', 0)
    p = Process(target=work, args=(condition, flag))
    p.start()
    time.sleep(0.1)
    with condition:
        flag.value = 1
        condition.notify()
    p.join()
