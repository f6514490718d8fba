from multiprocessing import Process


def grandchild():
    print("孙进程")


def daemon():
    child = Process(target=grandchild)
    child.start()
    print("被拒绝: ?")


if __name__ == "__main__":
    p = Process(target=daemon)
    p.daemon = True
    p.start()
    p.join()
