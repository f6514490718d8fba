import multiprocessing


def work():
    print('hello')


context = multiprocessing.get_context('fork')
p = context.Process(target=work)
p.start()
p.join()
