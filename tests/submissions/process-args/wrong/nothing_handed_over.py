from multiprocessing import Process, current_process


def greet(who, times, mark):
    for i in range(times):
        print(current_process().name + ': ' + who + mark)


if __name__ == '__main__':
    p = Process(target=lambda: greet('小明', 3, mark='!'), name='greeter')
    p.start()
    p.join()
