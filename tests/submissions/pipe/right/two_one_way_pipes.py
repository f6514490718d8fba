from multiprocessing import Pipe, Process


class Player(Process):
    def __init__(self, hears, says, *others):
        super().__init__()
        self.hears, self.says, self.others = hears, says, others

    def run(self):
        for other in self.others:
            other.close()
        self.play()


class Server(Player):
    def play(self):
        for number in range(1, 4):
            print(f"ping {number}")
            self.says.send(f"ping {number}")
            self.hears.recv()


class Other(Player):
    def play(self):
        try:
            while True:
                number = self.hears.recv().split()[1]
                print(f"pong {number}")
                self.says.send(f"pong {number}")
        except EOFError:
            print("over")


if __name__ == "__main__":
    ping_out, ping_in = Pipe(duplex=False)
    pong_out, pong_in = Pipe(duplex=False)
    players = [
        Other(ping_out, pong_in, ping_in, pong_out),
        Server(pong_out, ping_in, ping_out, pong_in),
    ]
    for player in players:
        player.start()
    for end in (ping_out, ping_in, pong_out, pong_in):
        end.close()
    for player in players:
        player.join()
    print("done")
