/** xl shutdown and xl reboot, and the process that xl create leaves behind. */
import { describe, expect, test } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { seconds } from "../../../src/engine/time.ts";
import { Dom0 } from "../xen-dom0.ts";

const RESTARTS = `'on_reboot="restart"'`;

function running(words = RESTARTS): Dom0 {
  const dom0 = new Dom0();
  expect(dom0.type(`xl create g1.cfg ${words}`).code).toBe(0);
  dom0.wait(seconds(3));
  return dom0;
}

const monitors = (dom0: Dom0): string[] =>
  [...dom0.machine.processes.values()].map(({ argv }) => argv.slice(0, 3).join(" "));
const log = (dom0: Dom0): string => dom0.type("cat /var/log/xen/xl-g1.log").out.replace(/pid \d+/g, "pid PID");

test("xl reboot: the process left behind makes the domain again, with the next id and the devices it had", () => {
  const dom0 = running();
  expect(monitors(dom0)).toEqual(["xl create g1.cfg"]);
  dom0.type("xl network-attach g1 bridge=xenbr0 rate=10Mb/s");
  const mac = dom0.xen.store.read("/local/domain/1/device/vif/1/mac");
  const { uuid } = dom0.xen.hypervisor.byName("g1")!;
  expect(dom0.type("xl reboot g1")).toMatchObject({ code: 0, out: "", err: "Rebooting domain 1\n" });
  dom0.wait(seconds(6));
  expect(dom0.xen.hypervisor.byName("g1")).toMatchObject({ id: 2, uuid });
  expect(dom0.type("brctl show").out).toMatch(/\tvif2\.0\n\t+vif2\.1\n$/);
  expect(dom0.xen.store.read("/local/domain/2/device/vif/1/mac")).toBe(mac);
  expect(dom0.xen.store.read("/local/domain/0/backend/vif/2/1/rate")).toBe("62500,50000");
  expect(dom0.xen.store.read("/local/domain/0/backend/vif/2/1/state")).toBe("4");
  expect(log(dom0)).toBe(`Waiting for domain g1 (domid 1) to die [pid PID]
Domain 1 has shut down, reason code 1 0x1
Action for shutdown reason code 1 is restart
Domain 1 needs to be cleaned up: destroying the domain
Done. Rebooting now
Waiting for domain g1 (domid 2) to die [pid PID]
`);
});

describe("xl shutdown", () => {
  test("the guest closes its device, stops (state s), and is destroyed", () => {
    const dom0 = running();
    const before = dom0.log.lines.length;
    expect(dom0.type("xl shutdown -w g1")).toMatchObject({
      code: 0,
      err: "Shutting down domain 1\nWaiting for 1 domains\nDomain 1 has been shut down, reason code 0\n",
    });
    const own = dom0.log.lines.slice(before).filter((line) => /control\/shutdown|\/(1\/0|vif\/0)\/state/.test(line));
    expect(own.slice(0, 6)).toEqual([
      "/local/domain/1/control/shutdown = 'poweroff'",
      "/local/domain/1/control/shutdown = ''",
      "/local/domain/1/device/vif/0/state = '5'",
      "/local/domain/0/backend/vif/1/0/state = '5'",
      "/local/domain/1/device/vif/0/state = '6'",
      "/local/domain/0/backend/vif/1/0/state = '6'",
    ]);
    dom0.wait(seconds(1));
    expect(dom0.xen.guests.size).toBe(0);
    expect(dom0.type("brctl show").out).not.toContain("vif");
    expect(monitors(dom0)).toEqual([]);
    expect(log(dom0)).toMatch(/reason code 0 is destroy\n.*\nDone\. Exiting now\n$/);
  });

  test("with nobody behind it (-e) the domain stays, shut down", () => {
    const dom0 = running("-e");
    dom0.type("xl shutdown -w g1");
    dom0.wait(seconds(1));
    expect(dom0.type("xl list g1").out).toMatch(/g1 +1 .* ---s-- /);
    expect(dom0.type("xl unpause g1; xl list g1").out).toMatch(/---s-- /);
    expect(dom0.type("xl destroy g1").code).toBe(0);
  });

  test("preserve", () => {
    const dom0 = running(`'on_poweroff="preserve"'`);
    dom0.type("xl shutdown g1");
    dom0.wait(seconds(3));
    expect(dom0.type("xl list g1").out).toMatch(/---s-- /);
    expect(monitors(dom0)).toEqual([]);
  });

  test("all of them, and their end", () => {
    const dom0 = running();
    dom0.type("xl create g2.cfg");
    dom0.wait(seconds(3));
    const { code, err } = dom0.type("xl shutdown -a -w -w");
    expect(code).toBe(0);
    expect(err).toMatch(/^Shutting down domain 1\nShutting down domain 2\nWaiting for 2 domains\n/);
    expect(err).toContain("Domain 1 continue waiting for death\n");
    expect(err).toContain("Domain 2 has been destroyed\n");
  });

  test("a paused guest does not hear it: 60 s", () => {
    const dom0 = running();
    dom0.type("xl pause g1");
    const { code, err } = dom0.type("xl shutdown g1");
    expect(err).toBe(`Shutting down domain 1
libxl: error: libxl_domain.c:854:pvcontrol_cb: guest didn't acknowledge control request: -9
shutdown failed (rc=-9)
`);
    expect(code).toBe(1);
    dom0.type("xl unpause g1");
    dom0.wait(seconds(3));
    expect(dom0.xen.guests.size).toBe(0);
  });

  test("who is not there", () => {
    const dom0 = running();
    expect(dom0.type("xl shutdown 9").err).toBe(`Shutting down domain 9
libxl: error: libxl_dom.c:37:libxl__domain_type: unable to get domain type for domid=9
shutdown failed (rc=-3)
`);
    expect(dom0.type("xl reboot").err).toBe("You must specify -a or a domain id.\n\n");
    expect(dom0.type("xl shutdown nobody").err).toBe("nobody is an invalid domain identifier (rc=-6)\n");
  });

  test("a word the kernel does not know", () => {
    const dom0 = running();
    dom0.type("xenstore-write /local/domain/1/control/shutdown explode");
    const guest = dom0.xen.guests.get(1)!.machine.run("dmesg");
    dom0.wait(seconds(1));
    expect(guest.console!.text("stdout")).toContain("Ignoring shutdown request: explode");
  });
});

test("xl destroy ends the process left behind; each life has its own log", () => {
  const dom0 = running();
  dom0.type("xl destroy g1");
  dom0.wait(seconds(1));
  expect(monitors(dom0)).toEqual([]);
  expect(log(dom0)).toMatch(/\nDomain 1 has been destroyed\.\n$/);
  dom0.type("xl create g1.cfg");
  expect(log(dom0)).toBe("Waiting for domain g1 (domid 2) to die [pid PID]\n");
  expect(dom0.type("cat /var/log/xen/xl-g1.log.1").out).toContain("Domain 1 has been destroyed.\n");
});

test.each([0.5, 1.03, 1.06, 1.1, 3.06, 3.15, 3.2, 3.5])("a reboot, copied after %d s", (time) => {
  const dom0 = running();
  dom0.machine.run("xl reboot g1");
  dom0.wait(seconds(time));
  const copy = copyGraph(dom0);
  for (const each of [dom0, copy]) each.wait(seconds(8));
  expect(copy.log.lines).toEqual(dom0.log.lines);
  expect(copy.xen.store.dump("/")).toEqual(dom0.xen.store.dump("/"));
  expect(copy.xen.hypervisor.byName("g1")!.id).toBe(2);
});
