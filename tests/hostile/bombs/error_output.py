# A traceback that is as long as it can be.
def deeper(text):
    raise ValueError(text)


deeper("x" * 90_000)
