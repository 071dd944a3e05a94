"""Runs a program in a pseudo terminal, takes the terminal away under it, and prints how it ended.

argv: "leader" or "stranger", a text on the screen to wait for, the program with its arguments. A leader has the terminal
as its controlling one and is sent SIGHUP; a stranger only finds that its input has ended. stdout: the exit code, or the
signal with a minus; "running" when it still was after ten seconds.
"""
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

role, wanted, *command = sys.argv[1:]
master, slave = pty.openpty()
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))


def take_terminal():
    os.setsid()
    if role == "leader":
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=take_terminal)
os.close(slave)


def read_until(found, seconds):
    seen = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not found(seen):
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536)


read_until(lambda seen: wanted.encode() in seen, 30)
os.write(master, b" ")
read_until(lambda seen: b"xenbr0" in seen and "◉".encode() in seen, 10)
os.close(master)
try:
    print(process.wait(10))
except subprocess.TimeoutExpired:
    print("running")
    process.kill()
    process.wait()
