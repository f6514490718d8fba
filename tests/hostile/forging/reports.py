# Tells the supervisor by the probe's channel what never happened.
import os


def report(function, **fields):
    text = "\x1f".join(
        ["grader-probe", f"function={function}", *(f"{k}={v}" for k, v in fields.items())]
    )
    try:
        os.write(0x7FFFFFFF, text.encode())
    except OSError:
        pass


for function in ("start", "join", "terminate", "is_alive"):
    report(function, pid=os.getpid() + 1, sentinel=5, name="p", daemon=0, file="reports.py", line=4)
report("ready", python="9.9.9")
report("code-ended", opcodes=10**8)
report("change-point", count=10**18)
report("ready", python="\x00" * 900)
for garbage in (
    b"",
    b"grader-probe",
    b"grader-probe\x1ffunction=\xff\xfe",
    b"\x1f" * 4000,
    b"x" * 10**6,
):
    try:
        os.write(0x7FFFFFFF, garbage)
    except OSError:
        pass
print("answer", os.getpid() + 1)
print("worked")
print("done")
