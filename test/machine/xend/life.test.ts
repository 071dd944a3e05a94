/** A guest's life on a host with xend: both ends connect, frames pass, devices come and go, nothing is left. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2 } from "../../../src/machine/xend/era.ts";
import { XendDom0 } from "../xend-dom0.ts";

const ERAS = [XEND_3_0, XEND_3_1, XEND_4_2];

const states = (dom0: XendDom0, domid: number, devid = 0): (string | null)[] =>
  [`/local/domain/0/backend/vif/${domid}/${devid}/state`, `/local/domain/${domid}/device/vif/${devid}/state`].map(
    (path) => dom0.xen.store.read(path),
  );

function withTwo(era: (typeof ERAS)[number]): XendDom0 {
  const dom0 = new XendDom0(era);
  for (const name of ["web1", "db1"]) expect(dom0.type(`xm create ${name}`).code).toBe(0);
  dom0.wait(seconds(2));
  return dom0;
}

describe.each(ERAS)("xend of Xen $name", (era) => {
  test("create: both ends connected by udev's script, and the guests reach each other", () => {
    const dom0 = withTwo(era);
    expect(states(dom0, 1)).toEqual(["4", "4"]);
    expect(dom0.type("brctl show").out).toMatch(/xenbr0\t\t8000.feffffffffff\tno\t\tvif1.0\n\t{7}vif2.0\n/);
    const ping = dom0.guest(1).run("ping -c 2 10.0.0.2");
    dom0.wait(seconds(3));
    expect(ping.console!.text("stdout")).toContain("2 packets transmitted, 2 received, 0% packet loss");
  });

  test("network-attach and network-detach", () => {
    const dom0 = withTwo(era);
    expect(dom0.type("xm network-attach web1 bridge=xenbr0 mac=00:16:3e:00:00:99")).toMatchObject({ code: 0, err: "" });
    dom0.wait(seconds(1));
    expect(states(dom0, 1, 1)).toEqual(["4", "4"]);
    expect(dom0.type("brctl show").out).toContain("vif1.1");
    expect(dom0.guest(1).table.find("eth1")).not.toBeNull();
    expect(dom0.type("xm network-detach web1 1")).toMatchObject({ code: 0, err: "" });
    dom0.wait(seconds(1));
    expect(dom0.type("xenstore-ls -f").out).not.toMatch(/backend\/vif\/1\/1|device\/vif\/1/);
    expect(dom0.type("brctl show").out).not.toContain("vif1.1");
    expect(dom0.guest(1).table.find("eth1")).toBeNull();
    // Numbers only grow.
    dom0.type("xm network-attach web1 bridge=xenbr0");
    dom0.wait(seconds(1));
    expect(states(dom0, 1, 2)).toEqual(["4", "4"]);
  });

  test("destroy leaves the host as it was: keys, watches, devices, processes", () => {
    const dom0 = new XendDom0(era);
    const before = dom0.type("xenstore-ls -f -p").out;
    const processes = dom0.machine.processes.size;
    dom0.type("xm create web1");
    dom0.wait(seconds(2));
    expect(dom0.type("xm destroy web1").code).toBe(0);
    dom0.wait(seconds(1));
    expect(dom0.type("xenstore-ls -f -p").out.replace('/vm = ""   (n0)\n', "")).toBe(before);
    expect(dom0.machine.table.find("vif1.0")).toBeNull();
    expect(dom0.machine.processes.size).toBe(processes);
    expect(dom0.xen.guests.size).toBe(0);
    const { byWatcher } = dom0.xen.store as unknown as { byWatcher: Map<unknown, { readonly path: string }[]> };
    const watched = [...byWatcher.values()].flatMap((watches) => watches.map(({ path }) => path));
    expect([...new Set(watched)].sort()).toEqual(["/local/domain/0/backend/vif", "@releaseDomain"]);
  });
});
