from multiprocessing import Process

if __name__ == "__main__":
    p = Process(target=lambda: print("hello"))
    p.start()
    p.join()
    print("done")
