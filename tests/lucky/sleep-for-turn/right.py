from multiprocessing import Event, Process


def say(text, turn):
    turn.wait()
    print(text)


def begin(turn):
    print('a')
    turn.set()


if __name__ == '__main__':
    turn = Event()
    p = Process(target=begin, args=(turn,))
    q = Process(target=say, args=('b', turn))
    p.start()
    q.start()
    p.join()
    q.join()
