/**
 * Two dnsmasqs in one lab: one that knows, one that asks it and remembers. What dig says of each was seen with dnsmasq 2.90
 * and dig 9.18 in namespaces.
 */
import { expect, test } from "vitest";
import { labUp, pass, planOf, type } from "../kit/lab.ts";

const TOPOLOGY = `
machines:
  up:
    nics: { eth0: { ip: 10.9.0.2/24 } }
    services: [dns]
    dnsmasq: ["no-resolv", "local-ttl=60", "host-record=www.far.test,10.9.0.7", "local=/far.test/"]
  near:
    nics: { eth0: { ip: 10.9.0.1/24 } }
    services: [dns]
    dnsmasq: ["no-resolv", "no-hosts", "server=10.9.0.2", "server=/silent.test/10.9.0.99"]
  pc: { nics: { eth0: { ip: 10.9.0.3/24, dns: 10.9.0.1 } } }
  bare: { nics: { eth0: { ip: 10.9.0.4/24 } } }
capture: none
`;
const up = () => labUp(planOf(TOPOLOGY));
const pc = (lab: ReturnType<typeof up>, line: string): string => type(lab, "pc", line).stdout;
const ttl = (text: string): number => Number(/www\.far\.test\.\s+(\d+)/.exec(text)?.[1]);

test("the near one asks the far one, remembers, and its TTL runs down", () => {
  const lab = up();
  expect(ttl(pc(lab, "dig +noall +answer www.far.test"))).toBe(60);
  pass(lab, 10);
  expect(ttl(pc(lab, "dig +noall +answer www.far.test"))).toBe(50);
  type(lab, "up", `kill ${type(lab, "up", "cat /run/dnsmasq.pid").stdout.trim()}`);
  expect(pc(lab, "dig +short www.far.test")).toBe("10.9.0.7\n");
  pass(lab, 60);
  expect(pc(lab, "dig +time=1 +tries=1 www.far.test")).not.toContain("10.9.0.7");
});

test("what nobody knows: no such name, refused, silence", () => {
  const lab = up();
  expect(pc(lab, "host nosuch.far.test")).toBe("Host nosuch.far.test not found: 3(NXDOMAIN)\n");
  expect(pc(lab, "dig other.example")).toContain("status: REFUSED");
  const silent = type(lab, "pc", "dig +time=1 +tries=2 a.silent.test");
  expect(silent.code).toBe(9);
  expect(silent.stdout).toContain(";; communications error to 10.9.0.1#53: timed out\n");
  expect(silent.stdout).toContain(";; no servers could be reached\n");
});

test("without a name server a name is a temporary failure; with one that does not know it, it is not known", () => {
  const lab = up();
  const bare = type(lab, "bare", "ping -c 1 nosuch.far.test");
  expect(bare).toMatchObject({ stderr: "ping: nosuch.far.test: Temporary failure in name resolution\n", code: 2 });
  const known = type(lab, "pc", "ping -c 1 nosuch.far.test");
  expect(known).toMatchObject({ stderr: "ping: nosuch.far.test: Name or service not known\n", code: 2 });
});

test("host, nslookup and getent say it as the real ones do; ping names who answers", () => {
  const lab = up();
  expect(pc(lab, "host www.far.test")).toBe("www.far.test has address 10.9.0.7\n");
  expect(pc(lab, "host 10.9.0.7")).toBe("7.0.9.10.in-addr.arpa domain name pointer www.far.test.\n");
  expect(pc(lab, "getent hosts 10.9.0.7")).toBe("10.9.0.7        www.far.test\n");
  expect(pc(lab, "getent ahosts www.far.test")).toBe(
    "10.9.0.7        STREAM www.far.test\n10.9.0.7        DGRAM  \n10.9.0.7        RAW    \n",
  );
  expect(type(lab, "pc", "getent hosts nosuch.far.test").code).toBe(2);
  expect(pc(lab, "nslookup 10.9.0.7")).toBe("7.0.9.10.in-addr.arpa\tname = www.far.test.\n\n");
  type(lab, "bare", "ip addr add 10.9.0.7/24 dev eth0");
  expect(pc(lab, "ping -c 1 www.far.test")).toContain("64 bytes from www.far.test (10.9.0.7): icmp_seq=1");
  expect(pc(lab, "ping -n -c 1 www.far.test")).toContain("64 bytes from 10.9.0.7: icmp_seq=1");
  expect(pc(lab, "traceroute www.far.test")).toMatch(/\n 1 {2}www\.far\.test \(10\.9\.0\.7\) /);
});

test("ping asks for the name of who answers at every line, as iputils 20221126 was seen to; at none with -n", () => {
  const lab = up();
  type(lab, "bare", "ip addr add 10.9.0.7/24 dev eth0");
  type(lab, "pc", "(tcpdump -nn -l -i eth0 udp dst port 53 > /tmp/asked &)");
  expect(pc(lab, "ping -c 3 www.far.test")).toContain("3 received");
  expect(pc(lab, "grep -c PTR /tmp/asked")).toBe("3\n");
  expect(pc(lab, "ping -n -c 3 www.far.test")).toContain("3 received");
  expect(pc(lab, "grep -c PTR /tmp/asked")).toBe("3\n");
});

test("BIND's tools let their questions be cut on the way, the C library's resolver does not: seen with 9.18", () => {
  const lab = labUp(planOf(TOPOLOGY), { frames: true });
  const DONT_FRAGMENT = 0x40;
  const flagsOf = (line: string): Set<number> => {
    const { end } = lab.frames!;
    pc(lab, line);
    const flags = new Set<number>();
    for (let number = end; number < lab.frames!.end; number++) {
      const { bytes, point, direction } = lab.frames!.record(number)!;
      const isDatagram = bytes[12] === 0x08 && bytes[13] === 0 && bytes[23] === 17;
      if (isDatagram && point === "pc:eth0" && direction === "out") flags.add(bytes[20]! & DONT_FRAGMENT);
    }
    return flags;
  };
  for (const line of ["dig www.far.test", "host www.far.test", "nslookup www.far.test"])
    expect(flagsOf(line), line).toEqual(new Set([0]));
  expect(flagsOf("getent hosts www.far.test")).toEqual(new Set([DONT_FRAGMENT]));
});
