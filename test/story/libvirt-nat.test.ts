/**
 * Guests behind libvirt's default network, packet by packet: what the recorded proofs of the same rules in a real kernel
 * showed. The outside is 198.51.100.1, domain 0 is 198.51.100.10.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Lab } from "../../src/lab/lab.ts";
import { labUp, pass, planOf, type } from "../kit/lab.ts";

const LAB = `
networks: { lan: {} }
hosts:
  xen1:
    nics: { eth0: { ip: 198.51.100.10/24 } }
    libvirt: [ default ]
    domains:
      web1:
        vif: [ 'mac=00:16:3e:00:00:01, bridge=virbr0' ]
        inside: { eth0: { ip: 192.168.122.220/24, gateway: 192.168.122.1 } }
machines:
  out:
    nics: { eth0: { ip: 198.51.100.1/24 } }
    setup: [ ip route add 192.168.122.0/24 via 198.51.100.10 ]
`;

/** Packets and bytes of the rules of a chain: "2:168 -o virbr0 -j REJECT ...". */
function rules(lab: Lab, chain: string, table = "filter"): string[] {
  const { stdout } = type(lab, "xen1", `iptables-save -c -t ${table}`);
  return [...stdout.matchAll(/^\[(\d+):\d+\] -A (\S+) (.*)$/gm)]
    .filter(([, , name]) => name === chain)
    .map(([, packets, , rule]) => `${packets} ${rule}`);
}

/** Frames that the outside saw, as tcpdump there prints them. */
function seenOutside(lab: Lab, filter: string, act: () => void): string[] {
  const process = lab.exec("out", `tcpdump -nn -l -i eth0 ${filter}`);
  pass(lab, 0.1);
  act();
  pass(lab, 0.5);
  lab.signal(process, "INT");
  pass(lab, 0.1);
  return process
    .console!.text("stdout")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^\S+ /, ""));
}

describe("NAT with libvirt's rules", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = labUp(planOf(LAB));
  });

  test("a port of virbr0 listens for two seconds and learns for two", () => {
    const log = type(lab, "xen1", "dmesg").stdout;
    const at = (state: string): number =>
      Number(new RegExp(`^\\[ *([\\d.]+)\\] virbr0: port 1\\(vif1.0\\) entered ${state} state`, "m").exec(log)?.[1]);
    pass(lab, 5);
    const later = type(lab, "xen1", "dmesg").stdout;
    const when = (state: string): number => {
      const found = [...later.matchAll(/^\[ *([\d.]+)\] virbr0: port 1\(vif1\.0\) entered (\w+) state$/gm)];
      return Number(found.findLast(([, , name]) => name === state)?.[1]);
    };
    expect(at("listening")).toBeGreaterThan(0);
    expect(when("learning") - when("listening")).toBeCloseTo(2, 2);
    expect(when("forwarding") - when("listening")).toBeCloseTo(4, 2);
    expect(type(lab, "xen1", "brctl showstp virbr0").stdout).toMatch(/forward delay\t\t {3}2\.00/);
  });

  test("domain 0 reaches the guest: OUTPUT lets it", () => {
    expect(type(lab, "xen1", "ping -c 1 192.168.122.220").code).toBe(0);
  });

  test("what the outside sends of its own accord is answered port unreachable by domain 0", () => {
    const { stdout, code } = type(lab, "out", "ping -c 2 -i 0.5 192.168.122.220");
    expect(code).toBe(1);
    expect(stdout).toContain("From 198.51.100.10 icmp_seq=1 Destination Port Unreachable");
    expect(rules(lab, "LIBVIRT_FWI")).toEqual([
      "0 -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "2 -o virbr0 -j REJECT --reject-with icmp-port-unreachable",
    ]);
  });

  test("the guest reaches the outside as domain 0, one hop older", () => {
    const seen = seenOutside(lab, "icmp", () => {
      expect(type(lab, "web1", "ping -c 3 -i 0.2 198.51.100.1").code).toBe(0);
    });
    expect(seen[0]).toMatch(/^IP 198\.51\.100\.10 > 198\.51\.100\.1: ICMP echo request/);
    expect(seen).toHaveLength(6);
    expect(type(lab, "web1", "ping -c 1 198.51.100.1").stdout).toContain("ttl=63");
  });

  test("source port 40000 is kept, 500 is moved among those without privilege", () => {
    const send = (port: number) =>
      seenOutside(lab, "udp", () => void type(lab, "web1", `echo x | nc -u -w 1 -p ${port} 198.51.100.1 9999`));
    expect(send(40_000)[0]).toBe("IP 198.51.100.10.40000 > 198.51.100.1.9999: UDP, length 2");
    const [, port] = /^IP 198\.51\.100\.10\.(\d+) > 198\.51\.100\.1\.9999: UDP/.exec(send(500)[0] ?? "") ?? [];
    expect(Number(port)).toBeGreaterThanOrEqual(1024);
    expect(Number(port)).toBeLessThanOrEqual(65_535);
  });

  test("a source that is not of the network is refused", () => {
    type(lab, "web1", "ip addr add 10.9.9.9/32 dev eth0");
    expect(type(lab, "web1", "ping -c 1 -W 1 -I 10.9.9.9 198.51.100.1").code).not.toBe(0);
    expect(rules(lab, "LIBVIRT_FWO").at(-1)).toBe("1 -i virbr0 -j REJECT --reject-with icmp-port-unreachable");
  });

  test("the table nat counts flows, not packets", () => {
    const [multicast, broadcast, tcp, udp, other] = rules(lab, "LIBVIRT_PRT", "nat");
    expect([multicast, broadcast, tcp].map((rule) => rule?.split(" ")[0])).toEqual(["0", "0", "0"]);
    expect(udp?.split(" ")[0]).toBe("2");
    expect(other?.split(" ")[0]).toBe("2");
  });
});
