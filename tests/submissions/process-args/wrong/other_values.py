from multiprocessing import Process
def greet(who, times, mark):
    print("greeter: 小明!")
    print("greeter: 小明!")
    print("greeter: 小明!")
if __name__ == "__main__":
    p = Process(name="greeter", target=greet, args=("a", 1), kwargs={"mark": "?"})
    p.start()
    p.join()
