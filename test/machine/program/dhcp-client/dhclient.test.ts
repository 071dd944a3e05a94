/**
 * dhclient beside recordings of isc-dhclient 4.4.3-P1 (Debian 12) with dnsmasq 2.90 in two namespaces: its words on stderr,
 * the block in dhclient.leases. Addresses and times are the lab's; the server of the recording gave 120 s.
 */
import { describe, expect, test } from "vitest";
import { copyLab } from "../../../../src/lab/index.ts";
import { labUp, pass, planOf, type } from "../../../kit/lab.ts";

const topology = (services: string): string => `
machines:
  gw:
    nics: { eth0: { ip: 10.9.0.1/24 } }
    ${services}
  vm: { nics: { eth0: { mac: "00:16:3e:00:00:01" } } }
capture: none
`;
const SERVED = topology(`services: [dhcp, dns]
    dnsmasq: ["domain=lab.test", "dhcp-range=10.9.0.54,10.9.0.54,120s"]`);
const served = () => labUp(planOf(SERVED));
const alone = () => labUp(planOf(topology("services: [echo]")));

const BANNER = `Internet Systems Consortium DHCP Client 4.4.3-P1
Copyright 2004-2022 Internet Systems Consortium.
All rights reserved.
For info, please visit https://www.isc.org/software/dhcp/

Listening on LPF/eth0/00:16:3e:00:00:01
Sending on   LPF/eth0/00:16:3e:00:00:01
Sending on   Socket/fallback
`;
const LEASED = `DHCPDISCOVER on eth0 to 255.255.255.255 port 67 interval N
DHCPOFFER of 10.9.0.54 from 10.9.0.1
DHCPREQUEST for 10.9.0.54 on eth0 to 255.255.255.255 port 67
DHCPACK of 10.9.0.54 from 10.9.0.1
bound to 10.9.0.54 -- renewal in N seconds.
`;
const BLOCK = `lease {
  interface "eth0";
  fixed-address 10.9.0.54;
  option subnet-mask 255.255.255.0;
  option routers 10.9.0.1;
  option dhcp-lease-time 120;
  option dhcp-message-type 5;
  option domain-name-servers 10.9.0.1;
  option dhcp-server-identifier 10.9.0.1;
  option dhcp-renewal-time 60;
  option broadcast-address 10.9.0.255;
  option dhcp-rebinding-time 105;
  option host-name "vm";
  option domain-name "lab.test";
  renew DATE;
  rebind DATE;
  expire DATE;
}
`;
const withoutChance = (text: string): string => text.replace(/(interval|renewal in) \d+/g, "$1 N");
const withoutDates = (text: string): string => text.replace(/\d \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "DATE");

describe("with a server", () => {
  test("asks, is bound, goes into the background, and its file tells of it", () => {
    const lab = served();
    const { stderr, code } = type(lab, "vm", "dhclient -v eth0");
    expect(withoutChance(stderr)).toBe(BANNER + LEASED);
    expect(code).toBe(0);
    expect(withoutDates(type(lab, "vm", "cat /var/lib/dhcp/dhclient.leases").stdout)).toBe(BLOCK);
    expect(type(lab, "vm", "ip -br addr show eth0").stdout).toContain("10.9.0.54/24");
    expect(type(lab, "vm", "ip route").stdout).toContain("default via 10.9.0.1 dev eth0");
    expect(type(lab, "vm", "cat /etc/resolv.conf").stdout).toBe("search lab.test\nnameserver 10.9.0.1\n");
    const pid = type(lab, "vm", "cat /run/dhclient.pid").stdout.trim();
    expect(type(lab, "vm", "ps").stdout).toMatch(new RegExp(`^ *${pid} .*dhclient`, "m"));
  });

  test("says nothing without -v", () => {
    expect(type(served(), "vm", "dhclient eth0")).toMatchObject({ stdout: "", stderr: "", code: 0 });
  });

  test("-r gives the lease back and ends the other one; -x only ends it", () => {
    const lab = served();
    type(lab, "vm", "dhclient eth0");
    const { stderr, code } = type(lab, "vm", "dhclient -v -r eth0");
    const release = "DHCPRELEASE of 10.9.0.54 on eth0 to 10.9.0.1 port 67\n";
    expect(stderr).toBe(`Killed old client process\n${BANNER}${release}`);
    expect(code).toBe(0);
    expect(type(lab, "vm", "ip -br addr show eth0").stdout).not.toContain("10.9.");
    expect(type(lab, "vm", "cat /run/dhclient.pid").code).toBe(1);
    pass(lab, 1);
    expect(type(lab, "gw", "cat /var/lib/misc/dnsmasq.leases").stdout).toBe("");
    type(lab, "vm", "dhclient eth0");
    expect(type(lab, "vm", "dhclient -x eth0").stderr).toBe("Killed old client process\n");
    expect(type(lab, "gw", "cat /var/lib/misc/dnsmasq.leases").stdout).toContain("10.9.0.54");
    expect(type(lab, "vm", "ps").stdout).not.toContain("dhclient");
  });

  test("asks for the lease of last time again", () => {
    const lab = served();
    type(lab, "vm", "dhclient eth0; dhclient -x eth0");
    const lines = type(lab, "vm", "dhclient -v eth0").stderr.split("\n").slice(8, 10);
    expect(lines).toEqual([
      "DHCPREQUEST for 10.9.0.54 on eth0 to 255.255.255.255 port 67",
      "DHCPACK of 10.9.0.54 from 10.9.0.1",
    ]);
  });

  test("a lease of another network is refused", () => {
    const lab = served();
    const foreign = BLOCK.replaceAll("10.9.0.", "10.8.0.").replaceAll("DATE", "4 2036/01/01 00:00:00");
    type(lab, "vm", `printf '%s' '${foreign}' > /var/lib/dhcp/dhclient.leases`);
    const { stderr } = type(lab, "vm", "dhclient -v eth0");
    expect(withoutChance(stderr).slice(BANNER.length)).toBe(
      `DHCPREQUEST for 10.8.0.54 on eth0 to 255.255.255.255 port 67\nDHCPNAK from 10.9.0.1\n${LEASED}`,
    );
  });

  test("renews between three quarters of T1 and T1, asking the server alone; loses the address when it is silent", () => {
    const lab = served();
    type(lab, "vm", "dhclient eth0");
    const renewals = (): string => type(lab, "vm", "grep -c 'to 10.9.0.1 port 67' /var/log/syslog").stdout.trim();
    pass(lab, 44);
    expect(renewals()).toBe("0");
    pass(lab, 18);
    expect(renewals()).toBe("1");
    type(lab, "gw", `kill ${type(lab, "gw", "cat /run/dnsmasq.pid").stdout.trim()}`);
    pass(lab, 130);
    expect(type(lab, "vm", "ip -br addr show eth0").stdout).not.toContain("10.9.");
    const log = type(lab, "vm", "cat /var/log/syslog").stdout;
    expect(log).toMatch(/DHCPREQUEST for 10\.9\.0\.54 on eth0 to 255\.255\.255\.255 port 67\n(?:.*\n)*.*DHCPDISCOVER/);
  });

  test("a copy goes on the same way", () => {
    const lab = served();
    type(lab, "vm", "dhclient eth0");
    const twin = copyLab(lab);
    for (const each of [lab, twin]) pass(each, 300);
    const told = (each: typeof lab): string => type(each, "vm", "cat /var/log/syslog").stdout;
    expect(told(twin)).toBe(told(lab));
  });
});

describe("without a server", () => {
  test("-1 gives up after a minute; the intervals are ISC's", () => {
    const lab = alone();
    const { stderr, code } = type(lab, "vm", "dhclient -v -1 eth0");
    expect(code).toBe(2);
    const intervals = [...stderr.matchAll(/interval (\d+)$/gm)].map(([, number]) => Number(number));
    expect(intervals[0]).toBeGreaterThanOrEqual(3);
    expect(intervals[0]).toBeLessThanOrEqual(8);
    expect(Math.max(...intervals)).toBeLessThanOrEqual(21);
    const sum = intervals.reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThanOrEqual(60);
    expect(stderr.endsWith("No DHCPOFFERS received.\nUnable to obtain a lease on first try.  Exiting.\n")).toBe(true);
  });

  test("sleeps in the background, and asks again", () => {
    const lab = alone();
    const { stderr, code } = type(lab, "vm", "dhclient -v eth0");
    expect(stderr).toMatch(/No working leases in persistent database - sleeping\.\n$/);
    expect(code).toBe(0);
    const asked = (): number => type(lab, "vm", "cat /var/log/syslog").stdout.split("DHCPDISCOVER").length;
    const before = asked();
    pass(lab, 451);
    expect(asked()).toBeGreaterThan(before);
  });

  test("takes the recorded lease when its router answers", () => {
    const lab = alone();
    const known = BLOCK.replaceAll("DATE", "4 2036/01/01 00:00:00");
    type(lab, "vm", `printf '%s' '${known}' > /var/lib/dhcp/dhclient.leases`);
    const { stderr } = type(lab, "vm", "dhclient -v -1 eth0");
    expect(stderr).toMatch(/Trying recorded lease 10\.9\.0\.54\nbound: renewal in \d+ seconds\.\n$/);
    expect(type(lab, "vm", "ip -br addr show eth0").stdout).toContain("10.9.0.54/24");
  });
});

test("what is wrong on the command line", () => {
  const lab = alone();
  expect(type(lab, "vm", "dhclient eth9")).toMatchObject({ stderr: 'Cannot find device "eth9"\n', code: 1 });
  expect(type(lab, "vm", "dhclient -zz").stderr).toContain("\nUnknown command: -zz\nUsage: dhclient [-4|-6]");
  expect(type(lab, "vm", "dhclient -6 eth0")).toMatchObject({ stderr: "dhclient: -6: not modelled\n", code: 1 });
});
