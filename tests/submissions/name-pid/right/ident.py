# 陈松
from multiprocessing import Process as P


class C(P):
    def __init__(self, *args, **kwargs):
        name = args[0]
        super().__init__(**kwargs)
        self._name = name

    def run(self):
        print('{} 正在 {}'.format(self.name, '画画'))


if __name__ == '__main__':
    c = C('陈松', daemon=True)
    c.start()
    print('主进程看到的编号是', c.ident, '。')
    c.join()
