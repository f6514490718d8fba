from multiprocessing import Process


def grandchild():
    print("孙进程")


def daemon():
    child = Process(target=grandchild)
    child.start()


if __name__ == "__main__":
    p = Process(target=daemon)
    p.daemon = True
    try:
        p.start()
        p.join()
    except AssertionError as error:
        print(f"被拒绝: {error}")
