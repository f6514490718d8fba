from multiprocessing import Process, current_process


def greet(who, times, mark):
    print()
    for n in range(int(times)):
        print("%s: %s%s" % (current_process().name, who, mark))


if __name__ == "__main__":
    mark = {"mark": "!"}
    child = Process(target=greet, args=("小明", "3"), kwargs=mark, name="greeter")
    child.start()
    while child.is_alive():
        child.join(0.5)
