# Looks through the machine for sockets of local services, and connects to them.
import os
import socket
import stat

reached = []
for top in ("/run", "/var/run", "/tmp", "/var/lib", "/dev", os.path.expanduser("~/..")):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if not stat.S_ISSOCK(os.stat(path).st_mode):
                    continue
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
            except OSError:
                continue
            reached.append(path)
print("reached", reached)
