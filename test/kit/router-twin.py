"""Drives a real router in one network namespace from the wires that end in another.

argv: the router's namespace; run inside the namespace of the far ends. stdin: JSON list of steps, each
{"run": shell line in the router} or {"on": device, "frame": hex, "wait": seconds}. stdout: JSON list with what each step
brought: for a frame ["q1 0200...", ...], what came out of the router in order; for a line its output.
"""
import json
import select
import socket
import subprocess
import sys
import time

PACKET_OUTGOING = 4

ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


def listen(wait):
    heard = []
    until = time.monotonic() + wait
    while True:
        left = until - time.monotonic()
        if not select.select([ears], [], [], max(left, 0))[0]:
            return heard
        data, (device, _, kind, _, _) = ears.recvfrom(65536)
        if kind != PACKET_OUTGOING and device[0] == "q":
            heard.append(f"{device} {data.hex()}")


def shell(line):
    command = ["ip", "netns", "exec", sys.argv[1], "sh", "-c", line]
    done = subprocess.run(command, capture_output=True, text=True)
    return [done.stdout + done.stderr]


def fire(step):
    mouth.sendto(bytes.fromhex(step["frame"]), (step["on"], 0))
    return listen(step["wait"])


listen(0.1)
json.dump([shell(step["run"]) if "run" in step else fire(step) for step in json.load(sys.stdin)], sys.stdout)
