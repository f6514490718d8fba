# All calls that can put bytes on a terminal.
import os

text = b"answer 4711\n"
out = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY)
os.write(out, text)
os.writev(out, [text, text])
with open("file", "wb") as file:
    file.write(text)
read, write = os.pipe()
os.write(write, text)
for deed in (
    lambda: os.pwrite(out, text, 0),
    lambda: os.pwritev(out, [text], 0),
    lambda: os.sendfile(out, os.open("file", os.O_RDONLY), 0, len(text)),
    lambda: os.splice(read, out, len(text)),
    lambda: os.copy_file_range(os.open("file", os.O_RDONLY), out, len(text)),
):
    try:
        deed()
    except (OSError, AttributeError) as error:
        print(error)
