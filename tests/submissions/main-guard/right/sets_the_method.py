from multiprocessing import Process


def work():
    print("child")


if __name__ == "__main__":
    p = Process(target=work, name="worker")
    p.start()
    p.join()
    print("alive:", p.is_alive())
