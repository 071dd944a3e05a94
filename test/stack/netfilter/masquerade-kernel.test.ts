/**
 * What becomes of masqueraded connections when the address or the device goes that they were masqueraded with, beside the
 * kernel (masq_inet_event, masq_device_event of nf_nat_masquerade.c); those by SNAT, or without NAT, stay.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../../machine/on-machine.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter, inRealRouter } from "./routed-box.ts";
import { datagram } from "./segments.ts";

judges("flows");

const canCompare = ["ip", "iptables", "python3", "conntrack"].every((tool) => requireTool(tool)) && canMakeNamespaces();

const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const NEAR = { port: 1, from: "198.51.100.3", to: "10.0.0.3" };
const RULES = [
  "iptables -t nat -A POSTROUTING -o p1 -p udp --dport 7001 -j SNAT --to-source 198.51.100.1",
  "iptables -t nat -A POSTROUTING -o p1 -p udp --dport 7002 -j ACCEPT",
  "iptables -t nat -A POSTROUTING -o p1 -j MASQUERADE",
  "iptables -t nat -A POSTROUTING -o p0 -p udp --dport 7003 -j MASQUERADE",
];

/** Lines at the prompt and frames on the wires, in order. */
type Act = string | readonly Shot[];
const SPOKEN: readonly Shot[] = [
  datagram(OUT, 1000, 7000),
  datagram(BACK, 7000, 1000),
  datagram(OUT, 1001, 7001),
  datagram(OUT, 1002, 7002),
  datagram(NEAR, 1003, 7003),
  datagram(NEAR, 1004, 7004),
];
const FLOWS =
  "conntrack -L 2>/dev/null | grep -o 'sport=[0-9]* dport=700[0-9] .*' | sed 's/ \\[[A-Z]*\\]//g; s/ use=.//; s/ mark=0//' | sort";
const settled = (line: string): string => `${line}; sleep 0.2`;

const STORIES: Readonly<Record<string, readonly Act[]>> = {
  "the address goes": [SPOKEN, FLOWS, settled("ip addr del 198.51.100.1/24 dev p1"), FLOWS],
  "another address of the device goes": [
    settled("ip addr add 198.51.100.77/24 dev p1"),
    SPOKEN,
    settled("ip addr del 198.51.100.77/24 dev p1"),
    FLOWS,
  ],
  "the address goes and another comes": [
    SPOKEN,
    settled("ip addr del 198.51.100.1/24 dev p1"),
    settled("ip addr add 198.51.100.77/24 dev p1; ip route add default via 198.51.100.9"),
    FLOWS,
    [datagram(OUT, 1000, 7000), datagram(OUT, 1001, 7001)],
    FLOWS,
  ],
  "the outer device goes down": [SPOKEN, settled("ip link set p1 down"), FLOWS],
  "the inner device goes down": [SPOKEN, settled("ip link set p0 down"), FLOWS],
  "its carrier alone goes": [SPOKEN, settled("ip link set q1 down"), FLOWS],
  "the outer device is taken away": [SPOKEN, settled("ip link del p1"), FLOWS],
  "the rule goes": [SPOKEN, settled("iptables -t nat -F POSTROUTING"), FLOWS, [datagram(OUT, 1000, 7000)], FLOWS],
};

/** What each act brought. */
function inKernel(acts: readonly Act[]): string[][] {
  return inRealRouter(RULES, (box) => {
    const script = new URL("../../kit/packet-twin.py", import.meta.url).pathname;
    return acts.map((act) => {
      if (typeof act === "string") return [box.run(act).out];
      const input = JSON.stringify(act.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
      const { stdout } = spawnSync("ip", ["netns", "exec", box.name, "python3", script], { input, encoding: "utf8" });
      return (JSON.parse(stdout) as string[][]).flat();
    });
  });
}

function inModel(acts: readonly Act[]): string[][] {
  const router = new EmulatedRouter(RULES);
  return acts.map((act) => {
    if (typeof act !== "string") return act.flatMap((shot) => router.fire(shot));
    const [line, pipe] = act.split(" 2>/dev/null | ", 2);
    if (pipe === undefined) return [typed(router.machine, act).out];
    return [picked(typed(router.machine, line!).out)];
  });
}

/** What the pipe of FLOWS does. */
const picked = (text: string): string =>
  text
    .split("\n")
    .flatMap((line) => /sport=\d+ dport=700\d .*$/.exec(line)?.[0] ?? [])
    .map((line) => `${line.replaceAll(/ \[[A-Z]*\]| use=.| mark=0/g, "")}\n`)
    .sort()
    .join("");

describe.skipIf(!canCompare)("masqueraded connections when something goes, beside the kernel", () => {
  it.each(Object.entries(STORIES))("%s", { timeout: 60_000 }, (_, acts) => {
    expect(inModel(acts)).toEqual(inKernel(acts));
  });
});
