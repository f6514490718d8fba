import time
from multiprocessing import Process


def work(word, seconds):
    print(f'{word}')
    time.sleep(seconds)
    print(f'end{word}')


def main():
    quick = Process(target=work, args=(123, 1), daemon=True)
    slow = Process(target=work, args=(456, 3), daemon=False)
    slow.start()
    quick.start()
    time.sleep(0.1)
    print('main', '-------', sep='')


if __name__ == '__main__':
    main()
