from multiprocessing import Pool


def square(number):
    print("squares", number)
    return number**2


if __name__ == "__main__":
    with Pool(2) as pool:
        print(pool.map(square, range(4)))
        print(pool.apply_async(square, (7,)).get(timeout=5))
