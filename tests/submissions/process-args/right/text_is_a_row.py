from functools import partial
from multiprocessing import Process, current_process


def greet(mark, who, times):
    print()
    for n in range(int(times)):
        print("%s: %s%s" % (current_process().name, who, mark))


if __name__ == "__main__":
    job = partial(greet, "!")
    child = Process(target=job, args=("小明",), kwargs={"times": "3"}, name="greeter")
    child.start()
    while child.is_alive():
        child.join(0.5)
