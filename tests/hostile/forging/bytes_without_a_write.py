# Puts bytes on the terminal by calls that are no writes.
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong(0)
print("set up", libc.syscall(206, 8, ctypes.byref(context)), os.strerror(ctypes.get_errno()))
text = ctypes.create_string_buffer(b"answer 4711\n")
block = ctypes.create_string_buffer(
    struct.pack("QIIHhIQqqQII", 0, 0, 0, 1, 0, 1, ctypes.addressof(text), 12, 0, 0, 0, 0)
)
pointers = (ctypes.c_void_p * 1)(ctypes.addressof(block))
print("submitted", libc.syscall(209, context, 1, pointers), os.strerror(ctypes.get_errno()))
