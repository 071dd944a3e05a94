/**
 * Runs a device's hotplug script and judges its end: device_hotplug of libxl_device.c, libxl__async_exec_start of
 * libxl_aoutils.c, get_hotplug_env of libxl_linux.c. What the script prints on stdout goes to xl's stderr.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { Process } from "../process.ts";
import { spawnScript } from "../spawn-script.ts";
import { Pipe } from "../stream.ts";
import { type ChildOwner, type Libxl, Rc } from "./context.ts";
import type { Nic } from "./nic.ts";
import { Step, type StepOwner } from "./step.ts";

/** LIBXL_HOTPLUG_TIMEOUT */
const TIMEOUT = seconds(40);

/** What strsignal(3) says of the signals that end a script here. */
const DEATHS: Readonly<Record<string, string>> = {
  HUP: "Hangup",
  INT: "Interrupt",
  KILL: "Killed",
  TERM: "Terminated",
};

export type HotplugAction = "online" | "offline";

export class HotplugScript extends Step implements ChildOwner, EventTarget {
  private readonly nic: Nic;
  private readonly action: HotplugAction;
  private readonly timer: Timer;
  private child: Process | null = null;
  private timedOut = false;

  /** Ends with FAIL when the script fails, with TIMEDOUT when it was killed after 40 s. */
  constructor(libxl: Libxl, owner: StepOwner, nic: Nic, action: HotplugAction) {
    super(libxl, owner);
    this.nic = nic;
    this.action = action;
    this.timer = libxl.process.timer(this, 0);
  }

  start(): void {
    this.timer.armAfter(TIMEOUT);
    this.child = this.spawn();
    this.libxl.expect(this.child, this);
  }

  /** The time is over. */
  handle(_operation: number): void {
    this.timedOut = true;
    this.libxl.error("libxl_aoutils.c:539:async_exec_timeout", `killing execution of ${this.what} because of timeout`);
    this.child!.signal("KILL");
  }

  childExited(child: Process): void {
    this.timer.cancel();
    if (this.timedOut) return this.finish(Rc.TIMEDOUT);
    if (child.exitCode === 0) return this.finish(Rc.OK);
    this.reportStatus(child);
    const reason = this.libxl.store.read(`${this.nic.backend}/hotplug-error`);
    if (reason !== null) this.libxl.error("libxl_device.c:1337:device_hotplug_child_death_cb", `script: ${reason}`);
    this.finish(Rc.FAIL);
  }

  private get what(): string {
    return `${this.script} ${this.action}`;
  }

  private get script(): string {
    return this.libxl.store.read(`${this.nic.backend}/script`) ?? this.nic.script;
  }

  /** libxl_report_child_exitstatus */
  private reportStatus(child: Process): void {
    const [line, end] =
      child.killedBy === null
        ? [117, `exited with error status ${child.exitCode}`]
        : [127, `died due to fatal signal ${DEATHS[child.killedBy] ?? child.killedBy}`];
    this.libxl.error(`libxl_exec.c:${line}:libxl_report_child_exitstatus`, `${this.what} [${child.pid}] ${end}`);
  }

  private spawn(): Process {
    const { process } = this.libxl;
    const { machine } = process;
    const argv = [this.script, this.action, "type_if=vif"];
    const env = this.environment();
    // A script of the user's own finds set what vif-bridge would first read from xenstore.
    if (machine.command(this.script) === null)
      for (const key of ["bridge", "ip"]) env.set(key, this.libxl.store.read(`${this.nic.backend}/${key}`) ?? "");
    const options = { parent: process, env, stdin: Pipe.holding(""), stdout: process.stderr };
    return spawnScript(machine, argv, options, "libxl: cannot execute");
  }

  private environment(): Map<string, string> {
    const { domid, devid } = this.nic;
    const gateway = this.libxl.store.read(`${this.nic.backend}/gatewaydev`);
    return new Map([
      ...this.libxl.process.env,
      ["script", this.script],
      ["XENBUS_TYPE", "vif"],
      ["XENBUS_PATH", `backend/vif/${domid}/${devid}`],
      ["XENBUS_BASE_PATH", "backend"],
      ["netdev", gateway ?? ""],
      ["vif", this.nic.vif],
    ]);
  }
}
