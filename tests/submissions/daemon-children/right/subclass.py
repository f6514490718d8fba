from multiprocessing import Process


class Daemon(Process):
    def __init__(self):
        super().__init__(name='守护', daemon=True)

    def run(self):
        try:
            Process(target=print, args=('不会出现',)).start()
        except AssertionError as reason:
            message = reason.args[0]
        else:
            message = '没有'
        print('被拒绝:', message)


if __name__ == '__main__':
    daemon = Daemon()
    daemon.start()
    while daemon.is_alive():
        daemon.join(timeout=1)
