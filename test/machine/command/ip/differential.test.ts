/** The same `ip` command lines in an emulated machine and in a real network namespace. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "../../../../src/engine/time.ts";
import { judges } from "../../../kit/fidelity.ts";
import { requireTool } from "../../../kit/tools.ts";
import { comparable, EmulatedBox, mayMakeNamespaces, RealBox, type Said } from "../twin.ts";

judges("ip");

const isPossible = requireTool("ip") && mayMakeNamespaces();

/** Random bits that only the two worlds' kernels know: queue counts, timers, the order of hash tables. */
const settled = (text: string): string =>
  comparable(text)
    .replace(/(num[rt]xqueues) \d+/g, "$1 Q")
    .replace(/("num_[rt]x_queues": ?)\d+/g, "$1Q")
    .replace(/(_timer"?:? *)\d+\.\d\d/g, "$1T")
    // This kernel may be built without VLAN filtering of bridges.
    .replace(/ vlan_protocol 802\.1Q| vlan_default_pvid 1 vlan_stats_enabled 0 vlan_stats_per_port 0/g, "")
    .replace(/"vlan_protocol":"802.1Q",|"vlan_default_pvid":1,"vlan_stats_enabled":0,"vlan_stats_per_port":0,/g, "");

const sorted = (text: string): string => text.split("\n").sort().join("\n");

describe.skipIf(!isPossible)("ip in both worlds", () => {
  let real: RealBox;
  let emulated: EmulatedBox;

  beforeEach(() => {
    real = new RealBox();
    emulated = new EmulatedBox();
  });

  afterEach(() => real.close());

  /** Runs each line in both and compares everything it says. */
  function both(...lines: string[]): void {
    for (const line of lines) {
      const there = real.run(line);
      const here = emulated.run(line);
      expect({ line, ...compared(line, here) }).toEqual({ line, ...compared(line, there) });
    }
  }

  const compared = (line: string, { out, err, code }: Said): Said => {
    const isTable = line.includes("neigh") && !line.includes("-j");
    return { out: isTable ? sorted(settled(out)) : settled(out), err: settled(err), code };
  };

  /** A usage is xenlab's own and tells what is modelled: only the exit code is compared. */
  function bothRefuse(...lines: string[]): void {
    for (const line of lines) {
      const there = real.run(line);
      const here = emulated.run(line);
      const isUsage = there.err.startsWith("Usage:") || there.err.includes("\nUsage:");
      const err = (said: Said): string =>
        isUsage ? said.err.split("\n")[0]!.replace(/^Usage:.*/, "Usage") : settled(said.err);
      expect({ line, err: err(here), code: here.code }).toEqual({ line, err: err(there), code: there.code });
    }
  }

  /** Links settle: the real kernel's link watch takes up to a second. */
  function settle(): void {
    real.run("sleep 1.1");
    emulated.wait(seconds(1.1));
  }

  const SHOW_LINKS = [
    "ip link",
    "ip -br link",
    "ip -o link",
    "ip -d link",
    "ip -j link",
    "ip -j -d link",
    "ip -j -br link",
  ];

  it("makes, changes and removes links", () => {
    both("ip link set lo up", "ip link add br0 type bridge", "ip link add v0 type veth peer name v1", ...SHOW_LINKS);
    both("ip link set v0 master br0", "ip link set v0 up", "ip link set dev v1 up", "ip link set br0 up");
    settle();
    both(...SHOW_LINKS, "ip -d -j -p link show v1");
    both("ip link set v1 address 00:16:3e:00:00:01 mtu 1400 txqueuelen 32 promisc on arp off multicast off");
    both("ip link show v1", "ip link set v0 down");
    settle();
    both("ip link", "ip link set v0 name x0", "ip link", "ip link set x0 nomaster", "ip link show type veth");
    both(
      "ip link set x0 master br0",
      "ip link show type bridge_slave",
      "ip link show master br0",
      "ip -j link show up",
    );
    both("ip link del x0", "ip link", "ip link del dev br0", "ip -br link");
  });

  it("takes names, abbreviations and options as ip does", () => {
    both(
      "ip l a type bridge",
      "ip l add type veth",
      "ip l",
      "ip -br l sh",
      "ip a",
      "ip -4 a",
      "ip -br a",
      "ip addr show up",
    );
    both("ip link set bridge0 type bridge stp_state 1 forward_delay 400", "ip -d link show bridge0");
    both(
      "ip link set veth0 master bridge0",
      "ip link set veth0 type bridge_slave hairpin on priority 7",
      "ip -d link show veth0",
    );
    // A port that is down takes its cost too.
    both(
      "ip link set veth0 type bridge_slave cost 9",
      "ip -d link show veth0",
      ...["cost x", "cost 0", "cost 65536", "priority x", "priority 64", "priority 65536"].map(
        (words) => `ip link set veth0 type bridge_slave ${words}`,
      ),
      ...["priority 65536", "priority -1", "group_fwd_mask 65536", "ageing_time x"].map(
        (words) => `ip link set bridge0 type bridge ${words}`,
      ),
    );
    // A table is there from the first route that was wanted in it, whatever became of that.
    both(
      "ip route show table 77",
      "ip route add 10.9.0.1/24 via 10.250.0.1 table 77",
      "ip route show table 77",
      "ip route del 10.9.0.0/24 table 77",
      "ip route add 10.9.0.0/24 via 10.250.0.1 table 77",
      "ip route show table 77",
      "ip route del 10.9.0.0/24 table 77",
      "ip route add blackhole 10.9.0.0/24 dev veth0 table 78",
      "ip route show table 78",
    );
    both(
      "ip -V",
      "ip -o addr",
      "ip -j -p addr",
      "ip r",
      "ip n",
      "ip -0 addr",
      "ip -f inet addr",
      "ip link show dev lo up",
    );
  });

  it("keeps addresses: order, scopes, labels, secondaries", () => {
    both("ip link set lo up", "ip link add v0 type veth peer name v1", "ip link set v1 up", "ip link set v0 up");
    settle();
    both(
      "ip addr add 10.0.0.1/24 brd + dev v0",
      "ip a add 10.0.0.2/24 dev v0 label v0:1",
      "ip addr add 10.0.1.1 dev v0",
    );
    both(
      "ip addr add 10.0.2.1/24 dev v0 scope link",
      "ip addr add 10.3/16 brd - dev v0",
      "ip addr add 127.0.0.5/32 dev lo",
    );
    const show = [
      "ip addr",
      "ip -br addr",
      "ip -o addr",
      "ip -j addr",
      "ip -j -p addr show v0",
      "ip -j -o addr show dev v0",
    ];
    both(...show, "ip -j -br addr", "ip -d addr show v0", "ip -4 -j addr");
    both("ip addr show to 10.0.0.0/24", "ip addr show scope link", "ip addr show label v0:1", "ip addr show label v*");
    both("ip addr show secondary", "ip addr show primary", "ip -o addr show scope host", "ip addr show type veth");
    both("ip route", "ip route show table local", "ip route show table all", "ip -j route show table local");
    both("ip addr del 10.0.0.1/24 dev v0", "ip addr show v0", "ip route show table all", "ip addr del 10.0.1.1 dev v0");
    both(
      "ip addr add 0.0.0.0/8 dev v0",
      "ip addr flush dev v0 scope link",
      "ip addr",
      "ip -s addr flush dev v0",
      "ip addr",
    );
    both("ip -s addr flush dev v0", "ip -s -s addr flush lo", "ip route show table all");
  });

  it("keeps routes: order, types, replacing, looking up", () => {
    both("ip link set lo up", "ip link add v0 type veth peer name v1", "ip link set v1 up", "ip link set v0 up");
    settle();
    both(
      "ip addr add 10.0.0.1/24 brd + dev v0",
      "ip route add default via 10.0.0.9",
      "ip route add 9.0.0.0/8 dev v0 metric 7",
    );
    both(
      "ip route add 9/8 via 10.0.0.3 metric 3 proto static",
      "ip route add unreachable 8.0.0.0/8",
      "ip route add b 7.0.0.0/8",
    );
    both(
      "ip route add prohibit 6.0.0.0/8 metric 2",
      "ip route add 5.5.5.5 via 3.3.3.3 dev v0 onlink",
      "ip r a 4.4.0.0/16 dev v0 src 10.0.0.1",
    );
    both(
      "ip route replace 4.4.0.0/16 via 10.0.0.4",
      "ip route append 4.4.0.0/16 via 10.0.0.5",
      "ip route add 1.2.3.4 dev v0 table 7",
    );
    both("ip route change 8.0.0.0/8 via 10.0.0.8", "ip route add local 3.3.3.0/24 dev lo");
    both("ip route", "ip -j route", "ip -d route", "ip -d -j route", "ip -j -p route", "ip route show table all");
    both("ip route show table 7", "ip route show table local", "ip route show dev v0", "ip route show via 10.0.0.9");
    both(
      "ip route show 9.0.0.0/8",
      "ip route show default",
      "ip route show root 9.0.0.0/8",
      "ip route show match 9.1.1.1",
    );
    both(
      "ip route show exact 9.0.0.0/8",
      "ip route show proto static",
      "ip route show scope link",
      "ip route show metric 7",
    );
    both("ip route show type prohibit", "ip route show src 10.0.0.1", "ip -j route show dev v0");
    for (const to of [
      "10.0.0.9",
      "10.0.0.1",
      "10.0.0.255",
      "9.1.1.1",
      "8.1.1.1",
      "4.4.1.1",
      "99.9.9.9",
      "127.0.0.1",
      "224.0.0.1",
    ]) {
      both(`ip route get ${to}`, `ip -j route get ${to}`);
    }
    both(
      "ip route get 7.1.1.1",
      "ip route get 6.1.1.1",
      "ip route get 99.9.9.9 from 10.0.0.1",
      "ip route get fibmatch 9.1.1.1",
    );
    both("ip route get 99.9.9.9 oif v0", "ip -o route get 10.0.0.9", "ip route get 10.0.0.0/24");
    both("ip route del 9.0.0.0/8 metric 3", "ip route del blackhole 7.0.0.0/8", "ip route del default", "ip route");
    both(
      "ip route flush table 7",
      "ip -s route flush proto static",
      "ip route flush 4.4.0.0/16",
      "ip route",
      "ip -s route flush cache",
    );
  });

  it("keeps policy rules: order, priorities, what is told of them, what may be removed", () => {
    both("ip link add v0 type veth peer name v1", "ip rule", "ip -j rule", "ip -d rule");
    both(
      "ip rule add from 10.1.0.0/16 lookup 100",
      "ip rule add to 10.2.0.1 table 200 pref 500",
      "ip rule add iif v0 lookup 7 prio 600",
      "ip rule add oif nosuch lookup 7 prio 600",
      "ip rule add fwmark 1 lookup 8",
      "ip rule add fwmark 0x10/0xff lookup 8",
      "ip rule add not from 10.3.0.0/16 blackhole",
      "ip rule add unreachable to 10.9.0.0/16",
      "ip rule add prohibit from 10.8.0.0/16 prio 40",
      "ip rule add from 10.1.0.0/16 lookup 100",
      "ip rule add from all lookup main pref 32766",
      "ip rule add from 9.9.9.8 lookup 9 order 5 protocol static",
      "ip rule add from 10.0.0.1/8 lookup 5",
      "ip rule add from 10.0.0.0/8",
    );
    both("ip rule", "ip -j rule", "ip -d rule", "ip -s rule", "ip rule add fwmark 1 lookup 8 pref 499");
    both("ip rule show table 7", "ip rule show from 10.1.0.0/16", "ip rule list iif v0", "ip rule show prio 600");
    both("ip link del v0", "ip rule list prio 600");
    both("ip rule del prio 600", "ip rule del from 10.1.0.0/16", "ip rule del from 10.77.0.0/16", "ip rule");
    bothRefuse("ip rule del", "ip rule add", "ip rule add foo", "ip rule add from x", "ip rule add lookup foo");
    bothRefuse("ip rule add prio x from 10.0.0.0/8", "ip rule foo", "ip rule help", "ip rule show foo");
    bothRefuse("ip rule add fwmark x lookup 3");
    both("ip rule flush", "ip rule", "ip rule add from 1.2.3.4 lookup 4", "ip rule");
  });

  it("tells the way of a packet, of ours and of others, through rules and tables", () => {
    both(
      "ip link set lo up",
      "ip link add v0 type veth peer name p0",
      "ip link add v1 type veth peer name p1",
      ...["v0", "p0", "v1", "p1"].map((name) => `ip link set ${name} up`),
      "ip addr add 192.168.1.1/24 brd + dev v0",
      "ip addr add 10.0.0.1/24 brd + dev v1",
      "ip route add default via 10.0.0.254",
      "ip route add throw 9.0.0.0/8",
      "ip route add unreachable 8.0.0.0/8",
      "ip route add prohibit 6.0.0.0/8",
      "ip route add blackhole 5.0.0.0/8",
      "ip route add 7.0.0.0/8 via 192.168.1.77 table 70",
      "ip route add 4.0.0.0/8 via 10.0.0.253 table default",
    );
    settle();
    const questions = [
      ...["10.0.0.9", "10.0.0.1", "10.0.0.255", "255.255.255.255", "8.1.1.1", "9.1.1.1", "6.1.1.1", "5.1.1.1"],
      ...["7.1.1.1", "4.1.1.1", "192.168.1.9", "127.0.0.1", "224.0.0.1", "224.0.0.9", "0.0.0.1"],
    ];
    const senders = ["", " from 192.168.1.1", " from 10.0.0.7", " mark 7", " oif v0", " oif v1 from 192.168.1.1"];
    const arrivals = ["192.168.1.5", "192.168.1.200", "192.168.1.1", "127.0.0.1", "10.0.0.7", "224.0.0.1"];
    const ways = [
      ...senders,
      ...arrivals.map((from) => ` from ${from} iif v0`),
      " from 192.168.1.5 iif v0 mark 7",
      " iif v0",
      " from 10.0.0.9 iif v1",
    ];
    const ask = (to: readonly string[], by: readonly string[]): void =>
      both(...to.flatMap((each) => by.map((way) => `ip route get ${each}${way}`)));
    ask(questions.slice(0, 8), ["", " from 192.168.1.5 iif v0"]);
    both("sysctl -w net.ipv4.ip_forward=1", "ip -j route get 10.0.0.9 from 192.168.1.5 iif v0");
    both("ip -d route get 10.0.0.9 from 192.168.1.5 iif v0", "ip route get 1.1.1.1 from 10.0.0.3 iif nosuch");
    ask(questions, ["", " from 192.168.1.5 iif v0"]);
    both(
      "ip rule add fwmark 7 lookup 70",
      "ip rule add from 192.168.1.128/25 lookup 70",
      "ip rule add to 4.0.0.0/8 prohibit",
    );
    both("ip -j route get 7.1.1.1 mark 7", "ip route get 7.1.1.1 mark 0x17", "ip route get fibmatch 7.1.1.1 mark 7");
    ask(questions, ways);
    both("ip route show table all", "ip route show type throw", "ip route add throw 3.0.0.0/8 dev v0");
  });

  it("marks routes of a device without carrier", () => {
    both("ip link add v0 type veth peer name v1", "ip link set v0 up", "ip addr add 10.0.0.1/24 brd + dev v0");
    both("ip route add default via 10.0.0.2");
    settle();
    both("ip route", "ip -j route", "ip route show table local", "ip -br addr", "ip link set v1 up");
    settle();
    both("ip route", "ip link set v0 down", "ip route show table all");
  });

  it("keeps neighbours", () => {
    both(
      "ip link add v0 type veth peer name v1",
      "ip link set v1 up",
      "ip link set v0 up",
      "ip addr add 10.0.0.1/24 dev v0",
    );
    settle();
    both(
      "ip neigh add 10.0.0.9 lladdr 00:16:3e:00:00:99 dev v0",
      "ip n add 10.0.0.8 lladdr 0:16:3e:0:0:98 dev v0 nud reachable",
    );
    both("ip neigh add 10.0.0.7 dev v0 nud failed", "ip neigh add 10.0.0.6 dev v0 lladdr 2:0:0:4:5:6 nud stale");
    both(
      "ip neigh",
      "ip -s neigh",
      "ip -br neigh",
      "ip neigh show dev v0",
      "ip neigh show nud stale",
      "ip neigh show to 10.0.0.8",
    );
    both(
      "ip neigh get 10.0.0.9 dev v0",
      "ip neigh replace 10.0.0.9 lladdr 00:16:3e:00:00:01 dev v0",
      "ip neigh show nud perm",
    );
    both(
      "ip neigh change 10.0.0.8 nud stale dev v0",
      "ip neigh",
      "ip neigh del 10.0.0.6 dev v0",
      "ip neigh",
      "ip -j neigh show to 10.0.0.9",
    );
    both(
      "ip -s neigh flush all",
      "ip neigh",
      "ip -s neigh flush all",
      "ip neigh flush dev v0 nud permanent",
      "ip neigh",
    );
  });

  it("keeps addresses that are answered for, in the kernel's own order", () => {
    both("ip link add v0 type veth peer name v1", "ip link set v0 up", "ip link set v1 up");
    for (let i = 1; i < 40; i += 3) both(`ip neigh add proxy 10.0.${i % 4}.${i} dev v${i % 2}`);
    both("ip neigh add proxy 10.0.0.5", "ip neigh add proxy 10.0.0.5", "ip neigh add proxy 10.0.0.5 dev v0");
    const shown = (line: string): void =>
      expect({ line, out: emulated.run(line).out }).toEqual({ line, out: real.run(line).out });
    for (const line of ["ip neigh show proxy", "ip -br neigh show proxy", "ip -s neigh show proxy dev v1"]) shown(line);
    both("ip -j neigh show proxy", "ip neigh show proxy to 10.0.1.0/24", "ip neigh show proxy nomaster", "ip neigh");
    both("ip neigh get proxy 10.0.0.5 dev v0", "ip neigh get proxy 10.0.0.6 dev v0", "ip neigh del proxy 10.0.0.5");
    both("ip neigh del proxy 10.0.0.5", "ip neigh del proxy 10.0.0.5 dev v1", "ip neigh flush proxy dev v0");
    shown("ip neigh show proxy");
    both("ip link set v1 down", "ip neigh show proxy");
    bothRefuse(
      "ip neigh add proxy",
      "ip neigh add proxy x dev v0",
      "ip neigh add proxy 10.0.0.1 proxy 10.0.0.2 dev v0",
    );
  });

  it("answers wrong lines with the real sentences and exit codes", () => {
    both(
      "ip link set lo up",
      "ip link add br0 type bridge",
      "ip link add v0 type veth peer name v1",
      "ip link set v0 up",
    );
    both("ip addr add 10.0.0.1/24 brd + dev br0", "ip link set br0 up");
    bothRefuse("ip", "ip -d", "ip -z link", "ip foo", "ip -j foo", "ip -f foo link", "ip help", "ip -f");
    bothRefuse(
      "ip link foo",
      "ip link show nosuch",
      "ip link show dev",
      "ip link set nosuch up",
      "ip link set",
      "ip link set up",
    );
    bothRefuse(
      "ip link set br0 foo",
      "ip link set br0 mtu",
      "ip link set br0 mtu x",
      "ip link set br0 mtu 10",
      "ip link help",
    );
    bothRefuse(
      "ip link set br0 mtu 100000",
      "ip link set br0 mtu 1400 mtu 1500",
      "ip link set br0 address 1:2",
      "ip link set br0 address xx",
    );
    bothRefuse(
      "ip link set br0 address 01:00:00:00:00:01",
      "ip link set v1 address 00:00:00:00:00:00",
      "ip link set br0 arp maybe",
    );
    bothRefuse(
      "ip link set v1 name br0",
      "ip link set v1 name averylongname123456",
      "ip link set v1 name a/b",
      "ip link set v1 name a:b",
    );
    bothRefuse(
      "ip link set v1 name .",
      "ip link set br0 master br0",
      "ip link set v0 master nosuch",
      "ip link set v0 master v1",
    );
    bothRefuse(
      "ip link set lo master br0",
      "ip link set v0 nomaster",
      "ip link set dev v0 dev v1 up",
      "ip link set v1 name a name b",
    );
    bothRefuse(
      "ip link add br0 type bridge",
      "ip link add br9",
      "ip link add br9 type",
      "ip link add br9 type nosuch",
      "ip link add type",
    );
    bothRefuse(
      "ip link add a/b type bridge",
      "ip link add v5 type veth peer name v0",
      "ip link add name a dev b type bridge",
    );
    bothRefuse(
      "ip link add br9 type bridge foo 1",
      "ip link add br9 type bridge stp_state",
      "ip link add br9 type bridge stp_state x",
    );
    bothRefuse(
      "ip link set br0 type bridge hello_time 99999",
      "ip link set v0 type bridge stp_state 1",
      "ip link set v0 promisc x",
    );
    bothRefuse(
      "ip link del nosuch",
      "ip link del lo",
      "ip link del",
      "ip link show master nosuch",
      "ip link show br0 v0",
    );
    bothRefuse(
      "ip addr foo",
      "ip addr add",
      "ip addr add x dev br0",
      "ip addr add 10.0.0.1/33 dev br0",
      "ip addr add 10.0.0.1/24",
    );
    bothRefuse(
      "ip addr add 10.0.0.1/24 dev nosuch",
      "ip addr add 10.0.0.1/24 dev br0",
      "ip addr add 10.0.0.5/24 dev br0 scope foo",
    );
    bothRefuse(
      "ip addr add 10.0.0.5/24 dev br0 scope link",
      "ip addr add 10.0.0.5/24 brd x dev br0",
      "ip addr add dev br0",
    );
    bothRefuse(
      "ip addr add 10.0.0.5/24 10.0.0.6/24 dev br0",
      "ip addr del 10.0.0.77/24 dev br0",
      "ip addr del 10.0.0.77 dev br0",
    );
    bothRefuse(
      "ip addr show nosuch",
      "ip addr show foo bar",
      "ip addr flush",
      "ip addr flush dev nosuch",
      "ip addr show scope nix",
    );
    bothRefuse(
      "ip addr show to x",
      "ip -4 addr add x dev br0",
      "ip addr add 10.0.0.9/24 dev br0 label br0:averylonglabel",
    );
    bothRefuse(
      "ip route foo",
      "ip route add",
      "ip route add x",
      "ip route add y",
      "ip route add 10.5.0.0/16",
      "ip route del",
    );
    bothRefuse(
      "ip route add 10.5.0.0/16 dev nosuch",
      "ip route add 10.5.0.1/16 dev br0",
      "ip route add 10.5.0.0/16 dev v1",
    );
    bothRefuse(
      "ip route add 10.0.0.0/24 dev br0 proto kernel scope link src 10.0.0.1",
      "ip route add 10.5.0.0/16 via 9.9.9.9",
    );
    bothRefuse(
      "ip route add 10.5.0.0/16 via x",
      "ip route add 10.5.0.0/16 dev br0 src 1.2.3.4",
      "ip route add 10.5.0.0/16 dev br0 metric x",
    );
    bothRefuse(
      "ip route add 10.5.0.0/16 dev br0 proto foo",
      "ip route add 10.5.0.0/16 dev br0 scope foo",
      "ip route add default dev",
    );
    bothRefuse(
      "ip route add 10.5.0.0/16 dev br0 table foo",
      "ip route add 10.5.0.0/16 dev br0 onlink",
      "ip route add unreachable",
    );
    bothRefuse(
      "ip route add 10.5.0.0/16 via 9.9.9.9 onlink",
      "ip route add 10.5.0.0/16 10.6.0.0/16 dev br0",
      "ip route add default",
    );
    bothRefuse(
      "ip route add unreachable 10.5.0.0/16 via 10.0.0.2",
      "ip route del 10.77.0.0/16",
      "ip route change 10.77.0.0/16 dev br0",
    );
    bothRefuse(
      "ip route add 1.1.1.1 via 10.0.0.2 via 10.0.0.3",
      "ip route get",
      "ip route get x",
      "ip route get 8.8.8.8 oif nosuch",
    );
    bothRefuse("ip route get 8.8.8.8", "ip route show table foo", "ip route show table 7");
    bothRefuse(
      "ip route show dev nosuch",
      "ip route flush",
      "ip route show x",
      "ip route add 10.5.0.0/16 via 10.0.0.1",
    );
    bothRefuse(
      "ip neigh foo",
      "ip neigh add 10.0.0.2",
      "ip neigh add 10.0.0.2 dev br0",
      "ip neigh add 10.0.0.2 lladdr x dev br0",
    );
    bothRefuse(
      "ip neigh add 10.0.0.2 lladdr 1:2:3 dev br0",
      "ip neigh add 10.0.0.2 lladdr 00:00:00:00:00:01 dev nosuch",
    );
    bothRefuse(
      "ip neigh add x lladdr 00:00:00:00:00:01 dev br0",
      "ip neigh add 10.0.0.2 lladdr 0:0:0:0:0:1 nud foo dev br0",
    );
    bothRefuse(
      "ip neigh del 10.0.0.99 dev br0",
      "ip neigh show dev nosuch",
      "ip neigh flush",
      "ip neigh flush dev nosuch",
    );
    bothRefuse(
      "ip neigh get 10.0.0.99 dev br0",
      "ip neigh show nud foo",
      "ip neigh change 10.0.0.99 lladdr 0:0:0:0:0:1 dev br0",
    );
    bothRefuse(
      "ip monitor foo",
      "ip monitor dev nosuch",
      "ip addr help",
      "ip route help",
      "ip neigh help",
      "ip monitor help",
    );
  });
});
