/**
 * A guest on libvirt's network from its first DISCOVER to its name: a client in the guest, dnsmasq on domain 0, the lease
 * file, what virsh says of it, and who resolves what.
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
      web1: { vif: [ 'mac=00:16:3e:00:00:01, bridge=virbr0' ] }
      db1: { vif: [ 'mac=00:16:3e:00:00:02, bridge=virbr0' ] }
`;

const leased = (lab: Lab, guest: string): string =>
  /inet (192\.168\.122\.\d+)\/24/.exec(type(lab, guest, "ip -4 addr show dev eth0").stdout)?.[1] ?? "";

describe("DHCP and names on libvirt's default network", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = labUp(planOf(LAB));
    for (const guest of ["web1", "db1"]) type(lab, guest, "ip link set eth0 up");
    pass(lab, 5);
    type(lab, "web1", "dhclient eth0");
    type(lab, "db1", `udhcpc -i eth0 -n -q -x hostname:db1`);
    type(lab, "db1", `ip addr add ${offered(lab, "00:16:3e:00:00:02")}/24 dev eth0`);
  });

  const offered = (of: Lab, mac: string): string =>
    new RegExp(`${mac} +ipv4 +([\\d.]+)/24`).exec(type(of, "xen1", "virsh net-dhcp-leases default").stdout)?.[1] ?? "";

  test("dhclient gives its guest the address that virsh lists", () => {
    const { stdout } = type(lab, "xen1", "virsh -q net-dhcp-leases default");
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/));
    expect(lines.map(([, mac, protocol, , host]) => [mac, protocol, host])).toEqual([
      ["00:16:3e:00:00:01", "ipv4", "web1"],
      ["00:16:3e:00:00:02", "ipv4", "db1"],
    ]);
    expect(lines[0]![3]).toBe(`${leased(lab, "web1")}/24`);
    expect(leased(lab, "web1")).toMatch(/^192\.168\.122\.\d+$/);
  });

  test("the lease file holds the same, as JSON", () => {
    const { stdout } = type(lab, "xen1", "cat /var/lib/libvirt/dnsmasq/virbr0.status");
    const entries = JSON.parse(stdout) as Record<string, unknown>[];
    expect(entries.map((entry) => [entry["mac-address"], entry["ip-address"], entry["hostname"]])).toEqual(
      expect.arrayContaining([["00:16:3e:00:00:01", leased(lab, "web1"), "web1"]]),
    );
    expect(entries).toHaveLength(2);
  });

  test("the guest has its route and its name server from the lease, and reaches domain 0", () => {
    expect(type(lab, "web1", "ip route").stdout).toContain("default via 192.168.122.1 dev eth0");
    expect(type(lab, "web1", "cat /etc/resolv.conf").stdout).toContain("nameserver 192.168.122.1");
    expect(type(lab, "web1", "ping -c 1 192.168.122.1").code).toBe(0);
  });

  test("one guest finds the other by its name", () => {
    expect(type(lab, "web1", "dig +short db1").stdout.trim()).toBe(offered(lab, "00:16:3e:00:00:02"));
    expect(type(lab, "web1", "ping -c 1 db1").code).toBe(0);
  });

  test("of domain 0's own name it hears all that stands in domain 0's /etc/hosts: a loopback address among it", () => {
    expect(type(lab, "web1", "dig +short xen1").stdout).toBe("127.0.1.1\n198.51.100.10\n");
  });

  test("nobody beyond can be asked: REFUSED, with the reason", () => {
    const { stdout } = type(lab, "web1", "dig example.com");
    expect(stdout).toContain("status: REFUSED");
    expect(stdout).toContain("; EDE: 14 (Not Ready)");
  });

  test("CHECKSUM has filled in what dnsmasq's answers lacked: each went through the rule", () => {
    const { stdout } = type(lab, "xen1", "iptables-save -c -t mangle");
    const [, packets] = /^\[(\d+):\d+\] -A LIBVIRT_PRT .*--checksum-fill/m.exec(stdout)!;
    expect(Number(packets)).toBeGreaterThanOrEqual(4);
  });

  test("with the network its dnsmasq is gone, and the guest asks in vain", () => {
    type(lab, "xen1", "virsh net-destroy default");
    expect(type(lab, "web1", "dig +tries=1 +time=1 db1").code).toBe(9);
  });
});
