# Makes a system call whose number has high bits, of which the kernel takes no notice.
import ctypes

HIGH, WRITE = 1 << 32, 1
line = ctypes.create_string_buffer(b"forged\n")
arguments = (WRITE | HIGH, 1, ctypes.addressof(line), 7)
print("written", ctypes.CDLL(None).syscall(*map(ctypes.c_long, arguments)))
