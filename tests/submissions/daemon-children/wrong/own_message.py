from multiprocessing import Process


def grandchild():
    print("孙进程")


def daemon():
    child = Process(target=grandchild)
    try:
        child.start()
    except AssertionError as error:
        print("被拒绝: 守护进程不能有子进程")


if __name__ == "__main__":
    p = Process(target=daemon)
    p.daemon = True
    p.start()
    p.join()
