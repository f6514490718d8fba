from multiprocessing import Process, current_process


def greet(who, times, mark):
    for _ in range(times):
        print(f"{current_process().name}: {who}{mark}")


if __name__ == "__main__":
    p = Process(name="greeter", target=greet, args=("小明", 2), kwargs={"mark": "!"})
    p.start()
    p.join()
