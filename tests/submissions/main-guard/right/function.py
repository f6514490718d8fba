from multiprocessing import Process


def work():
    print("child")


def main():
    p = Process(target=work)
    p.start()
    p.join()


if __name__ == "__main__":
    main()
