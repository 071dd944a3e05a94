"""Sends frames into a network namespace and prints what the devices there received, frame by frame.

stdin: JSON list of [device, hex frame]. stdout: JSON list of lists such as ["q1 0200...", "br0 0200..."], what came in on
the far ends q0, q1, ... of the bridge's ports and on the bridge itself, in order.
"""
import json
import select
import socket
import sys

PACKET_OUTGOING = 4

plan = json.load(sys.stdin)
ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
seen = []


def listen(wait):
    heard = []
    while select.select([ears], [], [], wait)[0]:
        data, (device, _, kind, _, _) = ears.recvfrom(65536)
        if kind != PACKET_OUTGOING and (device[0] == "q" or device == "br0"):
            heard.append(f"{device} {data.hex()}")
    return heard


listen(0.05)
for device, frame in plan:
    mouth.sendto(bytes.fromhex(frame), (device, 0))
    seen.append(listen(0.002))
seen[-1] += listen(0.2)
json.dump(seen, sys.stdout)
