import multiprocessing as mp
import time


def greet(name):
    print(f'hello {name}')
    time.sleep(1)


def main():
    for p in [mp.Process(target=greet, args=(n,)) for n in 'abcde']:
        p.start()
        p.join()
    print('主进程')


if __name__ == '__main__':
    main()
