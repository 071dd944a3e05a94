/** What a snapshot says of routes and rules is what the tools print on that host at that instant. */
import { describe, expect, test } from "vitest";
import type { HostSnapshot } from "../../../src/lab/index.ts";
import { labUp, pass, planOf, type } from "../../kit/lab.ts";

const PLAN = planOf(`name: router
networks: { lan: {} }
hosts:
  xen1:
    nics: { eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    bridges: { br1: { ports: [], ip: 10.1.0.1/24 } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } }, setup: [ip route add 10.1.0.0/24 via 192.168.1.10] }
`);

const hostOf = (lab: ReturnType<typeof labUp>): HostSnapshot => lab.snapshot().hosts[0]!;
const lines = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.trimEnd());

describe("routes and sysctls", () => {
  test("routes are the lines of ip route, in its order, with what a view looks for beside", () => {
    const lab = labUp(PLAN);
    type(lab, "xen1", "ip route add 192.168.1.50 dev eth0 src 192.168.1.10 metric 2");
    type(lab, "xen1", "ip route add blackhole 10.9.0.0/16");
    const { routing, dom0 } = hostOf(lab);
    expect(routing.routes.map(({ text }) => text)).toEqual(lines(type(lab, "xen1", "ip route").stdout));
    expect(routing.routes).toHaveLength(dom0.routes);
    expect(routing.routes[0]).toMatchObject({ destination: "default", device: "eth0", via: "192.168.1.1" });
    expect(routing.routes.find(({ destination }) => destination === "192.168.1.50")).toMatchObject({
      device: "eth0",
      via: null,
      metric: 2,
    });
    expect(routing.routes.find(({ destination }) => destination === "10.9.0.0/16")).toMatchObject({ device: null });
  });

  test("proxy_arp: set for the device, or for all of them; forwarding; br_netfilter", () => {
    const lab = labUp(PLAN);
    const said = (): unknown => {
      const { ipForward, proxyArp, bridgeCallsIptables } = hostOf(lab).routing;
      return [ipForward, proxyArp, bridgeCallsIptables];
    };
    expect(said()).toEqual([false, [], null]);
    type(lab, "xen1", "sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.eth0.proxy_arp=1");
    expect(said()).toEqual([true, ["eth0"], null]);
    type(lab, "xen1", "sysctl -w net.ipv4.conf.all.proxy_arp=1");
    type(lab, "xen1", "iptables -A FORWARD -m physdev --physdev-is-bridged -j ACCEPT");
    expect(said()).toEqual([true, ["lo", "eth0", "br1"], true]);
    type(lab, "xen1", "sysctl -w net.bridge.bridge-nf-call-iptables=0");
    expect(said()).toEqual([true, ["lo", "eth0", "br1"], false]);
  });
});

describe("rules", () => {
  test("tables that the kernel has, with their chains, policies, and frames that ended there", () => {
    const lab = labUp(PLAN);
    expect(hostOf(lab).routing.tables).toEqual([]);
    type(lab, "xen1", "iptables -N guests");
    type(lab, "xen1", "iptables -A INPUT -p icmp -s 192.168.1.1 -j DROP");
    type(lab, "xen1", "iptables -P FORWARD DROP");
    type(lab, "gw", "ping -c 3 -i 0.2 -W 1 192.168.1.10");
    pass(lab, 1);
    const [filter, ...others] = hostOf(lab).routing.tables;
    expect(others).toEqual([]);
    expect(filter).toMatchObject({ name: "filter", rules: 1 });
    expect(filter!.chains.map(({ name, policy, rules, dropped }) => [name, policy, rules, dropped])).toEqual([
      ["INPUT", "ACCEPT", 1, 3],
      ["FORWARD", "DROP", 0, 0],
      ["guests", null, 0, 0],
    ]);
  });

  test("a policy counts what reached it, and its drops are the chain's", () => {
    const lab = labUp(PLAN);
    type(lab, "xen1", "sysctl -w net.ipv4.ip_forward=1");
    type(lab, "xen1", "iptables -P FORWARD DROP");
    type(lab, "gw", "ping -c 2 -i 0.2 -W 1 10.1.0.77");
    const forward = hostOf(lab).routing.tables[0]!.chains.find(({ name }) => name === "FORWARD");
    expect(forward).toMatchObject({ policy: "DROP", packets: 2, bytes: 168, dropped: 2 });
  });
});
