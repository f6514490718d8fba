from multiprocessing import Process
import multiprocessing


def greet(*args, **kwargs):
    who, times = args
    name = multiprocessing.current_process().name
    print('\n'.join([f'{name}:{who}{kwargs["mark"]}'] * times))


def main():
    p = Process(target=greet, kwargs={'mark': '!'}, args=('小明', 3))
    p.name = 'greeter'
    p.daemon = True
    p.start()
    p.join()
    print('主进程结束')


if __name__ == '__main__':
    main()
