import time
from multiprocessing import Pool


def work(name):
    print("hello", name)
    print("子进程")


if __name__ == "__main__":
    with Pool(1) as pool:
        pool.apply_async(work, ("小明",))
        time.sleep(1)
        print("主程序")
