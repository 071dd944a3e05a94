/** vif-bridge as a list of steps: the command lines it issues, against those recorded from Debian's script. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import type { SpawnOptions } from "../../../src/machine/process.ts";
import { SCRIPTS } from "../../../src/machine/setup/index.ts";
import { judges } from "../../kit/fidelity.ts";
import { Dom0, type Result } from "../xen-dom0.ts";

judges("network-bridge");

const SCRIPT = "/etc/xen/scripts/vif-bridge";

/** A host with a guest that has no NIC, and a vif made by hand; every command line of the script is noted. */
class Bench extends Dom0 {
  readonly commands: string[] = [];

  constructor(backend: Record<string, string>, device = "vif1.0") {
    super();
    this.type(`ip link add ${device} type veth peer name peer0`);
    for (const [key, value] of Object.entries(backend)) {
      this.xen.store.write(`/local/domain/0/backend/vif/1/0/${key}`, value);
    }
    const spawn = this.machine.spawn.bind(this.machine);
    this.machine.spawn = (argv: readonly string[], options: SpawnOptions = {}) => {
      if (options.parent?.name === SCRIPT) this.commands.push(argv.join(" "));
      return spawn(argv, options);
    };
  }

  run(words: string, environment = "vif=vif1.0 XENBUS_PATH=backend/vif/1/0"): Result {
    return this.type(`${environment} ${SCRIPT} ${words}`);
  }

  /** Without the reads of xenstore, which the recording left out. */
  get changes(): string[] {
    return this.commands.filter((line) => !line.startsWith("xenstore-read"));
  }
}

describe("vif-bridge", () => {
  test("online", () => {
    const bench = new Bench({ bridge: "xenbr0" });
    expect(bench.run("online type_if=vif")).toMatchObject({ code: 0, out: "", err: "" });
    expect(bench.changes).toEqual([
      "ip link show dev xenbr0",
      "ip link set dev vif1.0 down",
      "ip link set dev vif1.0 address fe:ff:ff:ff:ff:ff",
      "ip address flush dev vif1.0",
      "ip link show dev xenbr0",
      "ip link set dev vif1.0 mtu 1500",
      "xenstore-write /local/domain/1/device/vif/0/mtu 1500",
      "brctl addif xenbr0 vif1.0",
      "ip link set dev vif1.0 up",
      "xenstore-write backend/vif/1/0/hotplug-status connected",
    ]);
    expect(bench.type("brctl show").out).toContain("vif1.0");
  });

  test("offline", () => {
    const bench = new Bench({ bridge: "xenbr0" });
    bench.run("online");
    bench.commands.length = 0;
    expect(bench.run("offline type_if=vif").code).toBe(0);
    expect(bench.changes).toEqual([
      "ip link show dev xenbr0",
      "ip link set dev vif1.0 down",
      "brctl delif xenbr0 vif1.0",
    ]);
  });

  test("offline when netback has taken the vif away already: nothing to complain of", () => {
    const bench = new Bench({ bridge: "xenbr0" });
    bench.type("ip link del vif1.0");
    expect(bench.run("offline type_if=vif").code).toBe(0);
    expect(bench.changes).toEqual(["ip link show dev xenbr0", "ip link set dev vif1.0 down"]);
    expect(bench.type("cat /var/log/xen/xen-hotplug.log").out).toBe("");
  });

  test("a tap: the same, but no word to netback and none to the guest", () => {
    const bench = new Bench({ bridge: "xenbr0" }, "vif1.0-emu");
    expect(bench.run("add type_if=tap", "INTERFACE=vif1.0-emu").code).toBe(0);
    expect(bench.commands.slice(0, 3)).toEqual([
      "xenstore-read /local/domain/0/backend/vif/1/0/vifname",
      "xenstore-read /local/domain/0/backend/vif/1/0/ip",
      "xenstore-read /local/domain/0/backend/vif/1/0/bridge",
    ]);
    expect(bench.changes).toEqual([
      "ip link show dev xenbr0",
      "ip link set dev vif1.0-emu down",
      "ip link set dev vif1.0-emu address fe:ff:ff:ff:ff:ff",
      "ip address flush dev vif1.0-emu",
      "ip link show dev xenbr0",
      "ip link set dev vif1.0-emu mtu 1500",
      "brctl addif xenbr0 vif1.0-emu",
      "ip link set dev vif1.0-emu up",
    ]);
  });

  test("no such bridge: one command with both keys, exit code 1", () => {
    const bench = new Bench({ bridge: "nobr0" });
    expect(bench.run("online type_if=vif").code).toBe(1);
    expect(bench.changes).toEqual([
      "ip link show dev nobr0",
      "xenstore-write backend/vif/1/0/hotplug-error Could not find bridge device nobr0 backend/vif/1/0/hotplug-status error",
    ]);
    expect(bench.type("xenstore-read backend/vif/1/0/hotplug-error").out).toBe("Could not find bridge device nobr0\n");
    expect(bench.type("cat /var/log/xen/xen-hotplug.log").out).toBe(`${SCRIPT}: Could not find bridge device nobr0\n`);
  });

  test("no bridge named: the first that brctl lists; none at all is fatal", () => {
    const bench = new Bench({});
    bench.type("brctl addbr abr0; ip link set abr0 up");
    expect(bench.run("online").code).toBe(0);
    expect(bench.commands).toContain("brctl addif abr0 vif1.0");
    bench.type("ip link set abr0 down; ip link set xenbr0 down; brctl delbr abr0; brctl delbr xenbr0");
    expect(bench.run("online").code).toBe(1);
    expect(bench.xen.store.read("/local/domain/0/backend/vif/1/0/hotplug-error")).toBe(
      "Could not find bridge, and none was specified",
    );
  });

  test("xenbr1 of an old configuration means the bridge eth1", () => {
    const bench = new Bench({ bridge: "xenbr1" });
    bench.type("brctl addbr eth1; ip link set eth1 up");
    expect(bench.run("online").code).toBe(0);
    expect(bench.commands).toContain("brctl addif eth1 vif1.0");
  });

  test("the bridge's MTU, or the one of the vif's configuration", () => {
    const small = new Bench({ bridge: "xenbr0" });
    small.type("ip link set xenbr0 mtu 1400");
    small.run("online");
    expect(small.xen.store.read("/local/domain/1/device/vif/0/mtu")).toBe("1400");
    const large = new Bench({ bridge: "xenbr0", mtu: "9000" });
    large.run("online");
    expect(large.commands).toContain("ip link set dev vif1.0 mtu 9000");
    expect(large.commands.filter((line) => line === "ip link show dev xenbr0")).toHaveLength(1);
  });

  test("vifname: renamed before all else, its MTU written to a path that means nothing", () => {
    const bench = new Bench({ bridge: "xenbr0", vifname: "web" });
    expect(bench.run("online").code).toBe(0);
    expect(bench.commands).toContain("ip link set vif1.0 name web");
    expect(bench.commands).toContain("brctl addif xenbr0 web");
    expect(bench.commands).toContain("xenstore-write /local/domain/web/device/vif/web/mtu 1500");
    expect(bench.run("offline").code).toBe(0);
    expect(bench.commands).toContain("brctl delif xenbr0 web");
  });

  test("vifname that somebody has", () => {
    const bench = new Bench({ bridge: "xenbr0", vifname: "xenbr0" });
    expect(bench.run("online").code).toBe(1);
    expect(bench.xen.store.read("/local/domain/0/backend/vif/1/0/hotplug-error")).toBe(
      "Cannot rename interface vif1.0. An interface with name xenbr0 already exists.",
    );
  });

  test("a step that fails without a word: set -e ends the script, xenstore says nothing", () => {
    const bench = new Bench({ bridge: "peer0" });
    expect(bench.run("online").code).toBe(1);
    expect(bench.xen.store.read("/local/domain/0/backend/vif/1/0/hotplug-error")).toBeNull();
    expect(bench.type("cat /var/log/xen/xen-hotplug.log").out).not.toBe("");
  });

  test("verbs for the other type of interface end well at once; unknown ones do not", () => {
    const bench = new Bench({ bridge: "xenbr0" });
    expect(bench.run("online type_if=tap", "INTERFACE=vif1.0-emu").code).toBe(0);
    expect(bench.run("add").code).toBe(0);
    expect(bench.run("remove type_if=vif").code).toBe(0);
    expect(bench.run("start").code).toBe(1);
    expect(bench.run("online type_if=usb").code).toBe(1);
    expect(bench.commands).toEqual([]);
  });

  test("whoever edits the file has replaced the script", () => {
    const bench = new Bench({ bridge: "xenbr0" });
    expect(bench.type(`head -1 ${SCRIPT}`).out).toBe("#!/bin/bash\n");
    bench.write(SCRIPT, "echo mine $1\n");
    expect(bench.run("online")).toMatchObject({ code: 0, out: "mine online\n" });
    expect(bench.commands).toEqual([]);
  });

  test("every step says why", () => {
    const steps = SCRIPTS.flatMap((script) => script.steps).filter((step) => "run" in step);
    expect(steps.length).toBeGreaterThan(200);
    for (const { run, why } of steps) {
      expect(run).not.toBe("");
      expect(why).toMatch(/^\S.{10,}[.?]$/s);
    }
  });
});

test("from xl create to the first frame's path: the vif is a port, and forwards when the guest is there", () => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  expect(dom0.type("brctl show").out).toContain("xenbr0\t\t8000.feffffffffff\tno\t\tvif1.0\n");
  expect(dom0.machine.table.find("vif1.0")?.carrier).toBe(false);
  dom0.wait(seconds(2));
  expect(dom0.machine.table.find("vif1.0")?.carrier).toBe(true);
  const kernel = dom0.type("dmesg").out;
  expect(kernel).toContain("vif vif-1-0 vif1.0: Guest Rx ready");
  expect(kernel).toContain("xenbr0: port 1(vif1.0) entered forwarding state");
});
