from multiprocessing import Process
import time

def greet(name):
    print('hello', name)
    time.sleep(1)

if __name__ == '__main__':
    p1 = Process(target=greet, args=('1',))
    p1.start()
    p1.join()
    p2 = Process(target=greet, args=('2',))
    p2.start()
    p2.join()
    p3 = Process(target=greet, args=('3',))
    p3.start()
    p3.join()
    p4 = Process(target=greet, args=('4',))
    p4.start()
    p4.join()
    p5 = Process(target=greet, args=('5',))
    p5.start()
    p5.join()
    print('主进程')
