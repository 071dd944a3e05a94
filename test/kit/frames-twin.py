"""Sends Ethernet frames (hex, a line each) on an interface and prints, for each, the frames that come back, as JSON."""
import json, select, socket, sys, time

name, wait = sys.argv[1], float(sys.argv[2])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
link.bind((name, 0))
for line in sys.stdin:
    link.send(bytes.fromhex(line.strip()))
    replies, until = [], time.monotonic() + wait
    while (left := until - time.monotonic()) > 0:
        if not select.select([link], [], [], left)[0]:
            break
        data, where = link.recvfrom(65536)
        if where[2] != socket.PACKET_OUTGOING:
            replies.append(data.hex())
    print(json.dumps(replies), flush=True)
