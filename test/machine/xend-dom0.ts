/** Domain 0 of a host with xend: a bridge called xenbr0, udevd, xend, and two guests' configurations. */
import { World } from "../../src/device/world.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Process } from "../../src/machine/process.ts";
import { vifBridgeDebian } from "../../src/machine/setup/vif-bridge.ts";
import { vifSetup } from "../../src/machine/setup/vif-setup.ts";
import { xenHotplugCleanup } from "../../src/machine/setup/xen-hotplug-cleanup.ts";
import { Userland } from "../../src/machine/userland.ts";
import { XenHost } from "../../src/machine/xen-host.ts";
import type { XendEra } from "../../src/machine/xend/era.ts";
import { installXend } from "../../src/machine/xend/install.ts";
import { type Result, StoreLog } from "./xen-dom0.ts";

const GUESTS = { web1: "00:16:3e:00:00:01", db1: "00:16:3e:00:00:02" };

export class XendDom0 {
  readonly world = new World(1);
  readonly machine: Machine;
  readonly xen: XenHost;
  readonly log = new StoreLog();

  constructor(era: XendEra, bridge = true) {
    this.machine = new Machine(this.world, { name: "xen1" }, new Userland(era.name === "4.2" ? "both" : "classic"));
    this.xen = new XenHost(this.machine, { memory: 1024, scripts: [vifBridgeDebian, vifSetup, xenHotplugCleanup] });
    installXend(this.xen, era);
    for (const [index, [name, mac]] of Object.entries(GUESTS).entries()) {
      const vif = `vif = [ 'mac=${mac}, bridge=xenbr0' ]`;
      this.machine.files.write(
        `/etc/xen/${name}`,
        `# ${name}\nkernel = "/boot/vmlinuz-2.6-xenU"\nmemory = 256\nname = "${name}"\nvcpus = 1\n${vif}\nroot = "/dev/sda1 ro"\n`,
      );
      const setup = [`ip addr add 10.0.0.${index + 1}/24 dev eth0`, "ip link set eth0 up"];
      this.xen.images.set(name, { hosts: "", setup, onBoot: [] });
    }
    if (bridge) this.type("brctl addbr xenbr0 && brctl setfd xenbr0 0 && ip link set xenbr0 up");
    else this.wait(seconds(1));
    this.xen.store.listeners.push(this.log);
  }

  /** A line at the prompt, run to its end (at most 300 virtual seconds). */
  type(line: string): Result {
    return this.finish(this.machine.run(line));
  }

  finish(process: Process): Result {
    const { scheduler } = this.world;
    const end = scheduler.now + seconds(300);
    while (!process.hasEnded && (scheduler.next() ?? end) < end) scheduler.step();
    const { console, pid } = process;
    return { out: console!.text("stdout"), err: console!.text("stderr"), code: process.exitCode, pid };
  }

  wait(time: Nanos): void {
    this.world.scheduler.runUntil((this.world.scheduler.now + time) as Nanos);
  }

  write(path: string, text: string): void {
    this.machine.files.write(path, text);
  }

  guest(domid: number): Machine {
    return this.xen.guests.get(domid)!.machine;
  }
}
