from multiprocessing import Process, current_process
def greet(mark, who, times):
    for _ in range(times):
        print(f"{current_process().name}: {who}{mark}")
if __name__ == "__main__":
    p = Process(name="greeter", target=greet, args=("!",), kwargs={"who": "小明", "times": 3})
    p.start()
    p.join()
