from multiprocessing import Process, current_process
def greet(who, times, mark):
    for _ in range(3):
        print(f"{current_process().name}: {who}{mark}")
if __name__ == "__main__":
    p = Process(name="greeter", target=greet, args=("小明", 30), kwargs={"mark": "!"})
    p.start()
    p.join()
