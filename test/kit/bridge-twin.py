"""Sends frames into a real bridge and prints which devices saw each of them, in order. Runs inside a network namespace.

stdin: JSON list of [port, hex frame]; the frame carries its number in the two bytes after the header. stdout: JSON list
of lists such as ["p3 tx", "br0 rx"].
"""
import json
import select
import socket
import sys

PACKET_OUTGOING = 4
EXPERIMENT = 0x88B5

plan = json.load(sys.stdin)
ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
seen = [[] for _ in plan]


def listen(wait):
    while select.select([ears], [], [], wait)[0]:
        data, (device, _, kind, _, _) = ears.recvfrom(65536)
        # Only the bridge's side: its ports p0, p1, ... and the bridge itself.
        if int.from_bytes(data[12:14], "big") != EXPERIMENT or device[0] not in "pb":
            continue
        direction = "tx" if kind == PACKET_OUTGOING else "rx"
        seen[int.from_bytes(data[14:16], "big")].append(f"{device} {direction}")


for port, frame in plan:
    mouth.sendto(bytes.fromhex(frame), (f"q{port}" if port >= 0 else "br0", 0))
    listen(0.001)
listen(0.2)
json.dump(seen, sys.stdout)
