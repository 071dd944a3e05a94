/** Route mode and what is left out when it is told: policies, proxy ARP, whose address a vif has. */
import { describe, expect, test } from "vitest";
import { type Lab, withTelling } from "../../src/lab/index.ts";
import { labUp, planOf, planOfFile, type Said, type as typed } from "../kit/lab.ts";

const HOST = `
seed: 7
networks: { lan: {} }
hosts:
  xen1:
    xen: "4.17"
    distro: upstream
    nics: { eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    vif-script: vif-route
    sysctl: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.proxy_arp: 1 }
    domains:
      web1: { vif: ["mac=00:16:3e:00:00:01,ip=192.168.1.50"], inside: { eth0: { ip: 192.168.1.50/24, gateway: 192.168.1.1 } } }
machines:
  gw: { nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } } }
`;

const PING = "ping -c 2 -W 2";

class Story {
  readonly lab: Lab;

  constructor(telling: "script" | "textbook" | "textbook-dom0" = "script") {
    this.lab = labUp(withTelling(planOf(HOST), telling));
  }

  dom0 = (line: string): Said => typed(this.lab, "xen1", line);
  web1 = (line: string): Said => typed(this.lab, "web1", line);
  gw = (line: string): Said => typed(this.lab, "gw", line);

  lost(fate: string): number {
    return this.lab.fates.find(({ name }) => name === fate)?.frames ?? 0;
  }
}

describe("as the script makes it", () => {
  test("a router is between guest and LAN: one less in the TTL, the host's MAC before the guest", () => {
    const story = new Story();
    expect(story.web1(`${PING} 192.168.1.1`).stdout).toContain("ttl=63");
    expect(story.gw(`${PING} 192.168.1.50`).stdout).toContain("ttl=63");
    expect(story.gw("ip neigh show 192.168.1.50").stdout).toContain("lladdr 00:30:48:aa:bb:01");
    expect(story.web1("ip neigh show 192.168.1.1").stdout).toContain("lladdr fe:ff:ff:ff:ff:ff");
  });

  test("policy DROP on FORWARD blocks it although the script's rules are there, both at 0 packets; accepts by interface mend", () => {
    const story = new Story();
    story.dom0("iptables -P FORWARD DROP");
    expect(story.web1(`${PING} 192.168.1.1`).code).toBe(1);
    expect(story.gw(`${PING} 192.168.1.50`).code).toBe(1);
    expect(story.lost("netfilter-policy")).toBe(4);
    const listed = story.dom0("iptables -nvxL FORWARD").stdout.split("\n");
    expect(listed[0]).toBe("Chain FORWARD (policy DROP 4 packets, 336 bytes)");
    const physdev = listed.filter((line) => line.includes("PHYSDEV match"));
    for (const way of ["--physdev-in vif1.0", "--physdev-out vif1.0"])
      expect(physdev.filter((line) => line.includes(way)).length).toBeGreaterThan(0);
    for (const line of physdev) expect(line).toMatch(/^ +0 +0 ACCEPT /);
    story.dom0("iptables -I FORWARD -i vif+ -j ACCEPT; iptables -I FORWARD -o vif+ -j ACCEPT");
    expect(story.web1(`${PING} 192.168.1.1`).code).toBe(0);
    expect(story.gw(`${PING} 192.168.1.50`).code).toBe(0);
  });

  test("without the gateway device the script dies, and the word in xenstore is the trap's", () => {
    const story = new Story();
    story.dom0("xl destroy web1; ip addr flush dev eth0");
    const made = story.dom0("xl create /etc/xen/web1.cfg");
    expect(made.code).not.toBe(0);
    expect(made.stderr).toContain("script: /etc/xen/scripts/vif-route failed; error detected.");
    expect(story.dom0("cat /var/log/xen/xen-hotplug.log").stdout).toContain(
      " is not up.  Bring it up or specify another interface with  netdev=<if> as a parameter to /etc/xen/scripts/vif-route.",
    );
  });
});

describe("as the textbook tells it", () => {
  test("with the guest's own address on the vif domain 0 answers the LAN for the guest, which never hears of it", () => {
    const story = new Story("textbook");
    expect(story.dom0("ip -4 -br addr show dev vif1.0").stdout).toContain("192.168.1.50/32");
    expect(story.dom0("ip route get 192.168.1.50").stdout).toMatch(/^local 192\.168\.1\.50 dev lo /);
    const before = story.web1("cat /proc/net/dev").stdout;
    const ping = story.gw(`${PING} 192.168.1.50`);
    expect(ping.code).toBe(0);
    // No router in between: it is domain 0 itself that answers.
    expect(ping.stdout).toContain("ttl=64");
    expect(story.gw("ip neigh show 192.168.1.50").stdout).toContain("lladdr 00:30:48:aa:bb:01");
    expect(story.web1("cat /proc/net/dev").stdout).toBe(before);
  });

  test("with domain 0's address nobody answers the LAN's ARP until proxy_arp", () => {
    const story = new Story("textbook-dom0");
    expect(story.dom0("ip -4 -br addr show dev vif1.0").stdout).toContain("192.168.1.10/32");
    expect(story.dom0("ip route get 192.168.1.50").stdout).toMatch(/^192\.168\.1\.50 dev vif1\.0 /);
    expect(story.dom0(`${PING} 192.168.1.50`).code).toBe(0);
    expect(story.gw(`${PING} 192.168.1.50`).code).toBe(1);
    expect(story.lost("arp-not-proxied")).toBeGreaterThan(0);
    story.dom0("sysctl -w net.ipv4.conf.eth0.proxy_arp=1");
    // The LAN has its answer; the guest's own question for the LAN is heard on the vif, which is silent too.
    expect(story.gw(`${PING} 192.168.1.50`).code).toBe(1);
    expect(story.gw("ip neigh show 192.168.1.50").stdout).toContain("lladdr 00:30:48:aa:bb:01");
    story.dom0("sysctl -w net.ipv4.conf.vif1/0.proxy_arp=1");
    const ping = story.gw(`${PING} 192.168.1.50`);
    expect(ping.code).toBe(0);
    expect(ping.stdout).toContain("ttl=63");
  });
});

describe("network-route of each era, as xend calls it", () => {
  const answers = (xen: string, script: string): string => {
    const text = HOST.replace('xen: "4.17"', `xen: "${xen}"`)
      .replace(/ {4}sysctl: .*\n/, `    network-script: ${script}\n`)
      .replace(/ {4}domains:[\s\S]*(?=machines:)/, "");
    const lab = labUp(planOf(text));
    return typed(lab, "xen1", "sysctl -n net.ipv4.ip_forward net.ipv4.conf.eth0.proxy_arp")
      .stdout.replace("\n", " ")
      .trim();
  };

  test("3.0 switches on forwarding alone, 3.1 misses the device without netdev=, 4.2 does both", () => {
    expect(answers("3.0", "network-route")).toBe("1 0");
    expect(answers("3.1", "network-route")).toBe("1 0");
    expect(answers("3.1", "network-route netdev=eth0")).toBe("1 1");
    expect(answers("3.1", "network-route vifnum=0")).toBe("1 1");
    expect(answers("4.2", "network-route")).toBe("1 1");
  });
});

test("route.yaml says why netdev= is there: without it the script complains and the guests are not found", () => {
  const plan = planOfFile("route.yaml");
  expect(plan.hosts[0]!.networkScripts).toEqual(["network-route netdev=eth0"]);
});
