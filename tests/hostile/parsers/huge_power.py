# A power that nobody can compute.
x = 10 ** 10 ** 10
