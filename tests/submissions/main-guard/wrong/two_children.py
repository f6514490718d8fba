from multiprocessing import Process


def work():
    print("child")


if __name__ == "__main__":
    for _ in range(2):
        p = Process(target=work)
        p.start()
        p.join()
