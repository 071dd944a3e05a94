/** What a router does with flows: MASQUERADE, DNAT, errors about them, ports that are taken, tables that are full. */
import { describe, expect, it } from "vitest";
import { describe as describeFrame } from "../../../src/packet/describe.ts";
import { Flag } from "../../../src/packet/tcp.ts";
import { EmulatedRouter } from "./routed-box.ts";
import { bytesOf, complaint, datagram, echo, segment } from "./segments.ts";

const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const MASQUERADE = "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o p1 -j MASQUERADE";

/** As tcpdump says it, with the device before it. */
const told = (line: string): string => {
  const bytes = bytesOf(line);
  return `${line.slice(0, 2)} ${describeFrame(bytes, 0, bytes.length, { link: false, verbose: false })}`;
};

describe("MASQUERADE", () => {
  it("gives a guest the router's address, keeps its port, and takes the answers back", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    expect(router.fire(datagram(OUT, 40_000, 7000)).map(told)).toEqual([
      "q1 IP 198.51.100.1.40000 > 203.0.113.5.7000: UDP, length 8",
    ]);
    expect(router.fire(datagram(BACK, 7000, 40_000)).map(told)).toEqual([
      "q0 IP 203.0.113.5.7000 > 10.0.0.2.40000: UDP, length 8",
    ]);
  });

  it("translates an error about what a guest has sent, outside and inside", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    const [sent] = router.fire(segment(OUT, 500, 80, { flags: Flag.SYN, sequence: 1 }));
    const [error] = router.fire(complaint({ ...BACK, from: "198.51.100.9" }, 3, 1, bytesOf(sent!)));
    expect(told(error!)).toBe("q0 IP 198.51.100.9 > 10.0.0.2: ICMP host 203.0.113.5 unreachable, length 36");
    expect(router.fire(echo({ ...OUT, from: "10.0.0.3" }, 8, 77)).map(told)).toEqual([
      "q1 IP 198.51.100.1 > 203.0.113.5: ICMP echo request, id 77, seq 1, length 16",
    ]);
  });
});

describe("libvirt's rule for a network", () => {
  const LIBVIRT =
    "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 ! -d 10.0.0.0/24 -p udp -j MASQUERADE --to-ports 1024-65535";

  it("keeps port 40000, and moves port 500 to where guests may speak from", () => {
    const router = new EmulatedRouter([LIBVIRT]);
    const port = (from: number): number => {
      const [line] = router.fire(datagram(OUT, from, 7000));
      const bytes = bytesOf(line!);
      return bytes[34]! * 256 + bytes[35]!;
    };
    expect(port(40_000)).toBe(40_000);
    const moved = port(500);
    expect(moved >= 1024).toBe(true);
    expect(port(500)).toBe(moved);
  });
});

describe("REJECT --reject-with tcp-reset", () => {
  it("answers in the name of who was called", () => {
    const router = new EmulatedRouter(["iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset"]);
    expect(router.fire(segment(OUT, 5000, 80, { flags: Flag.SYN, sequence: 41 })).map(told)).toEqual([
      expect.stringMatching(/^q0 IP 203\.0\.113\.5\.80 > 10\.0\.0\.2\.5000: Flags \[R\.\], .*ack 42,/),
    ]);
  });
});
