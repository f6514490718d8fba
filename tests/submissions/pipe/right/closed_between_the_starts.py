import multiprocessing as mp


def pinger(end):
    for n in (1, 2, 3):
        print("ping", n, flush=True)
        end.send("ball")
        assert end.recv() == "ball"


def ponger(end):
    n = 0
    while True:
        try:
            ball = end.recv()
        except EOFError:
            break
        n += 1
        print("pong", n, flush=True)
        end.send(ball)
    print("over", flush=True)


def main():
    left, right = mp.Pipe(duplex=True)
    first = mp.Process(target=pinger, args=(left,))
    first.start()
    left.close()
    second = mp.Process(target=ponger, args=(right,))
    second.start()
    right.close()
    for p in (first, second):
        p.join()
    print("done")


if __name__ == "__main__":
    main()
