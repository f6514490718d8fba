# Makes the terminal change what is written to it.
import os
import termios
import tty

settings = termios.tcgetattr(1)
settings[1] |= termios.OPOST | termios.ONLCR
settings[3] |= termios.ECHO
termios.tcsetattr(1, termios.TCSANOW, settings)
tty.setraw(0)
termios.tcflow(1, termios.TCOOFF)
os.write(1, b"one\ntwo\n")
