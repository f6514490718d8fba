from multiprocessing import Process

if __name__ == "__main__":
    p = Process(target=lambda: print("child"))
    p.start()
    p.join()
