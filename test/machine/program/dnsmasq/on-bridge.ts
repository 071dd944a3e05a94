/** A dnsmasq on a machine whose only link is a stub: frames are handed in, and what it sends is kept. */
import { Loopback } from "../../../../src/device/loopback.ts";
import { World } from "../../../../src/device/world.ts";
import type { Nanos } from "../../../../src/engine/time.ts";
import { Machine } from "../../../../src/machine/machine.ts";
import { Userland } from "../../../../src/machine/userland.ts";
import { Checksum } from "../../../../src/packet/frame.ts";
import { mac, StubDevice } from "../../../kit/world.ts";

export class OnBridge {
  readonly world = new World(7);
  readonly machine = new Machine(this.world, { name: "dom0" }, new Userland());
  readonly device: StubDevice;

  constructor(name: string, address: string, cidr: string) {
    const { table } = this.machine;
    table.register(new Loopback(table));
    this.device = new StubDevice(table, name, mac(address));
    table.register(this.device);
    this.run(`ip link set lo up; ip addr add ${cidr} brd + dev ${name}; ip link set ${name} up`);
  }

  /** A line at the prompt; answers what it printed, and its exit code. */
  run(line: string): { text: string; code: number | null } {
    const process = this.machine.run(line);
    const { scheduler } = this.world;
    while (!process.hasEnded && scheduler.step());
    return { text: process.console!.text(), code: process.exitCode };
  }

  runUntil(seconds: number): void {
    this.world.scheduler.runUntil(Math.round(seconds * 1e9) as Nanos);
  }

  /** From a neighbour on the same host, whose checksums may be unfinished: nobody looks at them. */
  arrive(bytes: Uint8Array): void {
    const frame = this.world.frames.from(bytes);
    frame.checksum = Checksum.PARTIAL;
    this.device.arrive(frame);
  }

  /** What the log says of DHCP and DNS, without time and pid. */
  get log(): string[] {
    const text = String(this.machine.files.read("/var/log/syslog"));
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^.{15} \S+ (\S+)\[\d+\]:/, "$1:"));
  }
}
