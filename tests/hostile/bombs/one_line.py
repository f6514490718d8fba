# Prints five megabytes without a newline.
print("x" * 5_000_000, end="")
