from multiprocessing import Process


def main():
    def work():
        print("child")

    p = Process(target=work)
    p.start()
    p.join()


if __name__ == "__main__":
    main()
