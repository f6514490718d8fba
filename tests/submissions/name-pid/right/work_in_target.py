from multiprocessing import Process, current_process


def work():
    print(current_process().name, '正在吃饭', sep='')


class Named(Process):
    def __init__(self, who, job):
        Process.__init__(self, None, job, who)


if __name__ == '__main__':
    child = Named('陈松', work)
    child.start()
    child.join()
    print(f'pid={child.pid}')
