# Opens files for ever.
kept = []
while True:
    kept.append(open("/dev/null"))
