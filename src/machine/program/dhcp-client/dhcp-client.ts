/** What every DHCP client has, whoever wrote it: a link, one timer, a transaction, the lease it holds, a script that is run. */
import type { NetDevice } from "../../../device/device.ts";
import { type Nanos, seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import type { Mac } from "../../../packet/address.ts";
import { detached } from "../../detached.ts";
import type { Process } from "../../process.ts";
import { Daemon } from "../daemon-front.ts";
import type { ClientLease } from "./client-lease.ts";
import type { DhcpLink } from "./link.ts";

/** Longer than any run: a lease for ever has T1 in 68 years, of which the virtual clock knows nothing. */
const NEVER = 40 * 86_400;

export abstract class DhcpClient extends Daemon {
  protected link!: DhcpLink;
  protected tick!: Timer;
  protected transaction = 0;
  /** Since when a server is looked for: what `secs` counts from. */
  protected since = 0 as Nanos;
  protected lease: ClientLease | null = null;
  protected hasAddress = false;
  protected script: Process | null = null;

  protected get device(): NetDevice {
    return this.link.device;
  }

  protected get now(): Nanos {
    return this.process.machine.world.scheduler.now;
  }

  /** From this client's stream on this machine. */
  protected below(limit: number): number {
    const { machine, name } = this.process;
    return machine.world.random(`${name.split("/").pop()}.${machine.name}`).below(limit);
  }

  protected random32(): number {
    return this.below(0x1_0000) * 0x1_0000 + this.below(0x1_0000);
  }

  protected begin(): void {
    this.transaction = this.random32();
    this.since = this.now;
  }

  protected fields(): { transactionId: number; seconds: number; clientMac: Mac } {
    const passed = Math.min(0xffff, Math.floor((this.now - this.since) / 1e9));
    return { transactionId: this.transaction, seconds: passed, clientMac: this.device.mac };
  }

  protected sleep(time: number): void {
    if (time > NEVER) this.tick.cancel();
    else this.tick.armAfter(seconds(Math.max(0, time)));
  }

  /** The script that puts a lease into use; `childExited` hears of its end. */
  protected configure(lines: readonly string[]): void {
    const { machine } = this.process;
    const streams = detached(machine);
    this.script = machine.spawn(["sh", "-c", lines.join("\n")], { ...streams, parent: this.process });
  }

  protected dropAddress(): void {
    this.link.unbind();
    if (this.hasAddress) this.process.machine.net.addresses.flush(this.device);
    this.hasAddress = false;
  }
}
