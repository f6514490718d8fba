from multiprocessing import Process

name = "nobody"


def work():
    print("hello", name)


if __name__ == "__main__":
    name = "陈松"
    p = Process(target=work)
    p.start()
    p.join()
    print("done")
