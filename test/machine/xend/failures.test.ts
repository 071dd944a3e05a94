/** What an admin of xend reads when a guest's network cannot be had, and what is left behind. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2 } from "../../../src/machine/xend/era.ts";
import { XendDom0 } from "../xend-dom0.ts";

const NOT_CONNECTED = "Error: Device 0 (vif) could not be connected.";

/** Neither domain nor device is left. */
function expectNothingLeft(dom0: XendDom0): void {
  dom0.wait(seconds(2));
  expect(dom0.xen.hypervisor.domains.map(({ id }) => id)).toEqual([0]);
  expect(dom0.type("xenstore-ls -f").out).not.toMatch(/domain\/1|backend|vm\//);
  expect(dom0.machine.table.find("vif1.0")).toBeNull();
}

describe.each([
  { era: XEND_3_1, after: "" },
  { era: XEND_4_2, after: "" },
])("xm create, Xen $era.name", ({ era }) => {
  test("without the bridge: the script's own word, and the domain is destroyed", () => {
    const dom0 = new XendDom0(era, false);
    const { code, err, out } = dom0.type("xm create web1");
    expect(err).toBe(`${NOT_CONNECTED} Could not find bridge device xenbr0\n`);
    expect(out).toBe('Using config file "/etc/xen/web1".\n');
    expect(code).toBe(1);
    expectNothingLeft(dom0);
    expect(dom0.type("cat /var/log/xen/xen-hotplug.log").out).toContain(
      "/etc/xen/scripts/vif-bridge: Could not find bridge device xenbr0\n",
    );
  });

  test("a script that forgets hotplug-status: 100 s", () => {
    const dom0 = new XendDom0(era);
    dom0.write("/etc/xen/scripts/mine", "brctl addif xenbr0 $vif\nip link set $vif up\n");
    dom0.type("chmod +x /etc/xen/scripts/mine");
    const before = dom0.world.scheduler.now;
    const { code, err } = dom0.type("xm create web1 vif=script=mine,bridge=xenbr0");
    expect(err).toBe(`${NOT_CONNECTED} Hotplug scripts not working.\n`);
    expect(code).toBe(1);
    expect(dom0.world.scheduler.now - before).toBeGreaterThan(seconds(100));
    expect(dom0.world.scheduler.now - before).toBeLessThan(seconds(101));
    expectNothingLeft(dom0);
  });

  test("a script that is not executable, no rule, no udevd: all the same to xend", () => {
    for (const line of [
      "chmod -x /etc/xen/scripts/vif-bridge",
      "rm /etc/udev/rules.d/xen-backend.rules",
      "rm /etc/xen/scripts/vif-bridge",
      "kill 401",
    ]) {
      const dom0 = new XendDom0(era);
      expect(dom0.type(line).code).toBe(0);
      dom0.wait(seconds(1));
      expect(dom0.type("xm create web1").err).toBe(`${NOT_CONNECTED} Hotplug scripts not working.\n`);
      expect(dom0.xen.hypervisor.domains).toHaveLength(1);
    }
  });

  test("the admin writes hotplug-status by hand, and all is well", () => {
    const dom0 = new XendDom0(era);
    dom0.type("rm /etc/udev/rules.d/xen-backend.rules");
    const creation = dom0.machine.run("xm create web1");
    dom0.wait(seconds(10));
    expect(creation.hasEnded).toBe(false);
    dom0.type("xenstore-write /local/domain/0/backend/vif/1/0/hotplug-status connected");
    dom0.wait(seconds(2));
    expect(creation.exitCode).toBe(0);
    expect(dom0.xen.store.read("/local/domain/0/backend/vif/1/0/state")).toBe("4");
  });

  test("of two NICs one fails: both are gone", () => {
    const dom0 = new XendDom0(era);
    const { code, err } = dom0.type("xm create web1 vif=bridge=xenbr0 vif=bridge=nobr0");
    expect(err).toBe("Error: Device 1 (vif) could not be connected. Could not find bridge device nobr0\n");
    expect(code).toBe(1);
    expect(dom0.type("brctl show").out).not.toContain("vif");
    expectNothingLeft(dom0);
  });

  test("the frontend's directory is gone", () => {
    const dom0 = new XendDom0(era);
    const creation = dom0.machine.run("xm create web1");
    dom0.wait(seconds(0.223));
    dom0.type("xenstore-rm /local/domain/1/device/vif/0");
    dom0.finish(creation);
    expect(dom0.xen.hypervisor.domains.length).toBeLessThan(3);
  });
});

test("3.0 does not know the script's word", () => {
  const dom0 = new XendDom0(XEND_3_0, false);
  expect(dom0.type("xm create web1").err).toBe(`${NOT_CONNECTED} Backend device not found.\n`);
  expectNothingLeft(dom0);
});

describe("xm network-attach", () => {
  test("a wrong bridge: the sentence, usage, and the device is closed", () => {
    const dom0 = new XendDom0(XEND_3_1);
    dom0.type("xm create web1");
    dom0.wait(seconds(2));
    const { code, err, out } = dom0.type("xm network-attach web1 bridge=nobr0");
    expect(err).toBe("Error: Device 1 (vif) could not be connected. Could not find bridge device nobr0\n");
    expect(out).toMatch(
      /^Usage: xm network-attach <Domain> \[type=<type>\] .*\n\nCreate a new virtual network device\.\n$/,
    );
    expect(code).toBe(1);
    dom0.wait(seconds(1));
    expect(dom0.type("xenstore-ls -f").out).not.toContain("/vif/1/1");
    expect(dom0.machine.table.find("vif1.1")).toBeNull();
  });

  test("a number that is taken", () => {
    const dom0 = new XendDom0(XEND_4_2);
    dom0.type("xm create web1");
    dom0.type("xenstore-write /local/domain/1/device-misc/vif/nextDeviceID 0");
    expect(dom0.type("xm network-attach web1").err).toBe("Error: Device 0 (vif) is already connected.\n");
  });

  test("the vif's name is taken by another guest", () => {
    const dom0 = new XendDom0(XEND_3_1);
    expect(dom0.type("xm create web1 vif=vifname=dmz,bridge=xenbr0").code).toBe(0);
    expect(dom0.type("ip -br link show dmz").code).toBe(0);
    expect(dom0.type("xm create db1 vif=vifname=dmz,bridge=xenbr0").err).toBe(
      `${NOT_CONNECTED} Cannot rename interface vif2.0. An interface with name dmz already exists.\n`,
    );
    dom0.type("xm destroy web1");
    dom0.wait(seconds(1));
    expect(dom0.type("ip -br link show dmz").code).toBe(1);
  });
});

describe("without xend", () => {
  test("guests run on, and xm cannot connect", () => {
    const dom0 = new XendDom0(XEND_3_1);
    dom0.type("xm create web1");
    dom0.wait(seconds(2));
    dom0.type("kill 402");
    dom0.wait(seconds(1));
    expect(dom0.type("xm list")).toMatchObject({
      code: 1,
      err: "Error: Unable to connect to xend: Connection refused. Is xend running?\n",
    });
    expect(dom0.xen.guests.size).toBe(1);
  });

  test("an xm that waits is told, and an xm that is interrupted leaves xend at work", () => {
    const dom0 = new XendDom0(XEND_4_2);
    const waiting = dom0.machine.run("xm create web1");
    dom0.wait(seconds(0.2));
    dom0.type("kill 402");
    const told = dom0.finish(waiting);
    expect(told.err).toBe("Error: Unable to connect to xend: Connection reset by peer. Is xend running?\n");
    expect(told.code).toBe(1);

    const other = new XendDom0(XEND_4_2);
    const interrupted = other.machine.run("xm create web1");
    other.wait(seconds(0.2));
    for (const process of [...other.machine.processes.values()]) if (process.argv[0] === "xm") process.signal("INT");
    other.finish(interrupted);
    other.wait(seconds(2));
    expect(other.type("xm list web1").out).toMatch(/web1 .* --p--- /);
  });
});
