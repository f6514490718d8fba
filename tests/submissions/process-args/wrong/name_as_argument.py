from multiprocessing import Process


def greet(name, who, times=3, mark="!"):
    for _ in range(times):
        print(f"{name}: {who}{mark}")


if __name__ == "__main__":
    p = Process(target=greet, args=("greeter", "小明", 3), kwargs={"mark": "!"})
    p.start()
    p.join()
