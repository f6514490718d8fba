import os
import random
import secrets
import uuid
from multiprocessing import Process


def draw():
    print(hash("word"), list({"a", "b", "c", "d"}))
    print(random.random(), random.sample(range(100), 5))
    print(uuid.uuid4(), secrets.token_hex(8), random.SystemRandom().random())
    print(os.urandom(8).hex(), os.getrandom(8).hex())


if __name__ == "__main__":
    draw()
    ps = [Process(target=draw) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
