from multiprocessing import Process


def grandchild():
    print("孙进程")


def daemon():
    child = Process(target=grandchild)
    try:
        child.start
    except AssertionError as error:
        print(f"被拒绝: {error}")


if __name__ == "__main__":
    p = Process(target=daemon)
    p.daemon = True
    p.start()
    p.join()
