from multiprocessing import Condition, Process, Value


def work(condition, flag):
    with condition:
        condition.wait_for(lambda: flag.value == 1)
    print('woken')


if __name__ == '__main__':
    condition, flag = Condition(), Value('i', 0)
    p = Process(target=work, args=(condition, flag))
    p.start()
    with condition:
        flag.value = 1
        condition.notify()
    p.join()
