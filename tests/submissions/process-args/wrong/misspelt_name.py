from multiprocessing import Process


def greet(who, times, mark):
    for i in range(times):
        print('greeter: ' + who + mark)


if __name__ == '__main__':
    p = Process(target=greet, name='greter', args=('小明', 3), kwargs={'mark': '!'})
    p.start()
    p.join()
