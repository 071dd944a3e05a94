"""Plays cases of the fuzz in network namespaces of the kernel. A JSON line in for each case, a JSON line out.

In: {"cables": [{"near", "mac", "far"}], "farMtu", "before": [line], "settled": [line], "steps": [{"run": line} or {"on": near,
"frame": hex}]}. Out: a list for each step; of a frame "vif1.0 0200..." for what left domain 0, in order; of a line "ok" or
"failed" first.

Each case has two namespaces of its own, without names: domain 0 and the far ends of its cables. They end with the last
descriptor that holds them.

Lines that follow each other and are for the same tool are given to one process of it (`ip -batch`, `iptables-restore -n`).

A frame is not waited for by the clock: marks are sent after it from one far end to another. All of this runs on one
processor, whose backlog is first in, first out: when the marks are back, so is what the frame brought.
"""
import array
import ctypes
import errno
import fcntl
import itertools
import json
import os
import shlex
import socket
import struct
import subprocess
import sys
import time

NEWNET = 0x40000000
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_IGNORE_OUTGOING = 23
TP_STATUS_VLAN_VALID = 0x10
TP_STATUS_VLAN_TPID_VALID = 0x40
SIOCETHTOOL = 0x8946
ETHTOOL_GLINK = 0x0A
ETHTOOL_STXCSUM = 0x17
SIOCGIFFLAGS = 0x8913
MARK = bytes.fromhex("ffffffffffff" + "0200000000ff" + "88b5")
# From softirq to softirq: a frame for domain 0 itself, its answer looped through lo, and out.
ROUNDS = 4

libc = ctypes.CDLL(None, use_errno=True)


def check(answer, what):
    if answer != 0:
        raise OSError(ctypes.get_errno(), what)


def fresh_namespace():
    check(libc.unshare(NEWNET), "unshare")
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(namespace):
    check(libc.setns(namespace, NEWNET), "setns")


def run(*argv, text=None):
    return subprocess.run(argv, input=text, capture_output=True, text=True)


def in_batch(lines):
    """Which of these `ip` lines failed. A line that it cannot make sense of ends it: what it shows tells how far it came."""
    failed = []
    while len(failed) < len(lines):
        rest = lines[len(failed) :]
        done = run("ip", "-force", "-batch", "-", text="".join(f"{line[3:]}\nlink show dev lo\n" for line in rest))
        words = [line for line in done.stderr.splitlines() if line.startswith("Command failed -:")]
        bad = {int(line.rsplit(":", 1)[1]) // 2 for line in words}
        shown = sum(line.startswith("1: lo:") for line in done.stdout.splitlines())
        failed += [number in bad for number in range(shown)]
        if shown < len(rest):
            failed.append(True)
    return failed


def one_by_one(lines):
    return [run("sh", "-c", line).returncode != 0 for line in lines]


def by_restore(lines):
    tables = {}
    for line in lines:
        words = shlex.split(line)[1:]
        table = "filter"
        if words[0] == "-t":
            table, words = words[1], words[2:]
        # A table is committed as a whole: lines of the other tables must not come between.
        tables.setdefault(table, []).append(" ".join(words))
    text = "".join(f"*{table}\n" + "\n".join(rules) + "\nCOMMIT\n" for table, rules in tables.items())
    if run("iptables-restore", "-n", text=text).returncode == 0:
        return [False] * len(lines)
    return one_by_one(lines)


def write_sysctl(line):
    name, _, value = line.split()[-1].partition("=")
    # A slash in a name with dots is a dot.
    path = "/proc/sys/" + name.translate(str.maketrans("./", "/."))
    try:
        with open(path, "w") as file:
            file.write(value)
        return False
    except OSError:
        return True


def ethtool(near, command, value=0):
    data = array.array("B", struct.pack("II", command, value))
    request = struct.pack("16sP8x", near.encode(), data.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            fcntl.ioctl(any_socket, SIOCETHTOOL, request)
        except OSError:
            return True
    return False


def tool_of(line):
    if line.startswith("sysctl -q -w ") and len(line.split()) == 4:
        return "sysctl"
    if line.startswith("ethtool -K ") and line.endswith(" tx off"):
        return "ethtool"
    word = line.split()[0]
    plain = not any(sign in line for sign in ";|&<>$'\"")
    # iptables-restore 1.8.9 flushes what was there before its text, not what its lines above have added.
    is_flush = word == "iptables" and "-F" in line.split()
    return word if plain and not is_flush and word in ("ip", "iptables") else "sh"


def run_lines(lines):
    """Which of these failed."""
    failed = []
    for tool, group in itertools.groupby(lines, tool_of):
        group = list(group)
        if tool == "ip":
            # Snooping asks questions of its own.
            failed += in_batch([line + " mcast_snooping 0" if " type bridge" in line else line for line in group])
        elif tool == "iptables":
            failed += by_restore(group)
        elif tool == "sysctl":
            failed += [write_sysctl(line) for line in group]
        elif tool == "ethtool":
            failed += [ethtool(line.split()[2], ETHTOOL_STXCSUM) for line in group]
        else:
            failed += one_by_one(group)
    return failed


def settle_links():
    """A carrier is told of by a work item; who asks for it does that work himself (ethtool_op_get_link)."""
    for _, name in socket.if_nameindex():
        ethtool(name, ETHTOOL_GLINK)


class Case:
    def __init__(self, order):
        self.near = {cable["far"]: cable["near"] for cable in order["cables"]}
        self.far = {near: far for far, near in self.near.items()}
        self.far_side = fresh_namespace()
        self.dom0 = fresh_namespace()
        self.build(order)
        enter(self.far_side)
        self.ears = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.ears.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.ears.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.ears.settimeout(10)
        self.mouth = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.numbers = itertools.count()

    def build(self, order):
        for place in ("all", "default"):
            write_sysctl(f"net.ipv6.conf.{place}.disable_ipv6=1")
        must(run_lines(order["before"]), order["before"])
        far_side = f"/proc/{os.getpid()}/fd/{self.far_side}"
        pairs = [
            f"ip link add {c['near']} address {c['mac']} type veth peer name {c['far']} netns {far_side}" for c in order["cables"]
        ]
        must(run_lines(pairs), pairs)
        enter(self.far_side)
        for place in ("all", "default"):
            write_sysctl(f"net.ipv6.conf.{place}.disable_ipv6=1")
        ends = [f"ip link set {c['far']} arp off mtu {order['farMtu']} up" for c in order["cables"]]
        ends += ["ip link add s0 arp off type veth peer name s1", "ip link set s0 up", "ip link set s1 arp off up"]
        must(run_lines(ends), ends)
        enter(self.dom0)
        must(run_lines(order["settled"]), order["settled"])

    def hear(self):
        data, notes, _, (device, _, _, _, _) = self.ears.recvmsg(65536, 256)
        for level, kind, note in notes:
            if level != SOL_PACKET or kind != PACKET_AUXDATA:
                continue
            status, _, _, _, _, tag, protocol = struct.unpack("IIIHHHH", note)
            if status & TP_STATUS_VLAN_VALID:
                protocol = protocol if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                data = data[:12] + struct.pack("!HH", protocol, tag) + data[12:]
        return device, data

    def until_quiet(self):
        heard = []
        for _ in range(ROUNDS):
            mark = MARK + next(self.numbers).to_bytes(46, "big")
            self.mouth.sendto(mark, ("s0", 0))
            while True:
                device, data = self.hear()
                if device == "s1" and data == mark:
                    break
                if device in self.near:
                    heard.append(f"{self.near[device]} {data.hex()}")
        return heard

    def type_lines(self, lines):
        enter(self.dom0)
        failed = run_lines(lines)
        settle_links()
        enter(self.far_side)
        settle_links()
        heard = [["failed" if each else "ok"] for each in failed]
        heard[-1] += self.until_quiet()
        return heard

    def fire(self, shot):
        try:
            self.mouth.sendto(bytes.fromhex(shot["frame"]), (self.far[shot["on"]], 0))
        except OSError as error:
            # The cable itself has refused it: its near end is down, or takes no frame as long as that.
            if error.errno != errno.ENOBUFS:
                raise
        return self.until_quiet()

    def play(self, steps):
        outcome = []
        for is_line, group in itertools.groupby(steps, lambda step: "run" in step):
            if is_line:
                outcome += self.type_lines([step["run"] for step in group])
            else:
                outcome += [self.fire(step) for step in group]
        return outcome

    def close(self):
        self.ears.close()
        self.mouth.close()
        os.close(self.dom0)
        os.close(self.far_side)


def must(failed, lines):
    for bad, line in zip(failed, lines):
        if bad:
            raise RuntimeError(f"{line} failed")


def load_bridge_netfilter():
    """The first rule that asks for a bridge's port loads the module."""
    if os.path.isdir("/proc/sys/net/bridge"):
        return
    os.close(fresh_namespace())
    must(one_by_one(["iptables -A FORWARD -m physdev --physdev-is-in"]), ["iptables -m physdev"])


def main():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    load_bridge_netfilter()
    for line in sys.stdin:
        order = json.loads(line)
        case = Case(order)
        outcome = case.play(order["steps"])
        case.close()
        enter(home)
        print(json.dumps(outcome), flush=True)


main()
