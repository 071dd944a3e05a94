/** Xen's own NAT mode: vif-nat alone gives no internet, one MASQUERADE rule does. */
import { expect, test } from "vitest";
import { labUp, planOfFile, type as typed } from "../kit/lab.ts";

test("under xl nobody adds the rule: packets leave under the private address and nothing comes back; with it they do", () => {
  const lab = labUp(planOfFile("nat-xen.yaml"));
  const out = () => typed(lab, "app1", "ping -c 2 -W 1 192.168.1.1");
  expect(out().code).toBe(1);
  typed(lab, "new", "iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE");
  expect(out().code).toBe(0);
  // network-nat has added it where xend is, and vif-nat nowhere.
  expect(typed(lab, "old", "iptables -t nat -S POSTROUTING").stdout).toContain("-A POSTROUTING -o eth0 -j MASQUERADE");
  expect(typed(lab, "web1", "ping -c 2 192.168.1.1").code).toBe(0);
  expect(typed(lab, "gw", "ip neigh").stdout).not.toContain("10.0.");
});
