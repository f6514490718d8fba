from multiprocessing import Process


def work():
    print("hello")


p = Process(target=work)
p.start()
p.join()
print("done")
