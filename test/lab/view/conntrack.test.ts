/** What a snapshot says of connections and leases: both ends before and after NAT, and what the lease file holds. */
import { expect, test } from "vitest";
import type { RoutingSnapshot } from "../../../src/lab/index.ts";
import { labUp, planOf, type } from "../../kit/lab.ts";
import { NATTED } from "../../tui/kit/topologies.ts";

const routingOf = (lab: ReturnType<typeof labUp>): RoutingSnapshot => lab.snapshot().hosts[0]!.routing;

test("two guests, one identifier: the second is given another one, and both are seen as domain 0", () => {
  const lab = labUp(planOf(NATTED));
  expect(routingOf(lab).conntrack).toMatchObject({ total: 0, max: 65_536, flows: [] });
  type(lab, "web1", "ping -c 1 192.168.1.1");
  type(lab, "web2", "ping -c 1 192.168.1.1");
  const { conntrack, nat } = routingOf(lab);
  expect(conntrack!.total).toBe(2);
  const [second, first] = conntrack!.flows;
  expect(first).toMatchObject({
    protocol: "icmp",
    source: "10.0.1.1",
    destination: "192.168.1.1",
    translatedSource: "192.168.1.10",
    translatedSourcePort: first!.sourcePort,
    translatedDestination: null,
    replied: true,
    state: null,
  });
  expect(first!.secondsLeft).toBeGreaterThan(20);
  expect(second).toMatchObject({ source: "10.0.2.1", translatedSource: "192.168.1.10" });
  if (second!.sourcePort === first!.sourcePort) expect(second!.translatedSourcePort).not.toBe(first!.sourcePort);
  expect(nat).toMatchObject([{ kind: "masquerade", chain: "POSTROUTING", packets: 2, device: "eth0" }]);
});

test("no rule that needs them: no connections; no dnsmasq: no leases", () => {
  const lab = labUp(planOf(NATTED));
  type(lab, "xen1", "iptables -t nat -F");
  expect(routingOf(lab)).toMatchObject({ conntrack: null, nat: [], leases: null });
});
