/** ifconfig, route and arp of net-tools 2.10 in an emulated machine and in a real network namespace. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "../../../../src/engine/time.ts";
import { judges } from "../../../kit/fidelity.ts";
import { requireTool } from "../../../kit/tools.ts";
import { comparable, EmulatedBox, mayMakeNamespaces, RealBox, type Said } from "../twin.ts";

judges("net-tools");

const isPossible = ["ip", "ifconfig", "route", "arp"].every(requireTool) && mayMakeNamespaces();

/** Traffic of the real kernel (IGMP), and names that a resolver would have been asked about. */
const settled = (text: string): string =>
  comparable(text)
    .replace(/(RX|TX) packets \d+ {2}bytes \d+ \(.*\)/g, "$1 PACKETS")
    .replace(/^(\S+ +\d+) .*( [A-Z]+)$/gm, "$1 COUNTERS$2")
    .replace("Host name lookup failure", "Unknown host");

/** A usage is xenlab's own and tells what is modelled. */
const withoutUsage = (text: string): string => text.replace(/Usage:[\s\S]*/, "Usage");

describe.skipIf(!isPossible)("net-tools in both worlds", () => {
  let real: RealBox;
  let emulated: EmulatedBox;

  beforeEach(() => {
    real = new RealBox();
    emulated = new EmulatedBox();
    both("ip link set lo up", "ip link add v0 type veth peer name v1", "ip link set v1 up");
  });

  afterEach(() => real.close());

  function both(...lines: string[]): void {
    for (const line of lines) {
      const there = real.run(line);
      const here = emulated.run(line);
      const isTable = line.startsWith("arp") || line.startsWith("ip neigh");
      const shown = (said: Said) => ({
        line,
        out: isTable ? settled(said.out).split("\n").sort() : withoutUsage(settled(said.out)),
        err: withoutUsage(settled(said.err)),
        code: said.code,
      });
      expect(shown(here)).toEqual(shown(there));
    }
  }

  function settle(): void {
    real.run("sleep 1.1");
    emulated.wait(seconds(1.1));
  }

  it("a netmask of 32 bits leaves the broadcast address of the class", () => {
    both(
      "ifconfig v0 192.168.1.10 netmask 255.255.255.255 up",
      "ip addr show dev v0",
      "ip route show table all",
      "ifconfig v0 netmask 255.255.255.0",
      "ip addr show dev v0",
      "ifconfig v0 10.0.0.1 netmask 255.255.255.254",
      "ip addr show dev v0",
    );
  });

  it("ifconfig sets and shows", () => {
    both("ifconfig -a", "ifconfig", "ifconfig v0 10.0.0.1 netmask 255.255.255.0 up");
    settle();
    both("ifconfig", "ifconfig -s", "ifconfig v0", "ip addr", "ip route show table all");
    both(
      "ifconfig v0:1 10.0.0.9",
      "ifconfig v0:1",
      "ifconfig -a",
      "ifconfig v0 mtu 1400 promisc -arp -multicast",
      "ifconfig v0",
    );
    both(
      "ifconfig v0 arp -promisc multicast",
      "ifconfig v0 hw ether 00:16:3e:01:02:03",
      "ifconfig v0 10.2.0.1/16",
      "ifconfig v0",
    );
    both(
      "ifconfig v0 10.3.3.3",
      "ip addr show v0",
      "ifconfig v0:1 down",
      "ip addr show v0",
      "ifconfig v0 0.0.0.0",
      "ip addr show v0",
    );
    both(
      "ifconfig v0 10.0.0.1 netmask 255.255.255.0 broadcast 10.0.0.99 txqueuelen 5",
      "ifconfig v0",
      "ip addr show v0",
    );
    both(
      "ifconfig v0 netmask 255.255.0.0",
      "ip addr show v0",
      "ifconfig v0 172.16.0.1",
      "ifconfig v0 192.168.3.4",
      "ip route",
    );
    both("ifconfig v0 down", "ifconfig v0", "ifconfig", "ifconfig v0 name x0", "ifconfig x0");
  });

  it("ifconfig says what is wrong", () => {
    both("ifconfig nosuch", "ifconfig nosuch up", "ifconfig nosuch 1.2.3.4", "ifconfig v0 mtu 10", "ifconfig v0 mtu x");
    both(
      "ifconfig v0 foo",
      "ifconfig v0 netmask foo",
      "ifconfig v0 hw ether zz",
      "ifconfig v0 hw foo zz",
      "ifconfig v0 hw",
    );
    both(
      "ifconfig v0 netmask",
      "ifconfig v0 1.2.3.4.5",
      "ifconfig -z",
      "ifconfig v0 netmask 255.0.0.0",
      "ifconfig v0:7 down",
    );
    both("ifconfig nosuch mtu 1400", "ifconfig v0 hw ether 01:00:00:00:00:01", "ifconfig v0 broadcast 1.2.3.4");
  });

  it("route adds, shows and deletes", () => {
    both("ifconfig v0 10.0.0.1 netmask 255.255.255.0 up");
    settle();
    both(
      "route -n",
      "route add default gw 10.0.0.2",
      "route add -net 10.9.0.0 netmask 255.255.0.0 gw 10.0.0.3 metric 5",
    );
    both("route add -net 10.8.0.0/16 dev v0", "route add -host 10.7.0.1 dev v0", "route add -net 10.6.0.0/16 reject");
    both(
      "route add 10.5.0.1 gw 10.0.0.4",
      "route add -net 10.4.0.0/16 v0",
      "ip route add blackhole 10.3.0.0/16",
      "ip route add prohibit 10.2.0.0/16",
      "route -n",
      "route -ne",
      "route -nee",
      "ip route",
    );
    both("route add -net 10.5.0.0 dev v0", "route add default gw 99.9.9.9", "route add default");
    both("route add -host 10.7.0.1 dev v0", "route add -host 1.1.1.1 dev nosuch");
    both("route add -net 10.5.0.1 netmask 255.255.0.0 dev v0", "route foo", "route add", "route add -net");
    both(
      "route del default",
      "route del default",
      "route del -net 10.9.0.0 netmask 255.255.0.0",
      "route del -host 10.7.0.1",
    );
    both(
      "route del -net 10.6.0.0/16 reject",
      "route del -net 10.8.0.0/16",
      "route del 10.5.0.1",
      "route -n",
      "ip route",
    );
  });

  it("arp sets, shows and deletes", () => {
    both("ifconfig v0 10.0.0.1 netmask 255.255.255.0 up", "ifconfig v0 -arp", "ifconfig v0 arp");
    settle();
    both("arp -n", "arp -an", "arp -s 10.0.0.5 00:16:3e:00:00:05", "arp -s 10.0.0.6 00:16:3e:00:00:06 temp");
    both("arp -i v0 -s 10.0.0.7 00:16:3e:00:00:07", "ip neigh add 10.0.0.8 nud failed dev v0");
    both(
      "arp -n",
      "arp -an",
      "arp -e -n",
      "arp -v -n",
      "arp -n 10.0.0.5",
      "arp -an 10.0.0.5",
      "arp -n 10.0.0.99",
      "arp -an 10.0.0.99",
    );
    both(
      "arp -n -i v0",
      "arp -n -i nosuch",
      "arp -d 10.0.0.5",
      "arp -d 10.0.0.5",
      "arp -d 10.0.0.99",
      "arp -s 10.0.0.5",
    );
    both("arp -s 10.0.0.5 zz", "arp -s 99.0.0.5 00:16:3e:00:00:05", "arp -d", "arp -s", "arp -n", "ip neigh");
  });
});
