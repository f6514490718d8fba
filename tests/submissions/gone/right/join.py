import time
from multiprocessing import Process

if __name__ == "__main__":
    p = Process(target=time.sleep, args=(0.5,))
    p.start()
    p.join()
    print("gone")
