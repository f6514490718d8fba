from multiprocessing import Process

if __name__ == "__main__":
    for word in ("first", "second"):
        p = Process(target=print, args=(word,))
        p.start()
        p.join()
