/** Files of /proc/net beside the kernel's: the same neighbours, routes and sockets, the same lines. */
import { describe, expect, test } from "vitest";
import { judges } from "../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";
import { SocketLab } from "./command/socket-lab.ts";
import { withLoopback } from "./command/twin.ts";
import { typed } from "./on-machine.ts";

judges("proc net");

const SETUP = [
  "ip link set lo up",
  "ip link add e0 address 02:00:00:00:00:01 type veth peer name e1",
  "ip link set e0 up",
  "ip link set e1 up",
  "ip addr add 10.0.0.1/24 dev e0",
  "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev e0",
  "ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev e0 nud reachable",
  "ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev e0 nud noarp",
  "ip neigh add proxy 10.0.0.7 dev e0",
  "ip route add default via 10.0.0.254 metric 100",
  "ip route add 192.168.0.0/16 dev e0",
  "ip route add 192.168.7.9 via 10.0.0.253",
  "ip route add unreachable 172.16.0.0/12",
  "ip route add blackhole 172.32.0.0/16",
];

/** The kernel's hash has an order of its own. */
const sorted = (text: string): string[] => {
  const [head = "", ...lines] = text.split("\n");
  return [head, ...lines.sort()];
};

describe.skipIf(!requireTool("ip") || !canMakeNamespaces())("beside the kernel", () => {
  test.each(["arp", "route"])("/proc/net/%s", (name) => {
    const real = new NetNamespace();
    const machine = withLoopback();
    try {
      real.prepare("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1", ...SETUP);
      for (const line of SETUP) expect(typed(machine, line), line).toMatchObject({ code: 0 });
      const ours = typed(machine, `cat /proc/net/${name}`).out;
      const theirs = real.run(`cat /proc/net/${name}`).out;
      if (name === "route") expect(ours).toBe(theirs);
      else expect(sorted(ours)).toEqual(sorted(theirs));
      expect(ours.split("\n").length).toBeGreaterThan(3);
    } finally {
      real.remove();
    }
  });
});

const TOOLS = ["nc", "ping", "arping", "tcpdump", "dnsmasq"];

/** Without what chance gives: buckets, inodes, where a socket lies. */
const settled = (text: string): string[] =>
  sorted(
    text
      .replace(/^ *\d+:/gm, "BUCKET:")
      .replace(/( \d+) \d+ 2 [0-9a-f]{16} 0 *$/gm, "$1 INODE 2 WHERE 0")
      .replace(/^[0-9a-f]{16} (.*) \d+ *$/gm, "WHERE $1 INODE"),
  );

describe.skipIf(!TOOLS.every(requireTool) || !canMakeNamespaces())("sockets beside the kernel", () => {
  test("/proc/net/tcp, udp, udplite, raw, icmp, packet", () => {
    const lab = new SocketLab();
    try {
      for (const name of ["udp", "udplite", "raw", "icmp", "packet"]) {
        const [ours, theirs] = [lab.here(`cat /proc/net/${name}`).out, lab.there(`cat /proc/net/${name}`).out];
        expect.soft(settled(ours), name).toEqual(settled(theirs));
        const [longest, theirLongest] = [ours, theirs].map((text) =>
          Math.max(...text.split("\n").map((each) => each.length)),
        );
        if (name === "udp") expect(longest).toBe(theirLongest);
      }
      const [head = ""] = lab.there("cat /proc/net/tcp").out.split("\n");
      expect(lab.here("cat /proc/net/tcp").out).toBe(`${head}\n`);
      const counted = /^(UDP: inuse|UDPLITE|RAW|FRAG).*$/gm;
      expect(lab.here("cat /proc/net/sockstat").out.match(counted)).toEqual(
        lab.there("cat /proc/net/sockstat").out.match(counted),
      );
    } finally {
      lab.close();
    }
  }, 60_000);
});
