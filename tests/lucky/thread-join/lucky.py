import threading


def work():
    print('done')


t = threading.Thread(target=work)
t.start()
print('over')
