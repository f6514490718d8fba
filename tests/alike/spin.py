from multiprocessing import Process, RawValue


def work(flag):
    while not flag.value:
        pass
    print("seen")


if __name__ == "__main__":
    flag = RawValue("i", 0)
    p = Process(target=work, args=(flag,))
    p.start()
    print("raise")
    flag.value = 1
    p.join()
