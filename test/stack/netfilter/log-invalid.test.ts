/** The lines of nf_conntrack_log_invalid beside the kernel's: which packets bring one, its words, and by where they came. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { HEADER_LENGTH as LINK } from "../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import { Flag } from "../../../src/packet/tcp.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter, inRealRouter } from "./routed-box.ts";
import { bytesOf, complaint, datagram, echo, packet, segment } from "./segments.ts";

judges("log");

const canCompare = ["ip", "iptables", "python3"].every((tool) => requireTool(tool)) && canMakeNamespaces();

const { SYN, ACK, FIN, RST } = Flag;
const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const MASQUERADE = "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o p1 -j MASQUERADE";
const AT = LINK + ipv4.MIN_HEADER_LENGTH;

/** With one byte of its payload another than it was. */
function spoiled(shot: Shot, at: number, value: number): Shot {
  const bytes = shot.bytes.slice();
  bytes[AT + at] = value;
  return { ...shot, bytes };
}

const out = (flags: number, sequence: number, ack = 0, data = 0, port = 5000) =>
  segment(OUT, port, 80, { flags, sequence, ack, data });
const back = (flags: number, sequence: number, ack = 0, data = 0, port = 5000) =>
  segment(BACK, 80, port, { flags, sequence, ack, data });

const { TCP, UDP, ICMP } = ipv4.Protocol;
const sent = new EmulatedRouter([MASQUERADE]).fire(datagram(OUT, 1000, 7000))[0]!;

const SHOTS: readonly Shot[] = [
  // UDP
  datagram(OUT, 1000, 7000),
  spoiled(datagram(OUT, 1000, 7000), 8, 0),
  spoiled(datagram(OUT, 1000, 7000), 5, 200),
  spoiled(datagram(OUT, 1000, 7000), 5, 3),
  packet(OUT, UDP, new Uint8Array(5)),
  // ICMP
  echo(OUT, 0, 77),
  spoiled(echo(OUT, 8, 77), 9, 0),
  packet(OUT, ICMP, new Uint8Array(4)),
  echo(OUT, 40, 77),
  complaint({ ...BACK, from: "198.51.100.8" }, 3, 3, bytesOf(sent)),
  complaint({ ...BACK, to: "198.51.100.7" }, 3, 3, bytesOf(sent)),
  // TCP, from its first segment to strays
  spoiled(out(SYN, 1), 4, 9),
  packet(OUT, TCP, new Uint8Array(12)),
  spoiled(out(SYN, 1), 12, 0x40),
  spoiled(out(SYN, 1), 12, 0xf0),
  out(SYN | FIN, 1),
  out(0, 1),
  out(RST, 1),
  out(SYN | ACK, 1, 1),
  out(SYN, 100),
  back(ACK, 900, 50),
  back(SYN | ACK, 5000, 101),
  out(ACK, 101, 5001),
  out(ACK, 101, 5001, 100),
  back(ACK, 5001, 201),
  back(ACK, 50_000, 201, 10),
  out(ACK, 201, 9_000_000),
  out(ACK, 90_000_000, 5001, 10),
  out(ACK, 1, 5001, 10),
  back(RST, 77),
  out(SYN, 7),
  back(ACK, 5001, 201),
  back(SYN | ACK, 5001, 201),
  out(FIN | ACK, 90_000_000, 5001),
  back(FIN | ACK, 90_000_000, 201),
  out(FIN | ACK, 201, 5001),
  back(FIN | ACK, 5001, 202),
  out(SYN, 900),
  back(ACK, 5002, 202),
  out(ACK, 202, 5002),
];

/** Kernels later than 6.1 have found words for more: a flow that cannot begin so, and by how much a timeout is lowered. */
const asIn61 = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => !line.includes(": invalid new "))
    .map((line) => line.replace(/packet \(index \d+, dir \d\) response for index \d+ lower timeout to \d+/, LOWERED));
const LOWERED = "lowered timeout to UNACK";

describe.skipIf(!canCompare)("nf_conntrack_log_invalid beside the kernel", () => {
  for (const [name, value] of [
    ["every protocol", 255],
    ["TCP alone", TCP],
    ["UDP alone", UDP],
    ["nobody", 0],
  ] as const)
    it(name, () => {
      const lines = [MASQUERADE, `sysctl -q -w net.netfilter.nf_conntrack_log_invalid=${value}`];
      const real = inRealRouter([...lines, "sysctl -q -w net.netfilter.nf_log.2=nfnetlink_log"], (router) => {
        const script = new URL("../../kit/log-twin.py", import.meta.url).pathname;
        const input = JSON.stringify(SHOTS.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
        const done = spawnSync("ip", ["netns", "exec", router.name, "python3", script], { input, encoding: "utf8" });
        if (done.stderr !== "") throw new Error(done.stderr);
        return JSON.parse(done.stdout) as string[][];
      });
      const router = new EmulatedRouter(lines);
      const { log } = router.machine.table;
      const ours = SHOTS.map((shot) => {
        const before = log.lines.length;
        router.fire(shot);
        return log.lines.slice(before).map(({ text }) => /^.* IN=\S* OUT=\S*/.exec(text)![0]);
      });
      expect(ours).toEqual(real.map(asIn61));
      expect(real.flat().length).toBeGreaterThan(value === 0 ? -1 : 2);
    });

  it("shows the packet as LOG does", () => {
    const router = new EmulatedRouter([MASQUERADE, "sysctl -q -w net.netfilter.nf_conntrack_log_invalid=255"]);
    router.fire(out(SYN | FIN, 1));
    expect(router.machine.table.log.lines.at(-1)!.text).toBe(
      "nf_ct_proto_6: invalid tcp flag combination IN=p0 OUT= MAC=02:00:00:00:00:10:02:00:00:00:01:04:08:00 SRC=10.0.0.2 DST=203.0.113.5 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=TCP SPT=5000 DPT=80 SEQ=1 ACK=0 WINDOW=1000 RES=0x00 SYN FIN URGP=0 ",
    );
  });
});
