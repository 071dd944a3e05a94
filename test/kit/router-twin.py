"""Drives a real router in one network namespace from the wires that end in another.

argv: the router's namespace; run inside the namespace of the far ends. stdin: JSON list of steps, each
{"run": shell line in the router} or {"on": device, "frame": hex, "wait": seconds}. stdout: JSON list with what each step
brought: for a frame ["q1 0200...", ...], what came out of the router in order; for a line its output.

A frame is not waited for by the clock: a mark is sent after it, on the wire s0, which the router only bridges to s1. All
of this runs on one processor, whose backlog is first in, first out; when the mark is back, so is what the frame brought.
"wait" is for what the router does later.
"""
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import time

PACKET_OUTGOING = 4
MARK = bytes.fromhex("ffffffffffff" + "0200000000ff" + "88b5")
END = "router-twin: the line has ended"

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
# How often the router sends redirects is a matter of milliseconds: a busy machine must not put seconds between two frames.
os.setpriority(os.PRIO_PROCESS, 0, -15)

ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
numbers = itertools.count()
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
prompt = subprocess.Popen(
    ["ip", "netns", "exec", sys.argv[1], "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT, text=True,
)


def shell(line):
    prompt.stdin.write(f"{line}\necho '{END}'\n")
    prompt.stdin.flush()
    said = ""
    while not said.endswith(f"{END}\n"):
        more = prompt.stdout.readline()
        if more == "":
            raise EOFError(line)
        said += more
    return [said[: -len(END) - 1]]


def hear():
    data, (device, _, kind, _, _) = ears.recvfrom(65536)
    return device, data, kind != PACKET_OUTGOING


def mark_is_back(number, heard, patience):
    mark = MARK + number.to_bytes(46, "big")
    mouth.sendto(mark, ("s0", 0))
    until = time.monotonic() + patience
    while select.select([ears], [], [], max(until - time.monotonic(), 0))[0]:
        device, data, came = hear()
        if came and data == mark:
            return True
        if came and device[0] == "q":
            heard.append(f"{device} {data.hex()}")
    return False


def until_mark(heard):
    if not mark_is_back(next(numbers), heard, 10):
        raise TimeoutError("the mark is lost")


def until_wires_work():
    while not mark_is_back(next(numbers), [], 0.1):
        pass


def fire(step):
    heard = []
    mouth.sendto(bytes.fromhex(step["frame"]), (step["on"], 0))
    until_mark(heard)
    if step["wait"] > 0:
        time.sleep(step["wait"])
        until_mark(heard)
    return heard


until_wires_work()
json.dump([shell(step["run"]) if "run" in step else fire(step) for step in json.load(sys.stdin)], sys.stdout)
prompt.stdin.close()
prompt.wait()
