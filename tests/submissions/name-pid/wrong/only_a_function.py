from multiprocessing import Process, current_process


def work():
    print(f"{current_process().name}正在学习")


if __name__ == "__main__":
    p = Process(target=work, name="陈松")
    p.start()
    print(p.pid)
    p.join()
