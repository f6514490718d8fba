from multiprocessing import Process, current_process


def greet(who, times=3, mark="!"):
    for _ in range(1, times):
        print(f"{current_process().name}: {who}{mark}")


if __name__ == "__main__":
    p = Process(target=greet, args=("小明", 3), kwargs={"mark": "!"}, name="greeter")
    p.start()
    p.join()
