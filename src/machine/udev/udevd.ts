/**
 * udevd: hears netback's uevents and runs what /etc/udev/rules.d says, one program after the other, events of one device
 * in their order. Follows udev(7) and drivers/xen/xenbus (which variables an event carries).
 * Not modelled: other subsystems than xen-backend, syslog: what a program prints is lost, as it was.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { ms, type Nanos } from "../../engine/time.ts";
import { Timer } from "../../engine/timer.ts";
import type { UeventAction, UeventListener } from "../../xen/uevent.ts";
import { detached } from "../detached.ts";
import { Errno } from "../errno.ts";
import { type Process, Program } from "../process.ts";
import { spawnScript } from "../spawn-script.ts";
import type { XenHost } from "../xen-host.ts";
import { applyRules, type DeviceEvent } from "./rules.ts";

export const RULES_DIRECTORY = "/etc/udev/rules.d";

/** Netlink, udevd's wake-up, its worker's fork. */
const LATENCY: Nanos = ms(1);

export class Udevd extends Program implements UeventListener {
  private readonly xen: XenHost;
  /** By backend directory. */
  private readonly devices = new Map<string, DeviceQueue>();
  private readonly workers = new Map<Process, DeviceQueue>();

  constructor(xen: XenHost) {
    super();
    this.xen = xen;
  }

  start(): void {
    this.xen.netback.uevents = this;
  }

  override ended(): void {
    if (this.xen.netback.uevents === this) this.xen.netback.uevents = null;
    for (const queue of this.devices.values()) queue.stop();
  }

  uevent(action: UeventAction, vif: string, path: string): void {
    let queue = this.devices.get(path);
    if (queue === undefined) {
      queue = new DeviceQueue(this, path);
      this.devices.set(path, queue);
    }
    queue.push(this.describe(action, vif, path));
  }

  /** Nothing more to do for a device. */
  idle(path: string): void {
    this.devices.delete(path);
  }

  run(argv: readonly string[], env: ReadonlyMap<string, string>, queue: DeviceQueue): void {
    const { machine } = this.process;
    const options = { parent: this.process, env, ...detached(machine) };
    this.workers.set(spawnScript(machine, argv, options, "udevd: cannot execute"), queue);
  }

  override childExited(child: Process): void {
    const queue = this.workers.get(child);
    this.workers.delete(child);
    queue?.next();
  }

  /** Every line of every file, in the order of the files' names. */
  rules(): string {
    const { files } = this.process.machine;
    const names = files.list(RULES_DIRECTORY);
    if (names instanceof Errno) return "";
    const texts = [...names].sort().map((name) => files.read(`${RULES_DIRECTORY}/${name}`));
    return texts.filter((text): text is string => typeof text === "string").join("\n");
  }

  /** netback_uevent and xenbus_uevent_backend: of a device that is gone only its path is known. */
  private describe(action: UeventAction, vif: string, path: string): DeviceEvent {
    const [, domid, handle] = /\/vif\/(\d+)\/(\d+)$/.exec(path)!;
    const script = this.xen.store.read(`${path}/script`);
    const node = path.slice(`/local/domain/${this.xen.dom0.id}/`.length);
    const env = new Map([
      ...this.process.env,
      ["ACTION", action],
      ["SUBSYSTEM", "xen-backend"],
      ["XENBUS_TYPE", "vif"],
      ["XENBUS_PATH", node],
      ["XENBUS_BASE_PATH", "backend"],
    ]);
    if (action !== "remove") env.set("vif", vif);
    if (action !== "remove" && script !== null) {
      env.set("script", script);
      // A script of the user's own finds set what vif-bridge would first read from xenstore.
      if (this.process.machine.command(script) === null)
        for (const key of ["bridge", "ip"]) env.set(key, this.xen.store.read(`${path}/${key}`) ?? "");
    }
    return { SUBSYSTEM: "xen-backend", KERNEL: `vif-${domid}-${handle}`, ACTION: action, env };
  }
}

/** The events of one device that wait, and the commands of the one that is being worked on. */
class DeviceQueue implements EventTarget {
  private readonly udevd: Udevd;
  private readonly path: string;
  private readonly events: DeviceEvent[] = [];
  private readonly timer: Timer;
  private commands: (readonly string[])[] = [];
  private env: ReadonlyMap<string, string> = new Map();
  private busy = false;

  constructor(udevd: Udevd, path: string) {
    this.udevd = udevd;
    this.path = path;
    const { machine, cpu } = udevd.process;
    this.timer = new Timer(machine.world.scheduler, this, 0, cpu);
  }

  push(event: DeviceEvent): void {
    this.events.push(event);
    if (!this.busy) this.next();
  }

  /** The next command of this event, or the next event. */
  next(): void {
    this.busy = true;
    const command = this.commands.shift();
    if (command !== undefined) return this.udevd.run(command, this.env, this);
    if (this.events.length > 0) return this.timer.armAfter(LATENCY);
    this.udevd.idle(this.path);
  }

  handle(_operation: number): void {
    const { commands, env } = applyRules(this.udevd.rules(), this.events.shift()!);
    // A rule whose variables are empty may have nothing to run.
    this.commands = commands.filter((words) => words.length > 0);
    this.env = env;
    this.next();
  }

  stop(): void {
    this.timer.cancel();
  }
}
