from multiprocessing import Pipe, Process


def serve(ends):
    mine, other = ends
    other.close()
    with mine:
        for number in range(3):
            print(f"ping {number + 1}")
            mine.send_bytes(b"%d" % (number + 1))
            while not mine.poll(1):
                pass
            mine.recv_bytes()


def answer(ends):
    other, mine = ends
    other.close()
    with mine:
        while mine.poll(None):
            try:
                ball = mine.recv_bytes()
            except EOFError:
                print("over")
                return
            print(f"pong {ball.decode()}")
            mine.send_bytes(ball)


if __name__ == "__main__":
    ends = Pipe()
    children = [Process(target=target, args=(ends,)) for target in (serve, answer)]
    for child in children:
        child.start()
    for end in ends:
        end.close()
    for child in children:
        child.join()
    print("done")
