from multiprocessing import Lock, Process


def balance():
    with open('account') as file:
        return int(file.read())


def pay_in(amount, lock):
    with lock:
        new = balance() + amount
        with open('account', 'w') as file:
            file.write(str(new))


def work(lock):
    pay_in(50, lock)


if __name__ == '__main__':
    with open('account', 'w') as file:
        file.write('0')
    lock = Lock()
    ps = [Process(target=work, args=(lock,)) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(balance())
