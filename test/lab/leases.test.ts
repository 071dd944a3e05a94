/** Guests that take their address from a server outside: names, renewal, expiry, and the same again in a copy. */
import { describe, expect, test } from "vitest";
import { copyLab } from "../../src/lab/index.ts";
import { labUp, pass, planOf, planOfFile, type } from "../kit/lab.ts";

const TOPOLOGY = `
hosts:
  xen1:
    nics: { eth0: { ip: 192.168.1.10/24 } }
    domains:
      web1: { inside: { eth0: { dhcp: true } } }
machines:
  gw:
    nics: { eth0: { ip: 192.168.1.1/24 } }
    services: [dhcp, dns]
    dnsmasq: ["domain=lab.example", "dhcp-range=192.168.1.50,192.168.1.60,255.255.255.0,10m"]
  pc: { nics: { eth0: { ip: 192.168.1.2/24, dns: 192.168.1.1 } } }
capture: none
`;

const up = () => labUp(planOf(TOPOLOGY));
const acks = (log: string): number => log.split("DHCPACK").length - 1;

describe("a guest with a lease", () => {
  test("has an address, a way out and a name that others can ask for", () => {
    const lab = up();
    const lease = type(lab, "gw", "cat /var/lib/misc/dnsmasq.leases").stdout.split(" ");
    expect(lease[3]).toBe("web1");
    expect(type(lab, "web1", "ip -br addr show eth0").stdout).toContain(`${lease[2]}/24`);
    expect(type(lab, "web1", "ip route").stdout).toContain("default via 192.168.1.1 dev eth0");
    expect(type(lab, "pc", "dig +short web1.lab.example").stdout).toBe(`${lease[2]}\n`);
    expect(type(lab, "pc", `dig +short -x ${lease[2]}`).stdout).toBe("web1.lab.example.\n");
    expect(type(lab, "pc", "ping -c 1 web1.lab.example").stdout).toContain(
      `PING web1.lab.example (${lease[2]}) 56(84)`,
    );
    expect(type(lab, "pc", "ping -c 1 nosuch.lab.example").stderr).toBe(
      "ping: nosuch.lab.example: Temporary failure in name resolution\n",
    );
  });

  test("renews at half of its time, and loses the address when nobody answers any more", () => {
    const lab = up();
    const before = acks(type(lab, "gw", "cat /var/log/syslog").stdout);
    pass(lab, 310);
    expect(acks(type(lab, "gw", "cat /var/log/syslog").stdout)).toBe(before + 1);
    const pid = type(lab, "gw", "cat /run/dnsmasq.pid").stdout.trim();
    expect(type(lab, "gw", `kill ${pid}`).code).toBe(0);
    pass(lab, 620);
    expect(type(lab, "web1", "ip -br addr show eth0").stdout).not.toContain("192.168.1.");
    expect(type(lab, "gw", "tail -n 1 /var/log/syslog").stdout).toContain("exiting on receipt of SIGTERM");
  });

  test("a copy goes on the same way", () => {
    const lab = up();
    const twin = copyLab(lab);
    for (const each of [lab, twin]) pass(each, 700);
    const told = (each: typeof lab): string =>
      type(each, "gw", "cat /var/log/syslog /var/lib/misc/dnsmasq.leases").stdout;
    expect(told(twin)).toBe(told(lab));
  });
});

test("domain 0 asks libvirt's dnsmasq at the address of virbr0, through lo", () => {
  const lab = labUp(planOfFile("nat.yaml"));
  const address = /inet ([\d.]+)/.exec(type(lab, "web1", "ip addr show eth0").stdout)![1];
  expect(type(lab, "xen1", "dig +short @192.168.122.1 web1").stdout).toBe(`${address}\n`);
  expect(type(lab, "xen1", "virsh net-dhcp-leases default").stdout).toContain(`${address}/24`);
});
