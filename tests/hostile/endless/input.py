# Asks, and is never answered.
input("password: ")
