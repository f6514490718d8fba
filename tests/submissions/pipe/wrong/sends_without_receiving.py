import time
from multiprocessing import Pipe, Process


def serve(mine, other):
    other.close()
    for number in range(1, 4):
        print(f"ping {number}")
        mine.send(number)
    for _ in range(3):
        mine.recv()
    mine.close()


def answer(mine, other):
    other.close()
    try:
        while True:
            number = mine.recv()
            time.sleep(0.1)
            print(f"pong {number}")
            mine.send(number)
    except EOFError:
        print("over")


if __name__ == "__main__":
    left, right = Pipe()
    server = Process(target=serve, args=(left, right))
    other = Process(target=answer, args=(right, left))
    server.start()
    other.start()
    left.close()
    right.close()
    server.join()
    other.join()
    print("done")
