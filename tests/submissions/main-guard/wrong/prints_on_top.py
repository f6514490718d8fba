from multiprocessing import Process

print("the script is read")


def work(text):
    print(text)


if __name__ == "__main__":
    p = Process(target=work, args=("child",))
    p.start()
    p.join()
    print("exit code", p.exitcode)
