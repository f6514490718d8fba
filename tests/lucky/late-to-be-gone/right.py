import time
from multiprocessing import Event, Process


def work(at_work):
    at_work.set()
    time.sleep(60)


if __name__ == '__main__':
    at_work = Event()
    p = Process(target=work, args=(at_work,))
    p.start()
    at_work.wait()
    p.terminate()
    p.join()
    print('alive:', p.is_alive())
