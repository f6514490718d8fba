from multiprocessing import Process


def balance():
    with open('account') as file:
        return int(file.read())


def pay_in(amount):
    new = balance() + amount
    with open('account', 'w') as file:
        file.write(str(new))


def work():
    pay_in(50)


if __name__ == '__main__':
    with open('account', 'w') as file:
        file.write('0')
    ps = [Process(target=work) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(balance())
