/**
 * Keeps the leases: the lease file, their end in time, and the script that hears of each change.
 *
 * A dhcp-script is started as dnsmasq(8) says: `SCRIPT add|old|del MAC ADDRESS [NAME]`, one at a time, with DNSMASQ_* in its
 * environment (LEASE_EXPIRES, TIME_REMAINING, INTERFACE, CLIENT_ID, SUPPLIED_HOSTNAME, VENDOR_CLASS, REQUESTED_OPTIONS,
 * TAGS, DOMAIN, OLD_HOSTNAME). With leasefile-ro it also gets `SCRIPT init` at the start and prints the leases it knows, in
 * the form of the lease file.
 */
import type { EventTarget } from "../../../engine/scheduler.ts";
import { type Nanos, seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import { formatIpv4, formatMac } from "../../../packet/address.ts";
import { detached } from "../../detached.ts";
import { Errno } from "../../errno.ts";
import type { Process } from "../../process.ts";
import { Pipe } from "../../stream.ts";
import { clientIdText, type Lease, Leases } from "./lease.ts";
import type { Log } from "./log.ts";
import { ExitCode, Fatal } from "./read-settings.ts";
import type { Settings } from "./settings.ts";

/** Who must know that names have changed. */
export interface LeaseListener {
  leasesChanged(): void;
}

/** The virtual clock ends after 104 days, a lease need not; who wakes too early looks and sleeps again. */
const LONGEST_SLEEP = seconds(20 * 86_400);

interface Call {
  readonly words: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

export class LeaseKeeper implements EventTarget {
  readonly leases: Leases;
  private readonly process: Process;
  private readonly settings: Settings;
  private readonly log: Log;
  private readonly listener: LeaseListener;
  private readonly alarm: Timer;
  private readonly calls: Call[] = [];
  private running: Process | null = null;
  /** What the running `init` prints. */
  private told: Pipe | null = null;
  private written = "";

  constructor(process: Process, settings: Settings, log: Log, listener: LeaseListener) {
    this.process = process;
    this.settings = settings;
    this.log = log;
    this.listener = listener;
    this.leases = new Leases(settings.leaseMax);
    this.alarm = process.timer(this, 0);
  }

  /** Reads what an earlier run left. Throws `Fatal`. */
  open(): void {
    const { settings } = this;
    if (settings.has("leasefile-ro")) {
      if (settings.script !== null) this.calls.push({ words: ["init"], env: this.process.env });
      return this.runNext();
    }
    const { files } = this.process.machine;
    const file = files.open(settings.leaseFile, "append");
    if (file instanceof Errno) {
      throw new Fatal(`cannot open or create lease file ${settings.leaseFile}: ${file.text}`, ExitCode.FILE);
    }
    const text = file.read();
    this.takeUp(text instanceof Errno ? "" : text);
  }

  /** Something has been changed: file, names, script and alarm follow. */
  settle(): void {
    this.writeFile();
    this.listener.leasesChanged();
    this.queueCalls();
    const next = this.leases.nextExpiry();
    if (next === null) return this.alarm.cancel();
    const { machine } = this.process;
    const left = seconds(next - machine.epoch) - machine.world.scheduler.now;
    this.alarm.armAfter(Math.min(LONGEST_SLEEP, Math.max(0, left)) as Nanos);
  }

  handle(): void {
    this.leases.prune(this.process.machine.clockSeconds);
    this.settle();
  }

  /** For the program: a script has ended. */
  childExited(child: Process): void {
    if (child !== this.running) return;
    this.running = null;
    if (child.exitCode !== 0) this.log.dns(`script process exited with status ${child.exitCode}`);
    const text = this.told?.read() ?? null;
    this.told = null;
    if (text !== null) this.takeUp(text);
    this.runNext();
  }

  private takeUp(text: string): void {
    this.leases.read(text, this.settings.domain);
    this.leases.prune(this.process.machine.clockSeconds);
    this.settle();
  }

  private writeFile(): void {
    if (this.settings.has("leasefile-ro")) return;
    const text = this.leases.text();
    if (text === this.written) return;
    this.written = text;
    this.process.machine.files.write(this.settings.leaseFile, text);
  }

  private queueCalls(): void {
    const { leases } = this;
    for (const lease of leases.old.splice(0))
      this.call("del", lease, lease.fqdn ?? lease.hostname ?? lease.oldHostname);
    for (const lease of leases.all) {
      if (lease.oldHostname !== null) this.call("old", lease, lease.hostname);
      lease.oldHostname = null;
      if (!lease.isNew && !lease.hasChanged) continue;
      this.call(lease.isNew ? "add" : "old", lease, lease.fqdn ?? lease.hostname);
      lease.isNew = false;
      lease.hasChanged = false;
    }
    this.runNext();
  }

  private call(action: string, lease: Lease, name: string | null): void {
    if (this.settings.script === null) return;
    const host = name?.split(".")[0];
    const words = [action, formatMac(lease.mac), formatIpv4(lease.address), ...(host === undefined ? [] : [host])];
    this.calls.push({ words, env: this.environment(action, lease) });
  }

  private environment(action: string, lease: Lease): ReadonlyMap<string, string> {
    const env = new Map([...this.process.env, ...lease.told]);
    const { clockSeconds } = this.process.machine;
    env.set("DNSMASQ_LEASE_EXPIRES", String(lease.expires));
    if (action !== "del" && lease.expires > clockSeconds) {
      env.set("DNSMASQ_TIME_REMAINING", String(lease.expires - clockSeconds));
    }
    if (lease.interfaceName !== "") env.set("DNSMASQ_INTERFACE", lease.interfaceName);
    if (lease.clientId !== null) env.set("DNSMASQ_CLIENT_ID", clientIdText(lease.clientId));
    if (lease.fqdn !== null && this.settings.domain !== null) env.set("DNSMASQ_DOMAIN", this.settings.domain);
    if (action === "old" && lease.oldHostname !== null) env.set("DNSMASQ_OLD_HOSTNAME", lease.oldHostname);
    return env;
  }

  private runNext(): void {
    if (this.running !== null) return;
    const next = this.calls.shift();
    if (next === undefined) return;
    const { machine } = this.process;
    const streams = detached(machine);
    this.told = next.words[0] === "init" ? new Pipe() : null;
    const stdout = this.told ?? streams.stdout;
    const options = { ...streams, stdout, parent: this.process, env: next.env };
    this.running = machine.spawn([this.settings.script!, ...next.words], options);
  }
}
