import multiprocessing
import time

PLACES = multiprocessing.Semaphore(4)


class Guest(multiprocessing.Process):
    def run(self):
        print(self.name, "waits")
        with PLACES:
            print(self.name, "enters")
            time.sleep(0.5)
            print(self.name, "leaves")


if __name__ == "__main__":
    guests = [Guest(name=f"小{letter}") for letter in "赵钱孙李周吴郑王冯陈"]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print("closed")
