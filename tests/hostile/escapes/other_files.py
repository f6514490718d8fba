# Changes what Landlock does not cover, of files of its user: rights, owners, times, attributes.
# (To what they are already: should it succeed nothing is changed.)
import os
import stat
import sys

changed = []
folder = os.path.dirname(os.__file__)
for path in (sys.executable, os.__file__, folder, "/usr", "/etc/passwd"):
    try:
        status = os.stat(path)
    except OSError:
        continue
    mode = stat.S_IMODE(status.st_mode)
    times = (status.st_atime_ns, status.st_mtime_ns)
    for deed in (
        lambda: os.chmod(path, mode),
        lambda: os.chmod(path[1:], mode, dir_fd=os.open("/", os.O_PATH)),
        lambda: os.fchmod(os.open(path, os.O_RDONLY), mode),
        lambda: os.chown(path, status.st_uid, status.st_gid),
        lambda: os.utime(path, ns=times),
        lambda: os.utime(os.open(path, os.O_RDONLY), ns=times),
        lambda: os.setxattr(path, "user.grader-hostile", b"", os.XATTR_REPLACE),
    ):
        try:
            deed()
        except OSError:
            continue
        changed.append(path)
print("changed", changed)
