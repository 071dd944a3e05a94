/** A host whose table of connections is full: what a guest loses, what the host says of it, what mends it. */
import { expect, test } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { labUp, pass, planOfFile, type as typed } from "../kit/lab.ts";

const FULL = "nf_conntrack: nf_conntrack: table full, dropping packet";

test("new connections are lost, known ones go on, dmesg tells it ten times in five seconds, a larger table mends it", () => {
  const lab = labUp(planOfFile("nat.yaml"));
  const xen1 = (line: string): string => typed(lab, "xen1", line).stdout;
  const full = (): number =>
    xen1("dmesg -t | grep 'table full'")
      .split("\n")
      .filter((line) => line === FULL).length;
  const lost = (): number => lab.world.frames.count(Fate.CONNTRACK_FULL);
  pass(lab, 40);
  expect(typed(lab, "web1", "ping -c 1 192.168.1.1").code).toBe(0);
  const known = lab.exec("web1", "ping -c 12 -i 1 192.168.1.1");
  pass(lab, 1);
  expect(xen1("sysctl net.nf_conntrack_max")).toBe("net.nf_conntrack_max = 65536\n");
  const [count] = /\d+/.exec(xen1("cat /proc/sys/net/netfilter/nf_conntrack_count"))!;
  xen1(`sysctl -w net.nf_conntrack_max=${count}`);
  typed(lab, "web1", "traceroute -n -q 3 -m 5 -w 1 192.168.1.1");
  expect(lost()).toBe(15);
  expect(full()).toBe(10);
  expect(typed(lab, "web2", "ping -c 1 -W 1 192.168.1.1").code).toBe(1);
  pass(lab, 15);
  expect(known.console!.text("stdout")).toContain("12 packets transmitted, 12 received, 0% packet loss");
  expect(xen1("conntrack -S")).toMatch(/ drop=16 early_drop=0 /);
  expect(xen1("sysctl -w net.netfilter.nf_conntrack_max=1000; sysctl net.nf_conntrack_max")).toContain(
    "net.nf_conntrack_max = 1000",
  );
  expect(typed(lab, "web2", "ping -c 1 192.168.1.1").code).toBe(0);
});
