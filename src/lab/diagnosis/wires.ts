/** Which devices hear each other's broadcasts: what bridges, vifs, pairs and networks join, as it is at this moment. */
import type { LabSnapshot } from "../view/lab-snapshot.ts";

export class Wires {
  private readonly above = new Map<string, string>();

  constructor({ hosts, machines }: LabSnapshot) {
    for (const { name, dom0, guests } of hosts) {
      this.addMachine(name, dom0.devices);
      for (const guest of guests) {
        this.addMachine(guest.name, guest.machine?.devices ?? []);
        for (const vif of guest.vifs)
          if (vif.name !== null) this.join(`${name}:${vif.name}`, `${guest.name}:${vif.guestDevice}`);
      }
    }
    for (const { name, devices } of machines) this.addMachine(name, devices);
  }

  /** One word for all devices of a wire. */
  of(machine: string, device: string): string {
    return this.root(`${machine}:${device}`);
  }

  private addMachine(machine: string, devices: LabSnapshot["machines"][number]["devices"]): void {
    for (const { name, master, peer, network } of devices) {
      if (master !== null) this.join(`${machine}:${name}`, `${machine}:${master}`);
      if (peer !== null) this.join(`${machine}:${name}`, `${machine}:${peer}`);
      if (network !== null) this.join(`${machine}:${name}`, `network ${network}`);
    }
  }

  private join(a: string, b: string): void {
    const from = this.root(a);
    const to = this.root(b);
    if (from !== to) this.above.set(from, to);
  }

  private root(name: string): string {
    let root = name;
    for (let next = this.above.get(root); next !== undefined; next = this.above.get(root)) root = next;
    return root;
  }
}
