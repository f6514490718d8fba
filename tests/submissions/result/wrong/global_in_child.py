from multiprocessing import Process

result = 0


def work():
    global result
    result = 6 * 7


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    p.join()
    print(result)
