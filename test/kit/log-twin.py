"""Sends frames into a network namespace whose kernel tells nfnetlink_log of what it logs, and prints what was told.

stdin: JSON list of [device, hex frame]. stdout: JSON list of lists such as ["nf_ct_proto_6: bad checksum  p0 "]: prefix,
name of the device it came in by, name of the one it leaves by. Wants net.netfilter.nf_log.2=nfnetlink_log.
"""
import json
import select
import socket
import struct
import sys

NETLINK_NETFILTER = 12
NFNL_SUBSYS_ULOG = 4
CONFIG = NFNL_SUBSYS_ULOG << 8 | 1
REQUEST_WITH_ACK = 5
PREFIX, INDEV, OUTDEV = 10, 4, 5

log = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
log.bind((0, 0))


def attribute(kind, data):
    length = 4 + len(data)
    return struct.pack("=HH", length, kind) + data + b"\0" * (-length % 4)


def configure(*attributes):
    body = struct.pack("!BBH", socket.AF_INET, 0, 0) + b"".join(attributes)
    log.send(struct.pack("=IHHII", 16 + len(body), CONFIG, REQUEST_WITH_ACK, 0, 0) + body)
    error = struct.unpack_from("=i", log.recv(65536), 16)[0]
    if error != 0:
        raise OSError(-error, "NFULNL_MSG_CONFIG")


def attributes_of(data):
    at = 20
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x7FFF, data[at + 4 : at + length]
        at += length + (-length % 4)


def name(data):
    return socket.if_indextoname(struct.unpack("!I", data)[0]) if data else ""


def heard(wait):
    lines = []
    while select.select([log], [], [], wait)[0]:
        data = log.recv(65536)
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind == NFNL_SUBSYS_ULOG << 8:
                told = dict(attributes_of(data[:length]))
                prefix = told[PREFIX].rstrip(b"\0").decode()
                lines.append(f"{prefix}IN={name(told.get(INDEV))} OUT={name(told.get(OUTDEV))}")
            data = data[(length + 3) & ~3 :]
    return lines


configure(attribute(1, bytes([1])))  # bind
configure(attribute(2, struct.pack("!IBB", 0, 0, 0)))  # copy nothing of the packet
configure(attribute(5, struct.pack("!I", 1)))  # tell at once
mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
said = []
for device, frame in json.load(sys.stdin):
    mouth.sendto(bytes.fromhex(frame), (device, 0))
    said.append(heard(0.01))
said[-1] += heard(0.3)
json.dump(said, sys.stdout)
